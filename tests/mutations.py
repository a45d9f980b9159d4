"""Break the code in named ways, and see that the tests notice each of them.

    python tests/mutations.py [-k WORD] [--jobs N]

Every mutation replaces a piece of the package by a wrong one in a copy of the project,
runs the tests that cover that file, and expects them to fail. What survives is printed,
and makes the exit code 1. The pieces are quoted from the code, each must occur exactly
once, so a mutation that no longer fits the code is an error too.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


@dataclass(frozen=True)
class Mutation:
    """One way to break the code: `old`, once in `file`, becomes `new`."""

    name: str
    file: str  # below minialexnet/
    old: str
    new: str
    tests: str  # below tests/, the names between test_ and .py


def _in(file: str, tests: str, *ways: tuple[str, str, str]) -> list[Mutation]:
    return [Mutation(name, file, old, new, tests) for name, old, new in ways]


MUTATIONS = [
    *_in(
        "im2col.py",
        "im2col convolution pooling",
        ("floor counts one too many", "return 1 + room // stride", "return 2 + room // stride"),
        ("ceil counts as floor", "-(-room // stride)", "room // stride"),
        ("ceil keeps a window past the edge", "return count - begins_past_the_edge", "return count"),
        ("padding on one side only", "room = size + 2 * padding - kernel", "room = size + padding - kernel"),
        ("im2col forgets the padding", "image[:, PH : PH + H, PW : PW + W]", "image[:, :H, :W]"),
        ("im2col swaps the strides", "(n, h * SH, w * SW, h, w, c)", "(n, h * SW, w * SH, h, w, c)"),
        ("im2col swaps kernel rows and columns", "(n, h * SH, w * SW, h, w, c)", "(n, h * SH, w * SW, w, h, c)"),
        ("col2im overwrites instead of adding", "dx[:, *pixels] += windows", "dx[:, *pixels] = windows"),
        ("col2im turns the kernel", "windows[:, *out, kh, kw]", "windows[:, *out, KH - 1 - kh, KW - 1 - kw]"),
        ("a tap's last output is left out", "last = min(outputs - 1,", "last = min(outputs - 2,"),
        ("a tap begins one output late", "first = max(0, -(offset // stride))", "first = max(0, 1 - (offset // stride))"),
        ("a tap sees the wrong pixel", "start = first * stride + offset", "start = first * stride"),
        ("taps swap height and width of the stride", "kw - padding[1], stride[1]", "kw - padding[1], stride[0]"),
    ),
    *_in(
        "layers/convolution.py",
        "convolution",
        ("the bias is left out", "rows += b", "pass"),
        ("dW of the last part only", "dW[kernels] += rows.T", "dW[kernels] = rows.T"),
        ("db of the first row only", "dy.sum(axis=(0, 2, 3))", "dy[:, :, 0].sum(axis=(0, 2))"),
        ("db is a mean", "dy.sum(axis=(0, 2, 3))", "dy.mean(axis=(0, 2, 3))"),
        ("groups swapped", "slice(g * F, (g + 1) * F))", "slice((self.groups - 1 - g) * F, (self.groups - g) * F))"),
        ("kernels not turned for dx", "[..., ::-1, ::-1]", ""),
        ("kernels turned about one axis", "[..., ::-1, ::-1]", "[..., ::-1]"),
        ("margin off by one", "(KH - 1 - PH, KW - 1 - PW)", "(KH - PH, KW - 1 - PW)"),
        ("margin without the padding", "(KH - 1 - PH, KW - 1 - PW)", "(KH - 1, KW - 1)"),
        ("dx of the first group in all", "pixels[part, ..., channels] = found", "pixels[part] = 0; pixels[part, ..., channels] = found"),
        ("weights flattened in another order", "return W.transpose(0, 2, 3, 1)", "return W.transpose(0, 3, 2, 1)"),
        ("dW unflattened in another order", "transpose(0, 3, 1, 2)  # (F, C/groups, KH, KW)", "transpose(0, 3, 2, 1)"),
        ("padding left out of forward", "window = (self.kernel_size, self.stride, padding, self.ceil_mode)", "window = (self.kernel_size, self.stride, (0, 0), self.ceil_mode)"),
        ("dx is never computed", "if self.needs_dx else None", "if not self.needs_dx else None"),
    ),
    *_in(
        "layers/winograd.py",
        "winograd",
        ("the bias is left out", "y[part] += b", "pass"),
        ("dW of the last part only", "dV[g] += U", "dV[g] = U"),
        ("a point counted twice", "2.0, -2.0, 0.5", "2.0, 2.0, 0.5"),
        ("no point at infinity in G", "G.append([0.0] * (K - 1) + [1.0])", "G.append([0.0] * K)"),
        ("distances left out", "point**k / distance", "point**k"),
        ("forward without the padding", "image[:, PH : PH + H_in, PW : PW + W_in]", "image[:, :H_in, :W_in]"),
        ("tiles laid in the wrong order", "Y.transpose(2, 3, 0, 4, 1, 5)", "Y.transpose(2, 3, 1, 4, 0, 5)"),
    ),
    *_in(
        "layers/activation.py",
        "activation",
        ("ReLU lets negatives through", "xp.maximum(x, 0, out", "xp.maximum(x, -1, out"),
        ("ReLU's gradient at zero is one", "self._y > 0", "self._y >= 0"),
        ("ReLU's backward masks nothing", "multiply(dy, self._y > 0", "multiply(dy, 1"),
        ("tanh's derivative without the square", "1 - self._y * self._y", "1 - self._y"),
        ("sigmoid's derivative of tanh", "self._y * (1 - self._y)", "1 - self._y * self._y"),
        ("sigmoid without its half", "xp.tanh(x * 0.5)", "xp.tanh(x)"),
    ),
    *_in(
        "layers/contrast.py",
        "contrast",
        ("contrast keeps the mean", "e[part] = x[part] - self._window_sum(x[part], before, after) / count", "e[part] = x[part]"),
        ("contrast divides what has no mean", "y[part] = x[part] * d[part]", "y[part] = e[part] * d[part]"),
        ("contrast's mean counts pixels outside", "/ count\n", "/ self.n**2\n"),
        ("contrast's backward takes the mean for a constant", "dx[part] -= self._window_sum(de / self._count, before, after)", "pass"),
        ("contrast's window is not turned round", "(self.n - 1) // 2, self.n // 2\n        for part in batches(len(dy)", "self.n // 2, (self.n - 1) // 2\n        for part in batches(len(dy)"),
    ),
    *_in(
        "memory.py",
        "memory",
        ("a view does not hold its memory", "np.asarray(_Lent(_kept.take(size), _kept))", "np.array(_Lent(_kept.take(size), _kept).memory, copy=False)"),
        ("growing sizes pile up", "spare > 1.5 *", "spare > 150 *"),
        ("nothing is kept", "spare > 1.5 *", "spare > 0.5 *"),
        ("what is in use is counted no more", "self.lent += len(memory)", "pass"),
        ("what is given back counts as in use", "self.lent -= len(memory)", "pass"),
        ("memory may be too small", "if size <= held < 2 * size and", "if held < 2 * size and"),
        ("memory may be many times too large", "if size <= held < 2 * size and", "if size <= held and"),
        ("the largest is taken", "in sorted(self.free):", "in sorted(self.free, reverse=True):"),
        ("memory is looked at, not taken", "memory = self.free[held].pop()", "memory = self.free[held][-1]"),
        ("small arrays too", "size >= LARGE", "size > 0"),
        ("kept unasked", "and _kept.asked", "and True"),
        ("never given back", "self.kept.give(self.memory)", "pass"),
        ("another layout", "y.transpose(sorted(range(x.ndim), key=outer_first.__getitem__))", "y.reshape(x.shape)"),
        ("the layout turned the wrong way", "y.transpose(sorted(range(x.ndim), key=outer_first.__getitem__))", "y.transpose(outer_first)"),
        ("the dtype of x all the same", "x.dtype if dtype is None else dtype", "x.dtype"),
    ),
    *_in(
        "layers/pooling.py",
        "memory",
        ("what was in the memory of dx counts", "dx[part] = 0", "pass"),
    ),
    *_in(
        "layers/lrn.py",
        "lrn",
        ("a window of four instead of five", "before, after = self.n // 2, (self.n - 1) // 2", "before, after = self.n // 2 - 1, (self.n - 1) // 2"),
        ("an even window one too wide", "before, after = self.n // 2, (self.n - 1) // 2", "before, after = self.n // 2, self.n // 2"),
        ("backward's window not turned round", "before, after = (self.n - 1) // 2, self.n // 2", "before, after = self.n // 2, (self.n - 1) // 2"),
        ("the exponent is plus beta", "d[part] ** -self.beta", "d[part] ** self.beta"),
        ("alpha divided by n unasked", "if divide_alpha_by_n else alpha", "if divide_alpha_by_n else alpha / n"),
        ("alpha over space divided by n once", "alpha / n ** len(self.axes)", "alpha / n"),
        ("k left out", "self.k + self.alpha *", "1 + self.alpha *"),
        ("the squares are not squared", "squares = x[part] * x[part]", "squares = x[part] * 1"),
        ("backward without its factor two", "(2 * self.alpha * self.beta)", "(self.alpha * self.beta)"),
        ("backward without beta", "(2 * self.alpha * self.beta)", "(2 * self.alpha)"),
        ("backward adds the cross term", "through_x - (2", "through_x + (2"),
        ("backward divides by no d", "self._y[part] / d,", "self._y[part],"),
        ("backward leaves out the scale", "dy[part] * d**-self.beta", "dy[part] * 1"),
        ("space sums one axis only", "else (3, 4)", "else (3,)"),
        ("groups see each other", "reshape(shape[0], self.groups, -1,", "reshape(shape[0], 1, -1,"),
        ("what stands between two rows counts", "xp.zeros((*rows", "xp.ones((*rows"),
    ),
    *_in(
        "layers/pooling.py",
        "pooling",
        ("padding wins a maximum", '-float("inf")', "0"),
        ("a tie is counted twice", "left[:, :, *out] -= taken", "pass"),
        ("the last of the tied wins", "for out, pixels in self._taps(x.shape):\n                won", "for out, pixels in self._taps(x.shape)[::-1]:\n                won"),
        ("overlapping windows overwrite", "dx[part, :, *pixels] += taken", "dx[part, :, *pixels] = taken"),
        ("minimum instead of maximum", "xp.maximum(seen", "xp.fmin(seen"),
        ("the average counts padding", "y[part] /= count", "y[part] /= self.kernel_size[0] * self.kernel_size[1]"),
        ("the average's gradient is not shared", "share = dy[part] / count", "share = dy[part]"),
        ("the average's gradients overwrite", "dx[part, :, *pixels] += share", "dx[part, :, *pixels] = share"),
        ("the average sums only the last", "y[part, :, *out] += x[part", "y[part, :, *out] = x[part"),
        ("padding of more than half passes", "if any(2 * p > k", "if any(p > k"),
    ),
    *_in(
        "layers/dropout.py",
        "dropout",
        ("testing does not scale", "self._factor = 1 if self.inverted else keep", "self._factor = 1"),
        ("inverted training does not scale", "scale = 1 / keep if self.inverted else 1", "scale = 1"),
        ("keep and drop swapped", "self.drop_probability * 2**32", "(1 - self.drop_probability) * 2**32"),
        ("the same mask every step", 'self.state["step"] += 1', "pass"),
        ("the same mask for every example", "block, sample[:, None],", "block, 0 * sample[:, None],"),
        ("a part's units begin at zero", "start = first % 4", "start = 0"),
        ("a part's examples begin at zero", "xp.arange(self.first_sample, self.first_sample + N", "xp.arange(0, N"),
        ("backward ignores the mask", "return dy * self._factor", "return dy * 1"),
    ),
    *_in(
        "philox.py",
        "philox dropout",
        ("nine rounds", "range(10)", "range(9)"),
        ("the key does not advance", "k0, k1 = (k0 + 0x9E3779B9)", "k0, k1 = (k0 + 0)"),
    ),
    *_in(
        "layers/fully_connected.py",
        "fully_connected",
        ("the bias is left out", ' + self.params["b"]', ""),
        ("dW transposed from the wrong side", "matmul(dy.T, self._x", "matmul(dy.T, self._x * 2"),
        ("db is a mean", "dy.sum(axis=0)", "dy.mean(axis=0)"),
        ("flatten puts channels fastest", "return x.reshape(self._y_shape)", "return x.swapaxes(1, -1).reshape(self._y_shape)"),
        ("dx without the weights of one unit", 'return dy @ self.params["W"] if', 'return dy[:, 1:] @ self.params["W"][1:] if'),
    ),
    *_in(
        "layers/softmax.py",
        "softmax",
        ("the maximum is not subtracted", "shifted = x - xp.take", "shifted = x - 0 * xp.take"),
        ("the loss is a sum", "axis=1).mean()", "axis=1).sum()"),
        ("the gradient is a sum", "xp.arange(K))) / N", "xp.arange(K)))"),
        ("the gradient keeps its label", "(self.probabilities - (", "(self.probabilities + 0 * ("),
        ("labels above the range pass", "if low < 0 or high >= x.shape[1]:", "if low < 0:"),
    ),
    *_in(
        "network.py",
        "network",
        ("backward runs forwards", "in reversed(self.layers.items())", "in self.layers.items()"),
        ("training is not passed on", "x = layer.forward(x, train)", "x = layer.forward(x)"),
    ),
    *_in(
        "gpu.cu",
        "gpu",
        ("ReLU's gradient at zero is one", "(real)(y[i] > 0)", "(real)(y[i] >= 0)"),
        ("ReLU hides what is no number", "y[i] = x[i] < 0 ? 0 : x[i]", "y[i] = x[i] > 0 ? x[i] : 0"),
        ("a launch's last block writes outside", "if (i < size)\n        y[i] = x[i] < 0", "if (i <= size)\n        y[i] = x[i] < 0"),
        ("a thread takes one number of a row only", "i += gridDim.y * blockDim.x)", "i += size)"),
        ("LRN's groups see each other", "int map = i % maps;\n        real sum = 0;\n        for (int j = -before; j <= after; j++)\n            if (map + j >= 0 && map + j < maps)\n", "int map = i % maps;\n        real sum = 0;\n        for (int j = -before; j <= after; j++)\n            if (map + j >= 0)\n"),
        ("LRN's backward divides by no d", "* y[other] / d[other]", "* y[other]"),
        ("the last of the tied wins", "value > largest", "value >= largest"),
        ("padding wins a maximum", "place < 0 || value > largest", "value > largest"),
        ("no number takes a gradient", "largest == largest ? place : -1", "place"),
        ("a window too early", "before / stride + 1", "before / stride"),
        ("a window past the last", "last < windows ? last : windows - 1", "last"),
        ("the average counts what is outside", "return end - (start > 0 ? start : 0)", "return kernel"),
        ("im2col takes the channels for neighbours of the picture", "w * to_pixel + c", "w * C + c"),
        ("im2col reads outside", "inside ? x[", "true ? x["),
        ("col2im turns the kernel", "(kh * KW + kw) * C + c];", "(kw * KH + kh) * C + c];"),
        ("places past an int", "const real *x, real *y, int *winner, WINDOWS)\n{\n    long long n", "const real *x, real *y, int *winner, WINDOWS)\n{\n    int n"),
        ("a lane adds another's rows", "i += lanes_size)", "i += lanes_size + 1)"),
        ("nine rounds", "round < 10", "round < 9"),
        ("the mask's last units are left out", "first_unit + units + 3) / 4", "first_unit + units) / 4"),
        ("decay outside the step", "(real)decay * w[i]", "(real)decay"),
    ),
    *_in(
        "gpu.py",
        "gpu",
        ("kernels for arrays of two types", "dtype in OPTIONS and not others", "dtype in OPTIONS"),
        ("plain stays for ever", "_in_use = before", "_in_use = False"),
        ("any layout is taken for channels last", "if C > 1 and x.strides[1] != x.dtype.itemsize:", "if False:"),
        ("a gradient is read in another order than the memory's", "dw = get_array_module(w).ascontiguousarray(dw)", "pass"),
        ("the seed's upper half is lost", "seed >> 32", "0"),
        ("the last row is not added up", "totals, x.size, totals.size)", "totals, x.size - C, totals.size)"),
    ),
    *_in(
        "optimizer.py",
        "optimizer",
        ("momentum with the wrong sign", "v *= self._momenta[name]", "v *= -self._momenta[name]"),
        ("one momentum for all", "self._of_each(momenta or {}, momentum)", "self._of_each({}, momentum)"),
        ("the gradient climbs", "v -= rate * dw", "v += rate * dw"),
        ("decay outside the rate", "v -= (decay * rate) * w", "v -= decay * w"),
        ("decay with the wrong sign", "v -= (decay * rate) * w", "v += (decay * rate) * w"),
        ("decay on biases", "decay = self.weight_decay * self._decays[name]", "decay = self.weight_decay"),
        ("biases at the same rate", "rate = self.learning_rate * self._rates[name]", "rate = self.learning_rate"),
        ("weights move by the gradient alone", "w += v", "w -= rate * dw"),
        ("the last rows of a large parameter stay", "range(0, len(first), rows)", "range(0, len(first) - rows, rows)"),
        ("plateau waits for ever", "self.waited += 1", "self.waited += 0"),
        ("plateau drops without end", "and self.dropped < self.drops", ""),
        ("the list drops an epoch late", "sum(self.epoch >= epoch", "sum(self.epoch > epoch"),
    ),
    *_in(
        "two_devices.py",
        "two_devices",
        ("the towers do not meet", "        meet(*self._streams)\n        jobs", "        jobs"),
        ("the towers do not wait for the pictures", "        self._meet_caller()\n        for i, exchange", "        for i, exchange"),
        ("the caller does not wait for the output", "        self._meet_caller()\n        with use_device(self.devices[0]):\n            return _side", "        with use_device(self.devices[0]):\n            return _side"),
        ("the towers do not wait for dy", "        self._meet_caller()\n        for i in reversed", "        for i in reversed"),
        ("the caller does not wait for the gradients", "        self._meet_caller()\n        if have[0] is None", "        if have[0] is None"),
        ("both towers on the default stream", "with use_stream(self._streams[tower]):", "with use_device(self.devices[tower]):"),
        ("a view crosses", "return y, self._sendable(y[:, shown])", "return y, y[:, shown]"),
        ("a view of dx crosses", "self._sendable(dx[:, others])", "dx[:, others]"),
        ("nothing crosses", "                other = to_device(other, self.devices[tower])", "                pass"),
        ("the wrong tower's maps are shown", "* self.seen[1 - tower]", "* self.seen[tower]"),
        ("dy is changed", "            own = own.copy()\n", ""),
        ("what the other tower found is not added", "own.shape[1])] += other", "own.shape[1])] += 0"),
        ("the second tower's mask begins too early", "self._begin + each * self._maps[0]", "self._begin"),
        ("the normalisation sees too far up", "min((layer.n - 1) // 2, maps[1])", "min(layer.n // 2, maps[1])"),
        ("the weights are the network's own", "[kernels].copy()", "[kernels]"),
        ("the threads stay", "            thread.shutdown()", "            pass"),
        ("the states are not loaded", "{k: states[k] for k in network.states()},", "network.states(),"),
        ("dx of one tower only", "return have[0] + to_device(have[1], self.devices[0])", "return have[0]"),
    ),
    *_in(
        "backend.py",
        "backend",
        ("a copy between devices does not wait", "    meet(*streams)\n    with use_device(device):\n        moved", "    with use_device(device):\n        moved"),
        ("nothing waits for a copy between devices", "    meet(*streams)\n    return moved", "    return moved"),
        ("a view is copied between devices", "if not array.flags.c_contiguous:", "if False:"),
        ("fetched by the wrong device's stream", "with use_device_of(array):  # CuPy copies on", "with nullcontext():  #"),
        ("an event of the wrong device", "with use_device(stream.device):  # the default", "with nullcontext():  # the default"),
        ("the wrong device's default stream waits", "            with use_device(stream.device):\n                for event", "            with nullcontext():\n                for event"),
    ),
    *_in(
        "cuda_convnet.py",
        "cuda_convnet",
        ("the last to see a layer has all its gradient", "part if others is None else others + part", "part"),
        ("every block adds the bias", '"b": b if y is None else nothing', '"b": b'),
        ("filters are of all groups", "filters[i] * groups[i]", "filters[i]"),
        ("convolutions round down", "groups[i],\n                    ceil_mode=True", "groups[i],\n                    ceil_mode=False"),
        ("scale is not divided", "beta, across, True)", "beta, across, False)"),
        ("contrast for response", 'if kind == "cnorm":', 'if kind == "rnorm":'),
        ("keep is dropped", "Dropout(1 - keep", "Dropout(keep"),
        ("pooling begins on the other side", "(-start, -start)", "(start, start)"),
        ("only the first tower leaves out dx", "layer.needs_dx = first.needs_dx", "pass"),
        ("all layers learn alike", "own.rate / rate", "1.0"),
        ("all parameters have one momentum", "name: own.momentum for", "name: 0.9 for"),
        ("biases decay", "Learning(rate, momentum, 0)", "Learning(rate, momentum, decay)"),
        ("unknown keys pass", "for key in section.unread.values():", "for key in ():"),
        ("parameters without end", "if self.parameters > MAX_PARAMETERS:", "if shape[0] > 10**10:"),
        ("inputs below pass", "if name not in self.outputs:", "if name in ():"),
        ("gradients stay on the device that found them", "part = self._bring(part, source)", "part = part"),
    ),
    *_in(
        "data/augment.py",
        "augment",
        ("a crop lies one place short", "rows = rng.integers(H - s + 1, size=n)", "rows = rng.integers(max(1, H - s), size=n)"),
        ("a crop lies one place too far", "columns = rng.integers(W - s + 1, size=n)", "columns = rng.integers(W - s + 2, size=n)"),
        ("row and column are one draw", "columns = rng.integers(W - s + 1, size=n)", "columns = rows % (W - s + 1)"),
        ("one crop for all", "rows = rng.integers(H - s + 1, size=n)", "rows = np.full(n, rng.integers(H - s + 1))"),
        ("one coin for all", "mirrored = rng.integers(2, size=n) == 1", "mirrored = np.full(n, rng.integers(2) == 1)"),
        ("all are mirrored", "mirrored = rng.integers(2, size=n) == 1", "mirrored = np.ones(n, bool)"),
        ("upside down instead of mirrored", "[..., :: -1 if mirror else 1]", "[:, :: -1 if mirror else 1]"),
        ("a crop without crop", "        if self.crop:\n", "        if True:\n"),
        ("a mirror without flip", "        if self.flip:\n", "        if True:\n"),
        ("a centre off by one", "((full - size) // 2 for", "((full - size + 1) // 2 for"),
        ("the mean's corner instead of its centre", "np.ascontiguousarray(_center(self.mean, self.size))", "np.ascontiguousarray(self.mean[:, : self.size, : self.size])"),
        ("the mean added", "y -= mean", "y += mean"),
        ("the divisor forgotten", "scaled = bool((scale != 1).any())", "scaled = shrink != 1"),
        ("multiplied instead of divided", "y /= scale", "y *= scale"),
        ("the shrink forgotten", "[:, None, None] * np.float32(shrink)", "[:, None, None]"),
        ("BGR forgotten", 'x[i] if self.order == "RGB" else x[i, ::-1]', "x[i]"),
        ("the noise forgotten", "y += shifts[i, :, None, None]", "pass"),
        ("one noise for all", "y += shifts[i, :, None, None]", "y += shifts[0, :, None, None]"),
        ("the noise turned by rows", "np.asarray(self.eigenvectors).T)", "np.asarray(self.eigenvectors))"),
        ("the noise along one axis", "rng.standard_normal((n, 3))", "rng.standard_normal((n, 1))"),
        ("the noise is uniform", "rng.standard_normal((n, 3))", "rng.uniform(-(3**0.5), 3**0.5, (n, 3))"),
        ("the noise without its sigma", "return self.sigma * np.sqrt(values)", "return 0.1 * np.sqrt(values)"),
        ("eigenvalues without roots", "np.sqrt(values)", "values"),
        ("eigenvalues of pixels to 255", "self.sigma * values / 255", "self.sigma * values"),
        ("the paper divides too", 'if self.color == "2012" else 1.0', 'if self.color != "none" else 1.0'),
        ("the shrink is always 1.1", "shrink = 1 + self.sigma", "shrink = 1.1"),
        ("corners swapped", "images[:, :, :s, -s:],\n            images[:, :, -s:, :s],", "images[:, :, -s:, :s],\n            images[:, :, :s, -s:],"),
        ("a corner taken twice", "images[:, :, -s:, -s:]", "images[:, :, -s:, :s]"),
        ("mirrors not mirrored", "self._fill(x[:, 5 + k], crops[..., ::-1])", "self._fill(x[:, 5 + k], crops)"),
        ("mirrors among the five", "self._fill(x[:, 5 + k], crops[..., ::-1])", "self._fill(x[:, 9 - k], crops[..., ::-1])"),
        ("the smallest variance first", "np.maximum(values[::-1], 0), vectors[:, ::-1]", "np.maximum(values, 0), vectors"),
        ("axes out of step with variances", "np.maximum(values[::-1], 0), vectors[:, ::-1]", "np.maximum(values[::-1], 0), vectors"),
        ("the sign left as it comes", "vectors * np.sign(vectors[largest, range(3)])", "vectors"),
        ("variances below zero kept", "np.maximum(values[::-1], 0)", "values[::-1]"),
        ("covariance below zero taken", "if values[0] < -1e-9 * abs(values[2]):", "if False:"),
        ("pictures of any dtype", "or images.dtype != np.uint8:", "or False:"),
        ("a picture one pixel too small", "if min(images.shape[2:]) < size:", "if min(images.shape[2:]) < size - 1:"),
        ("crops of any size", "if crops.shape[2:] != (self.size, self.size):", "if False:"),
        ("a side below the size", "if self.side < self.size:", "if False:"),
        ("a mean smaller than the size", "min(shape[1:]) >= self.size", "max(shape[1:]) >= self.size"),
        ("a mean that is not finite", "if not np.isfinite(self.mean).all():", "if False:"),
    ),
    *_in(
        "data/loader.py",
        "loader",
        ("all batches draw the same", "default_rng([self.seed, epoch, i])", "default_rng([self.seed, epoch])"),
        ("all epochs draw the same", "default_rng([self.seed, epoch, i])", "default_rng([self.seed, i])"),
        ("the seed is not used", "default_rng([self.seed, epoch, i])", "default_rng([0, epoch, i])"),
        ("the last batch is left out", "-(-len(order) // self.batch_size)", "len(order) // self.batch_size"),
        ("batches overlap", "chosen = order[i * self.batch_size :", "chosen = order[max(0, i * self.batch_size - 1) :"),
        ("the order is not followed", "self.images[chosen], rng", "self.images[np.sort(chosen)], rng"),
        ("labels of other pictures", "return x, self.labels[chosen]", "return x, self.labels[: len(x)]"),
        ("nothing is prepared ahead", "if len(ahead) > self.workers:", "if len(ahead) > 0:"),
        ("one more is prepared ahead", "if len(ahead) > self.workers:", "if len(ahead) > self.workers + 1:"),
        ("the newest batch first", "                    yield ahead.popleft()", "                    yield ahead.pop()"),
        ("the last ones are lost", "            while ahead:\n", "            while False:\n"),
        ("a single thread", "ThreadPoolExecutor(self.workers,", "ThreadPoolExecutor(1,"),
        ("threads are left behind", 'with ThreadPoolExecutor(self.workers, "minialexnet-loader") as threads:', 'if threads := ThreadPoolExecutor(self.workers, "minialexnet-loader"):'),
        ("a thread with no workers", "batches = self._ahead if self.workers", "batches = self._ahead if True"),
        ("it begins one batch late", "numbers = range(first, ", "numbers = range(first + (first > 0), "),
        ("never on threads", "batches = self._ahead if self.workers", "batches = self._ahead if False"),
        ("an index behind the end", "order >= len(self.images)", "order > len(self.images)"),
        ("a negative index", "(order < 0) |", "(order < -9) |"),
        ("prepare returns any dtype", 'if getattr(x, "dtype", None) != np.float32:', "if False:"),
        ("prepare returns any number of rows", "if x.shape[:1] != chosen.shape:", "if False:"),
    ),
    *_in(
        "weights/file.py",
        "weights_read",
        ("any kind of file", "if not stat.S_ISREG(found.st_mode):", "if False:"),
        ("a file of any size", "if found.st_size > MAX_BYTES:", "if False:"),
    ),
    *_in(
        "weights/protobuf.py",
        "weights_read weights_refused",
        ("fields without end", "if self._budget[0] < 0:\n                raise WeightsError(f\"expected at most", "if False:\n                raise WeightsError(f\"expected at most"),
        ("numbers without end", "if self._budget[0] < 0:\n                    raise", "if False:\n                    raise"),
        ("messages inside have their own budget", "return [Message(part, self._budget) for", "return [Message(part) for"),
        ("a length is believed", "if length > len(data) - at:", "if False:"),
        ("varints without end", "range(0, 70, 7)", "range(0, 700, 7)"),
        ("seven bits are six", "(byte & 0x7F) << shift", "(byte & 0x3F) << shift"),
        ("all numbers positive", "n - 2**64 if n >= 2**63 else n", "n"),
        ("the first counts", "(self.integers(number) or [default])[-1]", "(self.integers(number) or [default])[0]"),
        ("only the first part", 'memoryview(b"".join(parts))', 'memoryview(b"".join(parts[:1]))'),
        ("a shape is believed", "prod(shape) != data.size", "False"),
        ("a number for bytes", "if len(found) != len(values):", "if False:"),
    ),
    *_in(
        "weights/match.py",
        "weights_read weights_refused weights_convert",
        ("RGB for Caffe", 'divisor,) * 3, "BGR", side', 'divisor,) * 3, "RGB", side'),
        ("the mean turned round", "CAFFE_MEAN = (123.0, 117.0, 104.0)", "CAFFE_MEAN = (104.0, 117.0, 123.0)"),
        ("the divisor left out", "(divisor,) * 3", "(1.0,) * 3"),
        ("the file's mean left out", "CAFFE_MEAN if mean is None else mean", "CAFFE_MEAN"),
        ("torchvision's deviation of 0-1", "TORCHVISION_STD = (0.229 * 255", "TORCHVISION_STD = (0.229"),
        ("a layer taken for another", "enumerate((0, 3, 6, 8, 10), 1)", "enumerate((0, 3, 8, 6, 10), 1)"),
        ("settings are not compared", "if not _equal(value, link.settings[key]):", "if False:"),
        ("kinds are not compared", "if ours.kind != link.kind:", "if False:"),
        ("any number of layers", "if len(expected) != len(links):", "if False:"),
        ("rounding is not compared", '"outputs": row.output_shape[1],', ""),
        ("alpha is compared exactly", "return isclose(expected, got, rel_tol=1e-6)", "pass"),
        ("alpha hardly compared", "rel_tol=1e-6", "rel_tol=10"),
        ("shapes are not compared", "if arrays[name].shape != shape:", "if False:"),
        ("any number of parameters", "if 4 * parameters > MAX_BYTES:", "if False:"),
        ("numbers that are none", "if not np.isfinite(copy).all():", "if False:"),
        ("whole numbers as weights", 'if array.dtype.kind != "f":', "if False:"),
        ("nearest is the first", "nearest = max(nearest, (place, f\"{profile}, {difference}\"), key=lambda n: n[0])", "nearest = (place, f\"{profile}, {difference}\") if nearest[0] < 0 else nearest"),
    ),
    *_in(
        "weights/caffe.py",
        "weights_read weights_refused weights_convert",
        ("alpha is not divided", "lrn.real(2, 1.0) / max(n, 1)", "lrn.real(2, 1.0)"),
        ("pooling rounds down", "round_up=True", "round_up=False"),
        ("convolution rounds up", "round_up=False", "round_up=True"),
        ("the mean image in BGR", "blob[0, ::-1]", "blob[0]"),
        ("the mean values in BGR", "(bgr * 3)[2::-1]", "(bgr * 3)[:3]"),
        ("the crop of V1's data is not seen", "transform.integer(3) or data.integer(5) or side", "transform.integer(3) or side"),
        ("the crop of the transform is not seen", "transform.integer(3) or data.integer(5) or side", "data.integer(5) or side"),
        ("the scale is not seen", "transform.real(1) or data.real(2) or scale", "scale"),
        ("an input layer is not seen", "side = shape[3] if len(shape) == 4 else side", "pass"),
        ("the network's input is not seen", "        side = dimensions[3]", "        pass"),
        ("layers need not follow each other", "or (current and bottoms[0] not in current)", ""),
        ("dropout is a layer", 'UNCHANGED = {"Dropout", "Split"}', 'UNCHANGED = {"Split"}'),
        ("a slope passes", "        if slope:\n", "        if False:\n"),
        ("average pooling passes", "if pool.integer(1) or pool.integer(12):", "if pool.integer(12):"),
        ("pooling of all passes", "if pool.integer(1) or pool.integer(12):", "if pool.integer(1):"),
        ("dilation passes", "if square(conv.integers(18) or [1]) != 1:", "if False:"),
        ("never turned", "W.T if turned else W", "W"),
        ("groups are not read", 'settings["groups"] = conv.integer(5, 1)', 'settings["groups"] = 2'),
        ("an infinite scale", "if not (0 < scale < float(\"inf\"))", "if not (0 < scale)"),
        ("within a channel passes", '"space" if lrn.integer(4) else "channels"', '"channels"'),
    ),
    *_in(
        "weights/onnx.py",
        "weights_read weights_refused",
        ("padding behind is left out", "room = side + before + behind - k", "room = side + 2 * before - k"),
        ("never rounded up", "1 + (-(-room // s) if up else room // s)", "1 + room // s"),
        ("alpha is not divided", '_real(attributes, "alpha", 1e-4) / max(n, 1)', '_real(attributes, "alpha", 1e-4)'),
        ("always turned", 'W if _integer(attributes, "transB", 0) else W.T', "W"),
        ("operators need not follow each other", "if not current or not inputs or inputs[0] != current:", "if not inputs:"),
        ("more behind the end", '            current = ""', "            pass"),
        ("padding by name passes", 'auto not in ("NOTSET", "VALID") or ', ""),
        ("dilation passes", ' or square(pixels("dilations", [1])) != 1', ""),
        ("factors pass", "if factors != [1, 1] or", "if"),
        ("transposed pictures pass", ' or _integer(attributes, "transA", 0)', ""),
        ("outside data passes", "if kind not in kinds or tensor.integer(14):", "if kind not in kinds:"),
        ("old files' inputs are pictures", "if name not in tensors]", "]"),
        ("any input", "sides[1] != 3 or sides[2] != sides[3]", "False"),
        ("averages of several pixels pass", 'return window == {"kernel_size": 1', 'return window != {"kernel_size": 9'),
    ),
    *_in(
        "weights/safetensors.py",
        "weights_read weights_refused weights_convert",
        ("the header's length is believed", "if length > min(MAX_HEADER, size - 8):", "if False:"),
        ("gaps pass", "        if begin != at:\n", "        if False:\n"),
        ("bytes behind the last pass", "    if at != room:", "    if at > room:"),
        ("names twice pass", "if len(found) != len(pairs):", "if False:"),
        ("shapes are not compared with bytes", "and end - begin == size * prod(shape)", ""),
        ("negative sizes", "type(n) is int and n >= 0", "type(n) is int"),
        ("sizes that are no whole numbers", "type(n) is int and n >= 0", "n >= 0"),
        ("axes without end", "whole and len(shape) <= 8", "whole"),
        ("brackets without end", "except (ValueError, TypeError, RecursionError) as", "except (ValueError, TypeError) as"),
        ("the header is not filled up", 'text += b" " * (-len(text) % 8)', "pass"),
        ("arrays as they lie", "np.ascontiguousarray(array, array.dtype.newbyteorder(\"<\"))", "np.asarray(array.T)"),
        ("narrow ones first", "-arrays[name].dtype.itemsize", "arrays[name].dtype.itemsize"),
    ),
    *_in(
        "weights/torch.py",
        "weights_read weights_refused weights_convert",
        ("any name", "    if name not in GLOBALS:", "    if False:"),
        ("pickles without end", "if len(data) > MAX_PICKLE:", "if False:"),
        ("a number seen many times", "if prod(tensor.shape) <= storage.count:", "if True:"),
        ("strides count bytes", "[n * dtype.itemsize for n in tensor.strides]", "list(tensor.strides)"),
        ("no offset", "offset = tensor.offset * dtype.itemsize", "offset = 0"),
        ("a storage's length is not compared", "if len(data) != storage.count * dtype.itemsize:", "if False:"),
        ("checksums are not compared", "if zlib.crc32(member) != crc:", "if False:"),
        ("compressed members", "if method or packed != size:", "if False:"),
        ("members upon each other", "if total > len(data):", "if False:"),
        ("members without end", "if count > MAX_MEMBERS:", "if False:"),
        ("big-endian archives", 'if bytes(members.get(f"{folder}byteorder", b"little")) != b"little":', "if False:"),
        ("big-endian machines", 'or machine.get("little_endian") is not True', ""),
        ("a legacy storage longer than the file", "if length > len(data) - at:", "if False:"),
        ("other values than tensors", "if not isinstance(value, _Tensor):\n            raise", "if False:\n            raise"),
        ("negative places", "type(n) is int and n >= 0 for n in (offset", "type(n) is int for n in (offset"),
        ("axes without end", "len(shape) == len(strides) <= 8", "len(shape) == len(strides)"),
        ("strides of other axes", "len(shape) == len(strides) <= 8", "len(strides) <= 8"),
        ("a negative count", "        or count < 0\n", ""),
        ("backslashes are more", 'if name == "GLOBAL":\n                # Two', 'if name == "NONE":\n                # Two'),
        ("attributes stay on the stack", "            stack.pop()  # attributes", "            pass  # attributes"),
        ("the memo forgets", "self.memo[len(self.memo)] = stack[-1]", "self.memo[0] = stack[-1]"),
    ),
    *_in(
        "model.py",
        "weights_convert model",
        ("sizes are believed", "    empty.check(weights, empty.states())\n", ""),
        ("safetensors are checkpoints", 'safetensors if path.suffix == ".safetensors" else checkpoint', "checkpoint"),
    ),
    *_in(
        "commands/convert.py",
        "weights_convert",
        ("any ending", "if target.suffix not in OUT:", "if False:"),
        ("class names are not counted", "if len(names) != len(model.class_names):", "if False:"),
        ("a mean for torchvision", 'if model.preprocessing.order != "BGR":', "if False:"),
        ("a full disk is an argument", "code = 1 if error.filename == str(target) else 2", "code = 2"),
        ("a missing file is no argument", "code = 1 if error.filename == str(target) else 2", "code = 1"),
        ("npz for all", 'if target.suffix == ".npz":', "if True:"),
    ),
    *_in(
        "initializers.py",
        "initializers",
        ("shapes take memory", "np.broadcast_to(nothing, s)", "np.zeros(min(s), np.float32)"),
    ),
]  # fmt: skip


def run_tests(project: Path, tests: str) -> tuple[bool, str]:
    """Return whether the named tests of a copy of the project pass, and their output."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"]
    files = [f"tests/test_{name}.py" for name in tests.split()]
    # The copy comes first on the path, before the package that is installed.
    environment = os.environ | {"PYTHONPATH": str(project), "CI": "1"}
    done = subprocess.run(
        [*command, *files], cwd=project, env=environment, capture_output=True, text=True
    )
    # Below 0 a kernel of the GPU's, run on the processor, has ended the whole process.
    if done.returncode not in (0, 1) and done.returncode >= 0:  # no tests ran
        raise RuntimeError(f"pytest ended with {done.returncode}:\n{done.stdout}")
    return done.returncode == 0, done.stdout


def copy_project(folder: Path) -> None:
    """Copy what the tests need."""
    ignore = shutil.ignore_patterns("__pycache__", ".hypothesis")
    for name in ("minialexnet", "tests"):
        shutil.copytree(ROOT / name, folder / name, ignore=ignore)
    shutil.copy(ROOT / "setup.cfg", folder)


def survives(mutation: Mutation) -> bool:
    """Apply a mutation to a copy of the project; say whether its tests still pass."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        copy_project(folder)
        path = folder / "minialexnet" / mutation.file
        text = path.read_text()
        found = text.count(mutation.old)
        if found != 1:
            raise ValueError(
                f"{mutation.name}: expected {mutation.old!r} once in {mutation.file}, "
                f"found it {found} times"
            )
        path.write_text(text.replace(mutation.old, mutation.new))
        return run_tests(folder, mutation.tests)[0]


def survivors(mutations: list[Mutation], jobs: int) -> list[Mutation]:
    """Return the mutations that no test notices, printing each as it is tried."""
    with tempfile.TemporaryDirectory() as name:
        copy_project(Path(name))
        every = " ".join(dict.fromkeys(" ".join(m.tests for m in mutations).split()))
        passed, output = run_tests(Path(name), every)
        if not passed:
            raise RuntimeError(f"the tests fail on the code as it is:\n{output}")
    alive = []
    with ThreadPoolExecutor(jobs) as pool:
        results = zip(mutations, pool.map(survives, mutations), strict=True)
        for mutation, survived in results:
            word = "SURVIVED" if survived else "killed"
            print(f"{word:8}  {mutation.file}: {mutation.name}", flush=True)
            if survived:
                alive.append(mutation)
    return alive


def main() -> int:
    """Run the command; return its exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("-k", metavar="WORD", default="", help="those with this word")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    options = parser.parse_args()
    chosen = [m for m in MUTATIONS if options.k in f"{m.file}: {m.name}"]
    alive = survivors(chosen, options.jobs)
    print(f"{len(alive)} of {len(chosen)} mutations survived")
    return 1 if alive else 0


if __name__ == "__main__":
    sys.exit(main())
