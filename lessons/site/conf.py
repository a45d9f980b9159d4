"""The site: the lessons, run and rendered, and the package's reference.

``make site`` builds it into build/site. Every warning is an error, and so is a lesson
that raises.
"""

import re
import tarfile
import textwrap
from pathlib import Path

import minialexnet
from minialexnet.data.download import download

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
MATHJAX = ROOT / "build" / "mathjax"

project = "minialexnet"
version = release = minialexnet.__version__
copyright = "the minialexnet authors, MIT License"
extensions = [
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.mathjax",
    "sphinx.ext.napoleon",
    "sphinx.ext.viewcode",
    "sphinx_gallery.gen_gallery",
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
    "write_computation_times": False,
}

# The reference. The docstrings give the types, so signatures do without.
autosummary_generate = True
autodoc_typehints = "none"
autodoc_member_order = "bysource"
napoleon_google_docstring = False
napoleon_use_ivar = True
default_role = "py:obj"

# The page.
html_theme = "pydata_sphinx_theme"
html_title = "minialexnet"
html_static_path = ["static", str(MATHJAX)]
html_css_files = ["site.css"]
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
}
html_sidebars = {"index": [], "solutions": []}

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


def write_math(app, docname, source):
    """Turn $...$ and $$...$$ into reST; lines four spaces in are code or output.

    A stop or comma behind a formula goes into it, or it might begin the next line.
    """

    def display(match):
        return "\n.. math::\n\n" + textwrap.indent(match[1], "   ") + "\n"

    if docname.startswith("lessons/"):
        parts = re.split(r"(^ {4}.*\n)", source[0], flags=re.MULTILINE)
        for place in range(0, len(parts), 2):  # the odd ones are code or output
            prose = re.sub(r"\$\$(.+?)\$\$", display, parts[place], flags=re.DOTALL)
            inline = re.compile(r"\$(.+?)\$([.,;]?)", re.DOTALL)
            parts[place] = inline.sub(r":math:`\1\2`", prose)
        source[0] = "".join(parts)


def link_guides(app, docname, source):
    """Let links between guides, which name files for a code host, lead to pages."""
    if docname.startswith("guides/"):
        source[0] = source[0].replace(".rst>`__", ".html>`__")


def setup(app):
    """Register what is above."""
    app.connect("config-inited", fetch_mathjax)
    app.connect("source-read", write_math)
    app.connect("source-read", link_guides)
