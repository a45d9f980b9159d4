# %% [markdown]
r"""
Lesson 6: The architecture
==========================

**AlexNet is five convolutions and three dense layers. The convolutions do nine tenths
of the work with a twenty-sixth of the parameters; the dense layers hold nearly all
parameters and do little work.**
"""

# %%
# The imports.
import time
from math import prod

import matplotlib.pyplot as plt
import numpy as np

from minialexnet import (
    Convolution2D,
    FullyConnected,
    GradientError,
    MaxPooling2D,
    alexnet,
    check_layer,
)
from minialexnet.blocks import Blocks
from minialexnet.cuda_convnet import load, network_files
from minialexnet.engine.blas import limit_blas
from minialexnet.files.recorded import recorded
from minialexnet.files.records import read_lines
from minialexnet.pictures.source import show_source
from minialexnet.pictures.stages import stages
from minialexnet.pictures.style import COLOURS, caption
from minialexnet.profiles import PROFILES
from minialexnet.windows import output_size

ONE_THREAD = limit_blas(1)  # small matrix products are faster on one thread

# %%
# The drawing.
whole = alexnet("2012", seed=None)  # seed=None: shapes only, no weights in memory
blocks = stages(whole, (3, 224, 224))
every_row = {row.name: row for row in whole.table((3, 224, 224)).rows}
figure, panels = plt.subplots(
    3, 1, figsize=(7.2, 3.7), layout="constrained", sharex=True, height_ratios=(3, 2, 2)
)
for number, block in enumerate(blocks):
    maps, side, *_ = *block.shape, 1  # a dense layer has one pixel
    wide, high = 0.12 + maps / 5500, max(side, 8) / 224
    colour = COLOURS[0] if len(block.shape) == 3 else COLOURS[1]
    box = {"facecolor": colour, "alpha": 0.5, "edgecolor": colour}
    corner = (number - wide / 2, 0.5 - high / 2)
    panels[0].add_patch(plt.Rectangle(corner, wide, high, **box))
    text = f"{maps} of\n{side} x {side}" if side > 1 else f"{maps}\nunits"
    panels[0].text(number, -0.3, text, ha="center", fontsize=8)
    if number:
        row = every_row[block.name]
        panels[1].bar(number, row.parameters / 1e6, color=colour)
        panels[2].bar(number, row.multiply_adds / 1e6, color=colour)
panels[0].set(ylim=(-0.34, 1.05), xlim=(-0.6, 8.6), yticks=[], ylabel="maps")
panels[0].spines[:].set_visible(False)
panels[1].set_ylabel("parameters\n(million)", fontsize=8)
panels[2].set_ylabel("multiply-adds\n(million)", fontsize=8)
panels[2].set_xlabel("layer")
panels[2].set_xticks(range(9), [block.name for block in blocks])
caption(
    figure,
    "Read off the network of the 2012 code for one picture of 224 x 224. A block is as "
    "high as its maps have rows, and the wider, the more maps it has; nothing random.",
    alt="Above, a block for each layer: tall and narrow at the input, ever lower up "
    "to conv5, and flat and wide for the three dense layers. In the middle bars "
    "of the parameters, nearly all in fc6 and fc7. Below bars of the "
    "multiply-adds, most in conv2 and nearly all in the convolutions.",
)

# %% [markdown]
# **After this lesson you can** compute the size of every layer's output, its parameters
# and its work, find the places where the paper's numbers do not fit each other, settle
# 224 against 227, and say in which ways the networks that are called AlexNet differ.
#
# **You need** the layers of [[lesson_01_relu]], [[lesson_02_convolution]],
# [[lesson_03_response_normalization]], [[lesson_04_overlapping_pooling]] and
# [[lesson_05_two_devices]].
#
# **Time:** about 17 minutes to read, 7 seconds to run on an idle
# processor.
#
# The paper
# ---------
#
# Krizhevsky, Sutskever and Hinton 2012, section 3.5:
#
#   "The net contains eight layers with weights; the first five are convolutional and
#   the remaining three are fully-connected. The output of the last fully-connected
#   layer is fed to a 1000-way softmax which produces a distribution over the 1000
#   class labels."
#
# and the abstract:
#
#   "The neural network, which has 60 million parameters and 650,000 neurons, consists
#   of five convolutional layers, some of which are followed by max-pooling layers, and
#   three fully-connected layers with a final 1000-way softmax."
#
# The mathematics
# ---------------
#
# A layer takes an array of shape $(C, H, W)$ for each picture: $C$ [[map]]s of $H$ rows
# and $W$ columns. Windows of $K \times K$ pixels, $S$ apart, with $P$ zeros around the
# map, make
#
# $$H' = 1 + \left\lfloor \frac{H + 2 P - K}{S} \right\rfloor
# \quad \text{or} \quad
# H' = 1 + \left\lceil \frac{H + 2 P - K}{S} \right\rceil$$
#
# rows, rounded down or up; the columns follow in the same way. With rounding up the
# last window may hang over the edge, where a convolution reads $0$ and a pooling skips
# what is missing. Then
#
# - a convolution of $F$ [[kernel]]s in $g$ [[group]]s has $F (C / g) K^2$ weights and
#   $F$ biases, and takes $F (C / g) K^2 \cdot H' W'$ multiply-adds a picture: each
#   weight is used at each place of the output;
# - a [[dense layer]] from $D$ inputs to $U$ units has $D U$ weights and $U$ biases, and
#   takes $D U$ multiply-adds: each weight is used once;
# - ReLU, response normalisation, pooling and dropout learn nothing. Their work is left
#   out of the multiply-adds;
# - the *neurons* are the outputs of the layers with weights, $F H' W'$ or $U$.
#
# The network itself
# ------------------
#
# One function, ``alexnet``, builds all the variants, each described by a [[profile]];
# "2012" is the network as the authors' own code ran it. It is made of two kinds of
# block, a convolution or a dense layer with all that follows it, and here are the two
# methods that make them. ``p`` is the profile, and ``p.after`` names the layers that
# follow each convolution. The first weights and biases are explained in
# [[lesson_10_initialization]]; the square roots in them are 1 for the whole network,
# and in a narrower one they keep the activities at the same size. Then comes the table
# that the network makes of itself, in which an activation takes 4 bytes and 1 KiB is
# 1,024 bytes.

# %%
show_source(Blocks.convolutional, Blocks.dense)

# %%
network = alexnet("2012", seed=None)  # seed=None: shapes only, no weights in memory
table = network.table((3, 224, 224))
print(table)

# %% [markdown]
# By hand
# -------
#
# - conv1: $96 \cdot 3 \cdot 11^2 + 96 = 34{,}944$ parameters;
# - conv2 has two groups: $256 \cdot 48 \cdot 5^2 + 256 = 307{,}456$ parameters, and
#   $256 \cdot 48 \cdot 5^2 \cdot 27^2 = 223{,}948{,}800$ multiply-adds;
# - fc6 sees $256 \cdot 6 \cdot 6 = 9{,}216$ numbers: $9{,}216 \cdot 4{,}096 + 4{,}096 =
#   37{,}752{,}832$ parameters, and $37{,}748{,}736$ multiply-adds.
#
# Work out conv3, which sees both towers, in the same way.

# %%
rows = {row.name: row for row in table.rows}
assert rows["conv1"].parameters == 96 * 3 * 11**2 + 96 == 34_944
assert rows["conv2"].parameters == 256 * 48 * 5**2 + 256 == 307_456
assert rows["conv2"].multiply_adds == 256 * 48 * 5**2 * 27**2 == 223_948_800
assert rows["fc6"].parameters == 9216 * 4096 + 4096 == 37_752_832
print(f"conv3: {rows['conv3'].parameters:,} parameters, ", end="")
print(f"{rows['conv3'].multiply_adds:,} multiply-adds")
print(f"in all: {table.parameters:,} parameters")
assert table.parameters == 60_965_224

# %% [markdown]
# 224 or 227
# ----------
#
# Section 3.5: "The first convolutional layer filters the 224 x 224 x 3 input image with
# 96 kernels of size 11 x 11 x 3 with a stride of 4 pixels". Figure 2 shows 55 x 55
# outputs. $(224 - 11) / 4$ is $53.25$, so that rounding down gives 54. Three solutions
# are in use:
#
# - Caffe takes 227 pixels: $1 + (227 - 11) / 4 = 55$;
# - torchvision pads with 2 pixels, $224 + 4 = 228$, and rounds down;
# - the authors' code of 2012 takes 224 and rounds *up*: its ``layer.py`` computes
#   $1 + \lceil (2 P + H - K) / S \rceil$ windows. The last window hangs over the right
#   and the lower edge by 3 pixels, which count as $0$.
#
# So the authors trained with 224. Does rounding up give the same as 227 pixels? Yes, if
# the three additional rows and columns are $0$:

# %%
print("224, rounded down:", output_size(224, 11, 4, 0))
print("224, rounded up:  ", output_size(224, 11, 4, 0, ceil_mode=True))
print("227, rounded down:", output_size(227, 11, 4, 0))
print("224, padding of 2:", output_size(224, 11, 4, 2))

rng = np.random.default_rng(0)
x = rng.standard_normal((1, 3, 224, 224)).astype(np.float32)
wider = np.pad(x, [(0, 0), (0, 0), (0, 3), (0, 3)])  # zeros on the right and below
up = Convolution2D(3, 8, kernel_size=11, stride=4, ceil_mode=True)
down = Convolution2D(3, 8, kernel_size=11, stride=4)
down.params = up.params
print(
    "224 rounded up = 227 with zeros:",
    np.array_equal(up.forward(x), down.forward(wider)),
)
assert np.array_equal(up.forward(x), down.forward(wider))

# %%
readings = {  # name: (pixels, padding, windows)
    "54: 224, down": (224, 0, 54),
    "2012: 224, up": (224, 0, 55),
    "Caffe: 227": (227, 0, 55),
    "torchvision:\n224, padding 2": (224, 2, 55),
}
figure, axes = plt.subplots(figsize=(7.2, 3.8), layout="constrained")
for line, (pixels, padding, windows) in enumerate(readings.values()):
    axes.barh(line, pixels, 0.8, color="0.85", label=None if line else "picture")
    for number in range(3):
        begin = 4 * (windows - 1 - number) - padding
        axes.barh(
            line + 0.24 * (number - 1),
            11,
            0.17,
            left=begin,
            color=COLOURS[number],
            hatch=("", "//", "..")[number],
            edgecolor="white",
            label=None
            if line
            else ("last window", "last but one", "last but two")[number],
        )
axes.set_yticks(range(len(readings)), readings)
axes.invert_yaxis()
axes.set(
    xlim=(196, 232),
    xlabel="column (pixels), right edge of the picture",
    ylabel="reading",
    title="Where conv1's last windows lie",
)
axes.legend(
    frameon=False, loc="upper left", ncols=4, bbox_to_anchor=(0, -0.2), fontsize=8
)
caption(
    figure,
    "Worked out from the sizes; no data, nothing random.",
    alt="Bars for the last three windows along the right edge of the picture, for "
    "four readings. With 224 pixels rounded down the last window ends one pixel "
    "before the edge; rounded up it hangs over by three; with 227 it ends at the "
    "edge; with torchvision's padding of 2 it hangs over by one.",
)

# %% [markdown]
# After pool1 the difference in size is gone: pooling in the 2012 code rounds up too,
# and makes 27 rows of 54 as well as of 55. The paper mentions no padding either. The
# sizes in its Figure 2, 27 and 13, need 2 pixels in conv2 and 1 in conv3, conv4 and
# conv5, which is what the 2012 code has.

# %%
for side in (54, 55):
    print(f"pool1 of {side}, rounded up:", output_size(side, 3, 2, 0, ceil_mode=True))

# %% [markdown]
# Neurons
# -------
#
# The caption of the paper's Figure 2: "The network's input is 150,528-dimensional, and
# the number of neurons in the network's remaining layers is given by
# 253,440-186,624-64,896-64,896-43,264-4096-4096-1000." Counted here:

# %%
PAPER = (253_440, 186_624, 64_896, 64_896, 43_264, 4096, 4096, 1000)
learned = [
    name
    for name, layer in network.leaves()
    if isinstance(layer, Convolution2D | FullyConnected)
]
neurons = {name: prod(rows[name].output_shape) for name in learned}
print("           paper      here")
for (name, count), said in zip(neurons.items(), PAPER, strict=True):
    print(f"{name:6} {said:9,} {count:9,}" + ("   differs" if said != count else ""))
print(f"{'all':6} {sum(PAPER):9,} {sum(neurons.values()):9,}")
assert neurons["conv1"] == 96 * 55 * 55 == 290_400
assert PAPER[0] == 96 * 55 * 48
assert sum(neurons.values()) == 659_272

# %% [markdown]
# Seven of eight agree. The first is $55 \cdot 48 \cdot 96$, as if a map had 55 rows and
# 48 columns, while the figure itself says 55 x 55. With $55 \cdot 55 \cdot 96 =
# 290{,}400$ the sum is 659,272, near the abstract's 650,000; with the caption's number
# it would be 622,312. So the caption has the misprint.
#
# Where it all goes
# -----------------
#
# Each layer with weights is counted together with the layers between it and the next
# one. The time is that of forward and backward for a batch of 8 pictures, measured
# while this page was built; so it is drawn and not printed. On a GPU, or with another
# batch, it is distributed differently.

# %%
block = {}  # each layer's name: the layer with weights that it follows
for name in network.layers:
    if name in learned:
        current = name
    block[name] = current

network = alexnet("2012")  # with weights: 0.24 GB
x = rng.integers(-128, 128, (8, 3, 224, 224)).astype(np.float32)
seconds = dict.fromkeys(learned, 0.0)
network.layers["conv1"].needs_dx = False  # nobody trains the picture
for pictures in (x[:1], x):  # the first is to warm up
    seconds.update(dict.fromkeys(seconds, 0.0))
    y = pictures
    for name, layer in network.layers.items():
        start = time.perf_counter()
        y = layer.forward(y, train=True)
        seconds[block[name]] += time.perf_counter() - start
    dy = np.ones_like(y)
    for name, layer in reversed(network.layers.items()):
        start = time.perf_counter()
        dy = layer.backward(dy)
        seconds[block[name]] += time.perf_counter() - start
del network, dy

parameters = {name: rows[name].parameters for name in learned}
multiply_adds = {name: rows[name].multiply_adds for name in learned}
shares = {
    "parameters": parameters,
    "multiply-adds": multiply_adds,
    "time": seconds,
}
print("         parameters         %   multiply-adds         %")
for name in learned:
    of_parameters = 100 * parameters[name] / table.parameters
    of_work = 100 * multiply_adds[name] / table.multiply_adds
    print(
        f"{name:6} {parameters[name]:12,} {of_parameters:9.2f} "
        f"{multiply_adds[name]:15,} {of_work:9.2f}"
    )
convolutions = [name for name in learned if name.startswith("conv")]
weights = sum(parameters[name] for name in convolutions) / table.parameters
work = sum(multiply_adds[name] for name in convolutions) / table.multiply_adds
print(f"the five convolutions: {weights:.1%} of the parameters, ", end="")
print(f"{work:.1%} of the multiply-adds")

figure, axes = plt.subplots(figsize=(7.2, 4), layout="constrained")
places = np.arange(len(learned))
bars = zip(shares.items(), COLOURS, ("", "//", ".."), strict=False)
for number, ((label, found), colour, hatch) in enumerate(bars):
    total = sum(found.values())
    axes.bar(
        places + 0.27 * (number - 1),
        [100 * found[name] / total for name in learned],
        width=0.25,
        color=colour,
        hatch=hatch,
        edgecolor="white",
        label=label,
    )
axes.set_xticks(places, learned)
axes.set(xlabel="layer, and those that follow it", ylabel="share (%)")
axes.set_title("Parameters, work and time")
axes.legend(frameon=False)
caption(
    figure,
    "Counted from the shapes; time of one step of 8 pictures of random pixels, "
    "float32; seed 0 for pixels and weights.",
    alt="Bars of each layer's share of parameters, multiply-adds and time. Parameters "
    "are in fc6 and fc7, multiply-adds in the convolutions; the time is spread "
    "over both.",
)

# %% [markdown]
# The convolutions have one parameter in twenty-six and do more than nine tenths of the
# work; the dense layers have nearly all the parameters and do little work. The time
# follows neither. One reason is the small batch: in forward, a weight of fc6 is read
# from memory for only 8 multiply-adds, a weight of conv2 for $8 \cdot 27^2 = 5{,}832$.
#
# Section 1 says of the convolutional layers that each "contains no more than 1% of the
# model's parameters". By the table that is true of conv1, conv2 and conv5, but conv3
# has 1.45 % and conv4 1.09 %.
#
# A training step holds in memory the weights, a gradient and a velocity
# ([[lesson_09_optimization]]) for each weight, and the outputs of the layers for every
# picture of the batch, since backward needs most of them. 1 MiB is 1,024 KiB.

# %%
MiB, N = 2**20, 128
activations = dict.fromkeys(learned, 0)
for row in table.rows:
    activations[block[row.name]] += N * row.activation_bytes / MiB
kept = {name: 3 * 4 * parameters[name] / MiB for name in learned}
print(f"weights, gradients and velocities:   {sum(kept.values()):8.1f} MiB")
print(f"outputs of all layers, 128 pictures: {sum(activations.values()):8.1f} MiB")

figure, axes = plt.subplots(figsize=(7.2, 4), layout="constrained")
bars = (
    ("weights, gradients, velocities", kept, COLOURS[0], ""),
    ("outputs of 128 pictures", activations, COLOURS[1], "//"),
)
for number, (label, found, colour, hatch) in enumerate(bars):
    axes.bar(
        places + 0.4 * (number - 0.5),
        [found[name] for name in learned],
        width=0.38,
        color=colour,
        hatch=hatch,
        edgecolor="white",
        label=label,
    )
axes.set_xticks(places, learned)
axes.set(
    xlabel="layer, and those that follow it",
    ylabel="memory (MiB)",
    title="Memory of a training step",
)
axes.margins(y=0.2)  # room for the legend
axes.legend(frameon=False, loc="upper center", ncols=2)
caption(
    figure,
    "Counted from the shapes, profile 2012, float32; nothing random.",
    alt="Bars of the memory of each layer. The outputs take most at conv1 and conv2, "
    "the weights with gradients and velocities at fc6 and fc7.",
)

# %% [markdown]
# The outputs take most memory at the beginning, where maps are large, and the weights
# at the end. Backward also computes a gradient for each output. If all of these were
# held at once, it would be $698 + 2 \cdot 911 = 2{,}520$ MiB, and a card of 3 GB has
# 3,072. So by this count the network would just fit into one card. The paper says that
# it did not, and puts half of it on each of two ([[lesson_05_two_devices]]). The count
# leaves out whatever else the 2012 code held in memory, which we do not know.
#
# The gradient check
# ------------------
#
# The check takes a whole network with everything that the real one has: 2012's order of
# layers, both normalisations, two groups, sizes rounded up, and dropout with the same
# mask in every forward. It has 3 classes, a thirty-second of the width and pictures of
# 31 pixels. In an array of more than 200 elements the slope is checked for a sample of
# the elements, and for all of them moved at once along a few random directions. The
# second network has a pooling whose backward forgets the windows at the right edge.

# %%
small = alexnet("2012", classes=3, width=1 / 32, input_size=31)
x = 50 * rng.standard_normal((2, 3, 31, 31))
report = check_layer(small, x, train=True)
print(str(report).partition("\n")[0])
print(f"in {len(report.errors)} arrays, all errors below 1e-10:", end=" ")
print(max(report.errors.values()) < 1e-10)


class ForgotTheEdge(MaxPooling2D):
    """A pooling whose backward forgets the windows at the right edge."""

    def backward(self, dy):
        """Return a wrong gradient."""
        dy = dy.copy()
        dy[..., -1] = 0
        return super().backward(dy)


small.layers["pool1"] = ForgotTheEdge(3, 2, ceil_mode=True)
try:
    check_layer(small, x, train=True)
except GradientError as error:
    print("\nForgotTheEdge is refused:", str(error).partition(";")[0].partition(":")[0])
else:
    raise AssertionError("expected the check to find the windows left out")

# %% [markdown]
# The network in the 2012 code's own file
# ---------------------------------------
#
# The authors' program did not contain the network. It read the network from two files
# of plain text: one has a section for each layer, the other the learning rates. The
# package has two files of that form, written by us after their config 145. Here is the
# third convolution on the first of the two GPUs, from either file.

# %%
layers_file, params_file = network_files("alexnet")
for path in (layers_file, params_file):
    section = path.read_text().partition("[conv3a]")[2].partition("\n\n")[0]
    print(f"{path.name}:\n[conv3a]{section}\n")

# %% [markdown]
# "conv3a" names two inputs: "pool2a" lies on its own GPU, "pool2b" on the other. Every
# value that may differ between the inputs is given twice. Nothing else in the file says
# that there are two towers; it follows from the inputs that each layer names. "conv4a"
# names "conv3a" alone, and takes its output after the ReLU: ``neuron=relu`` becomes a
# layer of its own, "conv3a_neuron".
#
# The layer is a sum: $y = b + W_1 * x_a + W_2 * x_b$, where $*$ is a convolution and
# each input has a block of kernels. A block has
# $192 \cdot 128 \cdot 3^2 = 221{,}184$ weights; the 192 biases are there once. "conv3a"
# and "conv3b" together have as many parameters as the conv3 of our table.

# %%
two_files = load(layers_file, params_file, seed=None)  # again the shapes only
print("conv3a sees", " and ".join(two_files.inputs["conv3a"]))
for name, value in two_files.layers["conv3a"].params.items():
    own = two_files.learning[f"conv3a.{name}"]
    print(f"  {name}: {value.shape}, rate {own.rate}, decay {own.decay}")
print("conv4a sees", " and ".join(two_files.inputs["conv4a"]))

from_files = two_files.table((3, 224, 224))
found = {row.name: row.parameters for row in from_files.rows}
assert found["conv3a"] == 2 * 192 * 128 * 3**2 + 192
assert found["conv3a"] + found["conv3b"] == rows["conv3"].parameters
assert from_files.parameters == table.parameters

# %% [markdown]
# In the whole table every layer but the last is there twice, once for each GPU. The
# sums are those of our first table: as many parameters, as many multiply-adds.
# ``minialexnet describe --layers FILE --params FILE`` prints it for any such files,
# with all learning rates, and draws the two rows as the paper's Figure 2.

# %%
print(from_files)

# %% [markdown]
# The networks that are called AlexNet
# ------------------------------------
#
# "paper" is the paper to the letter, "caffe" and "caffenet" are the two copies that
# Caffe ships, "torchvision" is PyTorch's. The table shows what differs:

# %%
print(f"{'':12} {'pixels':>6} {'parameters':>11} {'multiply-adds':>14} {'neurons':>8}")
for name, profile in PROFILES.items():
    side = profile.input_size
    found = alexnet(name, seed=None).table((3, side, side))
    count = sum(prod(row.output_shape) for row in found.rows if row.name in learned)
    counts = f"{found.parameters:11,} {found.multiply_adds:14,} {count:8,}"
    print(f"{name:12} {side:6} {counts}")

print(f"\n{'':12} {'kernels':21} {'after conv1':17} after conv2")
for name, profile in PROFILES.items():
    print(
        f"{name:12} {' '.join(map(str, profile.kernels)):21} "
        f"{', '.join(profile.after[0]):17} {', '.join(profile.after[1])}"
    )

print(
    f"\n{'':12} {'LRN: k':>6} {'alpha':>7} {'of maps':>8} {'first biases':>13} towers"
)
for name, profile in PROFILES.items():
    if profile.lrn_k is None:
        lrn = f"{'-':>6} {'-':>7} {'-':>8}"
    else:
        alpha = profile.lrn_alpha / (5 if profile.lrn_divided else 1)
        of = "tower" if profile.lrn_own_tower else "layer"
        lrn = f"{profile.lrn_k:6g} {alpha:7.0e} {of:>8}"
    towers = "2" if profile.two_towers else "1"
    print(f"{name:12} {lrn} {profile.ones:13g} {towers:>6}")

# %% [markdown]
# "alpha" is the number that each square is finally multiplied by: 2012 and Caffe divide
# the configured $10^{-4}$ by $n = 5$ ([[lesson_03_response_normalization]]). "space" is
# a second normalisation, of 5 x 5 pixels of the same map, of which the paper says
# nothing. "First biases" are those of conv2, conv4, conv5, fc6 and fc7; the paper has
# $1$ (section 5). torchvision draws its biases at random, here they begin at $0$. All
# but torchvision's have the same kernels and the same 60,965,224 parameters.
# torchvision's is the network of a later paper of Krizhevsky's ("One weird trick for
# parallelizing convolutional neural networks", 2014), as its documentation says: it has
# one tower, fewer kernels in conv1, conv2 and conv4, and no normalisation.
# ``minialexnet convert`` is made for the trained weights that Caffe and torchvision
# publish; the guide "Weights of others" says where they are, and that their files have
# not been tried here.
#
# What the paper reports and what was measured
# --------------------------------------------

# %%
half = alexnet("2012", towers=1, seed=None).table((3, 224, 224))
largest = 100 * max(parameters[name] for name in convolutions) / table.parameters
lines = [
    ("parameters (abstract)", "60 million", f"{table.parameters:,}"),
    ("neurons (abstract)", "650,000", f"{sum(neurons.values()):,}"),
    ("neurons of conv1 (Figure 2)", "253,440", f"{neurons['conv1']:,}"),
    ("input (Figure 2)", "150,528", f"{3 * 224 * 224:,}"),
    ("largest convolution's part (section 1)", "at most 1 %", f"{largest:.2f} %"),
    ("half-kernel net against it (3.2)", "about same", f"{half.parameters:,}"),
]
print(f"{'':39} {'paper':>12} {'counted':>12}")
for what, paper, counted in lines:
    print(f"{what:39} {paper:>12} {counted:>12}")

figure, axes = plt.subplots(figsize=(7.2, 3.8), layout="constrained")
axes.bar(
    places - 0.2,
    np.array(PAPER) / 1000,
    width=0.38,
    color=COLOURS[1],
    hatch="//",
    edgecolor="white",
    label="the paper's Figure 2",
)
axes.bar(
    places + 0.2,
    np.array(list(neurons.values())) / 1000,
    width=0.38,
    color=COLOURS[0],
    label="counted",
)
axes.set_xticks(places, learned)
axes.set(xlabel="layer", ylabel="thousand neurons", title="Neurons")
axes.legend(frameon=False)
caption(
    figure,
    "The caption of the paper's Figure 2; counted from the network's shapes.",
    alt="Bars of the neurons of each layer by the paper's Figure 2 and as counted. "
    "They agree but for conv1, where the paper's is lower.",
)

# %% [markdown]
# Section 7 says that depth matters: "removing any of the middle layers results in a
# loss of about 2% for the top-1 performance of the network." Section 1 says of the
# convolutions that removing any of them "resulted in inferior performance".
#
# One protocol, committed before its first run, measures the paper's claims again on
# small networks; the page "Every claim, measured again" has the whole table. A claim
# *holds* if its whole 95 % interval lies on the claim's side of 0, or of 1 if it is a
# ratio; p is that of the paired t test, made larger because many claims are tested
# (Holm's rule), and the verdict goes by the interval alone. This is where the claims
# about depth (sections 1 and 7) stand:

# %%
claims = {claim["claim"]: claim for claim in read_lines(recorded("claims.jsonl"))}
removed = [claim for claim in claims.values() if claim["section"] in ("1", "7")]
for claim in removed:
    print(claim["text"])
print("\nmean training error (%)")
for claim in removed:
    with_it, without = (
        100 * np.mean([seed[who]["train_error"] for seed in claim["by_seed"]])
        for who in ("base", "arm")
    )
    print(f"{claim['words']:14} {without:.1f}, with it {with_it:.1f}")
fc7 = claims["no-fc7"]
at_one_rate = fc7["at_base_rate"]
print(
    f"\nwithout fc7 at the rate {fc7['base_rate']:g} for both, not at its own, "
    f"{fc7['rate']:g}: {at_one_rate['here']:+.2f} points "
    f"({at_one_rate['low']:.2f} to {at_one_rate['high']:.2f})"
)

# %% [markdown]
# Without conv3, conv4 or conv5 the error is higher, on average by 1.3 to 1.7 points,
# which is not far from the paper's 2, and the training error is higher too. But each
# interval contains 0: from seed to seed the difference varies by as much as its mean,
# and six seeds are too few to see it.
#
# fc7 shows why each network is trained at a rate of its own. At the rate of the whole
# network, the one without fc7 is 2.9 points worse, and that interval lies wholly above
# 0. At the rate that a short sweep chose for it, it is 0.6 points worse, and its
# training error is even lower. So what one rate for both would have measured is, for
# the most part, that the rate suits one network better than the other.
#
# Summary
# -------
#
# - A layer's output has $1 + (H + 2P - K)/S$ rows, rounded down or, in the 2012 code,
#   up; so 224 pixels are right, and 227 is what rounding down needs.
# - The network has 60,965,224 parameters, 96 % of them in the dense layers, and does
#   more than nine tenths of its work in the convolutions.
# - The networks called AlexNet differ in widths, groups, order and constants of the
#   normalisation; a result belongs to one of them.
#
# Next: [[lesson_07_augmentation]]. Before: [[lesson_05_two_devices]].
#
# Exercises
# ---------
#
# Each says how to see that you are right. Solutions: [[solution_06_architecture]].
#
# **1. Counting.** Write ``parameters(kernels, groups, classes)``: the parameters of a
# network like the paper's with these five numbers of kernels and of groups, and 4096
# units in fc6 and fc7. You are right when it gives 60,965,224 for
# ``[96, 256, 384, 384, 256]``, ``[1, 2, 1, 2, 2]`` and 1000, and 59,798,312 for half
# the kernels in the first four layers, the whole 256 in the fifth, and no groups.
#
# **2. Which pictures fit?** fc6 wants maps of 6 x 6. Write ``sides(ceil)``: the sides
# of a square picture, as a list, for which conv5's pooled maps are 6 x 6, where every
# convolution and pooling is rounded up (``ceil=True``) or down (``False``). The
# paddings of the convolutions are 0, 2, 1, 1 and 1. You are right when both lists have
# 32 sides, 224 is in ``sides(True)``, and 227 is the last of ``sides(True)`` and the
# first of ``sides(False)``.
#
# **3. Without dense layers.** Later networks take the mean of each of the last maps,
# one number a map, and go to the classes by a single dense layer. Write
# ``with_mean_head(classes)`` for such a network, with conv1 to conv5 as in the paper
# and fc8, but no fc6 or fc7. It returns a list of (name, parameters), and their sum.
# You are right when the sum is 2,591,080 for 1000 classes: a twenty-fourth of the
# paper's.

# %%
plt.show()  # a script opens its plots here; a notebook and the site have shown them
