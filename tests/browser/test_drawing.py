"""A chart that cannot be drawn says so in its place; the rest of the page and the other charts go on."""

import re
import time

import pytest
from playwright.sync_api import expect

from tests.browser.hand import answer, follow
from tests.browser.server import DESKTOP, next_frame, serve, settle, watch

pytestmark = pytest.mark.browser

CHARTS = 4  # of the page
# How Plotly leaves itself on the window, whatever its file is called.
MARK = re.compile(rb"window\.Plotly\s*=[^=]")
# The clock of the page goes as fast, and on by as much, as a test says.
CLOCK = """(() => {
  const now = performance.now.bind(performance);
  Object.assign(window, { passed: 0, pace: 1 });
  performance.now = () => now() * window.pace + window.passed;
})()"""
MISSING = {
    "en-GB": "Charts need Plotly, and your browser did not get it",
    "nl-NL": "Grafieken hebben Plotly nodig, en uw browser kreeg het niet",
}
SCRIPT = """
import streamlit as st

from pages.kit.drawing import plot

st.title("Three charts")
good = {"type": "scatter", "x": [1, 2], "y": [1, 3]}
bad = good | {"x": {"bdata": "AAAA", "dtype": "f8"}}  # three bytes are no number
mended = st.checkbox("Mend")
for key, trace in {"one": good, "two": good if mended else bad, "three": good}.items():
    plot.draw(plot.Figure([trace], {"height": 200}), key=f"chart_{key}", alt=key)
plot.bring({"failed": "<b>not drawn</b>", "missing": "not there"})
"""


@pytest.fixture
def tab(chromium):
    """Open a tab of its own, whose scripts pass through `judge`: it says whether Plotly may come."""
    contexts = []

    def open_tab(judge, locale="en-GB"):
        def pass_on(route):
            answer = route.fetch(max_retries=3)  # a connection that the server has closed meanwhile
            if MARK.search(answer.body()):
                judge(route, answer)
            else:
                route.fulfill(response=answer)

        contexts.append(watch(chromium.new_context(viewport=DESKTOP, locale=locale)))
        page = contexts[-1].new_page()
        page.add_init_script(CLOCK)
        page.route("**/*.js", pass_on)
        return page

    yield open_tab
    for context in contexts:
        for page in context.pages:
            page.unroute_all(behavior="ignoreErrors")  # a script still on its way when the tab closes
        context.close()


@pytest.mark.parametrize("locale", MISSING)
def test_without_plotly_each_chart_says_so_and_the_page_works(tab, address, locale):
    page = tab(lambda route, _answer: route.abort(), locale)
    page.goto(f"{address}/neoclouds?g=35")
    settle(page)
    notes = page.locator(".backstop-chart > .backstop-failed")
    expect(notes).to_have_count(CHARTS)
    assert all(MISSING[locale] in text for text in notes.all_inner_texts())
    expect(page.locator(".backstop-chart svg")).to_have_count(0)
    expect(page.get_by_role("alert")).to_have_count(0)  # Streamlit's own words for the same are not seen
    sentence = answer(page).inner_text()
    page.locator(".st-key-lever_g .thumb").focus()
    page.keyboard.press("Home")
    expect(answer(page)).not_to_have_text(sentence)
    settle(page)
    expect(notes).to_have_count(CHARTS)
    follow(page, "Deals")
    assert MISSING[locale] in notes.first.inner_text()


def test_charts_say_so_while_plotly_is_late_are_drawn_when_it_comes_and_it_comes_once(tab, address):
    held = []
    page = tab(lambda route, answer: held.append((route, answer)))
    page.add_init_script("window.pace = 0.1")  # else a busy machine is late by itself
    page.goto(f"{address}/neoclouds?g=35")
    page.locator(".backstop-chart").nth(CHARTS - 1).wait_for()
    notes = page.locator(".backstop-failed")
    expect(notes).to_have_count(0)
    page.evaluate("window.passed += 16000")
    expect(notes).to_have_count(CHARTS)
    until = time.monotonic() + 30
    while not held and time.monotonic() < until:  # the server packs the file when it is first asked for
        next_frame(page)
    [(route, answer)] = held
    route.fulfill(response=answer)
    page.evaluate("window.pace = 1")
    settle(page)
    expect(notes).to_have_count(0)
    expect(page.locator(".backstop-chart:has(.main-svg)")).to_have_count(CHARTS)
    follow(page, "Deals")
    expect(page.locator(".backstop-chart:has(.main-svg)")).not_to_have_count(0)
    expect(page.locator(".st-key-plotly")).to_be_hidden()
    assert len(held) == 1


def test_a_page_without_charts_that_is_read_for_long_does_not_make_the_next_one_wait_for_plotly(visit):
    page = visit("part=words", path="data")
    expect(page.locator(".backstop-chart")).to_have_count(0)
    page.wait_for_timeout(16_000)
    page.evaluate("""() => {
      window.notes = 0;
      const look = () => (window.notes += document.querySelectorAll('.backstop-failed').length);
      new MutationObserver(look).observe(document.body, { subtree: true, childList: true });
    }""")
    follow(page, "Neoclouds")
    expect(page.locator(".backstop-chart:has(.main-svg)")).to_have_count(CHARTS)
    assert page.evaluate("window.notes") == 0


def test_one_chart_that_cannot_be_drawn_says_so_and_the_others_stand(chromium, tmp_path):
    script = tmp_path / "three.py"
    script.write_text(SCRIPT, encoding="utf-8")
    with serve(str(script)) as own:
        context = watch(chromium.new_context(viewport=DESKTOP))
        page = context.new_page()
        page.goto(own)
        settle(page)
        notes, drawn = page.locator(".backstop-failed"), page.locator(".backstop-chart:has(.main-svg)")
        expect(notes).to_have_text(["<b>not drawn</b>"])
        expect(page.locator(".st-key-chart_two .backstop-failed")).to_have_count(1)
        expect(drawn).to_have_count(2)
        page.get_by_text("Mend").click()
        expect(notes).to_have_count(0)
        expect(drawn).to_have_count(3)
        page.get_by_text("Mend").click()
        expect(notes).to_have_count(1)
        expect(drawn).to_have_count(2)
        context.close()
