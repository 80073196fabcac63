"""The charts and facts of each of the four deals.

Charts and their words are made by functions that are given the deal, in a scenario and with today's data.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

from core.results import deals, exposure
from core.scenario.levers import Scenario
from pages.kit.drawing import charts, shapes
from pages.kit.drawing.plot import Figure
from pages.kit.drawing.shapes import Part
from pages.kit.parts import provenance, tables
from pages.kit.visit import cached
from pages.kit.words import numbers, spans, words
from pages.kit.words.catalogue import _

Held = Mapping[str, exposure.Received]  # a guarantor's stakes and warrants, by promise
UNSEEN = 5e-7  # USD bn: what is less counts as nothing


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
    text = _("If Meta leaves in the {quarter}, {owed} of notes fall due. Who pays?")
    when = numbers.quarter_in_words(found.exit.quarter)
    return text.format(quarter=when, owed=numbers.money(found.exit.owed))


def hyperion(found: deals.Deal, base: deals.Deal) -> None:
    """Show who pays Hyperion's notes if Meta leaves."""
    title = _("Who pays the notes when Meta leaves")
    _show(
        "hyperion",
        _exit_figure,
        key="exit",
        title=title,
        caption=_falls_due,
        note=_(
            "The lease runs in four-year terms: Meta can leave in {year} and every four years after. A "
            "residual value guarantee is a promise of what the campus will be worth then: it pays what "
            "the sale does not, within its cap."
        ).format(year=spans.quarter_of("meta_hyperion.from")[:4]),
        alt=title,
    )
    parts = {part.name: list(part.values) for part in _exit_parts(found, base)}
    tables.behind({_("Scenario"): _exit_rows(), **parts}, key="exit", of=title)


def _wrap_facts(found: deals.Deal, held: Held) -> list[tuple[str, str]]:
    tera, warrant = found.wraps[0], held["alphabet_terawulf_warrant"]
    issue = cached.snapshot().value("google_terawulf.spread_at_issue")
    return [
        (
            _("{debt} of TeraWulf's notes for {life}: interest saved, model").format(
                debt=numbers.money(tera.debt), life=numbers.so_many_years(numbers.decimal(tera.life, 1))
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
    title = _("What Google's wrap takes off the yearly rate")
    _show(
        "wrap",
        _worth_figure,
        key="wrap_value",
        title=title,
        caption=_("Basis points (hundredths of a per cent)"),
        note=_priced,
        alt=_("What the wrap is worth, model against market, in basis points"),
    )
    labels, values, rings, _who = (list(column) for column in zip(*_worth(found, base), strict=True))
    columns = {_("Wrap"): labels, _("Scenario"): values, _("today's data"): rings}
    tables.behind(columns, key="wrap_value", of=title)
    title = _("What Google can still be asked for each year-end")
    _show(
        "wrap",
        _cap_figure,
        key="cap",
        title=title,
        caption=lambda *both: _from_below(_caps(*both)[1]),
        alt=_("Google's remaining promise by year, against the cap by contract"),
    )
    labels, parts, total = _caps(found, base)
    columns = {part.name: part.values for part in parts} | {_("cap by contract"): total}
    tables.behind({_("Year"): labels, **columns}, key="cap", of=title)


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
    title = _("Capacity that Nvidia must rent from CoreWeave")
    _show(
        "circle",
        _taken_figure,
        key="taken",
        title=title,
        caption=spans.by_year(_("USD billion a year")),
        note=_(
            "Vendor finance: a supplier lends to, or invests in, those who buy from it. It lifts sales "
            "in good years and loses twice in bad ones. If CoreWeave fails, the promise ends with it."
        ),
        alt=_("Capacity Nvidia takes each year, beside today's data"),
    )
    labels, taken, usual = _taken(found, base)
    columns = {_("Year"): labels, _("Scenario"): taken, _("today's data"): usual}
    tables.behind(columns, key="taken", of=title)


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
    return [*rows, (label, numbers.so_many_years(numbers.listing(terms)))]


def leases(found: deals.Deal, base: deals.Deal) -> None:
    """Show each miner's rent by year and who pays it."""
    for host in found.leases:
        title = _("{host}: rent by year and who pays it").format(host=words.name(host))
        _show(
            "leases",
            partial(_rent_figure, host),
            key=f"rent_{host}",
            title=title,
            caption=lambda *both, host=host: _from_below(_rent(host, *both)[1]),
            alt=_("Rent by year and who pays it, beside today's data") + f": {words.name(host)}",
        )
        labels, parts, usual = _rent(host, found, base)
        columns = {part.name: part.values for part in parts} | {_("today's data"): usual}
        tables.behind({_("Year"): labels, **columns}, key=f"rent_{host}", of=title)


FACTS: dict[str, Callable[[deals.Deal, Held], list[tuple[str, str]]]] = {
    "hyperion": _hyperion_facts,
    "wrap": _wrap_facts,
    "circle": _circle_facts,
    "leases": _leases_facts,
}
PANELS = {"hyperion": hyperion, "wrap": wrap, "circle": circle, "leases": leases}
