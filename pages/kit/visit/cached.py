"""The only cache: a web per set of edits, a reading per scenario, and what takes longer, each bounded."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import lru_cache

import streamlit as st

from core.model import engine
from core.questions import attribution, explore, frontier, monte_carlo, turns
from core.results import comparison, deals, investors, measures, narrative, picture, reading
from core.scenario.levers import Scenario, lever
from core.web import web
from pages.kit.visit import visit

TURNS = turns.Turns()  # all long runs of all visits stand in this one line


@lru_cache(maxsize=32)  # asked for hundreds of times a run: Streamlit's caches take longer to find a thing
def _web(edits: tuple[str, ...]) -> web.Web:
    pairs = (edit.rsplit(":", 1) for edit in edits)
    return web.load_web(overrides={row: float(number) for row, number in pairs})


def snapshot() -> web.Web:
    """Return the web that this visit looks at: the snapshot with the visitor's own edits, if any."""
    return _web(visit.step().edits)


def original() -> web.Web:
    """Return the snapshot as it is, without the visitor's edits."""
    return _web(())


def edit_check(known: tuple[str, ...] = ()) -> Callable[[str, float], None]:
    """Return a check that refuses an edit, as a ValueError, when the loader would beside all edits before it.

    Two edits can each be possible and impossible together: a loan may not end before it begins.
    """
    taken = {row: float(number) for row, number in (edit.rsplit(":", 1) for edit in known)}

    def check(row: str, number: float) -> None:
        web.load_web(overrides={**taken, row: number})
        taken[row] = number

    return check


def _without(scenario: Scenario, *words: str) -> Scenario:
    """A scenario with some levers put back: the key of what does not depend on where they stand."""
    return scenario.replace(**{word: lever(word).default for word in words})


# Not `cache_data`: that unpickles a copy at each call, 3 ms for a reading. Nobody changes a reading. It holds
# its run as well, up to a megabyte.
@st.cache_resource(max_entries=64, show_spinner=False)
def _read(values: tuple, edits: tuple[str, ...], _scenario: Scenario) -> reading.Reading:
    """Run a scenario, and beside it the same without the deal on the screen."""
    switch = deals.SWITCH.get(visit.extras().get("deal"), next(iter(deals.SWITCH.values())))
    both = [_scenario, _scenario.replace(**{switch: False})]
    return reading.Reading(measures.Measures(engine.run(_web(edits), both, keep=picture.KEEP)))


def read(scenario: Scenario) -> reading.Reading:
    """Return all results of a scenario, in the shape of the command line's JSON; not to be changed."""
    return _read(scenario.values, visit.step().edits, scenario)


def by_id(reading: Mapping, table: str) -> dict[str, dict]:
    """Return the rows of one table of a reading by id."""
    return {row["id"]: row for row in reading[table]}


def baseline(beside: Scenario | None = None) -> reading.Reading:
    """Return all results of today's data, seen to the same last year as a scenario."""
    base = visit.baseline(beside)
    return _read(base.values, (), base)


@st.cache_resource(max_entries=64, show_spinner=False)  # asked twice a run; nobody changes them
def _strips(values: tuple, edits: tuple[str, ...], _scenario: Scenario) -> tuple[explore.Strip, ...]:
    return explore.strips(_web(edits), _scenario)


def strips(scenario: Scenario) -> tuple[explore.Strip, ...]:
    """Return how many named companies fail along each main lever, and where each one breaks."""
    return _strips(scenario.values, visit.step().edits, scenario)


def headline() -> tuple[narrative.Fact, ...]:
    """Return what the headline says about the scenario."""
    return narrative.headline(read(visit.scenario()), baseline(), visit.scenario())


def known_quarters() -> int:
    """Return how many quarters have closed since the snapshot: those whose revenue CoreWeave has reported."""
    reported = snapshot().tables["actuals"]["coreweave.revenue"]
    return sum(quarter in reported for quarter in read(visit.scenario())["quarters"])


@st.cache_resource(max_entries=32, show_spinner=False)
def _deal(switch: str, values: tuple, edits: tuple[str, ...], _scenario: Scenario) -> deals.Deal:
    found = _read(values, edits, _scenario).measures
    both = found if found.result.levers[switch].tolist() == [True, False] else None
    return deals.anatomy(_web(edits), _scenario, switch, both)


def deal(scenario: Scenario, switch: str) -> deals.Deal:
    """Return a deal with its switch on and off, from one run of two scenarios."""
    return _deal(switch, scenario.values, visit.step().edits, scenario)


def baseline_deal(switch: str, beside: Scenario | None = None) -> deals.Deal:
    """Return the same for today's data."""
    base = visit.baseline(beside)
    return _deal(switch, base.values, (), base)


@st.cache_data(max_entries=256, show_spinner=False)
def _gap_path(word: str, values: tuple, edits: tuple[str, ...], _scenario: Scenario) -> explore.GapPath:
    return explore.gap_path(_web(edits), _scenario, word)


def gap_path(scenario: Scenario, word: str) -> explore.GapPath:
    """Return the funding gap along one lever; moving that lever alone finds it ready."""
    still = _without(scenario, word)
    return _gap_path(word, still.values, visit.step().edits, still)


def baseline_gap_path(word: str, beside: Scenario | None = None) -> explore.GapPath:
    """Return the same for today's data."""
    still = _without(visit.baseline(beside), word)
    return _gap_path(word, still.values, (), still)


DRAWS = 1024


@st.cache_data(max_entries=64, show_spinner=False)
def _expected(values: tuple, edits: tuple[str, ...], _scenario: Scenario) -> dict[str, tuple[float, float]]:
    found = monte_carlo.monte_carlo(
        _web(edits),
        _scenario,
        DRAWS,
        1,
        measures=(),
        paths=(),
        losses=False,
        to_horizon=True,
        executor=TURNS,
    )
    return {giver: (one.mean, one.standard_error) for giver, one in found.calls.items()}


def expected_calls(scenario: Scenario) -> dict[str, tuple[float, float]]:
    """Return each guarantor's mean call over many draws around a scenario, with its standard error."""
    return _expected(scenario.values, visit.step().edits, scenario)


@st.cache_data(max_entries=64, show_spinner=False)
def _hump(values: tuple, edits: tuple[str, ...], _scenario: Scenario) -> investors.Hump:
    return investors.hump(_web(edits), _scenario)


def hump(scenario: Scenario) -> investors.Hump:
    """Return every fund's net return along the rate lever; moving that lever alone finds it ready."""
    still = _without(scenario, "r")
    return _hump(still.values, visit.step().edits, still)


def baseline_hump(beside: Scenario | None = None) -> investors.Hump:
    """Return the same for today's data."""
    base = visit.baseline(beside)
    return _hump(base.values, (), base)


@st.cache_data(max_entries=256, show_spinner=False)
def _break_points(
    word: str, values: tuple, edits: tuple[str, ...], _scenario: Scenario
) -> dict[str, explore.BreakPoint]:
    return {point.company: point for point in explore.break_points(_web(edits), _scenario, word)}


def break_points(scenario: Scenario, word: str) -> dict[str, explore.BreakPoint]:
    """Return the exact break-points of all companies along one lever."""
    return _break_points(word, scenario.values, visit.step().edits, scenario)


def baseline_break_points(word: str) -> dict[str, explore.BreakPoint]:
    """Return the same for today's data."""
    return _break_points(word, visit.baseline().values, (), visit.baseline())


def actuals(company: str, measure: str) -> list[tuple[int, float]]:
    """Return what a company has reported since the snapshot, as (quarter index, value); often nothing."""
    found = snapshot().tables["actuals"].get(f"{company}.{measure}", {})
    quarters = read(visit.scenario())["quarters"]
    return [(quarters.index(name), float(row.value)) for name, row in found.items() if name in quarters]


@st.cache_data(max_entries=128, show_spinner=False)
def _picture(values: tuple, edits: tuple[str, ...], _scenario: Scenario) -> tuple:
    found = _read(values, edits, _scenario)
    drawn = picture.edges(found.result, merge=picture.MERGE)
    return drawn, picture.missing_rent(found.result, found)


def web_picture(scenario: Scenario) -> tuple[tuple[picture.Edge, ...], dict[str, picture.Missing]]:
    """Return who owes whom in every quarter, and where the rent ends up that failing tenants do not pay."""
    return _picture(scenario.values, visit.step().edits, scenario)


def baseline_picture(
    beside: Scenario | None = None,
) -> tuple[tuple[picture.Edge, ...], dict[str, picture.Missing]]:
    """Return the same for today's data."""
    base = visit.baseline(beside)
    return _picture(base.values, (), base)


@st.cache_data(max_entries=64, show_spinner=False)
def _plane(
    companies: tuple[str, ...], x: str, y: str, values: tuple, edits: tuple[str, ...], _scenario: Scenario
) -> tuple[frontier.FrontierMap, tuple[tuple[explore.Crossing, ...], ...]]:
    web = _web(edits)
    plane = frontier.frontiers(web, _scenario, companies, x, y, executor=TURNS)
    # a quarter, half and three quarters of the way: grid points, so that a year stays a year
    at = [float(plane.x_values[(len(plane.x_values) - 1) * k // 4]) for k in (1, 2, 3)]
    return plane, explore.crossings(web, _scenario, companies, x, y, at)


def plane(
    scenario: Scenario, companies: tuple[str, ...], x: str, y: str
) -> tuple[frontier.FrontierMap, tuple[tuple[explore.Crossing, ...], ...]]:
    """Return the failures over two levers with frontiers, and each frontier read off at three places.

    Moving one of the two levers finds it ready.
    """
    still = _without(scenario, x, y)
    return _plane(companies, x, y, still.values, visit.step().edits, still)


@st.cache_data(max_entries=128, show_spinner=False)
def _tornado(
    measure: str, values: tuple, edits: tuple[str, ...], _scenario: Scenario
) -> tuple[attribution.TornadoRow, ...]:
    return attribution.tornado(_web(edits), _scenario, measure)


def tornado(scenario: Scenario, measure: str) -> tuple[attribution.TornadoRow, ...]:
    """Return what each lever alone does to a measure, widest first."""
    return _tornado(measure, scenario.values, visit.step().edits, scenario)


@st.cache_data(max_entries=128, show_spinner=False)
def _reverse(
    company: str, values: tuple, edits: tuple[str, ...], _scenario: Scenario
) -> frontier.ReverseStress:
    return frontier.reverse_stress(_web(edits), _scenario, company, executor=TURNS)


def reverse_stress(scenario: Scenario, company: str) -> frontier.ReverseStress:
    """Return the least unusual scenario that breaks or saves a company."""
    return _reverse(company, scenario.values, visit.step().edits, scenario)


def compare(a: Scenario, b: Scenario) -> tuple[comparison.Pair, ...]:
    """Return all headline figures of two scenarios side by side."""
    edits = visit.step().edits
    return comparison.side_by_side(*(_read(one.values, edits, one).measures for one in (a, b)))


@st.cache_data(max_entries=128, show_spinner=False)
def _attribute(
    measure: str, a: tuple, b: tuple, edits: tuple[str, ...], _a: Scenario, _b: Scenario
) -> attribution.Attribution | None:
    try:
        return attribution.attribute(_web(edits), _a, _b, measure)
    except ValueError:  # the measure is not defined in one of the two: there is no change to split
        return None


def attribute(a: Scenario, b: Scenario, measure: str) -> attribution.Attribution | None:
    """Return the change of a measure from A to B by lever; None if it has no value in one of them."""
    return _attribute(measure, a.values, b.values, visit.step().edits, a, b)
