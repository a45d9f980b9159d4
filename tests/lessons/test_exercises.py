"""What leads from the exercises to the lessons, and from a lesson to one click."""

import json
import re
import runpy
from pathlib import Path
from types import SimpleNamespace

import pytest

from minialexnet.exercises.numbered import NUMBERS, exercise
from minialexnet.files.recorded import recorded
from minialexnet.files.records import read_lines

ROOT = Path(__file__).resolve().parents[2]
LESSONS = ROOT / "lessons"


@pytest.mark.parametrize("number", NUMBERS)
def test_hints_lead_to_sections_that_the_lesson_has(number):
    found = exercise(number)
    text = (LESSONS / f"{found.lesson}.py").read_text()
    sections = set(re.findall(r"^# (.+)\n# -{4,}$", text, re.MULTILINE))
    named = {one.section for one in (*found.parts, *found.mistakes)}
    assert named <= sections
    assert f"It goes with lessons/{found.lesson}.py.\n" in found.stub


def one_click(monkeypatch, repository):
    monkeypatch.setenv("SITE_REPOSITORY", repository)
    return SimpleNamespace(**runpy.run_path(str(LESSONS / "site" / "one_click.py")))


def test_without_a_repository_there_is_no_button(monkeypatch, tmp_path):
    module = one_click(monkeypatch, "")
    assert module.write_button("lesson_01_relu") == ""
    module.write_notebooks(SimpleNamespace(outdir=tmp_path), None)
    assert not list(tmp_path.iterdir())


def test_the_button_leads_to_the_notebook_beside_the_wheel(monkeypatch, tmp_path):
    module = one_click(monkeypatch, "Owner/project")
    assert (
        "https://colab.research.google.com/github/Owner/project/blob/gh-pages/"
        "notebooks/lesson_01_relu.ipynb"
    ) in module.write_button("lesson_01_relu")
    notebook = {"cells": [{"source": ["1 + 1"]}]}
    module.add_install(notebook, "lesson.ipynb")
    (install,), (first,) = (cell["source"] for cell in notebook["cells"])
    assert first == "1 + 1" and json.dumps(notebook)
    assert re.fullmatch(
        r"%pip install -q https://owner\.github\.io/project/notebooks/"
        r"minialexnet-[\d.]+-py3-none-any\.whl",
        install,
    )


def test_the_guide_shows_the_recorded_table_of_webassembly():
    records = read_lines(recorded("wasm_check.jsonl"))  # of several runs
    guide = (LESSONS / "site" / "guides" / "lessons.rst").read_text()
    lines = [line.split() for line in guide.splitlines()]
    for record in records:
        if "run" in record:
            assert "-dirty" not in record["run"]["commit"]
            assert record["run"]["date"][:10] in guide
            assert record["run"]["commit"][:7] in guide
            continue
        assert "FAILED" not in record["result"]
        row = f"{record['program']} {record['seconds']} {record['result']}"
        assert row.split() in lines, row
    assert sum("program" in record for record in records) >= 16
