"""Figure 2's script: what it says of each network, and its command."""

from pathlib import Path

import figure_2_architecture as figure_2
import pytest
from PIL import Image

from minialexnet.profiles import PROFILES

ROOT = Path(__file__).resolve().parents[2]


def test_the_note_counts_what_the_paper_counts():
    text = figure_2.note("2012")
    assert "150,528 inputs" in text
    numbers = "290,400 - 186,624 - 64,896 - 64,896 - 43,264 - 4,096 - 4,096 - 1,000"
    assert f"neurons {numbers}: 659,272 in all" in text
    assert "60,965,224 parameters" in text


@pytest.mark.parametrize(
    ("profile", "crosses", "joined"),
    [
        ("paper", True, True),
        ("caffe", True, True),
        ("2012", True, False),
        ("torchvision", False, False),
    ],
)
def test_the_note_explains_the_lines_that_are_there(profile, crosses, joined):
    text = figure_2.note(profile)
    assert ("are dashed" in text) is crosses
    assert ("Dotted" in text) is joined


def test_every_profile_has_a_title():
    assert figure_2.WORDS.keys() == PROFILES.keys()


def test_the_command_draws(tmp_path, capsys):
    out = tmp_path / "new"
    assert figure_2.main(["--profile", "2012", "--out", str(out)]) == 0
    assert str(out / "figure_2.png") in capsys.readouterr().out
    with Image.open(out / "figure_2.png") as picture:
        assert picture.width > 1200
    assert "Figure 2 redrawn" in (out / "figure_2.svg").read_text()


def test_a_folder_that_cannot_be_is_answered_in_a_line(capsys):
    assert figure_2.main(["--out", "/dev/null/figures"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("figure_2: ")
    assert error.count("\n") == 1


def test_the_picture_in_the_repository_is_what_the_script_draws(tmp_path):
    assert figure_2.main(["--out", str(tmp_path)]) == 0
    with (
        Image.open(ROOT / "figures" / "figure_2.png") as kept,
        Image.open(tmp_path / "figure_2.png") as drawn,
    ):
        assert kept.size == drawn.size
