"""The front door in a browser: no policy is broken, the page speaks its language, the small page is small."""

import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from pages.kit.frame.frame import PAGES
from pages.kit.server.paths import own
from tests.browser.server import DESKTOP, PHONE, next_frame, settle

# Keeps what the content security policy has refused, from the first line of a page on.
REFUSED = """(() => {
  window.refused = [];
  addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) =>
    refused.push(`${violatedDirective} ${blockedURI}`));
})()"""
LANG = "() => document.documentElement.lang"


@pytest.fixture
def watched(chromium, address):
    """A page of a fresh profile that keeps what the policy refuses and what fails; its console, too."""
    from tests.browser import server

    context = server.watch(chromium.new_context(locale="en-GB", accept_downloads=True))
    context.add_init_script(REFUSED)
    page = context.new_page()
    page.set_viewport_size(server.DESKTOP)
    told = []
    page.on("console", lambda message: told.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: told.append(str(error)))

    def open_page(path):
        page.goto(f"{address}{path}")
        settle(page)
        return page

    yield open_page, told
    context.close()


def faults(page, told):
    """What the policy refused and what failed, but for what Streamlit asks for under a page's own path."""
    return page.evaluate("window.refused"), [text for text in told if "404" not in text]


def test_no_page_breaks_the_policy(watched):
    open_page, told = watched
    for entry in PAGES:
        page = open_page(f"{own(entry)}?g=0&lang=en")
        assert faults(page, told) == ([], []), entry.name


def test_no_dialog_and_no_download_breaks_the_policy(watched):
    open_page, told = watched
    page = open_page("/?g=0&lang=en")
    page.get_by_role("button", name="Share").click()
    page.get_by_role("dialog").get_by_role("img").first.wait_for()
    settle(page)
    page.keyboard.press("Escape")
    assert faults(page, told) == ([], [])
    page.set_viewport_size(PHONE)
    page.get_by_role("button", name="Levers", exact=True).click()
    page.get_by_role("dialog").get_by_role("slider").first.wait_for()
    settle(page)
    assert faults(page, told) == ([], [])
    page.set_viewport_size(DESKTOP)
    page = open_page("/compare?g=0&lang=en")
    page.get_by_role("button", name="To take along").click()
    settle(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download report").click()
    assert download.value.path()
    assert faults(page, told) == ([], [])


@pytest.mark.parametrize("entry", PAGES, ids=lambda entry: entry.name)
def test_the_page_says_which_language_it_speaks(visit, entry):
    page = visit("g=0&lang=nl", path=own(entry)[1:])
    assert page.evaluate(LANG) == "nl"
    assert page.evaluate("() => document.documentElement.translate") is False


def test_the_switch_of_languages_changes_it(visit):
    page = visit("g=0&lang=en")
    assert page.evaluate(LANG) == "en"
    for language in ("nl", "en"):
        page.locator(".st-key-language").get_by_text(language.upper(), exact=True).click()
        settle(page)
        page.wait_for_function("lang => document.documentElement.lang === lang", arg=language)


def test_a_bent_path_opens_its_page_and_a_wrong_one_shows_the_way(visit, address):
    page = visit("", path="Private-Credit?g=10&r=6.5")
    assert page.url.startswith(f"{address}/private_credit?")
    assert "g=10" in page.url
    assert page.get_by_role("dialog").count() == 0
    page.goto(f"{address}/neoclouds/x?g=10&lang=nl")
    page.get_by_role("link", name="Naar Neoclouds").click()
    settle(page)
    assert page.url.startswith(f"{address}/neoclouds?")
    assert page.locator(".st-key-lever_g .value").input_value() == "10"


def test_the_small_page_is_a_headline_a_chart_a_lever_and_the_way_to_the_full_one(watched):
    open_page, told = watched
    page = open_page("/?r=9&embed=true&lang=en")
    assert page.get_by_role("heading", level=1).count() == 1
    assert page.locator(".backstop-chart").count() == 1
    assert page.get_by_role("slider").count() == 1
    for gone in ("stSidebar", "stTopNavLinkContainer", "stTopNavLink"):
        assert page.locator(f'[data-testid="{gone}"]').count() == 0
    link = page.get_by_role("link", name="Open in full")
    assert "embed" not in link.get_attribute("href")
    assert "r=9" in link.get_attribute("href")
    page.get_by_role("slider").focus()
    page.keyboard.press("ArrowLeft")
    next_frame(page)
    settle(page)
    assert "embed=true" in page.url
    assert re.search(r"[?&]r=8\.75", page.url)
    assert "r=8.75" in link.get_attribute("href")
    assert faults(page, told) == ([], [])


class Elsewhere(BaseHTTPRequestHandler):
    """Somebody else's page, which frames two of ours."""

    frames = ""

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(self.frames.encode())

    def log_message(self, *_told):
        pass


def test_a_page_elsewhere_may_frame_the_small_page_and_no_other(chromium, address):
    Elsewhere.frames = "".join(
        f'<iframe src="{address}/?g=0{more}"></iframe>' for more in ("&embed=true", "")
    )
    elsewhere = ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere)
    threading.Thread(target=elsewhere.serve_forever, daemon=True).start()
    page = chromium.new_context().new_page()
    refused = []
    page.on(
        "console", lambda message: refused.append(message.text) if "frame-ancestors" in message.text else None
    )
    try:
        page.goto(f"http://localhost:{elsewhere.server_port}/")
        page.frame_locator("iframe").first.get_by_role("heading", level=1).wait_for(timeout=60_000)
        assert len(refused) == 1
        assert page.frames[-1].url == "chrome-error://chromewebdata/"
    finally:
        elsewhere.shutdown()
        page.context.close()
