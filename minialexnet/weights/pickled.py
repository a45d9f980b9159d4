"""What the pickle of a state dict can hold besides texts, numbers, lists and dicts.

The functions that a pickle names are not looked up: what those few would make that
PyTorch writes down, a dict, a storage and a tensor, is made here.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from .file import WeightsError

# What a pickle may name. A storage's numbers are of a NumPy dtype, or of bfloat16.
STORAGES = {
    "torch DoubleStorage": "<f8", "torch FloatStorage": "<f4",
    "torch HalfStorage": "<f2", "torch BFloat16Storage": "bfloat16",
    "torch LongStorage": "<i8", "torch IntStorage": "<i4", "torch ShortStorage": "<i2",
    "torch CharStorage": "i1", "torch ByteStorage": "u1", "torch BoolStorage": "?",
}  # fmt: skip
GLOBALS = {
    *STORAGES,
    "collections OrderedDict",
    "torch._utils _rebuild_tensor",
    "torch._utils _rebuild_tensor_v2",
    "torch._utils _rebuild_parameter",
}


@dataclass(frozen=True)
class _Global:
    """A name in a pickle, and no more than the name."""

    name: str


@dataclass(frozen=True)
class _Storage:
    """Numbers in a row, somewhere in the file."""

    dtype: str
    key: str
    count: int


@dataclass(frozen=True)
class Tensor:
    """A view of a storage, `count` numbers that lie in the file under a key.

    `offset` and `strides` count numbers.
    """

    dtype: str
    key: str
    count: int
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    @property
    def numpy_dtype(self) -> np.dtype[Any]:
        """The dtype of the numbers as they lie there; NumPy has no bfloat16."""
        return np.dtype("<u2" if self.dtype == "bfloat16" else self.dtype)


def named(name: str) -> _Global:
    """Return what a pickle may name by its module and name, or refuse it."""
    if name not in GLOBALS:
        raise WeightsError(
            f"expected a state dict, got a pickle that names {name!r:.80}, which was "
            "not run (a whole module is saved as model.state_dict())"
        )
    return _Global(name)


def call(function: Any, arguments: Any) -> Any:
    """Return what one of the functions that a state dict names would make."""
    name = function.name if isinstance(function, _Global) else ""
    if name == "collections OrderedDict" and arguments == ():
        return {}
    if name == "torch._utils _rebuild_parameter" and isinstance(arguments[0], Tensor):
        return arguments[0]
    if name.startswith("torch._utils _rebuild_tensor"):
        storage, offset, shape, strides = arguments[:4]
        if (
            isinstance(storage, _Storage)
            and len(shape) == len(strides) <= 8
            and all(type(n) is int and n >= 0 for n in (offset, *shape, *strides))
        ):
            view = offset, tuple(shape), tuple(strides)
            return Tensor(storage.dtype, storage.key, storage.count, *view)
    # Not what it was given: the text of tuples within tuples can be without end.
    raise WeightsError(f"expected a tensor, got another use of {name!r:.50}")


def storage(identity: Any) -> _Storage:
    """Return the storage that ("storage", type, key, device, count) names."""
    if len(identity) not in (5, 6):
        raise ValueError("no storage")
    word, kind, key, _, count, *view = identity
    name = kind.name if isinstance(kind, _Global) else ""
    if (
        word != "storage"
        or name not in STORAGES
        or not isinstance(key, str)
        or type(count) is not int
        or count < 0
        or view not in ([], [None])
    ):
        raise WeightsError(f"expected a tensor's storage, got another, {name!r:.50}")
    return _Storage(STORAGES[name], key, count)
