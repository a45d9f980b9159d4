"""Checkpoints come back to the bit, or are refused by name; a save never harms one."""

import errno
import json
import os
import resource

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minialexnet.files.checkpoint import CheckpointError, load, replacing, save

NAN_PAYLOADS = np.array([0x7FC00001, 0xFFC0BEEF, 0x7F800001], np.uint32)
ARRAYS = {
    "w/conv1.W": np.random.default_rng(0).standard_normal((2, 3, 4)).astype("f4"),
    "v/conv1.W": NAN_PAYLOADS.view(np.float32),
    "float64": np.array([-0.0, np.inf, 5e-324, np.pi]),
    "pixels": np.arange(256, dtype=np.uint8).reshape(16, 16),
    "labels": np.array([-(2**63), 2**63 - 1]),
    "scalar": np.array(1.5, np.float32),
    "empty": np.empty((0, 3, 2), np.float32),
    "columns": np.arange(6.0).reshape(2, 3).T,
    "strided": np.arange(12, dtype=np.int64)[::-2],
    "file": np.array([True, False]),
}
STATE = {"epoch": 3, "best": float("inf"), "history": [{"loss": 0.1 + 0.2}], "n": None}


@pytest.fixture
def saved(tmp_path):
    """Return the path of a small checkpoint and its bytes."""
    path = tmp_path / "checkpoint.npz"
    save(path, {"w/b": np.arange(6, dtype=np.float32)}, {"epoch": 1})
    return path, path.read_bytes()


def equal(found, expected):
    """Return whether all arrays agree in name, order, shape, dtype and every bit."""
    return list(found) == list(expected) and all(
        (found[k].shape, found[k].dtype, found[k].tobytes())
        == (a.shape, a.dtype, a.tobytes())
        for k, a in expected.items()
    )


def test_every_bit_comes_back(tmp_path):
    save(tmp_path / "c.npz", ARRAYS, STATE)
    arrays, state = load(tmp_path / "c.npz")
    assert equal(arrays, ARRAYS)
    assert state == STATE
    assert all(array.flags.writeable for array in arrays.values())


@given(
    words=st.lists(st.integers(0, 2**64 - 1), max_size=20),
    dtype=st.sampled_from(["f4", "f8", "u1", "i8", ">f4", "c8"]),
    state=st.dictionaries(st.text(), st.integers() | st.floats(allow_nan=False)),
)
def test_any_bits_and_any_state_come_back(tmp_path_factory, words, dtype, state):
    path = tmp_path_factory.mktemp("any") / "c.npz"
    array = np.array(words, np.uint64).view(dtype)
    save(path, {"a": array}, state)
    arrays, found = load(path)
    assert equal(arrays, {"a": array})
    assert found == state


def test_numpy_opens_it_too(saved):
    with np.load(saved[0], allow_pickle=False) as file:
        assert file["w/b"].tolist() == [0, 1, 2, 3, 4, 5]
        assert json.loads(file["minialexnet"].tobytes())["version"] == 1


def test_a_flipped_bit_is_refused_or_changes_nothing(saved):
    path, good = saved
    refused = 0
    for i in range(len(good)):
        path.write_bytes(good[:i] + bytes([good[i] ^ 1 << i % 8]) + good[i + 1 :])
        try:
            arrays, state = load(path)
        except CheckpointError as error:
            assert str(path) in str(error)
            refused += 1
        else:
            assert equal(arrays, {"w/b": np.arange(6, dtype=np.float32)}), i
            assert state == {"epoch": 1}
    assert refused > len(good) // 2


def test_every_bit_of_the_arrays_and_the_state_is_guarded(saved):
    path, good = saved
    for content in (np.arange(6, dtype=np.float32).tobytes(), b'"epoch": 1'):
        start = good.index(content)
        for bit in range(8 * len(content)):
            bad = bytearray(good)
            bad[start + bit // 8] ^= 1 << bit % 8
            path.write_bytes(bad)
            with pytest.raises(CheckpointError, match="expected a whole checkpoint"):
                load(path)


def test_a_file_cut_short_is_refused_at_any_length(saved):
    path, good = saved
    for length in range(len(good)):
        path.write_bytes(good[:length])
        with pytest.raises(CheckpointError, match=r"checkpoint\.npz: expected a whole"):
            load(path)


def test_foreign_files_are_refused_with_what_came(tmp_path):
    path = tmp_path / "other.npz"
    np.savez(path, weights=np.zeros(3))
    with pytest.raises(
        CheckpointError, match=r"other\.npz: .* zip file of weights\.npy"
    ):
        load(path)
    path.write_bytes(b"\x89PNG not a zip file at all")
    with pytest.raises(CheckpointError, match=r"other\.npz: expected a whole"):
        load(path)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"version": 2},
            "expected a minialexnet checkpoint of version 1, got version 2",
        ),
        ({"version": None}, "got version None"),
        ({"format": "other"}, "expected a minialexnet checkpoint, got format 'other'"),
        ({"arrays": ["w/b", "w/W"]}, "w/W"),
    ],
)
def test_another_header_is_refused(saved, change, message):
    path, _ = saved
    with np.load(path) as file:
        header = json.loads(file["minialexnet"].tobytes()) | change
        weights = file["w/b"]
    text = np.frombuffer(json.dumps(header).encode(), np.uint8)
    np.savez(path, **{"minialexnet": text, "w/b": weights})
    with pytest.raises(CheckpointError, match=message):
        load(path)


def test_pickled_objects_are_never_loaded(saved):
    path, _ = saved
    with np.load(path) as file:
        header = file["minialexnet"]
    np.savez(path, **{"minialexnet": header, "w/b": np.array([print], object)})
    with pytest.raises(CheckpointError, match="allow_pickle=False"):
        load(path)


@pytest.mark.parametrize(
    ("arrays", "state", "error", "message"),
    [
        ({"w": [1.0]}, {}, TypeError, "expected w to be a NumPy array.*got list"),
        ({"w": np.array([None])}, {}, TypeError, "expected w .*got object"),
        ({"minialexnet": np.zeros(1)}, {}, ValueError, "another name"),
        ({}, {"step": np.int64(1)}, TypeError, "int64"),
    ],
)
def test_what_cannot_be_kept_is_refused(saved, arrays, state, error, message):
    path, good = saved
    with pytest.raises(error, match=message):
        save(path, arrays, state)
    assert path.read_bytes() == good
    assert os.listdir(path.parent) == [path.name]


def test_a_missing_file_and_a_missing_folder_are_named(tmp_path):
    path = tmp_path / "nowhere" / "c.npz"
    with pytest.raises(FileNotFoundError, match="nowhere"):
        load(path)
    with pytest.raises(FileNotFoundError, match=r"could not write.*nowhere.c\.npz"):
        save(path, {}, {})


def test_a_file_that_may_not_grow_leaves_the_previous_checkpoint(saved):
    path, good = saved
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, hard))
    try:
        with pytest.raises(OSError, match=r"left as it was.*checkpoint\.npz") as caught:
            save(path, {"w/W": np.zeros(100_000)}, {})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert caught.value.errno == errno.EFBIG
    assert path.read_bytes() == good
    assert os.listdir(path.parent) == [path.name]


@pytest.mark.parametrize("call", ["fsync", "replace"])
@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, "disk full"), KeyboardInterrupt]
)
def test_a_save_that_fails_late_leaves_the_previous_checkpoint(
    saved, monkeypatch, call, error
):
    path, good = saved

    def fail(*_):
        raise error

    monkeypatch.setattr(os, call, fail)
    with pytest.raises((OSError, KeyboardInterrupt)) as caught:
        save(path, ARRAYS, {})
    if isinstance(caught.value, OSError):
        assert "left as it was: disk full" in str(caught.value)
    assert path.read_bytes() == good
    assert os.listdir(path.parent) == [path.name]


def test_the_bytes_are_on_the_disk_before_the_name_is(saved, monkeypatch):
    path, good = saved
    calls = []
    real_fsync, real_replace = os.fsync, os.replace

    def fsync(descriptor):
        calls.append(
            ("fsync", os.fstat(descriptor).st_ino, os.fstat(descriptor).st_size)
        )
        real_fsync(descriptor)

    def replace(source, target):
        calls.append(("replace", source.name, target.name))
        assert path.read_bytes() == good
        real_replace(source, target)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "replace", replace)
    save(path, ARRAYS, STATE)
    file, folder = path.stat(), path.parent.stat()
    assert calls == [
        ("fsync", file.st_ino, file.st_size),
        ("replace", ".checkpoint.npz.tmp", path.name),
        ("fsync", folder.st_ino, folder.st_size),
    ]


def test_what_a_killed_save_left_is_written_over(saved):
    path, _ = saved
    path.with_name(".checkpoint.npz.tmp").write_bytes(b"x" * 10_000)
    save(path, ARRAYS, STATE)
    assert equal(load(path)[0], ARRAYS)
    assert os.listdir(path.parent) == [path.name]


def test_replacing_takes_any_content(tmp_path):
    path = tmp_path / "metrics.jsonl"
    for text in (b"one\n", b"two\n"):
        with replacing(path) as file:
            file.write(text)
        assert path.read_bytes() == text
