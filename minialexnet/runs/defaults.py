"""What a run is where nothing else is asked for, now and in earlier versions."""

from collections.abc import Mapping
from dataclasses import fields
from typing import Any

from .config import ALL, Config

# What --augment sets at once: random crops, mirror images and the noise of the colours.
AUGMENTATIONS: dict[str, dict[str, Any]] = {
    "none": {"crops": False, "mirrors": False, "color": "none"},
    "crops": {"crops": True, "mirrors": True, "color": "none"},
    "paper": {"crops": True, "mirrors": True, "color": "paper"},
    "2012": {"crops": True, "mirrors": True, "color": "2012"},
}
# The fields' own defaults are the paper's. The small network sees shapes: small steps
# and many, so that they are learned in a minute. Fine-tuning is as in the 2012 code.
CIFAR = {"epochs": 10, "batch_size": 32, "learning_rate": 0.003, "schedule": "constant"}
CIFAR |= AUGMENTATIONS["none"]
FINE_TUNING = {"learning_rate": 0.001, "rate": {"conv1": 0.1}}
# Before there was an option for it, a run had these; for all else, the defaults.
EARLIER = {"threads": 1}


def new_config(**asked: Any) -> Config:
    """Return a run of what is asked for and, for the rest, its model's defaults.

    Raises
    ------
    ValueError
        If something is asked for that another model has.
    """
    model = asked.get("model", "cifar")
    kind = Config(model=model).kind
    if kind not in ALL:
        raise ValueError(
            f"expected --model cifar, alexnet or a file that ends in .cfg, got {model}"
        )
    for one in fields(Config):
        if one.name in asked and kind not in one.metadata["of"]:
            name = one.name.replace("_", "-")
            raise ValueError(f"expected no --{name} for --model {model}")
    usual: dict[str, Any] = dict(CIFAR) if kind == "cifar" else {}
    if asked.get("pretrained") is not None:
        usual |= FINE_TUNING
        asked["rate"] = {**usual["rate"], **asked.get("rate", {})}
    return Config(**usual | asked)


def read_config(stored: Mapping[str, Any]) -> Config:
    """Return the config that a checkpoint's header holds, also of an earlier version.

    Raises
    ------
    ValueError
        If it is not of a run, or holds what is not known here.
    """
    values = {**EARLIER, **stored}
    if "from" in values:
        values["pretrained"] = values.pop("from")
    if "augment" in values:
        values |= AUGMENTATIONS[values.pop("augment")]
    values.setdefault("parts", values["threads"])  # they were the same thing
    unknown = values.keys() - {one.name for one in fields(Config)}
    missing = {"model", "data", "epochs"} - values.keys()
    if unknown or missing:
        raise ValueError(
            "expected the config of a run; missing or unknown: "
            + ", ".join(sorted(missing | unknown))
        )
    return Config(**values)
