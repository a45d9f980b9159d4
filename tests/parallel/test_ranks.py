"""Trainings on several ranks end in the bits of one process."""

import re
import signal
import sys

import pytest

from minialexnet.files import checkpoint
from minialexnet.files.records import read_lines
from tests.support import train_on_noise
from tests.support.ranks import ROOT, end_of, start, train

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


# A fault in one rank's third step: what is said of it, and the exit code. On a busy
# machine those are named too whom the launcher has ended in the same moment.
TOO = "(rank [01] of 3 on .* or )*"
FAULTS = [
    ("raise", 2, "rank 2 of 3 on .*: KeyError: 'a bug'", 1),
    ("memory", 0, "rank 0 of 3 on .*: MemoryError: out of memory", 1),
    ("nan", 1, r"the .* became nan.*\(first on rank 1 of 3 on .*\)", 1),
    ("kill", 0, "rank 0 of 3 on .*: its process ended without a word", 9),
    ("kill", 2, f"{TOO}rank 2 of 3 on .*: its process ended without a word", 9),
    ("stop", 1, "rank 1 of 3 on .*: stalled, not a word for 6 s", None),
    ("hang", 2, "rank 2 of 3 on .*: stalled, at one step for 6 s", 1),
]


@pytest.mark.parametrize(("fault", "rank", "said", "expected"), FAULTS)
def test_one_rank_that_fails_ends_the_job_by_name(
    tmp_path, fault, rank, said, expected
):
    out = tmp_path / "run"
    settings = ("--epochs", 3, "--batch-size", 20, "--threads", 1)
    settings += ("--rank-timeout", 6) if fault in ("stop", "hang") else ()
    kill = {"function": "step", "count": 5, "signal": fault, "rank": str(rank)}
    code, _, errors = train(3, out, *settings, kill=kill)
    lines = [line for line in errors.splitlines() if line.startswith("minialexnet")]
    assert len(lines) == 1, errors
    assert re.fullmatch(f"minialexnet train: {said}.*", lines[0])
    assert code == expected or (expected is None and code != 0)
    # The checkpoint of the first epoch, of three steps, is whole.
    assert len(checkpoint.load(out / checkpoint.NAME)[1]["history"]) == 1


FELT = """
import os, signal, threading
from minialexnet.commands.together import together
with together("train") as ranks:
    from mpi4py import MPI
    if ranks.rank == 1:
        raise MPI.Exception(MPI.ERR_OTHER)
    threading.Event().wait(0.5)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_rank_that_feels_the_end_of_another_is_not_named():
    _, errors = start(2, FELT, program="-c").communicate(timeout=60)
    assert "rank 0 of 2 on" in errors
    assert "rank 1 of 2 on" not in errors


def test_ctrl_c_ends_all_ranks_and_leaves_the_last_checkpoint(tmp_path):
    out = tmp_path / "run"
    process = start(3, "train", "--out", out, "--epochs", 1000, "--batch-size", 20)
    while not process.stdout.readline().startswith("epoch 2/"):
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130
    said = r"minialexnet train: rank \d of 3 on .*: stopped by Ctrl-C\. What the last "
    said += r"checkpoint holds is kept; go on by\n  minialexnet train .* --resume\n"
    assert re.match(said, errors)
    assert "Traceback" not in errors
    assert len(checkpoint.load(out / checkpoint.NAME)[1]["history"]) >= 1


def test_a_rank_that_cannot_begin_is_named(tmp_path):
    process = start(
        1, "train", "--out", tmp_path / "run", "--data", "shapes", ":", "-n", 1,
        sys.executable, train_on_noise.__file__, "train", "--out", tmp_path / "run",
        "--classes", 3,
    )  # fmt: skip
    output, errors = process.communicate(timeout=60)
    assert (process.returncode, output) == (2, "")
    assert re.fullmatch(
        "minialexnet train: rank 1 of 2 on .*: expected --classes with .*\n", errors
    )


@pytest.mark.parametrize(
    ("option", "value", "differs"),
    [
        ("--seed", 7, "config seed on all ranks, got 7 on rank 1 of 2 on .* and 0 on"),
        ("--data", "few more", "config data on all ranks, got few more on rank 1"),
    ],
)
def test_ranks_that_differ_are_refused(tmp_path, option, value, differs):
    own = ("train", "--out", tmp_path / "run", "--data", "shapes")
    other = (sys.executable, train_on_noise.__file__, *own, option, value)
    process = start(1, *own, ":", "-n", 1, *other)
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 2
    assert output.count("conv1") <= 1
    assert re.fullmatch(f"minialexnet train: expected the same {differs}.*\n", errors)
    assert not (tmp_path / "run" / checkpoint.NAME).exists()


OTHERS = {  # what one rank begins with, and what differs then
    "import minialexnet; minialexnet.__version__ = 'new'": "versions",
    "from minialexnet import data; from tests.support import train_on_noise as noise;"
    "data.load = noise.noise": "digest of the pictures",
}


@pytest.mark.parametrize(("begin", "differs"), OTHERS.items(), ids=OTHERS.values())
def test_other_versions_and_other_pictures_are_refused(tmp_path, begin, differs):
    program = f"import sys; {begin}; from minialexnet import cli; sys.exit(cli.main())"
    own = ("train", "--out", tmp_path / "run")
    process = start(1, *own, ":", "-n", 1, sys.executable, "-c", program, *own)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 2
    assert f"expected the same {differs} on all ranks, got" in errors
    assert "on rank 1 of 2 on" in errors


@pytest.mark.parametrize(
    "variables",
    [
        {"OMPI_COMM_WORLD_SIZE": "2", "OMPI_COMM_WORLD_RANK": "0"},
        {"SLURM_NTASKS": "2", "SLURM_PROCID": "0", "SLURM_STEP_NUM_TASKS": "2"},
    ],
)
def test_a_launcher_of_another_mpi_is_refused(tmp_path, variables):
    code, output, errors = train(None, tmp_path / "run", **variables)
    assert (code, output) == (2, "")
    assert re.search(
        "started 2 processes, each of which would work alone: it is not the launcher",
        errors,
    )
    assert errors.count("\n") == 1


def test_a_figures_command_records_on_ranks_what_it_does_in_one_process(tmp_path):
    settings = ("--pictures", 50, "--epochs", 1, "--sweep-epochs", 1, "--seeds", 1)
    settings += ("--activations", "relu", "tanh", "--batch-size", 25)
    found = {}
    for ranks in (None, 2):
        out = tmp_path / str(ranks)
        program = str(ROOT / "figures" / "figure_1_relu_vs_tanh.py")
        process = start(ranks, *settings, "--out", out, program=program)
        output, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors
        assert output.count("Drawn: ") == 1
        times = ("seconds", "cpu_seconds", "peak_memory_gib")
        found[ranks] = [
            {key: value for key, value in record.items() if key not in times}
            for record in read_lines(out / "results.jsonl")
            if record["kind"] == "epoch"
        ]
    assert len(found[2]) > 2
    assert found[2] == found[None]


def test_a_figures_command_is_refused_on_ranks_as_in_one_process(tmp_path):
    (tmp_path / "records").mkdir()
    program = str(ROOT / "figures" / "claims.py")
    said = []
    for ranks in (None, 2):
        process = start(ranks, "--data", "shapes", "--out", tmp_path, program=program)
        output, errors = process.communicate(timeout=60)
        assert (process.returncode, output) == (2, "")
        said.append(errors.splitlines()[0])
    plain, on_ranks = said
    assert plain.startswith("claims: ")
    assert "holds earlier runs: go on with them by --resume" in plain
    assert re.sub(r"rank \d of 2 on .*?: ", "", on_ranks) == plain


def test_the_sum_is_reported(tmp_path):
    code, output, _ = train(3, tmp_path / "run", *COMMON, "--report")
    assert code == 0
    # 89,578 parameters of 4 bytes, up and down between three ranks.
    assert output.count("over 3 ranks: 1.43 MB sent a step, 2 x 2 x 0.36; ") == 2
    code, _, errors = train(None, tmp_path / "one", *COMMON, "--report")
    assert (code, errors.count("\n")) == (2, 1)
    assert "expected --report under mpiexec, got one process" in errors
