"""Recorded measurements: whole or not at all, and damage is named."""

import sys

import pytest

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


def test_a_measurement_says_where_it_comes_from():
    about = provenance()
    assert about["command"].startswith("python ")
    assert about["machine"]["cores"] >= 1
    assert {"python", "numpy", "pillow", "matplotlib"} <= about["versions"].keys()


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
