"""Figure 4: bars, neighbours, and nothing overlaps."""

import numpy as np
import pytest

from minialexnet.pictures import predictions
from minialexnet.pictures.predictions import Prediction, draw_predictions


def prediction(seed=0, truth=None, neighbours=0, names=("tench", "eel", "ray")):
    image = np.random.default_rng(seed).integers(0, 256, (3, 8, 8), np.uint8)
    classes = list(zip(names, (0.7, 0.2, 0.1, 0, 0, 0), strict=False))
    near = [(image, 10.0 + i, "koi") for i in range(neighbours)]
    return Prediction("photos/a.png", image, classes, truth, near)


@pytest.fixture
def drawn(monkeypatch, tmp_path):
    """Return the function that draws predictions and returns the figure, unwritten."""
    monkeypatch.setattr(predictions, "write_figure", lambda figure, out: figure)
    return lambda *predictions, **options: draw_predictions(
        predictions, tmp_path, **options
    )


def texts(axes):
    return [text.get_text() for text in axes.texts]


def test_bars_are_as_long_as_probabilities_and_the_true_one_apart(drawn):
    shown = prediction(truth="eel")
    picture, bars = drawn(shown).axes
    assert np.array_equal(picture.images[0].get_array(), shown.image.transpose(1, 2, 0))
    assert [bar.get_width() for bar in bars.patches] == [0.7, 0.2, 0.1]
    assert texts(bars) == ["tench", "70 %", "eel", "20 %", "ray", "10 %"]
    colours = [bar.get_facecolor()[:3] for bar in bars.patches]
    assert colours[0] == colours[2] != colours[1]
    weights = [text.get_fontweight() for text in bars.texts]
    assert weights == ["normal"] * 2 + ["bold"] * 2 + ["normal"] * 2
    assert bars.get_title() == "eel"


def test_a_photograph_of_an_unknown_class_bears_its_name(drawn):
    _, bars = drawn(prediction()).axes
    assert bars.get_title() == "a.png"
    assert len({bar.get_facecolor() for bar in bars.patches}) == 1


def test_five_bars_are_drawn_at_most(drawn):
    _, bars = drawn(prediction(names="abcdef")).axes
    assert len(bars.patches) == 5


def test_neighbours_stand_beside_their_photograph(drawn):
    figure = drawn(prediction(1, neighbours=6), prediction(2, neighbours=6))
    axes = figure.axes
    assert len(axes) == 2 * 2 + 2 * 7
    for row, seed in ((axes[4:11], 1), (axes[11:], 2)):
        first = prediction(seed).image.transpose(1, 2, 0)
        assert np.array_equal(row[0].images[0].get_array(), first)
        places = [a.get_position() for a in row]
        assert len({place.y0 for place in places}) == 1
        assert [place.x0 for place in places] == sorted(place.x0 for place in places)
    assert [a.get_xlabel() for a in axes[4:7]] == ["a.png", "koi\n10.00", "koi\n11.00"]


def test_neighbours_of_another_class_have_a_dashed_frame(drawn):
    image = np.zeros((3, 8, 8), np.uint8)
    near = [(image, 1.0, "koi"), (image, 2.0, "eel")]
    for truth, lines in (("koi", ["solid", "--"]), (None, ["solid", "solid"])):
        shown = Prediction("a.png", image, [("koi", 0.9)], truth, near)
        frames = drawn(shown).axes[-2:]
        assert [axes.spines["left"].get_linestyle() for axes in frames] == lines


def test_headings_say_what_is_to_be_seen(drawn):
    words = [text.get_text() for text in drawn(prediction(neighbours=2)).texts]
    assert words[:2] == [predictions.BARS, predictions.NEIGHBOURS]
    assert predictions.NEIGHBOURS not in [
        t.get_text() for t in drawn(prediction()).texts
    ]


def test_words_stand_above_their_bars_and_not_over_them(drawn):
    figure = drawn(prediction())
    figure.draw_without_rendering()
    bars = figure.axes[1]
    for words in bars.texts:
        box = words.get_window_extent()
        assert not any(box.overlaps(bar.get_window_extent()) for bar in bars.patches)


@pytest.mark.parametrize("count", [1, 4])
@pytest.mark.parametrize("neighbours", [0, 6])
def test_nothing_overlaps_and_all_lies_inside(count, neighbours, drawn):
    names = ("American chameleon, anole, Anolis carolinensis", "$x$, _y", "W" * 40)
    shown = [prediction(i, names[i % 3], neighbours, names) for i in range(count)]
    figure = drawn(*shown, note="A note. " * 30)
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
        ("W" * 40, "WWWWWWWWWW…"),
        ("a\x1b[31mb", "a?[31mb"),
    ],
)
def test_long_names_are_cut_to_their_first_words(name, shown, drawn):
    _, bars = drawn(prediction(names=(name,))).axes
    assert texts(bars) == [shown, "70 %"]


def test_the_same_predictions_give_the_same_files(tmp_path):
    shown = [prediction(0, r"$\x$", 2, (r"$\x$", r"$\y$"))]
    once, again = (
        [path.read_bytes() for path in draw_predictions(shown, tmp_path / name)]
        for name in ("a", "b")
    )
    assert once == again
    assert rb"<!-- $\x$ -->" in once[1]


def test_neighbours_below_make_a_narrower_and_higher_figure(drawn):
    picture = np.zeros((3, 8, 8), np.uint8)
    near = [(picture, 1.0, "heart")] * 6
    shown = [Prediction("a", picture, [("heart", 0.9)], "heart", near)] * 5
    sizes = [drawn(*shown, below=below).get_size_inches() for below in (False, True)]
    (wide, low), (narrow, high) = sizes
    assert narrow < wide * 0.6
    assert high > low * 1.5
