"""Exercise 6: the table of shapes, from the rows of a network."""

from collections.abc import Iterator
from typing import Any

from ..exercise import Case, Exercise, Mistake, Part


def output_side(side: int, kernel: int, stride: int, padding: int) -> int:
    """Count the windows one by one."""
    first, count = -padding, 0
    while first + kernel <= side + padding:
        first, count = first + stride, count + 1
    return count


def conv_parameters(maps: int, kernels: int, kernel: int, groups: int) -> int:
    """Count a kernel's weights and its bias."""
    a_kernel = maps // groups * kernel * kernel
    return kernels * (a_kernel + 1)


def conv_multiply_adds(
    maps: int, kernels: int, kernel: int, groups: int, out: int
) -> int:
    """Count the uses of every weight."""
    weights = kernels * (maps // groups) * kernel * kernel
    return weights * out * out


def table(layers: list[Any], maps: int, side: int) -> list[tuple[int, ...]]:
    """Return a row for each layer."""
    rows: list[tuple[int, ...]] = []
    for kind, *numbers in layers:
        parameters = products = 0
        if kind == "conv":
            kernels, kernel, stride, padding, groups = numbers
            out = output_side(side, kernel, stride, padding)
            parameters = conv_parameters(maps, kernels, kernel, groups)
            products = conv_multiply_adds(maps, kernels, kernel, groups, out)
            maps, side = kernels, out
        elif kind == "pool":
            side = output_side(side, numbers[0], numbers[1], 0)
        else:
            inputs = maps * side * side
            parameters, products = numbers[0] * (inputs + 1), numbers[0] * inputs
            maps, side = numbers[0], 1
        rows.append((maps, side, parameters, products))
    return rows


SMALL = [("conv", 4, 3, 1, 1, 1), ("pool", 2, 2), ("fc", 10)]
PAPER = [
    ("conv", 96, 11, 4, 0, 1), ("pool", 3, 2), ("conv", 256, 5, 1, 2, 2),
    ("pool", 3, 2), ("conv", 384, 3, 1, 1, 1), ("conv", 384, 3, 1, 1, 2),
    ("conv", 256, 3, 1, 1, 2), ("pool", 3, 2),
    ("fc", 4096), ("fc", 4096), ("fc", 1000),
]  # fmt: skip


def sides() -> Iterator[Case]:
    """Yield sides of maps, some of which leave pixels over."""
    yield {"side": 5, "kernel": 3, "stride": 1, "padding": 0}
    yield {"side": 5, "kernel": 3, "stride": 1, "padding": 1}
    yield {"side": 6, "kernel": 3, "stride": 2, "padding": 0}
    yield {"side": 227, "kernel": 11, "stride": 4, "padding": 0}
    yield {"side": 27, "kernel": 5, "stride": 1, "padding": 2}


def convolutions() -> Iterator[Case]:
    """Yield convolutions with one group and with two."""
    yield {"maps": 3, "kernels": 96, "kernel": 11, "groups": 1}
    yield {"maps": 96, "kernels": 256, "kernel": 5, "groups": 2}


def with_outputs() -> Iterator[Case]:
    """Yield the same with the side of their output."""
    for case, out in zip(convolutions(), (55, 27), strict=True):
        yield case | {"out": out}


def networks() -> Iterator[Case]:
    """Yield a small network, and the paper's."""
    yield {"layers": SMALL, "maps": 3, "side": 8}
    yield {"layers": PAPER, "maps": 3, "side": 227}


def side_of(code: Any, **case: int) -> dict[str, Any]:
    """Return a side."""
    return {"output_side": code.output_side(**case)}


def parameters_of(code: Any, **case: int) -> dict[str, Any]:
    """Return a number of parameters."""
    return {"parameters": code.conv_parameters(**case)}


def products_of(code: Any, **case: int) -> dict[str, Any]:
    """Return a number of multiply-adds."""
    return {"multiply-adds": code.conv_multiply_adds(**case)}


def rows_of(code: Any, layers: list[Any], maps: int, side: int) -> dict[str, Any]:
    """Return the columns of the table, one number a layer."""
    rows = [tuple(row) for row in code.table(list(layers), maps, side)]
    names = ("maps", "sides", "parameters", "multiply-adds")
    return dict(zip(names, zip(*rows, strict=True), strict=True))


BY_HAND, MATHS = "By hand", "The mathematics"
EXERCISE = Exercise(
    6,
    "The shape table",
    "lesson_06_architecture",
    "exercise_06_shape_table",
    (output_side, conv_parameters, conv_multiply_adds, table),
    ("output_side", "conv_parameters", "conv_multiply_adds", "table"),
    (
        Part("the side of an output", side_of, sides),
        Part("parameters of a convolution", parameters_of, convolutions, BY_HAND),
        Part("multiply-adds of a convolution", products_of, with_outputs, BY_HAND),
        Part("the table", rows_of, networks, BY_HAND),
    ),
    (
        Mistake(
            "one too few",
            "first, count = -padding, 0",
            "first, count = -padding, -1",
            "Count the windows of 3 pixels on a side of 5 by hand.",
            MATHS,
        ),
        Mistake(
            "rounded up",
            "first + kernel <= side + padding",
            "first + kernel - stride < side + padding",
            "Where pixels are left over there is one window too many: it would reach "
            "past the end.",
            MATHS,
        ),
        Mistake(
            "padding at one end",
            "first + kernel <= side + padding",
            "first + kernel <= side",
            "There is padding before the first pixel and after the last one.",
            MATHS,
        ),
        Mistake(
            "the bias is left out",
            "kernels * (a_kernel + 1)",
            "kernels * a_kernel",
            "Too few by one number for each kernel.",
            BY_HAND,
        ),
        Mistake(
            "groups are left out",
            "maps // groups * kernel",
            "maps * kernel",
            "Right for one group, too many for two: which maps does a kernel see?",
            BY_HAND,
        ),
        Mistake(
            "a row of pixels for a square",
            "kernels * (maps // groups) * kernel * kernel",
            "kernels * (maps // groups) * kernel",
            "A kernel is a square of pixels.",
            BY_HAND,
        ),
        Mistake(
            "each weight used once only",
            "weights * out * out",
            "weights",
            "That is the number of weights. How often is each used in one picture?",
            BY_HAND,
        ),
        Mistake(
            "one number a map",
            "inputs = maps * side * side",
            "inputs = maps",
            "The first fully connected layer is given every pixel of every map.",
            BY_HAND,
        ),
    ),
)
