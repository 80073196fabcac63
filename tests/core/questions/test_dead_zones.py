"""No lever is dead: moved alone over its likely range, nearly each changes a figure that is read first."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pytest

from core.model.engine import run
from core.questions.attribution import LIKELY
from core.questions.distributions import distributions
from core.results.headline_then import headline_figures
from core.results.measures import Measures
from core.results.reading import Reading
from core.scenario.levers import Scenario, lever
from core.scenario.link import parse
from core.web.web import load_web

LEVERS = ("g", "r", "u", "b", "d", "e", "s", "f", "v", "nb", "fl", "mr")
STRESSED = "g=-15&u=60&r=7"
# Digits that pages show: net return 0.1 %, what is called USD 0.1 bn, debt service 0.01; quarters are words.
DIGITS = {"net": 3, "called": 1, "dscr": 2}


@dataclass(frozen=True)
class Move:
    """One lever at one value, and the figures that are not as before: name, before, now."""

    lever: str
    value: object
    changed: tuple[tuple[str, object, object], ...]


def shown(reading, failed: int) -> dict[str, object]:
    """Headline figures as a page rounds them, and how many companies have failed."""
    figures = {"failed_count": failed}
    for name, figure in headline_figures(reading).items():
        places = DIGITS.get(name.partition(".")[0])
        figures[name] = figure if places is None or figure is None else round(float(figure), places)
    return figures


def settings(one: str, web, start: Scenario) -> list:
    """Values of a lever over its likely range, as a tornado takes them: both ends, or all options."""
    found = lever(one)
    if found.options:
        return list(found.options)
    likely = distributions(web, start)[one].quantile(np.array(LIKELY))
    return [found.clamp(value) for value in likely.tolist()]


@lru_cache(maxsize=2)
def table(asked: str) -> tuple[Move, ...]:
    """Every move of every lever alone from a scenario, in one run."""
    web = load_web()
    start = parse(asked).scenario
    tried = [(one, value) for one in LEVERS for value in settings(one, web, start)]
    result = run(web, [start, *(start.replace(**{one: value}) for one, value in tried)])
    measures = Measures(result)
    before, *after = (shown(Reading(measures, i), int(result.failed_count[i])) for i in range(result.n))
    return tuple(
        Move(one, value, tuple((name, before.get(name), now.get(name)) for name in sorted({*before, *now})
                               if before.get(name) != now.get(name)))
        for (one, value), now in zip(tried, after, strict=True)
    )  # fmt: skip


def written(asked: str) -> str:
    """The table as text: a line for each move."""
    lines = [f"from {asked or 'base'}:"]
    for move in table(asked):
        told = "; ".join(f"{name} {then} -> {now}" for name, then, now in move.changed) or "nothing"
        value = f"{move.value:.4g}" if isinstance(move.value, float) else str(move.value)
        lines.append(f"  {move.lever:>2} = {value:<8} {told}")
    return "\n".join(lines)


def alive(asked: str) -> set[str]:
    """Levers of which some move changes some figure."""
    return {move.lever for move in table(asked) if move.changed}


def test_from_base_at_least_ten_of_twelve_levers_change_what_is_read_first():
    print(written(""))
    assert len(LEVERS) == len(set(LEVERS)) == 12
    assert len(alive("")) >= 10
    assert alive("") >= {"d", "e", "u", "v"}


def test_from_the_stressed_world_every_lever_does():
    print(written(STRESSED))
    assert alive(STRESSED) == set(LEVERS)


@pytest.mark.parametrize("asked", ["", STRESSED], ids=["base", "stressed"])
def test_the_table_is_about_moves_that_are_some_and_likely(asked):
    """Each lever is tried at both ends or all options, inside its limits; no move, no change."""
    start = parse(asked).scenario
    tried = {one: [move for move in table(asked) if move.lever == one] for one in LEVERS}
    assert set(tried) == set(LEVERS)
    for one, moves in tried.items():
        values = [move.value for move in moves]
        assert len(set(values)) == len(values) >= 2
        assert any(value != start[one] for value in values)
        for move in moves:
            if move.value == start[one]:
                assert move.changed == (), move
            elif not lever(one).options:
                assert lever(one).low <= move.value <= lever(one).high
