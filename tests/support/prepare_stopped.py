"""Prepare photographs, stopped at every moment that counts: see ``everywhere``.

As a program: ``prepare_stopped.py everywhere SRC DST`` or, for the command itself,
``prepare_stopped.py prepare ...``, which says when it begins to work, and gets Ctrl-C
after INTERRUPT finished shards, all of it or, with WORKERS_ONLY, its workers alone.
"""

import itertools
import multiprocessing
import os
import signal
import sys
from pathlib import Path

from minialexnet import cli
from minialexnet.data import prepare as module
from minialexnet.data import unfinished
from minialexnet.data.shards import DONE

SIDE = 16


def contents(folder):
    """Return the bytes of every file of a folder."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def finished(folder):
    """Return when each shard was written that is finished in a half-written set."""
    shards = [path.with_suffix(".npy") for path in folder.glob(f"*{DONE}")]
    return {path: path.stat().st_mtime_ns for path in shards if path.exists()}


def go_on(src, dst):
    """Go on with a set that was stopped; return how many shards were kept."""
    before = finished(dst) if dst.exists() else {}
    module.prepare(src, dst, SIDE, workers=0)
    assert {path: path.stat().st_mtime_ns for path in before} == before
    return len(before)


def die(moment):
    """Kill this process at its moment-th call that changes a folder or syncs a file."""
    calls = itertools.count(1)

    def counted(function):
        def call(*arguments, **options):
            if next(calls) == moment:
                os.kill(os.getpid(), signal.SIGKILL)
            return function(*arguments, **options)

        return call

    for name in ("fsync", "mkdir", "replace", "unlink"):
        setattr(os, name, counted(getattr(os, name)))


def child_status(work):
    """Return how a child ended that does some work: its exit status."""
    child = os.fork()
    if child == 0:
        work()
        os._exit(0)
    return os.waitpid(child, 0)[1]


def everywhere(src, folder):
    """Kill at the first such call, then, anew, at the second, and so on to the end."""
    os.fsync = lambda descriptor: None  # what a process wrote outlives it without
    module.prepare(src, folder / "undisturbed", SIDE, workers=0)
    undisturbed = contents(folder / "undisturbed")
    kept = []
    for moment in itertools.count(1):
        dst = folder / f"moment {moment}"

        def begin(moment=moment, dst=dst):
            die(moment)
            module.prepare(src, dst, SIDE, workers=0)

        if child_status(begin) == 0:
            break
        kept.append(go_on(src, dst))
        assert contents(dst) == undisturbed
    print(len(kept), max(kept))


def announce():
    """Print a line once the folder is begun, before the first shard."""
    begin = unfinished.begin

    def announced(*arguments):
        finished = begin(*arguments)
        print("begun", flush=True)
        return finished

    unfinished.begin = announced


def interrupt_all():
    """Send Ctrl-C to the whole group of processes, as a terminal does."""
    os.killpg(0, signal.SIGINT)


def interrupt_workers():
    """Send Ctrl-C to the workers alone."""
    for worker in multiprocessing.active_children():
        os.kill(worker.pid, signal.SIGINT)


def after(shards, send):
    """Have Ctrl-C sent after so many finished shards."""
    keep, calls = unfinished.keep, itertools.count(1)

    def counted(job, shard):
        keep(job, shard)
        if next(calls) == shards:
            send()

    unfinished.keep = counted


if __name__ == "__main__":
    # A shell that starts jobs in the background has them ignore Ctrl-C.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    if sys.argv[1] == "everywhere":
        everywhere(Path(sys.argv[2]), Path(sys.argv[3]))
        sys.exit()
    announce()
    if "INTERRUPT" in os.environ:
        send = interrupt_workers if "WORKERS_ONLY" in os.environ else interrupt_all
        after(int(os.environ["INTERRUPT"]), send)
    sys.exit(cli.main(sys.argv[1:]))
