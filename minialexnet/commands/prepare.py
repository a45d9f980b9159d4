"""``minialexnet prepare``: photographs decoded once, into a data set on the disk."""

import argparse
from pathlib import Path
from typing import Any

from ..data.picture import ImageError
from ..data.prepare import PrepareError, prepare
from ..data.prepared import check
from ..data.record import UNFINISHED, read_record, resume_command
from ..engine.blas import cores
from ..files.progress import progress_bar
from ..files.standard import complain
from . import fail, finite, positive

SHOWN = 10  # skipped files; all of them are in the record


def add(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.description = (
        "Decode the JPEG and PNG pictures of SRC, one folder a class, with "
        "ImageNet's and Tiny ImageNet's own layouts known, into squares of pixels in "
        "DST, which train and evaluate take as --data. A run that was stopped, even by "
        "kill -9, goes on when the same command is given again. Files that are "
        "not whole pictures are named and skipped."
    )
    parser.add_argument("src", nargs="?", type=Path, metavar="SRC")
    parser.add_argument("dst", nargs="?", type=Path, metavar="DST")
    parser.add_argument(
        "--side",
        type=positive,
        default=256,
        help="pixels that the shorter side is scaled to (default: 256)",
    )
    parser.add_argument(
        "--workers",
        type=positive,
        default=cores(),
        help="processes that decode (default: one a core, %(default)s)",
    )
    parser.add_argument(
        "--strict",
        action="store_true",
        help="stop at a file that is not a whole picture",
    )
    parser.add_argument(
        "--held-out",
        type=finite,
        default=0.0,
        metavar="SHARE",
        help="make this share of the training pictures the test set, where there are "
        "no validation pictures",
    )
    parser.add_argument(
        "--classes",
        dest="classes_file",
        type=Path,
        metavar="FILE",
        help="if SRC holds only some of the class folders: a file with a line for each "
        "of them in the order of the labels; words may follow, as in synset_words.txt",
    )
    parser.add_argument(
        "--check",
        type=Path,
        metavar="DST",
        help="instead, compare a finished data set with its checksums",
    )


def run(src: Path | None, dst: Path | None, check: Path | None, **options: Any) -> int:
    """Prepare a data set, or check one; return the exit code."""
    try:
        if check is not None and src is None:
            return _check(check)
        if check is not None or src is None or dst is None:
            raise ValueError("expected SRC and DST, or --check DST alone")
        record = prepare(src, dst, progress=True, **options)
    except PrepareError as error:
        return fail(error, 1, "prepare")
    except (OSError, ValueError) as error:
        return fail(error, 2, "prepare")
    except KeyboardInterrupt:
        complain(f"\nStopped. {_how_to_go_on(dst)}")
        return 130
    _report(dst, record)
    return 0


def _check(folder: Path) -> int:

    record = read_record(folder)
    shards = record["train"] + record["test"]
    pictures = sum(shard["pictures"] for shard in shards)
    with progress_bar(total=pictures, unit=" images", leave=False) as bar:
        files = check(folder, bar.update)
    print(f"{folder}: all {files} files are as they were written")
    return 0


def _report(folder: Path, record: dict[str, Any]) -> None:
    """Print what was prepared and what was skipped."""
    train, test = (
        sum(shard["pictures"] for shard in record[split]) for split in ("train", "test")
    )
    side, skipped = record["side"], record["skipped"]
    print(
        f"{folder}: {train:,} training and {test:,} test pictures of "
        f"{len(record['classes']):,} classes, {side} x {side} pixels, "
        f"{(train + test) * 3 * side**2 / 1e6:,.1f} MB"
    )
    if record["left_out"]:
        print(
            f"Left out: {record['left_out']:,} validation pictures of classes without "
            "training pictures"
        )
    if skipped:
        print(f"Skipped: {len(skipped):,}")
        for item in skipped[:SHOWN]:
            print(f"  {ImageError(item['file'], item['why'])}")
        if len(skipped) > SHOWN:
            print(
                f"  and {len(skipped) - SHOWN:,} more, see {folder / 'prepared.json'}"
            )


def _how_to_go_on(folder: Path | None) -> str:

    if folder is None or not (folder / UNFINISHED).exists():
        return "Nothing was written yet."
    try:
        command = resume_command(folder)
    except (OSError, ValueError):
        command = "the same command"
    return f"The finished shards are kept; go on with:\n{command}"
