"""Recorded measurements: whole or not at all, and damage is named."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import minialexnet
from minialexnet.files.records import (
    peak_memory_gib,
    provenance,
    read_lines,
    write_lines,
)
from tests.support import strict_cupy


def test_what_is_written_is_read(tmp_path):
    records = [{"epoch": 1, "error": 0.25}, {"run": {"seed": 0}}]
    write_lines(tmp_path / "a.jsonl", records)
    assert read_lines(tmp_path / "a.jsonl") == records


def test_a_number_that_json_has_not_keeps_what_was_there(tmp_path):
    write_lines(tmp_path / "a.jsonl", [{"error": 0.5}])
    with pytest.raises(ValueError, match="not JSON compliant"):
        write_lines(tmp_path / "a.jsonl", [{"error": float("nan")}])
    assert read_lines(tmp_path / "a.jsonl") == [{"error": 0.5}]


@pytest.mark.parametrize("line", [b"{", b"\xff\xfe", b"[1]", b""])
def test_a_damaged_line_is_named(tmp_path, line):
    (tmp_path / "a.jsonl").write_bytes(b'{"epoch": 1}\n' + line + b"\n")
    with pytest.raises(ValueError, match=r"a\.jsonl:2: expected"):
        read_lines(tmp_path / "a.jsonl")


def test_a_measurement_says_where_it_comes_from(monkeypatch):
    about = provenance()
    assert about["command"].startswith("python ")
    assert about["machine"]["cores"] >= 1
    assert {"python", "numpy", "pillow", "matplotlib"} <= about["versions"].keys()
    monkeypatch.setattr(
        sys, "argv", [str(Path("figures/x.py").resolve()), "--to", "a b"]
    )
    assert provenance()["command"] == "python figures/x.py --to 'a b'"


def test_where_a_gpu_is_in_use_it_is_named(monkeypatch):
    monkeypatch.delitem(sys.modules, "cupy", raising=False)
    assert "gpu" not in provenance()
    monkeypatch.setitem(sys.modules, "cupy", strict_cupy)
    monkeypatch.setenv("CUPY_TF32", "1")
    gpu = provenance()["gpu"]
    assert gpu["gpus"] == ["stand-in", "stand-in"]
    assert gpu["cupy"] == "strict stand-in" and gpu["tf32"]
    monkeypatch.setattr(strict_cupy, "is_available", lambda: False)
    assert "gpu" not in provenance()


def test_peak_memory_is_more_than_an_array_that_was_held():
    block = bytearray(300 * 2**20)
    block[:: 2**12] = b"x" * len(block[:: 2**12])
    assert 0.28 < peak_memory_gib() < 100


def test_a_pipe_a_huge_file_and_a_key_that_stands_there_twice_are_refused(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ValueError, match="pipe: expected a file, got something else"):
        read_lines(tmp_path / "pipe")
    with (tmp_path / "huge").open("wb") as file:
        file.truncate(2**28 + 1)
    with pytest.raises(ValueError, match="huge: expected at most 268,435,456 bytes"):
        read_lines(tmp_path / "huge")
    (tmp_path / "twice").write_text('{"a": 1}\n{"a": 1, "a": 2}\n')
    with pytest.raises(ValueError, match=r"twice:2: .*stands there twice"):
        read_lines(tmp_path / "twice")


# Of which commit a record is


def git(folder, *words):
    name = ["-c", "user.name=a", "-c", "user.email=a@b"]
    command = ["git", "-C", str(folder), *name, *words]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def commit_in(folder, **environment):
    """Return the commit that a package in a folder says it is of, then if changed."""
    program = (
        "import minialexnet.files.records as r; print(r.provenance()['commit']);"
        "open(r.__file__, 'a').write('#'); print(r.provenance()['commit'])"
    )
    kept = {k: v for k, v in os.environ.items() if k != "MINIALEXNET_COMMIT"}
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=folder,
        env=kept | {"PYTHONPATH": str(folder)} | environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.split()


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_the_commit_is_the_packages_own_or_none(tmp_path):
    package = Path(minialexnet.__file__).parent
    ignore = shutil.ignore_patterns("__pycache__")
    own, other = tmp_path / "own", tmp_path / "other"
    for folder in (own, other / "site-packages"):
        shutil.copytree(package, folder / "minialexnet", ignore=ignore)
    for repository in (own, other):
        git(tmp_path, "init", "-q", str(repository))
    git(own, "add", ".")
    git(own, "commit", "-qm", "ours")
    git(other, "add", ".")
    git(other, "commit", "-qm", "another project, into which ours is installed")
    head = git(own, "rev-parse", "HEAD")
    assert commit_in(own) == [head, f"{head}-dirty"]
    installed = other / "site-packages"
    assert commit_in(installed, MINIALEXNET_COMMIT="abc123") == ["abc123"] * 2
    git(tmp_path, "init", "-q", str(installed))  # which knows no file of the package
    git(installed, "commit", "-qm", "another project still", "--allow-empty")
    assert commit_in(installed) == ["None"] * 2
