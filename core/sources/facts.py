"""What the article says and what the public record says, claim by claim, and the figures only pages need.

`core/data/facts.toml` has the claims in both languages, `core/data/figures.csv` the figures that the model
does not use but a reader should find: same columns, units and provenance as the tables of a snapshot.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from core.sources import checked, history
from core.sources.glossary import LANGUAGES
from core.sources.quotes import quotes
from core.web.refusal import nearest
from core.web.snapshot import Row, Schema
from core.web.web import DATA, DataError, Web, load_web, snapshots

COLUMNS = checked.COLUMNS
SINCE = "B13"
"""Row of the list of facts about what has changed since: it is no difference between article and record."""


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
    says, record, since : mapping of language to str
        The claim; what the record says, empty where it only confirms; what has changed since, if anything.
    since_rows : tuple of str
        Ids of rows with the figures of what has changed, each with its day.
    """

    id: str
    answers: tuple[str, ...]
    section: str
    pages: tuple[str, ...]
    article: tuple[str, ...]
    rows: tuple[str, ...]
    says: Mapping[str, str]
    record: Mapping[str, str]
    since: Mapping[str, str]
    since_rows: tuple[str, ...]

    @property
    def differs(self) -> bool:
        """Whether the public record says something else than the article.

        >>> claims()["junk_bond"].differs, claims()["chain"].differs
        (True, False)
        """
        return any(answer.startswith("B") and answer != SINCE for answer in self.answers)

    @property
    def has_changed(self) -> bool:
        """Whether something has changed since.

        >>> claims()["google_amounts"].has_changed, claims()["banks_limited"].has_changed
        (True, False)
        """
        return SINCE in self.answers

    @property
    def is_weak(self) -> bool:
        """Whether this is about a weak figure of the data, not about the article."""
        return not self.section


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
    web = checked.sound_web()
    schema, sources = Schema(web.snapshot), set(web.sources)
    taken = {row.id for row in web.rows()} | quotes().keys() | history.rows().keys()
    found: dict[str, Row] = {}
    for cells in checked.lines("figures", COLUMNS):
        row = _row(cells, schema, sources)
        if row.id in taken or row.id in found:
            raise ValueError(f"figures.csv: {row.id} stands in the data already")
        found[row.id] = row
    return MappingProxyType(found)


def _row(cells: dict[str, str], schema: Schema, sources: set[str]) -> Row:
    """Check one line of figures.csv and turn it into a row."""
    return checked.named_row("figures", cells, schema, sources)


def row(web: Web, row_id: str) -> Row:
    """A row of the web, a figure of the pages or of the past, or a quote, by id.

    Parameters
    ----------
    web : Web
        A loaded snapshot.
    row_id : str
        As for `Web.row`, or an id of `beside`.

    Raises
    ------
    ValueError
        When none has it.
    """
    return beside()[row_id] if row_id in beside() else web.row(row_id)


@lru_cache(maxsize=1)
def beside() -> Mapping[str, Row]:
    """All rows that stand beside the snapshots, by id: `figures`, quotes of markets, figures of the past.

    Examples
    --------
    >>> {row.table for row in beside().values()} == {"figures", "quotes", "history"}
    True
    """
    return MappingProxyType({**figures(), **quotes(), **history.rows()})


@lru_cache(maxsize=1)
def claims() -> Mapping[str, Claim]:
    """All claims by id, in the order of the article; weak figures of the data last.

    Raises
    ------
    ValueError
        When a claim repeats an id, lacks a language or names a row that does not exist.

    Examples
    --------
    >>> claims()["junk_bond"].answers, claims()["junk_bond"].section
    (('A10', 'B5', 'B13'), '5')
    """
    told = tomllib.loads((DATA / "facts.toml").read_text(encoding="utf-8"))["claim"]
    known, found = beside().keys() | rows_of_any_date(), {}
    for entry in told:
        says, record, since = (
            {k: entry.get(f"{prefix}{k}", "") for k in LANGUAGES} for prefix in ("", "record_", "since_")
        )
        claim = Claim(
            id=entry["id"],
            section=entry.get("section", ""),
            says=MappingProxyType(says),
            record=MappingProxyType(record),
            since=MappingProxyType(since),
            since_rows=tuple(entry.get("since", ())),
            **{k: tuple(entry[k]) for k in ("answers", "pages", "article", "rows")},
        )
        if claim.id in found:
            raise ValueError(f"facts.toml: two claims {claim.id!r}")
        if not all(says.values()) or any(len(set(map(bool, t.values()))) > 1 for t in (record, since)):
            raise ValueError(f"facts.toml, {claim.id}: a language is missing")
        if claim.differs and not record["en"]:
            raise ValueError(f"facts.toml, {claim.id}: the record differs, but what it says is missing")
        if not claim.has_changed == bool(since["en"]) == bool(claim.since_rows):
            raise ValueError(f"facts.toml, {claim.id}: {SINCE}, what has changed and its rows go together")
        for row_id in (*claim.article, *claim.rows, *claim.since_rows):
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
