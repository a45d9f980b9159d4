"""The GPU's kernels against the plain bodies, and compiled for GPUs that are not here.

On the stand-in they run on the processor (strict_kernels.py), on CuPy on a GPU.
"""

import ctypes
import mmap
import os
import re
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minialexnet import (
    AveragePooling2D,
    Convolution2D,
    Dropout,
    FullyConnected,
    LocalResponseNormalization,
    MaxPooling2D,
    MomentumSGD,
    Normal,
    ReLU,
    Sequential,
)
from minialexnet.engine import kernels, launch
from minialexnet.engine.transfer import to_numpy
from minialexnet.engine.twin import plain, runs_kernels
from minialexnet.im2col import col2im, im2col
from minialexnet.layers import Flatten
from minialexnet.windows import output_size
from tests.support.geometries import normal, on, over_geometries, seeds
from tests.support.strict_kernels import COMPILER, Place, RawKernel, RawModule, compiled

WIDE = {"weight": Normal(1), "bias": Normal(1)}
both_types = pytest.mark.parametrize("dtype", ["float32", "float64"])
needs_compiler = pytest.mark.skipif(COMPILER is None, reason="g++ is not there")
sizes = st.integers(1, 6)


def assert_same(got, expected):
    """See that what kernels computed is what plain bodies did, type and shape too."""
    assert got.dtype == expected.dtype and got.shape == expected.shape
    rtol = 2e-5 if got.dtype == "float32" else 1e-11  # BLAS adds in orders of its own
    got, expected = to_numpy(got), to_numpy(expected)
    largest = np.abs(expected[np.isfinite(expected)]).max(initial=0)
    np.testing.assert_allclose(got, expected, rtol=rtol, atol=rtol * largest)


def assert_layer_same(xp, layer, x, dy=None, train=False):
    """See that a layer's results with the kernels are those without."""
    results, state = [], dict(layer.state)
    for fit in (True, False):
        assert runs_kernels(x)
        layer.state = dict(state)
        if fit:
            y = layer.forward(x, train)
            dy = xp.asarray(normal(5, *y.shape), dtype=x.dtype) if dy is None else dy
            results.append([y, layer.backward(dy), *layer.grads.values()])
        else:
            with plain():
                assert not runs_kernels(x)
                y = layer.forward(x, train)
                results.append([y, layer.backward(dy), *layer.grads.values()])
    for got, expected in zip(*results, strict=True):
        assert_same(got, expected)


def layouts(xp, x, dtype):
    """Return x in each layout that pictures come in: by channel, channels last."""
    x = x.astype(dtype)
    last = xp.asarray(np.ascontiguousarray(x.transpose(0, 2, 3, 1)))
    wider = xp.asarray(np.concatenate([x, x, x], axis=1).transpose(0, 2, 3, 1).copy())
    C = x.shape[1]
    return {
        "by channel": xp.asarray(np.ascontiguousarray(x)),
        "channels last": last.transpose(0, 3, 1, 2),
        "some channels": wider.transpose(0, 3, 1, 2)[:, C : 2 * C],
        "every other row": xp.asarray(np.repeat(x, 2, axis=2))[:, :, ::2],
    }


def drawn(seed, *shape):
    """Return numbers of which some are 0 and many are equal."""
    return np.random.default_rng(seed).integers(-2, 3, shape).astype(float)


@both_types
@given(shape=st.tuples(sizes, sizes, sizes, sizes), seed=seeds)
def test_relu(gpu_xp, dtype, shape, seed):
    for x in layouts(gpu_xp, drawn(seed, *shape), dtype).values():
        assert_layer_same(gpu_xp, ReLU(), x)
    rows = gpu_xp.asarray(normal(seed, shape[0], shape[1]), dtype=dtype)
    assert_layer_same(gpu_xp, ReLU(), rows)


@both_types
@given(
    shape=st.tuples(sizes, sizes, sizes, sizes),
    groups=st.integers(1, 3),
    n=st.integers(1, 7),
    alpha=st.sampled_from([1e-4, 0.5]),
    seed=seeds,
)
def test_response_normalization(gpu_xp, dtype, shape, groups, n, alpha, seed):
    layer = LocalResponseNormalization(1.5, n, alpha, 0.6, groups=groups)
    N, C, H, W = shape
    x = normal(seed, N, C * groups, H, W)
    for array in layouts(gpu_xp, x, dtype).values():
        assert_layer_same(gpu_xp, layer, array)


@both_types
def test_response_normalization_across_space_keeps_its_plain_body(gpu_xp, dtype):
    layer = LocalResponseNormalization(1.5, 3, 0.5, 0.6, across="space")
    for x in layouts(gpu_xp, normal(0, 2, 4, 5, 6), dtype).values():
        assert_layer_same(gpu_xp, layer, x)


@pytest.mark.parametrize("layer_class", [MaxPooling2D, AveragePooling2D])
@both_types
@over_geometries(padding_share=0.5)
def test_pooling(gpu_xp, layer_class, dtype, geometry, seed):
    for x in layouts(gpu_xp, drawn(seed, *geometry.shape), dtype).values():
        assert_layer_same(gpu_xp, layer_class(*geometry.windows), x)


@both_types
def test_what_is_no_number_wins_its_windows_and_takes_their_gradient(gpu_xp, dtype):
    x = normal(0, 1, 2, 7, 7)
    x[0, 0, 3, 3] = x[0, 1, 0, 0] = np.nan
    x[0, 0, 0, 5] = -np.inf
    assert_layer_same(gpu_xp, MaxPooling2D(), gpu_xp.asarray(x, dtype=dtype))
    assert_layer_same(gpu_xp, ReLU(), gpu_xp.asarray(x, dtype=dtype))
    x[...] = -np.inf
    assert_layer_same(gpu_xp, MaxPooling2D(), gpu_xp.asarray(x, dtype=dtype))


@both_types
@over_geometries()
def test_im2col_and_back(gpu_xp, dtype, geometry, seed):
    for x in layouts(gpu_xp, normal(seed, *geometry.shape), dtype).values():
        col = im2col(x, *geometry.windows)
        with plain():
            expected = im2col(x, *geometry.windows)
        assert_same(col, expected)
    for rows in (col, gpu_xp.asarray(to_numpy(col).T.copy()).T):
        there = col2im(rows, geometry.shape, *geometry.windows)
        with plain():
            expected = col2im(rows, geometry.shape, *geometry.windows)
        assert_same(there, expected)


@both_types
@pytest.mark.parametrize("groups", [1, 2])
@over_geometries()
def test_convolution(gpu_xp, dtype, groups, geometry, seed):
    N, C, H, W = geometry.shape
    layer = Convolution2D(
        C * groups,
        2 * groups,
        geometry.kernel_size,
        geometry.stride,
        geometry.padding,
        groups,
        geometry.ceil_mode,
        **WIDE,
    )
    x = gpu_xp.asarray(normal(seed, N, C * groups, H, W), dtype=dtype)
    assert_layer_same(gpu_xp, on(gpu_xp, layer, dtype), x)


@both_types
@given(rows=st.sampled_from([1, 2, 63, 64, 65, 4097]), C=st.integers(1, 5), seed=seeds)
def test_channel_sum(gpu_xp, dtype, rows, C, seed):
    x = gpu_xp.asarray(normal(seed, 1, C, rows, 1), dtype=dtype)
    expected = to_numpy(x).astype("float64").sum(axis=(0, 2, 3)).astype(dtype)
    got = kernels.channel_sum(x)
    assert got.dtype == dtype and got.shape == (C,)
    rtol = 1e-5 if dtype == "float32" else 1e-13
    np.testing.assert_allclose(to_numpy(got), expected, rtol, rtol * rows**0.5)


@both_types
@given(
    p=st.sampled_from([0.0, 0.1, 0.5, 0.75]),
    inverted=st.booleans(),
    seed=st.integers(0, 2**64 - 1),
    step=st.integers(0, 2**32 - 1),
    start=st.tuples(st.integers(0, 99), st.integers(0, 99)),
    shape=st.tuples(sizes, st.integers(1, 9)),
)
def test_dropout(gpu_xp, dtype, p, inverted, seed, step, start, shape):
    layer = Dropout(p, inverted, seed=seed, first_sample=start[0], first_unit=start[1])
    layer.state["step"] = step
    x = gpu_xp.asarray(normal(0, *shape), dtype=dtype)
    assert_layer_same(gpu_xp, layer, x, train=True)
    assert_layer_same(gpu_xp, layer, x, train=False)


@both_types
@pytest.mark.parametrize("decay", [0, 0.0005])
@given(shape=st.lists(sizes, min_size=1, max_size=4), seed=seeds)
def test_momentum_step(gpu_xp, dtype, decay, shape, seed):
    results = []
    for with_kernels in (True, False):
        w = gpu_xp.asarray(normal(seed, *shape), dtype=dtype)
        sgd = MomentumSGD({"w": w}, 0.1, weight_decay=decay)
        for step in range(3):
            dw = normal(seed + step + 1, *shape[::-1]).T  # not in one piece
            dw = gpu_xp.asarray(dw, dtype=dtype)
            if with_kernels:
                sgd.step({"w": dw})
            else:
                with plain():
                    sgd.step({"w": dw})
        results.append((w, sgd.velocities["w"]))
    for got, expected in zip(*results, strict=True):
        assert_same(got, expected)


def test_a_parameter_that_is_a_view_is_changed_in_place(gpu_xp):
    whole = gpu_xp.asarray(normal(0, 4, 6))
    sgd = MomentumSGD({"w": whole[:, 1:3]}, 0.5, 0, 0)
    before = to_numpy(whole)
    sgd.step({"w": gpu_xp.ones((4, 2))})
    before[:, 1:3] -= 0.5
    np.testing.assert_array_equal(to_numpy(whole), before)


def small_network():
    """Return a network that launches every kernel in a step."""
    return Sequential(
        [
            Convolution2D(3, 72, 3, padding=1, **WIDE),  # no packs; col2im
            ReLU(),
            LocalResponseNormalization(alpha=0.1),
            MaxPooling2D(3, 2, ceil_mode=True),
            Convolution2D(72, 70, 3, 2, 1, 2, **WIDE),
            AveragePooling2D(2, 1),
            ReLU(),  # the first one is computed with the bias
            Flatten(),
            Dropout(0.5),
            FullyConnected(70 * 3 * 2, 3, **WIDE),
        ]
    )


def a_step(xp, dtype):
    """Return what a step of the small network ends in, as NumPy arrays."""
    network = on(xp, small_network(), dtype)
    x = xp.asarray(normal(1, 3, 3, 17, 13), dtype=dtype)
    y = network.forward(x, train=True)
    dx = network.backward(xp.asarray(normal(2, *y.shape), dtype=dtype))
    sgd = MomentumSGD(network.parameters(), 0.01)
    sgd.step(network.gradients())
    arrays = [y, dx, *network.gradients().values(), *network.parameters().values()]
    return [to_numpy(array) for array in arrays]


def names_of_kernels():
    text = launch.SOURCE.read_text()
    return re.findall(r'extern "C" __global__ void (\w+)', text)


@both_types
def test_a_step_of_a_network_launches_every_kernel(gpu_xp, dtype, monkeypatch):
    launched, found = set(), launch.kernel

    def kernel(module, dtype, name):
        launched.add(name)
        return found(module, dtype, name)

    monkeypatch.setattr(launch, "kernel", kernel)
    got = a_step(gpu_xp, dtype)
    assert launched == set(names_of_kernels())
    with plain():
        expected = a_step(gpu_xp, dtype)
    for a, b in zip(got, expected, strict=True):
        tolerance = 1e-3 if dtype == "float32" else 1e-10
        np.testing.assert_allclose(a, b, tolerance, tolerance * np.abs(b).max())


def test_a_step_is_the_same_bit_for_bit(gpu_xp):
    for a, b in zip(a_step(gpu_xp, "float32"), a_step(gpu_xp, "float32"), strict=True):
        np.testing.assert_array_equal(a, b)


def test_few_threads_do_all_the_work(gpu_xp, monkeypatch):
    """Rows longer than all blocks of a row together are worked off in turns."""
    expected = a_step(gpu_xp, "float64")
    monkeypatch.setattr(launch, "THREADS", 3)
    monkeypatch.setattr(launch, "MOST_BLOCKS", 2)
    monkeypatch.setattr(kernels, "ROWS_A_LANE", 2)
    for a, b in zip(a_step(gpu_xp, "float64"), expected, strict=True):
        np.testing.assert_allclose(a, b, 1e-11, 1e-11 * np.abs(b).max())


def test_rows_that_are_too_long_are_refused(gpu_xp):
    with pytest.raises(ValueError, match=r"relu: expected rows below 2\*\*30"):
        launch.rows("relu", gpu_xp.ones(1), 1 << 30)


def test_what_the_kernels_are_not_for_is_left_to_the_plain_bodies(gpu_xp):
    one = gpu_xp.ones((1, 1))
    assert runs_kernels(one, one)
    assert not runs_kernels(one, one.astype("float32"))
    assert not runs_kernels(one.astype("complex128"))
    assert not runs_kernels(np.ones(1))


def test_a_gradient_of_another_type_goes_by_the_plain_bodies(gpu_xp):
    x = gpu_xp.asarray(normal(0, 2, 3, 5, 5))
    for layer in (ReLU(), LocalResponseNormalization(alpha=0.1), MaxPooling2D()):
        y = layer.forward(x)
        dy = normal(1, *y.shape)
        whole = to_numpy(layer.backward(gpu_xp.asarray(dy)))
        twice = layer.backward(gpu_xp.asarray(dy + 1j * dy))
        np.testing.assert_allclose(to_numpy(twice.imag), whole, 1e-12, 1e-12)


# More numbers than an int counts: the last pictures of a batch of 3 * 2^30 numbers or
# so, in memory of which the operating system gives out only the pages that are used.


MAP_NORESERVE = 0x4000  # of Linux; not in Python's mmap before 3.13


class Huge:
    """Zeros in bare memory; `last` is a NumPy array of its end."""

    def __init__(self, dtype, count, last):
        item = np.dtype(dtype).itemsize
        flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | MAP_NORESERVE
        self.memory = mmap.mmap(-1, count * item, flags=flags)
        self.all = np.frombuffer(self.memory, dtype)
        self.last = self.all[count - last :]
        self.passed = ctypes.c_void_p(self.all.ctypes.data)

    def close(self):
        del self.all, self.last
        self.memory.close()


@pytest.fixture
def huge():
    made = []

    def make(dtype, count, last):
        made.append(Huge(dtype, count, last))
        return made[-1]

    yield make
    for array in made:
        array.close()


def run_last_picture(name, blocks_a_picture, N, passed):
    """Run a kernel's blocks of the last picture out of N."""
    library, parameters = compiled(launch.SOURCE.read_text(), launch.OPTIONS["float32"])
    grid, block = Place(N * blocks_a_picture, 1, 1), Place(64, 1, 1)
    first = (N - 1) * blocks_a_picture
    RawKernel(library, name, parameters[name]).run(
        first, grid.size, grid, block, False, passed
    )


@needs_compiler
@pytest.mark.skipif(sys.platform != "linux", reason="takes Linux's MAP_NORESERVE")
@pytest.mark.parametrize("name", ["max", "average", "im2col"])
def test_batches_of_more_numbers_than_an_int_counts(huge, name):
    C, H, W, K, S, P = 5, 8, 7, 3, 2, 1
    OH, OW = (output_size(size, K, S, P) for size in (H, W))
    windows = [C, H, W, OH, OW, K, K, S, S, P, P]
    window_sizes = [ctypes.c_int(size) for size in windows]
    x, y = normal(0, 1, H, W, C).astype("f"), normal(1, 1, OH, OW, C).astype("f")
    columns = OH * OW * K * K * C
    # So many that one more picture would reach past 2^31 numbers, and one more.
    N = 2**31 // (columns if name == "im2col" else H * W * C) + 2
    by_channel = [a.transpose(0, 3, 1, 2) for a in (x, y)]
    if name == "im2col":
        image, col = huge("f", N * x.size, x.size), huge("f", N * columns, columns)
        image.last[:] = x.ravel()
        steps = [ctypes.c_longlong(step) for step in (x.size, W * C, C)]
        arrays = image.passed, col.passed
        width = ctypes.c_int(K * K * C)
        run_last_picture("im2col", OH, N, [*arrays, *steps, width, *window_sizes])
        expected = im2col(by_channel[0], K, S, P)
        np.testing.assert_array_equal(col.last, expected.ravel())
        image.last[:] = 0
        arrays = col.passed, image.passed
        run_last_picture("col2im", H, N, [*arrays, *window_sizes])
        expected = col2im(expected, by_channel[0].shape, K, S, P)
    else:
        layer = {"max": MaxPooling2D, "average": AveragePooling2D}[name](K, S, P)
        image, out = huge("f", N * x.size, x.size), huge("f", N * y.size, y.size)
        dy, dx = huge("f", N * y.size, y.size), huge("f", N * x.size, x.size)
        image.last[:], dy.last[:] = x.ravel(), y.ravel()
        arrays = image.passed, out.passed
        run_last_picture(f"{name}_pooling", OH, N, [*arrays, *window_sizes])
        expected = layer.forward(by_channel[0]).transpose(0, 2, 3, 1)
        np.testing.assert_allclose(out.last, expected.ravel(), 1e-6)
        kept = arrays if name == "max" else ()
        kernel = f"{name}_pooling_backward"
        given = [*kept, dy.passed, dx.passed, *window_sizes]
        run_last_picture(kernel, H, N, given)
        image = dx
        expected = layer.backward(by_channel[1])
    expected = expected.transpose(0, 2, 3, 1).ravel()
    np.testing.assert_allclose(image.last, expected, 1e-5, 1e-6)


# The compiler of CUDA, which needs no GPU


def nvrtc():
    """Return NVIDIA's run-time compiler out of its wheel, or skip and say why not."""
    try:
        import nvidia
    except ImportError:
        found = []
    else:
        folders = [Path(folder) for folder in nvidia.__path__]
        found = [p for f in folders for p in f.glob("*/lib/libnvrtc.so.*[0-9]")]
    if found:
        # CUDA 13's compiler looks for this one among what is loaded, not beside itself.
        for builtins in found[0].parent.glob("libnvrtc-builtins.so.*"):
            ctypes.CDLL(str(builtins), mode=ctypes.RTLD_GLOBAL)
        return ctypes.CDLL(str(found[0]))
    reason = "NVRTC is not installed: pip install -e '.[nvrtc]'"
    if os.environ.get("REQUIRE_NVRTC") == "1":
        pytest.fail(f"REQUIRE_NVRTC=1 is set, but {reason}")
    pytest.skip(reason)


@both_types
@pytest.mark.parametrize("capability", ["80", "90"])
def test_cudas_compiler_takes_every_kernel(dtype, capability):
    library, program = nvrtc(), ctypes.c_void_p()

    def call(name, *arguments):
        code = getattr(library, f"nvrtc{name}")(*arguments)
        if code and name != "CompileProgram":
            library.nvrtcGetErrorString.restype = ctypes.c_char_p
            raise RuntimeError(f"{name}: {library.nvrtcGetErrorString(code)}")
        return code

    def text(what):
        size = ctypes.c_size_t()
        call(f"Get{what}Size", program, ctypes.byref(size))
        buffer = ctypes.create_string_buffer(size.value)
        call(f"Get{what}", program, buffer)
        return buffer.value.decode()

    source = launch.SOURCE.read_bytes()
    call("CreateProgram", ctypes.byref(program), source, b"kernels.cu", 0, None, None)
    words = [*launch.OPTIONS[dtype], f"--gpu-architecture=compute_{capability}"]
    options = (ctypes.c_char_p * len(words))(*[word.encode() for word in words])
    code = call("CompileProgram", program, len(words), options)
    assert (code, text("ProgramLog").strip()) == (0, "")
    entries = re.findall(r"\.entry (\w+)", text("PTX"))
    assert sorted(entries) == sorted(names_of_kernels())
    call("DestroyProgram", ctypes.byref(program))


# The stand-in refuses what a GPU gets wrong in silence


PLANTED = """
extern "C" __global__ void copy(const real *x, real *y, int size)
{
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < size)
        y[i] = x[i + SHIFT];
}

extern "C" __global__ void sum(const real *x, real *y, long long size, double scale)
{
    int i = threadIdx.x;
    if (i < size)
        y[0] = y[0] * 2 + x[i] * (real)scale;
}
"""


@needs_compiler
def test_the_stand_in_refuses_what_a_gpu_gets_wrong_in_silence():
    from tests.support import strict_cupy

    def kernel(name, shift=0):
        options = ("-Dreal=double", f"-DSHIFT={shift}")
        return RawModule(code=PLANTED, options=options).get_function(name)

    x, y = strict_cupy.asarray(np.arange(1.0, 6)), strict_cupy.zeros(5)
    five = strict_cupy.int32(5)
    kernel("copy")((1,), (8,), (x, y, five))
    np.testing.assert_array_equal(y.get(), x.get())
    kernel("copy", 1)((1,), (8,), (x, y, five))
    assert np.isnan(y.get()[-1])  # read outside of x
    for arguments, message in [
        ((x, y, 5), "copy expected int size, got 5"),
        ((x, y, strict_cupy.int32(6)), "written outside"),
        ((x, y.astype("float32"), five), r"double \* y, got dtype\('float32'\)"),
        ((x, np.zeros(5), five), r"expected double \* y"),
        ((x, y), "takes 3 arguments, got 2"),
        ((x, strict_cupy.zeros((5, 2))[:, 0], five), "written outside"),
        ((x, x, five), "writes to an array that it also reads"),
    ]:
        with pytest.raises((TypeError, ValueError), match=message):
            kernel("copy")((1,), (8,), arguments)
    with pytest.raises(ValueError, match="the order of the threads shows"):
        kernel("sum")((1,), (8,), (x, y, 5, 1.0))
    with pytest.raises(TypeError, match="double scale, got 1"):
        kernel("sum")((1,), (8,), (x, y, 5, 1))
    for grid, block in [((1, 1 << 16), (8,)), ((0,), (8,)), ((1,), (1025,))]:
        with pytest.raises(ValueError, match="no such"):
            kernel("copy")(grid, block, (x, y, five))
    with strict_cupy.cuda.Device(1), pytest.raises(ValueError, match="current device"):
        kernel("copy")((1,), (8,), (x, y, five))
    with pytest.raises(RuntimeError, match="refuses the kernels"):
        RawModule(code=PLANTED.replace("int i =", "int j ="))
