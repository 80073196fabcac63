"""Receipts for numbers: what a figure means, its formula with today's operands, and its sources.

They stand behind one quiet button under what they explain, and are built only when it is opened.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby

import streamlit as st

from core.sources import formulas
from core.web.snapshot import Row
from pages.kit.visit import cached, on_request
from pages.kit.words import glossary, labels, numbers, words
from pages.kit.words.catalogue import N_, _

MOST = 8  # rows of the data named in one receipt; the Data page has all
UNSEEN = 0.0005  # USD bn: a loss below it is not written

BASIS = {
    "reported": ("green", N_("reported")),
    "recalled": ("yellow", N_("from memory")),
    "derived": ("blue", N_("worked out")),
    "article": ("violet", N_("the article")),
    "assumption": ("orange", N_("assumption")),
}
CONFIDENCE = {"high": N_("sure"), "medium": N_("fairly sure"), "low": N_("unsure")}
UNITS = {
    "USD bn": N_("USD {amount} bn"),
    "USD bn/yr": N_("USD {amount} bn a year"),
    "USD m/MW": N_("USD {amount} m per MW"),
    "USD m/MW/yr": N_("USD {amount} m per MW a year"),
    "USD": N_("USD {amount}"),
    "USD/hour": N_("USD {amount} an hour"),
    "USD thousand": N_("USD {amount} thousand"),
    "%": N_("{amount} %"),
    "% of cost": N_("{amount} % of cost"),
    "% of par": N_("{amount} % of par"),
    "% of GDP": N_("{amount} % of GDP"),
    "cents per dollar": N_("{amount} cents per dollar"),
    "million miles": N_("{amount} million miles"),
    "bp": N_("{amount} bp"),
    "x": "{amount}x",
    "-": "{amount}",
    "count": "{amount}",
    "MW": "{amount} MW",
    "quarter": N_("quarter {amount} (0 is the first of the run)"),
    "quarters": "{amount}",  # with the form of the word that the number asks for: COUNTED
    "year": "{amount}",
    "years": "{amount}",
}
COUNTED = {"quarters": numbers.so_many_quarters, "years": numbers.so_many_years}
OPERANDS = {
    "contracted": N_("under contract"),
    "spot": N_("spot"),
    "guaranteed": N_("paid by guarantors"),
    "core": N_("its own business, by its EBITDA"),
    "revenue": N_("revenue"),
    "running_cost": N_("running cost"),
    "depreciation": N_("wear of sites and chips"),
    "ebitda": N_("EBITDA"),
    "interest": N_("interest"),
    "rent": N_("rent"),
    "principal": N_("repayment"),
    "opening_debt": N_("debt at the start, what is left"),
    "new_debt": N_("borrowed since"),
    "debt": N_("debt"),
    "cash": N_("cash"),
    "collateral": N_("what creditors could realise"),
    "dpi": "DPI",
    "rvpi": "RVPI",
    "called": N_("called"),
    "operating_cash_flow": N_("operating cash flow"),
    "reported_debt": N_("reported debt"),
    "agency_debt": N_("debt as agencies count it"),
    "leases_within_year": N_("leases that start within a year, discounted"),
    "guarantees": N_("the part of guarantees that counts"),
    "look_through_debt": N_("look-through debt"),
    "reported": N_("reported debt"),
    "leases": N_("leases on the books"),
    "leases_not_commenced": N_("leases not yet started"),
    "joint_venture": N_("share of the venture's notes"),
    "residual_value": N_("residual value guarantee"),
    "backstops": N_("guarantees to their limit"),
    "purchase_commitments": N_("firm purchases"),
    "vendor_finance": N_("vendor financing"),
}
SPANS = {"": "{what}", "year": N_("{what}, four quarters"), "so_far": N_("{what}, last four quarters")}
INSIDE = {
    "company.interest": N_("Each loan's balance times its rate, base rate included, over all loans."),
    "company.rent": N_("The rent of all halls it has taken, by contract, as they are handed over."),
    "company.cash": N_("Last quarter's cash, plus what came in and was borrowed, less what was paid."),
    "company.runway": N_("Cash and agreed credit over what the next year costs more than it brings."),
    "fund.net_irr": N_(
        "The yearly rate at which investors' payments in and out, after fees, weigh the same."
    ),
    "fund.gross_irr": N_("The yearly rate at which what holdings cost and what they bring weigh the same."),
    "fund.dpi": N_("All cash paid to investors up to the horizon over all they paid in."),
    "fund.rvpi": N_("What the rest of the fund fetches at the horizon over all that investors paid in."),
    "fund.loss": N_("What borrowers fail to pay and is not recovered, times the fund's share of each loan."),
    "guarantor.promised": N_("The limits of all its promises in this web, added up."),
    "guarantor.live": N_(
        "What it can still be asked for: what is left of each limit, as far as the contract behind it runs."
    ),
    "guarantor.cash": N_(
        "Last quarter's cash and the quarter's cash flow, less what it builds and is called for. What is "
        "beyond its opening cash is paid out; what lacks to its buffer, a share of that, is borrowed."
    ),
    "guarantor.called": N_("What others failed to pay in the quarter, to the limit of each of its promises."),
}
WRITE: dict[str, Callable] = {
    "money": numbers.money,
    "turns": numbers.turns,
    "percent": numbers.percent,
    "quarters": numbers.decimal,
}
SIGNS = {"/": "÷", "-": "−"}


def figure(
    label: str,
    measure: str,
    row: Mapping,
    reading: Mapping,
    quarter: int | None = None,
    shown: str | None = None,
) -> None:
    """Write a figure of a company, fund or guarantor with its receipt: meaning, calculation, sources.

    Parameters
    ----------
    label : str
        What stands before it.
    measure : str
        A key of `core.sources.formulas.formulas`, for example ``company.dscr``.
    row, reading : mapping
        A row of ``companies``, ``funds`` or ``guarantors`` and the reading it belongs to.
    quarter : int, optional
        Which quarter; the last one shown if not given.
    shown : str, optional
        The figure as the page writes it; else written by its unit.
    """
    formula = formulas.formulas()[measure]
    at = reading["last_quarter"] if quarter is None else quarter
    written = shown or WRITE[formula.unit](formulas.value(measure, row, at))
    told = [f"{label}  **{written}**"]
    if isinstance(row[measure.partition(".")[2]], list):
        told.append(_("Quarter: {quarter}").format(quarter=numbers.quarter(reading["quarters"][at])))
    if formula.term:
        told.append(glossary.entry(formula.term))
    told.append(calculation(measure, row, reading, at) if formula.parts else _(INSIDE[measure]))
    if doubts := of_rates(measure, [row]):
        told.append(doubts)
    st.markdown("\n\n".join(told))
    sources(formulas.rows(cached.snapshot(), formula, row["id"]), MOST)


def figures(*rows: tuple) -> None:
    """Write some figures with their receipts, one under the other; each as `figure` takes it."""
    for row in rows:
        figure(*row)


def of_rates(measure: str, rows: Sequence[Mapping]) -> str:
    """Say of which funds no rate of return fits the flows, or several do and which is shown; else nothing."""
    field = measure.partition(".")[2]
    if not field.endswith("_irr"):
        return ""
    none = [words.name(row["id"]) for row in rows if numbers.missing(row[field])]
    several = [words.name(row["id"]) for row in rows if row["several_rates"].get(field)]
    texts = (
        (none, _("No rate of return fits the payments of {who}.")),
        (several, _("Several rates fit the payments of {who}; shown is the one nearest 10 % a year.")),
    )
    return " ".join(text.format(who=numbers.listing(who)) for who, text in texts if who)


def calculation(measure: str, row: Mapping, reading: Mapping, quarter: int) -> str:
    """Write a formula twice: in words, and with the operands of the quarter."""
    formula = formulas.formulas()[measure]
    words, figures = [], []
    for part in formula.parts:
        if part in formulas.SIGNS:
            words.append(SIGNS.get(part, part))
            figures.append(SIGNS.get(part, part))
            continue
        name, _colon, span = part.partition(":")
        words.append(_(SPANS[span]).format(what=_(OPERANDS[name])))
        figures.append(numbers.decimal(formulas.operand(part, row, reading, quarter), 2))
    result = WRITE[formula.unit](formulas.value(formula.measure, row, quarter))
    return f":small[= {' '.join(words)}]  \n= {' '.join(figures)}  \n= **{result}**"


def line(row: Row) -> str:
    """Write one row of the data with its basis as a badge, its date and its source: two lines of markdown."""
    return lines((row,))


def lines(rows: Sequence[Row]) -> str:
    """Write rows of the data, each in a line, with date and source below those that share them."""
    written = []
    for told, same in groupby(rows, key=_provenance):
        written += [*map(short, same), f":small[:gray[{told}]]"]
    return "  \n".join(written)


def _provenance(row: Row) -> str:
    source = labels.linked(cached.snapshot().sources[row.source])
    return f"{source} · {numbers.day(row.as_of)} · {_(CONFIDENCE[row.confidence])}"


def cited(rows: Sequence[Row]) -> str:
    """Write basis, publisher and date of rows in one small line each; what they share stands once."""
    sources = cached.snapshot().sources
    told = [(badge(row.basis), labels.publisher(sources[row.source]), numbers.day(row.as_of)) for row in rows]
    return "  \n".join(dict.fromkeys(":small[:gray[{} {}, {}]]".format(*one) for one in told))


def short(row: Row) -> str:
    """Write one row of the data in one line: basis, value, label, id; an edited figure has no basis left."""
    mark = f":red-badge[{_edited()}]" if row.overridden else badge(row.basis)
    return f"{mark} **{stated(row)}** {labels.row(row)} :small[`{row.id}`]"


def _edited() -> str:
    return _("edited by hand")


def badge(basis: str) -> str:
    """Write where a figure comes from as a badge; an assumption never looks like a reported figure."""
    colour, word = BASIS[basis]
    return f":{colour}-badge[{_(word)}]"


def stated(row: Row) -> str:
    """Write a row's value as the data state it, exactly, with its unit."""
    if isinstance(row.raw, str):
        return labels.word(row)
    return in_unit(row, f"{row.raw:g}" if row.unit == "year" else numbers.exact(row.raw))


def in_unit(row: Row, amount: str) -> str:
    """Write an amount, or a range, in the unit of a row."""
    return _in_unit(row.unit, amount).replace(" ", numbers.NBSP)


def unit(row: Row) -> str:
    """Return the unit of a row alone: "USD bn", or nothing for a plain number."""
    return " ".join(_in_unit(row.unit, "").split())


def _in_unit(unit: str, amount: str) -> str:
    return COUNTED[unit](amount) if unit in COUNTED else _(UNITS[unit]).format(amount=amount)


# ---------------------------------------------------------------- one receipt for a whole table


def behind(draw: Callable[[], None], *, key: str, of: str = "") -> None:
    """Offer one receipt for all figures of a table, `of` its title if it has one.

    What is in it is drawn only when it is opened.
    """
    label = _("Where do these come from?")
    on_request.popover(label, draw, key=key, icon=":material/receipt_long:", of=of)


def together(
    measures: Sequence[str],
    rows: Sequence[Mapping],
    reading: Mapping,
    quarters: Mapping[str, int] | None = None,
) -> None:
    """Say of some measures what they mean, how each came about for each of some rows, and from what data.

    `quarters` says by id of a row which quarter is meant where it is not the last one shown.
    """
    web, found = cached.snapshot(), {}
    for measure in measures:
        formula = formulas.formulas()[measure]
        st.markdown(_told(formula))
        if doubts := of_rates(measure, rows):
            st.markdown(doubts)
        for row in rows:
            at = (quarters or {}).get(row["id"], reading["last_quarter"])
            if formula.parts:
                st.markdown(f"{words.name(row['id'])}  \n{calculation(measure, row, reading, at)}")
            found |= {one.id: one for one in formulas.rows(web, formula, row["id"])}
    sources(list(found.values()))


def _told(formula: formulas.Formula) -> str:
    """Write what a measure is called, what it means, and how it is found where it has no formula."""
    measure = formula.measure
    title = glossary.name(formula.term) if formula.term else _(OPERANDS[measure.partition(".")[2]])
    meaning = [glossary.meaning(formula.term)] if formula.term else []
    inside = [] if formula.parts else [_(INSIDE[measure])]
    return "  \n".join((f"**{title[0].upper()}{title[1:]}**", *meaning, *inside))


def sources(rows: Sequence[Row], most: int = 2 * MOST) -> None:
    """List rows of the data with basis, source and date, and say how many more there are."""
    st.markdown(lines(rows[:most]))
    if len(rows) > most:
        more = len(rows) - most
        st.caption(_("and {count} more, on the page Data and method").format(count=more))


def worked(what: str, how: str, figure: str) -> str:
    """Write a figure of a table with the operands it comes from; nothing to add up is a plain 0."""
    return f"**{what}** = {how or '0'}  \n= **{figure}**"


def added(parts: Sequence[tuple[str, float]]) -> str:
    """Write amounts in USD bn that are added up, each with what it is; what rounds to nothing is left out."""
    return " + ".join(f"{numbers.decimal(amount, 2)} ({what})" for what, amount in parts if amount >= UNSEEN)


def standing(companies: Sequence[Mapping], reading: Mapping) -> None:
    """Say how each company's badge was found: four tests, the figures of its quarter, the warning lines."""
    web = cached.snapshot()
    warning = [web.row(f"status.{name}") for name in ("cover", "runway", "access", "service")]
    limit = {row.item: float(row.value) for row in warning}
    st.markdown(
        _(
            "A company **fails** in the quarter in which it cannot pay all it owes. Before that it is "
            "**stretched** when one of five tests goes wrong, **supported** when it pays what it owes only "
            "because a guarantor pays, and **in distress** when it owes more than it is worth, or both means "
            "and interest fall short. A badge shows the worst quarter up to the last year shown."
        )
    )
    tests = (
        _("EBITDA of the year ahead ÷ interest < {limit}").format(limit=numbers.turns(limit["cover"])),
        _("cash and credit ÷ what the year ahead costs < {limit}").format(
            limit=numbers.so_many_quarters(numbers.decimal(limit["runway"], 0))
        ),
        _("access to new credit < {limit}").format(limit=numbers.percent(limit["access"], 0)),
        _("EBITDA of the last year ÷ interest and scheduled principal < {limit}").format(
            limit=numbers.turns(limit["service"])
        ),
        _("assets + cash < debt"),
    )
    st.markdown("  \n".join(f":small[{test}]" for test in tests))
    st.markdown("  \n".join(_tested(company, reading, limit) for company in companies))
    st.markdown(lines([*warning, *(web.row(f"{company['id']}.cash") for company in companies)]))
    st.caption(_("The other figures of each company open on the page Neoclouds."))


def standing_of_labs(labs: Sequence[str]) -> None:
    """Say how the badges of labs were found, and on which figures that rests."""
    web = cached.snapshot()
    found = [web.row(f"{lab}.cash") for lab in labs]
    told = _("An AI lab **fails** in the quarter in which it cannot pay all that it still owes.")
    if "labs" in web.tables["market"]:
        rules = [web.row("labs.renegotiate_below"), web.row("labs.haircut_most")]
        text = _(
            "It **pays less** once its cash is below {below} of what its contracts as signed make it burn: "
            "it cuts them all by one share, {most} at most, until its cash lasts longer again."
        )
        told += " " + text.format(below=stated(rules[0]), most=stated(rules[1]))
        found = [*rules, *found, *(web.row(f"{lab}.signed_share") for lab in labs)]
    st.markdown(told)
    st.markdown(lines(found))


def _tested(company: Mapping, reading: Mapping, limit: Mapping[str, float]) -> str:
    """Write what the tests saw at one company, in the quarter of its first breach or the last one shown.

    What lies below its warning line is bold.
    """
    breach = company["first_breach"]
    at = breach["quarter"] if breach else reading["last_quarter"]
    tests = (
        ("cover", _("coverage"), numbers.turns, company["forward_cover"][at]),
        ("runway", _("runway, quarters"), numbers.decimal, company["runway"][at]),
        ("access", _("access"), lambda value: numbers.percent(value, 0), company["access"][at]),
        ("service", _("service cover"), numbers.turns, company["dscr"][at]),
    )
    seen = []
    for test, what, write, value in tests:
        figure = write(value)
        low = not numbers.missing(value) and value < limit[test]
        seen.append(f"{what} **{figure}**" if low else f"{what} {figure}")
    for what in ("debt", "cash"):
        seen.append(f"{_(OPERANDS[what])} {numbers.money(company[what][at])}")
    told = " · ".join(seen)
    return f"**{words.name(company['id'])}**, {numbers.quarter(reading['quarters'][at])}: :small[{told}]"


def losses(investors: Sequence[str], reading: Mapping) -> None:
    """Say how the loss of each kind of investor adds up over the funds, and on which shares that rests."""
    st.markdown(
        _(
            "What borrowers fail to pay to a fund and is not recovered, times the share of its money that "
            "comes from these investors, over all funds of this web."
        )
    )
    for who in investors:
        total = next(row["loss"] for row in reading["investors"] if row["id"] == who)
        st.markdown(worked(words.name(who), " + ".join(loss_terms(who, reading)), numbers.money(total)))
    st.markdown(lines([row for who in investors for row in mixes(who)]))


def loss_terms(who: str, reading: Mapping) -> list[str]:
    """Write each fund's part in the loss of one kind of investor: loss times share; unseen ones left out."""
    return [
        f"{words.name(fund['id'])} {numbers.decimal(fund['loss'], 2)} × "
        f"{numbers.percent(fund['borne_by'][who]['share'], 0)}"
        for fund in reading["funds"]
        if who in fund["borne_by"] and fund["loss"] >= UNSEEN
    ]


def mixes(who: str) -> list[Row]:
    """Return the share of each fund's money that comes from one kind of investor."""
    funds = cached.snapshot().tables["funds"].values()
    return [items[f"mix_{who}"] for items in funds if f"mix_{who}" in items]
