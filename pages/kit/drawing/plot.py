"""A Plotly figure as plain data, and the component that draws it in the browser.

`Figure` has the calls of `plotly.graph_objects.Figure` that the drawings use, and checks nothing: checking
costs 15 to 20 ms a chart at every move of a lever. The tests check instead, with Plotly itself, every figure
of every page.

`draw` mounts `plot.js`, which hands each new figure to `Plotly.react`: the chart stays where it is and only
what changed is drawn. `st.plotly_chart` builds a new chart at every move and takes twice as long. Plotly
comes with the page where the front door serves it; elsewhere a chart of Streamlit's, unseen, has the browser
load it. It comes once, and is kept for later visits. What is read around a chart comes with it, as each
element of a page costs in every run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import pandas  # noqa: F401  Streamlit loads it with the first chart, when somebody waits
import streamlit as st

from core.scenario.levers import Scenario
from pages.kit.visit import visit

CONFIG = {"displaylogo": False, "scrollZoom": False}  # with buttons that `plot.js` makes
OWN = f"/plotly-{version('plotly')}.js"  # where the front door serves Plotly's file
BROUGHT = "x-backstop-plotly"  # the header by which it says so to a visit


def _component(name: str, *files: str, css: str | None = None) -> Callable:
    """Declare a component; no shadow root, as Plotly writes its styles into the document."""
    js = "".join(map(beside, files))
    return st.components.v2.component(name, js=js, css=css and beside(css), isolate_styles=False)


def beside(name: str) -> str:
    """Return the text of a file of this room: what a component is made of."""
    return Path(__file__).with_name(name).read_text(encoding="utf-8")


_draw = _component("backstop_drawing", "place.js")
_code = _component("backstop_plot", "picture.js", "plot.js", css="plot.css")
Text = str | Callable[[Scenario], str]


class Figure:
    """Traces and layout of a chart, as Plotly's JSON.

    Its methods have the names and arguments of `plotly.graph_objects.Figure` and return the figure.
    """

    def __init__(self, data: Sequence[dict] = (), layout: dict | None = None) -> None:
        self.data = list(data)
        self.layout = layout or {}

    def add_trace(self, kind: str, **trace: object) -> Figure:
        """Add a trace of any kind."""
        self.data.append({"type": kind, **trace})
        return self

    def add_scatter(self, **trace: object) -> Figure:
        """Add lines, dots or words."""
        return self.add_trace("scatter", **trace)

    def add_bar(self, **trace: object) -> Figure:
        """Add bars."""
        return self.add_trace("bar", **trace)

    def add_shape(self, **shape: object) -> Figure:
        """Add a line or a box behind or before the traces."""
        self.layout.setdefault("shapes", []).append(shape)
        return self

    def add_annotation(self, **words: object) -> Figure:
        """Add words at a place."""
        self.layout.setdefault("annotations", []).append(words)
        return self

    def add_vline(self, x: float, **look: object) -> Figure:
        """Add an upright line over the whole height."""
        return self.add_shape(**{"type": "line", "x0": x, "x1": x, "y0": 0, "y1": 1, "yref": "paper"} | look)

    def add_hline(self, y: float, **look: object) -> Figure:
        """Add a level line over the whole width."""
        return self.add_shape(type="line", x0=0, x1=1, xref="paper", y0=y, y1=y, **look)

    def add_vrect(self, x0: float, x1: float, **look: object) -> Figure:
        """Shade a stretch of the horizontal axis."""
        return self.add_shape(
            **{"type": "rect", "x0": x0, "x1": x1, "y0": 0, "y1": 1, "yref": "paper"} | look
        )

    def update_layout(self, **layout: object) -> Figure:
        """Set parts of the layout; what a part already holds stays unless it is named."""
        _merge(self.layout, layout)
        return self

    def update_xaxes(self, **axis: object) -> Figure:
        """Set parts of the horizontal axis."""
        return self.update_layout(xaxis=axis)

    def update_yaxes(self, **axis: object) -> Figure:
        """Set parts of the upright axis."""
        return self.update_layout(yaxis=axis)

    def to_dict(self) -> dict:
        """Return the figure as Plotly's JSON."""
        return {"data": self.data, "layout": self.layout}


def _merge(into: dict, more: dict) -> None:
    for name, value in more.items():
        if isinstance(value, dict):
            _merge(into.setdefault(name, {}), value)
        else:
            into[name] = value


def bring(words: Mapping[str, str], ink: Mapping[str, str] | None = None) -> None:
    """Bring what draws into the browser; once a run, after the drawings.

    `words` are what a chart says in its place that cannot be drawn ("failed"), or all of them without Plotly
    ("missing"), what its buttons are called ("camera", "whole"), and what a picture of it says ("page",
    "dated", "levers", "source") and is called by ("page", "date"). `ink` says which colour stands on paper
    for each that is too pale. Plotly leaves itself on the window, where `plot.js` finds it.
    """
    _code(key="plot", data={"words": words, "ink": ink or {}})
    if not visit.header(BROUGHT):
        _unseen()


@st.cache_resource(show_spinner=False)  # its message is replayed: to write it anew takes 2 ms a run
def _unseen() -> None:
    """Draw a chart of Streamlit's own, which `plot.css` hides."""
    st.plotly_chart({"data": [{"type": "scatter"}]}, config={"staticPlot": True}, key="plotly", height=1)


def draw(
    figure: Figure | Callable[[Scenario], Figure | None],
    *,
    key: str,
    alt: Text,
    title: str = "",
    caption: Text = "",
    note: Text = "",
    empty: Text = "",
    on_click: Callable[[], None] | None = None,
) -> None:
    """Draw a figure, or what a function makes of the scenario, with words above and below it.

    Where it makes None there is `empty` to read in its place, or nothing at all. Words are plain text with
    ``**bold**`` and coloured signs. A click on a point is found by the callback with `clicked`.
    """

    def make(scenario: Scenario) -> dict | None:
        made = figure(scenario) if callable(figure) else figure
        if made is None and not empty:
            return None
        told, below = {"alt": alt, "title": title, "caption": caption}, note if made else empty
        words = {name: text(scenario) if callable(text) else text for name, text in told.items()}
        words["alt"] = words["alt"].replace("**", "")  # is read aloud
        words["note"] = below(scenario) if callable(below) else below
        return {"figure": made and made.to_dict(), **words}

    more = {"kind": "chart", "config": CONFIG, "clickable": on_click is not None}
    _show(make, key, on_click=on_click, **more)


def draw_figures(
    figures: Callable[[Scenario], Sequence[tuple[str, str, str]]], *, key: str, caption: Text
) -> None:
    """Show a row of figures, each as its name, the figure and what it was with today's data."""

    def make(scenario: Scenario) -> dict:
        told = caption(scenario) if callable(caption) else caption
        return {"figures": figures(scenario), "caption": told}

    _show(make, key, kind="figures")


def _show(
    make: Callable[[Scenario], dict | None],
    key: str,
    *,
    on_click: Callable[[], None] | None = None,
    **more: object,
) -> None:
    """Send a drawing to the browser, if there is one."""
    large = _LARGE.get()
    made = make(large.scenario if large and large.scenario else visit.scenario())
    if made is None:
        return
    if large:
        made = {**made, "large": True, "dense": large.dense, "note": ""}
    callbacks = {"on_clicked_change": on_click} if on_click else {}
    data = {"key": key, "lang": visit.language(), **made, **more}
    _draw(key=key, data=data, **callbacks)


@dataclass(frozen=True)
class Large:
    """How charts are drawn for a room full of people: at another scenario if given.

    In a `dense` one words stand close to each other, so it is laid out no lower than on its page.
    """

    scenario: Scenario | None = None
    dense: bool = False


_LARGE: ContextVar[Large | None] = ContextVar("large", default=None)


@contextmanager
def large(look: Large) -> Iterator[None]:
    """Draw charts as large as the window, in large type, and nothing around them but title and caption."""
    token = _LARGE.set(look)
    try:
        yield
    finally:
        _LARGE.reset(token)


def is_large() -> bool:
    """Tell whether charts are drawn for a room full of people."""
    return _LARGE.get() is not None


def clicked(key: str) -> dict | None:
    """Return the point that was clicked, as its "x" and "y"; for the callback of `draw`.

    None when its page has just been left.
    """
    return visit.sent(key, "clicked")
