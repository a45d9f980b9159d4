"""The standard streams, as whoever began the program has left them."""

import os
import subprocess
import sys

OPENS = """
import os
from minialexnet.files.standard import make_usable
make_usable()
print(os.open(os.devnull, os.O_RDONLY) > 2)
"""


def test_a_closed_stream_leaves_its_number_to_no_file():
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    done = subprocess.run(
        ["bash", "-c", 'exec "$0" -c "$1" 2>&-', sys.executable, OPENS],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert done.stdout == "True\n"
