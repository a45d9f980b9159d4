"""The arrays in an ONNX file: what the network has learned, and constants."""

from collections.abc import Iterable, Mapping

import numpy as np

from ..engine.arrays import Array
from .file import WeightsError, from_bfloat16
from .protobuf import Message, shaped

# TensorProto's types of floating point, and the field where numbers stand if they are
# not raw bytes; that of bfloat16 and half precision holds each in a number of its own.
KINDS = {1: ("<f4", 4), 10: ("<f2", 5), 11: ("<f8", 10), 16: ("<u2", 5)}
BFLOAT16 = 16


def learned(graph: Message, nodes: Iterable[Message]) -> dict[str, Message]:
    """Return the tensors of a graph by name, those in nodes called Constant too."""
    tensors = {tensor.text(8): tensor for tensor in graph.messages(5)}
    for node in nodes:
        if node.text(4) == "Constant":
            for attribute in node.messages(5):
                if attribute.text(1) == "value" and attribute.has(5):
                    tensors[node.text(2)] = attribute.message(5)
    return tensors


def tensor_of(tensors: Mapping[str, Message], name: str) -> Array:
    """Return a tensor's numbers in its shape.

    Raises
    ------
    WeightsError
        If it is not there, in another file, or not of floating point.
    """
    if name not in tensors:
        raise WeightsError(f"expected a tensor {name!r:.50} in the file, got none")
    tensor = tensors[name]
    kind = tensor.integer(2)
    if tensor.integer(14):
        raise WeightsError(
            f"expected {name!r:.50} in this file, got its place in another one; "
            "torch.onnx.export(..., external_data=False), or onnx.save_model(onnx.load("
            "'IN'), 'OUT'), writes all into one"
        )
    if kind not in KINDS:
        raise WeightsError(
            f"expected {name!r:.50} to be of floating point, got type {kind}"
        )
    dtype, field = KINDS[kind]
    if tensor.has(9):
        data = tensor.numbers(9, dtype)
    elif field == 5:
        wide = np.array(tensor.integers(field), np.int64)
        data = wide.astype(np.uint16).view(dtype)
    else:
        data = tensor.numbers(field, dtype)
    data = from_bfloat16(data) if kind == BFLOAT16 else data
    return shaped(data, tensor.integers(1), name)
