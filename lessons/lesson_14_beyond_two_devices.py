# %% [markdown]
r"""
Lesson 14: Beyond two devices
=============================

**Several devices can each take some of a batch's pictures, but then all of them must
add up the gradients of 61 million parameters at every step. In 2014 Krizhevsky split
the convolutions by pictures and the fully-connected layers by units, so that these
layers' gradients stay where they are.**
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
    Normal,
    ReLU,
    Sequential,
    SoftmaxCrossEntropy,
    WarmUpRate,
    alexnet,
    check_layer,
)
from minialexnet.bench.scaling import beside_ddp
from minialexnet.engine.blas import limit_blas
from minialexnet.files.recorded import recorded
from minialexnet.files.records import read_lines
from minialexnet.parallel.bytes_sent import bytes_sent
from minialexnet.parallel.cost import Machine, step_cost
from minialexnet.parallel.in_turns import InTurns
from minialexnet.parallel.turns import Rank
from minialexnet.parallel.worker import Worker, shares
from minialexnet.pictures.source import show_source
from minialexnet.pictures.style import COLOURS, caption

ONE_THREAD = limit_blas(1)  # small matrix products are faster on one thread

# %%
# The drawing.
network = alexnet("paper", seed=None)  # seed=None: shapes only, no weights in memory
learned = [(name, layer) for name, layer in network.leaves() if layer.params]
RANKS, PICTURES, WIDE = 4, 128, 1.2
figure, panels = plt.subplots(2, 1, figsize=(7.2, 3.4), layout="constrained")
names = {"data": "split by pictures", "2014": "the scheme of 2014"}
for axes, (scheme, title) in zip(panels, names.items(), strict=True):
    workers = InTurns(network, RANKS, scheme).workers
    for number, (name, layer) in enumerate(learned):
        for worker, own in zip(workers, shares(PICTURES, RANKS), strict=True):
            count = len(layer.params["b"])
            units = slice(0, count)
            if name in worker.units:
                units, own = worker.share(count), slice(0, PICTURES)
            corner = WIDE * number + units.start / count, own.start / PICTURES
            size = (units.stop - units.start) / count, (own.stop - own.start) / PICTURES
            colour = COLOURS[worker.rank.rank]
            box = {"facecolor": colour, "alpha": 0.55, "edgecolor": "white"}
            axes.add_patch(plt.Rectangle(corner, *size, **box))
    axes.set(xlim=(-0.1, WIDE * 8), ylim=(1, 0), aspect="equal", title=title)
    axes.set_xticks([WIDE * i + 0.5 for i in range(8)], [name for name, _ in learned])
    axes.set_yticks([0, 1], ["first", "last"])
    axes.set_ylabel("picture")
    axes.spines[:].set_visible(False)
panels[1].set_xlabel("layer; in each, kernels or units from left to right")
caption(
    figure,
    "What each of four devices computes, a colour for each. Read off the two schemes "
    "below for the paper's network; no data, nothing random.",
    alt="Two rows of eight boxes, conv1 to fc8, each box divided among four devices "
    "in four colours. Above, split by pictures, every box is cut into four bands "
    "across. Below, the scheme of 2014, the convolutions are cut like that and "
    "fc6, fc7 and fc8 into four bands upright: each device has a quarter of the "
    "units for all pictures.",
)

# %% [markdown]
# **After this lesson you can** say what data parallelism sends and why the
# fully-connected layers make that expensive, split them by units instead, count the
# bytes of both schemes, and choose a [[learning rate]] for a batch that has grown with
# the number of devices.
#
# **You need** the two towers and their exchange, from [[lesson_05_two_devices]], and
# the learning rate, from [[lesson_09_optimization]].
#
# **Time:** about 14 minutes to read, 2 seconds to run on an idle
# processor.
#
# The paper
# ---------
#
# The scheme of 2012 ([[lesson_05_two_devices]]) is made for two devices: each has a
# tower, and a third would need a third tower, which is another network. The abstract of
# Krizhevsky 2014, "One weird trick for parallelizing convolutional neural networks",
# https://arxiv.org/abs/1404.5997, says:
#
#   "I present a new way to parallelize the training of convolutional neural networks
#   across multiple GPUs. The method scales significantly better than all alternatives
#   when applied to modern convolutional neural networks."
#
# Its observation is that AlexNet consists of two kinds of layers. The convolutions do
# nearly all of the computing and have few parameters. The fully-connected layers do
# little computing and have nearly all the parameters:

# %%
rows = [row for row in network.table((3, 224, 224)).rows if row.parameters]
parameters = np.array([row.parameters for row in rows])
products = np.array([row.multiply_adds for row in rows], float)
dense = np.array([row.name.startswith("fc") for row in rows])
for name, part in (("convolutions", ~dense), ("fully connected", dense)):
    print(
        f"{name:16} {parameters[part].sum():11,} parameters "
        f"({parameters[part].sum() / parameters.sum():6.1%})   "
        f"{products[part].sum() / products.sum():6.1%} of the multiply-adds"
    )

# %%
figure, axes = plt.subplots(figsize=(7.2, 3), layout="constrained")
places = np.arange(len(rows))
for offset, values, label, hatch in (
    (-0.2, parameters, "parameters", ""),
    (0.2, products, "multiply-adds", "//"),
):
    look = {"color": COLOURS[offset > 0], "hatch": hatch, "edgecolor": "white"}
    axes.bar(places + offset, 100 * values / values.sum(), 0.38, label=label, **look)
axes.set_xticks(places, [row.name for row in rows])
axes.set(
    xlabel="layer", ylabel="share (%)", title="Where AlexNet's work and weights are"
)
axes.legend(frameon=False)
caption(
    figure,
    "Read off the paper's network; no data, nothing random.",
    alt="Bars of each layer's share of parameters and multiply-adds. The convolutions "
    "have nearly all of the multiply-adds, fc6 and fc7 nearly all of the "
    "parameters.",
)

# %% [markdown]
# The mathematics
# ---------------
#
# A [[rank]] is one of $n$ processes that work on the same step and have no memory in
# common; each may have a device of its own. With *data parallelism* every rank has all
# the parameters and takes its share of the $N$ pictures through all the layers. The
# loss is a mean over the whole batch, so the gradient of a weight matrix is a sum over
# the ranks,
#
# $$dW = \sum_{r=1}^{n} dW_r,$$
#
# which all of them must know. To add up $P$ numbers, let each rank add up one piece of
# $P / n$ and send the sum to the others: each rank sends $n - 1$ pieces of its own
# numbers to those that add them up, and then sends its sum $n - 1$ times. All ranks
# together send $2 (n - 1) P$ numbers, however many pictures there are.
#
# Now split a fully-connected layer $Y = X W^T$ by its units: rank $r$ has the rows
# $W_r$ of $W$ and computes $Y_r = X W_r^T$, for all the pictures. For that it needs the
# whole of $X$: before fc6, every rank's pictures; before fc7 and fc8, every rank's
# units. Going backward, the rank is given $dY_r$, and
#
# $$dW_r = dY_r^T X, \qquad dX = \sum_{r=1}^{n} dY_r W_r.$$
#
# No other rank needs the gradient $dW_r$. What is to be added up is $dX$, and each rank
# needs the sum for its own pictures or units only. If a layer has $D$ inputs, each of
# the $N D$ numbers goes from the rank that has it to the $n - 1$ others, and as many
# come back. With $K$ [[logit]]s, which all ranks need for the loss, both schemes send
#
# $$2 (n - 1) P \quad\text{and}\quad (n - 1) \left(2 P_{\text{conv}}
# + N \left(2 \textstyle\sum D + K\right)\right)$$
#
# numbers. The first does not grow with the batch, the second does.
#
# The scheme itself
# -----------------
#
# Here the ranks take turns in one thread. Each is a *generator*: it computes until it
# has something to send, and waits at ``yield from`` until all the others have come to
# the same place. ``pictures`` are the layers that see the rank's own pictures,
# ``units`` its shares of the fully-connected layers. ``gather`` sends the same to all;
# ``exchange`` sends to each rank its own piece.

# %%
show_source(Worker.forward, Worker.backward, Rank.sum)

# %% [markdown]
# With no ``units`` the same code is data parallelism. The paper has three schemes for
# what is sent before fc6; this is its first, in which all pictures' maps are put
# together before anything is computed. The others send them in turns, so that the next
# ones travel while fc6 computes.
#
# By hand
# -------
#
# Take two pictures of one pixel each, $1$ and $3$. The convolution has one kernel with
# a single weight, $2$, so the maps are $2$ and $6$. The layer after it has two units
# with one weight each, $1$ and $10$. Rank 0 has the first picture and the first unit,
# rank 1 the second of each.
#
# - Going forward, rank 0 sends its map $2$ and is sent $6$; its unit gives $(2, 6)$,
#   and the unit of rank 1 gives $(20, 60)$.
# - Let $dy$ be $1$ and $1$ for the first unit, $0.1$ and $0.2$ for the second. Rank 0
#   finds $dx = (1, 1) \cdot 1$, rank 1 finds $(0.1, 0.2) \cdot 10 = (1, 2)$. Rank 0
#   sends the second of its numbers and is sent the first of rank 1's: the gradient of
#   its map is $1 + 1 = 2$, that of rank 1's map is $1 + 2 = 3$.
# - The kernel's gradient is $2 \cdot 1 = 2$ on rank 0 and $3 \cdot 3 = 9$ on rank 1, so
#   $11$ on both after the sum. The units' gradients stay on their ranks: $1 \cdot 2 + 1
#   \cdot 6 = 8$ and $0.1 \cdot 2 + 0.2 \cdot 6 = 1.4$.

# %%
conv, units = Convolution2D(1, 1, kernel_size=1), FullyConnected(1, 2)
conv.params["W"] = np.array([2.0]).reshape(1, 1, 1, 1)
units.params["W"] = np.array([[1.0], [10.0]])
two = InTurns(Sequential([conv, Flatten(), units]), 2)
y = two.forward(np.array([1.0, 3.0]).reshape(2, 1, 1, 1))
two.backward(np.array([[1, 0.1], [1, 0.2]]))
gradients = two.gradients()
print("y     ", y.tolist())
print("conv  ", gradients["conv1.W"].ravel())
print("units ", gradients["fc1.W"].ravel())
assert y.tolist() == [[2, 20], [6, 60]]
assert gradients["conv1.W"].item() == 11
assert np.allclose(gradients["fc1.W"].ravel(), [8, 1.4])

# %% [markdown]
# The same as on one device
# -------------------------
#
# Now take the network of the 2012 code at a sixteenth of its width, and train it for
# one step on seven pictures on three ranks. Dropout takes part, and its masks are those
# of the whole batch. The ranks add the numbers in another order, so the last digits may
# differ.

# %%
rng = np.random.default_rng(0)
x = 20 * rng.standard_normal((7, 3, 63, 63))
labels = np.array([0, 3, 1, 2, 2, 0, 1])
small = alexnet("2012", classes=4, width=1 / 16, input_size=63).astype("float64")
loss = SoftmaxCrossEntropy()
for scheme in ("data", "2014"):
    y = small.forward(x, train=True)
    loss.forward(y, labels)
    small.backward(loss.backward())
    theirs = small.gradients()
    for _, layer in small.leaves():  # the same step again
        layer.state = {key: value - 1 for key, value in layer.state.items()}
    three = InTurns(small, 3, scheme)
    outputs = abs(three.forward(x, train=True) - y).max() / abs(y).max()
    three.backward(loss.backward())
    ours = three.gradients()
    worst = max(
        abs(ours[name] - dw).max() / abs(dw).max() for name, dw in theirs.items()
    )
    counted = three.exchanges()
    derived = bytes_sent(small, (3, 63, 63), len(x), 3, scheme, itemsize=8)
    print(
        f"{scheme:4}  outputs equal: {outputs < 1e-12}   {len(ours)} gradients equal: "
        f"{worst < 1e-12}   bytes as by the formula: {counted == derived}"
    )
    assert outputs < 1e-12
    assert worst < 1e-12
    assert counted == derived

# %% [markdown]
# The gradient check
# ------------------
#
# The complex step ([[lesson_01_relu]]) checks the network of two ranks, forward and
# backward. It also finds a rank that ignores the gradients of the other ranks'
# pictures.

# %%
few = Sequential(
    [
        ("conv1", Convolution2D(2, 3, 3, weight=Normal(1))),
        ("relu1", ReLU()),
        ("flatten", Flatten()),
        ("fc2", FullyConnected(27, 5, weight=Normal(1))),
        ("relu2", ReLU()),
        ("fc3", FullyConnected(5, 4, weight=Normal(1))),
    ]
)
x = rng.standard_normal((3, 2, 5, 5))
report = check_layer(InTurns(few, 2), x)
print(str(report).partition("\n")[0])


class Alone(Rank):
    """A rank that does not listen when gradients are added up."""

    def sum(self, name, array):
        """Send as the others do, and return what it had."""
        yield from self.gather(name, array)
        return array


forgetful = InTurns(few, 2)
for worker in forgetful.workers:
    worker.rank = Alone(worker.rank.rank, 2)
try:
    check_layer(forgetful, x)
except GradientError as error:
    print("\nAlone is refused:", str(error).partition(" is wrong")[0])
else:
    raise AssertionError("expected the check to find the missing sum")

# %% [markdown]
# Bytes that are sent
# -------------------
#
# The table counts, by the formula, all that two ranks send in one step of AlexNet: with
# data parallelism, with the scheme of 2014, and with the two towers of 2012, which
# exchange 489,376 bytes a picture ([[lesson_05_two_devices]]).

# %%
SHAPE, TOWERS = (3, 224, 224), 489_376


def sent(pictures, ranks, scheme):
    """Return the bytes of a step of so many pictures."""
    return sum(map(sum, bytes_sent(network, SHAPE, pictures, ranks, scheme).values()))


for pictures in (128, 1024, 8192):
    print(
        f"batch {pictures:5,}   "
        f"by pictures {sent(pictures, 2, 'data') / 1e6:7.1f} MB   "
        f"2014 {sent(pictures, 2, '2014') / 1e6:7.1f} MB   "
        f"two towers {pictures * TOWERS / 1e6:7.1f} MB"
    )
batches = 2 ** np.arange(5, 15)
equal = next(n for n in range(1, 10_000) if sent(n, 2, "2014") > sent(n, 2, "data"))
print("\nsplitting by pictures sends less from a batch of", f"{equal:,}", "on")

# %%
figure, axes = plt.subplots(figsize=(7.2, 3.6), layout="constrained")
for scheme, label, line in (("data", "by pictures", "-"), ("2014", "2014", "--")):
    for ranks, colour in ((2, COLOURS[0]), (8, COLOURS[1])):
        numbers = [sent(int(n), ranks, scheme) / 1e6 for n in batches]
        name = f"{label}, {ranks} ranks"
        axes.plot(batches, numbers, line, color=colour, label=name)
axes.plot(batches, batches * (TOWERS / 1e6), ":", color="0.3", label="two towers, 2012")
axes.set_xscale("log", base=2)
axes.set_yscale("log")
axes.set_xticks(batches, [f"{n:,}" for n in batches])
axes.set(xlabel="pictures in the whole batch", ylabel="MB a step, of all ranks")
axes.set_title("What is sent in a step of AlexNet")
axes.legend(frameon=False, fontsize=8)
caption(
    figure,
    "By the formula, float32; no data, nothing random.",
    alt="Megabytes a step against the pictures in the whole batch, both axes "
    "logarithmic. Split by pictures the lines are level; the lines of 2014 begin "
    "far below, rise, and cross them at about 3,300 pictures, for two ranks and "
    "for eight.",
)

# %% [markdown]
# So the trick pays while the whole batch has fewer than some 3,300 pictures, on any
# number of ranks. What does that mean in time? A simple model has three constants: the
# seconds that a rank computes for a picture, the bytes that a rank sends in a second,
# and the seconds that the shortest message takes. Part of the gradients' sum can travel
# while backward still computes, since fc8, fc7 and fc6 come first. The constants here
# are assumed (a GPU that takes 6,000 pictures a second, and a network of 100 Gbit/s),
# so the table is a *prediction*; ``figures/scaling.py`` draws more of it, beside what
# was measured.

# %%
machine = Machine(a_picture=1 / 6000, bandwidth=12.5e9, latency=1e-5)
print("128 pictures a rank    share of the step that is computing")
print("ranks       batch       by pictures      2014")
for ranks in (2, 4, 8, 16, 32):
    costs = [
        step_cost(network, SHAPE, 128 * ranks, ranks, scheme, machine)
        for scheme in ("data", "2014")
    ]
    by_pictures, of_2014 = (cost.compute / cost.seconds for cost in costs)
    print(f"{ranks:5} {128 * ranks:11,} {by_pictures:17.0%} {of_2014:9.0%}")

# %% [markdown]
# Large batches
# -------------
#
# In both schemes more ranks need a larger batch: a rank that has few pictures spends
# more of its time on small matrix products and on messages. But with a batch $k$ times
# as large an epoch has only $1 / k$ as many steps. If one step is to replace $k$ steps
# of rate $\epsilon$ along nearly the same gradient, its rate must be $k \epsilon$:
# *linear scaling* (Goyal and others 2017, https://arxiv.org/abs/1706.02677). In the
# first epochs the gradient changes from step to step, and $k \epsilon$ may be too much;
# so the rate grows from $\epsilon$ to $k \epsilon$ in a straight line, which is called
# the *warm-up*:

# %%
schedule = WarmUpRate(0.16, epochs=(10,), first=0.01, warm_up=3)
rates = []
for _ in range(12):
    rates += [schedule.rate(step / 10) for step in range(10)]  # ten steps an epoch
    schedule.update(1.0)
print("batches of 2,048 in place of 128, at the beginning of each epoch:")
print([round(rate, 3) for rate in rates[::10]])

# %% [markdown]
# Can every layer take the larger rate? A step moves a weight by the rate times its
# gradient. Compare the two lengths, $|w|$ and $|dw|$, layer by layer, in the very first
# step. *LARS* (Yang You and others 2017, https://arxiv.org/abs/1708.03888) gives each
# layer the rate $\epsilon \eta |w| / (|dw| + \lambda |w|)$, where $\lambda$ is the
# decay and $\eta$ is 0.001: then no layer moves by more than a thousandth of its length
# at a rate of 1, whatever its gradient.

# %%
small = alexnet("2012", classes=10, width=1 / 8, input_size=63)
x = (60 * rng.standard_normal((16, 3, 63, 63))).astype(np.float32)
loss.forward(small.forward(x, train=True), np.arange(16) % 10)
small.backward(loss.backward())
gradients = small.gradients()
ratios = {
    name[:-2]: float(np.linalg.norm(w) / np.linalg.norm(gradients[name]))
    for name, w in small.parameters().items()
    if name.endswith(".W")
}
figure, axes = plt.subplots(figsize=(7.2, 3), layout="constrained")
axes.bar(list(ratios), list(ratios.values()), color=COLOURS[0])
axes.set_yscale("log")
axes.set(
    xlabel="layer", ylabel="length of w over dw", title="Weights against gradients"
)
caption(
    figure,
    "The network of the 2012 code at an eighth of its width, at its first weights, 16 "
    "pictures of noise; seed 0.",
    alt="Bars of the length of the weights over that of their gradient for each "
    "layer, on a logarithmic axis: lowest for conv1, less than 1, and highest for "
    "fc6, more than 10.",
)
apart = max(ratios.values()) / min(ratios.values())
print(f"the largest is {apart:,.0f} times the smallest")
assert apart > 10

# %% [markdown]
# What the paper reports and what was measured
# --------------------------------------------
#
# Splitting by pictures was measured on two ranks of a machine with two cores, beside
# PyTorch's own, DistributedDataParallel. Each line has the median of three rounds, and
# in brackets the lowest and the highest:

# %%
for line in beside_ddp(read_lines(recorded("ranks.jsonl"))):
    print(line)

# %% [markdown]
# AlexNet is about as fast as with PyTorch, or somewhat faster. The small network of
# four layers is slower. It is nearly as much slower in one process, where nothing is
# sent (the guide on speed has that number), so most of the difference comes from its
# layers and not from the sum. The speeds that the paper of 2014 reports, on up to eight
# GPUs, cannot be measured here.
#
# That paper raised the rate in proportion to the batch already. Goyal and others say in
# section 2.1 that its error of AlexNet was 1 % higher with batches of 1,024 than with
# 128. They themselves, with the warm-up, report no loss of accuracy up to batches of
# 8,192, for another network. An independent benchmark (caffenet-benchmark on
# GitHub) has measured Caffe's network, with one run each: batches of 256 had 47.1 % of
# the pictures right, batches of 1,024 at the same rate 41.9 %, and at four times the
# rate 46.5 %. Yang You and others trained AlexNet by LARS with batches of 8,192, with
# batch normalisation in place of response normalisation.
#
# Here batches of 128, 512 and 2,048 are compared at the same epochs: at the rate for
# 128, with linear scaling and warm-up, and with LARS. The network is AlexNet at an
# eighth of its width, on 20,000 pictures of CIFAR-10, three seeds; the protocol,
# ``figures/large_batches.toml``, was committed before the runs. A difference is in
# points of test error, with its 95 % interval over the seeds.

# %%
for line in read_lines(recorded("large_batches.jsonl")):
    for arm in (line, *line.get("other_arms", ())):
        print(
            f"{line['words'] if arm is line else '  besides, ' + arm['arm']:48}"
            f"{arm['here']:+6.1f} points ({arm['low']:+.1f} to {arm['high']:+.1f})"
            + (f": {line['verdict']}" if arm is line else "")
        )

# %% [markdown]
# Batches of 2,048 at the rate for 128 cost 29 points. Linear scaling wins back 6 of
# them and LARS 9; neither comes near the error of batches of 128, which make 16 times
# as many steps. At 512 three seeds do not show whether the higher rate helps, but both
# ways stay behind batches of 128.
#
# Summary
# -------
#
# - Data parallelism sends two numbers for each parameter and other rank, whatever the
#   batch; 96 % of AlexNet's parameters are in the fully-connected layers.
# - Split by units, these layers keep their gradients and send their inputs: less, while
#   the whole batch has fewer than some 3,300 pictures.
# - The rule for large batches: a batch $k$ times as large takes a rate $k$ times as
#   large, to which it warms up; LARS measures each layer's rate by its weights. In our
#   small measurement at equal epochs both helped at 2,048, and neither sufficed.
#
# This is the last lesson. Before: [[lesson_13_what_it_learned]].
#
# Exercises
# ---------
#
# Each says how to see that you are right. Solutions:
# [[solution_14_beyond_two_devices]].
#
# **1. A ring.** Write ``ring(arrays)``: the sum of $n$ ranks' arrays of one axis, where
# each rank may send to the next one only, and the last to the first. In each turn every
# rank sends one piece of an array, so that none waits. It returns two lists of $n$: the
# sums that the ranks end with, and the bytes that each rank has sent. You are right
# when all sums are ``sum(arrays)`` and, for a length that $n$ divides, each rank has
# sent $2 (n - 1) / n$ of the bytes of an array.
#
# **2. Where the trick stops paying.** Write ``break_even(network, shape)``: the
# smallest batch with which data parallelism sends less than the scheme of 2014, from
# ``network.layers`` alone. You are right when it gives 3,275 for ``alexnet("paper",
# seed=None)`` and ``(3, 224, 224)``.
#
# **3. A step by LARS.** Write ``lars_step(w, dw, rate, decay)``: the weights that a
# first step of LARS with $\eta = 0.001$ makes of ``w``. You are right when it gives
# what ``LARS`` gives, and when with a decay of 0 the weights have moved by 0.001 times
# ``rate`` times their length.

# %%
plt.show()  # a script opens its plots here; a notebook and the site have shown them
