"""What AppTest cannot read by itself: the charts of a page."""

from __future__ import annotations

import json

import plotly.graph_objects as go
from streamlit.testing.v1 import AppTest


def drawings(at: AppTest) -> list[dict]:
    """Return all that is sent to the browser to be drawn: charts, strips, and both for other stops."""
    return [
        json.loads(element.proto.json, parse_constant=_refuse)
        for element in at.get("bidi_component")
        if element.proto.component_name == "backstop_drawing"
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
