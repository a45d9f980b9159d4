"""The networks, their layers' refusals, and how weights begin."""

from .mutation import MODULE, in_module, only

NUMBERS = only("layers/test_contract.py", "sizes_may_be_numpys_whole_numbers")
NUMBERS += " " + only("layers/test_lrn.py", "impossible_layers_are_refused")
REFUSED = only(
    "layers/test_contract.py",
    "one_picture_and_a_gradient_of_whole_numbers_are_refused_in_words",
    "one_example_without_a_batch_is_told_so",
    "an_empty_batch_is_refused",
    "whole_numbers_are_refused",
    "backward_before_forward_is_refused",
    "a_gradient_of_another_shape_is_refused",
)

MUTATIONS = [
    *in_module("alexnet", "test_alexnet.py", {"alexnet": [
                ("one tower has all kernels", "towers == 1 and p.two_towers", "False"),
                ("one tower has half of conv5", "[k // 2 for k in whole[:4]] + whole[4:]", "[k // 2 for k in whole]"),
                ("fc6 of a small network fades", "whole_channels * 6 * 6", "features"),
                ("fc7 of a narrow network fades", "features, whole_features = units, 4096", "features, whole_features = units, units"),
                ("a layer left out takes its pooling along", 'layers += [entry for entry in block if entry[0] == f"pool{i}"]', "pass"),
                ("units are never left out", 'f"fc{i}" not in p.removed', "True"),
                ("pictures too small", "if size < 11:", "if False:"),
                ("infinite widths", '0 < width < float("inf")', "0 < width"),
                ("three towers", "if towers not in (1, 2):", "if False:"),
            ],},),
    *in_module("blocks", "test_alexnet.py", {"Blocks": [
                ("conv3 sees its own tower", "i == 1 or (i == 3 and p.exchange)", "i == 1"),
                ("towers always exchange", "i == 1 or (i == 3 and p.exchange)", "i in (1, 3)"),
                ("biases of 1 elsewhere", "i in (2, 4, 5)", "i in (1, 3)"),
                ("convolutions of a narrow network fade", "p.conv_sigma[i - 1] * (whole_channels / channels) ** 0.5", "p.conv_sigma[i - 1]"),
                ("windows of 4 begin inside", "int(self.pooling == 4)", "0"),
                ("alpha is never divided", "divide_alpha_by_n=bool(p.lrn_divided)", "divide_alpha_by_n=False"),
                ("neighbours of both towers", "self.groups if p.lrn_own_tower else 1", "1"),
                ("dropout stands behind", "0 if p.dropout_first else 2", "2"),
                ("both dropouts draw alike", "(self.seed or 0) * 2 + i - 6", "self.seed or 0"),
                ("any word", "if odd := [one for one in given if one not in known]:", "if odd := []:"),
                ("fc8 begins with ones", "p.ones if i < 8 else 0", "p.ones"),
            ],},),
    *in_module("cifar_net", "model/test_model.py test_sequential.py", {"cifar_net": [
                ("any activation", "if activation not in ACTIVATIONS:", "if False:"),
                ("any pooling", "if pooling not in SIDES:", "if False:"),
                ("windows of 4 begin inside", "int(pooling == 4)", "0"),
                ("conv1 begins as the others", "conv(3, 32, 0.0001)", "conv(3, 32, 0.01)"),
                ("the second pooling is the first", "AveragePooling2D(*windows)", "MaxPooling2D(*windows)", (1, 2)),
            ],},),
    *in_module("profiles", "test_alexnet.py", {MODULE: [
                ("Caffe's biases of 1", "ones=0.1", "ones=1"),
                ("one deviation in 2012", "(0.01, 0.01, 0.03, 0.03, 0.03)", "(0.01,) * 5"),
                ("torchvision's dropout stands behind", "dropout_first=True", "dropout_first=False"),
                ("a list for a number", "if is_list != isinstance(value, tuple):", "if False:"),
            ], "changed_profile": [
                ("any field", "if unknown := changes.keys() - set(known):", "if False:"),
                ("five roundings are refused", 'key == "pool_ceil_mode" and value in product((False, True), repeat=5)', "False"),
                ("lists stay lists", "_tuples(value)", "value"),
                ("lists of any length", 'is_list and key != "removed" and len(value) != len(own)', "False"),
            ],},),
    *in_module("table", "test_alexnet.py test_sequential.py", {"Table": [
                ("all but the last layer", "sum(row.parameters for row in self.rows)", "sum(row.parameters for row in self.rows[:-1])"),
            ], "compare_profiles": [
                ("what is the same is a line too", 'field.name != "source" and len({*values}) > 1', 'field.name != "source"'),
            ],},),
    *in_module("initializers", "test_initializers.py", {"Normal": [
                ("negative deviations", 'not 0 <= self.sigma < float("inf")', "False"),
                ("a variance", "np.float32(self.sigma)", "np.float32(self.sigma**2)"),
            ], "draw": [
                ("any shape", "if params[name].shape != shape:", "if False:"),
            ],},),
    *in_module("layers.choice", "test_alexnet.py", {"choose_convolution": [
                ("tiles for the pictures", 'first and name == "winograd"', "False"),
                ("any name", "if name not in CONVOLUTIONS:", "if False:"),
            ],},),
    *in_module("layers.base", "test_optimizer.py", {"Parameters.replaced": [
                ("new arrays are the old ones", "now.get(name) is not array", "False"),
            ],},),
    *in_module("layers.half", "layers/test_lrn.py layers/test_contract.py", {"in_float32": [
                ("half precision computes with half", 'array.dtype != "float16"', "True"),
                ("half precision ends in single", 'compute(self, wider, *others, **options).astype("float16")', "compute(self, wider, *others, **options)"),
            ],},),
    *in_module("layers.refuse", REFUSED, {MODULE: [
                ("x of any axes", "if axes and x.ndim != axes:", "if False:"),
                ("one example is a batch", "if x.ndim < 2:", "if False:"),
                ("no example", "if prod(x.shape) == 0:", "if False:"),
                ("whole numbers", 'if x.dtype.kind not in "fc":', "if False:"),
                ("whole numbers as a gradient", 'if dy.dtype.kind not in "fc":', "if False:"),
                ("backward comes first", "if layer.y_shape is None:", "if False:"),
                ("dy of any shape", "if dy.shape != layer.y_shape:", "if False:"),
            ],},),
    *in_module("layers.refuse_labels", "layers/test_softmax.py", {"takes_logits": [
                ("labels below 0", "low < 0 or high >= x.shape[1]", "high >= x.shape[1]"),
                ("labels that are no whole numbers", 'if labels.dtype.kind not in "iu":', "if False:"),
                ("labels of others", "x.ndim != 2 or x.shape[0] == 0 or labels.shape != (x.shape[0],)", "x.ndim != 2 or x.shape[0] == 0"),
            ], "after_forward": [
                ("backward comes first", "if self.labels is None:", "if False:"),
            ],},),
    *in_module("layers.refuse_numbers", NUMBERS, {MODULE: [
                ("sizes that are no whole numbers", "if not isinstance(value, Integral):", "if False:"),
                ("sizes below the least", "if value < least:", "if False:"),
                ("infinite numbers", "if not isfinite(number):", "if False:"),
            ],},),
    *in_module("model.__init__", "model/test_model.py", {"begin": [
                ("pictures that are not square", "if side != width:", "if False:"),
                ("pictures that are too small", "if size > side:", "if False:"),
                ("cifar takes any pictures", "side != 32", "False"),
                ("inputs as large as the pictures", "own if side >= own else side * 7 // 8", "side"),
                ("folders are not kept", "dataset.class_folders", "()"),
            ], "load": [
                ("other programs' files are damaged", "if ending(path) in FOREIGN:", "if False:"),
                ("an error without its file", 'ValueError(f"{path}: {error}")', "error"),
            ],},),
    *in_module("model.packing", "model/test_model.py", {"pack": [
                ("the order is forgotten", "p.order", '"RGB"'),
                ("the divisor is forgotten", "list(p.divisor)", "[1.0, 1.0, 1.0]"),
            ], "unpack": [
                ("names are not counted", "if len(names) != biases.size:", "if False:"),
                ("folders are not counted", "if len(folders) not in (0, len(names)):", "if False:"),
                ("what is missing is a key", "if missing:", "if False:"),
                ("a file is believed", 'MODEL(state, "")', "pass"),
            ],},),
    *in_module("model.registry", only("test_run.py", "an_arm_is_the_config_changed_in_a_field"), {MODULE: [
                ("changes are forgotten", "changed_profile(profile, change or {})", "changed_profile(profile, {})"),
            ],},),
    *in_module("model.registry", "model/test_model.py", {MODULE: [
                ("any model", "if name not in MODELS:", "if False:"),
            ],},),
    *in_module("profile", "test_alexnet.py", {"Profile": [
                ("hidden units begin with 0", "ones: float = 1", "ones: float = 0"),
                ("no towers", "two_towers: bool = True", "two_towers: bool = False"),
            ],},),
    *in_module("layers.cudnn", "engine/test_cudnn.py", {"CudnnConvolution2D": [
                ("never by cuDNN", "by_cudnn()(Convolution2D.forward)", "Convolution2D.forward"),
            ],},),
]  # fmt: skip
