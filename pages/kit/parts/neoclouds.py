"""One neocloud from every side: how it stands, who pays it, what it earns, what lenders test."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from core.results import borrowers, narrative
from core.scenario.levers import Scenario
from pages.kit.drawing import charts, series
from pages.kit.drawing.plot import Figure
from pages.kit.drawing.series import Mark, Panel, Part
from pages.kit.parts import provenance, tables
from pages.kit.visit import cached, visit
from pages.kit.visit.cached import by_id
from pages.kit.words import numbers, words
from pages.kit.words.catalogue import _

YEAR_BEFORE = -3.0  # where the reported year stands, left of the first quarter
WORTH_A_WORD = 0.005  # share of revenue below which a part is not mentioned
LONGEST_RUNWAY = 16.0  # quarters drawn


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


def look(ident: str, scenario: Scenario) -> Look:
    """Gather what is known about one company in a scenario and in today's data."""
    now, before = cached.read(scenario), cached.baseline(scenario)
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


def show(figure: Callable[[Look], Figure], ident: str, *, key: str, alt: str) -> None:
    """Draw a chart of one company; `figure` makes it from the company in a scenario."""
    charts.show(lambda scenario: figure(look(ident, scenario)), key=key, alt=alt)


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
    params = {"quarter": numbers.quarter(look.now["quarters"][quarter]), "cover": numbers.decimal(value, 2)}
    if not look.borrows:
        return _("It has no debt; in {quarter} its earnings cover its rent {cover} times.").format(**params)
    if value < 0:
        text = _("In {quarter} it earns nothing towards its interest.")
        if look.leases and quarter < cached.snapshot().value(f"{look.id}.capex_quarters"):
            text = _("In {quarter} it earns nothing towards its interest: it is still building.")
        return text.format(**params)
    return _("In its thinnest quarter, {quarter}, earnings cover interest {cover} times.").format(**params)


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
    parts = _payers(look)
    st.caption(_("Revenue a quarter, USD billion") + "  \n" + series.key(parts))
    alt = _("Revenue by who pays it, per quarter, beside today's data")
    show(_revenue_figure, look.id, key="revenue", alt=alt)
    columns = {part.name: part.values for part in parts} | {today(): look.today("revenue")}
    tables.behind({_("Quarter"): look.labels} | columns, key="revenue")


def _payers(look: Look) -> list[Part]:
    backer = giver(look)
    paid = _("paid by {who}").format(who=words.name(backer)) if backer else _("paid by a guarantor")
    return [
        Part(_("contracts"), look.cut("contracted"), look.colour),
        Part(_("price of the day"), look.cut("spot"), series.tint(look.colour, 0.45)),
        Part(paid, look.cut("guaranteed"), charts.entity_colour(backer) if backer else look.colour),
    ]


def _revenue_figure(look: Look) -> Figure:
    return series.stacked(
        look.labels,
        _payers(look),
        look.today("revenue"),
        write=numbers.money,
        baseline_name=today(),
        end=look.end,
        known=[point for point in cached.actuals(look.id, "revenue") if point[0] <= look.last],
        known_quarters=known_quarters(look),
    )


def profit(look: Look) -> None:
    """Draw EBITDA, operating profit and interest, with the reported year before."""
    st.caption(_profit_caption(look, borrowers.reported_year(cached.snapshot(), look.id)))
    alt = _("EBITDA, operating profit and interest per quarter, beside today's data")
    show(_profit_figure, look.id, key="profit", alt=alt)
    parts = _profit_parts(look)
    columns = {part.name: part.values for part in parts}
    columns |= {f"{part.name}, {today()}": part.baseline for part in parts}
    tables.behind({_("Quarter"): look.labels} | columns, key="profit")


def _profit_parts(look: Look) -> list[Part]:
    ink, muted = charts.INK[charts.mode()], charts.MUTED[charts.mode()]
    lines = [
        ("ebitda", _("EBITDA"), look.colour)
    ]  # who owns nothing has no wear: its operating profit is EBITDA
    if look.borrows:
        lines = [
            ("ebitda", _("EBITDA"), muted),
            ("operating_profit", _("operating profit"), look.colour),
            ("interest", _("interest"), ink),
        ]
    return [Part(name, look.cut(field), colour, look.today(field)) for field, name, colour in lines]


def _profit_figure(look: Look) -> Figure:
    marks = _year_marks(look, borrowers.reported_year(cached.snapshot(), look.id))
    starts = [i for i, label in enumerate(look.labels) if label.endswith("Q1")]
    ticks, text = list(starts), [look.labels[i][:4] for i in starts]
    if marks:
        ticks, text = [YEAR_BEFORE, *ticks], [cached.snapshot().snapshot[:4], *text]
    return series.curves(
        range(len(look.labels)),
        _profit_parts(look),
        names=[series.quarter_name(label) for label in look.labels],
        write=numbers.money,
        baseline_name=today(),
        ticks=(ticks, text),
        marks=marks,
        known=(-0.5, known_quarters(look) - 0.5),
        gap=(look.cut("operating_profit"), look.cut("interest")) if look.borrows else None,
    )


def _year_marks(look: Look, year: Mapping[str, float]) -> list[Mark]:
    """The reported year as points, a quarter on average: the profit the company shows, and its interest."""
    if not look.borrows or "interest" not in year or "operating_income" not in year:
        return []
    ink, anchor = charts.INK[charts.mode()], "center"
    marks = [Mark(YEAR_BEFORE, year["interest"] / 4, "", ink, anchor)]
    if "operating_income_adjusted" in year:
        marks.append(
            Mark(YEAR_BEFORE, year["operating_income_adjusted"] / 4, "", look.colour, anchor, hollow=True)
        )
    return [*marks, Mark(YEAR_BEFORE, year["operating_income"] / 4, "", look.colour, anchor)]


def _profit_caption(look: Look, year: Mapping[str, float]) -> str:
    text = _("A quarter, USD billion · dashed: today's data")
    first = borrowers.by_year(look.here["operating_profit"])[0], borrowers.by_year(look.here["interest"])[0]
    if not look.borrows or "operating_income_adjusted" not in year or not first[1]:
        return text
    luria = _(
        "An analyst's point: interest exceeds operating profit. Reported for 2025 (dots, a quarter on "
        "average): interest {interest}, operating profit {profit}; {adjusted} as the company adjusts it "
        "(ring), which is {ratio} its interest. This scenario gives {model} in 2026."
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
    if look.borrows:
        st.caption(_("Dotted: where lenders draw the line · dashed: today's data"))
    else:
        st.caption(
            _(
                "It borrows nothing, so the tests are others: earnings before rent over rent, "
                "and how long money lasts."
            )
        )
    alt = _("What lenders test, per quarter, with the thresholds and today's data")
    show(_tests_figure, look.id, key="tests", alt=alt)
    panels = _tests_panels(look)
    columns = {panel.title: panel.scenario for panel in panels}
    columns |= {f"{panel.title}, {today()}": panel.baseline for panel in panels}
    tables.behind({_("Quarter"): look.labels} | columns, key="tests")


def _tests_panels(look: Look) -> list[Panel]:
    strict = visit.scenario()["f"] == "strict"
    lines = borrowers.lines(cached.snapshot(), look.id, strict)
    turns = numbers.turns
    runway = (
        "runway",
        _("Runway, quarters"),
        numbers.decimal,
        [(lines.runway, _("one year"))],
        "",
        LONGEST_RUNWAY,
    )
    if look.borrows:
        access = _("lenders stop: {turns}").format(turns=turns(lines.no_lender))
        start = lines.start_leverage
        leverage = [(start, _("end of 2025: {turns}").format(turns=turns(start)))] if start else []
        cover = [(lines.no_lender, access)]
        if lines.no_lender != lines.interest:
            cover.append((lines.interest, _("interest earned: {turns}").format(turns=turns(lines.interest))))
        chosen = [
            ("interest_coverage", _("Interest coverage"), turns, cover, "x", 8.0),
            (
                "dscr",
                _("Debt service cover"),
                turns,
                [(lines.service, _("interest and principal earned"))],
                "x",
                4.0,
            ),
            ("net_debt_to_ebitda", _("Net debt to EBITDA"), turns, leverage, "x", 16.0),
            ("asset_cover", _("Asset cover"), turns, [(lines.assets, _("debt fully covered"))], "x", 3.0),
        ]
    else:
        cover = [(borrowers.EVEN, _("rent earned"))]
        chosen = [("rent_cover", _("Rent cover"), turns, cover, "x", 2.0), runway]
    return [
        Panel(title, look.cut(field), look.today(field), write, marks, suffix, ceiling)
        for field, title, write, marks, suffix, ceiling in chosen
    ]


def _tests_figure(look: Look) -> Figure:
    return series.multiples(
        look.labels,
        _tests_panels(look),
        colour=look.colour,
        baseline_name=today(),
        failed=look.end is not None,
        known_quarters=known_quarters(look),
        columns=2 if look.borrows else 1,
    )


def cards(look: Look) -> None:
    """Show the ratios of the last quarter before the horizon or a failure, each with its receipt."""
    if not look.borrows:
        return
    at = look.last if look.end is None else max(look.end[0] - 1, 0)
    names = {
        "interest_coverage": _("EBITDA for each dollar of interest"),
        "dscr": _("EBITDA for each dollar of interest and principal"),
        "net_debt_to_ebitda": _("Debt less cash, in years of EBITDA"),
        "asset_cover": _("Contracts, sites and chips for each dollar of debt"),
    }
    quarter = numbers.quarter(look.now["quarters"][at])
    st.caption(_("In {quarter}; a figure opens its receipt").format(quarter=quarter))
    with st.grid(4, min_column_width=150):
        for field, name in names.items():
            with st.container(gap="xsmall"):
                shown = f"**{numbers.turns(look.here[field][at])}**"
                provenance.receipt(f"now_{field}", f"company.{field}", look.here, look.now, at, shown)
                was = f"{today()}: {numbers.turns(look.base[field][at])}"
                st.markdown(f":small[{name}]  \n:small[:gray[{was}]]")
