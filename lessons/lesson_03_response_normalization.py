# %% [markdown]
r"""
Lesson 3: Response normalisation
================================

**Each activity is divided by a number that grows with the squares of its neighbours'
activities, at the same pixel in the maps beside it. So an activity whose neighbours are
large comes out smaller: the maps compete.**
"""

# %%
# The imports.
import matplotlib.cbook
import matplotlib.pyplot as plt
import numpy as np

from minialexnet import (
    Convolution2D,
    GradientError,
    LocalResponseNormalization,
    MaxPooling2D,
    Normal,
    ReLU,
    check_layer,
)
from minialexnet.data.picture import read_image
from minialexnet.data.preprocessing import Preprocessing
from minialexnet.engine.blas import limit_blas
from minialexnet.files import checkpoint
from minialexnet.files.recorded import recorded
from minialexnet.files.records import read_lines
from minialexnet.layers.lrn import (
    response_normalization,
    response_normalization_backward,
)
from minialexnet.layers.neighbours import window_sum
from minialexnet.pictures.source import show_source
from minialexnet.pictures.style import COLOURS, caption

ONE_THREAD = limit_blas(1)  # small matrix products are faster on one thread

# %%
# The drawing.
three = LocalResponseNormalization(k=1, n=3, alpha=1, beta=1)
before = np.array([1.0, 2, 3])
after = three.forward(before.reshape(1, 3, 1, 1)).ravel()
FRACTIONS = ("1/6", "2/15", "3/14")
SUMS = ("1 + 1 + 4 = 6", "1 + 1 + 4 + 9 = 15", "1 + 4 + 9 = 14")

figure, (left, middle, right) = plt.subplots(
    1, 3, figsize=(7.2, 3.4), layout="constrained", width_ratios=(1, 1.5, 1)
)
maps = np.arange(3)
left.bar(maps, before, color=COLOURS[:3])
right.bar(maps, after, color=COLOURS[:3])
for i in maps:
    left.text(i, before[i], f"{before[i]:g}", ha="center", va="bottom")
    right.text(i, after[i], FRACTIONS[i], ha="center", va="bottom")
    middle.text(-0.45, 2 - i, SUMS[i], va="center", color=COLOURS[i], fontsize=11)
left.set(title="before: a", xlabel="map", ylabel="activity (no unit)", ylim=(0, 3.6))
right.set(title="after: b = a / d", xlabel="map", ylim=(0, 0.26))
middle.set(
    title="divided by d", xlabel="1 + the squares of the map\nand its neighbours"
)
middle.set(xlim=(-0.5, 1), ylim=(-0.5, 2.5), xticks=[], yticks=[])
middle.spines[:].set_visible(False)
for axes in (left, right):
    axes.set_xticks(maps, ["1", "2", "3"])
caption(
    figure,
    "The layer's own forward on three maps at one pixel, with easy constants (k = 1, "
    "n = 3, alpha = 1, beta = 1); nothing random. The second activity was twice the "
    "first and comes out smaller, between its two neighbours.",
    alt="Left bars of height 1, 2 and 3. In the middle what each is divided by: 6, 15 "
    "and 14. Right bars of height 1/6, 2/15 and 3/14: the second is the lowest "
    "now.",
)

# %% [markdown]
# **After this lesson you can** compute the normalisation and its gradient by hand, say
# what each of its four constants does, and settle what copies of AlexNet disagree
# about: whether $\alpha$ is divided by $n$, whether $k$ is 1 or 2, and whether the
# layer stands before the ReLU or after it.
#
# **You need** the chain rule and what a [[map]] is, from [[lesson_02_convolution]].
#
# **Time:** about 20 minutes to read, 1 second to run on an idle
# processor.
#
# The paper
# ---------
#
# Krizhevsky, Sutskever and Hinton 2012, section 3.3:
#
#   "This sort of response normalization implements a form of lateral inhibition
#   inspired by the type found in real neurons, creating competition for big activities
#   amongst neuron outputs computed using different kernels."
#
# The mathematics
# ---------------
#
# A convolution with $N$ [[kernel]]s gives $N$ maps. Look at one place of the picture,
# and let $a_i$ be the number that map $i$ has there, $i = 0, \ldots, N - 1$, which the
# paper calls the *activity* of the neuron. The normalised activity is
#
# $$b_i = \frac{a_i}{d_i^{\,\beta}}, \qquad
# d_i = k + \alpha \sum_{j} a_j^2,$$
#
# where the sum runs over $n$ neighbouring maps, the *window* of $i$: from $j = i -
# \lfloor n/2 \rfloor$ to $j = i + \lfloor n/2 \rfloor$, where $\lfloor \cdot \rfloor$
# rounds down and maps that do not exist are left out. With the paper's $n = 5$ these
# are the map itself and two on either side. Other places of the picture play no part.
# There are four constants and nothing to learn:
#
# - $n$: how many maps inhibit each other;
# - $k$: keeps $d_i$ away from $0$; where hardly anything is active, everything is
#   divided by $k^\beta$;
# - $\alpha$: how much the squares of the activities add to $k$;
# - $\beta$: how strongly the sum divides.
#
# The paper has $k = 2$, $n = 5$, $\alpha = 10^{-4}$, $\beta = 0.75$, chosen on a
# validation set. It says that the "ordering of the kernel maps is of course arbitrary
# and determined before training begins": who is whose neighbour means nothing at first.
# (If $n$ is even, one side has a map more. The authors' code of 2012 takes it below,
# and so does this one; the ONNX format takes it above.)
#
# Suppose that only one map is active, with the activity $a$. Then $b = a / (k + \alpha
# a^2)^\beta$. For small $a$ this is a straight line. For large $a$ it is nearly $a^{1 -
# 2\beta} / \alpha^\beta$, and $1 - 2 \beta = -1/2$: it *falls*. So there is an activity
# $a^*$ beyond which a stronger response comes out weaker:


# %%
def lone(a, layer):
    """Return what becomes of activities `a` of a map whose neighbours are silent."""
    maps = np.zeros((1, layer.n, 1, len(a)))
    maps[0, layer.n // 2, 0] = a
    return layer.forward(maps)[0, layer.n // 2, 0]


a = np.arange(0.0, 1201)
CONSTANTS = {
    "the paper": LocalResponseNormalization(k=2, alpha=1e-4),
    "2012 code": LocalResponseNormalization(k=2, alpha=1e-4, divide_alpha_by_n=True),
    "Caffe": LocalResponseNormalization(k=1, alpha=1e-4, divide_alpha_by_n=True),
}
turning_points = {}
figure, axes = plt.subplots(figsize=(7.2, 3.8), layout="constrained")
styles = zip(COLOURS, ("-", "--", ":"), "os^", strict=False)
for (name, layer), (colour, line, mark) in zip(CONSTANTS.items(), styles, strict=True):
    b = lone(a, layer)
    top = b.argmax()
    turning_points[name] = a[top]
    print(f"{name:10} largest output {b[top]:6.1f} at an activity of {a[top]:.0f}")
    label = f"{name}: k = {layer.k:g}, the sum times {layer.alpha:.0e}"
    axes.plot(a, b, color=colour, linestyle=line, label=label)
    axes.plot(a[top], b[top], mark, color=colour)
axes.set(
    xlabel="activity before, a (no unit)",
    ylabel="activity after, b (no unit)",
    title="One map alone, under three sets of constants",
)
axes.legend(frameon=False)
caption(
    figure,
    "The layer's forward with n = 5 and beta = 0.75; nothing random.",
    alt="The activity after against the activity before, for three sets of constants. "
    "Each curve rises to a highest point, marked at about 200 for the paper, 450 "
    "for the 2012 code and 320 for Caffe, and then falls.",
)

# %% [markdown]
# ReLU alone does not saturate, see [[lesson_01_relu]]. After the normalisation its
# output does saturate, and then it falls. The other two curves show how two programs
# read the same constants; "What copies disagree about" below explains them.
#
# The layer itself
# ----------------
#
# In the code the paper's $a$ is ``x`` and its $b$ is ``y``; an array has the shape
# (pictures, maps, rows, columns). ``d`` is $d$, and all three are kept for
# ``backward``. ``window_sum`` adds up a map's $n$ neighbours.

# %%
show_source(response_normalization, LocalResponseNormalization.forward)

# %% [markdown]
# By hand
# -------
#
# Take three maps at one place, $a = (1, 2, 3)$, and constants that are easy to work
# with: $k = 1$, $n = 3$, $\alpha = 1$, $\beta = 1$. The first map has one neighbour,
# the second has two:
#
# $$d = (1 + 1 + 4, \; 1 + 1 + 4 + 9, \; 1 + 4 + 9) = (6, 15, 14), \qquad
# b = \left( \tfrac{1}{6}, \tfrac{2}{15}, \tfrac{3}{14} \right).$$
#
# The second activity is twice the first, and comes out smaller: that is the
# competition.

# %%
small = LocalResponseNormalization(k=1, n=3, alpha=1, beta=1)
x = np.array([1.0, 2, 3]).reshape(1, 3, 1, 1)
b = small.forward(x)
print("b =", *(f"{value:.4f}" for value in b.ravel()))
np.testing.assert_allclose(b.ravel(), [1 / 6, 2 / 15, 3 / 14])

# %% [markdown]
# Backward
# --------
#
# Given $db_i = \partial L / \partial b_i$, how the loss $L$ changes with each output,
# find $da_j = \partial L / \partial a_j$. This takes four steps.
#
# First, $d_i$ depends on $a_j$ only if $j$ is in the window of $i$, and then
#
# $$\frac{\partial d_i}{\partial a_j} = 2 \alpha \, a_j.$$
#
# Second, $b_i = a_i \, d_i^{-\beta}$ depends on $a_j$ in two ways, through $a_i$ if
# $j = i$, and through $d_i$. By the product rule
#
# $$\frac{\partial b_i}{\partial a_j} = [i = j] \, d_i^{-\beta}
# - \beta \, a_i \, d_i^{-\beta - 1} \cdot 2 \alpha \, a_j ,$$
#
# where $[i = j]$ is $1$ if $i = j$ and else $0$, and the second term is there only if
# $j$ is in the window of $i$.
#
# Third, the chain rule sums over all outputs that $a_j$ enters:
#
# $$da_j = db_j \, d_j^{-\beta} - 2 \alpha \beta \, a_j
# \sum_{i : \, j \text{ in the window of } i} db_i \, a_i \, d_i^{-\beta - 1}.$$
#
# Fourth, which $i$ are these? $j$ lies in the window of $i$ if $i$ lies in the mirrored
# window of $j$. For odd $n$ a window is its own mirror image; for even $n$ the
# additional map changes sides. The terms of the sum are $db_i \, b_i / d_i$, since $a_i
# \, d_i^{-\beta}$ is $b_i$, which forward has kept:

# %%
show_source(response_normalization_backward, LocalResponseNormalization.backward)

# %% [markdown]
# Do this by hand too, for $db = (1, 0, 0)$. Only $b_0$ counts, $d_0 = 6$, so $da_0 =
# 1/6 - 2 \cdot 1 \cdot 1/36 = 1/9$ and $da_1 = -2 \cdot 2 \cdot 1/36 = -1/9$. The third
# map is not in the first's window and gets $0$. A stronger neighbour makes $b_0$
# smaller, which is why $da_1$ is negative.

# %%
da = small.backward(np.array([1.0, 0, 0]).reshape(1, 3, 1, 1))
print("da =", *(f"{value:.4f}" for value in da.ravel()))
np.testing.assert_allclose(da.ravel(), [1 / 9, -1 / 9, 0])

# %% [markdown]
# The gradient check
# ------------------
#
# The complex step, explained in [[lesson_01_relu]], is tried with an odd and an even
# $n$, with two [[group]]s of maps, and with fewer maps than $n$. A backward that
# forgets to mirror the window is right for every odd $n$; only an even $n$ finds the
# mistake.

# %%
rng = np.random.default_rng(0)
x = rng.standard_normal((2, 6, 3, 4))
print(check_layer(LocalResponseNormalization(n=5, alpha=0.5), x))
print(check_layer(LocalResponseNormalization(n=4, alpha=0.5, groups=2), x))
print(check_layer(LocalResponseNormalization(n=9, alpha=0.5), x))


class ForgotToTurn(LocalResponseNormalization):
    """A normalisation that goes back over the same window as forward."""

    def forward(self, x, train=False):
        """Return y, and keep x."""
        self.x = x
        return super().forward(x, train)

    def backward(self, dy):
        """Return a wrong gradient."""
        x, constants = self.x, (self.k, self.alpha, self.beta)
        d, y = response_normalization(x, self.over, *constants)
        total = window_sum(dy * y / d, self.over)  # self.over.turned() belongs here
        return dy * d**-self.beta - 2 * self.alpha * self.beta * x * total


print("n = 5:", check_layer(ForgotToTurn(n=5, alpha=0.5), x))
try:
    check_layer(ForgotToTurn(n=4, alpha=0.5), x)
except GradientError as error:
    words = str(error).replace("; ", ";\n    ")
    print("n = 4:", words.replace(": expected", ":\n    expected"))
else:
    raise AssertionError("expected the check to find the window that was not turned")

# %% [markdown]
# Why $\alpha = 0.5$ and not the paper's $10^{-4}$? Because a mistake in the sum must
# show. Below, a window of four maps stands in for one of five, on activities of about
# 1:

# %%
for alpha in (1e-4, 0.5):
    five, four = (LocalResponseNormalization(n=n, alpha=alpha) for n in (5, 4))
    wrong = abs(four.forward(x) / five.forward(x) - 1).max()
    print(f"alpha = {alpha:<6g}  largest relative error {wrong:.0e}")

# %% [markdown]
# A test that allows one part in a thousand would not see the missing map at $10^{-4}$.
#
# What copies disagree about
# --------------------------
#
# **Is alpha divided by n?** In the paper's formula it is not. In the code that made the
# paper's numbers it is. That code reads ``scale=0.0001`` from its layer file and
# divides it by ``size`` as it reads it, by $n$ across maps and by $n^2$ for its other
# kind, which sums over pixels of one map. So the factor of the sum is $10^{-4} / 5 = 2
# \cdot 10^{-5}$. Programs and textbooks give both answers, and each is right about
# something else:
#
# - the paper's formula: not divided, $k = 2$;
# - the 2012 code: divided, $k = 2$ (its ``minDiv=2``);
# - Caffe: divided, and $k = 1$ where the file says nothing, as AlexNet's does;
# - PyTorch's LocalResponseNorm and ONNX: divided, $k = 1$ by default;
# - TensorFlow's ``lrn``: not divided, and ``depth_radius`` is 2 for $n = 5$.
#
# In this package the option ``divide_alpha_by_n`` chooses between the two, and the
# reader of the 2012 code's files sets it. The layer's ``alpha`` is then the factor of
# the sum:

# %%
for name, layer in CONSTANTS.items():
    print(f"{name:10} k = {layer.k:g}, the sum times {layer.alpha:.0e}")

# %% [markdown]
# Does it matter? Multiply all activities by a number $s$ and divide $\alpha$ by $s^2$:
# $\alpha a^2$ and so $d$ stay what they were, and $b$ is multiplied by $s$. So a layer
# with $\alpha / 5$, given activities $\sqrt{5}$ times as large, returns $\sqrt{5}$
# times what the first layer returns:

# %%
paper = LocalResponseNormalization(k=2, alpha=1e-4)
code = LocalResponseNormalization(k=2, alpha=1e-4, divide_alpha_by_n=True)
strong = 200 * x  # activities of about 200, so that the sum counts
np.testing.assert_allclose(
    code.forward(5**0.5 * strong), 5**0.5 * paper.forward(strong), rtol=1e-12
)
print("the same function: kernels sqrt(5) times as large undo the division by 5")

# %% [markdown]
# A network can make its kernels larger and those of the next layer smaller. What it
# *can* compute is therefore the same under both conventions, and exercise 2 shows the
# same of $k = 1$ and $k = 2$. Two things do differ: where training begins, since the
# first kernels have a fixed size; and what trained weights mean. Weights trained under
# one convention must be run under the same one.
#
# How much does it do?
# --------------------
#
# The sum counts where $\alpha \sum a^2$ is not small against $k$. So the effect depends
# on how large the activities are, and their size depends on the scale of the pixels and
# on the kernels. Below are 24 kernels of 11 x 11 x 3 as training begins, drawn from
# $N(0, 0.01^2)$, and the 24 of a network trained on Tiny ImageNet by the 2012 profile,
# read from our record. Both see the same photograph, pixels 0 to 255 minus the training
# mean. Beside them is what many copies do: pixels divided by 58 (torchvision's 0.229,
# times 255), which gives them a standard deviation of about 1, with $\alpha$ left as it
# is.
#
# The measure is the *part left*, $(k / d)^\beta$. It is 1 where an activity is only
# divided by the constant $k^\beta$, and less than 1 where it is inhibited.

# %%
arrays, record = checkpoint.load(recorded("tiny_imagenet_conv1.npz"))
path = matplotlib.cbook.get_sample_data("grace_hopper.jpg", asfileobj=False)
pixels = Preprocessing(224, arrays["mean"]).center(read_image(path)[None])


def first_layer(weight, bias):
    """Return the activities of conv1 before any ReLU, (1, 24, 55, 55)."""
    conv = Convolution2D(3, 24, kernel_size=11, stride=4, ceil_mode=True)
    conv.params = {"W": weight, "b": bias}
    return conv.forward(pixels)


begun = Normal(0.01)((24, 3, 11, 11), np.random.default_rng(0)).astype(np.float32)
initial = first_layer(begun, np.zeros(24, np.float32))
trained = first_layer(arrays["w/conv1.W"], arrays["w/conv1.b"])
ACTIVITIES = {
    "initial, pixels / 58": initial / 58,  # the bias is 0
    "initial": initial,
    "trained": trained,
}


def part_left(layer, a):
    """Return (k / d)^beta where an activity is not 0."""
    active = a != 0
    return layer.forward(a)[active] / a[active] * layer.k**layer.beta


print("                     standard deviation   part left: mean and least")
print("kernels              of the activities    the paper      2012 code")
for name, a in ACTIVITIES.items():
    parts = [part_left(layer, a) for layer in (paper, code)]
    numbers = "".join(f"{p.mean():9.1%}{p.min():6.0%}" for p in parts)
    print(f"{name:20} {float(f'{a.std():.2g}'):17g} {numbers}")
sizes = [float(weight.std()) for weight in (begun, arrays["w/conv1.W"])]
print(
    f"standard deviation of the weights: {sizes[0]:.3f} at first, then {sizes[1]:.2f}"
)

# %%
figure, axes = plt.subplots(figsize=(7.2, 4), layout="constrained")
for (name, a), colour, mark in zip(ACTIVITIES.items(), COLOURS, "os^", strict=False):
    for layer, line, whose in ((paper, "-", "paper"), (code, "--", "2012 code")):
        below = np.linspace(0, 100, 201)
        parts = np.percentile(part_left(layer, a), below)
        style = {"color": colour, "marker": mark, "markevery": 25}
        axes.plot(parts, below, line, label=f"{name}; {whose}", **style)
axes.set(
    xlabel="part left, (k / d)^beta",
    ylabel="activities below (%)",
    title="How strongly activities are inhibited",
    xlim=(0, 1.02),
)
axes.legend(frameon=False, fontsize=9)
caption(
    figure,
    "Conv1's activities before ReLU on Matplotlib's grace_hopper.jpg, 224 x 224 "
    "pixels. Initial kernels from N(0, 0.0001), seed 0; trained: 40 epochs on Tiny "
    "ImageNet, profile 2012 at a quarter of the width, seed 0.",
    record["runs"],
    alt="How many activities keep at most a given part of themselves. With initial "
    "kernels nearly all keep more than nine tenths; with trained kernels they are "
    "spread from almost nothing to all, and the paper's constants take more than "
    "the 2012 code's.",
)

# %% [markdown]
# When training begins the layer does next to nothing but divide by $k^\beta = 1.68$.
# Then the kernels grow, and the activities with them. In the end the layer takes away a
# good part of most activities. (These kernels were trained with the 2012 code's
# constants; with the paper's constants training would have led to other kernels.) For
# pixels with a standard deviation of 1 the paper's $\alpha$ is on the wrong scale: it
# would have to be $58^2$ times as large to have the same effect.
#
# Below is the trained network's fifth map, whose kernel looks for fine detail, and the
# part of it that is left. In the face most of the activity comes through. On the blue
# wall at the right, the grain of the photograph becomes weaker. The map does not cause
# that itself: its neighbour, the fourth map, whose kernel weighs green against blue,
# has large activities there.

# %%
shown = trained[0, 4]
left = (code.forward(trained) / trained * code.k**code.beta)[0, 4]
largest = np.percentile(abs(shown), 99)
figure, panels = plt.subplots(1, 3, figsize=(7.2, 4.0), layout="constrained")
for axes, image, title, low, high, unit in (
    (panels[0], shown, "before: $a$", -largest, largest, "activity (no unit)"),
    (panels[1], left, r"left: $(k/d)^\beta$", 0, 1, "part (no unit)"),
    (panels[2], shown * left, r"$k^\beta b$", -largest, largest, "activity (no unit)"),
):
    drawn = axes.imshow(image, cmap="gray", vmin=low, vmax=high)
    axes.set(title=title, xlabel="column")
    figure.colorbar(drawn, ax=axes, orientation="horizontal").set_label(unit)
panels[0].set_ylabel("row")
caption(
    figure,
    "Map 5 of 24 of conv1 of the trained network above on Matplotlib's "
    "grace_hopper.jpg, constants of the 2012 code.",
    record["runs"],
    alt="One map of a photograph of Grace Hopper in three pictures: before, with "
    "edges light and dark; the part left, nearly all on smooth places such as the "
    "face and little on the flag and the wall; and after, where the wall's strong "
    "pattern is paler.",
)

wall = abs(trained[0, 2:7, 5:15, 48:54]).mean(axis=(1, 2))
print("mean |a| on the wall, maps 3 to 7:", *(f"{value:.0f}" for value in wall))

# %% [markdown]
# ``figures/response_normalization.py`` draws how much each map loses to its own
# activities and to its neighbours'. Some activities of this network lie beyond $a^*$,
# where a larger activity would give a smaller output. If neighbours are active too, a
# larger part of $d_i$ does not depend on $a_i$, so that the output begins to fall only
# at a larger activity:

# %%
beyond = abs(trained) > turning_points["2012 code"]
d = (trained / code.forward(trained)) ** (1 / code.beta)
own = 1 - 2 * code.alpha * code.beta * trained**2 / d  # has the sign of db_i / da_i
print(f"activities beyond the turning point of 447: {beyond.mean():.1%}")
print(f"outputs that fall as their activity grows: {(own < 0).mean():.1%}")

# %% [markdown]
# **After ReLU or before it?** The paper: "We applied this normalization after applying
# the ReLU nonlinearity in certain layers". Its own network, the 2012 code's layer file
# number 145, has for conv1 the order normalisation, pooling, ReLU, and for conv2 ReLU,
# normalisation, a second normalisation that sums over 5 x 5 pixels of the same map,
# pooling. What difference does the order make at conv1? Dividing by a positive number
# changes no sign, and ReLU may change places with the maximum of a pooling window. So
# the 2012 order gives $\max(0, a_i) / d_i^\beta$, just as with ReLU first, but $d_i$
# then also counts the neighbours' negative activities:

# %%
relu, pool = ReLU(), MaxPooling2D(kernel_size=3, stride=2, ceil_mode=True)
order_2012 = relu.forward(pool.forward(code.forward(trained)))
relu_last = pool.forward(relu.forward(code.forward(trained)))
relu_first = pool.forward(code.forward(relu.forward(trained)))
assert (order_2012 == relu_last).all()
active = relu_first > 0
weaker = 1 - order_2012[active].sum() / relu_first[active].sum()
print("normalisation, pooling, ReLU = normalisation, ReLU, pooling: to the bit")
print(f"pooled activities with ReLU last are {weaker:.0%} weaker than with ReLU first")

# %% [markdown]
# So the order changes who inhibits: with ReLU last a strongly negative response counts
# as much as a strongly positive one, although it does not appear in the output.
#
# **Neighbours in the other tower.** The paper's formula runs over all $N$ maps of a
# layer. In the 2012 code each graphics card normalised its own half (48 maps at conv1),
# because it did not hold the other card's maps. This affects the two maps on either
# side of the border, 4 of 96:

# %%
whole = LocalResponseNormalization(n=5)
towers = LocalResponseNormalization(n=5, groups=2)
maps = 100 * np.ones((1, 96, 1, 1))
different = np.flatnonzero((whole.forward(maps) != towers.forward(maps)).ravel())
print("maps that differ, counted from 0:", *different)
assert different.tolist() == [46, 47, 48, 49]

# %% [markdown]
# What the paper reports and what was measured
# --------------------------------------------
#
# Section 3.3: "Response normalization reduces our top-1 and top-5 error rates by 1.4%
# and 1.2%, respectively. We also verified the effectiveness of this scheme on the
# CIFAR-10 dataset: a four-layer CNN achieved a 13% test error rate without
# normalization and 11% with normalization." The logs that were released with the 2012
# code have the runs behind the first sentence, and one more. The errors are those on
# the 50,000 pictures of ILSVRC-2012's validation set; top-5 counts a picture as wrong
# when its class is not among the five most probable.

# %%
RUNS = {
    "145, the paper's network": (40.664, 18.210),
    "148, without normalisation": (42.034, 19.362),
    "167, none after conv2": (40.49, 18.12),
}
base = RUNS["145, the paper's network"]
print("the authors' run              top-1   top-5   against 145")
for name, (top1, top5) in RUNS.items():
    print(
        f"{name:28} {top1:6.2f}  {top5:6.2f}  {top1 - base[0]:+6.2f} "
        f"{top5 - base[1]:+6.2f}"
    )
p = base[0] / 100
print(f"by chance, from 50,000 pictures: {100 * (2 * p * (1 - p) / 50_000) ** 0.5:.2f}")

# %% [markdown]
# The last line is the standard deviation of the difference of two errors of 40.7 %,
# each from its own draw of 50,000 pictures. On the same pictures it is less. A
# different random seed would change the errors too, and nobody measured by how much. So
# the choice of pictures alone does not explain 1.4 %. Run 167 hints at where the gain
# comes from: without the two normalisations after conv2 the network was no worse. As
# far as one run can tell, the normalisation after conv1 was the one that helped.
#
# On CIFAR-10 the two networks that the author published differ in more than the
# normalisation: in width, weight decay and length of training too. So the 2 % are not
# due to the normalisation alone.
#
# Others found no gain. In an independent benchmark on ImageNet at 128 pixels (D.
# Mishkin's caffenet-benchmark), with other initial weights, Caffe's network had an
# accuracy of 47.0 % with the layer and 47.1 % without it, and the benchmark left the
# layer out from then on. What this lesson measured is how strong the layer is: at first
# it does next to nothing, and in the end what it does depends on how large the kernels
# have grown. What it does to the error is a claim below.
#
# One protocol, committed before its first run, measures the paper's claims again on
# small networks; the page "Every claim, measured again" has the whole table. A claim
# *holds* if its whole 95 % interval lies on the claim's side of 0, or of 1 if it is a
# ratio; p is that of the paired t test, made larger because many claims are tested
# (Holm's rule), and the verdict goes by the interval alone. This is where the claim of
# section 3.3 stands. Each network trains at the rate that a short sweep chose for it.
# The table also has the network without the layer at the rate of the whole network, and
# two networks that keep a part of the three normalisations:

# %%
(claim,) = (c for c in read_lines(recorded("claims.jsonl")) if c["section"] == "3.3")
OTHERS = {
    f"none, at the rate {claim['base_rate']:g} for both": claim["at_base_rate"],
    "after conv1 only": claim["other_arms"][0],
    "none over space": claim["other_arms"][1],
}
print(claim["text"])
print(f"(its own rate is {claim['rate']:g})")
print("\nagainst all three normalisations     test error (points)   training error (%)")
for words, found in {"none": claim, **OTHERS}.items():
    interval = f"{found['here']:+.2f} ({found['low']:.2f} to {found['high']:.2f})"
    trained = np.mean([seed["arm"]["train_error"] for seed in found["by_seed"]])
    print(f"{words:36} {interval:22} {100 * trained:.1f}")
trained = np.mean([seed["base"]["train_error"] for seed in claim["by_seed"]])
print(f"{'all three':59} {100 * trained:.1f}")

# %% [markdown]
# Without the layer the test error is 0.7 points higher on average. The paper's 1.4 lie
# inside the interval, and so does 0: ten seeds do not tell such a gain from none.
#
# How much the layer seems worth depends on the learning rate. At the rate of the whole
# network, the one without normalisation is 3.2 points worse (1.7 to 4.6). The sweep
# found a third of this rate better for it, and there most of the difference is gone. It
# may be that a layer which divides large activities keeps the gradients small enough
# for the larger rate; this we have not measured. The paper does not say whether its
# network without normalisation had a rate of its own.
#
# Summary
# -------
#
# - Each activity is divided by $d^\beta$, where $d$ is $k$ plus $\alpha$ times the
#   squares of $n$ neighbouring maps at the same pixel; nothing is learned.
# - Going backward, an activity receives its own gradient divided by $d^\beta$, minus a
#   part for every neighbour that it inhibited; for an even $n$ these neighbours lie in
#   the mirrored window.
# - When training begins the layer does nearly nothing; its strength depends on how
#   large the kernels grow, and weights belong to the constants that they were trained
#   with. In our measurement a network without the layer, at a learning rate of its own,
#   cannot be told from one with it.
#
# Next: [[lesson_04_overlapping_pooling]]. Before: [[lesson_02_convolution]].
#
# Exercises
# ---------
#
# Each says how to see that you are right. Solutions:
# [[solution_03_response_normalization]].
#
# **1. The whole matrix.** Write ``jacobian(a, k, n, alpha, beta)``, the matrix of
# $\partial b_i / \partial a_j$ at one place with activities $a_0, \ldots, a_{N-1}$, for
# odd $n$, from the second step above. You are right when ``db @ jacobian(...)`` equals
# the layer's ``backward(db)``. Is the matrix symmetric?
#
# **2. The same function in other constants.** Write ``rescale(k, alpha, k2, alpha2,
# beta)`` that returns two numbers $s$ and $c$ such that the layer with $k_2, \alpha_2$,
# given $s \, a$, returns $c$ times what the layer with $k, \alpha$ makes of $a$. You
# are right when both layers agree, and when from the paper's constants to Caffe's ($k_2
# = 1$, $\alpha_2 = 2 \cdot 10^{-5}$) $s^2$ is $2.5$.
#
# **3. The turning point.** Write ``turning_point(k, alpha, beta)``: the activity $a^*$
# of a lone map whose output is largest, from the derivative of
# $a / (k + \alpha a^2)^\beta$. For which $\beta$ is there none, and what does your
# function return then? You are right when the paper's constants give 200, and the
# layer's own slope there is 0.

# %%
plt.show()  # a script opens its plots here; a notebook and the site have shown them
