"""What claims.toml says, and what it must not say."""

import pytest

from minialexnet.model.registry import build
from protocol import entries
from protocol.claim import Goal
from protocol.planned import of_claim
from tests.support.claims import TABLES, claim, entry

CLAIMS = entries.load()
BY_ID = {one.id: one for one in CLAIMS}


def test_the_protocol_is_that_of_the_table():
    assert len(BY_ID) == len(CLAIMS)
    tiny = BY_ID["half"].config
    assert (tiny.data, tiny.classes, tiny.held_out) == ("tiny-imagenet", 20, 100)
    assert (tiny.width, tiny.profile, tiny.batch_size) == (0.25, "2012", 32)
    assert (tiny.epochs, tiny.schedule) == (48, "36,44")
    assert (tiny.crops, tiny.mirrors, tiny.color) == (True, True, "none")
    assert (tiny.convolution, tiny.threads) == ("winograd", 1)
    ten = {"response-normalisation", "overlapping-pooling", "colour", "exchange"}
    trained = {c.id: len(c.seeds) for c in CLAIMS if c.is_measured and c.arms}
    assert {trained[name] for name in ten} == {10}
    assert trained["half"] == trained["dropout"] == 6
    assert BY_ID["weight-decay"].config.data == "cifar10"


@pytest.mark.parametrize("one", CLAIMS, ids=lambda one: one.id)
def test_every_entry_says_what_a_reader_needs(one):
    assert one.entry["sentence"]
    assert one.entry["section"][0].isdigit()
    if one.is_measured:
        assert one.entry["shows_not"]
        assert one.direction in (1, -1)
        paper = one.entry.get("paper")
        side = one.direction if one.measure not in ("epochs_to", "steps_to") else 0
        assert paper is None or paper * side >= 0


@pytest.mark.parametrize("one", CLAIMS, ids=lambda one: one.id)
def test_every_arm_is_a_network_of_the_maps_of_its_base(one):
    for run in {run.arm: run for run in of_claim(one, lambda *_: None)}.values():
        config = run.config
        side = 32 if config.data == "cifar10" else 56
        network = config.network() | {"seed": None, "classes": config.classes or 10}
        if config.model == "alexnet":
            network["input_size"] = side
        table = build(network).table((3, side, side))
        assert table.rows[-1].output_shape == (network["classes"],)


def test_no_two_arms_differ_in_nothing():
    for one in CLAIMS:
        runs = [run for run in of_claim(one, lambda *_: None) if not run.first]
        asked = [str(run.asked()) for run in {run.file: run for run in runs}.values()]
        assert len(set(asked)) == len(asked)


def test_pooling_has_equal_maps():
    arm, base = BY_ID["overlapping-pooling"].arms[0], BY_ID["half"].config
    shapes = [
        [row.output_shape for row in build(
            base.network() | changes | {"seed": None, "input_size": 56}
        ).table((3, 56, 56)).rows]
        for changes in ({}, arm.changes)
    ]  # fmt: skip
    assert shapes[0] == shapes[1]


def test_an_entry_is_known_by_what_was_agreed_on():
    plain = claim().sha256
    assert claim(others="later", shows_not="too").sha256 == plain
    for changed in ({"seeds": 3}, {"measure": "train_error"}, {"direction": -1}):
        assert claim(**changed).sha256 != plain
    other = TABLES | {"base": {"small": TABLES["base"]["small"] | {"epochs": 3}}}
    assert entries.read(entry(), other).sha256 != plain
    assert entries.read(entry(), TABLES, most=1).sha256 == plain


def test_a_base_takes_what_it_is_like():
    steps = claim(base="steps")
    assert steps.goal == Goal(below_chance=-9.0, steps=7)
    assert (steps.config.epochs, steps.config.batch_size) == (20, 16)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"measure": "taste"}, "claim one: no measure 'taste'"),
        ({"colour": 1}, "missing or unknown: colour"),
        ({"arms": [{"name": "a", "poolings": 2}]}, "no field poolings of a config"),
        ({"rates": [0.1]}, "the base's rate is not among those swept"),
    ],
)
def test_what_is_not_known_is_refused(changed, message):
    with pytest.raises(ValueError, match=message):
        claim(**changed)


def test_a_quick_look_is_of_ten_classes_and_sweeps_nothing():
    quick = {one.id: one for one in entries.load(quick="shapes", seeds=2)}
    assert quick["half"].config.data == "shapes"
    assert quick["half"].seeds == range(2)
    assert not quick["half"].rates_of(quick["half"].base)
    assert "ten classes" in quick["classes"].entry["cannot"]
    assert "expected at least 2 pixels" in quick["overlapping-pooling"].entry["cannot"]
    assert quick["half"].sha256 != BY_ID["half"].sha256
