"""Which mutations are tried: all of them, or what is worth it for a change."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Collection
from pathlib import Path

from .mutation import PACKAGE, Mutation


def changed_since(base: str, project: Path) -> set[str]:
    """Return the files that differ from a commit, as they are named in the project."""
    command = ["git", "diff", "--name-only", "--no-renames", "--relative", base, "--"]
    done = subprocess.run(
        command, cwd=project, check=False, capture_output=True, text=True
    )
    if done.returncode:
        raise ValueError(f"expected a commit, got {base!r}: {done.stderr.strip()}")
    return set(done.stdout.splitlines())


def of_files(mutations: list[Mutation], files: Collection[str]) -> list[Mutation]:
    """Return the mutations that break one of the files, or that one of them tests."""
    return [
        m
        for m in mutations
        if f"{PACKAGE}/{m.file}" in files
        or any(f"tests/{test.partition('::')[0]}" in files for test in m.tests)
    ]


def tenth(mutations: list[Mutation], seed: str) -> list[Mutation]:
    """Return a tenth, rounded up, which is another for every seed."""
    count = -(-len(mutations) // 10)
    return random.Random(seed).sample(mutations, count)


def chosen(
    mutations: list[Mutation],
    word: str,
    files: Collection[str] | None,
    seed: str,
    most: int | None = None,
) -> list[Mutation]:
    """Return the mutations to try, in their order.

    Only those with the word; of these, where files or a seed are given, those of the
    files and a tenth of all; where these are more than the most, so many drawn by the
    seed.
    """
    named = [m for m in mutations if word in f"{m.target}: {m.name}"]
    if files is None and not seed:
        return named
    wanted = of_files(named, files or ())
    wanted += tenth(named, seed) if seed else []
    found = [m for m in named if m in wanted]
    if most is None or len(found) <= most:
        return found
    drawn = random.Random(seed).sample(range(len(found)), most)
    return [found[i] for i in sorted(drawn)]
