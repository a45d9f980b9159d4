"""The gradient check, and the pictures of what was measured."""

from .mutation import MODULE, in_module

MUTATIONS = [
    *in_module("gradient_check.contract", "gradient_check/test_contract.py gradient_check/test_check.py", {MODULE: [
                ("other outputs for one x", "if not _close(y, y_again):", "if False:"),
                ("gradients that add up", "if not _close(gradient, again):", "if False:"),
                ("missing gradients", "if by_parameters.keys() != expected:", "if False:"),
                ("gradients of other shapes", "if host.shape != value.shape:", "if False:"),
                ("gradients of other types", "if host.dtype != np.float64:", "if False:"),
                ("gradients that are none", "if bad.any():", "if False:"),
                ("what is given may change", "if changed.any():", "if False:"),
                ("x of one axis has no note", 'if values["x"].ndim == 1:', "if False:"),
                ("outputs of other types", "y.dtype != np.float64 or y.size == 0", "y.size == 0"),
            ],},),
    *in_module("gradient_check.elements", "gradient_check/test_elements.py gradient_check/test_slopes.py gradient_check/test_check.py", {MODULE: [
                ("any method", 'if method not in ("auto", *METHODS):', "if False:"),
                ("no directions", "0 if everywhere else DIRECTIONS", "0"),
                ("failures pass", "if failures:", "if False:"),
                ("errors that are none", "error if np.isfinite(error) else np.inf", "error"),
                ("the other half", "first if apart[0] > apart[1] else second", "second if apart[0] > apart[1] else first"),
                ("a direction is named first", "off_elements or elements + directions", "elements + directions"),
                ("all within a wide bound", 'TOLERANCE = {"complex": 1e-10, "central": 1e-6}', 'TOLERANCE = {"complex": 1e-1, "central": 1e-1}'),
            ],},),
    *in_module("gradient_check.held", "gradient_check/test_held.py", {"Held": [
                ("parameters that nobody holds", "if id(array) not in self._arrays:", "if False:"),
                ("one array for two", 'len(different) < len(parameters) or "x" in parameters', '"x" in parameters'),
                ("states are not set back", "state.update(values)", "pass"),
                ("generators are not set back", "generator.state = state", "pass"),
                ("the layer keeps copies", "self._put(self._arrays)", "pass"),
                ("lists are not looked into", "container[:] = [arrays.get(id(value), value) for value in items]", "pass"),
                ("dicts are not looked into", "container.update({k: arrays.get(id(v), v) for k, v in items})", "container.update(items)"),
            ],},),
    *in_module("gradient_check.slopes", "gradient_check/test_slopes.py gradient_check/test_check.py", {"Slopes": [
                ("half the slope", "(left + right).sum() / 2", "(left + right).sum() / 4", (1, 2)),
                ("the real part", "y.imag", "y.real"),
                ("imaginary parts are dropped", 'warnings.simplefilter("error", np.exceptions.ComplexWarning)', "pass"),
                ("no kinks", "abs(right - left) > 2 * slack and low <= given <= high", "False"),
                ("everything is a kink", "abs(right - left) > 2 * slack and low <= given <= high", "True"),
                ("lost imaginary parts pass", "if apart > 2 * kinks + 10 * change:", "if False:"),
                ("a step of no size", "max(largest, 1e-6) if largest else 1.0", "largest"),
            ],},),
    *in_module("gradient_check.report", "gradient_check/test_report.py gradient_check/test_slopes.py", {MODULE: [
                ("kinks are mistakes", "if self.kink:", "if False:"),
                ("parameters that are not read", 'self.measured == 0 and self.name != "x"', "False"),
            ],},),
    *in_module("gradient_check.arrays", "gradient_check/test_arrays.py gradient_check/test_contract.py", {MODULE: [
                ("whole numbers", 'if array.dtype.kind != "f":', "if False:"),
                ("nothing at all", "if array.size == 0:", "if False:"),
                ("the least", "abs(array).argmax()", "abs(array).argmin()"),
            ],},),
    *in_module("gradient_check.check", "gradient_check/test_check.py gradient_check/test_contract.py gradient_check/test_real_layers.py", {"check_layer": [
                ("the layer stays changed", "held.restore()", "pass"),
                ("dropout draws anew", "held.rewind()", "pass"),
                ("no dx", '"x" not in gradients and not (held.skips_dx and gradients)', "False"),
                ("always in testing", '{"train": train} if train or takes_train else {}', "{}"),
            ], "check_function": [
                ("several numbers", "if y.size != 1:", "if False:"),
            ],},),
    *in_module("pictures.kernels", "pictures/test_kernels.py", {"colour_shares": [
                ("grey is colour", "3 * (w.mean(1) ** 2).sum((1, 2))", "(w.mean(1) ** 2).sum((1, 2))"),
                ("the empty kernel is grey", "np.full(len(w), np.nan)", "np.zeros(len(w))"),
            ], "kernel_tiles": [
                ("all by the largest", "np.abs(kernel).max()", "np.abs(kernels).max()"),
                ("columns are rows", "f // columns * (KH + gap), f % columns * (KW + gap)", "f % columns * (KH + gap), f // columns * (KW + gap)"),
                ("zero is black", "0.5 + kernel.transpose(1, 2, 0) / largest / 2", "kernel.transpose(1, 2, 0) / largest / 2"),
            ],},),
    *in_module("pictures.curves", "pictures/test_curves.py", {MODULE: [
                ("steps before their epoch", '"steps-pre"', '"steps-post"'),
                ("drops are not drawn", 'entry["learning_rate"] < before["learning_rate"]', "False"),
                ("two runs in one style", "_style(place if alone else number, len(points))", "_style(0, len(points))"),
            ],},),
    *in_module("pictures.predictions", "pictures/test_predictions.py", {MODULE: [
                ("the right one is not marked", "right = name == prediction.truth", "right = False"),
                ("six bars", "prediction.classes[:5]", "prediction.classes[:6]"),
                ("names past the frame", "label.get_window_extent().width <= inches * label.figure.dpi", "True"),
                ("colours turned", "image.transpose(1, 2, 0)", "image[::-1].transpose(1, 2, 0)"),
            ],},),
    *in_module("pictures.source", "pictures/test_source.py", {MODULE: [
                ("decorators are shown", "lines[node.lineno - 1 :]", "lines"),
                ("the whole docstring", "if summary is not None:", "if False:"),
                ("signs of HTML", "html.escape(token.string, quote=False)", "token.string"),
            ],},),
    *in_module("pictures.style", "pictures/test_style.py", {MODULE: [
                ("two lines look alike", 'MARKERS = "os^Dv*PX"', 'MARKERS = "os^Dv*P"'),
                ("changes are not said", "number[:7] + dash + dirty", "number[:7]"),
                ("the first day alone", "dict.fromkeys((days[0], days[-1]))", "[days[0]]"),
                ("words past the edge", "textwrap.fill(words, letters)", "words"),
                ("the frame is closed", 'axes.spines[["top", "right"]].set_visible(False)', "pass"),
            ],},),
    *in_module("pictures.stages", "pictures/test_stages.py", {"stages": [
                ("what is pooled is not said", "replace(found[-1], pooled=True)", "found[-1]"),
                ("towers see their own half", "layer.groups == 1 and len(found) > 1", "False"),
                ("all neighbours", "layer.n // 2", "layer.n"),
            ],},),
]  # fmt: skip
