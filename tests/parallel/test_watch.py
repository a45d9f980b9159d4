"""The watch writes which rank ended the job; here its ranks are mere connections."""

import json
import os
import signal
import socket
import subprocess
import sys

import pytest

from minialexnet.parallel import watch

TIMEOUT = 3.0  # seconds


@pytest.fixture
def start():
    """Start a watch over two ranks that have said who they are."""
    running, clients = [], []

    def begin(timeout=60.0, **first_words):
        about = {"ranks": 2, "timeout": timeout, "word": "a", "prefix": "train: "}
        process = subprocess.Popen(
            [sys.executable, "-S", watch.__file__, json.dumps(about | {"open": False})],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        running.append(process)
        where = "127.0.0.1", int(process.stdout.readline())
        for rank in range(2):
            clients.append(socket.create_connection(where))
            say(clients[-1], word="a", name=f"rank {rank}", **first_words)
        return process, clients

    yield begin
    for client in clients:
        client.close()
    for process in running:
        process.communicate(timeout=60)


def say(client, **words):
    client.sendall(json.dumps(words).encode() + b"\n")


def test_a_connection_that_ends_without_a_word_is_named_once(start):
    process, (first, second) = start()
    second.close()
    assert first.recv(16) == b"end\n"
    first.close()
    _, errors = process.communicate(timeout=60)
    assert errors.count("\n") == 1
    assert errors.startswith("train: rank 1: its process ended without a word")


def test_of_several_that_ended_between_two_looks_all_are_named():
    found, pairs = watch.Watch(2, TIMEOUT, "a"), [socket.socketpair() for _ in range(2)]
    for rank, (ours, theirs) in enumerate(pairs):
        say(theirs, word="a", name=f"rank {rank}")
        assert found.take(ours) is None
    assert found.ended() is None
    for ours, theirs in reversed(pairs):
        theirs.close()
        assert found.take(ours) is None
        ours.close()
    assert found.ended().startswith("rank 0 or rank 1: its process ended without")


def test_words_not_yet_read_do_not_hide_who_ended_first(start):
    process, (first, second) = start()
    process.send_signal(signal.SIGSTOP)  # a watch that is late
    os.waitpid(process.pid, os.WUNTRACED)
    say(second, moves=1, waits=False)
    second.close()
    first.close()
    process.send_signal(signal.SIGCONT)
    _, errors = process.communicate(timeout=60)
    assert errors.startswith("train: rank 0 or rank 1: its process ended without")


def test_a_rank_says_why_it_ends_the_job(start):
    process, (first, _) = start()
    say(first, failed="out of memory")
    assert first.recv(16) == b"end\n"
    first.close()
    assert process.communicate(timeout=60)[1] == "train: rank 0: out of memory\n"


def test_the_rank_that_failed_ends_before_the_others_are_told():
    order = []

    class Connection:
        def __init__(self, rank):
            self.rank = rank

        def settimeout(self, seconds):
            assert seconds == watch.LAST_WORDS

        def sendall(self, words):
            order.append((self.rank, words))

        def recv(self, longest):
            order.append((self.rank, "ended"))
            return b""

    found = watch.Watch(3, TIMEOUT, "a")
    found.known = {Connection(rank): {} for rank in range(3)}
    *_, found.failed = found.known
    found.end()
    told = [(2, b"end\n"), (2, "ended"), (0, b"end\n"), (1, b"end\n")]
    assert order == told


@pytest.mark.slow
@pytest.mark.parametrize(
    ("waits", "said"),
    [(False, "stalled, at one step for 3 s"), (None, "stalled, not a word for 3 s")],
)
def test_a_rank_that_stalls_is_named(start, waits, said):
    process, (first, second) = start(TIMEOUT, moves=1, waits=True)
    while process.poll() is None:
        say(first, moves=1, waits=True)  # for the other one
        if waits is not None:
            say(second, moves=1, waits=waits)
        try:
            first.settimeout(0.2)
            if first.recv(16) == b"end\n":
                break
        except TimeoutError:
            pass
    assert process.communicate(timeout=60)[1] == f"train: rank 1: {said}\n"


def test_a_rank_has_stalled_if_it_neither_moves_nor_waits_nor_is_done(monkeypatch):
    now, found = [0.0], watch.Watch(1, TIMEOUT, "a")
    monkeypatch.setattr(watch.time, "monotonic", lambda: now[0])
    ours, theirs = socket.socketpair()

    def after(seconds, **words):
        now[0] += seconds
        say(theirs, **words)
        assert found.take(ours) is None
        return found.stalled()

    with ours, theirs:
        assert after(0, word="a", name="rank 0") is None
        for moves in (1, 2, 3):
            assert after(2, moves=moves, waits=False) is None
        assert after(2, moves=3, waits=True) is None
        assert after(2, moves=3, waits=True) is None
        assert after(0, waits=False) == "rank 0: stalled, at one step for 3 s"
        assert after(0, moves=4, waits=True) is None
        now[0] += 4
        assert found.stalled() == "rank 0: stalled, not a word for 3 s"
        assert after(0, done=True) is None
        now[0] += 4
        assert found.stalled() is None


def test_ranks_that_are_done_end_the_watch_in_silence(start):
    process, clients = start()
    for client in clients:
        say(client, done=True)
        client.close()
    assert process.communicate(timeout=60) == ("", "")
    assert process.returncode == 0


def test_a_stranger_is_shut_out(start):
    process, clients = start()
    stranger = socket.create_connection(clients[0].getpeername())
    say(stranger, word="b", name="rank 0", failed="nonsense")
    assert stranger.recv(16) == b""
    stranger.close()
    for client in clients:
        say(client, done=True)
        client.close()
    assert process.communicate(timeout=60) == ("", "")
