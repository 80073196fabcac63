"""Words and tables of the Guarantors page: the answer, parts of a debt with their sources, what came back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

import streamlit as st

from core.results import exposure
from core.scenario.levers import Scenario
from core.web.snapshot import Row
from core.web.web import GUARANTORS
from pages.kit.drawing import charts, shapes
from pages.kit.drawing.plot import Figure
from pages.kit.frame import choices
from pages.kit.parts import guarantors_cash, origins, prices, provenance, summary, tables
from pages.kit.visit import cached, on_request, visit
from pages.kit.visit.cached import by_id, givers
from pages.kit.words import numbers, spans, words
from pages.kit.words.catalogue import N_, _

DOLLAR = 5e-7  # USD bn: what is less counts as nothing
# Per quarter; others pay nothing.
PAID = dict.fromkeys(GUARANTORS, "called") | {"oracle": "rent_without_tenant"}
BESIDE = {  # rows of the data that are quoted beside what a company pays
    "alphabet": ("alphabet.backstops_outside",),
    "oracle": ("oracle.leases_not_commenced",),
}

PARTS = {
    "reported": N_("Debt as reported"),
    "leases": N_("Leases on the books"),
    "leases_not_commenced": N_("Leases signed, not yet started"),
    "joint_venture": N_("Share of the venture's notes"),
    "residual_value": N_("Residual value guarantee"),
    "backstops": N_("Backstops, to their limit"),
    "purchase_commitments": N_("Purchases promised"),
    "vendor_finance": N_("Vendor finance"),
}
AGENCY_PARTS = {
    "leases_within_year": N_("Leases that start within a year"),
    "guarantees": N_("Guarantees, the part that counts"),
}
RATIOS = {
    "guarantor.reported_leverage": N_("Reported debt over EBITDA"),
    "guarantor.agency_leverage": N_("Debt as agencies count it over EBITDA"),
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


def companies() -> tuple[str, ...]:
    """Return the companies of the page, as the data know them."""
    return choices.offered("giver")


def exposures(reading: Mapping) -> dict[str, exposure.Exposure]:
    """Return what each company has promised and what is called of it."""
    return {key: exposure.exposure(cached.snapshot(), reading, key) for key in companies()}


def answer(rows: Sequence[Mapping], found: Mapping[str, exposure.Exposure], year: int) -> str:
    """Return the page's answer in two sentences: what is called, and whose debt grows most looked through."""
    promised = numbers.money(sum(one.promised for one in found.values()))
    called, later = (sum(getattr(one, name) for one in found.values()) for name in ("called", "later"))
    if called + later < DOLLAR:
        first = _("Nobody is called: {promised} of promises stands, and none of it is in reported debt.")
    elif called < DOLLAR:
        first = _("To {year} nobody is called; after it, to {end}, {later} of the {promised} promised.")
    elif later < DOLLAR and str(year) == spans.end():
        first = _("To {year} guarantors pay {called} of the {promised} they promised.")
    elif later < DOLLAR:
        first = _("To {year} guarantors pay {called} of the {promised} they promised, and nothing after it.")
    else:
        first = _("To {year} guarantors pay {called} of the {promised} they promised; {later} more by {end}.")
    most = max(rows, key=lambda row: row["look_through_leverage"] - row["reported_leverage"])
    second = _(
        "On {date} {who} owed {before} a year's EBITDA as reported, {agency} as rating agencies count, "
        "{after} with all it has promised."
    ).format(
        date=numbers.day(most["leverage_as_of"]),
        who=words.name(most["id"]),
        before=numbers.turns(most["reported_leverage"]),
        agency=numbers.turns(most["agency_leverage"]),
        after=numbers.turns(most["look_through_leverage"]),
    )
    amounts = {"called": numbers.money(called), "later": numbers.money(later)}
    return f"{first.format(promised=promised, year=year, end=spans.end(), **amounts)} {second}"


def cite(rows: Sequence[Row]) -> str:
    """Return the basis and the source of rows in one small line each."""
    if not rows:
        return ":small[:gray[" + _("not found, or not its kind of promise") + "]]"
    return provenance.cited(rows)


def parts_table(row: Mapping, base: Mapping) -> None:
    """List the parts of a company's look-through debt, each with basis, source and date."""
    found = exposure.part_rows(cached.snapshot(), row["id"])
    lines = []
    for part, label in PARTS.items():
        value = row["parts"][part]
        if value > DOLLAR or found[part]:
            amount = tables.beside(value, base["parts"][part], numbers.amount)
            lines.append((f"{_(label)}  \n{cite(found[part])}", amount))
    total = tables.beside(row["look_through_debt"], base["look_through_debt"], numbers.amount)
    agency = tables.beside(row["agency_debt"], base["agency_debt"], numbers.amount)
    label = _("Look-through debt")
    lines.append((f"**{label}**", f"**{total}**" if "*" not in total else total))
    lines.append((_("Of which as agencies count it"), agency))
    tables.facts(lines, alt=_("Parts of look-through debt in USD billion, with basis and source"))


def received_table(giver: str, now: Mapping, before: Mapping, *, of: str) -> None:
    """List a guarantor's stakes and warrants under a title: what they cost, what they are worth."""
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
        _("Value, {date}").format(date=spans.start()): [numbers.amount(one.mark, 2) for one in held],
        _("At the horizon"): [
            tables.beside(one.horizon, base[one.promise].horizon, lambda v: numbers.amount(v, 2))
            for one in held
        ],
    }
    tables.compare(columns, alt=_("What the guarantor holds in return, at cost and at value"))
    provenance.behind(partial(origins.received, held), key=f"received_{giver}_receipt", of=of)


def promised_title() -> str:
    """Return what the panel of all promises is called."""
    return _("What do the guarantors owe?")


def promised() -> None:
    """Show what is called of what was promised."""
    charts.show(
        summary.called_figure,
        key="promised",
        title=promised_title(),
        caption=lambda scenario: _(
            "USD billion called to {year}, of what was promised · pale: to {end}"
        ).format(year=scenario["h"], end=spans.end()),
        note=_what_it_does,
        alt=_("Called of promised, per guarantor"),
    )


def positions(now: Mapping[str, exposure.Exposure], before: Mapping[str, exposure.Exposure]) -> None:
    """List what is called of the promises, what is live and what it weighs, today's data in brackets."""
    names = [
        _("Promised"),
        _("Live at the horizon"),
        _("Called to the horizon"),
        _("Called after it, to {end}").format(end=spans.end()),
        _("Dearest quarter"),
        _("Dearest year, of operating cash flow"),
        _("All calls, of cash in hand"),
    ]
    whose = [key for key in givers() if guarantors_cash.known(key)]
    columns = {_("USD billion"): [*names, *(guarantors_cash.names() if whose else [])]}
    for key in givers():
        one, base = now[key], before[key]
        columns[words.name(key)] = [
            numbers.amount(one.promised, 1),
            tables.beside(one.live, base.live, numbers.amount),
            tables.beside(one.called, base.called, numbers.amount),
            tables.beside(one.later, base.later, numbers.amount),
            numbers.quarter(one.peak_quarter),
            tables.beside(one.share_of_cash_flow, base.share_of_cash_flow, numbers.percent),
            tables.beside(one.share_of_cash, base.share_of_cash, numbers.percent),
            *(guarantors_cash.positions(one, base) if whose else []),
        ]
    tables.compare(columns, alt=_("Promised, live and called per guarantor; today's data in brackets"))
    called, later, promised = summary.called(visit.scenario())
    tables.behind(
        {
            _("Guarantor"): [words.name(key) for key in givers()],
            _("Promised"): promised,
            _("Live at the horizon"): [now[key].live for key in givers()],
            _("Called"): called,
            _("Called to {end}").format(end=spans.end()): later,
            _("today's data"): [before[key].called for key in givers()],
        },
        key="promised",
        of=promised_title(),
        receipt=partial(origins.positions, [now[key] for key in givers()], cached.read(visit.scenario())),
    )


def _what_it_does(scenario: Scenario) -> str:
    """Say what a guarantee does, and what the dearest year costs the giver it weighs on most, if any."""
    head = _("What a guarantee does")
    text = _(
        "A guarantee moves risk to whoever gives it; it does not always make risk smaller. The lender is "
        "paid and the guarantor's cash goes; a guarantor that cannot bear the call takes others down with it."
    )
    told = f"**{head}.** {text}"
    found = exposures(cached.read(scenario))
    worst = max((found[key] for key in givers()), key=lambda one: one.share_of_cash_flow)
    if worst.called < DOLLAR:
        return told
    text = _("Here the dearest year costs {who} {share} of its operating cash flow.")
    return f"{told} " + text.format(
        who=words.name(worst.giver), share=numbers.percent(worst.share_of_cash_flow)
    )


def calls(who: str) -> None:
    """Draw what a company pays under its promises per quarter; for Oracle the rent without its tenant."""
    title = _("What {who} pays under its promises").format(who=words.name(who))
    if who == "oracle":
        title = _("Rent Oracle pays for space whose tenant OpenAI has failed")
    charts.show(
        partial(_calls_figure, who),
        key="calls",
        title=title,
        caption=lambda scenario: _("USD billion a quarter") if _pays(who, scenario) else "",
        note=partial(_booked, who),
        empty=partial(_booked, who),
        alt=_("Payments per quarter to {end}, beside today's data").format(end=spans.end()),
    )
    columns: dict[str, Sequence] = {}
    if who in PAID:
        columns[_("Scenario")], columns[_("today's data")] = _paid(who, visit.scenario())
    columns |= guarantors_cash.columns(who)
    if columns:
        quarters = {_("Quarter"): cached.baseline()["quarters"]}
        tables.behind(quarters | columns, key="calls", of=title, receipt=partial(_quoted, who))


def _quoted(who: str) -> None:
    guarantors_cash.receipt(who)
    rows = [row for name in BESIDE.get(who, ()) for row in _to_date(name)]
    if rows := [*origins.promises_of(who), *rows, *guarantors_cash.rows(who)]:
        provenance.sources(rows)


def _to_date(name: str) -> list[Row]:
    """Return a figure as the data have it and, if it was reported anew since, as it stood last."""
    web = cached.snapshot()
    own = web.row(name)
    since = [row for row in web.tables["actuals"].get(name, {}).values() if row.as_of > own.as_of]
    return [own, *sorted(since, key=lambda row: row.as_of)[-1:]]


def _paid(who: str, scenario: Scenario) -> tuple[Sequence[float], Sequence[float]]:
    """Return what a company pays per quarter, in a scenario and with today's data."""
    both = cached.read(scenario), cached.baseline(scenario)
    now, before = (by_id(one, "guarantors")[who][PAID[who]] for one in both)
    return now, before


def _pays(who: str, scenario: Scenario) -> bool:
    return who in PAID and max(map(max, _paid(who, scenario))) > DOLLAR


def _booked(who: str, scenario: Scenario) -> str:
    """Say when a company pays nothing, what Oracle's rent comes to, and what its books do not show."""
    web, told = cached.snapshot(), []
    if who not in PAID:
        told.append(_("{who} guarantees nobody in this web.").format(who=words.name(who)))
    elif not _pays(who, scenario):
        told.append(
            _("Nothing to {end}, neither in this scenario nor with today's data.").format(end=spans.end())
        )
    if who == "oracle":
        last = cached.read(scenario)["last_quarter"]
        total, was = (numbers.money(sum(one[: last + 1])) for one in _paid(who, scenario))
        text = _("To {year} {now}; with today's data {before}. This is rent, never a call.")
        told.append(text.format(year=scenario["h"], now=f"**{total}**", before=was))
        told += guarantors_cash.borrower(who, scenario)
    told += guarantors_cash.told(who, scenario)
    told.append(_(BOOKED[who]).format(leases=numbers.money(web.value("oracle.leases_not_commenced"))))
    if who == "alphabet":
        line = _("All of Google's data-centre backstops, most of them outside this model: {amounts}.")
        amounts = [
            _("{amount} in {month}").format(
                amount=f"**{numbers.money(float(row.value))}**", month=spans.month(row.as_of)
            )
            for name in BESIDE[who]
            for row in _to_date(name)
        ]
        told.append(line.format(amounts=", ".join(amounts)))
    return "\n".join(told)


def _calls_figure(who: str, scenario: Scenario) -> Figure | None:
    if not _pays(who, scenario):
        return None
    return charts.lines(
        cached.read(scenario)["quarters"],
        *_paid(who, scenario),
        colour=charts.entity_colour(who),
        write=numbers.money,
        baseline_name=_("today's data"),
        known_quarters=cached.known_quarters(),
    )


def expected(year: int) -> None:
    """Offer the mean call over many draws."""

    def draw() -> None:
        text = _("Mean over {n} draws of the levers around this scenario, to {year}; more under Stress.")
        st.caption(text.format(n=numbers.decimal(cached.DRAWS, 0), year=year))
        found = cached.expected_calls(visit.scenario())
        tables.facts(
            [
                (words.name(key), f"{numbers.money(found[key][0])} ± {numbers.money(found[key][1])}")
                for key in givers()
            ],
            alt=_("Expected call per guarantor with its standard error"),
        )
        origins.expected(givers())

    on_request.popover(_("Expected call"), draw, key="expected")


def debt(who: str, now: Mapping, before: Mapping) -> None:
    """Draw leverage counted in three ways for all, and the parts of one company's debt."""
    web, rows = cached.snapshot(), by_id(now, "guarantors")
    as_of = numbers.day(rows[who]["leverage_as_of"])
    left, right = st.columns(2, gap="large")
    with left:
        names = ("lease_rate", "lease_years", "lease_delay", "lease_within_year", "guarantee_weight")
        terms = {name: web.value(f"lookthrough.{name}") for name in names}
        text = _(
            "All at one date, in every scenario the same. As agencies count: debt, leases on the books, the "
            "{soon} of leases not yet started that starts within a year (an assumption), and {half} of "
            "guarantees. With all promised: everything signed. Leases count at their present value: {years} "
            "of rent, on average {delay} away, at {rate} a year."
        )
        title = _("Debt over EBITDA")
        charts.show(
            partial(leverage_figure, who),
            key="leverage",
            title=title,
            caption=_("○ as reported, ◇ as agencies count, ● with all promised, on {date}").format(
                date=as_of
            ),
            note=text.format(
                soon=numbers.percent(terms["lease_within_year"], 0),
                half=numbers.percent(terms["guarantee_weight"], 0),
                rate=numbers.percent(terms["lease_rate"], 0),
                years=numbers.so_many_years(numbers.decimal(terms["lease_years"], 0)),
                delay=numbers.so_many_years(numbers.decimal(terms["lease_delay"], 0)),
            ),
            alt=_("Leverage per company: as reported, as agencies count it, with all promised"),
        )
        reported, agency, through = _leverage(now)
        tables.behind(
            {
                _("Company"): [words.name(key) for key in companies()],
                **{
                    _(label): [rows[key]["parts"][part] for key in companies()]
                    for part, label in PARTS.items()
                },
                **{
                    _(label): [rows[key]["agency_parts"][part] for key in companies()]
                    for part, label in AGENCY_PARTS.items()
                },
                _("Reported leverage"): reported,
                _("Leverage as agencies count it"): agency,
                _("Look-through leverage"): through,
            },
            key="leverage",
            of=title,
            receipt=partial(_receipt, who, rows[who], now),
        )
    with right:
        tables.heading(
            _("What {who} owes when all is counted").format(who=words.name(who)),
            _("USD billion on {date}").format(date=as_of),
        )
        parts_table(rows[who], by_id(before, "guarantors")[who])


def _receipt(who: str, row: Mapping, now: Mapping) -> None:
    """Say how the three ratios of a company come about, and what markets have asked of it since."""
    provenance.figures(*((_(label), ratio, row, now) for ratio, label in RATIOS.items()))
    prices.told(who)


def _leverage(now: Mapping) -> tuple[list[float], list[float], list[float]]:
    """Debt over EBITDA per company: as reported, as agencies count it, looked through."""
    rows = by_id(now, "guarantors")
    reported, agency, through = (
        [rows[key][f"{way}_leverage"] for key in companies()]
        for way in ("reported", "agency", "look_through")
    )
    return reported, agency, through


def leverage_figure(who: str, scenario: Scenario) -> Figure:
    """Draw debt over EBITDA of each company, counted in three ways."""
    return shapes.marks(
        [words.name(key) for key in companies()],
        _leverage(cached.read(scenario)),
        [charts.entity_colour(key) for key in companies()],
        write=numbers.turns,
        heads=(_("as reported"), _("as agencies count"), _("with all promised")),
        strong=companies().index(who),
    )


def circle(_who: str, now: Mapping, before: Mapping) -> None:
    """Show Nvidia's stakes beside the letter of intent, and how much revenue a customer brings."""
    web = cached.snapshot()
    left, right = st.columns(2, gap="large")
    with left:
        text = _(
            "Announced for OpenAI: {letter}, a letter of intent that binds nobody. What had come of it by "
            "{month}: a stake of {stake}. In CoreWeave {cost} by {first}"
        )
        held = web.tables["promises"]["nvidia_coreweave_stake"]
        text += _(" and {added} more in {then}.") if "added" in held else "."
        added = held.get("added", held["cost"])
        caption = text.format(
            letter=f"**{numbers.money(web.value('nvidia_openai.cap'))}**",
            stake=f"**{numbers.money(web.value('nvidia_openai.actual'))}**",
            month=spans.month(web.row("nvidia_openai.actual").as_of),
            cost=numbers.money(float(held["cost"].value)),
            first=spans.month(held["cost"].as_of),
            added=numbers.money(float(added.value)),
            then=spans.month(added.as_of),
        )
        title = _("Nvidia's stakes in its own customers")
        tables.heading(title, caption)
        received_table("nvidia", now, before, of=title)
    with right:
        title = _("What CoreWeave pays for chips and network")
        charts.show(
            _chips_figure,
            key="chips",
            title=title,
            caption=spans.by_year(_("USD billion a year")),
            note=_bought,
            alt=_("CoreWeave's yearly spending on chips, beside today's data"),
        )
        labels, chips, chips_before = _chips(visit.scenario())
        columns = {_("Year"): labels, _("Scenario"): chips, _("today's data"): chips_before}
        tables.behind(columns, key="chips", of=title)


def _bought(scenario: Scenario) -> str:
    """Say what Nvidia has put into CoreWeave, and what CoreWeave buys for."""
    found = cached.deal(scenario, "nb")
    loop, at = found.circle, found.at
    text = _(
        "Nvidia has put {put_in} into CoreWeave, promises counted; to the horizon CoreWeave buys for "
        "{chips}, at most Nvidia's. In {year} that is {share} of a year's revenue of {revenue}. All "
        "its vendor finance in force is {vendor} of that revenue."
    )
    whole = 1 if cached.snapshot().calendar.begun else 0  # the first year of which nothing has passed
    return text.format(
        put_in=numbers.money(loop.put_in),
        chips=f"**{numbers.money(loop.chips_to_horizon[at])}**",
        year=_chips(scenario)[0][whole],
        share=numbers.percent(loop.revenue_share[at][whole], 0),
        revenue=numbers.money(loop.revenue),
        vendor=numbers.percent(loop.vendor_share, 0),
    )


def _chips(scenario: Scenario) -> tuple[list[str], list[float], list[float]]:
    """The years, and what CoreWeave pays in each for chips, in the scenario and with today's data."""
    both = cached.deal(scenario, "nb"), cached.deal.today("nb", beside=scenario)
    return spans.years(), *(list(one.circle.chips[one.at]) for one in both)


def _chips_figure(scenario: Scenario) -> Figure:
    labels, chips, chips_before = _chips(scenario)
    return shapes.years(
        labels,
        [shapes.Part(_("chips and network"), chips, charts.entity_colour("nvidia"))],
        chips_before,
        write=numbers.money,
        baseline_name=_("today's data"),
        known=cached.known_years(),
    )


def in_return(_who: str, now: Mapping, before: Mapping) -> None:
    """Show what Google got for its guarantees, and say what the others got that has no price."""
    left, right = st.columns(2, gap="large")
    with left:
        text = _(
            "A warrant is a right to buy shares at a fixed price. Value at the horizon: the share of "
            "what is left for shareholders after debt, with the company valued as its creditors would."
        )
        title = _("Google: warrants on the landlords it stands behind")
        tables.heading(title, text)
        received_table("alphabet", now, before, of=title)
    with right:
        got = [
            _("first call on capacity it guarantees: it may take over the lease instead of paying"),
            _("customers that buy its chips, and capacity to use when it is called"),
            _("a campus off its books, and a way out every four years"),
        ]
        columns = {
            _("Guarantor"): [words.name(key) for key in givers()],
            _("Without a price tag"): got,
        }
        tables.compare(columns, alt=_("What guarantors got that has no price"))


LOOKS = {
    "debt": (N_("Debt, looked through"), debt),
    "circle": (N_("Nvidia's circle"), circle),
    "return": (N_("What they got"), in_return),
}
