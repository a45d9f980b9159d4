"""CUDA kernels on the processor: CuPy's RawModule for the strict stand-in.

The source is compiled by g++ with a few lines in front, and a launch calls the kernel
for each thread of each block. That computes what a GPU would (kernels that wait for
other threads of their block are not modelled), and refuses what a GPU gets wrong in
silence:

- an argument that is not of the type that the kernel declares: a Python int goes as
  long long, a float as double, and a kernel that takes int reads the wrong bytes;
- reading or writing outside an array: each lies between margins of NaN, which reach
  the result if read and are looked at after;
- threads that write to one place: all threads run again in the opposite order, and
  every bit must be the same;
- a grid or a block that is larger than CUDA's.
"""

import ctypes
import functools
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np

from tests.support.strict_cuda import current, get_current_stream

COMPILER = shutil.which("g++")
IN_FRONT = """
#include <cmath>
#define __global__
#define __device__
struct Place { unsigned int x, y, z; };
static thread_local Place blockIdx, threadIdx, blockDim, gridDim;
using std::pow;
"""
# Runs blocks first .. last - 1 of the grid's blocks, counted with x fastest.
LAUNCH = """
extern "C" void launch_NAME(
    long long first, long long last, const Place *grid, const Place *block,
    bool backwards, PARAMETERS)
{
    gridDim = *grid, blockDim = *block;
    long long threads = (long long)block->x * block->y * block->z;
    for (long long i = first * threads; i < last * threads; i++) {
        long long j = backwards ? (first + last) * threads - 1 - i : i;
        long long b = j / threads, t = j % threads;
        blockIdx.x = b % grid->x, b /= grid->x;
        blockIdx.y = b % grid->y, blockIdx.z = b / grid->y;
        threadIdx.x = t % block->x, t /= block->x;
        threadIdx.y = t % block->y, threadIdx.z = t / block->y;
        NAME(ARGUMENTS);
    }
}
"""
KERNEL = re.compile(r'extern "C" __global__ void (\w+)\s*\(([^)]*)\)')
NUMBERS = {"int": ctypes.c_int, "long long": ctypes.c_longlong}
NUMBERS |= {"float": ctypes.c_float, "double": ctypes.c_double}
DTYPES = {"float": "float32", "double": "float64", "int": "int32", "bool": "bool"}
MARGIN = 64  # bytes on either side of an array


class Place(ctypes.Structure):
    """CUDA's dim3."""

    _fields_ = [(axis, ctypes.c_uint) for axis in "xyz"]

    @property
    def size(self):
        """The number of places."""
        return self.x * self.y * self.z


class RawModule:
    """Kernels compiled from one source."""

    def __init__(self, *, code, options=()):
        self._library, self._parameters = compiled(code, options)

    def get_function(self, name):
        """Return the kernel of this name."""
        return RawKernel(self._library, name, self._parameters[name])


@functools.cache
def compiled(code, options):
    """Return a library of launchers and the (type, name)s of each kernel's parameters.

    Raises
    ------
    RuntimeError
        If the compiler refuses the source, or warns.
    """
    command = [COMPILER, *options, "-x", "c++", "-"]
    expanded = _run([*command, "-E", "-P"], code)
    parameters = {
        name: [_parameter(text) for text in declared.split(",")]
        for name, declared in KERNEL.findall(expanded)
    }
    source = [IN_FRONT, expanded]
    for name, own in parameters.items():
        text = LAUNCH.replace("NAME", name)
        text = text.replace("PARAMETERS", ", ".join(" ".join(pair) for pair in own))
        source.append(text.replace("ARGUMENTS", ", ".join(name for _, name in own)))
    strict = ["-Wall", "-Wextra", "-Werror", "-O1", "-ffp-contract=off"]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "kernels.so")
        shared = ["-shared", "-fPIC", "-o", str(path)]
        _run([*command, *strict, *shared], "".join(source))
        return ctypes.CDLL(str(path)), parameters


def _run(command, text):
    done = subprocess.run(command, input=text, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{command[0]} refuses the kernels:\n{done.stderr}")
    return done.stdout


def _parameter(text):
    kind, name = re.fullmatch(r"\s*(.+?)(\w+)\s*", text).groups()
    return kind.strip(), name


class RawKernel:
    """A kernel, to be launched as CuPy's are."""

    def __init__(self, library, name, parameters):
        self.name, self.parameters = name, parameters
        self._launch = getattr(library, f"launch_{name}")

    def __call__(self, grid, block, args):
        """Run the kernel's threads, forwards and backwards."""
        grid, block = _place(grid), _place(block)
        if not (0 < grid.x < 2**31 and 0 < grid.y < 2**16 and 0 < grid.z < 2**16):
            raise ValueError(f"{self.name}: no such grid, {grid.x, grid.y, grid.z}")
        if not (0 < block.size <= 1024 and block.z <= 64):
            raise ValueError(f"{self.name}: no such block, {block.x, block.y, block.z}")
        if len(args) != len(self.parameters):
            raise TypeError(
                f"{self.name} takes {len(self.parameters)} arguments, got {len(args)}"
            )
        results = []
        for backwards in (False, True):
            arguments = [
                _argument(i, self.name, *parameter, value)
                for i, (parameter, value) in enumerate(
                    zip(self.parameters, args, strict=True)
                )
            ]
            _refuse_overlap(self.name, arguments)
            passed = [argument.passed for argument in arguments]
            self.run(0, grid.size, grid, block, backwards, passed)
            results.append([argument.after() for argument in arguments])
        if results[0] != results[1]:
            raise ValueError(f"{self.name}: the order of the threads shows")
        for argument in arguments:
            argument.give_back()

    def run(self, first, last, grid, block, backwards, passed):
        """Run some of the blocks, on bare pointers and numbers."""
        self._launch(
            ctypes.c_longlong(first),
            ctypes.c_longlong(last),
            ctypes.byref(grid),
            ctypes.byref(block),
            ctypes.c_bool(backwards),
            *passed,
        )


def _place(sizes):
    return Place(*(*sizes, 1, 1)[:3])


def _argument(i, kernel, kind, name, value):
    """Return an argument, refusing what the GPU would read as something else."""
    told = f"{kernel} expected {kind} {name}"
    if kind.endswith("*"):
        return _Memory(i, kind, told, value)
    if isinstance(value, np.generic):
        fits = {"int": "int32", "long long": "int64"}.get(kind, DTYPES.get(kind))
        right = value.dtype == fits
    else:
        right = type(value) is {"long long": int, "double": float}.get(kind)
    if not right:
        raise TypeError(f"{told}, got {value!r}")
    return _Number(NUMBERS[kind](value))


class _Number:
    start = end = 0
    written = False

    def __init__(self, passed):
        self.passed = passed

    def after(self):
        return None

    def give_back(self):
        pass


class _Memory:
    """An array's bytes, copied between two margins."""

    def __init__(self, i, kind, told, array):
        self.written = not kind.startswith("const ")
        data, here = getattr(array, "_data", None), get_current_stream().queue
        if data is None or data.dtype != DTYPES[kind.split()[-2]]:
            raise TypeError(f"{told}, got {getattr(array, 'dtype', array)!r}")
        if array.device.id != current.devices[-1]:
            raise ValueError(f"{told} on the current device")
        if self.written:
            array._memory.to_write(here)
        else:
            array._memory.to_read(here)
        self.told, self.data = told, data
        self.start, self.end = np.lib.array_utils.byte_bounds(data)
        self.before = inside = ctypes.string_at(self.start, self.end - self.start)
        # NaN as float and as double, another one for each argument.
        self.margin = bytes([i, i, 0xFF, 0xFF]) * (MARGIN // 4)
        whole = self.margin + inside + self.margin
        # What the pointer is a multiple of, that its copy is as well.
        room = ctypes.create_string_buffer(len(whole) + MARGIN)
        shift = (self.start - ctypes.addressof(room)) % MARGIN
        self.buffer = (ctypes.c_char * len(whole)).from_buffer(room, shift)
        self.buffer.raw = whole
        ahead = data.ctypes.data - self.start
        self.passed = ctypes.c_void_p(ctypes.addressof(self.buffer) + MARGIN + ahead)

    def after(self):
        """Return the bytes after the launch, refusing any written outside."""
        raw = self.buffer.raw
        inside, between = raw[MARGIN:-MARGIN], bytearray(self.before)
        self._numbers(between)[...] = self._numbers(inside)
        margins = raw[:MARGIN], raw[-MARGIN:]
        if margins != (self.margin, self.margin) or between != inside:
            raise ValueError(f"{self.told}: written outside of it")
        return inside

    def _numbers(self, memory):
        """Return the array's numbers out of a copy of its bytes."""
        data = self.data
        ahead = data.ctypes.data - self.start
        return np.ndarray(data.shape, data.dtype, memory, ahead, data.strides)

    def give_back(self):
        if self.written:
            ctypes.memmove(self.start, self.after(), self.end - self.start)


def _refuse_overlap(kernel, arguments):
    for argument in arguments:
        for other in arguments:
            apart = argument.end <= other.start or other.end <= argument.start
            if argument is not other and argument.written and not apart:
                raise ValueError(f"{kernel} writes to an array that it also reads")
