"""Pictures with several series: stacked parts, named curves, small multiples, a bridge, bars in pairs.

Arrays in, Plotly figure out; colours and finish come from `charts`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pages.kit.drawing import charts
from pages.kit.drawing.charts import ALARM, INK, MUTED, PALE, PAPER, SHADE, mode
from pages.kit.drawing.plot import Figure

GUIDED = 4  # pixels: how wide a bar of guidance is
GAP = {"light": "rgba(194,65,12,0.14)", "dark": "rgba(240,128,78,0.20)"}

Values = Sequence[float | None]
Write = Callable[[float | None], str]


@dataclass(frozen=True)
class Part:
    """One layer of a stack, or one named line: name in the reader's language, values, today's data."""

    name: str
    values: Values
    colour: str
    baseline: Values = ()
    width: float = 2.4


@dataclass(frozen=True)
class Panel:
    """One of several small charts: title, scenario, today's data, named thresholds, how far it reaches.

    `known` are actuals as (place, value), drawn as dots.
    """

    title: str
    scenario: Values
    baseline: Values
    write: Write
    thresholds: Sequence[tuple[float, str]] = ()
    suffix: str = ""
    ceiling: float | None = None
    known: Sequence[tuple[int, float]] = ()


@dataclass(frozen=True)
class Mark:
    """A point with words beside it."""

    x: float
    y: float
    words: str
    colour: str
    anchor: str = "left"
    hollow: bool = False
    above: bool = True


@dataclass(frozen=True)
class Guided:
    """What a company expects of a quarter: a place, from low to high."""

    x: float
    low: float
    high: float
    colour: str


class Sketch(Figure):
    """A figure with the words, lines and shades that these pictures have in common."""

    def note(self, x: float, y: float, text: str, colour: str, size: int = 12, **more: object) -> None:
        """Add words at a place."""
        font = {"color": colour, "size": size}
        self.add_annotation(**{"x": x, "y": y, "text": text, "showarrow": False, "font": font} | more)

    def line(
        self, x: tuple, y: tuple, colour: str, width: float = 1, dash: str = "solid", **more: object
    ) -> None:
        """Add a straight line between two points."""
        style = {"color": colour, "width": width, "dash": dash}
        self.add_shape(type="line", x0=x[0], x1=x[1], y0=y[0], y1=y[1], line=style, **more)

    def shade(self, until: float, start: float = -0.6, axis: str = "") -> None:
        """Shade the quarters that have closed since the snapshot."""
        look = {"fillcolor": SHADE[mode()], "line": {"width": 0}, "layer": "below"}
        self.add_vrect(start, until, xref=f"x{axis}", yref=f"y{axis} domain", **look)

    def finish(self, height: int, margin: dict | None = None) -> Figure:
        """Return the figure in the house look."""
        charts.finish(self, height)
        return self.update_layout(margin=margin) if margin else self


def key(parts: Sequence[Part]) -> str:
    """Name the layers of a picture in their colours, as a line of markdown; empty layers are left out."""
    shown = {part.name: part.colour for part in parts if any(part.values)}
    return " · ".join(f':color[■]{{foreground="{colour}"}} {name}' for name, colour in shown.items())


def tint(colour: str, share: float) -> str:
    """Return a colour mixed with the paper: 1 is the colour itself, 0 the paper."""
    paper = PAPER[mode()]
    pairs = ((int(colour[i : i + 2], 16), int(paper[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(share * own + (1 - share) * back):02x}" for own, back in pairs)


def quarter_name(label: str) -> str:
    """Write "2029Q3" for a hover as "2029 Q3"; a year stays a year."""
    return f"{label[:4]} Q{label[-1]}" if len(label) > 4 else label


def _year_axis(labels: Sequence[str], *, short: bool = False, every: int = 1) -> dict:
    """Put a year under each first quarter; a plain year stands for itself."""
    ticks = [i for i, label in enumerate(labels) if len(label) == 4 or label.endswith("Q1")][::every]
    text = [f"’{labels[i][2:4]}" if short else labels[i][:4] for i in ticks]
    return {"tickvals": ticks, "ticktext": text, "range": [-0.6, len(labels) - 0.4]}


def _line(
    x: Sequence, y: Values, colour: str, width: float, hover: list, text: str, dash: str = "solid"
) -> dict:
    style = {"color": colour, "width": width, "dash": dash}
    trace = {"type": "scatter", "mode": "lines", "x": list(x), "y": list(y), "line": style}
    return trace | {"customdata": hover, "hovertemplate": text + "<extra></extra>"}


def _dots(x: Sequence, y: Values, colour: str, size: int = 7, edge: str | None = None) -> dict:
    marker = {"color": colour, "size": size, "line": {"color": edge or PAPER[mode()], "width": 1}}
    trace = {"type": "scatter", "mode": "markers", "x": list(x), "y": list(y), "marker": marker}
    return trace | {"hoverinfo": "skip", "cliponaxis": False}


def _upright(span: Guided) -> dict:
    """What is expected, as an upright bar beside the dots of what was reported."""
    style = {"color": span.colour, "width": GUIDED}
    trace = {"type": "scatter", "mode": "lines", "x": [span.x, span.x], "y": [span.low, span.high]}
    return trace | {"line": style, "hoverinfo": "skip", "cliponaxis": False}


def stacked(
    labels: Sequence[str],
    parts: Sequence[Part],
    baseline: Values,
    *,
    write: Write,
    baseline_name: str,
    end: tuple[int, str] | None = None,
    known: Sequence[tuple[int, float]] = (),
    guided: Sequence[Guided] = (),
    known_quarters: int = 0,
    pale_from: int | None = None,
    height: int = 250,
) -> Figure:
    """Draw parts on top of each other for each label, with the total of today's data as a dashed line.

    `end` is where the scenario stops and the words there, `known` are actuals as (place, value),
    `guided` is what is expected, `pale_from` is the first bar beyond the horizon.
    """
    names, x = [quarter_name(label) for label in labels], list(range(len(labels)))
    opacity = [1.0 if pale_from is None or i < pale_from else 0.45 for i in x]
    sketch = Sketch(layout={"barmode": "stack", "bargap": 0.12})
    for part in parts:
        if any(part.values):
            edge = {"width": 0.5, "color": PAPER[mode()]}
            bar = {"type": "bar", "x": x, "y": [value or 0.0 for value in part.values]}
            style = {"marker": {"color": part.colour, "opacity": opacity, "line": edge}}
            text = "%{customdata[0]} · " + part.name + ": <b>%{customdata[1]}</b><extra></extra>"
            hover = list(zip(names, map(write, part.values), strict=True))
            sketch.data.append(bar | style | {"customdata": hover, "hovertemplate": text})
    if any(baseline):
        hover = list(zip(names, map(write, baseline), strict=True))
        text = "%{customdata[0]} · " + baseline_name + ": %{customdata[1]}"
        sketch.data.append(_line(x, baseline, INK[mode()], 1.4, hover, text, "dash"))
    if known_quarters:
        sketch.shade(known_quarters - 0.5)
    if known:
        sketch.data.append(_dots(*zip(*known, strict=True), INK[mode()]))
    sketch.data += map(_upright, guided)
    totals = [sum(part.values[i] or 0.0 for part in parts) for i in x]
    seen = [*(value or 0.0 for value in baseline), *(value for _i, value in known), *(s.high for s in guided)]
    top = max([*totals, *seen, 1e-9])
    if end:
        right = end[0] > 0.5 * len(x)
        place = {"xanchor": "right" if right else "left", "yanchor": "bottom", "yshift": 2}
        under = (
            totals[max(0, end[0] - len(x) // 2) : end[0] + 1]
            if right
            else totals[end[0] : end[0] + len(x) // 2]
        )
        sketch.note(end[0], max(under), f"<b>{end[1]}</b>", ALARM[mode()], 13, **place)
    room = not end or end[0] < 0.5 * len(x)
    if room and any(baseline) and abs((baseline[-1] or 0.0) - totals[-1]) > 0.04 * top:
        sketch.note(
            x[-1], baseline[-1] or 0.0, baseline_name, MUTED[mode()], xanchor="right", yanchor="bottom"
        )
    sketch.layout["yaxis"] = {"range": [min(0.0, *totals), top * 1.14]}
    sketch.layout["xaxis"] = _year_axis(labels)
    return sketch.finish(height)


def curves(
    x: Sequence[float],
    parts: Sequence[Part],
    *,
    names: Sequence[str],
    write: Write,
    baseline_name: str,
    ticks: tuple[Sequence[float], Sequence[str]],
    marks: Sequence[Mark] = (),
    guided: Sequence[Guided] = (),
    uprights: Sequence[tuple[float, str]] = (),
    span: tuple[float, float] | None = None,
    known: tuple[float, float] | None = None,
    gap: tuple[Values, Values] | None = None,
    percent: bool = False,
    height: int = 250,
    room: int = 96,
) -> Figure:
    """Draw named lines, names at the right end, each with today's data dashed, and points with words.

    `names` say each x in words for the hover, `guided` is what is expected, `uprights` are upright lines with
    words at their foot, `span` is the range of y, `known` shades a stretch of x, `gap` colours where its
    second path lies above its first, `room` is the space for names in pixels.
    """
    sketch = Sketch()
    if gap:
        both = [(a, max(a, b)) for a, b in zip(*gap, strict=True) if a is not None and b is not None]
        for edge, fill in zip(zip(*both, strict=True), ("none", "tonexty"), strict=True):
            area = {
                "type": "scatter",
                "mode": "lines",
                "x": list(x)[: len(both)],
                "y": list(edge),
                "fill": fill,
            }
            style = {"line": {"width": 0}, "fillcolor": GAP[mode()], "hoverinfo": "skip"}
            sketch.data.append(area | style)
    ends: list[tuple[float, str, str]] = []
    for part in parts:
        if any(value is not None for value in part.baseline):
            hover = list(zip(names, map(write, part.baseline), strict=True))
            text = f"%{{customdata[0]}} · {part.name} · {baseline_name}: %{{customdata[1]}}"
            sketch.data.append(_line(x, part.baseline, part.colour, 1.2, hover, text, "dash"))
        hover = list(zip(names, map(write, part.values), strict=True))
        text = "%{customdata[0]} · " + part.name + ": <b>%{customdata[1]}</b>"
        sketch.data.append(_line(x, part.values, part.colour, part.width, hover, text))
        last = next((value for value in reversed(part.values) if value is not None), None)
        if last is not None:
            ends.append((last, part.name, part.colour))
    for mark in marks:
        fill = PAPER[mode()] if mark.hollow else mark.colour
        sketch.data.append(_dots([mark.x], [mark.y], fill, 9, mark.colour))
        place = {"xanchor": mark.anchor, "yanchor": "bottom" if mark.above else "top"}
        shift = {"yshift": 5 if mark.above else -5, "xshift": {"left": 7, "right": -7}.get(mark.anchor, 0)}
        sketch.note(mark.x, mark.y, mark.words, mark.colour, **place, **shift)
    sketch.data += map(_upright, guided)
    for value, words in uprights:
        sketch.line((value, value), (0, 1), ALARM[mode()], dash="dot", yref="paper")
        place = {"yref": "paper", "xanchor": "right", "xshift": -4, "yanchor": "bottom"}
        sketch.note(value, 0.0, words, ALARM[mode()], **place)
    if known:
        sketch.shade(known[1], known[0])
    drawn = [v for part in parts for v in (*part.values, *part.baseline) if v is not None]
    drawn += [mark.y for mark in marks] + [span.high for span in guided]
    low, high = span or (min([0.0, *drawn]), max([0.01, *drawn]))
    margin = 0.06 * (high - low)
    for place, words, colour in _spread(ends, 0.075 * (high - low) * 250 / height):
        sketch.note(1.0, place, words, colour, xref="paper", xanchor="left", xshift=5)
    sketch.layout["yaxis"] = {"range": [low - (margin if low < 0 else 0), high + 2 * margin]}
    if percent:
        sketch.layout["yaxis"]["tickformat"] = ".0%"
    reach = [min([*x, *(m.x for m in marks)]), max(x)]
    reach[0] -= 0.02 * (reach[1] - reach[0])
    sketch.layout["xaxis"] = {"tickvals": list(ticks[0]), "ticktext": list(ticks[1]), "range": reach}
    return sketch.finish(height, {"l": 0, "r": room, "t": 6, "b": 0})


def _spread(ends: Sequence[tuple[float, str, str]], gap: float) -> list[tuple[float, str, str]]:
    """Move names at the end of lines apart, so that none covers another; the order of the lines stays."""
    out: list[tuple[float, str, str]] = []
    for value, words, colour in sorted(ends):
        out.append((max(value, out[-1][0] + gap) if out else value, words, colour))
    return out


def multiples(
    labels: Sequence[str],
    panels: Sequence[Panel],
    *,
    colour: str,
    baseline_name: str,
    failed: bool = False,
    known_quarters: int = 0,
    columns: int = 2,
    row_height: int = 190,
) -> Figure:
    """Draw small charts of one company in a grid, each with its thresholds named and today's data dashed.

    A failed company's lines end in a dot.
    """
    rows = -(-len(panels) // columns)
    x, names = list(range(len(labels))), [quarter_name(label) for label in labels]
    sketch = Sketch()
    wide, tall = 1.0 / columns, 1.0 / rows
    for number, panel in enumerate(panels):
        axis = "" if number == 0 else str(number + 1)
        row, column = divmod(number, columns)
        where = {"xaxis": f"x{axis}", "yaxis": f"y{axis}"}
        hover = list(
            zip(names, map(panel.write, panel.scenario), map(panel.write, panel.baseline), strict=True)
        )
        dashed = "%{customdata[0]} · " + baseline_name + ": %{customdata[2]}"
        solid = f"%{{customdata[0]}}: <b>%{{customdata[1]}}</b> ({baseline_name}: %{{customdata[2]}})"
        sketch.data.append(_line(x, panel.baseline, MUTED[mode()], 1.4, hover, dashed, "dash") | where)
        sketch.data.append(_line(x, panel.scenario, colour, 2.4, hover, solid) | where)
        low, high = _reach(panel)
        last = [(i, min(max(v, low), high)) for i, v in enumerate(panel.scenario) if v is not None][-1:]
        if panel.known:
            sketch.data.append(_dots(*zip(*panel.known, strict=True), INK[mode()]) | where)
        if failed and last:
            sketch.data.append(_dots([last[0][0]], [last[0][1]], ALARM[mode()], 9) | where)
        if known_quarters:
            sketch.shade(known_quarters - 0.5, axis=axis)
        _thresholds(sketch, panel, high - low, axis)
        title = {"xref": f"x{axis} domain", "yref": f"y{axis} domain", "xanchor": "left", "yanchor": "bottom"}
        sketch.note(0, 1, f"<b>{panel.title}</b>", INK[mode()], 13, yshift=3, **title)
        left, top = column * wide, 1 - row * tall
        across = [left + (0.06 if column else 0.0), left + wide - (0.0 if column == columns - 1 else 0.03)]
        fixed = {"fixedrange": True, "zeroline": False, "automargin": False}
        sketch.layout[f"xaxis{axis}"] = fixed | _year_axis(labels, short=True, every=1 + (len(labels) > 20))
        sketch.layout[f"xaxis{axis}"] |= {"domain": across, "anchor": f"y{axis}", "showgrid": False}
        sketch.layout[f"yaxis{axis}"] = fixed | {
            "range": [low, high],
            "ticksuffix": panel.suffix,
            "nticks": 5,
        }
        down = [top - tall + (0.26 * tall if row < rows - 1 else 0.0), top - (0.04 * tall if row else 0.0)]
        sketch.layout[f"yaxis{axis}"] |= {"domain": down, "anchor": f"x{axis}"}
    fig = sketch.finish(rows * row_height, {"l": 30, "r": 2, "t": 24, "b": 22})
    return fig.update_layout(xaxis={"automargin": False}, yaxis={"automargin": False})


def _reach(panel: Panel) -> tuple[float, float]:
    """Lowest and highest y of a small chart: everything drawn, but not beyond its ceiling (both ways)."""
    drawn = [*panel.scenario, *panel.baseline, *(level for level, _words in panel.thresholds)]
    drawn += [value for _place, value in panel.known]
    known = [value for value in drawn if value is not None]
    high, low = max([*known, 0.1]) * 1.15, min([*known, 0.0])
    if panel.ceiling is not None:
        high, low = min(high, panel.ceiling), max(low, -panel.ceiling / 6)
    return low, high


def _thresholds(sketch: Sketch, panel: Panel, height: float, axis: str) -> None:
    """Draw named levels; the name of the lower of two close ones goes below its line."""
    levels = sorted(panel.thresholds)
    early = None in panel.scenario[: len(panel.scenario) // 2]  # it ends at the left: its words stand there
    across = {"xref": f"x{axis} domain", "yref": f"y{axis}"}
    for i, (level, words) in enumerate(levels):
        below = i + 1 < len(levels) and levels[i + 1][0] - level < 0.2 * height
        sketch.line((0, 1), (level, level), ALARM[mode()], dash="dot", **across)
        side = {"xanchor": "right", "xshift": -3} if early else {"xanchor": "left", "xshift": 3}
        side["yanchor"] = "top" if below else "bottom"
        sketch.note(int(early), level, words, ALARM[mode()], **across, **side)


def bridge(
    labels: Sequence[str],
    first: float,
    steps: Sequence[float],
    total: float,
    *,
    baseline: Sequence[float],
    write: Write,
    baseline_name: str,
    colour: str,
    height: int = 270,
) -> Figure:
    """Draw how a first value becomes a total step by step; `baseline` has today's value for each label."""
    x, last = list(range(len(labels))), len(labels) - 1
    bases, heights = [0.0], [first]
    for step in steps:
        bases.append(sum(heights))
        heights.append(step)
    bases.append(0.0)
    heights.append(total)
    lighter = tint(colour, 0.55)
    colours = [colour if i in (0, last) else lighter if heights[i] >= 0 else MUTED[mode()] for i in x]
    hover = list(zip(labels, map(write, heights), map(write, baseline), strict=True))
    text = (
        f"%{{customdata[0]}}: <b>%{{customdata[1]}}</b> ({baseline_name}: %{{customdata[2]}})<extra></extra>"
    )
    bars = {"type": "bar", "x": x, "y": heights, "base": bases, "width": 0.62}
    sketch = Sketch([bars | {"marker": {"color": colours}, "customdata": hover, "hovertemplate": text}])
    reached = [base + value for base, value in zip(bases, heights, strict=True)]
    for i in x:
        if i < last:
            sketch.line((i + 0.31, i + 0.69), (reached[i], reached[i]), MUTED[mode()])
        sign = "+" if i not in (0, last) and heights[i] > 5e-4 else ""
        top = max(bases[i], reached[i], 0.0)
        sketch.note(i, top, f"<b>{sign}{write(heights[i])}</b>", INK[mode()], 13, yanchor="bottom", yshift=2)
    sketch.line((last - 0.44, last + 0.44), (baseline[-1], baseline[-1]), INK[mode()], 1.6, "dash")
    sketch.line((-0.5, last + 0.5), (0, 0), MUTED[mode()])
    low, high = min([0.0, *bases, *reached, *baseline[-1:]]), max([*bases, *reached, *baseline[-1:], 0.01])
    words = [label.replace(" ", "<br>") for label in labels]
    sketch.layout["xaxis"] = {
        "tickvals": x,
        "ticktext": words,
        "tickangle": 0,
        "range": [-0.5, last + 0.5],
    }
    sketch.layout["yaxis"] = {"range": [low * 1.15, high * 1.18], "visible": False}
    return sketch.finish(height)


def beside(
    labels: Sequence[str],
    values: Sequence[float],
    baseline: Sequence[float],
    *,
    write: Write,
    baseline_name: str,
    colour: str,
) -> Figure:
    """Draw one bar per label with its figure, and a tick where today's data stand."""
    y = list(range(len(labels)))[::-1]
    hover = list(zip(labels, map(write, values), map(write, baseline), strict=True))
    text = (
        f"%{{customdata[0]}}: <b>%{{customdata[1]}}</b> ({baseline_name}: %{{customdata[2]}})<extra></extra>"
    )
    bars = {"type": "bar", "orientation": "h", "x": list(values), "y": y, "width": 0.5}
    sketch = Sketch([bars | {"marker": {"color": colour}, "customdata": hover, "hovertemplate": text}])
    for row, value, before in zip(y, values, baseline, strict=True):
        sketch.line((before, before), (row - 0.36, row + 0.36), INK[mode()], 1.6)
        sketch.note(max(value, before), row, f"<b>{write(value)}</b>", INK[mode()], xanchor="left", xshift=6)
    sketch.line((0, 0), (-0.6, len(labels) - 0.4), PALE[mode()])
    sketch.layout["xaxis"] = {"visible": False, "range": [0, max([*values, *baseline, 1e-6]) * 1.3]}
    rows = {"tickvals": y, "ticktext": list(labels), "range": [-0.6, len(labels) - 0.4], "showgrid": False}
    sketch.layout["yaxis"] = rows
    return sketch.finish(34 * len(labels) + 20)
