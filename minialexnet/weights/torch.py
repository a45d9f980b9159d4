"""PyTorch's ``.pth`` and ``.pt``: a state dict as a pickle, and the tensors' bytes.

Since PyTorch 1.6 the file is a zip archive without compression: ``NAME/data.pkl`` is
the pickle, ``NAME/data/0`` and the like the bytes. Before, it was five pickles in a
row, of a magic number, a version, a description of the machine, the state dict and the
keys of the storages, and then for each key a count in eight bytes and the storage.

A pickle is a program, and Python's own unpickler would run any: it is not used. The
opcodes of a state dict are worked off here as data. The functions that they name make
nothing but an `OrderedDict` and a tensor; any other name is refused, not looked up.
"""

from __future__ import annotations

import io
import pickletools
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from typing import IO, Any

import numpy as np

from ..engine.arrays import Array
from .file import WeightsError, read_bytes
from .match import Weights, from_names

__all__ = ["read"]

MAX_PICKLE = 2**20  # torchvision's has some thousand bytes
MAX_MEMBERS = 10_000
MAGIC = 0x1950A86A20F9469CFC6C.to_bytes(10, "little")

# What a pickle may name, by what it makes.
STORAGES = {
    "torch DoubleStorage": "<f8",
    "torch FloatStorage": "<f4",
    "torch HalfStorage": "<f2",
    "torch LongStorage": "<i8",
    "torch IntStorage": "<i4",
    "torch ShortStorage": "<i2",
    "torch CharStorage": "i1",
    "torch ByteStorage": "u1",
    "torch BoolStorage": "?",
}
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
class _Tensor:
    """A view of a storage; offset and strides count numbers."""

    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


def read(file: IO[bytes], size: int) -> Weights:
    """Read a state dict of torchvision's AlexNet, in either form of the file.

    Raises
    ------
    WeightsError
        If it is damaged, names a function that no state dict needs, or is of another
        network.
    """
    data = read_bytes(file, size)
    if bytes(data[:4]) == b"PK\3\4":
        tensors, storages = _zipped(data)
    elif MAGIC in bytes(data[:32]):
        tensors, storages = _legacy(data)
    else:
        raise WeightsError(
            "expected a file of torch.save, a zip archive or PyTorch's older form, got "
            "neither"
        )
    return from_names({name: _array(t, storages) for name, t in tensors.items()})


def _tensors(state: Any) -> dict[str, _Tensor]:
    """Return a state dict, once it is known to be one."""
    if not isinstance(state, dict):
        raise WeightsError(f"expected a state dict, got {type(state).__name__}")
    for name, value in state.items():
        if not isinstance(value, _Tensor):
            raise WeightsError(
                f"expected a state dict, of tensors only, got {name!r:.50}, "
                f"{type(value).__name__}"
            )
    return state


def _array(tensor: _Tensor, storages: dict[str, memoryview]) -> Array:
    """Return a tensor's numbers, which are not copied."""
    storage = tensor.storage
    dtype = np.dtype(storage.dtype)
    data = storages.get(storage.key, memoryview(b""))
    if len(data) != storage.count * dtype.itemsize:
        raise WeightsError(
            f"expected {storage.count:,} numbers in storage {storage.key!r:.50}, got "
            f"{len(data):,} bytes"
        )
    # One number seen many times over would make arrays larger than the file.
    if prod(tensor.shape) <= storage.count:
        strides = [n * dtype.itemsize for n in tensor.strides]
        try:
            offset = tensor.offset * dtype.itemsize
            return np.ndarray(tensor.shape, dtype, data, offset, strides)
        except (ValueError, TypeError, OverflowError):
            pass  # it begins or ends outside
    raise WeightsError(
        f"expected a tensor inside its {storage.count:,} numbers, got shape "
        f"{tensor.shape} from {tensor.offset} with strides {tensor.strides}"
    )


# The two forms of the file


def _legacy(data: memoryview) -> tuple[dict[str, _Tensor], dict[str, memoryview]]:
    """Return the state dict and the storages' bytes by key."""
    at, pickles = 0, []
    for _ in range(5):
        value, length = _unpickle(data[at : at + MAX_PICKLE])
        pickles.append(value)
        at += length
    machine, state, keys = pickles[2:]
    if not isinstance(machine, dict) or machine.get("little_endian") is not True:
        raise WeightsError("expected numbers written by a little-endian machine")
    tensors = _tensors(state)
    dtypes = {t.storage.key: np.dtype(t.storage.dtype) for t in tensors.values()}
    storages: dict[str, memoryview] = {}
    for key in keys if isinstance(keys, list) else []:
        if not isinstance(key, str) or key not in dtypes:
            raise WeightsError("expected the storages of the tensors, got another")
        count = int.from_bytes(data[at : at + 8], "little")
        at += 8
        length = count * dtypes[key].itemsize
        if length > len(data) - at:
            raise WeightsError(
                f"expected storage {key!r:.50} of {length:,} bytes, got "
                f"{max(0, len(data) - at):,}"
            )
        storages[key] = data[at : at + length]
        at += length
    return tensors, storages


def _zipped(data: memoryview) -> tuple[dict[str, _Tensor], dict[str, memoryview]]:
    """Return the state dict and the storages' bytes by key."""
    members = _members(data)
    pickles = [name for name in members if name.endswith("/data.pkl")]
    if len(pickles) != 1:
        raise WeightsError(
            f"expected one data.pkl in the archive, got {', '.join(members)!r:.80}"
        )
    folder = pickles[0].removesuffix("data.pkl")
    if bytes(members.get(f"{folder}byteorder", b"little")) != b"little":
        raise WeightsError("expected numbers written by a little-endian machine")
    state, _ = _unpickle(members[pickles[0]])
    start = f"{folder}data/"
    return _tensors(state), {
        name.removeprefix(start): member
        for name, member in members.items()
        if name.startswith(start)
    }


def _members(data: memoryview) -> dict[str, memoryview]:
    """Return the bytes of a zip archive's members, none compressed, checksums compared.

    The directory at the end is read, in the form for large files too (zip64), which
    PyTorch always writes; see APPNOTE.TXT of PKWARE. Python's zipfile would build the
    whole directory before it could be asked how long that is.
    """
    try:
        tail = max(0, len(data) - 2**16 - 22)
        end = tail + bytes(data[tail:]).rindex(b"PK\5\6")
        count, size, start = struct.unpack_from("<10xHII", data, end)
        if end >= 20 and bytes(data[end - 20 : end - 16]) == b"PK\6\7":
            (end64,) = struct.unpack_from("<8xQ", data, end - 20)
            signature, count, size, start = struct.unpack_from("<4s28xQQQ", data, end64)
            if signature != b"PK\6\6":
                raise ValueError("no directory")
        if count > MAX_MEMBERS:
            raise ValueError(f"{count:,} members")
        directory, at = data[start : start + size], 0
        members: dict[str, memoryview] = {}
        total = 0
        for _ in range(count):
            name, place, at = _entry(directory, at)
            members[name] = _member(data, *place)
            # Members on top of each other would all have to be summed up.
            total += len(members[name])
            if total > len(data):
                raise ValueError("members larger than the archive")
        return members
    except (ValueError, struct.error, OverflowError) as error:
        raise WeightsError(f"expected a whole zip archive, got {error}") from error


def _entry(
    directory: memoryview, at: int
) -> tuple[str, tuple[int, int, int, int], int]:
    """Return a member's name, where it lies, and where the next entry begins."""
    signature, method, crc, packed, size, name, extra, comment, local = (
        struct.unpack_from("<4s6xH4xIIIHHH8xI", directory, at)
    )
    if signature != b"PK\1\2":
        raise ValueError("a damaged directory")
    at += 46
    text = str(directory[at : at + name], "utf-8", "replace")
    # Numbers that do not fit into four bytes stand in a field of their own, numbered 1.
    field, stop = at + name, at + name + extra
    while field + 4 <= stop:
        number, length = struct.unpack_from("<HH", directory, field)
        if number == 1:
            wide = iter(struct.unpack_from(f"<{length // 8}Q", directory, field + 4))
            size = next(wide, size) if size == 0xFFFFFFFF else size
            packed = next(wide, packed) if packed == 0xFFFFFFFF else packed
            local = next(wide, local) if local == 0xFFFFFFFF else local
        field += 4 + length
    if method or packed != size:
        raise ValueError(f"{text!r:.50}, which is compressed")
    return text, (local, size, crc, name), stop + comment


def _member(data: memoryview, local: int, size: int, crc: int, name: int) -> memoryview:
    """Return a member's bytes, whose own header begins at `local`."""
    signature, length, extra = struct.unpack_from("<4s22xHH", data, local)
    start = local + 30 + length + extra
    member = data[start : start + size]
    if signature != b"PK\3\4" or length != name or len(member) != size:
        raise ValueError("a member cut short")
    if zlib.crc32(member) != crc:
        raise ValueError("a member with a wrong checksum")
    return member


# The pickle

LITERALS = {
    "BININT", "BININT1", "BININT2", "LONG1", "BINFLOAT", "BINUNICODE", "BINUNICODE8",
    "SHORT_BINUNICODE", "BINSTRING", "SHORT_BINSTRING",
}  # fmt: skip
CONSTANTS: dict[str, Callable[[], Any]] = {
    "NONE": lambda: None,
    "NEWTRUE": lambda: True,
    "NEWFALSE": lambda: False,
    "EMPTY_TUPLE": tuple,
    "EMPTY_LIST": list,
    "EMPTY_DICT": dict,
}
IGNORED = {"PROTO", "FRAME"}
TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
OTHERS = {
    "MARK", "STOP", "TUPLE", "APPEND", "APPENDS", "SETITEM", "SETITEMS", "BUILD",
    "BINPUT", "LONG_BINPUT", "MEMOIZE", "BINGET", "LONG_BINGET", "GLOBAL",
    "STACK_GLOBAL", "REDUCE", "BINPERSID",
}  # fmt: skip
KNOWN = LITERALS | CONSTANTS.keys() | IGNORED | TUPLES.keys() | OTHERS
OPCODES = {op.code.encode("latin-1"): op for op in pickletools.opcodes}


def _unpickle(data: memoryview) -> tuple[Any, int]:
    """Return what a pickle describes, and how many bytes it has."""
    if len(data) > MAX_PICKLE:
        raise WeightsError(
            f"expected a pickle of at most {MAX_PICKLE:,} bytes, got {len(data):,}"
        )
    stream = io.BytesIO(data)
    try:
        return _Pickle(stream).value(), stream.tell()
    except WeightsError:
        raise
    # What it takes from where nothing is.
    except (IndexError, KeyError, ValueError, TypeError, AttributeError) as error:
        raise WeightsError(f"expected a whole pickle, got {error!r:.80}") from error


class _Pickle:
    """The machine that a pickle is a program for, with nothing in it that could act."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.stream = stream
        self.stack: list[Any] = []
        self.marks: list[list[Any]] = []
        self.memo: dict[int, Any] = {}

    def value(self) -> Any:
        """Work the opcodes off, and return what is on top in the end."""
        while True:
            byte = self.stream.read(1)
            opcode = OPCODES.get(byte)
            name = opcode.name if opcode else byte.hex() or "the end"
            if opcode is None or name not in KNOWN:
                raise WeightsError(f"expected the pickle of a state dict, got {name}")
            if name == "GLOBAL":
                # Two lines as they are; pickletools would take backslashes for more.
                lines = self.stream.readline(), self.stream.readline()
                argument: Any = " ".join(str(line[:-1], "utf-8") for line in lines)
            else:
                argument = opcode.arg.reader(self.stream) if opcode.arg else None
            if name == "STOP":
                return self.stack.pop()
            self.step(name, argument)

    def step(self, name: str, argument: Any) -> None:
        """Work one opcode off."""
        stack = self.stack
        if name in LITERALS:
            stack.append(argument)
        elif name in CONSTANTS:
            stack.append(CONSTANTS[name]())
        elif name in TUPLES:
            count = TUPLES[name]
            if len(stack) < count:
                raise IndexError("a tuple of too few")
            stack[-count:] = [tuple(stack[-count:])]
        elif name == "MARK":
            self.marks.append(stack)
            self.stack = []
        elif name == "TUPLE":
            items = self.since_mark()
            self.stack.append(tuple(items))
        elif name == "APPEND":
            item = stack.pop()
            self.top(list).append(item)
        elif name == "APPENDS":
            items = self.since_mark()
            self.top(list).extend(items)
        elif name == "SETITEM":
            value, key = stack.pop(), stack.pop()
            self.top(dict)[_key(key)] = value
        elif name == "SETITEMS":
            items = self.since_mark()
            pairs = zip(map(_key, items[::2]), items[1::2], strict=True)
            self.top(dict).update(pairs)
        elif name == "BUILD":
            stack.pop()  # attributes: the version of each module of the network
        elif name in ("BINPUT", "LONG_BINPUT"):
            self.memo[argument] = stack[-1]
        elif name == "MEMOIZE":
            self.memo[len(self.memo)] = stack[-1]
        elif name in ("BINGET", "LONG_BINGET"):
            stack.append(self.memo[argument])
        elif name == "GLOBAL":
            stack.append(_named(argument))
        elif name == "STACK_GLOBAL":
            function, module = stack.pop(), stack.pop()
            stack.append(_named(" ".join((module, function))))
        elif name == "REDUCE":
            arguments, function = stack.pop(), stack.pop()
            stack.append(_call(function, arguments))
        elif name == "BINPERSID":
            stack.append(_storage(stack.pop()))

    def since_mark(self) -> list[Any]:
        """Return what lies above the last mark, and go back to what lies below."""
        items, self.stack = self.stack, self.marks.pop()
        return items

    def top(self, kind: type) -> Any:
        """Return the dict or list on top."""
        if not isinstance(self.stack[-1], kind):
            raise TypeError(f"no {kind.__name__}")
        return self.stack[-1]


def _key(value: Any) -> str | int:
    if not isinstance(value, str | int):
        raise TypeError("a key that is no text")
    return value


def _named(name: str) -> _Global:
    if name not in GLOBALS:
        raise WeightsError(
            f"expected a state dict, got a pickle that names {name!r:.80}, which was "
            "not run (a whole module is saved as model.state_dict())"
        )
    return _Global(name)


def _call(function: Any, arguments: Any) -> Any:
    """Return what one of the functions that a state dict names would make."""
    name = function.name if isinstance(function, _Global) else ""
    if name == "collections OrderedDict" and arguments == ():
        return {}
    if name == "torch._utils _rebuild_parameter" and isinstance(arguments[0], _Tensor):
        return arguments[0]
    if name.startswith("torch._utils _rebuild_tensor"):
        storage, offset, shape, strides = arguments[:4]
        if (
            isinstance(storage, _Storage)
            and len(shape) == len(strides) <= 8
            and all(type(n) is int and n >= 0 for n in (offset, *shape, *strides))
        ):
            return _Tensor(storage, offset, tuple(shape), tuple(strides))
    # Not what it was given: the text of tuples within tuples can be without end.
    raise WeightsError(f"expected a tensor, got another use of {name!r:.50}")


def _storage(identity: Any) -> _Storage:
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
