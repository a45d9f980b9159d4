"""Ctrl-C at the moments at which Python would lose it."""

import importlib
import signal
import subprocess
import sys
import threading

import pytest

from minialexnet.files.interrupts import children_do_not_hear, held_back
from minialexnet.files.program import run_program


@pytest.fixture(autouse=True)
def heard(monkeypatch):
    """Have Ctrl-C heard, which a shell switches off for what it starts with &."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
    signal.signal(signal.SIGINT, before)


def ctrl_c():
    signal.raise_signal(signal.SIGINT)


def wait():
    """Wait for Ctrl-C, but not for ever."""
    return 1 if threading.Event().wait(30) else 2


class Destroyed:
    def __del__(self):
        ctrl_c()


def destroy():
    Destroyed()
    return wait()


MODULE = """
import signal
try:
    signal.raise_signal(signal.SIGINT)
    passed = True
except KeyboardInterrupt:
    passed = False
"""


def test_thrown_away_in_a_destructor_it_is_raised_anew(capsys):
    hook = sys.unraisablehook
    assert run_program("name", destroy) == 130
    assert capsys.readouterr().err == "\nStopped.\n"
    assert sys.unraisablehook is hook


def test_an_import_is_done_before_it_is_raised(tmp_path, monkeypatch, capsys):
    (tmp_path / "breaks_off.py").write_text(MODULE)
    monkeypatch.syspath_prepend(tmp_path)
    found = []

    def work():
        found.append(importlib.import_module("breaks_off").passed)
        return wait()

    assert run_program("name", work) == 130
    assert (found, capsys.readouterr().err) == ([True], "\nStopped.\n")


def test_another_error_in_a_destructor_is_told_as_ever(monkeypatch):
    told = []
    monkeypatch.setattr(sys, "unraisablehook", lambda lost: told.append(lost.exc_type))

    class Broken:
        def __del__(self):
            raise LookupError

    def work():
        Broken()
        return 0

    assert run_program("name", work) == 0
    assert told == [LookupError]


def test_held_back_it_comes_at_the_end_of_the_block():
    begun = ended = False
    with pytest.raises(KeyboardInterrupt):
        with held_back():
            ctrl_c()
            begun = True
        ended = True
    assert (begun, ended) == (True, False)


def test_nothing_comes_where_nothing_was_held_back():
    with held_back():
        pass
    with pytest.raises(KeyboardInterrupt):
        ctrl_c()


@pytest.mark.skipif(
    not hasattr(signal, "pthread_sigmask"), reason="Windows blocks no signals"
)
def test_a_child_is_born_deaf():
    code = "import signal as s; print(s.SIGINT in s.pthread_sigmask(s.SIG_BLOCK, []))"
    words = [sys.executable, "-c", code]
    with children_do_not_hear():
        child = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
    assert child.communicate()[0] == "True\n"
    assert subprocess.run(words, capture_output=True, text=True).stdout == "False\n"


def test_in_another_thread_nothing_is_held_back():
    found = []

    def work():
        with held_back(), children_do_not_hear():
            found.append(run_program("name", lambda: 7))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert found == [7]
