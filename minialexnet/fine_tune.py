"""Fine-tuning: a network that begins with what another has learned (section 6)."""

from collections.abc import Mapping
from dataclasses import replace

from .data import Dataset
from .engine.arrays import Array
from .model.packing import Model
from .model.registry import build
from .runs.config import Config
from .sequential import Sequential


def copy_fitting(weights: Mapping[str, Array], network: Sequential) -> list[str]:
    """Copy into a network every layer that fits, but never its last.

    Fine-tuning begins so (Krizhevsky et al. 2012, section 6: pre-trained, then
    fine-tuned): what the layers have learned is kept, and the last one, whose classes
    are others, begins anew.

    Parameters
    ----------
    weights : dict of str to ndarray
        Another network's parameters, by the name "conv1.W".
    network : Sequential

    Returns
    -------
    list of str
        The layers copied, in the network's order.

    Raises
    ------
    ValueError
        If none fits; nothing is changed.
    """
    own = network.parameters()
    names: dict[str, list[str]] = {}
    for parameter in own:
        names.setdefault(parameter.rpartition(".")[0], []).append(parameter)
    copied = [
        layer
        for layer in list(names)[:-1]
        if all(p in weights and weights[p].shape == own[p].shape for p in names[layer])
    ]
    if not copied:
        raise ValueError(
            "expected a network with a layer of the same name and shape, got none"
        )
    for layer in copied:
        for parameter in names[layer]:
            own[parameter][...] = weights[parameter]
    return copied


def fine_tuned(
    config: Config, dataset: Dataset, source: Model
) -> tuple[Model, list[str]]:
    """Return a model that begins with what another has learned, and lines about it.

    Raises
    ------
    ValueError
        If the pictures are too small for it, or no layer fits.
    """
    description = source.description | {
        "classes": len(dataset.class_names),
        "seed": config.seed,
    }
    side, size = dataset.train_images.shape[2], source.preprocessing.size
    if size > side:
        raise ValueError(
            f"expected pictures of at least {size} pixels, as the network in "
            f"{config.pretrained} takes them, got {side}"
        )
    # The pictures must look to it as those that it has learned from.
    preprocessing = replace(source.preprocessing, side=side)
    network = build(description)
    copied = copy_fitting(source.network.parameters(), network)
    notes = [f"From {config.pretrained}: {', '.join(copied)}; the others begin anew."]
    if side >= 2 * size:
        notes.append(
            f"It takes {size} pixels and sees {size**2 / side**2:.1%} of a picture of "
            f"{side}: pictures of {source.preprocessing.side} are what it learned from."
        )
    names = dataset.class_names, description, dataset.class_folders
    return Model(network, preprocessing, *names), notes
