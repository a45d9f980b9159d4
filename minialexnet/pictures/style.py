"""The look that all pictures share: colours, captions, files."""

import textwrap
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..files.records import provenance
from ..files.replacing import replacing

# Okabe and Ito's colours, which colour-blind eyes tell apart; yellow, too pale for a
# line on white, is left out. The two towers have the first two, light enough for text.
COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#E69F00", "#000000")
TOWERS = COLOURS[:2]

# One more than colours, so no line has both in common with another before the 57th.
MARKERS = "os^Dv*PX"


def look(number: int) -> dict[str, str]:
    """Return the colour and the marker of a line, counted from 0.

    Examples
    --------
    >>> look(1)
    {'color': '#D55E00', 'marker': 's'}
    """
    return {
        "color": COLOURS[number % len(COLOURS)],
        "marker": MARKERS[number % len(MARKERS)],
    }


def open_frame(*panels: Any) -> None:
    """Leave the frame of axes open above and to the right."""
    for axes in panels:
        axes.spines[["top", "right"]].set_visible(False)


def write_figure(figure: Any, out: Path) -> list[Path]:
    """Write a figure as .png and .svg, the same bytes for the same figure.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    out : Path
        ``.png`` and ``.svg`` are written, whichever of them it ends in, if any.

    Returns
    -------
    list of Path
        The two files.

    Raises
    ------
    OSError
        If a file cannot be written; one that was there before is as it was.
    """
    import matplotlib

    out = out.with_suffix("") if out.suffix.lower() in (".png", ".svg") else out
    written = []
    with matplotlib.rc_context({"svg.hashsalt": "minialexnet"}):
        for ending, metadata in (("png", None), ("svg", {"Date": None})):
            path = out.with_name(f"{out.name}.{ending}")
            with replacing(path) as file:
                figure.savefig(file, format=ending, dpi=150, metadata=metadata)
            written.append(path)
    return written


def caption(
    figure: Any,
    text: str,
    recorded: Sequence[Mapping[str, Any]] | None = None,
    alt: str = "",
) -> None:
    """Write under a figure what it shows, and when and where that was computed.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
        Of constrained layout, which keeps the room for the words free.
    text : str
        Sentences that name the data and the seeds.
    recorded : sequence of dict, optional
        Where what is drawn was recorded earlier, what
        `minialexnet.files.records.provenance` returned for each of its runs;
        by default it was computed by this program now.
    alt : str
        What is to be seen, in words, for those who do not see it. It becomes the
        figure's label, which the site takes.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> figure = Figure(figsize=(6, 3), layout="constrained")
    >>> caption(figure, "Drawn shapes, one seed.")
    >>> figure.get_supxlabel()
    'Drawn shapes, one seed. Computed 20...'
    """
    figure.set_label(alt)
    runs = [provenance()] if recorded is None else list(recorded)
    days = sorted(run["date"][:10] for run in runs)
    dates = " to ".join(dict.fromkeys((days[0], days[-1])))
    machines = dict.fromkeys(
        f"{run['machine']['cores']} cores of {run['machine']['processor']}"
        + "".join(f" and {name}" for name in run.get("gpu", {}).get("gpus", []))
        for run in runs
    )
    where = f"{dates} on {', '.join(machines)}"
    if recorded is None:
        words = f"{text} Computed {where}."
    else:
        words = f"{text} Recorded {where}, {commits_of(runs)}."
    letters = round(15 * figure.get_figwidth())  # that fit a line at this size
    label = textwrap.fill(words, letters)
    figure.supxlabel(label, x=0.01, ha="left", fontsize=8, color="0.25")


def commits_of(runs: Sequence[Mapping[str, Any]]) -> str:
    """Name the commit that recorded some runs; of many, how many there were.

    Examples
    --------
    >>> commits_of([{"commit": "0123456789"}, {"commit": "0123456789"}])
    'commit 0123456'
    >>> commits_of([{"commit": letter * 9} for letter in "abcd"])
    '4 commits, named in the records'
    """
    found = list(dict.fromkeys(short_commit(run["commit"]) for run in runs))
    if len(found) > 3 and not any("dirty" in commit for commit in found):
        return f"{len(found)} commits, named in the records"
    return f"commit {', '.join(found)}"


def short_commit(commit: str | None) -> str:
    """Return the first digits of a commit, and still "-dirty" if it was."""
    number, dash, dirty = (commit or "unknown").partition("-")
    return number[:7] + dash + dirty
