# %% [markdown]
r"""
Lesson 5: Two devices
=====================

**The network is too large for one GPU of 3 GB, so each of two GPUs holds half of the
kernels, a tower. In most layers a tower sees only its own maps; at conv3 and in the
dense layers the two GPUs send each other their maps, and going backward they return the
gradients of the maps that were sent.**
"""

# %%
# The imports.
import matplotlib.pyplot as plt
import numpy as np

from minialexnet import (
    Convolution2D,
    Flatten,
    FullyConnected,
    GradientError,
    MaxPooling2D,
    Normal,
    ReLU,
    Sequential,
    SoftmaxCrossEntropy,
    alexnet,
    check_layer,
)
from minialexnet.engine.blas import limit_blas
from minialexnet.files.recorded import recorded
from minialexnet.files.records import read_lines
from minialexnet.parallel.two_devices import TwoDevices
from minialexnet.pictures.source import show_source
from minialexnet.pictures.stages import stages
from minialexnet.pictures.style import COLOURS, TOWERS, caption

ONE_THREAD = limit_blas(1)  # small matrix products are faster on one thread

# %%
# The drawing.
blocks = stages(alexnet("2012", seed=None), (3, 224, 224))[1:]  # without the input
figure, axes = plt.subplots(figsize=(7.2, 3.4), layout="constrained")
for number, block in enumerate(blocks):
    for row, name in ((1, "GPU 1"), (0, "GPU 2")):
        colour = TOWERS[1 - row]
        box = {"facecolor": colour, "alpha": 0.45, "edgecolor": colour}
        axes.add_patch(plt.Rectangle((number - 0.32, row - 0.2), 0.64, 0.4, **box))
        axes.text(number, row, block.name, ha="center", va="center", fontsize=9)
        axes.text(-0.5, row, name, ha="right", va="center", color=colour, weight="bold")
        for other in (0, 1):
            if number and (other == row or block.sees_both):
                style = {"arrowstyle": "->", "color": "0.3" if other == row else "k"}
                style |= {"lw": 1 if other == row else 2}
                ends = (number - 0.34, row), (number - 0.66, other)
                axes.annotate("", *ends, arrowprops=style)
maps = [f"{block.shape[0]}" for block in blocks]
axes.set_xticks(range(len(blocks)), maps)
axes.set(xlim=(-1.2, len(blocks) - 0.5), ylim=(-0.4, 1.4), yticks=[])
axes.set(xlabel="kernels or units of both GPUs together", title="Who sees whose maps")
axes.spines[:].set_visible(False)
caption(
    figure,
    "Read off the network of the 2012 code. Thick arrows: what crosses between the "
    "GPUs, forward; the gradients come back the same way. No data, nothing random.",
    alt="Two rows of boxes, conv1 to fc8, one labelled GPU 1 and the other GPU 2. "
    "Arrows lead along each row; thick arrows cross between the rows before "
    "conv3, fc6, fc7 and fc8 only.",
)

# %% [markdown]
# **After this lesson you can** say which layers exchange what, count the bytes, show
# that the split computes the same as a network with two groups, and say what the
# paper's 1.7 points do and do not mean.
#
# **You need** the convolution as one matrix product and its groups, from
# [[lesson_02_convolution]].
#
# **Time:** about 19 minutes to read, 4 seconds to run on an idle
# processor.
#
# The paper
# ---------
#
# Krizhevsky, Sutskever and Hinton 2012, section 3.2:
#
#   "The parallelization scheme that we employ essentially puts half of the kernels
#   (or neurons) on each GPU, with one additional trick: the GPUs communicate only in
#   certain layers. This means that, for example, the kernels of layer 3 take input
#   from all kernel maps in layer 2. However, kernels in layer 4 take input only from
#   those kernel maps in layer 3 which reside on the same GPU."
#
# A [[map]] is what one [[kernel]] makes of a picture; the half of the network that
# lives on one GPU is called a [[tower]] here. Two threads of the processor stand in for
# the two GPUs; ``minialexnet train --device cuda:0,cuda:1`` runs the same code on two.
#
# The mathematics
# ---------------
#
# A convolution, biases aside, is one product $Y = X V^T$ ([[lesson_02_convolution]]): a
# row of $X$ holds the pixels that one window sees, a row of $V$ one kernel. A [[dense
# layer]] (the paper says fully-connected) is the same with a single [[window]]. Sort
# the columns of $X$ and $V$ by the tower that the maps come from, $X = [X_1, X_2]$, and
# the rows of $V$ by the tower that the kernel lives on. $V$ falls into four blocks,
#
# $$V = \begin{pmatrix} V_{11} & V_{12} \\ V_{21} & V_{22} \end{pmatrix},$$
#
# where $V_{21}$ holds what the kernels of tower 2 do with the maps of tower 1. Device
# $t$ holds $X_t$ and the row of blocks $V_{t1}, V_{t2}$, and has to compute $Y_t$:
#
# $$Y_1 = X_1 V_{11}^T + X_2 V_{12}^T, \qquad Y_2 = X_1 V_{21}^T + X_2 V_{22}^T.$$
#
# So it needs the maps of the other device, and each sends its own: the *exchange*. If
# $V_{12} = V_{21} = 0$, nothing needs to be sent. That is a convolution of two groups:
# the first half of the kernels sees the first half of the maps, and the second half
# sees the second. Blocks that are always $0$ need not be stored, and $V$ has half the
# weights.
#
# Going backward, device $t$ is handed $dY_t$. The gradient with respect to the weights
# is $dV_{ts} = dY_t^T X_s$, and all that it needs has been sent already. The gradient
# with respect to the maps,
#
# $$dX_1 = dY_1 V_{11} + dY_2 V_{21}, \qquad dX_2 = dY_1 V_{12} + dY_2 V_{22},$$
#
# is a sum of two terms, one computed on each device. Each device computes the term for
# the other's maps and sends it back, as many numbers as it was sent. In a layer of two
# groups that term is $0$.
#
# Everything else in the network, except response normalisation (see below), computes
# each map from that map alone and needs nothing from the other device. Both devices are
# given the picture. At the end the second sends its half of the output to the first,
# which returns the gradient of that half.
#
# The split itself
# ----------------
#
# ``TwoDevices`` cuts a network into *segments*, each of which begins with an exchange.
# In a segment each tower is a network of its own, and both compute at once. Here is
# what one tower does in segment ``i``, forward and backward. ``own`` is the array that
# the tower has, ``other`` is the array that was sent to it, and each method returns the
# array that the tower now has and the array that it sends. ``tower`` is 0 or 1.
# ``shown`` is the slice of a tower's output that the other tower sees. ``mine`` is the
# slice of the input's gradient that belongs to the tower's own maps, and ``others`` is
# the slice that belongs to the other tower's maps. Of the functions that are called,
# ``segment_ends`` and ``own_and_seen`` know these slices, ``side_by_side`` puts both
# towers' maps in the network's order, and ``sendable`` returns an array in the form in
# which it can be sent.

# %%
show_source(TwoDevices.forward_segment, TwoDevices.backward_segment)

# %% [markdown]
# The line with ``+= other`` is the sum in $dX$.
#
# By hand
# -------
#
# Take a picture of one pixel, whose value is $1$. conv1 has four kernels of one weight
# each, so its maps are those weights: $1, 2$ on the first device and $3, 4$ on the
# second. conv2 has one kernel on each device, $v_1 = (1, 0, 2, -1)$ and $v_2 = (0, 1,
# 1, 1)$, and each kernel sees all four maps:
#
# - $y_1 = 1 \cdot 1 + 0 \cdot 2 + 2 \cdot 3 - 1 \cdot 4 = 3$, $y_2 = 2 + 3 + 4 = 9$;
# - with $dy_1 = 1$ and $dy_2 = 10$ the first device's maps get $1 \cdot (1, 0)$ from
#   its own kernel and $10 \cdot (0, 1)$ from the other's: $(1, 10)$. Work out the
#   gradients of the second device's maps.
#
# Because the picture is $1$, the gradients of conv1's weights equal those of its maps.

# %%
conv1 = Convolution2D(1, 4, kernel_size=1)
conv1.params["W"] = np.array([1.0, 2, 3, 4]).reshape(4, 1, 1, 1)
conv2 = Convolution2D(4, 2, kernel_size=1)
conv2.params["W"] = np.array([[1.0, 0, 2, -1], [0, 1, 1, 1]]).reshape(2, 4, 1, 1)
network = Sequential([("conv1", conv1), ("conv2", conv2)])
with TwoDevices(network, ("cpu:0", "cpu:1")) as two:
    y = two.forward(np.ones((1, 1, 1, 1)))
    two.backward(np.array([1.0, 10]).reshape(1, 2, 1, 1))
    print("y ", y.ravel())
    for tower in ("tower1", "tower2"):
        print(f"dx of {tower}'s maps", two.gradients()[f"{tower}.conv1.W"].ravel())
    sent = two.exchanges()["conv2"]
    print(f"bytes that crossed at conv2: {sent[0]} forward, {sent[1]} backward")
    assert y.ravel().tolist() == [3, 9]
    assert two.gradients()["tower2.conv1.W"].ravel().tolist() == [12, 9]
    assert sent == (32, 32)  # two numbers from each device, of 8 bytes here

# %% [markdown]
# The same as on one device
# -------------------------
#
# Now take the paper's network at a sixteenth of its width. For three profiles the
# outputs in training, with dropout, and every gradient are compared. (A [[profile]] is
# one of the networks that go by the name of AlexNet: "2012" is the code as it ran then,
# "paper" the paper to the letter, "caffe" the copy in Caffe; [[lesson_06_architecture]]
# compares them.) On one device the network has groups, on two it has towers. They add
# the same numbers in different orders, so rounding may differ.

# %%
rng = np.random.default_rng(0)
x = 20 * rng.standard_normal((3, 3, 63, 63))
labels = np.array([0, 3, 1])
for profile in ("2012", "paper", "caffe"):
    network = alexnet(profile, classes=4, width=1 / 16, input_size=63).astype("float64")
    loss = SoftmaxCrossEntropy()
    with TwoDevices(network, ("cpu:0", "cpu:1")) as two:
        y, y_two = network.forward(x, train=True), two.forward(x, train=True)
        loss.forward(y, labels)
        network.backward(loss.backward())
        two.backward(loss.backward())
        ours, theirs = two.join(two.gradients()), network.gradients()
        worst = max(
            abs(ours[name] - theirs[name]).max() / abs(theirs[name]).max()
            for name in theirs
        )
        outputs = abs(y - y_two).max() / abs(y).max()
        print(
            f"{profile:6} outputs equal: {outputs < 1e-12}   "
            f"{len(theirs)} gradients equal: {worst < 1e-11}"
        )
        print("       exchanges at", *two.exchanges())
        assert outputs < 1e-12
        assert worst < 1e-11

# %% [markdown]
# Groups are the same as zeros: a convolution of one group whose kernels are $0$ where
# they would see the other tower gives the same as one of two groups.

# %%
grouped = Convolution2D(6, 8, kernel_size=3, groups=2).astype("float64")
whole = Convolution2D(6, 8, kernel_size=3).astype("float64")
whole.params["W"] = np.zeros((8, 6, 3, 3))
whole.params["W"][:4, :3] = grouped.params["W"][:4]
whole.params["W"][4:, 3:] = grouped.params["W"][4:]
x = rng.standard_normal((2, 6, 5, 5))
same = np.allclose(grouped.forward(x), whole.forward(x), rtol=1e-12, atol=1e-15)
print("two groups = one group with zeros:", same)
print("weights:", grouped.params["W"].size, "and", whole.params["W"].size)
assert same

# %% [markdown]
# Which maps a kernel sees
# ------------------------
#
# The picture is read off the network's layers. A row stands for the kernels of one
# tower, a column for the maps or units before the layer, and a block is coloured if
# these kernels see these maps. Hatched blocks see maps that must cross between the
# devices.

# %%
network = alexnet("2012", seed=None)  # seed=None: shapes only, no weights in memory
learned = [
    (name, layer)
    for name, layer in network.leaves()
    if isinstance(layer, Convolution2D | FullyConnected) and name != "conv1"
]
figure, panels = plt.subplots(2, 4, figsize=(7.2, 5.4), layout="constrained")
for axes, (name, layer) in zip(panels.flat, learned, strict=False):
    for row in (0, 1):
        for column in (0, 1):
            crosses = row != column
            if crosses and getattr(layer, "groups", 1) == 2:
                continue
            axes.fill(
                [column, column + 1, column + 1, column],
                [row, row, row + 1, row + 1],
                facecolor=COLOURS[row],
                alpha=0.45,
                edgecolor="0.2",
                hatch="///" if crosses else None,
            )
    axes.set(title=name, xlim=(0, 2), ylim=(2, 0), aspect="equal")
    axes.set_xlabel("maps of tower")
    axes.set_xticks([0.5, 1.5], ["1", "2"])
    axes.set_yticks([0.5, 1.5], ["1", "2"])
for axes in panels[:, 0]:
    axes.set_ylabel("kernels of tower")
panels.flat[-1].remove()
caption(
    figure,
    "Which maps the kernels of each layer see (profile 2012); white blocks have no "
    "weights, hatched ones see maps of the other device. Read off the network; no "
    "data, nothing random.",
    alt="A square of 2 x 2 blocks for each layer: rows are the kernels of tower 1 and "
    "2, columns the maps that they see. For conv2, conv4 and conv5 only the two "
    "blocks of the own tower are filled; for conv3, fc6, fc7 and fc8 all four "
    "are.",
)

# %% [markdown]
# The gradient check
# ------------------
#
# The complex step ([[lesson_01_relu]]) checks the parameters of both towers, through
# the split and both exchanges. It also finds a backward that forgets the other device's
# term.

# %%
small = Sequential(
    [
        ("conv1", Convolution2D(2, 4, 3, weight=Normal(1))),
        ("relu1", ReLU()),
        ("conv2", Convolution2D(4, 4, 3, groups=2, padding=1, weight=Normal(1))),
        ("pool2", MaxPooling2D(3, 2)),
        ("conv3", Convolution2D(4, 4, 2, weight=Normal(1))),
        ("flatten", Flatten()),
        ("fc4", FullyConnected(4, 3, weight=Normal(1))),
    ]
)
x = rng.standard_normal((2, 2, 7, 7))
report = check_layer(TwoDevices(small), x)
print(str(report).partition("\n")[0])
print(f"in {len(report.errors)} arrays, all errors below 1e-10:", end=" ")
print(max(report.errors.values()) < 1e-10)


class ForgotTheOther(TwoDevices):
    """Two devices that ignore the gradients of the maps that they sent."""

    def backward_segment(self, tower, i, own, other):
        """Forget the gradients that the other tower returns."""
        if other is not None:
            other = np.zeros_like(other)
        return super().backward_segment(tower, i, own, other)


try:
    check_layer(ForgotTheOther(small), x)
except GradientError as error:
    print("\nForgotTheOther is refused:", str(error).partition(" is wrong")[0])
else:
    raise AssertionError("expected the check to find the missing term")

# %% [markdown]
# Bytes that cross
# ----------------
#
# Count the bytes for the whole network and one picture, forward and backward, in
# float32, which takes 4 bytes a number. The weights are all $0$, which changes no
# count. First comes the 2012 code's network. At conv3 each device sends its 128 maps of
# 13 x 13: $2 \cdot 128 \cdot 13 \cdot 13 \cdot 4 = 173{,}056$ bytes.

# %%
crossed = {}
for profile in ("2012", "paper"):
    with TwoDevices(alexnet(profile, seed=None)) as two:
        y = two.forward(np.zeros((1, 3, 224, 224), np.float32))
        two.backward(np.zeros_like(y))
        crossed[profile] = two.exchanges()
        print(two.report() if profile == "2012" else "")

totals = {name: sum(map(sum, found.values())) for name, found in crossed.items()}
print("2012  bytes a picture:", f"{totals['2012']:,}")
print("paper bytes a picture:", f"{totals['paper']:,}")
assert totals == {"2012": 489_376, "paper": 609_504}

# %% [markdown]
# Why does the paper's own network need more? By its formula for response normalisation
# ([[lesson_03_response_normalization]]) the neighbours of a map are the $n = 5$ maps
# around it, whichever device they live on. So the two maps on each side of the border
# must cross, at lrn1 and lrn2: $2 \cdot 2 \cdot (55^2 + 27^2) \cdot 4 = 60{,}064$ bytes
# each way. The 2012 code takes neighbours on the same GPU only. Then the two maps at
# the border have fewer neighbours, and nothing crosses.
#
# "Choosing the pattern of connectivity is a problem for cross-validation, but this
# allows us to precisely tune the amount of communication until it is an acceptable
# fraction of the amount of computation", says section 3.2. What would other patterns
# cost? conv2, conv4 and conv5 could see both towers too:

# %%
shapes = {row.name: row.output_shape for row in network.table((3, 224, 224)).rows}
before = {"conv2": "pool1", "conv4": "conv3", "conv5": "conv4"}
more = {
    name: 2 * 4 * int(np.prod(shapes[maps])) for name, maps in before.items()
}  # forward and backward
everywhere = totals["2012"] + sum(more.values())
print(f"bytes a picture, as it is:                {totals['2012']:9,}")
for name, count in more.items():
    print(f"  if {name} saw both towers, besides:      {count:9,}")
print(f"bytes a picture, if every layer saw both: {everywhere:9,}")

# Where batches are split instead, each device has the whole network and half of the
# pictures, and both send the gradient by every parameter, whatever the batch.
parameters = network.table((3, 224, 224)).parameters
gradients = 2 * 4 * parameters  # 4 bytes a number, from both devices
print(f"\na batch of 128, two towers:          {128 * totals['2012']:12,} bytes")
print(f"a batch of 128, split by pictures:   {gradients:12,} bytes")
print(f"equally many at a batch of {gradients / totals['2012']:.0f} pictures")

# %%
names = ["lrn1", "conv2", "lrn2", "conv3", "conv4", "conv5", "fc6", "fc7", "fc8"]
names += ["output"]
rows = {
    "2012": {name: sum(v) for name, v in crossed["2012"].items()},
    "paper": {name: sum(v) for name, v in crossed["paper"].items()},
    "if every layer saw both": {n: sum(v) for n, v in crossed["2012"].items()} | more,
}
figure, axes = plt.subplots(figsize=(7.2, 4), layout="constrained")
places = np.arange(len(names))
bars = zip(rows.items(), COLOURS, ("", "//", ".."), strict=False)
for number, ((label, found), colour, hatch) in enumerate(bars):
    axes.bar(
        places + 0.27 * (number - 1),
        [found.get(name, 0) / 1000 for name in names],
        width=0.25,
        color=colour,
        hatch=hatch,
        edgecolor="white",
        label=label,
    )
axes.set_xticks(places, names)
axes.set(
    xlabel="layer",
    ylabel="thousand bytes a picture",
    title="What crosses, forward and backward",
)
axes.legend(frameon=False)
caption(
    figure,
    "Counted by the network itself, float32; no data, nothing random.",
    alt="Bars of the bytes a picture that cross at each layer. In the 2012 code conv3 "
    "has the most, and the dense layers a little; if every layer saw both towers, "
    "conv2, conv4 and conv5 would each add half as much again as conv3 or more.",
)

# %% [markdown]
# The paper leaves out the exchanges that would be the most expensive. In the dense
# layers an exchange is cheap: a few thousand numbers. If each device took half of the
# batch instead, the gradients of 61 million parameters would be sent at every step, and
# each device would hold all parameters. With towers each holds half of them. That was
# the point: "A single GTX 580 GPU has only 3GB of memory, which limits the maximum size
# of the networks that can be trained on it" (section 3.2).
#
# What the paper reports and what was measured
# --------------------------------------------
#
# Section 3.2: "This scheme reduces our top-1 and top-5 error rates by 1.7% and 1.2%,
# respectively, as compared with a net with half as many kernels in each convolutional
# layer trained on one GPU." Reviews often read this as if splitting a network over two
# GPUs improved it. That is not what was compared: the network of two towers has twice
# the kernels. A footnote says that conv5 and the dense layers were not halved, "so to
# make the two nets have approximately the same number of parameters". (The [[top-1
# error]] is the share of pictures whose most probable class is wrong, the [[top-5
# error]] the share whose class is not among the five most probable. ILSVRC is the
# ImageNet contest, its year names the pictures.)

# %%
for towers, name in ((2, "two towers"), (1, "half the kernels")):
    table = alexnet("2012", towers=towers, seed=None).table((3, 224, 224))
    kernels = [row.output_shape[0] for row in table.rows if row.name[:4] == "conv"]
    print(f"{name:16} kernels {kernels}  parameters {table.parameters:,}")

# Of the logs released with the 2012 code: run, data, top-1 and top-5 error in percent.
LOGS = [
    ("145-2010, two towers", "ILSVRC-2010", 37.473, 16.999),
    ("145-half, half the kernels", "ILSVRC-2010", 39.168, 18.229),
    ("145, two towers", "ILSVRC-2012", 40.664, 18.210),
    ("150, columns do not talk", "ILSVRC-2012", 41.83, 19.33),
]
print(f"\n{'logged in 2012, errors by ten crops':39} {'top-1':>6} {'top-5':>7}")
for first, second in (LOGS[:2], LOGS[2:]):
    for run, data, top1, top5 in (first, second):
        print(f"{run:26} {data:12} {top1:6.2f} {top5:7.2f}")
    top1, top5 = (second[i] - first[i] for i in (2, 3))
    print(f"{'  the second less the first':39} {top1:+6.2f} {top5:+7.2f}")

# %% [markdown]
# The first difference is the paper's 1.7 and 1.2. The second, which the paper does not
# report, says what the exchange is worth together with the weights that it brings:
# without communication between the columns conv3 has half its weights, and the top-1
# error is 1.2 points higher. Each is the result of one run.
#
# What does the split itself cost, at the same number of kernels? Neither the paper nor
# these logs answer that. Others measured it later, in Caffe and on ImageNet scaled to
# 128 pixels (the caffenet-benchmark on GitHub, ``Architectures.md``): 47.1 % accuracy
# with two groups, 48.7 % with one, which has more weights; no interval is given. A
# network of one tower in the 2012 logs, of 64, 192, 384, 256 and 256 kernels and about
# as many parameters, has a top-1 error of 40.42 % by ten crops, no worse than run 145.
# Nothing here says that the split is a gain by itself. The paper's reason for it is
# memory.
#
# Here the two nets of section 3.2 are compared at a quarter of the width, on 20 classes
# of Tiny ImageNet; a short sweep on held-out pictures chose the same rate for both,
# 0.003. This is one of the claims that ``figures/claims.py`` measures: what is
# compared, and how it is judged, was committed before the first run. The runs take half
# an hour on two cores, so their results are read from the record. The interval is that
# of the differences within the seeds, computed as in [[lesson_04_overlapping_pooling]].

# %%
claims = {claim["claim"]: claim for claim in read_lines(recorded("claims.jsonl"))}
claim = claims["half"]


def errors_of(name):
    """Return top-1 and top-5 error of every seed, in %, (seeds, 2)."""
    ends = [found[name] for found in claim["by_seed"]]
    return 100 * np.array([(e["test_error"], e["test_top5_error"]) for e in ends])


errors = {"two": errors_of("base"), "half": errors_of("arm")}
differences = errors["half"] - errors["two"]  # (seed, top-1 or top-5)
n = len(differences)
T_95 = {3: 4.303, 4: 3.182, 5: 2.776, 6: 2.571}[n]  # Student's t, n - 1 degrees
half = T_95 * differences.std(axis=0, ddof=1) / np.sqrt(n)
print(f"20 classes, {n} seeds; test error")
for i, (name, paper) in enumerate((("top-1", 1.7), ("top-5", 1.2))):
    mean = differences[:, i].mean()
    print(
        f"{name}  two towers {errors['two'][:, i].mean():.2f} %  "
        f"half {errors['half'][:, i].mean():.2f} %\n"
        f"       half less two {mean:+.2f}, from {mean - half[i]:+.2f} to "
        f"{mean + half[i]:+.2f}  (the paper: +{paper})"
    )

# %%
figure, panels = plt.subplots(1, 2, figsize=(7.2, 3.6), layout="constrained")
for i, (axes, name) in enumerate(zip(panels, ("top-1", "top-5"), strict=True)):
    pairs = np.stack([errors["two"][:, i], errors["half"][:, i]])
    axes.plot((0, 1), pairs, color="0.6", linewidth=0.8, zorder=1)
    for place, (points, mark) in enumerate(zip(pairs, "os", strict=True)):
        axes.plot([place] * n, points, mark, color=COLOURS[place])
    axes.set(
        xticks=(0, 1),
        xticklabels=("two towers", "half"),
        xlim=(-0.4, 1.4),
        xlabel="network",
        ylabel="test error (%)",
        title=name,
    )
caption(
    figure,
    "Tiny ImageNet, its first 20 classes; the 2012 network at a quarter of its width, "
    f"48 epochs; {n} seeds, each a line.",
    claim["recorded"],
    alt="Left, the top-1 errors of six seeds: 44 to 47 % with two towers, 51 to 53 % "
    "with half the kernels; every line rises. Right, the top-5 errors: 16 to 17 % and "
    "19 to 21 %; every line rises.",
)

# %% [markdown]
# Half the kernels cost 6.1 points top-1 and 3.5 top-5, and both intervals lie above 0.
# The paper found a cost too. The two sizes cannot be compared: at a quarter of the
# width the half net has 12 kernels in conv1 instead of 48, and there are 20 classes
# instead of 1000.
#
# Do the towers specialise?
# -------------------------
#
# Section 6.1: "Notice the specialization exhibited by the two GPUs, a result of the
# restricted connectivity described in Section 3.5. The kernels on GPU 1 are largely
# color-agnostic, while the kernels on GPU 2 are largely color-specific. This kind of
# specialization occurs during every run and is independent of any particular random
# weight initialization (modulo a renumbering of the GPUs)." The restricted connectivity
# is that of conv2: what a kernel of conv1 finds reaches the kernels of its own tower
# only, up to conv3.
#
# The network of two towers was trained from ten seeds: the six above, and four more for
# other claims. The record holds, for each of the ten, the *colour share* of every
# kernel of conv1: the part of its sum of squares that is left when each pixel's mean
# over red, green and blue is taken away; $0$ for a grey kernel, $2/3$ on average for
# random numbers, as two of a pixel's three directions are colour. If the towers
# specialise, the mean shares of the two towers differ more than if the same kernels
# were assigned to the towers at random. So the difference is compared with those of
# 10,000 random assignments: $p$ is the fraction of assignments whose difference is at
# least as large.

# %%
split = claims["colour-split"]
shares = {found["seed"]: np.array(found["colour"]) for found in split["by_seed"]}
dealer = np.random.default_rng(0)
print("seed   tower 1   tower 2   difference        p")
found = []
for seed, share in shares.items():
    first, second = np.split(share, 2)
    difference = abs(first.mean() - second.mean())
    deals = dealer.permuted(np.tile(share, (10_000, 1)), axis=1)
    by_chance = abs(deals[:, : len(first)].mean(1) - deals[:, len(first) :].mean(1))
    p = (by_chance >= difference - 1e-12).mean()
    found.append(p)
    print(
        f"{seed:4} {first.mean():9.2f} {second.mean():9.2f} {difference:12.2f} {p:8.2f}"
    )

figure, axes = plt.subplots(figsize=(7.2, 3.8), layout="constrained")
for seed, share in shares.items():
    for tower, (part, mark) in enumerate(zip(np.split(share, 2), "os", strict=True)):
        at = np.full(len(part), seed - 0.12 + 0.24 * tower)
        name = f"tower {tower + 1}" if seed == 0 else None
        axes.plot(at, part, mark, color=COLOURS[tower], alpha=0.7, ms=5, label=name)
axes.axhline(2 / 3, color="0.4", linewidth=0.8, linestyle=":", label="random numbers")
axes.set(
    xlabel="seed",
    ylabel="colour share",
    ylim=(0, 1.2),  # above is room for the names
    xticks=list(shares),
    title="conv1's kernels by tower",
)
axes.legend(frameon=False, ncols=3, loc="upper center")
caption(
    figure,
    "The networks of two towers; each mark is a kernel of conv1.",
    split["recorded"],
    alt="Marks of the colour share of twelve kernels a tower for ten seeds. In every "
    "run both towers are spread over most of the range between 0 and 1.",
)

# %% [markdown]
# Here they do not. In nine of the ten runs the towers differ by no more than chance
# explains ($p$ from 0.13 to 0.81). In the other $p$ is 0.05; among ten runs chance
# alone gives one as small in four cases of ten. That does not disprove "every run".
# These towers have 12 kernels each instead of 48, and have seen 8,000 small pictures 48
# times. The shares are spread over nearly the whole range, so there are grey kernels
# and coloured ones, but in both towers. As a control, the kernels of six networks of
# one tower were cut into halves, though nothing divides them: there $p$ is 0.15 to
# 0.85. The kernels themselves are in [[lesson_13_what_it_learned]].
#
# The same protocol measures the paper's other claims on small networks; the page "Every
# claim, measured again" has the whole table. A claim *holds* if its whole interval lies
# on the claim's side of 0; here p is that of the paired t test, made larger because
# many claims are tested (Holm's rule). This is where those of section 3.2 stand:

# %%
for claim in claims.values():
    if claim["section"] == "3.2":
        print(claim["text"])

# %% [markdown]
# Without the exchange the error is 1.1 points higher (0.1 to 2.2), about as much as in
# the log above. So the claim holds, but only just: without Holm's rule p is 0.04, and
# where this many claims are tested one such p is to be expected by chance. Nor does the
# difference tell the exchange from the weights that it brings.
#
# One tower of all the kernels is a network with more weights, and the sweep chose
# 0.001 for it, a third of the rate of the two towers. Trained so, its error is 0.4
# points lower, inside an interval of -1.8 to 0.9; at the rate of the two towers it is
# 1.3 points higher (-0.4 to 3.0). So it is not seen here that the split costs anything,
# and even the sign depends on the rate.
#
# Summary
# -------
#
# - Each device holds half of the kernels; maps are exchanged at conv3 and in the dense
#   layers, and gradients go back the same way.
# - The split computes what one device computes with two groups; what crosses is 489,376
#   bytes a picture in the 2012 network.
# - The paper's 1.7 points compare the network with one of half the kernels in its first
#   four layers, not the split with no split; its reason for the split is memory.
#
# Next: [[lesson_06_architecture]]. Before: [[lesson_04_overlapping_pooling]].
#
# Exercises
# ---------
#
# Each says how to see that you are right. Solutions: [[solution_05_two_devices]].
#
# **1. Groups for zeros.** Write ``grouped(W)``: for kernels $W$ of shape $(F, C, K, K)$
# of a convolution of one group, the kernels of shape $(F, C / 2, K, K)$ of a
# convolution of two groups that computes the same. There are such kernels only if each
# half of the kernels is $0$ wherever it would see the other tower's maps; if not, raise
# a ``ValueError``. You are right when ``Convolution2D(C, F, K, groups=2)`` with them
# gives what ``Convolution2D(C, F, K)`` gives with $W$, and when a single other number
# among those zeros is refused.
#
# **2. Counting bytes.** Write ``bytes_a_picture(network, shape)``: how many bytes cross
# for one picture of that shape, forward and backward together, in float32. Read it off
# ``network.leaves()`` and each layer's ``output_shape`` and ``groups``; nothing needs
# to be computed. The network is an ``alexnet("2012")`` of any size, in which no
# normalisation needs maps of the other device. Do not forget the output, of which the
# second device sends its half. You are right when it gives 489,376 for
# ``alexnet("2012", seed=None)`` and ``(3, 224, 224)``.
#
# **3. Neighbours across the border.** Write ``changed_by_own_tower(C, n)``: the list of
# maps out of $C$, counted from $0$, whose response normalisation changes if
# neighbours are taken on the same device only, for odd $n$. You are right when
# ``changed_by_own_tower(96, 5)`` is ``[46, 47, 48, 49]``, and when these are the maps
# in which ``LocalResponseNormalization(n=5)`` and the same with ``groups=2`` differ.

# %%
plt.show()  # a script opens its plots here; a notebook and the site have shown them
