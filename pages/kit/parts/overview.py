"""The three charts of the Overview page, and the figures that each shares with the table behind it."""

from __future__ import annotations

from core.results import measures
from core.scenario.levers import Scenario
from pages.kit.drawing import charts
from pages.kit.drawing.plot import Figure
from pages.kit.parts import neoclouds
from pages.kit.parts.neoclouds import Look
from pages.kit.visit import cached
from pages.kit.visit.cached import by_id
from pages.kit.words import numbers, words
from pages.kit.words.catalogue import _

FUNDS = ("infra_credit", "pimco", "blackstone", "apollo", "blue_owl")
GUARANTORS = ("alphabet", "nvidia", "meta")


def cover(look: Look) -> list[float | None]:
    """Return EBITDA for each dollar of interest per quarter; nothing after a failure."""
    values = look.cut("interest_coverage")
    return values if look.end is None else [v if i <= look.end[0] else None for i, v in enumerate(values)]


def cover_figure(scenario: Scenario) -> Figure:
    """Draw whether CoreWeave can pay its interest, per quarter."""
    look = neoclouds.look("coreweave", scenario)
    return charts.lines(
        look.labels,
        cover(look),
        look.today("interest_coverage"),
        colour=look.colour,
        write=numbers.turns,
        baseline_name=_("today's data"),
        threshold=(1.0, _("pays its interest")),
        end=look.end,
        known_quarters=cached.known_quarters(),
        suffix="x",
        ceiling=6.0,
    )


def returns(scenario: Scenario) -> tuple[list[float | None], list[float | None]]:
    """Return each fund's net return a year, in a scenario and with today's data."""
    funds, base = (by_id(one, "funds") for one in (cached.read(scenario), cached.baseline(scenario)))
    return [funds[key]["net_irr"] for key in FUNDS], [base[key]["net_irr"] for key in FUNDS]


def returns_figure(scenario: Scenario) -> Figure:
    """Draw what the lenders earn, fund by fund."""
    names = [words.fund(key) for key in FUNDS]
    return charts.dumbbell(names, *returns(scenario), write=numbers.percent, baseline_name=_("today's data"))


def called(scenario: Scenario) -> tuple[list[float], list[float], list[float]]:
    """Return what each guarantor is called to the horizon and to 2033, and what it promised."""
    now = cached.read(scenario)
    givers = [by_id(now, "guarantors")[key] for key in GUARANTORS]
    to_horizon = [measures.called(giver, now["last_quarter"]) for giver in givers]
    return to_horizon, [measures.called(giver) for giver in givers], [giver["promised"] for giver in givers]


def called_figure(scenario: Scenario) -> Figure:
    """Draw what the guarantors owe."""
    to_horizon, later, promised = called(scenario)
    return charts.bullets(
        [words.giver(key) for key in GUARANTORS],
        to_horizon,
        later,
        promised,
        words=[words.called_of(*pair) for pair in zip(to_horizon, promised, strict=True)],
        hover=[words.called_hover(*row) for row in zip(GUARANTORS, to_horizon, later, promised, strict=True)],
    )
