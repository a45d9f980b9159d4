"""What setup.cfg and MANIFEST.in name is what there is; CI installs it for real."""

import configparser
import fnmatch
import re
from pathlib import Path

import pytest

import minialexnet

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "minialexnet"
SETTINGS = configparser.ConfigParser()
SETTINGS.read(ROOT / "setup.cfg")
CONF = (ROOT / "lessons" / "site" / "conf.py").read_text()


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


def test_each_licence_is_stated_wherever_one_looks_for_it():
    words = {"MIT": "MIT", "CC-BY-4.0": "CC BY 4.0", "CC0-1.0": "CC0"}
    assert SETTINGS["metadata"]["license_expression"] == " AND ".join(words)
    files = dict(zip(words, named("metadata", "license_files"), strict=True))
    titles = ("MIT License", "Creative Commons Attribution 4.0", "CC0 1.0 Universal")
    for file, title in zip(files.values(), titles, strict=True):
        assert title in (ROOT / file).read_text()
    readme = (ROOT / "README.md").read_text()
    for identifier, word in words.items():
        assert word in readme and f"]({files[identifier]})" in readme
        assert word in (ROOT / "CITATION.cff").read_text()
    foot = re.search('^copyright = "(.+)"', CONF, re.MULTILINE)[1]
    assert "CC BY 4.0" in foot and "MIT" in foot


def test_what_to_cite_is_of_this_version():
    cited = (ROOT / "CITATION.cff").read_text()
    assert (
        re.search("^version: (.+)", cited, re.MULTILINE)[1] == minialexnet.__version__
    )
    assert "\nlicense: MIT\n" in cited and cited.startswith("cff-version: 1.2.0\n")


@pytest.mark.parametrize("target", ["figure-1", "figures", "bench"])
def test_no_target_but_those_that_need_it_installs_an_extra(target):
    makefile = (ROOT / "Makefile").read_text()
    assert f"\n{target}: $(INSTALLED)\n" in makefile
    assert "--editable .\n" in makefile


def test_the_site_is_built_from_nothing():
    makefile = (ROOT / "Makefile").read_text()
    before = makefile.partition("\nsite: ")[2].partition("-m sphinx")[0]
    made = [f"lessons/site/{name}" for name in ("lessons", "reference", "solutions")]
    assert {*made, "build/site"} <= set(before.partition("rm -rf ")[2].split())
