"""What the gradient check tells: how well gradients agree, or where one is wrong."""

from dataclasses import dataclass

METHODS = {"complex": "complex step", "central": "central differences"}


class GradientError(AssertionError):
    """A backward that is not the derivative of its forward, or breaks its contract."""


def gradient_name(name: str) -> str:
    """Return dx for x, dW for W, conv1.dW for conv1.W."""
    prefix, dot, last = name.rpartition(".")
    return f"{prefix}{dot}d{last}"


@dataclass(frozen=True)
class ArrayCheck:
    """How one array's gradient compared.

    Attributes
    ----------
    name : str
        ``"x"``, or the key of the parameter: ``"W"``, in a network ``"conv1.W"``.
    method : {"complex", "central"}
    error : float
        The largest relative error found.
    tolerance : float
    index : tuple of int or None
        Where it was found; None if along a random direction.
    gradient, measured : float
        The two values there.
    elements, size : int
        How many elements were checked, and how many there are.
    directions : int
        How many random directions through all the elements were checked as well.
    off : int
        How many of the elements and directions are beyond the tolerance.
    note : str
        Why ``method="auto"`` left the complex step aside, if it did.
    kink : tuple of float or None
        If there is a kink where the error was found, and backward's value lies between
        the slopes to its two sides: these slopes, to the left and to the right.
    """

    name: str
    method: str
    error: float
    tolerance: float
    index: tuple[int, ...] | None
    gradient: float
    measured: float
    elements: int
    size: int
    directions: int
    off: int
    note: str = ""
    kink: tuple[float, float] | None = None

    def __str__(self) -> str:
        """Return how well the gradient agreed, and what was checked, in one line."""
        number = "all" if self.elements == self.size else f"{self.elements} of"
        ways = f" and {self.directions} random directions" if self.directions else ""
        return (
            f"{gradient_name(self.name)}  largest relative error {self.error:.1e} "
            f"(tolerance {self.tolerance:g}), {self._method()}, "
            f"{number} {self.size} elements{ways}"
        )

    def _method(self) -> str:
        return METHODS[self.method] + (f" ({self.note})" if self.note else "")

    def failure(self, subject: str) -> str:
        """Return where `subject`'s gradient is wrong, by how much, and a hint."""
        where = "along a direction" if self.index is None else f"at {self.index}"
        text = (
            f"{gradient_name(self.name)} of {subject} is wrong {where}: expected "
            f"{self.measured:.17g} by {self._method()}, got {self.gradient:.17g}; "
            f"relative error {self.error:.1e}, tolerance {self.tolerance:g}; "
            f"{self.off} of {self.elements + self.directions} slopes are off"
        )
        if self.measured == 0 and self.name != "x":
            text += (
                ". The output does not change with it: does forward read "
                f"{self.name!r} from where the parameters are kept?"
            )
        if self.kink:
            left, right = self.kink
            text += (
                ". This may be a kink and no mistake: the slope is "
                f"{left:.6g} to the left and {right:.6g} to the right, and there is no "
                "derivative between them. ReLU has a kink at 0 and max pooling at "
                "equal maxima: check with an x away from these"
            )
        return text


@dataclass(frozen=True)
class Report:
    """What `check_layer` and `check_function` found; ``str()`` lays it out.

    Attributes
    ----------
    subject : str
        The layer's class, or the function's name.
    arrays : tuple of ArrayCheck
        x first, then the parameters.
    """

    subject: str
    arrays: tuple[ArrayCheck, ...]

    @property
    def errors(self) -> dict[str, float]:
        """The largest relative error of each array: ``{"x": 2e-16, "W": 3e-16}``."""
        return {check.name: check.error for check in self.arrays}

    def __str__(self) -> str:
        """Return one line for each array."""
        lines = [f"{self.subject}: every gradient agrees"]
        return "\n  ".join([*lines, *map(str, self.arrays)])
