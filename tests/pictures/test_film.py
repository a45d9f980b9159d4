"""Films: what a notebook and the site get of them."""

import re
import subprocess
import sys

import matplotlib.pyplot as plt
import pytest

from minialexnet.pictures.film import Film


@pytest.fixture
def figure():
    figure, _ = plt.subplots(figsize=(2, 1))
    figure.set_label('A dot moves & "stops".')
    yield figure
    plt.close(figure)


def test_a_page_gets_every_frame_and_asks_no_other_host(figure):
    drawn = []

    def draw(frame):
        drawn.append(frame)
        figure.axes[0].set_title(str(frame))

    page = Film(figure, draw, frames=3)._repr_html_()
    assert drawn[-3:] == [0, 1, 2]
    frames = re.findall(r'frames\[\d\] = "(data:image/png;base64,[^"]+)"', page)
    assert len(set(frames)) == 3
    assert "http" not in re.sub(r'base64,[^"]+', "", page)
    # Without JavaScript the last frame stands there.
    image = re.search(r"<img [^>]*>", page)[0]
    assert f'src="{frames[-1]}"' in image
    assert 'alt="A dot moves &amp; &quot;stops&quot;."' in image


def test_every_control_has_a_name_and_a_sign(figure):
    page = Film(figure, figure.suptitle, frames=2)._repr_html_()
    (slider,) = re.findall(r'<input[^>]*type="range"[^>]*>', page)
    assert 'aria-label="Frame"' in slider
    buttons = re.findall(r"(<button[^>]*>)\s*(.*?)</button>", page, re.DOTALL)
    assert len(buttons) == 9
    for button, sign in buttons:
        assert "aria-label=" in button
        assert sign and "<" not in sign


def test_where_a_film_is_shown_the_still_picture_is_not(figure, monkeypatch):
    Film(figure, figure.suptitle, frames=2)._repr_html_()
    assert plt.fignum_exists(figure.number)
    monkeypatch.setitem(sys.modules, "ipykernel", sys)
    Film(figure, figure.suptitle, frames=2)._repr_html_()
    assert not plt.fignum_exists(figure.number)


def test_a_script_that_shows_no_window_is_not_warned():
    code = (
        "import matplotlib.pyplot as plt\n"
        "from minialexnet.pictures.film import Film\n"
        "film = Film(figure := plt.figure(), figure.suptitle, frames=2)\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
