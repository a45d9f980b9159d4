"""Networks from the 2012 code's own layer files.

The code that trained the paper's networks reads two INI files. One describes the
layers, a section each, in the order in which they are computed; the other what training
does to them. Two layers of config 145, the paper's network::

    [conv3a]                        [conv3a]
    type=conv                       epsW=0.01,0.01
    inputs=pool2a,pool2b            epsB=0.02
    channels=128,128                momW=0.9,0.9
    filters=192,192                 momB=0.9
    filterSize=3,3                  wc=0.0005,0.0005
    padding=1,1
    stride=1,1                      [rnorm1a]
    initW=0.03,0.03                 scale=0.0001
    neuron=relu                     pow=0.75
    gpu=0                           minDiv=2

    [rnorm1a]
    type=cmrnorm
    inputs=conv1a
    channels=48
    size=5

Nothing else says "two towers": conv3a and conv3b both name pool2a and pool2b as inputs,
with a block of weights for each, and conv4a sees conv3a only.

=============  ========================================================================
data           dataIdx; the pictures, and the labels that cost.logreg takes
conv           channels, filters (of each group), filterSize, padding=0, stride=1,
               groups=1, initW=0.01, initB=0; a comma list with a value for each input
               but for initB; sizes are rounded up
fc             outputs, initW=0.01 (a list too), initB=0
pool           pool=max|avg, channels, sizeX, stride, start=0 (the first window's first
               pixel), outputsX=0 (0: as many as cover the picture)
cmrnorm        across maps: channels, size; scale, pow, minDiv=1 in either file
rnorm, cnorm   within a map, of squares or of squares about the mean: the same keys
hs             dropout: keep; output times keep in testing
softmax        the probabilities, for the cost alone
cost.logreg    inputs=labels,probabilities
=============  ========================================================================

All but data have inputs, and may have gpu; all of these but softmax and cost.logreg may
have neuron=relu|tanh|logistic|ident|none. The params file has epsW, epsB, momW, momB
and wc=0 for conv and fc, lists where there are several inputs but for epsB and momB.

Whatever would make another network and is not here, a type, a key or a value, is
refused; so are switches in the other position (sharedBiases=0, randSparse=1, blocked=1,
enable=false) and wball and coeff but 0 and 1. Keys that only chose how fast the 2012
code ran (partialSum, sumWidth) are read over, and its demands on sizes (filters in
sixteens) are not made.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any, Self

import numpy as np

from ..engine.arrays import Array, get_array_module
from ..engine.devices import check_device, use_device
from ..engine.transfer import to_device
from ..initializers import Constant, Initializer, Normal
from ..layers import (
    AveragePooling2D,
    Convolution2D,
    Dropout,
    Flatten,
    FullyConnected,
    Layer,
    LocalResponseNormalization,
    MaxPooling2D,
    ReLU,
    Sigmoid,
    Tanh,
)
from ..layers.base import Shape
from ..layers.pooling import _Pooling2D
from ..optimizer import MomentumSGD
from ..sequential import Sequential, _named
from ..table import Table, TableRow
from .contrast import LocalContrastNormalization

__all__ = ["MAX_PARAMETERS", "CfgError", "Learning", "Network", "load"]

# A file's numbers are not trusted with the machine's memory: 1 GiB in float32, four
# times AlexNet.
MAX_PARAMETERS = 1 << 28

# The 2012 code's tanh is a tanh(b x), written tanh[a,b].
NEURONS: dict[str, type[Layer] | None] = {
    "relu": ReLU,
    "tanh": Tanh,
    "tanh[1,1]": Tanh,
    "logistic": Sigmoid,
    "ident": None,
    "none": None,
}


class CfgError(ValueError):
    """A file says what is not known here, or what cannot be; names file and line."""


@dataclass(frozen=True)
class Learning:
    """How one parameter learns: epsW or epsB, momW or momB, and wc.

    v <- momentum * v - decay * rate * w - rate * dw;  w <- w + v
    """

    rate: float
    momentum: float
    decay: float


class Network(Sequential):
    """A network whose layers name their inputs; `load` makes it.

    In all else it is a `Sequential`, from the picture to the logits: the softmax and
    cost.logreg of the file are the loss, `minialexnet.SoftmaxCrossEntropy`. A neuron is
    a layer of its own, "conv2a_neuron" behind "conv2a", and so is the flattening
    before a dense layer, "pool3a_flat". Where a layer has several inputs its weights
    are "conv3a.W1", "conv3a.W2", ... in the order of the inputs, with one bias
    "conv3a.b".

    Parameters
    ----------
    layers : sequence of (str, Layer)
        In the order in which they are computed, the output last.
    inputs : dict of str to tuple of str
        What each layer takes: names of layers before it, or "" for the picture.
    gpus : dict of str to int
        The number that the file gives each layer, see `place`.
    learning : dict of str to Learning
        For each parameter by name.
    """

    def __init__(
        self,
        layers: Sequence[tuple[str, Layer]],
        inputs: Mapping[str, tuple[str, ...]],
        gpus: Mapping[str, int],
        learning: Mapping[str, Learning],
    ) -> None:
        super().__init__(layers)
        self.inputs, self.gpus = dict(inputs), dict(gpus)
        self.learning = dict(learning)
        self._devices: dict[str, str] = {}  # of each layer, once they are placed

    def forward(self, x: Array, train: bool = False) -> Array:
        """Return the logits, (N, K), on the device of the last layer.

        Parameters
        ----------
        x : ndarray, shape (N, C, H, W)
        train : bool
        """
        self._check_input(x)
        y, values = x, {"": x}
        for name, layer in self.layers.items():
            seen = [self._bring(values[i], name) for i in self.inputs[name]]
            with self._on(name), _named(name, _shapes(seen)):
                y = layer.forward(seen[0] if len(seen) == 1 else seen, train)
            values[name] = y
        self._y_shape = y.shape
        return y

    def backward(self, dy: Array) -> Any:
        """Go back through the layers, last first; return dx by the picture.

        A layer that several others see collects the sum of what comes back from them.
        If the first layer is told that its dx is not needed, all that see the picture
        are, and None is returned.
        """
        self._check_gradient(dy)
        first, last = next(iter(self.layers.values())), next(reversed(self.layers))
        gradients = {last: dy}
        for name, layer in reversed(self.layers.items()):
            if self.inputs[name] == ("",):
                layer.needs_dx = first.needs_dx
            dy = self._bring(gradients.pop(name), name)
            with self._on(name), _named(name, dy.shape):
                dx = layer.backward(dy)
            parts = dx if isinstance(dx, list) else [dx]
            for source, part in zip(self.inputs[name], parts, strict=True):
                if part is not None:
                    part = self._bring(part, source)
                    with self._on(source):
                        others = gradients.get(source)
                        gradients[source] = part if others is None else others + part
        return gradients.get("")

    def table(self, input_shape: Shape) -> Table:
        """Return what each layer does to one example, without computing it."""
        rows, shapes = [], {"": tuple(input_shape)}
        for name, layer in self.layers.items():
            seen = [shapes[i] for i in self.inputs[name]]
            shape: Any = seen[0] if len(seen) == 1 else tuple(seen)
            with _named(name, shape):
                multiply_adds = layer.multiply_adds(shape)
                y = shapes[name] = layer.output_shape(shape)
            count = sum(int(value.size) for value in layer.params.values())
            rows.append(TableRow(name, y, count, multiply_adds, 4 * prod(y)))
        return Table(tuple(input_shape), tuple(rows))

    def optimizer(self, parameters: Mapping[str, Array]) -> MomentumSGD:
        """Return what trains the network as the params file says.

        Its learning rate is the largest epsW of the file (the largest epsB where all
        epsW are 0). Set another, and all layers' rates change in the same proportion.

        Parameters
        ----------
        parameters : dict of str to ndarray
            As the method `parameters` gives them.
        """
        weights = [own.rate for name, own in self.learning.items() if name[-2:] != ".b"]
        every = [own.rate for own in self.learning.values()]
        rate = max(weights, default=0) or max(every, default=0) or 1.0
        learning = self.learning.items()
        return MomentumSGD(
            parameters,
            rate,
            weight_decay=1,
            rate_factors={name: own.rate / rate for name, own in learning},
            decay_factors={name: own.decay for name, own in learning},
            momenta={name: own.momentum for name, own in learning},
        )

    def place(self, devices: Sequence[str]) -> Network:
        """Move each layer to the device of its gpu number, and return the network.

        From then on each layer is computed there; what it sees of another device is
        copied. `to` brings all back to one device. Load weights before this.

        Parameters
        ----------
        devices : sequence of str
            ``("cuda:0", "cuda:1")``: a layer with gpu=1 lies on the second.

        Raises
        ------
        ValueError
            If there are fewer devices than the gpu numbers need.
        """
        needed = 1 + max(self.gpus.values())
        if len(devices) < needed:
            raise ValueError(
                f"expected {needed} devices for gpu numbers 0 to {needed - 1}, "
                f"got {len(devices)}"
            )
        self._devices = {n: check_device(devices[gpu]) for n, gpu in self.gpus.items()}
        self._devices[""] = devices[0]
        for name, layer in self.layers.items():
            with self._on(name):
                layer.to(self._devices[name])
        return self

    def to(self, device: str) -> Self:
        """Move every parameter to one device and return the network."""
        self._devices = {}
        return super().to(device)

    def _on(self, name: str) -> AbstractContextManager[Any]:
        """Return a context on the device of a layer."""
        return use_device(self._devices[name]) if self._devices else nullcontext()

    def _bring(self, array: Array, name: str) -> Array:
        """Return an array on the device of a layer."""
        return to_device(array, self._devices[name]) if self._devices else array


def _shapes(arrays: Sequence[Array]) -> Any:
    """Return the shape of one array, or the shapes of several, to show."""
    shapes = tuple(tuple(array.shape) for array in arrays)
    return shapes[0] if len(shapes) == 1 else shapes


class _Sum(Layer):
    """A layer of several inputs: a block of weights for each, their outputs summed.

    y = b + sum over i of block i's (W_i, x_i).
    """

    def __init__(self, blocks: Sequence[Convolution2D | FullyConnected]) -> None:
        super().__init__()
        self.blocks = list(blocks)
        self.params = {f"W{i}": b.params["W"] for i, b in enumerate(self.blocks, 1)}
        self.params["b"] = self.blocks[0].params["b"]

    def output_shape(self, shape: Any) -> Shape:
        """Return the shape of the sum, given the shape of each input."""
        shapes = [b.output_shape(s) for b, s in zip(self.blocks, shape, strict=True)]
        if len(set(shapes)) > 1:
            raise ValueError(f"expected outputs of one shape to sum, got {shapes}")
        return shapes[0]

    def multiply_adds(self, shape: Any) -> int:
        """Return the multiply-adds of all the blocks."""
        each = zip(self.blocks, shape, strict=True)
        return sum(block.multiply_adds(s) for block, s in each)

    def forward(self, x: Any, train: bool = False) -> Array:
        """Return y, given a list of one array for each block."""
        b = self.params["b"]
        nothing = get_array_module(b).zeros_like(b)
        y = None
        for i, (block, own) in enumerate(zip(self.blocks, x, strict=True), 1):
            # The parameters live here; the blocks borrow them.
            block.params = {"W": self.params[f"W{i}"], "b": b if y is None else nothing}
            part = block.forward(own, train)
            y = part if y is None else y + part
        return y

    def backward(self, dy: Array) -> list[Array]:
        """Return a list of dx for each input: dy goes to every block."""
        dx = [block.backward(dy) for block in self.blocks]
        self.grads = {f"W{i}": b.grads["W"] for i, b in enumerate(self.blocks, 1)}
        self.grads["b"] = self.blocks[0].grads["b"]
        return dx


class _FromStart(_Pooling2D):
    """Pooling whose first window begins at any pixel, with any number of windows."""

    def __init__(self, size: int, stride: int, start: int, windows: int) -> None:
        super().__init__(size, stride, ceil_mode=True)
        # The windows' first pixel is all that the layers use the padding for.
        self.padding, self.windows = (-start, -start), windows

    def output_shape(self, shape: Shape) -> Shape:
        """Return (C, windows, windows)."""
        return (shape[0], self.windows, self.windows)


class _MaxFromStart(_FromStart, MaxPooling2D):
    pass


class _AverageFromStart(_FromStart, AveragePooling2D):
    pass


POOLS = {
    "max": (MaxPooling2D, _MaxFromStart),
    "avg": (AveragePooling2D, _AverageFromStart),
}


def load(
    layers_cfg: str | os.PathLike[str],
    params_cfg: str | os.PathLike[str],
    input_shape: Sequence[int] = (3, 224, 224),
    seed: int = 0,
    devices: Sequence[str] | None = None,
) -> Network:
    r"""Build a network from the 2012 code's layer file and layer-params file.

    Parameters
    ----------
    layers_cfg, params_cfg : str or path
        See the module's description for what they may hold.
    input_shape : (C, H, W)
        Of the picture, which the files do not say; square.
    seed : int
        Of the initial weights and the dropout masks.
    devices : sequence of str, optional
        Where the layers of gpu=0, gpu=1, ... lie, see `Network.place`. By default all
        lie on the processor, until `to` moves them.

    Returns
    -------
    Network
        From the picture to the logits.

    Raises
    ------
    CfgError
        A ValueError, if a file says what is not known here, or what cannot be; the
        message begins with the file and the line.
    OSError
        If a file cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> layers, params = folder / "layers.cfg", folder / "layer-params.cfg"
    >>> _ = layers.write_text('''
    ... [data]
    ... type=data
    ... dataIdx=0
    ... [labels]
    ... type=data
    ... dataIdx=1
    ... [conv1]
    ... type=conv
    ... inputs=data
    ... channels=3
    ... filters=16
    ... filterSize=5
    ... neuron=relu
    ... [fc10]
    ... type=fc
    ... inputs=conv1
    ... outputs=10
    ... [probs]
    ... type=softmax
    ... inputs=fc10
    ... [logprob]
    ... type=cost.logreg
    ... inputs=labels,probs
    ... ''')
    >>> learning = "epsW=0.001 epsB=0.002 momW=0.9 momB=0.9 wc=0.004".split()
    >>> _ = params.write_text("\n".join(["[conv1]", *learning, "[fc10]", *learning]))
    >>> network = load(layers, params, input_shape=(3, 32, 32))
    >>> list(network.layers)
    ['conv1', 'conv1_neuron', 'conv1_flat', 'fc10']
    >>> network.table((3, 32, 32)).parameters
    126666
    >>> network.optimizer(network.parameters()).learning_rate
    0.001
    >>> _ = layers.write_text(layers.read_text().replace("type=fc", "type=treefc"))
    >>> load(layers, params)
    Traceback (most recent call last):
    ...
    minialexnet.cuda_convnet.build.CfgError: ...layers.cfg:16: [fc10] ... got 'treefc'
    """
    builder = _Builder(Path(layers_cfg), Path(params_cfg), tuple(input_shape), seed)
    network = builder.build()
    return network if devices is None else network.place(devices)


class _Section:
    """One section of a file: what it says, and where."""

    def __init__(self, path: Path, name: str, line: int) -> None:
        self.path, self.name, self.line = path, name, line
        self.keys: dict[str, tuple[str, int]] = {}  # in small letters: text and line
        self.unread: dict[str, str] = {}  # in small letters: as written

    def __contains__(self, key: str) -> bool:
        return key.lower() in self.keys

    def error(self, message: str, key: str = "") -> CfgError:
        """Return the error to raise, at the line of a key or of the section."""
        _, line = self.keys.get(key.lower(), ("", self.line))
        return CfgError(f"{self.path}:{line}: [{self.name}] {message}")

    def text(self, key: str, default: str | None = None) -> str:
        """Return what a key is set to, and mark it as read."""
        self.unread.pop(key.lower(), None)
        text, _ = self.keys.get(key.lower(), (default, 0))
        if text is None:
            raise self.error(f"expected {key}=..., which is missing")
        return text

    def choice(
        self, key: str, choices: Sequence[str], default: str | None = None
    ) -> str:
        """Return what a key is set to, one of the choices."""
        text = self.text(key, default)
        if text not in choices:
            several = ", ".join(choices)
            raise self.error(
                f"expected {key} to be one of {several}, got {text!r}", key
            )
        return text

    def texts(self, key: str, count: int, default: object = None) -> list[str]:
        """Return a comma list of so many; the default is what each of them is."""
        if default is not None and key not in self:
            return [str(default)] * count
        texts = [text.strip() for text in self.text(key).split(",")]
        if len(texts) != count:
            each = "one value" if count == 1 else f"{count} values, one for each input"
            raise self.error(f"expected {key} to be {each}, got {len(texts)}", key)
        return texts

    def integers(
        self, key: str, count: int = 1, minimum: int = 1, default: int | None = None
    ) -> list[int]:
        """Return a comma list of whole numbers."""
        numbers = []
        for text in self.texts(key, count, default):
            try:
                numbers.append(int(text))
            except ValueError:
                numbers.append(minimum - 1)
            if numbers[-1] < minimum:
                raise self.error(
                    f"expected {key} to be a whole number >= {minimum}, got {text!r}",
                    key,
                )
        return numbers

    def require(self, key: str, wanted: bool, count: int = 1) -> None:
        """Refuse a switch in the other position; left out, it is in the wanted one."""
        words = ("1", "true", "yes", "on") if wanted else ("0", "false", "no", "off")
        for text in self.texts(key, count, words[0]):
            if text.lower() not in words:
                raise self.error(f"expected {key}={words[0]}, got {text!r}", key)

    def floats(
        self,
        key: str,
        count: int = 1,
        default: float | None = None,
        minimum: float = 0,
        below: float = 1e30,
    ) -> list[float]:
        """Return a comma list of numbers, at least `minimum` and less than `below`.

        1e30 leaves room for sums in float32.
        """
        numbers = []
        for text in self.texts(key, count, default):
            try:
                numbers.append(float(text))
            except ValueError:
                numbers.append(float("nan"))
            if not minimum <= numbers[-1] < below:
                raise self.error(
                    f"expected {key} to be a number >= {minimum:g} and < {below:g}, "
                    f"got {text!r}",
                    key,
                )
        return numbers


def _read(path: Path) -> dict[str, _Section]:
    """Return a file's sections by name, in its order."""
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except UnicodeDecodeError as error:
        raise CfgError(f"{path}: expected text in UTF-8, got {error}") from error
    sections: dict[str, _Section] = {}
    section = None
    for number, line in enumerate(lines, 1):
        line = re.sub(r"(^|\s)[#;].*", "", line).strip()
        if not line:
            continue
        header = re.fullmatch(r"\[([^\[\]]+)\]", line)
        key, equals, text = (part.strip() for part in line.partition("="))
        if header:
            section = _Section(path, header[1].strip(), number)
            if section.name in sections or "." in section.name:
                raise section.error("expected each name once and without a dot")
            sections[section.name] = section
        elif section is None or not equals:
            raise CfgError(
                f"{path}:{number}: expected [section] or, in a section, key=value, "
                f"got {line[:60]!r}"
            )
        else:
            again = key in section
            section.keys[key.lower()] = (text, number)
            if again:
                raise section.error(f"expected {key} once, got it again", key)
            section.unread[key.lower()] = key
    return sections


class _Builder:
    """A network in the making: what the files say, and the layers so far."""

    def __init__(
        self, layers_cfg: Path, params_cfg: Path, input_shape: Shape, seed: int
    ) -> None:
        if len(input_shape) != 3 or min(input_shape) < 1:
            raise ValueError(f"expected an input_shape (C, H, W), got {input_shape}")
        if input_shape[1] != input_shape[2]:
            raise ValueError(f"expected square pictures, got shape {input_shape}")
        self.layers_cfg, self.params_cfg = layers_cfg, params_cfg
        self.used: set[str] = set()
        self.sections, self.params = _read(layers_cfg), _read(params_cfg)
        kinds = ("data", *MAKERS, "softmax", "cost.logreg")
        self.kinds = {n: s.choice("type", kinds) for n, s in self.sections.items()}
        self.picture = self._loss_and_picture()
        self.rng = np.random.default_rng(seed)
        self.mask_seeds = np.random.default_rng([seed, 1])
        self.parameters = 0
        self.layers: list[tuple[str, Layer]] = []
        self.inputs: dict[str, tuple[str, ...]] = {}
        self.shapes: dict[str, Shape] = {"": input_shape}
        self.gpus: dict[str, int] = {}
        self.learning: dict[str, Learning] = {}
        self.outputs: dict[str, str] = {}  # of a section: the layer that computes it

    def build(self) -> Network:
        """Return the network."""
        for section in self.sections.values():
            try:
                if section.name == self.picture:
                    self.outputs[self.picture] = ""
                elif self.kinds[section.name] == "softmax":
                    section.integers("gpu", minimum=0, default=0)
                    self._vector(section, *self._inputs(section, 1))
                elif self.kinds[section.name] in MAKERS:
                    self._add_section(section)
            except CfgError:
                raise
            except ValueError as error:  # a layer's own
                raise section.error(str(error)) from error
        self._refuse_the_rest()
        return Network(self.layers, self.inputs, self.gpus, self.learning)

    def _loss_and_picture(self) -> str:
        """Read the one cost, and return which of the data layers is the picture."""
        of_kind: dict[str, list[str]] = {}
        for name, kind in self.kinds.items():
            of_kind.setdefault(kind, []).append(name)
        if len(of_kind.get("cost.logreg", [])) != 1:
            raise CfgError(
                f"{self.layers_cfg}: expected one layer of type cost.logreg, "
                f"got {len(of_kind.get('cost.logreg', []))}"
            )
        cost = self.sections[of_kind["cost.logreg"][0]]
        labels, softmax = cost.texts("inputs", 2)
        if (self.kinds.get(labels), self.kinds.get(softmax)) != ("data", "softmax"):
            raise cost.error(
                "expected inputs to be a data layer, of the labels, and a softmax "
                f"layer, got {labels!r} and {softmax!r}",
                "inputs",
            )
        self.used |= {cost.name, labels, softmax}
        cost.integers("gpu", minimum=0, default=0)
        params = self.params.get(cost.name)
        if params is not None:
            params.integers("topk", default=1)
            if params.floats("coeff", default=1) != [1]:
                raise params.error("expected coeff to be 1", "coeff")
        for name in of_kind["data"]:
            self.sections[name].integers("dataIdx", minimum=0)
        pictures = [name for name in of_kind["data"] if name != labels]
        if len(pictures) != 1:
            raise CfgError(
                f"{self.layers_cfg}: expected one data layer besides the labels, "
                f"got {len(pictures)}"
            )
        return pictures[0]

    def _refuse_the_rest(self) -> None:
        """Refuse what nothing has come of."""
        for name, section in self.sections.items():
            if name not in self.used:
                raise section.error("expected another layer to take this one, got none")
        for name, params in self.params.items():
            if name not in self.sections:
                raise params.error(
                    f"expected a layer of that name in {self.layers_cfg}, got none"
                )
        for section in (*self.sections.values(), *self.params.values()):
            for key in section.unread.values():
                kind = self.kinds[section.name]
                raise section.error(
                    f"expected a key that is known for type={kind}, got {key!r}", key
                )

    def _add_section(self, s: _Section) -> None:
        """Add the layer of a section, and its neuron behind it."""
        kind = self.kinds[s.name]
        several = kind in ("conv", "fc")
        names = self._inputs(s, None if several else 1)
        if kind == "fc":
            names = [self._vector(s, name) for name in names]
        (gpu,) = s.integers("gpu", minimum=0, default=self.gpus.get(names[0], 0))
        if several:
            self._learn(s, len(names))
        layer = MAKERS[kind](self, s, [self.shapes[name] for name in names])
        self._add(s, s.name, layer, names, gpu)
        self.outputs[s.name] = s.name
        neuron = NEURONS[s.choice("neuron", tuple(NEURONS), "none")]
        if neuron is not None:
            self.outputs[s.name] = f"{s.name}_neuron"
            self._add(s, f"{s.name}_neuron", neuron(), [s.name], gpu)

    def _add(
        self, s: _Section, name: str, layer: Layer, inputs: Sequence[str], gpu: int
    ) -> None:
        """Add a layer."""
        if name in self.shapes or (name != s.name and name in self.sections):
            raise s.error(f"expected no other layer of the name {name}, got one")
        shapes: Any = [self.shapes[i] for i in inputs]
        self.shapes[name] = layer.output_shape(
            shapes[0] if len(shapes) == 1 else shapes
        )
        self.layers.append((name, layer))
        self.inputs[name], self.gpus[name] = tuple(inputs), gpu

    def _inputs(self, s: _Section, count: int | None) -> list[str]:
        """Return the layers that compute a section's inputs, all of them above it."""
        given = s.text("inputs")
        count = len(given.split(",")) if count is None else count
        names = s.texts("inputs", count)
        for name in names:
            if name not in self.kinds:
                raise s.error(f"expected inputs that exist, got {name!r}", "inputs")
            if name not in self.outputs:
                line = self.sections[name].line
                raise s.error(
                    "expected inputs to be layers above this one, and not those of the "
                    f"cost, got {name!r} of line {line}",
                    "inputs",
                )
        self.used |= set(names)
        return [self.outputs[name] for name in names]

    def _vector(self, s: _Section, name: str) -> str:
        """Return the layer that gives a layer's output as (features,)."""
        if len(self.shapes[name]) == 1:
            return name
        flat = f"{name.removesuffix('_neuron') or self.picture}_flat"
        if flat not in self.shapes:
            self._add(s, flat, Flatten(), [name], self.gpus.get(name, 0))
        return flat

    def _learn(self, s: _Section, count: int) -> None:
        """Read how a layer of so many blocks of weights learns."""
        p = self.params.get(s.name)
        if p is None:
            raise s.error(
                f"expected a section [{s.name}] in {self.params_cfg}, got none"
            )
        rates = p.floats("epsW", count)
        momenta = p.floats("momW", count, below=1)
        decays = p.floats("wc", count, default=0)
        if any(p.floats("wball", count, default=0)):
            raise p.error("expected wball to be 0", "wball")
        each = zip(rates, momenta, decays, strict=True)
        for i, (rate, momentum, decay) in enumerate(each, 1):
            key = "W" if count == 1 else f"W{i}"
            self.learning[f"{s.name}.{key}"] = Learning(rate, momentum, decay)
        (rate,), (momentum,) = p.floats("epsB"), p.floats("momB", below=1)
        self.learning[f"{s.name}.b"] = Learning(rate, momentum, 0)

    def _weights(self, sigma: float) -> Initializer:
        """Return how weights begin: normal, and none where they would be too many."""

        def begin(shape: tuple[int, ...], rng: np.random.Generator) -> Array:
            self.parameters += prod(shape)
            if self.parameters > MAX_PARAMETERS:
                raise ValueError(
                    f"expected at most {MAX_PARAMETERS:,} parameters in all, got "
                    f"{self.parameters:,} so far"
                )
            return Normal(sigma)(shape, rng)

        return begin

    def conv(self, s: _Section, shapes: list[Shape]) -> Layer:
        """Return a convolution for each input, summed."""
        count = len(shapes)
        channels = self._channels(s, shapes)
        filters, sizes = s.integers("filters", count), s.integers("filterSize", count)
        paddings = s.integers("padding", count, minimum=0, default=0)
        strides = s.integers("stride", count, default=1)
        groups = s.integers("groups", count, default=1)
        sigmas = s.floats("initW", count, default=0.01)
        (bias,) = s.floats("initB", default=0, minimum=-1e30)
        s.require("sharedBiases", True)
        s.require("randSparse", False, count)
        for key in ("partialSum", "sumWidth"):
            s.integers(key, minimum=0, default=0)
        blocks = []
        for i in range(count):
            side, padding = shapes[i][1], paddings[i]
            windows = _windows(
                s, "filterSize", side + 2 * padding, sizes[i], strides[i]
            )
            if (windows - 1) * strides[i] - padding >= side:
                raise s.error(
                    "expected windows that begin in the picture, got one that begins "
                    "beyond it",
                    "stride",
                )
            blocks.append(
                Convolution2D(
                    channels[i],
                    filters[i] * groups[i],
                    sizes[i],
                    strides[i],
                    padding,
                    groups[i],
                    ceil_mode=True,
                    weight=self._weights(sigmas[i]),
                    bias=Constant(bias),
                    seed=self.rng,
                )
            )
        return blocks[0] if count == 1 else _Sum(blocks)

    def fc(self, s: _Section, shapes: list[Shape]) -> Layer:
        """Return a fully-connected layer for each input, summed."""
        (outputs,) = s.integers("outputs")
        sigmas = s.floats("initW", len(shapes), default=0.01)
        (bias,) = s.floats("initB", default=0, minimum=-1e30)
        blocks = [
            FullyConnected(
                features,
                outputs,
                weight=self._weights(sigma),
                bias=Constant(bias),
                seed=self.rng,
            )
            for (features,), sigma in zip(shapes, sigmas, strict=True)
        ]
        return blocks[0] if len(blocks) == 1 else _Sum(blocks)

    def pool(self, s: _Section, shapes: list[Shape]) -> Layer:
        """Return a pooling, a plain one where it begins at 0 and covers all."""
        self._channels(s, shapes)
        side = shapes[0][1]
        plain, from_start = POOLS[s.choice("pool", tuple(POOLS))]
        (size,), (stride,) = s.integers("sizeX"), s.integers("stride")
        (start,) = s.integers("start", minimum=1 - size, default=0)
        (given,) = s.integers("outputsX", minimum=0, default=0)
        windows = given or _windows(s, "sizeX", side - start, size, stride)
        last, key = start + (windows - 1) * stride, "outputsX" if given else "stride"
        if last >= side:
            raise s.error(
                f"expected {key} to let every window begin below pixel {side}, "
                f"got one at {last}",
                key,
            )
        if start == 0 and given == 0:
            return plain(size, stride, ceil_mode=True)
        return from_start(size, stride, start, windows)

    def norm(self, s: _Section, shapes: list[Shape]) -> Layer:
        """Return a response or contrast normalisation."""
        self._channels(s, shapes)
        (n,) = s.integers("size" if "size" in s else "sizeX")
        k, alpha, beta = (
            self._either(s, key, default)
            for key, default in (("minDiv", 1), ("scale", None), ("pow", None))
        )
        s.require("blocked", False)
        kind = self.kinds[s.name]
        if kind == "cnorm":
            return LocalContrastNormalization(k, n, alpha, beta, True)
        across = "channels" if kind == "cmrnorm" else "space"
        return LocalResponseNormalization(k, n, alpha, beta, across, True)

    def hs(self, s: _Section, shapes: list[Shape]) -> Layer:
        """Return a dropout."""
        (keep,) = s.floats("keep")
        if not 0 < keep <= 1:
            raise s.error(f"expected keep > 0 and <= 1, got {keep}", "keep")
        if s.name in self.params:
            self.params[s.name].require("enable", True)
        return Dropout(1 - keep, seed=int(self.mask_seeds.integers(1 << 63)))

    def _channels(self, s: _Section, shapes: list[Shape]) -> list[int]:
        """Read the channels, which must be those that the inputs have."""
        channels = s.integers("channels", len(shapes))
        for own, shape in zip(channels, shapes, strict=True):
            if len(shape) != 3 or shape[0] != own:
                raise s.error(
                    f"expected channels to fit the input, {shape}, got {own}",
                    "channels",
                )
        return channels

    def _either(self, s: _Section, key: str, default: float | None) -> float:
        """Read a number that stands in one of the two files."""
        p = self.params.get(s.name)
        if p is not None and key in p:
            if key in s:
                raise p.error(f"expected {key} in one file, got it in both", key)
            s = p
        return s.floats(key, default=default)[0]


MAKERS: dict[str, Callable[[_Builder, _Section, list[Shape]], Layer]] = {
    "conv": _Builder.conv,
    "fc": _Builder.fc,
    "pool": _Builder.pool,
    "cmrnorm": _Builder.norm,
    "rnorm": _Builder.norm,
    "cnorm": _Builder.norm,
    "hs": _Builder.hs,
}


def _windows(s: _Section, key: str, pixels: int, size: int, stride: int) -> int:
    """Return how many windows cover so many pixels, rounded up."""
    if size > pixels:
        raise s.error(
            f"expected {key} <= {pixels}, the pixels there are, got {size}", key
        )
    return 1 + -(-(pixels - size) // stride)
