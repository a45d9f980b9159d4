"""The values of a section, read as `keys` says, and what is not there refused."""

from typing import Any

from .cfg import Section
from .keys import Key, keys_of

SWITCH = {"1": ("1", "true", "yes", "on"), "0": ("0", "false", "no", "off")}


def read_values(
    kind: str, section: Section, params: Section | None, params_file: str
) -> dict[str, Any]:
    """Return what a layer's sections in the two files say, by key.

    Parameters
    ----------
    kind : str
        The type of the section, out of `keys.TYPES`.
    section, params : Section
        That of the layers file; that of the params file, where there is one.
    params_file : str
        The name of the params file, for errors.

    Raises
    ------
    CfgError
        If a key is missing, or set to what it may not be.
    """
    count = 2 if kind == "cost.logreg" else 1
    if kind in ("conv", "fc"):
        count = len(section.text("inputs").split(","))
    values: dict[str, Any] = {}
    for key in keys_of(kind):
        if params is None and key.file == "params" and key.default is None:
            raise section.error(
                f"expected a section [{section.name}] in {params_file}, got none"
            )
        home = section if params is None or key.file == "layers" else params
        if key.file == "either" and key.name not in home:
            home = section
        if key.file == "either" and home is not section and key.name in section:
            raise home.error(
                f"expected {key.name} in one file, got it in both", key.name
            )
        # Without a section of its own every key of the params file has its default.
        given = params is not None or key.file != "params"
        values[key.name] = parse_value(key, home if given else None, count, values)
    return values


def refuse_unknown(kind: str, section: Section, file: str) -> None:
    """Refuse a section that holds a key which its type does not have.

    Parameters
    ----------
    kind : str
    section : Section
    file : {"layers", "params"}
        Which of the two files it is in.

    Raises
    ------
    CfgError
        For the first such key.
    """
    own = (key for key in keys_of(kind) if key.file in (file, "either"))
    known = {_name(key, section).lower() for key in own}
    for name, entry in section.entries.items():
        if name not in known:
            raise section.error(
                f"expected a key that is known for type={kind}, got {entry.key!r}",
                entry.key,
            )


def parse_value(
    key: Key,
    section: Section | None,
    count: int = 1,
    before: dict[str, Any] | None = None,
) -> Any:
    r"""Return the value of one key; for a key in the plural a list of `count` values.

    Parameters
    ----------
    key : Key
    section : Section, optional
        Where the key stands; without one it has its default.
    count : int
        How many inputs the layer has.
    before : dict, optional
        The values of keys read before, on one of which the least value may depend.

    Raises
    ------
    CfgError
        If it is missing, or set to what it may not be.

    Examples
    --------
    >>> from .cfg import parse
    >>> section = parse("[conv3]\nstride=1,2", "layers.cfg")["conv3"]
    >>> stride = next(key for key in keys_of("conv") if key.name == "stride")
    >>> parse_value(stride, section, count=2)
    [1, 2]
    """
    several = key.read.endswith("s")
    number = count if several else 1
    name = key.name if section is None else _name(key, section)
    if section is None or (name not in section and key.default is not None):
        if key.default == "":
            return None
        texts, section = [str(key.default)] * number, Section("", "", 0)
    elif key.read == "word":
        texts = [section.text(name)]  # "tanh[1,1]" is one
    else:
        texts = [text.strip() for text in section.text(name).split(",")]
    if len(texts) != number:
        each = "one value" if number == 1 else f"{number} values, one for each input"
        raise section.error(f"expected {name} to be {each}, got {len(texts)}", name)
    found = [_one(key, name, section, text, before or {}) for text in texts]
    return found if several else found[0]


def _name(key: Key, section: Section) -> str:
    """Return the name that a key goes by in a section."""
    return key.also if key.also and key.name not in section else key.name


def _one(
    key: Key, name: str, section: Section, text: str, before: dict[str, Any]
) -> Any:
    """Return one value."""
    read = key.read.removesuffix("s")
    if read == "name":
        return text
    if read == "word":
        if text not in key.words:
            raise section.error(
                f"expected {name} to be one of {', '.join(key.words)}, got {text!r}",
                name,
            )
        return text
    # "switches" without its s.
    if read.startswith("switch"):
        if text.lower() not in SWITCH[key.only]:
            raise section.error(f"expected {name}={key.only}, got {text!r}", name)
        return key.only == "1"
    least = key.least
    if isinstance(least, str):
        least = 1 - before[least.removeprefix("1 - ")]
    whole = read == "whole number"
    try:
        value = int(text) if whole else float(text)
    except ValueError:
        value = float("nan")
    if not (least <= value and (whole or value < key.below)):
        bounds = f">= {least:g}" + ("" if whole else f" and < {key.below:g}")
        raise section.error(
            f"expected {name} to be a {read} {bounds}, got {text!r}", name
        )
    if key.only and value != float(key.only):
        raise section.error(f"expected {name} to be {key.only}", name)
    return value
