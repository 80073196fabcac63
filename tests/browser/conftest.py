"""One server and one browser for all journeys; without Chromium they are skipped, in CI that is a failure."""

import os
from collections import defaultdict

import pytest
from playwright.sync_api import Error, expect

from tests.browser import server

expect.set_options(timeout=20_000)  # ms that something is waited for: a busy machine is slow, not wrong


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


@pytest.fixture(scope="session")
def idle():
    """Tabs that no test uses just now, by language; a tab that has loaded the app loads it twice as fast."""
    return defaultdict(list)


@pytest.fixture
def visit(chromium, address, idle):
    """Open a page as in a fresh browser profile: visit(query, path=…, viewport=…, locale=…).

    A tab that the test has opened before is used again with `tab=`, and keeps what the browser has stored.
    """
    used = []

    def open_page(query="", path="", viewport=server.DESKTOP, locale="en-GB", color_scheme="light", tab=None):
        page = tab
        if page is None:
            if not idle[locale]:
                idle[locale].append(server.watch(chromium.new_context(locale=locale)).new_page())
            page = idle[locale].pop()
            used.append((locale, page))
        page.set_viewport_size(viewport)
        page.emulate_media(media="screen", color_scheme=color_scheme)
        page.goto(f"{address}/{path}?{query}" if query else f"{address}/{path}")
        server.settle(page)
        return page

    yield open_page
    for locale, page in used:
        try:
            _forget(page)
        except Error:
            page.context.close()
        else:
            idle[locale].append(page)


def _forget(page):
    """Leave nothing of a visit behind: no cookie, nothing stored, no hand on the mouse."""
    page.mouse.up()
    page.mouse.move(0, 0)
    page.context.clear_cookies()
    page.evaluate("() => { localStorage.clear(); sessionStorage.clear(); }")
