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
    *in_module('cuda_convnet.contrast', 'cuda_convnet/test_contrast.py', {"contrast_normalization": [
                ("contrast keeps the mean", "x - window_sum(x, over) / pixels_seen(x, over)", "x"),
                ("contrast divides what has no mean", "x * d**-beta", "e * d**-beta"),
                ("contrast's mean counts pixels outside", "window_sum(x, over) / pixels_seen(x, over)", "window_sum(x, over) / (over.before + 1 + over.after) ** 2"),
            ], "contrast_normalization_backward": [
                ("contrast's backward takes the mean for a constant", "dy * d**-beta + de - window_sum(de / pixels_seen(dy, over), turned)", "dy * d**-beta + de"),
                ("contrast's window is not turned round", "over.turned()", "over"),
            ],},),
]  # fmt: skip
