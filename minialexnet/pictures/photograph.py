"""The photograph that pictures and lessons show: Matplotlib's grace_hopper.jpg."""

import numpy as np
from numpy.typing import NDArray

from ..data.picture import read_image


def photograph(side: int = 256) -> NDArray[np.uint8]:
    """Return the photograph's centre, which Matplotlib ships, as a batch of one.

    Parameters
    ----------
    side : int
        Pixels.

    Returns
    -------
    ndarray of uint8, shape (1, 3, side, side)

    Examples
    --------
    >>> photograph(64).shape
    (1, 3, 64, 64)
    """
    import matplotlib.cbook

    path = matplotlib.cbook.get_sample_data("grace_hopper.jpg", asfileobj=False)
    return read_image(str(path), side)[None]
