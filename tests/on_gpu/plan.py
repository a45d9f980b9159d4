"""The steps, the most telling first."""

from __future__ import annotations

import argparse
import shutil

from tests.on_gpu.steps import Step

KERNELS = "tests/engine/test_kernels.py"


def plan(python: str, options: argparse.Namespace) -> list[Step]:
    """Return the steps for the options of the command."""
    return [
        *checks(python, options),
        *benches(python, options),
        *trainings(python, options),
    ]


def checks(python: str, options: argparse.Namespace) -> list[Step]:
    """Return what says whether results are right."""
    out, dry = options.out, options.dry_run
    device = ["--device", "cpu" if dry else "cuda:0"]
    # One wrong access to memory fails all that the process does after it: stop there.
    pytest = [python, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider"]
    required = (("REQUIRE_GPU", "0" if dry else "1"),)
    smoke = [python, "-m", "tests.on_gpu.smoke", "--out", str(out), *device]
    few = ["-k", "relu"] if dry else ["-k", "cupy and not strict"]
    kernels = [*pytest, KERNELS, *few]
    sanitizer = [shutil.which("compute-sanitizer") or "compute-sanitizer"]
    sanitizer += ["--error-exitcode", "9", *kernels]
    # CuPy cuts arrays out of larger pieces; alone, each has bounds that can be watched.
    alone = (*required, ("MINIALEXNET_NO_POOL", "1"))
    some = [KERNELS, "-k", "momentum"] if dry else ["--ignore", KERNELS, *few]
    return [
        Step("smoke", smoke, 40),
        Step("kernels", kernels, 120, environment=required),
        Step("sanitizer", sanitizer, 60, after="kernels", environment=alone),
        Step("tests", [*pytest, *some], 120, environment=required),
    ]


def benches(python: str, options: argparse.Namespace) -> list[Step]:
    """Return what says how fast it is."""
    common = ["--out", str(options.out), *["--dry-run"] * options.dry_run]
    bench = [python, "-m", "tests.on_gpu.bench", "--rounds", str(options.rounds)]
    profile = [python, "-m", "tests.on_gpu.profile", *common]
    steps = [
        Step(f"bench-{name}", [*bench, name, *common], 210, 20, goes_on=True)
        for name in ("float32", "tf32")
    ]
    return [*steps, Step("profile", profile, 60)]


def trainings(python: str, options: argparse.Namespace) -> list[Step]:
    """Return what learns, as long as there is time left; trainings go on."""
    out, dry = options.out, options.dry_run
    device = ["--device", "cpu" if dry else "cuda:0"]
    data = ["--data-dir", str(options.data)] if options.data else []
    least = 20.0 if dry else 120.0
    patience = 60.0  # to write a checkpoint in

    def figure_1(name: str, *activations: str, leaves: float) -> Step:
        folder = out / name
        command = [python, "figures/figure_1_relu_vs_tanh.py", "--out", str(folder)]
        command += ["--activations", *activations, "--convolution", "im2col", *device]
        command += ["--resume", *data]
        if dry:
            command += ["--pictures", "100", "--sweep-epochs", "1", "--epochs", "1"]
        else:
            command += ["--data", "cifar10", "--sweep-epochs", "8", "--jobs", "4"]
        record = ((str(folder / "results.jsonl"), f"{name}_cifar10_gpu.jsonl"),)
        return Step(name, command, 3600, least, leaves, True, patience, records=record)

    run = out / "tiny_imagenet"
    train = [python, "-m", "minialexnet", "train", "--out", str(run), *data, *device]
    train += [] if dry else ["--workers", "8"]  # that prepare batches
    if (run / "checkpoint.npz").exists():
        train += ["--resume"]
    elif dry:
        train += ["--data", "shapes", "--epochs", "1"]
    else:
        train += ["--data", "tiny-imagenet", "--model", "alexnet", "--profile", "2012"]
        train += ["--augment", "2012", "--epochs", "40"]
    metrics = ((str(run / "metrics.jsonl"), "tiny_imagenet_gpu.jsonl"),)
    steps = [
        figure_1("figure_1", "relu", "tanh", leaves=0 if dry else 420),
        Step("tiny-imagenet", train, 3600, least, 150, True, patience, records=metrics),
    ]
    look = [python, "-m", "minialexnet", "evaluate", str(run), *data, *device]
    for crops in ("1", "10"):
        record = str(out / f"tiny_imagenet_gpu_errors_{crops}.jsonl")
        command = [*look, "--crops", crops, "--out", record]
        file = run / "checkpoint.npz"
        steps.append(Step(f"evaluate-{crops}", command, 600, 30, reads=file))
    return [*steps, figure_1("figure_1_sigmoid", "sigmoid", leaves=0)]
