"""The minialexnet command on a few pictures of noise, killed where KILL says.

KILL is a JSON object: send this process `signal`, a number, or let it fail in another
way ("raise", "memory", "nan", "hang", "stop") at call `count` of `function`, before
the call or, if `after`, behind it. Under a launcher `rank` says which process does.
"""

import dataclasses
import json
import os
import signal
import sys
import threading
import time

import numpy as np

from minialexnet import MomentumSGD, cli, data

NUMBERS = {"kill": signal.SIGKILL, "stop": signal.SIGSTOP}


def noise(name, data_dir=None):
    """Return 120 + 40 pictures of noise in ten classes, of 32 pixels or of 64."""
    side = 64 if name == "tiny-imagenet" else 32
    rng = np.random.default_rng(0)
    images = rng.integers(0, 256, (160, 3, side, side), np.uint8)
    labels = np.arange(160) % 10
    return data.Dataset(
        name,
        images[:120],
        labels[:120],
        images[120:],
        labels[120:],
        tuple("abcdefghij"),
    )


def few(name, data_dir=None):
    """Return half of that noise, 60 + 20 pictures, for runs of which there are many."""
    every = noise(name)
    return dataclasses.replace(
        every,
        train_images=every.train_images[:60],
        train_labels=every.train_labels[:60],
        test_images=every.test_images[:20],
        test_labels=every.test_labels[:20],
    )


def end_here():
    """Kill this process, and write when."""
    print(f"KILLED {time.time()}", file=sys.stderr, flush=True)
    os.kill(os.getpid(), signal.SIGKILL)


def kill(function, count, signal, after=False, rank="0", seconds=0.0):
    """Send this process a signal at one call of a function, if it is of that rank.

    "later" kills it so many seconds after the call.
    """
    if os.environ.get("PMI_RANK", "0") != rank:
        return
    if function == "timer":  # the seconds are those after the beginning
        threading.Timer(seconds, end_here).start()
        return
    owner = MomentumSGD if function == "step" else os
    real, calls = getattr(owner, function), 0

    def fail(*arguments):
        if signal == "raise":
            raise KeyError("a bug")
        if signal == "memory":
            raise MemoryError
        if signal == "nan":
            next(iter(arguments[0].parameters.values()))[...] = np.nan
        if signal == "later":
            threading.Timer(seconds, end_here).start()
        if signal == "hang":
            threading.Event().wait()
        if signal in NUMBERS:
            os.kill(os.getpid(), NUMBERS[signal])
        if isinstance(signal, int):
            os.kill(os.getpid(), signal)

    def counted(*arguments):
        nonlocal calls
        calls += 1
        if calls == count and not after:
            fail(*arguments)
        returned = real(*arguments)
        if calls == count and after:
            fail(*arguments)
        return returned

    setattr(owner, function, counted)


if __name__ == "__main__":
    data.load = few
    # A shell that starts jobs in the background has them ignore Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if "KILL" in os.environ:
        kill(**json.loads(os.environ["KILL"]))
    sys.exit(cli.main())
