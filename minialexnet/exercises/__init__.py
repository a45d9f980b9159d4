"""Exercises that answer back: stubs to fill in, and a check that says where.

``numbered/`` holds the exercises, one file each: a stub, a reference in plain loops,
the parts that are tried, and eight mistakes with their hints. The rest is one engine:
check.py, trial.py and compare.py find where something is wrong, process.py and child.py
run a student's code in a process of its own, notice.py tries a student's own tests.
``oracles/`` holds layers as plain loops, for the exercises and for the tests.
"""

from .check import check
from .progress import progress, start

__all__ = ["check", "progress", "start"]
