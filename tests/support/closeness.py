"""pytest.approx for whole arrays: it compares in a loop, which takes seconds."""

import numpy as np


def is_close(found, expected, rel, abs):
    """Return whether all of `found` is as near to `expected` as pytest.approx asks."""
    assert found.shape == expected.shape
    bound = np.maximum(rel * np.abs(expected), abs)
    # A NaN is near to nothing.
    return bool((np.abs(found - expected) <= bound).all())
