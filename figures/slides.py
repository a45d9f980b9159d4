"""Copy the figures into a folder for slides: PNG, SVG, and the captions as text.

The captions and the texts for those who do not see the pictures are those of the site's
pages of figures, of speed, of claims and of large batches. Nothing is measured.
"""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path

from compare.frame import drawing_parser, run_command

NAME = "slides"
ROOT = Path(__file__).resolve().parents[1]
PAGES = (
    "lessons/site/figures.rst",
    "lessons/site/guides/speed.rst",
    "figures/claims.rst",
    "figures/large_batches.rst",
)
LICENCE = (
    "Text and figures: the minialexnet authors, CC BY 4.0, "
    "<https://creativecommons.org/licenses/by/4.0/>."
)
FIGURE = re.compile(
    r"^\.\. figure:: \S*/([\w-]+)\.png\n   :alt: (.+)\n(?:   :\w+:.*\n)*\n"
    r"((?: {3}.*\n|\n)+)",
    re.MULTILINE,
)


def captions(page: str) -> dict[str, tuple[str, str]]:
    r"""Return the caption and the alternative text of each figure of a page, by name.

    Examples
    --------
    >>> captions(".. figure:: a/b.png\n   :alt: A line.\n\n   It :doc:`falls <c>`.\n")
    {'b': ('It falls.', 'A line.')}
    """
    found = {}
    for name, alt, text in FIGURE.findall(page):
        plain = re.sub(r":\w+:`([^`<]+?)\s*(?:<[^`]*>)?`", r"\1", text)
        found[name] = (" ".join(plain.split()), alt)
    return found


def copy(out: Path) -> list[Path]:
    """Copy the figures to OUT, write OUT/captions.md, and return all files."""
    out.mkdir(parents=True, exist_ok=True)
    parts, files = [f"# Figures of minialexnet\n\n{LICENCE}\n"], []
    for page in PAGES:
        text = (ROOT / page).read_text()
        for name, (caption, alt) in captions(text).items():
            for ending in ("png", "svg"):
                source = ROOT / "figures" / f"{name}.{ending}"
                files.append(Path(shutil.copyfile(source, out / source.name)))
            parts.append(f"## {name}\n\n{caption}\n\nWhat is to be seen: {alt}\n")
    files.append(out / "captions.md")
    files[-1].write_text("\n".join(parts))
    return files


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit code."""
    options = drawing_parser(__doc__, NAME).parse_args(arguments)
    return run_command(NAME, lambda: ("", copy(options.out)))


if __name__ == "__main__":
    sys.exit(main())
