import html
import re
import sys

import pytest

import minialexnet.layers
from minialexnet import MomentumSGD, ReLU
from minialexnet.layers.activation import relu, relu_backward
from minialexnet.layers.lrn import response_normalization_backward
from minialexnet.pictures.source import Source, show_source


def test_a_function_is_shown_from_its_def_to_its_return(capsys):
    assert show_source(relu_backward) is None
    assert capsys.readouterr().out == (
        "# minialexnet/layers/activation.py\n"
        "def relu_backward(dy: Array, y: Array, out: Array | None = None) -> Array:\n"
        '    """Return dx = dy where y > 0, else 0."""\n'
        "    return only_where(dy, y > 0, out=out)\n"
    )


def test_of_a_docstring_the_first_line_is_shown_and_comments_stay(capsys):
    show_source(response_normalization_backward)
    shown = capsys.readouterr().out
    assert "x[j] enters y[i]" not in shown
    assert "    # dx\n    return through_x" in shown
    assert shown.count('"""') == 2


def test_a_class_is_shown_by_name_with_its_forward_and_backward(capsys):
    show_source(relu, ReLU)
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if "def " in line or line.startswith("class")] == [
        "def relu(x: Array, out: Array | None = None) -> Array:",
        "class ReLU(Layer):",
        "    def forward(self, x: Array, train: bool = False) -> Array:",
        "    def backward(self, dy: Array) -> Array:",
    ]


def test_methods_stand_below_the_name_of_their_class_once(capsys):
    show_source(ReLU.forward, ReLU.backward, MomentumSGD.step)
    shown = capsys.readouterr().out
    assert shown.count("class ReLU(Layer):\n    def forward") == 1
    assert shown.count("class ReLU") == 1
    assert shown.count("class MomentumSGD:\n    def step") == 1


def test_a_file_is_named_once_above_what_is_shown_of_it(capsys):
    show_source(relu, relu_backward, ReLU, response_normalization_backward, relu)
    lines = capsys.readouterr().out.splitlines()
    activation = "# minialexnet/layers/activation.py"
    assert lines[0] == activation
    assert [line for line in lines if line.startswith("# ")] == [
        activation,
        "# minialexnet/layers/lrn.py",
        activation,
    ]


@pytest.mark.parametrize("shown_by", ["ipykernel", "sphinx_gallery"])
def test_where_a_cell_is_shown_the_source_is_returned(shown_by, monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, shown_by, sys)
    source = show_source(relu)
    assert capsys.readouterr().out == ""
    assert "def relu(" in str(source)


def test_html_holds_the_same_text_with_its_words_coloured():
    text = "def f(a):\n    # a < b\n\n    return a < 12, 'x & y'"
    shown = Source(text)._repr_html_()
    assert '<span class="k">return</span> a &lt; <span class="mi">12</span>' in shown
    assert '<span class="c1"># a &lt; b</span>' in shown
    inner = re.search("<pre>(.*)</pre>", shown, re.DOTALL)[1]
    assert html.unescape(re.sub("<[^>]+>", "", inner)).rstrip() == text


def test_every_layer_of_the_package_can_be_coloured(monkeypatch):
    monkeypatch.setitem(sys.modules, "ipykernel", sys)
    for name in minialexnet.layers.__all__:
        thing = getattr(minialexnet.layers, name)
        if isinstance(thing, type) and issubclass(thing, minialexnet.layers.Layer):
            source = show_source(thing)
            inner = re.search("<pre>(.*)</pre>", source._repr_html_(), re.DOTALL)[1]
            plain = html.unescape(re.sub("<[^>]+>", "", inner))
            assert plain.rstrip() == str(source).rstrip()
