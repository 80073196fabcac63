"""The chart that explains how a company fares: what covers its interest, its cash, or what falls due."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from core.results import narrative
from core.results.lifelines import Lifeline
from core.scenario.levers import Scenario
from core.web.web import LABS
from pages.kit.drawing import charts
from pages.kit.drawing.plot import Figure
from pages.kit.parts import neoclouds, neoclouds_debt
from pages.kit.parts.looks import today
from pages.kit.parts.neoclouds import Look
from pages.kit.visit import cached
from pages.kit.visit.cached import by_id
from pages.kit.words import numbers, words
from pages.kit.words.catalogue import _


def chart(line: Lifeline, why: Callable[[Lifeline], str], scenario: Scenario) -> None:
    """Draw what explains the line of a company; `why` says it in words."""
    told = {
        "title": _("{who}: {why}").format(who=words.name(line.entity), why=why(line)),
        "key": "cause",
        "alt": _("What explains it, by quarter, beside today's data"),
    }
    if line.entity in LABS:
        charts.show(partial(_lab_cash, line.entity), caption=_("Cash, USD billion"), **told)
        return
    look = neoclouds.look(line.entity, scenario)
    if line.cause == "maturity":
        caption, figure = look.of(neoclouds_debt.wall_caption), look.of(neoclouds_debt.wall_figure)
    elif "own_liquidity" in line.cause or (not line.cause and line.warning == "runway"):
        caption, figure = _("Cash, USD billion"), look.of(_cash)
    elif not line.cause and line.warning in MEASURES and look.borrows:
        field = MEASURES[line.warning]
        caption, figure = _(neoclouds.RATIOS[field]), look.of(partial(_ratio, field=field))
    else:
        caption, figure = look.of(cover_caption), look.of(cover_figure)
    charts.show(figure, caption=caption, **told)


MEASURES = {"service": "dscr", "insolvency": "asset_cover"}  # what a warning is measured by


def _ratio(look: Look, field: str) -> Figure:
    return charts.lines(
        look.labels,
        look.cut(field),
        look.today(field),
        colour=look.colour,
        write=numbers.turns,
        baseline_name=today(),
        threshold=(1.0, _("enough")),
        known_quarters=look.known_quarters,
        suffix="x",
        ceiling=6.0,
    )


def _field(look: Look) -> str:
    return "interest_coverage" if look.borrows else "rent_cover"


def cover(look: Look) -> list[float | None]:
    """Return what covers interest, or without debt the rent, per quarter; nothing after a failure."""
    values = look.cut(_field(look))
    return values if look.end is None else [v if i <= look.end[0] else None for i, v in enumerate(values)]


def cover_figure(look: Look) -> Figure:
    """Draw whether a company earns its interest, or its rent, per quarter."""
    field = _field(look)
    return charts.lines(
        look.labels,
        cover(look),
        look.today(field),
        colour=look.colour,
        write=numbers.turns,
        baseline_name=today(),
        threshold=(1.0, _("pays its interest") if look.borrows else _("pays its rent")),
        end=look.end,
        known=look.known(field),
        known_quarters=look.known_quarters,
        suffix="x",
        ceiling=6.0,
    )


def cover_caption(look: Look) -> str:
    """Say what cover is."""
    text = _("EBITDA for each dollar of interest")
    return look.caption(text if look.borrows else _("Earnings for each dollar of rent"), _field(look))


def _cash(look: Look) -> Figure:
    return charts.lines(
        look.labels,
        look.cut("cash"),
        look.today("cash"),
        colour=look.colour,
        write=numbers.money,
        baseline_name=today(),
        end=look.end,
        known=look.known("cash"),
        known_quarters=look.known_quarters,
    )


def _lab_cash(who: str, scenario: Scenario) -> Figure:
    now, before = cached.read(scenario), cached.baseline(scenario)
    here, base = (by_id(one, "tenants")[who] for one in (now, before))
    count, fact = now["last_quarter"] + 1, narrative.tenant_status(here, now)
    return charts.lines(
        now["quarters"][:count],
        here["cash"][:count],
        base["cash"][:count],
        colour=charts.entity_colour(who),
        write=numbers.money,
        baseline_name=today(),
        end=(here["failed_quarter"], words.status(fact)) if fact.code == "failed" else None,
    )
