"""The products of convolutions and fully connected layers on a GPU, with their bias.

As in kernels.py each function has the name and the arguments of a plain function:

    convolve, kernel_gradient                   layers/convolution.py
    fully_connected                             layers/fully_connected.py

The products are the same. But the bias is added in one pass, which computes a ReLU
after it too and lays the kernels of a group where they belong; and the rows of im2col
are filled up with zeros where TF32 reads them 16 bytes at a time.
"""

from ..windows import Windows
from .arrays import Array, get_array_module
from .devices import tf32_allowed
from .groups import kernels_by_group, outputs_by_group
from .kernels import add_bias
from .rectified import noted
from .window_kernels import rows_of_windows

AT_ONCE = 4  # numbers of float32 in 16 bytes


def convolve(x: Array, W: Array, b: Array, windows: Windows, groups: int) -> Array:
    """Return y, (N, F, OH, OW); the columns of W are the kernels."""
    return noted(_outputs(x, W, b, windows, groups))


@outputs_by_group()
def _outputs(x: Array, W: Array, b: Array, windows: Windows, out: Array) -> None:
    """Write y = col W + b, (N, OH, OW, F), the columns of W being the kernels."""
    (columns, F), width = W.shape, filled(len(W), W)
    if width > columns:
        kernels = get_array_module(W).zeros((width, F), W.dtype)
        kernels[:columns] = W
        W = kernels
    add_bias(rows_of_windows(x, windows, width) @ W, b, out)


def kernel_gradient(x: Array, dy: Array, windows: Windows, groups: int) -> list[Array]:
    """Return dW of each group, (F, KH*KW*C); made for rows that are filled up."""
    KH, KW = windows.kernel_size
    columns = KH * KW * x.shape[1] // groups
    if filled(columns, x) == columns:
        return NotImplemented  # type: ignore[no-any-return]
    gradients: list[Array] = _gradients(x, dy, windows, groups)
    return [dW[:, :columns] for dW in gradients]


@kernels_by_group()
def _gradients(x: Array, dy: Array, windows: Windows) -> Array:
    """Return dW = dy^T col, beside it the zeros of the columns that fill col up."""
    KH, KW = windows.kernel_size
    rows = dy.transpose(0, 2, 3, 1).reshape(-1, dy.shape[1])  # (N*OH*OW, F)
    return rows.T @ rows_of_windows(x, windows, filled(KH * KW * x.shape[1], x))


def fully_connected(x: Array, W: Array, b: Array) -> Array:
    """Return y = x W^T + b, (N, K)."""
    product = x @ W.T
    y = get_array_module(x).empty_like(product)
    add_bias(product, b, y)
    return noted(y)


def filled(columns: int, like: Array) -> int:
    """Return how many columns im2col's rows have with those that fill them up."""
    if like.dtype.name != "float32" or not tf32_allowed():
        return columns
    return -(-columns // AT_ONCE) * AT_ONCE
