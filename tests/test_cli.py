"""The program: its version, its help, and that only what is asked for is imported."""

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import minialexnet
from minialexnet import cli, commands
from tests.commands.test_train import run


def test_the_module_is_the_command():
    version = f"minialexnet {minialexnet.__version__}\n"
    assert run(["-m", "minialexnet"], "--version") == (0, version, "")


def test_the_module_takes_the_arguments(tmp_path):
    code, _, errors = run(["-m", "minialexnet"], "train", "--out", tmp_path, "--resume")
    assert (code, errors.count("\n")) == (2, 1)
    assert "expected a checkpoint to go on from" in errors


LOADED = """
import sys
from minialexnet import cli
try:
    cli.main(sys.argv[1:])
except SystemExit as exit:
    print("CODE", exit.code, *sorted(sys.modules))
"""


def loaded(*words):
    """Return what a command prints, its exit code, and the modules that it imports."""
    code, output, errors = run(["-c", LOADED], *words)
    assert (code, errors) == (0, "")
    text, _, end = output.rpartition("CODE ")
    code, *modules = end.split()
    return text, int(code), set(modules)


@pytest.mark.parametrize("words", [[], ["--help"]])
def test_help_loads_no_command(words):
    output, code, modules = loaded(*words)
    assert code == 0
    for name, (_, text) in cli.COMMANDS.items():
        assert name in output
        assert text in " ".join(output.split())
    assert "minialexnet.cli" in modules
    assert not modules & {"matplotlib", "PIL", "tqdm", "cupy", "minialexnet.train"}
    assert not [name for name in modules if name.startswith("minialexnet.commands")]


def test_a_command_loads_no_other():
    output, code, modules = loaded("plot", "--help")
    assert code == 0
    assert "RUN" in output
    own = {name: f"minialexnet{module}" for name, (module, _) in cli.COMMANDS.items()}
    assert [name for name, module in own.items() if module in modules] == ["plot"]


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_every_command_has_help(name, capsys):
    with pytest.raises(SystemExit) as exit:
        cli.main([name, "--help"])
    assert exit.value.code == 0
    assert capsys.readouterr().out.startswith(f"usage: minialexnet {name}")


def test_the_help_of_train_is_in_groups_and_has_an_example(capsys):
    with pytest.raises(SystemExit):
        cli.main(["train", "--help"])
    output = capsys.readouterr().out
    for title in ("run:", "data:", "network:", "training:", "machine,"):
        assert f"\n{title}" in output
    assert "minialexnet train --out runs/small --data shapes" in output
    assert "(default: 128; 32 for cifar)" in " ".join(output.split())


def test_ctrl_c_while_a_command_is_imported_is_told(monkeypatch, capsys):
    def interrupted(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(cli, "import_module", interrupted)
    assert cli.main(["train", "--out", "run"]) == 130
    assert capsys.readouterr().err == "\nStopped.\n"


@pytest.mark.parametrize("name", cli.COMMANDS)
def test_too_little_memory_is_told_in_one_line(name, monkeypatch, capsys):
    def greedy(*arguments):
        return [0] * 2**62

    monkeypatch.setattr(cli, "import_module", greedy)
    assert cli.main([name]) == 1
    assert capsys.readouterr().err == f"minialexnet {name}: out of memory\n"


def codes_in(path):
    """Yield the numbers that the functions of a file give to fail() or return."""
    for node in ast.walk(ast.parse(path.read_text())):
        ends = []
        if isinstance(node, ast.Return):
            value = node.value
            ends = (
                [value.body, value.orelse] if isinstance(value, ast.IfExp) else [value]
            )
        elif isinstance(node, ast.Call) and ast.unparse(node.func).endswith("fail"):
            ends = node.args[1:2]
        numbers = (end.value for end in ends if isinstance(end, ast.Constant))
        yield from (number for number in numbers if type(number) is int)


def test_the_exit_codes_are_those_of_one_table():
    files = [*Path(commands.__file__).parent.glob("*.py"), Path(cli.__file__)]
    found = {code for path in files for code in codes_in(path)}
    table = re.findall(r"^(\d+) +\w", commands.__doc__, re.MULTILINE)
    assert sorted(found) == list(map(int, table))


def shell(words, **environment):
    """Run the program by a shell, which redirects; return its code and both outputs."""
    done = subprocess.run(
        words.replace("minialexnet", f"{sys.executable} -m minialexnet"),
        shell=True,
        executable="bash",
        capture_output=True,
        env=os.environ
        | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        | environment,
    )
    return done.returncode, done.stdout.decode(), done.stderr.decode()


@pytest.mark.parametrize(
    "encoding", ["ascii", pytest.param("cp1252", marks=pytest.mark.slow)]
)
def test_a_terminal_of_an_old_encoding_shows_what_it_can(tmp_path, encoding):
    run = tmp_path / "\u6f22\u5b57"
    words = f"minialexnet train --out {run} --resume"
    code, _, errors = shell(words, PYTHONIOENCODING=encoding)
    assert (code, errors.count("\n")) == (2, 1)
    shapes = "minialexnet describe --out " + str(run / "figure.png")
    code, output, errors = shell(shapes, PYTHONIOENCODING=encoding)
    assert (code, errors) == (0, "")
    assert "??" in output


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs Linux's /dev/full")
def test_output_that_nobody_takes_ends_in_plain_words(tmp_path):
    words = f"minialexnet describe --out {tmp_path / 'f'}"
    full = (1, "", "minialexnet describe: [Errno 28] No space left on device\n")
    assert shell(f"{words} > /dev/full") == full
    # Its output is more than a pipe's reader can leave unread.
    gone = shell(f"{words} | true; exit ${{PIPESTATUS[0]}}")
    assert gone in ((1, "", ""), (0, "", ""))  # it may end before the writing or after
    assert shell("minialexnet train --resume --out gone 2>&-")[::2] == (2, "")
