"""What is read back of runs: of the run that was asked for, and whole."""

from dataclasses import replace

import pytest

from compare.paired import verdict
from minialexnet.files.records import read_lines, write_lines
from protocol import costs, verdicts
from protocol.planned import plan, run_of, sweep_of
from protocol.scheduler import open_runs
from tests.support.claims import claim, record, store


def test_a_record_must_be_of_the_run_that_is_asked_for(tmp_path):
    one = claim()
    place, run = store(tmp_path), run_of(one, one.base, 0)
    record(place, run)
    path = place.records / f"{run.file}.jsonl"
    other = replace(run, config=replace(run.config, width=0.5))
    with pytest.raises(ValueError, match=r"small/seed_0.jsonl to be of width 0.5, got"):
        store(tmp_path).lines(other)
    setup, *lines = read_lines(path)
    del setup["config"]["warm_up"]  # as one that was trained before there was such
    write_lines(path, [setup, *lines])
    assert len(store(tmp_path).lines(run)) == 3
    late = replace(run, config=replace(run.config, warm_up=2))
    with pytest.raises(ValueError, match="to be of warm_up 2, got 0"):
        store(tmp_path).lines(late)
    write_lines(path, [setup, *lines[:-1]])
    with pytest.raises(ValueError, match=r"small/seed_0.jsonl to go .* to its end"):
        store(tmp_path).lines(run)


def test_damaged_arrays_are_named(tmp_path):
    one = claim()
    place, run = store(tmp_path), run_of(one, one.base, 0)
    record(place, run, wrong=[True] * 40)
    path = place.records / f"{run.file}.npz"
    whole = path.read_bytes()
    for damaged in (b"", whole[:50], whole[:-30], whole[:60] + b"!!" + whole[62:]):
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match=r"expected .*seed_0.npz to be whole, got"):
            place.arrays(run)


@pytest.mark.parametrize("want", ["train", "shifted", "purity", "probabilities"])
def test_what_is_wanted_later_is_not_taken_for_there(tmp_path, want):
    one = claim(arms=[], seeds=1)
    place = store(tmp_path)
    (run,) = plan([one], place.chosen)
    record(place, run, wrong=[True])
    assert place.is_done(run)
    run = replace(run, wants=frozenset({want}))
    with pytest.raises(ValueError, match=f"seed_0.jsonl to have {want} too"):
        place.is_done(run)
    has = {"shifted_error": 0.5, "purity_trained": 0.5}
    record(place, run, end=has, epochs=[{"train_error": 0.5}], wrong=[True], ten=[1])
    assert store(tmp_path).is_done(run)
    record(place, run, end={"diverged": 1}, wrong=[True])
    assert store(tmp_path).is_done(run)


def test_a_checkpoint_is_wanted_only_where_a_run_is_to_begin_with_it(tmp_path):
    arm = {"name": "fine", "first": {"name": "pre", "mirrors": False}}
    one, place = claim(arms=[arm], seeds=1), store(tmp_path)
    small, pre, fine = plan([one], place.chosen)
    for run in (small, pre):
        record(place, run)
    assert open_runs([one], place, ()) == [pre, fine]
    place.checkpoint(pre).parent.mkdir(parents=True)
    place.checkpoint(pre).touch()  # it is trained again, and was killed
    assert open_runs([one], place, ()) == [pre, fine]
    place.checkpoint(pre).rename(place.kept(pre))
    assert open_runs([one], place, ()) == [fine]
    record(place, fine)
    place.kept(pre).unlink()
    assert open_runs([one], place, ()) == []


def test_a_rate_at_which_a_run_diverges_is_not_chosen(tmp_path):
    one = claim(base="steps", measure="steps_to", rates=[0.1, 0.01], seeds=1)
    place = store(tmp_path)
    reached = {"steps": 5, "reached": 1}
    for own, other, chosen in (
        (reached, {"steps": 1, "diverged": 1}, 0.01),
        ({"steps": 1, "diverged": 1}, reached, 0.1),
        ({"steps": 1, "diverged": 1}, {"steps": 1, "diverged": 1}, 0.01),
        ({"steps": 5}, {"steps": 5}, 0.01),
        ({"steps": 7}, reached, 0.1),
    ):
        for run, end in zip(sweep_of(one, one.base), (other, own), strict=True):
            record(place, run, end=end)
        assert store(tmp_path).chosen(one, one.base) == chosen


@pytest.mark.parametrize(
    ("measure", "base", "end", "ratio"),
    [("steps_to", "steps", {"steps": 3}, 7 / 3), ("epochs_to", "small", {}, 2)],
)
def test_a_run_that_diverges_counts_as_if_it_came_to_its_end(
    tmp_path, measure, base, end, ratio
):
    one = claim(base=base, measure=measure, target=0.5, seeds=2)
    place = store(tmp_path)
    for seed in one.seeds:
        epochs = [{"train_error": 0.5}] * 2
        reached = {"reached": 1} | end
        record(place, run_of(one, one.base, seed), epochs=epochs, end=reached)
        record(place, run_of(one, one.arms[0], seed), end={"steps": 1, "diverged": 1})
    (line,) = verdicts.table([one], place)
    assert line["here"] == pytest.approx(ratio, abs=1e-3)
    assert "bound" in line


def test_an_arm_is_compared_at_the_rate_that_the_base_has(tmp_path):
    one, place = claim(rates=[0.01, 0.1]), store(tmp_path)
    for variant, errors in ((one.base, (0.5, 0.4)), (one.arms[0], (0.4, 0.5))):
        for run, error in zip(sweep_of(one, variant), errors, strict=True):
            record(place, run, end={"test_error": error})
    names = [run.arm for run in plan([one], place.chosen) if run.config.seed == 0]
    assert names == ["small-rate-0.1", "no-dropout-rate-0.1", "no-dropout"]
    for seed in one.seeds:
        for variant, rate, wrong in (
            (one.base, 0.1, 2 - seed), (one.arms[0], 0.01, 4), (one.arms[0], 0.1, 6),
        ):  # fmt: skip
            ten = [True] * wrong + [False] * (10 - wrong)
            record(place, run_of(one, variant, seed, rate), wrong=ten)
    (line,) = verdicts.table([one], place)
    assert (line["here"], line["at_base_rate"]["here"]) == (25, 45)


def test_one_seed_has_a_number_and_no_interval(tmp_path):
    one, place = claim(seeds=1), store(tmp_path)
    for variant, wrong in ((one.base, [True, False]), (one.arms[0], [True, True])):
        record(place, run_of(one, variant, 0), wrong=wrong)
    (line,) = verdicts.table([one], place)
    assert verdicts.sentence(line) == (
        "without dropout: +50.00 points (one seed, no interval)"
    )


def test_a_question_differs_or_is_not_seen():
    assert [verdict(*ends, 0) for ends in ((1, 2), (-2, -1), (-1, 1))] == [
        "differs",
        "differs",
        "not seen",
    ]


def test_a_run_that_was_stopped_for_hours_is_not_thought_slow(tmp_path):
    one, place = claim(seeds=1), store(tmp_path)
    run = run_of(one, one.base, 0)
    cpu = 3 * costs.seconds_of(run) / costs.MEASURING
    record(place, run, epochs=[{"seconds": 9999.0, "cpu_seconds": cpu}])
    assert costs.slowness([one], place) == pytest.approx(3)
