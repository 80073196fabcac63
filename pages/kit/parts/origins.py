"""What the one receipt behind a table says, for guarantors, neoclouds, funds and the chain of failures.

The receipts of the four deals stand in `deal_origins`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from core.questions import explore
from core.results import measures, picture
from core.results.exposure import Exposure, Received
from core.scenario.levers import lever
from core.sources import formulas
from core.web.snapshot import Row
from pages.kit.parts import chain_story, debts, provenance
from pages.kit.parts.neoclouds import Look
from pages.kit.visit import cached
from pages.kit.visit.cached import by_id
from pages.kit.words import glossary, labels, numbers, spans, words
from pages.kit.words.catalogue import _


def two(value: float | None) -> str:
    """Write an operand: USD bn or a plain number, with two decimals."""
    return numbers.decimal(value, 2)


def term(name: str) -> None:
    """Say what a term of the glossary means."""
    st.markdown(glossary.entry(name))


def called_by(giver: str, reading: Mapping, last: int | None = None) -> str:
    """Write what a guarantor pays to a quarter, or to 2033, as a sum over its promises."""
    return provenance.added(
        [
            (labels.subject(promise["id"]), measures.called(promise, last))
            for promise in reading["promises"]
            if promise["giver"] == giver
        ]
    )


def promises_of(giver: str) -> list[Row]:
    """Return the data on what a guarantor promised."""
    formula = formulas.formulas()["guarantor.live"]
    return list(formulas.rows(cached.snapshot(), formula, giver))


def positions(found: Sequence[Exposure], reading: Mapping) -> None:
    """Say how a guarantor's promises, calls and their weight come about."""
    web, last, rows = cached.snapshot(), reading["last_quarter"], by_id(reading, "guarantors")
    term("backstop")
    quarter = numbers.quarter(reading["quarters"][last])
    called = _("What others failed to pay, to the limit of each promise, added up to {quarter}.")
    inside = {measure: _(text) for measure, text in provenance.INSIDE.items()}
    told = (
        (_("Promised"), inside["guarantor.promised"]),
        (_("Live at the horizon"), inside["guarantor.live"]),
        (_("Called to the horizon"), called.format(quarter=quarter)),
        (_("Dearest year, of operating cash flow"), _("The four quarters in which its calls weigh most.")),
        (
            _("All calls, of cash in hand"),
            _("All it pays to the horizon, over its cash in {date}.").format(date=spans.start()),
        ),
    )
    st.markdown("  \n".join(f"**{what}** :small[{text}]" for what, text in told))
    for one in found:
        mine = [promise for promise in reading["promises"] if promise["giver"] == one.giver]
        names = [labels.subject(promise["id"]) for promise in mine]
        caps = provenance.added([(name, p["cap"]) for name, p in zip(names, mine, strict=True)])
        live = provenance.added([(name, p["live"][last]) for name, p in zip(names, mine, strict=True)])
        after = measures.called(rows[one.giver])
        sums = (
            (_("Promised"), caps, one.promised),
            (_("Live at the horizon"), live, one.live),
            (_("Called to the horizon"), called_by(one.giver, reading, last), one.called),
            (
                _("Called after it, to {end}").format(end=spans.end()),
                f"{two(after)} − {two(one.called)}",
                one.later,
            ),
        )
        lines = [f"{what} = {how or 0} = **{numbers.money(figure)}**" for what, how, figure in sums]
        at = one.dearest_year
        measure = "guarantor.called_to_operating_cash_flow"
        year = _("Dearest year, to {quarter}").format(quarter=numbers.quarter(reading["quarters"][at]))
        weighed = provenance.calculation(measure, rows[one.giver], reading, at)
        share = f"{two(one.called)} ÷ {two(one.cash)} = **{numbers.percent(one.share_of_cash)}**"
        lines += [f"{year}  \n{weighed}", "{} = {}".format(_("All calls, of cash in hand"), share)]
        st.markdown("  \n".join((f"**{words.name(one.giver)}**", *lines)))
    data = [row for one in found for row in promises_of(one.giver)]
    items = ("operating_cash_flow", "revenue_elasticity", "cash")
    provenance.sources(data + [web.row(f"{one.giver}.{item}") for one in found for item in items])


def received(held: Sequence[Received]) -> None:
    """Say how the value of stakes and warrants is found, at the snapshot date and at the horizon."""
    web = cached.snapshot()
    st.markdown(
        _(
            "**Cost** is what was paid. **Value** is the share times what all shares were worth, or what the "
            "shares held were worth. **At the horizon** it is the share times what is left for shareholders "
            "after debt, with the company valued as its creditors would; without a known share it is the "
            "cost, and nothing once the company has failed."
        )
    )
    data = []
    for one in held:
        then, later = two(one.mark), two(one.horizon)
        if one.shares_worth is not None:
            then = f"{numbers.percent(one.share)} × {two(one.shares_worth)} = {then}"
        if one.left is not None:
            later = f"{numbers.percent(one.share)} × {two(one.left)} = {later}"
        told = (_("Value, {date}").format(date=spans.start()), then, _("At the horizon"), later)
        st.markdown("**{}**  \n:small[{}: {} · {}: {}]".format(labels.subject(one.promise), *told))
        rows = web.tables["promises"][one.promise]
        data += [rows[item] for item in ("cost", "share", "mark", "added") if item in rows]
        if one.shares_worth is not None:
            data.append(web.row(f"{one.on}.equity_value"))
    provenance.sources(data)


def expected(givers: Sequence[str]) -> None:
    """Say how an expected call is found, and what it rests on."""
    st.markdown(
        _(
            "Expected call = what the guarantor pays to the horizon, added up over all draws ÷ the number of "
            "draws; after ± its standard error, from differences between independent sets of draws. How far "
            "each lever strays is an assumption."
        )
    )
    provenance.sources([row for giver in givers for row in promises_of(giver)])


def between(look: Look, quarter: int) -> None:
    """Say how the figures of an intermediary come about in a quarter."""
    measures = ("company.rent", "company.revenue", "company.ebitda", "company.cash")
    st.caption(_("Quarter: {quarter}").format(quarter=numbers.quarter(look.now["quarters"][quarter])))
    provenance.together(measures, [look.here], look.now, {look.id: quarter})


def leases(look: Look) -> None:
    """Say how the rent of each lease comes about, and from what data."""
    web = cached.snapshot()
    st.markdown(
        _(
            "Rent is capacity times the rent of a megawatt; in all, times the years of the lease. Behind it "
            "stands who pays when the tenant does not, to a limit. Spending left is spread evenly."
        )
    )
    data = []
    for one in look.leases:
        ident = one.row.partition(".")[0]
        size, price = (provenance.stated(web.row(f"{ident}.{item}")) for item in ("mw", "rent"))
        yearly = _("{amount} a year").format(amount=two(one.rent))
        years = numbers.so_many_years(numbers.decimal(one.years, 0))
        how = f"{size} × {price} = {yearly}; × {years}"
        st.markdown(provenance.worked(labels.subject(ident), how, numbers.money(one.total)))
        data += [web.row(f"{ident}.{item}") for item in ("mw", "rent", "start", "ramp", "term")]
        behind = web.subjects("promises", on=ident)
        data += [web.row(f"{promise}.cap") for promise in behind]
    provenance.sources(
        data + [web.row(f"{look.id}.{item}") for item in ("capex_left", "capex_quarters", "cash")]
    )


def repayments(look: Look) -> None:
    """Say how the repayments of loans split over them, and on which balances and sums that rests."""
    st.markdown(
        _(
            "A company reports what falls due on its loans together in each year, not on each of them. Each "
            "loan's part is an assumption: in proportion, so that the parts add up to what falls due in "
            "every year and to what each loan owes at the start. A year's part is paid in equal quarters."
        )
    )
    rows = []
    for loan, years in debts.split(look.id).items():
        first, *later = years.items()
        parts = [(spans.first_year(), first[1].value)]
        parts += [(year.removeprefix("y"), row.value) for year, row in later]
        owed = cached.snapshot().row(f"{loan}.balance")
        st.markdown(
            provenance.worked(debts.line(loan), provenance.added(parts), numbers.money(float(owed.value)))
        )
        rows.append(first[1])
    provenance.sources([*rows, *debts.balances(look.id)])


def breaks(company: str, levers: Sequence[str]) -> None:
    """Say what a break-point is, how it is found, and where the levers stand today."""
    web = cached.snapshot()
    text = _(
        "A break-point is the value of a lever, the others as they are, from which the company fails or is "
        "saved: it fails if, in any quarter to the horizon, it cannot pay all it owes. A lever is tried at "
        "{count} places, a choice at each; where the answer changes, the place is narrowed down to {step} of "
        "its unit. What happens only between two places can be missed."
    )
    st.markdown(text.format(count=explore.SCAN, step=numbers.exact(explore.PRECISION)))
    named = [lever(word).source for word in levers if "." in lever(word).source]
    tested = formulas.rows(web, formulas.formulas()["company.debt"], company)
    provenance.sources([*map(web.row, named), web.row(f"{company}.cash"), *tested])


def terms(fund: str, items: Sequence[str]) -> None:
    """Give source and date of a fund's terms and holdings, all of them."""
    web = cached.snapshot()
    for name in ("hurdle", "carry"):
        term(name)
    st.markdown(_("Each holding is a share of all that the fund holds; together they are 100 %."))
    held = [row for item, row in web.tables["funds"][fund].items() if item.startswith("hold_")]
    st.markdown(provenance.lines([*(web.row(f"{fund}.{item}") for item in items), *held]))


def chain(reading: Mapping) -> None:
    """Say who is counted in the chain of failures, how a failure spreads, and what guarantors paid."""
    web, found, last = cached.snapshot(), picture.chain(reading), reading["last_quarter"]
    term("contagion")
    st.markdown(
        _(
            "Each quarter all dues are settled at once. Who cannot pay in full fails: by its own doing if it "
            "would have failed although all others paid it in full."
        )
    )
    pulled = [
        _("{who}, through {through}").format(who=chain_story.name(who), through=chain_story.name(through))
        for who, through in found.pulled
    ]
    for what, names in (
        (_("own doing"), [chain_story.name(who) for who in found.own]),
        (_("contagion"), pulled),
    ):
        st.markdown(provenance.worked(what, " + ".join(names), str(len(names))))
    paid = [(words.name(row["id"]), measures.called(row, last)) for row in reading["guarantors"]]
    st.markdown(
        provenance.worked(_("paid by guarantors"), provenance.added(paid), numbers.money(found.called))
    )
    fallen = [*found.own, *(who for who, _through in found.pulled)]
    cash = [items["cash"] for who in fallen if "cash" in (items := web.tables["entities"][who])]
    caps = [row for row in reading["guarantors"] if row["promised"]]
    data = [web.row(f"clearing.{name}") for name in ("alpha", "beta")]
    provenance.sources([*data, *(row for one in caps for row in promises_of(one["id"])), *cash])
