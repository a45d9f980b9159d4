"""Solutions pass, and eight wrong answers an exercise are told where they are wrong."""

import re

import pytest

from minialexnet.exercises.blanks import blanks
from minialexnet.exercises.numbered import NUMBERS, exercise
from minialexnet.exercises.result import Result
from minialexnet.exercises.trial import try_part
from tests.exercises.answers import ANSWERS
from tests.exercises.answers.filled import code, filled

ALL = [(n, i) for n in NUMBERS for i in range(8)]
FEW = [one for one in ALL if one in ((1, 2), (3, 0), (4, 0), (4, 1), (8, 0), (10, 0))]
REST = [pytest.param(*one, marks=pytest.mark.slow) for one in ALL if one not in FEW]


def squeezed(text):
    return re.sub(r"\s", "", text)


def assert_no_solution(number, told):
    """Assert that no line of the solution stands in what is told."""
    for text in ANSWERS[number].fill:
        for line in text.splitlines():
            if len(squeezed(line)) > 8:
                assert squeezed(line) not in squeezed(told)


def results_of(number, text):
    found, code_ = exercise(number), code(text)
    return tuple(try_part(found, part, code_, "answer.py") for part in found.parts)


def told_of(number, text):
    parts, empty = results_of(number, text), tuple(blanks(text))
    return str(Result(exercise(number), "answer.py", parts, blanks=empty))


def results(number, fill):
    return results_of(number, filled(exercise(number).stub, fill))


def text_of(number, wrong):
    answer = ANSWERS[number]
    return [wrong.fill.get(place, text) for place, text in enumerate(answer.fill)]


@pytest.mark.parametrize("number", NUMBERS)
def test_a_solution_passes(number):
    assert [one.what for one in results(number, ANSWERS[number].fill) if one.what] == []


@pytest.mark.parametrize(("number", "which"), [*FEW, *REST])
def test_a_wrong_answer_is_told_where_and_why(number, which):
    wrong = ANSWERS[number].wrong[which]
    found = results(number, text_of(number, wrong))
    first = next(one for one in found if not one.passed)
    assert (first.part, first.array, first.kind) == (
        wrong.part,
        wrong.array,
        wrong.kind,
    )
    assert "expected" in first.what and "got" in first.what
    assert first.array in first.what
    assert_no_solution(number, first.what + first.hint)
    # The parts before it do not hang on what is wrong here.
    assert all(one.passed for one in found[: found.index(first)])


@pytest.mark.parametrize("number", NUMBERS)
def test_there_are_eight_wrong_answers_and_eight_mistakes(number):
    assert len(ANSWERS[number].wrong) == len(exercise(number).mistakes) == 8
    places = [tuple(one.fill.items()) for one in ANSWERS[number].wrong]
    assert len(set(places)) == 8


@pytest.mark.slow
@pytest.mark.parametrize("number", NUMBERS)
def test_every_mistake_of_the_reference_is_told_as_itself(number):
    found = exercise(number)
    for mistake in found.mistakes:
        version = found.version(mistake)
        tried = [try_part(found, part, version, "") for part in found.parts]
        first = next(one for one in tried if not one.passed)
        assert first.kind == mistake.kind


@pytest.mark.parametrize("number", NUMBERS)
def test_nothing_of_the_solution_stands_in_stub_or_hints(number):
    found = exercise(number)
    told = found.stub + "".join(one.hint + one.kind for one in found.mistakes)
    assert_no_solution(number, told)


def test_names_files_and_titles_agree():
    for number in NUMBERS:
        found = exercise(number)
        assert found.number == number
        assert found.name.startswith(f"exercise_{number:02d}_")
        assert f'"""Exercise {number}: ' in found.stub
        assert f"minialexnet exercise check {found.name}.py" in found.stub
        assert all(f" {name}" in found.stub for name in found.names)
    with pytest.raises(ValueError, match="1 to 12, got 13"):
        exercise(13)


def test_a_mistake_that_fits_nowhere_is_refused():
    found = exercise(1)
    with pytest.raises(ValueError, match="expected 'no such text' once, found it 0"):
        found.version(found.mistakes[0].__class__("", "no such text", "", "", ""))


@pytest.mark.parametrize(
    ("number", "place", "inside"),
    [(5, 0, "as_one"), (10, 1, "MomentumSGD.step"), (11, 1, "PlateauRate.update")],
)
def test_a_line_that_is_to_be_filled_in_is_told_and_no_mistake(number, place, inside):
    fill = list(ANSWERS[number].fill)
    fill[place] = "..."
    text = filled(exercise(number).stub, fill)
    told = told_of(number, text)
    line = blanks(text)[0].line
    assert f"Line {line}, in {inside}, is still to be filled in: ..." in told
    assert "Hint" not in told


def test_a_line_that_waits_elsewhere_takes_no_hint_away():
    told = told_of(1, exercise(1).stub.replace("y = ...", "y = np.abs(x)", 1))
    assert "Hint: " in told and "filled in" not in told


def test_a_rate_that_never_falls_is_right_only_where_it_should_not_fall():
    found = results(11, ("self.learning_rate", "..."))
    assert [one.passed for one in found] == [True, False, False, False]


def test_a_crop_that_begins_too_far_down_is_told_in_numbers():
    fill = list(ANSWERS[7].fill)
    fill[2] = "H"
    told = next(one.what for one in results(7, fill) if not one.passed)
    assert told == "how many rows a crop can begin at: expected 2, got 5"


def test_an_argument_that_is_changed_is_told():
    found = results(1, ("np.maximum(x, 0, out=x)", *ANSWERS[1].fill[1:]))
    assert found[0].kind == "changed argument" and "x was changed" in found[0].what
