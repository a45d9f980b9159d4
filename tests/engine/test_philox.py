"""Philox4x32-10 against the published vectors and a scalar version."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minialexnet.engine.philox import philox4x32
from minialexnet.engine.transfer import to_numpy
from minialexnet.exercises import oracles

# Known answers as published with Random123: counter, key, words.
KNOWN = [
    ([0, 0, 0, 0], [0, 0], [0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8]),
    (
        [0xFFFFFFFF] * 4,
        [0xFFFFFFFF] * 2,
        [0x408F276D, 0x41C83B0E, 0xA20BC7C6, 0x6D5451FD],
    ),
    (
        [0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344],
        [0xA4093822, 0x299F31D0],
        [0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1],
    ),
]
words32 = st.integers(0, 2**32 - 1)


@pytest.mark.parametrize(("counter", "key", "words"), KNOWN)
def test_known_answers(xp, counter, key, words):
    assert oracles.philox4x32_10(counter, key) == words
    counters = [xp.asarray([word], dtype=xp.uint64) for word in counter]
    drawn = philox4x32(counters, key[0] | key[1] << 32)
    assert [int(word[0]) for word in drawn] == words


@given(st.tuples(words32, words32, words32, words32), st.tuples(words32, words32))
def test_any_counter_and_key_against_the_scalar_version(xp, counter, key):
    first = xp.asarray([counter[0], 0], dtype=xp.uint64)
    drawn = philox4x32([first, *counter[1:]], key[0] | key[1] << 32)
    assert all(word.dtype == xp.uint64 for word in drawn)
    for place, start in enumerate([counter[0], 0]):
        expected = oracles.philox4x32_10((start, *counter[1:]), key)
        assert [int(word[place]) for word in drawn] == expected


def test_counters_broadcast_and_are_not_changed(xp):
    rows, columns = xp.arange(3, dtype=xp.uint64), xp.arange(5, dtype=xp.uint64)
    drawn = philox4x32([columns, rows[:, None], 7, 0], 1)
    assert [word.shape for word in drawn] == [(3, 5)] * 4
    expected = [
        oracles.philox4x32_10((c, r, 7, 0), (1, 0)) for r in range(3) for c in range(5)
    ]
    np.testing.assert_array_equal(
        np.stack([to_numpy(word).ravel() for word in drawn], axis=1), expected
    )
    assert to_numpy(columns).tolist() == list(range(5))


@pytest.mark.parametrize("key", [-1, 2**64])
def test_a_key_out_of_range_is_refused(key):
    with pytest.raises(ValueError, match=r"key from 0 to 2\*\*64 - 1"):
        philox4x32([np.zeros(1, np.uint64), 0, 0, 0], key)
