"""Tables that stand beside the snapshots, read and checked line by line like the rows of a snapshot."""

from __future__ import annotations

import csv
from collections.abc import Collection, Mapping
from contextlib import suppress
from datetime import date
from functools import lru_cache

from core.web.snapshot import Row, Schema
from core.web.web import DATA, DataError, Web, load_web, snapshots

COLUMNS = (
    *("id", "subject", "item", "value", "low", "high"),
    *("unit", "as_of", "basis", "confidence", "source", "note"),
)
WORDS = {"rating", "text"}
MORE_UNITS = {
    "% of par": 100,
    "USD": 1,
    "USD/hour": 1,
    "USD thousand": 1,
    "% of GDP": 100,
    "cents per dollar": 100,
    "million miles": 1,
}
"""Units beyond those of the model: prices of bonds, of a share, of an hour of a chip and of a chip; and those
of the past."""


@lru_cache(maxsize=1)
def sound_web() -> Web:
    """The latest snapshot that is without fault: what is said of no snapshot in particular is checked on it.

    Raises
    ------
    DataError
        When there is none.
    """
    for snapshot in snapshots()[::-1]:
        with suppress(DataError):
            return load_web(snapshot)
    return load_web()  # tells what is wrong with the latest


def lines(table: str, columns: Collection[str]) -> list[dict[str, str]]:
    """The lines of a table beside the snapshots, each a mapping of column to text.

    Parameters
    ----------
    table : str
        Name of its file without the ending.
    columns : collection of str
        What its columns must be, in order.

    Raises
    ------
    ValueError
        When its columns are others.
    """
    with (DATA / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        if list(reader.fieldnames or ()) != list(columns):
            raise ValueError(f"{table}.csv: the columns must be {', '.join(columns)}")
        return list(reader)


def named_row(table: str, cells: Mapping[str, str], schema: Schema, sources: Collection[str]) -> Row:
    """Check one line whose id is made of its subject and its item; see `row`.

    Parameters
    ----------
    table : str
        Name of its file without the ending.
    cells : mapping of column to text
        Of the line.
    schema : Schema
        Which units, bases and confidences there are.
    sources : collection of str
        Keys of the sources.

    Raises
    ------
    ValueError
        When the id is another one, or as `row` does.
    """
    if cells["id"] != f"{cells['subject']}.{cells['item']}":
        raise ValueError(f"{table}.csv, row {cells['id']}: id is not <subject>.<item>")
    return row(table, cells["id"], cells, schema, sources)


def row(table: str, name: str, cells: Mapping[str, str], schema: Schema, sources: Collection[str]) -> Row:
    """Check one line and turn it into a row; ``%`` and ``bp`` become decimals.

    Parameters
    ----------
    table : str
        Name of its file without the ending.
    name : str
        Id of the row.
    cells : mapping of column to text
        Of the line; its date stands in ``as_of``.
    schema : Schema
        Which units, bases and confidences there are.
    sources : collection of str
        Keys of the sources.

    Raises
    ------
    ValueError
        Naming the row when a unit, basis, confidence, source, date or number is wrong, or when an assumption
        does not say why.
    """
    units = schema.units | MORE_UNITS
    for wrong, what in (
        (cells["unit"] not in units.keys() | WORDS, f"unknown unit {cells['unit']!r}"),
        (cells["basis"] not in schema.bases, f"unknown basis {cells['basis']!r}"),
        (cells["confidence"] not in schema.confidences, f"unknown confidence {cells['confidence']!r}"),
        (cells["source"] not in sources, f"unknown source {cells['source']!r}"),
        (cells["basis"] == "article" and cells["source"] != "article", "an article figure of another source"),
        (cells["basis"] == "assumption" and not cells["note"].strip(), "an assumption that does not say why"),
        (not cells["value"], "no value"),
    ):
        if wrong:
            raise ValueError(f"{table}.csv, row {name}: {what}")
    try:
        date.fromisoformat(cells["as_of"])
        if cells["unit"] in WORDS:
            value: float | str = cells["value"]
            raw, low, high = value, None, None
        else:
            per_one, raw = units[cells["unit"]], float(cells["value"])
            low, high = (float(cells[k]) / per_one if cells[k] else None for k in ("low", "high"))
            value = raw / per_one
            if not (value if low is None else low) <= value <= (value if high is None else high):
                raise ValueError("low <= value <= high does not hold")
    except (TypeError, ValueError) as error:
        raise ValueError(f"{table}.csv, row {name}: {error}") from None
    told: dict = {
        k: cells[k] for k in ("subject", "item", "unit", "as_of", "basis", "confidence", "source", "note")
    }
    return Row(id=name, table=table, value=value, raw=raw, low=low, high=high, **told)
