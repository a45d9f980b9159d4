import errno
import json
import os

import pytest

from minialexnet import cli, data
from minialexnet.data import prepare as module
from minialexnet.data import unfinished
from tests.support.pictures import photographs, write

SIDE = ("--side", "16", "--workers", "1")


@pytest.fixture
def source(tmp_path):
    photographs(tmp_path / "src/train", ["cat", "dog"], 10)
    photographs(tmp_path / "src/val", ["cat", "eel"], 2)
    return tmp_path / "src"


@pytest.fixture
def command(capsys):
    """Run the command in this process; return its exit code and what it printed."""

    def run(*arguments):
        try:
            code = cli.main(["prepare", *map(str, arguments)])
        except SystemExit as end:
            code = end.code
        return code, *capsys.readouterr()

    return run


def test_it_says_what_it_prepared(tmp_path, source, command):
    code, output, errors = command(source, tmp_path / "set", *SIDE)
    assert (code, errors) == (0, "")
    assert output == (
        f"{tmp_path / 'set'}: 20 training and 2 test pictures of 2 classes, "
        "16 x 16 pixels, 0.0 MB\n"
        "Left out: 2 validation pictures of classes without training pictures\n"
    )
    assert data.load(str(tmp_path / "set")).train_images.shape == (20, 3, 16, 16)


def test_it_names_what_it_skipped(tmp_path, source, command):
    for number in range(11):
        write(source / f"train/dog/{number:02d}\x1b.jpg", b"")
    code, output, _ = command(source, tmp_path / "set", *SIDE)
    lines = output.splitlines()
    assert code == 0 and "Skipped: 11" in lines
    why = "expected the bytes of a JPEG or PNG, got none"
    assert f"  train/dog/09?.jpg: {why}" in lines
    assert f"  train/dog/10?.jpg: {why}" not in lines
    assert lines[-1] == f"  and 1 more, see {tmp_path / 'set' / 'prepared.json'}"
    record = json.loads((tmp_path / "set/prepared.json").read_text())
    assert record["skipped"][10] == {"file": "train/dog/10\x1b.jpg", "why": why}


def test_strict(tmp_path, source, command):
    write(source / "train/dog/x.jpg", b"<html>")
    code, output, errors = command(source, tmp_path / "set", *SIDE, "--strict")
    assert (code, output) == (2, "")
    assert errors == (
        "minialexnet prepare: train/dog/x.jpg: expected the bytes of a JPEG or PNG, "
        "got 6 bytes that begin with b'<htm'\n"
    )


def test_held_out(tmp_path, source, command):
    code, output, _ = command(
        source / "train", tmp_path / "set", *SIDE, "--held-out", "0.25"
    )
    assert code == 0 and "15 training and 5 test pictures" in output


def test_check(tmp_path, source, command):
    dst = tmp_path / "set"
    command(source, dst, *SIDE)
    code, output, errors = command("--check", dst)
    assert (code, errors) == (0, "")
    assert output == f"{dst}: all 4 files are as they were written\n"
    shard = dst / "train-00001.npy"
    shard.write_bytes(shard.read_bytes()[:-1] + b"!")
    code, output, errors = command("--check", dst)
    assert (code, output, errors.count("\n")) == (2, "", 1)
    assert "got others for train-00001.npy; the set must be prepared anew" in errors


@pytest.mark.parametrize(
    "arguments, message",
    [
        ((), "expected SRC and DST, or --check DST alone"),
        (("src",), "expected SRC and DST, or --check DST alone"),
        (
            ("src", "dst", "--check", "dst"),
            "expected SRC and DST, or --check DST alone",
        ),
        (("src", "dst"), "src: expected a folder of pictures, got none"),
        (("--check", "dst"), "expected a folder that minialexnet prepare made"),
        (
            ("src", "dst", "--side", "0"),
            "argument --side: expected a whole number >= 1",
        ),
        (
            ("src", "dst", "--workers", "0"),
            "argument --workers: expected a whole number",
        ),
    ],
)
def test_what_does_not_fit_is_said_in_one_line(
    tmp_path, monkeypatch, command, arguments, message
):
    monkeypatch.chdir(tmp_path)
    code, output, errors = command(*arguments)
    assert (code, output, errors.count("\n")) == (2, "", 1)
    assert errors.startswith("minialexnet prepare: ") and message in errors
    assert os.listdir(tmp_path) == []


def test_work_that_cannot_go_on_is_said_in_one_line(
    tmp_path, source, command, monkeypatch
):
    def full(job, shard):
        raise OSError(errno.ENOSPC, "No space left on device", str(job.path))

    monkeypatch.setattr(unfinished, "keep", full)
    code, output, errors = command(source, tmp_path / "set", *SIDE)
    assert (code, output) == (1, "")
    assert errors == (
        f"minialexnet prepare: {tmp_path / 'set'}: [Errno 28] No space left on device: "
        f"'{tmp_path / 'set' / 'train-00000.npy'}'; 0 of 3 shards are finished and "
        "kept, the same command goes on from there\n"
    )


def test_ctrl_c_before_the_beginning(tmp_path, source, command, monkeypatch):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(module, "find_images", interrupt)
    code, output, errors = command(source, tmp_path / "set")
    assert (code, output, errors) == (130, "", "\nStopped. Nothing was written yet.\n")
