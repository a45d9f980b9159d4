"""Convolution by cuDNN against the plain bodies, by a stand-in for its frontend."""

import sys
from contextlib import contextmanager

import numpy as np
import pytest

from minialexnet import Convolution2D, Normal
from minialexnet.alexnet import alexnet
from minialexnet.engine.cudnn_graph import cudnn_is_there
from minialexnet.engine.transfer import to_numpy
from minialexnet.engine.twin import plain
from minialexnet.layers import CudnnConvolution2D
from tests.support import strict_cudnn, strict_cupy
from tests.support.geometries import normal, on, over_geometries

WIDE = {"weight": Normal(1), "bias": Normal(1)}


@contextmanager
def stand_in():
    """Let `import cudnn` find the stand-in; give what it has computed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "cudnn", strict_cudnn)
        cudnn_is_there.cache_clear()
        strict_cudnn.executed.clear()
        yield strict_cudnn.executed
    cudnn_is_there.cache_clear()


@pytest.fixture
def cudnn():
    """Return what the stand-in has computed."""
    with stand_in() as executed:
        yield executed


@pytest.fixture(scope="module")
def cudnn_xp(gpu_xp):
    """Each array module with its cuDNN: the stand-ins, and CuPy on a GPU."""
    if gpu_xp is strict_cupy:
        with stand_in():
            yield gpu_xp
    elif cudnn_is_there():
        yield gpu_xp
    else:
        pytest.skip("cuDNN is not installed: pip install -e '.[cudnn-cuda12]'")


def results(layer, x, dy):
    """Return y, dx, dW and db, as NumPy arrays."""
    arrays = [layer.forward(x), layer.backward(dy), *layer.grads.values()]
    return [to_numpy(array) for array in arrays]


def assert_near(layer, x, dy):
    """See that cuDNN computes what the plain bodies do, all three operations."""
    before = len(strict_cudnn.executed)
    found = results(layer, x, dy)
    if type(x) is strict_cupy.ndarray:
        kinds = [kind for kind, _ in strict_cudnn.executed[before:]]
        assert kinds == ["fprop", "wgrad", "dgrad"]
    with plain():
        expected = results(layer, x, dy)
    for a, b in zip(found, expected, strict=True):
        assert a.dtype == b.dtype and a.shape == b.shape
        np.testing.assert_allclose(a, b, 1e-4, 1e-4 * np.abs(b).max(initial=0))


@pytest.mark.parametrize("groups", [1, 2])
@over_geometries(padding_share=0.9)  # padding as wide as the kernel: see below
def test_it_computes_what_the_plain_bodies_do(cudnn_xp, groups, geometry, seed):
    N, C, H, W = geometry.shape
    sizes = geometry.kernel_size, geometry.stride, geometry.padding
    layer = CudnnConvolution2D(
        C * groups, 2 * groups, *sizes, groups, geometry.ceil_mode, **WIDE
    )
    x = cudnn_xp.asarray(normal(seed, N, C * groups, H, W), dtype="float32")
    y_shape = N, *layer.output_shape(x.shape[1:])
    dy = cudnn_xp.asarray(normal(seed + 1, *y_shape), dtype="float32")
    assert_near(on(cudnn_xp, layer, "float32"), x, dy)


def test_windows_that_hang_over_the_right_and_lower_edge(cudnn_xp):
    """As those of the 2012 code's first layer; cuDNN sees their padding as pixels."""
    layer = CudnnConvolution2D(3, 4, 11, 4, ceil_mode=True, **WIDE)
    x = cudnn_xp.asarray(normal(0, 2, 3, 40, 44), dtype="float32")
    dy = cudnn_xp.asarray(
        normal(1, 2, 4, *layer.windows.output_size(40, 44)), "float32"
    )
    assert_near(on(cudnn_xp, layer, "float32"), x, dy)


def strict_layer(dtype="float32"):
    layer = on(strict_cupy, CudnnConvolution2D(2, 4, 3, padding=1, **WIDE), dtype)
    return layer, *(
        strict_cupy.asarray(normal(i, 2, C, 5, 6), dtype=dtype)
        for i, C in enumerate((2, 4))
    )


@pytest.mark.parametrize("tf32", [False, True])
def test_factors_are_rounded_to_tf32_only_where_cupys_are(cudnn, monkeypatch, tf32):
    monkeypatch.setenv("CUPY_TF32", str(int(tf32)))
    results(*strict_layer())
    notes = strict_cudnn.numerical_note
    for _, left_out in cudnn:
        assert notes.NONDETERMINISTIC in left_out
        assert (notes.TENSOR_CORE in left_out) is not tf32
        assert (notes.DOWN_CONVERT_INPUTS in left_out) is not tf32


def test_it_works_on_the_current_stream(cudnn):
    with strict_cupy.cuda.Stream(non_blocking=True):
        results(*strict_layer())
    assert len(cudnn) == 3


def assert_im2col(layer, x, dy):
    """See that this is `Convolution2D`, to the bit."""
    found = results(layer, x, dy)
    rows = Convolution2D(2, 4, 3, padding=1)
    rows.params = layer.params
    for a, b in zip(found, results(rows, x, dy), strict=True):
        np.testing.assert_array_equal(a, b)


def test_without_cudnn_im2col_computes_as_before(cudnn, monkeypatch):
    for missing in (None, "without cuDNN"):
        if missing:
            monkeypatch.setitem(sys.modules, "cudnn", WithoutLibrary)
        else:
            monkeypatch.setitem(sys.modules, "cudnn", None)
        cudnn_is_there.cache_clear()
        assert not cudnn_is_there()
        assert_im2col(*strict_layer())
    assert not cudnn


class WithoutLibrary:
    @staticmethod
    def backend_version():
        raise RuntimeError("Unable to find symbol cudnnGetVersion")


def test_float64_numpy_and_other_layers_are_left_to_im2col(cudnn):
    assert_im2col(*strict_layer("float64"))
    layer = CudnnConvolution2D(2, 4, 3, padding=1, **WIDE)
    assert_im2col(layer, normal(0, 2, 2, 5, 6), normal(1, 2, 4, 5, 6))
    layer, x, dy = strict_layer()
    rows = Convolution2D(2, 4, 3, padding=1)
    rows.params = layer.params
    results(rows, x, dy)
    assert not cudnn


def test_a_network_asks_for_it_in_every_convolution(cudnn):
    network = alexnet("2012", 3, width=1 / 16, input_size=63, convolution="cudnn")
    kinds = [type(layer) for _, layer in network.leaves()]
    assert kinds.count(CudnnConvolution2D) == 5 and Convolution2D not in kinds
    network = on(strict_cupy, network, "float32")
    network.forward(strict_cupy.asarray(normal(0, 1, 3, 63, 63), dtype="float32"))
    assert [kind for kind, _ in cudnn] == ["fprop"] * 5


# The stand-in refuses what the frontend or cuDNN would


def graph_of(**changes):
    """Return a graph of one convolution before its first step, and its tensors."""
    real = strict_cudnn.data_type.FLOAT
    handle = strict_cudnn.create_handle()
    graph = strict_cudnn.pygraph(
        handle=handle,
        io_data_type=real,
        intermediate_data_type=real,
        compute_data_type=real,
    )
    x = graph.tensor([1, 2, 4, 5], changes.pop("lies", [40, 1, 10, 2]), real)
    w = graph.tensor([3, 2, 3, 3], [18, 1, 6, 2], real)
    words = {name: [0, 0] for name in ("pre_padding", "post_padding")}
    words |= {"stride": [1, 1], "dilation": [1, 1]} | changes
    y = graph.conv_fprop(x, w, **words).set_output(True)
    return graph, y


def test_the_stand_in_refuses_wrong_shapes_layouts_and_steps():
    unsupported = strict_cudnn.cudnnGraphNotSupportedError
    with pytest.raises(unsupported):
        graph_of(post_padding=[0, 1])
    with pytest.raises(TypeError, match="list of 2 int"):
        graph_of(stride=(1, 1))
    graph, y = graph_of()
    with pytest.raises(RuntimeError, match="deselect_numeric_notes came after"):
        graph.deselect_numeric_notes([])
    y.set_dim([1, 3, 2, 4]).set_stride([24, 1, 12, 3])
    with pytest.raises(ValueError, match="shapes do not fit"):
        graph.validate()
    graph, y = graph_of(lies=[40, 20, 5, 1])
    y.set_dim([1, 3, 2, 3]).set_stride([18, 1, 9, 3])
    with pytest.raises(unsupported, match="lies as"):
        graph.validate()
    with pytest.raises(ValueError, match="pointer"):
        strict_cupy.at_pointer(1)
