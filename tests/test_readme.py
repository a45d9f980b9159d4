"""README, CONTRIBUTING and the guides: what they name exists, and what they show runs.

Their Python blocks run. Their commands are started and stopped as soon as they have
read their options. The files, guides and options that the text names are looked for.
"""

import argparse
import configparser
import importlib.util
import re
import runpy
import shlex
from pathlib import Path

import pytest

from minialexnet.commands.which_model import about_shipped
from minialexnet.files.records import read_lines

ROOT = Path(__file__).resolve().parents[1]
GUIDES = ROOT / "lessons" / "site" / "guides"
MARKDOWN = [ROOT / "README.md", ROOT / "CONTRIBUTING.md"]
PAGES = {path.name: path for path in (*MARKDOWN, *sorted(GUIDES.glob("*.rst")))}
BASES = (ROOT, ROOT / "minialexnet", ROOT / "figures")  # of the paths in the text
FOLDERS = ("minialexnet/", "figures/", "lessons/", "tests/", ".ci/")
PLAIN = ("git", "cd", ".venv/bin/jupyter")  # words of others, which are not tried

SETTINGS = configparser.ConfigParser()
SETTINGS.read(ROOT / "setup.cfg")
MARKERS = re.findall(r"^(\w+):", SETTINGS["tool:pytest"]["markers"], re.MULTILINE)
TARGETS = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)


def blocks(path):
    """Return the blocks of a page, in order, as (language, text)."""
    text = path.read_text()
    if path.suffix == ".md":
        found = re.findall(r"^( *)```(\w*)\n(.*?)^\1```", text, re.M | re.S)
        return [(language, block) for _, language, block in found]
    form = r"^\.\. code-block:: (\w+)\n\n((?: {3}.*\n|\n)+)"
    found = re.findall(form, text, re.MULTILINE)
    return [(word, re.sub("^ {3}", "", block, flags=re.M)) for word, block in found]


def literals(path):
    """Return what a page sets in the type of code within its sentences."""
    text = path.read_text()
    if path.suffix == ".md":
        text = re.sub(r"^ *```.*?^ *```$", "", text, flags=re.MULTILINE | re.DOTALL)
        return re.findall(r"`([^`]+)`", text)
    return re.findall(r"``([^`]+)``", text)


COMMANDS = [
    (name, line)
    for name, path in PAGES.items()
    for language, block in blocks(path)
    if language == "sh"
    for line in block.splitlines()
    if shlex.split(line, comments=True)
]
SCRIPTS = [  # of Slurm: what srun starts, with what the script puts in
    (name, line[line.index(".venv/") :].replace("$resume", "--resume"))
    for name, path in PAGES.items()
    for language, block in blocks(path)
    if language == "bash"
    for line in block.replace("\\\n", " ").splitlines()
    if ".venv/" in line
]


class ParsedError(Exception):
    """The options of a command were read, and it was about to work."""


@pytest.fixture
def parse(monkeypatch):
    """Start a program, as `python WORDS` does, until it has read its options."""
    read = argparse.ArgumentParser.parse_args

    def stop(self, *arguments):
        read(self, *arguments)
        raise ParsedError

    def start(*words):
        monkeypatch.setattr("sys.argv", list(words if words[0] != "-m" else words[1:]))
        try:
            if words[0] == "-m":
                runpy.run_module(words[1], run_name="__main__")
            else:
                runpy.run_path(str(ROOT / words[0]), run_name="__main__")
        except ParsedError:
            pass
        except SystemExit as error:  # --help ends with 0
            assert error.code == 0, "an option is not known"

    monkeypatch.setattr(argparse.ArgumentParser, "parse_args", stop)
    return start


def run_pytest(words):
    for option, value in zip(words[::2], words[1::2], strict=False):
        assert option in ("-m", "-k")
        assert option != "-m" or value in MARKERS
    if len(words) % 2:
        assert (ROOT / words[-1]).is_file()


def run_make(words, parse):
    target, *rest = words
    assert target in TARGETS
    arguments = shlex.split(rest[0].removeprefix("ARGS=")) if rest else []
    if target == "test":
        run_pytest(arguments)
    elif target == "figure-1":
        parse("figures/figure_1_relu_vs_tanh.py", *arguments)
    else:
        assert not arguments


@pytest.mark.parametrize(("page", "line"), COMMANDS + SCRIPTS)
def test_a_command_is_understood(page, line, parse):
    words = shlex.split(line, comments=True)
    while re.match(r"[A-Z_]+=", words[0]):
        words = words[1:]
    if words[0].endswith("mpiexec"):
        assert words[1] == "-n" and words[2].isdigit()
        words = words[3:]
    match words:
        case ["make", *rest]:
            run_make(rest, parse)
        case [".venv/bin/minialexnet", *rest]:
            parse("-m", "minialexnet", *rest)
        case [".venv/bin/python", "-m", "pytest", *rest]:
            run_pytest(rest)
        case [".venv/bin/python", lesson] if lesson.startswith("lessons/"):
            assert (ROOT / lesson).is_file()
        case ["python3", "tests/gpu_check.py", *rest]:
            parse("tests/on_gpu/__main__.py", *rest)
        case [".venv/bin/python" | "python3", *rest]:
            parse(*rest)
        case [".venv/bin/pip", "install", "-e", extras]:
            known = SETTINGS["options.extras_require"]
            assert all(extra in known for extra in extras[2:-1].split(","))
        case [".venv/bin/pip", "install", _]:
            pass
        case [word, *_]:
            assert word in PLAIN


@pytest.mark.parametrize("page", PAGES)
def test_the_python_runs_and_prints_what_is_shown(page, capsys, monkeypatch):
    monkeypatch.chdir(ROOT)
    names, found = {}, ""
    for language, block in blocks(PAGES[page]):
        if language == "python":
            exec(compile(block, page, "exec"), names)
            found = capsys.readouterr().out
        elif language == "text":
            number = re.compile(
                r"\d\.\de-\d\d \("
            )  # the last bits depend on the machine
            assert number.sub("", found).strip() == number.sub("", block).strip()
    if page == "README.md":
        first, *_, last = map(float, found.split())
        assert abs(first - 2.30) < 0.01 and last < 1.5
    if page == "network.rst":
        assert names["y"].shape == (2, 96, 27, 27) and "96 x 55 x 55" in found
        assert names["dx"].shape == names["x"].shape
    if page == "2012-files.rst":
        assert "60,965,224" in found


@pytest.mark.parametrize("page", PAGES)
def test_every_file_it_names_is_there(page):
    path = PAGES[page]
    for name in literals(path):
        known = name.startswith(FOLDERS) or name.endswith((".py", ".cu", ".md"))
        if re.fullmatch(r"[\w.*/-]+", name) and known and "NAME" not in name:
            assert any(list(base.glob(name.rstrip("/"))) for base in BASES), name
    form = (
        r"\]\(([^)#]+)\)|<([\w-]+\.rst)>`__|^\.\. (?:image|(?:literal)?include):: (.+)"
    )
    for target in map("".join, re.findall(form, path.read_text(), re.MULTILINE)):
        assert (path.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES)
def test_every_option_it_names_exists(page, parse, capsys):
    named = {name.split()[0] for name in literals(PAGES[page]) if name.startswith("--")}
    if not named:
        return
    parse("-m", "minialexnet", "--help")
    for name in re.findall("^ {4}([a-z]+) ", capsys.readouterr().out, re.MULTILINE):
        parse("-m", "minialexnet", name, "--help")
    for action in ("start", "check", "test"):
        parse("-m", "minialexnet", "exercise", action, "--help")
    programs = (
        "figures/dropout.py",
        "figures/claims.py",
        "tests/on_gpu/__main__.py",
    )
    for program in programs:
        parse(program, "--help")
    assert named <= set(re.findall(r"--[\w-]+", capsys.readouterr().out))


def test_readme_is_short_and_leads_to_every_guide():
    text = (ROOT / "README.md").read_text()
    assert len(text.splitlines()) <= 110
    for path in GUIDES.glob("*.rst"):
        if path.stem != "index":
            assert f"(lessons/site/guides/{path.name})" in text
            assert f"<{path.name}>`__" in (GUIDES / "index.rst").read_text()
    assert about_shipped().partition(", ")[2].partition("\n")[0] in text
    figures = (GUIDES / "figures.rst").read_text()
    for script in (ROOT / "figures").glob("*.py"):
        if "__main__" in script.read_text():
            assert f"``{script.name}``" in figures


def test_readmes_claims_are_the_first_lines_of_the_record():
    text = (ROOT / "README.md").read_text()
    rows = re.findall(
        r"^\| (.*) \| (\S*) \| (\S+) \| (\S+) to (\S+) \| (.*) \|$", text, re.M
    )
    records = read_lines(ROOT / "figures" / "results" / "claims.jsonl")
    assert len(rows) > 2
    for row, record in zip(rows, records, strict=False):
        words, paper, *numbers, verdict = row
        assert (words, verdict) == (record["words"], record["verdict"])
        assert (float(paper) if paper else None) == record["paper"]
        expected = [record[key] for key in ("here", "low", "high")]
        assert [float(number) for number in numbers] == pytest.approx(
            expected, abs=0.005
        )


def test_the_changelog_leads_to_modules_that_exist():
    rows = re.findall(
        r"^  \| .+ \| (.+) \|$", (ROOT / "CHANGELOG.md").read_text(), re.M
    )
    names = [name for row in rows for name in re.findall(r"`(minialexnet[\w.]+)`", row)]
    assert names
    for name in names:
        assert importlib.util.find_spec(name), name
