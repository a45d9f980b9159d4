"""Checkpoints come back to the bit, or are refused by name; a save never harms one."""

import errno
import io
import json
import os
import resource
import struct
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minialexnet.files.checkpoint import CheckpointError, load, save
from minialexnet.files.headers import record, whole
from minialexnet.files.stored_zip import ArchiveError, list_members

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
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda descriptor: None)  # which takes longest
        save(path, {"a": array}, state)
    arrays, found = load(path)
    assert equal(arrays, {"a": array})
    assert found == state


def test_numpy_opens_it_too(saved):
    with np.load(saved[0], allow_pickle=False) as file:
        assert file["w/b"].tolist() == [0, 1, 2, 3, 4, 5]
        assert json.loads(file["minialexnet"].tobytes())["version"] == 2


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


def test_an_archive_is_not_believed_about_its_sizes(saved):
    good = saved[1]
    last, end = good.rindex(b"PK\1\2") + 20, good.rindex(b"PK\5\6") + 12
    for content, message in (
        (good + b"more", "an archive cut short"),
        (good[:end] + b"\xff" * 4 + good[end + 4 :], "a directory of 4,294,967,295"),
        (good[:last] + b"\xfe" * 8 + good[last + 8 :], "a member cut short"),
    ):
        with pytest.raises(ArchiveError, match=message):
            list_members(io.BytesIO(content))


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
            {"version": 3},
            "expected a minialexnet checkpoint of version 1 or 2, got version 3",
        ),
        ({"version": None}, "got version None"),
        ({"version": True}, "got version True"),
        ({"format": "other"}, "expected a minialexnet checkpoint, got format 'other'"),
        ({"arrays": ["w/b", "w/W"]}, "no array 'w/W'"),
        ({"arrays": ["w/b", "w/b"]}, "an array named twice"),
        ({"arrays": "w/b"}, "expected arrays to be a list"),
        ({"arrays": [["w/b"]]}, r"expected arrays\[0\] to be a text"),
        ({"state": [1]}, "expected state to be an object, got list"),
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
    with pytest.raises(CheckpointError, match="no array of numbers"):
        load(path)


@pytest.mark.parametrize(
    ("arrays", "state", "error", "message"),
    [
        ({"w": [1.0]}, {}, TypeError, "expected w to be a NumPy array.*got list"),
        ({"w": np.array([None])}, {}, TypeError, "expected w .*got object"),
        ({"minialexnet": np.zeros(1)}, {}, ValueError, "another name"),
        ({}, {"step": np.int64(1)}, TypeError, "int64"),
        # It takes no memory here; with what stands beside it, it is too large to load.
        ({"w": np.broadcast_to(np.uint8(0), 2**32)}, {}, ValueError, "at most 4,294"),
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
        calls.append(("replace", source.parent, target.name))
        assert path.read_bytes() == good
        real_replace(source, target)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "replace", replace)
    save(path, ARRAYS, STATE)
    file, folder = path.stat(), path.parent.stat()
    assert calls == [
        ("fsync", file.st_ino, file.st_size),
        ("replace", path.parent, path.name),
        ("fsync", folder.st_ino, folder.st_size),
    ]


# Files that would take more memory than they have bytes


def written(path, members, compression=zipfile.ZIP_STORED):
    """Write an archive of {name: bytes}, with a header that names all but itself."""
    names = list(members)
    header = {"format": "minialexnet checkpoint", "version": 2, "state": {}}
    text = np.frombuffer(json.dumps(header | {"arrays": names}).encode(), np.uint8)
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, data in {"minialexnet": npy(text), **members}.items():
            archive.writestr(f"{name}.npy", data)


def npy(array):
    out = io.BytesIO()
    np.save(out, array)
    return out.getvalue()


def test_what_numpy_saves_uncompressed_is_read(tmp_path):
    written(tmp_path / "c.npz", {name: npy(a) for name, a in ARRAYS.items()})
    assert equal(load(tmp_path / "c.npz")[0], ARRAYS)


def test_a_compressed_member_is_refused(tmp_path):
    path = tmp_path / "c.npz"
    zeros = npy(np.zeros(10**6))
    written(path, {"a": zeros, "b": zeros}, zipfile.ZIP_DEFLATED)
    assert path.stat().st_size < 40_000
    with pytest.raises(CheckpointError, match=r"minialexnet.npy', which is compressed"):
        load(path)


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ("(1000000000,)", "of another size than its shape"),
        ("(2, 2)", "of another size than its shape"),
        ("(3, -2)", "no array of numbers"),
        ("(1" + ", 1" * 99 + ")", "no array of numbers|maximum supported dimension"),
    ],
)
def test_a_shape_is_not_believed(tmp_path, shape, message):
    head = f"{{'descr': '<f4', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    data = b"\x93NUMPY\1\0" + len(head).to_bytes(2, "little") + head + bytes(24)
    written(tmp_path / "c.npz", {"a": data})
    with pytest.raises(CheckpointError, match=f"expected a whole check.*{message}"):
        load(tmp_path / "c.npz")


def test_members_larger_than_the_archive_or_shared_are_refused(saved):
    path, good = saved
    at = good.index(b"PK\1\2")  # the directory: of minialexnet.npy, then of w/b.npy
    other = good.index(b"PK\1\2", at + 1)
    for sizes, message in (
        (struct.pack("<II", 2**31, 2**31), "members on top of each other|cut short"),
        (struct.pack("<II", 2000, 2000), "members on top of each other"),
    ):
        path.write_bytes(good[: at + 20] + sizes + good[at + 28 :])
        with pytest.raises(CheckpointError, match=message):
            load(path)
    # The second entry leads to the first one's bytes.
    path.write_bytes(good[: other + 42] + bytes(4) + good[other + 46 :])
    with pytest.raises(CheckpointError, match=r"on top of each other|cut short|wrong"):
        load(path)


def test_an_archive_of_many_members_or_bytes_is_refused_at_once(saved, monkeypatch):
    path, good = saved
    end = good.index(b"PK\5\6")
    path.write_bytes(good[: end + 8] + b"\xff\xff\xff\xff" + good[end + 12 :])
    with pytest.raises(CheckpointError, match="65,535 members"):
        load(path)
    with open(path, "wb") as file:
        file.truncate(2**33)
    with pytest.raises(CheckpointError, match="at most 4,294,967,296 bytes, got 8,589"):
        load(path)


def test_what_is_no_ordinary_file_is_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe.npz")
    (tmp_path / "zeros.npz").symlink_to("/dev/zero")
    for name in ("pipe.npz", "zeros.npz"):
        with pytest.raises(
            CheckpointError, match=rf"{name}: expected a file, got some"
        ):
            load(tmp_path / name)


# The state


def test_the_state_is_checked_where_that_is_asked_for(saved):
    path, _ = saved
    assert load(path, record({"epoch": whole(1)}))[1] == {"epoch": 1}
    for check, words in (
        (record({"epoch": whole(2)}), "epoch to be a whole number from 2 to .* got 1"),
        (record({"history": whole()}), "expected history, got nothing there"),
    ):
        with pytest.raises(CheckpointError, match=rf"checkpoint.npz: .*{words}"):
            load(path, check)


def test_a_key_that_stands_there_twice_is_refused(saved):
    path, _ = saved
    text = b'{"format": "minialexnet checkpoint", "version": 2, "arrays": [], "arrays"'
    text = np.frombuffer(text + b': [], "state": {}}', np.uint8)
    np.savez(path, minialexnet=text)
    with pytest.raises(CheckpointError, match="a name stands there twice"):
        load(path)
