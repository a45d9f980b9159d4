"""Data augmentation on a photograph: crops and mirrors, colour noise, ten crops.

Krizhevsky et al. 2012, section 4.1. In training: "extracting random 224 x 224 patches
(and their horizontal reflections) from the 256 x 256 images", and "altering the
intensities of the RGB channels": to a picture are added multiples of the eigenvectors
of its colours' covariance. In testing: "five 224 x 224 patches (the four corner patches
and the center patch) as well as their horizontal reflections (hence ten patches in
all)", over whose predictions the mean is taken.

Drawn is what `minialexnet.data.augment` makes of grace_hopper.jpg, the photograph that
Matplotlib ships, its centre scaled to 256 x 256 pixels. Above are four random crops and
the places that they come from. In the middle is the 2012 code's colour noise, once as
strong as it is and in three draws six times as strong, so that the eye sees it; and the
noise by the paper's sentence taken literally, for pixels from 0 to 255, which is a
hundred times as strong in brightness and leaves nothing of a picture. Below are the ten
crops, with the rest of the picture faded. The eigenvectors are of the photograph's own
pixels. There is one seed, and nothing is trained.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from compare.frame import drawing_parser, run_command
from minialexnet.data.augment import Augmentation
from minialexnet.data.color import color_eigen
from minialexnet.data.preprocessing import Preprocessing
from minialexnet.pictures.photograph import photograph
from minialexnet.pictures.style import COLOURS, caption, write_figure

NAME = "augmentation"
SIDE, SIZE = 256, 224  # pixels of the photograph and of a crop
STRONGER = 6  # times the 2012 code's noise, which is hard to see
# Of the outlines of crops: a colour and a line each.
OUTLINES = list(zip(COLOURS, ("-", "--", "-.", ":", "-"), strict=False))

Pictures = NDArray[np.uint8]


def axes_of_colour(pictures: Pictures) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the eigenvalues and eigenvectors of the covariance of R, G and B."""
    rgb = pictures.transpose(1, 0, 2, 3).reshape(3, -1)
    return color_eigen(np.cov(rgb, bias=True))


def map_of_places(n: int) -> Pictures:
    """Return pictures whose red is the row and whose green the column, (n, 3, S, S).

    What became of a crop can be read off it: its first pixel says where it came from.
    """
    row, column = np.mgrid[:SIDE, :SIDE]
    return np.tile(np.stack([row, column, 0 * row]).astype(np.uint8), (n, 1, 1, 1))


def places(crops: NDArray[np.float32]) -> list[tuple[int, int, bool]]:
    """Return row, column and whether mirrored, of crops of `map_of_places`."""
    found = []
    for red, green, _ in crops.astype(int):
        mirrored = green[0, 0] > green[0, -1]
        found.append((int(red[0, 0]), int(green[0].min()), bool(mirrored)))
    return found


def random_crops(
    pictures: Pictures, seed: int
) -> tuple[NDArray[np.float32], list[tuple[int, int, bool]]]:
    """Return a random crop of each picture, pixels 0-255, and where it came from."""
    plain = Preprocessing(SIZE, np.zeros(3, np.float32))
    augment = Augmentation(crop=True, flip=True)
    crops = augment(pictures, plain, np.random.default_rng(seed))
    same = augment(map_of_places(len(pictures)), plain, np.random.default_rng(seed))
    return crops, places(same)


def recoloured(
    pictures: Pictures, color: str, seed: int, times: float = 1
) -> NDArray[np.float32]:
    """Return each picture's centre with colour noise, pixels of about 0-255.

    `color` is as for `Augmentation`, or "literal": the paper's sentence, for pixels
    from 0 to 255. The noise is `times` as strong as that.
    """
    values, vectors = axes_of_colour(pictures)
    if color == "literal":
        color, values = "paper", 255 * values  # undoes that "paper" is of 0 to 1
    mean = pictures.mean(axis=(0, 2, 3)).astype(np.float32)
    augment = Augmentation(False, False, color, 0.1 * times, values, vectors)
    x = augment(pictures, Preprocessing(SIZE, mean), np.random.default_rng(seed))
    noisy: NDArray[np.float32] = x + mean[:, None, None]
    return noisy


def draw(seed: int) -> Any:
    """Return the figure."""
    from matplotlib.figure import Figure

    picture = photograph(SIDE)
    figure: Any = Figure(figsize=(7.2, 8), layout="constrained")
    crops_part, colour_part, test_part = figure.subfigures(
        3, height_ratios=(1.05, 1.05, 1.9)
    )

    crops, where = random_crops(np.repeat(picture, 4, axis=0), seed)
    panels = crops_part.subplots(1, 5)
    crops_part.suptitle("Training: crops at random places, half of them mirrored")
    _show(panels[0], picture[0], f"{SIDE} x {SIDE}")
    for number, (crop, (row, column, mirrored)) in enumerate(
        zip(crops, where, strict=True)
    ):
        _outline(panels[0], row, column, number)
        words = f"from {row}, {column}" + ("\nmirrored" if mirrored else "")
        _show(panels[1 + number], crop, words, number)

    panels = colour_part.subplots(1, 6)
    colour_part.suptitle("Training: one random colour added to all pixels of a picture")
    plain = Preprocessing(SIZE, np.zeros(3, np.float32))
    _show(panels[0], plain.center(picture)[0], "no noise")
    three = np.repeat(picture, 3, axis=0)
    _show(panels[1], recoloured(three, "2012", seed)[0], "2012 code")
    for axes, image in zip(
        panels[2:], recoloured(three, "2012", seed, STRONGER), strict=False
    ):
        _show(axes, image, f"{STRONGER} times\nas strong")
    literal = recoloured(picture, "literal", seed)[0]
    _show(panels[5], literal, "the paper's\nwords, read\nfor 0 to 255")
    beyond = (
        f"pixels\nbecome\n{literal.min():,.0f} to\n{literal.max():,.0f};\nwhite is 255"
    )
    panels[5].text(SIZE / 2, SIZE / 2, beyond, ha="center", va="center", fontsize=8)

    where = places(plain.ten(map_of_places(1))[0])
    names = ("upper left", "upper right", "lower left", "lower right", "centre")
    test_part.suptitle("Testing: ten crops, whose predictions are averaged")
    for number, (axes, (row, column, mirrored)) in enumerate(
        zip(test_part.subplots(2, 5).flat, where, strict=True)
    ):
        shown = picture[0, :, :, :: -1 if mirrored else 1]
        column = SIDE - SIZE - column if mirrored else column
        faded = 255 - (255 - shown.astype(np.float32)) * 0.35
        inside = np.s_[:, row : row + SIZE, column : column + SIZE]
        faded[inside] = shown[inside]
        _show(axes, faded, names[number % 5] + ",\nmirrored" * mirrored)
        _outline(axes, row, column, 0)
    deviations = np.sqrt(axes_of_colour(picture)[0])
    caption(
        figure,
        f"Matplotlib's grace_hopper.jpg, seed {seed}. Crops of {SIZE} x {SIZE} pixels, "
        "named by row and column of their upper left pixel. Along their eigenvectors "
        "the photograph's colours have standard deviations of "
        f"{', '.join(f'{s:.1f}' for s in deviations)} grey levels. The 2012 code's "
        "noise has a tenth of these; the paper's, read for pixels from 0 to 255, has a "
        "tenth of their squares.",
    )
    return figure


def _show(axes: Any, image: Any, words: str, number: int | None = None) -> None:
    """Show a picture (3, H, W), pixels 0-255, framed in outline `number`."""
    pixels = np.clip(np.rint(image), 0, 255).astype(np.uint8)
    axes.imshow(pixels.transpose(1, 2, 0))
    axes.set(xticks=[], yticks=[])
    axes.set_xlabel(words, fontsize=9)
    if number is not None:
        colour, line = OUTLINES[number]
        axes.spines[:].set(color=colour, linestyle=line, linewidth=2)


def _outline(axes: Any, row: int, column: int, number: int) -> None:
    """Draw where a crop was taken."""
    from matplotlib.patches import Rectangle

    colour, line = OUTLINES[number]
    place = (column - 0.5, row - 0.5)
    axes.add_patch(Rectangle(place, SIZE, SIZE, fill=False, ec=colour, ls=line, lw=1.8))


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit code."""
    parser = drawing_parser(__doc__, NAME)
    parser.add_argument("--seed", type=int, default=30, help="default: 30")
    options = parser.parse_args(arguments)

    def work() -> tuple[str, list[Path]]:
        if options.seed < 0:
            raise ValueError(f"expected a seed of 0 or more, got {options.seed}")
        options.out.mkdir(parents=True, exist_ok=True)
        return "", write_figure(draw(options.seed), options.out / NAME)

    return run_command(NAME, work)


if __name__ == "__main__":
    sys.exit(main())
