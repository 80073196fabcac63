"""The model's own odds with a date on them, so that they can be scored when the date has come.

They are said from today's data, each lever straying as declared (`core.questions.monte_carlo`), always with
the same draws. What a version of the model said is kept in `core/data/odds/<version>.json` and never changed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import lru_cache

from core.layout.compile import compile_layout
from core.model.result import last_quarters
from core.questions.monte_carlo import Failure, monte_carlo
from core.results.narrative import COUNTED
from core.scenario.levers import Scenario, columns
from core.scenario.link import MODEL_VERSION
from core.web.calendar import Calendar
from core.web.web import DATA, OPERATORS, Web

DRAWS, SEED = 1024, 1
DIGITS = 6  # of what is said: the rest is rounding of the machine


@dataclass(frozen=True)
class Odds:
    """How likely a company is to have failed by a day, as said on the day of the data.

    Attributes
    ----------
    company : str
        Id of a neocloud, lab or operator.
    by : str
        Last day of a year, in ISO form.
    probability, standard_error : float
        Share of the draws, and its error from independent scrambles.
    """

    company: str
    by: str
    probability: float
    standard_error: float


def named(web: Web) -> tuple[str, ...]:
    """Ids of the companies that are watched for failure in a snapshot: neoclouds, labs, operators.

    Parameters
    ----------
    web : Web
        A loaded snapshot.

    Examples
    --------
    >>> from core.web.web import load_web
    >>> "oracle" in named(load_web("2025-12-31")), "oracle" in named(load_web("2026-06-30"))
    (False, True)
    """
    layout = compile_layout(web)
    known = {*layout.companies, *layout.tenants} - set(OPERATORS) | set(layout.operators)
    return tuple(one for one in COUNTED if one in known)


def failures(web: Web, scenario: Scenario, draws: int = DRAWS, seed: int = SEED) -> dict[str, Failure]:
    """How likely each named company is to fail by each quarter up to the horizon, around a scenario.

    Parameters
    ----------
    web : Web
        A loaded snapshot.
    scenario : Scenario
        The levers around which is drawn.
    draws, seed : int
        As for `core.questions.monte_carlo.monte_carlo`.
    """
    what: Mapping = {"measures": (), "paths": (), "losses": False, "calls": False, "to_horizon": True}
    found = monte_carlo(web, scenario, draws, seed, **what).failures
    return {who: found[who] for who in named(web)}


def dated(web: Web, scenario: Scenario, found: Mapping[str, Failure]) -> tuple[Odds, ...]:
    """Odds by the end of each year up to the horizon, by company.

    Parameters
    ----------
    web : Web
        A loaded snapshot.
    scenario : Scenario
        Its horizon counts.
    found : mapping of company to Failure
        As `failures` returns them.
    """
    layout = compile_layout(web)
    last = int(last_quarters(layout, columns([scenario]))[0])
    return tuple(
        Odds(who, f"{year}-12-31", *(round(float(part[end]), DIGITS) for part in parts))
        for who, one in found.items()
        for parts in [(one.by_quarter, one.by_quarter_error)]
        for year, end in zip(web.calendar.years, web.calendar.year_ends, strict=True)
        if end <= last
    )


def as_dict(web: Web, draws: int = DRAWS, seed: int = SEED) -> dict:
    """The odds that the model says today of a snapshot, ready for JSON.

    Parameters
    ----------
    web : Web
        A loaded snapshot; drawn is around its base case.
    draws, seed : int
        As for `failures`.
    """
    scenario = Scenario.default(web)
    rows = dated(web, scenario, failures(web, scenario, draws, seed))
    return {"model": MODEL_VERSION, "data": web.snapshot, "rows": [asdict(row) for row in rows]}


def yearly(found: Mapping[str, Failure], calendar: Calendar, last: int) -> dict[int, float]:
    """Share of the companies alive at the start of a year that are expected to fail in it, by year.

    It is to all named companies what the default rate of a year is to bonds, but counts heads, not dollars:
    the failures expected in a year over the companies expected to have come so far.

    Parameters
    ----------
    found : mapping of company to Failure
        As `failures` returns them.
    calendar : Calendar
        Of the snapshot.
    last : int
        Last quarter that counts; a year that ends after it is left out.

    Examples
    --------
    >>> import numpy as np
    >>> from core.web.web import load_web
    >>> calendar = load_web("2025-12-31").calendar
    >>> by = np.repeat([0.0, 0.5, 0.75], 4)
    >>> one = Failure(0.75, 0.0, by, by)
    >>> yearly({"a": one, "b": one}, calendar, 11)
    {2026: 0.0, 2027: 0.5, 2028: 0.5}
    """
    rates, before = {}, dict.fromkeys(found, 0.0)
    for year, end in zip(calendar.years, calendar.year_ends, strict=True):
        if end > last:
            break
        by = {who: float(one.by_quarter[end]) for who, one in found.items()}
        alive = sum(1.0 - share for share in before.values())
        rates[year] = sum(by[who] - before[who] for who in found) / alive if alive else 0.0
        before = by
    return rates


@lru_cache(maxsize=1)
def kept() -> Mapping[str, dict]:
    """What each version of the model said, by version, the oldest first.

    Examples
    --------
    >>> MODEL_VERSION in kept()
    True
    """
    files = sorted((DATA / "odds").glob("*.json"))
    return {path.stem: json.loads(path.read_text(encoding="utf-8")) for path in files}
