"""How the paper's network and its four descendants differ, line by line."""

from collections.abc import Mapping
from dataclasses import fields, replace
from itertools import product
from typing import Any

from .profile import Profile

__all__ = ["PROFILES", "Profile", "changed_profile"]

PROFILES = {
    # 224 pixels make 55 outputs only where the last window may hang over the edge.
    "paper": Profile("Krizhevsky et al. 2012, sections 3.5 and 5"),
    "2012": Profile(
        "the 2012 code's own layer file, number 145",
        after=(
            ("lrn", "pool", "relu"),
            ("relu", "lrn", "space", "pool"),
            ("relu",),
            ("relu",),
            ("pool", "relu"),
        ),
        lrn_divided=True,
        lrn_own_tower=True,
        conv_sigma=(0.01, 0.01, 0.03, 0.03, 0.03),
        bias_rate=2,
        bias_decay=0,
    ),
    "caffe": Profile(
        "Caffe's bvlc_alexnet",
        input_size=227,
        conv_ceil_mode=False,
        lrn_k=1,
        lrn_divided=True,
        fc_sigma=(0.005, 0.005, 0.01),
        ones=0.1,
        dropout_inverted=True,
        bias_rate=2,
        bias_decay=0,
    ),
    "caffenet": Profile(
        "Caffe's bvlc_reference_caffenet",
        input_size=227,
        conv_ceil_mode=False,
        after=(
            ("relu", "pool", "lrn"),
            ("relu", "pool", "lrn"),
            ("relu",),
            ("relu",),
            ("relu", "pool"),
        ),
        lrn_k=1,
        lrn_divided=True,
        fc_sigma=(0.005, 0.005, 0.01),
        dropout_inverted=True,
        bias_rate=2,
        bias_decay=0,
    ),
    "torchvision": Profile(
        "torchvision.models.alexnet",
        kernels=(64, 192, 384, 256, 256),
        padding=(2, 2, 1, 1, 1),
        conv_ceil_mode=False,
        pool_ceil_mode=False,
        after=(
            ("relu", "pool"),
            ("relu", "pool"),
            ("relu",),
            ("relu",),
            ("relu", "pool"),
        ),
        two_towers=False,
        lrn_k=None,
        lrn_alpha=None,
        lrn_divided=None,
        lrn_own_tower=None,
        ones=0,
        dropout_first=True,
        dropout_inverted=True,
    ),
}


def changed_profile(name: str, changes: Mapping[str, Any]) -> Profile:
    """Return a profile with some of its fields changed.

    Parameters
    ----------
    name : str
        Out of `PROFILES`.
    changes : dict
        By field; a list is taken for a tuple, as JSON has no other.

    Raises
    ------
    ValueError
        If there is no such profile, or a profile has no such field, or so many values.

    Examples
    --------
    >>> changed_profile("2012", {"dropout": 0.3, "removed": ["conv4"]}).removed
    ('conv4',)
    """
    if name not in PROFILES:
        raise ValueError(
            f"expected a profile out of {', '.join(PROFILES)}, got {name!r}"
        )
    known = [field.name for field in fields(Profile)]
    if unknown := changes.keys() - set(known):
        raise ValueError(
            f"expected changes of {', '.join(known)}, got {', '.join(sorted(unknown))}"
        )
    values = {key: _tuples(value) for key, value in changes.items()}
    for key, value in values.items():
        own = getattr(PROFILES[name], key)
        is_list = isinstance(own, tuple)
        if key == "pool_ceil_mode" and value in product((False, True), repeat=5):
            continue  # one for each convolution's pooling
        if is_list != isinstance(value, tuple):
            what = "a list" if is_list else "a single value"
            raise ValueError(f"expected {what} for {key}, got {value!r}")
        if is_list and key != "removed" and len(value) != len(own):
            raise ValueError(f"expected {len(own)} values for {key}, got {len(value)}")
    return replace(PROFILES[name], **values)


def _tuples(value: Any) -> Any:
    return tuple(map(_tuples, value)) if isinstance(value, list) else value
