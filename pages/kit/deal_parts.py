"""The four deals: for each its picture, its switch, facts, with and without, and a chart of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from types import MappingProxyType

import streamlit as st

from core import deals, exposure, narrative
from pages.kit import cached, charts, deal_origins, drawings, numbers, receipts, state, tables, words
from pages.kit.catalogue import N_, _
from pages.kit.drawings import Arrow, Node, Part
from pages.kit.later import later

LONG_NAME = 12  # letters that fit into a box on a phone
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
    "called": N_("{who} pays, to 2033"),
    "lost": N_("Creditors lose, {who}"),
    "failed": N_("{who} fails"),
    "net": N_("{who} earns, net a year"),
    "loss": N_("{who} lose"),
}
DEBTS = {
    "hyperion_notes": N_("Hyperion's notes"),
    "terawulf_notes2030": N_("TeraWulf's notes"),
    "cipher_notes2030": N_("Cipher's notes"),
}
YEARLY = N_("{amount} a year")


def money_a_year(value: float) -> str:
    """Return an amount per year."""
    return _(YEARLY).format(amount=numbers.money(value))


def switch(deal: str) -> None:
    """Draw the deal's own switch, the same lever as in the panel, and tell what the deal is."""
    lever = deals.SWITCH[deal]
    key = f"deal_{lever}"
    title, _per, help_text = words.LEVERS[lever]
    state.draw_value(key, state.scenario()[lever])
    st.toggle(
        _(title),
        key=key,
        help=_(help_text),
        on_change=lambda: state.widget_moved(key, partial(state.move, **{lever: st.session_state[key]})),
    )
    st.button(
        _(BITE_LABELS[deal]),
        key=f"bite_{deal}",
        type="tertiary",
        on_click=lambda: state.move(**BITES[deal]),
    )
    st.markdown(_(STORIES[deal]))


@later
def with_and_without(deal: str, found: deals.Deal) -> None:
    """Compare the deal's key figures with its switch on and off; says so when they are the same."""
    labels, on, off = [], [], []
    for key in ROWS[deal]:
        measure, _separator, subject = key.partition("_")
        who = _(DEBTS[subject]) if subject in DEBTS else words.name(subject)
        labels.append(_(MEASURES[measure]).format(who=who))
        write = _write(measure)
        left, right = write(found.on[key]), write(found.off[key])
        on.append(left if left == right else f"**{left}**")
        off.append(right if left == right else f"**{right}**")
    heads = [_("On"), _("Off")]
    marked = list(heads)
    marked[found.at] = _("{state} (now)").format(state=heads[found.at])
    st.caption(_("With the switch on and off · to 2033, returns to the horizon"))
    tables.compare(
        {" ": labels, marked[0]: on, marked[1]: off}, alt=_("Key figures with the switch on and off")
    )
    shown = (on, off)[found.at]
    told = partial(
        deal_origins.switch,
        ROWS[deal],
        labels,
        [one.strip("*") for one in shown],
        cached.read(state.scenario()),
    )
    receipts.behind(told, key=f"switch_{deal}_receipt")
    if on == off:
        st.markdown(_("In this scenario the switch moves nothing: nobody needs the promise."))
    lost = [sum(one[key] for key in LOSSES.get(deal, ())) for one in (found.on, found.off)]
    if lost[0] > lost[1] + 0.05:
        st.markdown(_("The promise buys time here, not safety: creditors lose more with it than without."))
    elif lost[1] > lost[0] + 0.05:
        text = _("Without the promise creditors lose {amount} more.")
        st.markdown(text.format(amount=numbers.money(lost[1] - lost[0])))
    tables.behind(
        {
            _("Figure"): labels,
            heads[0]: [found.on[key] for key in ROWS[deal]],
            heads[1]: [found.off[key] for key in ROWS[deal]],
        },
        key=f"switch_{deal}",
    )


def _write(measure: str) -> Callable:
    if measure == "failed":
        return lambda value: numbers.quarter(value) if value else _("no")
    return numbers.percent if measure == "net" else numbers.money


@later
def _facts(
    deal: str,
    found: deals.Deal,
    facts: list[tuple[str, str]],
    held: Mapping[str, exposure.Received] = MappingProxyType({}),
) -> None:
    """Show the facts of a deal, with one receipt for all."""
    tables.facts(facts, alt=_("Facts of the deal"))
    names, values = (list(column) for column in zip(*facts, strict=True))
    shown = [value.replace("**", "") for value in values]
    receipts.behind(partial(deal_origins.facts, deal, found, names, shown, held), key=f"facts_{deal}")


def picture(nodes: Mapping[str, Node], arrows: list[Arrow], *, key: str, alt: str, height: int = 340) -> None:
    """Draw a flow picture with its legend and the table behind it."""
    charts.show(drawings.flow(nodes, arrows, height=height), key=key, alt=alt)
    st.caption(
        _("Solid: money that flows. Dashed: a promise, or what was given for it. Orange: called here.")
    )
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


def called(giver: str) -> float:
    """Return what a guarantor is called for in the scenario, USD bn: quicker than all of `Deal.on`."""
    return narrative.called(cached.by_id(cached.read(state.scenario()), "guarantors")[giver])


def _node(x: float, y: float, who: str, under: str = "", colour: str | None = None) -> Node:
    if colour is None:
        colour = charts.entity_colour(who) if who in charts.ENTITY else drawings.neutral()
    name = words.name(who) if who in words.NAMES else who
    if len(name) > LONG_NAME:
        name = name.replace(" ", "<br>", 1)
    text = f"<b>{name}</b>"
    return Node(x, y, text + (f"<br>{under}" if under else ""), colour)


def hyperion(found: deals.Deal, base: deals.Deal) -> None:
    """Show Hyperion: who owns, lends and rents, the cover of the notes, and who pays if Meta leaves."""
    web = cached.snapshot()
    share = web.value("meta.venture_share")
    notes, equity = web.value("hyperion_notes.balance"), web.value("hyperion_equity.amount")
    cap, size = web.value("meta_hyperion.cap"), web.value("pimco.size")
    cover, out, was = found.cover, found.exit, base.exit
    calls = called("meta")
    reported = "–".join(numbers.turns(one, 2) for one in (cover.reported_cover_yearly, cover.reported_cover))
    left, right = st.columns([6, 5], gap="large")
    with left:
        nodes = {
            "meta": _node(0.135, 0.5, "meta", _("owns {share}").format(share=numbers.percent(share, 0))),
            "hyperion": _node(0.55, 0.5, "hyperion", _("owns the campus")),
            "blue_owl": _node(
                0.865, 0.9, "blue_owl", _("owns {share}").format(share=numbers.percent(1 - share, 0))
            ),
            "notes": _node(
                0.865,
                0.1,
                _("Noteholders"),
                _("Pimco {amount}").format(amount=numbers.amount(size)),
                charts.entity_colour("pimco"),
            ),
        }
        rent, service = money_a_year(cover.rent), money_a_year(cover.service)
        arrows = [
            Arrow(
                "meta",
                "hyperion",
                numbers.amount(cover.rent, 2),
                _("Rent from 2029, an assumption: {amount}").format(amount=rent),
                cover.rent,
                shift=0.0,
            ),
            Arrow(
                "blue_owl",
                "hyperion",
                numbers.amount(equity, 2),
                _("Equity paid in: {amount}").format(amount=numbers.money(equity)),
                equity,
            ),
            Arrow(
                "notes",
                "hyperion",
                numbers.amount(notes),
                _("Notes bought: {amount}").format(amount=numbers.money(notes)),
                notes,
                shift=-0.045,
                at=0.4,
            ),
            Arrow(
                "hyperion",
                "notes",
                numbers.amount(cover.service, 2),
                _("Interest and repayment from 2029: {amount}").format(amount=service),
                cover.service,
                shift=-0.045,
                at=0.62,
            ),
            Arrow(
                "meta",
                "notes",
                _("to {cap}").format(cap=numbers.amount(cap, 0)),
                _("Residual value guarantee for sixteen years: to {amount}").format(
                    amount=numbers.money(cap)
                ),
                promise=True,
                alarm=calls > 5e-7,
            ),
        ]
        picture(nodes, arrows, key="flow_hyperion", alt=_("Who owns, lends and rents at Hyperion"))
    with right:
        switch("hyperion")
        facts = [
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
                f"{receipts.badge('assumption')} **{numbers.turns(cover.cover, 2)}**",
            ),
            (
                _("Rent as Meta reports it, {total} over four years, 80 % to the notes").format(
                    total=numbers.money(cover.reported * 4)
                ),
                f"**{reported}**",
            ),
        ]
        _facts("hyperion", found, facts)
    left, right = st.columns(2, gap="large")
    with left:
        with_and_without("hyperion", found)
    with right:
        text = _("If Meta leaves in {quarter}, {owed} of notes fall due. Who pays?")
        st.caption(text.format(quarter=numbers.quarter(out.quarter), owed=numbers.money(out.owed)))
        at, before = found.at, base.at
        parts = [
            Part(
                _("campus sold"),
                [float(out.sale[at]), float(was.sale[before])],
                charts.entity_colour("hyperion"),
            ),
            Part("Meta", [float(out.guaranteed[at]), float(was.guaranteed[before])], drawings.alarm()),
            Part(
                _("nobody"),
                [float(out.short[at]), float(was.short[before])],
                drawings.neutral(),
                hatched=True,
            ),
        ]
        rows = [_("This scenario"), _("Today's data")]
        charts.show(
            drawings.stacks(rows, parts, write=numbers.amount, height=150),
            key="exit",
            alt=_("Who pays the notes when Meta leaves"),
        )
        tables.behind({_("Scenario"): rows, **{part.name: list(part.values) for part in parts}}, key="exit")
        st.caption(
            _(
                "The lease runs in four-year terms: Meta can leave in 2033 and every four years after. A "
                "residual value guarantee is a promise of what the campus will be worth then: it pays what "
                "the sale does not, within its cap."
            )
        )


def wrap(found: deals.Deal, base: deals.Deal) -> None:
    """Show Google's wrap: the chain of rent, what it is worth, what Google got, how the cap falls."""
    web, at = cached.snapshot(), found.at
    tera, cipher = found.wraps
    calls = called("alphabet")
    held = {one.promise: one for one in exposure.received(web, cached.read(state.scenario()), "alphabet")}
    warrants = {one.on: one for one in held.values()}
    left, right = st.columns([6, 5], gap="large")
    with left:
        notes = _("notes {amount}")
        nodes = {
            "anthropic": _node(0.135, 0.5, "anthropic"),
            "fluidstack": _node(0.5, 0.5, "fluidstack", _("the tenant")),
            "terawulf": _node(0.865, 0.9, "terawulf", notes.format(amount=numbers.amount(tera.debt))),
            "cipher": _node(0.865, 0.1, "cipher", notes.format(amount=numbers.amount(cipher.debt))),
            "alphabet": _node(0.865, 0.5, "alphabet", _("backs the rent")),
        }
        rent = _("Fluidstack's rent at {who}: {amount}")
        promise = _("Google's promise at {who}: to {amount}, live once the lease has started")
        price = _("Warrants on {who}: {share} of the shares")
        fees = _("Computing fees: half of Fluidstack's income, an assumption")
        arrows = [Arrow("anthropic", "fluidstack", _("fees"), fees, 0.4)]
        for one, side in ((tera, -1), (cipher, 1)):
            who, share = words.name(one.landlord), warrants[one.landlord].share
            yearly, cap = money_a_year(one.rent), numbers.money(one.cap)
            hover = rent.format(who=who, amount=yearly)
            arrows.append(Arrow("fluidstack", one.landlord, numbers.amount(one.rent, 2), hover, one.rent))
            text = _("to {cap}").format(cap=numbers.amount(one.cap))
            hover = promise.format(who=who, amount=cap)
            arrows.append(
                Arrow(
                    "alphabet",
                    one.landlord,
                    text,
                    hover,
                    promise=True,
                    alarm=calls > 5e-7,
                    shift=0.07 * -side,
                )
            )
            hover = price.format(who=who, share=numbers.percent(share))
            text = numbers.percent(share, 0 if share > 0.1 else 1)
            arrows.append(Arrow(one.landlord, "alphabet", text, hover, promise=True, shift=0.07 * -side))
        picture(nodes, arrows, key="flow_wrap", alt=_("Who pays rent to whom, and what Google stands behind"))
    with right:
        switch("wrap")
        warrant = warrants["terawulf"]
        text = _("{debt} of TeraWulf's notes for {life} years: interest saved, model")
        facts = [
            (
                text.format(debt=numbers.money(tera.debt), life=numbers.decimal(tera.life, 1)),
                f"**{numbers.money(tera.saved[at])}**",
            ),
            (
                _("The same at the {bp} of the market at issue").format(bp=_issue_spread()),
                f"**{_at_issue(tera)}**",
            ),
            (
                _("Google's warrants on TeraWulf: Dec 2025 and at the horizon"),
                f"**{numbers.money(warrant.mark)}** → {numbers.money(warrant.horizon)}",
            ),
            (
                _("Years of full rent that Google's cap would pay"),
                f"**{numbers.decimal(tera.years_backed, 1)}**",
            ),
        ]
        _facts("wrap", found, facts, held)
    left, right = st.columns(2, gap="large")
    with left:
        with_and_without("wrap", found)
        _cap_path(found, base)
    with right:
        _wrap_value(found, base)


def _issue_spread() -> str:
    return numbers.basis_points(cached.snapshot().value("google_terawulf.spread_at_issue"))


def _at_issue(one: deals.Wrap) -> str:
    return numbers.money(one.at_spread(cached.snapshot().value("google_terawulf.spread_at_issue")))


def _wrap_value(found: deals.Deal, base: deals.Deal) -> None:
    """Draw what a wrap takes off the spread: the model in two readings, and the market twice."""
    web, at, was = cached.snapshot(), found.at, base.at
    tera, cipher = found.wraps
    today = _("today's data")
    st.caption(_("What Google's wrap takes off the yearly rate · basis points (hundredths of a per cent)"))
    rows = [
        (_("TeraWulf, space re-let"), tera.worth[at], base.wraps[0].worth[was], "terawulf"),
        (_("Cipher, space re-let"), cipher.worth[at], base.wraps[1].worth[was], "cipher"),
        (_("TeraWulf, market at issue"), web.value("google_terawulf.spread_at_issue"), None, ""),
        (_("TeraWulf, market Sep 2026"), web.value("google_terawulf.spread_later"), None, ""),
    ]
    labels, values, before, who = (list(column) for column in zip(*rows, strict=True))
    rings = [value if ring is None else ring for value, ring in zip(values, before, strict=True)]
    fig = drawings.bars(
        labels,
        values,
        words=[numbers.basis_points(value) for value in values],
        hover=[
            f"{label}: <b>{numbers.basis_points(value)}</b> ({today}: {numbers.basis_points(ring)})"
            for label, value, ring in zip(labels, values, rings, strict=True)
        ],
        colours=[charts.entity_colour(one) if one else drawings.neutral() for one in who],
        rings=rings,
        height=190,
    )
    charts.show(fig, key="wrap_value", alt=_("What the wrap is worth, model against market, in basis points"))
    columns = {_("Wrap"): labels, _("Scenario"): values, today: rings}
    tables.behind(columns, key="wrap_value")
    text = _(
        "Model: the rate its interest cover asks for, with the rent as agreed and with what another tenant "
        "would pay now ({relet} of it). TeraWulf covers its interest {cover} with the rent, {less} re-let, "
        "{none} without. The table behind it knows no collateral, so it overstates; the market is the check."
    )
    st.caption(
        text.format(
            relet=numbers.percent(tera.relet[at], 0),
            cover=numbers.turns(tera.cover),
            less=numbers.turns(float(tera.cover_relet[at])),
            none=numbers.turns(tera.cover_without),
        )
    )


def _cap_path(found: deals.Deal, base: deals.Deal) -> None:
    """Draw what Google can still be asked for by year, beside the cap as it falls by contract."""
    reading = cached.read(state.scenario())
    labels = sorted({quarter[:4] for quarter in reading["quarters"]})
    live = {row["id"]: row["live"][3::4] for row in reading["promises"]}
    total = [sum(values) for values in zip(*(one.cap_by_year for one in base.wraps), strict=True)]
    st.caption(
        _("What Google can still be asked for each year-end · USD billion · below TeraWulf, above Cipher")
    )
    parts = [
        Part(words.name(one.landlord), live[one.promise], charts.entity_colour(one.landlord))
        for one in found.wraps
    ]
    name = _("cap by contract")
    fig = drawings.years(labels, parts, total, write=numbers.money, baseline_name=name, height=190)
    charts.show(fig, key="cap", alt=_("Google's remaining promise by year, against the cap by contract"))
    tables.behind({_("Year"): labels, **{part.name: part.values for part in parts}, name: total}, key="cap")


def circle(found: deals.Deal, base: deals.Deal) -> None:
    """Show Nvidia's circle: stakes out, chips back, the promise to rent what is idle."""
    web, at, was = cached.snapshot(), found.at, base.at
    loop, before = found.circle, base.circle
    calls = called("nvidia")
    reading, today = cached.read(state.scenario()), cached.baseline()
    stake = web.value("nvidia_coreweave_stake.cost") + web.value("nvidia_coreweave_stake.added")
    cap, open_ai = web.value("nvidia_coreweave.cap"), web.value("nvidia_openai.actual")
    first = reading["quarters"][0][:4]
    left, right = st.columns([6, 5], gap="large")
    with left:
        nodes = {
            "nvidia": _node(0.135, 0.5, "nvidia"),
            "coreweave": _node(0.865, 0.5, "coreweave"),
            "openai": _node(0.5, 0.9, "openai"),
            "vehicle": _node(0.5, 0.1, "xai_vehicle"),
        }
        bought = _("Chips and network in {year}, at most from Nvidia: {amount}")
        bought = bought.format(year=first, amount=numbers.money(loop.chips[at][0]))
        idle = _("Nvidia rents what CoreWeave cannot sell: to {amount}, until April 2032")
        vehicle = web.value("xai_vehicle.asset_cost")
        arrows = [
            Arrow(
                "coreweave",
                "nvidia",
                numbers.amount(loop.chips[at][0]),
                bought,
                loop.chips[at][0],
                shift=-0.065,
            ),
            Arrow(
                "nvidia",
                "coreweave",
                numbers.amount(stake),
                _("Stake in CoreWeave: {amount}").format(amount=numbers.money(stake)),
                stake,
                shift=0.005,
            ),
            Arrow(
                "nvidia",
                "coreweave",
                _("to {cap}").format(cap=numbers.amount(cap)),
                idle.format(amount=numbers.money(cap)),
                promise=True,
                alarm=calls > 5e-7,
                shift=-0.065,
            ),
            Arrow(
                "nvidia",
                "openai",
                numbers.amount(open_ai, 0),
                _("Stake in OpenAI, agreed in Feb 2026: {amount}").format(amount=numbers.money(open_ai)),
                open_ai,
            ),
            Arrow("openai", "coreweave", _("fees"), _("OpenAI rents computing power from CoreWeave"), 0.4),
            Arrow(
                "nvidia",
                "vehicle",
                numbers.amount(web.value("nvidia_xai_stake.cost"), 0),
                _("Equity in the vehicle that buys chips for xAI"),
                web.value("nvidia_xai_stake.cost"),
                shift=0.035,
            ),
            Arrow(
                "vehicle",
                "nvidia",
                numbers.amount(vehicle, 0),
                _("Chips of xAI's vehicle, at cost: {amount}").format(amount=numbers.money(vehicle)),
                vehicle,
                shift=0.035,
            ),
        ]
        picture(
            nodes, arrows, key="flow_circle", alt=_("Money that goes round between Nvidia and its customers")
        )
    with right:
        switch("circle")
        mark = next(
            one
            for one in exposure.received(web, reading, "nvidia")
            if one.promise == "nvidia_coreweave_stake"
        )
        facts = [
            (
                _("Stake in CoreWeave: value Dec 2025 and at the horizon"),
                f"**{numbers.money(mark.mark)}** → {numbers.money(mark.horizon)}",
            ),
            (
                _("CoreWeave's chips to the horizon for each dollar put in or promised"),
                f"**{numbers.decimal(float(loop.chips_to_horizon[at]) / loop.put_in, 1)}**",
            ),
            (
                _("Vendor finance in force, of a year's revenue"),
                f"**{numbers.percent(loop.vendor_share, 0)}**",
            ),
            (
                _("Announced for OpenAI, a letter that binds nobody"),
                f"{numbers.money(web.value('nvidia_openai.cap'))} → **{numbers.money(open_ai)}**",
            ),
        ]
        _facts("circle", found, facts, {mark.promise: mark})
    left, right = st.columns(2, gap="large")
    with left:
        with_and_without("circle", found)
    with right:
        st.caption(_("Capacity that Nvidia must rent from CoreWeave · USD billion a year"))
        labels = sorted({quarter[:4] for quarter in today["quarters"]})
        taken, usual = list(loop.taken[at]), list(before.taken[was])
        fig = drawings.years(
            labels,
            [Part(_("taken by Nvidia"), taken, drawings.alarm())],
            usual,
            write=numbers.money,
            baseline_name=_("today's data"),
            known=cached.known_quarters(),
        )
        charts.show(fig, key="taken", alt=_("Capacity Nvidia takes each year, beside today's data"))
        tables.behind({_("Year"): labels, _("Scenario"): taken, _("today's data"): usual}, key="taken")
        st.caption(
            _(
                "Vendor finance: a supplier lends to, or invests in, those who buy from it. It lifts sales "
                "in good years and loses twice in bad ones. If CoreWeave fails, the promise ends with it."
            )
        )


def leases(found: deals.Deal, base: deals.Deal) -> None:
    """Show the ten-year leases: who rents from whom, rent by year and who pays it, cover of interest."""
    at, was = found.at, base.at
    web = cached.snapshot()
    tera, cipher = found.wraps
    by_lease = {one.lease: one for host in found.leases.values() for one in host}
    full = {key: float(one.due[at].max()) for key, one in by_lease.items()}
    left, right = st.columns([6, 5], gap="large")
    with left:
        nodes = {
            "core42": _node(0.135, 0.9, "core42", _megawatts("terawulf_core42")),
            "fluidstack": _node(
                0.135, 0.5, "fluidstack", _megawatts("terawulf_fluidstack", "cipher_fluidstack")
            ),
            "amazon": _node(0.135, 0.1, "amazon", _megawatts("cipher_amazon")),
            "terawulf": _node(0.5, 0.72, "terawulf"),
            "cipher": _node(0.5, 0.28, "cipher"),
            "lenders": _node(0.865, 0.5, _("Lenders"), "", charts.entity_colour("infra_credit")),
        }
        hover = _("{tenant} to {host}, full rent: {amount}")
        arrows = [
            Arrow(
                one.tenant,
                one.host,
                numbers.amount(full[key], 2),
                hover.format(
                    tenant=words.name(one.tenant), host=words.name(one.host), amount=money_a_year(full[key])
                ),
                full[key],
                alarm=float(one.missing[at].sum() + one.guarantor_paid[at].sum()) > 5e-7,
            )
            for key, one in by_lease.items()
        ]
        interest = _("Interest of {host} in its first year of full rent: {amount}")
        arrows += [
            Arrow(
                one.landlord,
                "lenders",
                numbers.amount(one.interest, 2),
                interest.format(host=words.name(one.landlord), amount=money_a_year(one.interest)),
                one.interest,
            )
            for one in (tera, cipher)
        ]
        picture(nodes, arrows, key="flow_leases", alt=_("Who rents from the miners, and whom they pay"))
    with right:
        switch("leases")
        cover = _("{host}: earnings over interest, all rent paid; without Fluidstack's")
        facts = [
            (
                cover.format(host=words.name(one.landlord)),
                f"**{numbers.turns(one.cover)}** → {numbers.turns(one.cover_without)}",
            )
            for one in (tera, cipher)
        ]
        terms = [
            numbers.decimal(web.value(f"{key}.term") / 4, 0)
            for key in ("terawulf_fluidstack", "terawulf_core42", "cipher_amazon")
        ]
        label = _("Terms with Fluidstack, Core42 (an assumption) and Amazon")
        facts.append((label, _("{terms} years").format(terms=numbers.listing(terms))))
        _facts("leases", found, facts)
    with_and_without("leases", found)
    labels = sorted({quarter[:4] for quarter in cached.baseline()["quarters"]})
    for host, box in zip(found.leases, st.columns(2, gap="large"), strict=True):
        with box:
            st.caption(_("{host}: rent by year and who pays it · USD billion").format(host=words.name(host)))
            parts = [
                Part(
                    words.name(one.tenant),
                    list(one.tenant_paid[at]),
                    charts.entity_colour(one.tenant) if one.tenant in charts.ENTITY else drawings.neutral(),
                )
                for one in found.leases[host]
            ]
            paid, missing = (
                [
                    sum(values)
                    for values in zip(*(getattr(one, name)[at] for one in found.leases[host]), strict=True)
                ]
                for name in ("guarantor_paid", "missing")
            )
            parts += [
                Part(_("Google pays"), paid, drawings.alarm()),
                Part(_("nobody pays"), missing, drawings.alarm(), hatched=True, opacity=0.6),
            ]
            usual = [
                sum(values)
                for values in zip(*(one.tenant_paid[was] for one in base.leases[host]), strict=True)
            ]
            fig = drawings.years(
                labels,
                parts,
                usual,
                write=numbers.money,
                baseline_name=_("today's data"),
                known=cached.known_quarters(),
            )
            charts.show(fig, key=f"rent_{host}", alt=_("Rent by year and who pays it, beside today's data"))
            st.caption(
                _("From below: {names}").format(
                    names=", ".join(part.name for part in parts if sum(part.values) > 5e-7)
                )
            )
            columns = {
                _("Year"): labels,
                **{part.name: part.values for part in parts},
                _("today's data"): usual,
            }
            tables.behind(columns, key=f"rent_{host}")


def _megawatts(*leases: str) -> str:
    total = sum(cached.snapshot().value(f"{lease}.mw") for lease in leases)
    return _("{amount} MW").format(amount=numbers.decimal(total, 0))


DRAW = {"hyperion": hyperion, "wrap": wrap, "circle": circle, "leases": leases}
