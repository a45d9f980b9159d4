"""Train: what it refuses, and that a run goes on to the bit after any end."""

import dataclasses
import errno
import json
import math
import os
import random
import re
import shlex
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from minialexnet import MomentumSGD, SoftmaxCrossEntropy, cifar_net, cli, data, model
from minialexnet.commands import epochs
from minialexnet.files import checkpoint, progress
from minialexnet.files.alone import alone
from minialexnet.runs.defaults import AUGMENTATIONS, CIFAR
from tests.support import train_on_noise
from tests.support.closeness import is_close

SETTINGS = ("--epochs", "3", "--batch-size", "25", "--activation", "tanh")
SETTINGS += ("--threads", "2")


def run(program, *arguments, seconds=None, **kill):
    """Run a program in a process of its own, killed after `seconds` if it takes longer.

    Returns its exit code, what it printed and what it complained of.
    """
    environment = dict(os.environ)
    environment["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    if kill:
        environment["KILL"] = json.dumps(kill)
    process = subprocess.Popen(
        [sys.executable, *map(str, (*program, *arguments))],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        output, errors = process.communicate(timeout=seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        output, errors = process.communicate()
    return process.returncode, output, errors


def train(out, *arguments, **how):
    """Train on noise into `out` in a process of its own; see `run`."""
    return run([train_on_noise.__file__], "train", "--out", out, *arguments, **how)


def result(out):
    """Return what a run ended in: every array's bytes, and its state but for times."""
    arrays, state = checkpoint.load(out / checkpoint.NAME)
    lines = (out / epochs.METRICS).read_text().splitlines()
    runs = [{"run": run} for run in state.pop("runs")]  # how often it was stopped
    assert [json.loads(line) for line in lines] == runs + state["history"]
    for entry in state["history"]:
        del entry["seconds"], entry["cpu_seconds"], entry["peak_memory_gib"]
    return {name: array.tobytes() for name, array in arrays.items()}, state


@pytest.fixture(scope="module")
def timed(tmp_path_factory):
    """Return the result of a run that nothing disturbed, and its seconds."""
    out = tmp_path_factory.mktemp("undisturbed") / "run"
    start = time.monotonic()
    code, output, errors = train(out, *SETTINGS)
    assert (code, errors) == (0, "")
    assert "epoch 3/3: running loss " in output
    return result(out), time.monotonic() - start


@pytest.fixture
def undisturbed(timed):
    """Return the result of a run that nothing disturbed."""
    return timed[0]


@pytest.fixture(scope="module")
def short(tmp_path_factory):
    """Return the folder of a run of an epoch, in which nothing may change."""
    out = tmp_path_factory.mktemp("short") / "run"
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(data, "load", train_on_noise.few)
        assert cli.main(["train", "--out", str(out), "--epochs", "1"]) == 0
    return out


@pytest.fixture
def trained(short, tmp_path):
    """Return the folder of such a run that may be changed."""
    return shutil.copytree(short, tmp_path / "first")


@pytest.fixture
def noise(monkeypatch):
    """Have this process train on noise."""
    monkeypatch.setattr(data, "load", train_on_noise.few)


@pytest.fixture
def command(noise, capsys):
    """Return a function that runs the command here: its exit code, output, errors."""

    def call(*arguments):
        try:
            code = cli.main(list(map(str, arguments)))
        except SystemExit as exit:
            code = exit.code
        return code, *capsys.readouterr()

    return call


# What a run leaves


def test_an_epoch_is_a_line_of_json(undisturbed):
    history = undisturbed[1]["history"]
    assert [entry["epoch"] for entry in history] == [1, 2, 3]
    for entry in history:
        assert entry["learning_rate"] == CIFAR["learning_rate"]
        assert entry["running_loss"] == pytest.approx(np.log(10), abs=0.1)
        assert 0 <= entry["test_error"] <= 1


def test_the_settings_reach_the_training(undisturbed):
    config = undisturbed[1]["config"]
    assert (config["epochs"], config["batch_size"]) == (3, 25)
    assert config["activation"] == "tanh"
    assert config["threads"] == 2


def test_without_a_terminal_an_epoch_is_counted_on_lines(
    command, tmp_path, monkeypatch
):
    monkeypatch.setattr(progress, "EVERY", 0)  # so that every count is a line
    monkeypatch.setattr(progress.Lines, "last", 0)
    code, _, errors = command("train", "--out", tmp_path, "--epochs", 1)
    lines = errors.splitlines()
    assert (code, lines[-1:]) == (0, ["epoch 1/1: 80 of 80 picture"])
    assert all(re.fullmatch(r"epoch 1/1: \d+ of 80 picture", line) for line in lines)


def test_settings_change_the_weights(command, tmp_path):
    settings = {  # tests/test_run.py has the others
        "plain": (),
        "seed": ("--seed", "1"),
        "convolution": ("--convolution", "winograd"),
        "reference_batch": ("--reference-batch", "8"),
        "warm_up": ("--reference-batch", "8", "--warm-up", "1"),
        "optimizer": ("--optimizer", "lars"),
    }
    ends = set()
    for name, setting in settings.items():
        arguments = ("--out", tmp_path / name, "--epochs", 1, *setting)
        assert command("train", *arguments)[0] == 0
        ends.add(result(tmp_path / name)[0]["w/fc1.W"])
    assert len(ends) == len(settings)


def test_two_steps_are_as_the_help_says(command, tmp_path):
    # An epoch is one step; the decay is large, so that its share is seen.
    steps = ("--epochs", 2, "--batch-size", 60, "--weight-decay", 50, "--seed", 3)
    assert command("train", "--out", tmp_path, *steps)[0] == 0
    arrays, _ = checkpoint.load(tmp_path / checkpoint.NAME)
    network, loss = cifar_net(seed=3), SoftmaxCrossEntropy()
    pictures = train_on_noise.few("noise")
    x = pictures.train_images - pictures.train_images.mean(axis=0)
    x, rate = x.astype(np.float32), CIFAR["learning_rate"]
    velocities = dict.fromkeys(network.parameters(), 0)
    for _ in range(2):
        loss.forward(network.forward(x, train=True), pictures.train_labels)
        network.backward(loss.backward())
        gradients = network.gradients()
        for name, w in network.parameters().items():
            # Biases learn at twice the rate and do not decay.
            bias = name.endswith("b")
            step = 2 * gradients[name] if bias else gradients[name] + 50 * w
            velocities[name] = 0.9 * velocities[name] - rate * step
            w += velocities[name]
    for name, w in network.parameters().items():
        found = arrays[f"v/{name}"]
        assert is_close(found, velocities[name], rel=1e-2, abs=1e-7), name
        assert is_close(arrays[f"w/{name}"], w, rel=1e-2, abs=1e-7), name


# AlexNet

SMALL = ("--data", "tiny-imagenet", "--model", "alexnet", "--width", "0.05")


def test_alexnet_is_trained_as_the_paper_says(command, tmp_path):
    assert command("train", "--out", tmp_path, *SMALL, "--epochs", 1)[0] == 0
    state = checkpoint.load(tmp_path / checkpoint.NAME)[1]
    config = state["config"]
    names = ("batch_size", "learning_rate", "momentum", "weight_decay", "schedule")
    assert [config[name] for name in names] == [128, 0.01, 0.9, 0.0005, "plateau"]
    assert (config["color"], config["profile"]) == ("paper", "paper")
    assert config["crops"] and config["mirrors"]
    assert state["model"]["input_size"] == 56
    assert state["schedule"]["drops"] == 3


def test_alexnet_goes_on_to_the_bit_on_other_threads(command, tmp_path):
    settings = (*SMALL, "--profile", "2012", "--augment", "2012", "--patience", 1)
    settings += ("--batch-size", 25)
    once, twice = tmp_path / "once", tmp_path / "twice"
    assert command("train", "--out", once, *settings, "--epochs", 3)[0] == 0
    code = command("train", "--out", twice, *settings, "--epochs", 2, "--workers", 0)
    assert code[0] == 0
    resume = ("--resume", "--epochs", 3, "--workers", 3, "--threads", 7)
    assert command("train", "--out", twice, *resume)[0] == 0
    weights, state = result(twice)
    assert state["config"].pop("threads") == 7
    expected, once_state = result(once)
    del once_state["config"]["threads"]
    assert (weights, state) == (expected, once_state)


def test_two_devices_learn_what_one_does(command, tmp_path):
    settings = (*SMALL, "--profile", "2012", "--augment", "crops", "--batch-size", 25)
    one, two = tmp_path / "one", tmp_path / "two"
    before = set(threading.enumerate())
    assert command("train", "--out", one, *settings, "--epochs", 2)[0] == 0
    devices = ("--device", "cpu:0,cpu:1")
    code, output, _ = command("train", "--out", two, *settings, *devices, "--epochs", 1)
    assert code == 0
    assert "Bytes that cross between cpu:0 and cpu:1 in a step of 25 pictures" in output
    begun = set(threading.enumerate()) - before
    assert not [t for t in begun if "ThreadPool" in t.name]
    # The checkpoint is of the whole network: another device may go on with it.
    for device in ("cpu", devices[1]):
        out = tmp_path / device.replace(":", "")
        shutil.copytree(two, out)
        resume = ("--resume", "--epochs", 2, "--device", device)
        assert command("train", "--out", out, *resume)[0] == 0
        found, arrays = (checkpoint.load(p / checkpoint.NAME)[0] for p in (out, one))
        assert found.keys() == arrays.keys()
        for name, array in arrays.items():
            assert is_close(found[name], array, rel=1e-3, abs=1e-5), name


def test_what_augments_the_pictures_changes_the_weights(command, tmp_path):
    ends = set()
    for name in AUGMENTATIONS:
        settings = (*SMALL, "--epochs", 1, "--augment", name)
        assert command("train", "--out", tmp_path / name, *settings)[0] == 0
        ends.add(result(tmp_path / name)[0]["w/conv1.W"])
    assert len(ends) == 4


def test_the_schedule_sets_the_rate(command, tmp_path):
    settings = ("--epochs", 3, "--schedule", "1,2")
    assert command("train", "--out", tmp_path, *settings)[0] == 0
    rates = [entry["learning_rate"] for entry in result(tmp_path)[1]["history"]]
    assert rates == pytest.approx([0.003, 0.0003, 0.00003])


def no_tests(name, data_dir=None):
    noise = train_on_noise.few(name)
    return dataclasses.replace(
        noise, test_images=noise.test_images[:0], test_labels=noise.test_labels[:0]
    )


def test_weights_that_the_last_step_ruined_are_not_kept(command, tmp_path, monkeypatch):
    monkeypatch.setattr(data, "load", no_tests)
    # One step from a loss that is still finite.
    settings = ("--batch-size", 60, "--learning-rate", "1e38", "--epochs", 1)
    code, _, errors = command("train", "--out", tmp_path, *settings)
    assert (code, errors.count("\n")) == (1, 1)
    assert "after a step at a learning rate of 1e+38" in errors
    assert result(tmp_path)[1]["history"] == []


def test_fewer_epochs_than_are_done_are_refused(command, tmp_path):
    assert command("train", "--out", tmp_path, "--epochs", 2)[0] == 0
    before = result(tmp_path)
    code, _, errors = command("train", "--out", tmp_path, "--resume", "--epochs", 1)
    assert code == 2
    assert "at least the 2 that the run in" in errors
    assert result(tmp_path) == before


def test_a_folder_of_data_may_have_moved(command, tmp_path):
    settings = ("--out", tmp_path, "--data")
    assert command("train", *settings, "one/place", "--epochs", 1)[0] == 0
    resume = ("--resume", "--epochs", 2)
    assert command("train", *settings, "another", *resume)[0] == 0
    code, _, errors = command("train", *settings, "shapes", "--resume")
    assert code == 2
    assert "expected --data one/place" in errors or "expected --data another" in errors


def test_a_run_of_an_earlier_version_goes_on(command, tmp_path):
    settings = ("--epochs", 1, "--threads", 1)
    assert command("train", "--out", tmp_path, *settings)[0] == 0
    arrays, state = checkpoint.load(tmp_path / checkpoint.NAME)
    for name in ("threads", "convolution"):
        del state["config"][name]
    del state["begun"], state["runs"]
    checkpoint.save(tmp_path / checkpoint.NAME, arrays, state)
    assert command("train", "--out", tmp_path, "--resume", "--epochs", 2)[0] == 0


# From another network


def test_fine_tuning_begins_with_what_was_learned(command, tmp_path, trained):
    out = tmp_path / "tuned"
    settings = ("--from", trained, "--seed", 5, "--learning-rate", 0)
    code, output, _ = command("train", "--out", out, *settings, "--epochs", 1)
    assert code == 0
    assert "conv1, conv2, conv3; the others begin anew" in output
    first, tuned = result(trained)[0], result(out)[0]
    for name, array in first.items():
        if name.startswith("w/"):
            assert (tuned[name] == array) == (not name.startswith("w/fc1"))
    assert tuned["w/fc1.W"] == cifar_net(seed=5).parameters()["fc1.W"].tobytes()


def test_fine_tuning_learns_slowly_and_conv1_slower_still(command, tmp_path, trained):
    out = tmp_path / "tuned"
    steps = ("--from", trained, "--epochs", 1, "--batch-size", 60)
    assert command("train", "--out", out, *steps)[0] == 0
    config = result(out)[1]["config"]
    assert (config["learning_rate"], config["rate"]) == (0.001, {"conv1": 0.1})
    plain = tmp_path / "plain"
    steps += ("--rate", "conv1=1", "--rate", "conv2=0.5")
    assert command("train", "--out", plain, *steps)[0] == 0
    before = checkpoint.load(trained / checkpoint.NAME)[0]
    moved = []
    for run in (out, plain):
        arrays = checkpoint.load(run / checkpoint.NAME)[0]
        moved.append(
            {n: abs(arrays[n] - before[n]).max() for n in arrays if n[0] == "w"}
        )
    assert moved[1]["w/conv1.W"] == pytest.approx(10 * moved[0]["w/conv1.W"], rel=0.01)
    assert moved[1]["w/conv2.b"] == pytest.approx(moved[0]["w/conv2.b"] / 2, rel=0.01)


def test_another_layers_rate_leaves_conv1_its_tenth(command, tmp_path, trained):
    out = tmp_path / "tuned"
    settings = ("--from", trained, "--epochs", 1, "--rate", "fc1=10")
    assert command("train", "--out", out, *settings)[0] == 0
    assert result(out)[1]["config"]["rate"] == {"conv1": 0.1, "fc1": 10}


def test_fine_tuning_begins_with_a_plain_model_too(command, tmp_path):
    begun = model.begin(train_on_noise.few("noise"), {"model": "cifar"})
    model.save(tmp_path / "plain.npz", begun)
    settings = ("--from", tmp_path / "plain.npz", "--epochs", 1)
    assert command("train", "--out", tmp_path / "tuned", *settings)[0] == 0


def test_fine_tuning_with_another_network_is_refused(command, tmp_path, trained):
    other = ("--from", trained, "--activation", "tanh")
    code, _, errors = command("train", "--out", tmp_path / "tuned", *other)
    assert (code, errors.count("\n")) == (2, 1)
    assert "expected --activation relu, as " in errors


def test_a_tuned_run_goes_on_without_the_first(command, tmp_path, trained):
    out = tmp_path / "tuned"
    tune = ("--from", trained, "--epochs", 1)
    assert command("train", "--out", out, *tune)[0] == 0
    for path in trained.iterdir():
        path.unlink()
    assert command("train", "--out", out, "--resume", "--epochs", 2)[0] == 0


# Going on


@pytest.mark.parametrize(
    "moment",
    [
        {"function": "step", "count": 8, "after": True},  # in the last epoch
        {"function": "replace", "count": 3, "after": True},  # the metrics lag behind
        *(
            pytest.param(moment, marks=pytest.mark.slow)
            for moment in (
                {"function": "step", "count": 2},  # no epoch is finished
                {"function": "replace", "count": 3},  # a checkpoint has no name yet
                {"function": "fsync", "count": 9},  # a checkpoint is not on the disk
            )
        ),
    ],
)
def test_a_killed_run_ends_in_the_same_bits(command, tmp_path, undisturbed, moment):
    out = tmp_path / "run"
    code, _, _ = train(out, *SETTINGS, **moment, signal=signal.SIGKILL)
    assert code == -signal.SIGKILL
    assert command("train", "--out", out, "--resume")[0] == 0
    assert result(out) == undisturbed
    assert sorted(os.listdir(out)) == [checkpoint.NAME, epochs.METRICS]


def test_an_epoch_goes_on_behind_its_last_checkpoint(
    command, tmp_path, undisturbed, monkeypatch
):
    # A checkpoint after every batch, and an end in the middle of the second epoch.
    monkeypatch.setattr(epochs, "MINUTES", 0)
    real, steps = MomentumSGD.step, []

    def step(self, gradients):
        steps.append(len(steps))
        if len(steps) == 6:
            raise KeyboardInterrupt
        real(self, gradients)

    monkeypatch.setattr(MomentumSGD, "step", step)
    assert command("train", "--out", tmp_path, *SETTINGS)[0] == 130
    state = checkpoint.load(tmp_path / checkpoint.NAME)[1]
    assert (len(state["history"]), state["begun"]["batches"]) == (1, 2)
    assert command("train", "--out", tmp_path, "--resume")[0] == 0
    assert len(steps) == 6 + 4  # two epochs of three batches, less the two done
    assert result(tmp_path) == undisturbed


def end_in_spite_of(kills, out, longest, draw):
    """Begin a run, kill it up to so many times, and let it end; return the kills."""
    for kill in range(kills + 1):
        begun = (out / checkpoint.NAME).exists()
        seconds = draw.uniform(0.1, longest) if kill < kills else None
        arguments = ("--resume",) if begun else SETTINGS
        code, _, errors = train(out, *arguments, seconds=seconds)
        assert code in (0, -signal.SIGKILL), errors
        if code == 0:
            return kill
    raise AssertionError("a run that nothing killed did not end")


# Quick, and at moments that no clock draws, the tests above hold the same.
@pytest.mark.slow
def test_runs_killed_at_random_end_in_the_same_bits(tmp_path, timed):
    undisturbed, seconds = timed
    draw, killed = random.Random(2012), 0
    for number in range(20):
        out = tmp_path / f"run {number}"
        killed += end_in_spite_of(10, out, 1.1 * seconds, draw)
        assert result(out) == undisturbed
    assert killed > 0


@pytest.mark.slow
def test_a_run_killed_before_its_first_checkpoint_begins_again(
    command, tmp_path, undisturbed
):
    out = tmp_path / "run"
    moment = {"function": "replace", "count": 1}
    assert train(out, *SETTINGS, **moment, signal=signal.SIGKILL)[0] == -signal.SIGKILL
    code, _, errors = command("train", "--out", out, "--resume")
    assert (code, errors.count("\n")) == (2, 1)
    assert "expected a checkpoint to go on from, got no" in errors
    assert command("train", "--out", out, *SETTINGS)[0] == 0
    assert result(out) == undisturbed


def test_ctrl_c_says_how_to_go_on(command, tmp_path, undisturbed):
    out = tmp_path / "a run"
    moment = {"function": "step", "count": 5, "signal": signal.SIGINT}
    code, output, errors = train(out, *SETTINGS, "--data-dir", "some where", **moment)
    assert code == 130
    assert "epoch 1/3" in output
    assert "Traceback" not in errors
    name, *arguments = shlex.split(errors.splitlines()[-1])
    assert name == "minialexnet"
    assert arguments[-2:] == ["--data-dir", "some where"]
    assert command(*arguments)[0] == 0
    assert result(out) == undisturbed


def test_ctrl_c_before_the_first_checkpoint_keeps_nothing(
    command, tmp_path, monkeypatch
):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(data, "load", interrupt)
    code, _, errors = command("train", "--out", tmp_path / "run")
    assert (code, errors) == (130, "\nStopped. Nothing was trained yet.\n")
    assert not (tmp_path / "run").exists()


@pytest.mark.slow
def test_more_epochs_go_on_as_if_asked_for_at_once(command, tmp_path):
    for out, ends in (("once", (2,)), ("twice", (1, 2))):
        for number in ends:
            resume = ["--resume"] if number != ends[0] else []
            arguments = ("--out", tmp_path / out, "--epochs", number, *resume)
            assert command("train", *arguments)[0] == 0
    assert result(tmp_path / "once") == result(tmp_path / "twice")


def test_a_finished_run_stays_as_it_is(command, trained):
    before = checkpoint.load(trained / checkpoint.NAME)[1], result(trained)
    assert command("train", "--out", trained, "--resume")[0] == 0
    assert (checkpoint.load(trained / checkpoint.NAME)[1], result(trained)) == before


# What is refused


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["paint"], "invalid choice: 'paint'"),
        (["train"], "minialexnet train: .* required: --out"),
        (["train", "--out", "X", "--activation", "gelu"], "'gelu'.*relu"),
        (["train", "--out", "X", "--epochs", "0"], "--epochs: .*from 1 to .*, got 0"),
        (["train", "--out", "X", "--epochs", "many"], "--epochs: .*'many'"),
        (["train", "--out", "X", "--batch-size", "0"], "--batch-size: .*from 1.*got 0"),
        (["train", "--out", "X", "--learning-rate", "-1"], "learning_rate >= 0.*-1"),
        (
            ["train", "--out", "X", "--learning-rate", "nan"],
            "a finite number, got nan",
        ),
        (["train", "--out", "X", "--rate", "conv1"], "LAYER=FACTOR, got 'conv1'"),
        (["train", "--out", "X", "--rate", "conv9=2"], "out of conv1, .*got conv9"),
        (["train", "--out", "X", "--schedule", "cosine"], "25,51, got 'cosine'"),
        (["train", "--out", "X", "--schedule", "5,3"], "that grow, like 25,51, got"),
        (["train", "--out", "X", "--schedule", "0,2"], "that grow, like 25,51, got"),
        (["train", "--out", "X", "--profile", "2012"], "no --profile for --model cif"),
        (["train", "--out", "X", "--classes", "5"], "--classes .*tiny-imagenet"),
        (["train", "--out", "X", "--from", "no.npz"], "no.npz"),
        (["train", "--out", "X", "--momentum", "1"], "momentum < 1.*1.0"),
        (["train", "--out", "X", "--seed", "-1"], "--seed: .*from 0 to .*, got -1"),
        (["train", "--out", "X", "--seed", f"{2**53 + 1}"], "--seed: .* to 9,007,"),
        (["train", "--out", "X", "--device", "tpu"], "expected device 'cpu'.*'tpu'"),
        (["train", "--out", "X", "--resume"], "got no X.checkpoint.npz"),
        (["train", "--out", "file"], "'file'"),
        (["train", "--out", "full"], "empty or a new --out, got full: .*--resume"),
        (["train", "--out", "X", "--epoch", "3"], "unrecognized arguments"),
    ],
)
def test_what_does_not_fit_is_refused_in_one_line(
    command, tmp_path, monkeypatch, arguments, message
):
    monkeypatch.chdir(tmp_path)
    Path("file").touch()
    Path("full").mkdir()
    Path("full", "thesis.txt").touch()
    code, output, errors = command(*arguments)
    assert code == 2
    assert re.search(message, errors), errors
    assert (output, errors.count("\n")) == ("", 1)
    assert sorted(os.listdir()) == ["file", "full"]


@pytest.mark.parametrize(
    ("option", "value", "was"),
    [
        ("--activation", "sigmoid", "relu"),
        ("--batch-size", 40, 32),
        ("--learning-rate", 0.5, 0.003),
        ("--seed", 7, 0),
        ("--parts", 7, os.cpu_count()),
        ("--data", "cifar10", "shapes"),
    ],
)
def test_resume_with_another_setting_is_refused(command, short, option, value, was):
    before = result(short)
    code, _, errors = command("train", "--out", short, "--resume", option, value)
    assert code == 2
    assert f"expected {option} {was}, as the run in" in errors
    assert f"got {value}\n" in errors
    assert result(short) == before


def test_a_batch_is_shared_by_as_many_threads_as_asked_for(command, tmp_path):
    ends = {}
    for threads in (1, 2, 3):
        out = tmp_path / str(threads)
        settings = ("--epochs", 1, "--threads", threads)
        assert command("train", "--out", out, *settings)[0] == 0
        ends[threads] = checkpoint.load(out / checkpoint.NAME)[0]
        assert threading.active_count() < 10
    for name, array in ends[1].items():
        for threads in (2, 3):  # equal but for rounding
            assert is_close(ends[threads][name], array, rel=1e-3, abs=1e-6)
    assert any((ends[1][name] != ends[2][name]).any() for name in ends[1])
    settings = ("--epochs", 1, "--threads", 2, "--parts", 3)
    assert command("train", "--out", tmp_path / "parts", *settings)[0] == 0
    parts = checkpoint.load(tmp_path / "parts" / checkpoint.NAME)[0]
    for name, array in ends[3].items():  # the threads change no bit, the parts do
        np.testing.assert_array_equal(parts[name], array, strict=True)


def test_a_damaged_checkpoint_is_named(command, trained):
    path = trained / checkpoint.NAME
    path.write_bytes(path.read_bytes()[:-1])
    code, _, errors = command("train", "--out", trained, "--resume")
    assert (code, errors.count("\n")) == (2, 1)
    assert f"{path}: expected a whole checkpoint" in errors


def test_a_checkpoint_of_another_program_is_refused(command, tmp_path):
    checkpoint.save(tmp_path / checkpoint.NAME, {}, {"config": {"rate": 1}})
    code, _, errors = command("train", "--out", tmp_path, "--resume")
    assert (code, errors.count("\n")) == (2, 1)
    assert "to be written by minialexnet train" in errors


def test_a_loss_that_explodes_ends_the_run_in_one_line(command, tmp_path):
    arguments = ("--learning-rate", "1e30", "--batch-size", 40)
    code, _, errors = command("train", "--out", tmp_path, *arguments)
    assert (code, errors.count("\n")) == (1, 1)
    assert re.search(
        "the loss became .* in epoch 1 at a learning rate of 1e.30", errors
    )
    assert result(tmp_path)[1]["history"] == []


def test_a_full_disk_ends_the_run_in_one_line(command, tmp_path, monkeypatch):
    real, calls = os.fsync, []

    def fsync(descriptor):
        calls.append(descriptor)
        if len(calls) > 4:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    code, _, errors = command("train", "--out", tmp_path)
    assert (code, errors.count("\n")) == (1, 1)
    assert "left as it was: No space left on device" in errors
    assert result(tmp_path)[1]["history"] == []


@pytest.mark.parametrize("value", ["inf", "nan", "-inf", "1e999"])
@pytest.mark.parametrize(
    "option", ["--learning-rate", "--momentum", "--weight-decay", "--rate", "--width"]
)
def test_numbers_that_are_not_finite_are_refused(tmp_path, capsys, option, value):
    value_of = f"fc8={value}" if option == "--rate" else value
    arguments = ["--model", "alexnet", f"{option}={value_of}"]
    with pytest.raises(SystemExit) as exit:
        cli.main(["train", "--out", str(tmp_path / "run"), *arguments])
    errors = capsys.readouterr().err
    assert (exit.value.code, errors.count("\n")) == (2, 1)
    assert f"argument {option}: expected a finite number, got {value}" in errors
    assert not (tmp_path / "run").exists()


def test_a_checkpoint_with_an_infinite_rate_is_refused_in_one_line(command, trained):
    arrays, state = checkpoint.load(trained / checkpoint.NAME)
    state["config"]["learning_rate"] = math.inf
    checkpoint.save(trained / checkpoint.NAME, arrays, state)
    code, _, errors = command("train", "--out", trained, "--resume", "--epochs", 2)
    assert (code, errors.count("\n")) == (2, 1)
    assert "config.learning_rate" in errors


def test_a_second_program_is_refused_whether_it_begins_or_goes_on(command, tmp_path):
    out = tmp_path / "run"
    with alone(out, "train"):
        for how in ([], ["--resume"]):
            code, _, errors = command("train", "--out", out, *how)
            assert (code, errors.count("\n")) == (2, 1)
            assert "to be alone in it, another train is at work" in errors
        assert list(out.iterdir()) == []
    assert command("train", "--out", out, "--epochs", 1)[0] == 0
    assert sorted(path.name for path in out.iterdir()) == [
        "checkpoint.npz",
        "metrics.jsonl",
    ]


def test_other_pictures_or_classes_are_refused(command, trained, monkeypatch):
    before = (trained / checkpoint.NAME).read_bytes()
    noise = train_on_noise.noise

    for changes, message in (
        (lambda d: {"train_images": 255 - d.train_images}, "the pictures that the run"),
        (lambda d: {"class_names": d.class_names[::-1]}, "the classes that the run in"),
    ):

        def others(name, data_dir=None, changes=changes):
            dataset = noise(name)
            return dataclasses.replace(dataset, **changes(dataset))

        monkeypatch.setattr(data, "load", others)
        code, _, errors = command("train", "--out", trained, "--resume", "--epochs", 2)
        assert (code, errors.count("\n")) == (2, 1)
        assert f"expected {message}" in errors and ", got others" in errors
    assert (trained / checkpoint.NAME).read_bytes() == before


def test_a_checkpoint_that_notes_no_pictures_goes_on_with_a_line(command, trained):
    arrays, state = checkpoint.load(trained / checkpoint.NAME)
    del state["pictures"]
    checkpoint.save(trained / checkpoint.NAME, arrays, state)
    words = ("--out", trained, "--resume", "--epochs", 2)
    code, output, errors = command("train", *words)
    assert (code, errors) == (0, "")
    assert output.count("which did not note its pictures") == 1
    assert "pictures" in result(trained)[1]


def test_too_little_memory_ends_the_run_in_one_line(command, tmp_path, monkeypatch):
    for owner, name in ((data, "load"), (SoftmaxCrossEntropy, "forward")):
        with monkeypatch.context() as patched:
            patched.setattr(owner, name, lambda *arguments: [0] * 2**62)
            code, _, errors = command("train", "--out", tmp_path / name)
        assert (code, errors) == (1, "minialexnet train: out of memory\n")


def test_standard_error_may_be_closed(tmp_path):
    """The shell's 2>&-: nothing is lost, and nothing is written into other files."""
    command = [sys.executable, train_on_noise.__file__, "train", "--epochs", "1"]
    words = shlex.join([*command, "--out", str(tmp_path / "run")])
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
    for closed in ("2>&- <&-", ">&- 2>&-"):
        shutil.rmtree(tmp_path / "run", ignore_errors=True)
        done = subprocess.run(
            f"{words} {closed}", shell=True, env=environment, capture_output=True
        )
        assert (done.returncode, done.stderr) == (0, b"")
        assert len(result(tmp_path / "run")[1]["history"]) == 1
    done = subprocess.run(
        f"{words} --resume --epochs 0 2>&-", shell=True, env=environment
    )
    assert done.returncode == 2
