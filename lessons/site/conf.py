"""The site: the lessons, run and rendered, and the package's reference.

``make site`` builds it into build/site. Every warning is an error, and so is a lesson
that raises.
"""

import ast
import re
import sys
import tarfile
import textwrap
from pathlib import Path

import minialexnet
from minialexnet.data.download import download
from minialexnet.exercises.numbered import NUMBERS, exercise

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))  # one_click.py, plots.py and progress.py
ROOT = HERE.parents[1]
MATHJAX = ROOT / "build" / "mathjax"
PAPER = (
    "https://papers.nips.cc/paper_files/paper/2012/hash/"
    "c399862d3b9d6b76c8436e924a68c45b-Abstract.html"
)

from one_click import REPOSITORY, write_button, write_notebooks  # noqa: E402

project = "minialexnet"
version = release = minialexnet.__version__
copyright = "the minialexnet authors. Text and figures: CC BY 4.0. Code: MIT License"
extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "sphinx_gallery.gen_gallery",
    "plots",
    "progress",
]
templates_path = ["templates"]

# The lessons. All are run at every build: a change in the package may change what an
# unchanged lesson prints.
sphinx_gallery_conf = {
    "examples_dirs": "..",
    "gallery_dirs": "lessons",
    "filename_pattern": r"/lesson_\d\d",
    "ignore_pattern": r"/(site|solutions)/",
    "within_subsection_order": "FileNameSortKey",
    "abort_on_example_error": True,
    "run_stale_examples": True,
    "image_srcset": ["2x"],
    "image_scrapers": ["plots.scrape"],
    "reset_modules": ["matplotlib", "seaborn", "progress.say_lesson"],
    "write_computation_times": False,
    "min_reported_time": 3600,  # seconds: a lesson states its time, as recorded
}

# Buttons for JupyterLite and Colab, on a site that is published: see one_click.py.
if REPOSITORY:
    extensions.append("jupyterlite_sphinx")
    sphinx_gallery_conf["jupyterlite"] = {
        "use_jupyter_lab": True,
        "notebook_modification_function": "one_click.add_install",
    }

# The reference. The docstrings give the types, so signatures do without.
autosummary_generate = True
autodoc_typehints = "none"
autodoc_member_order = "bysource"
napoleon_google_docstring = False
napoleon_use_ivar = True
default_role = "py:obj"
# A parameter's name, such as "path", is also that of an attribute somewhere.
suppress_warnings = ["ref.python"]

# The page.
html_theme = "pydata_sphinx_theme"
html_title = "minialexnet"
html_static_path = ["static", str(MATHJAX)]
html_css_files = ["site.css"]
html_js_files = [(name, {"defer": "defer"}) for name in ("im2col.js", "formulas.js")]
html_favicon = "static/icon.svg"
html_show_sphinx = False
html_use_index = False  # the search and the reference find names
html_context = {"default_mode": "auto"}  # light or dark, as the reader's system is
html_sourcelink_suffix = ""
html_theme_options = {
    "navbar_end": ["theme-switcher"],
    "footer_start": ["copyright"],
    "footer_end": [],
    "secondary_sidebar_items": ["page-toc"],
    # One row of links at 1280 pixels, and no second row of where one is: a lesson's
    # first screen needs the room.
    "header_links_before_dropdown": 7,
    "article_header_start": [],
}
# Pages that have none below them.
ALONE = ("index", "solutions/*", "claims", "large-batches", "figures", "glossary")
html_sidebars = {page: [] for page in ALONE}

# Formulas, typeset in the reader's browser, without a network. The menu on a formula
# would fetch more files.
mathjax_path = "tex-svg.js"
mathjax3_config = {"options": {"enableMenu": False}}


def fetch_mathjax(app, config):
    """Lay MathJax and its licence into build/mathjax: 2 MB out of its npm package.

    It is fetched once, and not kept in the repository. Version 3 is the last whose one
    file holds everything; version 4 fetches rarer letters while a page is read.
    """
    if (MATHJAX / "tex-svg.js").exists():
        return
    package = MATHJAX.with_suffix(".tgz")
    download(
        "https://registry.npmjs.org/mathjax/-/mathjax-3.2.2.tgz",
        package,
        size=6_132_118,
        sha256="1b9c0a1c44df864e915690558e72adb9cc5203360daefd385084ced3b6c64c09",
    )
    MATHJAX.mkdir(exist_ok=True)
    with tarfile.open(package) as files:
        for member, name in {
            "package/LICENSE": "mathjax-license.txt",
            "package/es5/tex-svg.js": "tex-svg.js",  # last: with it all is there
        }.items():
            (MATHJAX / name).write_bytes(files.extractfile(member).read())


def title_of(script):
    """Return the first line of a script's docstring that holds words."""
    return ast.get_docstring(ast.parse(script.read_text())).splitlines()[0]


def write_solutions(app, config):
    """Write a page for the solutions of each lesson, which its end links to."""
    folder = HERE / "solutions"
    folder.mkdir(exist_ok=True)
    for script in sorted((ROOT / "lessons" / "solutions").glob("solution_*.py")):
        title = title_of(script).rstrip(".")
        (folder / f"{script.stem}.rst").write_text(
            f":orphan:\n\n{title}\n{'=' * len(title)}\n\n"
            "Try first: each exercise says how to see that you are right.\n\n"
            ".. raw:: html\n\n   <details><summary>Show the solutions</summary>\n\n"
            f".. literalinclude:: ../../solutions/{script.name}\n\n"
            ".. raw:: html\n\n   </details>\n"
        )


def write_math(text):
    """Return $...$ and $$...$$ as reST.

    A stop or comma after a formula goes into it, or it might begin the next line.
    """

    def display(match):
        return "\n.. math::\n\n" + textwrap.indent(match[1], "   ") + "\n"

    text = re.sub(r"\$\$(.+?)\$\$", display, text, flags=re.DOTALL)
    return re.sub(r"\$(.+?)\$([.,;]?)", r":math:`\1\2`", text, flags=re.DOTALL)


def write_links(text):
    """Return [[lesson_...]], [[solution_...]] and [[word]] as links of reST.

    A word leads into the glossary, with an ending too, as in [[kernel]]s. The paper's
    authors, where they are first named, lead to the paper.
    """

    def link(match):
        name = " ".join(match[1].split())
        if name.startswith("solution_"):
            return f":doc:`on a page of their own </solutions/{name}>`"
        if not name.startswith("lesson_"):
            return f":term:`{name}{match[2]} <{name}>`"
        title = title_of(ROOT / "lessons" / f"{name}.py").partition(": ")[2]
        return f":doc:`{title} </lessons/{name}>`"

    authors = r"Krizhevsky,\s+Sutskever\s+and\s+Hinton(?: 2012)?"
    text = re.sub(authors, rf"`\g<0> <{PAPER}>`__", text, count=1)
    return re.sub(r"\[\[([^][]+)\]\](\w*)", link, text)


def write_exercises(lesson):
    """Return which exercises belong to a lesson, to be filled in and checked."""
    mine = [one for one in map(exercise, NUMBERS) if one.lesson == lesson]
    words = [
        f"``minialexnet exercise start {one.number}`` ({one.title})" for one in mine
    ]
    return (
        f"\nTo fill in, and be told where it is wrong: {', '.join(words)}; "
        ":doc:`how </guides/exercises>`.\n"
        if mine
        else ""
    )


def write_lesson(app, docname, source):
    """Write math and links of a lesson's prose; lines four spaces in are code."""
    if docname.startswith("lessons/lesson_"):
        name = docname.partition("/")[2]
        # Where jupyterlite-sphinx lays what the gallery thinks to lie at the top.
        text = source[0].replace("?path=", "?path=jupyterlite_contents/")
        for line, more in (
            ("=", write_button(name)),  # under the title
            ("-", write_exercises(name)),  # under the heading of the exercises
        ):
            words = "Exercises" if line == "-" else ".*"
            found = re.search(rf"^{words}\n{line}{{5,}}\n", text, re.MULTILINE)
            text = text[: found.end()] + more + text[found.end() :]
        parts = re.split(r"(^ {4}.*\n)", text, flags=re.MULTILINE)
        parts[::2] = [write_links(write_math(part)) for part in parts[::2]]
        source[0] = "".join(parts)


def link_guides(app, docname, source):
    """Let links of guides, which name files for a code host, lead to pages."""
    if docname.startswith("guides/"):
        text = source[0].replace(".rst>`__", ".html>`__")
        lesson = r"<\.\./\.\./(lesson_\w+)\.py>`__"
        source[0] = re.sub(lesson, r"<../lessons/\1.html>`__", text)
    # The picture of the claims comes onto the front page, once there is one.
    if docname == "index" and (ROOT / "figures" / "claims.png").exists():
        page = (ROOT / "figures" / "claims.rst").read_text()
        picture = page.partition("\n\n.. list-table")[0]
        source[0] = source[0].replace(".. the picture of the claims", picture)


def setup(app):
    """Register what is above."""
    app.connect("config-inited", fetch_mathjax)
    app.connect("config-inited", write_solutions)
    app.connect("source-read", write_lesson)
    app.connect("source-read", link_guides)
    app.connect("build-finished", write_notebooks)
