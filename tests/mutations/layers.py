"""The layers."""

from .mutation import MODULE, in_module

MUTATIONS = [
    *in_module('layers.convolution', 'layers/test_convolution.py', {"Convolution2D": [
                ("the bias is left out", "rows += b", "pass"),
                ("dW of the last part only", "dW[kernels] += rows.T @ im2col(x[part, channels], *window)", "dW[kernels] = rows.T @ im2col(x[part, channels], *window)"),
                ("groups swapped", "slice(g * F, (g + 1) * F)", "slice((self.groups - 1 - g) * F, (self.groups - g) * F)"),
                ("kernels not turned for dx", "split.swapaxes(1, 2)[..., ::-1, ::-1]", "split.swapaxes(1, 2)"),
                ("kernels turned about one axis", "split.swapaxes(1, 2)[..., ::-1, ::-1]", "split.swapaxes(1, 2)[..., ::-1]"),
                ("margin off by one", "(KH - 1 - PH, KW - 1 - PW)", "(KH - PH, KW - 1 - PW)"),
                ("margin without the padding", "(KH - 1 - PH, KW - 1 - PW)", "(KH - 1, KW - 1)"),
                ("dx of the first group in all", "pixels[part, ..., channels] = found.transpose(0, 2, 3, 1)", "pixels[part] = 0; pixels[part, ..., channels] = found.transpose(0, 2, 3, 1)"),
                ("weights flattened in another order", "W.transpose(0, 2, 3, 1)", "W.transpose(0, 3, 2, 1)"),
                ("dW unflattened in another order", "dW.reshape(F, *last).transpose(0, 3, 1, 2)", "dW.reshape(F, *last).transpose(0, 3, 2, 1)"),
                ("padding left out of forward", "window = (self.kernel_size, self.stride, padding, self.ceil_mode)", "window = (self.kernel_size, self.stride, (0, 0), self.ceil_mode)"),
            ], "Convolution2D.backward": [
                ("db of the first row only", "dy.sum(axis=(0, 2, 3))", "dy[:, :, 0].sum(axis=(0, 2))"),
                ("db is a mean", "dy.sum(axis=(0, 2, 3))", "dy.mean(axis=(0, 2, 3))"),
                ("dx is never computed", "self.needs_dx", "not self.needs_dx"),
            ],},),
    *in_module('layers.winograd', 'layers/test_winograd.py', {"WinogradConvolution2D": [
                ("the bias is left out", "y[part] += b", "pass"),
                ("dW of the last part only", "dV[g] += U.transpose(0, 2, 1) @ dM", "dV[g] = U.transpose(0, 2, 1) @ dM"),
                ("forward without the padding", "image[:, PH : PH + H_in, PW : PW + W_in]", "image[:, :H_in, :W_in]"),
                ("tiles laid in the wrong order", "Y.transpose(2, 3, 0, 4, 1, 5)", "Y.transpose(2, 3, 1, 4, 0, 5)"),
            ], MODULE: [
                ("a point counted twice", "POINTS = (0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5)", "POINTS = (0.0, 1.0, -1.0, 2.0, 2.0, 0.5, -0.5)"),
                ("no point at infinity in G", "G.append([0.0] * (K - 1) + [1.0])", "G.append([0.0] * K)"),
                ("distances left out", "point**k / distance", "point**k"),
            ],},),
    *in_module('layers.activation', 'layers/test_activation.py', {"ReLU.forward": [
                ("ReLU lets negatives through", "xp.maximum(x, 0, out=empty_like(x))", "xp.maximum(x, -1, out=empty_like(x))"),
            ], "ReLU.backward": [
                ("ReLU's gradient at zero is one", "self._y > 0", "self._y >= 0"),
                ("ReLU's backward masks nothing", "self._y > 0", "1"),
            ], "Tanh.backward": [
                ("tanh's derivative without the square", "1 - self._y * self._y", "1 - self._y"),
            ], "Sigmoid.backward": [
                ("sigmoid's derivative of tanh", "self._y * (1 - self._y)", "1 - self._y * self._y"),
            ], "Sigmoid.forward": [
                ("sigmoid without its half", "xp.tanh(x * 0.5)", "xp.tanh(x)"),
            ],},),
    *in_module('layers.pooling', 'engine/test_memory.py', {"MaxPooling2D.backward": [
                ("what was in the memory of dx counts", "dx[part] = 0", "pass"),
            ],},),
    *in_module('layers.pooling', 'layers/test_pooling.py', {"MaxPooling2D.forward": [
                ("padding wins a maximum", '-float("inf")', "0"),
                ("minimum instead of maximum", "xp.maximum", "xp.fmin"),
            ], "MaxPooling2D.backward": [
                ("a tie is counted twice", "left[:, :, *out] -= taken", "pass"),
                ("the last of the tied wins", "self._taps(x.shape)", "self._taps(x.shape)[::-1]"),
                ("overlapping windows overwrite", "dx[part, :, *pixels] += taken", "dx[part, :, *pixels] = taken"),
            ], "AveragePooling2D.forward": [
                ("the average counts padding", "y[part] /= count", "y[part] /= self.kernel_size[0] * self.kernel_size[1]"),
                ("the average sums only the last", "y[part, :, *out] += x[part, :, *pixels]", "y[part, :, *out] = x[part, :, *pixels]"),
            ], "AveragePooling2D.backward": [
                ("the average's gradient is not shared", "share = dy[part] / count", "share = dy[part]"),
                ("the average's gradients overwrite", "dx[part, :, *pixels] += share[:, :, *out]", "dx[part, :, *pixels] = share[:, :, *out]"),
            ], MODULE: [
                ("padding of more than half passes", "2 * p > k", "p > k"),
            ],},),
    *in_module('layers.lrn', 'layers/test_lrn.py', {"LocalResponseNormalization.forward": [
                ("a window of four instead of five", "before, after = self.n // 2, (self.n - 1) // 2", "before, after = self.n // 2 - 1, (self.n - 1) // 2"),
                ("an even window one too wide", "before, after = self.n // 2, (self.n - 1) // 2", "before, after = self.n // 2, self.n // 2"),
                ("the exponent is plus beta", "d[part] ** -self.beta", "d[part] ** self.beta"),
                ("k left out", "self.k + self.alpha * self._window_sum(squares, before, after)", "1 + self.alpha * self._window_sum(squares, before, after)"),
                ("the squares are not squared", "squares = x[part] * x[part]", "squares = x[part] * 1"),
            ], "LocalResponseNormalization.backward": [
                ("backward's window not turned round", "before, after = (self.n - 1) // 2, self.n // 2", "before, after = self.n // 2, (self.n - 1) // 2"),
                ("backward without its factor two", "(2 * self.alpha * self.beta) * x", "(self.alpha * self.beta) * x"),
                ("backward without beta", "(2 * self.alpha * self.beta) * x", "(2 * self.alpha) * x"),
                ("backward adds the cross term", "through_x - (2 * self.alpha * self.beta) * x * through_d", "through_x + (2 * self.alpha * self.beta) * x * through_d"),
                ("backward divides by no d", "dy[part] * self._y[part] / d", "dy[part] * self._y[part]"),
                ("backward leaves out the scale", "dy[part] * d**-self.beta", "dy[part] * 1"),
            ], "LocalResponseNormalization.__init__": [
                ("alpha divided by n unasked", "alpha / n ** len(self.axes) if divide_alpha_by_n else alpha", "alpha / n ** len(self.axes) if divide_alpha_by_n else alpha / n"),
                ("alpha over space divided by n once", "alpha / n ** len(self.axes)", "alpha / n"),
                ("space sums one axis only", "(3, 4)", "(3,)"),
            ], "LocalResponseNormalization": [
                ("groups see each other", "a.reshape(shape[0], self.groups, -1, *shape[2:])", "a.reshape(shape[0], 1, -1, *shape[2:])"),
                ("what stands between two rows counts", "xp.zeros((*rows.shape[:-1], before + C + after), a.dtype)", "xp.ones((*rows.shape[:-1], before + C + after), a.dtype)"),
            ],},),
    *in_module('layers.dropout', 'layers/test_dropout.py', {"Dropout.forward": [
                ("testing does not scale", "self._factor = 1 if self.inverted else keep", "self._factor = 1"),
                ("inverted training does not scale", "scale = 1 / keep if self.inverted else 1", "scale = 1"),
                ("the same mask every step", 'self.state["step"] += 1', "pass"),
            ], "Dropout": [
                ("keep and drop swapped", "self.drop_probability * 2**32", "(1 - self.drop_probability) * 2**32"),
                ("the same mask for every example", "sample[:, None]", "0 * sample[:, None]"),
                ("a part's units begin at zero", "start = first % 4", "start = 0"),
                ("a part's examples begin at zero", "xp.arange(self.first_sample, self.first_sample + N, dtype=xp.uint64)", "xp.arange(0, N, dtype=xp.uint64)"),
            ], "Dropout.backward": [
                ("backward ignores the mask", "return dy * self._factor", "return dy * 1"),
            ],},),
    *in_module('layers.fully_connected', 'layers/test_fully_connected.py', {"FullyConnected.forward": [
                ("the bias is left out", 'x @ self.params["W"].T + self.params["b"]', 'x @ self.params["W"].T'),
            ], "FullyConnected.backward": [
                ("dW transposed from the wrong side", "xp.matmul(dy.T, self._x, out=dW)", "xp.matmul(dy.T, self._x * 2, out=dW)"),
                ("db is a mean", "dy.sum(axis=0)", "dy.mean(axis=0)"),
                ("dx without the weights of one unit", 'dy @ self.params["W"]', 'dy[:, 1:] @ self.params["W"][1:]'),
            ], "Flatten.forward": [
                ("flatten puts channels fastest", "return x.reshape(self._y_shape)", "return x.swapaxes(1, -1).reshape(self._y_shape)"),
            ],},),
    *in_module('layers.softmax', 'layers/test_softmax.py', {"log_softmax": [
                ("the maximum is not subtracted", "shifted = x - xp.take_along_axis(x, x.argmax(axis=1)[:, None], axis=1)", "shifted = x - 0 * xp.take_along_axis(x, x.argmax(axis=1)[:, None], axis=1)"),
            ], "SoftmaxCrossEntropy.forward": [
                ("the loss is a sum", "xp.take_along_axis(log_p, labels[:, None], axis=1).mean()", "xp.take_along_axis(log_p, labels[:, None], axis=1).sum()"),
            ], "SoftmaxCrossEntropy.backward": [
                ("the gradient is a sum", "(self.probabilities - (self._labels[:, None] == xp.arange(K))) / N", "(self.probabilities - (self._labels[:, None] == xp.arange(K)))"),
                ("the gradient keeps its label", "(self.probabilities - (self._labels[:, None] == xp.arange(K))) / N", "(self.probabilities + 0 * (self._labels[:, None] == xp.arange(K))) / N"),
            ], "SoftmaxCrossEntropy": [
                ("labels above the range pass", "if low < 0 or high >= x.shape[1]:", "if low < 0:"),
            ],},),
]  # fmt: skip
