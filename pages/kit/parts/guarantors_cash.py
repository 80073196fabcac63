"""What a rich company's own cash bears, and Oracle as a borrower: more words of the Guarantors page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from core.results import borrowers, exposure, narrative
from core.scenario.levers import Scenario
from core.web.snapshot import Row
from pages.kit.drawing import charts
from pages.kit.drawing.plot import Figure
from pages.kit.parts import debts, neoclouds_sold, provenance, tables
from pages.kit.visit import cached, visit
from pages.kit.visit.cached import by_id
from pages.kit.words import numbers, spans, words
from pages.kit.words.catalogue import _

SEEN = 5e-5  # share of cash: what is less is written as nothing


def positions(now: exposure.Exposure, before: exposure.Exposure) -> list[str]:
    """Return the cells of a guarantor's own cash, one for each of `names`; dashes where it is not known."""
    if now.own is None or before.own is None:
        return ["–"] * len(names())
    own, was = now.own, before.own
    borrows = numbers.quarter(own.borrows_from) if own.borrows_from else _("never")
    return [
        numbers.amount(now.cash),
        tables.beside(own.later, was.later, numbers.amount),
        tables.beside(own.share_of_lowest, was.share_of_lowest, numbers.percent),
        borrows if own.borrows_from == was.borrows_from else f"**{borrows}**",
    ]


def names() -> list[str]:
    """Return what the cells of `positions` are."""
    return [
        _("Cash, {date}").format(date=spans.start()),
        _("Cash at the horizon"),
        _("All calls, of its lowest cash"),
        _("Would have to borrow from"),
    ]


def known(who: str) -> bool:
    """Whether the data plan what a company builds, so that it has a cash path of its own."""
    return exposure.own_cash(cached.baseline(), who) is not None


def told(who: str, scenario: Scenario) -> list[str]:
    """Say what becomes of a rich company's cash, and when it would have to borrow, where known."""
    own = exposure.own_cash(cached.read(scenario), who)
    if own is None:
        return []
    web, year = cached.snapshot(), scenario["h"]
    params = {
        "who": words.name(who),
        "date": spans.start(),
        "now": numbers.money(float(web.value(f"{who}.cash"))),
        "later": numbers.money(own.later),
        "year": year,
        "buffer": numbers.percent(float(web.value("givers.buffer")), 0),
        "borrowed": numbers.money(own.borrowed),
    }
    lines = [
        _("Own cash, after what it builds itself: {now} at the end of {date}, {later} at the end of {year}.")
    ]
    if own.share_of_lowest > SEEN:
        lines.append(_("Calls take {share} of its lowest cash."))
        params["share"] = numbers.percent(own.share_of_lowest)
    if own.borrows_from:
        text = _(
            "In this scenario {who} would have to borrow from the {quarter} to keep {buffer} of it: "
            "{borrowed} to {year}."
        )
        lines.append(text)
        params["quarter"] = f"**{numbers.quarter_in_words(own.borrows_from)}**"
        if own.share_of_lowest <= SEEN:
            lines.append(_("All of that is for its own building: it is not called."))
    else:
        lines.append(_("In this scenario {who} would never have to borrow to {year} to keep {buffer} of it."))
    return [" ".join(lines).format(**params)]


def columns(who: str) -> dict[str, Sequence]:
    """Return the columns of a company's cash by quarter; none where it is not known."""
    if not known(who):
        return {}
    now, before = (
        by_id(one, "guarantors")[who] for one in (cached.read(visit.scenario()), cached.baseline())
    )
    return {
        _("Cash"): now["cash"],
        _("Cash, today's data"): before["cash"],
        _("Borrowed"): now["borrowed"],
    }


def receipt(who: str) -> None:
    """Draw a company's cash by quarter, and say how it comes about."""
    if not known(who):
        return
    charts.show(
        partial(_figure, who),
        key="own_cash",
        title=_("Cash of {who}").format(who=words.name(who)),
        caption=_("USD billion at the end of the quarter · dashed: today's data"),
        alt=_("Cash by quarter, beside today's data, and the buffer that is kept by borrowing"),
    )
    reading = cached.read(visit.scenario())
    row = by_id(reading, "guarantors")[who]
    provenance.figures(
        (_("Cash at the horizon"), "guarantor.cash", row, reading),
    )


def _figure(who: str, scenario: Scenario) -> Figure:
    now, before = (
        by_id(one, "guarantors")[who] for one in (cached.read(scenario), cached.baseline(scenario))
    )
    web = cached.snapshot()
    buffer = float(web.value("givers.buffer")) * float(web.value(f"{who}.cash"))
    return charts.lines(
        cached.read(scenario)["quarters"],
        now["cash"],
        before["cash"],
        colour=charts.entity_colour(who),
        write=numbers.money,
        baseline_name=_("today's data"),
        threshold=(buffer, _("buffer")),
        known_quarters=cached.known_quarters(),
    )


def borrower(who: str, scenario: Scenario) -> list[str]:
    """Say how a guarantor that is itself a borrower stands with its lenders, and what its tenants cut."""
    if who not in cached.operators():
        return []
    now, web = cached.read(scenario), cached.snapshot()
    row, last, quarters = by_id(now, "companies")[who], now["last_quarter"], now["quarters"]
    covenant = float(web.value(f"{who}.covenant_cover"))
    cover, when = borrowers.thinnest(row["forward_cover"], last) or (None, 0)
    text = _(
        "{who} is a borrower here too. At its thinnest, in the {quarter}, the EBITDA of the year ahead is "
        "{cover} its interest; its lenders ask for {covenant}."
    )
    params = {
        "who": words.name(who),
        "quarter": numbers.quarter_in_words(quarters[when]),
        "cover": numbers.turns(cover),
        "covenant": numbers.turns(covenant),
    }
    first = [text.format(**params), *_breach(row, covenant, now), *_debt(row, now)]
    then = neoclouds_sold.cuts(who, now)
    if narrative.status(row, now).code == "failed":
        text = _(
            "**{who} itself fails in the {quarter}, {cause}.** Its estate pays rent for {quarters} more, "
            "then its leases end and the space is let anew for less."
        )
        told = {"quarter": numbers.quarter_in_words(quarters[row["failed_quarter"]])}
        told |= {"who": words.name(who), "cause": words.cause(row["failure_cause"])}
        left = numbers.decimal(float(web.value("market.termination")), 0)
        then.append(text.format(**told, quarters=numbers.so_many_quarters(left)))
    return [" ".join(lines) for lines in (first, then) if lines]


def _breach(row: Mapping, covenant: float, now: Mapping) -> list[str]:
    at = borrowers.first_below(row["forward_cover"], covenant, now["last_quarter"])
    if at is None:
        return [_("It stays above that.")]
    text = _(
        "**It falls below that from the {quarter}**: it then borrows less and dearer, and must post "
        "collateral."
    )
    return [text.format(quarter=numbers.quarter_in_words(now["quarters"][at]))]


def _debt(row: Mapping, now: Mapping) -> list[str]:
    last, start = now["last_quarter"], sum(float(one.value) for one in debts.balances(row["id"]))
    if row["debt"][last] is None:
        return [_("Debt at the start: {start}.").format(start=numbers.money(start))]
    text = _("Debt at the start: {start}; at the end of {year}: {later}.")
    year = now["quarters"][last][:4]
    return [text.format(start=numbers.money(start), year=year, later=numbers.money(row["debt"][last]))]


def rows(who: str) -> list[Row]:
    """Return the data on what its lenders ask of a guarantor that is itself a borrower."""
    if who not in cached.operators():
        return []
    web = cached.snapshot()
    items = ("covenant_cover", "covenant_range", "covenant_access", "covenant_spread", "collateral_cover")
    asked = [web.row(f"{who}.{item}") for item in (*items, "collateral_call", "contract_margin")]
    rules = [web.row(name) for name in ("labs.renegotiate_below", "labs.haircut_most", "market.termination")]
    return [*asked, *debts.balances(who), *rules]
