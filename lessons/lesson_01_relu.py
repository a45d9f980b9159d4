# %% [markdown]
r"""
Lesson 1: ReLU
==============

Krizhevsky, Sutskever and Hinton, *ImageNet classification with deep convolutional
neural networks* (NIPS 2012), section 3.1:

  "In terms of training time with gradient descent, these saturating nonlinearities
  are much slower than the non-saturating nonlinearity f(x) = max(0, x)."

The saturating ones are $\tanh(x)$ and $1 / (1 + e^{-x})$. This lesson shows what
saturation does to a gradient, checks the three layers, trains a small network with
each of them, and ends with the paper's Figure 1 measured again on CIFAR-10.
"""

# %%
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np

from minialexnet import (
    AveragePooling2D,
    FullyConnected,
    GradientError,
    MomentumSGD,
    Normal,
    ReLU,
    Sequential,
    Sigmoid,
    SoftmaxCrossEntropy,
    Tanh,
    check_layer,
)
from minialexnet.data import load
from minialexnet.files.recorded import recorded
from minialexnet.files.records import read_lines
from minialexnet.layers.activation import (
    relu,
    relu_backward,
    sigmoid,
    sigmoid_backward,
    tanh,
    tanh_backward,
)
from minialexnet.pictures.source import show_source
from minialexnet.pictures.style import COLOURS, caption

LAYERS = {"ReLU": ReLU, "tanh": Tanh, "sigmoid": Sigmoid}
# Solid for ReLU and dashed for tanh, as in the paper's Figure 1.
STYLES = {
    name: {"color": colour, "linestyle": line}
    for name, colour, line in zip(LAYERS, COLOURS[:3], ("-", "--", ":"), strict=True)
}

# %% [markdown]
# The mathematics
# ---------------
#
# A *neuron* adds up its inputs, each times a weight, and a bias. Call that sum $x$.
# What the neuron passes on is its *activation* $y = f(x)$, and $f$ is its
# *nonlinearity*:
#
# - ReLU (rectified linear unit): $f(x) = \max(0, x)$;
# - tanh: $f(x) = \tanh(x) = (e^x - e^{-x}) / (e^x + e^{-x})$;
# - sigmoid (the logistic function): $f(x) = 1 / (1 + e^{-x})$.
#
# Training lowers one number, the *loss* $L$. Going backward through the network, the
# layer is handed $dy = \partial L / \partial y$, how the loss changes with the
# activation, and must return $dx = \partial L / \partial x$. By the chain rule
#
# $$dx = dy \, f'(x),$$
#
# and the three derivatives can all be written in terms of the activation $y$ itself:
#
# - ReLU: $f'(x) = 1$ where $y > 0$, else $0$;
# - tanh: $f'(x) = 1 - y^2$, at most $1$;
# - sigmoid: $f'(x) = y (1 - y)$, at most $1/4$.
#
# A function *saturates* where it goes flat: tanh and the sigmoid do at both ends, so
# there $f'(x)$ is nearly $0$, and whatever $dy$ is, next to nothing of it comes
# through. ReLU does not saturate for positive $x$: all of $dy$ comes through. For
# negative $x$ nothing does. At $x = 0$ ReLU has a kink and no derivative; this code
# takes $0$.
#
# The layers themselves
# ---------------------
#
# This is the package's own code, which trains the networks below. An array is one of
# NumPy, or of CuPy on a graphics card; ``get_array_module`` returns the module. The
# classes of the three layers are alike, so that of ReLU stands for all.

# %%
show_source(relu, relu_backward, tanh, tanh_backward, sigmoid, sigmoid_backward, ReLU)

# %% [markdown]
# The sigmoid is computed as $(1 + \tanh(x/2)) / 2$, which is the same function:
# multiply numerator and denominator of $\tanh(x/2)$ by $e^{x/2}$ to see it. The form
# with $e^{-x}$ overflows in float32 for $x$ below $-88$.
#
# By hand
# -------
#
# Five values of $x$, and $dy = 1$ for each, so that $dx = f'(x)$. Check two with a
# pocket calculator: $\tanh(1) = 0.7616$, so tanh passes back $1 - 0.7616^2 = 0.4200$;
# the sigmoid of $0$ is $1/2$, so it passes back $1/2 \cdot 1/2 = 0.25$.

# %%
x = np.array([[-2.0, -1.0, 0.0, 1.0, 4.0]])
print("x          ", *(f"{value:7.4f}" for value in x[0]))
by_hand = {}
for name, layer in LAYERS.items():
    neuron = layer()
    y = neuron.forward(x)
    by_hand[name] = neuron.backward(np.ones_like(y))
    print(f"{name:7}  y  ", *(f"{value:7.4f}" for value in y[0]))
    print(f"{name:7}  dx ", *(f"{value:7.4f}" for value in by_hand[name][0]))

assert by_hand["ReLU"].tolist() == [[0, 0, 0, 1, 1]]
assert round(by_hand["tanh"][0, 3], 4) == 0.4200
assert by_hand["sigmoid"][0, 2] == 0.25

# %% [markdown]
# At $x = 4$ tanh lets 0.13 % of the gradient through, the sigmoid 1.8 %, ReLU all of
# it.
#
# The gradient check
# ------------------
#
# Is each ``backward`` the derivative of its ``forward``? Draw $dy$ at random, and let
# $F(x) = \sum dy \cdot y$, whose slope is $dx$. ``check_layer`` measures it by a
# *complex step*: with $i$ the imaginary unit and $h = 10^{-30}$,
#
# $$F(x + i h) = F(x) + i h \, F'(x) - \ldots,$$
#
# so $F'(x)$ is the imaginary part divided by $h$; the terms left out have $h^2$ and
# more. Nothing is subtracted, so nothing is lost to rounding. The values of $x$ are
# drawn at random too, so that none lies on ReLU's kink.

# %%
x = np.random.default_rng(0).standard_normal((4, 5))
for layer in LAYERS.values():
    print(check_layer(layer(), x))


class ForgotTheSquare(Tanh):
    """Tanh with a wrong backward: 1 - y where 1 - y^2 belongs."""

    def forward(self, x, train=False):
        """Return tanh(x), and keep it."""
        self.y = super().forward(x, train)
        return self.y

    def backward(self, dy):
        """Return a wrong gradient."""
        return dy * (1 - self.y)


try:
    check_layer(ForgotTheSquare(), x)
except GradientError as error:
    print("\n" + str(error).replace("; ", ";\n    "))
else:
    raise AssertionError("expected the check to find the missing square")

# %% [markdown]
# The check passes the three and refuses the wrong one, naming the place and both
# values.
#
# The functions and their derivatives
# -----------------------------------

# %%
x = np.linspace(-6, 6, 601)[None]
figure, (left, right) = plt.subplots(1, 2, figsize=(7.2, 3.4), layout="constrained")
for name, layer in LAYERS.items():
    neuron = layer()
    y = neuron.forward(x)
    left.plot(x[0], y[0], label=name, **STYLES[name])
    right.plot(x[0], neuron.backward(np.ones_like(y))[0], label=name, **STYLES[name])
left.set(title="activation", xlabel="x (no unit)", ylabel="f(x)", ylim=(-1.2, 3))
right.set(title="derivative", xlabel="x (no unit)", ylabel="f'(x)")
left.legend(frameon=False)
right.legend(frameon=False)
caption(figure, "The three layers' forward and backward; no data, nothing random.")

# %% [markdown]
# What saturation costs
# ---------------------
#
# How large $x$ is depends on the pictures and the weights. Write $N(0, v)$ for the
# normal distribution of mean $0$ and variance $v$, whose standard deviation is
# $\sqrt{v}$. Let $x = s z$ with $z$ drawn from $N(0, 1)$, so that $s$ is the standard
# deviation of $x$. How much of the gradient comes through on average,
# $E[f'(s z)]$, has an answer for large $s$: $f'$ is then a narrow peak at $0$, whose
# area is $f$'s rise from end to end, $2$ for tanh and $1$ for the sigmoid. The density
# of $x$ there is $1 / (s \sqrt{2 \pi})$. So $E[f'(s z)]$ is nearly
#
# - $2 / (s \sqrt{2 \pi}) = 0.80 / s$ for tanh,
# - $1 / (s \sqrt{2 \pi}) = 0.40 / s$ for the sigmoid,
# - $1/2$ for ReLU, whatever $s$ is: half of all $x$ are positive.

# %%
z = np.random.default_rng(0).standard_normal((1, 100_000))
scales = 2.0 ** np.arange(-3, 8)
through = {name: [] for name in LAYERS}
for name, layer in LAYERS.items():
    for s in scales:
        neuron = layer()
        y = neuron.forward(s * z)
        through[name].append(neuron.backward(np.ones_like(y)).mean())

print("s        " + "".join(f"{s:8g}" for s in scales[::2]))
for name, values in through.items():
    print(f"{name:9}" + "".join(f"{value:8.4f}" for value in values[::2]))

figure, axes = plt.subplots(figsize=(7.2, 4), layout="constrained")
for (name, values), mark in zip(through.items(), "os^", strict=True):
    axes.plot(scales, values, marker=mark, label=name, **STYLES[name])
for rise in (2, 1):
    axes.plot(scales[4:], rise / (scales[4:] * np.sqrt(2 * np.pi)), "k", lw=0.7)
axes.plot([], [], "k", lw=0.7, label="predicted for large s")
axes.set(
    xscale="log",
    yscale="log",
    xlabel="s, standard deviation of x",
    ylabel="mean of f'(x)",
    title="How much of the gradient comes through",
)
axes.legend(frameon=False)
caption(figure, "x = s z, 100,000 values of z from N(0, 1), seed 0.")

# %% [markdown]
# A picture's pixels run from 0 to 255, and the paper trains on them with only the mean
# subtracted (section 2). With tanh such a scale must be undone by small weights, or the
# gradient is lost; with ReLU the scale of $x$ does not matter to $f'$. Section 3.3 says
# it: "ReLUs have the desirable property that they do not require input normalization to
# prevent them from saturating."
#
# A quick run
# -----------
#
# Now train: three hidden layers of 128 neurons on 1,000 drawn pictures of ten shapes,
# scaled down to 16 x 16 pixels. Weights begin as $N(0, 1/D)$ where $D$ is the number of
# a neuron's inputs, so few neurons begin saturated. A step takes a *batch* of 50
# pictures and moves each weight against its gradient, by the *learning rate* times the
# gradient, with momentum; an *epoch* takes each picture once. Lesson 9 has the details,
# and the loss. The *training error* is the share of the training pictures that the
# network gets wrong, the *test error* that of 1,000 others.
#
# As in the paper, the learning rate is chosen for each nonlinearity on its own: the one
# that brings the training error to 25 % first or, if none does, lowest. Then it is run
# from two more *seeds*, from which the first weights and the order of the pictures are
# drawn. This is a quick look at a small dense network and no measurement of the paper's
# claim.

# %%
dataset = load("shapes", train=1000, test=1000)
halve = AveragePooling2D(kernel_size=2, stride=2)


def prepare(images):
    """Return pixels minus the training mean, in units of 64, (N, 3*16*16)."""
    centred = (images.astype(np.float32) - dataset.mean()) / 64
    return halve.forward(centred).reshape(len(images), -1)


train_x, train_labels = prepare(dataset.train_images), dataset.train_labels
test_x, test_labels = prepare(dataset.test_images), dataset.test_labels


def error(network, x, labels):
    """Return the fraction of pictures whose largest output is not their label."""
    return float((network.forward(x).argmax(axis=1) != labels).mean())


def train(layer, rate, seed, epochs=30, hidden=3, units=128):
    """Return the training error after each epoch, and the test error at the end."""
    rng = np.random.default_rng(seed)
    sizes = [train_x.shape[1], *[units] * hidden, 10]
    layers = []
    for inputs, outputs in pairwise(sizes):
        weight = Normal(1 / np.sqrt(inputs))
        layers += [FullyConnected(inputs, outputs, weight=weight, seed=rng), layer()]
    network = Sequential(layers[:-1])  # no nonlinearity after the last layer
    layers[0].needs_dx = False  # nothing learns from the pixels' gradient
    sgd = MomentumSGD(network.parameters(), rate, momentum=0.9, weight_decay=0)
    loss = SoftmaxCrossEntropy()
    errors = []
    for _ in range(epochs):
        for batch in np.split(rng.permutation(len(train_x)), len(train_x) // 50):
            logits = network.forward(train_x[batch], train=True)
            loss.forward(logits, train_labels[batch])
            network.backward(loss.backward())
            sgd.step(network.gradients())
        errors.append(error(network, train_x, train_labels))
    return np.array(errors), error(network, test_x, test_labels)


def epochs_to(errors, target=0.25):
    """Return the first epoch with an error of at most `target`, or infinity."""
    reached = np.flatnonzero(errors <= target)
    return int(reached[0]) + 1 if len(reached) else np.inf


RATES = (0.01, 0.03, 0.1, 0.3)
quick = {}
for name, layer in LAYERS.items():
    sweep = {rate: train(layer, rate, seed=0) for rate in RATES}
    best = min(RATES, key=lambda rate: (epochs_to(sweep[rate][0]), sweep[rate][0][-1]))
    runs = [sweep[best], *(train(layer, best, seed) for seed in (1, 2))]
    quick[name] = best, runs

print("epochs to 25 % training error, and the errors after the last epoch")
for name, (rate, runs) in quick.items():
    first = ", ".join(f"{epochs_to(errors):g}" for errors, _ in runs)
    last_train = 100 * np.mean([errors[-1] for errors, _ in runs])
    last_test = 100 * np.mean([test for _, test in runs])
    print(
        f"{name:8} rate {rate:<5g} epochs {first:14} "
        f"training {last_train:4.1f} %  test {last_test:4.1f} %"
    )

# %%
figure, axes = plt.subplots(figsize=(7.2, 4), layout="constrained")
for name, (rate, runs) in quick.items():
    for seed, (errors, _) in enumerate(runs):
        label = None if seed else f"{name}, rate {rate:g}"
        epochs = np.arange(1, len(errors) + 1)
        axes.plot(epochs, 100 * errors, label=label, **STYLES[name])
axes.axhline(25, color="0.4", linewidth=0.8)
axes.set(xlabel="epochs", ylabel="training error (%)", title="Quick run", ylim=(0, 100))
axes.legend(frameon=False)
caption(
    figure,
    "QUICK RUN, not the paper's network. 1,000 drawn shapes of 16 x 16 pixels, dense "
    "network of 3 x 128 units, batches of 50, momentum 0.9, no decay; the rate chosen "
    "from 0.01, 0.03, 0.1 and 0.3; seeds 0, 1 and 2, each a line.",
)

# %% [markdown]
# Two things to see.
#
# First, the sigmoid is far behind, as the paper says of saturating nonlinearities, but
# ReLU and tanh are about level: this network is shallow, and its weights begin where
# tanh does not saturate. (The sigmoid's rate is the largest of the four, and a larger
# one was not tried.) The caption of the paper's Figure 1 warns of it: "The
# magnitude of the effect demonstrated here varies with network architecture."
#
# Second, ReLU does not prevent overfitting, though reviews of the paper often say so.
# After 30 epochs it errs on about 1 % of its 1,000 pictures and on more than 40 % of
# new ones: it has learned its pictures by heart, as the network with tanh has, whose
# test error is 5 points higher. The paper claims faster *fitting*;
# section 3.1 sets that apart from earlier work in which "the primary concern is
# preventing overfitting". What the paper does against overfitting is in lessons 7
# (augmentation) and 8 (dropout).
#
# What the paper reports and what was measured
# --------------------------------------------
#
# The paper's Figure 1: "A four-layer convolutional neural network with ReLUs (solid
# line) reaches a 25% training error rate on CIFAR-10 six times faster than an
# equivalent network with tanh neurons (dashed line). The learning rates for each
# network were chosen independently to make training as fast as possible. No
# regularization of any kind was employed."
#
# The runs below took hours, so they are read from the record of ``make figure-1`` on
# CIFAR-10. Between the ends of two epochs the error is taken to fall in a straight
# line, and to begin at chance, 90 %.

# %%
records = read_lines(recorded("figure_1_cifar10.jsonl"))
measured = {}  # name: (rate, {seed: [training error after each epoch]})
for choice in (record for record in records if record["kind"] == "choice"):
    arm = {"activation": choice["activation"], "learning_rate": choice["learning_rate"]}
    curves = {}
    for record in records:
        if record["kind"] == "epoch" and arm.items() <= record.items():
            curves.setdefault(record["seed"], []).append(record["train_error"])
    name = {"relu": "ReLU"}.get(choice["activation"], choice["activation"])
    measured[name] = choice["learning_rate"], curves


def crossing(errors, target=0.25):
    """Return after how many epochs the error came down to `target`, or infinity."""
    for epoch, (before, after) in enumerate(pairwise([0.9, *errors])):
        if after <= target:
            return epoch + (before - target) / (before - after)
    return np.inf


reached = {
    name: np.array([crossing(errors) for errors in curves.values()])
    for name, (_, curves) in measured.items()
}
for name, epochs in reached.items():
    rate, curves = measured[name]
    if np.isfinite(epochs).all():
        text = f"{epochs.mean():.1f} epochs to 25 %"
        text += f", {np.exp(np.log(epochs / reached['ReLU']).mean()):.1f} times ReLU's"
    else:
        last = np.mean([errors[-1] for errors in curves.values()])
        longest = max(len(errors) for errors in curves.values())
        text = f"{last:.1%} after {longest} epochs, not at 25 %"
    print(f"{name:8} rate {rate:<6g} {len(epochs)} seeds  {text}")
logs = np.log(reached["tanh"] / reached["ReLU"])
half = 4.303 * logs.std(ddof=1) / 3**0.5  # Student's t of three seeds
low, high = np.exp(logs.mean() - half), np.exp(logs.mean() + half)
print(f"tanh's epochs over ReLU's: 95 % interval {low:.1f} to {high:.1f}")
print("the paper: tanh takes six times as long as ReLU")

# %%
figure, axes = plt.subplots(figsize=(7.2, 4.4), layout="constrained")
for name, (rate, curves) in measured.items():
    for number, errors in enumerate(curves.values()):
        label = None if number else f"{name}, rate {rate:g}"
        epochs = np.arange(1, len(errors) + 1)
        axes.plot(epochs, 100 * np.array(errors), label=label, **STYLES[name])
axes.axhline(25, color="0.4", linewidth=0.8)
axes.set(
    xlabel="epochs",
    ylabel="training error (%)",
    title="Figure 1 on CIFAR-10, recorded",
    ylim=(0, 100),
)
axes.legend(frameon=False)
caption(
    figure,
    "CIFAR-10, 50,000 training pictures (JPEG-compressed once), four-layer network, "
    "batches of 128; seeds 0, 1 and 2, each a line. A run ends at 25 % or after 60 "
    "epochs.",
    [record for record in records if record["kind"] == "setup"],
)

# %% [markdown]
# On the four-layer convolutional network tanh took 7.0 times as many epochs as ReLU,
# the geometric mean of three seeds with a 95 % interval of 5.4 to 9.1; the paper's six
# lies inside. The sigmoid did not come to 25 % in the 60 epochs that it was given. The
# paper does not publish its four-layer network, so ours is the nearest that its author
# did publish, see ``minialexnet/cifar_net.py``.
#
# Exercises
# ---------
#
# Each says how to see that you are right. Solutions: ``lessons/solutions``.
#
# **1. A leaky ReLU.** Write a class ``LeakyReLU`` with $f(x) = x$ for $x > 0$ and
# $f(x) = x / 100$ elsewhere, with ``forward(x)`` and ``backward(dy)``. You are right
# when ``check_layer(LeakyReLU(), x)`` passes for a random ``x``.
#
# **2. Where does it saturate?** Write ``saturation_point(name, fraction)``: the
# positive $x$ at which the derivative of "tanh" or "sigmoid" is ``fraction`` times its
# largest value. Solve it on paper first, by the derivatives in terms of $y$. You are
# right when the layer's ``backward`` at your $x$ gives ``fraction`` times 1 or 1/4; and
# you will find the sigmoid's point at exactly twice tanh's. Why?
#
# **3. Dead neurons.** Section 3.3: "If at least some training examples produce a
# positive input to a ReLU, learning will happen in that neuron." Write ``dead(x)`` for
# ``x`` of shape (pictures, neurons): how many neurons get no gradient from any picture,
# whatever ``dy``. For 128 pictures and 1,000 neurons with $x = b + z$, $z$ from
# $N(0, 1)$, count them for a bias $b$ of $-3$, $0$ and $1$. You are right when about
# 841 of 1,000 are dead at $-3$, by $(1 - 0.00135)^{128} = 0.841$, and none at $0$ and
# $1$. The paper begins with biases of $1$ in conv2, conv4, conv5 and the hidden dense
# layers (section 5).

# %%
plt.show()  # a script opens its plots here; a notebook and the site have shown them
