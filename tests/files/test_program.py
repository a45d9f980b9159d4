"""How a program ends."""

import errno
import io
import os
import signal
import sys

import pytest

from minialexnet.files import program
from minialexnet.files.program import LONGEST, fail, run_program


class Full(io.StringIO):
    """A stream that takes everything and cannot write it."""

    def __init__(self, number):
        super().__init__()
        self.number = number

    def flush(self):
        if self.number:
            raise OSError(self.number, os.strerror(self.number))

    def fileno(self):
        raise io.UnsupportedOperation


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (errno.ENOSPC, "name: [Errno 28] No space left on device\n"),
        (errno.EPIPE, ""),
        (0, ""),
    ],
)
def test_what_was_said_must_be_written(number, said, monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdout", Full(number))
    assert run_program("name", lambda: print("said") or 0) == (1 if number else 0)
    assert capsys.readouterr().err == said


def raises(error):
    def work():
        raise error

    return work


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (KeyboardInterrupt(), 130, "\nEnough.\n"),
        (MemoryError("much"), 1, "name: out of memory. much\n"),
        (MemoryError(), 1, "name: out of memory\n"),
        (OSError(errno.EIO, "A\x1bB"), 1, "name: [Errno 5] A?B\n"),
    ],
)
def test_errors_end_in_a_line(error, code, said, capsys):
    assert run_program("name", raises(error), "Enough.") == code
    assert capsys.readouterr().err == said


def test_ctrl_c_in_the_first_line_is_told(monkeypatch, capsys):
    monkeypatch.setattr(program, "make_usable", raises(KeyboardInterrupt()))
    assert run_program("name", lambda: 0) == 130
    assert capsys.readouterr().err == "\nStopped.\n"


class Gone(io.StringIO):
    """A pipe whose reader has ended."""

    def write(self, text):
        raise BrokenPipeError(errno.EPIPE, "Broken pipe")


def test_errors_that_nobody_reads_have_their_codes(monkeypatch):
    monkeypatch.setattr(sys, "stderr", Gone())
    assert run_program("name", lambda: fail("wrong", 2, "name")) == 2
    assert run_program("name", raises(MemoryError())) == 1
    assert run_program("name", raises(KeyboardInterrupt())) == 130


def test_what_nobody_expects_is_not_hidden():
    with pytest.raises(LookupError):
        run_program("name", raises(LookupError()))
    with pytest.raises(SystemExit):
        run_program("name", raises(SystemExit(2)))


@pytest.mark.parametrize("code", [0, 1, 2, 130])
def test_a_failure_after_ctrl_c_is_no_failure(code, capsys):
    before = signal.signal(signal.SIGINT, signal.default_int_handler)

    def work():
        try:
            signal.raise_signal(signal.SIGINT)
        except KeyboardInterrupt:
            return code

    try:
        assert run_program("name", work) == (130 if code else 0)
    finally:
        signal.signal(signal.SIGINT, before)
    said = capsys.readouterr().err
    assert said == ("\nStopped.\n" if code in (1, 2) else "")


def test_after_the_last_work_ctrl_c_is_nothing():
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    hook = sys.unraisablehook
    try:
        assert run_program("name", lambda: 3, last=True) == 3
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)
        sys.unraisablehook = hook


@pytest.mark.parametrize(
    ("number", "code"), [(errno.ENOSPC, 1), (errno.EFBIG, 1), (errno.ENOENT, 2)]
)
def test_a_full_disk_is_no_wrong_argument(number, code, capsys):
    assert fail(OSError(number, "no", "a\nfile"), 2, "name") == code
    assert capsys.readouterr().err == f"name: [Errno {number}] no: 'a\\nfile'\n"


def test_an_error_of_what_was_open_already_goes_on():
    with pytest.raises(OSError, match="no room"):
        fail(OSError(errno.ENOSPC, "no room"), 2, "name")


def test_an_error_is_no_longer_than_a_few_lines(capsys):
    assert fail(ValueError("long " * 1000), 2, "name") == 2
    assert len(capsys.readouterr().err) <= LONGEST + len("name: \n")
