"""The mutation run: broken code must not pass the tests."""

import os
import re
import shutil
import subprocess
from functools import cache

import pytest

from tests import mutations
from tests.mutations.choice import changed_since, chosen
from tests.mutations.equivalent import EQUIVALENT
from tests.mutations.match import MatchError, replace
from tests.mutations.mutation import in_module, in_text
from tests.mutations.run import ROOT, survivors


@cache
def text_of(file):
    return (ROOT / "tests" / file).read_text()


def test_every_mutation_still_fits_the_code_and_has_a_name_of_its_own():
    every = [*mutations.MUTATIONS, *EQUIVALENT]
    for mutation in every:
        source = (ROOT / "minialexnet" / mutation.file).read_text()
        assert mutation.broken(source) != source, mutation
        assert mutation.old != mutation.new, mutation
        for file, _, name in (test.partition("::") for test in mutation.tests):
            assert f"def {name}(" in text_of(file) or not name, mutation
    names = [(mutation.file, mutation.name) for mutation in every]
    assert len(set(names)) == len(names) >= 1100


def test_a_mutation_names_public_definitions_only():
    for mutation in mutations.MUTATIONS:
        names = (mutation.definition or "").split(".")
        assert all(re.fullmatch(r"__\w+__|(?!_)\w*", n) for n in names), mutation


@pytest.mark.mutation
def test_no_mutation_survives():
    assert survivors(mutations.MUTATIONS, os.cpu_count() or 1) == []


SOURCE = '''\
"""A module with « letters » of several bytes."""
RATE = 2


class Layer:
    def forward(self, x, é=None):
        """Return y."""
        y = self.scale(x, kind="é", count=3)  # a remark
        if (
            x > 0  # positive
            and y
        ):
            y += 1
        elif y < 0:
            y -= 1
        with open(x) as a, open(y):
            x = 2
            y = 3
        return (x
                + y)[..., :: -1]

    def backward(self, dy):
        return dy * RATE


def total(x):
    return sum(x + y for y in x), f"{x}"
'''


@pytest.mark.parametrize(
    ("definition", "old", "new", "before", "after"),
    [
        ("Layer.forward", "x+y", "x - y", "(x\n                + y)", "((x - y))"),
        ("Layer.forward", "x > 0 and y", "y or x",
         "x > 0  # positive\n            and y", "(y or x)"),
        ("Layer.forward", "y+=1", "pass", "y += 1", "pass"),
        ("Layer.forward", "y += 1", "x\ny = 4", "y += 1", "x\n            y = 4"),
        ("Layer.forward", "x=2\ny=3", "pass", "x = 2\n            y = 3", "pass"),
        ("Layer.forward", "if x>0 and y:", "if False:",
         "if (\n            x > 0  # positive\n            and y\n        ):",
         "if False:"),
        ("Layer.forward", "if y<0:", "if True:", "elif y < 0:", "elif True:"),
        ("Layer.forward", "with open(x) as a, open(y):", "if 1:",
         "with open(x) as a, open(y):", "if 1:"),
        ("Layer.forward", "count=3", "count=4", "count=3", "count=4"),
        ("Layer.forward", "count=3", "", ", count=3)", ", )"),
        ("Layer.forward", "3", "4", "y = 3", "y = (4)"),
        ("Layer", "dy*RATE", "dy", "dy * RATE", "(dy)"),
        ("", "RATE = 2", "RATE = 3", "RATE = 2", "RATE = 3"),
        ("total", "(x + y for y in x)", "[0]", "(x + y for y in x)", "([0])"),
    ],
)  # fmt: skip
def test_a_piece_is_found_by_its_tree_and_nothing_else_is_touched(
    definition, old, new, before, after
):
    source = SOURCE.replace("count=3", "count=30") if old == "3" else SOURCE
    assert source.count(before) == 1
    assert replace(source, definition, old, new) == source.replace(before, after)


@pytest.mark.parametrize(
    ("definition", "old", "new", "message"),
    [
        ("Layer.forward", "dy * RATE", "dy", "once in Layer.forward, found it nowhere"),
        ("total", "RATE", "1", "once in total, found it nowhere"),
        ("Layer", "self.x", "1", "once in Layer, found it nowhere"),
        ("", "x + y", "x", "once in the module, found it in the lines 19, 27: quote"),
        ("forward", "x + y", "x", "expected a definition forward, found none"),
        ("Layer.forward", "y +", "y", "'y +' is no expression, statement, first line"),
        ("Layer.forward", "if y +:", "if y:", "'if y +:' is no first line"),
        ("Layer.forward", "y += 1", "y +", "is no Python"),
    ],
)
def test_what_does_not_fit_is_refused(definition, old, new, message):
    with pytest.raises(MatchError, match=re.escape(message)):
        replace(SOURCE, definition, old, new)


def test_which_of_equal_pieces_is_said_by_number():
    changed = SOURCE.replace("RATE = 2", "RATE = 5")
    assert replace(SOURCE, "", "2", "5", (1, 2)) == changed.replace("5", "(5)")
    assert replace(SOURCE, "", "2", "5", (2, 2)) == SOURCE.replace("x = 2", "x = (5)")
    for occurrence in [(1, 1), (1, 3)]:
        with pytest.raises(MatchError, match="found it in the lines 2, 17"):
            replace(SOURCE, "", "2", "5", occurrence)


def test_a_mutation_knows_its_file_and_its_dotted_name():
    rows = [("no sum", "x + y", "x")]
    (mutation,) = in_module(
        "layers.lrn", "test_a.py test_b.py", {"Layer.forward": rows}
    )
    assert mutation.target == "minialexnet.layers.lrn.Layer.forward"
    assert mutation.file == "layers/lrn.py"
    assert mutation.tests == ("test_a.py", "test_b.py")
    assert "((x))[" in mutation.broken(SOURCE)


def test_text_is_found_as_it_stands_and_once(tmp_path):
    (mutation,) = in_text("a.cu", "test_gpu.py", [("below", "i < n", "i <= n")])
    (tmp_path / "minialexnet").mkdir()
    file = tmp_path / "minialexnet" / "a.cu"
    file.write_text("if (i < n)\n")
    mutation.apply(tmp_path)
    assert file.read_text() == "if (i <= n)\n"
    with pytest.raises(MatchError, match=r"a\.cu: below: expected 'i < n' once, found"):
        mutation.apply(tmp_path)


def some_mutations():
    """Return twenty of one module and one of another."""
    rows = [(f"row {i}", "x", "y") for i in range(20)]
    return [
        *in_module("layers.lrn", "layers/test_lrn.py", {"f": rows}),
        *in_module("data.lists", "data/test_lists.py", {"g": [("empty", "x", "")]}),
    ]


@pytest.mark.parametrize(
    "file", ["minialexnet/data/lists.py", "tests/data/test_lists.py"]
)
def test_a_change_asks_for_the_mutations_of_its_files_and_a_tenth(file):
    every = some_mutations()
    assert chosen(every, "", {file}, "") == every[20:]
    assert chosen(every, "lrn", {file}, "") == []
    found = chosen(every, "", {file}, "0a1b")
    assert found[-1] == every[20]
    assert found == [m for m in every if m in found]  # each once, in their order
    drawn = {tuple(chosen(every, "", None, str(seed))) for seed in range(20)}
    assert {len(some) for some in drawn} == {3}
    assert set().union(*drawn) == set(every)
    assert chosen(every, "", None, "0a1b") == chosen(every, "", None, "0a1b")
    assert chosen(every, "", None, "") == every
    both = {"minialexnet/data/lists.py", "minialexnet/layers/lrn.py"}
    few = chosen(every, "", both, "0a1b", most=5)
    assert len(few) == 5 and few == [m for m in every if m in few]
    assert chosen(every, "", both, "0a1b", most=21) == every


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_files_that_differ_from_a_commit_are_found(tmp_path):
    def git(*words):
        subprocess.run(["git", *words], cwd=tmp_path, check=True, capture_output=True)

    git("init")
    for name in ("old.py", "new.py", "moved.py"):
        (tmp_path / name).write_text(name)
    git("add", ".")
    git("-c", "user.name=n", "-c", "user.email=e", "commit", "-m", "first")
    (tmp_path / "new.py").write_text("changed")
    (tmp_path / "moved.py").rename(tmp_path / "to.py")
    git("add", ".")
    assert changed_since("HEAD", tmp_path) == {"new.py", "moved.py", "to.py"}
    with pytest.raises(ValueError, match="expected a commit, got 'nothing'"):
        changed_since("nothing", tmp_path)
