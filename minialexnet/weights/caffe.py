"""Caffe's ``.caffemodel`` and ``.binaryproto``.

A caffemodel is one message, NetParameter: the layers of the training network with their
settings and, as "blobs", their weights. Since 2015 they are in field 100, before that
in field 2, with other numbers inside ("V1"). See caffe.proto in github.com/BVLC/caffe.

Caffe's networks take BGR pixels 0-255 less their mean. Its LRN has k = 1 and divides
alpha by n; its pooling rounds sizes up, its convolution down.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import IO, Any

import numpy as np

from ..engine.arrays import Array
from .file import WeightsError, opened, read_bytes
from .match import Link, Weights, from_chain, square
from .protobuf import Message, shaped

__all__ = ["read", "read_mean"]

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

SOURCES = {"Data", "ImageData", "MemoryData", "Input"}
ENDS = {"Accuracy", "Softmax", "SoftmaxWithLoss"}
UNCHANGED = {"Dropout", "Split"}  # in testing


@dataclass(frozen=True)
class _Layer:
    """A layer of either version, its fields by name."""

    message: Message
    numbers: Mapping[str, int]

    @property
    def type(self) -> str:
        if self.numbers is V2:
            return self.message.text(V2["type"])
        number = self.message.integer(V1["type"])
        return V1_TYPES.get(number, f"type {number}")

    @property
    def name(self) -> str:
        return self.message.text(self.numbers["name"])

    def texts(self, field: str) -> list[str]:
        return self.message.texts(self.numbers[field])

    def settings(self, field: str) -> Message:
        return self.message.message(self.numbers[field])

    def blobs(self) -> list[Array]:
        return [_blob(blob) for blob in self.message.messages(self.numbers["blobs"])]


def read(file: IO[bytes], size: int) -> Weights:
    """Read a ``.caffemodel``.

    Raises
    ------
    WeightsError
        If it is damaged, or of another network than an AlexNet.
    """
    net = Message(read_bytes(file, size))
    layers = [_Layer(message, V1) for message in net.messages(2)]
    layers += [_Layer(message, V2) for message in net.messages(100)]
    if not layers:
        raise WeightsError("expected a network of Caffe's, got no layers")
    dimensions = net.integers(4) or net.message(8).integers(1)
    pixels, mean, scale = _input(layers, dimensions)
    return from_chain(_chain(layers, pixels), pixels, mean, 1 / scale)


def read_mean(path: Any) -> Array:
    """Read a mean image, ``imagenet_mean.binaryproto``.

    Returns
    -------
    ndarray
        (3, H, W), float32, RGB, pixels 0-255.

    Raises
    ------
    WeightsError
        If it is none.
    OSError
        If it cannot be read.
    """
    with opened(path) as (file, size):
        blob = _blob(Message(read_bytes(file, size)))
        if blob.ndim != 4 or blob.shape[:2] != (1, 3) or 0 in blob.shape:
            raise WeightsError(f"expected a mean image 1 x 3 x H x W, got {blob.shape}")
        if not np.isfinite(blob).all():
            raise WeightsError("expected a mean image of finite numbers, got others")
        return np.array(blob[0, ::-1], np.float32)


def _input(
    layers: list[_Layer], dimensions: list[int]
) -> tuple[int, list[float] | None, float]:
    """Return the pictures' side, the mean RGB pixel or None, and the scale."""
    side, mean, scale = 0, None, 1.0
    if len(dimensions) >= 4:
        side = dimensions[3]
    for layer in layers:
        if layer.type not in SOURCES:
            continue
        transform, data = layer.settings("transform"), layer.settings("data")
        side = transform.integer(3) or data.integer(5) or side
        scale = transform.real(1) or data.real(2) or scale
        if transform.has(5):
            bgr = transform.numbers(5).tolist()
            if len(bgr) not in (1, 3):
                raise WeightsError(f"expected mean values of 3 colours, got {len(bgr)}")
            mean = (bgr * 3)[2::-1]
        if layer.numbers is V2 and layer.message.has(V2["input"]):
            shape = layer.settings("input").message(1).integers(1)
            side = shape[3] if len(shape) == 4 else side
    if not (0 < scale < float("inf")) or not np.isfinite(mean or 0).all():
        raise WeightsError(f"expected a scale and mean of pixels, got {scale}, {mean}")
    return side or 227, mean, scale


def _chain(layers: list[_Layer], side: int) -> list[Link]:
    """Return the layers that compute something in testing, each one's settings known.

    Raises
    ------
    WeightsError
        If one's input is not the output of the one before, or it is unknown.
    """
    links: list[Link] = []
    current: list[str] = []
    for layer in layers:
        if layer.type in SOURCES | ENDS:
            continue
        bottoms = layer.texts("bottom")
        if len(bottoms) != 1 or (current and bottoms[0] not in current):
            raise WeightsError(
                f"expected a chain of layers, got {layer.name!r:.50} behind "
                f"{', '.join(bottoms)!r:.80} instead of {', '.join(current)!r:.80}"
            )
        current = layer.texts("top")
        if layer.type in UNCHANGED:
            continue
        link = _link(layer, side)
        side = link.settings.get("outputs", side)
        links.append(link)
    return links


def _link(layer: _Layer, side: int) -> Link:
    """Return one layer, `side` being its input's."""
    kind, name = layer.type, layer.name
    if kind == "ReLU":
        slope = layer.settings("relu").real(1)
        if slope:
            raise WeightsError(f"expected {name!r:.50} without a slope, got {slope}")
        return Link("relu", name)
    if kind == "LRN":
        lrn = layer.settings("lrn")
        n = lrn.integer(1, 5)
        settings = {
            "across": "space" if lrn.integer(4) else "channels",
            "n": n,
            "k": lrn.real(5, 1.0),
            "alpha / n": lrn.real(2, 1.0) / max(n, 1),
            "beta": lrn.real(3, 0.75),
        }
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
    outputs = 0
    if all(isinstance(n, int) for n in (k, s, p)) and s > 0:
        room = side + 2 * p - k
        outputs = 1 + (-(-room // s) if round_up else room // s)
    return {"kernel_size": k, "stride": s, "padding": p, "outputs": outputs}


def _blob(blob: Message) -> Array:
    """Return a blob's numbers in its shape."""
    data = blob.numbers(8, "<f8") if blob.has(8) else blob.numbers(5)
    if blob.has(7):
        shape = blob.message(7).integers(1)
    else:
        shape = [blob.integer(field) for field in (1, 2, 3, 4)]
    return shaped(data, shape, "a blob")
