"""A network from its description, which JSON can hold."""

from collections.abc import Callable, Mapping
from typing import Any

from .. import cuda_convnet
from ..alexnet import alexnet
from ..cifar_net import cifar_net
from ..profiles import Profile, changed_profile
from ..sequential import Sequential


def profile_of(description: Mapping[str, Any]) -> Profile:
    """Return the profile of the AlexNet that a description is of."""
    name = description.get("profile", "paper")
    return changed_profile(name, description.get("change") or {})


def alexnet_changed(
    profile: str = "paper", change: Mapping[str, Any] | None = None, **arguments: Any
) -> Sequential:
    """Build an AlexNet in a profile with some of its fields changed."""
    return alexnet(changed_profile(profile, change or {}), **arguments)


MODELS: dict[str, Callable[..., Sequential]] = {
    "alexnet": alexnet_changed,
    "cifar": cifar_net,
    "cuda_convnet": cuda_convnet.build,
}


def build(description: Mapping[str, Any]) -> Sequential:
    """Build a network from its description.

    Parameters
    ----------
    description : dict
        "model" is a name out of `MODELS`, the rest that function's arguments.

    Raises
    ------
    ValueError
        If there is no such model, or it does not take such arguments.

    Examples
    --------
    >>> build({"model": "cifar", "classes": 4}).table((3, 32, 32)).rows[-1].output_shape
    (4,)
    """
    arguments = dict(description)
    name = arguments.pop("model", None)
    if name not in MODELS:
        raise ValueError(f"expected a model out of {', '.join(MODELS)}, got {name!r}")
    try:
        return MODELS[name](**arguments)
    except TypeError as error:
        raise ValueError(
            f"expected the arguments of {name}, got {', '.join(arguments)}: {error}"
        ) from error
