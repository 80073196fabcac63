"""The three charts that tell a scenario where there is no page: in the report, in a frame, for a link."""

from __future__ import annotations

from collections.abc import Mapping

from core.results import measures, narrative
from core.results.narrative import Fact
from core.scenario.levers import Scenario
from core.web.web import LABS
from pages.kit.drawing import charts
from pages.kit.drawing.plot import Figure
from pages.kit.parts import causes, neoclouds
from pages.kit.visit import cached
from pages.kit.visit.cached import by_id
from pages.kit.words import numbers, spans, words
from pages.kit.words.catalogue import _

FUNDS = ("infra_credit", "pimco", "blackstone", "apollo", "blue_owl", "kkr")
INVESTORS = ("pensions", "insurers")


def cover_figure(scenario: Scenario) -> Figure:
    """Draw whether CoreWeave can pay its interest, per quarter."""
    return causes.cover_figure(neoclouds.look("coreweave", scenario))


def cover_caption(scenario: Scenario) -> str:
    """Say what is drawn, and what its dots are where there are any."""
    look = neoclouds.look("coreweave", scenario)
    return look.caption(_("EBITDA for each dollar of interest, CoreWeave"), "interest_coverage")


def standing(now: Mapping) -> list[tuple[str, Fact, Mapping | None]]:
    """Return how each company that is watched stands: its id, its status, and what went wrong first there."""
    companies, tenants = by_id(now, "companies"), by_id(now, "tenants")
    return [
        (key, narrative.tenant_status(tenants[key], now), None)
        if key in LABS
        else (key, narrative.status(companies[key], now), companies[key]["first_breach"])
        for key in cached.named()
    ]


def returns(scenario: Scenario) -> tuple[list[float | None], list[float | None]]:
    """Return each fund's net return a year, in a scenario and with today's data."""
    funds, base = (by_id(one, "funds") for one in (cached.read(scenario), cached.baseline(scenario)))
    return [funds[key]["net_irr"] for key in FUNDS], [base[key]["net_irr"] for key in FUNDS]


def returns_figure(scenario: Scenario) -> Figure:
    """Draw what the lenders earn, fund by fund."""
    names = [words.fund(key) for key in FUNDS]
    return charts.dumbbell(names, *returns(scenario), write=numbers.percent, baseline_name=_("today's data"))


def returns_caption(scenario: Scenario) -> str:
    """Say what the returns are, and to when."""
    return _("Net return a year to {year} · ring: today's data").format(year=scenario["h"])


def called(scenario: Scenario) -> tuple[list[float], list[float], list[float]]:
    """Return what each guarantor is called to the horizon and to the end, and what it promised."""
    now = cached.read(scenario)
    givers = [by_id(now, "guarantors")[key] for key in cached.givers()]
    to_horizon = [measures.called(giver, now["last_quarter"]) for giver in givers]
    return to_horizon, [measures.called(giver) for giver in givers], [giver["promised"] for giver in givers]


def called_figure(scenario: Scenario) -> Figure:
    """Draw what the guarantors owe."""
    givers, (to_horizon, later, promised) = cached.givers(), called(scenario)
    return charts.bullets(
        [words.giver(key) for key in givers],
        to_horizon,
        later,
        promised,
        words=[words.called_of(*pair) for pair in zip(to_horizon, promised, strict=True)],
        hover=[words.called_hover(*row) for row in zip(givers, to_horizon, later, promised, strict=True)],
    )


def called_caption(scenario: Scenario) -> str:
    """Say what the calls are, and to when."""
    text = _("USD billion called to {year}, of what was promised · pale: to {end}")
    return text.format(year=scenario["h"], end=spans.end())
