"""Trainings on 1, 2, 4 and 8 ranks, and killed ones, must end in the same bits.

``python tests/ranks_check.py`` needs mpi4py and an mpiexec, see the extra mpi. It
prints a hash of what each run ended in: weights, optimiser, metrics but for times. Then
a random rank is killed at random moments, and the run is gone on with on another number
of ranks; printed is how long the job took to end, and the rank that it has named. One
that dies before the ranks have met, or after the last of six epochs, is not named. The
exit code is 1 if any bits differ, another rank was named, or a job took longer than 5
seconds.
"""

import argparse
import random
import re
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from minialexnet.files import checkpoint
from tests.support.ranks import end_of, train

# Of 60 pictures the last batch has 4, fewer than the 8 parts.
COMMON = ("--epochs", 2, "--batch-size", 28)
# Drawn pictures are no test of bits: noise, in pictures as large as CIFAR-10's.
CIFAR = (*COMMON, "--model", "cifar", "--augment", "2012")
ALEXNET = ("--model", "alexnet", "--profile", "2012", "--width", 1 / 32)
ALEXNET += ("--data", "tiny-imagenet", "--augment", "2012", "--patience", 1)
NETWORKS = {
    "the CIFAR network, im2col": (CIFAR, (1, 2, 4)),
    "the CIFAR network, Winograd": ((*CIFAR, "--convolution", "winograd"), (1, 2, 4)),
    "a small AlexNet, im2col": ((*COMMON, *ALEXNET), (2, 8)),
    "a small AlexNet, Winograd": (
        (*COMMON, *ALEXNET, "--convolution", "winograd"),
        (1, 2, 4, 8),
    ),
}
MOST_SECONDS = 5.0


def compare(folder: Path) -> bool:
    """Train every network on every number of ranks; return whether all bits agree."""
    agree = True
    for number, (name, (settings, counts)) in enumerate(NETWORKS.items()):
        ends = {}
        for ranks in (None, *counts):
            out = folder / f"{number} on {ranks}"
            parts = ("--parts", 8, "--threads", 3) if ranks is None else ()
            code, _, errors = train(ranks, out, *settings, *parts)
            if code:
                raise RuntimeError(errors)
            where = "no launcher, 3 threads" if ranks is None else f"{ranks} ranks"
            ends[where] = end_of(out)
            print(f"{name}, {where}: {ends[where][:16]}", flush=True)
        agree = agree and len({*ends.values()}) == 1
    return agree


def kill(folder: Path, times: int, seed: int) -> bool:
    """Kill random ranks at random moments, and go on; return whether all was well."""
    draw, well, done = random.Random(seed), True, 0
    settings = (*ALEXNET, "--epochs", 6, "--batch-size", 28)
    begun = time.monotonic()
    code, _, errors = train(4, folder / "whole", *settings)
    if code:
        raise RuntimeError(errors)
    whole, seconds = end_of(folder / "whole"), time.monotonic() - begun
    history = checkpoint.load_state(folder / "whole" / checkpoint.NAME)["history"]
    training = sum(entry["seconds"] for entry in history)
    while done < times:
        out, rank = folder / f"killed {done}", draw.randrange(4)
        # Every fourth at any moment, the others while the ranks train.
        begins = "timer" if done % 4 == 0 else "step"
        moment = draw.uniform(0, seconds if begins == "timer" else training)
        how = {"function": begins, "rank": str(rank), "seconds": moment}
        how |= {"count": 1, "signal": "later"}
        code, _, errors = train(4, out, *settings, kill=how)
        if (killed := re.search(r"KILLED (\S+)", errors)) is None:
            seconds, training = 0.9 * seconds, 0.9 * training  # it had ended before
            out.rename(folder / f"whole {draw.random()}")
            continue
        took, done = time.time() - float(killed[1]), done + 1
        held = (out / checkpoint.NAME).exists()
        epochs = 0
        if held:
            epochs = len(checkpoint.load_state(out / checkpoint.NAME)["history"])
        ranks = draw.choice((1, 2, 3, 8))
        last = train(ranks, out, *(("--resume",) if held else settings))
        same = last[0] == 0 and end_of(out) == whole
        said = re.search(r"minialexnet train: (rank \d of 4[^:]*)", errors)
        named = said[1] if said else "not named"
        print(
            f"kill {done}: rank {rank}, {moment:.1f} s after its "
            f"{'beginning' if begins == 'timer' else 'first step'}; the job ended in "
            f"{took:.1f} s with code {code}, {named}; "
            f"{f'went on after epoch {epochs}' if held else 'began anew'} on {ranks} "
            f"ranks: {'the same bits' if same else 'OTHER BITS'}",
            flush=True,
        )
        well = well and same and code != 0 and took < MOST_SECONDS
        well = well and (named == "not named" or f"rank {rank} of 4" in named)
    return well


def main() -> int:
    """Compare and kill; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--kills", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        agree = compare(Path(folder))
        well = kill(Path(folder), options.kills, options.seed)
    print("All bits agree." if agree and well else "NOT ALL WAS WELL.")
    return 0 if agree and well else 1


if __name__ == "__main__":
    sys.exit(main())
