"""A Plotly figure as plain data, and the component that draws it in the browser.

`Figure` has the calls of `plotly.graph_objects.Figure` that the drawings use, and checks nothing: checking
costs 15 to 20 ms a chart at every move of a lever. The tests check instead, with Plotly itself, every figure
of every page.

`draw` mounts `plot.js`, which hands each new figure to `Plotly.react`: the chart stays where it is and only
what changed is drawn. `st.plotly_chart` builds a new chart at every move and takes twice as long. One such
chart, unseen (`load`), makes the browser load Plotly as Streamlit brings it: once, and kept for later visits.

Whoever gives a function of a scenario instead of a figure can be asked for the same drawing in another one:
`drag` does so while a lever is dragged.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path

import pandas  # noqa: F401  Streamlit loads it with the first chart, when somebody waits
import streamlit as st

from core.scenario.levers import Scenario
from pages.kit.visit import visit

CONFIG = {"displaylogo": False, "modeBarButtons": [["toImage"]], "scrollZoom": False}
CLICKABLE = {"displayModeBar": False, "scrollZoom": False}


def _component(name: str, file: str) -> Callable:
    """Declare a component; no shadow root, as Plotly writes its styles into the document."""
    js = Path(__file__).with_name(file).read_text(encoding="utf-8")
    return st.components.v2.component(name, js=js, isolate_styles=False)


_draw = _component("backstop_drawing", "place.js")
_answer = _component("backstop_answer", "plot.js")


@dataclass
class Run:
    """What is drawn in one run of a page: by key how each chart is made, and the scene of the moment."""

    scene: Callable[[], Mapping]
    drawings: dict[str, Callable[[Scenario], dict | None]] = field(default_factory=dict)


_run: ContextVar[Run | None] = ContextVar("run", default=None)
_words: ContextVar[Mapping[str, str] | None] = ContextVar("words", default=None)


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


def begin(scene: Callable[[], Mapping]) -> Run:
    """Begin a run of a page; `scene` tells all that its drawings depend on."""
    run = Run(scene)
    _run.set(run)
    return run


def load(*, failed: str, missing: str) -> None:
    """Make the browser load Plotly; what charts say in their place that cannot be drawn, or all without it.

    Called before the first drawing of a run. Plotly leaves itself on the window, where `plot.js` finds it.
    """
    _words.set({"failed": failed, "missing": missing})
    st.html("<style>.st-key-plotly { display: none }</style>")
    _bring_plotly()


@st.cache_resource(show_spinner=False)  # its message is replayed: to write it anew takes 2 ms a run
def _bring_plotly() -> None:
    st.plotly_chart({"data": [{"type": "scatter"}]}, config={"staticPlot": True}, key="plotly")


def draw(
    figure: Figure | Callable[[Scenario], Figure | None],
    *,
    key: str,
    alt: str | Callable[[Scenario], str],
    on_click: Callable[[], None] | None = None,
) -> None:
    """Draw a figure, or what a function makes of the scenario; None draws nothing.

    A click on a point is found by the callback with `clicked`.
    """

    def make(scenario: Scenario) -> dict | None:
        made = figure(scenario) if callable(figure) else figure
        return made and {"figure": made.to_dict(), "alt": alt(scenario) if callable(alt) else alt}

    made, run = make(visit.scenario()), _run.get()
    if made is None:
        return
    scene = None
    if run is not None and callable(figure):
        run.drawings[key], scene = make, run.scene()
    config = CLICKABLE if on_click else CONFIG
    more = {"config": config, "clickable": on_click is not None, "words": _words.get()}
    callbacks = {"on_clicked_change": on_click} if on_click else {}
    _draw(key=key, data={"key": key, "scene": scene, **made, **more}, **callbacks)


def draw_strip(svg: str, *, key: str, alt: str) -> None:
    """Put a small SVG of our own into the page, and the line that a screen reader says."""
    _draw(key=key, data={"key": key, "scene": None, "svg": svg, "alt": alt})


def answer(scene: Mapping, lever: str | None, stop: float | None, drawings: Mapping, *, key: str) -> None:
    """Send what charts look like, by key, at another stop of a lever of a scene; the browser may ask more."""
    data = {"scene": scene, "lever": lever, "stops": [[stop, drawings]]}
    _answer(key=key, data=data, on_asked_change=lambda: None)


def asked(key: str) -> list | None:
    """Return the lever and the value that the browser asks for in this run."""
    found = st.session_state.get(key)
    return found and found["asked"]


def clicked(key: str) -> dict | None:
    """Return the point that was clicked, as its "x" and "y"; for the callback of `draw`."""
    return st.session_state[key]["clicked"]
