"""Networks from the configuration files of 2012."""

from .mutation import MODULE, in_module

MUTATIONS = [
    *in_module('cuda_convnet.network', 'cuda_convnet/test_network.py', {"Network.backward": [
                ("the last to see a layer has all its gradient", "part if others is None else others + part", "part"),
                ("only the first tower leaves out dx", "layer.needs_dx = first.needs_dx", "pass"),
                ("gradients stay on the device that found them", "part = self._bring(part, source)", "part = part"),
            ], "Network.optimizer": [
                ("all layers learn alike", "own.rate / rate", "1.0"),
                ("all parameters have one momentum", "own.momentum", "0.9"),
            ],},),
    *in_module('cuda_convnet.sum', 'cuda_convnet/test_sum.py', {"Sum.forward": [
                ("every block adds the bias", "b if y is None else nothing", "b"),
            ],},),
    *in_module('cuda_convnet.windows', 'cuda_convnet/test_windows.py', {"WindowsFrom": [
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
    *in_module('cuda_convnet.towers', 'cuda_convnet/test_towers.py', {MODULE: [
                ("towers see each other", "towers if apart else 1", "1", (2, 2)),
                ("normalisations look across", "groups=towers", "groups=1"),
                ("unlike layers are joined", "if len({_form(block) for own in blocks for block in own}) > 1:", "if False:"),
            ],},),
    *in_module('cuda_convnet.keys', 'cuda_convnet/test_keys.py', {MODULE: [
                ("the tables leave out defaults", 'f"{key.name}={key.default}" if key.default else key.name', "key.name"),
            ],},),
    *in_module('cuda_convnet.values', 'cuda_convnet/test_values.py', {MODULE: [
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
    *in_module('cuda_convnet.contrast', 'cuda_convnet/test_contrast.py', {"contrast_normalization": [
                ("contrast keeps the mean", "x - window_sum(x, over) / pixels_seen(x, over)", "x"),
                ("contrast divides what has no mean", "x * d**-beta", "e * d**-beta"),
                ("contrast's mean counts pixels outside", "window_sum(x, over) / pixels_seen(x, over)", "window_sum(x, over) / (over.before + 1 + over.after) ** 2"),
            ], "contrast_normalization_backward": [
                ("contrast's backward takes the mean for a constant", "dy * d**-beta + de - window_sum(de / pixels_seen(dy, over), turned)", "dy * d**-beta + de"),
                ("contrast's window is not turned round", "over.turned()", "over"),
            ],},),
    *in_module('cuda_convnet.cfg', 'cuda_convnet/test_cfg.py', {"parse": [
                ("a name twice", 'section.name in sections or "." in section.name', '"." in section.name'),
                ("a key twice", "if again:", "if False:"),
                ("keys of no section", "section is None or not equals", "not equals"),
                ("comments are values", 're.sub(r"(^|\\s)[#;].*", "", line).strip()', "line.strip()"),
                ("the case of a key counts", "section.entries[key.lower()] = Entry(key, value, number)", "section.entries[key] = Entry(key, value, number)"),
                ("lines are counted from 0", 'enumerate(text.split("\\n"), 1)', 'enumerate(text.split("\\n"))'),
            ],},),
    *in_module('cuda_convnet.files', 'cuda_convnet/test_files.py', {MODULE: [
                ("params beside nothing", "params == layers or not params.exists()", "False"),
                ("any name", "if name not in names:", "if False:"),
            ],},),
    *in_module('cuda_convnet.graph', 'cuda_convnet/test_graph.py', {MODULE: [
                ("inputs that are not there", "if name not in self.sections:", "if False:", (1, 2)),
                ("layers of no use", "if name not in self.used:", "if False:"),
                ("params of no layer", "if name not in self.sections:", "if False:", (2, 2)),
                ("two costs", "if len(costs) != 1:", "if False:"),
                ("two data layers", "if len(pictures) != 1:", "if False:"),
            ],},),
]  # fmt: skip
