"""The built site in a real browser, and the notebooks that it offers.

``make site`` builds it first. Needs Debian's chromium and the docs extra.
"""

import html
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

import minialexnet
from tests.support.built_site import LESSONS, PAGES, ROOT, SITE, WIDTHS

pytestmark = pytest.mark.site

# Modules that are commands, not for import.
COMMANDS = ("__main__", "cli", "commands", "bench")
# Waits until formulas are typeset and images are there, those further down too.
LOOK = """(async () => {
    if (window.MathJax?.startup) await MathJax.startup.promise;
    for (const image of document.images) {
        image.loading = "eager";
        await image.decode().catch(() => {});
    }
    const all = (what) => [...document.querySelectorAll(what)];
    return {
        images: all("img").map((i) => [i.src, i.naturalWidth, i.getAttribute("alt")]),
        formulas: all(".math").map((m) => [
            m.textContent,
            m.querySelector("mjx-container svg")?.getBoundingClientRect().width ?? 0,
            m.querySelectorAll("[data-mml-node=merror]").length,
        ]),
        dollars: all("article p, article li").map((p) => p.innerText)
            .filter((text) => text.includes("$")),
        links: all("a[href]").map((a) => a.href),
    };
})()"""
OVERHANG = "document.scrollingElement.scrollWidth - innerWidth"
# What its box cuts off or scrolls; only code and displayed formulas may be wider.
CUT = """
    [...document.querySelectorAll(
        ".bd-article-container, article :is(h1, h2, h3, p, li, td, figcaption)")]
        .filter((e) => e.clientWidth > 0 && e.scrollWidth > e.clientWidth + 1)
        .map((e) => e.innerText.slice(0, 200))
"""


def complaints(events, address):
    """Return what went wrong: requests that failed or went elsewhere, errors."""
    found = []
    for event in events:
        details = event["params"]
        match event["method"]:
            case "Network.requestWillBeSent":
                url = details["request"]["url"]
                if not url.startswith((address, "data:", "blob:")):
                    found.append(f"asks another host: {url}")
            case "Network.responseReceived":
                if details["response"]["status"] >= 400:
                    answer = details["response"]
                    found.append(f"{answer['status']}: {answer['url']}")
            case "Network.loadingFailed":
                found.append(f"failed: {details}")
            case "Runtime.exceptionThrown":
                found.append(f"exception: {details['exceptionDetails']}")
            case "Runtime.consoleAPICalled":
                if details["type"] in ("error", "warning", "assert"):
                    found.append(f"console: {details['args']}")
            case "Log.entryAdded":
                if details["entry"]["level"] in ("error", "warning"):
                    found.append(f"log: {details['entry']}")
    return found


@cache
def places(path):
    """Return what can be linked to in a page."""
    return set(re.findall(r'\bid="([^"]+)"', path.read_text()))


def broken_links(links, address):
    """Return the links within the site that lead nowhere."""
    broken = []
    for link in {link for link in links if link.startswith(address)}:
        parts = urlsplit(link)
        path = SITE / unquote(parts.path).lstrip("/")
        path = path / "index.html" if path.is_dir() else path
        anchor = unquote(parts.fragment)
        if not path.is_file() or (anchor and anchor not in places(path)):
            broken.append(link)
    return broken


def test_the_site_is_built():
    assert "index.html" in PAGES, "build the site first: make site"
    assert {f"lessons/{name}.html" for name in LESSONS} <= set(PAGES)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_is_whole(page, browser, address):
    browser.resize(WIDTHS[0])
    browser.visit(address + page)
    seen = browser.evaluate(LOOK)
    assert complaints(browser.events, address) == []
    # A picture beside its own name, as in the list of lessons, has alt="".
    assert [image for image in seen["images"] if not image[1] or image[2] is None] == []
    assert [f for f in seen["formulas"] if f[1] < 1 or f[2]] == []
    assert seen["dollars"] == [], "a formula was left as it is written"
    links = seen["links"]
    if page.startswith("_modules/"):
        # The way back from a source goes by where a name is defined, also where the
        # page shows it under the module that passes it on: the page must be there.
        links = [link.partition("#")[0] for link in links]
    assert broken_links(links, address) == []
    for width in WIDTHS:
        browser.resize(width)
        assert browser.evaluate(OVERHANG) <= 0, f"scrolls sideways at {width} pixels"
        assert browser.evaluate(CUT) == [], f"cut off at {width} pixels"


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_has_formulas_plots_and_downloads(lesson, browser, address):
    browser.visit(f"{address}lessons/{lesson}.html")
    seen = browser.evaluate(LOOK)
    assert len(seen["formulas"]) >= 3
    assert len([src for src, _, _ in seen["images"] if lesson in src]) >= 1
    offered = {Path(urlsplit(link).path).name for link in seen["links"]}
    assert {f"{lesson}.py", f"{lesson}.ipynb"} <= offered


def test_the_front_page_links_to_every_lesson(browser, address):
    browser.visit(f"{address}index.html")
    seen = browser.evaluate(LOOK)
    linked = {Path(urlsplit(link).path).stem for link in seen["links"]}
    assert set(LESSONS) <= linked, "add the lesson to lessons/site/index.rst"
    assert not [name for name in linked if name.startswith("solution")]


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_links_to_the_paper_its_files_and_the_glossary(
    lesson, browser, address
):
    browser.visit(f"{address}lessons/{lesson}.html")
    links = browser.evaluate(LOOK)["links"]
    assert [link for link in links if re.match(r"https://(papers\.nips|arxiv)", link)]
    assert [link for link in links if link.startswith(f"{address}_modules/")]
    assert [link for link in links if link.startswith(f"{address}glossary.html#term-")]


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_links_to_its_solutions_and_folds_its_drawing(
    lesson, browser, address
):
    browser.visit(f"{address}lessons/{lesson}.html")
    seen = browser.evaluate(LOOK)
    linked = {Path(urlsplit(link).path).stem for link in seen["links"]}
    assert f"solution_{lesson[7:]}" in linked
    folded = "document.querySelectorAll('details.code:not([open])').length"
    assert browser.evaluate(folded) >= 2
    # What draws a plot is seen only by those who open it.
    shown = "[...document.querySelectorAll('.highlight')].map(e => e.innerText).join()"
    assert "plt.subplots" not in browser.evaluate(shown)
    # Every [[word]] of the prose is a link; arrays that are printed begin so too.
    prose = "[...document.querySelectorAll('article p, article li')]"
    assert "[[" not in browser.evaluate(prose + ".map(p => p.innerText).join(' ')")


def test_the_gallery_shows_every_figure(browser, address):
    drawn = {path.name for path in (ROOT / "figures").glob("*.png")}
    apart = {"guides/speed": "speed", "claims": "claims"}
    apart["large-batches"] = "large_batches"  # on pages of their own
    for page, name in apart.items():
        browser.visit(f"{address}{page}.html")
        shown = {Path(src).name for src, _, _ in browser.evaluate(LOOK)["images"]}
        own = {picture for picture in drawn if picture.startswith(name)}
        assert own <= shown, f"add the figure to lessons/site/{page}.rst"
        drawn -= own
    browser.visit(f"{address}figures.html")
    shown = {Path(src).name for src, _, _ in browser.evaluate(LOOK)["images"]}
    assert drawn and drawn <= shown, "add the figure to lessons/site/figures.rst"


@pytest.mark.parametrize(
    ("words", "page"),
    [
        ("adjoint", "lessons/lesson_02_convolution"),
        ("alexnet accuracy 50", "guides/accuracy"),
        ("accuracy too low", "guides/accuracy"),
        ("I get 50 %25, not 60 %25", "guides/accuracy"),
    ],
)
def test_the_search_finds_a_page(words, page, browser, address):
    browser.visit(f"{address}search.html?q={words.replace(' ', '+')}")
    found = browser.evaluate("""(async () => {
        const ended = () => document.querySelector(".search-summary")?.innerText;
        for (let turn = 0; turn < 300 && !/found|not match/.test(ended()); turn++)
            await new Promise((resolve) => setTimeout(resolve, 100));
        const links = document.querySelectorAll("#search-results li a");
        return [...links].map((a) => a.href);
    })()""")
    assert any(f"/{page}.html" in link for link in found[:3])


def test_the_reference_holds_every_module():
    package = Path(minialexnet.__file__).parent
    for path in package.rglob("*.py"):
        name = ".".join(path.relative_to(package).with_suffix("").parts)
        if name.split(".")[0] in COMMANDS or name.endswith("__init__"):
            continue
        page = f"reference/minialexnet.{name}.html"
        assert page in PAGES, f"name {name} in lessons/site/reference.rst"


def on_the_page(lesson, *, source):
    """Return what a page shows as printed, in order, also the layers' source."""
    text = (SITE / "lessons" / f"{lesson}.html").read_text()
    kinds = r'"sphx-glr-script-out.*?|minialexnet-source highlight">'
    pattern = rf"(?:{kinds if source else kinds.partition('|')[0]})<pre>(.*?)</pre>"
    blocks = re.findall(pattern, text, re.DOTALL)
    return html.unescape(re.sub(r"<[^>]+>", "", "\n".join(blocks)))


def lines(text):
    return [line.strip() for line in text.splitlines() if line.strip()]


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_notebook_prints_what_the_page_shows(lesson, tmp_path):
    import nbclient
    import nbformat

    (path,) = SITE.glob(f"_downloads/*/{lesson}.ipynb")
    notebook = nbformat.read(path, as_version=4)
    client = nbclient.NotebookClient(
        notebook, timeout=600, resources={"metadata": {"path": str(tmp_path)}}
    )
    client.execute()
    outputs = [out for cell in notebook.cells for out in cell.get("outputs", [])]
    found = "\n".join(out["text"] for out in outputs if out.output_type == "stream")
    assert lines(found) == lines(on_the_page(lesson, source=False))
    plots = [out for out in outputs if "image/png" in out.get("data", {})]
    assert len(plots) >= 1


@pytest.mark.parametrize("lesson", LESSONS)
def test_the_script_prints_what_the_page_shows(lesson, tmp_path):
    (script,) = SITE.glob(f"_downloads/*/{lesson}.py")
    done = subprocess.run(
        [sys.executable, script],
        cwd=tmp_path,
        env=os.environ | {"MPLBACKEND": "agg"},
        capture_output=True,
        text=True,
        check=True,
        timeout=600,
    )
    assert lines(done.stdout) == lines(on_the_page(lesson, source=True))
