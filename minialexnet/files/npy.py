"""Arrays in the form of a ``.npy`` file, given as its bytes."""

import re
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

# How NumPy writes down an array of numbers or texts; other things are not kept.
NPY = re.compile(
    rb"\x93NUMPY\x01\x00..\{'descr': '([<>|][biufcSU]\d{1,6})', "
    rb"'fortran_order': (True|False), 'shape': \(([\d, ]{0,200})\), \} *\n",
    re.DOTALL,
)


def read_npy(data: NDArray[np.uint8]) -> NDArray[Any]:
    """Return the array that a ``.npy`` file holds, as a view of the file's bytes.

    Its shape is not believed: it has as many numbers as there are bytes for.

    Raises
    ------
    ValueError
        If it is no array of numbers or texts, or of another size than it says.

    Examples
    --------
    >>> import io
    >>> file = io.BytesIO()
    >>> np.save(file, np.array([[1, 2], [3, 4]], np.int8))
    >>> read_npy(np.frombuffer(file.getvalue(), np.uint8)).tolist()
    [[1, 2], [3, 4]]
    """
    head = NPY.match(data[:600].tobytes())
    if head is None:
        raise ValueError("what is no array of numbers or texts")
    try:
        dtype = np.dtype(head[1].decode())
    except TypeError as error:
        raise ValueError(str(error)) from error
    shape = tuple(int(n) for n in head[3].split(b",") if n.strip())
    rest = data[head.end() :]
    if prod(shape) * dtype.itemsize != len(rest):
        raise ValueError(f"an array of another size than its shape {shape!s:.50}")
    if head[2] == b"True":  # the first axis moves fastest
        return rest.view(dtype).reshape(shape[::-1]).T
    return rest.view(dtype).reshape(shape)
