"""The README's Python blocks run, and print what it says that they print."""

import re
from pathlib import Path

import pytest

README = (Path(__file__).resolve().parents[1] / "README.md").read_text()
BLOCKS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def printed(block, capsys):
    exec(compile(block, "README.md", "exec"), {})
    return capsys.readouterr().out


def test_the_layers_example_has_the_shapes_it_names(capsys):
    block = next(block for block in BLOCKS if "net.table" in block)
    block += "\nassert y.shape == (2, 96, 27, 27)\nassert dx.shape == x.shape\n"
    assert "96 x 55 x 55" in printed(block, capsys)


def test_the_gradient_check_prints_what_is_shown(capsys):
    block = next(block for block in BLOCKS if "check_layer" in block)
    found = printed(block, capsys)
    shown = re.search(r"prints\n\n```\n(.*?)```", README, re.DOTALL)[1]
    number = re.compile(r"\d\.\de-\d\d \(")  # the last bits depend on the machine
    assert number.sub("", found).strip() == number.sub("", shown).strip()


@pytest.mark.parametrize("path", re.findall(r"`(minialexnet/[\w/.]+)`", README))
def test_every_file_it_names_is_there(path):
    assert (Path(__file__).resolve().parents[1] / path).exists()
