"""The four deals: for each its story, switch, facts, with and without, its picture, and charts of its own.

Charts and their words are made by functions that are given the deal, in a scenario and with today's data.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import streamlit as st

from core.results import deals, exposure
from core.scenario.levers import Scenario
from pages.kit.drawing import charts, shapes
from pages.kit.drawing.plot import Figure
from pages.kit.drawing.shapes import Part
from pages.kit.parts import deals_flows, deals_origins, provenance, tables
from pages.kit.parts.deals_flows import Flow
from pages.kit.visit import cached, visit
from pages.kit.words import numbers, spans, words
from pages.kit.words.catalogue import N_, _

TITLES = {
    "hyperion": N_("Meta's Hyperion"),
    "wrap": N_("Google's equity wrap"),
    "circle": N_("Nvidia's circle"),
    "leases": N_("Ten-year leases"),
}
PICTURES: dict[str, tuple[str, Callable[[Scenario], Flow]]] = {
    "hyperion": (N_("Who owns, lends and rents at Hyperion"), deals_flows.hyperion),
    "wrap": (N_("Who pays rent to whom, and what Google stands behind"), deals_flows.wrap),
    "circle": (N_("Money that goes round between Nvidia and its customers"), deals_flows.circle),
    "leases": (N_("Who rents from the miners, and whom they pay"), deals_flows.leases),
}
Held = Mapping[str, exposure.Received]  # a guarantor's stakes and warrants, by promise

# Where each switch shows what it is for: levers moved together with it.
BITES = {
    "hyperion": {"mr": False, "g": 0.0, "h": 2033},
    "wrap": {"gw": False, "g": -20.0, "h": 2033},
    "circle": {"nb": False, "g": 0.0},
    "leases": {"fl": False},
}
BITE_LABELS = {
    "hyperion": N_("Try: demand stops and Meta leaves"),
    "wrap": N_("Try: demand falls 20 % a year and Google walks"),
    "circle": N_("Try: demand stops and Nvidia walks"),
    "leases": N_("Try: Fluidstack stops paying"),
}
STORIES = {
    "hyperion": N_(
        "Meta's campus in Louisiana belongs to a joint venture: funds of Blue Owl own 80 %, Meta 20 %. "
        "Nine in ten dollars are notes, sold mainly to Pimco. Meta rents it back for four years at a time. "
        "It was the model for many more."
    ),
    "wrap": N_(
        "Fluidstack, a young company with little capital, rents from former bitcoin miners. Google stands "
        "behind its rent, not behind the bonds: an equity wrap. The miners' notes were rated higher and sold."
    ),
    "circle": N_(
        "Nvidia owns part of its customers, sells them chips, and has promised to rent what CoreWeave cannot "
        "sell. The same dollar can pass Nvidia's books more than once."
    ),
    "leases": N_(
        "Ten-year leases turn bitcoin miners into landlords. They own halls and power, the tenants bring "
        "the chips. The rent pays the notes; without it there is little else."
    ),
}
ROWS = {
    "hyperion": (
        "called_meta",
        "lost_hyperion_notes",
        "failed_hyperion",
        "net_pimco",
        "net_blue_owl",
        "loss_pensions",
    ),
    "wrap": (
        "called_alphabet",
        "failed_terawulf",
        "failed_cipher",
        "lost_terawulf_notes2030",
        "lost_cipher_notes2030",
        "net_infra_credit",
        "loss_pensions",
    ),
    "circle": (
        "called_nvidia",
        "failed_coreweave",
        "failed_fluidstack",
        "lost_coreweave",
        "net_blackstone",
        "loss_pensions",
    ),
    "leases": (
        "failed_fluidstack",
        "called_alphabet",
        "failed_terawulf",
        "failed_cipher",
        "lost_terawulf",
        "lost_cipher",
    ),
}
LOSSES = {
    "hyperion": ("lost_hyperion",),
    "wrap": ("lost_terawulf", "lost_cipher"),
    "circle": ("lost_coreweave",),
}
MEASURES = {
    "called": N_("{who} pays, to {end}"),
    "lost": N_("Creditors lose, {who}"),
    "failed": N_("{who} fails"),
    "net": N_("{who} earns, net a year"),
    "loss": N_("{who} lose"),
}
HOLDERS = {"wrap": "alphabet", "circle": "nvidia"}  # whose stakes and warrants are facts of a deal
UNSEEN = 5e-7  # USD bn: what is less counts as nothing
DEBTS = {
    "hyperion_notes": N_("Hyperion's notes"),
    "terawulf_notes2030": N_("TeraWulf's notes"),
    "cipher_notes2030": N_("Cipher's notes"),
}


def draw(deal: str) -> None:
    """Draw a deal: what it is and does on the left, its picture and its charts on the right."""
    switch = deals.SWITCH[deal]
    found, base = cached.deal(visit.scenario(), switch), cached.deal.today(switch)
    left, right = st.columns(2, gap="large")
    with right:  # charts first, also in time
        picture(deal)
        PANELS[deal](found, base)
    with left:
        story(deal, switch)
        facts(deal, found)
        with_and_without(deal, found)


def story(deal: str, lever: str) -> None:
    """Tell what a deal is, and draw its own switch, the same lever as in the panel."""
    st.markdown(f"## {_(TITLES[deal])}\n{_(STORIES[deal])}", anchors=False)
    key = f"deal_{lever}"
    title, _per, help_text = words.LEVERS[lever]
    st.toggle(
        _(title),
        value=bool(visit.draw_value(key, visit.scenario()[lever])),
        key=key,
        help=_(help_text),
        on_change=visit.widget_moved,
        args=(key, lambda value: visit.move(**{lever: value})),
    )
    st.button(
        _(BITE_LABELS[deal]),
        key=f"bite_{deal}",
        type="tertiary",
        on_click=lambda: visit.move(**BITES[deal]),
    )


def facts(deal: str, found: deals.Deal) -> None:
    """List the facts of a deal, with what its guarantor holds where it holds something."""
    giver = HOLDERS.get(deal)
    got = exposure.received(cached.snapshot(), cached.read(visit.scenario()), giver) if giver else ()
    held = {one.promise: one for one in got}
    rows = FACTS[deal](found, held)
    tables.facts(rows, alt=_("Facts of the deal"))
    names, values = (list(column) for column in zip(*rows, strict=True))
    shown = [value.replace("**", "") for value in values]
    provenance.behind(partial(deals_origins.facts, deal, found, names, shown, held), key=f"facts_{deal}")


def with_and_without(deal: str, found: deals.Deal) -> None:
    """Compare the deal's key figures with its switch on and off, and say what it moves."""
    labels, on, off = [], [], []
    rows = [key for key in ROWS[deal] if key in found.on]  # of companies that these data know
    for key in rows:
        measure, _separator, subject = key.partition("_")
        who = _(DEBTS[subject]) if subject in DEBTS else words.name(subject)
        labels.append(_(MEASURES[measure]).format(who=who, end=spans.end()))
        write = _write(measure)
        left, right = write(found.on[key]), write(found.off[key])
        on.append(left if left == right else f"**{left}**")
        off.append(right if left == right else f"**{right}**")
    heads = [_("On"), _("Off")]
    marked = list(heads)
    marked[found.at] = _("{state} (now)").format(state=heads[found.at])
    span = _("To {end}; returns to the horizon.").format(end=spans.end())
    tables.heading(_("With the switch on and off"), f"{span} {_moves(deal, found, same=on == off)}")
    tables.compare(
        {" ": labels, marked[0]: on, marked[1]: off}, alt=_("Key figures with the switch on and off")
    )
    shown = [one.strip("*") for one in (on, off)[found.at]]
    tables.behind(
        {
            _("Figure"): labels,
            heads[0]: [found.on[key] for key in rows],
            heads[1]: [found.off[key] for key in rows],
        },
        key=f"switch_{deal}",
        receipt=partial(deals_origins.switch, rows, labels, shown, cached.read(visit.scenario())),
    )


def _moves(deal: str, found: deals.Deal, *, same: bool) -> str:
    """Say when the switch leaves all figures the same, and what creditors have of the promise."""
    told = []
    if same:
        told.append(_("In this scenario the switch moves nothing: nobody needs the promise."))
    lost = [sum(one.get(key, 0.0) for key in LOSSES.get(deal, ())) for one in (found.on, found.off)]
    if lost[0] > lost[1] + 0.05:
        told.append(_("The promise buys time here, not safety: creditors lose more with it than without."))
    elif lost[1] > lost[0] + 0.05:
        text = _("Without the promise creditors lose {amount} more.")
        told.append(text.format(amount=numbers.money(lost[1] - lost[0])))
    return f"**{' '.join(told)}**" if told else ""


def _write(measure: str) -> Callable:
    if measure == "failed":
        return lambda value: numbers.quarter(value) if value else _("no")
    return numbers.percent if measure == "net" else numbers.money


def picture(deal: str) -> None:
    """Draw who pays whom in a deal, with its legend and the table behind it."""
    (title, flow), key = PICTURES[deal], f"flow_{deal}"
    charts.show(
        lambda scenario: shapes.flow(*flow(scenario), height=340),
        key=key,
        title=_(title),
        note=_("Solid: money that flows. Dashed: a promise, or what was given for it. Orange: called here."),
        alt=_(title),
    )
    nodes, arrows = flow(visit.scenario())
    plain = {
        name: node.text.replace("<b>", "").replace("</b>", "").replace("<br>", " ")
        for name, node in nodes.items()
    }
    tables.behind(
        {
            _("From"): [plain[arrow.start] for arrow in arrows],
            _("To"): [plain[arrow.end] for arrow in arrows],
            _("What"): [arrow.hover for arrow in arrows],
            _("USD billion"): [arrow.amount or None for arrow in arrows],
        },
        key=key,
    )


def _show(deal: str, figure: Callable[[deals.Deal, deals.Deal], Figure], *, key: str, **texts) -> None:
    """Draw a chart of a deal; it, and words that depend on it, are made from the deal and that of today."""
    switch = deals.SWITCH[deal]

    def of_deal(make: Callable) -> Callable[[Scenario], object]:
        return lambda one: make(cached.deal(one, switch), cached.deal.today(switch, beside=one))

    made = {name: of_deal(text) if callable(text) else text for name, text in texts.items()}
    charts.show(of_deal(figure), key=key, **made)


def _from_below(parts: Sequence[Part]) -> str:
    """Write which part of a stack is which, from below; those that are there."""
    seen = [part for part in parts if sum(part.values) > UNSEEN] or parts
    signs = [
        f':color[{"▨" if part.hatched else "■"}]{{foreground="{part.colour}"}} {part.name}' for part in seen
    ]
    return _("USD billion · from below: {names}").format(names=", ".join(signs))


def _exit_parts(found: deals.Deal, base: deals.Deal) -> list[Part]:
    """Who pays Hyperion's notes when Meta leaves, in the scenario and with today's data."""
    pairs = [(found.exit, found.at), (base.exit, base.at)]
    return [
        Part(_("campus sold"), [float(one.sale[at]) for one, at in pairs], charts.entity_colour("hyperion")),
        Part("Meta", [float(one.guaranteed[at]) for one, at in pairs], shapes.alarm()),
        Part(_("nobody"), [float(one.short[at]) for one, at in pairs], shapes.neutral(), hatched=True),
    ]


def _exit_rows() -> list[str]:
    return [_("This scenario"), _("Today's data")]


def _exit_figure(found: deals.Deal, base: deals.Deal) -> Figure:
    return shapes.stacks(_exit_rows(), _exit_parts(found, base), write=numbers.amount, height=150)


def _hyperion_facts(found: deals.Deal, _held: Held) -> list[tuple[str, str]]:
    web, cover = cached.snapshot(), found.cover
    notes, equity = web.value("hyperion_notes.balance"), web.value("hyperion_equity.amount")
    reported = "–".join(numbers.turns(one, 2) for one in (cover.reported_cover_yearly, cover.reported_cover))
    return [
        (
            _("Notes, at {rate}").format(rate=numbers.percent(web.value("hyperion_notes.rate"), 3)),
            f"**{numbers.money(notes)}**",
        ),
        (
            _("Equity below them, {share} of the money").format(
                share=numbers.percent(equity / (equity + notes), 0)
            ),
            f"**{numbers.money(equity)}**",
        ),
        (
            _("Rent the model uses over debt service: an assumption"),
            f"{provenance.badge('assumption')} **{numbers.turns(cover.cover, 2)}**",
        ),
        (
            _("Rent as Meta reports it, {total} over four years, 80 % to the notes").format(
                total=numbers.money(cover.reported * 4)
            ),
            f"**{reported}**",
        ),
    ]


def _falls_due(found: deals.Deal, _base: deals.Deal) -> str:
    text = _("If Meta leaves in {quarter}, {owed} of notes fall due. Who pays?")
    return text.format(quarter=numbers.quarter(found.exit.quarter), owed=numbers.money(found.exit.owed))


def hyperion(found: deals.Deal, base: deals.Deal) -> None:
    """Show who pays Hyperion's notes if Meta leaves."""
    _show(
        "hyperion",
        _exit_figure,
        key="exit",
        title=_("Who pays the notes when Meta leaves"),
        caption=_falls_due,
        note=_(
            "The lease runs in four-year terms: Meta can leave in {year} and every four years after. A "
            "residual value guarantee is a promise of what the campus will be worth then: it pays what "
            "the sale does not, within its cap."
        ).format(year=spans.quarter_of("meta_hyperion.from")[:4]),
        alt=_("Who pays the notes when Meta leaves"),
    )
    parts = {part.name: list(part.values) for part in _exit_parts(found, base)}
    tables.behind({_("Scenario"): _exit_rows(), **parts}, key="exit")


def _wrap_facts(found: deals.Deal, held: Held) -> list[tuple[str, str]]:
    tera, warrant = found.wraps[0], held["alphabet_terawulf_warrant"]
    issue = cached.snapshot().value("google_terawulf.spread_at_issue")
    return [
        (
            _("{debt} of TeraWulf's notes for {life} years: interest saved, model").format(
                debt=numbers.money(tera.debt), life=numbers.decimal(tera.life, 1)
            ),
            f"**{numbers.money(tera.saved[found.at])}**",
        ),
        (
            _("The same at the {bp} of the market at issue").format(bp=numbers.basis_points(issue)),
            f"**{numbers.money(tera.at_spread(issue))}**",
        ),
        (
            _("Google's warrants on TeraWulf: {date} and at the horizon").format(date=spans.start()),
            f"**{numbers.money(warrant.mark)}** → {numbers.money(warrant.horizon)}",
        ),
        (
            _("Years of full rent that Google's cap would pay"),
            f"**{numbers.decimal(tera.years_backed, 1)}**",
        ),
    ]


def _worth(found: deals.Deal, base: deals.Deal) -> list[tuple[str, float, float, str]]:
    """What a wrap takes off the rate: the words, in the scenario, with today's data, and whose it is."""
    web, at, was = cached.snapshot(), found.at, base.at
    issue, later_on = (web.value(f"google_terawulf.{item}") for item in ("spread_at_issue", "spread_later"))
    read = spans.month(web.row("google_terawulf.spread_later").as_of)
    relet = {"terawulf": _("TeraWulf, space re-let"), "cipher": _("Cipher, space re-let")}
    model = [
        (relet[one.landlord], one.worth[at], usual.worth[was], one.landlord)
        for one, usual in zip(found.wraps, base.wraps, strict=True)
    ]
    return [
        *model,
        (_("TeraWulf, market at issue"), issue, issue, ""),
        (_("TeraWulf, market {month}").format(month=read), later_on, later_on, ""),
    ]


def _worth_figure(found: deals.Deal, base: deals.Deal) -> Figure:
    labels, values, rings, who = (list(column) for column in zip(*_worth(found, base), strict=True))
    today = _("today's data")
    return shapes.bars(
        labels,
        values,
        words=[numbers.basis_points(value) for value in values],
        hover=[
            f"{label}: <b>{numbers.basis_points(value)}</b> ({today}: {numbers.basis_points(ring)})"
            for label, value, ring in zip(labels, values, rings, strict=True)
        ],
        colours=[charts.entity_colour(one) if one else shapes.neutral() for one in who],
        rings=rings,
        height=190,
    )


def _priced(found: deals.Deal, _base: deals.Deal) -> str:
    """Say how the model prices a wrap, and what TeraWulf's rent covers with it and without."""
    tera = found.wraps[0]
    text = _(
        "Model: the rate its interest cover asks for, with the rent as agreed and with what another tenant "
        "would pay now ({relet} of it). TeraWulf covers its interest {cover} with the rent, {less} re-let, "
        "{none} without. The table behind it knows no collateral, so it overstates; the market is the check."
    )
    return text.format(
        relet=numbers.percent(tera.relet[found.at], 0),
        cover=numbers.turns(tera.cover),
        less=numbers.turns(float(tera.cover_relet[found.at])),
        none=numbers.turns(tera.cover_without),
    )


def _caps(found: deals.Deal, base: deals.Deal) -> tuple[list[str], list[Part], list[float]]:
    """Years, what Google can still be asked for at the end of each by landlord, and the cap by contract."""
    result, layout = found.figures.result, found.figures.layout
    parts = [
        Part(
            words.name(one.landlord),
            result.array("live", layout.promises.ids.index(one.promise))[
                found.at, list(layout.calendar.year_ends)
            ].tolist(),
            charts.entity_colour(one.landlord),
        )
        for one in found.wraps
    ]
    total = [sum(values) for values in zip(*(one.cap_by_year for one in base.wraps), strict=True)]
    return list(map(str, layout.calendar.years)), parts, total


def _cap_figure(found: deals.Deal, base: deals.Deal) -> Figure:
    name = _("cap by contract")
    return shapes.years(*_caps(found, base), write=numbers.money, baseline_name=name, height=190)


def wrap(found: deals.Deal, base: deals.Deal) -> None:
    """Show what a wrap takes off the spread, model and market, and what Google can still be asked for."""
    _show(
        "wrap",
        _worth_figure,
        key="wrap_value",
        title=_("What Google's wrap takes off the yearly rate"),
        caption=_("Basis points (hundredths of a per cent)"),
        note=_priced,
        alt=_("What the wrap is worth, model against market, in basis points"),
    )
    labels, values, rings, _who = (list(column) for column in zip(*_worth(found, base), strict=True))
    columns = {_("Wrap"): labels, _("Scenario"): values, _("today's data"): rings}
    tables.behind(columns, key="wrap_value")
    _show(
        "wrap",
        _cap_figure,
        key="cap",
        title=_("What Google can still be asked for each year-end"),
        caption=lambda *both: _from_below(_caps(*both)[1]),
        alt=_("Google's remaining promise by year, against the cap by contract"),
    )
    labels, parts, total = _caps(found, base)
    columns = {part.name: part.values for part in parts} | {_("cap by contract"): total}
    tables.behind({_("Year"): labels, **columns}, key="cap")


def _taken(found: deals.Deal, base: deals.Deal) -> tuple[list[str], list[float], list[float]]:
    """Years, and what Nvidia rents from CoreWeave in each, in the scenario and with today's data."""
    taken, usual = (list(deal.circle.taken[deal.at]) for deal in (found, base))
    return spans.years(), taken, usual


def _taken_figure(found: deals.Deal, base: deals.Deal) -> Figure:
    labels, taken, usual = _taken(found, base)
    return shapes.years(
        labels,
        [Part(_("taken by Nvidia"), taken, shapes.alarm())],
        usual,
        write=numbers.money,
        baseline_name=_("today's data"),
        known=cached.known_years(),
    )


def _circle_facts(found: deals.Deal, held: Held) -> list[tuple[str, str]]:
    web, loop, stake = cached.snapshot(), found.circle, held["nvidia_coreweave_stake"]
    announced, agreed = (web.value(f"nvidia_openai.{item}") for item in ("cap", "actual"))
    return [
        (
            _("Stake in CoreWeave: value {date} and at the horizon").format(date=spans.start()),
            f"**{numbers.money(stake.mark)}** → {numbers.money(stake.horizon)}",
        ),
        (
            _("CoreWeave's chips to the horizon for each dollar put in or promised"),
            f"**{numbers.decimal(float(loop.chips_to_horizon[found.at]) / loop.put_in, 1)}**",
        ),
        (
            _("Vendor finance in force, of a year's revenue"),
            f"**{numbers.percent(loop.vendor_share, 0)}**",
        ),
        (
            _("Announced for OpenAI, a letter that binds nobody"),
            f"{numbers.money(announced)} → **{numbers.money(agreed)}**",
        ),
    ]


def circle(found: deals.Deal, base: deals.Deal) -> None:
    """Show what Nvidia must rent of what CoreWeave cannot sell."""
    _show(
        "circle",
        _taken_figure,
        key="taken",
        title=_("Capacity that Nvidia must rent from CoreWeave"),
        caption=spans.by_year(_("USD billion a year")),
        note=_(
            "Vendor finance: a supplier lends to, or invests in, those who buy from it. It lifts sales "
            "in good years and loses twice in bad ones. If CoreWeave fails, the promise ends with it."
        ),
        alt=_("Capacity Nvidia takes each year, beside today's data"),
    )
    labels, taken, usual = _taken(found, base)
    tables.behind({_("Year"): labels, _("Scenario"): taken, _("today's data"): usual}, key="taken")


def _rent(host: str, found: deals.Deal, base: deals.Deal) -> tuple[list[str], list[Part], list[float]]:
    """Years, a miner's rent in each by who pays it, and what tenants pay with today's data."""
    paid: dict[str, list[float]] = {}  # by tenant, whether it has one lease or several
    for one in found.leases[host]:
        before = paid.get(one.tenant, [0.0] * len(one.tenant_paid[found.at]))
        paid[one.tenant] = [sum(both) for both in zip(before, one.tenant_paid[found.at], strict=True)]
    parts = [
        Part(
            words.name(tenant),
            values,
            charts.entity_colour(tenant) if tenant in charts.ENTITY else shapes.neutral(),
        )
        for tenant, values in paid.items()
    ]

    def total(deal: deals.Deal, name: str) -> list[float]:
        paths = (getattr(one, name)[deal.at] for one in deal.leases[host])
        return [sum(values) for values in zip(*paths, strict=True)]

    parts += [
        Part(_("Google pays"), total(found, "guarantor_paid"), shapes.alarm()),
        Part(_("nobody pays"), total(found, "missing"), shapes.alarm(), hatched=True, opacity=0.6),
    ]
    return spans.years(), parts, total(base, "tenant_paid")


def _rent_figure(host: str, found: deals.Deal, base: deals.Deal) -> Figure:
    return shapes.years(
        *_rent(host, found, base),
        write=numbers.money,
        baseline_name=_("today's data"),
        known=cached.known_years(),
    )


def _leases_facts(found: deals.Deal, _held: Held) -> list[tuple[str, str]]:
    cover = _("{host}: earnings over interest, all rent paid; without Fluidstack's")
    rows = [
        (
            cover.format(host=words.name(one.landlord)),
            f"**{numbers.turns(one.cover)}** → {numbers.turns(one.cover_without)}",
        )
        for one in found.wraps
    ]
    terms = [
        numbers.decimal(cached.snapshot().value(f"{key}.term") / 4, 0)
        for key in ("terawulf_fluidstack", "terawulf_core42", "cipher_amazon")
        if key in cached.snapshot().tables["offtake"]
    ]
    label = _("Terms with Fluidstack, Core42 (an assumption) and Amazon")
    return [*rows, (label, _("{terms} years").format(terms=numbers.listing(terms)))]


def leases(found: deals.Deal, base: deals.Deal) -> None:
    """Show each miner's rent by year and who pays it."""
    for host in found.leases:
        _show(
            "leases",
            partial(_rent_figure, host),
            key=f"rent_{host}",
            title=_("{host}: rent by year and who pays it").format(host=words.name(host)),
            caption=lambda *both, host=host: _from_below(_rent(host, *both)[1]),
            alt=_("Rent by year and who pays it, beside today's data"),
        )
        labels, parts, usual = _rent(host, found, base)
        columns = {part.name: part.values for part in parts} | {_("today's data"): usual}
        tables.behind({_("Year"): labels, **columns}, key=f"rent_{host}")


FACTS: dict[str, Callable[[deals.Deal, Held], list[tuple[str, str]]]] = {
    "hyperion": _hyperion_facts,
    "wrap": _wrap_facts,
    "circle": _circle_facts,
    "leases": _leases_facts,
}
PANELS = {"hyperion": hyperion, "wrap": wrap, "circle": circle, "leases": leases}
