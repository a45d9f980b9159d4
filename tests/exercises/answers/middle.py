"""Exercises 5 to 8."""

from .answer import Answer, Wrong

FORTH = "the exchange, forward"
BACK = "the exchange, backward"
TABLE = "the table"
NOISE = "the colour noise"

ANSWERS = {
    5: Answer(
        (
            "W[:F, :C], W[F:, C:] = W1, W2",
            "np.concatenate((x1, x2), axis=1)",
            "np.concatenate((x1, x2), axis=1)",
            "(dy1 + dy2)[:, : self.C]",
            "(dy1 + dy2)[:, self.C :]",
            "2 * N * C * H * W * 4",
        ),
        (
            Wrong({0: "W[:F, C:], W[F:, :C] = W1, W2"}, "two towers as one layer", "W",
                  "each tower looks at the other's maps"),
            Wrong({0: "W[:F, :C], W[F:, :C] = W1, W2"}, "two towers as one layer", "W",
                  "outputs without zeros between"),
            Wrong({2: "np.concatenate((x2, x1), axis=1)"}, FORTH, "y2",
                  "its own maps first"),
            Wrong({1: "np.concatenate((x1, x2))"}, FORTH, "y1", ""),
            Wrong({3: "dy1[:, : self.C]", 4: "dy2[:, self.C :]"}, BACK, "dx1",
                  "the other tower's gradient is left out"),
            Wrong({3: "(dy1 + dy2)[:, : self.C] / 2",
                   4: "(dy1 + dy2)[:, self.C :] / 2"}, BACK, "dx1",
                  "the mean for the sum"),
            Wrong({5: "N * C * H * W * 4"}, "bytes that cross", "bytes",
                  "one way only"),
            Wrong({5: "2 * N * C * H * W"}, "bytes that cross", "bytes",
                  "numbers for bytes"),
        ),
    ),
    6: Answer(
        (
            "1 + (side + 2 * padding - kernel) // stride",
            "kernels * (maps // groups * kernel**2 + 1)",
            "kernels * maps // groups * kernel**2 * out**2",
            "output_side(side, kernel, stride, 0)",
            "units * (maps * side**2 + 1)",
            "units * maps * side**2",
            "units, 1",
        ),
        (
            Wrong({0: "(side + 2 * padding - kernel) // stride"},
                  "the side of an output", "output_side", "one too few"),
            Wrong({0: "1 - (kernel - side - 2 * padding) // stride"},
                  "the side of an output", "output_side", "rounded up"),
            Wrong({0: "1 + (side + padding - kernel) // stride"},
                  "the side of an output", "output_side", "padding at one end"),
            Wrong({1: "kernels * (maps // groups * kernel**2)"},
                  "parameters of a convolution", "parameters", "the bias is left out"),
            Wrong({1: "kernels * (maps * kernel**2 + 1)"},
                  "parameters of a convolution", "parameters", "groups are left out"),
            Wrong({2: "kernels * maps // groups * kernel * out**2"},
                  "multiply-adds of a convolution", "multiply-adds",
                  "a row of pixels for a square"),
            Wrong({4: "units * (maps + 1)", 5: "units * maps"}, TABLE, "parameters",
                  "one number a map"),
            Wrong({6: "units, side"}, TABLE, "sides", ""),
        ),
    ),
    7: Answer(
        (
            "image[:, top : top + size, left : left + size]",
            "part[:, :, ::-1]",
            "H - size + 1",
            "W - size + 1",
            "np.cov(pixels, bias=True)",
            "eigenvectors @ (alpha * eigenvalues)",
            "image + shift[:, None, None]",
        ),
        (
            Wrong({1: "part[:, ::-1]"}, "a crop", "crop", "upside down"),
            Wrong({0: "image[:, left : left + size, top : top + size]"}, "a crop",
                  "crop", ""),
            Wrong({2: "H - size", 3: "W - size"}, "random crops",
                  "how many rows a crop can begin at", "the last place is never drawn"),
            Wrong({4: "pixels @ pixels.T / pixels.shape[1]"}, "the covariance",
                  "covariance", "the mean is not taken off"),
            Wrong({5: "eigenvectors.T @ (alpha * eigenvalues)"}, NOISE, "noisy",
                  "rows for columns"),
            Wrong({5: "eigenvectors @ (alpha * np.sqrt(eigenvalues))"}, NOISE, "noisy",
                  "the root of the eigenvalues"),
            Wrong({5: "eigenvectors @ alpha"}, NOISE, "noisy",
                  "the eigenvalues are left out"),
            Wrong({4: "np.cov(pixels)"}, "the covariance", "covariance", ""),
        ),
    ),
    8: Answer(
        (
            "u >= self.p",
            "1 - self.p",
            "x * self.factor",
            "dy * self.factor",
        ),
        (
            Wrong({1: "1"}, "testing", "y", "testing is not scaled"),
            Wrong({1: "self.p"}, "testing", "y", "scaled by what is dropped"),
            Wrong({0: "(u >= self.p) / (1 - self.p)"}, "training", "y",
                  "the other form of dropout"),
            Wrong({0: "u < self.p"}, "training", "y", "kept and dropped change places"),
            Wrong({3: "dy"}, "backward in training", "dx", "backward without the mask"),
            Wrong({3: "dy * (self.rng.random(dy.shape) >= self.p)"},
                  "backward in training", "dx", "backward draws a mask of its own"),
            Wrong({0: "np.broadcast_to(u[:1] >= self.p, x.shape)"}, "training", "y",
                  "one mask for all examples"),
            Wrong({3: "self.factor"}, "backward in training", "dx",
                  "dy is left out"),
        ),
    ),
}  # fmt: skip
