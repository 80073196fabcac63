"""What one snapshot changes against another, in one scenario, split over groups of their numbers.

Both know a debt, a plan, a price: such numbers can be taken from either. What only one of them knows, and
what holds the rest together (date, quarters, companies, words), changes in one piece, the `REST`. Each part
is a Shapley value, as in `core.questions.attribution`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

import numpy as np

from core.layout.compile import compile_layout
from core.questions.assumptions import wholes
from core.questions.attribution import Attribution, split_over
from core.questions.batches import measure_values
from core.results.measures import all_measures
from core.scenario.levers import CALENDAR, Scenario, Value, columns_from, levers
from core.web.calendar import QUARTERS_PER_YEAR, Calendar
from core.web.refusal import DataError
from core.web.snapshot import Row
from core.web.web import DATA, Web, load_web

REST, LEVERS = "rest", "levers"
QUARTER = ".failed_quarter"
Numbers = Mapping[str, float]


@lru_cache(maxsize=1)
def _declared() -> dict:
    return tomllib.loads((DATA / "groups.toml").read_text(encoding="utf-8"))


def groups() -> tuple[str, ...]:
    """The groups of numbers, as declared in ``core/data/groups.toml``, and last what is in none.

    Examples
    --------
    >>> groups()
    ('debt', 'plans', 'prices', 'promises', 'market', 'rest')
    """
    return (*_declared()["order"], REST)


def group_of(row: Row) -> str | None:
    """The group of a row; None for a word, and for what was reported since, which moves no figure.

    Parameters
    ----------
    row : Row
        Of any snapshot.
    """
    if isinstance(row.raw, str) or row.table not in _declared()["tables"]:
        return None
    return _declared()["items"].get(f"{row.table}.{row.item}", _declared()["tables"][row.table])


def changed(a: Web, b: Web) -> dict[str, tuple[str, ...]]:
    """The numbers that both snapshots know and that are not the same, by group; only groups with any.

    Parameters
    ----------
    a, b : Web
        Two snapshots, with any edits.

    Returns
    -------
    dict of str to tuple of str
        Row ids. A quarter is the same when it is the same of a calendar, a plan for the rest of a year when
        it goes on at the same pace.
    """
    return {group: tuple(rows) for group, rows in _differing(a, b).items()}


def attribute_data(
    a: Web,
    b: Web,
    scenario: Scenario,
    measure: str,
    *,
    then: Scenario | None = None,
    calendar: Calendar | None = None,
) -> Attribution:
    """Split the change of a measure from one snapshot to another over the groups that differ.

    Parameters
    ----------
    a, b : Web
        From and to, with any edits.
    scenario : Scenario
        The same on both.
    measure : str
        See `core.results.measures.Measures.value`.
    then : Scenario, optional
        Another scenario to end with: what it does on the numbers of ``b`` is the part `LEVERS`. A lever that
        stands on either side as the snapshot there has it is a number like any other: it goes with its row.
    calendar : Calendar, optional
        On which quarters of failure are counted; that of ``b`` if not given.

    Returns
    -------
    Attribution
        Parts by group, `REST` among them. A mixture that no snapshot could be, as when a loan would end
        before it begins, counts as undefined.

    Raises
    ------
    ValueError
        For a measure that is unknown or not defined in one of the two.
    """
    for web, other in ((a, b), (b, a)):
        if measure in _measures(other) and measure not in _measures(web):
            raise ValueError(f"the data of {web.snapshot} do not know {measure}, so its change has no parts")
    moved, counted = _differing(a, b), calendar or b.calendar
    players = (*moved, REST)
    rest = 1 << len(moved)
    going = _going_along(a, b, scenario, then, (*moved.values(), (CALENDAR,))) if then else {}

    def _at(mask: int) -> float:  # bit i is set where players[i] is as in b
        base, theirs = (b, 0) if mask & rest else (a, 1)
        taken = [rows for i, rows in enumerate(moved.values()) if bool(mask >> i & 1) != bool(mask & rest)]
        numbers = {row: pair[theirs] for rows in taken for row, pair in rows.items()}
        stand = {word: ends[mask >> i & 1] for word, (i, ends) in going.items()}
        return _value(base, numbers, scenario.replace(**stand), measure, counted)

    found = split_over(measure, players, [_at(mask) for mask in range(2 ** len(players))])
    if then is None or {*then.differs_from(scenario)} <= {*going}:
        return found
    end = _value(b, {}, then, measure, counted)
    if not np.isfinite(end):
        raise ValueError(f"{measure} is not defined in the second scenario, so its change has no parts")
    return replace(
        found,
        end=end,
        difference=end - found.start,
        parts={**found.parts, LEVERS: end - found.end},
        standard_errors={**found.standard_errors, LEVERS: 0.0},
        evaluations=found.evaluations + 1,
    )


def _going_along(
    a: Web, b: Web, scenario: Scenario, then: Scenario, groups: Sequence[Collection[str]]
) -> dict[str, tuple[int, tuple[Value, Value]]]:
    """By lever that goes with the numbers: the place of its group, and where it stands in `a` and in `b`."""
    found = {}
    for i, rows in enumerate(groups):
        for one in levers():
            ends = scenario[one.id], then[one.id]
            if one.source in rows and ends == tuple(Scenario.default(web)[one.id] for web in (a, b)):
                found[one.id] = i, ends
    return found


def _measures(web: Web) -> tuple[str, ...]:
    return all_measures(compile_layout(web))


def _value(base: Web, numbers: Numbers, scenario: Scenario, measure: str, calendar: Calendar) -> float:
    """A measure of a snapshot with some numbers of another; nan for what no snapshot could be."""
    try:
        web = load_web(base.snapshot, {**base.overrides, **numbers}, base.root) if numbers else base
    except DataError:
        return np.nan
    later = calendar.lead(web.calendar) if measure.endswith(QUARTER) else 0
    return float(measure_values(web, columns_from(scenario), measure)[0]) + later


def _differing(a: Web, b: Web) -> dict[str, dict[str, tuple[float, float]]]:
    """By group and row what both know and state otherwise: as ``b`` would write that of ``a``, and back."""
    theirs = {(row.table, row.id): row for row in b.rows()}
    shares_a, shares_b = wholes(a), wholes(b)  # those of a whole change together, or add up to another one
    found: dict[str, dict[str, tuple[float, float]]] = {group: {} for group in groups()}
    for row in a.rows():
        other, group = theirs.get((row.table, row.id)), group_of(row)
        if group is None or other is None or isinstance(other.raw, str) or other.unit != row.unit:
            continue
        if set(shares_a.get(row.id, ())) != set(shares_b.get(row.id, ())):
            continue
        pair = _written(row, a, b), _written(other, b, a)
        # What has begun for both began, for the later one, with its first quarter: one way is enough.
        if not np.isclose(pair, (float(other.raw), float(row.raw))).any():
            found[group][row.id] = pair
    return {group: rows for group, rows in found.items() if rows}


def _written(row: Row, of: Web, for_whom: Web) -> float:
    """A number of one snapshot as another would write it: its calendar may begin elsewhere."""
    number, one, other = float(row.raw), of.calendar, for_whom.calendar
    if row.unit == "quarter":
        return max(number + other.lead(one), 0.0)
    if row.table == "plans" and row.id.endswith(f".y{max(one.first_year, other.first_year)}"):
        return number * _left(other, row.id) / _left(one, row.id)
    return number


def _left(calendar: Calendar, plan: str) -> float:
    """How much of the year of a plan is still to come."""
    return 1.0 - calendar.begun / QUARTERS_PER_YEAR if plan.endswith(f".y{calendar.first_year}") else 1.0
