"""One fund from every side: the bridge to its net return, value, losses, rates, who stands behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import streamlit as st

from core.results import investors
from core.scenario.levers import Scenario
from core.web.snapshot import Row
from pages.kit.drawing import charts, series
from pages.kit.drawing.plot import Figure
from pages.kit.drawing.series import Mark, Part
from pages.kit.parts import debts, origins, provenance, tables
from pages.kit.visit import cached, visit
from pages.kit.visit.cached import by_id
from pages.kit.words import numbers, words
from pages.kit.words.catalogue import N_, _

INVESTORS = ("pensions", "insurers", "wealth", "sovereign")
TERMS = {
    "leverage": N_("Borrows for each dollar of investors' money"),
    "funding_spread": N_("Pays on what it borrows, above the base rate"),
    "fee": N_("Manager's fee, a year on invested money"),
    "carry": N_("Manager's share of the profit"),
    "hurdle": N_("Only above a return of"),
}
FIGURES = {
    "gross_irr": N_("Gross return (IRR)"),
    "net_irr": N_("Net return (IRR)"),
    "moic": N_("Back per dollar (MOIC)"),
    "dpi": N_("paid out (DPI)"),
    "rvpi": N_("from the final sale (RVPI)"),
    "loss": N_("Borrowers fall short"),
}
FLOATING, FIXED = "blackstone", "pimco"  # the two ends of the story about rates
WORTH_SHOWING = 5e-4  # USD bn: losses below half a million are rounding


@dataclass(frozen=True)
class Look:
    """What a page about one fund draws from: scenario and today's data."""

    id: str
    now: Mapping
    before: Mapping
    here: Mapping
    base: Mapping
    labels: Sequence[str]
    colour: str

    @property
    def last(self) -> int:
        """Last quarter shown, in which the fund is sold."""
        return self.now["last_quarter"]

    @property
    def year(self) -> str:
        """Last year shown."""
        return self.labels[-1][:4]


def look(ident: str, scenario: Scenario) -> Look:
    """Gather what is known about one fund in a scenario and in today's data."""
    now, before = cached.read(scenario), cached.baseline(scenario)
    return Look(
        id=ident,
        now=now,
        before=before,
        here=by_id(now, "funds")[ident],
        base=by_id(before, "funds")[ident],
        labels=now["quarters"][: now["last_quarter"] + 1],
        colour=charts.entity_colour(ident),
    )


def today() -> str:
    """Return what the baseline is called."""
    return _("today's data")


def points(value: float | None) -> str:
    """Write a difference of two returns in percentage points, with its sign."""
    text = numbers.percent(value).replace(f"{numbers.NBSP}%", "")
    return _("{value} points").format(value=text if numbers.missing(value) or value < 0 else f"+{text}")


def answer(look: Look) -> str:
    """Say what investors keep, what the borrowing and the manager do to it, and what is lost."""
    here, steps = look.here, investors.bridge(look.here)
    params = {
        "who": f"**{words.name(look.id)}**",
        "net": f"**{numbers.percent(here['net_irr'])}**",
        "base": numbers.percent(look.base["net_irr"]),
        "assets": numbers.percent(steps.assets),
        "borrowing": points(steps.borrowing),
        "manager": points(-(steps.fee + steps.carry)),
        "loss": f"**{numbers.money(here['loss'])}**",
        "pensions": numbers.money(here["borne_by"]["pensions"]["loss"]),
    }
    if params["net"].strip("*") == params["base"]:
        first = _("{who} leaves its investors {net} a year.")
    else:
        first = _("{who} leaves its investors {net} a year, instead of {base}.")
    second = _(
        "Its loans and leases earn {assets}; borrowing brings {borrowing}, the manager takes {manager}."
    )
    if here["loss"] < WORTH_SHOWING:
        third = _("No borrower falls short.")
    else:
        third = _("Borrowers fall {loss} short, of which {pensions} is pension money.")
    return " ".join(text.format(**params) for text in (first, second, third)).replace("+", "")


def bridge(look: Look) -> None:
    """Draw the way from what the assets earn to what the investor keeps."""
    names, values, base = _steps(look)
    st.caption(_("Return a year to {year}, step by step · dashed: net, today's data").format(year=look.year))
    if any(map(numbers.missing, values)):
        st.markdown(_("No return is defined here: the fund gets nothing back."))
        return
    charts.show(
        partial(_bridge_figure, look.id),
        key="bridge",
        alt=_("From the return of the assets to the net return, beside today's data"),
    )
    tables.behind({_("Step"): names, _("Scenario"): values, today(): base}, key="bridge")


def _steps(look: Look) -> tuple[list[str], list[float], list[float]]:
    """The steps of the bridge: their names, the scenario and today's data."""
    names = [_("assets"), _("borrowing"), _("fee"), _("carry"), _("net")]
    now, base = (investors.bridge(one) for one in (look.here, look.base))
    return names, *([b.assets, b.borrowing, b.fee, b.carry, b.net] for b in (now, base))


def _bridge_figure(ident: str, scenario: Scenario) -> Figure | None:
    fund = look(ident, scenario)
    names, values, base = _steps(fund)
    if any(map(numbers.missing, values)):
        return None
    assets, *steps, net = values
    return series.bridge(
        names,
        assets,
        steps,
        net,
        baseline=base,
        write=numbers.percent,
        baseline_name=today(),
        colour=fund.colour,
    )


def cards(look: Look) -> None:
    """Show the fund's figures, each with its receipt, and today's below."""
    write = {"gross_irr": numbers.percent, "net_irr": numbers.percent, "loss": numbers.money}
    st.caption(_("To the end of {year}; a figure opens its receipt").format(year=look.year))
    with st.grid(6, min_column_width=120):
        for field, name in FIGURES.items():
            with st.container(gap="xsmall"):
                text = write.get(field, two_digits)
                shown = f"**{text(look.here[field])}**"
                provenance.receipt(f"fund_{field}", f"fund.{field}", look.here, look.now, None, shown)
                was = f"{today()}: {text(look.base[field])}"
                st.markdown(f":small[{_(name)}]  \n:small[:gray[{was}]]")


def two_digits(value: float | None) -> str:
    """Write a multiple of the money put in."""
    return numbers.turns(value, 2)


def movements(look: Look) -> None:
    """Offer interest rates, value and losses, one at a time."""
    value, rates, losses = st.tabs(
        [_("Value"), _("Interest rates: the hump"), _("Losses")], key="fund_tabs", on_change=visit.own_event
    )
    for tab, draw in ((value, _value), (rates, _hump), (losses, _losses)):
        if tab.open:
            with tab:
                draw(look)


def _value(look: Look) -> None:
    now, base = _nav(look)
    st.caption(_("Value of what the fund holds less what it owes (NAV), USD billion"))
    alt = _("Value of the fund per quarter, beside today's data")
    charts.show(partial(_nav_figure, look.id), key="nav", alt=alt)
    st.caption(
        _(
            "It falls because loans are repaid and paid out, not lent again. At the end of {year} everything "
            "left is sold at its market value: another horizon gives another return."
        ).format(year=look.year)
    )
    tables.behind({_("Quarter"): look.labels, _("Scenario"): now, today(): base}, key="nav")


def _nav(look: Look) -> tuple[list[float], list[float]]:
    """Value of the fund up to the horizon, in the scenario and with today's data."""
    return look.here["nav"][: look.last + 1], look.base["nav"][: look.last + 1]


def _nav_figure(ident: str, scenario: Scenario) -> Figure:
    fund = look(ident, scenario)
    return charts.lines(
        fund.labels,
        *_nav(fund),
        colour=fund.colour,
        write=numbers.money,
        baseline_name=today(),
        known_quarters=min(cached.known_quarters(), len(fund.labels)),
    )


def _hump(look: Look) -> None:
    found, base = cached.hump(visit.scenario()), cached.baseline_hump()
    st.caption(
        _("Net return a year at each short-term rate, the other levers as they are · dashed: today's data")
    )
    alt = _("Net return of the fund along the interest rate, with its peak")
    charts.show(partial(_hump_figure, look.id), key="hump", alt=alt)
    rates = found.rates.tolist()
    st.caption(_hump_in_words(look, *found.peak(look.id), rates, found.first_failure()))
    columns = {words.name(key): values.tolist() for key, values in found.net.items()}
    columns |= {f"{words.name(look.id)}, {today()}": base.net[look.id].tolist()}
    tables.behind({_("Interest rate, %"): rates} | columns, key="hump")


def _hump_figure(ident: str, scenario: Scenario) -> Figure:
    fund = look(ident, scenario)
    found, base = cached.hump(scenario), cached.baseline_hump(scenario)
    rates = found.rates.tolist()
    shown = dict.fromkeys((ident, FLOATING, FIXED))
    parts = [
        Part(_short(key), found.net[key].tolist(), charts.entity_colour(key), base.net[key].tolist())
        if key == ident
        else Part(_short(key), found.net[key].tolist(), charts.entity_colour(key), width=1.4)
        for key in shown
    ]
    ink = charts.INK[charts.mode()]
    marks = [Mark(float(scenario["r"]), fund.here["net_irr"], _("now"), ink, "center")]
    at, best = found.peak(ident)
    if rates[0] < at < rates[-1]:
        marks.append(Mark(at, best, _("peak"), fund.colour, "center", hollow=True))
    first = found.first_failure()
    uprights = [(first, _("a borrower breaks"))] if first is not None and first > rates[0] else []
    return series.curves(
        rates,
        parts,
        names=[numbers.lever_value(rate, "%") for rate in rates],
        write=numbers.percent,
        baseline_name=today(),
        ticks=([0, 3, 6, 9, 12], [numbers.lever_value(rate, "%") for rate in (0, 3, 6, 9, 12)]),
        marks=marks,
        uprights=uprights,
        percent=True,
    )


def _short(ident: str) -> str:
    return _("mixed fund") if ident == "infra_credit" else words.name(ident)


def _hump_in_words(look: Look, at: float, best: float, rates: Sequence[float], first: float | None) -> str:
    params = {"who": words.name(look.id), "rate": numbers.lever_value(at, "%"), "net": numbers.percent(best)}
    if at >= rates[-1]:
        text = _("{who} earns most at the very end, {rate}: its loans float, so dearer money pays it more.")
    elif at <= rates[0]:
        text = _(
            "{who} earns most at the lowest rate: most of what it holds pays a fixed rate, "
            "worth less when rates rise."
        )
    else:
        text = _(
            "{who} earns most at {rate}: {net}. To there dearer money pays it more, beyond it costs it more."
        )
    if first is not None:
        text += " " + _("From {first} the first of the seven named companies breaks.")
        params["first"] = numbers.lever_value(first, "%")
    return text.format(**params)


def _losses(look: Look) -> None:
    held, lost = look.here["loss_by_holding"], _lost(look)
    st.caption(
        _("What each holding falls short of its schedule to {year}, USD billion").format(year=look.year)
    )
    if not lost:
        names = numbers.listing([debts.holding(key) for key in held])
        st.markdown(_("Nothing is lost in this scenario. It holds: {names}.").format(names=names))
        return
    alt = _("Loss by holding, beside today's data")
    charts.show(partial(_losses_figure, look.id), key="losses", alt=alt)
    spared = [debts.holding(key) for key, loss in held.items() if loss < WORTH_SHOWING]
    if spared:
        st.caption(_("Without loss: {names}.").format(names=numbers.listing(spared)))
    names, values, base = (list(column) for column in zip(*lost, strict=True))
    tables.behind({_("Holding"): names, _("Loss"): values, today(): base}, key="losses")


def _lost(look: Look) -> list[tuple[str, float, float]]:
    """Holdings that lose something here or with today's data: name, both losses; most lost first."""
    now, base = look.here["loss_by_holding"], look.base["loss_by_holding"]
    rows = [
        (debts.holding(key), loss, base[key])
        for key, loss in now.items()
        if max(loss, base[key]) >= WORTH_SHOWING
    ]
    return sorted(rows, key=lambda row: -row[1])


def _losses_figure(ident: str, scenario: Scenario) -> Figure | None:
    lost = _lost(look(ident, scenario))
    if not lost:
        return None
    return series.beside(
        *zip(*lost, strict=True), write=_bn, baseline_name=today(), colour=charts.ALARM[charts.mode()]
    )


def _bn(value: float | None) -> str:
    """Write USD bn where the caption has said the unit."""
    return numbers.amount(value, 2)


def bearers(look: Look) -> None:
    """Show whose money it is and what they lose, here and through all six."""
    rows = look.here["borne_by"]
    totals = by_id(look.now, "investors")
    ids = sorted((who for who in INVESTORS if who in rows), key=lambda who: -rows[who]["share"])
    columns = {
        _("Whose money"): [
            _cell(
                words.name(who),
                _("{share} of the money").format(share=numbers.percent(rows[who]["share"], 0)),
            )
            for who in ids
        ],
        _("Put in"): [_bn(rows[who]["invested"]) for who in ids],
        _("Loses here"): [f"**{_bn(rows[who]['loss'])}**" for who in ids],
        _("In all six"): [_bn(totals[who]["loss"]) for who in ids],
    }
    st.caption(_("Put in and lost, USD billion"))
    st.table(columns, border="horizontal", hide_index=True, alt=_("Whose money it is and what they lose"))
    provenance.behind(partial(provenance.losses, ids, look.now), key="bearers_receipt")
    told = _("Short of schedule to {year}, undiscounted. The split over investors:").format(year=look.year)
    st.markdown(f":small[:gray[{told}]]" + debts.assumed(f"{look.id}.mix_{ids[0]}"))
    plain = {
        _("Whose money"): [words.name(who) for who in ids],
        _("Part of the money"): [rows[who]["share"] for who in ids],
        _("Put in"): [rows[who]["invested"] for who in ids],
        _("Loses here"): [rows[who]["loss"] for who in ids],
        _("Loses here, {today}").format(today=today()): [look.base["borne_by"][who]["loss"] for who in ids],
        _("In all six"): [totals[who]["loss"] for who in ids],
    }
    tables.behind(plain, key="bearers")


def _cell(value: str, small: str) -> str:
    return f"**{value}**  \n:small[:gray[{small}]]"


def all_funds(look: Look, ids: Sequence[str]) -> None:
    """Show all funds in one table, each beside today's data."""
    now, base = by_id(look.now, "funds"), by_id(look.before, "funds")

    gross = _("gross {value}")
    columns = {
        _("Fund"): [_cell(words.name(key), _(words.HOLDINGS[key])) for key in ids],
        _("Net, a year"): [
            _cell(
                numbers.percent(now[key]["net_irr"]),
                gross.format(value=numbers.percent(now[key]["gross_irr"])),
            )
            for key in ids
        ],
        _("Today"): [numbers.percent(base[key]["net_irr"]) for key in ids],
        _("Loss"): [_bn(now[key]["loss"]) for key in ids],
    }
    st.caption(_("Loss in USD billion, short of schedule to {year}").format(year=look.year))
    st.table(columns, border="horizontal", hide_index=True, alt=_("All six funds beside today's data"))
    shown = partial(provenance.together, ("fund.net_irr", "fund.loss"), [now[key] for key in ids], look.now)
    provenance.behind(shown, key="funds_receipt")
    fields = {field: _(name) for field, name in FIGURES.items()}
    fields |= {
        "loss": _("Borrowers fall short, USD billion"),
        "loss_rate": _("Borrowers fall short, of what was due"),
    }
    plain = {_("Fund"): [words.name(key) for key in ids]}
    plain |= {name: [now[key][field] for key in ids] for field, name in fields.items()}
    plain |= {f"{name}, {today()}": [base[key][field] for key in ids] for field, name in fields.items()}
    tables.behind(plain, key="funds")


def assumptions(look: Look) -> None:
    """Say plainly what about this fund is public and what is assumed."""
    web = cached.snapshot()
    rows = [
        (_(label), web.row(f"{look.id}.{item}"), _term(web.row(f"{look.id}.{item}")))
        for item, label in TERMS.items()
    ]
    size = web.row(f"{look.id}.size")
    rows.insert(0, (_("Assets followed here"), size, numbers.money(size.value)))
    terms, held = st.columns(2, gap="large")
    with terms:
        tables.facts(
            [(f"{label}{debts.assumed(row.id)}", f"**{text}**") for label, row, text in rows],
            alt=_("Terms of the fund"),
        )
    with held:
        holdings = [row for item, row in web.tables["funds"][look.id].items() if item.startswith("hold_")]
        tables.facts(
            [
                (
                    debts.holding(row.id.partition(".hold_")[2]) + debts.assumed(row.id),
                    f"**{numbers.percent(row.value, 0)}**",
                )
                for row in holdings
            ],
            alt=_("What the fund holds"),
        )
    provenance.behind(partial(origins.terms, look.id, ("size", *TERMS)), key="terms_receipt")
    st.caption(
        _(
            "Fund terms and weights are not public: confidence is low. Change them on the page "
            "Data and method and every figure here follows."
        )
    )


def _term(row: Row) -> str:
    if row.unit == "x":
        return _("{amount} dollar").format(amount=numbers.decimal(row.value, 2))
    return numbers.percent(row.value, 2)
