"""Describe: the tables, and what is drawn or not."""

import re

import pytest

from minialexnet import cli
from minialexnet.cuda_convnet import network_files
from tests.support.layer_files import CIFAR, NARROW, WEB, WEB_PARAMS, write


@pytest.fixture
def described(tmp_path, capsys):
    """Return a function that runs the command: code, output, errors."""

    def run(*words):
        words = ["describe", *words, "--out", tmp_path / "drawn" / "figure"]
        code = cli.main([str(word) for word in words])
        return code, *capsys.readouterr()

    return run


def files(folder, *texts):
    layers, params = write(folder, *texts)
    return "--layers", layers, "--params", params


def test_a_profile_is_printed_compared_and_drawn(described, tmp_path):
    code, output, errors = described("--profile", "2012", "--width", "0.25")
    assert (code, errors) == (0, "")
    assert re.search(r"^conv5 +64 x 13 x 13", output, re.M)
    assert "torchvision" in output  # the profiles compared
    assert (tmp_path / "drawn" / "figure.svg").exists()
    assert "profile 2012, 224 x 224 pixels, 1000 classes, width 0.25" in (
        tmp_path / "drawn" / "figure.svg"
    ).read_text().replace("&#x27;", "'")


def test_the_papers_own_file_is_printed_and_drawn(described, tmp_path):
    code, output, errors = described("--layers", network_files("alexnet")[0])
    assert (code, errors) == (0, "")
    assert "60,965,224" in output
    assert re.search(r"^conv3b.W2 +1 +0.01 +0.9 +0.0005$", output, re.M)
    assert re.search(r"^conv1a.b +0 +0.02 +0.9 +0$", output, re.M)
    drawn = (tmp_path / "drawn" / "figure.svg").read_text()
    assert "fc1000 lies on GPU 0 alone" in drawn
    assert "alexnet-layers.cfg, 224 x 224 pixels" in drawn
    assert "torchvision" not in output


def test_another_size_of_picture_may_be_asked_for(described, tmp_path):
    code, output, _ = described(*files(tmp_path, *NARROW), "--input-size", 63)
    assert code == 0
    assert re.search(r"^conv1a +3 x 14 x 14", output, re.M)


def test_a_network_without_two_rows_is_printed_and_not_drawn(described, tmp_path):
    words = files(tmp_path, *CIFAR)
    code, output, errors = described(*words, "--input-size", 32)
    assert (code, errors) == (0, "")
    assert re.search(r"^fc10 ", output, re.M)
    assert output.endswith(
        "Not drawn as Figure 2, which has two equal rows: expected layers on the GPUs "
        "0 and 1, got them on 0\n"
    )
    assert not (tmp_path / "drawn").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--layers", "a.cfg"], "a.cfg: expected a params file to be named"),
        (["--layers", "layers.cfg"], "layers.cfg: expected a params file to be named"),
        (["--params", "a.cfg"], "expected --layers beside --params, got none"),
        (["--layers", "a", "--params", "b", "--width", "1"], "expected no --profile"),
        (["--layers", "nowhere.cfg", "--params", "b"], "nowhere.cfg"),
        (["--input-size", "5"], "input_size of at least 11 pixels, got 5"),
        (["--width", "0"], "expected width > 0, got 0.0"),
        (["--profile", "torchvision", "--input-size", "12"], "pool1"),
    ],
)
def test_what_does_not_fit_is_said_in_a_line(described, words, message):
    code, output, errors = described(*words)
    assert (code, output, errors.count("\n")) == (2, "", 1)
    assert errors.startswith("minialexnet describe: ")
    assert message in errors


def test_a_picture_that_cannot_be_written_is_said_in_a_line(capsys):
    assert cli.main(["describe", "--out", "/dev/null/figure"]) == 2
    errors = capsys.readouterr().err
    assert "/dev/null" in errors
    assert errors.count("\n") == 1


def test_an_error_names_file_section_and_key(described, tmp_path):
    words = files(tmp_path, WEB.replace("keep=0.7", "keep=two"), WEB_PARAMS)
    code, _, errors = described(*words)
    assert code == 2
    assert re.search(r"layers.cfg:\d+: \[hs1\] expected keep to be a number", errors)
