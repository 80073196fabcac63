"""Receipts for numbers: a figure opens what it means, its formula with today's operands, and its sources.

A receipt is a quiet button that shows the figure itself; what is behind it is built only when it is opened.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import streamlit as st

from core import formulas
from core.snapshot import Row
from pages.kit import cached, glossary, numbers, state
from pages.kit.catalogue import N_, _

MOST = 8  # rows of the data named in one receipt; the Data page has all

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
    "USD/hour": N_("USD {amount} an hour"),
    "%": N_("{amount} %"),
    "% of cost": N_("{amount} % of cost"),
    "% of par": N_("{amount} % of par"),
    "bp": N_("{amount} bp"),
    "x": "{amount}x",
    "-": "{amount}",
    "count": "{amount}",
    "MW": "{amount} MW",
    "quarter": N_("quarter {amount} (0 is the first of 2026)"),
    "quarters": N_("{amount} quarters"),
    "year": "{amount}",
    "years": N_("{amount} years"),
}
OPERANDS = {
    "contracted": N_("under contract"),
    "spot": N_("spot"),
    "guaranteed": N_("paid by guarantors"),
    "revenue": N_("revenue"),
    "running_cost": N_("running cost"),
    "depreciation": N_("wear of sites and chips"),
    "ebitda": N_("EBITDA"),
    "interest": N_("interest"),
    "principal": N_("repayment"),
    "opening_debt": N_("debt of end 2025, what is left"),
    "new_debt": N_("borrowed since"),
    "debt": N_("debt"),
    "cash": N_("cash"),
    "collateral": N_("contracts, sites and chips"),
    "dpi": "DPI",
    "rvpi": "RVPI",
    "called": N_("called"),
    "operating_cash_flow": N_("operating cash flow"),
    "reported_debt": N_("reported debt"),
    "look_through_debt": N_("look-through debt"),
    "reported": N_("reported debt"),
    "leases": N_("leases on the books"),
    "leases_not_commenced": N_("leases not yet started"),
    "joint_venture": N_("share of the venture's notes"),
    "residual_value": N_("residual value guarantee"),
    "backstops": N_("live guarantees"),
    "purchase_commitments": N_("firm purchases"),
    "vendor_finance": N_("vendor financing"),
}
SPANS = {"": "{what}", "year": N_("{what}, four quarters"), "so_far": N_("{what}, last four quarters")}
INSIDE = {
    "company.interest": N_("Each loan's balance times its rate, base rate included, over all loans."),
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
    "guarantor.called": N_("What others failed to pay in the quarter, to the limit of each of its promises."),
}
WRITE: dict[str, Callable] = {
    "money": numbers.money,
    "turns": numbers.turns,
    "percent": numbers.percent,
    "quarters": numbers.decimal,
}
SIGNS = {"/": "÷", "-": "−"}


def receipt(
    key: str,
    measure: str,
    row: Mapping,
    reading: Mapping,
    quarter: int | None = None,
    shown: str | None = None,
) -> None:
    """Show a figure of a company, fund or guarantor that opens its receipt.

    Parameters
    ----------
    key : str
        Of the widget.
    measure : str
        A key of `core.formulas.formulas`, for example ``company.dscr``.
    row, reading : mapping
        A row of ``companies``, ``funds`` or ``guarantors`` and the reading it belongs to.
    quarter : int, optional
        Which quarter; the last one shown if not given.
    shown : str, optional
        The figure as the page writes it; else written by its unit.
    """
    formula = formulas.formulas()[measure]
    at = reading["last_quarter"] if quarter is None else quarter
    value = formulas.value(measure, row, at)
    box = st.popover(
        shown or WRITE[formula.unit](value),
        type="tertiary",
        key=key,
        on_change=state.own_event,
        width="content",
    )
    if not box.open:
        return
    with box:
        if formula.term:
            st.markdown(f"**{glossary.name(formula.term)}**  \n{glossary.meaning(formula.term)}")
        if formula.parts:
            st.markdown(_calculation(formula, row, reading, at))
        else:
            st.markdown(_(INSIDE[measure]))
        if isinstance(row[measure.partition(".")[2]], list):
            st.caption(_("Quarter: {quarter}").format(quarter=numbers.quarter(reading["quarters"][at])))
        found = formulas.rows(cached.snapshot(), formula, row["id"])
        st.markdown("  \n".join(map(line, found[:MOST])))
        if len(found) > MOST:
            st.caption(_("and {count} more, on the page Data and method").format(count=len(found) - MOST))


def _calculation(formula: formulas.Formula, row: Mapping, reading: Mapping, quarter: int) -> str:
    """Write a formula twice: in words, and with the operands of the quarter."""
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
    source = cached.snapshot().sources[row.source]
    told = f"{source.title} · {numbers.day(row.as_of)} · {_(CONFIDENCE[row.confidence])}"
    return f"{short(row)}  \n:small[:gray[{told}]]"


def short(row: Row) -> str:
    """Write one row of the data in a single line: basis, value, id; an edited figure has no basis left."""
    mark = f":red-badge[{_edited()}]" if row.overridden else badge(row.basis)
    return f"{mark} **{stated(row)}** :small[`{row.id}`]"


def _edited() -> str:
    return _("edited by hand")


def badge(basis: str) -> str:
    """Write where a figure comes from as a badge; an assumption never looks like a reported figure."""
    colour, word = BASIS[basis]
    return f":{colour}-badge[{_(word)}]"


def stated(row: Row) -> str:
    """Write a row's value as the data state it, exactly, with its unit."""
    if isinstance(row.raw, str):
        return row.raw
    amount = f"{row.raw:g}" if row.unit == "year" else numbers.exact(row.raw)
    return _(UNITS[row.unit]).format(amount=amount).replace(" ", numbers.NBSP)


def listing(rows: Sequence[tuple[str, Callable[[], None]]]) -> None:
    """Show a short list of facts: a label at the left, a figure with its receipt at the right."""
    with st.container(gap=None):
        for label, draw in rows:
            with st.container(
                horizontal=True,
                horizontal_alignment="distribute",
                vertical_alignment="center",
                gap="small",
                wrap=False,
            ):
                st.markdown(f":small[{label}]", width="stretch")
                draw()


def figures(*rows: tuple) -> None:
    """Show a short list of figures with their receipts: label, measure, row, reading and perhaps quarter."""
    listing([(label, partial(receipt, f"{told[0]}_{told[1]['id']}", *told)) for label, *told in rows])
