"""What the article says and what the public record says, claim by claim, and the figures only pages need.

`core/data/facts.toml` has the claims in both languages, `core/data/figures.csv` the figures that the model
does not use but a reader should find: same columns, units and provenance as the tables of a snapshot.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from types import MappingProxyType

from core.web.refusal import nearest
from core.web.snapshot import Row, Schema
from core.web.web import DATA, DataError, Web, load_web, snapshots

WORDS = {"rating", "text"}
COLUMNS = (
    "id",
    "subject",
    "item",
    "value",
    "low",
    "high",
    "unit",
    "as_of",
    "basis",
    "confidence",
    "source",
    "note",
)
MORE_UNITS = {"% of par": 100, "USD/hour": 1}
"""Units of figures beyond those of the model: prices of bonds, rents of a chip."""


@dataclass(frozen=True)
class Claim:
    """One thing the article says, or one weak spot of the data, with what the record says about it.

    Attributes
    ----------
    id : str
    answers : tuple of str
        Rows of the project's list of facts: ``A4`` (article), ``B9`` (record differs), ``C1`` (weak figure).
    section : str
        Section of the article; empty for a weak figure of the data.
    pages : tuple of str
        Pages where it is at home, by name.
    article, rows : tuple of str
        Ids of rows with the article's own figure, and with the record's or the model's.
    says, record : mapping of language to str
        The claim; what the record says, empty where it only confirms.
    """

    id: str
    answers: tuple[str, ...]
    section: str
    pages: tuple[str, ...]
    article: tuple[str, ...]
    rows: tuple[str, ...]
    says: Mapping[str, str]
    record: Mapping[str, str]

    @property
    def differs(self) -> bool:
        """Whether the public record says something else than the article.

        >>> claims()["junk_bond"].differs, claims()["chain"].differs
        (True, False)
        """
        return any(answer.startswith("B") for answer in self.answers)

    @property
    def is_weak(self) -> bool:
        """Whether this is about a weak figure of the data, not about the article."""
        return not self.section


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


@lru_cache(maxsize=1)
def figures() -> Mapping[str, Row]:
    """Figures that pages quote and the model does not use, by id; ``%`` and ``bp`` are decimals.

    Raises
    ------
    ValueError
        Naming the row when a column, unit, basis, confidence, source, date or number is wrong, or when the
        model already has a row of that id.

    Examples
    --------
    >>> figures()["hyperion.total_capital_raised"].value, figures()["hyperion.notes_share"].value
    (29.5, 0.92)
    """
    web = sound_web()
    taken, schema = {row.id for row in web.rows()}, Schema(web.snapshot)
    found: dict[str, Row] = {}
    with (DATA / "figures.csv").open(encoding="utf-8", newline="") as file:
        for cells in csv.DictReader(file):
            row = read(cells, schema, set(web.sources))
            if row.id in taken or row.id in found:
                raise ValueError(f"figures.csv: {row.id} stands in the data already")
            found[row.id] = row
    return MappingProxyType(found)


def read(cells: Mapping[str, str], schema: Schema, sources: set[str], table: str = "figures") -> Row:
    """Check one line of a file of figures beside the model and turn it into a row.

    Parameters
    ----------
    cells : mapping of column to str
        The line; columns beyond those of ``figures.csv`` are left to the caller.
    schema : Schema
        For units, bases and degrees of confidence.
    sources : set of str
        Keys of ``sources.toml``.
    table : str
        Name of the file.

    Raises
    ------
    ValueError
        Naming the row, when a column is missing, when a unit, basis, confidence, source, date or number is
        wrong, or when an assumption does not say why.
    """
    name = cells.get("id")
    if missing := [column for column in COLUMNS if cells.get(column) is None]:
        raise ValueError(f"{table}.csv, row {name}: no column {', '.join(missing)}")
    units = schema.units | MORE_UNITS
    for wrong, what in (
        (name != f"{cells['subject']}.{cells['item']}", "id is not <subject>.<item>"),
        (cells["unit"] not in units.keys() | WORDS, f"unknown unit {cells['unit']!r}"),
        (cells["basis"] not in schema.bases, f"unknown basis {cells['basis']!r}"),
        (cells["confidence"] not in schema.confidences, f"unknown confidence {cells['confidence']!r}"),
        (cells["source"] not in sources, f"unknown source {cells['source']!r}"),
        (cells["basis"] == "article" and cells["source"] != "article", "an article figure of another source"),
        (cells["basis"] == "assumption" and not cells["note"].strip(), "an assumption that does not say why"),
    ):
        if wrong:
            raise ValueError(f"{table}.csv, row {name}: {what}")
    try:
        date.fromisoformat(cells["as_of"])
        if cells["unit"] in WORDS:
            value: float | str = cells["value"]
            raw, low, high = value, None, None
            if not value:
                raise ValueError("no value")
        else:
            per_one, raw = units[cells["unit"]], float(cells["value"])
            low, high = (float(cells[k]) / per_one if cells[k] else None for k in ("low", "high"))
            value = raw / per_one
            if not (value if low is None else low) <= value <= (value if high is None else high):
                raise ValueError("low <= value <= high does not hold")
    except ValueError as error:
        raise ValueError(f"{table}.csv, row {name}: {error}") from None
    told: dict = {
        k: cells[k] for k in ("subject", "item", "unit", "as_of", "basis", "confidence", "source", "note")
    }
    return Row(id=cells["id"], table=table, value=value, raw=raw, low=low, high=high, **told)


def row(web: Web, row_id: str) -> Row:
    """A row of the web or a figure of the pages, by id.

    Parameters
    ----------
    web : Web
        A loaded snapshot.
    row_id : str
        As for `Web.row`, or an id of `figures`.

    Raises
    ------
    ValueError
        When neither has it.
    """
    return figures()[row_id] if row_id in figures() else web.row(row_id)


@lru_cache(maxsize=1)
def claims() -> Mapping[str, Claim]:
    """All claims by id, in the order of the article; weak figures of the data last.

    Raises
    ------
    ValueError
        When a claim repeats an id, lacks a language or names a row that does not exist.

    Examples
    --------
    >>> claims()["megafunds"].answers, claims()["megafunds"].section
    (('A13', 'B8'), '7')
    """
    told = tomllib.loads((DATA / "facts.toml").read_text(encoding="utf-8"))["claim"]
    known, found = figures().keys() | rows_of_any_date(), {}
    for entry in told:
        says, record = ({k: entry.get(f"{p}{k}", "") for k in ("en", "nl")} for p in ("", "record_"))
        claim = Claim(
            id=entry["id"],
            section=entry.get("section", ""),
            says=MappingProxyType(says),
            record=MappingProxyType(record),
            **{k: tuple(entry[k]) for k in ("answers", "pages", "article", "rows")},
        )
        if claim.id in found:
            raise ValueError(f"facts.toml: two claims {claim.id!r}")
        if not all(says.values()) or bool(record["en"]) != bool(record["nl"]):
            raise ValueError(f"facts.toml, {claim.id}: a language is missing")
        if claim.differs and not record["en"]:
            raise ValueError(f"facts.toml, {claim.id}: the record differs, but what it says is missing")
        for row_id in (*claim.article, *claim.rows):
            if row_id not in known:
                raise ValueError(
                    f"facts.toml, {claim.id}: no row {row_id!r}; nearest: {nearest(row_id, known)}"
                )
        found[claim.id] = claim
    return MappingProxyType(found)


def rows_of_any_date() -> set[str]:
    """Ids of all snapshots' rows: a claim may rest on a row that not every one of them has.

    Examples
    --------
    >>> "coreweave.cash" in rows_of_any_date()
    True
    """
    found: set[str] = set()
    for date_of_data in snapshots():
        with suppress(DataError):  # the others still serve
            found |= {one.id for one in load_web(date_of_data).rows()}
    return found


def rows(web: Web, row_ids: Iterable[str]) -> list[Row]:
    """Figures by id, of the model's data or beside them; those that these data do not have are left out.

    Parameters
    ----------
    web : Web
        A loaded snapshot.
    row_ids : iterable of str
        As claims name them.
    """
    found = []
    for row_id in row_ids:
        with suppress(ValueError):
            found.append(row(web, row_id))
    return found


def of_page(page: str) -> tuple[Claim, ...]:
    """The claims whose home is a page, in the order of the article.

    Parameters
    ----------
    page : str
        Name of the page's file, for example ``deals``.

    Examples
    --------
    >>> [claim.id for claim in of_page("chain_reaction")]
    ['unused_capacity', 'google_wrap', 'chain', 'weak_fluidstack']
    """
    return tuple(claim for claim in claims().values() if page in claim.pages)
