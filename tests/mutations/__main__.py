"""Runs the command `python -m tests.mutations`."""

import sys

from .run import main

sys.exit(main())
