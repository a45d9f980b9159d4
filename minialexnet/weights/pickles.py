"""The pickle of a state dict, worked off as data.

A pickle is a program, and Python's own unpickler would run any. Even one that may call
nothing would hash keys made to collide, or tuples within tuples, for hours, and which
values are keys only running the program shows. So it is not used: this is a machine
that knows no more than what PyTorch writes. The functions that a pickle names are not
looked up; they make nothing but a dict and a `Tensor`, and any other is refused.
"""

import io
import pickletools
from collections.abc import Callable
from typing import Any, BinaryIO

from .file import WeightsError
from .pickled import call, named, storage

MAX_PICKLE = 2**20  # bytes; torchvision's has some thousand
MAX_KEY = 2**31

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


def unpickle(data: memoryview) -> tuple[Any, int]:
    """Return what a pickle describes, and how many bytes it has.

    Parameters
    ----------
    data : memoryview
        Of bytes, the pickle and what may follow it.

    Returns
    -------
    value : dict, list, tuple, Tensor, str, int, float, bool or None
    length : int

    Raises
    ------
    WeightsError
        If it is longer than `MAX_PICKLE`, damaged, or does what no state dict needs.

    Examples
    --------
    >>> import pickle
    >>> unpickle(memoryview(pickle.dumps({"epoch": 3, "loss": [0.5]}, 2)))[0]
    {'epoch': 3, 'loss': [0.5]}
    """
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

    def __init__(self, stream: BinaryIO) -> None:
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
            stack.append(named(argument))
        elif name == "STACK_GLOBAL":
            function, module = stack.pop(), stack.pop()
            stack.append(named(" ".join((module, function))))
        elif name == "REDUCE":
            arguments, function = stack.pop(), stack.pop()
            stack.append(call(function, arguments))
        elif name == "BINPERSID":
            stack.append(storage(stack.pop()))

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
    # The hashes of numbers without bounds can be made to be all the same.
    if not isinstance(value, str) and (type(value) is not int or abs(value) > MAX_KEY):
        raise TypeError("a key that is no text and no number")
    return value
