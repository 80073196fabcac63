"""Quotes of markets, each of a day: what lenders, buyers and insurers asked. Nothing is computed with them.

They stand in `core/data/quotes.csv`, beside the snapshots: a thing has many quotes, and which of them came
after the data depends on the data that are looked at.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import MappingProxyType

from core.sources import checked
from core.web.snapshot import Row, Schema
from core.web.web import Web

COLUMNS = (
    *("subject", "item", "date", "value", "low", "high"),
    *("unit", "basis", "confidence", "source", "note"),
)


@lru_cache(maxsize=1)
def quotes() -> Mapping[str, Row]:
    """All quotes by id, ``<subject>.<item>.<date>``, in the order of the file; ``%`` and ``bp`` are decimals.

    Raises
    ------
    ValueError
        Naming the row when a column, unit, basis, confidence, source, date or number is wrong, or when it is
        a word or stands there twice.

    Examples
    --------
    >>> quotes()["coreweave.cds_5y.2026-10-09"].raw
    904.0
    """
    web, found = checked.sound_web(), {}
    schema, sources = Schema(web.snapshot), set(web.sources)
    for cells in checked.lines("quotes", COLUMNS):
        row = _row(cells, schema, sources)
        if row.id in found:
            raise ValueError(f"quotes.csv: {row.id} stands there twice")
        found[row.id] = row
    return MappingProxyType(found)


def _row(cells: dict[str, str], schema: Schema, sources: set[str]) -> Row:
    """Check one line and turn it into a row: a quote is a number of a day."""
    name = f"{cells['subject']}.{cells['item']}.{cells['date']}"
    if cells["unit"] in checked.WORDS:
        raise ValueError(f"quotes.csv, row {name}: a quote is a number")
    return checked.row("quotes", name, cells | {"as_of": cells["date"]}, schema, sources)


def since(web: Web, subject: str | None = None) -> tuple[Row, ...]:
    """Quotes of a later day than the data, by subject and item as in the file, the latest first.

    Parameters
    ----------
    web : Web
        The data that are looked at.
    subject : str, optional
        Whose quotes; all if not given.

    Examples
    --------
    >>> from core.web.web import load_web
    >>> found = since(load_web(), "nvidia")
    >>> [(row.item, row.raw) for row in found]
    [('cds_5y', 86.8)]
    """
    told = [row for row in quotes().values() if row.as_of > web.snapshot]
    order = {key: place for place, key in enumerate(dict.fromkeys((r.subject, r.item) for r in told))}
    told.sort(key=lambda row: row.as_of, reverse=True)
    told.sort(key=lambda row: order[row.subject, row.item])
    return tuple(row for row in told if subject in (None, row.subject))


def latest(web: Web, subject: str) -> tuple[Row, ...]:
    """The last quote of each thing of a subject, if it is of a later day than the data.

    Parameters
    ----------
    web : Web
        The data that are looked at.
    subject : str
        For example ``coreweave``.

    Examples
    --------
    >>> from core.web.web import load_web
    >>> [(row.item, row.raw) for row in latest(load_web(), "oracle")]
    [('cds_5y', 258.0)]
    """
    last: dict[str, Row] = {}
    for row in since(web, subject):
        last.setdefault(row.item, row)
    return tuple(last.values())
