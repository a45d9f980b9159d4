"""The program: its version and its help."""

import minialexnet
from tests.commands.test_train import run


def test_the_module_is_the_command():
    version = f"minialexnet {minialexnet.__version__}\n"
    assert run(["-m", "minialexnet"], "--version") == (0, version, "")


def test_the_module_takes_the_arguments(tmp_path):
    code, _, errors = run(["-m", "minialexnet"], "train", "--out", tmp_path, "--resume")
    assert (code, errors.count("\n")) == (2, 1)
    assert "expected a checkpoint to go on from" in errors


def test_help_loads_nothing_heavy():
    code, output, errors = run(["-X", "importtime", "-m", "minialexnet"], "--help")
    assert code == 0
    assert "train a network" in output
    loaded = {line.rpartition("|")[2].strip() for line in errors.splitlines()}
    assert "minialexnet.cli" in loaded
    assert not loaded & {"matplotlib", "PIL", "tqdm", "cupy", "minialexnet.train"}
