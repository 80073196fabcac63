"""One neocloud from every side: who pays it, what it earns and owes, what lenders test, what would break it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import streamlit as st

from core import borrowers, narrative
from core.explore import BreakPoint
from core.scenario import lever
from pages.kit import cached, charts, debts, numbers, receipts, series, state, tables, words
from pages.kit.cached import by_id
from pages.kit.catalogue import N_, _
from pages.kit.series import Mark, Panel, Part

YEAR_BEFORE = -3.0  # where the reported year stands, left of the first quarter
WORTH_A_WORD = 0.005  # share of revenue below which a part is not mentioned
BREAK_LEVERS = ("g", "r", "u", "f", "gw")
LONGEST_RUNWAY = 16.0  # quarters drawn
DEPTH = {"loan": 1.0, "note": 0.72, "convertible": 0.46, "new": 0.24}  # of the company's colour

REASONS = {
    "fails_below": N_("fails below {value}"),
    "fails_above": N_("fails above {value}"),
    "fails_with": N_("fails with: {value}"),
    "survives_with": N_("survives with: {value}"),
    "always_fails": N_("fails wherever this stands"),
    "never_fails": N_("holds wherever this stands"),
}


@dataclass(frozen=True)
class Look:
    """What a page about one company draws from: scenario and today's data, cut at the horizon by `cut`."""

    id: str
    now: Mapping
    before: Mapping
    here: Mapping
    base: Mapping
    labels: Sequence[str]
    colour: str
    end: tuple[int, str] | None
    leases: tuple[borrowers.Lease, ...]

    @property
    def borrows(self) -> bool:
        """Whether it has debt."""
        return any(self.base["debt"])

    @property
    def last(self) -> int:
        """Last quarter shown."""
        return self.now["last_quarter"]

    def cut(self, field: str) -> list:
        """Path of the scenario up to the horizon."""
        return self.here[field][: self.last + 1]

    def today(self, field: str) -> list:
        """Path of today's data up to the horizon."""
        return self.base[field][: self.last + 1]


def look(ident: str) -> Look:
    """Gather what is known about one company in this scenario and in today's data."""
    now, before = cached.read(state.scenario()), cached.baseline()
    here = by_id(now, "companies")[ident]
    failed = here["status"] == "failed"
    return Look(
        id=ident,
        now=now,
        before=before,
        here=here,
        base=by_id(before, "companies")[ident],
        labels=now["quarters"][: now["last_quarter"] + 1],
        colour=charts.entity_colour(ident),
        end=(here["failed_quarter"], words.status(narrative.status(here, now))) if failed else None,
        leases=borrowers.leases_of(cached.snapshot(), ident),
    )


def today() -> str:
    """Return what the baseline is called."""
    return _("today's data")


def known_quarters(look: Look) -> int:
    """Return how many quarters to shade: those that have closed, within the horizon."""
    return min(cached.known_quarters(), len(look.labels))


def giver(look: Look) -> str | None:
    """Return who stands behind the company's income, if anybody."""
    return next((p["giver"] for p in look.now["promises"] if p["for"] == look.id and any(p["live"])), None)


def answer(look: Look) -> str:
    """Say in two or three sentences how the company stands, what covers its interest and who pays it."""
    fact = narrative.status(look.here, look.now)
    params = {"who": f"**{words.name(look.id)}**", "year": look.labels[-1][:4]}
    if fact.code == "failed":
        text = _("{who} fails in the {quarter}, {cause}.")
        params["quarter"] = numbers.quarter_in_words(fact.params["quarter"])
        params["cause"] = words.cause(look.here["failure_cause"])
    elif fact.code == "holds_on_promise":
        text = _("{who} keeps paying to the end of {year}, because {giver} pays part of its income.")
        params["giver"] = f"**{words.name(fact.params['giver'])}**"
    elif fact.code == "distressed":
        text = _("{who} keeps paying to the end of {year}, but in distress.")
    elif fact.code == "stretched":
        text = _("{who} keeps paying to the end of {year}, but it is stretched: {breach}.")
        params["breach"] = words.first_breach(look.here["first_breach"], look.now["quarters"])
    else:
        text = _("{who} keeps paying to the end of {year}.")
    return " ".join([text.format(**params), _thinnest(look), _shares(look)])


def _thinnest(look: Look) -> str:
    field = "interest_coverage" if look.borrows else "rent_cover"
    found = borrowers.thinnest(look.here[field], look.last)
    if found is None:
        return ""
    value, quarter = found
    params = {"quarter": numbers.quarter(look.now["quarters"][quarter]), "cover": numbers.turns(value, 2)}
    if not look.borrows:
        return _("It has no debt; in {quarter} its earnings cover its rent {cover}.").format(**params)
    if value < 0:
        return _("In {quarter} it earns nothing towards its interest: it is still building.").format(**params)
    return _("In its thinnest quarter, {quarter}, earnings cover interest {cover}.").format(**params)


def _shares(look: Look) -> str:
    share = borrowers.revenue_shares(look.here, look.last)
    told = {
        "contracted": _("{share} from contracts"),
        "spot": _("{share} at the price of the day"),
        "guaranteed": _("{share} from guarantors"),
    }
    parts = [told[k].format(share=numbers.percent(v, 0)) for k, v in share.items() if v >= WORTH_A_WORD]
    return _("Its revenue: {parts}.").format(parts=numbers.listing(parts)) if parts else ""


def revenue(look: Look) -> None:
    """Draw revenue by who pays it."""
    backer = giver(look)
    paid = _("paid by {who}").format(who=words.name(backer)) if backer else _("paid by a guarantor")
    parts = [
        Part(_("contracts"), look.cut("contracted"), look.colour),
        Part(_("price of the day"), look.cut("spot"), series.tint(look.colour, 0.45)),
        Part(paid, look.cut("guaranteed"), charts.entity_colour(backer) if backer else look.colour),
    ]
    st.caption(_("Revenue a quarter, USD billion") + "  \n" + series.key(parts))
    fig = series.stacked(
        look.labels,
        parts,
        look.today("revenue"),
        write=numbers.money,
        baseline_name=today(),
        end=look.end,
        known=[point for point in cached.actuals(look.id, "revenue") if point[0] <= look.last],
        known_quarters=known_quarters(look),
    )
    charts.show(fig, key="revenue", alt=_("Revenue by who pays it, per quarter, beside today's data"))
    columns = {part.name: part.values for part in parts} | {today(): look.today("revenue")}
    tables.behind({_("Quarter"): look.labels} | columns, key="revenue")


def profit(look: Look) -> None:
    """Draw EBITDA, operating profit and interest, with the reported year before."""
    ink, muted = charts.INK[charts.mode()], charts.MUTED[charts.mode()]
    lines = [("ebitda", _("EBITDA"), muted), ("operating_profit", _("operating profit"), look.colour)]
    if look.borrows:
        lines.append(("interest", _("interest"), ink))
    parts = [Part(name, look.cut(field), colour, look.today(field)) for field, name, colour in lines]
    year = borrowers.reported_year(cached.snapshot(), look.id)
    marks = _year_marks(look, year)
    starts = [i for i, label in enumerate(look.labels) if label.endswith("Q1")]
    ticks, text = list(starts), [look.labels[i][:4] for i in starts]
    if marks:
        ticks, text = [YEAR_BEFORE, *ticks], [cached.snapshot().snapshot[:4], *text]
    st.caption(_profit_caption(look, year))
    fig = series.curves(
        range(len(look.labels)),
        parts,
        names=[series.quarter_name(label) for label in look.labels],
        write=numbers.money,
        baseline_name=today(),
        ticks=(ticks, text),
        marks=marks,
        known=(-0.5, known_quarters(look) - 0.5),
        gap=(look.cut("operating_profit"), look.cut("interest")) if look.borrows else None,
    )
    charts.show(fig, key="profit", alt=_("EBITDA, operating profit and interest per quarter, beside today's data"))
    columns = {part.name: part.values for part in parts}
    columns |= {f"{part.name}, {today()}": part.baseline for part in parts}
    tables.behind({_("Quarter"): look.labels} | columns, key="profit")


def _year_marks(look: Look, year: Mapping[str, float]) -> list[Mark]:
    """The reported year as points, a quarter on average: the profit the company shows, and its interest."""
    if not look.borrows or "interest" not in year or "operating_income" not in year:
        return []
    ink, anchor = charts.INK[charts.mode()], "center"
    marks = [Mark(YEAR_BEFORE, year["interest"] / 4, "", ink, anchor)]
    if "operating_income_adjusted" in year:
        marks.append(Mark(YEAR_BEFORE, year["operating_income_adjusted"] / 4, "", look.colour, anchor, hollow=True))
    return [*marks, Mark(YEAR_BEFORE, year["operating_income"] / 4, "", look.colour, anchor)]


def _profit_caption(look: Look, year: Mapping[str, float]) -> str:
    text = _("A quarter, USD billion · dashed: today's data")
    first = borrowers.by_year(look.here["operating_profit"])[0], borrowers.by_year(look.here["interest"])[0]
    if not look.borrows or "operating_income_adjusted" not in year or not first[1]:
        return text
    luria = _(
        "An analyst's point: interest exceeds operating profit. Reported for 2025 (dots, a quarter on average): "
        "interest {interest}, operating profit {profit}; {adjusted} as the company adjusts it (ring), which is "
        "{ratio} its interest. This scenario gives {model} in 2026."
    ).format(
        interest=numbers.amount(year["interest"], 2),
        profit=numbers.amount(year["operating_income"], 2),
        adjusted=numbers.amount(year["operating_income_adjusted"], 2),
        ratio=numbers.turns(year["operating_income_adjusted"] / year["interest"], 2),
        model=numbers.turns(first[0] / first[1], 2),
    )
    return f"{luria}  \n{text}"


def tests(look: Look) -> None:
    """Draw what lenders test, each with its threshold: four charts, or rent cover and runway without debt."""
    strict = state.scenario()["f"] == "strict"
    lines = borrowers.lines(cached.snapshot(), look.id, strict)
    turns = numbers.turns
    runway = ("runway", _("Runway, quarters"), numbers.decimal, [(lines.runway, _("a year"))], "", LONGEST_RUNWAY)
    if look.borrows:
        access = _("lenders stop: {turns}").format(turns=turns(lines.no_lender))
        start = lines.start_leverage
        leverage = [(start, _("end of 2025: {turns}").format(turns=turns(start)))] if start else []
        cover = [(lines.no_lender, access)]
        if lines.no_lender != lines.interest:
            cover.append((lines.interest, _("interest earned: {turns}").format(turns=turns(lines.interest))))
        chosen = [
            ("interest_coverage", _("Interest coverage"), turns, cover, "x", 8.0),
            ("dscr", _("Debt service cover"), turns, [(lines.service, _("interest and principal earned"))], "x", 4.0),
            ("net_debt_to_ebitda", _("Net debt to EBITDA"), turns, leverage, "x", 16.0),
            ("asset_cover", _("Asset cover"), turns, [(lines.assets, _("debt fully covered"))], "x", 3.0),
        ]
        st.caption(_("Dotted: where lenders draw the line · dashed: today's data"))
    else:
        cover = [(borrowers.EVEN, _("rent earned"))]
        chosen = [("rent_cover", _("Rent cover"), turns, cover, "x", 2.0), runway]
        st.caption(
            _("It borrows nothing, so the tests are others: earnings before rent over rent, and how long money lasts.")
        )
    panels = [
        Panel(title, look.cut(field), look.today(field), write, marks, suffix, ceiling)
        for field, title, write, marks, suffix, ceiling in chosen
    ]
    fig = series.multiples(
        look.labels,
        panels,
        colour=look.colour,
        baseline_name=today(),
        failed=look.end is not None,
        known_quarters=known_quarters(look),
        columns=2 if look.borrows else 1,
    )
    charts.show(fig, key="tests", alt=_("What lenders test, per quarter, with the thresholds and today's data"))
    columns = {panel.title: panel.scenario for panel in panels}
    columns |= {f"{panel.title}, {today()}": panel.baseline for panel in panels}
    tables.behind({_("Quarter"): look.labels} | columns, key="tests")


def last_figures(look: Look) -> None:
    """List the four ratios of the last quarter before the horizon or a failure, each with its receipt."""
    at = look.last if look.end is None else max(look.end[0] - 1, 0)
    names = {
        "interest_coverage": _("EBITDA for each dollar of interest"),
        "dscr": _("EBITDA for each dollar of interest and principal"),
        "net_debt_to_ebitda": _("Debt less cash, in years of EBITDA"),
        "asset_cover": _("Contracts, sites and chips for each dollar of debt"),
    }
    st.caption(_("In {quarter}, each with its receipt").format(quarter=numbers.quarter(look.now["quarters"][at])))
    receipts.listing(
        [
            (name, partial(receipts.receipt, f"now_{field}", f"company.{field}", look.here, look.now, at))
            for field, name in names.items()
        ]
    )


def debt(look: Look) -> None:
    """Offer debt by line, the maturity wall, and cash, one at a time."""
    wall, lines, cash = st.tabs(
        [_("Falls due"), _("Debt by line"), _("Cash")], key="debt_tabs", on_change=state.own_event
    )
    for tab, draw in ((wall, _wall), (lines, _lines), (cash, _cash)):
        if tab.open:
            with tab:
                draw(look)


def _debt_parts(look: Look, field: str) -> list[tuple[str, Part]]:
    """Debt lines with a path each, as (class, part), in the order in which they are repaid."""
    tranches = cached.snapshot().tables["tranches"]
    rows = [row for row in look.now["tranches"] if row["borrower"] == look.id]
    kind = {
        row["id"]: borrowers.debt_class(str(tranches[row["id"]]["kind"].value)) if row["id"] in tranches else "new"
        for row in rows
    }
    rows.sort(key=lambda row: borrowers.CLASSES.index(kind[row["id"]]))
    return [
        (kind[row["id"]], Part(debts.line(row["id"]), row[field], series.tint(look.colour, DEPTH[kind[row["id"]]])))
        for row in rows
    ]


def _class_key(parts: Sequence[tuple[str, Part]]) -> str:
    return series.key([Part(_(debts.CLASSES[kind]), part.values, part.colour) for kind, part in parts])


def _total(reading: Mapping, ident: str, field: str) -> list[float]:
    rows = [row[field] for row in reading["tranches"] if row["borrower"] == ident]
    return [sum(values) for values in zip(*rows, strict=True)]


def _wall(look: Look) -> None:
    years = sorted({label[:4] for label in look.now["quarters"]})
    found = _debt_parts(look, "principal")
    parts = [Part(part.name, borrowers.by_year(part.values), part.colour) for _kind, part in found]
    rolled, converted = (borrowers.by_year(look.here[field]) for field in ("rolled", "converted"))
    base = borrowers.by_year(_total(look.before, look.id, "principal"))
    inside = (look.last + 1) // 4
    st.caption(_("Principal that falls due, USD billion a year") + "  \n" + _class_key(found))
    end = (look.end[0] // 4, look.end[1]) if look.end else None
    fig = series.stacked(
        years, parts, base, write=numbers.money, baseline_name=today(), end=end, pale_from=inside, height=240
    )
    charts.show(fig, key="wall", alt=_("Principal that falls due per year, by debt line, beside today's data"))
    text = _("To the end of {year} {due} falls due, of which {rolled} is rolled into new debt.")
    due = sum(sum(part.values[:inside]) for part in parts)
    sums = {"due": due, "rolled": sum(rolled[:inside]), "converted": sum(converted[:inside])}
    if sums["converted"]:
        text += " " + _("{converted} of convertibles becomes shares.")
    text += " " + _("The rest takes cash. Pale bars lie beyond the horizon.")
    st.caption(text.format(year=look.labels[-1][:4], **{k: numbers.money(v) for k, v in sums.items()}))
    columns = {part.name: part.values for part in parts}
    columns |= {_("Rolled into new debt"): rolled, _("Turned into shares"): converted, today(): base}
    tables.behind({_("Year"): years} | columns, key="wall")


def _lines(look: Look) -> None:
    found = _debt_parts(look, "balance")
    parts = [Part(part.name, part.values[: look.last + 1], part.colour) for _kind, part in found]
    st.caption(_("Debt outstanding, USD billion") + "  \n" + _class_key(found))
    fig = series.stacked(
        look.labels,
        parts,
        look.today("debt"),
        write=numbers.money,
        baseline_name=today(),
        end=look.end,
        known=[point for point in cached.actuals(look.id, "debt") if point[0] <= look.last],
        known_quarters=known_quarters(look),
        height=240,
    )
    charts.show(fig, key="lines", alt=_("Debt outstanding by line per quarter, beside today's data"))
    st.caption(_("Only the total at the end of 2025 is certain; how it splits over the loans is partly estimated."))
    columns = {part.name: part.values for part in parts} | {today(): look.today("debt")}
    tables.behind({_("Quarter"): look.labels} | columns, key="lines")


def _cash(look: Look) -> None:
    lines = borrowers.lines(cached.snapshot(), look.id, strict=False)
    panels = [
        Panel(_("Cash, USD billion"), look.cut("cash"), look.today("cash"), numbers.money),
        Panel(
            _("Runway, quarters"),
            look.cut("runway"),
            look.today("runway"),
            numbers.decimal,
            [(lines.runway, _("a year"))],
            ceiling=LONGEST_RUNWAY,
        ),
    ]
    st.caption(_("How long its means last before new borrowing; no line: it needs none"))
    fig = series.multiples(
        look.labels,
        panels,
        colour=look.colour,
        baseline_name=today(),
        failed=look.end is not None,
        known_quarters=known_quarters(look),
        columns=1,
        row_height=160,
    )
    charts.show(fig, key="cash", alt=_("Cash and runway per quarter, beside today's data"))
    columns = {panel.title: panel.scenario for panel in panels}
    columns |= {f"{panel.title}, {today()}": panel.baseline for panel in panels}
    tables.behind({_("Quarter"): look.labels} | columns, key="cash")


def between(look: Look) -> None:
    """Say what an intermediary without debt lives on: what it owes, earns and has."""
    last = look.last if look.end is None else max(look.end[0] - 1, 0)
    quarter = numbers.quarter(look.now["quarters"][last])
    rows = [
        (_("Rent it owes, a quarter"), numbers.money(look.here["rent"][last])),
        (_("Income, a quarter"), numbers.money(look.here["revenue"][last])),
        (_("Kept after rent and own cost"), numbers.money(look.here["ebitda"][last])),
        (_("Cash") + debts.assumed(f"{look.id}.cash"), numbers.money(look.here["cash"][last])),
    ]
    st.caption(_("In {quarter}").format(quarter=quarter))
    tables.facts([(name, f"**{value}**") for name, value in rows], alt=_("What Fluidstack lives on"))
    st.markdown(
        _(
            "It rents data centres for ten years and lets computing power by the year. Half of its income comes "
            "from Anthropic, half follows the price of the day. If it stops paying, Google's guarantee pays the "
            "landlords."
        )
        + debts.assumed("fluidstack_anthropic.share")
    )
    st.caption(_("Fluidstack publishes no accounts; every figure here is an estimate."))


def landlord(look: Look) -> None:
    """Show the leases of a miner, who stands behind them, and how its building is paid for."""
    web = cached.snapshot()
    columns: dict[str, list[str]] = {
        _("Tenant"): [f"**{words.name(lease.tenant)}**" for lease in look.leases],
        _("Lease"): [
            _("{mw} MW, {years} years from {quarter}").format(
                mw=numbers.decimal(lease.mw, 0),
                years=numbers.decimal(lease.years, 0),
                quarter=numbers.quarter(lease.start),
            )
            for lease in look.leases
        ],
        _("Rent"): [
            _("{year} a year, {total} in all").format(
                year=numbers.money(lease.rent), total=numbers.money(lease.total)
            )
            + debts.assumed(lease.row)
            for lease in look.leases
        ],
        _("Behind it"): [
            _("{who}, up to {cap}").format(who=words.name(lease.giver), cap=numbers.money(lease.backed))
            if lease.giver
            else _("nobody")
            for lease in look.leases
        ],
    }
    st.table(columns, border="horizontal", hide_index=True, alt=_("Leases and who stands behind them"))
    left, length = (web.value(f"{look.id}.{item}") for item in ("capex_left", "capex_quarters"))
    text = _(
        "Once it mined bitcoin; now it lets halls. Building is paid beforehand: {left} is still to be spent in "
        "{quarters} quarters, out of {cash} of cash raised with bonds."
    ).format(
        left=numbers.money(left),
        quarters=numbers.decimal(length, 0),
        cash=numbers.money(web.value(f"{look.id}.cash")),
    )
    st.markdown(text + debts.assumed(f"{look.id}.cash"))


@st.fragment
def breaks(look: Look) -> None:
    """Offer the exact break-points of the company along the main levers; they take a moment, so on demand."""
    scenario = state.scenario()
    asked = (look.id, scenario.values, state.step().edits)
    if st.session_state.get("breaks_asked") != asked:
        st.caption(_("How far each lever can go, the others as they are, until this company fails or is saved."))
        if not st.button(_("Find the break-points"), key="find_breaks", on_click=state.own_event):
            return
        st.session_state["breaks_asked"] = asked
    rows = []
    for word in BREAK_LEVERS:
        one = lever(word)
        found, base = (reading[look.id] for reading in (cached.break_points(scenario, word), cached.baseline_break_points(word)))
        rows.append(
            (
                _(words.LEVERS[word][0]),
                f"**{_reason(found)}**",
                _("now {value}").format(value=_lever_value(scenario[word], one.unit)),
                f":gray[{today()}: {_reason(base)}]",
            )
        )
    tables.facts(rows, alt=_("Where the company breaks along each lever"))


def _reason(point: BreakPoint) -> str:
    unit = lever(point.lever).unit
    return _(REASONS[point.reason]).format(value=_lever_value(point.value, unit))


def _lever_value(value: object, unit: str) -> str:
    if isinstance(value, str):
        return _(words.CHOICES[value])
    return numbers.lever_value(round(value, 1) if isinstance(value, float) else value, unit) if value is not None else ""
