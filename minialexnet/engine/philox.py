"""Random numbers that depend on a counter alone.

Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", SC11):
ten rounds of multiplications turn a counter and a key into four random words. Written
in plain integer array operations it gives the same numbers on NumPy and CuPy, and as
each number hangs on its own counter only, any part of a batch or of a layer can be
drawn by itself, on whichever device it lives.
"""

from collections.abc import Sequence

from .arrays import Array

_LOW = 0xFFFFFFFF


def philox4x32(counter: Sequence[Array | int], key: int) -> list[Array]:
    """Return four arrays of random 32-bit words, one set for each counter.

    Parameters
    ----------
    counter : four of ndarray of uint64 or int
        The counter's words, each below 2**32, in shapes that broadcast; at least one
        is an array.
    key : int
        From 0 to 2**64 - 1; a seed.

    Returns
    -------
    list of four ndarray of uint64
        Values below 2**32, of the counters' common shape.

    Examples
    --------
    >>> import numpy as np
    >>> words = philox4x32([np.zeros(1, np.uint64), 0, 0, 0], key=0)
    >>> [hex(int(word[0])) for word in words]  # as published with Random123
    ['0x6627e8d5', '0xe169c58d', '0xbc57ac4c', '0x9b00dbd8']
    """
    if not 0 <= key < 1 << 64:
        raise ValueError(f"expected a key from 0 to 2**64 - 1, got {key}")
    c0, c1, c2, c3 = counter
    k0, k1 = key & _LOW, key >> 32
    for _ in range(10):
        # The products are 64 bits long: the upper and the lower word part ways.
        p0, p1 = c0 * 0xD2511F53, c2 * 0xCD9E8D57
        c0, c1 = (p1 >> 32) ^ c1 ^ k0, p1 & _LOW
        c2, c3 = (p0 >> 32) ^ c3 ^ k1, p0 & _LOW
        k0, k1 = (k0 + 0x9E3779B9) & _LOW, (k1 + 0xBB67AE85) & _LOW
    return [c0, c1, c2, c3]
