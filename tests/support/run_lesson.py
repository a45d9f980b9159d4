"""Runs a lesson without a screen or a network, and looks at what it has drawn.

Prints what the lesson prints; ends with a message for each plot that lacks something.
"""

import re
import runpy
import sys
import warnings

import matplotlib


def refuse_network(event, arguments):
    """Raise where a program asks for a connection or for the number of a name."""
    if event in ("socket.connect", "socket.getaddrinfo"):
        raise ConnectionRefusedError(f"a lesson does without a network: {event}")


def faults(figure):
    """Return what a figure lacks of units, legend and caption."""
    found = []
    axes = [a for a in figure.axes if a.get_label() != "<colorbar>"]
    # A drawing of boxes and arrows has no ticks, and so no number to name.
    across = [a for a in axes if len(a.get_xticks())]
    upward = [a for a in axes if len(a.get_yticks())]
    if (across and not any(a.get_xlabel() for a in axes)) or (
        upward and not any(a.get_ylabel() for a in axes)
    ):
        found.append("has no label at an axis")
    for one in figure.axes:
        if not one.get_xlabel() and not one.get_ylabel():
            found.append(f"says nothing at the axes of {one.get_title()!r}")
        if one.get_legend_handles_labels()[1] and one.get_legend() is None:
            found.append(f"has names but no legend in {one.get_title()!r}")
    if not re.search(r"(Computed|Recorded)\s\d{4}-\d\d-\d\d", figure.get_supxlabel()):
        found.append("has no caption with a date: minialexnet.pictures.style.caption")
    if not figure.get_label():
        found.append("does not say in words what is to be seen: caption(..., alt=...)")
    return found


if __name__ == "__main__":
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    sys.addaudithook(refuse_network)
    warnings.filterwarnings("ignore", "FigureCanvasAgg is non-interactive")
    runpy.run_path(sys.argv[1], run_name="__main__")
    numbers = plt.get_fignums()
    wrong = [f"plot {n} {text}" for n in numbers for text in faults(plt.figure(n))]
    if not numbers:
        wrong = ["the lesson draws nothing"]
    sys.exit("\n".join(wrong) or 0)
