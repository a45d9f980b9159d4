"""Only ordinary files are opened, and none is waited for."""

import os
import socket

import pytest

from minialexnet.files.opening import open_file


def test_a_file_and_a_link_to_one_are_opened(tmp_path):
    (tmp_path / "a").write_bytes(b"abc")
    (tmp_path / "b").symlink_to("a")
    for name in ("a", "b"):
        with open_file(tmp_path / name, most=3) as file:
            assert file.read() == b"abc"


@pytest.mark.parametrize("name", ["pipe", "zero", "link", "socket"])
def test_what_is_no_ordinary_file_is_refused_at_once(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)  # a socket's name may not be long
    os.mkfifo("pipe")
    os.symlink("/dev/zero", "zero")
    os.symlink("pipe", "link")
    with socket.socket(socket.AF_UNIX) as end:
        end.bind("socket")
        with pytest.raises((ValueError, OSError), match=name):
            open_file(name)


def test_a_folder_and_a_missing_file_are_os_errors(tmp_path):
    with pytest.raises(IsADirectoryError):
        open_file(tmp_path)
    with pytest.raises(FileNotFoundError):
        open_file(tmp_path / "none")


def test_a_file_that_is_too_large_is_refused(tmp_path):
    (tmp_path / "a").write_bytes(b"abc")
    with pytest.raises(ValueError, match="a: expected at most 2 bytes, got 3"):
        open_file(tmp_path / "a", most=2)
