"""Rows of a list of transactions, added up to what is still held; what that leaves unknown stays unknown."""

from __future__ import annotations

from dataclasses import dataclass, field

from core.holdings.figures import Cell, Figure, decimal_sign, figure, plain
from core.holdings.grids import Line
from core.holdings.positions import Known, currency_of, known, left_out, row_fault, unclear
from core.holdings.rows import Holding, LeftOut
from core.holdings.tables import Table, cell_at
from core.holdings.words import vocabulary

BUYS, SELLS = ("buy", "reinvested", "split_open"), ("sell", "split_close")
REASONS = {"dividend": "dividend", "cost": "cost", "cash_moved": "cash_moved", "split": "split"}
NOTHING = 1e-9  # units; what is left of fractions that were sold


@dataclass
class _Sum:
    first: Line
    what: Known
    units: float = 0.0
    bought: float = 0.0
    currencies: set[str] = field(default_factory=set)
    split: bool = False


def transactions(table: Table) -> tuple[list[Holding], list[LeftOut]]:
    """Add up a list of transactions to the units that are still held; their worth is not known.

    Parameters
    ----------
    table : Table
        Settled.
    """
    sums: dict[str, _Sum] = {}
    out: list[LeftOut] = []
    for line in table.lines:
        fault = row_fault(table, line) or _add(table, line, sums)
        if fault:
            out.append(fault)
    held = []
    for one in sums.values():
        if one.split:
            held.append(_holding(one, None))
        elif abs(one.units) <= NOTHING * max(1.0, one.bought):
            out.append(left_out(one.first, "sold_out"))
        elif one.units < 0:
            out.append(left_out(one.first, "oversold"))
        else:
            held.append(_holding(one, one.units))
    return held, sorted(out, key=lambda one: one.row)


def _holding(one: _Sum, units: float | None) -> Holding:
    currency = next(iter(one.currencies)) if len(one.currencies) == 1 else None
    rounded = None if units is None else round(units, 10)
    return Holding(one.first.number, one.what.name, one.what.ticker, one.what.isin, rounded, None, currency)


def _add(table: Table, line: Line, sums: dict[str, _Sum]) -> LeftOut | None:
    """Add one row to the sum of its instrument, or say why not."""
    words = vocabulary()
    what = known(table, line)
    action, cell, quantity, price = _deal(table, line)
    if words.instrument_class(table.text(line, "class")) == "option" or words.option.search(what.name):
        return left_out(line, "option")
    if action == "split" and what.key and what.key in sums:
        sums[what.key].split = True
    if action in REASONS:
        return left_out(line, REASONS[action])
    if action and action not in BUYS + SELLS:
        return left_out(line, "other_action")
    if quantity is None:
        # without a word for it, money that moves without units is a cost or a deposit
        return left_out(line, "no_units" if action else "other_action")
    if quantity.number is None:
        return unclear(line, cell, quantity)
    if not action and table.column("action") is not None:
        return left_out(line, "other_action")
    if not what.key:
        return (
            left_out(line, "wrong_isin", given=what.wrong_isin)
            if what.wrong_isin
            else left_out(line, "no_name")
        )
    units = quantity.number
    if action:
        units = abs(units) * (-1 if action in SELLS else 1)
    one = sums.setdefault(what.key, _Sum(line, what))
    one.units += units
    one.bought += max(units, 0.0)
    currency = currency_of(table, line, table.column("price"), price, what)[0]
    if currency:
        one.currencies.add(currency)
    return None


def _deal(table: Table, line: Line) -> tuple[str, Cell, Figure | None, Figure]:
    """What a row does: action ("" where only its sign tells), cell of its units, units, price."""
    words = vocabulary()
    place = table.column("quantity")
    cell = cell_at(line, place)
    quantity = figure(cell, table.decimals.get(place)) if place is not None else None
    price = figure(table.cell(line, "price")) or Figure(None)
    action = words.action(table.text(line, "action"))
    for deal_place in table.columns.get("deal", ()):
        text = plain(str(cell_at(line, deal_place)))
        deal = words.deal.match(text)
        if deal and words.action(deal["action"]) in ("buy", "sell"):
            signs = decimal_sign(str(cell_at(one, deal_place)) for one in table.lines)
            decimal = next(iter(signs)) if len(signs) == 1 else None
            cell = deal["quantity"]
            currency = words.currency(deal["currency"] or "")[0]
            return words.action(deal["action"]), cell, figure(cell, decimal), Figure(None, currency)
        action = words.action(text) or action
    return action, cell, quantity, price
