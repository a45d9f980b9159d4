"""State dicts: arrays by name, which say what each layer is called and no more."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..engine.arrays import Array
from ..profiles import PROFILES
from .file import WeightsError
from .network import Asked, Weights, assemble, empty

LAYERS = [*(f"conv{i}" for i in range(1, 6)), *(f"fc{i}" for i in range(6, 9))]

# Where torchvision.models.alexnet keeps what we call conv1 to fc8.
PLACES = [f"features.{n}" for n in (0, 3, 6, 8, 10)]
PLACES += [f"classifier.{n}" for n in (1, 4, 6)]
TORCHVISION = dict(zip(LAYERS, PLACES, strict=True))

# What wrappers put into every name: of several devices, and of a compiled network.
WRAPPERS = {"module", "_orig_mod"}
DEEPEST = 20  # modules within each other


def from_names(tensors: Mapping[str, Array], asked: Asked) -> Weights:
    """Make a network of a state dict.

    Its layers are those of ``torchvision.models.alexnet`` if they go by the same
    names. Under other names they are told by order and shape, and `Weights.notes` has
    what was taken for what.

    Parameters
    ----------
    tensors : dict of str to ndarray
    asked : Asked
        The profile, where neither names nor shapes say which it is.

    Raises
    ------
    WeightsError
        If it is another network's.
    """
    plain = _without_prefixes(tensors)
    known = {f"{n}.{end}" for n in TORCHVISION.values() for end in ("weight", "bias")}
    if plain.keys() == known and asked.profile in (None, "torchvision"):
        return assemble(_described("torchvision", asked), _named(plain, TORCHVISION))
    stems = _stems(plain)
    if stems is None:
        shown = ", ".join(f"{name!r:.50}" for name in list(tensors)[:2])
        odd = min(plain.keys() ^ known, key=str)
        raise WeightsError(
            "expected the state dict of torchvision's alexnet, features.0.weight to "
            "classifier.6.bias, 16 tensors, or one of five convolutions and three "
            f"dense layers, got {len(tensors)}: {shown or 'none'}, ...; "
            f"{odd!r:.50} is {'unknown' if odd in plain else 'missing'}"
        )
    names, described = _matched(plain, stems, asked)
    assumed = {}
    if described["profile"] != "torchvision":
        how = f"what stands between them, as in the profile {described['profile']}"
        assumed = {"layers": how}
    return assemble(described, _named(plain, names), taken=names, assumed=assumed)


def _described(profile: str, asked: Asked) -> dict[str, Any]:
    """Return which network it is, as far as the arrays do not say it."""
    size = asked.size or PROFILES[profile].input_size
    return {"profile": profile, "input_size": size}


def _named(tensors: Mapping[str, Array], names: Mapping[str, str]) -> dict[str, Array]:
    """Return the arrays by our names, given where each layer is kept."""
    return {
        f"{ours}.{key}": tensors[f"{theirs}.{end}"]
        for ours, theirs in names.items()
        for key, end in (("W", "weight"), ("b", "bias"))
    }


def _without_prefixes(tensors: Mapping[str, Array]) -> dict[str, Array]:
    """Return the arrays by names without wrappers and what all of them begin with."""
    if any(name.count(".") > DEEPEST for name in tensors):
        return dict(tensors)
    paths = [[p for p in name.split(".") if p not in WRAPPERS] for name in tensors]
    while paths and all(len(p) > 2 and p[0] == paths[0][0] for p in paths):
        paths = [path[1:] for path in paths]
    plain = dict(zip(map(".".join, paths), tensors.values(), strict=True))
    # Two that only a prefix told apart keep their names.
    return plain if len(plain) == len(tensors) else dict(tensors)


def _stems(tensors: Mapping[str, Array]) -> list[str] | None:
    """Return where an AlexNet's layers are kept, convolutions first; None if nowhere.

    Each is in the file's order among its kind.
    """
    stems: dict[str, set[str]] = {}
    for name in tensors:
        stem, _, end = name.rpartition(".")
        stems.setdefault(stem, set()).add(end)
    if any(ends != {"weight", "bias"} for ends in stems.values()):
        return None
    sides = {stem: tensors[f"{stem}.weight"].ndim for stem in stems}
    convolutions, dense = ([s for s in stems if sides[s] == n] for n in (4, 2))
    right = (len(convolutions), len(dense), len(stems)) == (5, 3, 8)
    return convolutions + dense if right else None


def _matched(
    tensors: Mapping[str, Array], stems: Sequence[str], asked: Asked
) -> tuple[dict[str, str], dict[str, Any]]:
    """Return where each layer is kept, and which network's shapes they have.

    Raises
    ------
    WeightsError
        If they are those of several networks, or of none.
    """
    shapes = {n: tensors[f"{n}.weight"].shape for n in stems}
    hidden, classes = shapes[stems[5]][0], shapes[stems[7]][0]
    nearest: tuple[int, dict[str, str], dict[str, Any]] = (-1, {}, {})
    # Some programs sort the names: net.10 stands before net.4 there.
    for order in (stems, [*sorted(stems[:5], key=_natural), *stems[5:]]):
        names = dict(zip(LAYERS, order, strict=True))
        fitting = []
        for described in _candidates(asked):
            arguments = {"classes": classes, "width": hidden / 4096}
            try:
                own = empty(described | arguments).parameters()
            except (ValueError, OverflowError):
                continue
            same = sum(own[f"{n}.W"].shape == shapes[names[n]] for n in LAYERS)
            nearest = max(nearest, (same, names, described), key=lambda n: n[0])
            if same == len(LAYERS):
                fitting.append(described)
        profiles = [described["profile"] for described in fitting]
        if len(profiles) > 1:
            raise WeightsError(
                "expected to be told which network it is, by --profile "
                f"{' or '.join(profiles)}: its layers' shapes are those of each"
            )
        if fitting:
            return names, fitting[0]
    return nearest[1:]  # which of its shapes is wrong is said where it is put together


def _candidates(asked: Asked) -> Iterable[dict[str, Any]]:
    """Yield the networks that it may be."""
    for profile in [asked.profile] if asked.profile else PROFILES:
        described = _described(profile, asked)
        yield described
        if PROFILES[profile].two_towers:
            yield described | {"change": {"two_towers": False}}


def _natural(name: str) -> list[tuple[int, str]]:
    """Return a key that sorts net.4 before net.10."""
    parts = re.split(r"([0-9]{1,9})", name)
    return [(int(p), "") if i % 2 else (0, p) for i, p in enumerate(parts)]
