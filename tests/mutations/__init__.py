"""Break the code in named ways, and see that the tests notice each of them.

    python -m tests.mutations [-k WORD] [--changed COMMIT] [--tenth SEED] [--most N]
                               [--jobs N]

Every mutation replaces a piece of the package by a wrong one in a copy of the project,
runs the tests that cover it, and expects them to fail. What survives is printed, and
makes the exit code 1. With --changed and --tenth only those of the files that differ
from a commit are tried, and a tenth of all that the seed draws. A piece is quoted as
Python and found by its syntax tree inside the definition that is named, so it stays
found when code is formatted anew or moved; a mutation that no longer fits the code is
an error.

mutation.py says what a mutation is, match.py finds the pieces, choice.py chooses which
are tried, run.py runs the tests; the mutations themselves lie in a file for each
subject, and in equivalent.py those that no test can notice, with the reason.
"""

from . import (
    bench,
    checks,
    commands,
    cuda_convnet,
    data,
    engine,
    exercises,
    files,
    layers,
    networks,
    parallel,
    prepared,
    ranks,
    reading,
    runs,
    top,
    weights,
)

PARTS = (
    *(top, layers, engine, parallel, cuda_convnet, data, weights, exercises, commands),
    *(files, checks, prepared, reading, runs, networks, bench, ranks),
)
MUTATIONS = [mutation for part in PARTS for mutation in part.MUTATIONS]
