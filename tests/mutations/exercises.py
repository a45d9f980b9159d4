"""The exercises' engine."""

from .mutation import MODULE, in_module, only

ANSWERS = "exercises/test_answers.py"
CHECK = "exercises/test_check.py"
NOTICE = "exercises/test_notice.py"
SOLVED = only(ANSWERS, "a_solution_passes")
WAITS = only(
    ANSWERS,
    "a_line_that_is_to_be_filled_in_is_told_and_no_mistake",
    "a_line_that_waits_elsewhere_takes_no_hint_away",
)
HOSTILE = only(CHECK, "what_goes_wrong_is_told_within_20_seconds")
NEIGHBOURS = only(CHECK, "neighbours_can_be_imported_and_pythons_own_modules_stay")

MUTATIONS = [
    *in_module("exercises.compare", "exercises/test_compare.py", {"compare": [
                ("only the first result is compared", "for name, value in expected.items():", "for name, value in list(expected.items())[:1]:"),
            ],},),
    *in_module('exercises.trial', f"{ANSWERS} {CHECK}", {"call": [
                ("the case itself is handed out", "copy.deepcopy(case)", "case"),
            ], MODULE: [
                ("only the last case counts", "difference is not None and first is None", "difference is not None and case is expected"),
            ],},),
    *in_module('exercises.exercise', ANSWERS, {"Exercise.version": [
                ("every version is right", "text.replace(mistake.old, mistake.new)", "text"),
            ],},),
    *in_module('exercises.blanks', f"{ANSWERS} {CHECK}", {"blanks": [
                ("an index is a blank", "name in ('slice', 'annotation', 'returns')", "name in ('annotation', 'returns')"),
            ], "number_of": [
                ("the name alone says the number", 'path.read_bytes()[:2000].decode(errors="replace")', '""'),
            ],},),
    *in_module('exercises.check', CHECK, {MODULE: [
                ("what was tried is not told", "len(tried) > len(ended)", "False"),
                ("a part too few is told", "exercise.parts[len(done):]", "exercise.parts[len(done) + 1:]"),
            ],},),
    *in_module('exercises.progress', CHECK, {"start": [
                ("a file is overwritten", "path.exists()", "False"),
            ],},),
    *in_module('exercises.result', CHECK, {"Result.gradescope": [
                ("every part scores", "int(part.passed)", "1"),
            ],},),
    *in_module('exercises.notice', NOTICE, {"try_tests": [
                ("broken versions are right", "exercise.version(mistake)", "exercise.version()"),
            ], MODULE: [
                ("the first test alone is run", "for name, function in tests.items():", "for name, function in list(tests.items())[:1]:"),
            ],},),
    *in_module('exercises.process', CHECK, {"run": [
                ("a process's own end is well", "events[-1][0] in ('done', 'unreadable')", "True"),
            ],},),
    *in_module("exercises.compare", "exercises/test_compare.py", {MODULE: [
                ("shapes are not compared", "if got.shape != expected.shape:", "if False:"),
                ("nothing is right", "if value is None or value is Ellipsis:", "if False:"),
                ("the wrong sign is a scale", "if np.isclose(got, -expected, RELATIVE, ABSOLUTE).all():", "if False:"),
                ("a scale where the other is not 0 alone", "np.allclose(got, ratios[0] * expected, RELATIVE, ABSOLUTE)", "np.allclose(ratios, ratios[0], RELATIVE)"),
                ("one number differs of one", "if self.size > 1:", "if self.size:"),
                ("zeros are a scale", "if got.size > 1 and not got.any():", "if False:"),
                ("float32 is wrong", "RELATIVE, ABSOLUTE = 1e-5, 1e-7", "RELATIVE, ABSOLUTE = 1e-12, 1e-12"),
                ("edges say nothing", "wrong.ndim >= 2 and not _inside(wrong).any() and _inside(wrong).size", "False"),
            ],},),
    *in_module("exercises.child", HOSTILE, {MODULE: [
                ("hours", "faulthandler.dump_traceback_later(float(seconds), exit=True, file=trace)", "pass"),
            ],},),
    *in_module("exercises.process", HOSTILE, {MODULE: [
                ("it may print without end", "self.too_much = count > PRINTED", "pass"),
                ("a crash is an exit", "if ending < 0:", "if False:"),
            ],},),
    *in_module("exercises.progress", CHECK, {"read_notes": [
                ("any notes", "if not isinstance(notes, dict):", "if False:"),
            ], "progress": [
                ("all are solved", "solved += points == of", "solved += 1"),
                ("any folder", "if not Path(folder).is_dir():", "if False:"),
            ],},),
    *in_module("exercises.result", WAITS, {"Result": [
                ("a hint for what is not written yet", "blank.inside in part.called", "False"),
                ("any line that waits takes the hint away", "blank.inside in part.called", "True"),
            ],},),
    *in_module("exercises.result", CHECK, {"Result": [
                ("nothing yet is wrong", "len(self.blanks) == len(blanks(about.stub)) and not self.trouble", "False"),
                ("right after one part", "self.points == len(self.exercise.parts)", "self.points > 0"),
            ],},),
    *in_module("exercises.part_result", CHECK, {"raised": [
                ("the line of our own file", "[frame for frame in frames if frame.filename == file]", "list(frames)"),
            ], MODULE: [
                ("dy of a forward is shown", '{k: v for k, v in case.items() if not (forward and k[:2] == "dy")}', "case"),
            ],},),
    *in_module("exercises.result", HOSTILE, {"Result": [
                ("what has printed is not shown", "if self.printed and not self.passed:", "if False:"),
            ],},),
    *in_module("exercises.student", NEIGHBOURS, {"load": [
                ("a student's random is Python's", "sys.path.append(folder)", "sys.path.insert(0, folder)"),
                ("neighbours are not found", "sys.path.append(folder)", "pass"),
                ("compiled copies stay", "sys.dont_write_bytecode = True", "pass"),
            ],},),
    *in_module("exercises.numbered.relu", SOLVED, {MODULE: [
                ("the size of x", "max(x[i], 0)", "abs(x[i])"),
            ],},),
    *in_module("exercises.numbered.convolution", SOLVED, {MODULE: [
                ("the stride is left out", "i * stride - padding + k", "i - padding + k"),
            ],},),
    *in_module("exercises.numbered.towers", SOLVED, {MODULE: [
                ("its own maps first", "y2[:, c], y2[:, C + c] = x1[:, c], x2[:, c]", "y2[:, c], y2[:, C + c] = x2[:, c], x1[:, c]"),
            ],},),
    *in_module("exercises.numbered.shapes", SOLVED, {MODULE: [
                ("rounded up", "first + kernel <= side + padding", "first + kernel - stride < side + padding"),
            ],},),
    *in_module("exercises.numbered.augmentation", SOLVED, {MODULE: [
                ("the rows and columns of the corner", "image[:, top + i, left + j]", "image[:, (left + i) % image.shape[1], top + j]"),
            ],},),
    *in_module("exercises.numbered.dropout", SOLVED, {MODULE: [
                ("testing is not scaled", "self.factor[...] = 1 - self.p", "self.factor[...] = 1"),
            ],},),
    *in_module("exercises.numbered.plateau", SOLVED, {MODULE: [
                ("one epoch too late", "self.waited >= self.patience", "self.waited > self.patience"),
            ],},),
    *in_module("exercises.numbered.ten_crops", SOLVED, {MODULE: [
                ("off by one at the far side", "low, right = H - size, W - size", "low, right = H - size - 1, W - size - 1"),
            ],},),
    *in_module("exercises.oracles.windowed", SOLVED, {"MaxPooling2D": [
                ("what was given before is lost", "dx[one] += dy[place]", "dx[one] = dy[place]"),
            ],},),
    *in_module("exercises.oracles.windowed", "layers/test_pooling.py", {"MaxPooling2D": [
                ("the smallest pixel", "max(value for value, _ in self.pixels(place))", "min(value for value, _ in self.pixels(place))"),
            ], "average_pooling": [
                ("padding is a pixel of 0", "total / len(pixels)", "total / (kernel[0] * kernel[1])"),
            ],},),
    *in_module("exercises.oracles.numbers", SOLVED, {"SoftmaxCrossEntropy": [
                ("backward without the mean", "(self.p[n, k] - t) / N", "(self.p[n, k] - t)"),
            ],},),
    *in_module("exercises.oracles.numbers", "layers/test_softmax.py", {"SoftmaxCrossEntropy": [
                ("a sum for the mean", "sum(losses) / len(losses)", "sum(losses)"),
            ],},),
    *in_module("exercises.oracles.numbers", "layers/test_lrn.py", {"LocalResponseNormalization": [
                ("the window is one map short", "range(first, first + self.n)", "range(first, first + self.n - 1)"),
            ],},),
    *in_module("exercises.oracles.numbers", "engine/test_philox.py", {"philox4x32_10": [
                ("nine rounds", "range(10)", "range(9)"),
            ],},),
    *in_module("exercises.oracles.numbers", "test_optimizer.py", {"MomentumSGD": [
                ("the decay outside the rate", "self.weight_decay * rate * self.w[i]", "self.weight_decay * self.w[i]"),
            ],},),
    *in_module("exercises.oracles.numbers", "layers/test_fully_connected.py", {"fully_connected": [
                ("no bias", "b[k] + sum(W[k, d] * x[n, d] for d in range(x.shape[1]))", "sum(W[k, d] * x[n, d] for d in range(x.shape[1]))"),
            ],},),
]  # fmt: skip
