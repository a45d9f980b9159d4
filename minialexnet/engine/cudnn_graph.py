"""One operation of cuDNN, built once for each shape, and run on CuPy's memory.

``nvidia-cudnn-frontend`` builds graphs of operations; each here has a single one, a
convolution or one of its two gradients. Arrays lie channels last. TF32 is allowed where
CUPY_TF32=1 allows it to CuPy's products; kernels whose sums change from run to run are
never taken.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

from ..windows import Windows
from .arrays import Array, get_array_module
from .devices import tf32_allowed
from .launch import by_channel

Shape = tuple[int, ...]


@cache
def cudnn_is_there() -> bool:
    """Say whether both cuDNN and its frontend are installed."""
    try:
        import cudnn

        return bool(cudnn.backend_version())
    except (ImportError, RuntimeError):  # without the frontend, without cuDNN
        return False


def run(
    operation: str, arrays: dict[str, Array], shape: Shape, windows: Windows
) -> Array:
    """Return what an operation makes of arrays.

    Parameters
    ----------
    operation : {"conv_fprop", "conv_wgrad", "conv_dgrad"}
    arrays : dict of str to ndarray
        By the names that the frontend gives them; float32, channels last.
    shape : tuple of int
        Of the result, (N, C, H, W).
    windows : Windows
        Whose padding is equal on all sides.
    """
    first = next(iter(arrays.values()))
    xp, (N, C, H, W) = get_array_module(first), shape
    result = by_channel(xp.empty((N, H, W, C), first.dtype))
    handle = _handle(first.device.id, xp.cuda.get_current_stream().ptr)
    given = tuple((name, array.shape) for name, array in arrays.items())
    graph, tensors = _graph(handle, operation, given, shape, windows, tf32_allowed())
    # Given arrays, the frontend would import PyTorch to ask whether they are its own.
    pointers = [array.data.ptr for array in (*arrays.values(), result)]
    room = xp.empty(max(1, graph.get_workspace_size()), "uint8")  # of CuPy's pool
    memory = dict(zip(tensors, pointers, strict=True))
    graph.execute(memory, room.data.ptr, handle=handle)
    return result


@cache
def _handle(device: int, stream: int) -> Any:
    """Return a handle of the current device, whose work goes to `stream`."""
    import cudnn

    handle = cudnn.create_handle()
    cudnn.set_stream(handle=handle, stream=stream)
    return handle


@cache
def _graph(
    handle: Any,
    operation: str,
    given: tuple[tuple[str, Shape], ...],
    shape: Shape,
    windows: Windows,
    tf32: bool,
) -> tuple[Any, list[Any]]:
    """Return a graph of one operation, and its tensors, the result last."""
    import cudnn

    real, notes = cudnn.data_type.FLOAT, cudnn.numerical_note
    types = ("io_data_type", "intermediate_data_type", "compute_data_type")
    graph = cudnn.pygraph(handle=handle, **dict.fromkeys(types, real))
    tensors = {
        name: graph.tensor(list(own), _strides(own), real, name=name)
        for name, own in given
    }
    result = getattr(graph, operation)(
        **tensors,
        pre_padding=list(windows.padding),
        post_padding=list(windows.padding),
        stride=list(windows.stride),
        dilation=[1, 1],
    )
    result.set_output(True).set_dim(list(shape)).set_stride(_strides(shape))
    graph.validate()
    graph.build_operation_graph()
    graph.create_execution_plans([cudnn.heur_mode.A, cudnn.heur_mode.FALLBACK])
    # Only plans that are there can be left out: ``graph.build`` would come too late.
    rounded = [] if tf32 else [notes.TENSOR_CORE, notes.DOWN_CONVERT_INPUTS]
    graph.deselect_numeric_notes([notes.NONDETERMINISTIC, *rounded])
    graph.check_support()
    graph.build_plans()
    return graph, [*tensors.values(), result]


def _strides(shape: Sequence[int]) -> list[int]:
    """Return how many numbers apart the places of an array are, channels last."""
    _, C, H, W = shape
    return [H * W * C, 1, W * C, C]
