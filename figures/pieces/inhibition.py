"""Section 3.3: what of an activity a response normalisation leaves, and why."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from minialexnet import LocalResponseNormalization

Floats = NDArray[np.floating[Any]]


def left(lrn: LocalResponseNormalization, squares: Floats | float) -> Floats:
    """Return (k / d)^beta for sums of squares: 1 where nothing is inhibited."""
    return np.asarray((lrn.k / (lrn.k + lrn.alpha * np.asarray(squares))) ** lrn.beta)


def turning_point(lrn: LocalResponseNormalization) -> float:
    """Return the activity whose output is largest, where no neighbour is active.

    The derivative of a (k + alpha a^2)^-beta is 0 at alpha a^2 (2 beta - 1) = k.
    """
    return float((lrn.k / (lrn.alpha * (2 * lrn.beta - 1))) ** 0.5)


def parts_left(lrn: LocalResponseNormalization, a: Floats) -> Floats:
    """Return (k / d)^beta for every activity."""
    # Where an activity is 0, one too small to change d shows what is left.
    shown = np.where(a == 0, a.dtype.type(1e-6), a)
    part: Floats = lrn.forward(shown) / shown * a.dtype.type(lrn.k**lrn.beta)
    return part


def shares_lost(
    lrn: LocalResponseNormalization, a: Floats, b: Floats
) -> tuple[Floats, Floats]:
    """Return for each map what part of its activity it and its neighbours take away.

    Of the sum of |a| over the picture, as against a layer that divides by k^beta and
    no more. Its own part is what a map loses where all its neighbours are silent.

    Parameters
    ----------
    lrn : LocalResponseNormalization
    a, b : ndarray, shape (1, C, H, W)
        Before and after.

    Returns
    -------
    own, neighbours : ndarray, shape (C,)
        From 0 to 1, and so is their sum.
    """
    places = (0, 2, 3)
    whole = abs(a).sum(axis=places)
    alone = (abs(a) * left(lrn, a * a)).sum(axis=places) / whole
    together = abs(b).sum(axis=places) * lrn.k**lrn.beta / whole
    return 1 - alone, alone - together


def loud_and_silenced(
    lrn: LocalResponseNormalization, a: Floats, b: Floats
) -> tuple[int, int]:
    """Return the map with the largest squares, and who loses most in its windows."""
    _, neighbours = shares_lost(lrn, a, b)
    loud = int((a * a).sum(axis=(0, 2, 3)).argmax())
    tower = a.shape[1] // lrn.groups
    near = [
        i
        for i in range(
            max(0, loud - lrn.n // 2), min(a.shape[1], loud + lrn.n // 2 + 1)
        )
        if i != loud and i // tower == loud // tower
    ]
    return loud, max(near, key=lambda i: neighbours[i])
