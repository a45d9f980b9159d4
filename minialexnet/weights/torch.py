"""PyTorch's ``.pth`` and ``.pt``: a state dict, bare or among what training saved.

What training saves holds the state dict under a name, beside the number of the epoch,
the optimiser's state and more, of which only the few bytes in the pickle are read.
"""

from math import prod
from typing import Any, BinaryIO

import numpy as np

from ..engine.arrays import Array
from .file import MAX_BYTES, WeightsError, from_bfloat16
from .network import Asked, Weights
from .pickled import Tensor
from .state_dict import from_names
from .torch_file import read_value

# Where training keeps a state dict in what it saves, the usual names first.
INSIDE = (
    "state_dict", "model_state_dict", "model", "model_state", "net", "network",
    "weights", "params", "module",
)  # fmt: skip


def read(file: BinaryIO, size: int, asked: Asked) -> Weights:
    """Read a state dict of an AlexNet, in either form of the file.

    Raises
    ------
    WeightsError
        If it is damaged, names a function that no state dict needs, or is of another
        network.
    """
    value, storages = read_value(file, size)
    tensors = _tensors(value)
    sizes: dict[str, int] = {}
    for tensor in tensors.values():
        length = tensor.count * tensor.numpy_dtype.itemsize
        if sizes.setdefault(tensor.key, length) != length:
            raise WeightsError(
                f"expected one size of storage {tensor.key!r:.50}, got two"
            )
    if sum(sizes.values()) > MAX_BYTES:
        raise WeightsError(
            f"expected weights of at most {MAX_BYTES:,} bytes, got "
            f"{sum(sizes.values()):,}"
        )
    found = storages(sizes)
    arrays = {name: _array(t, found.get(t.key, b"")) for name, t in tensors.items()}
    return from_names(arrays, asked)


def _tensors(value: Any, depth: int = 3) -> dict[str, Tensor]:
    """Return the state dict that a pickle holds, once it is known to be one."""
    if not isinstance(value, dict):
        raise WeightsError(f"expected a state dict, got {type(value).__name__}")
    for name in INSIDE:
        if isinstance(value.get(name), dict) and depth:
            return _tensors(value[name], depth - 1)
    for name, tensor in value.items():
        if not isinstance(name, str) or not isinstance(tensor, Tensor):
            raise WeightsError(
                f"expected a state dict, of tensors only, got {name!r:.50}, "
                f"{type(tensor).__name__}"
            )
    return value


def _array(tensor: Tensor, data: Any) -> Array:
    """Return a tensor's numbers, which are not copied but from bfloat16."""
    dtype = tensor.numpy_dtype
    if len(data) != tensor.count * dtype.itemsize:
        raise WeightsError(
            f"expected {tensor.count:,} numbers in storage {tensor.key!r:.50}, got "
            f"{len(data):,} bytes"
        )
    # One number seen many times over would make arrays larger than the file.
    if prod(tensor.shape) <= tensor.count:
        strides = [n * dtype.itemsize for n in tensor.strides]
        try:
            offset = tensor.offset * dtype.itemsize
            array = np.ndarray(tensor.shape, dtype, data, offset, strides)
            return from_bfloat16(array) if tensor.dtype == "bfloat16" else array
        except (ValueError, TypeError, OverflowError):
            pass  # it begins or ends outside
    raise WeightsError(
        f"expected a tensor inside its {tensor.count:,} numbers, got shape "
        f"{tensor.shape} from {tensor.offset} with strides {tensor.strides}"
    )
