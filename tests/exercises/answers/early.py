"""Exercises 1 to 4."""

from .answer import Answer, Wrong

RELU = "backward of ReLU"
TANH = "backward of Tanh"
COL = "backward, dW and db"
OVERLAP = "backward, windows that overlap"

ANSWERS = {
    1: Answer(
        (
            "np.maximum(x, 0)",
            "dy * (self.x > 0)",
            "np.tanh(x)",
            "dy * (1 - self.y**2)",
        ),
        (
            Wrong({0: "np.abs(x)"}, "forward of ReLU", "y", "the size of x"),
            Wrong({0: "np.minimum(x, 0)"}, "forward of ReLU", "y",
                  "the wrong side is kept"),
            Wrong({1: "np.maximum(dy, 0)"}, RELU, "dx", "the sign of dy decides"),
            Wrong({1: "(self.x > 0) * 1.0"}, RELU, "dx", "dy is left out"),
            Wrong({1: "dy * (self.x >= 0)"}, RELU, "dx", "the slope at 0"),
            Wrong({2: "1 / (1 + np.exp(-x))"}, "forward of Tanh", "y", ""),
            Wrong({3: "dy * (1 - self.y)"}, TANH, "dx", "y is not squared"),
            Wrong({3: "1 - self.y**2"}, TANH, "dx", "dy is left out"),
        ),
    ),
    2: Answer(
        (
            "1 + (size + 2 * padding - kernel) // stride",
            "padded[:, :, i * stride : i * stride + KH, j * stride : j * stride + KW]",
            "padded[:, :, i * stride : i * stride + KH, j * stride : j * stride + KW]"
            " += col[:, i, j]",
            "padded[:, :, padding : padding + H_in, padding : padding + W_in]",
            "self.col @ W.reshape(F, -1).T + b",
            "(dY.T @ self.col).reshape(W.shape)",
            "dY.sum(axis=0)",
            "dY @ W.reshape(F, -1)",
        ),
        (
            Wrong({0: "(size + 2 * padding - kernel) // stride"}, "im2col", "col",
                  "one window too few"),
            Wrong({1: "padded[:, :, i : i + KH, j : j + KW]"}, "im2col", "col",
                  "the stride is left out"),
            Wrong({2: "padded[:, :, i * stride : i * stride + KH, "
                      "j * stride : j * stride + KW] = col[:, i, j]"},
                  "col2im", "dx", "what was given before is lost"),
            Wrong({3: "padded[:, :, :H_in, :W_in]"}, "col2im", "dx",
                  "off by the padding"),
            Wrong({4: "self.col @ W.reshape(F, -1).T"}, "forward", "y",
                  "the bias is left out"),
            Wrong({4: "self.col @ W[:, :, ::-1, ::-1].reshape(F, -1).T + b"}, "forward",
                  "y", "the kernel is turned"),
            Wrong({5: "(dY.T @ self.col).reshape(W.shape) / self.x_shape[0]"}, COL,
                  "dW", "dW as a mean over the pictures"),
            Wrong({6: "dY.mean(axis=0)"}, COL, "db", "the mean for the sum"),
        ),
    ),
    3: Answer(
        (
            "max(0, i - n // 2)",
            "min(C - 1, i + n // 2)",
            "self.k + self.alpha * neighbour_sum(x**2, self.n)",
            "x * self.d**-self.beta",
            "dy * self.d**-self.beta",
            "neighbour_sum(dy * self.y / self.d, self.n)",
            "direct - 2 * self.alpha * self.beta * self.x * shared",
        ),
        (
            Wrong({1: "min(C - 1, i + n // 2 - 1)"}, "forward", "y",
                  "the window is one map short"),
            Wrong({1: "min(C - 1, i + n // 2 + 1)"}, "forward", "y",
                  "the window is one map long"),
            Wrong({2: "self.k + self.alpha / self.n * neighbour_sum(x**2, self.n)"},
                  "forward", "y", "alpha divided by n"),
            Wrong({2: "1 + self.alpha * neighbour_sum(x**2, self.n)"}, "forward", "y",
                  "k is left out"),
            Wrong({0: "i - n // 2"}, "forward", "y", "an index below 0"),
            Wrong({3: "x / self.d"}, "forward", "y", ""),
            Wrong({6: "direct - self.alpha * self.beta * self.x * shared"}, "backward",
                  "dx", "a factor is missing backward"),
            Wrong({5: "dy * self.y / self.d"}, "backward", "dx", "only its own d"),
        ),
    ),
    4: Answer(
        (
            "1 + (H - self.z) // self.s",
            "1 + (W - self.z) // self.s",
            "window.max()",
            "i * self.s",
            "j * self.s",
            "np.unravel_index(window.argmax(), window.shape)",
            "dx[n, c, i * self.s + a, j * self.s + b] += dy[n, c, i, j]",
        ),
        (
            Wrong({6: "dx[n, c, i * self.s + a, j * self.s + b] = dy[n, c, i, j]"},
                  OVERLAP, "dx", "what was given before is lost"),
            Wrong({5: "np.nonzero(window == window.max())"}, "backward, ties", "dx",
                  "a tie is counted more than once"),
            Wrong({5: "(np.argwhere(window == window.max())[-1])"}, "backward, ties",
                  "dx", "the last of equals wins"),
            Wrong({3: "i", 4: "j"}, "forward, windows side by side", "y",
                  "the stride is left out"),
            Wrong({3: "i * self.z", 4: "j * self.z"}, "forward, windows that overlap",
                  "y", "windows never overlap"),
            Wrong({2: "max(0, window.max())"}, "forward, windows side by side", "y",
                  "0 wins against numbers below 0"),
            Wrong({6: "dx[n, c, a, b] += dy[n, c, i, j]"},
                  "backward, windows side by side", "dx",
                  "a place in the window for one in the map"),
            Wrong({0: "(H - self.z) // self.s"}, "forward, windows side by side", "y",
                  ""),
        ),
    ),
}  # fmt: skip
