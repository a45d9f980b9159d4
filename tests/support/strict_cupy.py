"""A strict stand-in for CuPy, so that code written for a GPU is tested without one.

The arrays wrap NumPy arrays and are no subclass of them. What CuPy would refuse is
refused here: a NumPy array among the arguments, a name or a parameter that CuPy lacks
(cupy_names.txt lists what it has), a reduction by anything but add and multiply, an
array that lies on another device than the current one. Reductions return 0-d arrays,
as CuPy's do. There are two devices, 0 and 1, and streams, see strict_cuda.py. CUDA
kernels run on the processor where there is a compiler, see strict_kernels.py.

Two things that CuPy lets pass are refused too, since there they go wrong in silence:
an index out of range (CuPy wraps it) and an assignment through an index that names a
place twice (CuPy does not say which value stays).
"""

import functools
import inspect
import operator
import pathlib
import re
import sys
import weakref
from types import SimpleNamespace

import numpy as np

from tests.support.strict_cuda import (
    DEVICES,
    Device,
    Event,
    Memory,
    Stream,
    copy_between_devices,
    current,
    get_current_stream,
    get_elapsed_time,
)
from tests.support.strict_kernels import COMPILER, RawModule

# An array's module is found by the first word of its type's: here the name alone.
if "." in __name__:
    sys.modules["strict_cupy"] = sys.modules[__name__]
    __name__ = "strict_cupy"

if COMPILER is None:  # then the plain bodies compute
    del RawModule

__version__ = "strict stand-in"


def _read_names():
    """Return {"cupy": {"sum": (kind, signature), ...}, "cupy.ndarray": {...}, ...}."""
    owners = {}
    for line in (
        pathlib.Path(__file__).with_name("cupy_names.txt").read_text().splitlines()
    ):
        found = re.match(r"(\w+) ([\w.]+)\.(\w+)(?:\((.*)\))?$", line)
        if found:
            kind, owner, name, parameters = found.groups()
            signature = None if parameters is None else _signature(parameters)
            owners.setdefault(owner, {})[name] = (kind, signature)
    return owners


def _signature(text):
    """Return the signature that ``a, axis=, *, out=`` describes."""
    text = re.sub(r"=(?=,|$)", "=None", text)
    scope = {}
    exec(f"def described({text}): pass", scope)
    return inspect.signature(scope["described"])


_NAMES = _read_names()


def _check_device(array):
    """Refuse an array that lies on another device than the current one."""
    if array.device.id != current.devices[-1]:
        raise ValueError(
            f"the array lies on device {array.device.id}, "
            f"the current device is {current.devices[-1]}"
        )


def _unwrap(value):
    """Return `value` with NumPy arrays for ours, all from the current device."""
    if isinstance(value, ndarray):
        _check_device(value)
        value._memory.to_read(get_current_stream().queue)
        return value._data
    if isinstance(value, np.ndarray):
        raise TypeError(f"Unsupported type {type(value)}: a NumPy array among CuPy's")
    if isinstance(value, list | tuple):
        return type(value)(map(_unwrap, value))
    return value


def _unwrap_to_write(array):
    """Return the NumPy array of one of ours that the current stream may write to."""
    _check_device(array)
    array._memory.to_write(get_current_stream().queue)
    return array._data


def _wrap(value, sources=()):
    """Return `value` with our arrays, on the current device, for NumPy's.

    What is a view of one of our arrays in `sources` lies in that one's memory.
    """
    if isinstance(value, np.ndarray | np.generic):
        for source in sources:
            if isinstance(source, ndarray) and _is_view(value, source._data):
                return source._view(value)
        memory = Memory(get_current_stream().queue)
        return ndarray._of(np.asarray(value), current.devices[-1], memory)
    if isinstance(value, list | tuple):
        return type(value)(_wrap(part, sources) for part in value)
    return value


def _is_view(value, data):
    return isinstance(value, np.ndarray) and np.may_share_memory(value, data)


def _call(function, signature, args, kwargs):
    """Call NumPy's function with what CuPy's signature allows."""
    signature.bind(*args, **kwargs)
    plain = {name: _unwrap(value) for name, value in kwargs.items() if name != "out"}
    if kwargs.get("out") is not None:
        plain["out"] = _unwrap_to_write(kwargs["out"])
    result = function(*map(_unwrap, args), **plain)
    return _wrap(result, [*args, *kwargs.values()])


_ATOMIC = {"add", "subtract", "maximum", "minimum"}
_ATOMIC |= {"bitwise_and", "bitwise_or", "bitwise_xor"}


class ufunc:  # noqa: N801
    """One of CuPy's elementwise functions: of arrays and scalars, never of lists."""

    def __init__(self, name):
        self.name = self.__name__ = name
        self._signature = _NAMES["cupy"][name][1]
        self._numpy = getattr(np, name)

    def __call__(self, *args, **kwargs):
        """Apply the function."""
        for value in args:
            if isinstance(value, list | tuple):
                raise TypeError(f"Unsupported type {type(value)}")
        return _call(self._numpy, self._signature, args, kwargs)

    def reduce(self, array, axis=0, dtype=None, out=None, keepdims=False):
        """Return the sum or the product; CuPy has no other reduction."""
        if self.name not in ("add", "multiply"):
            raise NotImplementedError(f"`cupy_{self.name}.reduce` is not supported yet")
        reduction = array.sum if self.name == "add" else array.prod
        return reduction(axis=axis, dtype=dtype, out=out, keepdims=keepdims)

    def accumulate(self, array, axis=0, dtype=None, out=None):
        """Return the running sum or product; CuPy has no other."""
        if self.name not in ("add", "multiply"):
            raise NotImplementedError(f"`cupy_{self.name}.accumulate` is not supported")
        running = array.cumsum if self.name == "add" else array.cumprod
        return running(axis=axis, dtype=dtype, out=out)

    def at(self, a, indices, b=None):
        """Apply the function in place; only where CuPy has an atomic operation."""
        if self.name not in _ATOMIC:
            raise NotImplementedError(f"`cupy_{self.name}.at` is not supported yet")
        self._numpy.at(_unwrap_to_write(a), _unwrap(indices), _unwrap(b))


_POINTERS = weakref.WeakValueDictionary()  # arrays by what stands for their memory


def at_pointer(pointer):
    """Return the array of a pointer, whose memory must still be its own."""
    if type(pointer) is not int or pointer not in _POINTERS:
        raise ValueError(f"expected a pointer to an array, got {pointer!r}")
    return _POINTERS[pointer]


class ndarray:  # noqa: N801
    """An array on one of the devices."""

    __array_ufunc__ = None  # NumPy's operators give way to ours, which refuse
    __hash__ = None

    def __init__(self, shape, dtype=float, memptr=None, strides=None, order="C"):
        if memptr is not None or strides is not None:
            raise NotImplementedError("the stand-in has no memory pointers")
        self._data, self.device = np.empty(shape, dtype, order), Device()
        self._memory = Memory(get_current_stream().queue)

    @classmethod
    def _of(cls, data, device, memory):
        array = object.__new__(cls)
        array._data, array.device, array._memory = data, Device(device), memory
        return array

    def _view(self, data):
        """Return an array of the same memory, on the same device."""
        return ndarray._of(data, self.device.id, self._memory)

    def __getattr__(self, name):
        if name in _NAMES["cupy.ndarray"]:
            raise NotImplementedError(f"the stand-in does not model ndarray.{name}")
        raise AttributeError(f"cupy.ndarray has no attribute {name!r}")

    def __array__(self, *args, **kwargs):
        raise TypeError("Implicit conversion to a NumPy array is not allowed")

    def __array_function__(self, function, types, args, kwargs):
        raise TypeError(f"numpy.{function.__name__} was called with a CuPy array")

    def __getitem__(self, index):
        part = self._data[_unwrap(index)]
        if isinstance(part, np.generic) or _is_view(part, self._data):
            return self._view(np.asarray(part))
        return _wrap(_unwrap(self)[_unwrap(index)])

    def __setitem__(self, index, value):
        _refuse_twice(self._data, _unwrap(index))
        if isinstance(value, list | tuple):
            raise TypeError(f"Unsupported type {type(value)}")
        _unwrap_to_write(self)[_unwrap(index)] = _unwrap(value)

    def __iter__(self):
        return (self[i] for i in range(len(self)))

    def __len__(self):
        return len(self._data)

    def __bool__(self):
        return bool(self.get())

    def __int__(self):
        return int(self.get())

    def __float__(self):
        return float(self.get())

    def __complex__(self):
        return complex(self.get())

    def __repr__(self):
        return f"{self._data!r} on device {self.device.id}"

    def __copy__(self):
        return self.copy()

    def __deepcopy__(self, memo):
        return self.copy()

    @property
    def flags(self):
        """Return the layout; CuPy's flags know nothing of writeable."""
        flags = self._data.flags
        return SimpleNamespace(
            c_contiguous=flags.c_contiguous,
            f_contiguous=flags.f_contiguous,
            owndata=flags.owndata,
        )

    @property
    def data(self):
        """Return where the numbers begin: a pointer, which `at_pointer` takes."""
        pointer = self._data.ctypes.data
        _POINTERS[pointer] = self
        return SimpleNamespace(ptr=pointer)

    def get(self, stream=None, order="C", out=None, blocking=True):
        """Return a NumPy array with a copy of the values.

        It is copied on the current stream, which is waited for.
        """
        if stream is not None or not blocking:
            raise NotImplementedError("the stand-in copies on the current stream")
        stream = get_current_stream()
        with self.device:  # the default stream is the one of the array's device
            if stream.device_id not in (-1, self.device.id):
                raise RuntimeError(f"a stream of device {stream.device_id} is current")
            self._memory.to_read(stream.queue)
            stream.synchronize()
        if out is None:
            return self._data.copy(order)
        out[...] = self._data
        return out

    def set(self, arr, stream=None):
        """Take the values of a NumPy array of the same shape and dtype."""
        if arr.shape != self.shape or arr.dtype != self.dtype:
            raise ValueError(f"expected {self.shape} {self.dtype}, got {arr.shape}")
        _unwrap_to_write(self)[...] = arr

    def copy(self, order="C"):
        """Return a copy on the current device, whichever this one lies on."""
        return array(self, order=order)

    def reshape(self, *shape, order="C", copy=None):
        """Return a view if the memory allows one, else a copy."""
        data = self._data.reshape(*shape, order=order)
        if np.may_share_memory(data, self._data) and not copy:
            return self._view(data)
        return _wrap(_unwrap(self).reshape(*shape, order=order).copy())

    def item(self):
        """Return the only value as a Python number."""
        return self.get().item()

    def tolist(self):
        """Return the values as Python numbers."""
        return self.get().tolist()


def _refuse_twice(data, index):
    """Refuse an index that names one place of `data` twice."""
    parts = index if isinstance(index, tuple) else (index,)
    if any(isinstance(p, np.ndarray | list) for p in parts):
        places = np.arange(data.size).reshape(data.shape)[index]
        if np.unique(places).size != places.size:
            raise ValueError("an index names a place twice: CuPy leaves it undefined")


def _property(name, view):
    def read(self):
        value = getattr(self._data, name)
        return self._view(value) if view else value

    return property(read)


def _method(name, view):
    numpy_method = getattr(np.ndarray, name)
    signature = _NAMES["cupy.ndarray"][name][1]

    def method(self, *args, **kwargs):
        signature.bind(*args, **kwargs)
        if view:
            return self._view(numpy_method(self._data, *args, **kwargs))
        if name in _IN_PLACE:
            return numpy_method(_unwrap_to_write(self), *map(_unwrap, args), **kwargs)
        return _call(
            functools.partial(numpy_method, _unwrap(self)), signature, args, kwargs
        )

    return method


def _operator(function, turned=False, in_place=False):
    def operate(self, other):
        if not isinstance(other, ndarray | np.generic | int | float | complex):
            raise TypeError(f"Unsupported type {type(other)}")
        if in_place:
            function(_unwrap_to_write(self), _unwrap(other))
            return self
        a, b = (other, self) if turned else (self, other)
        return _wrap(function(_unwrap(a), _unwrap(b)))

    return operate


_VIEWS = {"T", "mT", "real", "imag", "transpose", "swapaxes", "squeeze", "view"}
_IN_PLACE = {"fill", "partition", "put", "sort"}
_NOT_NUMPYS = {"base", "data", "device", "flat"}
for _name, (_kind, _) in _NAMES["cupy.ndarray"].items():
    if _name.startswith("__") or _name in {*vars(ndarray), *_NOT_NUMPYS}:
        continue
    if hasattr(np.ndarray, _name):
        _make = _method if _kind == "function" else _property
        setattr(ndarray, _name, _make(_name, view=_name in _VIEWS))
_ARITHMETIC = ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul")
for _name in (*_ARITHMETIC, "and", "or", "xor", "lshift", "rshift"):
    _function = getattr(operator, f"__{_name}__")
    setattr(ndarray, f"__{_name}__", _operator(_function))
    setattr(ndarray, f"__r{_name}__", _operator(_function, turned=True))
    if f"__i{_name}__" in _NAMES["cupy.ndarray"]:
        _function = getattr(operator, f"__i{_name}__")
        setattr(ndarray, f"__i{_name}__", _operator(_function, in_place=True))
for _name in ("eq", "ne", "lt", "le", "gt", "ge"):
    setattr(ndarray, f"__{_name}__", _operator(getattr(operator, _name)))
for _name in ("neg", "pos", "abs", "invert"):
    _function = getattr(operator, _name)
    setattr(ndarray, f"__{_name}__", lambda a, f=_function: _wrap(f(_unwrap(a))))


def array(
    obj, dtype=None, copy=True, order="K", subok=False, ndmin=0, *, blocking=False
):
    """Return a copy on the current device; this is how NumPy arrays get there."""
    if not isinstance(obj, ndarray):
        data = obj
    elif obj.device.id == current.devices[-1]:
        data = _unwrap(obj)
    else:
        data = obj._data
        if not (data.flags.c_contiguous or data.flags.f_contiguous):
            raise NotImplementedError(
                "CuPy cannot copy non-contiguous array between devices."
            )
        copy_between_devices(obj._memory, obj.device.id)
    return _wrap(np.array(data, dtype, copy=True, order=order, ndmin=ndmin))


def asarray(a, dtype=None, order=None, *, copy=None, blocking=False):
    """Return `a` on the current device: itself if it lies there and fits."""
    here = isinstance(a, ndarray) and a.device.id == current.devices[-1]
    if here and not copy and (dtype is None or a.dtype == dtype) and order is None:
        return a
    return array(a, dtype, order=order or "K")


def asnumpy(a, stream=None, order="C", out=None, *, blocking=True):
    """Return a NumPy array with the values of `a`."""
    return a.get(order=order, out=out) if isinstance(a, ndarray) else np.asarray(a)


def get_default_memory_pool():
    """Return a pool that has taken a GiB."""
    return SimpleNamespace(total_bytes=lambda: 1 << 30)


def is_available():
    """Return True: the two devices are always there."""
    return True


class Generator:
    """CuPy's random generator, of streams that are not NumPy's."""

    def __init__(self, seed=None):
        self._numpy = np.random.Generator(np.random.SFC64(seed))

    def __getattr__(self, name):
        if name not in _NAMES["cupy.random.Generator"]:
            raise AttributeError(f"cupy.random.Generator has no attribute {name!r}")
        signature = _NAMES["cupy.random.Generator"][name][1]
        return lambda *a, **k: _call(getattr(self._numpy, name), signature, a, k)


cuda = SimpleNamespace(
    Device=Device,
    Event=Event,
    Stream=Stream,
    is_available=is_available,
    get_current_stream=get_current_stream,
    get_elapsed_time=get_elapsed_time,
    get_device_id=lambda: current.devices[-1],
    runtime=SimpleNamespace(
        getDeviceCount=lambda: DEVICES,
        getDeviceProperties=lambda device: {"name": b"stand-in"},
        driverGetVersion=lambda: 0,
        runtimeGetVersion=lambda: 0,
    ),
)
random = SimpleNamespace(Generator=Generator, default_rng=Generator)

# Functions whose arguments are shapes, dtypes or numbers rather than an array first.
_NO_ARRAY_FIRST = re.compile(
    "arange|linspace|logspace|zeros|ones|empty|full|eye|identity|tri|indices|result_type"
    "|promote_types|can_cast|issubdtype|shape|ndim|size|broadcast_shapes|isscalar"
    "|iscomplexobj|isrealobj|ascontiguousarray|asfortranarray|asanyarray|concatenate"
    "|stack|[vhdc]stack|column_stack|block|meshgrid|broadcast_arrays|einsum|matmul"
)


def _numpy_function(owner, name):
    """Return CuPy's function `name`, done by NumPy's."""
    place = functools.reduce(getattr, owner.split(".")[1:], np)
    function = getattr(place, name, None)
    if function is None:
        raise NotImplementedError(f"the stand-in does not model {owner}.{name}")
    signature = _NAMES[owner][name][1]

    @functools.wraps(function)
    def call(*args, **kwargs):
        takes_array = not _NO_ARRAY_FIRST.fullmatch(name)
        if takes_array and args and not isinstance(args[0], ndarray):
            raise TypeError(f"cupy.{name} expected an array, got {type(args[0])}")
        return _call(function, signature, args, kwargs)

    return call


class _Namespace:
    """A submodule: its functions are found when they are asked for."""

    def __init__(self, name):
        self._name = name

    def __getattr__(self, name):
        if name not in _NAMES[self._name]:
            raise AttributeError(f"module {self._name!r} has no attribute {name!r}")
        return _numpy_function(self._name, name)


lib = SimpleNamespace(stride_tricks=_Namespace("cupy.lib.stride_tricks"))
linalg = _Namespace("cupy.linalg")


def __getattr__(name):
    """Return what CuPy has under `name`, if it has it."""
    if name not in _NAMES["cupy"] or name == "RawModule":
        raise AttributeError(f"module 'cupy' has no attribute {name!r}")
    kind = _NAMES["cupy"][name][0]
    if kind == "ufunc":
        found = ufunc(name)
    elif kind == "function":
        found = _numpy_function("cupy", name)
    elif kind in ("type", "value") and hasattr(np, name):
        found = getattr(np, name)
    else:
        raise NotImplementedError(f"the stand-in does not model cupy.{name}")
    return globals().setdefault(name, found)
