"""Arms change fields of a config; runs are arms from seeds."""

from argparse import Namespace

import pytest

from compare.arms import Arm, base_of, run_of, runs_of
from minialexnet.runs.config import Config

BASE = Config(learning_rate=0.003, schedule="constant")


def history(*errors):
    return [{"epoch": i, "train_error": e} for i, e in enumerate(errors, 1)]


def test_a_run_has_the_changes_of_its_arm_and_its_seed():
    arms = [Arm("z3"), Arm("z2", {"pooling": 2})]
    runs = runs_of(BASE, arms, 2)
    assert [str(run) for run in runs] == [
        "z3-seed0", "z2-seed0", "z3-seed1", "z2-seed1",
    ]  # fmt: skip
    assert [run.config.pooling for run in runs] == [3, 2, 3, 2]
    assert [run.config.seed for run in runs] == [0, 0, 1, 1]
    assert BASE.pooling == 3


def test_what_was_asked_for_is_in_the_base_and_the_script_decides_the_rest():
    asked = Namespace(data="cifar10", epochs=3, batch_size=64, device="cpu")
    asked.convolution = "im2col"
    base = base_of(asked, learning_rate=0.1)
    assert (base.data, base.epochs, base.batch_size) == ("cifar10", 3, 64)
    assert (base.convolution, base.learning_rate) == ("im2col", 0.1)
    assert (base.crops, base.mirrors, base.color) == (False, False, "none")
    assert (base.momentum, base.weight_decay) == (0.9, 0.0005)


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
    run = run_of(BASE, Arm("plain", target=0.25), 0)
    assert run.is_finished(epochs, until) is finished


def test_without_a_target_a_run_goes_on_even_with_no_error_left():
    assert not run_of(BASE, Arm("plain"), 0).is_finished(history(0.0), 2)


def test_a_run_is_called_by_its_arm_and_seed_or_by_the_arms_labels():
    assert run_of(BASE, Arm("plain"), 2).labels == {"arm": "plain", "seed": 2}
    run = run_of(BASE, Arm("plain", labels={"layers": 4}), 2)
    assert (run.labels, run.key) == ({"layers": 4, "seed": 2}, (4, 2))
    assert str(run) == "plain-seed2"
