"""The exercises' engine."""

from .mutation import MODULE, in_module

ANSWERS = "exercises/test_answers.py"
CHECK = "exercises/test_check.py"
NOTICE = "exercises/test_notice.py"

MUTATIONS = [
    *in_module("exercises.compare", "exercises/test_compare.py", {"compare": [
                ("only the first result is compared", "for name, value in expected.items():", "for name, value in list(expected.items())[:1]:"),
            ],},),
    *in_module('exercises.trial', f"{ANSWERS} {CHECK}", {"call": [
                ("the case itself is handed out", "copy.deepcopy(case)", "case"),
            ], "try_part": [
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
                ("float32 is wrong", "RELATIVE, ABSOLUTE = 1e-5, 1e-7", "RELATIVE, ABSOLUTE = 1e-12, 1e-12"),
                ("edges say nothing", "wrong.ndim >= 2 and not _inside(wrong).any() and _inside(wrong).size", "False"),
            ],},),
    *in_module("exercises.progress", CHECK, {"progress": [
                ("all are solved", "solved += points == of", "solved += 1"),
            ],},),
    *in_module("exercises.result", CHECK, {"Result": [
                ("nothing yet is wrong", "len(self.blanks) == len(blanks(about.stub)) and not self.trouble", "False"),
                ("right after one part", "self.points == len(self.exercise.parts)", "self.points > 0"),
            ],},),
]  # fmt: skip
