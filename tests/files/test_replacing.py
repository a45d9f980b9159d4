"""A file takes another's place whole, whoever else writes to the same path."""

import errno
import os
import platform
import stat
import subprocess
import sys
from contextlib import nullcontext

import pytest

from minialexnet.files.replacing import ABANDONED, replacing


def test_replacing_takes_any_content(tmp_path):
    path = tmp_path / "metrics.jsonl"
    for text in (b"one\n", b"two\n"):
        with replacing(path) as file:
            file.write(text)
        assert path.read_bytes() == text
    assert os.listdir(tmp_path) == [path.name]


def test_two_who_write_at_once_each_write_their_own_file(tmp_path):
    path = tmp_path / "checkpoint.npz"
    with replacing(path) as one:
        one.write(b"a" * 1000)
        with replacing(path) as other:
            other.write(b"b")
        assert path.read_bytes() == b"b"
        one.write(b"a" * 1000)
    assert path.read_bytes() == b"a" * 2000
    assert os.listdir(tmp_path) == [path.name]


def test_what_a_killed_program_left_is_removed_in_time(tmp_path):
    path = tmp_path / "checkpoint.npz"
    old, new, other = (
        tmp_path / name
        for name in (".checkpoint.npz.1.tmp", ".checkpoint.npz.2.tmp", ".other.3.tmp")
    )
    for left in (old, new, other):
        left.write_bytes(b"x")
    long_ago = os.stat(old).st_mtime - ABANDONED - 1
    for left in (old, other):
        os.utime(left, (long_ago, long_ago))
    with replacing(path) as file:
        file.write(b"a")
    assert sorted(os.listdir(tmp_path)) == [new.name, other.name, path.name]


@pytest.mark.skipif(os.name != "posix", reason="only there a process is looked for")
def test_what_a_killed_program_left_here_is_removed_at_once(tmp_path):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    here, me = platform.node(), os.getpid()
    left = [f".a.{here}.{gone.pid}.0.tmp"]
    kept = [f".a.{here}.{me}.0.tmp", f".a.else{here}.{gone.pid}.0.tmp", ".a.b.tmp"]
    for name in left + kept:
        (tmp_path / name).write_bytes(b"x")
    with replacing(tmp_path / "a") as file:
        file.write(b"a")
    assert sorted(os.listdir(tmp_path)) == sorted([*kept, "a"])


def test_a_file_has_the_rights_that_others_have(tmp_path):
    (tmp_path / "plain").write_bytes(b"")
    with replacing(tmp_path / "a") as file:
        file.write(b"a")
    assert (tmp_path / "a").stat().st_mode == (tmp_path / "plain").stat().st_mode


def test_a_folder_that_is_not_there_is_named(tmp_path):
    with (
        pytest.raises(FileNotFoundError, match=r"could not write.*nowhere"),
        replacing(tmp_path / "nowhere" / "a"),
    ):
        pass


@pytest.mark.parametrize(
    ("error", "refused"), [(errno.EBADF, False), (errno.EIO, True)]
)
def test_a_system_that_syncs_no_folders_writes_all_the_same(
    tmp_path, monkeypatch, error, refused
):
    sync = os.fsync

    def only_files(descriptor):
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(error, "no folder")
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", only_files)
    path = tmp_path / "file"
    with pytest.raises(OSError) if refused else nullcontext(), replacing(path) as file:
        file.write(b"all")
    assert path.read_bytes() == b"all"
