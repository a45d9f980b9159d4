"""The pictures on the built site: one to move, films, and plots that open large."""

import json

import numpy as np
import pytest

from minialexnet import Convolution2D
from minialexnet.im2col import col2im, im2col
from tests.support.built_site import LESSONS, PAGES, WIDTHS

pytestmark = pytest.mark.site

CONVOLUTION = "lessons/lesson_02_convolution.html"
FILMS = [name for name in LESSONS if name[7:9] in ("04", "09", "13")]
RECORDED = "document.getElementById('im2col-steps').textContent"
# The words, and what stands in each table, row by row.
SHOWN = """({
    says: document.querySelector(".im2col [role=status]").innerText,
    tables: [...document.querySelectorAll(".im2col table")].map((table) =>
        [...table.rows].map((row) => [...row.cells].map((cell) => cell.innerText))),
    now: [...document.querySelectorAll(".im2col table")].map((table) =>
        [...table.querySelectorAll("td")].map((c) => c.classList.contains("now"))),
    step: document.querySelector(".im2col input").getAttribute("aria-valuetext"),
})"""


@pytest.fixture
def picture(browser, address):
    browser.resize(WIDTHS[0])
    browser.visit(address + CONVOLUTION)
    return browser


def press(browser, key):
    """Press and release a key of the keyboard."""
    codes = {"Tab": 9, "Enter": 13, "ArrowLeft": 37, "ArrowRight": 39}
    details = {"key": key, "code": key, "windowsVirtualKeyCode": codes[key]}
    if key == "Enter":
        details["text"] = "\r"
    browser.send("Input.dispatchKeyEvent", type="keyDown", **details)
    browser.send("Input.dispatchKeyEvent", type="keyUp", **details)


def numbers(table):
    return [float(cell) for row in table for cell in row if cell]


def test_the_recorded_arrays_are_the_layers(picture):
    recorded = json.loads(picture.evaluate(RECORDED))
    x = np.reshape(recorded["x"], (1, 1, 3, 3))
    layer = Convolution2D(1, 1, kernel_size=2).astype(np.float64)
    layer.params["W"] = np.reshape(recorded["kernel"], (1, 1, 2, 2))
    dy = np.reshape(recorded["dy"], (1, 1, 2, 2))
    assert recorded["col"] == im2col(x, 2).tolist()
    assert recorded["y"] == layer.forward(x).ravel().tolist()
    assert recorded["dx"][-1] == layer.backward(dy).ravel().tolist()
    dcol = np.outer(recorded["dy"], recorded["kernel"])
    assert recorded["dcol"] == dcol.tolist()
    for rows, dx in enumerate(recorded["dx"]):
        first = np.where(np.arange(4)[:, None] < rows, dcol, 0)
        assert dx == col2im(first, x.shape, 2).ravel().tolist()


def test_each_step_shows_the_recorded_numbers(picture):
    recorded = json.loads(picture.evaluate(RECORDED))
    steps = []
    for number in range(19):
        slider = f"s = document.querySelector('.im2col input'); s.value = {number};"
        picture.evaluate(f"{{ const {slider} s.dispatchEvent(new Event('input')); }}")
        steps.append(picture.evaluate(SHOWN))
    assert [step["step"] for step in steps] == [f"{n} of 19" for n in range(1, 20)]
    col, dcol = (np.ravel(recorded[name]).tolist() for name in ("col", "dcol"))
    whole = [recorded[name] for name in ("x", "kernel", "y", "dy")]
    for number, step in enumerate(steps):
        # Of the windows so many are rows, outputs, rows of dcol, and added to dx.
        done = [min(max(number - first, 0), 4) for first in (1, 5, 10, 14)]
        if number == 0:
            done = [4, 4, 4, 4]
        rows, outputs, back, added = done
        x, shown_col, w, y, dx, shown_dcol, w_again, dy = map(numbers, step["tables"])
        assert [x, w, w_again] == [whole[0], whole[1], whole[1]]
        assert shown_col == col[: 4 * rows]
        assert y == recorded["y"][:outputs]
        assert dy == (recorded["dy"] if number == 0 or number >= 10 else [])
        assert shown_dcol == dcol[: 4 * back]
        assert dx == (recorded["dx"][added] if added else [])
    for window in range(4):
        copied, product, back, added = (steps[n + window] for n in (2, 6, 11, 15))
        seen = recorded["places"][window]
        assert [n for n, now in enumerate(copied["now"][0]) if now] == seen
        assert [n for n, now in enumerate(added["now"][4]) if now] == seen
        assert product["says"].endswith(f"= {recorded['y'][window]:g}.")
        assert f" {recorded['dy'][window]:g}, the dy" in back["says"]
        there = ", ".join(f"{recorded['dx'][window + 1][place]:g}" for place in seen)
        assert added["says"].endswith(f"{there}.")


def test_the_picture_moves_by_keyboard(picture):
    group = "document.querySelector('.im2col')"
    assert "step by step" in picture.evaluate(f"{group}.getAttribute('aria-label')")
    picture.evaluate(f"{group}.querySelector('button').focus()")
    words = [picture.evaluate(SHOWN)["says"]]
    reached = []
    for key in ("Tab", "ArrowRight", "ArrowRight", "ArrowLeft", "Tab", "Enter"):
        press(picture, key)
        words.append(picture.evaluate(SHOWN)["says"])
        reached.append(
            picture.evaluate("""(() => {
                const here = document.activeElement, style = getComputedStyle(here);
                return [here.tagName, style.outlineStyle, style.outlineWidth];
            })()""")
        )
    assert [word.split("/")[0] for word in words] == list("1123223")
    assert {name for name, *_ in reached} == {"INPUT", "BUTTON"}
    assert {tuple(outline) for _, *outline in reached} == {("solid", "3px")}
    # At the last step the button does nothing and keeps the keyboard's focus.
    for _ in range(20):
        press(picture, "Enter")
    assert picture.evaluate(SHOWN)["step"] == "19 of 19"
    assert picture.evaluate("document.activeElement.innerText") == "Next"


def test_on_a_telephone_the_whole_picture_is_in_the_window(picture):
    picture.resize(WIDTHS[1])
    edges = """[...document.querySelectorAll(".im2col table, .im2col button")]
        .map((e) => e.getBoundingClientRect()).map((r) => [r.left, r.right])"""
    assert all(0 <= left < right <= 390 for left, right in picture.evaluate(edges))


@pytest.mark.parametrize("lesson", ["lesson_02_convolution", *FILMS])
def test_without_javascript_a_still_picture_stands_there(lesson, browser, address):
    browser.send("Emulation.setScriptExecutionDisabled", value=True)
    try:
        browser.visit(f"{address}lessons/{lesson}.html")
        still = browser.evaluate("""[...document.querySelectorAll("article img")].map(
            (i) => [i.getAttribute("src").slice(0, 5), i.alt.length])""")
        moves = browser.evaluate("document.querySelector('.im2col, .animation')")
    finally:
        browser.send("Emulation.setScriptExecutionDisabled", value=False)
    assert all(words > 50 for _, words in still)
    assert len(still) >= 2
    if lesson in FILMS:
        assert "data:" in [source for source, _ in still]
        assert moves is not None
    else:
        assert moves is None


@pytest.mark.parametrize("lesson", FILMS)
def test_a_film_is_stepped_by_named_controls(lesson, browser, address):
    browser.visit(f"{address}lessons/{lesson}.html")
    names = browser.evaluate("""[...document.querySelectorAll(
        ".animation button, .animation input")].map((e) =>
        e.getAttribute("aria-label") || e.labels[0]?.innerText)""")
    assert len(names) == 13 and all(names)
    seen = [
        browser.evaluate(f"""(() => {{
            const film = document.querySelector(".animation");
            film.querySelector('[aria-label="{name} frame"]').click();
            return film.querySelector("img").src;
        }})()""")
        for name in ("First", "Next", "Previous", "Last")
    ]
    assert seen[0] == seen[2]
    assert len(set(seen)) == 3
    assert sum(len(frame) for frame in seen) < 400_000  # bytes: a page stays light


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_plot_says_what_is_to_be_seen_and_opens_large(lesson, browser, address):
    browser.visit(f"{address}lessons/{lesson}.html")
    plots = browser.evaluate("""[...document.querySelectorAll("article img")].filter(
        (i) => !i.src.startsWith("data:")).map(
        (i) => [i.alt, i.closest("a")?.getAttribute("href"), i.naturalWidth])""")
    assert plots
    for words, large, _ in plots:
        assert len(words) > 50 and words.endswith("."), words
        assert large.endswith("_2_00x.png")


def test_pictures_of_other_pages_open_large_too(browser, address):
    for page in ("index.html", "figures.html"):
        assert page in PAGES
        browser.visit(address + page)
        bare = "document.querySelectorAll('article figure img:not(a img)').length"
        assert browser.evaluate(bare) == 0
