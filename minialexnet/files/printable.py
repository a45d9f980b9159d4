"""Names and messages from outside, made fit to be shown on a terminal."""


def printable(text: object, longest: int = 300, encoding: str | None = None) -> str:
    r"""Return a text in one line that a terminal shows and does not obey.

    A file can hold names with control characters in them, which would move the cursor,
    change colours, or turn the direction of writing round.

    Parameters
    ----------
    text : object
        Its `str` is taken.
    longest : int
        How many characters are kept; what is cut out of the middle becomes "...".
    encoding : str, optional
        The terminal's; what it cannot show becomes "?".

    Returns
    -------
    str
        With one space for each line break and tabulator, and "?" for each other
        character that cannot be printed.

    Examples
    --------
    >>> printable("a\nb\x1b[2Jc")
    'a b?[2Jc'
    >>> printable("weiße Katze", 9, "ascii")
    'wei...tze'
    """
    whole = str(text)
    if len(whole) > longest:
        kept = max(0, longest - 3)
        whole = f"{whole[: kept - kept // 2]}...{whole[len(whole) - kept // 2 :]}"
    line = "".join(
        sign if sign.isprintable() else " " if sign in "\t\n\r" else "?"
        for sign in whole
    )
    return line.encode(encoding, "replace").decode(encoding) if encoding else line
