"""Words and tables of the Guarantors page: the answer, parts of a debt with their sources, what came back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import streamlit as st

from core.results import exposure
from core.scenario.levers import Scenario
from core.web.snapshot import Row
from pages.kit.drawing import charts, shapes
from pages.kit.drawing.plot import Figure
from pages.kit.frame import choices
from pages.kit.parts import origins, provenance, tables
from pages.kit.visit import cached, visit
from pages.kit.visit.cached import by_id
from pages.kit.words import labels, numbers, words
from pages.kit.words.catalogue import N_, _

GIVERS = ("alphabet", "nvidia", "meta")
COMPANIES = choices.WORDS["giver"]
DOLLAR = 5e-7  # USD bn: what is less counts as nothing
PAID = dict.fromkeys(GIVERS, "called") | {"oracle": "rent_without_tenant"}  # per quarter; others pay nothing

PARTS = {
    "reported": N_("Debt as reported"),
    "leases": N_("Leases on the books"),
    "leases_not_commenced": N_("Leases signed, not yet started"),
    "joint_venture": N_("Share of the venture's notes"),
    "residual_value": N_("Residual value guarantee"),
    "backstops": N_("Backstops still live"),
    "purchase_commitments": N_("Purchases promised"),
    "vendor_finance": N_("Vendor finance"),
}
RATIOS = {
    "guarantor.reported_leverage": N_("Reported debt over EBITDA"),
    "guarantor.look_through_leverage": N_("Look-through debt over EBITDA"),
}
STAKES = {
    "openai": "OpenAI",
    "xai": "xAI",
    "anthropic": "Anthropic",
    "coreweave": "CoreWeave",
    "terawulf": "TeraWulf",
    "cipher": "Cipher",
}
OUTSIDE = "Intel"  # the one stake in a company that is not in this web
BOOKED = {
    "alphabet": N_(
        "Google books its guarantees as credit derivatives at what it expects to lose, a small part of the "
        "total."
    ),
    "nvidia": N_(
        "Nvidia's promises to buy computing power and its suppliers' chips are commitments, not debt, in "
        "its accounts."
    ),
    "meta": N_(
        "Meta books its 20 % of Hyperion as a non-marketable equity investment; the venture's notes stay "
        "off its books, and so does the guarantee, because a call is not probable."
    ),
    "microsoft": N_(
        "Microsoft spreads cost with finance leases: on the books as lease liabilities, outside the debt "
        "that headlines quote. What it must buy from suppliers besides neoclouds was not found."
    ),
    "oracle": N_(
        "Oracle spreads cost with finance leases too; their amount was not found, and its {leases} of "
        "leases that have not started stand in a footnote."
    ),
    "amazon": N_("Amazon rents and buys; it guarantees nobody in this web."),
}


def exposures(reading: Mapping) -> dict[str, exposure.Exposure]:
    """Return what each company has promised and what is called of it."""
    return {key: exposure.exposure(cached.snapshot(), reading, key) for key in COMPANIES}


def answer(rows: Sequence[Mapping], found: Mapping[str, exposure.Exposure], year: int) -> str:
    """Return the page's answer in two sentences: what is called, and whose debt grows most looked through."""
    promised = numbers.money(sum(one.promised for one in found.values()))
    called, later = (sum(getattr(one, name) for one in found.values()) for name in ("called", "later"))
    if called + later < DOLLAR:
        first = _("Nobody is called: {promised} of promises stands, and none of it is in reported debt.")
    elif called < DOLLAR:
        first = _("To {year} nobody is called; after it, to 2033, {later} of the {promised} promised.")
    elif later < DOLLAR:
        first = _("To {year} guarantors pay {called} of the {promised} they promised, and nothing after it.")
    else:
        first = _("To {year} guarantors pay {called} of the {promised} they promised; {later} more by 2033.")
    most = max(rows, key=lambda row: row["look_through_leverage"] - row["reported_leverage"])
    second = _("Looked through, {who} owes {after} a year's EBITDA, not {before}.").format(
        who=words.name(most["id"]),
        after=numbers.turns(most["look_through_leverage"]),
        before=numbers.turns(most["reported_leverage"]),
    )
    amounts = {"called": numbers.money(called), "later": numbers.money(later)}
    return f"{first.format(promised=promised, year=year, **amounts)} {second}"


def positions(givers: Sequence[str], now: Mapping, before: Mapping) -> None:
    """Show promised, live, called and what it weighs, one column per guarantor, today's data in brackets."""
    label = _("USD billion")
    columns = {
        label: [
            _("Promised"),
            _("Live at the horizon"),
            _("Called to the horizon"),
            _("Called after it, to 2033"),
            _("Dearest quarter"),
            _("Dearest year, of operating cash flow"),
            _("All calls, of cash in hand"),
        ]
    }
    for giver in givers:
        one, base = now[giver], before[giver]
        cells = [
            numbers.amount(one.promised, 1),
            _pair(one.live, base.live, numbers.amount),
            _pair(one.called, base.called, numbers.amount),
            _pair(one.later, base.later, numbers.amount),
            numbers.quarter(one.peak_quarter),
            _pair(one.share_of_cash_flow, base.share_of_cash_flow, numbers.percent),
            _pair(one.share_of_cash, base.share_of_cash, numbers.percent),
        ]
        columns[words.name(giver)] = cells
    tables.compare(columns, alt=_("Promised, live and called per guarantor; today's data in brackets"))
    shown = partial(origins.positions, [now[giver] for giver in givers], cached.read(visit.scenario()))
    provenance.behind(shown, key="positions_receipt")


def _pair(now: float, before: float, write) -> str:
    text, was = write(now), write(before)
    return text if text == was else f"**{text}** :small[:gray[({was})]]"


def cite(rows: Sequence[Row]) -> str:
    """Return the basis and the source of rows in one small line each."""
    if not rows:
        return ":small[:gray[" + _("not found, or not its kind of promise") + "]]"
    sources = cached.snapshot().sources
    lines = []
    for row in rows:
        line = (
            f"{provenance.badge(row.basis)} {labels.publisher(sources[row.source])}, {numbers.day(row.as_of)}"
        )
        if line not in lines:
            lines.append(line)
    return "  \n".join(f":small[:gray[{line}]]" for line in lines)


def weight(found: Mapping[str, exposure.Exposure]) -> str:
    """Return what the dearest year costs the giver it weighs on most; empty when nobody is called."""
    worst = max((found[key] for key in GIVERS), key=lambda one: one.share_of_cash_flow)
    if worst.called < DOLLAR:
        return ""
    text = _("Here the dearest year costs {who} {share} of its operating cash flow.")
    return text.format(who=words.name(worst.giver), share=numbers.percent(worst.share_of_cash_flow))


def parts_table(row: Mapping, base: Mapping) -> None:
    """List the parts of a company's look-through debt, each with basis, source and date."""
    found = exposure.part_rows(cached.snapshot(), row["id"])
    lines = []
    for part, label in PARTS.items():
        value = row["parts"][part]
        if value > DOLLAR or found[part]:
            amount = _pair(value, base["parts"][part], numbers.amount)
            lines.append((f"{_(label)}  \n{cite(found[part])}", amount))
    total = _pair(row["look_through_debt"], base["look_through_debt"], numbers.amount)
    label = _("Look-through debt")
    lines.append((f"**{label}**", f"**{total}**" if "*" not in total else total))
    tables.facts(lines, alt=_("Parts of look-through debt in USD billion, with basis and source"))


def received_table(giver: str, now: Mapping, before: Mapping) -> None:
    """List a guarantor's stakes and warrants: what they cost, what they are worth."""
    web = cached.snapshot()
    base = {one.promise: one for one in exposure.received(web, before, giver)}
    held = exposure.received(web, now, giver)
    kinds = {"warrant": _("warrant"), "stake": _("stake")}
    names = [
        f"{STAKES.get(one.on, OUTSIDE)}, {kinds[one.kind]}"
        + (f" {numbers.percent(one.share)}" if one.share is not None else "")
        for one in held
    ]
    columns = {
        _("USD billion"): names,
        _("Cost"): [numbers.amount(one.cost, 1) if one.cost else "–" for one in held],
        _("Value, Dec 2025"): [numbers.amount(one.mark, 2) for one in held],
        _("At the horizon"): [
            _pair(one.horizon, base[one.promise].horizon, lambda v: numbers.amount(v, 2)) for one in held
        ],
    }
    tables.compare(columns, alt=_("What the guarantor holds in return, at cost and at value"))
    provenance.behind(partial(origins.received, held), key=f"received_{giver}_receipt")


def promised_chart(found: Mapping[str, exposure.Exposure], before: Mapping[str, exposure.Exposure]) -> None:
    """Draw what is called of what was promised, with the table behind it."""
    charts.show(_promised_figure, key="promised", alt=_("Called of promised, per guarantor"))
    positions(GIVERS, found, before)
    called, later, promised = _amounts(found)
    columns = {
        _("Guarantor"): [words.name(key) for key in GIVERS],
        _("Promised"): promised,
        _("Live at the horizon"): [found[key].live for key in GIVERS],
        _("Called"): called,
        _("Called to 2033"): later,
        _("today's data"): [before[key].called for key in GIVERS],
    }
    tables.behind(columns, key="promised")


def _amounts(found: Mapping[str, exposure.Exposure]) -> tuple[list[float], list[float], list[float]]:
    """Called to the horizon, called to 2033 and promised, per guarantor."""
    givers = [found[key] for key in GIVERS]
    called, promised = [one.called for one in givers], [one.promised for one in givers]
    return called, [one.called + one.later for one in givers], promised


def _promised_figure(scenario: Scenario) -> Figure:
    called, later, promised = _amounts(exposures(cached.read(scenario)))
    return charts.bullets(
        [words.giver(key) for key in GIVERS],
        called,
        later,
        promised,
        words=[words.called_of(*pair) for pair in zip(called, promised, strict=True)],
        hover=[words.called_hover(*row) for row in zip(GIVERS, called, later, promised, strict=True)],
    )


def calls(who: str, now: Mapping, before: Mapping, year: int) -> None:
    """Draw what a company pays under its promises per quarter; for Oracle the rent without its tenant."""
    today, web = _("today's data"), cached.snapshot()
    row, base = (by_id(one, "guarantors")[who] for one in (now, before))
    flow = PAID.get(who)
    if who in GIVERS:
        st.caption(
            _("What {who} pays under its promises · USD billion a quarter").format(who=words.name(who))
        )
    elif who == "oracle":
        st.caption(_("Rent Oracle owes for space whose tenant OpenAI has failed · USD billion a quarter"))
    else:
        st.markdown(_("{who} guarantees nobody in this web.").format(who=words.name(who)))
    if flow and not _pays(row[flow], base[flow]):
        st.markdown(_("Nothing to 2033, neither in this scenario nor with today's data."))
    elif flow:
        alt = _("Payments per quarter to 2033, beside today's data")
        charts.show(partial(_calls_figure, who), key="calls", alt=alt)
        columns = {_("Quarter"): now["quarters"], _("Scenario"): row[flow], today: base[flow]}
        tables.behind(columns, key="calls")
    if who == "oracle":
        total, was = (sum(one[flow][: now["last_quarter"] + 1]) for one in (row, base))
        text = _("To {year} {now}; with today's data {before}. This is rent, never a call.")
        st.markdown(text.format(year=year, now=f"**{numbers.money(total)}**", before=numbers.money(was)))
    leases = numbers.money(web.value("oracle.leases_not_commenced"))
    st.markdown(_(BOOKED[who]).format(leases=leases))
    if who == "alphabet":
        first, then = web.row("alphabet.backstops_outside"), web.row("alphabet.backstops_outside.2026Q2")
        line = _(
            "All of Google's data-centre backstops, most of them outside this model: "
            "{first} in Dec 2025, {then} in Jun 2026."
        )
        amounts = {key: f"**{numbers.money(one.value)}**" for key, one in (("first", first), ("then", then))}
        st.markdown(line.format(**amounts) + "  \n" + cite((first, then)))


def _pays(now: Sequence[float], before: Sequence[float]) -> bool:
    return max(*now, *before) > DOLLAR


def _calls_figure(who: str, scenario: Scenario) -> Figure | None:
    now = cached.read(scenario)
    row, base = (by_id(one, "guarantors")[who][PAID[who]] for one in (now, cached.baseline(scenario)))
    if not _pays(row, base):
        return None
    return charts.lines(
        now["quarters"],
        row,
        base,
        colour=charts.entity_colour(who),
        write=numbers.money,
        baseline_name=_("today's data"),
        known_quarters=cached.known_quarters(),
    )


def expected(year: int) -> None:
    """Offer the mean call over many draws; computed only when opened."""
    box = st.popover(_("Expected call"), type="tertiary", key="expected", on_change=visit.own_event)
    if not box.open:
        return
    with box:
        text = _("Mean over {n} draws of the levers around this scenario, to {year}; more under Stress.")
        st.caption(text.format(n=numbers.decimal(cached.DRAWS, 0), year=year))
        found = cached.expected_calls(visit.scenario())
        tables.facts(
            [
                (words.name(key), f"{numbers.money(found[key][0])} ± {numbers.money(found[key][1])}")
                for key in GIVERS
            ],
            alt=_("Expected call per guarantor with its standard error"),
        )
        origins.expected(GIVERS)


def debt(who: str, now: Mapping, before: Mapping) -> None:
    """Draw reported against look-through leverage for all, and the parts of one company's debt."""
    today, web = _("today's data"), cached.snapshot()
    rows, base = by_id(now, "guarantors"), by_id(before, "guarantors")
    left, right = st.columns(2, gap="large")
    with left:
        st.caption(_("Debt over EBITDA · thin ring: looked through, today's data"))
        alt = _("Reported against look-through leverage per company")
        charts.show(partial(_leverage_figure, who), key="leverage", alt=alt)
        reported, through, was = _leverage(now, before)
        parts = {_(label): [rows[key]["parts"][part] for key in COMPANIES] for part, label in PARTS.items()}
        columns = {
            _("Company"): [words.name(key) for key in COMPANIES],
            **parts,
            _("Reported leverage"): reported,
            _("Look-through leverage"): through,
            today: was,
        }
        tables.behind(columns, key="leverage")
        terms = {name: web.value(f"lookthrough.lease_{name}") for name in ("rate", "years", "delay")}
        text = _(
            "EBITDA is profit before interest, tax and depreciation. Leases that have not started count at "
            "their present value: {years} years of rent, {delay} years away, at {rate} a year."
        )
        st.caption(
            text.format(
                rate=numbers.percent(terms["rate"], 0),
                years=numbers.decimal(terms["years"], 0),
                delay=numbers.decimal(terms["delay"], 0),
            )
        )
    with right:
        text = _("What {who} owes when all is counted · USD billion, today's data in brackets")
        st.caption(text.format(who=words.name(who)))
        parts_table(rows[who], base[who])
        provenance.figures(*((_(label), measure, rows[who], now) for measure, label in RATIOS.items()))


def _leverage(now: Mapping, before: Mapping) -> tuple[list[float], list[float], list[float]]:
    """Debt over EBITDA per company: as reported, looked through, looked through with today's data."""
    rows, base = by_id(now, "guarantors"), by_id(before, "guarantors")
    reported = [rows[key]["reported_leverage"] for key in COMPANIES]
    through, was = ([one[key]["look_through_leverage"] for key in COMPANIES] for one in (rows, base))
    return reported, through, was


def _leverage_figure(who: str, scenario: Scenario) -> Figure:
    return shapes.pairs(
        [words.name(key) for key in COMPANIES],
        *_leverage(cached.read(scenario), cached.baseline(scenario)),
        [charts.entity_colour(key) for key in COMPANIES],
        write=numbers.turns,
        heads=(_("as reported"), _("looked through")),
        baseline_name=_("today's data"),
        strong=COMPANIES.index(who),
    )


def circle(now: Mapping, before: Mapping) -> None:
    """Show Nvidia's stakes beside the letter of intent, and how much revenue a customer brings."""
    web, found = cached.snapshot(), cached.deal(visit.scenario(), "nb")
    at = found.at
    left, right = st.columns(2, gap="large")
    with left:
        st.caption(_("Nvidia's stakes in its own customers"))
        received_table("nvidia", now, before)
        text = _(
            "Announced for OpenAI: {letter}, a letter of intent that binds nobody. Agreed in Feb 2026: a "
            "stake of {stake}. In CoreWeave {cost} in 2023 and {added} more in Jan 2026."
        )
        st.markdown(
            text.format(
                letter=f"**{numbers.money(web.value('nvidia_openai.cap'))}**",
                stake=f"**{numbers.money(web.value('nvidia_openai.actual'))}**",
                cost=numbers.money(web.value("nvidia_coreweave_stake.cost")),
                added=numbers.money(web.value("nvidia_coreweave_stake.added")),
            )
        )
    with right:
        st.caption(_("What CoreWeave pays for chips and network · USD billion a year"))
        alt = _("CoreWeave's yearly spending on chips, beside today's data")
        charts.show(_chips_figure, key="chips", alt=alt)
        labels, chips, chips_before = _chips(visit.scenario())
        columns = {_("Year"): labels, _("Scenario"): chips, _("today's data"): chips_before}
        tables.behind(columns, key="chips")
        text = _(
            "Nvidia has put {put_in} into CoreWeave, promises counted; to the horizon CoreWeave buys for "
            "{chips}, at most Nvidia's. In {year} that is {share} of a year's revenue of {revenue}. All "
            "its vendor finance in force is {vendor} of that revenue."
        )
        st.markdown(
            text.format(
                put_in=numbers.money(found.circle.put_in),
                chips=f"**{numbers.money(found.circle.chips_to_horizon[at])}**",
                year=labels[0],
                share=numbers.percent(found.circle.revenue_share[at][0], 0),
                revenue=numbers.money(found.circle.revenue),
                vendor=numbers.percent(found.circle.vendor_share, 0),
            )
        )


def _chips(scenario: Scenario) -> tuple[list[str], list[float], list[float]]:
    """The years, and what CoreWeave pays in each for chips, in the scenario and with today's data."""
    labels = sorted({quarter[:4] for quarter in cached.baseline()["quarters"]})
    both = cached.deal(scenario, "nb"), cached.baseline_deal("nb", scenario)
    return labels, *(list(one.circle.chips[one.at]) for one in both)


def _chips_figure(scenario: Scenario) -> Figure:
    labels, chips, chips_before = _chips(scenario)
    return shapes.years(
        labels,
        [shapes.Part(_("chips and network"), chips, charts.entity_colour("nvidia"))],
        chips_before,
        write=numbers.money,
        baseline_name=_("today's data"),
        known=cached.known_quarters(),
    )


def in_return(now: Mapping, before: Mapping) -> None:
    """Show what Google got for its guarantees, and say what the others got that has no price."""
    left, right = st.columns(2, gap="large")
    with left:
        st.caption(_("Google: warrants on the landlords it stands behind"))
        received_table("alphabet", now, before)
        st.caption(
            _(
                "A warrant is a right to buy shares at a fixed price. Value at the horizon: the share of "
                "what is left for shareholders after debt, with the company valued as its creditors would."
            )
        )
    with right:
        st.caption(_("Without a price tag"))
        rows = [
            (
                "Google",
                _("first call on capacity it guarantees: it may take over the lease instead of paying"),
            ),
            ("Nvidia", _("customers that buy its chips, and capacity to use when it is called")),
            ("Meta", _("a campus off its books, and a way out every four years")),
        ]
        tables.facts(rows, alt=_("What guarantors got that has no price"))
