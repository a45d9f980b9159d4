import pytest

from minialexnet import cli
from minialexnet.exercises.numbered import exercise
from tests.exercises.answers import ANSWERS
from tests.exercises.answers.filled import filled


@pytest.fixture
def write(tmp_path):
    """Write an exercise's file with its solution, of which some places differ."""

    def written(number, fill=None, folder=tmp_path):
        answer = enumerate(ANSWERS[number].fill)
        found = exercise(number)
        path = folder / f"{found.name}.py"
        text = filled(found.stub, [(fill or {}).get(i, text) for i, text in answer])
        path.write_text(text, encoding="utf-8")
        return path

    return written


@pytest.fixture
def program(capsys):
    """Run the command here; return its code and both outputs."""

    def run(*words):
        code = cli.main(["exercise", *map(str, words)])
        return code, *capsys.readouterr()

    return run
