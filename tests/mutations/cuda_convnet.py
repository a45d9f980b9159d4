"""Networks from the configuration files of 2012."""

from .mutation import MODULE, in_module

MUTATIONS = [
    *in_module('cuda_convnet.network', 'cuda_convnet/test_network.py', {"Network.backward": [
                ("the last to see a layer has all its gradient", "part if others is None else others + part", "part"),
                ("only the first tower leaves out dx", "layer.needs_dx = first.needs_dx", "pass"),
                ("gradients stay on the device that found them", "part = self._bring(part, source)", "part = part"),
            ],},),
    *in_module('cuda_convnet.learning', 'cuda_convnet/test_network.py', {"make_optimizer": [
                ("all layers learn alike", "own.rate / rate", "1.0"),
                ("all parameters have one momentum", "own.momentum", "0.9"),
            ],},),
    *in_module('cuda_convnet.sum', 'cuda_convnet/test_sum.py', {"Sum.forward": [
                ("every block adds the bias", "b if y is None else nothing", "b"),
            ],},),
    *in_module('cuda_convnet.pooling', 'cuda_convnet/test_pooling.py', {"MaxPoolingFrom": [
                ("pooling begins on the other side", "(-start, -start)", "(start, start)"),
            ],},),
    *in_module('cuda_convnet.layers', 'cuda_convnet/test_build.py', {"convolution": [
                ("filters are of all groups", "filters * groups", "filters"),
                ("convolutions round down", "ceil_mode=True", "ceil_mode=False"),
            ], "normalization": [
                ("scale is not divided", "LocalResponseNormalization(k, n, alpha, beta, across, divide_alpha_by_n=True)", "LocalResponseNormalization(k, n, alpha, beta, across, divide_alpha_by_n=False)"),
                ("contrast for response", 'if node.kind == "cnorm":', 'if node.kind == "rnorm":'),
            ], "dropout": [
                ("keep is dropped", "1 - keep", "keep"),
            ],},),
    *in_module('cuda_convnet.layers', 'cuda_convnet/test_layers.py', {"Beginnings.reserve": [
                ("parameters without end", "if self.parameters > MAX_PARAMETERS:", "if self.parameters > 10**30:"),
            ],},),
    *in_module('cuda_convnet.build', 'cuda_convnet/test_network.py', {MODULE: [
                ("biases decay", 'Learning(v["epsB"], v["momB"], 0)', 'Learning(v["epsB"], v["momB"], decay)'),
            ],},),
    *in_module('cuda_convnet.build', 'cuda_convnet/test_files.py', {"build": [
                ("classes are not counted", "if classes is not None and outputs != classes:", "if False:"),
            ],},),
    *in_module('cuda_convnet.towers', 'cuda_convnet/test_towers.py', {"_join": [
                ("towers see each other", "towers if apart else 1", "1", (2, 2)),
                ("normalisations look across", "groups=towers", "groups=1"),
                ("unlike layers are joined", "if len({_form(block) for own in blocks for block in own}) > 1:", "if False:"),
            ],},),
    *in_module('cuda_convnet.keys', 'cuda_convnet/test_keys.py', {"_rows": [
                ("the tables leave out defaults", 'f"{key.name}={key.default}" if key.default else key.name', "key.name"),
            ],},),
    *in_module('cuda_convnet.values', 'cuda_convnet/test_values.py', {"_one": [
                ("a start before the first window passes", 'least = 1 - before[least.removeprefix("1 - ")]', "least = -99"),
                ("a value is only another number", "if key.only and value != float(key.only):", "if False:"),
            ], "read_values": [
                ("a key in both files passes", 'if key.file == "either" and home is not section and key.name in section:', "if False:"),
            ], "refuse_unknown": [
                ("unknown keys pass", "for name, entry in section.entries.items():", "for name, entry in ():"),
            ],},),
    *in_module('cuda_convnet.graph', 'cuda_convnet/test_graph.py', {MODULE: [
                ("inputs below pass", "if name not in above:", "if name in ():"),
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
