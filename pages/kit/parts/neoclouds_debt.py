"""What one neocloud owes and when, what it lives on, and what would break it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import streamlit as st

from core.questions.explore import BreakPoint
from core.results import borrowers
from core.scenario.levers import lever
from core.web.calendar import QUARTERS_PER_YEAR
from pages.kit.drawing import series
from pages.kit.drawing.plot import Figure
from pages.kit.drawing.series import Panel, Part
from pages.kit.frame import view
from pages.kit.parts import debts, origins, provenance, tables
from pages.kit.parts.looks import beside, show, today
from pages.kit.parts.neoclouds import LONGEST_RUNWAY, Look
from pages.kit.visit import cached, on_request, visit
from pages.kit.words import numbers, spans, words
from pages.kit.words.catalogue import N_, _

WORTH_SAYING = 0.005  # USD bn: amounts below five million are not told
BREAK_LEVERS = ("g", "r", "u", "f", "gw")
DEPTH = {"loan": 1.0, "note": 0.72, "convertible": 0.46, "new": 0.24}  # of the company's colour
REASONS = {
    "fails_below": N_("fails below {value}"),
    "fails_above": N_("fails above {value}"),
    "fails_with": N_("fails with: {value}"),
    "survives_with": N_("survives with: {value}"),
    "always_fails": N_("fails wherever this stands"),
    "never_fails": N_("holds wherever this stands"),
}


def debt(look: Look) -> None:
    """Offer debt by line, the maturity wall, and cash, one at a time."""
    labels = {"wall": _("Falls due"), "lines": _("Debt by line"), "cash": _("Cash")}
    draw = {"wall": _wall, "lines": _lines, "cash": _cash}
    draw[view.part("debt_part", labels, title=_("What it owes, and when"))](look)


def _debt_parts(look: Look, field: str) -> list[tuple[str, Part]]:
    """Debt lines with a path each, as (class, part), in the order in which they are repaid."""
    tranches = cached.snapshot().tables["tranches"]
    rows = [row for row in look.now["tranches"] if row["borrower"] == look.id]
    kind = {
        row["id"]: borrowers.debt_class(str(tranches[row["id"]]["kind"].value))
        if row["id"] in tranches
        else "new"
        for row in rows
    }
    rows.sort(key=lambda row: borrowers.CLASSES.index(kind[row["id"]]))
    return [
        (
            kind[row["id"]],
            Part(debts.line(row["id"]), row[field], series.tint(look.colour, DEPTH[kind[row["id"]]])),
        )
        for row in rows
    ]


def _class_key(look: Look, field: str) -> str:
    parts = _debt_parts(look, field)
    return series.key([Part(_(debts.CLASSES[kind]), part.values, part.colour) for kind, part in parts])


def _total(reading: Mapping, ident: str, field: str) -> list[float]:
    rows = [row[field] for row in reading["tranches"] if row["borrower"] == ident]
    return [sum(values) for values in zip(*rows, strict=True)]


def _due(look: Look) -> tuple[list[str], list[Part], list[float]]:
    """Years, and what falls due in each: by debt line, and in all with today's data."""
    calendar = cached.snapshot().calendar
    found = _debt_parts(look, "principal")
    parts = [
        Part(part.name, borrowers.by_year(part.values, calendar.begun), part.colour) for _kind, part in found
    ]
    base = borrowers.by_year(_total(look.before, look.id, "principal"), calendar.begun)
    return [str(year) for year in calendar.years], parts, base


def wall_figure(look: Look) -> Figure:
    """Draw what falls due each year, by debt line."""
    return series.stacked(
        *_due(look),
        write=numbers.money,
        baseline_name=today(),
        end=(_year_of(look.end[0]), look.end[1]) if look.end else None,
        pale_from=_year_of(look.last + 1),
        height=240,
    )


def _wall(look: Look) -> None:
    years, parts, base = _due(look)
    rolled, converted = _met(look)
    columns = {_("Year"): years} | {part.name: part.values for part in parts}
    columns |= {_("Rolled into new debt"): rolled, _("Turned into shares"): converted, today(): base}
    alt = _("Principal that falls due per year, by debt line, beside today's data")
    show(
        look,
        wall_figure,
        columns,
        key="wall",
        caption=wall_caption,
        note=_wall_in_words,
        alt=alt,
        of=_("Falls due"),
    )


def _met(look: Look) -> tuple[list[float], list[float]]:
    """By year, what of the debt that falls due is rolled into new debt and what becomes shares."""
    return look.by_year("rolled"), look.by_year("converted")


def wall_caption(look: Look) -> str:
    """Say what is drawn, with the key to its colours."""
    told = spans.by_year(_("Principal that falls due, USD billion a year"))
    return told + "\n" + _class_key(look, "principal")


def _wall_in_words(look: Look) -> str:
    _years, parts, _base = _due(look)
    inside = _year_of(look.last + 1)
    rolled, converted = (sum(values[:inside]) for values in _met(look))
    told = [_("To the end of {year} {due} falls due.")]
    if rolled >= WORTH_SAYING:
        told.append(_("{rolled} of it is rolled into new debt."))
    if converted >= WORTH_SAYING:
        told.append(_("{converted} of convertibles becomes shares."))
    met = rolled + converted >= WORTH_SAYING
    told += [_("The rest takes cash.") if met else _("All of it takes cash.")]
    told += [_("Pale bars lie beyond the horizon.")]
    sums = {"due": sum(sum(part.values[:inside]) for part in parts), "rolled": rolled, "converted": converted}
    amounts = {name: numbers.money(amount) for name, amount in sums.items()}
    return " ".join(told).format(year=look.year, **amounts)


def _outstanding(look: Look) -> list[Part]:
    found = _debt_parts(look, "balance")
    return [Part(part.name, part.values[: look.last + 1], part.colour) for _kind, part in found]


def _lines_figure(look: Look) -> Figure:
    return series.stacked(
        look.labels,
        _outstanding(look),
        look.today("debt"),
        write=numbers.money,
        baseline_name=today(),
        end=look.end,
        known=look.known("debt"),
        known_quarters=look.known_quarters,
        height=240,
    )


def _year_of(quarter: int) -> int:
    """Place of the year of a quarter; the first may be the rest of one."""
    return (cached.snapshot().calendar.begun + quarter) // QUARTERS_PER_YEAR


def _lines(look: Look) -> None:
    alt = _("Debt outstanding by line per quarter, beside today's data")
    columns = {part.name: part.values for part in _outstanding(look)} | {today(): look.today("debt")}
    title = _("Debt by line")
    told = {"caption": _lines_caption, "note": _lines_note(look), "alt": alt, "of": title}
    show(look, _lines_figure, {_("Quarter"): look.labels} | columns, key="lines", **told)
    if debts.split(look.id):
        provenance.behind(partial(origins.repayments, look), key="lines_receipt", of=title)


def _lines_note(look: Look) -> str:
    """Say which figures of its debt are reported, and what is assumed of how repayments split over loans."""
    told = [_("What each line owes at the end of {date} is reported.")]
    if look.has_business:  # three lines made of many bonds
        whole = cached.snapshot().row(f"{look.id}.debt")
        text = _("Only the total is reported, of {month}; how it splits over these lines is assumed.")
        told = [text.format(month=spans.month(whole.as_of))]
    elif any(row.basis != "reported" for row in debts.balances(look.id)):
        certain = _(
            "Only the total at the end of {date} is certain; how it splits over the loans is partly "
            "estimated."
        )
        told = [certain]
    if debts.split(look.id):
        told.append(
            _("What falls due on all loans together is reported by year; how it splits over them is assumed.")
        )
    return " ".join(told).format(date=spans.start())


def _lines_caption(look: Look) -> str:
    return _("Debt outstanding, USD billion") + "\n" + _class_key(look, "balance")


def _cash_panels(look: Look) -> list[Panel]:
    lines = borrowers.lines(cached.snapshot(), look.id, strict=False)
    return [
        Panel(
            _("Cash, USD billion"),
            look.cut("cash"),
            look.today("cash"),
            numbers.money,
            known=look.known("cash"),
        ),
        Panel(
            _("Runway, quarters"),
            look.cut("runway"),
            look.today("runway"),
            numbers.decimal,
            [(lines.runway, _("one year"))],
            ceiling=LONGEST_RUNWAY,
        ),
    ]


def _cash_figure(look: Look) -> Figure:
    return series.multiples(
        look.labels,
        _cash_panels(look),
        colour=look.colour,
        baseline_name=today(),
        failed=look.end is not None,
        known_quarters=look.known_quarters,
        columns=1,
        row_height=160,
    )


def _cash(look: Look) -> None:
    caption = _("How long its means last before new borrowing; no line: it needs none")
    alt = _("Cash and runway per quarter, beside today's data")
    columns = beside((panel.title, panel.scenario, panel.baseline) for panel in _cash_panels(look))
    told = {"caption": caption, "alt": alt, "of": _("Cash")}
    show(look, _cash_figure, {_("Quarter"): look.labels} | columns, key="cash", **told)


def between(look: Look) -> None:
    """Say what an intermediary without debt lives on: what it owes, earns and has."""
    at = look.paying
    rows = [
        (_("Rent it owes, a quarter"), numbers.money(look.here["rent"][at])),
        (_("Income, a quarter"), numbers.money(look.here["revenue"][at])),
        (_("Kept after rent and own cost"), numbers.money(look.here["ebitda"][at])),
        (_("Cash") + debts.assumed(f"{look.id}.cash"), numbers.money(look.here["cash"][at])),
    ]
    quarter = numbers.quarter(look.now["quarters"][at])
    title = _("Between the lab and the landlord")
    tables.heading(title, _("In {quarter}").format(quarter=quarter))
    tables.facts([(name, f"**{value}**") for name, value in rows], alt=_("What Fluidstack lives on"))
    lives = _(
        "It rents data centres for ten years and lets computing power by the year. Half of its income "
        "comes from Anthropic, half follows the price of the day. If it stops paying, Google's guarantee "
        "pays the landlords."
    )
    estimate = _("Fluidstack publishes no accounts; every figure here is an estimate.")
    badge = debts.assumed("fluidstack_anthropic.share")
    st.markdown(f"{lives}{badge}  \n:small[:gray[{estimate}]]")
    provenance.behind(partial(origins.between, look, at), key="between_receipt", of=title)


def landlord(look: Look) -> None:
    """Show the leases of a miner, who stands behind them, and how its building is paid for."""
    web = cached.snapshot()
    left, length = (web.value(f"{look.id}.{item}") for item in ("capex_left", "capex_quarters"))
    text = _(
        "Once it mined bitcoin; now it lets halls. Building is paid beforehand: {left} is still to be spent "
        "in {quarters}, out of {cash} of cash raised with bonds."
    ).format(
        left=numbers.money(left),
        quarters=numbers.so_many_quarters(numbers.decimal(length, 0)),
        cash=numbers.money(web.value(f"{look.id}.cash")),
    )
    title = _("A miner with long leases")
    tables.heading(title, text + debts.assumed(f"{look.id}.cash"))
    columns: dict[str, list[str]] = {
        _("Lease"): [_lease(lease) for lease in look.leases],
        _("Rent"): [
            _("{year} a year, {total} in all").format(
                year=numbers.money(lease.rent), total=numbers.money(lease.total)
            )
            + debts.assumed(lease.row)
            for lease in look.leases
        ],
        _("Behind it"): [_behind(lease) for lease in look.leases],
    }
    st.table(columns, border="horizontal", hide_index=True, alt=_("Leases and who stands behind them"))
    provenance.behind(partial(origins.leases, look), key="leases_receipt", of=title)


def _lease(lease: borrowers.Lease) -> str:
    terms = _("{mw} MW, {years} from {quarter}").format(
        mw=numbers.decimal(lease.mw, 0),
        years=numbers.so_many_years(numbers.decimal(lease.years, 0)),
        quarter=numbers.quarter(lease.start),
    )
    return f"**{words.name(lease.tenant)}**  \n:small[:gray[{terms}]]"


def _behind(lease: borrowers.Lease) -> str:
    if not lease.giver:
        return _("nobody")
    kept = visit.scenario()["gw"] or lease.giver != "alphabet"
    text = _("{who}, up to {cap}") if kept else _("{who} promised {cap}, and walks away here")
    return text.format(who=words.name(lease.giver), cap=numbers.money(lease.backed))


def breaks(look: Look) -> None:
    """Offer the exact break-points of the company along the main levers, found when that is opened."""
    on_request.expander(_("What would break it"), lambda: _breaks(look), key="breaks")


def _breaks(look: Look) -> None:
    scenario = visit.scenario()
    st.caption(_("How far each lever can go, the others as they are, until this company fails or is saved."))
    rows = []
    for word in BREAK_LEVERS:
        one = lever(word)
        found, base = (
            reading[look.id]
            for reading in (cached.break_points(scenario, word), cached.break_points.today(word))
        )
        rows.append(
            (
                _(words.LEVERS[word][0]),
                f"**{_reason(found)}**",
                _("now {value}").format(value=_exactly(scenario[word], one.unit)),
                f":gray[{today()}: {_reason(base)}]",
            )
        )
    tables.facts(rows, alt=_("Where the company breaks along each lever"))
    provenance.behind(
        partial(origins.breaks, look.id, BREAK_LEVERS), key="breaks_receipt", of=_("What would break it")
    )


def _reason(point: BreakPoint) -> str:
    value = round(point.value, 1) if isinstance(point.value, float) else point.value
    text = "" if value is None else _exactly(value, lever(point.lever).unit)
    return _(REASONS[point.reason]).format(value=text)


def _exactly(value: object, unit: str) -> str:
    return _(words.CHOICES[value]) if isinstance(value, str) else numbers.lever_value(value, unit)
