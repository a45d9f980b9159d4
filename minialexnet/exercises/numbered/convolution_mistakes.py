"""The mistakes of exercise 2."""

from ..exercise import Mistake

ROWS = "Windows as the rows of a matrix"

MISTAKES = (
    Mistake(
        "what was given before is lost",
        "dx[n, c, h, w] += col[n, i, j, c, kh, kw]",
        "dx[n, c, h, w] = col[n, i, j, c, kh, kw]",
        "A pixel was copied into several windows. What becomes of what the first one "
        "gave back when the second one comes?",
        "Backward",
    ),
    Mistake(
        "the stride is left out",
        "i * stride - padding + k",
        "i - padding + k",
        "How far is it from one window's first pixel to the next window's?",
        "The mathematics",
    ),
    Mistake(
        "one window too few",
        "(size + 2 * padding - kernel) // stride + 1",
        "(size + 2 * padding - kernel) // stride",
        "Count the windows of 2 pixels on a side of 3 pixels by hand.",
        "The mathematics",
    ),
    Mistake(
        "off by the padding",
        "i * stride - padding + k",
        "i * stride + k",
        "The first window begins in the zeros before the picture. All is shifted by as "
        "many pixels: is the padding counted twice, cut off at one end only, or not at "
        "all?",
        "The mathematics",
    ),
    Mistake(
        "the bias is left out",
        "row @ w.ravel() + bias",
        "row @ w.ravel() + 0 * bias",
        "Every map is off by one number. Which number belongs to a whole map?",
        ROWS,
    ),
    Mistake(
        "the kernel is turned",
        "row @ w.ravel() + bias",
        "row @ w[:, ::-1, ::-1].ravel() + bias",
        "The kernel was turned by half a turn first. That is what mathematics calls a "
        "convolution; networks do without.",
        "The mathematics",
    ),
    Mistake(
        "the mean for the sum",
        '"b": dY.sum(axis=0)',
        '"b": dY.mean(axis=0)',
        "A bias is added to every pixel of its map, in every picture. The gradients "
        "of all these belong to it: is a mean taken?",
        "Backward",
    ),
    Mistake(
        "dW as a mean over the pictures",
        '"W": np.reshape(dW, W.shape)',
        '"W": np.reshape(dW, W.shape) / self.x_shape[0]',
        "dW is divided by the number of pictures. The loss has done that already where "
        "it is a mean.",
        "Backward",
    ),
)
