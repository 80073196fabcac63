"""What the Overview says on one screen, as the board draws it, and the receipts and tables behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import streamlit as st

from core.results import investors, measures, narrative
from core.results.lifelines import RENEGOTIATED, Lifeline, lifelines
from core.web.web import LABS
from pages.kit.frame import address
from pages.kit.parts import provenance, tables
from pages.kit.parts.looks import today
from pages.kit.parts.summary import FUNDS, INVESTORS
from pages.kit.visit import cached, visit
from pages.kit.visit.cached import by_id
from pages.kit.words import numbers, spans, words
from pages.kit.words.catalogue import N_, _

RECEIPT = "receipt "  # before the name of one that is asked for
ROW = "row"  # the view choice: whose chart is open
NICE = (0.01, 0.02, 0.04, 0.05, 0.1, 0.2, 0.5)  # steps between them
MOST_TICKS = 6
TIED = 2  # who fail first in the same quarter and are named
SHOWN = 0.0995  # USD bn that are written as billions; less is written in millions


# ---------------------------------------------------------------- three figures


def last_year(now: Mapping) -> str:
    """Return the year of the horizon."""
    return now["quarters"][now["last_quarter"]][:4]


def figures(found: Sequence[Lifeline], now: Mapping, before: Mapping) -> list[dict]:
    """Return who fails first, what the guarantors pay, and what a mixed credit fund earns."""
    return [_first(found, now), _paid(now), _earned(now, before)]


def _first(found: Sequence[Lifeline], now: Mapping) -> dict:
    failing = [one for one in found if one.failed is not None]
    if failing:
        first = [one for one in failing if one.failed == failing[0].failed]
        who = numbers.listing([words.name(one.entity) for one in first[:TIED]])
        return {
            "label": _("First to fail: {who}").format(who=who),
            "value": numbers.quarter(now["quarters"][first[0].failed]),
            "unit": "",
            "note": reason(first[0]),
            "alarm": True,
            "open": "first",
        }
    who, cover = narrative.service(now) or (None, None)
    year = last_year(now)
    return {
        "label": _("{who} earns, in {year}").format(who=words.name(who), year=year) if who else "",
        "value": numbers.turns(cover, 2),
        "unit": _("what it owes its lenders"),
        "note": _("nobody fails to the end of {year}").format(year=year),
        "alarm": False,
        "open": "first",
    }


def _paid(now: Mapping) -> dict:
    rows = [one for one in now["promises"] if one["giver"] in cached.givers()]
    paid = sum(measures.called(one, now["last_quarter"]) for one in rows)
    year = last_year(now)
    promised = sum(by_id(now, "guarantors")[key]["promised"] for key in cached.givers())
    return {
        "label": _("Guarantors pay, to {year}").format(year=year),
        "value": _("{amount} bn").format(amount=numbers.amount(paid))
        if paid >= SHOWN
        else numbers.money(paid),
        "unit": _("dollars") if paid >= SHOWN else "",
        "note": _("of {promised} promised").format(promised=numbers.money(promised)),
        "alarm": False,
        "open": "paid",
    }


def _earned(now: Mapping, before: Mapping) -> dict:
    fund, was = (by_id(one, "funds")["infra_credit"]["net_irr"] for one in (now, before))
    all_of_them = [rate for rate in _rates(now) if rate is not None]
    told = []
    if numbers.percent(fund) != numbers.percent(was):
        told.append(_("was {before}").format(before=numbers.percent(was)))
    if all_of_them:
        low, high = numbers.percent(min(all_of_them)), numbers.percent(max(all_of_them))
        told.append(
            _("all {count} funds: {low} to {high}").format(count=spans.count(len(FUNDS)), low=low, high=high)
        )
    return {
        "label": _("A mixed credit fund earns, to {year}").format(year=last_year(now)),
        "value": numbers.percent(fund),
        "unit": _("a year"),
        "note": " · ".join(told),
        "alarm": False,
        "open": "funds",
    }


# ---------------------------------------------------------------- who fails, and when

_WHY = {
    "own_liquidity": N_("its cash runs out"),
    "maturity": N_("nobody refinances its debt"),
    "market_access": N_("lenders stop lending"),
    "counterparty": N_("{who} no longer pays it"),
    "renegotiated": N_("{who} pays it less than agreed"),
}


def why(cause: str) -> str:
    """Return why a company failed in a few words; those who only buy computing cannot pay for it."""
    kind, _colon, who = cause.partition(":")
    return _(_WHY[kind]).format(who=words.name(who) if who else "")


def lines(now: Mapping) -> tuple[Lifeline, ...]:
    """Return the line of each company that is watched."""
    return lifelines(now, cached.named())


def timeline(found: Sequence[Lifeline], now: Mapping, chosen: str) -> dict:
    """Return a row for each company that is watched: until when it lives, what warned, who pays."""
    count = now["last_quarter"] + 1
    names = now["quarters"][:count]
    years = []
    for year in dict.fromkeys(name[:4] for name in names):
        mine = [i for i, name in enumerate(names) if name.startswith(year)]
        years.append([year, mine[0] / count, (mine[-1] + 1) / count])
    return {
        "title": _("Who fails, and when"),
        "sources": _("Sources and table"),
        "open": "timeline",
        "why": _("Why (touch a row for its chart)"),
        "keys": {
            "warned": _("first warning"),
            "paid": _("a guarantor pays"),
            "supported": _("supported"),
            "fails": _("fails"),
        },
        "years": years,
        "rows": [_row(one, now, count, chosen) for one in found],
    }


def _row(one: Lifeline, now: Mapping, count: int, chosen: str) -> dict:
    def place(quarter: int | None) -> float | None:
        return None if quarter is None else (quarter + 0.5) / count

    when = "" if one.failed is None else numbers.quarter(now["quarters"][one.failed])
    because = reason(one)
    told = [words.name(one.entity), when and _("fails {quarter}").format(quarter=when), because]
    if one.warned is not None:
        quarter = numbers.quarter(now["quarters"][one.warned])
        told.append(_("first warning {quarter}").format(quarter=quarter))
    if one.paid is not None:
        quarter, giver = numbers.quarter(now["quarters"][one.paid]), words.name(one.giver)
        told.append(_("{giver} pays from {quarter}").format(giver=giver, quarter=quarter))
    return {
        "id": one.entity,
        "name": words.name(one.entity),
        "end": 1.0 if one.failed is None else (one.failed + 1) / count,
        "warned": place(one.warned),
        "paid": place(one.paid),
        "supported": [[start / count, (end + 1) / count] for start, end in one.kept]
        if one.status == "supported"
        else [],
        "tone": one.status,
        "when": when,
        "why": because,
        "aside": words.name(one.giver) if one.status == "supported" and one.giver else "",
        "told": ", ".join(filter(None, told)),
        "chosen": one.entity == chosen,
    }


_WARNINGS = {
    "access": N_("no new credit"),
    "cover": N_("interest not earned"),
    "service": N_("debt service not earned"),
    "runway": N_("under a year of cash"),
    "insolvency": N_("debt above its worth"),
    RENEGOTIATED: N_("pays less"),
}


def reason(one: Lifeline) -> str:
    """Return in a few words why a company fails, or what keeps it or warned of it first, and when."""
    if one.failed is not None:
        if one.entity in LABS and one.cause == "own_liquidity":
            return _("cannot pay its compute bill")
        return why(one.cause)
    if one.status == "supported":
        return _("supported by {giver}").format(giver=words.name(one.giver))
    if not one.warning:
        return _("keeps paying")
    when = numbers.quarter(cached.read(visit.scenario())["quarters"][one.warned])
    return _("{quarter}: {what}").format(quarter=when, what=_(_WARNINGS[one.warning]))


# ---------------------------------------------------------------- lenders, guarantors, the rest of us


def _rates(reading: Mapping) -> list[float | None]:
    funds = by_id(reading, "funds")
    return [funds[key]["net_irr"] for key in FUNDS]


def funds(now: Mapping, before: Mapping) -> dict:
    """Return what each fund earns as a dot, and as a ring what it earned with today's data."""
    rates, was = _rates(now), _rates(before)
    ticks = _ticks([rate for rate in (*rates, *was) if rate is not None])
    low, high = ticks[0], ticks[-1]

    def place(rate: float | None) -> float | None:
        return None if rate is None else (rate - low) / (high - low)

    rows = [
        {
            "name": words.fund(key),
            "now": place(rate),
            "was": place(old),
            "text": numbers.percent(rate),
            "before": numbers.decimal(None if old is None else old * 100),
            "main": key == "infra_credit",
        }
        for key, rate, old in zip(FUNDS, rates, was, strict=True)
    ]
    return {
        "title": _("What the lenders earn"),
        "caption": _("Net return a year to {year} · ring: {today}").format(
            year=last_year(now), today=today()
        ),
        "sources": _("Sources and table"),
        "open": "funds",
        "columns": [_("now"), _("was")],
        "ticks": [[numbers.decimal(tick * 100, 0), place(tick)] for tick in ticks],
        "zero": place(0.0),
        "rows": rows,
    }


def _ticks(rates: list[float]) -> list[float]:
    """Return round places on an axis from below the lowest rate, or zero, to above the highest."""
    low, high = min([0.0, *rates]), max([NICE[0], *rates])
    step = next((one for one in NICE if (high - low) / one <= MOST_TICKS - 2), NICE[-1])
    first, last = int(low // step), int(-(-high // step))
    return [step * i for i in range(first, last + 1)]


def promises(now: Mapping) -> dict:
    """Return each guarantor's promise as a bar of full width, and how much of it is paid."""
    givers, rows = by_id(now, "guarantors"), []
    for key in cached.givers():
        paid, later = (measures.called(givers[key], *upto) for upto in ((now["last_quarter"],), ()))
        promised = givers[key]["promised"]
        rows.append(
            {
                "name": words.name(key),
                "what": _(words.PROMISES[key]),
                "share": min(paid / promised, 1.0) if promised else 0.0,
                "later": min(later / promised, 1.0) if promised else 0.0,
                "text": numbers.amount(paid),
                "of": _("of {promised} bn").format(promised=numbers.amount(promised)),
            }
        )
    return {
        "title": _("What the guarantors pay"),
        "caption": _("USD bn to {year} · each bar is one promise in full · pale: to {end}").format(
            year=last_year(now), end=spans.end()
        ),
        "sources": _("Sources and table"),
        "open": "paid",
        "rows": rows,
    }


def consequences(now: Mapping, before: Mapping) -> str:
    """Say what it means for who holds shares and for who has a pension."""
    (put, back), (_put, was) = (investors.put_in_and_back(one, "pensions") for one in (now, before))
    less, year = was - back, last_year(now)
    text = _("Pension funds put in {put} and have {back} back by {year}.")
    if abs(less) >= SHOWN:
        text = _("Pension funds put in {put} and earn {less} less on it than with today's data.")
        if less < 0:
            text = _("Pension funds put in {put} and earn {less} more on it than with today's data.")
    amounts = {"put": put, "back": back, "less": abs(less)}
    told = text.format(year=year, **{name: numbers.money(amount) for name, amount in amounts.items()})
    return _("Whoever holds the shares of a failed company usually gets nothing.") + " " + told


# ---------------------------------------------------------------- how likely


def likely(share: float, who: str, year: str) -> dict:
    """Return how many of ten futures around the scenario a company fails in, as dots and in words."""
    dots = round(share * 10)
    count = _("{count} of 10").format(count=dots)
    if share > 0 and not dots:
        count = _("fewer than 1 of 10")
    elif share < 1 and dots == 10:
        count = _("more than 9 of 10")
    text = _("In {count} futures around this one {who} fails before {year}.")
    return {"dots": dots, "text": text.format(count=count, who=words.name(who), year=int(year) + 1)}


# ---------------------------------------------------------------- receipts and tables


def asked(kind: str, name: str) -> None:
    """Do what was touched on the board: open a receipt, or the chart of a row; a second touch closes it."""
    if kind == "open":
        st.session_state["open_dialog"] = f"{RECEIPT}{name}"
    elif kind == ROW:
        if visit.extras().get(ROW) == name:
            visit.extras().pop(ROW)
        else:
            address.set_choice(ROW, name)


def dialog(now: Mapping, before: Mapping) -> None:
    """Open the receipt that was asked for."""
    receipts: dict[str, tuple[str, Callable[[], None]]] = {
        "first": (_("Who fails, and when"), partial(_of_companies, now)),
        "timeline": (_("Who fails, and when"), partial(_of_companies, now)),
        "paid": (_("What the guarantors pay"), partial(_of_guarantors, now)),
        "funds": (_("What the lenders earn"), partial(_of_lenders, now, before)),
    }
    asked_for = st.session_state.get("open_dialog") or ""
    name = asked_for.removeprefix(RECEIPT)
    if asked_for.startswith(RECEIPT) and name in receipts:
        del st.session_state["open_dialog"]
        title, draw = receipts[name]
        st.dialog(title, width="large", on_dismiss=visit.own_event)(draw)()


def _of_companies(now: Mapping) -> None:
    companies, found = by_id(now, "companies"), lines(now)

    def written(quarter: int | None) -> str:
        return "" if quarter is None else numbers.quarter(now["quarters"][quarter])

    tables.shown(
        {
            _("Company"): [words.name(one.entity) for one in found],
            _("First warning"): [written(one.warned) for one in found],
            _("A guarantor pays"): [written(one.paid) for one in found],
            _("Fails"): [written(one.failed) for one in found],
            _("Why"): [reason(one) for one in found],
        },
        key="timeline",
        of=_("Who fails, and when"),
    )
    served = narrative.service(now)
    if served:
        who, _cover = served
        provenance.figure(
            _("{who}, DSCR").format(who=words.name(who)),
            "company.dscr",
            companies[who],
            now,
            now["last_quarter"],
        )
    named = cached.named()
    provenance.standing([companies[key] for key in named if key not in LABS], now)
    provenance.standing_of_labs([key for key in named if key in LABS])


def _of_lenders(now: Mapping, before: Mapping) -> None:
    columns = {
        _("Fund"): [words.fund(key) for key in FUNDS],
        _("Net return"): _rates(now),
        today(): _rates(before),
    }
    tables.shown(columns, key="returns", of=_("What the lenders earn"))
    if doubts := provenance.of_rates("fund.net_irr", [by_id(now, "funds")[key] for key in FUNDS]):
        st.markdown(doubts)
    fund = by_id(now, "funds")["infra_credit"]
    provenance.figure(_("Infrastructure credit, net return a year"), "fund.net_irr", fund, now)
    provenance.losses(INVESTORS, now)


def _of_guarantors(now: Mapping) -> None:
    givers = by_id(now, "guarantors")
    found = [givers[key] for key in cached.givers()]
    tables.shown(
        {
            _("Guarantor"): [words.name(key) for key in cached.givers()],
            _("Called"): [measures.called(giver, now["last_quarter"]) for giver in found],
            _("Called to {end}").format(end=spans.end()): [measures.called(giver) for giver in found],
            _("Promised"): [giver["promised"] for giver in found],
        },
        key="called",
        of=_("What the guarantors pay"),
    )
    shares = givers["alphabet"]["called_to_operating_cash_flow"][: now["last_quarter"] + 1]
    provenance.figures(
        (
            _("Google, calls as share of a year's cash flow, peak"),
            "guarantor.called_to_operating_cash_flow",
            givers["alphabet"],
            now,
            shares.index(max(shares)),
        ),
    )
    provenance.together(("guarantor.called", "guarantor.promised"), found, now)
