"""What the layers should compute: the paper's formulas as plain loops over numbers.

Nothing here is fast and nothing is shared with the package. NumPy arrays only hold the
numbers. Sections are those of Krizhevsky et al. 2012.
"""

import math

import numpy as np


def window_starts(size, kernel, stride, padding, ceil_mode):
    """Return where each window begins, in pixels of the image, along one axis.

    Windows begin `padding` before the image. Rounded down, a window must end before
    the padding after the image does; rounded up (the 2012 code), windows go on until
    one reaches that end, and a last one that would begin beyond the image is left out.
    """
    starts = [-padding]
    while starts[-1] + kernel < size + padding:
        starts.append(starts[-1] + stride)
    reaches_past = starts[-1] + kernel > size + padding
    if (reaches_past and not ceil_mode) or (ceil_mode and starts[-1] >= size):
        starts.pop()
    return starts


def _windows(x_shape, kernel, stride, padding, ceil_mode):
    """Yield (oh, ow, pixels), the pixels in reading order as (kh, kw, h, w).

    Pixels outside the image are left out.
    """
    H, W = x_shape[2:]
    rows = window_starts(H, kernel[0], stride[0], padding[0], ceil_mode)
    columns = window_starts(W, kernel[1], stride[1], padding[1], ceil_mode)
    for oh, top in enumerate(rows):
        for ow, left in enumerate(columns):
            pixels = [
                (kh, kw, top + kh, left + kw)
                for kh in range(kernel[0])
                for kw in range(kernel[1])
                if 0 <= top + kh < H and 0 <= left + kw < W
            ]
            yield oh, ow, pixels


def _output(x_shape, maps, kernel, stride, padding, ceil_mode):
    sizes = [
        len(window_starts(x_shape[2 + i], kernel[i], stride[i], padding[i], ceil_mode))
        for i in range(2)
    ]
    return np.zeros((x_shape[0], maps, *sizes))


def im2col(x, kernel, stride, padding, ceil_mode):
    """Return one row a window, the columns in the order (kh, kw, c)."""
    N, C = x.shape[:2]
    rows = []
    for n in range(N):
        for _, _, pixels in _windows(x.shape, kernel, stride, padding, ceil_mode):
            row = np.zeros((*kernel, C))
            for kh, kw, h, w in pixels:
                for c in range(C):
                    row[kh, kw, c] = x[n, c, h, w]
            rows.append(row.ravel())
    return np.array(rows)


def convolution(x, W, b, stride, padding, groups, ceil_mode):
    """Section 3.5: a kernel sees the channels of its own group only."""
    F, kernel = W.shape[0], W.shape[2:]
    C_group, F_group = x.shape[1] // groups, F // groups
    y = _output(x.shape, F, kernel, stride, padding, ceil_mode)
    for oh, ow, pixels in _windows(x.shape, kernel, stride, padding, ceil_mode):
        for n in range(x.shape[0]):
            for f in range(F):
                first = (f // F_group) * C_group
                y[n, f, oh, ow] = b[f] + sum(
                    W[f, c, kh, kw] * x[n, first + c, h, w]
                    for kh, kw, h, w in pixels
                    for c in range(C_group)
                )
    return y


def max_pooling(x, kernel, stride, padding, ceil_mode):
    """Section 3.4: the largest pixel under each window; padding is no pixel."""
    y = _output(x.shape, x.shape[1], kernel, stride, padding, ceil_mode)
    for oh, ow, pixels in _windows(x.shape, kernel, stride, padding, ceil_mode):
        for n in range(x.shape[0]):
            for c in range(x.shape[1]):
                y[n, c, oh, ow] = max(x[n, c, h, w] for _, _, h, w in pixels)
    return y


def max_pooling_gradient(x, dy, kernel, stride, padding, ceil_mode):
    """Each window's dy goes to the first in reading order of its largest pixels."""
    dx = np.zeros(x.shape)
    for oh, ow, pixels in _windows(x.shape, kernel, stride, padding, ceil_mode):
        for n in range(x.shape[0]):
            for c in range(x.shape[1]):
                # max returns the first of equals
                _, _, h, w = max(pixels, key=lambda p: x[n, c, p[2], p[3]])
                dx[n, c, h, w] += dy[n, c, oh, ow]
    return dx


def average_pooling(x, kernel, stride, padding, ceil_mode):
    """Return the mean of the pixels under each window; padding is no pixel."""
    y = _output(x.shape, x.shape[1], kernel, stride, padding, ceil_mode)
    for oh, ow, pixels in _windows(x.shape, kernel, stride, padding, ceil_mode):
        for n in range(x.shape[0]):
            for c in range(x.shape[1]):
                total = sum(x[n, c, h, w] for _, _, h, w in pixels)
                y[n, c, oh, ow] = total / len(pixels)
    return y


def response_normalization(x, k, n, alpha, beta, across):
    """Section 3.3; the n neighbours of i are i - n//2 and the n - 1 that follow it."""
    y = np.zeros(x.shape)
    sizes = x.shape[1:]
    for sample in range(x.shape[0]):
        for c, h, w in np.ndindex(*sizes):
            maps = range(c - n // 2, c - n // 2 + n) if across == "channels" else [c]
            rows = [h] if across == "channels" else range(h - n // 2, h - n // 2 + n)
            columns = [w] if across == "channels" else range(w - n // 2, w - n // 2 + n)
            squares = [
                x[sample, i, r, q] ** 2
                for i in maps
                for r in rows
                for q in columns
                if 0 <= i < sizes[0] and 0 <= r < sizes[1] and 0 <= q < sizes[2]
            ]
            y[sample, c, h, w] = x[sample, c, h, w] / (k + alpha * sum(squares)) ** beta
    return y


def fully_connected(x, W, b):
    """y[n, k] = b[k] + sum over d of W[k, d] x[n, d]."""
    y = np.zeros((len(x), len(W)))
    for n, k in np.ndindex(*y.shape):
        y[n, k] = b[k] + sum(W[k, d] * x[n, d] for d in range(x.shape[1]))
    return y


def softmax_cross_entropy(x, labels):
    """Return (mean loss in nats, probabilities) of logits x, (N, K)."""
    losses, probabilities = [], np.zeros(x.shape)
    for n, row in enumerate(x.tolist()):
        largest = max(row)
        total = math.fsum(math.exp(value - largest) for value in row)
        losses.append(math.log(total) - (row[labels[n]] - largest))
        probabilities[n] = [math.exp(value - largest) / total for value in row]
    return math.fsum(losses) / len(losses), probabilities


def philox4x32_10(counter, key):
    """Return four random words of 32 bits, all in Python's own integers.

    Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC11.
    """
    R, L = list(counter), list(key)
    for _ in range(10):
        high0, low0 = divmod(0xD2511F53 * R[0], 2**32)
        high1, low1 = divmod(0xCD9E8D57 * R[2], 2**32)
        R = [high1 ^ R[1] ^ L[0], low1, high0 ^ R[3] ^ L[1], low0]
        L = [(L[0] + 0x9E3779B9) % 2**32, (L[1] + 0xBB67AE85) % 2**32]
    return R


def dropout_mask(samples, units, drop_probability, seed, step):
    """Return 1 where a unit is kept, else 0, shape (len(samples), len(units)).

    A unit is dropped if its random word, as a fraction of 2**32, is below the
    probability. Four neighbouring units take the four words of one counter.
    """
    mask = np.zeros((len(samples), len(units)))
    for row, sample in enumerate(samples):
        for column, unit in enumerate(units):
            counter = (unit // 4, sample, step, 0)
            words = philox4x32_10(counter, (seed % 2**32, seed // 2**32))
            mask[row, column] = words[unit % 4] >= math.floor(drop_probability * 2**32)
    return mask


def momentum_sgd(w, gradients, rate, momentum, decay):
    """Section 5: v <- momentum v - decay rate w - rate g; w <- w + v, number by number.

    Returns w after a step with each of the gradients.
    """
    weights, v = list(w), [0.0] * len(w)
    for gradient in gradients:
        for i, g in enumerate(gradient):
            v[i] = momentum * v[i] - decay * rate * weights[i] - rate * g
            weights[i] = weights[i] + v[i]
    return weights
