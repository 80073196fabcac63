"""What the model says of quarters that have passed since, beside what was reported. Nothing is fitted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.web.snapshot import Row
from core.web.web import Web

FLOWS = ("revenue", "interest", "operating_profit", "capex")
STOCKS = ("debt", "cash")


@dataclass(frozen=True)
class Outcome:
    """One figure that was reported after the snapshot: whose, which, when, what it was, what was computed.

    ``computed`` and ``scenario`` are USD bn on today's data and in the scenario; None after a failure.
    """

    entity: str
    measure: str
    quarter: str
    row: Row
    computed: float | None
    scenario: float | None

    @property
    def miss(self) -> float | None:
        """What was computed over what was reported, less one; None where one of them says nothing.

        >>> row = type("Row", (), {"value": 2.0})
        >>> Outcome("a", "revenue", "2026Q1", row, computed=2.5, scenario=1.0).miss
        0.25
        """
        reported = float(self.row.value)
        return None if self.computed is None or reported <= 0 else self.computed / reported - 1.0


def outcomes(web: Web, baseline: Mapping, scenario: Mapping) -> tuple[Outcome, ...]:
    """Every reported quarter or year of a company that the model computes too, in the data's order.

    Parameters
    ----------
    web : Web
        Actuals stand in its table of that name.
    baseline, scenario : mapping
        Readings on today's data and of the scenario, as `core.results.reading.read` gives them.

    Returns
    -------
    tuple of Outcome
        Guidance for a year is compared with the sum of its four quarters; stocks with the end of the quarter.
    """
    found = []
    for subject, items in web.tables["actuals"].items():
        entity, _, measure = subject.partition(".")
        if measure not in (*FLOWS, *STOCKS):
            continue
        for quarter, row in items.items():
            figures = [_figure(reading, entity, measure, quarter) for reading in (baseline, scenario)]
            if figures[0] is not None:
                found.append(Outcome(entity, measure, quarter, row, *figures))
    return tuple(found)


def _figure(reading: Mapping, entity: str, measure: str, quarter: str) -> float | None:
    """A company's figure for a quarter or a whole year; None where it is not computed."""
    path = next((company[measure] for company in reading["companies"] if company["id"] == entity), None)
    places = [i for i, label in enumerate(reading["quarters"]) if label.startswith(quarter)]
    if path is None or not places or any(path[i] is None for i in places):
        return None
    return float(sum(path[i] for i in places)) if measure in FLOWS else float(path[places[-1]])
