"""No page of the built site violates WCAG at level A or AA, as axe-core finds it."""

import pytest

from tests.support.axe import axe_script, violations
from tests.support.built_site import PAGES, WIDTHS

pytestmark = pytest.mark.site

# The pages that the project writes; of those made of docstrings and of source one each.
WRITTEN = [p for p in PAGES if not p.startswith(("_modules/", "reference/"))]
WRITTEN += ["reference/minialexnet.layers.lrn.html", "_modules/index.html"]
# What Sphinx and its theme violate themselves, by rule: where it is, in words of their
# own markup. The overview of all sources puts a list into a list.
THEME = {"list": ("article > ul",)}


@pytest.fixture(scope="module")
def axe():
    return axe_script()


@pytest.mark.parametrize("page", WRITTEN)
def test_a_page_violates_no_rule(page, axe, browser, address):
    # A desktop's window in light colours, a telephone's in dark ones.
    for width, colours in zip(WIDTHS, ("light", "dark"), strict=True):
        browser.resize(width)
        browser.send(
            "Emulation.setEmulatedMedia",
            features=[{"name": "prefers-color-scheme", "value": colours}],
        )
        browser.visit(address + page)
        theme = browser.evaluate("document.documentElement.dataset.theme")
        assert theme == colours
        found = violations(browser, axe)
        own = [v for v in found if not any(w in v[1] for w in THEME.get(v[0], ()))]
        assert own == [], f"at {width} pixels"
