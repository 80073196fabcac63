"""One server and one browser for all journeys; without Chromium they are skipped, in CI that is a failure."""

import os

import pytest

from tests.browser import server


@pytest.fixture(scope="session")
def chromium():
    if not server.CHROMIUM.exists():
        if os.environ.get("CI") == "true":
            pytest.fail(server.HOW_TO_GET)
        pytest.skip(server.HOW_TO_GET)
    with server.browser() as running:
        yield running


@pytest.fixture(scope="session")
def address(chromium):
    with server.serve() as url:
        yield url


@pytest.fixture
def visit(chromium, address):
    """Open a page in a fresh browser profile: visit(query, path=…, viewport=…, locale=…)."""
    contexts = []

    def open_page(query="", path="", viewport=server.DESKTOP, locale="en-GB", color_scheme="light"):
        context = chromium.new_context(viewport=viewport, locale=locale, color_scheme=color_scheme)
        contexts.append(context)
        page = context.new_page()
        page.goto(f"{address}/{path}?{query}" if query else f"{address}/{path}")
        server.settle(page)
        return page

    yield open_page
    for context in contexts:
        context.close()
