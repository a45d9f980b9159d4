"""The paper's two tables of errors as bars, and what was measured here beside them.

Krizhevsky et al. 2012, section 6. Table 1, ILSVRC-2010's test set: "Our network
achieves top-1 and top-5 test set error rates of 37.5% and 17.0%", by ten crops. Table
2, ILSVRC-2012, top-1 and top-5 on the validation set and top-5 on the test set, of one
network and of several whose predictions are averaged; those with an asterisk "were
'pre-trained' to classify the entire ImageNet 2011 Fall release".

The paper's numbers are copied from its tables: nothing of that size was trained here.
What was measured is another network on other pictures, so it stands in a panel of its
own with an axis of its own and no bar of it is to be held against one of the paper's.
It is read from the records of ``minialexnet evaluate``; by default those in
figures/results/tiny_imagenet_errors.jsonl, by one crop and by ten: the two-tower
network of the 2012 profile with a quarter of the kernels, on Tiny ImageNet, one seed.
"""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from compare.frame import drawing_parser, run_command
from minialexnet.files.records import Record, read_lines
from minialexnet.pictures.style import COLOURS, caption, open_frame, write_figure

NAME = "results"
RECORDED = Path(__file__).parent / "results" / "tiny_imagenet_errors.jsonl"

# A row of bars: what of, and the error (%) by measure, None where there is no number.
Row = tuple[str, dict[str, float | None]]

TABLE_1: list[Row] = [
    ("Sparse coding", {"top-1": 47.1, "top-5": 28.2}),
    ("SIFT + FVs", {"top-1": 45.7, "top-5": 25.7}),
    ("CNN", {"top-1": 37.5, "top-5": 17.0}),
]
TABLE_2: list[Row] = [
    ("SIFT + FVs", {"top-1": None, "top-5": None, "top-5, test": 26.2}),
    ("1 CNN", {"top-1": 40.7, "top-5": 18.2, "top-5, test": None}),
    ("5 CNNs", {"top-1": 38.1, "top-5": 16.4, "top-5, test": 16.4}),
    ("1 CNN*", {"top-1": 39.0, "top-5": 16.6, "top-5, test": None}),
    ("7 CNNs*", {"top-1": 36.7, "top-5": 15.4, "top-5, test": 15.3}),
]
BOLD = {"fontweight": "bold"}
# A measure's colour and hatch.
STYLES = {
    "top-1": (COLOURS[0], ""),
    "top-5": (COLOURS[4], "///"),
    "top-5, test": (COLOURS[5], "..."),
}


def measured(records: list[Record]) -> list[Row]:
    """Return the rows of what `evaluate` recorded."""
    try:
        names = {record["model"] for record in records}
        rows: list[Row] = []
        for record in records:
            crops = f"{record['crops']} crop{'s' if record['crops'] > 1 else ''}"
            name = f"{Path(record['model']).name}, " if len(names) > 1 else ""
            errors = (100 * record["error"], 100 * record["top5_error"])
            if record["split"] != "test":
                raise ValueError(f"expected test errors, got {record['split']} errors")
            rows.append((name + crops, {"top-1": errors[0], "top-5": errors[1]}))
    except (KeyError, TypeError) as error:
        raise ValueError(f"expected what evaluate records, got none: {error}") from None
    if not rows:
        raise ValueError("expected what evaluate records, got no line")
    return rows


def sentence(records: list[Record]) -> str:
    """Say what was measured."""
    return "\n".join(
        f"{_data(record)}, {name}: top-1 error {errors['top-1']:.1f} %, "
        f"top-5 error {errors['top-5']:.1f} %."
        for record, (name, errors) in zip(records, measured(records), strict=True)
    )


def _data(record: Record) -> str:
    return "Tiny ImageNet" if "tiny-imagenet" in record["data"] else record["data"]


def draw(records: list[Record], out: Path) -> list[Path]:
    """Draw the tables and what was measured as OUT/results.png and .svg."""
    from matplotlib.figure import Figure

    ours = measured(records)
    figure = Figure(figsize=(7.2, 6.6), layout="constrained")
    halves: Any = figure.subfigures(2, 1, height_ratios=(2.1, 1))
    reported, here = halves
    here.set_facecolor("0.95")
    left, right = reported.subplots(1, 2)
    _bars(left, TABLE_1, "Table 1: ILSVRC-2010, test")
    _bars(right, TABLE_2, "Table 2: ILSVRC-2012,\nvalidation, and test where said")
    beside, words = here.subplots(1, 2)
    _bars(beside, ours, _listed(_data(record) for record in records))
    for axes, most in ((left, 60), (right, 60), (beside, 100)):
        axes.set_xlim(0, most)
    words.axis("off")
    text = textwrap.fill(_measured_words(records), 42)
    words.text(0, 0.95, text, va="top", fontsize=10)
    reported.suptitle("Reported in the paper", **BOLD)
    here.suptitle("Measured here, with another network on other pictures", **BOLD)
    for part, axes in ((reported, right), (here, beside)):
        handles, labels = axes.get_legend_handles_labels()
        how = {"ncols": len(labels), "fontsize": 9}
        part.legend(handles, labels, loc="outside lower center", **how)
    caption(
        figure,
        "Above: copied from the paper's section 6, ImageNet's 1,000 classes; where "
        "there are several networks, their predictions are averaged; * pre-trained on "
        f"all of ImageNet. Below: {_listed(record['model'] for record in records)} by "
        "minialexnet evaluate.",
        records,
    )
    return write_figure(figure, out / NAME)


def _listed(words: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(words))


def _measured_words(records: list[Record]) -> str:
    """Say what the bars below are of, and are not."""
    pictures = _listed(f"{record['pictures']:,}" for record in records)
    return (
        f"{pictures} test pictures of {_listed(_data(record) for record in records)}. "
        "Neither network nor pictures are those of the paper, so these errors cannot "
        "be compared with the ones above."
    )


def _bars(axes: Any, rows: list[Row], title: str) -> None:
    """Draw a group of horizontal bars for each row, the first one at the top."""
    measures = list(dict.fromkeys(name for _, errors in rows for name in errors))
    height = 0.84 / len(measures)
    for i, measure in enumerate(measures):
        colour, hatch = STYLES[measure]
        style = {"color": colour, "hatch": hatch, "edgecolor": "white"}
        places = [n - 0.42 + (i + 0.5) * height for n in range(len(rows))]
        values = [errors.get(measure) for _, errors in rows]
        axes.barh(
            places, [value or 0 for value in values], height, label=measure, **style
        )
        for place, value in zip(places, values, strict=True):
            text = "not given" if value is None else f"{value:.1f}"
            grey = "0.5" if value is None else "black"
            axes.annotate(
                text,
                (value or 0, place),
                (3, 0),
                textcoords="offset points",
                va="center_baseline",
                fontsize=7.5,
                color=grey,
            )
    axes.set_yticks(range(len(rows)), [name for name, _ in rows])
    axes.set(ylim=(len(rows) - 0.5, -0.5), xlabel="error (%)")
    axes.set_title(title, fontsize=10, loc="left")
    open_frame(axes)


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = drawing_parser(__doc__, NAME)
    parser.add_argument(
        "--draw",
        type=Path,
        nargs="+",
        default=[RECORDED],
        metavar="JSONL",
        help="what minialexnet evaluate recorded by --out (default: Tiny ImageNet's)",
    )
    options = parser.parse_args(arguments)

    def work() -> tuple[str, list[Path]]:
        records = [record for path in options.draw for record in read_lines(path)]
        text = sentence(records)
        options.out.mkdir(parents=True, exist_ok=True)
        return text, draw(records, options.out)

    return run_command("results_bars", work)


if __name__ == "__main__":
    sys.exit(main())
