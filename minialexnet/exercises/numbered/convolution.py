"""Exercise 2: convolution as one matrix product, by im2col and its adjoint."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

import numpy as np

from ...engine.arrays import Array
from ...gradient_check import check_layer
from ..exercise import Case, Exercise, Part
from .convolution_mistakes import MISTAKES, ROWS


def output_size(size: int, kernel: int, stride: int, padding: int) -> int:
    """Return how many windows fit along one side."""
    return (size + 2 * padding - kernel) // stride + 1


def pixel(i: int, k: int, stride: int, padding: int) -> int:
    """Return the row or column of x that a window sees at one of its taps."""
    return i * stride - padding + k


def im2col(x: Array, KH: int, KW: int, stride: int, padding: int) -> Array:
    """Return the windows as rows, number by number."""
    N, C, H, W = x.shape
    sides = output_size(H, KH, stride, padding), output_size(W, KW, stride, padding)
    col = np.zeros((N, *sides, C, KH, KW))
    for n, i, j, c, kh, kw in np.ndindex(col.shape):
        h, w = pixel(i, kh, stride, padding), pixel(j, kw, stride, padding)
        if 0 <= h < H and 0 <= w < W:
            col[n, i, j, c, kh, kw] = x[n, c, h, w]
    return col.reshape(-1, C * KH * KW)


def col2im(
    col: Array, x_shape: tuple[int, ...], KH: int, KW: int, stride: int, padding: int
) -> Array:
    """Return what the windows hold for each pixel, number by number."""
    N, C, H, W = x_shape
    sides = output_size(H, KH, stride, padding), output_size(W, KW, stride, padding)
    col, dx = col.reshape(N, *sides, C, KH, KW), np.zeros(x_shape)
    for n, i, j, c, kh, kw in np.ndindex(col.shape):
        h, w = pixel(i, kh, stride, padding), pixel(j, kw, stride, padding)
        if 0 <= h < H and 0 <= w < W:
            dx[n, c, h, w] += col[n, i, j, c, kh, kw]
    return dx


class Convolution2D:
    """The reference: sums over rows and columns."""

    def __init__(self, W: Array, b: Array, stride: int, padding: int) -> None:
        self.params, self.grads = {"W": W, "b": b}, dict[str, Array]()
        self.size = *W.shape[2:], stride, padding

    def forward(self, x: Array, train: bool = False) -> Array:
        """Return y, (N, F, OH, OW)."""
        W, b = self.params["W"], self.params["b"]
        self.x_shape, self.col = x.shape, im2col(x, *self.size)
        y = [[row @ w.ravel() + bias for w, bias in zip(W, b)] for row in self.col]  # noqa: B905
        KH, _, stride, padding = self.size
        OH = output_size(x.shape[2], KH, stride, padding)
        return np.reshape(y, (len(x), OH, -1, len(W))).transpose(0, 3, 1, 2)

    def backward(self, dy: Array) -> Array:
        """Return dx, and write dW and db."""
        W = self.params["W"]
        dY = dy.transpose(0, 2, 3, 1).reshape(-1, len(W))
        dW = sum(np.outer(g, row) for g, row in zip(dY, self.col))  # noqa: B905
        self.grads = {"W": np.reshape(dW, W.shape), "b": dY.sum(axis=0)}
        dX = dY @ W.reshape(len(W), -1)
        return col2im(dX, self.x_shape, *self.size)


def windows() -> Iterator[Case]:
    """Yield pictures that are not square, strides and paddings, and then any drawn."""
    rng = np.random.default_rng(2)
    x = np.arange(1.0, 10).reshape(1, 1, 3, 3)
    yield {"x": x, "KH": 2, "KW": 2, "stride": 1, "padding": 0}
    yield {"x": x, "KH": 3, "KW": 3, "stride": 2, "padding": 1}
    x = rng.standard_normal((2, 3, 5, 4)).round(2)
    yield {"x": x, "KH": 3, "KW": 2, "stride": 2, "padding": 1}
    yield {"x": x[:, :2], "KH": 2, "KW": 3, "stride": 1, "padding": 2}
    for _ in range(4):
        KH, KW, stride, padding = (
            int(n) for n in rng.integers((1, 1, 1, 0), (4, 4, 4, 2))
        )
        x = rng.standard_normal((1, 2, *(3 + rng.integers(0, 3, 2)))).round(2)
        yield {"x": x, "KH": KH, "KW": KW, "stride": stride, "padding": padding}


def layers() -> Iterator[Case]:
    """Yield the same as layers with kernels, biases and a dy."""
    rng = np.random.default_rng(3)
    for case in windows():
        KH, KW, stride, padding = (case[n] for n in ("KH", "KW", "stride", "padding"))
        N, C, H, W = case["x"].shape
        sides = output_size(H, KH, stride, padding), output_size(W, KW, stride, padding)
        yield {
            "x": case["x"],
            "W": rng.integers(-3, 4, (2, C, KH, KW)) + 0.5,
            "b": np.array([10.0, -20]),
            "dy": rng.integers(-3, 4, (N, 2, *sides)) + 0.25,
            "stride": stride,
            "padding": padding,
        }


def matrices() -> Iterator[Case]:
    """Yield the shapes of im2col's matrices with the numbers 1, 2, 3, ..."""
    for case in windows():
        x = case.pop("x")
        shape = im2col(x, **case).shape
        col = np.arange(1.0, np.prod(shape) + 1).reshape(shape)
        yield {"col": col, "x_shape": x.shape} | case


def small() -> Iterator[Case]:
    """Yield the two smallest of the layers."""
    yield from islice(layers(), 2)


def rows(code: Any, **case: Any) -> dict[str, Array]:
    """Return im2col's matrix."""
    return {"col": code.im2col(**case)}


def back(code: Any, **case: Any) -> dict[str, Array]:
    """Return col2im's picture."""
    return {"dx": code.col2im(**case)}


def forward(code: Any, x: Array, dy: Array, **case: Any) -> dict[str, Array]:
    """Return y."""
    return {"y": code.Convolution2D(**case).forward(x)}


def parameters(code: Any, x: Array, dy: Array, **case: Any) -> dict[str, Array]:
    """Return dW and db."""
    layer = code.Convolution2D(**case)
    layer.forward(x)
    layer.backward(dy)
    return {"dW": layer.grads["W"], "db": layer.grads["b"]}


def picture(code: Any, x: Array, dy: Array, **case: Any) -> dict[str, Array]:
    """Return dx."""
    layer = code.Convolution2D(**case)
    layer.forward(x)
    return {"dx": layer.backward(dy)}


def gradients(code: Any, x: Array, dy: Array, **case: Any) -> dict[str, Array]:
    """Check dx, dW and db against measured slopes."""
    check_layer(code.Convolution2D(**case), x)
    return {}


EXERCISE = Exercise(
    2,
    "Convolution by im2col",
    "lesson_02_convolution",
    "exercise_02_convolution_by_im2col",
    (output_size, pixel, im2col, col2im, Convolution2D),
    ("im2col", "col2im", "Convolution2D"),
    (
        Part("im2col", rows, windows, ROWS),
        Part("col2im", back, matrices, "Backward"),
        Part("forward", forward, layers, ROWS),
        Part("backward, dW and db", parameters, layers, "Backward"),
        Part("backward, dx", picture, layers, "Backward"),
        Part("the gradient check", gradients, small, "The gradient check"),
    ),
    MISTAKES,
)
