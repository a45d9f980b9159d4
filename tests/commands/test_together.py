"""What the ranks of a job ask each other before they begin."""

from types import SimpleNamespace

import pytest

from minialexnet.commands.options import asked_for
from minialexnet.commands.together import is_first, refusal


def two_ranks(error, **facts):
    """Return rank 0 of two, the other of which gives this error and these facts."""
    return SimpleNamespace(
        names=["rank 0", "rank 1"], gather=lambda own: [own, (error, facts)]
    )


@pytest.mark.parametrize(
    ("own", "other", "facts", "said"),
    [
        (None, None, {"seed": 1}, None),
        (None, None, {"seed": 2}, "expected the same seed on all ranks, got 2 on rank"),
        (None, "no GPU", {"seed": 1}, "rank 1: no GPU"),
        (ValueError("no data"), "no data", {}, "no data"),
    ],
)
def test_ranks_begin_together_or_say_why_not(own, other, facts, said):
    ranks = two_ranks(other, **facts)
    found = refusal(ranks, own, {"seed": 1})
    assert (found is None) == (said is None) == hasattr(ranks, "is_ready")
    assert str(found).startswith(str(said))


def test_one_process_is_the_first_and_of_a_job_rank_0(monkeypatch):
    assert is_first(None)
    monkeypatch.setenv("PMI_SIZE", "2")
    for rank in (0, 1):
        monkeypatch.setenv("PMI_RANK", str(rank))
        assert is_first(None) == is_first(SimpleNamespace(rank=rank)) == (rank == 0)


def test_an_option_of_its_own_stands_above_the_augmentations_name():
    asked = asked_for({"augment": "crops", "mirrors": False})
    assert asked["crops"] and not asked["mirrors"]
