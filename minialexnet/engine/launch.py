"""How a kernel of kernels.cu is compiled and launched on a GPU."""

from functools import cache
from pathlib import Path
from typing import Any

from ..windows import Windows
from .arrays import Array, get_array_module

SOURCE = Path(__file__).with_name("kernels.cu")
OPTIONS = {  # of the compiler, for arrays of each type
    "float32": ("-std=c++17", "-Dreal=float"),
    "float64": ("-std=c++17", "-Dreal=double"),
}
THREADS = 256  # in each block
MOST_BLOCKS = 65535  # along blockIdx.y


def in_memory(x: Array) -> Array:
    """Return x as the kernels take it: C-contiguous, pictures as (N, H, W, C)."""
    if x.ndim == 4:
        x = x.transpose(0, 2, 3, 1)
    return get_array_module(x).ascontiguousarray(x)


def by_channel(x: Array) -> Array:
    """Return a view of pictures as (N, C, H, W), other arrays as they are."""
    return x.transpose(0, 3, 1, 2) if x.ndim == 4 else x


def window_sizes(
    like: Array, C: int, image: tuple[int, int], windows: Windows
) -> list[Any]:
    """Return what ``WINDOWS`` in kernels.cu stands for."""
    int32 = get_array_module(like).int32
    kernel, stride, padding, _ = windows
    sizes = C, *image, *windows.output_size(*image), *kernel, *stride, *padding
    return [int32(size) for size in sizes]


def flat(name: str, like: Array, *arguments: Any) -> None:
    """Launch one thread for each number of `like`."""
    launch(name, like, (-(-like.size // THREADS),), *arguments)


def rows(name: str, like: Array, row: int, *arguments: Any) -> None:
    """Launch blocks that share the rows of `like`, each of so many numbers."""
    if row >= 1 << 30:
        raise ValueError(f"{name}: expected rows below 2**30 numbers, got {row}")
    launch(name, like, grid(like.size // row, row), *arguments)


def grid(rows: int, row: int) -> tuple[int, int]:
    """Return how many blocks share the numbers of each row, and for how many rows."""
    return rows, min(MOST_BLOCKS, -(-row // THREADS))


def each_window(
    name: str, like: Array, rows: int, windows: int, row: int, *arguments: Any
) -> None:
    """Launch blocks of threads x, places in a row of a window, and y, windows.

    Parameters
    ----------
    name : str
    like : ndarray
    rows, windows, row : int
        How many rows of windows, windows in each, and places in a row of a window.
    """
    across = min(THREADS, row)
    high = THREADS // across
    blocks = rows, min(MOST_BLOCKS, -(-windows // high))
    launch(name, like, blocks, *arguments, block=(across, high))


def each_row(name: str, like: Array, rows: int, row: int, *arguments: Any) -> None:
    """Launch blocks of threads x, places in a row, and y, rows, which may be short."""
    across = min(THREADS, row)
    high = THREADS // across
    launch(name, like, (-(-rows // high),), *arguments, block=(across, high))


def launch(
    name: str,
    like: Array,
    grid: tuple[int, ...],
    *arguments: Any,
    block: tuple[int, ...] | None = None,
) -> None:
    """Run a kernel on the current device, in the type of `like`.

    Of Python's numbers int goes as long long and float as double. A block is a row of
    THREADS if it is not given.
    """
    run = kernel(get_array_module(like), like.dtype.name, name)
    run(grid, block or (THREADS,), arguments)


@cache
def kernel(xp: Any, dtype: str, name: str) -> Any:
    """Return a kernel, compiled for arrays of `dtype`."""
    return _module(xp, dtype).get_function(name)


@cache
def _module(xp: Any, dtype: str) -> Any:
    return xp.RawModule(code=SOURCE.read_text(), options=OPTIONS[dtype])
