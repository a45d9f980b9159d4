"""Files as students hand them in: right, wrong, empty, endless and crashing ones."""

import json
import time

import numpy as np
import pytest

import minialexnet
from minialexnet.exercises import check, start
from minialexnet.exercises.blanks import blanks, number_of
from minialexnet.exercises.numbered import NUMBERS, exercise
from minialexnet.exercises.part_result import raised, wrong

# What a body of ReLU's forward does, and what the check says of it.
HOSTILE = {
    "while True: pass": "it was still running after 2 s, at line 27 in forward",
    "import ctypes; ctypes.string_at(0)": "it crashed (SIGSEGV), at line 27 in forward",
    "import os; os._exit(0)": "it ended itself with exit code 0 before the check",
    "[print('y' * 1000) for _ in range(10**6)]": "it printed more than 1,048,576 bytes",
    "raise SystemExit(3)": "SystemExit: 3, at line 27: raise SystemExit(3)",
    "print('look', x.shape); y = -x": "Your code printed: look (1, 5) look (2, 3)",
    "y = input()": "EOFError: EOF when reading a line, at line 27: y = input()",
    "y = x[None]": "y: expected shape (1, 5), got shape (1, 1, 5)",
    "y = None": "y: expected an array of shape (1, 5), got nothing (None)",
    "y = 'text'": "y: expected an array of shape (1, 5), got str 'text'",
    "y = x * np.nan": "There is an infinite number",
    "x[x < 0] = 0; y = x": "x was changed",
    "y = x.sum(axis=1)": "expected shape (1, 5), got shape (1,)",
    "y = y": "UnboundLocalError",
}
IN_A_PROCESS = list(HOSTILE)[:4]


def hostile(words):
    return exercise(1).stub.replace("y = ...  # from x\n", f"{words}\n", 1)


@pytest.mark.slow
@pytest.mark.parametrize("words", HOSTILE)
def test_what_goes_wrong_is_told_within_20_seconds(tmp_path, words):
    path = tmp_path / "exercise_01.py"
    path.write_text(hostile(words))
    begun = time.monotonic()
    result = check(path, seconds=2 if words.startswith("while") else 13)
    assert time.monotonic() - begun < 20
    assert not result.parts[0].passed
    assert HOSTILE[words] in " ".join(str(result).split())
    if words in IN_A_PROCESS:
        assert '(while "forward of ReLU" was tried)' in result.trouble


def test_a_crash_keeps_the_parts_before_it(write):
    result = check(write(1, {3: "__import__('os')._exit(7)"}))
    assert [part.passed for part in result.parts] == [True, True, True, False, False]
    assert "exit code 7" in result.trouble and "backward of Tanh" in result.trouble


@pytest.mark.parametrize(
    "number", [4, *(pytest.param(n, marks=pytest.mark.slow) for n in NUMBERS if n != 4)]
)
def test_an_empty_stub_is_told_kindly(number, tmp_path):
    first = blanks(exercise(number).stub)[0]
    path = start(number, tmp_path)
    assert number_of(path) == number
    result = check(path)
    text = " ".join(str(result).split())
    assert f"Begin with line {first.line}, in {first.inside}" in text
    assert "a fair start" in text and "WRONG" not in text and "Error" not in text
    assert result.points == 0 and not result.passed


@pytest.mark.slow
def test_a_part_at_a_time_counts(tmp_path):
    path = tmp_path / "exercise.py"
    path.write_text(exercise(1).stub.replace("y = ...", "y = np.maximum(x, 0)", 1))
    result = check(path)
    assert [part.passed for part in result.parts] == [True, *4 * [False]]
    assert "Line 31, in ReLU.backward, is still to be" in str(result)


@pytest.mark.slow
def test_names_with_backslashes_spaces_and_letters_are_no_hindrance(tmp_path):
    folder = tmp_path / "C:\\new\\Übung 1"
    folder.mkdir()
    path = folder / "exercise_01 (kopie é).py"
    text = hostile("[0 for _ in iter(int, 1)]").replace("\n", "\r\n")
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())
    result = check(str(path), seconds=2)
    assert "still running after 2 s, at line 27 in <listcomp>" in result.trouble or (
        "still running after 2 s, at line 27 in forward" in result.trouble
    )
    assert number_of(folder / "none.py") is None
    assert number_of(folder / "Exercise-07b.py") == 7


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("x = (", "SyntaxError at line 2: '(' was never closed"),
        pytest.param(
            "import no_such_module",
            "ModuleNotFoundError at line 2",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            "raise SystemExit", "SystemExit at line 2", marks=pytest.mark.slow
        ),
        pytest.param("'\0'", "null bytes", marks=pytest.mark.slow),
    ],
)
def test_a_file_that_cannot_be_read_is_told_at_its_line(tmp_path, text, told):
    path = tmp_path / "mine.py"
    path.write_text(f"# Exercise 1\n{text}\n")
    assert told in check(path).trouble


@pytest.mark.slow
def test_neighbours_can_be_imported_and_pythons_own_modules_stay(
    write, tmp_path, monkeypatch
):
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    (tmp_path / "wave.py").write_text("raise RuntimeError")
    (tmp_path / "mine.py").write_text("import wave\nTWO = 2")
    path = write(1, {3: "dy * (1 - self.y ** __import__('mine').TWO)"})
    assert check(path).passed
    assert not list(tmp_path.rglob("*.pyc"))


def test_an_error_is_told_at_the_students_line_with_what_the_call_was_given():
    text = "import numpy as np\nnp.reshape(np.ones(3), 2)\n"
    part = exercise(1).parts[0]
    with pytest.raises(ValueError) as caught:
        exec(compile(text, "mine.py", "exec"), {})
    assert raised(part, {}, caught.value, "mine.py").line == 2
    case = {"x": np.ones(2), "dy": np.ones(2)}
    assert "dy" not in wrong(part, case, array="y").settings
    assert "dy" in wrong(part, case, array="dx").settings
    assert "dy" not in wrong(part, {"dy1": np.ones(2)}, array="y1").settings


def test_a_file_of_no_exercise_is_refused(tmp_path):
    path = tmp_path / "solution.py"
    path.write_text("pass")
    with pytest.raises(ValueError, match="expected a file that names its exercise"):
        check(path)
    with pytest.raises(ValueError, match="1 to 12, got 0"):
        check(path, number=0)
    with pytest.raises(FileNotFoundError):
        check(tmp_path / "no_such_file.py")


class Theirs:
    """A layer as another framework may have it: lists, no train, a list for y."""

    def __init__(self, kernel_size, stride):
        self.layer = minialexnet.MaxPooling2D(kernel_size, stride)
        self.params, self.grads = {}, {}

    def forward(self, x):
        return self.layer.forward(x)

    def backward(self, dy):
        return self.layer.backward(dy).tolist()


def convolution(W, b, stride, padding):
    F, C, *size = W.shape
    layer = minialexnet.Convolution2D(C, F, tuple(size), stride, padding)
    layer.params = {"W": W, "b": b}
    return layer


def test_layers_at_hand_are_checked_where_they_are():
    result = check(4, MaxPooling2D=minialexnet.MaxPooling2D)
    assert result.passed and "6 of 6 parts are right" in repr(result)
    lrn = minialexnet.LocalResponseNormalization
    assert check(3, LocalResponseNormalization=lrn).passed
    wrong = check(3, LocalResponseNormalization=lambda **k: lrn(**(k | {"n": 1})))
    assert wrong.parts[0].array == "y" and not wrong.passed
    with pytest.raises(
        ValueError, match="expected ReLU, Tanh by their names, got ReLU"
    ):
        check(1, ReLU=minialexnet.ReLU)


def test_a_layer_of_another_framework_is_checked_alike():
    result = check(4, MaxPooling2D=Theirs)
    assert result.passed


def test_where_no_process_can_start_the_file_runs_here(write, monkeypatch):
    def none(*arguments, **options):
        raise OSError("emscripten does not support processes.")

    monkeypatch.setattr("subprocess.Popen", none)
    assert check(write(8)).passed
    assert "a fair start" in str(check(start(9, write(8).parent)))


def test_the_command_starts_checks_and_notes(program, tmp_path):
    code, output, errors = program("start", "10", tmp_path / "new" / "folder")
    path = tmp_path / "new" / "folder" / "exercise_10_momentum_sgd.py"
    assert (code, errors) == (0, "") and f"exercise check {path}" in output
    text = path.read_text()
    text = text.replace(
        "self.v = ...", "self.v = self.momentum * self.v - self.learning_rate * dw"
    )
    path.write_text(
        text.replace("        ...  # move", "        self.w += self.v  # move")
    )
    results = tmp_path / "results.json"
    code, output, errors = program("check", path, "--json", "--gradescope", results)
    assert (code, errors) == (1, "")
    found = json.loads(output)
    assert (found["exercise"], found["points"], found["of"]) == (10, 0, 3)
    assert found["parts"][0]["array"] == "w after step 1"
    assert found["parts"][0]["index"] == [0, 0]
    tests = json.loads(results.read_text())["tests"]
    assert [one["score"] for one in tests] == [0, 0, 0]
    assert tests[0]["name"] == "Exercise 10: one step" and tests[0]["max_score"] == 1
    assert "expected" in tests[0]["output"]
    code, output, _ = program("progress", path.parent)
    assert code == 0 and "0 of 3 parts" in output and "0 of 12 exercises" in output
    assert program("start", "10", path.parent)[0] == 2
    assert path.read_text() != exercise(10).stub


def test_the_command_refuses_in_one_line(program, tmp_path):
    (tmp_path / "progress.json").write_text("[1, 2]")
    for words in (
        ("start",), ("start", "1", "a", "b"), ("start", "one"), ("start", "13"),
        ("check", tmp_path / "none.py"), ("check", tmp_path), ("progress", tmp_path),
        ("progress", tmp_path / "none"),
    ):  # fmt: skip
        code, output, errors = program(*words)
        assert (code, output, errors.count("\n")) == (2, "", 1), words


def test_all_stubs_are_written_and_what_is_there_stays(program, tmp_path):
    (tmp_path / "exercise_08_dropout.py").write_text("mine")
    code, output, _ = program("start", "--all", tmp_path)
    assert code == 0 and output.count("Written: ") == 11
    assert len(list(tmp_path.glob("exercise_*.py"))) == 12
    assert (tmp_path / "exercise_08_dropout.py").read_text() == "mine"
    code, output, _ = program("list")
    assert code == 0 and all(exercise(n).title in output for n in NUMBERS)


@pytest.mark.slow
def test_notes_that_are_none_are_left_alone(program, write, tmp_path):
    (tmp_path / "progress.json").write_text("[1, 2")
    assert check(write(10)).passed
    assert (tmp_path / "progress.json").read_text() == "[1, 2"
    assert program("progress", tmp_path)[0] == 2


def test_what_is_to_fill_in_is_no_index_and_no_type():
    text = (
        "class A:\n    def f(self, x: tuple[int, ...]):\n        x[..., 0] = ...  # 1\n"
    )
    assert blanks(text) == [(3, "x[..., 0] = ...", "A.f")]
    assert blanks(text.replace("= ...", "= 1").encode()) == []
