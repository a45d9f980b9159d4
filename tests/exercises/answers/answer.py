"""What an answer is."""

from typing import NamedTuple


class Wrong(NamedTuple):
    """A wrong answer, and what the check should say of it."""

    fill: dict  # by the place in the stub: what stands there instead of the solution
    part: str  # the first part that is wrong
    array: str
    kind: str  # of the mistake that it is told as; "" for a guess from the numbers


class Answer(NamedTuple):
    """What fills the places of a stub, in order, and what might be written there."""

    fill: tuple
    wrong: tuple
