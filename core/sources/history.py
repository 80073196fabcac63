"""Earlier build-outs, what came of them, and studies that compare. Nothing is computed with them.

`core/data/history.csv` has a figure in each line, with the columns of `core/data/figures.csv` and one more:
what the figure is called, as a figure of the past has no company or contract of the model to name it by.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from core.sources import checked
from core.web.snapshot import Row, Schema

TABLE = "history"
COLUMNS = (*checked.COLUMNS, "name")


@dataclass(frozen=True)
class Figure:
    """One figure of the past, or of a study that compares.

    Attributes
    ----------
    row : Row
        The figure with its provenance.
    name : str
        What it is called, in English.
    """

    row: Row
    name: str


@lru_cache(maxsize=1)
def figures() -> Mapping[str, Figure]:
    """All figures by id, in the order of the file; ``%`` and cents of a dollar are decimals.

    Raises
    ------
    ValueError
        Naming the row when something in it is wrong, see `checked.row`, when it has no name, is a word or
        stands there twice.

    Examples
    --------
    >>> found = figures()["history.hy_default_rate_2002"]
    >>> found.row.value, found.name
    (0.128, 'default rate of US junk bonds, 2002')
    """
    web, found = checked.sound_web(), {}
    schema, sources = Schema(web.snapshot), set(web.sources)
    for cells in checked.lines(TABLE, COLUMNS):
        row = checked.named_row(TABLE, cells, schema, sources)
        for wrong, what in (
            (isinstance(row.value, str), "is a word, not a number"),
            (not cells["name"], "has no name"),
            (row.id in found, "stands there twice"),
        ):
            if wrong:
                raise ValueError(f"{TABLE}.csv, row {row.id}: {what}")
        found[row.id] = Figure(row, cells["name"])
    return MappingProxyType(found)


def rows() -> Mapping[str, Row]:
    """The figures' rows by id.

    Examples
    --------
    >>> rows()["history.worldcom_bond_price_at_filing"].raw
    13.5
    """
    return MappingProxyType({ident: figure.row for ident, figure in figures().items()})


def series(item: str) -> dict[int, Row]:
    """The rows of one thing by year: those whose item ends with a year.

    Parameters
    ----------
    item : str
        For example ``hy_default_rate``.

    Examples
    --------
    >>> [(year, row.raw) for year, row in series("hy_default_rate").items()][-2:]
    [(2002, 12.8), (2003, 4.661)]
    """
    found = {}
    for row in rows().values():
        name, _underscore, year = row.item.rpartition("_")
        if name == item and year.isdigit():
            found[int(year)] = row
    return dict(sorted(found.items()))
