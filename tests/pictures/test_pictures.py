"""Figure 2 from the network object, curves from a run's metrics, and Figure 4."""

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from minialexnet import cifar_net
from minialexnet.alexnet import alexnet
from minialexnet.cli import main
from minialexnet.pictures import architecture, curves, predictions
from minialexnet.pictures.architecture import draw_architecture, stages
from minialexnet.pictures.curves import Curves, draw_curves
from minialexnet.pictures.kernels import colour_shares, kernel_tiles
from minialexnet.pictures.predictions import Prediction, draw_predictions
from minialexnet.pictures.style import caption


def test_stages_are_the_networks():
    found = stages(alexnet("2012"), (3, 224, 224))
    assert [stage.name for stage in found] == [
        "input", "conv1", "conv2", "conv3", "conv4", "conv5", "fc6", "fc7", "fc8",
    ]  # fmt: skip
    assert [s.name for s in found if s.sees_both] == ["conv3", "fc6", "fc7", "fc8"]
    assert [s.name for s in found if s.pooled] == ["conv1", "conv2", "conv5"]
    assert found[1].shape == (96, 55, 55)
    assert found[1].kernel == "11x11 / 4"


@pytest.mark.parametrize(
    ("profile", "towers", "joined"),
    [("paper", 2, ["conv1", "conv2"]), ("2012", 2, []), ("paper", 1, [])],
)
def test_towers_are_joined_where_neighbours_of_a_normalisation_lie_in_both(
    profile, towers, joined, tmp_path, monkeypatch
):
    network, found = alexnet(profile, towers=towers, seed=None), []
    monkeypatch.setattr(architecture, "_join", lambda _, stage, x: found.append(stage))
    draw_architecture(network, (3, 224, 224), tmp_path / "figure")
    assert [stage.name for stage in found] == joined
    assert all(stage.neighbours == 2 for stage in found)


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
    monkeypatch.setattr(architecture, "_link", lambda *link: lines.append(link[-1]))
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
        (["--profile", "torchvision", "--input-size", "12"], "pool1"),
        (["--out", "/dev/null/figure"], "/dev/null"),
    ],
)
def test_misuse_of_describe_is_answered_in_a_line(arguments, words, capsys):
    assert main(["describe", *arguments]) == 2
    error = capsys.readouterr().err
    assert words in error
    assert error.count("\n") == 1


# Curves


def run_of(epochs, rates=(0.01,), tested=True, name="a"):
    entries = []
    for epoch in range(1, epochs + 1):
        rate = rates[min(epoch - 1, len(rates) - 1)]
        entry = {"epoch": epoch, "learning_rate": rate, "running_loss": 5 / epoch}
        if tested:
            entry |= {"test_loss": 6 / epoch, "test_error": 0.9 / epoch}
            entry |= {"test_top5_error": 0.5 / epoch}
        entries.append(entry)
    return Curves(name, "a note", entries)


@pytest.fixture
def drawn(monkeypatch, tmp_path):
    """Return the function that draws runs and returns the figure, unwritten."""
    monkeypatch.setattr(curves, "write_figure", lambda figure, out: figure)
    return lambda *runs: draw_curves(runs, tmp_path / "curves")


def points(line):
    return list(zip(*(values.tolist() for values in line.get_data()), strict=True))


def test_every_measure_is_drawn_against_the_epochs(drawn):
    loss, error, rate = drawn(run_of(3)).axes
    assert [points(line) for line in loss.lines] == [
        [(1, 5), (2, 5 / 2), (3, 5 / 3)],
        [(1, 6), (2, 3), (3, 2)],
    ]
    assert [points(line)[1] for line in error.lines] == [(2, 0.45), (2, 0.25)]
    assert points(rate.lines[0]) == [(0, 0.01), (1, 0.01), (2, 0.01), (3, 0.01)]
    assert [loss.get_ylabel(), error.get_ylabel(), rate.get_ylabel()] == [
        "loss, nats per example", "test error", "learning rate",
    ]  # fmt: skip
    assert rate.get_xlabel() == "epochs"


def test_a_lowered_rate_is_marked_between_the_epochs(drawn):
    loss, error, rate = drawn(run_of(4, rates=(0.01, 0.01, 0.001, 0.002))).axes
    for axes in (loss, error):
        (mark,) = [line for line in axes.lines if line.get_linestyle() == ":"]
        assert mark.get_xdata() == [2, 2]
        words = [text.get_text() for text in axes.get_legend().get_texts()]
        assert words[-1] == "learning rate lowered"
    assert rate.lines[0].get_drawstyle() == "steps-pre"
    assert rate.get_yticks().tolist() == [0.001, 0.002, 0.01]
    assert [t.get_text() for t in rate.get_yticklabels()] == ["0.001", "0.002", "0.01"]


def test_rates_too_close_for_a_tick_each_have_fewer(drawn):
    rates = [0.01 * 0.99**epoch for epoch in range(60)]
    assert 2 <= len(drawn(run_of(60, rates)).axes[-1].get_yticks()) <= 6


def test_no_two_runs_look_alike(drawn):
    figure = drawn(*(run_of(2, name=f"run {i}") for i in range(20)))
    handles = figure.legends[0].get_lines()
    looks = [(line.get_color(), line.get_marker()) for line in handles]
    assert len(set(looks)) == 20
    assert len({color for color, _ in looks[:7]}) == 7
    assert len({marker for _, marker in looks[:8]}) == 8
    lines = figure.axes[0].lines
    assert [(a.get_color(), a.get_marker()) for a in lines[::2]] == looks
    words = [text.get_text() for text in figure.legends[0].get_texts()]
    assert words[19] == "run 19: a note"


def test_what_was_not_measured_is_left_out(drawn):
    assert len(drawn(run_of(3, tested=False)).axes) == 2
    loss, error, _ = drawn(run_of(3, tested=False), run_of(3)).axes
    assert len(loss.lines) == 3
    assert len(error.lines) == 2
    words = [
        t.get_text()
        for t in drawn(run_of(2, tested=False)).axes[0].get_legend().get_texts()
    ]
    assert words == ["training, while the weights changed"]


def test_the_legend_lies_below_the_curves(drawn):
    long = "a run of a long name, " * 12
    figure = drawn(*(run_of(2, name=f"{long} {i}") for i in range(8)))
    figure.draw_without_rendering()
    legend = figure.legends[0].get_window_extent()
    lowest = figure.axes[-1].get_tightbbox()
    assert 0 <= legend.y0 < legend.y1 <= lowest.y0
    assert 0 <= legend.x0 < legend.x1 <= figure.bbox.width


def test_a_run_of_one_epoch_with_dollars_in_its_name_is_drawn(tmp_path):
    # As a formula it would be an error.
    png, svg = draw_curves([run_of(1, name=r"$\x$ $b")], tmp_path / "curves")
    assert r"$\x$ $b: a note" in svg.read_text()
    with Image.open(png) as picture:
        assert picture.width == 1080


def test_the_same_runs_give_the_same_files(tmp_path):
    once, again = (
        [path.read_bytes() for path in draw_curves([run_of(3)], tmp_path / name)]
        for name in ("a", "b")
    )
    assert once == again


@pytest.mark.parametrize("name", ["curves", "curves.png", "curves.svg", "curves.SVG"])
def test_both_kinds_are_written_whatever_the_ending(name, tmp_path):
    files = draw_curves([run_of(2)], tmp_path / name)
    assert [path.name for path in files] == ["curves.png", "curves.svg"]
    assert sorted(tmp_path.iterdir()) == files


def test_a_dot_in_the_name_is_no_ending(tmp_path):
    files = draw_curves([run_of(2)], tmp_path / "width 0.25")
    assert [path.name for path in files] == ["width 0.25.png", "width 0.25.svg"]


# Figure 4


def prediction(seed=0, truth=None, neighbours=0, names=("tench", "eel", "ray")):
    image = np.random.default_rng(seed).integers(0, 256, (3, 8, 8), np.uint8)
    classes = list(zip(names, (0.7, 0.2, 0.1, 0, 0, 0), strict=False))
    near = [(image, 10.0 + i, "koi") for i in range(neighbours)]
    return Prediction("photos/a.png", image, classes, truth, near)


@pytest.fixture
def drawn_4(monkeypatch, tmp_path):
    """Return the function that draws predictions and returns the figure, unwritten."""
    monkeypatch.setattr(predictions, "write_figure", lambda figure, out: figure)
    return lambda *predictions, note="": draw_predictions(predictions, tmp_path, note)


def texts(axes):
    return [text.get_text() for text in axes.texts]


def test_bars_are_as_long_as_probabilities_and_the_true_one_apart(drawn_4):
    shown = prediction(truth="eel")
    picture, bars = drawn_4(shown).axes
    assert np.array_equal(picture.images[0].get_array(), shown.image.transpose(1, 2, 0))
    assert [bar.get_width() for bar in bars.patches] == [0.7, 0.2, 0.1]
    assert texts(bars) == ["tench", "70 %", "eel", "20 %", "ray", "10 %"]
    colours = [bar.get_facecolor()[:3] for bar in bars.patches]
    assert colours[0] == colours[2] != colours[1]
    weights = [text.get_fontweight() for text in bars.texts]
    assert weights == ["normal"] * 2 + ["bold"] * 2 + ["normal"] * 2
    assert bars.get_title() == "eel"


def test_a_photograph_of_an_unknown_class_bears_its_name(drawn_4):
    _, bars = drawn_4(prediction()).axes
    assert bars.get_title() == "a.png"
    assert len({bar.get_facecolor() for bar in bars.patches}) == 1


def test_five_bars_are_drawn_at_most(drawn_4):
    _, bars = drawn_4(prediction(names="abcdef")).axes
    assert len(bars.patches) == 5


def test_neighbours_stand_beside_their_photograph(drawn_4):
    figure = drawn_4(prediction(1, neighbours=6), prediction(2, neighbours=6))
    axes = figure.axes
    assert len(axes) == 2 * 2 + 2 * 7
    for row, seed in ((axes[4:11], 1), (axes[11:], 2)):
        first = prediction(seed).image.transpose(1, 2, 0)
        assert np.array_equal(row[0].images[0].get_array(), first)
        places = [a.get_position() for a in row]
        assert len({place.y0 for place in places}) == 1
        assert [place.x0 for place in places] == sorted(place.x0 for place in places)
    assert [a.get_xlabel() for a in axes[4:7]] == ["a.png", "koi\n10.00", "koi\n11.00"]


@pytest.mark.parametrize("count", [1, 8])
@pytest.mark.parametrize("neighbours", [0, 6])
def test_nothing_overlaps_and_all_lies_inside(count, neighbours, drawn_4):
    names = ("American chameleon, anole, Anolis carolinensis", "$x$, _y", "W" * 40)
    shown = [prediction(i, names[i % 3], neighbours, names) for i in range(count)]
    figure = drawn_4(*shown, note="A note. " * 30)
    figure.draw_without_rendering()
    boxes = [axes.get_tightbbox() for axes in figure.axes]
    boxes += [text.get_window_extent() for text in figure.texts]
    for box in boxes:
        assert -1 <= box.x0 < box.x1 <= figure.bbox.width + 1
        assert -1 <= box.y0 < box.y1 <= figure.bbox.height + 1
    for i, a in enumerate(boxes):
        for b in boxes[:i]:
            apart = a.x0 >= b.x1 or b.x0 >= a.x1 or a.y0 >= b.y1 or b.y0 >= a.y1
            assert apart
    for axes in figure.axes:
        words = [text.get_window_extent() for text in axes.texts]
        assert all(a.x1 < b.x0 for a, b in zip(words[::2], words[1::2], strict=True))


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("tench, Tinca tinca", "tench, Tinca tinca"),
        ("tench, Tinca tinca, a fish of still waters", "tench"),
        ("W" * 40, "WWWWWWWWWWWW…"),
        ("a\x1b[31mb", "a?[31mb"),
    ],
)
def test_long_names_are_cut_to_their_first_words(name, shown, drawn_4):
    _, bars = drawn_4(prediction(names=(name,))).axes
    assert texts(bars) == [shown, "70 %"]


def test_the_same_predictions_give_the_same_files(tmp_path):
    shown = [prediction(0, r"$\x$", 2, (r"$\x$", r"$\y$"))]
    once, again = (
        [path.read_bytes() for path in draw_predictions(shown, tmp_path / name)]
        for name in ("a", "b")
    )
    assert once == again
    assert rb"<!-- $\x$ -->" in once[1]


def test_a_caption_says_when_and_where_and_fits():
    machine = {"cores": 2, "processor": "AMD EPYC"}
    runs = [
        {"date": f"2026-11-{day}T07:38:34Z", "commit": commit, "machine": machine}
        for day, commit in (
            (24, "8080debe8447"),
            (22, None),
            (23, "8080debe8447"),
            (23, "9651f2abcdef-dirty"),
        )
    ]
    figure = Figure(figsize=(7.2, 3), layout="constrained")
    axes = figure.subplots()
    axes.set_xlabel("epochs")
    caption(figure, "Training pictures of CIFAR-10, seeds 0 to 4; " * 6, runs)
    words = figure.get_supxlabel().replace("\n", " ")
    assert words.endswith(
        "Recorded 2026-11-22 to 2026-11-24 on 2 cores of AMD EPYC, "
        "commit 8080deb, unknown, 9651f2a-dirty."
    )
    figure.draw_without_rendering()
    (label,) = (text for text in figure.texts if text.get_text().startswith("Train"))
    box = label.get_window_extent()
    assert box.x0 >= 0
    assert box.x1 <= figure.bbox.width
    assert box.y1 <= axes.xaxis.label.get_window_extent().y0
    caption(figure, "One seed.")
    assert "One seed. Computed 20" in figure.get_supxlabel()


def test_neighbours_below_make_a_narrower_and_higher_figure(tmp_path):
    picture = np.zeros((3, 8, 8), np.uint8)
    near = [(picture, 1.0, "heart")] * 6
    shown = [Prediction("a", picture, [("heart", 0.9)], "heart", near)] * 5
    sizes = []
    for below in (False, True):
        path, _ = draw_predictions(shown, tmp_path / "figure", below=below)
        with Image.open(path) as image:
            sizes.append(image.size)
    (wide, low), (narrow, high) = sizes
    assert narrow < wide * 0.6
    assert high > low * 1.5


def test_a_colour_share_is_the_part_at_right_angles_to_grey():
    rng = np.random.default_rng(0)
    kernels = rng.standard_normal((2000, 3, 5, 5))
    assert colour_shares(kernels).mean() == pytest.approx(2 / 3, abs=0.005)
    grey = np.repeat(kernels[:, :1], 3, axis=1)
    assert colour_shares(grey) == pytest.approx(0, abs=1e-12)
    assert colour_shares(kernels - kernels.mean(1, keepdims=True)) == pytest.approx(1)
    # By the angle to the grey axis, and whatever the scale.
    axis = np.ones(3) / 3**0.5
    along = np.einsum("fcyx,c->fyx", kernels, axis)
    by_angle = 1 - (along**2).sum((1, 2)) / (kernels**2).sum((1, 2, 3))
    assert colour_shares(kernels * 1e-3) == pytest.approx(by_angle)
    assert np.isnan(colour_shares(np.zeros((1, 3, 2, 2))))


def test_kernel_tiles_show_zero_as_grey_and_each_kernel_by_its_own_scale():
    kernels = np.zeros((3, 3, 2, 2))
    kernels[0, 0, 0, 0] = 4  # red
    kernels[1, 2, 1, 1] = -1e-3  # no blue
    picture = kernel_tiles(kernels, columns=2)
    assert picture.shape == (5, 5, 3)
    assert picture[0, 0].tolist() == [1, 0.5, 0.5]
    assert picture[1, 4].tolist() == [0.5, 0.5, 0]
    assert (picture[3:, :2] == 0.5).all(), "a kernel of zeros is grey"
    assert (picture[2] == 1).all(), "a gap is white"
    assert (picture[3:, 3:] == 1).all(), "and so is what has no kernel"
