"""Pictures of promises, deals and money: flows, slopes, stacks, years, and lines along a lever."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import floor, hypot, log10, sqrt

from pages.kit.drawing import charts
from pages.kit.drawing.charts import ACCENT, ALARM, INK, MUTED, PALE, PAPER, mode
from pages.kit.drawing.plot import Figure

HALF_WIDTH, HALF_HEIGHT = 0.13, 0.09  # of a box in a flow picture, where the picture is 1 by 1
LETTERS = 38  # that fit into a full bar on a phone
SHORTEST = 0.12  # of the longest bar: below it not even the amount is written
THINNEST, THICKEST = 1.3, 7.0  # pixels of an arrow
BETWEEN = 0.12  # of the height, between small charts below each other
YEAR = re.compile(r"\d{4}")
EMPTY_TOP = 1.0  # of an axis on which everything is zero


@dataclass(frozen=True)
class Node:
    """A box of a flow picture: place (0 to 1), words, and whose colour it has."""

    x: float
    y: float
    text: str
    colour: str


@dataclass(frozen=True)
class Arrow:
    """Money that goes from one box to another; `amount` sets the width, a promise is dashed.

    `shift` moves it sideways when two arrows join the same boxes, `at` says where on it the label stands.
    """

    start: str
    end: str
    text: str
    hover: str
    amount: float = 0.0
    promise: bool = False
    alarm: bool = False
    shift: float = 0.0
    at: float = 0.5


def flow(nodes: Mapping[str, Node], arrows: Sequence[Arrow], *, height: int = 340) -> Figure:
    """Draw who pays whom: boxes with names, arrows with amounts, promises dashed."""
    fig = Figure()
    fig.add_scatter(x=[0, 1], y=[0, 1], mode="markers", marker={"opacity": 0}, hoverinfo="skip")
    most = max([arrow.amount for arrow in arrows] + [1e-9])
    marks = []
    for arrow in arrows:
        x0, y0, x1, y1 = _between(nodes[arrow.start], nodes[arrow.end], arrow.shift)
        width = THINNEST + (THICKEST - THINNEST) * sqrt(arrow.amount / most)
        colour = ALARM[mode()] if arrow.alarm else MUTED[mode()]
        line = {"color": colour, "width": min(width, 2.2) if arrow.promise else width}
        if arrow.promise:
            line["dash"] = "dash"
        back = 0.955  # the head covers the rest of the line
        fig.add_shape(
            type="line",
            x0=x0,
            y0=y0,
            x1=x0 + back * (x1 - x0),
            y1=y0 + back * (y1 - y0),
            line=line,
            opacity=0.8,
        )
        fig.add_annotation(
            x=x1,
            y=y1,
            ax=x0 + 0.9 * (x1 - x0),
            ay=y0 + 0.9 * (y1 - y0),
            xref="x",
            yref="y",
            axref="x",
            ayref="y",
            text="",
            showarrow=True,
            arrowhead=2,
            arrowwidth=max(1.4, min(line["width"], 3)),
            arrowcolor=colour,
        )
        marks.append((x0 + arrow.at * (x1 - x0), y0 + arrow.at * (y1 - y0), arrow))
    for x, y, arrow in marks:
        fig.add_annotation(
            x=x,
            y=y,
            text=arrow.text,
            showarrow=False,
            bgcolor=PAPER[mode()],
            borderpad=1,
            font={"size": 12, "color": ALARM[mode()] if arrow.alarm else INK[mode()]},
        )
    for node in nodes.values():
        fig.add_shape(
            type="rect",
            x0=node.x - HALF_WIDTH,
            x1=node.x + HALF_WIDTH,
            y0=node.y - HALF_HEIGHT,
            y1=node.y + HALF_HEIGHT,
            line={"color": node.colour, "width": 1.6},
            fillcolor=PAPER[mode()],
        )
        fig.add_annotation(
            x=node.x, y=node.y, text=node.text, showarrow=False, font={"size": 12.5, "color": INK[mode()]}
        )
    fig.add_scatter(
        x=[x for x, _y, _arrow in marks],
        y=[y for _x, y, _arrow in marks],
        mode="markers",
        marker={"size": 26, "opacity": 0},
        customdata=[arrow.hover for _x, _y, arrow in marks],
        hovertemplate="%{customdata}<extra></extra>",
    )
    fig.update_xaxes(visible=False, range=[-0.005, 1.005])
    fig.update_yaxes(visible=False, range=[-0.01, 1.01])
    return charts.finish(fig, height)


def _between(start: Node, end: Node, shift: float) -> tuple[float, float, float, float]:
    """Return where an arrow leaves the edge of one box and meets the edge of the other."""
    dx, dy = end.x - start.x, end.y - start.y
    length = hypot(dx, dy)
    aside_x, aside_y = -dy / length * shift, dx / length * shift
    reach = min(
        HALF_WIDTH / abs(dx) if dx else float("inf"),
        HALF_HEIGHT / abs(dy) if dy else float("inf"),
    )
    x0, y0 = start.x + dx * reach + aside_x, start.y + dy * reach + aside_y
    x1, y1 = end.x - dx * (reach + 0.012) + aside_x, end.y - dy * (reach + 0.012) + aside_y
    return x0, y0, x1, y1


def marks(
    labels: Sequence[str],
    ways: tuple[Sequence[float], Sequence[float], Sequence[float]],
    colours: Sequence[str],
    *,
    write: Callable[[float | None], str],
    heads: tuple[str, str, str],
    strong: int,
) -> Figure:
    """Draw a row per company with one figure counted in three ways: a ring, a diamond, a dot."""
    fig = Figure()
    rows = list(range(len(labels)))[::-1]
    top = max(map(max, ways))
    for i, (label, row) in enumerate(zip(labels, rows, strict=True)):
        values = [way[i] for way in ways]
        told = [f"{head} <b>{write(value)}</b>" for head, value in zip(heads, values, strict=True)]
        text = f"{label}: {', '.join(told)}"
        fig.add_shape(
            type="line",
            x0=min(values),
            x1=max(values),
            y0=row,
            y1=row,
            line={"color": colours[i], "width": 4 if i == strong else 2},
            layer="below",
        )
        edge = {"color": colours[i], "width": 2}
        dots = (
            {"size": 9, "color": PAPER[mode()], "line": edge},
            {"size": 10, "color": PAPER[mode()], "line": edge, "symbol": "diamond"},
            {"size": 13 if i == strong else 10, "color": colours[i]},
        )
        for x, marker in zip(values, dots, strict=True):
            fig.add_scatter(
                x=[x],
                y=[row],
                mode="markers",
                marker=marker,
                customdata=[text],
                hovertemplate="%{customdata}<extra></extra>",
            )
        end = max(values)
        beside = end < 0.6 * top
        fig.add_annotation(
            x=end,
            y=row + (0 if beside else 0.4),
            text=" → ".join([*map(write, values[:-1]), f"<b>{write(values[-1])}</b>"]),
            showarrow=False,
            xanchor="left" if beside else "right",
            xshift=12 if beside else 4,
            font={"size": 12, "color": INK[mode()]},
        )
    fig.update_xaxes(visible=False, range=[-0.03 * top, top * 1.06])
    fig.update_yaxes(
        tickvals=rows,
        ticktext=[f"<b>{label}</b>" if i == strong else label for i, label in enumerate(labels)],
        range=[-0.5, len(labels) - 0.45],
        showgrid=True,
    )
    return charts.finish(fig, 300)


def _apart(values: list[float], room: float) -> list[float]:
    """Return places for labels near the values, at least `room` from each other, order kept."""
    order = sorted(range(len(values)), key=lambda i: values[i])
    places = list(values)
    for below, above in pairwise(order):
        places[above] = max(places[above], places[below] + room)
    return places


@dataclass(frozen=True)
class Part:
    """One part of a stack: its name, its amount in each bar, its colour, and whether it is hatched."""

    name: str
    values: Sequence[float]
    colour: str
    hatched: bool = False
    opacity: float = 1.0


def hatching(colour: str) -> dict:
    """Return the stripes of a part that is not there, as money from nobody, or of which nothing is known."""
    return {"shape": "/", "size": 7, "solidity": 0.2, "fgcolor": colour, "bgcolor": PAPER[mode()]}


def stacks(
    labels: Sequence[str],
    parts: Sequence[Part],
    *,
    write: Callable[[float | None], str],
    height: int = 236,
    upright: bool = False,
) -> Figure:
    """Draw stacked bars whose parts carry their name and amount where there is room."""
    fig = Figure()
    totals = [sum(part.values[i] for part in parts) for i in range(len(labels))]
    most = max([*totals, 1e-9])
    for part in parts:
        text = []
        for value in part.values:
            full = f"{part.name} {write(value)}"
            room = 0.045 if upright else len(full) / LETTERS
            short = write(value) if value > SHORTEST * most and not upright else ""
            text.append(full if value > room * most else short)
        fig.add_bar(
            x=list(labels) if upright else list(part.values),
            y=list(part.values) if upright else list(labels),
            orientation="v" if upright else "h",
            marker={
                "color": part.colour,
                "opacity": part.opacity,
                "line": {"width": 1, "color": PAPER[mode()]},
                "pattern": hatching(part.colour) if part.hatched else {},
            },
            text=text,
            textposition="inside",
            insidetextanchor="middle",
            textangle=0,
            textfont={"size": 12, "color": INK[mode()] if part.hatched else _readable(part.colour)},
            constraintext="none",
            customdata=[
                f"{label}, {part.name}: <b>{write(value)}</b>"
                for label, value in zip(labels, part.values, strict=True)
            ],
            hovertemplate="%{customdata}<extra></extra>",
        )
    fig.update_layout(barmode="stack", bargap=0.28)
    if upright:
        fig.update_yaxes(visible=False, range=[0, most * 1.09])
        fig.update_xaxes(tickfont={"size": 13})
        for label, total in zip(labels, totals, strict=True):
            fig.add_annotation(
                x=label, y=total, text=f"<b>{write(total)}</b>", showarrow=False, yanchor="bottom"
            )
    else:
        fig.update_xaxes(visible=False, range=[0, most * 1.02])
        fig.update_yaxes(autorange="reversed", showgrid=False)
    return charts.finish(fig, height)


def _readable(colour: str) -> str:
    """Return ink or paper, whichever stands out more on a colour."""
    red, green, blue = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    light = 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2
    return "#1d2329" if light > 0.2 else "#ffffff"


def years(
    labels: Sequence[str],
    parts: Sequence[Part],
    baseline: Sequence[float],
    *,
    write: Callable[[float | None], str],
    baseline_name: str,
    known: float = 0,
    height: int = 236,
) -> Figure:
    """Draw stacked columns per year, with today's total as a dashed step above them.

    The axis names the year alone, also of a label that names the quarters of a year that has begun.
    """
    fig = Figure()
    x = list(range(len(labels)))
    for part in parts:
        fig.add_bar(
            x=x,
            y=list(part.values),
            width=0.7,
            marker={
                "color": part.colour,
                "opacity": part.opacity,
                "line": {"width": 0},
                "pattern": hatching(part.colour) if part.hatched else {},
            },
            customdata=[
                f"{label}, {part.name}: <b>{write(value)}</b> ({baseline_name}: {write(before)})"
                for label, value, before in zip(labels, part.values, baseline, strict=True)
            ],
            hovertemplate="%{customdata}<extra></extra>",
        )
    fig.add_scatter(
        x=[at for i in x for at in (i - 0.5, i + 0.5)],
        y=[value for value in baseline for _side in (0, 1)],
        mode="lines",
        line={"color": MUTED[mode()], "width": 1.6, "dash": "dash"},
        hoverinfo="skip",
    )
    totals = [sum(part.values[i] for part in parts) for i in x]
    top = max([*totals, *baseline]) or EMPTY_TOP
    fig.add_annotation(
        x=1.0,
        xref="paper",
        y=top * 1.2,
        text=f"╌╌ {baseline_name}",
        showarrow=False,
        xanchor="right",
        yanchor="top",
        font={"size": 12, "color": MUTED[mode()]},
    )
    if known:
        fig.add_vrect(
            x0=-0.5, x1=known - 0.5, fillcolor=charts.SHADE[mode()], line={"width": 0}, layer="below"
        )
    fig.update_layout(barmode="stack")
    fig.update_xaxes(tickvals=x, ticktext=[YEAR.findall(label)[0] for label in labels])
    fig.update_yaxes(range=[0, top * 1.22], nticks=4)
    return charts.finish(fig, height)


@dataclass(frozen=True)
class Line:
    """One line of a panel along a lever: scenario solid, today's data dashed."""

    name: str
    values: Sequence[float]
    baseline: Sequence[float]
    colour: str


@dataclass(frozen=True)
class Panel:
    """A small chart among others that share one horizontal axis."""

    title: str
    lines: Sequence[Line]
    write: Callable[[float | None], str]
    tick: Callable[[float | None], str]


def along(
    values: Sequence[float],
    panels: Sequence[Panel],
    *,
    current: float,
    before: float,
    axis: Callable[[float | None], str],
    baseline_name: str,
    height: int = 470,
) -> Figure:
    """Draw small charts below each other along one lever; upright lines mark where it stands and stood."""
    fig = Figure()
    tall = (1.0 + BETWEEN) / len(panels)
    for row, panel in enumerate(panels, start=1):
        y = f"y{row}" if row > 1 else "y"
        for line in panel.lines:
            hover = [
                f"{axis(v)}: {line.name} <b>{panel.write(now)}</b> ({baseline_name}: {panel.write(was)})"
                for v, now, was in zip(values, line.values, line.baseline, strict=True)
            ]
            for series, look in (
                (line.baseline, {"width": 1.2, "dash": "dash"}),
                (line.values, {"width": 2.4}),
            ):
                fig.add_scatter(
                    x=list(values),
                    y=list(series),
                    mode="lines",
                    line={"color": line.colour, **look},
                    opacity=1.0 if look["width"] > 2 else 0.75,
                    customdata=hover,
                    hovertemplate="%{customdata}<extra></extra>",
                    yaxis=y,
                )
        ends = [line.values[-1] for line in panel.lines]
        top = max([v for line in panel.lines for v in (*line.values, *line.baseline)] + [1e-9])
        for line, place in zip(panel.lines, _apart(ends, 0.13 * top), strict=True):
            fig.add_annotation(
                x=values[-1],
                y=place,
                text=line.name,
                showarrow=False,
                xanchor="left",
                xshift=5,
                font={"size": 12, "color": line.colour},
                yref=y,
            )
        fig.add_annotation(
            x=values[0],
            y=top * 1.12,
            text=f"<b>{panel.title}</b>",
            showarrow=False,
            xanchor="left",
            yanchor="bottom",
            font={"size": 12, "color": INK[mode()]},
            yref=y,
        )
        step = _nice(top)
        ticks = [step * i for i in range(int(top / step) + 1)]
        foot = 1.0 - row * tall + BETWEEN
        upright = {
            "domain": [max(foot, 0.0), foot + tall - BETWEEN],
            "range": [0, top * 1.12],
            "tickvals": ticks,
            "ticktext": [panel.tick(value) for value in ticks],
            "fixedrange": True,
            "zeroline": False,
            "automargin": True,
        }
        fig.update_layout(**{f"yaxis{y[1:]}": upright})
        for at, look in (
            (before, {"color": MUTED[mode()], "width": 1, "dash": "dash"}),
            (current, {"color": INK[mode()], "width": 1.6}),
        ):
            fig.add_vline(at, line=look, yref=f"{y} domain")
    span, ticks = values[-1] - values[0], _round_ticks(values)
    fig.update_xaxes(
        range=[
            values[0],
            values[-1] + (0.55 if charts.is_narrow() else 0.36) * span,
        ],  # the names stand there
        tickvals=ticks,
        ticktext=[axis(v) for v in ticks],
        anchor=f"y{len(panels)}" if len(panels) > 1 else "y",
    )
    return charts.finish(fig, height).update_layout(margin={"l": 0, "r": 0, "t": 22, "b": 0})


def _nice(top: float) -> float:
    """Return a round number of which two fit below the top.

    >>> _nice(5229.0), _nice(0.17), _nice(199.99999999999997)
    (2000.0, 0.05, 100.0)
    """
    size = 10.0 ** floor(log10(top / 2.0))
    fits = [step * size for step in (1.0, 2.0, 5.0) if step * size <= top / 2.0]
    return max(fits, default=size)  # size itself may lie a rounding above the half


def _round_ticks(values: Sequence[float]) -> list[float]:
    low, high = values[0], values[-1]
    step = (high - low) / 4 if (high - low) % 4 == 0 else (high - low) / 3
    return [low + step * i for i in range(round((high - low) / step) + 1)]


def bars(
    labels: Sequence[str],
    values: Sequence[float],
    *,
    words: Sequence[str],
    hover: Sequence[str],
    colours: Sequence[str],
    back: Sequence[float] | None = None,
    rings: Sequence[float] | None = None,
    height: int = 236,
) -> Figure:
    """Draw one bar per label with words at its end; `back` is pale behind it, `rings` are today's values."""
    fig = Figure()
    y = list(range(len(labels)))[::-1]
    if back is not None:
        fig.add_bar(
            x=list(back), y=y, orientation="h", width=0.5, marker={"color": PALE[mode()]}, hoverinfo="skip"
        )
    fig.add_bar(
        x=list(values),
        y=y,
        orientation="h",
        width=0.5,
        marker={"color": list(colours), "line": {"width": 0}},
        customdata=list(hover),
        hovertemplate="%{customdata}<extra></extra>",
    )
    if rings is not None:
        fig.add_scatter(
            x=list(rings),
            y=y,
            mode="markers",
            marker={"size": 9, "color": PAPER[mode()], "line": {"color": MUTED[mode()], "width": 1.8}},
            customdata=list(hover),
            hovertemplate="%{customdata}<extra></extra>",
        )
    longest = [max(group) for group in zip(values, back or values, rings or values, strict=True)]
    top = max([*longest, 1e-9])
    for row, length, text in zip(y, longest, words, strict=True):
        inside = length > 0.55 * top
        fig.add_annotation(
            x=0 if inside else length,
            y=row + (0.42 if inside else 0),
            text=text,
            showarrow=False,
            xanchor="left",
            xshift=0 if inside else 8,
            font={"size": 12},
        )
    fig.update_layout(barmode="overlay")
    fig.update_xaxes(visible=False, range=[0, top * 1.04])
    fig.update_yaxes(tickvals=y, ticktext=list(labels), range=[-0.6, len(labels) - 0.3], showgrid=False)
    return charts.finish(fig, height)


def accent() -> str:
    """Return the accent colour in the visitor's mode."""
    return ACCENT[mode()]


def alarm() -> str:
    """Return the colour of failure and of money that is not there."""
    return ALARM[mode()]


def neutral() -> str:
    """Return the grey of what is neither good nor bad."""
    return MUTED[mode()]
