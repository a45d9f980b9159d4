"""One program in a folder at a time, and locks that go with whoever held them."""

import errno
import os
import signal
import subprocess
import sys
import types

import pytest

from minialexnet.files import alone as module
from minialexnet.files.alone import alone

HOLD = """
import sys
from pathlib import Path
from minialexnet.files.alone import alone
with alone(Path(sys.argv[1]), "train"):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def holder(tmp_path):
    """A process that is alone in the folder."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, env=environment, **pipes) as process:
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_a_second_is_refused_until_the_first_is_killed(tmp_path, holder):
    with (
        pytest.raises(ValueError, match="to be alone in it, another train is at work"),
        alone(tmp_path, "train"),
    ):
        pass
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    for _ in range(2):  # the lock goes with the program's work, not with its process
        with alone(tmp_path, "train"):
            pass
    assert os.listdir(tmp_path) == []


def test_a_folder_is_made_and_removed_if_it_stays_empty(tmp_path):
    folder = tmp_path / "a" / "b"
    with alone(folder, "train"):
        assert folder.is_dir()
    assert os.listdir(tmp_path) == []
    with alone(folder, "train"):
        (folder / "kept").write_text("")
    assert os.listdir(folder) == ["kept"]


class Windows(types.SimpleNamespace):
    """As the module msvcrt locks bytes of a file, in one process."""

    LK_NBLCK = 2

    def __init__(self):
        super().__init__(held=set())

    def locking(self, descriptor, mode, count):
        file = os.fstat(descriptor).st_ino
        if file in self.held:
            raise PermissionError(errno.EACCES, "Permission denied")
        self.held.add(file)


def test_on_windows_a_file_in_the_folder_is_locked(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "fcntl", None)
    monkeypatch.setattr(module, "msvcrt", Windows())
    with alone(tmp_path, "train"):
        assert os.listdir(tmp_path) == [module.LOCK]
        with (
            pytest.raises(ValueError, match="another train is at work"),
            alone(tmp_path, "train"),
        ):
            pass


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.ENOSYS])
def test_a_disk_without_locks_is_no_hindrance(tmp_path, monkeypatch, number):
    def flock(descriptor, how):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(module.fcntl, "flock", flock)
    with alone(tmp_path / "new", "train"):
        (tmp_path / "new" / "kept").write_text("")
    assert (tmp_path / "new" / "kept").exists()


def test_a_file_in_the_place_of_the_folder_is_an_error(tmp_path):
    (tmp_path / "file").write_text("kept")
    with pytest.raises(FileExistsError), alone(tmp_path / "file", "train"):
        pass
    assert (tmp_path / "file").read_text() == "kept"
