"""A browser and the served site, for the tests that look at it."""

import pytest

from tests.support.browser import Browser
from tests.support.built_site import served


@pytest.fixture(scope="module")
def address():
    with served() as address:
        yield address


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    browser = Browser(tmp_path_factory.mktemp("browser"))
    yield browser
    browser.close()
