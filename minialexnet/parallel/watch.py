"""A program beside the ranks that says which of them ended the job, and why.

A launcher ends all processes when one of them dies, often before another one could say
a word, and names only a process number. So rank 0 starts this program, which outlives
the others, and every rank holds a connection to it. The system closes a connection when
its process dies, before the launcher is told; and a rank that stalls stops to speak, or
speaks without ever moving on. The first cause is written on standard error, and the
ranks are told to end.

``python watch.py`` takes, as JSON, the number of ranks, the seconds after which a rank
counts as stalled, a secret word that shuts strangers out and whether ranks on other
machines may connect. It writes its port on standard output, and imports nothing of this
package, so that it begins at once.
"""

import json
import selectors
import socket
import sys
import time
from contextlib import suppress
from typing import Any

LONGEST = 1 << 16  # bytes of a line
LAST_WORDS = 1.0  # seconds for the ranks to end by themselves
# Seconds for the launcher to pass the message on: it may end with what it has not read.
ON_ITS_WAY = 0.3


class Watch:
    """What is known of the ranks, and of their end."""

    def __init__(self, ranks: int, timeout: float, word: str) -> None:
        self.ranks, self.timeout, self.word = ranks, timeout, word
        self.known: dict[socket.socket, dict[str, Any]] = {}
        self.unread: dict[socket.socket, bytes] = {}
        self.gone = 0
        self.silent: list[str] = []  # who ended without a word
        self.failed: socket.socket | None = None  # of the rank that ends the job

    def take(self, client: socket.socket) -> str | None:
        """Read what a rank says; return why the job ends, if it does."""
        try:
            received = client.recv(LONGEST)
        except OSError:
            received = b""
        if not received:
            self.unread.pop(client, None)
            about = self.known.pop(client, None)
            if about is None or about["done"]:
                self.gone += about is not None
            else:
                self.silent.append(about["name"])
            return None
        *lines, rest = (self.unread.pop(client, b"") + received).split(b"\n")
        self.unread[client] = rest[-LONGEST:]
        for line in lines:
            if (why := self._hear(client, json.loads(line))) is not None:
                return why
        return None

    def _hear(self, client: socket.socket, said: dict[str, Any]) -> str | None:
        now = time.monotonic()
        if client not in self.known:
            if said.get("word") != self.word:
                raise ValueError("expected a rank of this job")
            self.known[client] = {"done": False, "moves": None, "waits": True}
            self.known[client] |= {"moved": now}
        about = self.known[client]
        about["heard"] = now
        if said.get("moves", about["moves"]) != about["moves"]:
            about["moved"] = now
        about.update(said)
        if "failed" not in said:
            return None
        self.failed = client
        return f"{about['name']}: {said['failed']}"

    def ended(self) -> str | None:
        """Return which rank's process has ended without a word, if one has.

        On a busy machine the launcher may have ended others before anybody looked; then
        the first of them is not known, and all are named.
        """
        names = " or ".join(sorted(self.silent))
        why = "it was killed, by somebody or for want of memory"
        return f"{names}: its process ended without a word: {why}" if names else None

    def stalled(self) -> str | None:
        """Return which rank has stalled, if one has."""
        now, least = time.monotonic(), self.timeout
        for about in self.known.values():
            if now - about["heard"] > least and not about["done"]:
                return f"{about['name']}: stalled, not a word for {least:g} s"
            if about["moves"] and not about["waits"] and now - about["moved"] > least:
                return f"{about['name']}: stalled, at one step for {least:g} s"
        return None

    def end(self) -> None:
        """Tell the ranks to end, the one that failed before all others.

        It ends the job with its own exit code. Had another rank ended before it, the
        launcher would kill it, and give the code of a killed process.
        """
        for client in sorted(self.known, key=lambda client: client is not self.failed):
            client.settimeout(LAST_WORDS)
            with suppress(OSError):
                client.sendall(b"end\n")
                while client is self.failed and client.recv(LONGEST):
                    pass  # until it has ended


def main() -> None:
    """Watch until all ranks are done, or one has ended the job."""
    asked = json.loads(sys.argv[1])
    prefix = asked.pop("prefix")
    server = socket.create_server(("" if asked.pop("open") else "127.0.0.1", 0))
    print(server.getsockname()[1], flush=True)
    watch, sockets, why = Watch(**asked), selectors.DefaultSelector(), None
    sockets.register(server, selectors.EVENT_READ)
    begun = time.monotonic()
    while why is None and watch.gone < watch.ranks:
        # Who ended before another may have words unread, which come before its end:
        # once a connection has ended, all is read before anybody is named.
        wait = 0.0 if watch.silent else min(1.0, watch.timeout / 4)
        ready = sockets.select(timeout=wait)
        for key, _ in ready:
            client: Any = key.fileobj
            if client is server:
                client, _ = server.accept()
                sockets.register(client, selectors.EVENT_READ)
                continue
            known = client in watch.known
            try:
                why = why or watch.take(client)
            except (ValueError, KeyError):
                watch.known.pop(client, None)
                watch.unread.pop(client, None)
            if client not in watch.known and (known or client not in watch.unread):
                sockets.unregister(client)
                client.close()
        if not (ready and watch.silent):
            why = why or watch.ended() or watch.stalled()
        if not watch.known and not watch.gone and time.monotonic() - begun > 60:
            return  # nobody came
    if why is not None:
        print(f"{prefix}{why}", file=sys.stderr, flush=True)
        time.sleep(ON_ITS_WAY)
    watch.end()
    if why is not None:
        time.sleep(LAST_WORDS)


if __name__ == "__main__":
    main()
