# %% [markdown]
r"""
Lesson 4: Overlapping pooling
=============================

**Max pooling keeps the largest number of each window; the paper's windows are 3 pixels
wide and only 2 pixels apart, so neighbouring windows share a row or a column of pixels.
Going backward, each gradient returns to the one pixel that won its window, and a pixel
that won several windows adds them up.**
"""

# %%
# The imports.
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.patheffects import withStroke

from minialexnet import AveragePooling2D, GradientError, MaxPooling2D, ReLU, check_layer
from minialexnet.data.shapes import draw
from minialexnet.engine.blas import limit_blas
from minialexnet.files.recorded import recorded
from minialexnet.files.records import read_lines
from minialexnet.layers.max_pooling import max_pooling, max_pooling_backward
from minialexnet.pictures.film import Film
from minialexnet.pictures.source import show_source
from minialexnet.pictures.style import COLOURS, caption
from minialexnet.windows import output_size

ONE_THREAD = limit_blas(1)  # small matrix products are faster on one thread
# Overlapping windows and windows side by side, here and in all plots.
STYLES = {
    3: {"color": COLOURS[0], "marker": "o"},
    2: {"color": COLOURS[1], "marker": "s"},
}

# %%
# The drawing.
five = np.arange(1.0, 26).reshape(1, 1, 5, 5)
five[0, 0, 2, 2] = 50
gradient = np.array([[1.0, 2], [3, 4]])[None, None]
WINDOWS = COLOURS[:4]


def number(axes, row, column, text, colour="white", **style):
    """Draw one box with a number in it."""
    box = {"facecolor": colour, "edgecolor": "0.6"}
    axes.add_patch(plt.Rectangle((column, row), 1, 1, **box))
    middle = {"ha": "center", "va": "center", "zorder": 5}
    said = axes.text(column + 0.5, row + 0.5, f"{text:g}", **middle, **style)
    if "color" not in style:  # black, legible where an arrow crosses it
        said.set_path_effects([withStroke(linewidth=3, foreground=colour)])


figure, panels = plt.subplots(1, 2, figsize=(7.2, 2.9), layout="constrained")
for axes, z in zip(panels, (3, 2), strict=True):
    pool = MaxPooling2D(kernel_size=z, stride=2)
    pool.forward(five)
    received = pool.backward(gradient)[0, 0]
    for (row, column), value in np.ndenumerate(five[0, 0]):
        number(axes, row, column, value, "#fff3b0" if received[row, column] else "w")
    for n, colour in enumerate(WINDOWS):
        i, j = divmod(n, 2)
        inset = 0.06 + 0.07 * n
        corner, side = (2 * j + inset, 2 * i + inset), z - 2 * inset
        style = {"fill": False, "edgecolor": colour, "linewidth": 2.5}
        axes.add_patch(plt.Rectangle(corner, side, side, **style))
        one = np.zeros_like(gradient)
        one[0, 0, i, j] = 1  # where does this gradient go?
        row, column = np.argwhere(pool.backward(one)[0, 0])[0]
        top, start = 0.2 + 1.2 * n, 7.2
        number(axes, top, start, gradient[0, 0, i, j], colour, color="white")
        axes.annotate(
            "",
            (column + 0.7, row + 0.5),
            (start, top + 0.5),
            arrowprops={"arrowstyle": "->", "color": colour, "lw": 1.8},
        )
    most = f"x (left) and dy (right): the 50 receives {received[2, 2]:g}"
    title = "windows overlap" if z == 3 else "windows side by side"
    axes.set(title=f"z = {z}, s = 2: {title}", xlabel=most)
    axes.set(xlim=(-0.1, 9), ylim=(5.1, -0.1), aspect="equal", xticks=[], yticks=[])
    axes.spines[:].set_visible(False)
caption(
    figure,
    "Where the layer's own backward sends the gradients 1 to 4 of four windows; "
    "nothing random. A window and its gradient have the same colour; pixels that win "
    "are yellow.",
    alt="A map of 5 x 5 numbers, twice, with a 50 in the middle and four windows "
    "outlined. Left the windows overlap, and arrows lead from all four gradients, "
    "1 to 4, to the 50, which receives 10. Right they lie side by side, and the "
    "arrows lead to four pixels; the 50 receives 4.",
)

# %% [markdown]
# **After this lesson you can** pool a map by hand and send the gradient back, ties
# included, count how many windows see a pixel, and say what overlap was worth in the
# paper and in a measurement of our own.
#
# **You need** the words [[window]], [[stride]] and [[map]], from
# [[lesson_02_convolution]].
#
# **Time:** about 17 minutes to read, 2 seconds to run on an idle
# processor.
#
# The paper
# ---------
#
# Krizhevsky, Sutskever and Hinton 2012, section 3.4, on windows of $z \times z$ pixels
# that lie $s$ pixels apart:
#
#   "If we set s = z, we obtain traditional local pooling as commonly employed in CNNs.
#   If we set s < z, we obtain overlapping pooling. This is what we use throughout our
#   network, with s = 2 and z = 3."
#
# and what it is worth to them:
#
#   "This scheme reduces the top-1 and top-5 error rates by 0.4% and 0.3%,
#   respectively, as compared with the non-overlapping scheme s = 2, z = 2, which
#   produces output of equivalent dimensions. We generally observe during training that
#   models with overlapping pooling find it slightly more difficult to overfit."
#
# The mathematics
# ---------------
#
# A *map* is what one kernel of a convolution makes of a picture: $H$ rows and $W$
# columns of numbers $x_{i j}$. Max pooling lays a window of $z \times z$ pixels on it
# at every place that is a multiple of the stride $s$ and keeps the largest number:
#
# $$y_{i j} = \max_{0 \le a < z, \; 0 \le b < z} x_{i s + a, \, j s + b}.$$
#
# Each map is pooled by itself, and there is nothing to learn. The number of rows that
# come out, and likewise of columns, is
#
# $$H' = 1 + \left\lfloor \frac{H - z}{s} \right\rfloor
# \quad \mathrm{or} \quad
# H' = 1 + \left\lceil \frac{H - z}{s} \right\rceil,$$
#
# where $\lfloor \cdot \rfloor$ rounds down, which drops the pixels at the end that no
# window reaches, and $\lceil \cdot \rceil$ rounds up, with a last window that hangs
# over the edge and sees only the pixels that exist. The 2012 code rounds up; here that
# is ``ceil_mode=True``. AlexNet pools three times, maps of 55, of 27 and of 13 pixels;
# the four-layer network of Figure 1 maps of 32, 16 and 8:

# %%
print("pixels along a side      z = 3              z = 2")
print("                    down       up      down       up")
for side in (55, 27, 13, 32, 16, 8):
    sizes = [output_size(side, z, 2, 0, up) for z in (3, 2) for up in (False, True)]
    print(f"{side:6}              {sizes[0]:4} {sizes[1]:8} {sizes[2]:9} {sizes[3]:8}")
assert [output_size(side, 3, 2, 0, True) for side in (55, 27, 13)] == [27, 13, 6]

# %% [markdown]
# The network's sides 55, 27 and 13 are odd. Windows of 3 then end exactly at the edge,
# and rounding makes no difference: 55, 27, 13, 6. Windows of 2 leave one row and one
# column over. With rounding down they give 27, 13 and 6 as well, which the paper's
# sentence calls "equivalent dimensions"; with rounding up they give 28, 14 and 7
# pixels. The maps of our four-layer network have even sides, so that windows of 3 have
# to be rounded up. Then both schemes give 16, 8 and 4, and only $z$ differs.
#
# By hand
# -------
#
# Take a map of 5 x 5 pixels with one large number in the middle.

# %%
x = np.array(
    [
        [1.0, 2, 3, 4, 5],
        [6, 7, 8, 9, 10],
        [11, 12, 50, 14, 15],
        [16, 17, 18, 19, 20],
        [21, 22, 23, 24, 25],
    ]
)[None, None]  # one picture, one map: (1, 1, 5, 5)
dy = np.array([[1.0, 2], [3, 4]])[None, None]
by_hand = {}
for z in (3, 2):
    pool = MaxPooling2D(kernel_size=z, stride=2)
    y = pool.forward(x)
    by_hand[z] = y, pool.backward(dy)
    print(f"z = {z}: y =", *y[0, 0].tolist())
    for row in by_hand[z][1][0, 0]:
        print("    dx ", *(f"{value:3g}" for value in row))

assert by_hand[3][0].tolist() == [[[[50, 50], [50, 50]]]]
assert by_hand[3][1][0, 0, 2, 2] == 1 + 2 + 3 + 4
assert by_hand[2][0].tolist() == [[[[7, 9], [17, 50]]]]

# %% [markdown]
# Forward: with $z = 3$ all four windows see the 50. With $z = 2$ only one window does,
# and no window sees the fifth row and column.
#
# Backward: the layer is handed $dy = \partial L / \partial y$, how the loss $L$ changes
# with each output, and returns $dx = \partial L / \partial x$. A small change of the
# number that won a window changes the output by the same amount; a small change of any
# other number changes nothing. So each $dy$ is *routed* to the pixel that won its
# window, and a pixel that won several windows *adds up* what they send:
#
# $$dx_p = \sum_{\mathrm{windows\ won\ by\ } p} dy.$$
#
# The 50 gets $1 + 2 + 3 + 4 = 10$. Windows that lie side by side share no pixel, so
# there is nothing to add.
#
# The film takes a larger map and goes from window to window. Each $dy$ returns to the
# pixel that won its window.

# %%
# The drawing.
seven = np.random.default_rng(2).permutation(49).astype(float).reshape(1, 1, 7, 7)
nine = np.arange(1.0, 10).reshape(1, 1, 3, 3)  # dy
pool = MaxPooling2D(kernel_size=3, stride=2)
winners = pool.forward(seven).ravel()
arrived, homes = [], []  # after each number of windows dx, and where the last one went
for sent in range(10):
    count = np.arange(9).reshape(nine.shape)
    arrived.append(pool.backward(nine * (count < sent))[0, 0])
    homes.append(pool.backward((count == sent - 1) * 1.0)[0, 0] > 0)
film, maps_in_film = plt.subplots(
    1, 3, figsize=(7.2, 3.2), layout="constrained", width_ratios=(3, 7, 7)
)


def go_home(frame):
    """Draw what has come home from as many windows as `frame` says."""
    home, received = homes[frame], arrived[frame]
    now = np.arange(9).reshape(3, 3) == frame - 1
    drawn = {
        "dy": (nine[0, 0], now),
        "x": (seven[0, 0], home),
        "dx": (received, home),
    }
    for axes, (name, (values, marked)) in zip(maps_in_film, drawn.items(), strict=True):
        axes.clear()
        for place, value in np.ndenumerate(values):
            colour = "#ffe36e" if marked[place] else "white"
            number(axes, *place, value, colour, fontsize=9)
        side = len(values) + 0.1
        axes.set(title=name, xlim=(-0.1, side), ylim=(side, -0.1), aspect="equal")
        axes.set(xticks=[], yticks=[], xlabel=" ")
        axes.spines[:].set_visible(False)
    if frame:
        row, column = divmod(frame - 1, 3)
        style = {"fill": False, "edgecolor": COLOURS[0], "linewidth": 3, "zorder": 6}
        maps_in_film[1].add_patch(plt.Rectangle((2 * column, 2 * row), 3, 3, **style))
        maps_in_film[1].set_xlabel(f"window {frame}: the {winners[frame - 1]:g} wins")
        maps_in_film[2].set_xlabel(f"its pixel has received {received[home][0]:g}")


go_home(9)
caption(
    film,
    "The layer's own backward with z = 3 and s = 2, given the gradients of the first "
    "windows; the numbers 0 to 48 in random order, seed 2.",
    alt="Left the nine gradients dy, 1 to 9. In the middle a map of 7 x 7 pixels, on "
    "which one window after the other is outlined and its largest pixel marked. Right "
    "dx, where the window's gradient is added at the same pixel; the pixel that wins "
    "four windows ends with the sum of their four gradients.",
)
Film(film, go_home, frames=10, seconds=1)

# %% [markdown]
# The layer itself
# ----------------
#
# This is the package's own code. A *tap* is one of the $z^2$ places in a window:
# ``pixels`` are the pixels at this place in all windows at once, and ``out`` are the
# outputs of these windows. ``same(a, b)`` is true where two numbers are equal, and
# ``times(dy, won)`` is ``dy`` where ``won`` is true and 0 elsewhere. They are written
# as functions because the plain ``==`` and ``*`` would be wrong for infinite numbers
# and for NaN.

# %%
show_source(max_pooling, max_pooling_backward, MaxPooling2D)

# %% [markdown]
# In ``max_pooling_backward``, ``free`` marks the windows whose gradient no pixel has
# received yet, and ``due`` is a copy of $dy$ that lies in memory as $y$ does, which
# is faster to read. At each tap, ``won`` marks the pixels that equal the maximum of a
# window that is still free. Each of them receives its window's gradient, by ``+=``, and
# the window is not free any more. So if several pixels of a window are equally large,
# the first in reading order gets the whole gradient. At such a *tie* the maximum has a
# kink, and $dy$ may be shared among the winners in any way. It would be wrong to give
# all of $dy$ to each of them, because more gradient would then leave the layer than
# entered it.

# %%
tie = np.array([[0.0, 7], [7, 7]])[None, None]
pool = MaxPooling2D(kernel_size=2, stride=2)
pool.forward(tie)
print("a tie:", *pool.backward(np.ones((1, 1, 1, 1)))[0, 0].tolist())

# %% [markdown]
# Ties are not rare: after a ReLU, $f(x) = \max(0, x)$, many windows hold nothing but
# zeros. There it does not matter which pixel gets the gradient, because ReLU lets none
# through where its output is zero. For the same reason pooling before the ReLU gives
# the same outputs and the same gradients as pooling after it:

# %%
maps = np.random.default_rng(0).standard_normal((8, 4, 33, 33)) - 1
gradients = np.random.default_rng(1).standard_normal((8, 4, 16, 16))
results = []
for layers in ((ReLU(), MaxPooling2D(3, 2)), (MaxPooling2D(3, 2), ReLU())):
    y, dx = maps, gradients
    for layer in layers:
        y = layer.forward(y)
    for layer in reversed(layers):
        dx = layer.backward(dx)
    results.append((y, dx))
(y, dx), (other_y, other_dx) = results
print(f"windows of nothing but zeros: {(y == 0).mean():.0%}")
print("the same outputs and gradients in both orders:", end=" ")
print(bool((y == other_y).all() and (dx == other_dx).all()))
assert np.array_equal(y, other_y)
assert np.array_equal(dx, other_dx)

# %% [markdown]
# The same holds for every function that never decreases as its input grows: the largest
# number stays the largest, so pooling may come before the function or after it. In the
# 2012 code the ReLUs of the first and of the fifth convolution come after the pooling,
# where they have a quarter of the numbers to go through.
#
# The gradient check
# ------------------
#
# ``check_layer`` measures the slope of $\sum dy \cdot y$ and compares it with
# ``backward``; the $x$ are drawn at random, so there is no tie. The last class,
# ``LastWindowCounts``, has a wrong backward, which overwrites gradients where it ought
# to add them. For windows side by side that makes no difference, so a test with $z = s
# = 2$ alone would not notice.

# %%
x = np.random.default_rng(0).standard_normal((2, 3, 7, 6))
for layer in (MaxPooling2D, AveragePooling2D):
    for z, up in ((3, False), (3, True), (2, True)):
        report = check_layer(layer(z, 2, ceil_mode=up), x)
        print(f"z = {z}, {'up,  ' if up else 'down,'}", str(report).splitlines()[0])


class LastWindowCounts(MaxPooling2D):
    """Max pooling with a wrong backward: of several windows the last one counts."""

    def forward(self, x, train=False):
        """Return y, and keep x."""
        self.x = x
        return super().forward(x, train)

    def backward(self, dy):
        """Return a wrong gradient."""
        x, z, s = self.x, self.kernel_size[0], self.stride[0]
        dx = np.zeros_like(x)
        for n, c, i, j in np.ndindex(dy.shape):
            window = x[n, c, i * s : i * s + z, j * s : j * s + z]
            a, b = np.unravel_index(window.argmax(), window.shape)
            dx[n, c, i * s + a, j * s + b] = dy[n, c, i, j]  # += is right
        return dx


print("z = 2, down,", str(check_layer(LastWindowCounts(2, 2), x)).splitlines()[0])
try:
    check_layer(LastWindowCounts(3, 2), x)
except GradientError as error:
    print("z = 3, down,", str(error).partition(":")[0])
else:
    raise AssertionError("expected the check to find what was not added")

# %% [markdown]
# Who sees whom
# -------------
#
# With $z = 3$ and $s = 2$ every second row lies in two rows of windows, and every
# second column in two columns of windows. So a pixel lies in one, two or four windows;
# far from the edges it lies in $z^2 / s^2 = 2.25$ of them on average. *Average pooling*
# returns the mean of a window instead of its largest number, and its ``backward`` gives
# each of the window's $z^2$ pixels $dy / z^2$. So it can count the windows: if every
# $dy$ is $z^2$, a pixel is given 1 for each window that sees it.

# %%
side = 9
figure, axes = plt.subplots(1, 2, figsize=(7.2, 3.8), layout="constrained")
for one, z in zip(axes, (3, 2), strict=True):
    pool = AveragePooling2D(z, 2)
    y = pool.forward(np.zeros((1, 1, side, side)))
    seen = pool.backward(np.full(y.shape, float(z * z)))[0, 0]
    one.imshow(seen, cmap="Greys", vmin=0, vmax=8)
    for (row, column), count in np.ndenumerate(seen):
        one.text(column, row, f"{count:.0f}", ha="center", va="center")
    one.set(title=f"z = {z}, s = 2", xlabel="column (pixels)", ylabel="row (pixels)")
figure.suptitle("In how many windows a pixel lies")
caption(
    figure,
    "A map of 9 x 9 pixels, sizes rounded down; nothing random.",
    alt="Two maps of 9 x 9 pixels with a number in each. For z = 3 every second row "
    "and column from the third on has twos, and fours where they cross; for z = 2 "
    "all are ones but for zeros in the last row and column.",
)

# %% [markdown]
# Does overlap send gradients to more pixels? No, to fewer. Windows that lie side by
# side have a winner each, so a quarter of all pixels get a gradient. If windows
# overlap, one large pixel can win up to four of them.

# %%
maps = np.random.default_rng(2).standard_normal((100, 1, 201, 201))
for z in (3, 2):
    pool = MaxPooling2D(z, 2)
    y = pool.forward(maps)
    won = pool.backward(np.ones_like(y))
    some = won > 0
    several = (won > 1).sum() / some.sum()
    print(
        f"z = {z}: {some.mean():.0%} of the pixels get a gradient, "
        f"{several:.0%} of these from several windows"
    )

# %% [markdown]
# What one pixel's shift changes
# ------------------------------
#
# Pooling is meant to make a network care less about where exactly something is. How
# much less? Take independent random pixels, and shift the map by one column. A window
# and the shifted window have $z (z - 1)$ pixels in common, and $z (z + 1)$ pixels
# belong to at least one of them. If the largest of all these pixels is a common one, it
# is the maximum of both windows; otherwise the two maxima differ. Every pixel is
# equally likely to be the largest, so the output stays the same with probability
#
# $$\frac{z (z - 1)}{z (z + 1)} = \frac{z - 1}{z + 1},$$
#
# which is $1/2$ for $z = 3$ and $1/3$ for $z = 2$. In real maps neighbouring pixels are
# alike, so the numbers there are different.

# %%
sides = np.arange(2, 7)
predicted = (sides - 1) / (sides + 1)
measured = []
for z in sides:
    pool = MaxPooling2D(int(z), 2)
    stays = pool.forward(maps[..., :-1]) == pool.forward(maps[..., 1:])
    measured.append(stays.mean())
for z, share, expected in zip(sides, measured, predicted, strict=True):
    print(f"z = {z}: {share:5.1%} of the outputs stay, predicted {expected:5.1%}")
assert abs(np.array(measured) - predicted).max() < 0.01

figure, axes = plt.subplots(figsize=(7.2, 3.6), layout="constrained")
axes.plot(sides, 100 * predicted, color="0.5", label="predicted, (z - 1) / (z + 1)")
axes.plot(sides, 100 * np.array(measured), "k^", label="measured")
for z, style in STYLES.items():
    share = 100 * measured[z - 2]
    axes.plot(z, share, linestyle="none", markersize=10, label=f"z = {z}", **style)
axes.set(
    xlabel="z, side of the window (pixels)",
    ylabel="outputs that stay (%)",
    title="After a shift by one column, s = 2",
    ylim=(0, 100),
    xticks=sides,
)
axes.legend(frameon=False)
caption(
    figure,
    "100 maps of 201 x 201 values from N(0, 1), seed 2.",
    alt="The share of outputs that stay the same after a shift by one column, against "
    "z from 2 to 6. It rises from 33 % to 71 %; the measured marks lie on the "
    "predicted line.",
)

# %% [markdown]
# The price is sharpness. Below, the brightness of a drawn picture is pooled three
# times, as in the four-layer network: the larger the windows, the more the bright
# places grow.

# %%
image = draw([4], seed=3)[0].mean(axis=1, keepdims=True)  # (1, 1, 32, 32)
figure, grid = plt.subplots(2, 4, figsize=(7.2, 4.4), layout="constrained")
for row, z in zip(grid, (3, 2), strict=True):
    y = image
    for place, axes in enumerate(row):
        if place:
            y = MaxPooling2D(z, 2, ceil_mode=True).forward(y)
        axes.imshow(y[0, 0], cmap="gray", vmin=0, vmax=255)
        axes.set(xticks=[], yticks=[], xlabel=f"{len(y[0, 0])} x {len(y[0, 0])} pixels")
    row[0].set_ylabel(f"z = {z}")
figure.suptitle("Max pooling once, twice and three times, s = 2")
caption(
    figure,
    "Brightness, 0 black to 255 white, of a drawn shape, seed 3.",
    alt="A bright star on a dark ground and three poolings of it, for z = 3 above and "
    "z = 2 below. The star grows into a block, more so with z = 3.",
)

# %% [markdown]
# What the paper reports and what was measured
# --------------------------------------------
#
# The paper gives two numbers and no plot. The logs released with the 2012 code hold the
# runs: number 145, the paper's network, has a [[top-1 error]] of 40.664 % and a [[top-5
# error]] of 18.210 % on the ILSVRC-2012 validation set with ten crops; number 147, with
# windows of 2 x 2, has 41.058 % and 18.510 %. The differences are 0.39 and 0.30 points,
# which the paper rounds to 0.4 and 0.3.
#
# How certain is that? The validation set has $n = 50{,}000$ pictures. An error rate of
# $q = 0.407$ counted over $n$ pictures has a standard deviation of $\sqrt{q (1 - q) /
# n} = 0.22$ points from the choice of pictures alone. The difference of two such
# errors, each from its own pictures, has $\sqrt 2$ times that, 0.31 points; on the same
# pictures it is less. And each network was trained once, so what the random seed adds
# is not known. An independent benchmark on ImageNet pictures of 128 pixels
# (caffenet-benchmark on GitHub, ``Pooling.md``) found the opposite, 48.4 % of the
# answers right with windows of 2 x 2 against 47.0 %, but its maps were then larger too.
#
# So we trained the 2012 network at a quarter of its width with $z = 3$ and with $z = 2$
# in all its three poolings, from ten [[seed]]s, on 20 classes of Tiny ImageNet. The
# sizes of the maps are rounded up with $z = 3$ and down with $z = 2$, so the maps are
# of the same sizes either way. With the same seed both networks begin with the same
# weights and see the same batches, and each trained at the rate that a short sweep on
# held-out pictures chose for it, 0.003 for both. This is one of the claims that
# ``figures/claims.py`` measures: what is compared, and how it is judged, was committed
# before the first run. All runs take about an hour on two cores, so their results are
# read from the record. With $d_1, \ldots, d_k$ the differences of the errors within the
# $k$ seeds, $\bar d$ their mean and $\sigma$ their standard deviation, the 95 %
# interval is $\bar d \pm t \, \sigma / \sqrt{k}$, where $t$ is Student's for $k - 1$
# degrees of freedom, 2.262 for ten seeds.

# %%
T_95 = {3: 4.303, 4: 3.182, 5: 2.776, 6: 2.571, 7: 2.447, 8: 2.365, 9: 2.306, 10: 2.262}
claims = {claim["claim"]: claim for claim in read_lines(recorded("claims.jsonl"))}
claim = claims["overlapping-pooling"]


def errors_of(name):
    """Return top-1, top-5 and training error of every seed, in %, (seeds, 3)."""
    kinds = ("test_error", "test_top5_error", "train_error")
    ends = [found[name] for found in claim["by_seed"]]
    return 100 * np.array([[end[kind] for kind in kinds] for end in ends])


errors = {3: errors_of("base"), 2: errors_of("arm")}  # z: the base has z = 3


def interval(values):
    """Return the mean of values and the half-width of its 95 % interval."""
    half = T_95[len(values)] * np.std(values, ddof=1) / np.sqrt(len(values))
    return np.mean(values), half


gaps = {z: found[:, 0] - found[:, 2] for z, found in errors.items()}
rows = [
    ("test error, top-1", errors[3][:, 0], errors[2][:, 0]),
    ("test error, top-5", errors[3][:, 1], errors[2][:, 1]),
    ("training error", errors[3][:, 2], errors[2][:, 2]),
    ("test less training", gaps[3], gaps[2]),
]
print(f"Tiny ImageNet, 20 classes, {claim['seeds']} seeds, in % and points")
print("                      z = 3    z = 2    z = 2 less z = 3, 95 % interval")
for name, three, two in rows:
    mean, half = interval(two - three)
    if abs(mean) <= half:
        word = "inside the noise"
    else:
        word = "higher without overlap" if mean > 0 else "lower without overlap"
    print(
        f"{name:20} {three.mean():6.2f}   {two.mean():6.2f}    {mean:+.2f}, "
        f"{mean - half:+.2f} to {mean + half:+.2f}: {word}"
    )
print("the paper, ImageNet: +0.4 points top-1, +0.3 points top-5, one run each")

# %%
figure, panels = plt.subplots(1, 2, figsize=(7.2, 3.6), layout="constrained")
for axes, kind, word in zip(panels, (0, 2), ("test", "training"), strict=True):
    pairs = np.stack([errors[3][:, kind], errors[2][:, kind]])
    axes.plot((3, 2), pairs, color="0.6", linewidth=0.8, zorder=1)
    for z, points in zip((3, 2), pairs, strict=True):
        style = STYLES[z] | {"linestyle": "none"}
        axes.plot([z] * len(points), points, **style)
    axes.set(
        xticks=(3, 2),
        xticklabels=("z = 3", "z = 2"),
        xlim=(3.4, 1.6),
        xlabel="pooling window",
        ylabel="error (%)",
        title=f"{word} error",
    )
caption(
    figure,
    "Tiny ImageNet, 20 classes, the 2012 network at a quarter of its width, 48 epochs; "
    f"{claim['seeds']} seeds, each a line.",
    claim["recorded"],
    alt="Left, the test errors of ten seeds: 44 to 47 % with z = 3, 47 to 50 % with "
    "z = 2; every line rises. Right, the training errors: 31 to 34 % with z = 3, 30 to "
    "32 % with z = 2; every line falls.",
)

# %% [markdown]
# Read the interval before the mean: if it contains 0, the sign of the difference may be
# due to the seeds alone. Only that of the top-5 error does. Without overlap the
# training error is 2.3 points *lower* and the top-1 error 2.4 points higher, from every
# seed. The last row is our reading of "more difficult to overfit": how far the test
# error lies above the training error. A smaller distance alone is no gain. Here it is
# one, because with overlap the top-1 error is lower too. So for this network what the
# paper says of the top-1 error and of overfitting holds; in the top-5 error nothing is
# seen.
#
# The measurement has limits. The interval is over seeds, and the 1,000 test pictures
# were the same throughout. Drawing seeds *and* test pictures anew, with replacement,
# many times (a bootstrap) gives a wider one for the top-1 error, 0.9 to 4.0 points. The
# pictures of 56 pixels leave maps of 13, 6 and 3 pixels to pool, where the paper's are
# 55, 27 and 13, so the scheme is tested, not the paper's number.
#
# The same protocol measures the paper's other claims on small networks; the page "Every
# claim, measured again" has the whole table. A claim *holds* if its whole interval lies
# on the claim's side of 0; p is that of the paired t test, made larger because many
# claims are tested (Holm's rule). This is the line for section 3.4:

# %%
for claim in claims.values():
    if claim["section"] == "3.4":
        print(claim["text"])

# %% [markdown]
# Summary
# -------
#
# - Max pooling with $z = 3$ and $s = 2$ keeps the largest number of windows that share
#   a row or a column of pixels; there is nothing to learn.
# - Going backward, each gradient goes to the pixel that won its window, and a pixel
#   that won several windows adds them up (``+=``). Of several equal winners the first
#   receives it.
# - In the paper overlap lowered the top-1 error by 0.4 points; in our measurement, of a
#   quarter of the width on 20 classes, it raised the training error and lowered the
#   top-1 error by 2.4 points, from every seed.
#
# Next: [[lesson_05_two_devices]]. Before: [[lesson_03_response_normalization]].
#
# Exercises
# ---------
#
# Each says how to see that you are right. Solutions:
# [[solution_04_overlapping_pooling]].
#
# **1. Equivalent dimensions.** Write ``pooled_sides(side, z, up)`` for AlexNet's three
# poolings, with $s = 2$: the sides of the maps after each, rounding down or, with
# ``up``, up. Between the poolings convolutions with padding keep the side. You are
# right when 55 pixels become 27, 13 and 6 for $z = 3$ either way, and 28, 14 and 7 for
# $z = 2$ rounded up. How many weights does fc6 have then, with 256 maps and 4,096
# units, and how many with maps of 6 x 6?
#
# **2. Ties shared.** Write a class ``SharedTies(MaxPooling2D)`` whose ``backward``
# divides each $dy$ equally among all the pixels that won its window. You are right when
# ``check_layer`` passes for a random ``x``, and when for the tie above the three sevens
# get $1/3$ each.
#
# **3. How many win.** For independent random pixels, far from the edges, write
# ``winners(z)``: the share of pixels that win at least one window, for $z = 2$ and 3
# and $s = 2$. For $z = 3$ think of three kinds of pixels, which lie in 1, in 2 and in 4
# windows. A pixel wins a set of windows with probability 1 over the number of pixels in
# their union. For "at least one of them" add the probabilities of the single windows,
# subtract those of the pairs, add those of the triples and subtract that of all four.
# You are right when $z = 2$ gives 25 % and $z = 3$ gives 15.8 %, which was measured
# above as 16 %.

# %%
plt.show()  # a script opens its plots here; a notebook and the site have shown them
