"""What the browser tests share: a hand on the levers, and what is drawn on the page and by the server."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from streamlit.testing.v1 import AppTest

from core.scenario.levers import lever
from tests.apptest import drawings, lever_of, open_app, sent
from tests.browser.server import settle

LEVERS = {"g": "AI demand grows", "r": "Interest rate", "u": "Capacity in use"}

# The shadow of a lever, where all that is drawn of it stands.
ROOM = """(word =>
  document.querySelector(`.st-key-lever_${word} [data-testid="stBidiComponentIsolated"]`)?.shadowRoot)"""
ANSWER = ".st-key-answer h1, .st-key-happens p + p"
# What is to be read on a board; how likely a failure is follows later, from more draws.
READ = (
    ".figure .label, .figure .opens, .figure small, .figure .note, .row, tbody th, .now, .was, "
    ".giver, .paid-of, .line p"
)
# What the charts, the boards and the main levers on the page show.
SHOWN = """() => {
  const lever = word => {
    const all = part => [...ROOM(word)?.querySelectorAll(part) ?? []];
    const told = all('.name, .unit, .today, .names span, .line').map(node => node.textContent);
    return [word, all('.value')[0]?.value, all('.thumb')[0]?.getAttribute('aria-valuenow'), ...told];
  };
  const board = key => {
    const root = document.querySelector(`.st-key-${key} [data-testid="stBidiComponentIsolated"]`)?.shadowRoot;
    const read = node => node.getAttribute('aria-label') ?? node.textContent;
    return root ? [[...root.querySelectorAll(READ)].map(read)] : [];
  };
  return [
    ...[...document.querySelectorAll('.backstop-chart')].map(
      chart => [chart.getAttribute('aria-label'), chart.data?.map(({x, y, text}) => [x, y, text])]),
    ...['board', 'board_below'].flatMap(board),
    ...['g', 'r', 'u'].map(lever),
  ];
}""".replace("ROOM", ROOM).replace("READ", repr(READ))


def thumb(page, name: str = LEVERS["g"]):
    """Find the thumb of a lever in the panel."""
    return page.get_by_role("slider", name=name).first


def field(page, name: str = LEVERS["g"]):
    """Find the field of a lever in the panel."""
    return page.get_by_role("textbox", name=name).first


def stands(page, name: str = LEVERS["g"]) -> float:
    """Return where a lever stands."""
    return float(thumb(page, name).get_attribute("aria-valuenow"))


def track(page, word: str, value: float) -> tuple[float, float, float]:
    """Return where the thumb of a lever is across the page, where it is at a value, and how far down."""
    box = page.locator(f".st-key-lever_{word} .track").bounding_box()
    grip = thumb(page, LEVERS[word]).bounding_box()
    low, high = lever(word).low, lever(word).high
    here, there = (
        box["x"] + box["width"] * (at - low) / (high - low) for at in (stands(page, LEVERS[word]), value)
    )
    return here, there, grip["y"] + grip["height"] / 2


def answer(page):
    """Find the sentence that says what happens: on the first page its heading."""
    return page.locator(ANSWER)


def story(page, name: str) -> None:
    """Start from a story of the list in the panel."""
    page.locator(".st-key-preset").get_by_role("combobox").click()
    page.get_by_role("option", name=name).click()
    settle(page)


def follow(page, name: str) -> None:
    """Click a link of the navigation."""
    bar = page.get_by_role("navigation")
    link = bar.get_by_role("link", name=name, exact=True)
    if not link.is_visible():
        bar.locator("button:visible").click()
    link.click()
    settle(page)


def query_of(page) -> dict[str, list[str]]:
    """Return the parameters of the address of a page."""
    return parse_qs(urlsplit(page.url).query, keep_blank_values=True)


def newcomer(page, path: str) -> AppTest:
    """Open the address of a page anew, without a browser; from the root of the repository."""
    link = {name: values if len(values) > 1 else values[0] for name, values in query_of(page).items()}
    return open_app(link, page=f"pages/{path}.py" if path else None)


def drawn(at: AppTest) -> list:
    """Return what the server draws in the terms of `SHOWN`."""
    found = drawings(at)
    charts = [
        [one["alt"], [[trace.get(axis) for axis in ("x", "y", "text")] for trace in one["figure"]["data"]]]
        for one in found
        if "figure" in one
    ]
    boards = [_board(one) for one in sent(at, "board") if "likely" not in one]
    return charts + boards + [_lever(at, word) for word in LEVERS]


def _board(one: dict) -> list[str]:
    lines = [one[part] for part in ("line",) if part in one]
    figures = [
        [row["label"], f"{row['label']}: {row['value']}", row["unit"], row["note"]]
        for row in one.get("figures", ())
    ]
    rows = [[row["told"]] for row in one.get("timeline", {"rows": ()})["rows"]]
    funds = [
        [row[part] for part in ("name", "text", "before")] for row in one.get("funds", {"rows": ()})["rows"]
    ]
    promises = [
        [f"{row['name']} {row['what']}", f"{row['text']} {row['of']}"]
        for row in one.get("promises", {"rows": ()})["rows"]
    ]
    return [text for row in (*figures, *rows, *funds, *promises, lines) for text in row]


def _lever(at: AppTest, word: str) -> list:
    one = lever_of(at, word).data
    marks = [mark["words"] for mark in one["marks"]]
    told = [one["label"], one["unit"], one["today"]["words"], *marks, one["refused"] or one["line"]]
    return [word, one["text"], f"{one['value']:g}", *told]
