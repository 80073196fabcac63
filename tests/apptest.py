"""The app in AppTest, and what that cannot read by itself: the charts of a page."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import plotly.graph_objects as go
from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).resolve().parents[1]


def open_app(
    query: Mapping[str, str | Sequence[str]] | None = None,
    locale: str = "en-GB",
    page: str | None = None,
    opened: Sequence[str] = (),
) -> AppTest:
    """Open the app at a link and give it after its first run; from the root of the repository."""
    at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=20)
    at.context = {"locale": locale}
    for name, value in (query or {}).items():
        at.query_params[name] = value
    for key in opened:  # expanders and popovers
        at.session_state[key] = True
    if page:
        at.switch_page(page)
    at.run()
    assert not at.exception
    return at


def drawings(at: AppTest) -> list[dict]:
    """Return all that is sent to the browser to be drawn: charts, strips, and both for other stops."""
    return [
        json.loads(element.proto.json, parse_constant=_refuse)
        for element in at.get("bidi_component")
        if element.proto.component_name in ("backstop_drawing", "backstop_answer")
    ]


def charts(at: AppTest) -> list[dict]:
    """Return what is sent to the browser for each chart, in the order of the page: figure, alt, config."""
    return [drawing for drawing in drawings(at) if "figure" in drawing]


def pictures(at: AppTest) -> list[dict]:
    """Return the figure of each chart as Plotly's JSON, after Plotly has checked it."""
    figures = [chart["figure"] for chart in charts(at)]
    for figure in figures:
        go.Figure(figure)
    return figures


def _refuse(word: str) -> None:
    raise ValueError(f"{word} in a figure: a browser cannot read it")
