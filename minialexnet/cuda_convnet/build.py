"""A network out of the 2012 code's two files: layers, first weights, learning rates."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..layers import Flatten, Layer, ReLU, Sigmoid, Tanh
from ..layers.base import Shape
from .cfg import CfgError, read_text
from .graph import Graph, Node, read_graph
from .layers import Beginnings, make_layer
from .learning import Learning
from .network import Network

NEURONS = {"relu": ReLU, "tanh": Tanh, "tanh[1,1]": Tanh, "logistic": Sigmoid}


def load(
    layers_cfg: str | os.PathLike[str],
    params_cfg: str | os.PathLike[str],
    input_shape: Sequence[int] = (3, 224, 224),
    seed: int | None = 0,
    devices: Sequence[str] | None = None,
) -> Network:
    r"""Build a network from the 2012 code's layer file and layer-params file.

    Parameters
    ----------
    layers_cfg, params_cfg : str or path
        See the package's description for what they may hold.
    input_shape : (C, H, W)
        Of the picture, which the files do not say; square.
    seed : int or None
        Of the first weights and the dropout masks; None for its shapes, without memory.
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
    >>> from minialexnet.cuda_convnet import network_files
    >>> network = load(*network_files("cifar"), input_shape=(3, 32, 32))
    >>> list(network.layers)[:4]
    ['conv1', 'pool1', 'pool1_neuron', 'conv2']
    >>> network.optimizer(network.parameters()).learning_rate
    0.001
    >>> load(*network_files("cifar"), input_shape=(3, 4, 4), seed=None)
    Traceback (most recent call last):
    ...
    minialexnet.cuda_convnet.cfg.CfgError: ...: [pool2] expected sizeX <= 2, the ...
    """
    layers, params = read_text(Path(layers_cfg)), read_text(Path(params_cfg))
    graph = read_graph(layers, params, (str(layers_cfg), str(params_cfg)))
    network = _build(graph, tuple(input_shape), seed)
    return network if devices is None else network.place(devices)


def build(
    layers: str,
    params: str,
    classes: int | None = None,
    input_size: int = 224,
    seed: int | None = 0,
    names: Sequence[str] = ("layers file", "params file"),
) -> Network:
    """Build a network from the texts of the two files, as a checkpoint holds them.

    Parameters
    ----------
    layers, params : str
        What the files hold.
    classes : int, optional
        How many outputs the network is to have; any number where it is None.
    input_size : int
        Pixels of a side of the RGB pictures.
    seed : int or None
        As for `load`.
    names : (str, str)
        The files' names, for errors.

    Raises
    ------
    CfgError
        As for `load`, or if there are not as many outputs as classes.
    """
    texts = [layers, params, *names]
    if len(texts) != 4 or not all(isinstance(text, str) for text in texts):
        raise TypeError("expected the texts of two files and their two names")
    graph = read_graph(layers, params, (names[0], names[1]))
    network = _build(graph, (3, input_size, input_size), seed)
    (outputs,) = network.output_shape((3, input_size, input_size))
    if classes is not None and outputs != classes:
        last = next(n.inputs[0] for n in graph.nodes if n.kind == "softmax")
        raise graph.sections[last].error(
            f"expected outputs={classes}, one for each class, got {outputs}", "outputs"
        )
    return network


def _build(graph: Graph, input_shape: Shape, seed: int | None) -> Network:
    """Return the network of a graph, for pictures of a shape."""
    if len(input_shape) != 3 or min(input_shape) < 1:
        raise ValueError(f"expected an input_shape (C, H, W), got {input_shape}")
    if input_shape[1] != input_shape[2]:
        raise ValueError(f"expected square pictures, got shape {input_shape}")
    builder = _Builder(graph, input_shape, Beginnings(seed))
    for node in graph.nodes:
        try:
            builder.add_node(node)
        except CfgError:
            raise
        except ValueError as error:  # a layer's own
            raise node.section.error(str(error)) from error
    return Network(builder.layers, builder.inputs, builder.gpus, builder.learning)


class _Builder:
    """A network in the making: the layers so far by name, "" for the picture."""

    def __init__(self, graph: Graph, input_shape: Shape, begin: Beginnings) -> None:
        self.graph, self.begin = graph, begin
        self.layers: list[tuple[str, Layer]] = []
        self.inputs: dict[str, tuple[str, ...]] = {}
        self.shapes: dict[str, Shape] = {"": input_shape}
        self.gpus: dict[str, int] = {}
        self.learning: dict[str, Learning] = {}
        # Of a section: the layer that computes what others see of it.
        self.outputs = {graph.picture: ""}
        self.flat: dict[str, str] = {}  # of a layer of maps: the one that flattens it

    def add_node(self, node: Node) -> None:
        """Add the layer of a section, and its neuron after it."""
        names = [self.outputs[name] for name in node.inputs]
        if node.kind in ("fc", "softmax"):
            names = [self._flattened(node, name) for name in names]
        if node.kind == "softmax":
            return
        gpu = node.values["gpu"]
        gpu = self.gpus.get(names[0], 0) if gpu is None else gpu
        if node.kind in ("conv", "fc"):
            self._add_learning(node)
        layer = make_layer(node, [self.shapes[name] for name in names], self.begin)
        self._add(node, node.name, layer, names, gpu)
        self.outputs[node.name] = node.name
        neuron = NEURONS.get(node.values["neuron"])
        if neuron is not None:
            self.outputs[node.name] = f"{node.name}_neuron"
            self._add(node, f"{node.name}_neuron", neuron(), [node.name], gpu)

    def _add(
        self, node: Node, name: str, layer: Layer, inputs: Sequence[str], gpu: int
    ) -> None:
        """Add a layer."""
        if name in self.shapes or (name != node.name and name in self.graph.sections):
            raise node.section.error(
                f"expected no other layer of the name {name}, got one"
            )
        shapes: Any = [self.shapes[i] for i in inputs]
        self.shapes[name] = layer.output_shape(
            shapes[0] if len(shapes) == 1 else shapes
        )
        self.layers.append((name, layer))
        self.inputs[name], self.gpus[name] = tuple(inputs), gpu

    def _flattened(self, node: Node, name: str) -> str:
        """Return the layer that gives a layer's output as (features,)."""
        if len(self.shapes[name]) == 1:
            return name
        if name not in self.flat:
            flat = f"{name.removesuffix('_neuron') or self.graph.picture}_flat"
            self._add(node, flat, Flatten(), [name], self.gpus.get(name, 0))
            self.flat[name] = flat
        return self.flat[name]

    def _add_learning(self, node: Node) -> None:
        """Say how a layer's blocks of weights and its bias learn."""
        v = node.values
        each = zip(v["epsW"], v["momW"], v["wc"], strict=True)
        for i, (rate, momentum, decay) in enumerate(each, 1):
            key = "W" if len(v["epsW"]) == 1 else f"W{i}"
            self.learning[f"{node.name}.{key}"] = Learning(rate, momentum, decay)
        self.learning[f"{node.name}.b"] = Learning(v["epsB"], v["momB"], 0)
