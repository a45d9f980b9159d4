# %% [markdown]
r"""
Lesson 2: Convolution
=====================

**A convolution slides a small array of weights, the kernel, over a picture; each output
is the sum of the products of the weights and the pixels under them. If every window
becomes a row of a matrix, the whole layer is one matrix product, and its gradient goes
back along the same rows: a pixel receives the sum over all windows that saw it.**

**After this lesson you can** write a convolution as loops and as one matrix product,
derive and check its three gradients, say what it costs in memory, and explain what
groups are and why AlexNet has them.

**You need** the chain rule, a matrix product, and NumPy's indexing. The words
[[gradient]] and [[loss]], and the gradient check, are explained in
[[lesson_01_relu]].

**Time:** about 16 minutes to read, 1 second to run on an idle processor.
"""

# %%
# The imports.
import time
from itertools import product

import matplotlib.cbook
import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

from minialexnet import Convolution2D, GradientError, alexnet, check_layer
from minialexnet.engine.blas import limit_blas
from minialexnet.engine.parts import batches
from minialexnet.im2col import col2im, im2col
from minialexnet.layers.convolution import convolve, image_gradient, kernel_gradient
from minialexnet.layers.kernels import rows_of
from minialexnet.pictures.page_data import PageData
from minialexnet.pictures.source import show_source
from minialexnet.pictures.style import COLOURS, caption
from minialexnet.windows import output_size

ONE_THREAD = limit_blas(1)  # small matrix products are faster on one thread

# %%
# The drawing.
small = Convolution2D(1, 1, kernel_size=2).astype(np.float64)
small.params["W"] = np.array([[[[1.0, 2], [3, 4]]]])
picture = np.arange(1.0, 10).reshape(1, 1, 3, 3)
outputs = small.forward(picture)
to_outputs = np.array([[[[1.0, 2], [0, 1]]]])  # dy, how the loss changes with each
to_picture = small.backward(to_outputs)
to_rows = to_outputs.reshape(-1, 1) @ rows_of(small.params["W"])  # (4, 4)
WINDOWS = COLOURS[:4]


def grid(axes, values, colours, label):
    """Draw numbers in boxes, (rows, columns), each box in a colour or in white."""
    rows, columns = values.shape
    for row, column in np.ndindex(rows, columns):
        colour = colours(row, column)
        box = {"facecolor": colour or "white", "edgecolor": "0.5"}
        alpha = 0.35 if colour else 1
        axes.add_patch(plt.Rectangle((column, row), 1, 1, **box, alpha=alpha))
        number = f"{values[row, column]:g}"
        axes.text(column + 0.5, row + 0.5, number, ha="center", va="center")
    axes.set(xlim=(-0.1, columns + 0.1), ylim=(rows + 0.1, -0.1), aspect="equal")
    axes.set(xticks=[], yticks=[], xlabel=label)
    axes.spines[:].set_visible(False)


def outline(axes):
    """Draw the four windows on the picture, each a little smaller than the last."""
    for number, colour in enumerate(WINDOWS):
        row, column = divmod(number, 2)
        inset = 0.05 + 0.05 * number
        corner, side = (column + inset, row + inset), 2 - 2 * inset
        style = {"fill": False, "edgecolor": colour, "linewidth": 2.5}
        axes.add_patch(plt.Rectangle(corner, side, side, **style))


figure, panels = plt.subplots(
    2, 3, figsize=(7.2, 5.2), layout="constrained", width_ratios=(3, 4, 3)
)
by_row, by_output = lambda i, j: WINDOWS[i], lambda i, j: WINDOWS[2 * i + j]
grid(panels[0, 0], picture[0, 0], lambda i, j: None, "picture x: four windows")
grid(panels[0, 1], im2col(picture, 2), by_row, "im2col(x): a window is a row")
grid(panels[0, 2], outputs[0, 0], by_output, "y: a row times the kernel")
grid(panels[1, 0], to_picture[0, 0], lambda i, j: None, "dx: the sum of the windows")
grid(panels[1, 1], to_rows, by_row, "dy times the kernel")
grid(panels[1, 2], to_outputs[0, 0], by_output, "dy, from the loss")
outline(panels[0, 0])
outline(panels[1, 0])
panels[0, 0].set_title("forward, from left to right", loc="left")
panels[1, 0].set_title("backward, from right to left", loc="left")
caption(
    figure,
    "The layer's own forward and backward, kernel (1, 2; 3, 4); nothing random. In "
    "the middle of dx all four windows meet: 4·1 + 3·2 + 2·0 + 1·1 = 11.",
    alt="Above, a picture of 3 x 3 numbers with four overlapping windows outlined in "
    "four colours; each window is a row, in its colour, of a matrix of 4 x 4, and "
    "each row gives one of the outputs 37, 47, 67 and 77. Below, the same "
    "backward: the gradients 1, 2, 0 and 1 make four rows, and each row is added "
    "to the pixels of its window; the pixel in the middle gets 11.",
)


# The same numbers for the movable picture on the web page; nothing of them is seen in
# a notebook or a script.
first_rows = [to_rows * (np.arange(4)[:, None] < rows) for rows in range(5)]
PageData(
    "im2col-steps",
    x=picture.ravel(),
    kernel=rows_of(small.params["W"])[0],
    col=im2col(picture, 2),
    y=outputs.ravel(),
    dy=to_outputs.ravel(),
    dcol=to_rows,
    dx=[col2im(rows, picture.shape, 2).ravel() for rows in first_rows],
    places=im2col(np.arange(9).reshape(picture.shape), 2),  # which pixels a window has
    caption=" ".join(figure.get_supxlabel().split()),
)

# %% [markdown]
# The paper
# ---------
#
# Krizhevsky, Sutskever and Hinton 2012, section 3.5:
#
#   "The first convolutional layer filters the 224 x 224 x 3 input image with 96
#   kernels of size 11 x 11 x 3 with a stride of 4 pixels."
#
# and of the two graphics cards that the network is spread over:
#
#   "The kernels of the second, fourth, and fifth convolutional layers are connected
#   only to those kernel maps in the previous layer which reside on the same GPU."
#
# In a few lines
# --------------
#
# Here is the convolution of one grey picture with one kernel, without padding:


# %%
def convolve_one(x, w):
    """Return y for a picture x, (H, W), and a kernel w, (K, K)."""
    K = len(w)
    y = np.empty((x.shape[0] - K + 1, x.shape[1] - K + 1))
    for i, j in np.ndindex(y.shape):
        y[i, j] = (w * x[i : i + K, j : j + K]).sum()
    return y


print(convolve_one(picture[0, 0], small.params["W"][0, 0]))
assert (convolve_one(picture[0, 0], small.params["W"][0, 0]) == outputs).all()

# %% [markdown]
# The mathematics
# ---------------
#
# A batch of pictures is an array $x$ of shape $(N, C, H, W)$: $N$ pictures, $C$
# [[channel]]s (3 for red, green and blue; later layers have hundreds), $H$ rows and $W$
# columns of pixels. The layer has $F$ [[kernel]]s, small arrays of weights $w$ of shape
# $(F, C, K, K)$ together, and $F$ biases $b$. Each kernel is laid on the picture at
# every place that is a multiple of the [[stride]] $S$, and what it covers is multiplied
# with it, number by number, and summed. The picture has a frame of $P$ zeros, the
# [[padding]]. The output $y$ has the shape $(N, F, H', W')$ with
#
# $$y_{n f i j} = b_f + \sum_{c=0}^{C-1} \sum_{k=0}^{K-1} \sum_{m=0}^{K-1}
# w_{f c k m} \; x_{n, c, \, i S + k - P, \, j S + m - P},$$
#
# where $w$ is ``W`` in the code, $i$ and $j$ count the outputs' rows and columns from
# $0$, $k$ and $m$ the kernel's, and $x$ reads $0$ outside the picture. The last place
# where a kernel still fits gives the number of rows, and the number of columns follows
# in the same way:
#
# $$H' = 1 + \left\lfloor \frac{H + 2 P - K}{S} \right\rfloor,$$
#
# where $\lfloor \cdot \rfloor$ rounds down. (In mathematics a convolution first turns
# the kernel by 180 degrees, and what is computed here is called a correlation. Code for
# networks leaves that out, since a network would only learn the turned kernels
# instead.)
#
# **224 or 227?** The paper's first layer has $H = 224$, $K = 11$ and $S = 4$. It
# mentions no padding, and its Figure 2 shows $H' = 55$. The formula gives 54. The copy
# of the network that comes with Caffe, a library of 2014, therefore takes 227 pixels.
# The authors' own code of 2012 rounds *up* and lets the last window hang over the edge,
# where it reads zeros, so 224 is no misprint:

# %%
print("224 pixels, rounded down:", output_size(224, 11, 4, 0))
print("227 pixels, rounded down:", output_size(227, 11, 4, 0))
print("224 pixels, rounded up:  ", output_size(224, 11, 4, 0, ceil_mode=True))

# %% [markdown]
# Loops
# -----
#
# Written symbol by symbol, the formula becomes seven loops: four over the output and
# three over the sum.


# %%
def convolve_by_loops(x, w, b, S=1, P=0):
    """Return y of the formula above for x, (N, C, H, W), and w, (F, C, K, K)."""
    N, C, H, W = x.shape
    F, _, K, _ = w.shape
    rows, columns = 1 + (H + 2 * P - K) // S, 1 + (W + 2 * P - K) // S
    y = np.empty((N, F, rows, columns))
    for n, f, i, j in product(range(N), range(F), range(rows), range(columns)):
        total = b[f]
        for c, k, m in product(range(C), range(K), range(K)):
            row, column = i * S + k - P, j * S + m - P
            if 0 <= row < H and 0 <= column < W:
                total += w[f, c, k, m] * x[n, c, row, column]
        y[n, f, i, j] = total
    return y


# %% [markdown]
# By hand
# -------
#
# Take one picture of 3 x 3 pixels, one kernel of 2 x 2 and no bias. The first output is
# $1 \cdot 1 + 2 \cdot 2 + 3 \cdot 4 + 4 \cdot 5 = 37$, the kernel's numbers first. Work
# out the other three.

# %%
x = np.arange(1.0, 10).reshape(1, 1, 3, 3)
w = np.array([[[[1.0, 2], [3, 4]]]])
y = convolve_by_loops(x, w, b=[0.0])
print("x =", x[0, 0], "w =", w[0, 0], "y =", y[0, 0], sep="\n")
assert y.tolist() == [[[[37, 47], [67, 77]]]]

# %% [markdown]
# Windows as the rows of a matrix
# -------------------------------
#
# Python's loops are slow, and a product of two matrices is fast: it runs in compiled
# code that keeps the processor's arithmetic busy. So write the sum as such a product.
# ``im2col`` ("image to columns", though here the windows are rows) lays out each window
# as a row,

# %%
col = im2col(x, kernel_size=2)
print(col)
print("col @ w =", col @ w.reshape(-1))

# %% [markdown]
# and each output is the product of its row with the kernel laid out in the same order.
# With $F$ kernels as the columns of a matrix, all outputs are one product. The
# package's ``im2col`` first copies the picture into its frame of zeros. ``as_strided``
# then describes the windows as an array of six axes that all look into that one
# picture, and only ``reshape``, in the last line, copies the windows out. Within a row
# the channels of one pixel stand side by side, so that longer pieces of memory are
# copied at once; the functions ``rows_of`` and ``columns_of`` lay out the kernels in
# the same order, as the rows or as the columns of a matrix. ``forward`` calls
# ``convolve`` with the number of groups, which are explained below. A decorator, left
# out here, turns that into one call for each group and for each part of the batch, and
# hands ``convolve`` the memory ``out`` for the result.

# %%
show_source(im2col, convolve, Convolution2D.forward)

# %% [markdown]
# Do the loops and the layer agree when there are stride, padding and several channels?
# They may differ only by rounding.

# %%
rng = np.random.default_rng(0)
x = rng.standard_normal((2, 3, 9, 8))
layer = Convolution2D(3, 4, kernel_size=3, stride=2, padding=1).astype(np.float64)
layer.params["b"] = rng.standard_normal(4)
by_loops = convolve_by_loops(x, layer.params["W"], layer.params["b"], S=2, P=1)
difference = abs(layer.forward(x) - by_loops).max()
print("shapes", layer.forward(x).shape, by_loops.shape)
print("largest difference below 1e-14:", difference < 1e-14)
assert difference < 1e-14

# %% [markdown]
# How much faster is the product? The plot shows how many multiply-adds a second are
# done on pictures of growing size; a *multiply-add* is one multiplication and one
# addition.


# %%
def seconds(function, repeats):
    """Return the least time that calls of `function` took."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return min(times)


sides = np.array([8, 16, 32, 64, 128])
speed = {"loops": [], "im2col and one product": []}
layer = Convolution2D(8, 16, kernel_size=3, padding=1)
w, b = layer.params["W"], layer.params["b"]
for side in sides:
    x = np.ones((1, 8, side, side), np.float32)
    work = layer.multiply_adds(x.shape[1:])
    took = seconds(lambda x=x: layer.forward(x), repeats=20)
    speed["im2col and one product"].append(work / took)
    if side <= 16:
        took = seconds(lambda x=x: convolve_by_loops(x, w, b, P=1), repeats=1)
        speed["loops"].append(work / took)

figure, axes = plt.subplots(figsize=(7.2, 3.8), layout="constrained")
for (name, values), colour, mark in zip(speed.items(), COLOURS, "os", strict=False):
    axes.plot(sides[: len(values)], values, color=colour, marker=mark, label=name)
axes.set(
    xscale="log",
    yscale="log",
    xlabel="side of the picture (pixels)",
    ylabel="multiply-adds per second",
    title="The same numbers, by loops and by a matrix product",
)
axes.set_xticks(sides, [str(side) for side in sides])
axes.set_xticks([], minor=True)
axes.legend(frameon=False, loc="center right")
caption(
    figure,
    "One picture of ones, 8 channels, 16 kernels of 3 x 3, padding 1, float32, nothing "
    "random. The best of 20 calls, for loops one call and only the smaller pictures.",
    alt="Multiply-adds per second against the side of the picture, both axes "
    "logarithmic. im2col and one product is thousands of times faster than loops.",
)

# %% [markdown]
# What a kernel sees
# ------------------
#
# Below, two kernels written by hand are applied to the photograph that Matplotlib
# ships. Each output is the difference in brightness between a pixel's two neighbours.
# The kernels that a trained network has found for itself are in
# [[lesson_13_what_it_learned]]; edges in many directions are among them.

# %%
with matplotlib.cbook.get_sample_data("grace_hopper.jpg") as file:
    photograph = np.asarray(Image.open(file).convert("L").resize((256, 300)), float)
edges = Convolution2D(1, 2, kernel_size=3, padding=1).astype(np.float64)
edges.params["W"] = np.zeros((2, 1, 3, 3))
edges.params["W"][0, 0, 1] = [-1, 0, 1]  # right minus left
edges.params["W"][1, 0, :, 1] = [-1, 0, 1]  # below minus above
response = edges.forward(photograph[None, None])[0]

figure, panels = plt.subplots(1, 3, figsize=(7.2, 3.9), layout="constrained")
titles = ("photograph", "right minus left", "below minus above")
for axes, image, title in zip(panels, (photograph, *response), titles, strict=True):
    low, high = (0, 255) if image is photograph else (-128, 128)
    shown = axes.imshow(image, cmap="gray", vmin=low, vmax=high)
    axes.set(title=title, xlabel="column (pixels)")
    bar = figure.colorbar(shown, ax=axes, orientation="horizontal")
    bar.set_label("grey levels")
panels[0].set_ylabel("row (pixels)")
caption(
    figure,
    "Matplotlib's grace_hopper.jpg, scaled to 256 x 300; nothing random.",
    alt="A photograph of Grace Hopper, and two outputs on grey. The kernel right "
    "minus left shows upright edges light or dark, the kernel below minus above "
    "level ones.",
)

# %% [markdown]
# Backward
# --------
#
# Let $L$ be the loss, and let $dy = \partial L / \partial y$, and likewise $dw$, $db$
# and $dx$. Write the output as a matrix $Y$ with a row for each window and a column for
# each kernel, $X$ for ``im2col``'s matrix, and $V$ for the kernels, one in each row.
# Then forward is $Y = X V^T + b$, the biases being added to every row, or for one
# element, of row $r$ and kernel $f$: $Y_{r f} = \sum_q X_{r q} V_{f q} + b_f$. Change
# one weight $V_{f q}$ by a little. Every $Y_{r f}$ of this kernel changes by $X_{r q}$
# times as much, and the loss by $dY_{r f}$ times that. So the loss changes with the
# weight at the rate $dV_{f q} = \sum_r dY_{r f} X_{r q}$, which is the matrix product
# $dV = dY^T X$. In the same way, from changes of $b$ and of $X$:
#
# $$dV = dY^T X, \qquad db = \text{the sum of the rows of } dY, \qquad dX = dY \, V.$$
#
# What is left is the step from $dX$ to $dx$. ``im2col`` copies each pixel into every
# window that sees it. If a number is copied to several places, its gradient is the sum
# of the gradients at those places. So ``col2im`` adds each row back to where it came
# from. In the words of linear algebra it is ``im2col``'s *adjoint* (its transpose, if
# both were written as matrices). With $\langle a, b \rangle$ for the sum of the
# products of two arrays' elements, this means: for all $x$ and all $c$ of the shapes
# that fit,
#
# $$\langle \mathrm{im2col}(x), c \rangle = \langle x, \mathrm{col2im}(c) \rangle.$$
#
# For whole numbers the two sides must be equal to the last digit. And ``col2im`` of
# ones counts how many windows see each pixel. Below are ``col2im``, the layer's
# ``backward``, and the two functions that it calls: ``kernel_gradient`` computes $dY^T
# X$, and ``image_gradient`` computes $dY \, V$ and gives it to ``col2im``. Both are
# called once for each group, like ``convolve``, and ``concatenate`` puts the groups'
# $dV$ together. ``channel_sum`` is the sum over pictures, rows and columns. (Where the
# stride is 1 and the kernels are few, the layer computes $dx$ as exercise 3 does,
# because it is faster there.)

# %%
show_source(col2im, kernel_gradient, image_gradient, Convolution2D.backward)

# %%
x = rng.integers(-9, 10, (2, 3, 7, 6))
c = rng.integers(-9, 10, im2col(x, 3, stride=2, padding=1).shape)
left = (im2col(x, 3, stride=2, padding=1) * c).sum()
right = (x * col2im(c, x.shape, 3, stride=2, padding=1)).sum()
print(f"<im2col(x), c> = {left}, <x, col2im(c)> = {right}")
assert left == right

seen = col2im(np.ones((4, 4)), (1, 1, 3, 3), kernel_size=2)[0, 0]
print("windows of 2 x 2 that see each of 3 x 3 pixels:", seen, sep="\n")
assert seen.tolist() == [[1, 2, 1], [2, 4, 2], [1, 2, 1]]

# %% [markdown]
# ``forward`` keeps $x$ for ``backward``, but not $X$, which would take far more memory,
# as the section on memory shows. ``backward`` builds $X$ again.
#
# The gradient check
# ------------------
#
# The complex step, explained in [[lesson_01_relu]], checks every element of small
# arrays, here with stride, padding and two groups. It also finds a backward that
# forgets to add, which is the most common mistake in ``col2im``.

# %%
layer = Convolution2D(4, 6, kernel_size=3, stride=2, padding=1, groups=2)
x = rng.standard_normal((2, 4, 5, 4))
print(check_layer(layer, x))


class ForgotToAdd(Convolution2D):
    """A convolution whose dx keeps the last window's part instead of the sum."""

    def backward(self, dy):
        """Return a wrong dx; dW and db are right."""
        dx = np.zeros_like(super().backward(dy))
        rows = dy.transpose(0, 2, 3, 1).reshape(-1, dy.shape[1])
        dcol = rows @ rows_of(self.params["W"])
        windows = dcol.reshape(*dy.shape[:1], *dy.shape[2:], 3, 3, -1)
        for i, j in product(range(dy.shape[2]), range(dy.shape[3])):
            window = windows[:, i, j].transpose(0, 3, 1, 2)  # (N, C, 3, 3)
            dx[:, :, i : i + 3, j : j + 3] = window  # += belongs here
        return dx


try:
    check_layer(ForgotToAdd(4, 6, kernel_size=3), x)
except GradientError as error:
    print("\n" + str(error).replace("; ", ";\n    "))
else:
    raise AssertionError("expected the check to find the missing sum")

# %% [markdown]
# Memory
# ------
#
# ``im2col`` repeats a pixel for every window that sees it, about $(K / S)^2$ times. The
# table counts this for AlexNet's five convolutions and a batch of 128 float32 pictures,
# at 4 bytes a number, from the network's own shapes:

# %%
network = alexnet("2012", seed=None)  # seed=None: shapes only, no weights in memory
shape = (3, 224, 224)
sizes = {}  # name: (x, y, col) in numbers a picture
convolutions = {}
for name, part in network.leaves():
    after = part.output_shape(shape)
    if isinstance(part, Convolution2D):
        C, KH, KW = shape[0], *part.kernel_size
        windows = after[1] * after[2]
        sizes[name] = np.prod(shape), np.prod(after), windows * C * KH * KW
        convolutions[name] = part, shape
    shape = after

N, GiB = 128, 2**30
bytes_of = {name: 4 * N * np.array(numbers) for name, numbers in sizes.items()}
print("GiB for 128 pictures      x       y     col")
for name, (of_x, of_y, of_col) in bytes_of.items():
    print(f"{name:18} {of_x / GiB:8.3f}{of_y / GiB:8.3f}{of_col / GiB:8.3f}")
total = sum(of_col for _, _, of_col in bytes_of.values()) / GiB
print(f"col of all five: {total:.2f} GiB; a GTX 580, the paper's card, had 3 GB")

figure, axes = plt.subplots(figsize=(7.2, 3.8), layout="constrained")
places = np.arange(len(bytes_of))
bars = zip(("x", "y", "col"), COLOURS, ("", "//", ".."), strict=False)
for number, (label, colour, hatch) in enumerate(bars):
    heights = [numbers[number] / GiB for numbers in bytes_of.values()]
    axes.bar(
        places + 0.27 * (number - 1),
        heights,
        width=0.25,
        color=colour,
        hatch=hatch,
        edgecolor="white",
        label=label,
    )
axes.set_xticks(places, bytes_of)
axes.set(
    ylabel="memory (GiB)",
    xlabel="layer",
    title="Input, output and windows of a batch of 128",
)
axes.legend(frameon=False)
caption(
    figure,
    "Counted from AlexNet's shapes, float32; no data, nothing random.",
    alt="Bars of the memory of input, output and windows for conv1 to conv5. The "
    "windows take several times as much as the others in every layer, the most in "
    "conv2, more than 0.8 GiB.",
)

# %% [markdown]
# So the layer never holds all rows at once. It cuts the batch into parts whose rows
# take at most four megabytes, or as much as the kernels if those take more; a part has
# at least one picture. That much fits into a processor's cache, from which the product
# reads the rows faster than from main memory.

# %%
for name, (part, _) in convolutions.items():
    each = 4 * sizes[name][2] // part.groups
    kernels = 4 * np.prod(part.params["W"].shape)
    pictures = [s.stop - s.start for s in batches(N, each, np, kernels)]
    largest = max(pictures) * each / 2**20
    print(f"{name}: {len(pictures):3} parts, col of a part at most {largest:.2f} MiB")

# %% [markdown]
# im2col writes every pixel into memory once for each window that sees it, and reads it
# back before one number is multiplied. That is the price of a single matrix product,
# and it can be avoided: cuDNN, NVIDIA's library for its graphics cards, reads the
# windows from the picture itself. ``CudnnConvolution2D`` is this layer computed by
# cuDNN, on a GPU where that is installed.
#
# Groups
# ------
#
# With two [[group]]s the first half of the kernels sees only the first half of the
# channels, and the second half of the kernels sees only the second half of the
# channels. It is two convolutions side by side, which is what the paper's two cards
# compute in its second, fourth and fifth layer without exchanging anything:

# %%
x = rng.standard_normal((2, 6, 5, 5))
both = Convolution2D(6, 8, kernel_size=3, padding=1, groups=2).astype(np.float64)
halves = []
for half in range(2):
    layer = Convolution2D(3, 4, kernel_size=3, padding=1).astype(np.float64)
    layer.params["W"] = both.params["W"][4 * half : 4 * half + 4]
    halves.append(layer.forward(x[:, 3 * half : 3 * half + 3]))
difference = abs(both.forward(x) - np.concatenate(halves, axis=1)).max()
print("two groups = two convolutions side by side:", difference < 1e-14)
assert difference < 1e-14

# %% [markdown]
# A kernel then has half as many channels, so that the layer has half the weights and
# does half the multiply-adds. The table shows all five layers, as the network is and as
# it would be with one group everywhere:

# %%
print("                        weights        million multiply-adds")
print("       groups      now   1 group            now   1 group")
saved = 0
for name, (part, shape) in convolutions.items():
    weights = int(np.prod(part.params["W"].shape))
    millions = part.multiply_adds(shape) / 1e6
    saved += weights * (part.groups - 1)
    print(
        f"{name:6} {part.groups:6} {weights:8,} {weights * part.groups:9,} "
        f"{millions:14.1f} {millions * part.groups:9.1f}"
    )
print(f"weights saved: {saved:,}")
assert saved == 256 * 48 * 25 + 384 * 192 * 9 + 256 * 192 * 9

# %% [markdown]
# Why groups, then? Not for accuracy: it was a way to fit the network into two cards of
# 3 GB (section 3.2). The paper does not say what the two halves cost in accuracy. There
# are two hints. An independent benchmark on ImageNet pictures of 128 pixels
# (caffenet-benchmark on GitHub) had 47.1 % of the answers right with groups and 48.7 %
# without them, but then the network also has more weights. The logs released with the
# authors' code give top-1 errors on the ILSVRC-2012 validation set, that is, the share
# of pictures whose most probable class is wrong. It was 41.8 % for the network without
# any communication between the two columns (their run 150), and 40.7 % for the paper's
# network (run 145), whose third layer sees both columns and has twice the weights. The
# two towers are built in [[lesson_05_two_devices]].
#
# What the paper reports and what was measured
# --------------------------------------------
#
# A convolution has no error rate to compare, but it has sizes:

# %%
conv1, shape = convolutions["conv1"]
F, rows, columns = conv1.output_shape((3, 224, 224))
parameters = sum(int(np.prod(v.shape)) for v in network.parameters().values())
print("                                       paper       here")
print(f"conv1, outputs along one side             55 {rows:10}")
print(f"conv1, neurons                       253,440 {F * rows * columns:10,}")
print(f"kernels of conv1               96 x 11x11x3  {conv1.params['W'].shape}")
print(f"parameters of the network         60 million {parameters:10,}")
assert (F, rows, columns) == (96, 55, 55)
assert parameters == 60_965_224

# %% [markdown]
# One of these numbers does not agree, and it is the paper's that is wrong: the caption
# of Figure 2 gives 253,440 neurons after the first layer, which is $55 \cdot 48 \cdot
# 96$, as if a map had 55 rows and 48 columns; $55 \cdot 55 \cdot 96 = 290{,}400$.
#
# Summary
# -------
#
# - A convolution is a sum of products of a kernel with each window; with the windows as
#   rows of a matrix it is one matrix product.
# - Backward uses the same rows: $dV = dY^T X$, $db$ is the sum of $dY$, and ``col2im``
#   adds each row of $dY \, V$ back to the pixels that it came from.
# - The rows take about $(K/S)^2$ times the memory of the picture, so the layer works on
#   parts of a batch; two groups halve weights and work.
#
# Next: [[lesson_03_response_normalization]]. Before: [[lesson_01_relu]].
#
# Exercises
# ---------
#
# Each says how to see that you are right. Solutions: [[solution_02_convolution]].
#
# **1. Receptive field.** Which square of the picture can one output of the fifth
# convolution see? Write ``receptive_field(layers)`` for a list of (kernel size, stride)
# from the first layer on. Going one layer further adds (kernel size - 1) times the
# product of the strides so far. You are right when
# ``[(11, 4), (3, 2), (5, 1), (3, 2), (3, 1), (3, 1), (3, 1)]``, which is AlexNet from
# conv1 with its two poolings to conv5, gives 163 pixels.
#
# **2. A 1 x 1 kernel.** Write ``pointwise(x, W, b)``, a convolution with kernels of 1 x
# 1 and $W$ of shape $(F, C)$, as one matrix product and without ``im2col``. You are
# right when it equals ``Convolution2D(C, F, kernel_size=1)``. Then you have shown that
# such a layer is the same fully-connected layer at every pixel.
#
# **3. The kernel turned.** For stride 1, write ``dx_by_convolution(dy, w, P)`` without
# ``col2im``: $dx$ is a convolution of $dy$ with the kernels turned by 180 degrees, and
# with channels and kernels exchanged. Find the padding it needs. You are right when it
# equals the ``dx`` of ``Convolution2D`` for $K = 3$ and $P = 0$ and $1$.

# %%
plt.show()  # a script opens its plots here; a notebook and the site have shown them
