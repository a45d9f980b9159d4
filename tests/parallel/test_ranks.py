"""Trainings on several ranks end in the bits of one process."""

import pytest

from tests.support.ranks import end_of, train

pytestmark = pytest.mark.mpi
# 60 pictures: batches of 28, 28 and 4, the last with fewer pictures than parts.
COMMON = ("--epochs", 2, "--batch-size", 28, "--convolution", "winograd")
ALEXNET = (*COMMON, "--model", "alexnet", "--profile", "2012", "--width", 1 / 32)
ALEXNET += ("--data", "tiny-imagenet", "--augment", "2012", "--patience", 1)
PARTS = ("--parts", 8)


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """Return in what AlexNet ends in one process, of three threads."""
    out = tmp_path_factory.mktemp("alone") / "run"
    assert train(None, out, *ALEXNET, *PARTS, "--threads", 3)[0] == 0
    return end_of(out)


@pytest.mark.parametrize("ranks", [1, 3, 8])
def test_ranks_end_in_the_bits_of_one_process(alone, tmp_path, ranks):
    code, output, errors = train(ranks, tmp_path / "run", *ALEXNET)
    assert (code, errors) == (0, "")
    assert output.count("Trained: ") == output.count("epoch 1/2: ") == 1
    assert end_of(tmp_path / "run") == alone


def test_a_run_killed_on_four_ranks_goes_on_on_two(alone, tmp_path):
    out = tmp_path / "run"
    kill = {"function": "step", "count": 5, "signal": 9, "rank": "2"}
    assert train(4, out, *ALEXNET, kill=kill)[0] != 0
    assert train(2, out, "--resume", "--workers", 2)[0] == 0
    assert end_of(out) == alone


def test_im2col_on_ranks_ends_in_the_bits_of_one_process(tmp_path):
    settings = (*COMMON, "--convolution", "im2col", *PARTS)
    for name, ranks in (("one", None), ("four", 4)):
        assert train(ranks, tmp_path / name, *settings)[0] == 0
    assert end_of(tmp_path / "one") == end_of(tmp_path / "four")


def test_fewer_parts_than_ranks_are_refused(tmp_path):
    code, output, errors = train(2, tmp_path / "run", *COMMON, "--parts", 1)
    assert (code, output) == (2, "")
    assert "expected at least as many --parts as the 2 ranks, got 1" in errors
    assert errors.count("\n") == 1
    assert not (tmp_path / "run").exists()
