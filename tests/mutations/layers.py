"""The layers."""

from .mutation import MODULE, in_module

MUTATIONS = [
    *in_module("layers.convolution", "layers/test_convolution.py", {"convolve": [
                ("the bias is left out", "y += b", "pass"),
            ], "kernel_gradient": [
                ("dW without the windows' rows", "im2col(x, *windows)", "im2col(x[:, ::-1], *windows)"),
            ], "image_gradient": [
                ("dy laid in another order", "dy.transpose(0, 2, 3, 1)", "dy.transpose(0, 3, 2, 1)"),
            ], "channel_sum": [
                ("db of the first row only", "dy.sum(axis=(0, 2, 3))", "dy[:, :, 0].sum(axis=(0, 2))"),
                ("db is a mean", "dy.sum(axis=(0, 2, 3))", "dy.mean(axis=(0, 2, 3))"),
            ], "Convolution2D.backward": [
                ("dx is never computed", "not self.needs_dx", "self.needs_dx"),
            ], "Convolution2D.__init__": [
                ("padding left out", "Windows.of(kernel_size, stride, padding, ceil_mode)", "Windows.of(kernel_size, stride, 0, ceil_mode)"),
            ],},),
    *in_module("layers.kernels", "layers/test_convolution.py", {"rows_of": [
                ("weights flattened in another order", "W.transpose(0, 2, 3, 1)", "W.transpose(0, 3, 2, 1)"),
            ], "kernels_of": [
                ("dW unflattened in another order", "rows.reshape(F, KH, KW, C).transpose(0, 3, 1, 2)", "rows.reshape(F, KH, KW, C).transpose(0, 3, 2, 1)"),
            ],},),
    *in_module("layers.turned", "layers/test_convolution.py", {"turn": [
                ("kernels not turned for dx", "split.swapaxes(1, 2)[..., ::-1, ::-1]", "split.swapaxes(1, 2)"),
                ("kernels turned about one axis", "split.swapaxes(1, 2)[..., ::-1, ::-1]", "split.swapaxes(1, 2)[..., ::-1]"),
            ], "turned_windows": [
                ("margin off by one", "(KH - 1 - PH, KW - 1 - PW)", "(KH - PH, KW - 1 - PW)"),
                ("margin without the padding", "(KH - 1 - PH, KW - 1 - PW)", "(KH - 1, KW - 1)"),
            ], "or_by_turned_kernels": [
                ("an image smaller than the kernel grows", "dx[:, :, : x.shape[2], : x.shape[3]]", "dx"),
            ],},),
    *in_module("layers.winograd", "layers/test_winograd.py", {"convolve_tiles": [
                ("the bias is left out", "out += b", "pass"),
                ("tiles laid in the wrong order", "Y.transpose(2, 3, 0, 4, 1, 5)", "Y.transpose(2, 3, 1, 4, 0, 5)"),
            ], "kernel_gradient_at_points": [
                ("dV of the windows' neighbours", "U.transpose(0, 2, 1) @ dM", "U[:, ::-1].transpose(0, 2, 1) @ dM"),
            ],},),
    *in_module("layers.tiles", "layers/test_winograd.py", {"windows_at_points": [
                ("forward without the padding", "image[:, PH : PH + H, PW : PW + W]", "image[:, :H, :W]"),
            ], MODULE: [
                ("a point counted twice", "POINTS = (0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5)", "POINTS = (0.0, 1.0, -1.0, 2.0, 2.0, 0.5, -0.5)"),
                ("no point at infinity in G", "G.append([0.0] * (K - 1) + [1.0])", "G.append([0.0] * K)"),
                ("distances left out", "point**k / distance", "point**k"),
            ],},),
    *in_module("layers.activation", "layers/test_activation.py", {"relu": [
                ("ReLU lets negatives through", "get_array_module(x).maximum(x, 0, out=out)", "get_array_module(x).maximum(x, -1, out=out)"),
            ], "relu_backward": [
                ("ReLU's gradient at zero is one", "y > 0", "y >= 0"),
                ("ReLU's backward masks nothing", "y > 0", "1"),
            ], "tanh_backward": [
                ("tanh's derivative without the square", "1 - y * y", "1 - y"),
            ], "sigmoid_backward": [
                ("sigmoid's derivative of tanh", "y * (1 - y)", "1 - y * y"),
            ], "sigmoid": [
                ("sigmoid without its half", "get_array_module(x).tanh(x * 0.5)", "get_array_module(x).tanh(x)"),
            ],},),
    *in_module("layers.max_pooling", "engine/test_memory.py layers/test_pooling.py", {"max_pooling_backward": [
                ("what was in the memory of dx counts", "xp.zeros_like(x, dtype=dy.dtype)", "xp.full_like(x, 3, dtype=dy.dtype)"),
            ],},),
    *in_module("layers.max_pooling", "layers/test_pooling.py", {"max_pooling": [
                ("padding wins a maximum", '-float("inf")', "0"),
                ("minimum instead of maximum", "xp.maximum", "xp.fmin"),
            ], "max_pooling_backward": [
                ("a tie is counted twice", "free[:, :, *out] ^= won", "pass"),
                ("the last of the tied wins", "windows.taps(x.shape[2:], y.shape[2:])", "list(windows.taps(x.shape[2:], y.shape[2:]))[::-1]"),
                ("overlapping windows overwrite", "dx[:, :, *pixels] += times(due[:, :, *out], won)", "dx[:, :, *pixels] = times(due[:, :, *out], won)"),
            ],},),
    *in_module("layers.finite", "layers/test_pooling.py layers/test_activation.py", {"only_where": [
                ("infinite gradients times zero", "xp.isfinite(dy.max()) and xp.isfinite(dy.min())", "True"),
                ("only the largest is looked at", "xp.isfinite(dy.max()) and xp.isfinite(dy.min())", "xp.isfinite(dy.max())"),
                ("only the smallest is looked at", "xp.isfinite(dy.max()) and xp.isfinite(dy.min())", "xp.isfinite(dy.min())"),
                ("what is there stays", "out[...] = dx", "pass"),
            ], "same_or_both_nan": [
                ("NaN is equal to nothing", "(a == b) | ((a != a) & (b != b))", "a == b"),
                ("NaN is equal to all", "(a != a) & (b != b)", "(a != a) | (b != b)"),
            ], "faster_if_finite": [
                ("always the faster", "all(xp.isfinite(bound) for bound in bounds(*arguments))", "True"),
            ],},),
    *in_module("layers.average_pooling", "layers/test_pooling.py", {"average_pooling": [
                ("the average counts padding", "y /= pixels_seen(x, (H, W), (OH, OW), windows)", "y /= windows.kernel_size[0] * windows.kernel_size[1]"),
                ("the average sums only the last", "y[:, :, *out] += x[:, :, *pixels]", "y[:, :, *out] = x[:, :, *pixels]"),
            ], "average_pooling_backward": [
                ("the average's gradient is not shared", "share = dy / pixels_seen(dy, image, (OH, OW), windows)", "share = dy"),
                ("the average's gradients overwrite", "dx[:, :, *pixels] += share[:, :, *out]", "dx[:, :, *pixels] = share[:, :, *out]"),
            ],},),
    *in_module("layers.windowed", "layers/test_pooling.py", {"Pooling2D.__init__": [
                ("padding of more than half passes", "2 * p > k", "p > k"),
            ],},),
    *in_module("layers.lrn", "layers/test_lrn.py", {"LocalResponseNormalization.over": [
                ("a window of four instead of five", "self.n // 2", "self.n // 2 - 1"),
                ("an even window one too wide", "(self.n - 1) // 2", "self.n // 2"),
            ], "response_normalization": [
                ("the exponent is plus beta", "d**-beta", "d**beta"),
                ("k left out", "k + alpha * window_sum(x * x, over)", "1 + alpha * window_sum(x * x, over)"),
                ("the squares are not squared", "x * x", "x * 1"),
            ], "response_normalization_backward": [
                ("backward's window not turned round", "over.turned()", "over"),
                ("backward without its factor two", "(2 * alpha * beta) * x", "(alpha * beta) * x"),
                ("backward without beta", "(2 * alpha * beta) * x", "(2 * alpha) * x"),
                ("backward adds the cross term", "through_x - (2 * alpha * beta) * x * through_d", "through_x + (2 * alpha * beta) * x * through_d"),
                ("backward divides by no d", "dy * y / d", "dy * y"),
                ("backward leaves out the scale", "dy * d**-beta", "dy * 1"),
            ], "LocalResponseNormalization.__init__": [
                ("alpha divided by n unasked", "alpha / n ** len(self.axes) if divide_alpha_by_n else alpha", "alpha / n ** len(self.axes) if divide_alpha_by_n else alpha / n"),
                ("alpha over space divided by n once", "alpha / n ** len(self.axes)", "alpha / n"),
                ("space sums one axis only", "(3, 4)", "(3,)"),
            ],},),
    *in_module("layers.neighbours", "layers/test_lrn.py", {"window_sum": [
                ("groups see each other", "(len(a), over.groups, -1, *a.shape[2:])", "(len(a), 1, -1, *a.shape[2:])"),
                ("what stands between two rows counts", "xp.zeros((*rows.shape[:-1], before + C + after), a.dtype)", "xp.ones((*rows.shape[:-1], before + C + after), a.dtype)"),
            ],},),
    *in_module("layers.dropout", "layers/test_dropout.py", {"Dropout.forward": [
                ("testing does not scale", "self._factor = 1 if self.inverted else keep", "self._factor = 1"),
                ("inverted training does not scale", "scale = 1 / keep if self.inverted else 1", "scale = 1"),
                ("the same mask every step", 'self.state["step"] += 1', "pass"),
            ], "Dropout": [
                ("keep and drop swapped", "self.drop_probability * 2**32", "(1 - self.drop_probability) * 2**32"),
            ], "dropout_mask": [
                ("the same mask for every example", "xp.arange(first_sample, first_sample + N, dtype=xp.uint64)[:, None]", "0 * xp.arange(first_sample, first_sample + N, dtype=xp.uint64)[:, None]"),
                ("a part's units begin at zero", "start = first_unit % 4", "start = 0"),
                ("a part's examples begin at zero", "xp.arange(first_sample, first_sample + N, dtype=xp.uint64)", "xp.arange(0, N, dtype=xp.uint64)"),
            ], "Dropout.backward": [
                ("backward ignores the mask", "return dy * self._factor", "return dy * 1"),
            ],},),
    *in_module("layers.fully_connected", "layers/test_fully_connected.py", {"fully_connected": [
                ("the bias is left out", "x @ W.T + b", "x @ W.T"),
            ], "weight_gradient": [
                ("dW transposed from the wrong side", "get_array_module(dy).matmul(dy.T, x, out=out)", "get_array_module(dy).matmul(dy.T, x * 2, out=out)"),
            ], "FullyConnected.backward": [
                ("db is a mean", "dy.sum(axis=0)", "dy.mean(axis=0)"),
                ("dx without the weights of one unit", 'dy @ self.params["W"]', 'dy[:, 1:] @ self.params["W"][1:]'),
            ],},),
    *in_module("layers.flatten", "layers/test_fully_connected.py", {"Flatten.forward": [
                ("flatten puts channels fastest", "return x.reshape(len(x), -1)", "return x.swapaxes(1, -1).reshape(len(x), -1)"),
            ],},),
    *in_module("layers.softmax", "layers/test_softmax.py", {"log_softmax": [
                ("the maximum is not subtracted", "shifted = x - xp.take_along_axis(x, x.argmax(axis=1)[:, None], axis=1)", "shifted = x - 0 * xp.take_along_axis(x, x.argmax(axis=1)[:, None], axis=1)"),
            ], "SoftmaxCrossEntropy.forward": [
                ("the loss is a sum", "xp.take_along_axis(log_p, labels[:, None], axis=1).mean()", "xp.take_along_axis(log_p, labels[:, None], axis=1).sum()"),
            ], "SoftmaxCrossEntropy.backward": [
                ("the gradient is a sum", "(self.probabilities - (self.labels[:, None] == xp.arange(K))) / N", "(self.probabilities - (self.labels[:, None] == xp.arange(K)))"),
                ("the gradient keeps its label", "(self.probabilities - (self.labels[:, None] == xp.arange(K))) / N", "(self.probabilities + 0 * (self.labels[:, None] == xp.arange(K))) / N"),
            ],},),
    *in_module("layers.refuse_labels", "layers/test_softmax.py", {"takes_logits": [
                ("labels above the range pass", "if low < 0 or high >= x.shape[1]:", "if low < 0:"),
            ],},),
]  # fmt: skip
