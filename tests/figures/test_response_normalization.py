"""The response normalisation figure's script: what it says of a layer is so."""

import subprocess
import sys

import numpy as np
import pytest
import response_normalization as figure
from PIL import Image

from minialexnet.files import checkpoint
from minialexnet.model import build
from minialexnet.runs.config import Config
from pieces.first_layer import read, record

RUN = {
    "command": "python -m minialexnet train",
    "commit": "0123456789",
    "date": "2026-11-24T00:00:00Z",
    "machine": {"processor": "none", "cores": 1},
}


def trained(path, profile, **changed):
    """Write what looks like a run's checkpoint: a narrow network of initial weights."""
    config = Config(model="alexnet", profile=profile, width=0.125, input_size=63)
    model = config.network() | {"classes": 3}
    weights = build(model).parameters()
    arrays = {f"w/{name}": w for name, w in weights.items()}
    mean = np.zeros((3, 64, 64), np.float32) + np.float32([1, 2, 3])[:, None, None]
    state = {
        "model": model,
        "config": {"data": "data/tiny-imagenet"},
        "runs": [RUN],
        "history": [{"epoch": 1}, {"epoch": 2}],
    }
    checkpoint.save(path, arrays | {"mean": mean}, state | changed)
    return path


@pytest.mark.parametrize(
    ("profile", "before"),
    [
        ("paper", ["conv1", "relu1"]),
        ("2012", ["conv1"]),
        ("caffenet", ["conv1", "relu1", "pool1"]),
    ],
)
def test_a_runs_first_layer_is_recorded(tmp_path, profile, before):
    run = trained(tmp_path / "checkpoint.npz", profile)
    kept = tmp_path / "first.npz"
    record(run, kept)
    first = read(kept)
    assert [name for name, _ in first.before.leaves()] == before
    assert first.kernels.shape == (12, 3, 11, 11) and first.state["epochs"] == 2
    assert first.mean.tolist() == [1, 2, 3] and first.mean.dtype == np.float32
    weights = checkpoint.load(run)[0]
    np.testing.assert_array_equal(first.kernels, weights["w/conv1.W"])
    assert kept.stat().st_size < 30_000


def test_another_run_is_drawn(tmp_path, capsys):
    run = trained(tmp_path / "checkpoint.npz", "caffenet")
    assert figure.main(["--record", str(run), "--out", str(tmp_path / "out")]) == 0
    assert (tmp_path / "out" / "first_layer.npz").exists()
    assert "is lost beside the constant division" in capsys.readouterr().out


def test_other_files_are_refused(tmp_path, capsys):
    for arguments, message in (
        (["--draw", "none.npz"], "No such file"),
        (["--record", figure.RECORDED], "the checkpoint of a run of alexnet"),
        (["--draw", trained(tmp_path / "a.npz", "paper")], "a recorded first layer"),
        (["--record", trained(tmp_path / "b.npz", "torchvision")], "without lrn1"),
    ):
        words = [*map(str, arguments), "--out", str(tmp_path / "out")]
        assert figure.main(words) == 2
        said = capsys.readouterr().err
        assert said.startswith("response_normalization: ") and message in said
        assert said.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_the_record_says_where_it_comes_from():
    first = read(figure.RECORDED)
    assert first.kernels.shape == (24, 3, 11, 11) and first.lrn.groups == 2
    assert first.lrn.alpha == pytest.approx(1e-4 / 5) and first.lrn.k == 2
    for run in first.state["runs"]:
        assert {"command", "commit", "date", "machine", "versions"} <= run.keys()


@pytest.mark.slow
def test_the_command_draws_the_record_and_the_same_picture_twice(tmp_path):
    done = subprocess.run(
        [
            *(sys.executable, "-W", "error", figure.__file__),
            *("--out", tmp_path / "1"),
        ],
        capture_output=True,
        text=True,
        timeout=600,
    )
    assert (done.returncode, done.stderr) == (0, "")
    names = [f"response_normalization_{name}" for name in ("maps", "curve", "lost")]
    for name in names:
        with Image.open(tmp_path / "1" / f"{name}.png") as image:
            assert image.width == 1080
    assert figure.main(["--out", str(tmp_path / "2")]) == 0
    # BLAS may add in another order, which moves a point by less than a pixel, but names
    # it otherwise in the .svg.
    for name in names:
        once, again = (
            (tmp_path / out / f"{name}.png").read_bytes() for out in ("1", "2")
        )
        assert once == again
        assert (tmp_path / "2" / f"{name}.svg").stat().st_size > 10_000
