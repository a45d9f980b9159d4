"""Networks from the configuration files of 2012."""

from .mutation import MODULE, in_module

MUTATIONS = [
    *in_module('cuda_convnet.build', 'cuda_convnet/test_build.py', {"Network.backward": [
                ("the last to see a layer has all its gradient", "part if others is None else others + part", "part"),
                ("only the first tower leaves out dx", "layer.needs_dx = first.needs_dx", "pass"),
                ("gradients stay on the device that found them", "part = self._bring(part, source)", "part = part"),
            ], MODULE: [
                ("every block adds the bias", "b if y is None else nothing", "b"),
                ("filters are of all groups", "filters[i] * groups[i]", "filters[i]"),
                ("convolutions round down", "ceil_mode=True", "ceil_mode=False", (2, 3)),
                ("scale is not divided", "LocalResponseNormalization(k, n, alpha, beta, across, True)", "LocalResponseNormalization(k, n, alpha, beta, across, False)"),
                ("contrast for response", 'if kind == "cnorm":', 'if kind == "rnorm":'),
                ("keep is dropped", "1 - keep", "keep"),
                ("pooling begins on the other side", "(-start, -start)", "(start, start)"),
                ("biases decay", "Learning(rate, momentum, 0)", "Learning(rate, momentum, decay)"),
                ("unknown keys pass", "for key in section.unread.values():", "for key in ():"),
                ("parameters without end", "if self.parameters > MAX_PARAMETERS:", "if shape[0] > 10**10:"),
                ("inputs below pass", "if name not in self.outputs:", "if name in ():"),
            ], "Network.optimizer": [
                ("all layers learn alike", "own.rate / rate", "1.0"),
                ("all parameters have one momentum", "own.momentum", "0.9"),
            ],},),
    *in_module('cuda_convnet.contrast', 'cuda_convnet/test_contrast.py', {"LocalContrastNormalization.forward": [
                ("contrast keeps the mean", "e[part] = x[part] - self._window_sum(x[part], before, after) / count", "e[part] = x[part]"),
                ("contrast divides what has no mean", "y[part] = x[part] * d[part] ** -self.beta", "y[part] = e[part] * d[part] ** -self.beta"),
                ("contrast's mean counts pixels outside", "self._window_sum(x[part], before, after) / count", "self._window_sum(x[part], before, after) / self.n**2"),
            ], "LocalContrastNormalization.backward": [
                ("contrast's backward takes the mean for a constant", "dx[part] -= self._window_sum(de / self._count, before, after)", "pass"),
                ("contrast's window is not turned round", "(self.n - 1) // 2, self.n // 2", "self.n // 2, (self.n - 1) // 2"),
            ],},),
]  # fmt: skip
