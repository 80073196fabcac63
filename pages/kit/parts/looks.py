"""What the pages about one company and one fund share: what they look at, and how they show it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import ClassVar, Self

from core.scenario.levers import Scenario
from pages.kit.drawing import charts, plot
from pages.kit.parts import provenance, tables
from pages.kit.visit import cached
from pages.kit.visit.cached import by_id
from pages.kit.words.catalogue import _


@dataclass(frozen=True)
class Look:
    """What is known about one company or fund, in a scenario and in today's data."""

    table: ClassVar[str]  # of a reading
    id: str
    scenario: Scenario
    now: Mapping
    before: Mapping
    here: Mapping
    base: Mapping
    labels: Sequence[str]
    colour: str

    @classmethod
    def at(cls, ident: str, scenario: Scenario) -> Self:
        """Gather what is known about one of them."""
        now, before = cached.read(scenario), cached.baseline(scenario)
        here, base = (by_id(reading, cls.table)[ident] for reading in (now, before))
        labels = now["quarters"][: now["last_quarter"] + 1]
        return cls(ident, scenario, now, before, here, base, labels, charts.entity_colour(ident))

    @property
    def last(self) -> int:
        """Last quarter shown."""
        return self.now["last_quarter"]

    @property
    def year(self) -> str:
        """Last year shown."""
        return self.labels[-1][:4]

    @property
    def known_quarters(self) -> int:
        """How many quarters to shade: those that have closed, within the horizon."""
        return min(cached.known_quarters(), len(self.labels))

    def known(self, field: str) -> list[tuple[int, float]]:
        """Dots of a line: what has been reported since, up to the horizon; often nothing."""
        return [point for point in cached.actuals(self.id, field) if point[0] <= self.last]

    def guided(self, field: str) -> list[tuple[int, float, float]]:
        """Upright bars at a line: what the company itself expects, from low to high; often nothing."""
        return [span for span in cached.guided(self.id, field) if span[0] <= self.last]

    def caption(self, text: str, *fields: str) -> str:
        """Write what a chart shows, and what its dots and upright lines are, where these fields have any."""
        marks = {_("dots: reported since"): self.known, _("upright lines: guidance"): self.guided}
        return " · ".join((text, *(told for told, points in marks.items() if any(map(points, fields)))))

    def of(self, make: Callable[[Self], object]) -> Callable[[Scenario], object]:
        """Return what is made from a look as a function of the scenario."""
        return lambda scenario: make(self.at(self.id, scenario))


def today() -> str:
    """Return what the baseline is called."""
    return _("today's data")


def show(
    look: Look,
    figure: Callable,
    columns: Mapping[str, Sequence],
    *,
    key: str,
    receipt: Callable[[], None] | None = None,
    of: str = "",
    **told: object,
) -> None:
    """Draw a chart, and offer its figures as a table, perhaps with a receipt; no columns, no table.

    `of` is what the table is called where the chart has no title of its own. The chart is made from a look,
    and so are those of its words that depend on the scenario.
    """
    words = {name: look.of(text) if callable(text) else text for name, text in told.items()}
    charts.show(look.of(figure), key=key, **words)
    if columns:
        tables.behind(columns, key=key, of=of or str(told["title"]), receipt=receipt)


def beside(paths: Iterable[tuple[str, Sequence, Sequence]]) -> dict[str, Sequence]:
    """Return columns for a table from names, each with a path of the scenario and one of today's data."""
    paths = list(paths)
    columns = {name: now for name, now, _before in paths}
    return columns | {f"{name}, {today()}": before for name, _now, before in paths}


def cards(look: Look, rows: Callable[[Look], Sequence[tuple]], caption: Callable, *, key: str) -> None:
    """Show some figures in a row, and offer their receipts.

    `rows` makes of a look, for each: its name, measure, quarter (or None), the figure, and today's.
    """

    def figures(look: Look) -> list[tuple[str, str, str]]:
        return [(name, shown, f"{today()}: {was}") for name, _measure, _at, shown, was in rows(look)]

    plot.draw_figures(look.of(figures), key=key, caption=look.of(caption))
    receipts = [(name, what, look.here, look.now, at, shown) for name, what, at, shown, _was in rows(look)]
    provenance.behind(partial(provenance.figures, *receipts), key=f"{key}_receipt")
