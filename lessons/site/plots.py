"""How the site shows the lessons' plots and source: in words too, large, with links."""

import re
from html import escape

import matplotlib.pyplot as plt
from sphinx_gallery.scrapers import matplotlib_scraper


def scrape(block, block_vars, gallery_conf):
    """Return the gallery's reST for the open plots, with what `caption` says of each.

    Without these words a plot's alternative text would be its titles.
    """
    words = iter([plt.figure(number).get_label() for number in plt.get_fignums()])
    rst = matplotlib_scraper(block, block_vars, gallery_conf)
    return re.sub(r":alt: .*", lambda match: f":alt: {escape(next(words))}", rst)


def link_plots(app, pagename, templatename, context, doctree):
    """Make each picture of a page a link to its largest file."""

    def link(match):
        before, image, name = match.groups()
        if before or "_thumb" in name or name.startswith("data:"):
            return match[0]  # it leads elsewhere, or is a frame of a film
        large = re.search(r'([^ ",]+) 2\.00x"', image)
        href = large[1] if large else name
        return f'<a class="plot" href="{href}" title="Open large">{image}</a>'

    pattern = r'(<a [^>]*>\s*)?(<img [^>]*src="([^"]+)"[^>]*>)'
    context["body"] = re.sub(pattern, link, context.get("body", ""))


def link_files(app, pagename, templatename, context, doctree):
    """Make the file's name over a layer's source a link to the whole file."""

    def link(match):
        return f'# <a href="../_modules/{match[1]}.html">{match[1]}.py</a>'

    if pagename.startswith("lessons/"):
        body = context.get("body", "")
        context["body"] = re.sub(r"# (minialexnet/[\w/]+)\.py(?=</span>)", link, body)


FOLDS = {"imports": "Imports", "drawing": "The code that draws this picture"}
BLOCK = re.compile(
    # The gallery makes prose of the comment that a cell begins with.
    r"(?:^The (imports|drawing)\.\n(?:(?!    ).*\n)*?)?"
    r"^\.\. code-block:: Python\n\n+((?:    .*\n|\n)+)",
    re.MULTILINE,
)
PLOT = re.compile(
    r"^    figure\b.* = plt\.(?:.*\n)+?    caption\((?:.*\)\n|\n(?:.*\n)*?    \)\n)",
    re.MULTILINE,
)


def plain(code):
    """Return a code block, or nothing where there is no code."""
    return f".. code-block:: Python\n\n{code.rstrip()}\n\n" if code.strip() else ""


def folded(code, title):
    """Return a code block that opens on a click on its title."""
    return (
        f'.. raw:: html\n\n   <details class="code"><summary>{title}</summary>\n\n'
        f"{plain(code)}.. raw:: html\n\n   </details>\n\n"
    )


def fold_drawing(app, docname, source):
    """Fold a lesson's cells that import or draw, and in others what draws a plot."""

    def fold(match):
        what, code = match.groups()
        if what:
            return folded(code, FOLDS[what])
        plot = PLOT.search(code)
        if not plot:
            return match[0]
        before, after = code[: plot.start()], code[plot.end() :]
        return plain(before) + folded(plot[0], FOLDS["drawing"]) + plain(after)

    if docname.startswith("lessons/lesson_"):
        source[0] = BLOCK.sub(fold, source[0])


def setup(app):
    """Register what is above."""
    app.connect("source-read", fold_drawing)
    app.connect("html-page-context", link_plots)
    app.connect("html-page-context", link_files)
