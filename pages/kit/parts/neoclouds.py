"""One neocloud, or Oracle, from every side: how it stands, who pays it, what it earns, what lenders test."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from core.results import borrowers, narrative
from pages.kit.drawing import charts, series
from pages.kit.drawing.plot import Figure
from pages.kit.drawing.series import Guided, Mark, Panel, Part
from pages.kit.parts import looks, neoclouds_sold
from pages.kit.parts.looks import beside, show, today
from pages.kit.visit import cached
from pages.kit.words import numbers, spans, words
from pages.kit.words.catalogue import N_, _

YEAR_BEFORE = -3.0  # where the reported year stands, left of the first quarter
WORTH_A_WORD = 0.005  # share of revenue below which a part is not mentioned
LONGEST_RUNWAY = 16.0  # quarters drawn
RATIOS = {
    "interest_coverage": N_("EBITDA for each dollar of interest"),
    "dscr": N_("EBITDA for each dollar of interest and principal"),
    "net_debt_to_ebitda": N_("Debt less cash, in years of EBITDA"),
    "asset_cover": N_("Contracts, sites and chips for each dollar of debt"),
}
WORTH = N_(
    "What creditors could realise for each dollar of debt"
)  # of a company that is more than what it built


class Look(looks.Look):
    """What a page about one company draws from, its paths cut at the horizon by `cut`."""

    table = "companies"

    @cached_property
    def end(self) -> tuple[int, str] | None:
        """Quarter in which it fails, and the words there."""
        if self.here["status"] != "failed":
            return None
        return self.here["failed_quarter"], words.status(narrative.status(self.here, self.now))

    @cached_property
    def leases(self) -> tuple[borrowers.Lease, ...]:
        """What it lets, if it is a landlord."""
        return borrowers.leases_of(cached.snapshot(), self.id)

    @property
    def has_business(self) -> bool:
        """Whether it has a business of its own beside what it builds for tenants."""
        return self.id in cached.operators()

    @property
    def borrows(self) -> bool:
        """Whether it has debt."""
        return any(self.base["debt"])

    @property
    def paying(self) -> int:
        """Last quarter shown, or the one before it fails."""
        return self.last if self.end is None else max(self.end[0] - 1, 0)

    def cut(self, field: str) -> list:
        """Path of the scenario up to the horizon."""
        return self.here[field][: self.last + 1]

    def by_year(self, field: str) -> list[float]:
        """Path of the scenario summed by year, all years; the first may be the rest of one."""
        return borrowers.by_year(self.here[field], cached.snapshot().calendar.begun)

    def today(self, field: str) -> list:
        """Path of today's data up to the horizon."""
        return self.base[field][: self.last + 1]


look = Look.at


def giver(look: Look) -> str | None:
    """Return who stands behind the company's income, if anybody."""
    return next((p["giver"] for p in look.now["promises"] if p["for"] == look.id and any(p["live"])), None)


def answer(look: Look) -> str:
    """Say in two or three sentences how the company stands, what covers its interest and who pays it."""
    fact = narrative.status(look.here, look.now)
    params = {"who": f"**{words.name(look.id)}**", "year": look.year}
    if fact.code == "failed":
        text = _("{who} fails in the {quarter}, {cause}.")
        params["quarter"] = numbers.quarter_in_words(fact.params["quarter"])
        params["cause"] = words.cause(look.here["failure_cause"])
    elif fact.code == "supported":
        text = _("{who} keeps paying to the end of {year}, but only because {giver} pays part of its income.")
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
    when = numbers.quarter_in_words(look.now["quarters"][quarter])
    params = {"quarter": when, "cover": numbers.decimal(value, 2)}
    if not look.borrows:
        return _("It has no debt; in the {quarter} its earnings cover its rent {cover} times.").format(
            **params
        )
    if value < 0:
        text = _("In the {quarter} it earns nothing towards its interest.")
        if look.leases and _builds(look, quarter):
            text = _("In the {quarter} it earns nothing towards its interest: it is still building.")
        return text.format(**params)
    return _("In its thinnest quarter, the {quarter}, earnings cover interest {cover} times.").format(
        **params
    )


def _builds(look: Look, quarter: int) -> bool:
    """Whether it earns nothing in a quarter because it builds: with today's data it does not then either."""
    planned = look.base["interest_coverage"][quarter]
    building = quarter < cached.snapshot().value(f"{look.id}.capex_quarters")
    return building and (planned is None or planned < 0)


def _shares(look: Look) -> str:
    share = borrowers.revenue_shares(look.here, look.last)
    told = {
        "contracted": _("{share} from contracts"),
        "spot": _("{share} at the price of the day"),
        "guaranteed": _("{share} from guarantors"),
        "core": _("{share} from its own business"),
    }
    if look.has_business:
        told["spot"] = _("{share} from what is let anew")
    parts = [told[k].format(share=numbers.percent(v, 0)) for k, v in share.items() if v >= WORTH_A_WORD]
    text = _("Its revenue: {parts}.")
    if look.has_business:
        text = _("What comes in, its own business by its EBITDA: {parts}.")
    return text.format(parts=numbers.listing(parts)) if parts else ""


def revenue(look: Look) -> None:
    """Draw revenue by who pays it."""
    alt = _("Revenue by who pays it, per quarter, beside today's data")
    columns = {part.name: part.values for part in _payers(look)} | {today(): look.today("revenue")}
    told = {"title": _("Who pays it"), "caption": _revenue_caption, "note": _revenue_note, "alt": alt}
    behind = neoclouds_sold.receipt(look.id)
    show(look, _revenue_figure, {_("Quarter"): look.labels} | columns, key="revenue", receipt=behind, **told)


def _revenue_caption(look: Look) -> str:
    text = _("Revenue a quarter, USD billion")
    if look.has_business:
        text = _("Fees and EBITDA of its own business a quarter, USD billion")
    return look.caption(text, "revenue") + "\n" + series.key(_payers(look))


def _revenue_note(look: Look) -> str:
    """Say what is signed and still to be delivered, and which tenants cut what they owe."""
    return " ".join([*neoclouds_sold.told(look.id), *neoclouds_sold.cuts(look.id, look.now)])


def _payers(look: Look) -> list[Part]:
    if look.has_business:
        return [
            Part(_("its own business"), look.cut("core"), series.tint(look.colour, 0.45)),
            Part(_("contracts"), look.cut("contracted"), look.colour),
            Part(_("let anew"), look.cut("spot"), series.tint(look.colour, 0.2)),
        ]
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
        known=look.known("revenue"),
        guided=[Guided(*span, charts.INK[charts.mode()]) for span in look.guided("revenue")],
        known_quarters=look.known_quarters,
    )


def profit(look: Look) -> None:
    """Draw EBITDA, operating profit and interest, with the reported year before."""
    title = _("What it earns, what it owes") if look.borrows else _("What it keeps")
    alt = _("EBITDA, operating profit and interest per quarter, beside today's data")
    columns = beside((part.name, part.values, part.baseline) for part in _profit_parts(look))
    told = {"title": title, "caption": _profit_caption, "note": _analyst, "alt": alt}
    show(look, _profit_figure, {_("Quarter"): look.labels} | columns, key="profit", **told)


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
        ticks, text = [YEAR_BEFORE, *ticks], [str(cached.snapshot().calendar.reported_year), *text]
    return series.curves(
        range(len(look.labels)),
        _profit_parts(look),
        names=[series.quarter_name(label) for label in look.labels],
        write=numbers.money,
        baseline_name=today(),
        ticks=(ticks, text),
        marks=[*marks, *_reported(look)],
        guided=_expected(look),
        known=(-0.5, look.known_quarters - 0.5) if look.known_quarters else None,
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


def _profit_colours(look: Look) -> dict[str, str]:
    lines = {"ebitda": charts.MUTED[charts.mode()], "operating_profit": look.colour}
    return lines | {"interest": charts.INK[charts.mode()]}


def _reported(look: Look) -> list[Mark]:
    """What has been reported since, a quarter each, in the colour of its line."""
    lines = _profit_colours(look)
    return [Mark(*at, "", colour, "center") for field, colour in lines.items() for at in look.known(field)]


def _expected(look: Look) -> list[Guided]:
    """What the company itself expects of a quarter, from low to high, in the colour of its line."""
    lines = _profit_colours(look)
    return [Guided(*span, colour) for field, colour in lines.items() for span in look.guided(field)]


def _profit_caption(look: Look) -> str:
    return look.caption(_("A quarter, USD billion · dashed: today's data"), *_profit_colours(look))


def _analyst(look: Look) -> str:
    """Say what an analyst holds against the company, if it reports what that is about."""
    year = borrowers.reported_year(cached.snapshot(), look.id)
    first = look.by_year("operating_profit")[0], look.by_year("interest")[0]
    if not look.borrows or "operating_income_adjusted" not in year or not first[1]:
        return ""
    return _(
        "An analyst's point: interest exceeds operating profit. Reported for {before} (dots, a quarter on "
        "average): interest {interest}, operating profit {profit}; {adjusted} as the company adjusts it "
        "(ring), which is {ratio} its interest. This scenario gives {model} in {first}."
    ).format(
        before=cached.snapshot().calendar.reported_year,
        first=spans.first_year(),
        interest=numbers.amount(year["interest"], 2),
        profit=numbers.amount(year["operating_income"], 2),
        adjusted=numbers.amount(year["operating_income_adjusted"], 2),
        ratio=numbers.turns(year["operating_income_adjusted"] / year["interest"], 2),
        model=numbers.turns(first[0] / first[1], 2),
    )


def tests(look: Look) -> None:
    """Draw what lenders test, each with its threshold: four charts, or rent cover and runway without debt."""
    title, caption = (
        _("No debt, but rent"),
        _(
            "It borrows nothing, so the tests are others: earnings before rent over rent, "
            "and how long money lasts."
        ),
    )
    if look.borrows:
        title = _("Four tests of a lender")
        caption = _("Dotted: where lenders draw the line · dashed: today's data")
    alt = _("What lenders test, per quarter, with the thresholds and today's data")
    columns = beside((panel.title, panel.scenario, panel.baseline) for panel in _tests_panels(look))
    told = {"title": title, "caption": caption, "alt": alt}
    show(look, _tests_figure, {_("Quarter"): look.labels} | columns, key="tests", **told)


def _tests_panels(look: Look) -> list[Panel]:
    lines = borrowers.lines(cached.snapshot(), look.id, look.scenario["f"] == "strict")
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
        leverage = (
            [(start, _("{date}: {turns}").format(date=spans.start(), turns=turns(start)))] if start else []
        )
        cover = [(lines.no_lender, access)]
        if lines.no_lender != lines.interest:
            cover.append((lines.interest, _("interest earned: {turns}").format(turns=turns(lines.interest))))
        if lines.covenant is not None:
            cover = [(lines.covenant, _("its covenant: {turns}").format(turns=turns(lines.covenant)))]
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
        Panel(title, look.cut(field), look.today(field), write, marks, suffix, ceiling, look.known(field))
        for field, title, write, marks, suffix, ceiling in chosen
    ]


def _tests_figure(look: Look) -> Figure:
    return series.multiples(
        look.labels,
        _tests_panels(look),
        colour=look.colour,
        baseline_name=today(),
        failed=look.end is not None,
        known_quarters=look.known_quarters,
        columns=2 if look.borrows and not charts.is_narrow() else 1,
    )


def cards(look: Look) -> None:
    """Show the ratios of the last quarter in which the company pays, and offer their receipts."""
    if not look.borrows:
        return
    looks.cards(look, _ratios, _quarter, key="now")


def _ratios(look: Look) -> list[tuple]:
    at, shown = look.paying, []
    for field, name in RATIOS.items():
        name = WORTH if field == "asset_cover" and look.has_business else name
        now, before = (numbers.turns(row[field][at]) for row in (look.here, look.base))
        shown.append((_(name), f"company.{field}", at, now, before))
    return shown


def _quarter(look: Look) -> str:
    return _("In {quarter}").format(quarter=numbers.quarter(look.now["quarters"][look.paying]))
