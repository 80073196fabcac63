"""One fund from every side: the bridge to its net return, value, losses, rates, who stands behind it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from core.results import investors
from core.web.snapshot import Row
from pages.kit.drawing import charts, series
from pages.kit.drawing.plot import Figure
from pages.kit.drawing.series import Mark, Part
from pages.kit.frame import view
from pages.kit.parts import debts, looks, origins, provenance, tables
from pages.kit.parts.looks import show, today
from pages.kit.visit import cached, on_request
from pages.kit.visit.cached import by_id
from pages.kit.words import numbers, spans, words
from pages.kit.words.catalogue import N_, _

INVESTORS = ("pensions", "insurers", "wealth", "sovereign")
TERMS = {
    "leverage": N_("Borrows for each dollar of investors' money"),
    "funding_spread": N_("Pays on what it borrows, above the base rate"),
    "fee": N_("Manager's fee, a year on invested money"),
    "carry": N_("Manager's share of the profit"),
    "hurdle": N_("Only above a return of"),
}
NET = "fund.net_irr"
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


class Look(looks.Look):
    """What a page about one fund draws from; it is sold in the last quarter shown."""

    table = "funds"


look = Look.at


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
        "year": look.year,
    }
    if params["net"].strip("*") == params["base"]:
        first = _("{who} leaves its investors {net} a year to {year}.")
    else:
        first = _("{who} leaves its investors {net} a year to {year}, instead of {base}.")
    second = _(
        "Its loans and leases earn {assets}; borrowing brings {borrowing}, the manager takes {manager}."
    )
    if here["loss"] < WORTH_SHOWING:
        third = _("No borrower falls short.")
    else:
        third = _("Borrowers fall {loss} short by then, of which {pensions} is pension money.")
    return " ".join(text.format(**params) for text in (first, second, third)).replace("+", "")


def bridge(look: Look) -> None:
    """Draw the way from what the assets earn to what the investor keeps."""
    names, values, base = _steps(look)
    known = not any(map(numbers.missing, values))
    columns = {_("Step"): names, _("Scenario"): values, today(): base} if known else {}
    told = {
        "title": _("From the assets to the investor"),
        "caption": _bridge_caption,
        "alt": _("From the return of the assets to the net return, beside today's data"),
        "empty": _("No return is defined here: the fund gets nothing back."),
    }
    show(look, _bridge_figure, columns, key="bridge", **told)


def _bridge_caption(look: Look) -> str:
    return _("Return a year to {year}, step by step · dashed: net, today's data").format(year=look.year)


def _steps(look: Look) -> tuple[list[str], list[float], list[float]]:
    """The steps of the bridge: their names, the scenario and today's data."""
    names = [_("assets"), _("borrowing"), _("fee"), _("carry"), _("net")]
    now, base = (investors.bridge(one) for one in (look.here, look.base))
    return names, *([b.assets, b.borrowing, b.fee, b.carry, b.net] for b in (now, base))


def _bridge_figure(look: Look) -> Figure | None:
    names, values, base = _steps(look)
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
        colour=look.colour,
    )


def cards(look: Look) -> None:
    """Show the fund's figures, today's below each, and offer their receipts."""
    looks.cards(look, _figures, _to_the_end, key="fund")


def _figures(look: Look) -> list[tuple]:
    write = {"gross_irr": numbers.percent, "net_irr": numbers.percent, "loss": numbers.money}
    shown = []
    for field, name in FIGURES.items():
        now, before = (write.get(field, two_digits)(row[field]) for row in (look.here, look.base))
        shown.append((_(name), f"fund.{field}", None, now, before))
    return shown


def _to_the_end(look: Look) -> str:
    told = _("To the end of {year}").format(year=look.year)
    return " · ".join(filter(None, (told, provenance.of_rates(NET, [look.here]))))


def two_digits(value: float | None) -> str:
    """Write a multiple of the money put in."""
    return numbers.turns(value, 2)


def movements(look: Look) -> None:
    """Offer interest rates, value and losses, one at a time."""
    labels = {"value": _("Value"), "rates": _("Interest rates: the hump"), "losses": _("Losses")}
    draw = {"value": _value, "rates": _hump, "losses": _losses}
    draw[view.part("fund_part", labels, title=_("What moves it"))](look)


def _value(look: Look) -> None:
    now, base = _nav(look)
    columns = {_("Quarter"): look.labels, _("Scenario"): now, today(): base}
    caption = _("Value of what the fund holds less what it owes (NAV), USD billion")
    alt = _("Value of the fund per quarter, beside today's data")
    show(look, _nav_figure, columns, key="nav", caption=caption, note=_nav_in_words, alt=alt, of=_("Value"))


def _nav_in_words(look: Look) -> str:
    return _(
        "It falls because loans are repaid and paid out, not lent again. At the end of {year} everything "
        "left is sold at its market value: another horizon gives another return."
    ).format(year=look.year)


def _nav(look: Look) -> tuple[list[float], list[float]]:
    """Value of the fund up to the horizon, in the scenario and with today's data."""
    return look.here["nav"][: look.last + 1], look.base["nav"][: look.last + 1]


def _nav_figure(look: Look) -> Figure:
    return charts.lines(
        look.labels,
        *_nav(look),
        colour=look.colour,
        write=numbers.money,
        baseline_name=today(),
        known_quarters=look.known_quarters,
    )


def _hump(look: Look) -> None:
    found, base = cached.hump(look.scenario), cached.hump.today()
    columns = {_("Interest rate, %"): found.rates.tolist()}
    columns |= {words.name(key): values.tolist() for key, values in found.net.items()}
    columns |= {f"{words.name(look.id)}, {today()}": base.net[look.id].tolist()}
    caption = _(
        "Net return a year to {year} at each short-term rate, the other levers as they are · "
        "dashed: today's data"
    ).format(year=look.year)
    alt = _("Net return of the fund along the interest rate, with its peak")
    told = {"caption": caption, "note": _hump_in_words, "alt": alt, "of": _("Interest rates: the hump")}
    show(look, _hump_figure, columns, key="hump", **told)


def _hump_figure(look: Look) -> Figure:
    found, base = cached.hump(look.scenario), cached.hump.today(beside=look.scenario)
    rates = found.rates.tolist()
    shown = dict.fromkeys((look.id, FLOATING, FIXED))
    parts = [
        Part(_short(key), found.net[key].tolist(), charts.entity_colour(key), base.net[key].tolist())
        if key == look.id
        else Part(_short(key), found.net[key].tolist(), charts.entity_colour(key), width=1.4)
        for key in shown
    ]
    ink = charts.INK[charts.mode()]
    marks = [Mark(float(look.scenario["r"]), look.here["net_irr"], _("now"), ink, "center")]
    at, best = found.peak(look.id)
    if rates[0] < at < rates[-1]:
        marks.append(Mark(at, best, _("peak"), look.colour, "center", hollow=True))
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


def _hump_in_words(look: Look) -> str:
    found = cached.hump(look.scenario)
    (at, best), rates, first = found.peak(look.id), found.rates, found.first_failure()
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
        text += " " + _("From {first} the first of the {named} named companies breaks.")
        params["named"] = spans.named()
        params["first"] = numbers.lever_value(first, "%")
    return text.format(**params)


def _losses(look: Look) -> None:
    names = (_("Holding"), _("Loss"), today())
    columns = dict(zip(names, map(list, zip(*_lost(look), strict=True)), strict=False))
    alt = _("Loss by holding, beside today's data")
    told = {
        "caption": _losses_caption,
        "note": _spared,
        "empty": _nothing_lost,
        "alt": alt,
        "of": _("Losses"),
    }
    show(look, _losses_figure, columns, key="losses", **told)


def _losses_caption(look: Look) -> str:
    return _("What each holding falls short of its schedule to {year}, USD billion").format(year=look.year)


def _spared(look: Look) -> str:
    held = look.here["loss_by_holding"].items()
    names = numbers.listing([debts.holding(key) for key, loss in held if loss < WORTH_SHOWING])
    return _("Without loss: {names}.").format(names=names) if names else ""


def _nothing_lost(look: Look) -> str:
    names = numbers.listing([debts.holding(key) for key in look.here["loss_by_holding"]])
    return _("Nothing is lost in this scenario. It holds: {names}.").format(names=names)


def _lost(look: Look) -> list[tuple[str, float, float]]:
    """Holdings that lose something here or with today's data: name, both losses; most lost first."""
    now, base = look.here["loss_by_holding"], look.base["loss_by_holding"]
    rows = [
        (debts.holding(key), loss, base[key])
        for key, loss in now.items()
        if max(loss, base[key]) >= WORTH_SHOWING
    ]
    return sorted(rows, key=lambda row: -row[1])


def _losses_figure(look: Look) -> Figure | None:
    lost = _lost(look)
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
    told = _("Short of schedule to {year}, undiscounted. The split over investors:").format(year=look.year)
    unit, badge = _("Put in and lost, USD billion"), debts.assumed(f"{look.id}.mix_{ids[0]}")
    title = _("Who bears it")
    tables.heading(title, f"{unit}. {told}{badge}")
    tables.compare(columns, alt=_("Whose money it is and what they lose"))
    plain = {
        _("Whose money"): [words.name(who) for who in ids],
        _("Part of the money"): [rows[who]["share"] for who in ids],
        _("Put in"): [rows[who]["invested"] for who in ids],
        _("Loses here"): [rows[who]["loss"] for who in ids],
        _("Loses here, {today}").format(today=today()): [look.base["borne_by"][who]["loss"] for who in ids],
        _("In all six"): [totals[who]["loss"] for who in ids],
    }
    tables.behind(plain, key="bearers", of=title, receipt=partial(provenance.losses, ids, look.now))


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
    told = _("To {year} · loss in USD billion, short of schedule").format(year=look.year)
    title = _("All six side by side")
    tables.heading(
        title, " · ".join(filter(None, (told, provenance.of_rates(NET, [now[key] for key in ids]))))
    )
    tables.compare(columns, alt=_("All six funds beside today's data"))
    receipt = partial(provenance.together, (NET, "fund.loss"), [now[key] for key in ids], look.now)
    fields = {field: _(name) for field, name in FIGURES.items()}
    fields |= {
        "loss": _("Borrowers fall short, USD billion"),
        "loss_rate": _("Borrowers fall short, of what was due"),
    }
    plain = {_("Fund"): [words.name(key) for key in ids]}
    plain |= {name: [now[key][field] for key in ids] for field, name in fields.items()}
    plain |= {f"{name}, {today()}": [base[key][field] for key in ids] for field, name in fields.items()}
    tables.behind(plain, key="funds", of=title, receipt=receipt)


def assumptions(look: Look) -> None:
    """Say plainly, when that is opened, what about this fund is public and what is assumed."""
    on_request.expander(_("What is assumed here"), lambda: _assumptions(look), key="assumed")


def _assumptions(look: Look) -> None:
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
    provenance.behind(
        partial(origins.terms, look.id, ("size", *TERMS)), key="terms_receipt", of=_("What is assumed here")
    )
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
