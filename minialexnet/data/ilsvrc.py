"""Which class folder a number in the lists of ImageNet's challenge stands for.

The validation pictures' labels come as numbers that count neither the sorted names of
the class folders nor anything else in sight: 1 is the kit fox, n02119789. The
development kit says so in ``meta.mat``, a MATLAB file, later kits also in
``map_clsloc.txt``.
"""

from .classes import read_list
from .listing import Listing
from .lists import read_order
from .matlab import read_variables


def read_synsets(listing: Listing, folder: str) -> dict[int, str]:
    """Read the numbers of ImageNet's classes from the development kit.

    Parameters
    ----------
    listing : Listing
    folder : str
        It holds ``map_clsloc.txt`` or ``meta.mat``; the first is taken.

    Returns
    -------
    dict of int to str
        The name of the class folder, as n02119789, by its number from 1.

    Raises
    ------
    FileNotFoundError
        If neither is there.
    ValueError
        If the file is damaged or something else.
    """
    text, matlab = (
        f"{folder}/{name}".lstrip("/") for name in ("map_clsloc.txt", "meta.mat")
    )
    data = read_list(listing, text)
    if data is not None:
        return _from_text(data, f"{listing.where}/{text}")
    data = read_list(listing, matlab)
    if data is None:
        raise FileNotFoundError(
            f"{listing.where}/{folder}: expected meta.mat or map_clsloc.txt of "
            "ImageNet's development kit, which say what the numbers of the validation "
            "pictures mean, got neither"
        )
    try:
        synsets = read_variables(data)["synsets"]
        field = next(name for name in synsets[0] if name.endswith("_ID"))
        return {int(synset[field][0]): synset["WNID"] for synset in synsets}
    except Exception as error:  # whatever damaged bytes lead to
        raise ValueError(
            f"{listing.where}/{matlab}: expected the synsets of ImageNet's development "
            f"kit, got a file that does not hold them ({type(error).__name__}: {error})"
        ) from error


def _from_text(data: bytes, where: str) -> dict[int, str]:
    """Read lines of a class folder's name, its number and words."""
    found = {}
    for wnid, words in read_order(data, where):
        number = words.split()[0]
        if not number.isdecimal():
            raise ValueError(f"{where}: expected a number for {wnid}, got {number!r}")
        found[int(number)] = wnid
    return found
