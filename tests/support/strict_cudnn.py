"""A strict stand-in for nvidia-cudnn-frontend, on the arrays of strict_cupy.py.

It has the calls of versions 1.24 to 1.28 that a convolution needs, with their
parameters, and refuses what the frontend or cuDNN would refuse or get wrong in silence:

- steps of a graph out of order, such as numerical notes that are left out before there
  are plans, which the frontend does not notice;
- tensors whose shapes do not fit one another, or that do not lie channels last;
- padding that differs between two sides, which few of cuDNN's kernels know;
- pointers to arrays that are gone, of another shape, type, layout or device, or that
  another stream than the handle's still writes to; too little room to work in.
"""

import enum
import functools
import itertools

import numpy as np

from minialexnet.windows import Windows
from tests.support import strict_cuda

data_type = enum.Enum("data_type", "FLOAT DOUBLE HALF")
heur_mode = enum.Enum("heur_mode", "A B FALLBACK")
numerical_note = enum.Enum(
    "numerical_note",
    "TENSOR_CORE DOWN_CONVERT_INPUTS REDUCED_PRECISION_REDUCTION NONDETERMINISTIC",
)
WORKSPACE = 24  # bytes that every graph wants
handles, executed = {}, []  # streams by handle; what was computed, for tests to see


class cudnnGraphNotSupportedError(Exception):  # noqa: N801
    """cuDNN has no kernel for a graph."""


def backend_version():
    """Return a version as cuDNN counts: 9.10.0."""
    return 91000


def create_handle():
    """Return a handle of the current device, on its default stream."""
    handle = len(handles) + 1
    handles[handle] = strict_cuda.current.devices[-1], 0
    return handle


def set_stream(handle, stream):
    """Let a handle's work go to a stream."""
    handles[handle] = handles[handle][0], stream


class tensor:  # noqa: N801
    """The shape of an array in a graph."""

    def __init__(self, dim=None, stride=None, virtual=False):
        self.dim, self.stride, self.virtual = dim, stride, virtual

    def set_dim(self, dim):
        """Set the shape."""
        return self._set(dim=_refuse_numbers(dim, 4))

    def set_stride(self, stride):
        """Set how many numbers apart the places of each axis are."""
        return self._set(stride=_refuse_numbers(stride, 4))

    def set_output(self, output):
        """Say that the result is wanted."""
        return self._set(virtual=not output)

    def _set(self, **words):
        vars(self).update(words)
        return self


def _refuse_numbers(values, count):
    """Refuse what is no list of so many whole numbers, as the frontend does."""
    if type(values) is not list or [type(v) for v in values] != [int] * count:
        raise TypeError(f"expected a list of {count} int, got {values!r}")
    return values


# What stands before each step of a graph.
STEPS = (
    "operation", "validate", "build_operation_graph", "create_execution_plans",
    "deselect_numeric_notes", "check_support", "build_plans",
)  # fmt: skip


def _step(method):
    """Refuse a step that does not come right after the one before it."""

    @functools.wraps(method)
    def checked(self, *arguments, **options):
        before = STEPS.index(method.__name__) if method.__name__ in STEPS else 0
        if self.steps != before:
            raise RuntimeError(f"{method.__name__} came after {STEPS[: self.steps]}")
        self.steps += 1
        return method(self, *arguments, **options)

    return checked


class pygraph:  # noqa: N801
    """A graph of one convolution."""

    def __init__(
        self, *, handle, io_data_type, intermediate_data_type, compute_data_type
    ):
        types = {io_data_type, intermediate_data_type, compute_data_type}
        if handle not in handles or types != {data_type.FLOAT}:
            raise ValueError(f"expected a handle and float32, got {handle}, {types}")
        self.handle, self.steps, self.notes = handle, 0, []

    def tensor(self, dim, stride, data_type, name=""):
        """Return an array's shape in this graph."""
        if data_type is not globals()["data_type"].FLOAT:
            raise ValueError(f"expected float32, got {data_type}")
        return tensor(_refuse_numbers(dim, 4), _refuse_numbers(stride, 4))

    @_step
    def conv_fprop(self, image, weight, **windows):
        """Return y for x and W."""
        return self._operation("fprop", "xwy", (image, weight), **windows)

    @_step
    def conv_dgrad(self, loss, filter, **windows):
        """Return dx for dy and W."""
        return self._operation("dgrad", "ywx", (loss, filter), **windows)

    @_step
    def conv_wgrad(self, image, loss, **windows):
        """Return dW for x and dy."""
        return self._operation("wgrad", "xyw", (image, loss), **windows)

    def _operation(
        self, kind, names, arrays, *, pre_padding, post_padding, stride, dilation
    ):
        for pair in (pre_padding, post_padding, stride, dilation):
            _refuse_numbers(pair, 2)
        if pre_padding != post_padding or dilation != [1, 1]:
            raise cudnnGraphNotSupportedError("unequal padding, or dilation")
        self.kind, self.padding, self.stride = kind, tuple(pre_padding), tuple(stride)
        self.result = tensor(virtual=True)
        self.tensors = dict(zip(names, (*arrays, self.result), strict=True))
        return self.result

    @_step
    def validate(self):
        """Refuse shapes that do not fit, and what does not lie channels last."""
        for one in self.tensors.values():
            if one.dim is None or one.virtual:
                raise RuntimeError("a tensor has no shape, or is no output")
            _, C, H, W = one.dim
            if one.stride != [H * W * C, 1, W * C, C]:
                raise cudnnGraphNotSupportedError(f"{one.dim} lies as {one.stride}")
        x, w, y = (self.tensors[name].dim for name in "xwy")
        sizes = [
            (size + 2 * p - k) // s + 1
            for size, p, k, s in zip(
                x[2:], self.padding, w[2:], self.stride, strict=True
            )
        ]
        if x[1] % w[1] or w[0] % (x[1] // w[1]) or y != [x[0], w[0], *sizes]:
            raise ValueError(f"shapes do not fit: x {x}, w {w}, y {y}")
        self.groups = x[1] // w[1]

    @_step
    def build_operation_graph(self):
        """Hand the graph to cuDNN."""

    @_step
    def create_execution_plans(self, modes):
        """Find the kernels that could do it."""
        if not modes or not all(type(mode) is heur_mode for mode in modes):
            raise TypeError(f"expected a list of heur_mode, got {modes}")

    @_step
    def deselect_numeric_notes(self, notes):
        """Leave out plans with one of these notes."""
        if not all(type(note) is numerical_note for note in notes):
            raise TypeError(f"expected a list of numerical_note, got {notes}")
        self.notes = notes

    @_step
    def check_support(self):
        """Refuse a graph for which no plan is left."""

    @_step
    def build_plans(self):
        """Compile."""

    def get_workspace_size(self):
        """Return how many bytes an execution works in."""
        return WORKSPACE

    def execute(self, memory, workspace, handle):
        """Compute, on the handle's stream."""
        from tests.support import strict_cupy

        device, stream = handles[handle]
        here = strict_cuda.get_current_stream()
        current = strict_cuda.current.devices[-1], here.ptr
        if self.steps != len(STEPS) or current != (device, stream):
            raise RuntimeError("the graph is not built, or the stream is another")
        if set(memory) != set(self.tensors.values()):
            raise ValueError("expected a pointer for each tensor")
        room = strict_cupy.at_pointer(workspace)
        if room.nbytes < WORKSPACE:
            raise ValueError(f"expected {WORKSPACE} bytes to work in")
        room._memory.to_write(here.queue)
        arrays = {n: strict_cupy.at_pointer(memory[t]) for n, t in self.tensors.items()}
        for name, array in arrays.items():
            self._refuse(name, array, device)
            if self.tensors[name] is self.result:
                array._memory.to_write(here.queue)
            else:
                array._memory.to_read(here.queue)
        executed.append((self.kind, self.notes))
        self._compute(**{name: array._data for name, array in arrays.items()})

    def _refuse(self, name, array, device):
        own = self.tensors[name]
        strides = [stride // 4 for stride in array.strides]
        lies = all(  # the stride of an axis of one place is never taken
            a == b or n == 1
            for a, b, n in zip(strides, own.stride, own.dim, strict=True)
        )
        fits = array.dtype == "float32" and list(array.shape) == own.dim and lies
        if not fits or array.device.id != device:
            raise ValueError(
                f"{name} expected float32 {own.dim} {own.stride} on device {device}, "
                f"got {array.dtype} {array.shape} {strides} on {array.device}"
            )

    def _compute(self, x, w, y):
        """Compute by loops over the places of a window, a group after the other."""
        windows = Windows(w.shape[2:], self.stride, self.padding, False)
        result = {"fprop": y, "dgrad": x, "wgrad": w}[self.kind]
        C, F = w.shape[1], len(w) // self.groups
        result[...] = 0
        taps = windows.taps(x.shape[2:], y.shape[2:])
        for (kh, kw, out, pixels), g in itertools.product(taps, range(self.groups)):
            own_c, own_f = slice(g * C, (g + 1) * C), slice(g * F, (g + 1) * F)
            images = x[:, own_c, pixels[0], pixels[1]]
            outputs, kernel = y[:, own_f, out[0], out[1]], w[own_f, :, kh, kw]
            if self.kind == "fprop":
                outputs += np.einsum("nchw,fc->nfhw", images, kernel)
            elif self.kind == "dgrad":
                images += np.einsum("nfhw,fc->nchw", outputs, kernel)
            else:
                kernel += np.einsum("nfhw,nchw->fc", outputs, images)
