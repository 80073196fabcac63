"""What the browser tests share: a hand on the levers, and what is drawn on the page and by the server."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from streamlit.testing.v1 import AppTest

from core.scenario.levers import lever
from tests.apptest import drawings, open_app
from tests.browser.server import settle

LEVERS = {"g": "AI demand grows", "r": "Interest rate", "u": "Capacity in use"}

# What the charts and the strips on the page show.
SHOWN = """() => [
  ...[...document.querySelectorAll('.backstop-chart')].map(
    chart => [chart.getAttribute('aria-label'), chart.data?.map(({x, y, text}) => [x, y, text])]),
  ...[...document.querySelectorAll('.backstop-strip')].map(
    strip => [strip.getAttribute('aria-label'), strip.innerHTML]),
]"""
AS_WRITTEN = """svg => {
  const place = document.createElement('div');
  place.innerHTML = svg;
  return place.innerHTML;
}"""


def thumb(page, name: str = LEVERS["g"]):
    """Find the thumb of a lever in the panel."""
    return page.get_by_role("slider", name=name).first


def track(page, word: str, value: float) -> tuple[float, float, float]:
    """Return where the thumb of a lever is across the page, where it is at a value, and how far down."""
    box = page.locator(f".st-key-slider_{word} [data-orientation]").nth(1).bounding_box()
    low, high = lever(word).low, lever(word).high
    here, there = (
        box["x"] + box["width"] * (at - low) / (high - low)
        for at in (float(thumb(page, LEVERS[word]).input_value()), value)
    )
    return here, there, box["y"] + box["height"] / 2


def follow(page, name: str) -> None:
    """Click a link of the navigation."""
    page.get_by_role("navigation").get_by_role("link", name=name, exact=True).click()
    settle(page)


def query_of(page) -> dict[str, list[str]]:
    """Return the parameters of the address of a page."""
    return parse_qs(urlsplit(page.url).query, keep_blank_values=True)


def newcomer(page, path: str) -> AppTest:
    """Open the address of a page anew, without a browser; from the root of the repository."""
    link = {name: values if len(values) > 1 else values[0] for name, values in query_of(page).items()}
    return open_app(link, page=f"pages/{path}.py" if path else None)


def drawn(page, at: AppTest) -> list:
    """Return what the server draws in the terms of `SHOWN`, as the browser writes it."""
    found = drawings(at)
    charts = [
        [one["alt"], [[trace.get(axis) for axis in ("x", "y", "text")] for trace in one["figure"]["data"]]]
        for one in found
        if "figure" in one
    ]
    strips = [[one["alt"], page.evaluate(AS_WRITTEN, one["svg"])] for one in found if "svg" in one]
    return charts + strips
