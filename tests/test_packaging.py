"""What setup.cfg and MANIFEST.in name is what there is; CI installs it for real."""

import configparser
import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "minialexnet"
SETTINGS = configparser.ConfigParser()
SETTINGS.read(ROOT / "setup.cfg")


def named(section, option):
    return SETTINGS[section][option].split("\n")[1:]


def test_every_package_is_installed_and_the_records_too():
    found = {
        ".".join(path.parent.relative_to(ROOT).parts)
        for path in PACKAGE.rglob("__init__.py")
    }
    assert set(named("options", "packages")) == found | {"minialexnet.results"}
    assert named("options", "package_dir") == ["minialexnet.results = figures/results"]


def test_every_file_that_is_no_python_is_installed():
    for package, folder in (
        ("minialexnet", PACKAGE),
        ("minialexnet.results", ROOT / "figures" / "results"),
    ):
        patterns = named("options.package_data", package)
        for path in folder.rglob("*"):
            name = str(path.relative_to(folder))
            if path.is_file() and path.suffix not in (".py", ".pyc"):
                assert any(fnmatch.fnmatch(name, one) for one in patterns), name


def test_the_sdist_has_all_that_is_not_hidden():
    lines = (ROOT / "MANIFEST.in").read_text().splitlines()
    kept = {
        name
        for line in lines
        for name in line.split()[1:]
        if line.startswith(("include ", "graft "))
    }
    # What setuptools takes by itself, and what is made here and ignored by git.
    kept |= {"MANIFEST.in", "setup.cfg", "pyproject.toml", "minialexnet"}
    made = {"build", "dist", "runs", "data", "logs", "minialexnet.egg-info"}
    for path in ROOT.iterdir():
        if not path.name.startswith((".", "__")) and path.name not in made:
            assert path.name in kept


@pytest.mark.parametrize("target", ["figure-1", "figures", "bench"])
def test_no_target_but_those_that_need_it_installs_an_extra(target):
    makefile = (ROOT / "Makefile").read_text()
    assert f"\n{target}: $(INSTALLED)\n" in makefile
    assert "--editable .\n" in makefile
