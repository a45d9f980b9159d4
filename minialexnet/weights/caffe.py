"""Caffe's ``.caffemodel`` and ``.binaryproto``.

A caffemodel is one message, NetParameter: the layers of the training network with their
settings and, as "blobs", their weights. Since 2015 they are in field 100, before that
in field 2, with other numbers inside ("V1"). See caffe.proto in github.com/BVLC/caffe.

Caffe's networks take BGR pixels 0-255 less their mean.
"""

from typing import Any, BinaryIO

import numpy as np

from ..engine.arrays import Array
from .caffe_layers import V1, V2, Layer, blob, read_link
from .chain import Link
from .file import WeightsError, opened, read_bytes
from .matching import from_chain
from .network import Asked, Weights
from .protobuf import Message

SOURCES = {"Data", "ImageData", "MemoryData", "Input"}
ENDS = {"Accuracy", "Softmax", "SoftmaxWithLoss"}
UNCHANGED = {"Dropout", "Split"}  # in testing


def read(file: BinaryIO, size: int, asked: Asked) -> Weights:
    """Read a ``.caffemodel``.

    Raises
    ------
    WeightsError
        If it is damaged, or of another network than an AlexNet.
    """
    net = Message(read_bytes(file, size))
    layers = [Layer(message, V1) for message in net.messages(2)]
    layers += [Layer(message, V2) for message in net.messages(100)]
    if not layers:
        raise WeightsError("expected a network of Caffe's, got no layers")
    dimensions = net.integers(4) or net.message(8).integers(1)
    said, mean, scale = _input(layers, dimensions)
    size, assumed = asked.side(said, 227)
    links = _chain(layers, size)
    return from_chain(links, size, mean, 1 / scale, asked=asked, assumed=assumed)


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
        image = blob(Message(read_bytes(file, size)))
        if image.ndim != 4 or image.shape[:2] != (1, 3) or 0 in image.shape:
            shape = image.shape
            raise WeightsError(f"expected a mean image 1 x 3 x H x W, got {shape}")
        if not np.isfinite(image).all():
            raise WeightsError("expected a mean image of finite numbers, got others")
        return np.array(image[0, ::-1], np.float32)


def _input(
    layers: list[Layer], dimensions: list[int]
) -> tuple[int, list[float] | None, float]:
    """Return the pictures' side or 0, the mean RGB pixel or None, and the scale."""
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
    return side, mean, scale


def _chain(layers: list[Layer], side: int) -> list[Link]:
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
                f"expected a chain of layers, got {layer.name!r:.50} after "
                f"{', '.join(bottoms)!r:.80} instead of {', '.join(current)!r:.80}"
            )
        current = layer.texts("top")
        if layer.type in UNCHANGED:
            continue
        link = read_link(layer, side)
        side = link.settings.get("outputs", side)
        links.append(link)
    return links
