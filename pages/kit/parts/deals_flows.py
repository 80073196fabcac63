"""Who pays whom in each of the four deals, as boxes and arrows, in a scenario."""

from __future__ import annotations

from core.results import deals, exposure, measures
from core.scenario.levers import Scenario
from pages.kit.drawing import charts, shapes
from pages.kit.drawing.shapes import Arrow, Node
from pages.kit.parts import neoclouds_sold
from pages.kit.visit import cached
from pages.kit.words import numbers, spans, words
from pages.kit.words.catalogue import _

Flow = tuple[dict[str, Node], list[Arrow]]
LONG_NAME = 12  # letters that fit into a box on a phone


def called(giver: str, scenario: Scenario) -> float:
    """Return what a guarantor is called for in a scenario, USD bn: quicker than all of `Deal.on`."""
    return measures.called(cached.by_id(cached.read(scenario), "guarantors")[giver])


def may_cut() -> bool:
    """Whether labs may renegotiate their contracts, by the data on the screen."""
    return "labs" in cached.snapshot().tables["market"]


def _fees(start: str, end: str, told: str, scenario: Scenario) -> Arrow:
    """Return a lab's fees to a host; what it cuts of them is told and coloured."""
    cut = neoclouds_sold.cut_of(start, cached.read(scenario))
    return Arrow(start, end, _("fees"), ". ".join(filter(None, (told, cut))), 0.4, alarm=bool(cut))


def _a_year(value: float) -> str:
    return _("{amount} a year").format(amount=numbers.money(value))


def _node(x: float, y: float, who: str, under: str = "", colour: str | None = None) -> Node:
    if colour is None:
        colour = charts.entity_colour(who) if who in charts.ENTITY else shapes.neutral()
    name = words.name(who) if who in words.NAMES else who
    if len(name) > LONG_NAME:
        name = name.replace(" ", "<br>", 1)
    text = f"<b>{name}</b>"
    return Node(x, y, text + (f"<br>{under}" if under else ""), colour)


def _paid(start: str, end: str, amount: float, told: str, places: int = 1, **look: float) -> Arrow:
    """Return money that flows, with its amount, and what is told of it."""
    hover = told.format(amount=numbers.money(amount))
    return Arrow(start, end, numbers.amount(amount, places), hover, amount, **look)


def hyperion(scenario: Scenario) -> Flow:
    """Return who owns, lends and rents at Hyperion."""
    web, cover = cached.snapshot(), cached.deal(scenario, deals.SWITCH["hyperion"]).cover
    share = web.value("meta.venture_share")
    notes, equity = web.value("hyperion_notes.balance"), web.value("hyperion_equity.amount")
    cap, size = web.value("meta_hyperion.cap"), web.value("pimco.size")
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
    rent, service = (_a_year(value) for value in (cover.rent, cover.service))
    years = [spans.quarter_of(row)[:4] for row in ("hyperion_meta.start", "hyperion_notes.first")]
    rent = _("Rent from {year}, an assumption: {amount}").format(year=years[0], amount=rent)
    service = _("Interest and repayment from {year}: {amount}").format(year=years[1], amount=service)
    bought = _("Notes bought: {amount}")
    arrows = [
        _paid("meta", "hyperion", cover.rent, rent, 2, shift=0.0),
        _paid("blue_owl", "hyperion", equity, _("Equity paid in: {amount}"), 2),
        _paid("notes", "hyperion", notes, bought, shift=-0.045, at=0.4),
        _paid("hyperion", "notes", cover.service, service, 2, shift=-0.045, at=0.62),
        Arrow(
            "meta",
            "notes",
            _("to {cap}").format(cap=numbers.amount(cap, 0)),
            _("Residual value guarantee for sixteen years: to {amount}").format(amount=numbers.money(cap)),
            promise=True,
            alarm=called("meta", scenario) > 5e-7,
        ),
    ]
    return nodes, arrows


def wrap(scenario: Scenario) -> Flow:
    """Return who pays rent to whom, and what Google stands behind and got for it."""
    wraps = cached.deal(scenario, deals.SWITCH["wrap"]).wraps
    calls = called("alphabet", scenario)
    got = exposure.received(cached.snapshot(), cached.read(scenario), "alphabet")
    shares = {one.on: one.share for one in got}
    notes = _("notes {amount}")
    nodes = {
        "anthropic": _node(0.135, 0.5, "anthropic"),
        "fluidstack": _node(0.5, 0.5, "fluidstack", _("the tenant")),
        "alphabet": _node(0.865, 0.5, "alphabet", _("backs the rent")),
    }
    for one, height in zip(wraps, (0.9, 0.1), strict=False):
        host = one.landlord
        nodes[host] = _node(0.865, height, host, notes.format(amount=numbers.amount(one.debt)))
    rent = _("Fluidstack's rent at {who}: {amount}")
    promise = _("Google's promise at {who}: to {amount}, live once the lease has started")
    price = _("Warrants on {who}: {share} of the shares")
    fees = _("Computing fees: half of Fluidstack's income, an assumption")
    arrows = [_fees("anthropic", "fluidstack", fees, scenario)]
    for one, side in zip(wraps, (-1, 1), strict=False):
        who, share = words.name(one.landlord), shares[one.landlord]
        yearly, cap = _a_year(one.rent), numbers.money(one.cap)
        hover = rent.format(who=who, amount=yearly)
        arrows.append(Arrow("fluidstack", one.landlord, numbers.amount(one.rent, 2), hover, one.rent))
        text = _("to {cap}").format(cap=numbers.amount(one.cap))
        hover = promise.format(who=who, amount=cap)
        backs = Arrow(
            "alphabet", one.landlord, text, hover, promise=True, alarm=calls > 5e-7, shift=0.07 * -side
        )
        arrows.append(backs)
        hover = price.format(who=who, share=numbers.percent(share))
        text = numbers.percent(share, 0 if share > 0.1 else 1)
        arrows.append(Arrow(one.landlord, "alphabet", text, hover, promise=True, shift=0.07 * -side))
    return nodes, arrows


def circle(scenario: Scenario) -> Flow:
    """Return the money that goes round between Nvidia and its customers."""
    web, found = cached.snapshot(), cached.deal(scenario, deals.SWITCH["circle"])
    chips = found.circle.chips[found.at][0]
    cap, open_ai = web.value("nvidia_coreweave.cap"), web.value("nvidia_openai.actual")
    nodes = {
        "nvidia": _node(0.135, 0.5, "nvidia"),
        "coreweave": _node(0.865, 0.5, "coreweave"),
        "openai": _node(0.5, 0.9, "openai"),
        "vehicle": _node(0.5, 0.1, "xai_vehicle"),
    }
    bought = _("Chips and network in {year}, at most from Nvidia: {amount}")
    bought = bought.format(year=spans.first_year(), amount=numbers.money(chips))
    until = numbers.quarter(spans.quarter_of("nvidia_coreweave.until"))
    idle = _("Nvidia rents what CoreWeave cannot sell: to {amount}, until {quarter}")
    xai, vehicle = web.value("nvidia_xai_stake.cost"), web.value("xai_vehicle.asset_cost")
    known = spans.month(web.row("nvidia_openai.actual").as_of)
    in_openai = _("Stake in OpenAI, {month}: {amount}").format(month=known, amount="{amount}")
    in_vehicle = _("Equity in the vehicle that buys chips for xAI")
    for_vehicle = _("Chips of xAI's vehicle, at cost: {amount}")
    arrows = [
        _paid("coreweave", "nvidia", chips, bought, shift=-0.065),
        _paid("nvidia", "coreweave", found.circle.stake, _("Stake in CoreWeave: {amount}"), shift=0.005),
        Arrow(
            "nvidia",
            "coreweave",
            _("to {cap}").format(cap=numbers.amount(cap)),
            idle.format(amount=numbers.money(cap), quarter=until),
            promise=True,
            alarm=called("nvidia", scenario) > 5e-7,
            shift=-0.065,
        ),
        _paid("nvidia", "openai", open_ai, in_openai, 0),
        _fees("openai", "coreweave", _("OpenAI rents computing power from CoreWeave"), scenario),
        _paid("nvidia", "vehicle", xai, in_vehicle, 0, shift=0.035),
        _paid("vehicle", "nvidia", vehicle, for_vehicle, 0, shift=0.035),
    ]
    return nodes, arrows


def leases(scenario: Scenario) -> Flow:
    """Return who rents from the miners, and whom they pay."""
    found = cached.deal(scenario, deals.SWITCH["leases"])
    at = found.at
    rents: dict[tuple[str, str], list[deals.LeaseYears]] = {}  # a tenant may have several halls of one host
    for one in (one for host in found.leases.values() for one in host):
        rents.setdefault((one.tenant, one.host), []).append(one)
    nodes = {
        "lenders": _node(0.865, 0.5, _("Lenders"), "", charts.entity_colour("infra_credit")),
    }
    for tenant, height in (("core42", 0.9), ("fluidstack", 0.5), ("amazon", 0.1)):
        if rented := [one.lease for (who, _host), both in rents.items() for one in both if who == tenant]:
            nodes[tenant] = _node(0.135, height, tenant, _megawatts(*rented))
    for host, height in zip(found.leases, (0.72, 0.28), strict=False):
        nodes[host] = _node(0.5, height, host)
    hover = _("{tenant} to {host}, full rent: {amount}")
    arrows = []
    for (tenant, host), both in rents.items():
        full = float(sum(one.due[at] for one in both).max())
        text = hover.format(tenant=words.name(tenant), host=words.name(host), amount=_a_year(full))
        unpaid = sum(float(one.missing[at].sum() + one.guarantor_paid[at].sum()) for one in both)
        arrows.append(Arrow(tenant, host, numbers.amount(full, 2), text, full, alarm=unpaid > 5e-7))
    interest = _("Interest of {host} in its first year of full rent: {amount}")
    arrows += [
        Arrow(
            one.landlord,
            "lenders",
            numbers.amount(one.interest, 2),
            interest.format(host=words.name(one.landlord), amount=_a_year(one.interest)),
            one.interest,
        )
        for one in found.wraps
    ]
    return nodes, arrows


def _megawatts(*leases: str) -> str:
    total = sum(cached.snapshot().value(f"{lease}.mw") for lease in leases)
    return _("{amount} MW").format(amount=numbers.decimal(total, 0))
