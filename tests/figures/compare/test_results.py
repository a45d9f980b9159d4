"""What was recorded is read again."""

import pytest

from compare import results
from minialexnet.files.records import read_lines


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
