"""The package as setup.cfg describes it: what is installed."""

from configparser import ConfigParser
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def options():
    config = ConfigParser(interpolation=None)
    config.read(ROOT / "setup.cfg")
    return config


def test_every_folder_with_modules_is_a_package_that_is_installed():
    listed = options()["options"]["packages"].split()
    folders = {path.parent for path in (ROOT / "minialexnet").rglob("*.py")}
    found = {".".join(folder.relative_to(ROOT).parts) for folder in folders}
    assert sorted(listed) == sorted(found | {"minialexnet.results"})


def test_the_recorded_results_are_installed_with_the_package():
    config = options()
    where = dict(
        line.replace(" ", "").split("=")
        for line in config["options"]["package_dir"].strip().splitlines()
    )
    assert (ROOT / where["minialexnet.results"] / "__init__.py").exists()
    patterns = config["options.package_data"]["minialexnet.results"].split()
    results = ROOT / where["minialexnet.results"]
    matched = {path.name for pattern in patterns for path in results.glob(pattern)}
    files = {path.name for path in results.iterdir() if path.is_file()}
    assert matched == files - {"__init__.py"}
    assert len(matched) > 10
