"""A run that fails or whose process dies is named, and the others go on."""

import multiprocessing
import os
import signal

import numpy as np
import pytest

from compare.arms import Arm, runs_of
from compare.results import Results
from compare.training import Settings
from compare.workers import Workers, what_failed
from tests.support.arms import base, epochs, options


def die(network, seed):
    """Kill the process that trains, as a system without memory does."""
    os.kill(os.getpid(), signal.SIGKILL)


def fail(network, seed):
    raise ValueError("a reason")


@pytest.fixture
def plain(small_set, tmp_path):
    """Return the config that all runs share."""
    return base(options(tmp_path, data=small_set), schedule="constant")


@pytest.fixture
def workers(tmp_path):
    """Two workers, on a handful of pictures."""
    (tmp_path / "runs").mkdir()
    settings = Settings(tmp_path, pictures=64, splits=())
    results = Results(tmp_path / "results.jsonl", [], ("arm", "seed"))
    found = Workers(settings, results, jobs=2, pictures=64)
    yield found
    found.close()


@pytest.mark.parametrize(
    ("rebuild", "words"),
    [
        (
            die,
            "bad-seed0 failed: its process was killed, or found no memory; bad-seed1",
        ),
        pytest.param(
            *(fail, "bad-seed0 failed: ValueError: a reason; bad-seed1 failed"),
            marks=pytest.mark.slow,
        ),
    ],
)
def test_a_run_that_fails_is_named_and_the_others_are_done(
    workers, plain, tmp_path, rebuild, words
):
    arms = [Arm("bad", rebuild=rebuild), Arm("good")]
    runs = runs_of(plain, arms, 2)
    with pytest.raises(RuntimeError, match="All other runs are done") as error:
        workers.train("runs", runs, 1)
    assert str(error.value).startswith(words)
    assert "good" not in str(error.value)
    assert [(e["arm"], e["seed"]) for e in epochs(tmp_path)] == [
        ("good", 0), ("good", 1),
    ]  # fmt: skip
    # And the workers go on with what comes next.
    more = runs_of(plain, arms[1:], 3)
    workers.train("more", more, 1)
    assert [e["seed"] for e in epochs(tmp_path)] == [0, 1, 2]


def test_many_failures_are_counted():
    words = what_failed({f"bad-seed{i}": ValueError("a reason") for i in range(5)})
    assert words.count("a reason") == 3
    assert "; 2 more failed. All other" in words


def test_nothing_is_left_of_workers_that_are_closed(workers, plain, tmp_path):
    def stop():
        raise KeyboardInterrupt

    workers.results.write = stop
    runs = runs_of(plain, [Arm("good")], 2)
    with pytest.raises(KeyboardInterrupt):
        workers.train("runs", runs, 10**6)
    assert len(multiprocessing.active_children()) == 2
    workers.close()
    assert not multiprocessing.active_children()


def test_a_run_that_diverges_is_recorded_as_such(workers, plain, tmp_path):
    changes = {"learning_rate": float(np.float32(1e10))}
    runs = runs_of(plain, [Arm("wild", changes)], 1)
    workers.train("runs", runs, 3)
    assert epochs(tmp_path)[-1]["diverged"] is True


def test_a_schedule_without_test_errors_is_refused(workers, plain, tmp_path):
    runs = runs_of(plain, [Arm("dropped", {"schedule": "1"})], 1)
    with pytest.raises(RuntimeError, match="ValueError: expected a test error"):
        workers.train("runs", runs, 1)
