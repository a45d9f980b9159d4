"""A convolution's kernels as the rows or the columns of a matrix, channels last."""

from ..engine.arrays import Array
from ..windows import Windows


def rows_of(W: Array) -> Array:
    """Return kernels, (F, C, KH, KW), as rows, (F, KH*KW*C), in im2col's order."""
    return W.transpose(0, 2, 3, 1).reshape(len(W), -1)


def columns_of(W: Array) -> Array:
    """Return kernels, (F, C, KH, KW), as columns, (KH*KW*C, F)."""
    return rows_of(W).T.copy()


def kernels_of(rows: Array, shape: tuple[int, int, int, int]) -> Array:
    """Return rows, (F, KH*KW*C), as kernels of the shape (F, C, KH, KW)."""
    F, C, KH, KW = shape
    return rows.reshape(F, KH, KW, C).transpose(0, 3, 1, 2)


def columns_held(
    C: int, F: int, image: tuple[int, int], windows: Windows
) -> tuple[int, int]:
    """Return how many numbers im2col's rows of an image are, and how many W has."""
    (KH, KW), (OH, OW) = windows.kernel_size, windows.output_size(*image)
    return OH * OW * KH * KW * C, KH * KW * C * F
