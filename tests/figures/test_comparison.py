"""What trains arms from several seeds, and the numbers that come of its records."""

import math
from argparse import Namespace
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import comparison
from minialexnet import Dropout, Sequential
from minialexnet.files import checkpoint
from minialexnet.files.records import read_lines

ROOT = Path(__file__).resolve().parents[2]


PLAIN = comparison.Arm(
    "plain", {"model": "cifar"}, 0.003, {"weight_decay": 0}, drops=(1,)
)


def history(*errors):
    return [{"epoch": i, "train_error": e} for i, e in enumerate(errors, 1)]


def epochs_of(arm, seed, *errors):
    return [
        {"kind": "epoch", "arm": arm, "seed": seed, "setup": 0, "epoch": i, **error}
        for i, error in enumerate(errors, 1)
    ]


def test(*errors):
    return [{"test_error": error} for error in errors]


test.__test__ = False


@pytest.mark.parametrize(
    ("epochs", "until", "finished"),
    [
        ([], 3, False),
        ([], 0, True),
        (history(0.6, 0.5), 3, False),
        (history(0.6, 0.5, 0.4), 3, True),
        (history(0.6, 0.2), 3, True),
        ([{"epoch": 1, "diverged": True}], 3, True),
    ],
)
def test_a_run_ends_at_the_target_at_its_last_epoch_or_diverged(
    epochs, until, finished
):
    run = comparison.Run(replace(PLAIN, target=0.25), 0)
    assert run.is_finished(epochs, until) is finished


def test_without_a_target_a_run_goes_on_even_with_no_error_left():
    assert not comparison.Run(PLAIN, 0).is_finished(history(0.0), 2)


def test_the_rate_is_divided_by_ten_after_each_drop():
    arm = replace(PLAIN, drops=(2, 3))
    assert [arm.rate(done) for done in range(5)] == pytest.approx(
        [0.003, 0.003, 0.0003, 0.00003, 0.00003], rel=1e-12
    )


def test_a_run_is_called_by_its_arm_and_seed_or_by_the_arms_labels():
    assert comparison.Run(PLAIN, 2).labels == {"arm": "plain", "seed": 2}
    run = comparison.Run(replace(PLAIN, labels={"layers": 4}), 2)
    assert (run.labels, run.key) == ({"layers": 4, "seed": 2}, (4, 2))
    assert str(run) == "plain-seed2"


def test_the_interval_is_students():
    mean, half = comparison.interval([1.0, 2.0, 3.0])
    assert (mean, half) == (2, pytest.approx(4.303 / math.sqrt(3)))
    mean, half = comparison.interval([2.0])
    assert mean == 2
    assert math.isnan(half)


def test_only_seeds_that_every_arm_finished_are_paired():
    records = [
        *epochs_of("a", 0, *test(0.9, 0.5)),
        *epochs_of("a", 1, *test(0.9, 0.6)),
        *epochs_of("a", 3, {"test_error": 0.9}, {"diverged": True}),
        *epochs_of("b", 1, *test(0.9, 0.4)),
        *epochs_of("b", 0, *test(0.9)),
        *epochs_of("b", 3, *test(0.9, 0.4)),
    ]
    assert comparison.finished_seeds(records) == [1]
    assert comparison.paired(records, "test_error") == {"a": [0.6], "b": [0.4]}
    for none in ([], records[:1] + records[-1:]):
        with pytest.raises(ValueError, match="no seed is finished in every arm"):
            comparison.finished_seeds(none)


def dropping(network, seed):
    """Put dropout before the last layer."""
    layers = list(network.layers.items())
    layers.insert(-1, ("dropout", Dropout(0.5, seed=seed)))
    return Sequential(layers)


def options(out, **changes):
    values = {
        "data": "shapes",
        "data_dir": None,
        "pictures": 64,
        "seeds": 1,
        "epochs": 2,
        "batch_size": 32,
        "convolution": "im2col",
        "device": "cpu",
        "jobs": 2,
        "resume": False,
        "out": out,
    }
    return Namespace(**values | changes)


ARMS = [PLAIN, replace(PLAIN, name="dropping", change=dropping)]
VARY = ("setup", "seconds", "cpu_seconds", "peak_memory_gib")


def errors(out):
    """Return all that is in the records but times."""
    return [
        {key: value for key, value in record.items() if key not in VARY}
        for record in read_lines(out / "results.jsonl")
        if record["kind"] == "epoch"
    ]


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    out = tmp_path_factory.mktemp("whole")
    comparison.compare(options(out), ARMS)
    return out


def test_both_errors_are_measured_at_the_rates_that_were_asked_for(whole):
    records = read_lines(whole / "results.jsonl")
    assert records[0]["kind"] == "setup"
    assert records[0]["arms"]["plain"]["drops"] == [1]
    assert {"commit", "date", "machine", "train_sha256"} <= records[0].keys()
    found = comparison.histories(records)
    assert [(name, list(arm)) for name, arm in found.items()] == [
        ("plain", [0]),
        ("dropping", [0]),
    ]
    for arm in found.values():
        rates = [entry["learning_rate"] for entry in arm[0]]
        assert rates == pytest.approx([0.003, 0.0003], rel=1e-12)
        for entry in arm[0]:
            assert 0 <= entry["train_error"] <= 1
            assert 0 <= entry["test_error"] <= 1
    assert comparison.setups(records) == records[:1]
    assert comparison.epochs(records) == 2


def test_an_arms_layers_are_changed_before_it_is_trained(whole):
    plain, dropping = (
        checkpoint.load(whole / "runs" / f"{arm.name}-seed0.npz") for arm in ARMS
    )
    assert plain[1]["layers"] == {}
    assert list(dropping[1]["layers"]) == ["dropout.step"]
    name = "w/fc1.W"
    assert not np.array_equal(plain[0][name], dropping[0][name])


@pytest.mark.slow
def test_a_run_that_is_gone_on_with_has_the_same_bits(whole, tmp_path):
    comparison.compare(options(tmp_path, epochs=1, jobs=1), ARMS)
    with pytest.raises(ValueError, match="holds an earlier run"):
        comparison.compare(options(tmp_path), ARMS)
    comparison.compare(options(tmp_path, resume=True), ARMS)
    assert errors(tmp_path) == errors(whole)
    assert [r["setup"] for r in read_lines(tmp_path / "results.jsonl")[-2:]] == [0, 1]
    weights = (
        checkpoint.load(out / "runs/plain-seed0.npz") for out in (tmp_path, whole)
    )
    one, two = (arrays for arrays, _ in weights)
    for name in one:
        np.testing.assert_array_equal(one[name], two[name])


def test_another_run_is_not_gone_on_with(whole):
    with pytest.raises(ValueError, match="holds a run on other pictures"):
        comparison.compare(options(whole, resume=True, pictures=65), ARMS)
    other = replace(PLAIN, drops=(2,))
    with pytest.raises(RuntimeError, match=r"the run has drops \[1\], asked for was"):
        comparison.compare(options(whole, resume=True, epochs=3), [other])


def test_the_arguments_defaults_depend_on_the_data():
    defaults = {
        "shapes": {"seeds": 1, "epochs": 2, "batch_size": 32},
        "cifar10": {"seeds": 5, "epochs": 2, "batch_size": 128},
    }
    parser = comparison.parser("Say.\n\nMore.", "name", defaults)
    text = " ".join(parser.format_help().split())
    assert "seeds a run (default: 1 on shapes, 5 on cifar10)" in text
    assert "(default: 2)" in text
    found = parser.parse_args(["--data", "cifar10", "--draw", "nowhere.jsonl"])
    assert comparison.command("name", found, None, None, None) == 2
    assert (found.seeds, found.epochs, found.batch_size) == (5, 2, 128)
