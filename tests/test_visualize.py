"""Figure 2 is drawn from the network object, and `describe` prints its table."""

import pytest
from PIL import Image

from minialexnet import cifar_net, visualize
from minialexnet.alexnet import alexnet
from minialexnet.cli import main
from minialexnet.visualize import draw_architecture, stages


def test_stages_are_the_networks():
    found = stages(alexnet("2012"), (3, 224, 224))
    assert [stage.name for stage in found] == [
        "input", "conv1", "conv2", "conv3", "conv4", "conv5", "fc6", "fc7", "fc8",
    ]  # fmt: skip
    assert [s.name for s in found if s.sees_both] == ["conv3", "fc6", "fc7", "fc8"]
    assert [s.name for s in found if s.pooled] == ["conv1", "conv2", "conv5"]
    assert found[1].shape == (96, 55, 55)
    assert found[1].kernel == "11x11 / 4"


def test_the_same_network_gives_the_same_picture(tmp_path):
    png, svg = draw_architecture(alexnet(), (3, 224, 224), tmp_path / "two")
    with Image.open(png) as picture:
        assert picture.width > 1200
    once = svg.read_bytes()
    draw_architecture(alexnet(), (3, 224, 224), tmp_path / "two")
    assert svg.read_bytes() == once


@pytest.mark.parametrize(("towers", "straight", "crossing"), [(2, 16, 8), (1, 8, 0)])
def test_links_cross_where_a_layer_sees_both_towers(
    towers, straight, crossing, tmp_path, monkeypatch
):
    lines = []
    monkeypatch.setattr(visualize, "_link", lambda *link: lines.append(link[-1]))
    draw_architecture(alexnet(towers=towers), (3, 224, 224), tmp_path / "figure")
    assert (lines.count("-"), lines.count("--")) == (straight, crossing)


def test_a_network_of_one_row_is_drawn_too(tmp_path):
    png, _ = draw_architecture(cifar_net(), (3, 32, 32), tmp_path / "cifar")
    assert png.stat().st_size > 5000


def test_describe_prints_the_table_and_draws(tmp_path, capsys):
    out = tmp_path / "new" / "figure_2"
    assert main(["describe", "--profile", "2012", "--out", str(out)]) == 0
    text = capsys.readouterr().out
    assert "60,965,224" in text
    assert "lrn, pool, relu" in text
    assert out.with_name("figure_2.png").exists()
    assert out.with_name("figure_2.svg").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--width", "0"], "expected width > 0, got 0.0"),
        (["--profile", "torchvision", "--input-size", "8"], "pool1"),
        (["--out", "/dev/null/figure"], "/dev/null"),
    ],
)
def test_misuse_of_describe_is_answered_in_a_line(arguments, words, capsys):
    assert main(["describe", *arguments]) == 2
    error = capsys.readouterr().err
    assert words in error
    assert error.count("\n") == 1
