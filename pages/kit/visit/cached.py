"""The only cache of all visits: webs by date and edits, what is asked of a scenario; both are bounded."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache, partial, update_wrapper
from typing import Any

from core.layout.compile import compile_layout
from core.model import engine
from core.questions import (
    assumptions,
    attribution,
    backtest,
    between,
    explore,
    frontier,
    monte_carlo,
    odds,
    targets,
    turns,
)
from core.results import comparison, deals, investors, measures, narrative, picture, reading
from core.scenario.levers import Scenario
from core.web import web
from core.web.calendar import Calendar
from pages.kit.visit import visit

TURNS = turns.Turns()  # all long runs of all visits stand in this one line
# Answers that are kept; the largest is a reading with its run, up to a megabyte, and a move asks for a few.
KEPT = 192
SEARCHED = 128  # of those that take many runs: readings must not push them out
DRAWS = 1024


Data = tuple[tuple[str, ...], str | None]  # edits, and the date of the snapshot; None: the latest
Looked = tuple[Scenario, Data]


@lru_cache(maxsize=32)
def _web(edits: tuple[str, ...], date: str | None = None) -> web.Web:
    pairs = (edit.rsplit(":", 1) for edit in edits)
    return web.load_web(date, overrides={row: float(number) for row, number in pairs})


def data() -> Data:
    """Return which data this visit looks at, for whoever keeps an answer beside them."""
    return visit.step().edits, visit.step().snapshot


def snapshot() -> web.Web:
    """Return the web that this visit looks at: the snapshot with the visitor's own edits, if any."""
    return _web(*data())


def those(ids: Iterable[str], at: Data | None = None) -> tuple[str, ...]:
    """Return those of some companies that data know: those on the screen, if no others are named."""
    known = _web(*(at or data())).tables["entities"]
    return tuple(one for one in ids if one in known)


def operators(at: Data | None = None) -> tuple[str, ...]:
    """Return the large companies that can fail: those of which data plan a business of their own and debt."""
    plans = _web(*(at or data())).tables["plans"]
    return tuple(one for one in web.OPERATORS if f"{one}.core_ebitda" in plans)


def named(at: Data | None = None) -> tuple[str, ...]:
    """Return the companies that are watched for failure: neoclouds, labs, then operators."""
    return (*those((*web.NEOCLOUDS, *web.LABS), at), *operators(at))


def figures() -> tuple[str, ...]:
    """Return the headline figures that the data on the screen have: not all know the same companies."""
    return tuple(comparison.figures_of(compile_layout(snapshot())))


def givers() -> tuple[str, ...]:
    """Return the guarantors whose promises can be called."""
    return those(web.GUARANTORS)


def original() -> web.Web:
    """Return the snapshot as it is, without the visitor's edits."""
    return _web((), visit.step().snapshot)


def edit_check(known: tuple[str, ...] = ()) -> Callable[[str, float], None]:
    """Return a check that refuses an edit, as a ValueError, when the loader would beside all edits before it.

    Two edits can each be possible and impossible together: a loan may not end before it begins.
    """
    taken = {row: float(number) for row, number in (edit.rsplit(":", 1) for edit in known)}

    def check(row: str, number: float) -> None:
        web.load_web(visit.step().snapshot, overrides={**taken, row: number})
        taken[row] = number

    return check


# Not one of Streamlit's caches: to find a thing takes them longer, and one of them copies it. Nobody changes
# what is kept here.
@lru_cache(maxsize=KEPT)
def _kept(make: Callable, scenario: Scenario, data: Data, *more: object) -> Any:
    return make(scenario, data, *more)


_searched = lru_cache(maxsize=SEARCHED)(_kept.__wrapped__)


def forget() -> None:
    """Forget all webs and answers: for whoever looks at other data, or counts what is asked."""
    for kept in (_web, _kept, _searched):
        kept.cache_clear()


class Answer:
    """A question about a scenario whose answer is kept: ``ask(scenario)``; of today's data: ``ask.today()``.

    `still` puts back the levers that it does not depend on: moving one of them finds it ready. It is
    kept among the readings, or where searches are.
    """

    def __init__(
        self, make: Callable, still: Callable[..., Scenario] | None = None, kept: Callable = _kept
    ) -> None:
        self.make, self.kept = make, kept
        self.still = still or (lambda scenario, *_more: scenario)
        update_wrapper(self, make)

    def __call__(self, scenario: Scenario, *more: object) -> Any:
        """Answer for a scenario, with the visitor's own edits."""
        return self.of(scenario, data(), *more)

    def of(self, scenario: Scenario, data: Data, *more: object) -> Any:
        """Answer for a scenario on some data, perhaps not those on the screen."""
        return self.kept(self.make, self.still(scenario, *more), data, *more)

    def today(self, *more: object, beside: Scenario | None = None) -> Any:
        """Answer for today's data, seen to the same last year as a scenario; if not given, the page's."""
        still = self.still(visit.baseline(beside), *more)
        return self.kept(self.make, still, ((), visit.step().snapshot), *more)


def _without(scenario: Scenario, *words: str) -> Scenario:
    """A scenario with some levers put back: the key of what does not depend on where they stand."""
    today = visit.today()
    return scenario.replace(**{word: today[word] for word in words})


@Answer
def read(scenario: Scenario, data: Data) -> reading.Reading:
    """Return all results of a scenario, in the shape of the command line's JSON; not to be changed.

    Beside it runs the same without the deal on the screen.
    """
    switch = deals.SWITCH.get(visit.extras().get("deal"), next(iter(deals.SWITCH.values())))
    both = [scenario, scenario.replace(**{switch: False})]
    return reading.Reading(measures.Measures(engine.run(_web(*data), both, keep=picture.KEEP)))


def baseline(beside: Scenario | None = None) -> reading.Reading:
    """Return all results of today's data, seen to the same last year as a scenario."""
    return read.today(beside=beside)


def by_id(reading: Mapping, table: str) -> dict[str, dict]:
    """Return the rows of one table of a reading by id."""
    return {row["id"]: row for row in reading[table]}


@visit.once_a_run
def headline() -> tuple[narrative.Fact, ...]:
    """Return what the headline says about the scenario."""
    return narrative.headline(read(visit.scenario()), baseline(), visit.scenario())


def known_quarters() -> int:
    """Return how many quarters have closed since the snapshot: those whose revenue CoreWeave has reported."""
    reported = backtest.reported(snapshot(), "coreweave", "revenue")
    return sum(quarter in reported for quarter in read(visit.scenario())["quarters"])


def known_years() -> float:
    """Return how much of the years has closed since the snapshot, of which the first may be half a one."""
    return snapshot().calendar.in_years(known_quarters())


def actuals(company: str, measure: str) -> list[tuple[int, float]]:
    """Return what a company has reported since the snapshot, as (quarter index, value); often nothing."""
    found = backtest.reported(snapshot(), company, measure)
    quarters = read(visit.scenario())["quarters"]
    return [(quarters.index(name), value) for name, value in found.items() if name in quarters]


def guided(company: str, measure: str) -> list[tuple[int, float, float]]:
    """Return what a company expects of quarters of the run, as (quarter index, low, high); often nothing."""
    found = backtest.guided(snapshot(), company, measure)
    quarters = read(visit.scenario())["quarters"]
    return [(quarters.index(name), *ends) for name, ends in found.items() if name in quarters]


@Answer
def strips(scenario: Scenario, data: Data) -> tuple[explore.Strip, ...]:
    """Return how many named companies fail along each main lever, and where each one breaks."""
    return explore.strips(_web(*data), scenario)


@Answer
def deal(scenario: Scenario, data: Data, switch: str) -> deals.Deal:
    """Return a deal with its switch on and off, from one run of two scenarios."""
    found = _kept(read.make, scenario, data).measures
    both = found if found.result.levers[switch].tolist() == [True, False] else None
    return deals.anatomy(_web(*data), scenario, switch, both)


@partial(Answer, still=_without, kept=_searched)
def gap_path(scenario: Scenario, data: Data, word: str) -> explore.GapPath:
    """Return the funding gap along one lever."""
    return explore.gap_path(_web(*data), scenario, word)


@partial(Answer, kept=_searched)
def expected_calls(scenario: Scenario, data: Data) -> dict[str, tuple[float, float]]:
    """Return each guarantor's mean call over many draws around a scenario, with its standard error."""
    what = {"measures": (), "paths": (), "losses": False, "to_horizon": True}
    found = monte_carlo.monte_carlo(_web(*data), scenario, DRAWS, 1, **what, executor=TURNS)
    return {giver: (one.mean, one.standard_error) for giver, one in found.calls.items()}


@partial(Answer, kept=_searched)
def chances(scenario: Scenario, data: Data, draws: int) -> dict[str, float]:
    """Return how likely each company is to fail up to the horizon if the levers stray around a scenario."""
    return {who: one.probability for who, one in failures.of(scenario, data, draws).items()}


@partial(Answer, kept=_searched)
def failures(scenario: Scenario, data: Data, draws: int) -> dict[str, monte_carlo.Failure]:
    """Return how likely each company is to have failed by each quarter up to the horizon."""
    return odds.failures(_web(*data), scenario, draws)


def recoveries(company: str) -> dict[str, float]:
    """Return what share of its claims each class of a company's creditors gets back, mean over many draws."""
    return targets.recoveries(snapshot(), company, odds.DRAWS, odds.SEED)


@partial(Answer, still=lambda scenario: _without(scenario, "r"), kept=_searched)
def hump(scenario: Scenario, data: Data) -> investors.Hump:
    """Return every fund's net return along the rate lever."""
    return investors.hump(_web(*data), scenario)


@partial(Answer, kept=_searched)
def weights(scenario: Scenario, data: Data) -> assumptions.Weights:
    """Return what every number of the data moves, one at a time: some ten seconds, in turns with others."""
    return assumptions.weights(_web(*data), scenario, executor=TURNS)


@partial(Answer, kept=_searched)
def break_points(scenario: Scenario, data: Data, word: str) -> dict[str, explore.BreakPoint]:
    """Return the exact break-points of all companies along one lever."""
    return {point.company: point for point in explore.break_points(_web(*data), scenario, word)}


@Answer
def web_picture(
    scenario: Scenario, data: Data
) -> tuple[tuple[picture.Edge, ...], dict[str, picture.Missing]]:
    """Return who owes whom in every quarter, and where the rent ends up that failing tenants do not pay."""
    found = _kept(read.make, scenario, data)
    return picture.edges(found.result, merge=picture.MERGE), picture.missing_rent(found.result, found)


@partial(Answer, still=lambda scenario, _companies, *words: _without(scenario, *words), kept=_searched)
def plane(
    scenario: Scenario, data: Data, companies: tuple[str, ...], x: str, y: str
) -> tuple[frontier.FrontierMap, tuple[tuple[explore.Crossing, ...], ...]]:
    """Return the failures over two levers with frontiers, and each frontier read off at three places."""
    web = _web(*data)
    plane = frontier.frontiers(web, scenario, companies, x, y, executor=TURNS)
    # a quarter, half and three quarters of the way: grid points, so that a year stays a year
    at = [float(plane.x_values[(len(plane.x_values) - 1) * k // 4]) for k in (1, 2, 3)]
    return plane, explore.crossings(web, scenario, companies, x, y, at)


@partial(Answer, kept=_searched)
def tornado(scenario: Scenario, data: Data, measure: str) -> tuple[attribution.TornadoRow, ...]:
    """Return what each lever alone does to a measure, widest first."""
    return attribution.tornado(_web(*data), scenario, measure)


@partial(Answer, kept=_searched)
def reverse_stress(scenario: Scenario, data: Data, company: str) -> frontier.ReverseStress:
    """Return the least unusual scenario that breaks or saves a company."""
    return frontier.reverse_stress(_web(*data), scenario, company, executor=TURNS)


def compare(a: Looked, b: Looked) -> tuple[comparison.Pair, ...]:
    """Return all headline figures of two scenarios side by side, quarters as the data on the screen count."""
    return comparison.side_by_side(*(read.of(*one).measures for one in (a, b)), calendar=snapshot().calendar)


def attribute(a: Looked, b: Looked, measure: str) -> attribution.Attribution | None:
    """Return the change of a measure from A to B by lever, or where their data differ by group of numbers.

    None if it has no value in one of them.
    """
    (scenario, data), (other, theirs) = a, b
    if data == theirs:
        return _by_lever.of(scenario, data, other, measure)
    return _by_group.of(scenario, data, other, theirs, snapshot().calendar, measure)


@partial(Answer, kept=_searched)
def _by_lever(a: Scenario, data: Data, b: Scenario, measure: str) -> attribution.Attribution | None:
    return _split(attribution.attribute, _web(*data), a, b, measure)


@partial(Answer, kept=_searched)
def _by_group(
    a: Scenario, data: Data, b: Scenario, theirs: Data, calendar: Calendar, measure: str
) -> attribution.Attribution | None:
    webs = _web(*data), _web(*theirs)
    return _split(between.attribute_data, *webs, a, measure, then=b, calendar=calendar)


def _split(make: Callable, *given: object, **more: object) -> attribution.Attribution | None:
    try:
        return make(*given, **more)
    except ValueError:  # the measure is not defined in one of the two: there is no change to split
        return None


def changed(a: Data, b: Data) -> dict[str, tuple[str, ...]]:
    """Return the numbers that are not the same in two data, by group."""
    return between.changed(_web(*a), _web(*b))
