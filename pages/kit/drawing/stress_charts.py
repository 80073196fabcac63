"""The drawings of the Stress page: a plane of two levers, a tornado, bands, curves and spans."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from pages.kit.drawing import charts
from pages.kit.drawing.charts import ACCENT, ALARM, INK, MUTED, PALE, PAPER, mode
from pages.kit.drawing.plot import Figure
from pages.kit.drawing.series import tint
from pages.kit.visit import cached

DASHES = ("solid", "dash", "dot", "dashdot")  # lines that lie on each other stay apart


@dataclass(frozen=True)
class Mark:
    """A point of the plane with its name: where the scenario stands, where today's data do."""

    x: float
    y: float
    text: str
    filled: bool


@dataclass(frozen=True)
class Border:
    """The frontier of one company: its name, its colour, its lines."""

    name: str
    colour: str
    lines: Sequence[Sequence[tuple[float, float]]]


def plane(
    xs: Sequence[float],
    ys: Sequence[float],
    failed: np.ndarray,
    borders: Sequence[Border],
    marks: Sequence[Mark],
    *,
    titles: tuple[str, str],
    hover: tuple[str, str, str],
) -> Figure:
    """Draw how many fail over two levers, with the line at which each named company does.

    `failed` is (x, y); `hover` names the two levers and the count. Every grid point can be clicked: nothing
    else in the drawing answers the pointer.
    """
    most = len(cached.named())
    ramp = [charts.severity(count) for count in range(most + 1)]
    steps = [(k / (most + 1), colour) for k, colour in enumerate(ramp)]
    steps += [((k + 1) / (most + 1), colour) for k, colour in enumerate(ramp)]
    fig = Figure()
    fig.add_trace(
        "heatmap",
        x=list(xs),
        y=list(ys),
        z=failed.T.tolist(),
        colorscale=sorted(steps),
        zmin=-0.5,
        zmax=most + 0.5,
        showscale=False,
        hovertemplate=f"{hover[0]} %{{x:.4~g}}<br>{hover[1]} %{{y:.4~g}}<br><b>{hover[2]} %{{z}}</b>"
        "<extra></extra>",
    )
    for i, border in enumerate(borders):
        for points in border.lines:
            fig.add_scatter(
                x=[x for x, _y in points],
                y=[y for _x, y in points],
                mode="lines",
                line={"color": border.colour, "width": 3, "dash": DASHES[i % len(DASHES)]},
                hoverinfo="skip",
            )
        if border.lines:
            longest = border.lines[0]
            x, y = longest[int((len(longest) - 1) * (0.25 + 0.5 * i / max(len(borders) - 1, 1)))]
            fig.add_annotation(
                x=x,
                y=y,
                text=f"<b>{border.name}</b>",
                showarrow=False,
                yshift=11,
                bgcolor=PAPER[mode()],
                borderpad=2,
                opacity=0.92,
                font={"color": INK[mode()], "size": 12},
                bordercolor=border.colour,
            )
    for mark in marks:
        ink = INK[mode()]
        fig.add_scatter(
            x=[mark.x],
            y=[mark.y],
            mode="markers",
            marker={
                "size": 13,
                "color": ink if mark.filled else PAPER[mode()],
                "line": {"color": PAPER[mode()] if mark.filled else ink, "width": 2},
            },
            hoverinfo="skip",
            cliponaxis=False,
        )
        right = mark.x > (xs[0] + xs[-1]) / 2
        fig.add_annotation(
            x=mark.x,
            y=mark.y,
            text=mark.text,
            showarrow=False,
            xanchor="right" if right else "left",
            xshift=-10 if right else 10,
            yshift=0 if mark.filled else -14,
            bgcolor=PAPER[mode()],
            opacity=0.92,
            font={"color": ink, "size": 12},
        )
    charts.finish(fig, 460)
    fig.update_xaxes(title={"text": titles[0], "standoff": 6}, range=_ends(xs), showline=False)
    fig.update_yaxes(range=_ends(ys), showgrid=False)
    fig.add_annotation(
        x=0,
        y=1,
        xref="paper",
        yref="paper",
        text=f"↑ {titles[1]}",
        showarrow=False,
        xanchor="left",
        yanchor="bottom",
        font={"size": 12},
    )
    return fig.update_layout(margin={"t": 26})


def _ends(values: Sequence[float]) -> list[float]:
    half = (values[-1] - values[0]) / (len(values) - 1) / 2
    return [float(values[0] - half), float(values[-1] + half)]


@dataclass(frozen=True)
class Bar:
    """One row of a tornado: what a lever's two settings do, and the words at both ends."""

    name: str
    low: float
    high: float
    low_words: str
    high_words: str
    hover: str


def tornado(
    bars: Sequence[Bar], base: float, before: float | None, *, base_words: str, before_words: str
) -> Figure:
    """Draw how far each lever alone moves a figure from where it stands; today's data dashed."""
    fig = Figure()
    y = list(range(len(bars)))[::-1]
    values = [base, *(v for bar in bars for v in (bar.low, bar.high)), *([] if before is None else [before])]
    left, right = min(values), max(values)
    span = (right - left) or abs(base) or 1.0
    for row, bar in zip(y, bars, strict=True):
        for end, colour in ((bar.low, MUTED[mode()]), (bar.high, ACCENT[mode()])):
            fig.add_bar(
                x=[end - base],
                base=[base],
                y=[row],
                orientation="h",
                width=0.5,
                marker={"color": colour, "line": {"width": 0}},
                customdata=[bar.hover],
                hovertemplate="%{customdata}<extra></extra>",
            )
        for end, other, text in ((bar.low, bar.high, bar.low_words), (bar.high, bar.low, bar.high_words)):
            if abs(end - base) > span * 1e-6:
                outward = end > base
                same_side = (other - base) * (end - base) > 0 and abs(other - base) > abs(end - base)
                if same_side:
                    continue
                fig.add_annotation(
                    x=end,
                    y=row,
                    text=text,
                    showarrow=False,
                    xanchor="left" if outward else "right",
                    xshift=5 if outward else -5,
                    font={"size": 12, "color": MUTED[mode()]},
                )
    fig.add_vline(x=base, line={"color": INK[mode()], "width": 1.5})
    fig.add_annotation(
        x=base, y=len(bars) - 0.4, text=base_words, showarrow=False, yanchor="bottom", font={"size": 12},
        bgcolor=PAPER[mode()],
    )  # fmt: skip
    if before is not None and abs(before - base) > span * 0.01:
        fig.add_vline(x=before, line={"color": MUTED[mode()], "width": 1.5, "dash": "dash"})
        fig.add_annotation(
            x=before,
            y=-0.6,
            text=before_words,
            showarrow=False,
            yanchor="top",
            font={"size": 12, "color": MUTED[mode()]},
        )
    fig.update_layout(barmode="overlay")
    charts.finish(fig, 60 + 38 * len(bars))
    fig.update_xaxes(visible=False, range=[left - span * 0.28, right + span * 0.28])
    fig.update_yaxes(
        tickvals=y, ticktext=[bar.name for bar in bars], range=[-1.1, len(bars) + 0.1], showgrid=False
    )
    return fig


def bands(
    labels: Sequence[str],
    quantiles: np.ndarray,
    baseline: Sequence[float | None],
    *,
    colour: str,
    write: Callable[[float | None], str],
    words: tuple[str, str, str],
    threshold: tuple[float, str],
    ceiling: float,
    known_quarters: int,
    known: Sequence[tuple[int, float]] = (),
) -> Figure:
    """Draw 5-95 and 25-75 per cent bands and the median of a path, today's data dashed.

    `quantiles` is (5, quarter); `words` name the median, the outer band and today's data; `known` are actuals
    as (quarter, value), drawn as dots.
    """
    x = list(range(len(labels)))
    fig = Figure()
    for low, high, share in ((0, 4, 0.16), (1, 3, 0.3)):
        fig.add_scatter(x=x, y=quantiles[high].tolist(), mode="lines", line={"width": 0}, hoverinfo="skip")
        fig.add_scatter(
            x=x,
            y=quantiles[low].tolist(),
            mode="lines",
            line={"width": 0},
            fill="tonexty",
            fillcolor=tint(colour, share),
            hoverinfo="skip",
        )
    text = [
        f"{label[:4]} Q{label[-1]}<br>{words[0]}: <b>{write(mid)}</b><br>{words[1]}: {write(a)} – {write(b)}"
        f"<br>{words[2]}: {write(before)}"
        for label, a, mid, b, before in zip(
            labels, quantiles[0], quantiles[2], quantiles[4], baseline, strict=True
        )
    ]
    fig.add_scatter(
        x=x, y=list(baseline), mode="lines", line={"color": MUTED[mode()], "width": 1.6, "dash": "dash"},
        hoverinfo="skip",
    )  # fmt: skip
    fig.add_scatter(
        x=x, y=quantiles[2].tolist(), mode="lines", line={"color": colour, "width": 2.6},
        customdata=text, hovertemplate="%{customdata}<extra></extra>",
    )  # fmt: skip
    if known:
        fig.add_scatter(
            x=[i for i, _value in known], y=[value for _i, value in known], mode="markers",
            marker={"color": charts.INK[mode()], "size": 6}, hoverinfo="skip",
        )  # fmt: skip
    if known_quarters:
        shade = charts.SHADE[mode()]
        fig.add_vrect(x0=-0.5, x1=known_quarters - 0.5, fillcolor=shade, line={"width": 0}, layer="below")
    fig.add_hline(y=threshold[0], line={"color": ALARM[mode()], "width": 1, "dash": "dot"})
    fig.add_annotation(
        x=0, y=threshold[0], text=threshold[1], xanchor="left", yanchor="bottom", showarrow=False,
        font={"color": ALARM[mode()], "size": 12},
    )  # fmt: skip
    charts.finish(fig, 260)
    years = [i for i, label in enumerate(labels) if label.endswith("Q1")]
    fig.update_xaxes(tickvals=years, ticktext=[labels[i][:4] for i in years], range=[-0.5, len(x) - 0.5])
    return fig.update_yaxes(range=[0, ceiling], ticksuffix="x")


def rising(
    labels: Sequence[str],
    paths: Mapping[str, Sequence[float]],
    colours: Mapping[str, str],
    *,
    write: Callable[[float | None], str],
) -> Figure:
    """Draw the probability of having failed by each quarter, one line per company, named at its end."""
    x = list(range(len(labels)))
    fig = Figure()
    top = max([0.02, *(path[-1] for path in paths.values())])
    used: list[float] = []
    for name, path in sorted(paths.items(), key=lambda item: -item[1][-1]):
        fig.add_scatter(
            x=x,
            y=list(path),
            mode="lines",
            line={"color": colours[name], "width": 2.2},
            customdata=[
                f"{name}, {label[:4]} Q{label[-1]}: <b>{write(v)}</b>"
                for label, v in zip(labels, path, strict=True)
            ],
            hovertemplate="%{customdata}<extra></extra>",
        )
        at = min([path[-1], *(height - top * 0.085 for height in used)])
        used.append(at)
        fig.add_annotation(
            x=len(x) - 1,
            y=at,
            text=f"{name} {write(path[-1])}",
            showarrow=False,
            xanchor="left",
            xshift=6,
            font={"color": INK[mode()], "size": 12},
        )
    charts.finish(fig, 260)
    years = [i for i, label in enumerate(labels) if label.endswith("Q1")]
    fig.update_layout(margin={"r": 128})
    fig.update_xaxes(tickvals=years, ticktext=[labels[i][:4] for i in years], range=[-0.5, len(x) - 0.5])
    low = min([0.0, *(height - top * 0.05 for height in used)])
    return fig.update_yaxes(range=[low, top * 1.1], tickformat=".0%")


@dataclass(frozen=True)
class Span:
    """One row of a drawing of likely ranges: five quantiles, the mean, today's figure, and the words."""

    name: str
    quantiles: Sequence[float]
    mean: float
    before: float | None
    words: str
    hover: str


def spans(rows: Sequence[Span], *, colour: str) -> Figure:
    """Draw a row per name: thin 5 to 95 per cent, thick 25 to 75, dot at the mean, ring for today."""
    fig = Figure()
    y = list(range(len(rows)))[::-1]
    top = max([1e-6, *(v for row in rows for v in (*row.quantiles, row.mean, row.before or 0.0))])
    for at, row in zip(y, rows, strict=True):
        q = list(row.quantiles)
        for low, high, width, tone in (
            (0.0, top, 7, PALE[mode()]),
            (q[0], q[4], 7, None),
            (q[1], q[3], 13, None),
        ):
            fig.add_shape(
                type="line", x0=low, x1=high, y0=at, y1=at,
                line={"color": tone or colour, "width": width}, opacity=1.0 if tone else 0.45, layer="below",
            )  # fmt: skip
        fig.add_annotation(
            x=top, y=at, text=row.words, showarrow=False, xanchor="right", yanchor="bottom", yshift=8,
            font={"size": 12},
        )  # fmt: skip
        if row.before is not None:
            fig.add_scatter(
                x=[row.before], y=[at], mode="markers", hoverinfo="skip", cliponaxis=False,
                marker={"size": 11, "color": PAPER[mode()], "line": {"color": MUTED[mode()], "width": 2}},
            )  # fmt: skip
        fig.add_scatter(
            x=[row.mean], y=[at], mode="markers", cliponaxis=False, customdata=[row.hover],
            hovertemplate="%{customdata}<extra></extra>",
            marker={"size": 10, "color": INK[mode()]},
        )  # fmt: skip
    charts.finish(fig, 30 + 46 * len(rows))
    fig.update_xaxes(visible=False, range=[-top * 0.02, top * 1.02])
    return fig.update_yaxes(
        tickvals=y, ticktext=[row.name for row in rows], range=[-0.6, len(rows) - 0.35], showgrid=False
    )


def parts(
    labels: Sequence[str],
    values: Sequence[float],
    whole: float,
    *,
    words: Sequence[str],
    hover: Sequence[str],
) -> Figure:
    """Draw each lever's part of a change as a bar with its figure; parts that work the other way are grey."""
    y = list(range(len(labels)))[::-1]
    with_it = [value * whole > 0 for value in values]
    colours = [ACCENT[mode()] if same else MUTED[mode()] for same in with_it]
    fig = Figure().add_bar(
        x=list(values),
        y=y,
        orientation="h",
        width=0.5,
        marker={"color": colours, "line": {"width": 0}},
        customdata=list(hover),
        hovertemplate="%{customdata}<extra></extra>",
    )
    for row, value, text in zip(y, values, words, strict=True):
        fig.add_annotation(
            x=value,
            y=row,
            text=text,
            showarrow=False,
            xanchor="left" if value >= 0 else "right",
            xshift=6 if value >= 0 else -6,
            font={"size": 12},
        )
    fig.add_vline(x=0, line={"color": INK[mode()], "width": 1})
    low, high = min(0.0, *values), max(0.0, *values)
    span = (high - low) or 1.0
    charts.finish(fig, 24 + 38 * len(labels))
    room = 1.3 if charts.is_narrow() else 0.8  # for the figures beside the bars
    left, right = (room if low < 0 else 0.02), (room if high > 0 else 0.02)
    fig.update_xaxes(visible=False, range=[low - left * span, high + right * span])
    return fig.update_yaxes(
        tickvals=y, ticktext=list(labels), range=[-0.6, len(labels) - 0.4], showgrid=False
    )
