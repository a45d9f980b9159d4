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
]  # fmt: skip
