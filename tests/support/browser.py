"""A real browser, Debian's Chromium without a screen, driven through two pipes.

Chromium's own protocol, JSON messages that end in a zero byte, spoken with nothing but
the standard library: https://chromedevtools.github.io/devtools-protocol/.
"""

import fcntl
import json
import os
import select
import shutil
import time

PATIENCE = 120  # seconds for one answer, on a machine with much else to do
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--remote-debugging-pipe",
]


class Browser:
    """Chromium with one page open; ``events`` is what it reported since `visit`."""

    def __init__(self, folder):
        program = shutil.which("chromium")
        if program is None:
            raise RuntimeError("no chromium is installed: apt-get install chromium")
        # It reads from 3 and writes to 4. Our ends are moved out of their way first.
        ends = [*os.pipe(), *os.pipe()]
        moved = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 10) for end in ends]
        for end in ends:
            os.close(end)
        its_input, self._output, self._input, its_output = moved
        log = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
        self._process = os.posix_spawn(
            program,
            [program, *ARGUMENTS, f"--user-data-dir={folder / 'profile'}"],
            dict(os.environ),
            file_actions=[
                (os.POSIX_SPAWN_DUP2, its_input, 3),
                (os.POSIX_SPAWN_DUP2, its_output, 4),
                (os.POSIX_SPAWN_OPEN, 2, str(folder / "chromium.log"), log, 0o600),
            ],
        )
        os.close(its_input)
        os.close(its_output)
        self._received, self._number, self._session = b"", 0, None
        self.events = []
        target = self.send("Target.createTarget", url="about:blank")["targetId"]
        attached = self.send("Target.attachToTarget", targetId=target, flatten=True)
        self._session = attached["sessionId"]
        for domain in ("Page", "Network", "Runtime", "Log"):
            self.send(f"{domain}.enable")
        self.send("Page.setLifecycleEventsEnabled", enabled=True)

    def send(self, method, **parameters):
        """Return the answer to a command."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._output, json.dumps(message).encode() + b"\0")
        while (answer := self._next()).get("id") != self._number:
            pass
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']['message']}")
        return answer["result"]

    def visit(self, url):
        """Load a page and wait until it and all that it asks for is there."""
        self.events = []
        answer = self.send("Page.navigate", url=url)
        if "errorText" in answer:
            raise RuntimeError(f"{url}: {answer['errorText']}")
        # By the loader's name: a word of the page before may still be on its way.
        loaded = {"name": "load", "loaderId": answer["loaderId"]}
        while not any(
            loaded.items() <= event["params"].items() for event in self.events
        ):
            self._next()

    def evaluate(self, script):
        """Return what JavaScript evaluates to; a promise is waited for."""
        answer = self.send(
            "Runtime.evaluate",
            expression=script,
            awaitPromise=True,
            returnByValue=True,
        )
        if "exceptionDetails" in answer:
            raise RuntimeError(json.dumps(answer["exceptionDetails"]))
        return answer["result"].get("value")

    def resize(self, width, height=900):
        """Give the page a window of this many pixels."""
        self.send(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )

    def close(self):
        """End the browser."""
        self._session = None
        self.send("Browser.close")
        os.waitpid(self._process, 0)
        os.close(self._output)
        os.close(self._input)

    def _next(self):
        """Return the next message, an answer or an event."""
        deadline = time.monotonic() + PATIENCE
        while b"\0" not in self._received:
            ready, _, _ = select.select([self._input], [], [], PATIENCE)
            part = os.read(self._input, 1 << 20) if ready else b""
            if not part or time.monotonic() > deadline:
                raise RuntimeError("the browser has ended or gives no answer")
            self._received += part
        message, _, self._received = self._received.partition(b"\0")
        decoded = json.loads(message)
        if "method" in decoded:
            self.events.append(decoded)
        return decoded
