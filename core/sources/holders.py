"""Who is known to hold which debt, by reports of a date, and what each loses in a scenario.

`core/data/holders.csv` has a position in each line, ``<holder>.<debt>``: a debt line of a snapshot, or a
borrower where it is not told which of its lines. It has the columns of `core/data/figures.csv`, and the
holder's name, the row that counts this position too, and how much of the holder's own money it is. The model
does not compute with them. To these come the funds of the web whose holdings are known.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from core.results import holders
from core.results.holders import Paper
from core.sources import checked, facts
from core.web.refusal import nearest
from core.web.snapshot import Row, Schema
from core.web.web import DataError, Web, load_web, snapshots

TABLE = "holders"
COLUMNS = (*checked.COLUMNS, "name", "inside", "weight")


@dataclass(frozen=True)
class Holder:
    """One line of the file: what somebody holds of something.

    Attributes
    ----------
    row : Row
        The amount with its provenance; its item is the debt line or the borrower.
    name : str
        The holder's, as the data write it, in English.
    inside : str
        Id of the row that counts this position too; empty where none does.
    weight : float or None
        Part of the holder's own money, 0 to 1; None where it is not told.
    """

    row: Row
    name: str
    inside: str
    weight: float | None


@dataclass(frozen=True)
class Position:
    """What a holder has of a paper, and what it loses there in a scenario.

    Attributes
    ----------
    row : Row
        Where the amount stands.
    amount, share : float
        USD bn, and part of the paper as the data have it, 0 to 1.
    inside : Row or None
        The row that counts this position too.
    weight : float or None
        Part of the holder's own money, 0 to 1.
    loss, least, most : float
        USD bn: spread evenly over the lines of the paper; all in the line that loses least, or most.
    later : bool
        Whether it was reported for a later day than that of the data.
    """

    row: Row
    amount: float
    share: float
    inside: Row | None
    weight: float | None
    loss: float
    least: float
    most: float
    later: bool


@lru_cache(maxsize=1)
def known() -> Mapping[str, Holder]:
    """All lines of the file by id, in its order.

    Raises
    ------
    ValueError
        Naming the row when something in it is wrong, see `checked.row`, when no snapshot has the debt, or
        when the row that it is inside of does not stand above it or holds less.

    Examples
    --------
    >>> fund = known()["pimco_income.hyperion_notes"]
    >>> fund.row.value, round(fund.weight, 4), fund.inside
    (4.227, 0.0188, 'us_funds.hyperion_notes')
    """
    web = checked.sound_web()
    schema, sources = Schema(web.snapshot), set(web.sources)
    taken, debts = facts.beside().keys() | facts.rows_of_any_date(), _debts()
    found: dict[str, Holder] = {}
    for cells in checked.lines(TABLE, COLUMNS):
        holder = _holder(cells, schema, sources, debts)
        row, within = holder.row, found.get(holder.inside)
        for wrong, what in (
            (row.id in taken or row.id in found, "stands in the data already"),
            (holder.inside and within is None, f"no row {holder.inside!r} above it"),
            (
                within and amount_of(within.row) < amount_of(row),
                "holds more than the row that it is inside of",
            ),
        ):
            if wrong:
                raise ValueError(f"{TABLE}.csv, row {row.id}: {what}")
        found[row.id] = holder
    return MappingProxyType(found)


def _debts() -> set[str]:
    """Ids of the debt lines and borrowers of all snapshots: not each of them has every debt."""
    found: set[str] = set()
    for date_of_data in snapshots():
        with suppress(DataError):  # the others still serve
            for line, items in load_web(date_of_data).tables["tranches"].items():
                found |= {line, str(items["borrower"].value)}
    return found


def _holder(cells: dict[str, str], schema: Schema, sources: set[str], debts: set[str]) -> Holder:
    """Check one line of the file by itself."""
    row = checked.named_row(TABLE, cells, schema, sources)
    for wrong, what in (
        (row.unit != "USD bn", "an amount held is in USD bn"),
        (row.item not in debts, f"no debt {row.item!r} in any data; nearest: {nearest(row.item, debts)}"),
        (not cells["name"], "has no name"),
    ):
        if wrong:
            raise ValueError(f"{TABLE}.csv, row {row.id}: {what}")
    try:
        weight = float(cells["weight"]) / 100.0 if cells["weight"] else None
        if amount_of(row) <= 0.0 or not (weight is None or 0.0 < weight <= 1.0):
            raise ValueError("an amount and a weight are above 0, a weight is 100 % at most")
    except ValueError as error:
        raise ValueError(f"{TABLE}.csv, row {row.id}: {error}") from None
    return Holder(row, cells["name"], cells["inside"], weight)


def amount_of(row: Row) -> float:
    """What somebody holds, USD bn.

    Parameters
    ----------
    row : Row
        Of the file.
    """
    return float(row.value)


def names() -> Mapping[str, str]:
    """What the holders of the file are called, by the subject of their rows.

    Examples
    --------
    >>> names()["pimco_income"]
    'PIMCO Income Fund'
    """
    return {holder.row.subject: holder.name for holder in known().values()}


def rows(web: Web) -> tuple[Row, ...]:
    """The rows of the file whose debt a web has.

    Parameters
    ----------
    web : Web
        A loaded snapshot.
    """
    return tuple(one.row for one in known().values() if holders.lines_of(web, one.row.item))


def papers(web: Web, idents: Iterable[str]) -> tuple[str, ...]:
    """Borrowers whose debt as a whole has a known holder, then debt lines: those named, or all of a borrower.

    Parameters
    ----------
    web : Web
        A loaded snapshot.
    idents : iterable of str
        Ids of debt lines and of borrowers; what is no debt in this web is left out.

    Examples
    --------
    >>> from core.web.web import load_web
    >>> papers(load_web(), ["hyperion", "ig_leases"]), papers(load_web(), ["terawulf_notes2030"])
    (('hyperion_notes',), ('terawulf', 'terawulf_notes2030'))
    """
    lines = list(dict.fromkeys(line for ident in idents for line in holders.lines_of(web, ident)))
    borrowers = dict.fromkeys(str(web.value(f"{line}.borrower")) for line in lines)
    of_whole = {one.row.item for one in known().values()}
    return (*(borrower for borrower in borrowers if borrower in of_whole), *lines)


def positions(
    web: Web, reading: Mapping, ident: str, last: int | None = None
) -> tuple[Paper, tuple[Position, ...]]:
    """A debt line, or all debt of a borrower, and who is known to hold of it, each with what it loses.

    Positions overlap and are not to be added up: a fund stands inside of a group of funds, and the funds of
    the web may be among those that report.

    Parameters
    ----------
    web : Web
        The data of the scenario.
    reading : mapping
        As `core.results.reading.read` gives it.
    ident : str
        As `papers` gives them.
    last : int, optional
        Last quarter that counts; all without it.
    """
    paper = holders.paper(web, reading, ident, last)
    told = [
        (one.row, amount_of(one.row), one.inside, one.weight)
        for one in known().values()
        if one.row.item == ident
    ]
    told += [(row, amount, "", None) for row, amount in holders.held_by_funds(web, ident)]
    found = []
    for row, amount, inside, weight in told:
        least, most = paper.between(amount)
        found.append(
            Position(
                row=row,
                amount=amount,
                share=paper.share(amount),
                inside=known()[inside].row if inside else None,
                weight=weight,
                loss=paper.loss(amount),
                least=least,
                most=most,
                later=row.as_of > web.snapshot,
            )
        )
    return paper, tuple(found)
