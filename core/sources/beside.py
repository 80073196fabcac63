"""Others in the same trade: companies, campuses, vehicles and promises that the model does not compute with.

`core/data/beside.csv` has a figure or a word in each line, with the columns of `core/data/figures.csv` and
five more: whom it is about and what that is, who stands behind it, who rents or owes, and, of a promise,
which company of the web calls it by failing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from core.sources import checked, facts
from core.web.snapshot import Row, Schema

TABLE = "beside"
COMPANIES = ("neocloud", "landlord")
SITES = ("campus", "vehicle")
PROMISE = "promise"
KINDS = (*COMPANIES, *SITES, PROMISE)
COLUMNS = (*checked.COLUMNS, "name", "kind", "giver", "tenant", "called_by")


@dataclass(frozen=True)
class Line:
    """One figure or word about somebody outside the model.

    Attributes
    ----------
    row : Row
        The figure with its provenance.
    giver : str
        Who stands behind what it says; empty where nobody does or nobody is known.
    tenant : str
        Who rents or owes; empty where that is not known.
    called_by : str
        Id of the company of the web whose failure calls a promise; an assumption where it is not the tenant,
        empty where nobody is assumed.
    """

    row: Row
    giver: str
    tenant: str
    called_by: str


@dataclass(frozen=True)
class Other:
    """A company, campus, vehicle or promise outside the model.

    Attributes
    ----------
    id : str
    name : str
        As the data write it, in English.
    kind : str
        One of `KINDS`.
    lines : tuple of Line
        What is known of it, in the order of the file.
    """

    id: str
    name: str
    kind: str
    lines: tuple[Line, ...]

    @property
    def rows(self) -> tuple[Row, ...]:
        """Its figures and words.

        >>> [row.raw for row in others()["riot"].rows]
        [191.0]
        """
        return tuple(line.row for line in self.lines)


@lru_cache(maxsize=1)
def others() -> Mapping[str, Other]:
    """All of them by id, in the order of the file.

    Raises
    ------
    ValueError
        Naming the row when something in it is wrong, see `checked.row`, when its id stands in the model's
        data or in those of the pages already, or when two lines call the same thing by two names.

    Examples
    --------
    >>> meridian = others()["meridian"]
    >>> meridian.kind, meridian.lines[0].giver, meridian.lines[0].row.value
    ('campus', 'Google', 430.0)
    """
    web = checked.sound_web()
    schema, sources = Schema(web.snapshot), set(web.sources)
    taken = facts.beside().keys() | facts.rows_of_any_date()
    found: dict[str, Other] = {}
    for cells in checked.lines(TABLE, COLUMNS):
        line = _line(cells, schema, sources, taken, web.tables["entities"])
        before = found.get(line.row.subject)
        now = Other(line.row.subject, cells["name"], cells["kind"], (*(before.lines if before else ()), line))
        if before and (before.name, before.kind) != (now.name, now.kind):
            raise ValueError(f"{TABLE}.csv, row {line.row.id}: another name or kind than in the line before")
        if before and line.row.id in {row.id for row in before.rows}:
            raise ValueError(f"{TABLE}.csv: {line.row.id} stands in the data already")
        found[now.id] = now
    return MappingProxyType(found)


def _line(
    cells: dict[str, str], schema: Schema, sources: set[str], taken: set[str], companies: Collection[str]
) -> Line:
    """Check one line of the file and turn it into a row with whom it names."""
    row = checked.named_row(TABLE, cells, schema, sources)
    for wrong, what in (
        (row.id in taken, "stands in the data already"),
        (cells.get("kind") not in KINDS, f"unknown kind {cells.get('kind')!r}"),
        (not cells.get("name"), "has no name"),
        (cells.get("kind") == PROMISE and not cells.get("giver"), "a promise that nobody gives"),
        (
            bool(cells["called_by"]) and (cells["kind"] != PROMISE or isinstance(row.value, str)),
            "only a promise with a limit is called",
        ),
        (cells["called_by"] not in {"", *companies}, "called by a company that is not in the web"),
    ):
        if wrong:
            raise ValueError(f"{TABLE}.csv, row {row.id}: {what}")
    return Line(row, cells["giver"], cells["tenant"], cells["called_by"])


def of_kind(*kinds: str) -> tuple[Other, ...]:
    """Those of some kinds, in the order of the file.

    Parameters
    ----------
    *kinds : str
        Of `KINDS`.

    Examples
    --------
    >>> [other.name for other in of_kind("vehicle")][:1]
    ['Digital Drive, Virginia']
    """
    return tuple(other for other in others().values() if other.kind in kinds)


def rows() -> tuple[Row, ...]:
    """Every figure and word of them.

    Examples
    --------
    >>> len(rows()) == sum(len(other.lines) for other in others().values())
    True
    """
    return tuple(row for other in others().values() for row in other.rows)
