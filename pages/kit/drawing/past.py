"""Pictures of the past beside now: upright columns by year, and how far figures were off."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from textwrap import wrap

from pages.kit.drawing import charts
from pages.kit.drawing.charts import ALARM, INK, MUTED, PAPER, mode
from pages.kit.drawing.plot import Figure
from pages.kit.drawing.series import Sketch, tint

BAR, NARROW_BAR = 42, 74  # pixels of a bar with its name, which on a phone stands in up to three lines
LETTERS = 50  # of a name that fit on a phone
ROW = 19  # pixels of a line in a picture of misses
FAR = 1.0  # a miss beyond it is drawn at the edge


@dataclass(frozen=True)
class Column:
    """One column: its name, its value, words on touch; of now or of then; pale beyond the horizon."""

    label: str
    value: float
    hover: str
    now: bool = False
    pale: bool = False
    ring: float | None = None


def columns(
    groups: Sequence[tuple[str, Sequence[Column]]],
    *,
    write: Callable[[float], str],
    height: int = 260,
) -> Figure:
    """Draw groups of columns beside each other, each with its name above: then in grey, now in the accent.

    A ring is today's data.
    """
    sketch, at = Sketch(), 0.0
    ticks: list[tuple[float, str]] = []
    top = max([1e-9, *(max(one.value, one.ring or 0.0) for _name, part in groups for one in part)])
    for name, part in groups:
        places = [at + i for i in range(len(part))]
        at += len(part) + 0.8
        ticks += [(place, one.label) for place, one in zip(places, part, strict=True)]
        colours = [
            tint(charts.ACCENT[mode()] if one.now else MUTED[mode()], 0.45 if one.pale else 1.0)
            for one in part
        ]
        sketch.add_bar(
            x=places,
            y=[one.value for one in part],
            width=0.72,
            marker={"color": colours, "line": {"width": 0}},
            customdata=[one.hover for one in part],
            hovertemplate="%{customdata}<extra></extra>",
        )
        for place, one in zip(places, part, strict=True):
            words = {"xanchor": "center", "yanchor": "bottom", "yshift": 2}
            sketch.note(place, max(one.value, one.ring or 0.0), write(one.value), INK[mode()], **words)
            if one.ring is not None:
                edge = {"color": MUTED[mode()], "width": 1.8}
                sketch.add_scatter(
                    x=[place],
                    y=[one.ring],
                    mode="markers",
                    marker={"size": 9, "color": PAPER[mode()], "line": edge},
                    hoverinfo="skip",
                )
        over = {"xanchor": "left", "yanchor": "top"}
        sketch.note(places[0] - 0.4, top * 1.3, f"<b>{name}</b>", INK[mode()], **over)
    sketch.layout["xaxis"] = {
        "tickvals": [place for place, _label in ticks],
        "ticktext": [label for _place, label in ticks],
        "range": [-0.7, at - 1.1],
    }
    sketch.layout["yaxis"] = {"visible": False, "range": [0, top * 1.32]}
    return sketch.finish(height)


@dataclass(frozen=True)
class Bar:
    """One bar: its name above it, its value, that in words; of now or of then."""

    name: str
    value: float
    words: str
    now: bool = False


def named(rows: Sequence[Bar]) -> Figure:
    """Draw bars below each other, the name of each above it: then in grey, now in the accent."""
    sketch, y, narrow = Sketch(), list(range(len(rows)))[::-1], charts.is_narrow()
    sketch.add_bar(
        x=[row.value for row in rows],
        y=y,
        orientation="h",
        width=0.22 if narrow else 0.34,
        marker={
            "color": [charts.ACCENT[mode()] if row.now else MUTED[mode()] for row in rows],
            "line": {"width": 0},
        },
        customdata=[f"{row.name}: <b>{row.words}</b>" for row in rows],
        hovertemplate="%{customdata}<extra></extra>",
    )
    for row, place in zip(rows, y, strict=True):
        told = "<br>".join((f"<b>{row.words}</b>", *wrap(row.name, LETTERS))) if narrow else ""
        words = {"xanchor": "left", "yanchor": "bottom", "align": "left"}
        text = told or f"<b>{row.words}</b> {row.name}"
        sketch.note(0, place + (0.1 if narrow else 0.18), text, INK[mode()], **words)
    sketch.layout["xaxis"] = {"visible": False, "range": [0, max([row.value for row in rows] + [1e-9])]}
    sketch.layout["yaxis"] = {"visible": False, "range": [-0.4, len(rows) - 0.2]}
    return sketch.finish((NARROW_BAR if narrow else BAR) * len(rows))


@dataclass(frozen=True)
class Miss:
    """What of one company was computed and reported: its name, and each period's miss with words on touch."""

    name: str
    dots: Sequence[tuple[float, str]]


def misses(rows: Sequence[Miss], *, exact: str, write: Callable[[float], str]) -> Figure:
    """Draw a line per figure of a company with a dot for each period: at the middle the model was right."""
    sketch = Sketch()
    sketch.line((0, 0), (-0.6, len(rows) - 0.4), INK[mode()], 1.2)
    y = list(range(len(rows)))[::-1]
    for row, place in zip(rows, y, strict=True):
        seen = [max(-FAR, min(FAR, miss)) for miss, _words in row.dots]
        sketch.line((min(0.0, *seen), max(0.0, *seen)), (place, place), MUTED[mode()], 1.2, layer="below")
        far = [abs(miss) > FAR for miss, _words in row.dots]
        sketch.add_scatter(
            x=seen,
            y=[place] * len(seen),
            mode="markers",
            marker={
                "size": 9,
                "color": [ALARM[mode()] if out else charts.ACCENT[mode()] for out in far],
                "line": {"color": PAPER[mode()], "width": 1},
            },
            customdata=[words for _miss, words in row.dots],
            hovertemplate="%{customdata}<extra></extra>",
        )
    sketch.note(0, len(rows) - 0.4, exact, MUTED[mode()], xanchor="center", yanchor="bottom")
    ticks = [-FAR, -FAR / 2, 0.0, FAR / 2, FAR]
    sketch.layout["xaxis"] = {
        "tickvals": ticks,
        "ticktext": [write(tick) for tick in ticks],
        "range": [-1.2 * FAR, 1.2 * FAR],
        "showgrid": True,
    }
    sketch.layout["yaxis"] = {
        "tickvals": y,
        "ticktext": [row.name for row in rows],
        "range": [-0.7, len(rows) + 0.6],
        "showgrid": True,
    }
    return sketch.finish(ROW * (len(rows) + 3))
