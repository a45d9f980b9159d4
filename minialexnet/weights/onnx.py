"""ONNX files: a graph of operators and the tensors that it has learned.

The file is one message, ModelProto; see onnx.proto in github.com/onnx/onnx for the
fields and its Operators.md for the operators. BVLC's AlexNet in the ONNX model zoo was
made from the caffemodel, for 224 pixels instead of 227, and its pooling rounds sizes
down but for the last, where padding after the picture takes the place of Caffe's
rounding up: the sides are 54, 26, 12 and 6 instead of 55, 27, 13 and 6. It takes BGR
pixels 0-255 less their mean like the original, which its file does not say.
"""

from collections.abc import Mapping
from typing import Any, BinaryIO

from ..engine.arrays import Array
from .chain import Link, normalisation, square, window
from .file import WeightsError, read_bytes
from .matching import from_chain
from .network import Asked, Weights
from .onnx_tensors import learned, tensor_of
from .protobuf import Message

# What does nothing in testing, or only gives an array another shape.
UNCHANGED = {"Dropout", "Flatten", "Identity", "Reshape"}
READ = UNCHANGED | {
    "AveragePool", "Constant", "Conv", "Gemm", "LRN", "MaxPool", "Relu", "Softmax",
}  # fmt: skip


def read(file: BinaryIO, size: int, asked: Asked) -> Weights:
    """Read an ``.onnx`` file.

    Raises
    ------
    WeightsError
        If it is damaged, or of another network than an AlexNet.
    """
    graph = Message(read_bytes(file, size)).message(7)
    nodes = graph.messages(1)
    tensors = learned(graph, nodes)
    inputs = {value.text(1): value for value in graph.messages(11)}
    # Old files list the tensors among the inputs.
    pictures = [name for name in inputs if name not in tensors]
    if len(pictures) != 1:
        raise WeightsError(f"expected a graph with one input, got {len(pictures)}")
    shape = inputs[pictures[0]].message(2).message(1).message(2)
    sides = [dimension.integer(1) for dimension in shape.messages(1)]
    if len(sides) != 4 or sides[1] != 3 or sides[2] != sides[3] or sides[2] < 1:
        raise WeightsError(f"expected an input N x 3 x size x size, got {sides!r:.80}")
    side, _ = asked.side(sides[2], 224)
    links = _chain(nodes, tensors, pictures[0], side)
    return from_chain(links, side, asked=asked)


def _chain(
    nodes: list[Message], tensors: Mapping[str, Message], current: str, side: int
) -> list[Link]:
    """Return the layers that compute something in testing, each one's settings known.

    Raises
    ------
    WeightsError
        If one's input is not the output of the one before, or it is unknown.
    """
    # What is not known is named before anything that it leads to is missed.
    for node in nodes:
        if node.text(4) not in READ:
            raise WeightsError(
                f"expected an operator of an AlexNet, got {node.text(4)!r:.50}, "
                f"{_name(node)!r:.50}{_remedy(nodes)}"
            )
    links: list[Link] = []
    for node in nodes:
        operator, inputs, outputs = node.text(4), node.texts(1), node.texts(2)
        if operator == "Constant":
            continue
        name = _name(node)
        if not current or not inputs or inputs[0] != current:
            raise WeightsError(
                f"expected a chain of layers, got {name!r:.50}, {operator!r:.50}, "
                f"after {', '.join(inputs[:1])!r:.50} instead of {current!r:.50}"
            )
        current = (outputs or [""])[0]
        attributes = {attribute.text(1): attribute for attribute in node.messages(5)}
        if operator == "Softmax":
            current = ""  # the end: nothing may follow
        elif operator == "AveragePool" and _is_idle(attributes):
            continue
        elif operator not in UNCHANGED:
            arrays = [tensor_of(tensors, n) for n in inputs[1:]]
            link = _link(operator, name, attributes, arrays, side)
            side = link.settings.get("outputs", side)
            links.append(link)
    return links


def _link(
    operator: str,
    name: str,
    attributes: dict[str, Message],
    arrays: list[Array],
    side: int,
) -> Link:
    """Return one layer, `side` being its input's."""
    if operator == "Relu":
        return Link("relu", name)
    if operator == "LRN":
        n, k = _integer(attributes, "size", 0), _real(attributes, "bias", 1.0)
        alpha = _real(attributes, "alpha", 1e-4)
        beta = _real(attributes, "beta", 0.75)
        return Link("lrn", name, normalisation(n, k, alpha, beta))
    if operator == "MaxPool":
        return Link("pool", name, _window(name, attributes, side))
    if operator not in ("Conv", "Gemm"):
        raise WeightsError(
            f"expected an operator of an AlexNet, got {operator!r:.50}, {name!r:.50}"
        )
    if len(arrays) != 2:
        raise WeightsError(
            f"expected weights and biases in {name!r:.50}, got {len(arrays)} tensors"
        )
    W, b = arrays
    if operator == "Conv":
        settings = _window(name, attributes, side, W.shape[2:])
        settings["groups"] = _integer(attributes, "group", 1)
        return Link("conv", name, settings, W, b)
    factors = [_real(attributes, "alpha", 1.0), _real(attributes, "beta", 1.0)]
    if factors != [1, 1] or _integer(attributes, "transA", 0):
        raise WeightsError(f"expected x W + b in {name!r:.50}, got factors {factors}")
    return Link("fc", name, {}, W if _integer(attributes, "transB", 0) else W.T, b)


def _window(
    name: str, attributes: dict[str, Message], side: int, kernel: tuple[int, ...] = ()
) -> dict[str, Any]:
    """Return a window's settings."""

    def pixels(key: str, default: list[int]) -> list[int]:
        return attributes[key].integers(8) if key in attributes else default

    k = square(pixels("kernel_shape", list(kernel) or [0]))
    s = square(pixels("strides", [1]))
    pads = pixels("pads", [0, 0, 0, 0])
    auto = attributes["auto_pad"].text(4) if "auto_pad" in attributes else "NOTSET"
    if auto not in ("NOTSET", "VALID") or square(pixels("dilations", [1])) != 1:
        raise WeightsError(
            f"expected {name!r:.50} with its padding in numbers and without dilation, "
            f"got auto_pad {auto!r:.20}"
        )
    up = bool(_integer(attributes, "ceil_mode", 0))
    return window(k, s, square(pads[:2]), square(pads[2:]), side, up)


def _is_idle(attributes: dict[str, Message]) -> bool:
    """Return whether pooling leaves every pixel alone, as torchvision's does at 224."""
    found = _window("AveragePool", attributes, 6)
    idle = {"kernel_size": 1, "stride": 1, "padding": 0, "outputs": 6}
    return idle.items() <= found.items()


def _name(node: Message) -> str:
    """Return a node's name, or that of its output if it has none."""
    return node.text(3) or node.text(2)


def _remedy(nodes: list[Message]) -> str:
    """Return what helps where PyTorch has written its normalisation in small steps."""
    steps = {"Mul", "Pow", "Div"} <= {node.text(4) for node in nodes}
    if not steps:
        return ""
    return (
        "; PyTorch writes its LocalResponseNorm in such steps: convert the state dict "
        "instead, saved by torch.save(model.state_dict(), 'x.pth')"
    )


def _integer(attributes: dict[str, Message], key: str, default: int) -> int:
    return attributes[key].integer(3) if key in attributes else default


def _real(attributes: dict[str, Message], key: str, default: float) -> float:
    return attributes[key].real(2) if key in attributes else default
