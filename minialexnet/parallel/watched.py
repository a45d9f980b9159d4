"""A rank's side of the watch: its signs of life, and its last word."""

from __future__ import annotations

import json
import os
import secrets
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from threading import Event, Lock, Thread
from typing import Any, NoReturn

from ..files.standard import complain
from .ranks import Ranks

EVERY = 1.0  # seconds between two signs of life
LAST_WORDS = 2.0  # seconds to wait for the watch to have written the last word
TIMEOUT = 300.0  # seconds after which a rank counts as stalled
# When a process dies, Linux closes its files from the highest number down. The watch's
# connection has a number above those of MPI, so it ends before the launcher notices.
HIGH = 200


class Watched:
    """Ranks that are watched, see `minialexnet.parallel.watch`.

    Parameters
    ----------
    ranks : Ranks
    command : str
        What they work at, with which the message begins: "minialexnet train".
    timeout : float
        Seconds after which a rank that does not move counts as stalled.
    """

    def __init__(self, ranks: Ranks, command: str, timeout: float = TIMEOUT) -> None:
        self.ranks, self.prefix = ranks, f"{command}: "
        self.every = min(EVERY, timeout / 4)
        self._lock, self._ending, self._told = Lock(), Event(), Event()
        spread = len({*ranks.hosts}) > 1
        where: tuple[str, int] | None = None
        word = secrets.token_hex(16)
        if ranks.rank == 0:
            with suppress(OSError, ValueError):
                host = socket.gethostname() if spread else "127.0.0.1"
                where = host, self._start(timeout, word, spread)
        where, word = ranks.from_first((where, word))
        self._socket: socket.socket | None = None
        with suppress(OSError, ImportError):
            if where is not None:
                import fcntl  # not there everywhere

                with socket.create_connection(where, timeout=10) as connected:
                    number = fcntl.fcntl(connected, fcntl.F_DUPFD_CLOEXEC, HIGH)
                self._socket = socket.socket(fileno=number)
                self._socket.settimeout(None)
        self._say(word=word, name=ranks.name)
        for work in (self._beat, self._listen):
            Thread(target=work, daemon=True).start()

    def _start(self, timeout: float, word: str, spread: bool) -> int:
        """Start the watch, out of reach of what ends this process; return its port."""
        about = {"ranks": self.ranks.size, "timeout": timeout, "word": word}
        about |= {"prefix": self.prefix, "open": spread}
        program = Path(__file__).with_name("watch.py")
        watch = subprocess.Popen(
            [sys.executable, "-S", "-E", str(program), json.dumps(about)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        assert watch.stdout is not None
        return int(watch.stdout.readline())

    def _say(self, **words: Any) -> bool:
        """Tell the watch; return whether it can be told."""
        with self._lock, suppress(OSError):
            if self._socket is not None:
                self._socket.sendall(json.dumps(words).encode() + b"\n")
                return True
        return False

    def _beat(self) -> None:
        """Say now and then how far this rank has come."""
        while not self._ending.wait(self.every):
            moves = self.ranks.moves if self.ranks.is_ready else 0
            self._say(moves=moves, waits=self.ranks.waiting)

    def _listen(self) -> None:
        """End this process when the watch says so."""
        heard = b""
        with suppress(OSError):
            if self._socket is not None:
                heard = self._socket.recv(16)
        if heard and not self._ending.is_set():
            self._abort(1)
        self._told.set()

    def let_others_speak(self) -> None:
        """Wait for the word of another rank, which ends this process when it comes."""
        self._told.wait(LAST_WORDS)

    def fail(self, why: str, code: int) -> NoReturn:
        """Have the watch write why this rank ends the job, and end it."""
        self._ending.set()
        if not self._say(failed=why) or not self._told.wait(LAST_WORDS):
            complain(f"{self.prefix}{self.ranks.name}: {why}")
        self._abort(code)

    def _abort(self, code: int) -> NoReturn:
        """End the job with this exit code.

        A rank that only ended would be told of to the launcher as if it had crashed.
        """
        self.ranks.world.Abort(code)
        os._exit(code)  # Abort may return before the launcher has heard of it

    def close(self) -> None:
        """Say that this rank has done its work."""
        self._ending.set()
        self._say(done=True)
        if self._socket is not None:
            with suppress(OSError):
                self._socket.shutdown(socket.SHUT_RDWR)
            self._socket.close()
