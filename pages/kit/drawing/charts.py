"""Arrays in, Plotly figure out; the theme, the colours of entities and the one call that draws are here.

Ink, grid and background come from the theme, in the browser, so light and dark need nothing. Only accents are
chosen here, in two versions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from textwrap import wrap

import streamlit as st

from core.scenario.levers import Scenario
from pages.kit.drawing import plot
from pages.kit.drawing.plot import Figure, Text
from pages.kit.visit import cached, visit
from pages.kit.visit.visit import language, once_a_run

FOLDED = 14  # characters of a line of words in a narrow chart
ACCENT = {"light": "#0b6e69", "dark": "#5cc0b7"}
ALARM = {"light": "#c2410c", "dark": "#f0804e"}
MUTED = {"light": "#61676f", "dark": "#9aa1a9"}
PALE = {"light": "#e7e3d8", "dark": "#343b42"}
SHADE = {"light": "rgba(29,35,41,0.05)", "dark": "rgba(233,230,221,0.06)"}
PAPER = {"light": "#fbfaf6", "dark": "#15191d"}
INK = {"light": "#1d2329", "dark": "#e9e6dd"}

# The decimal and the thousands sign of each language, for the numbers that Plotly writes itself.
SEPARATORS = {"en": ".,", "nl": ",."}

# One colour per entity on every page: its place in `chartCategoricalColors` of .streamlit/config.toml, which
# keeps the hues apart in light and dark. Companies that are drawn together never share a place; a lab may
# share with a fund.
ENTITY = {
    "coreweave": 0,
    "terawulf": 2,
    "cipher": 3,
    "fluidstack": 5,
    "openai": 7,
    "anthropic": 4,
    "xai": 8,
    "hyperion": 10,
    "oracle_campus": 6,
    "xai_vehicle": 11,
    "alphabet": 0,
    "nvidia": 4,
    "meta": 10,
    "microsoft": 8,
    "oracle": 9,
    "amazon": 6,
    "infra_credit": 2,
    "blue_owl": 0,
    "pimco": 6,
    "blackstone": 3,
    "apollo": 7,
    "kkr": 11,
}


_ON_PAPER = ContextVar("on_paper", default=False)


@contextmanager
def on_paper() -> Iterator[None]:
    """Draw figures in the light colours, whatever the browser shows: for a file to keep or print."""
    token = _ON_PAPER.set(True)
    try:
        yield
    finally:
        _ON_PAPER.reset(token)


def is_narrow() -> bool:
    """Tell whether charts are as narrow as a phone."""
    return visit.on_phone()


def fold(words: str) -> str:
    """Break words that stand in a chart over lines where it is narrow."""
    return "<br>".join(wrap(words, FOLDED)) if is_narrow() else words


def mode() -> str:
    """Return "light" or "dark", as the visitor's browser shows the page."""
    return "light" if _ON_PAPER.get() else _shown()


@once_a_run
def _shown() -> str:
    return "dark" if st.context.theme.type == "dark" else "light"


def ink() -> dict[str, str]:
    """Return what stands on paper for each colour that the browser shows: nothing new in the light theme."""
    if mode() == "light":
        return {}
    pairs = [(one["dark"], one["light"]) for one in (ACCENT, ALARM, MUTED, PALE, PAPER, INK)]
    for name in ("chartCategoricalColors", "chartSequentialColors"):
        pairs += zip(*(st.get_option(f"theme.{theme}.{name}") for theme in ("dark", "light")), strict=True)
    return dict(pairs)


def entity_colour(entity: str) -> str:
    """Return the colour that an entity has on every page."""
    colours = st.get_option(f"theme.{mode()}.chartCategoricalColors")
    return colours[ENTITY[entity]]


def severity(count: int) -> str:
    """Return the colour of a strip where `count` of the companies that are watched fail.

    It is never the only signal: breaking points carry names, and a line of text says the same.
    """
    return grave(count / len(cached.named()))


def grave(share: float) -> str:
    """Return the colour of what is as grave as a share of all failing, out of `chartSequentialColors`."""
    ramp = st.get_option(f"theme.{mode()}.chartSequentialColors")
    return ramp[min(round(share * (len(ramp) - 1)), len(ramp) - 1)]


def show(figure: Figure | Callable[[Scenario], Figure | None], *, key: str, alt: Text, **words: Text) -> None:
    """Draw a figure; the only place, with `clickable`, that puts a chart on a page.

    `words` are the title and the caption above it, the note below, and what is `empty` when it draws None.

    `alt` is the line a screen reader says: the finding, not the kind of chart.
    """
    plot.draw(figure, key=f"chart_{key}", alt=alt, **words)


def lines(
    labels: Sequence[str],
    scenario: Sequence[float | None],
    baseline: Sequence[float | None],
    *,
    colour: str,
    write: Callable[[float | None], str],
    baseline_name: str,
    threshold: tuple[float, str] | None = None,
    end: tuple[int, str] | None = None,
    known: Sequence[tuple[int, float]] = (),
    known_quarters: int = 0,
    suffix: str = "",
    ceiling: float | None = None,
) -> Figure:
    """Draw one measure over the quarters: the scenario as a line, today's data dashed beside it.

    `write` turns a value into text with its unit; `end` is the quarter where the scenario line stops and the
    words there; `known` are actuals as (quarter, value), drawn as dots; the first `known_quarters` quarters
    are shaded.
    """
    x = list(range(len(labels)))
    years = [i for i, label in enumerate(labels) if label.endswith("Q1")]
    fig = Figure()
    hover = [f"{label[:4]} Q{label[-1]}" for label in labels]
    fig.add_scatter(
        x=x,
        y=list(baseline),
        mode="lines",
        line={"color": MUTED[mode()], "width": 1.6, "dash": "dash"},
        name=baseline_name,
        customdata=list(zip(hover, map(write, baseline), strict=True)),
        hovertemplate="%{customdata[0]} · " + baseline_name + ": %{customdata[1]}<extra></extra>",
    )
    fig.add_scatter(
        x=x,
        y=list(scenario),
        mode="lines",
        line={"color": colour, "width": 2.6},
        name="",
        customdata=list(zip(hover, map(write, scenario), map(write, baseline), strict=True)),
        hovertemplate=f"%{{customdata[0]}}: <b>%{{customdata[1]}}</b> ({baseline_name}: %{{customdata[2]}})"
        "<extra></extra>",
    )
    if known_quarters:
        fig.add_vrect(
            x0=-0.5, x1=known_quarters - 0.5, fillcolor=SHADE[mode()], line={"width": 0}, layer="below"
        )
    if known:
        fig.add_scatter(
            x=[i for i, _value in known],
            y=[value for _i, value in known],
            mode="markers",
            marker={"color": INK[mode()], "size": 6},
            hoverinfo="skip",
        )
    if threshold:
        level, words = threshold
        early = (
            end is not None and end[0] < len(x) / 2
        )  # the scenario ends at the left: its words stand there
        fig.add_hline(y=level, line={"color": ALARM[mode()], "width": 1, "dash": "dot"})
        fig.add_annotation(
            x=x[-1] if early else 0,
            y=level,
            text=words,
            xanchor="right" if early else "left",
            yanchor="bottom",
            showarrow=False,
            font={"color": ALARM[mode()], "size": 12},
        )
    last = len(x) - 1
    if end:
        at, words = end
        height = next((value for value in reversed(scenario[: at + 1]) if value is not None), None)
        if height is not None:
            fig.add_scatter(
                x=[at],
                y=[height],
                mode="markers",
                marker={"color": ALARM[mode()], "size": 10},
                hoverinfo="skip",
            )
            right = at > last * 0.55
            fig.add_annotation(
                x=at,
                y=height,
                text=f"<b>{words}</b>",
                showarrow=False,
                xshift=-8 if right else 8,
                xanchor="right" if right else "left",
                yanchor="top" if right else "middle",
                font={"color": ALARM[mode()], "size": 13},
            )
    if baseline and baseline[-1] is not None and baseline[-1] != scenario[-1]:
        fig.add_annotation(
            x=last,
            y=min(baseline[-1], ceiling) if ceiling else baseline[-1],
            text=baseline_name,
            showarrow=False,
            xanchor="right",
            yanchor="bottom",
            yshift=2,
            font={"color": MUTED[mode()], "size": 12},
        )
    fig.update_xaxes(tickvals=years, ticktext=[labels[i][:4] for i in years], range=[-0.5, last + 0.5])
    values = [value for value in (*scenario, *baseline, *(v for _i, v in known)) if value is not None]
    if values:
        top = min(max(values) * 1.12, ceiling) if ceiling else max(values) * 1.12
        fig.update_yaxes(
            ticksuffix=suffix, range=[min(0, min(values)), max(top, (threshold[0] if threshold else 0) * 1.4)]
        )
    return finish(fig, 236)


def dumbbell(
    labels: Sequence[str],
    values: Sequence[float | None],
    baseline: Sequence[float | None],
    *,
    write: Callable[[float | None], str],
    baseline_name: str,
) -> Figure:
    """Draw one row per label: a dot with its figure for the scenario, a ring for today, a line between."""
    y = list(range(len(labels)))[::-1]
    fig = Figure()
    for row, now, before in zip(y, values, baseline, strict=True):
        if now is not None and before is not None:
            colour = ALARM[mode()] if now < before else ACCENT[mode()]
            fig.add_shape(
                type="line",
                x0=before,
                x1=now,
                y0=row,
                y1=row,
                line={"color": colour, "width": 2},
                opacity=0.55,
            )
    hover = list(zip(labels, map(write, values), map(write, baseline), strict=True))
    template = (
        "%{customdata[0]}<br><b>%{customdata[1]}</b> (" + baseline_name + ": %{customdata[2]})<extra></extra>"
    )
    fig.add_scatter(
        x=list(baseline),
        y=y,
        mode="markers",
        customdata=hover,
        hovertemplate=template,
        marker={"color": PAPER[mode()], "size": 11, "line": {"color": MUTED[mode()], "width": 2}},
    )
    fig.add_scatter(
        x=list(values),
        y=y,
        mode="markers+text",
        text=[f"<b>{write(value)}</b>" for value in values],
        textposition="bottom center",
        textfont={"color": ACCENT[mode()], "size": 12},
        customdata=hover,
        hovertemplate=template,
        marker={"color": ACCENT[mode()], "size": 12},
        cliponaxis=False,
    )
    known = [value for value in (*values, *baseline) if value is not None]
    if known:
        span = max(max(known) - min(known), 0.02)
        fig.update_xaxes(range=[min(known) - span * 0.2, max(known) + span * 0.2])
    fig.update_xaxes(visible=False)
    fig.update_yaxes(tickvals=y, ticktext=list(labels), range=[-0.75, len(labels) - 0.5], showgrid=True)
    return finish(fig, 236)


def bullets(
    labels: Sequence[str],
    called: Sequence[float],
    later: Sequence[float],
    promised: Sequence[float],
    *,
    words: Sequence[str],
    hover: Sequence[str],
) -> Figure:
    """Draw one bar per guarantor: called to the horizon, inside called later, inside promised.

    `words` stand at the end of each bar ("3.1 of 4.9"), `hover` is the line shown on hovering.
    """
    y = list(range(len(labels)))[::-1]
    fig = Figure()
    layers = (
        (promised, PALE[mode()], 0.42, 1.0),
        (later, ALARM[mode()], 0.42, 0.35),
        (called, ALARM[mode()], 0.42, 1.0),
    )
    for values, colour, width, opacity in layers:
        fig.add_bar(
            x=list(values),
            y=y,
            orientation="h",
            width=width,
            marker={"color": colour, "line": {"width": 0}},
            opacity=opacity,
            customdata=list(hover),
            hovertemplate="%{customdata}<extra></extra>",
        )
    top = max([*promised, *called, 0.1])
    for row, amount, text in zip(y, promised, words, strict=True):
        inside = amount > 0.6 * top
        fig.add_annotation(
            x=amount,
            y=row,
            text=text,
            showarrow=False,
            xanchor="right" if inside else "left",
            xshift=-6 if inside else 6,
            font={"size": 12},
        )
    fig.update_layout(barmode="overlay")
    fig.update_xaxes(visible=False, range=[0, top * 1.04])
    fig.update_yaxes(tickvals=y, ticktext=list(labels), range=[-0.6, len(labels) - 0.4], showgrid=False)
    return finish(fig, 236)


def finish(fig: Figure, height: int) -> Figure:
    """Give a figure the house look: no box, no legend, thin grid, nothing that catches a scrolling finger."""
    return fig.update_layout(
        separators=SEPARATORS[language()],
        height=height,
        margin={"l": 0, "r": 0, "t": 4, "b": 0},
        showlegend=False,
        dragmode=False,
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        hovermode="closest",
        hoverlabel={"align": "left"},
        xaxis={"fixedrange": True, "showgrid": False, "zeroline": False, "automargin": True},
        yaxis={"fixedrange": True, "zeroline": False, "automargin": True},
    )


def clickable(fig: Figure, *, key: str, alt: str, on_click: Callable[[], None], **words: Text) -> None:
    """Draw a figure whose points can be clicked; the callback finds the point with `clicked`."""
    plot.draw(fig, key=f"chart_{key}", alt=alt, on_click=on_click, **words)


def clicked(key: str) -> dict | None:
    """Return the point that was clicked, as its "x" and "y"; for the callback of `clickable`."""
    return plot.clicked(f"chart_{key}")
