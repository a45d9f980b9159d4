"""A convolution's kernels as the rows or the columns of a matrix, channels last."""

from ..engine.arrays import Array


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
