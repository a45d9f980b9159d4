"""What a run is, in one value: its data, network, training and machine.

From the fields of `Config` are made the options of ``minialexnet train``, what a
checkpoint says of its run and what --resume compares. The arms of a figure differ in a
field or two: ``dataclasses.replace(config, pooling=2)``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import Field, asdict, dataclass, field, fields
from math import isfinite
from typing import Any

from ..cifar_net import ACTIVATIONS, SIDES
from ..cuda_convnet import description
from ..data import NAMES
from ..layers.choice import CONVOLUTIONS
from ..profiles import PROFILES

# Kinds of model: those written here, and the 2012 code's files.
ALL = ("cifar", "alexnet", "cuda_convnet")
OURS, ALEXNET, FILES = ALL[:2], ALL[1:2], ALL[2:]


def say(default: Any, text: str, **how: Any) -> Any:
    """Return a field with its text in the help, and how its option is read.

    `group` begins a group of options; `of` are the only kinds of model that have the
    field; a `free` one may change on --resume; `choices` and `least` are what the
    option takes, `metavar` how the help shows it, `option` its name where it is not the
    field's.
    """
    how = {"text": text, "of": ALL, "free": False} | how
    if isinstance(default, dict):
        return field(default_factory=default.copy, metadata=how)
    return field(default=default, metadata=how)


def groups(config: Any) -> dict[str, list[Field[Any]]]:
    """Return the fields of a config, or of its class, by the group of their options."""
    found: dict[str, list[Field[Any]]] = {}
    for one in fields(config):
        if "group" in one.metadata:
            group = found.setdefault(one.metadata["group"], [])
        group.append(one)
    return found


@dataclass(frozen=True)
class Config:
    """What a run is; the text of a field is what ``train --help`` says of it."""

    data: str = say("shapes", f"{', '.join(NAMES)}, or a folder", group="data")
    classes: int | None = say(None, "of tiny-imagenet, the first N classes", least=1)
    skip_classes: int = say(0, "of tiny-imagenet, leave out N before those", least=0)
    held_out: int = say(
        0, "training pictures of each class to set aside, not to train on", least=0
    )
    tested_on: str = say(
        "test",
        "which pictures the error is measured on after each epoch",
        choices=("test", "held-out"),
    )

    model: str = say(
        "cifar",
        "cifar, which is the network of Figure 1; alexnet; or a layers file of the "
        "2012 code",
        group="network",
        metavar="NAME_OR_FILE.cfg",
    )
    params: str | None = say(
        None, "the params file (default: that beside the layers file)", of=FILES
    )
    activation: str = say(
        "relu", "the hidden units' function", choices=ACTIVATIONS, of=OURS
    )
    pooling: int = say(
        3, "side of the windows, which lie 2 pixels apart", choices=SIDES, of=OURS
    )
    profile: str = say(
        "paper", "see minialexnet describe", choices=PROFILES, of=ALEXNET
    )
    change: Mapping[str, Any] = say(
        {},
        "change a field of the profile, like dropout=0.3 or 'removed=[\"conv4\"]'; may "
        "be given several times",
        of=ALEXNET,
        metavar="FIELD=VALUE",
    )
    width: float = say(1.0, "multiplies the kernels of every layer", of=ALEXNET)
    input_size: int | None = say(
        None,
        "pixels of a side that it takes (default: the profile's own, for smaller "
        "pictures 7/8 of their side; of FILE.cfg the pictures' side)",
        of=("alexnet", "cuda_convnet"),
        least=1,
    )
    towers: int = say(2, "two, or one of half the kernels", of=ALEXNET)
    convolution: str = say(
        "im2col",
        "winograd: faster, rounds differently; cudnn: NVIDIA's, see the guide on a GPU",
        choices=CONVOLUTIONS,
        of=OURS,
    )

    pretrained: str | None = say(
        None,
        "fine-tune: begin with the layers of this checkpoint or run that fit, and a "
        "new last layer; the rate is 0.001, and a tenth of it for conv1",
        group="training",
        option="--from",
        metavar="CHECKPOINT",
    )
    epochs: int = say(
        90, "passes over the training pictures in all", free=True, least=1
    )
    batch_size: int = say(128, "pictures a step", least=1)
    learning_rate: float = say(
        0.01, "at the beginning; with FILE.cfg the largest rate, by default the file's"
    )
    reference_batch: int | None = say(
        None,
        "the rate is for batches of this size, and grows in proportion to --batch-size",
        least=1,
    )
    warm_up: int = say(
        0, "epochs in which the rate grows from --learning-rate to that", least=0
    )
    optimizer: str = say(
        "sgd", "lars: each layer at its own rate", choices=("sgd", "lars"), of=OURS
    )
    momentum: float = say(0.9, "share of the last step in the next", of=OURS)
    weight_decay: float = say(0.0005, "pull of the weights to zero", of=OURS)
    schedule: str = say(
        "plateau",
        "plateau divides the rate by 10, three times at most, when the test error "
        "stops improving; constant; or the epochs after which to divide it: 25,51",
    )
    patience: int = say(3, "plateau: epochs without improvement", least=1)
    rate: Mapping[str, float] = say(
        {},
        "multiply the rate of one layer; may be given several times",
        metavar="LAYER=FACTOR",
        of=OURS,
    )
    seed: int = say(0, "draws the weights, the pictures' order, augmentation", least=0)

    crops: bool = say(
        True, "crop at random places, not in the centre", group="augmentation"
    )
    mirrors: bool = say(True, "mirror half of the pictures, at random")
    color: str = say("paper", "colour noise", choices=("none", "paper", "2012"))

    device: str = say(
        "cpu",
        "cpu or cuda:0; two for the two towers: cuda:0,cuda:1; under mpiexec cuda is a "
        "GPU for each rank",
        group="machine",
        free=True,
    )
    threads: int | None = say(
        None,
        "of the processor, which share a batch (default: one a core)",
        least=1,
        free=True,
    )
    parts: int | None = say(
        None,
        "that a batch is cut into; their gradients are added in order, so another "
        "number rounds differently (default: one a thread; 8 under mpiexec)",
        least=1,
    )

    def __post_init__(self) -> None:
        numbers = {f.name: getattr(self, f.name) for f in fields(self)}
        for name, number in (numbers | dict(self.rate)).items():
            if isinstance(number, float) and not isfinite(number):
                raise ValueError(f"expected {name} to be finite, got {number}")

    @property
    def kind(self) -> str:
        """The model's name in `minialexnet.model.MODELS`."""
        return "cuda_convnet" if self.model.endswith(".cfg") else self.model

    def network(self) -> dict[str, Any]:
        """Return the network's description, see `minialexnet.model.begin`.

        Raises
        ------
        OSError, ValueError
            If the model is a file that cannot be read.
        """
        if self.kind == "cuda_convnet":
            own = description(self.model, self.params)
            return own | {"input_size": self.input_size, "seed": self.seed}
        values = asdict(self)
        fit = [f for f in groups(self)["network"] if self.kind in f.metadata["of"]]
        return {f.name: values[f.name] for f in fit} | {"seed": self.seed}
