"""What was recorded is read again, by this version and by earlier ones."""

from pathlib import Path

import pytest

from compare import results
from minialexnet.files.records import read_lines

RECORDED = Path(__file__).resolve().parents[3] / "figures" / "results"


def epochs_of(arm, seed, *errors):
    return [
        {"kind": "epoch", "arm": arm, "seed": seed, "setup": 0, "epoch": i, **error}
        for i, error in enumerate(errors, 1)
    ]


def errors_of(*errors):
    return [{"test_error": error} for error in errors]


def test_only_seeds_that_every_arm_finished_are_paired():
    records = [
        *epochs_of("a", 0, *errors_of(0.9, 0.5)),
        *epochs_of("a", 1, *errors_of(0.9, 0.6)),
        *epochs_of("a", 3, {"test_error": 0.9}, {"diverged": True}),
        *epochs_of("b", 1, *errors_of(0.9, 0.4)),
        *epochs_of("b", 0, *errors_of(0.9)),
        *epochs_of("b", 3, *errors_of(0.9, 0.4)),
    ]
    assert results.finished_seeds(records) == [1]
    assert results.paired(records, "test_error") == {"a": [0.6], "b": [0.4]}
    curves = results.curves(records, "test_error")
    assert {name: curve.tolist() for name, curve in curves.items()} == {
        "a": [[0.9, 0.6]], "b": [[0.9, 0.4]],
    }  # fmt: skip
    for none in ([], records[:1] + records[-1:]):
        with pytest.raises(ValueError, match="no seed is finished in every arm"):
            results.finished_seeds(none)


def test_results_are_written_as_they_were_read(tmp_path):
    records = [
        {"kind": "setup", "data": "shapes"},
        {"kind": "choice", "arm": "a"},
        *epochs_of("a", 1, *errors_of(0.9, 0.6)),
    ]
    known = results.Results(tmp_path / "r.jsonl", records, ("arm", "seed"))
    assert [len(history) for history in known.histories.values()] == [2]
    assert known.notes == records[1:2]
    known.write()
    assert read_lines(tmp_path / "r.jsonl") == records


def test_an_arms_config_is_read_from_a_setup():
    setup = {"base": {"pooling": 3, "seed": 0}, "arms": {"a": {}, "b": {"pooling": 2}}}
    assert results.config_of(setup, "a") == {"pooling": 3, "seed": 0}
    assert results.config_of(setup, "b") == {"pooling": 2, "seed": 0}


@pytest.mark.parametrize(
    ("name", "arm", "expected"),
    [
        ("overlapping_pooling_cifar10", "z2", {"pooling": 2, "schedule": "8"}),
        ("two_towers_tiny_imagenet", "half", {"towers": 1, "schedule": "12"}),
        ("dropout_cifar10", "with", {"learning_rate": 0.01, "schedule": "constant"}),
    ],
)
def test_so_it_is_from_earlier_records(name, arm, expected):
    (setup,) = results.setups(read_lines(RECORDED / f"{name}.jsonl"))
    found = results.config_of(setup, arm)
    assert expected.items() <= found.items()
    assert found["weight_decay"] == 0.0005


def test_earlier_records_may_have_one_rate_for_all_arms():
    setup = {"drop_probability": {"with": 0.5}, "learning_rate": 0.01}
    setup["optimizer"] = {"momentum": 0.9, "weight_decay": 0.0005}
    expected = {"learning_rate": 0.01, "schedule": "constant"}
    assert results.config_of(setup, "with") == setup["optimizer"] | expected
