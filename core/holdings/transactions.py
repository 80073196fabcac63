"""Rows of a list of transactions, added up to what is still held; what that leaves unknown stays unknown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from core.holdings.figures import Cell, Figure, figure, plain
from core.holdings.grids import Line
from core.holdings.positions import (
    Known,
    bond,
    currency_of,
    kind_told,
    known,
    left_out,
    nameless,
    names_cash,
    row_fault,
    unclear,
)
from core.holdings.rows import Holding, LeftOut
from core.holdings.tables import Table, cell_at
from core.holdings.words import key, vocabulary
from core.scenario.text import echo

BUYS, SELLS = ("buy", "reinvested", "split_open"), ("sell", "split_close")
LEFT_OUT = {"dividend", "cost", "cash_moved", "split", "moved", "option"}  # actions that are their own reason
# Rows that leave it unknown how many are held of their instrument
DOUBTFUL = {
    "split",
    "moved",
    "unknown_action",
    "no_action",
    "no_units",
    "ambiguous",
    "no_number",
    "formula",
    "columns",
    "percent",
    "too_large_number",
}
_CURRENCIES = re.compile(r"([A-Z]{3})[./]?([A-Z]{3})(?:=X)?")
NOTHING = 1e-9  # units; what is left of fractions that were sold


@dataclass
class _Sum:
    first: Line
    what: Known
    units: float = 0.0
    bought: float = 0.0
    currencies: set[str] = field(default_factory=set)
    price_now: float | None = None  # in that currency
    kind: str | None = None


def transactions(tables: Sequence[Table]) -> tuple[list[Holding], list[LeftOut]]:
    """Add up lists of transactions to the units that are still held; their worth is not known.

    Parameters
    ----------
    tables : sequence of Table
        Settled; of one file.
    """
    sums: dict[str, _Sum] = {}
    out: list[LeftOut] = []
    doubtful: set[str] = set()  # a file may begin with its last day
    for table in tables:
        orders = any(key(table.text(line, "detail")) == "order" for line in table.lines)
        for line in table.lines:
            fault = row_fault(table, line)
            if not fault and orders and key(table.text(line, "detail")) != "order":
                fault = left_out(line, "lot")
            fault = fault or _add(table, line, sums)
            out += [fault] if fault else []
            if fault and fault.reason.code.removeprefix("holdings_") in DOUBTFUL:
                doubtful.add(_what(table, line).key)
    held = []
    for key_of, one in sums.items():
        if key_of in doubtful:
            held.append(_holding(one, None))
        elif abs(one.units) <= NOTHING * max(1.0, one.bought):
            out.append(left_out(one.first, "sold_out"))
        elif one.units < 0:
            out.append(left_out(one.first, "debt" if one.kind else "oversold"))
        else:
            held.append(_holding(one, one.units))
    return held, out


def _holding(one: _Sum, units: float | None) -> Holding:
    currency = next(iter(one.currencies)) if len(one.currencies) == 1 else None
    what, rounded, value = one.what, None if units is None else round(units, 10), None
    if rounded is not None and one.price_now is not None:
        value = round(rounded * one.price_now, 6)
    return Holding(
        one.first.number, what.name, what.ticker, what.isin, rounded, value, currency, kind=one.kind
    )


def _what(table: Table, line: Line) -> Known:
    """What a row calls its instrument; a bond is not the share whose symbol stands beside it."""
    what = known(table, line)
    return bond(what) or Known("", None, None) if kind_told(table, line) == "bond" else what


def _is_pair(name: str) -> bool:
    """Tell two currencies, as EUR.USD."""
    pair = _CURRENCIES.fullmatch(name)
    return bool(pair) and all(vocabulary().currency(code)[0] for code in pair.groups())  # type: ignore[union-attr]


def _add(table: Table, line: Line, sums: dict[str, _Sum]) -> LeftOut | None:
    """Add one row to the sum of its instrument, or say why not."""
    words = vocabulary()
    what, kind, symbol = _what(table, line), kind_told(table, line), table.text(line, "ticker")
    if kind == "bond" and not what.key:
        return left_out(line, "bond")
    action, cell, quantity, price = _deal(table, line)
    is_cash = False
    if kind == "option" or words.option.search(what.name) or words.option.search(symbol):
        return left_out(line, "option")
    if _is_pair(symbol or what.name):
        return left_out(line, "cash_moved")
    if action == "transfer":
        of_shares = quantity is not None and quantity.number != 0 and (what.isin or what.ticker)
        action = "moved" if of_shares else "cash_moved"
    if table.layout.holds == "lots" and names_cash(what.name):
        action, is_cash = "sell" if "withdraw" in key(table.text(line, "action")) else "buy", True
    if action in LEFT_OUT:
        return left_out(line, action)
    told = table.text(line, "action")
    if not action and told and what.key:
        return left_out(line, "unknown_action", given=echo(told))
    if quantity is None:
        # without a word for it, money that moves without units is a cost or a deposit
        return left_out(line, "no_units" if action else "other_action")
    if quantity.number is None or quantity.percent:
        return unclear(line, cell, quantity)
    if not action and table.column("action") is not None:
        return left_out(line, "no_action" if what.key else "other_action")
    if not what.key:
        return nameless(line, what.wrong_isin)
    units = quantity.number
    if action:
        units = abs(units) * (-1 if action in SELLS else 1)
    one = sums.setdefault(what.key, _Sum(line, what))
    one.units += units
    one.bought += max(units, 0.0)
    if is_cash:
        one.kind, one.what = "cash", replace(what, ticker=None)
    currency, per = currency_of(table, line, table.column("price"), price, what)
    if currency:
        one.currencies.add(currency)
    place = table.column("price_now") if table.layout.holds == "lots" else None
    now = table.figure_at(line, place)
    if now and now.number is not None:
        one.price_now = now.number / per
    return None


def _deal(table: Table, line: Line) -> tuple[str, Cell, Figure | None, Figure]:
    """What a row does: action ("" where only its sign tells), cell of its units, units, price."""
    words = vocabulary()
    place = table.column("quantity")
    cell = cell_at(line, place)
    quantity = table.figure_at(line, place)
    price = figure(table.cell(line, "price")) or Figure(None)
    action = words.action(table.text(line, "action"))
    for deal_place in table.columns.get("deal", ()):
        text = plain(str(cell_at(line, deal_place)))
        deal = words.deal.match(text)
        if deal and words.action(deal["action"]) in ("buy", "sell"):
            cell, decimal = deal["quantity"], table.decimals.get(deal_place)
            currency = words.currency(deal["currency"] or "")[0]
            return words.action(deal["action"]), cell, figure(cell, decimal), Figure(None, currency)
        action = words.action(text) or action
    return action, cell, quantity, price
