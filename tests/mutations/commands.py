"""The commands."""

from .mutation import MODULE, in_module

MUTATIONS = [
    *in_module('commands.convert', 'weights/test_convert.py', {"run": [
                ("npz for all", 'checkpoint if target.suffix == ".npz" else safetensors', "checkpoint"),
            ], MODULE: [
                ("class names are not counted", "if len(names) != len(model.class_names):", "if False:"),
                ("16 bits hold any number", "largest > most", "False"),
                ("always 32 bits", "w.astype(dtype)", "w"),
                ("any ending", "if target.suffix not in OUT:", "if False:"),
                ("a run's checkpoint is written over", '"history" in checkpoint.load_state(target)', "False"),
            ],},),
    *in_module('commands.which_model', 'commands/test_which_model.py', {MODULE: [
                ("a run is a photograph", "path.is_dir() or ending(path) in WEIGHTS", "False"),
                ("a name that ends in nothing is no network", "file.read(len(ZIP)) == ZIP", "False"),
                ("what is not there is a photograph", "not first.exists() and first.suffix.lower() not in PICTURES", "False"),
                ("a network alone will do", "not others", "False"),
            ],},),
    *in_module('commands.predict', 'commands/test_predict.py commands/test_which_model.py', {MODULE: [
                ("any network is the package's", "asked == SHIPPED", "True", (1, 2)),
                ("a speck is a photograph", "math.ceil(side / MOST_ENLARGED)", "1"),
            ],},),
    *in_module('commands.colours', 'weights/test_convert.py', {MODULE: [
                ("a mean for torchvision", '(asked["order"] or model.preprocessing.order) != "BGR"', "False"),
                ("pixels of 0-1 pass", "if 0 < max(numbers) < 1:", "if False:"),
                ("any numbers", "len(numbers) != 3 or not all(least <= n < 1e6 for n in numbers)", "len(numbers) != 3"),
            ],},),
    *in_module('runs.state', 'runs/test_state.py', {MODULE: [
                ("epochs are not counted", 'if epoch["epoch"] != number:', "if False:"),
                ("numbers that are none", "isinstance(one, float) and not isfinite(one)", "False"),
            ],},),
]  # fmt: skip
