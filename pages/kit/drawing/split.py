"""One bar for all of something, cut into parts: those that matter from the left, the rest behind them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pages.kit.drawing import charts
from pages.kit.drawing.charts import INK, MUTED, PAPER, mode
from pages.kit.drawing.plot import Figure
from pages.kit.drawing.shapes import hatching

LETTERS = {True: 48, False: 115}  # that fit beside each other in a narrow and in a wide chart
GAP = 2  # letters between two labels
ABOVE, BAR, FIRST, ROW = (
    52,
    34,
    12,
    42,
)  # px: what stands over a bar, the bar, the way to its labels, a row of them


@dataclass(frozen=True)
class Cut:
    """One part of a bar: what it is called, its amount in words, its share of the bar, what hovering says."""

    name: str
    amount: str
    share: float
    colour: str
    hover: str
    hatched: bool = False


@dataclass(frozen=True)
class Split:
    """A bar: the parts that matter, those behind them, and the words over both."""

    parts: Sequence[Cut]
    rest: Sequence[Cut]
    head: str
    rest_head: str


def splits(bars: Sequence[Split]) -> Figure:
    """Draw bars below each other, each with a bracket over the parts that matter and labels below them.

    A label that has no room beside its neighbour stands in a lower row, at the end of a line.
    """
    fig, top = Figure(), 0.0
    for bar in bars:
        top = _bar(fig, bar, top) - ROW / 2
    fig.update_layout(barmode="overlay")
    fig.update_xaxes(visible=False, range=[0, 1.002])
    height = -top - ROW / 2
    fig.update_yaxes(visible=False, range=[-height, 0])
    return charts.finish(fig, round(height)).update_layout(margin={"l": 0, "r": 0, "t": 0, "b": 0})


def _bar(fig: Figure, bar: Split, top: float) -> float:
    """Draw one bar below a height, in pixels; returns where it ends."""
    middle, foot = top - ABOVE - BAR / 2, top - ABOVE - BAR
    at, drawn = 0.0, [*bar.parts, *bar.rest]
    starts = []
    for cut in drawn:
        starts.append(at)
        fig.add_bar(
            x=[cut.share],
            y=[middle],
            base=[at],
            width=BAR,
            orientation="h",
            marker={
                "color": cut.colour,
                "line": {"width": 1, "color": PAPER[mode()]},
                "pattern": hatching(cut.colour) if cut.hatched else {},
            },
            customdata=[cut.hover],
            hovertemplate="%{customdata}<extra></extra>",
        )
        at += cut.share
    on_web = sum(cut.share for cut in bar.parts)
    _heads(fig, bar, on_web, top)
    named = list(zip(starts, bar.parts, strict=False))  # those behind have their words above
    rows = _rows([(start, max(len(cut.name), len(cut.amount))) for start, cut in named])
    for (start, cut), (row, x) in zip(named, rows, strict=True):
        y = foot - FIRST - ROW * row
        if row or x < start:
            fig.add_shape(
                type="line", x0=start, x1=start, y0=foot, y1=y - 2, line={"color": INK[mode()], "width": 1}
            )
        _words(fig, f"<b>{cut.amount}</b><br>{cut.name}", x, y, shift=4 if row and x == start else 0)
    return foot - FIRST - ROW * (1 + max((row for row, _x in rows), default=-1))


def _heads(fig: Figure, bar: Split, share: float, top: float) -> None:
    """Write over a bar what its two halves are, with a bracket over the first."""
    y = top - ABOVE + 8
    bracket = ((0, share, y + 8, y + 8), (0, 0, y, y + 8), (share, share, y, y + 8))
    for x0, x1, y0, y1 in bracket if share > 0 else ():
        fig.add_shape(type="line", x0=x0, x1=x1, y0=y0, y1=y1, line={"color": INK[mode()], "width": 1.4})
    letters = LETTERS[charts.is_narrow()]
    _words(fig, bar.head, 0, top, size=14)
    if bar.rest_head:
        after = (len(bar.head) - 7 + GAP) / letters  # without the marks of bold
        room = len(bar.rest_head) / letters
        beside = max(share, after)
        end = beside + room > 1
        look = {"right": True} if end else {"shift": 8}
        if after + room <= 1:  # else it is left to the hover and the table
            _words(fig, bar.rest_head, 1 if end else beside, top, size=14, colour=MUTED[mode()], **look)


def _words(
    fig: Figure,
    text: str,
    x: float,
    y: float,
    *,
    size: float = 12.5,
    colour: str = "",
    right: bool = False,
    shift: int = 0,
) -> None:
    fig.add_annotation(
        x=x,
        y=y,
        text=text,
        showarrow=False,
        xanchor="right" if right else "left",
        yanchor="top",
        align="right" if right else "left",
        xshift=shift,
        font={"size": size, "color": colour or INK[mode()]},
    )


def _rows(labels: Sequence[tuple[float, int]]) -> list[tuple[int, float]]:
    """Return the row and the place of each label, given by where its part begins and its length in letters.

    From the right: a label goes into the first row where it ends before what stands there already, also
    before the lines that lead past that row.
    """
    letters, taken, found = LETTERS[charts.is_narrow()], [], []
    for start, length in reversed(labels):
        wide = length / letters
        x = min(start, max(0.0, 1.0 - wide))
        row = next((i for i, end in enumerate(taken) if x + wide + GAP / letters <= end), len(taken))
        taken += [1.0 + wide + GAP / letters] * (row + 1 - len(taken))
        taken[: row + 1] = [start] * row + [x]
        found.append((row, x))
    return found[::-1]
