"""Which network ``predict`` asks: one that is named, or that of the package."""

from pathlib import Path

from ..files.records import read_lines
from ..model import file_of
from ..weights import READERS, ending

# See minialexnet/shipped/card.rst.
SHIPPED = Path(__file__).resolve().parents[1] / "shipped" / "network.npz"
WEIGHTS = {*READERS, ".npz"}
PICTURES = (".jpg", ".jpeg", ".png")
ZIP = b"PK\x03\x04"  # how our own files begin, whatever their names end in


def which_model(model: Path | None, words: list[Path]) -> tuple[Path, list[Path]]:
    """Return the network that is asked, and the photographs.

    Parameters
    ----------
    model : Path, optional
        The network, where an option names it.
    words : list of Path
        The arguments: photographs, with the network before them where it is named so.

    Raises
    ------
    ValueError
        If no photograph is named, or the first argument is nothing of all that.
    FileNotFoundError
        If the network that stands before the photographs is not there.
    """
    first, *others = words
    if model is not None:
        return model, words
    if not _is_model(first):
        if not first.exists() and first.suffix.lower() not in PICTURES:
            raise ValueError(
                "expected a photograph, a run or a file of weights, got "
                f"{first}, which is not there"
            )
        return SHIPPED, words
    file_of(first)
    if not others:
        raise ValueError(f"expected photographs after the network {first}, got none")
    return first, others


def about_shipped() -> str:
    """Return how good the package's network is, and what its classes are."""
    record = read_lines(SHIPPED.with_suffix(".jsonl"))[0]
    wrong, five = (round(100 * record[key]) for key in ("error", "top5_error"))
    return f"""\
network: AlexNet at a quarter of its width, wrong for {wrong} of 100 pictures
         (Tiny ImageNet's for testing; for {five} not among its first five)
classes: the 200 of Tiny ImageNet, out of ImageNet's 1,000, in the words for
         their WordNet ids; what is none of them is taken for one of them
"""


def _is_model(path: Path) -> bool:
    """Whether an argument is a run or a file of weights, from its name or first bytes.

    Weights that are not there are weights all the same, and so are those of others,
    which are sent to ``minialexnet convert``.
    """
    if path.is_dir() or ending(path) in WEIGHTS:
        return True
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(ZIP)) == ZIP
