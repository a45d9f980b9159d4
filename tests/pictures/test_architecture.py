"""Figure 2: what is linked, dashed and joined is so in the network."""

import pytest
from matplotlib.text import Annotation
from PIL import Image

from minialexnet import cifar_net
from minialexnet.alexnet import alexnet
from minialexnet.pictures import architecture
from minialexnet.pictures.architecture import draw_architecture


@pytest.fixture
def drawn(monkeypatch, tmp_path):
    """Return the function that draws a network and returns the axes, unwritten."""
    monkeypatch.setattr(architecture, "write_figure", lambda figure, out: figure)
    return lambda network: draw_architecture(network, (3, 224, 224), tmp_path).axes[0]


def lines(axes):
    """Return the kinds of the lines that link blocks."""
    arrows = [text for text in axes.texts if isinstance(text, Annotation)]
    return [arrow.arrow_patch.get_linestyle() for arrow in arrows]


@pytest.mark.parametrize(
    ("profile", "towers", "joined"),
    [("paper", 2, ["conv1", "conv2"]), ("2012", 2, []), ("paper", 1, [])],
)
def test_towers_are_joined_where_neighbours_of_a_normalisation_lie_in_both(
    profile, towers, joined, drawn
):
    axes = drawn(alexnet(profile, towers=towers, seed=None))
    at = {}  # words by the middle of the block that they stand at
    for text in axes.texts:
        at.setdefault(text.get_position()[0], []).append(text.get_text())
    said = [words for words in at.values() if any("LRN" in text for text in words)]
    assert [words[0].partition("\n")[0] for words in said] == joined
    assert all("LRN:\n2 maps\neach way" in words for words in said)
    assert lines(axes).count(":") == len(joined)


def test_the_same_network_gives_the_same_picture(tmp_path):
    png, svg = draw_architecture(alexnet(seed=None), (3, 224, 224), tmp_path / "two")
    with Image.open(png) as picture:
        assert picture.width > 1200
    once = svg.read_bytes()
    draw_architecture(alexnet(seed=None), (3, 224, 224), tmp_path / "two")
    assert svg.read_bytes() == once


@pytest.mark.parametrize(("towers", "straight", "crossing"), [(2, 16, 8), (1, 8, 0)])
def test_links_cross_where_a_layer_sees_both_towers(towers, straight, crossing, drawn):
    found = lines(drawn(alexnet(towers=towers, seed=None)))
    assert (found.count("-"), found.count("--")) == (straight, crossing)


def test_each_row_says_which_gpu_it_is(drawn):
    for towers, named in ((2, ["GPU 1", "GPU 2"]), (1, [])):
        texts = drawn(alexnet(towers=towers, seed=None)).texts
        gpus = [text for text in texts if "GPU" in text.get_text()]
        assert [text.get_text() for text in gpus] == named
        heights = [text.get_position()[1] for text in gpus]
        assert heights == sorted(heights, reverse=True)


def test_a_network_of_one_row_is_drawn_too(tmp_path):
    png, _ = draw_architecture(cifar_net(), (3, 32, 32), tmp_path / "cifar")
    assert png.stat().st_size > 5000
