"""The web as a picture: who owes whom in one quarter, and where a missing dollar ends up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

from core.results.picture import ALIVE, CALLED, FAILED
from core.web.web import GUARANTORS
from pages.kit.drawing import charts
from pages.kit.drawing.charts import ACCENT, ALARM, INK, MUTED, PALE, PAPER, mode
from pages.kit.drawing.plot import Figure

# Payers left, lenders right, guarantors on top; fixed, so that the eye finds everybody in the same place.
PLACES = {
    "sound_tenants": (0.06, 0.86),
    "openai": (0.06, 0.62),
    "anthropic": (0.06, 0.36),
    "xai": (0.06, 0.08),
    "fluidstack": (0.31, 0.36),
    "oracle": (0.31, 0.17),
    "coreweave": (0.51, 0.75),
    "terawulf": (0.56, 0.51),
    "cipher": (0.56, 0.33),
    "oracle_campus": (0.57, 0.17),
    "xai_vehicle": (0.57, 0.0),
    "hyperion": (0.76, 0.75),
    "alphabet": (0.31, 0.98),
    "nvidia": (0.51, 0.98),
    "meta": (0.76, 0.98),
    "lenders": (0.95, 0.4),
}
ABOVE = (*GUARANTORS, "openai", "oracle_campus")  # whose names stand above: below is an arrow
SMALLEST, LARGEST = 11, 40  # pixels across
CUT = "cut"  # a lab that pays less than its contracts say: alive, and not fine
THINNEST, THICKEST = 1.0, 8.0
LOOK = {
    ALIVE: (PALE, MUTED, "circle"),
    CALLED: (ACCENT, ACCENT, "circle"),
    CUT: (PALE, ALARM, "circle"),
    FAILED: (ALARM, ALARM, "circle-x"),
}


@dataclass(frozen=True)
class Spot:
    """One entity: id, label in two lines, what is said on hovering, how it stands, how much it owes."""

    id: str
    label: str
    hover: str
    standing: str
    size: float


@dataclass(frozen=True)
class Line:
    """One flow: from, to, what is said on hovering, how wide; `kind` is paid, missed, call or promise."""

    start: str
    end: str
    hover: str
    amount: float
    kind: str


def legend() -> dict[str, str]:
    """Return the colour of every kind of mark in the picture, for the line of words above it."""
    return {"missed": ALARM[mode()], "call": ACCENT[mode()], "paid": MUTED[mode()]}


def network(spots: Sequence[Spot], lines: Sequence[Line], *, height: int = 540) -> Figure:
    """Draw the web of one quarter: circles by what is owed, arrows by what is due."""
    fig = Figure()
    most = max([line.amount for line in lines] + [1e-9])
    for line in sorted(lines, key=lambda one: one.kind in ("missed", "call")):
        _arrow(fig, line, THINNEST + (THICKEST - THINNEST) * sqrt(line.amount / most))
    largest = max([spot.size for spot in spots] + [1e-9])
    for kind, (fill, edge, symbol) in LOOK.items():
        group = [spot for spot in spots if spot.standing == kind]
        fig.add_scatter(
            x=[PLACES[spot.id][0] for spot in group],
            y=[PLACES[spot.id][1] for spot in group],
            mode="markers+text",
            text=[spot.label for spot in group],
            textposition=["top center" if spot.id in ABOVE else "bottom center" for spot in group],
            textfont={"size": 12, "color": ALARM[mode()] if kind in (FAILED, CUT) else INK[mode()]},
            customdata=[spot.hover for spot in group],
            hovertemplate="%{customdata}<extra></extra>",
            marker={
                "size": [SMALLEST + (LARGEST - SMALLEST) * sqrt(spot.size / largest) for spot in group],
                "symbol": symbol,
                "opacity": 1.0,
                "color": fill[mode()],
                "line": {"color": PAPER[mode()] if kind == FAILED else edge[mode()], "width": 1.5},
            },
            cliponaxis=False,
        )
    fig.update_xaxes(visible=False, range=[-0.16, 1.14] if charts.is_narrow() else [-0.09, 1.07])
    fig.update_yaxes(visible=False, range=[-0.09, 1.07])
    return charts.finish(fig, height)


def _arrow(fig: Figure, line: Line, width: float) -> None:
    """Draw one flow as a line with a head in its middle, which is also the place to hover."""
    (x0, y0), (x1, y1) = PLACES[line.start], PLACES[line.end]
    colour = {"missed": ALARM, "call": ACCENT, "promise": ACCENT}.get(line.kind, MUTED)[mode()]
    dash = {"missed": "7px,4px", "promise": "dot"}.get(line.kind, "solid")
    fig.add_scatter(
        x=[x0, (x0 + x1) / 2, x1],
        y=[y0, (y0 + y1) / 2, y1],
        mode="lines+markers",
        line={"color": colour, "width": 1.2 if line.kind == "promise" else width, "dash": dash},
        opacity=1.0 if line.kind in ("missed", "call") else 0.6,
        marker={
            "symbol": "arrow",
            "angleref": "previous",
            "size": [0, 0 if line.kind == "promise" else 11 + width, 0],
            "color": colour,
            "opacity": 1.0,
        },
        customdata=[line.hover] * 3,
        hovertemplate="%{customdata}<extra></extra>",
    )


def sankey(
    flows: Sequence[tuple[str, str, float]],
    labels: Mapping[str, str],
    colours: Mapping[str, str],
    *,
    hover: Sequence[str],
    height: int = 300,
) -> Figure:
    """Draw where a dollar goes: flows of (from, to, share), a label and a colour for every place."""
    places = list(labels)
    fig = Figure().add_trace(
        "sankey",
        arrangement="snap",
        textfont={"color": INK[mode()], "size": 12},
        node={
            "label": [charts.fold(labels[place]) for place in places],
            "color": [colours[place] for place in places],
            "line": {"width": 0},
            "pad": 22,
            "thickness": 14,
            "hovertemplate": "%{label}<extra></extra>",
        },
        link={
            "source": [places.index(source) for source, _target, _share in flows],
            "target": [places.index(target) for _source, target, _share in flows],
            "value": [share for _source, _target, share in flows],
            "color": [_pale(colours[target]) for _source, target, _share in flows],
            "customdata": list(hover),
            "hovertemplate": "%{customdata}<extra></extra>",
        },
    )
    charts.finish(fig, height)
    return fig.update_layout(margin={"l": 4, "r": 4, "t": 14, "b": 18})


def _pale(colour: str) -> str:
    """Return a colour of which a third is left, for the ribbons between places."""
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.33)"
