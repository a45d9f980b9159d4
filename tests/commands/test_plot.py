"""Plot: what it says of a run, and the runs that it refuses."""

import json
from dataclasses import asdict

import pytest

from minialexnet import cli
from minialexnet.commands import plot
from minialexnet.commands.epochs import METRICS
from minialexnet.files.records import provenance
from minialexnet.runs.config import Config

EPOCH = {"epoch": 1, "learning_rate": 0.01, "running_loss": 2.3, "test_error": 0.9}


def made(**changed):
    config = changed.pop("config", {})
    return {"run": provenance() | changed | {"config": asdict(Config()) | config}}


def write(folder, *records):
    folder.mkdir(parents=True)
    lines = [json.dumps(record) + "\n" for record in records]
    (folder / METRICS).write_text("".join(lines))
    return folder


@pytest.fixture
def notes(monkeypatch, tmp_path):
    """Return a dict, which takes the name and the note of each run drawn."""
    monkeypatch.chdir(tmp_path)
    found = {}

    def draw(runs, out):
        assert len({run.name for run in runs}) == len(runs)
        found.update({run.name: run.note for run in runs})
        return [out]

    monkeypatch.setattr("minialexnet.commands.plot.draw_curves", draw)
    return found


def test_runs_are_drawn_into_a_new_folder(tmp_path, capsys):
    runs = [write(tmp_path / name, made(), EPOCH) for name in "ab"]
    out = tmp_path / "new" / "curves.png"
    assert cli.main(["plot", *map(str, runs), "--out", str(out)]) == 0
    assert out.stat().st_size > 5000
    drawn = f"Drawn: {out} and {out.with_suffix('.svg')}\n"
    assert capsys.readouterr() == (drawn, "")


def test_a_note_says_what_was_trained_on_what_when_and_where(tmp_path, notes):
    config = {"data": "/data/birds", "model": "alexnet", "width": 0.25, "seed": 7}
    record = made(
        config=config,
        date="2026-11-24T12:00:00Z",
        machine={"processor": "a processor", "cores": 2},
        commit="0123456789abcdef-dirty",
    )
    run = write(tmp_path / "run", record, EPOCH)
    assert cli.main(["plot", str(run)]) == 0
    assert notes == {
        "run": "alexnet (paper, width 0.25) on birds, batches of 128, seed 7, "
        "epoch 1 of 90, 2026-11-24, 2 cores of a processor, commit 0123456-dirty"
    }


def test_a_run_that_was_resumed_elsewhere_says_so(tmp_path, notes):
    first = made(date="2026-11-24T12:00:00Z", commit=None)
    where = {"processor": "another", "cores": 64}
    config = {"device": "cuda:0", "epochs": 2, "activation": "tanh"}
    second = made(
        date="2026-11-26T12:00:00Z", machine=where, config=config, commit="a" * 40
    )
    again = EPOCH | {"epoch": 2}
    write(tmp_path / "run", first, second, EPOCH, again)
    assert cli.main(["plot", str(tmp_path / "run" / METRICS)]) == 0
    note = notes[METRICS]
    assert "cifar (tanh) on shapes" in note
    assert ", 2 epochs, 2026-11-24 to 2026-11-26, " in note
    assert ", 64 cores of another, cuda:0, commit unknown, aaaaaaa" in note


def test_a_run_without_provenance_is_drawn_and_says_so(tmp_path, notes):
    assert cli.main(["plot", str(write(tmp_path / "run", EPOCH))]) == 0
    assert notes == {"run": "1 epoch; data, date and machine were not recorded"}


def test_runs_are_named_by_what_tells_them_apart(tmp_path, notes, monkeypatch):
    for name in ("relu/run", "tanh/run"):
        write(tmp_path / name, made(), EPOCH)
    monkeypatch.chdir(tmp_path / "relu")
    words = ["run", "../tanh/run", "../relu/run"]
    assert cli.main(["plot", *words]) == 0
    assert list(notes) == ["relu/run", "tanh/run"]


@pytest.mark.parametrize(
    ("records", "words"),
    [
        ([made()], "at least one finished epoch in "),
        ([made(), ["a list"]], f"{METRICS}:2: expected a JSON object"),
        ([made(), EPOCH | {"running_loss": None}], f"{METRICS}:2: expected an epoch"),
        ([made(), EPOCH | {"learning_rate": 0}], "number > 0 for learning_rate, got 0"),
        ([made(), {"kind": "sweep"}], f"{METRICS}:2: expected an epoch"),
        ([{"run": {"config": {}}}, EPOCH], "how the run was made"),
        ([{"run": "yesterday"}, EPOCH], "how the run was made"),
    ],
)
def test_metrics_that_are_none_are_refused(records, words, tmp_path, capsys):
    run = write(tmp_path / "run", *records)
    assert cli.main(["plot", str(run), "--out", str(tmp_path / "curves")]) == 2
    error = capsys.readouterr().err
    assert words in error
    assert str(run) in error
    assert error.count("\n") == 1
    assert not list(tmp_path.glob("curves*"))


def test_a_line_cut_short_is_named(tmp_path, capsys):
    run = write(tmp_path / "run", made(), EPOCH)
    with open(run / METRICS, "a") as file:
        file.write('{"epoch": 2, ')
    assert cli.main(["plot", str(run)]) == 2
    assert f"{run / METRICS}:3: expected JSON" in capsys.readouterr().err


def test_what_is_no_run_is_named(tmp_path, capsys):
    (tmp_path / "checkpoint.npz").write_bytes(b"PK\x03\x04\xff")
    for name, words in (
        ("nothing", f"expected the metrics of a run, got no file {tmp_path}/nothing"),
        (".", f"got no file {tmp_path}/{METRICS}"),
        ("checkpoint.npz", "checkpoint.npz:1: expected JSON, "),
    ):
        assert cli.main(["plot", str(tmp_path / name)]) == 2
        assert words in capsys.readouterr().err


def test_a_picture_that_cannot_be_written_is_an_error(tmp_path, capsys):
    run = write(tmp_path / "run", made(), EPOCH)
    assert cli.main(["plot", str(run), "--out", "/dev/null/curves"]) == 2
    assert "/dev/null" in capsys.readouterr().err


def test_plot_knows_what_train_records():
    note = plot.note([made()["run"]], Config().epochs)
    assert f"seed {Config().seed}, {Config().epochs} epochs" in note
