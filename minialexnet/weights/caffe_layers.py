"""The layers of Caffe's networks, as its two versions of them write them down.

Caffe's LRN has k = 1 and divides alpha by n; its pooling rounds sizes up, its
convolution down. The numbers of the fields are those of caffe.proto in
github.com/BVLC/caffe.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..engine.arrays import Array
from .chain import Link, normalisation, square, window
from .file import WeightsError
from .protobuf import Message, shaped

# Field numbers of a layer: V1's and today's.
V1 = {
    "bottom": 2, "top": 3, "name": 4, "type": 5, "blobs": 6, "convolution": 10,
    "data": 11, "inner_product": 17, "lrn": 18, "pooling": 19, "relu": 30,
    "transform": 36,
}  # fmt: skip
V2 = {
    "name": 1, "type": 2, "bottom": 3, "top": 4, "blobs": 7, "transform": 100,
    "convolution": 106, "data": 107, "inner_product": 117, "lrn": 118, "pooling": 121,
    "relu": 123, "input": 143,
}  # fmt: skip
V1_TYPES = {
    1: "Accuracy", 4: "Convolution", 5: "Data", 6: "Dropout", 12: "ImageData",
    14: "InnerProduct", 15: "LRN", 17: "Pooling", 18: "ReLU", 20: "Softmax",
    21: "SoftmaxWithLoss", 22: "Split", 29: "MemoryData",
}  # fmt: skip


@dataclass(frozen=True)
class Layer:
    """A layer of either version, its fields by name."""

    message: Message
    numbers: Mapping[str, int]

    @property
    def type(self) -> str:
        """What it computes, by the name that version 2 has for it."""
        if self.numbers is V2:
            return self.message.text(V2["type"])
        number = self.message.integer(V1["type"])
        return V1_TYPES.get(number, f"type {number}")

    @property
    def name(self) -> str:
        """What the file calls it."""
        return self.message.text(self.numbers["name"])

    def texts(self, field: str) -> list[str]:
        """Return the texts in a field."""
        return self.message.texts(self.numbers[field])

    def settings(self, field: str) -> Message:
        """Return the message in a field."""
        return self.message.message(self.numbers[field])

    def blobs(self) -> list[Array]:
        """Return its weights and biases."""
        return [blob(one) for one in self.message.messages(self.numbers["blobs"])]


def read_link(layer: Layer, side: int) -> Link:
    """Return one layer, `side` being its input's."""
    kind, name = layer.type, layer.name
    if kind == "ReLU":
        slope = layer.settings("relu").real(1)
        if slope:
            raise WeightsError(f"expected {name!r:.50} without a slope, got {slope}")
        return Link("relu", name)
    if kind == "LRN":
        lrn = layer.settings("lrn")
        across = "space" if lrn.integer(4) else "channels"
        k, alpha, beta = lrn.real(5, 1.0), lrn.real(2, 1.0), lrn.real(3, 0.75)
        settings = normalisation(lrn.integer(1, 5), k, alpha, beta, across)
        return Link("lrn", name, settings)
    if kind == "Pooling":
        pool = layer.settings("pooling")
        if pool.integer(1) or pool.integer(12):
            raise WeightsError(f"expected {name!r:.50} to be max pooling, got another")
        fields = ((2, 5, 6), (3, 7, 8), (4, 9, 10))
        return Link("pool", name, _window(pool, fields, side, round_up=True))
    if kind not in ("Convolution", "InnerProduct"):
        raise WeightsError(
            f"expected an AlexNet's layer, got {name!r:.50}, {kind!r:.50}"
        )
    blobs = layer.blobs()
    if len(blobs) != 2:
        raise WeightsError(
            f"expected weights and biases in {name!r:.50}, got {len(blobs)} blobs"
        )
    W, b = blobs[0], blobs[1].reshape(-1)
    if kind == "InnerProduct":
        # V1's are of four dimensions, the first two 1.
        if W.ndim == 4 and W.shape[:2] == (1, 1):
            W = W[0, 0]
        turned = layer.settings("inner_product").integer(6)
        return Link("fc", name, {}, W.T if turned else W, b)
    conv = layer.settings("convolution")
    fields = ((4, 11, 12), (6, 13, 14), (3, 9, 10))
    settings = _window(conv, fields, side, round_up=False)
    settings["groups"] = conv.integer(5, 1)
    if square(conv.integers(18) or [1]) != 1:
        raise WeightsError(f"expected {name!r:.50} without dilation, got it")
    return Link("conv", name, settings, W, b)


def _window(
    settings: Message, fields: Sequence[Sequence[int]], side: int, round_up: bool
) -> dict[str, Any]:
    """Return a window's settings.

    `fields` are those of kernel, stride and padding: of each the number of the field
    for both axes, for the height and for the width.
    """

    def pixels(which: Sequence[int], default: int) -> Any:
        found = [n for field in which for n in settings.integers(field)]
        return square(found or [default])

    k, s, p = (pixels(*pair) for pair in zip(fields, (0, 1, 0), strict=True))
    return window(k, s, p, p, side, round_up)


def blob(message: Message) -> Array:
    """Return a blob's numbers in its shape."""
    data = message.numbers(8, "<f8") if message.has(8) else message.numbers(5)
    if message.has(7):
        shape = message.message(7).integers(1)
    else:
        shape = [message.integer(field) for field in (1, 2, 3, 4)]
    return shaped(data, shape, "a blob")
