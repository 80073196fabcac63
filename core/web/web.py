"""The web of companies, contracts and debts as data: load, look up, list.

``load_web()`` returns one frozen `Web`: every table of a snapshot, every number with unit, date and source.
Percent and basis points of the data become decimals on the way in (`core.web.snapshot`) and nowhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

import numpy as np

from core.web.calendar import Calendar
from core.web.crosscheck import cross_check
from core.web.refusal import DataError, nearest
from core.web.snapshot import Reader, Row, Source, is_snapshot_name

DATA = Path(__file__).parents[1] / "data"
NEOCLOUDS = ("coreweave", "terawulf", "cipher", "fluidstack")
LABS = ("openai", "anthropic", "xai")
BIG_TECH = ("alphabet", "nvidia", "meta", "microsoft", "oracle", "amazon")
OPERATORS = ("oracle",)  # those that can fail, where the data plan a business and debt of theirs
GUARANTORS = BIG_TECH[:3]  # those whose promises can be called in this web
MOST_TRIED = 10  # edits that are read one by one
NOT_TRIED = "it was not tried, after ten others"
NO_SUCH_NUMBER = "no such number"

USD_BN_PER_USD_M = 0.001
"""Turns ``MW x USD m/MW`` into USD bn. Rows keep the unit they state; who multiplies by MW converts."""


@dataclass(frozen=True, eq=False)
class Web:
    """All data of one snapshot, read-only.

    Attributes
    ----------
    snapshot : str
        Date of the balance sheets, for example ``2025-12-31``.
    tables : mapping of table to subject to item to `Row`
        Plans and actuals stand here too: ``tables["plans"]["openai.revenue"]["y2026"]`` and
        ``tables["actuals"]["coreweave.revenue"]["2026Q1"]``.
    sources : mapping of key to `Source`
    overrides : mapping of row id to number
        What was read in place of the file, in the unit of the row.
    calendar : Calendar
        The quarters of a run: from the one after the snapshot to the end of the plans.
    """

    snapshot: str
    tables: Mapping[str, Mapping[str, Mapping[str, Row]]]
    sources: Mapping[str, Source]
    overrides: Mapping[str, float]
    calendar: Calendar
    root: Path = DATA

    def __reduce__(self) -> tuple[Callable[..., Web], tuple]:
        """Travel between processes as the recipe; another machine has the data in a folder of its own."""
        root = None if self.root == DATA else self.root
        return _arrived, (self.snapshot, tuple(sorted(self.overrides.items())), root)

    def rows(self) -> Iterator[Row]:
        """Every row of every table, in the order of the files; a yearly plan gives one row per year."""
        for subjects in self.tables.values():
            for items in subjects.values():
                yield from items.values()

    def row(self, row_id: str) -> Row:
        """One number or word with its provenance, by id: ``coreweave.cash``, ``openai.revenue.y2026``.

        Ids of numbers are unique in a snapshot; where two tables have a word of one id
        (``coreweave.kind``), the first table speaks.

        Parameters
        ----------
        row_id : str
            ``<subject>.<item>``, for plans and actuals with the year or quarter behind it.

        Raises
        ------
        ValueError
            When there is no such row; names the nearest id.
        """
        subject, _, item = row_id.rpartition(".")
        for subjects in self.tables.values():
            if item in subjects.get(subject, {}):
                return subjects[subject][item]
        raise ValueError(f"no row {row_id!r}; nearest: {nearest(row_id, [row.id for row in self.rows()])}")

    def value(self, row_id: str) -> float | str:
        """What the model uses for a row: a word, or a number with ``%`` and ``bp`` as decimals.

        Parameters
        ----------
        row_id : str
            As for `row`.
        """
        return self.row(row_id).value

    def plan(self, entity: str, item: str) -> np.ndarray:
        """What an entity plans for each year of the calendar, in the unit of its rows.

        Parameters
        ----------
        entity, item : str
            For example ``openai`` and ``revenue``.

        Returns
        -------
        ndarray, (year,)
            Read-only; the first is the rest of a year that has begun already.

        Raises
        ------
        ValueError
            When there is no such plan.
        """
        years = self.tables["plans"].get(f"{entity}.{item}")
        if years is None:
            close = nearest(f"{entity}.{item}", self.tables["plans"])
            raise ValueError(f"no plan {entity}.{item}; nearest: {close}")
        path = np.array([row.value for row in years.values()])
        path.flags.writeable = False
        return path

    def actual(self, entity: str, measure: str, quarter: str) -> float | str:
        """What happened after the snapshot, for the back-test; never read by the engine.

        Parameters
        ----------
        entity, measure, quarter : str
            For example ``coreweave``, ``revenue`` and ``2026Q1``; guidance for a year stands under ``2026``.

        Returns
        -------
        float or str
        """
        return self.value(f"{entity}.{measure}.{quarter}")

    def of_a_year(self, entity: str, measure: str) -> Row | None:
        """What an entity had in the year to the date if the data have it, else in the last whole year.

        Parameters
        ----------
        entity, measure : str
            For example ``coreweave`` and ``ebitda``.

        Returns
        -------
        Row or None
            None where the data have neither.
        """
        items = self.tables["entities"][entity]
        return items.get(measure) or items.get(f"{measure}_{self.calendar.reported_year}")

    def subjects(self, table: str, **where: float | str) -> tuple[str, ...]:
        """Subjects of a table, in the order of its file, whose items have the values asked for.

        Parameters
        ----------
        table : str
            Name of the table, for example ``entities``.
        **where : value by item
            For example ``kind="lab"``; a subject without the item does not match.

        Returns
        -------
        tuple of str
            Empty when none matches; ValueError when there is no such table.
        """
        if table not in self.tables:
            raise ValueError(f"no table {table!r}; nearest: {nearest(table, self.tables)}")
        return tuple(
            subject
            for subject, items in self.tables[table].items()
            if all(item in items and items[item].value == value for item, value in where.items())
        )


def snapshots(root: Path | None = None) -> tuple[str, ...]:
    """Dates of the snapshots there are, oldest first.

    Parameters
    ----------
    root : Path, optional
        Folder that holds them; that of the package if not given.

    Examples
    --------
    >>> "2025-12-31" in snapshots()
    True
    """
    return _dates(Path(root)) if root else _own_dates(DATA)


def _dates(root: Path) -> tuple[str, ...]:
    folders = root.iterdir() if root.is_dir() else ()
    return tuple(sorted(one.name for one in folders if one.is_dir() and is_snapshot_name(one.name)))


# The folders of the package do not change under who reads them; pages ask several times a run.
_own_dates = lru_cache(maxsize=1)(_dates)


def latest_snapshot(root: Path | None = None) -> str:
    """Date of the latest snapshot, which is meant where none is named.

    Parameters
    ----------
    root : Path, optional
        Folder that holds them; that of the package if not given.

    Raises
    ------
    DataError
        When there is none.

    Examples
    --------
    >>> latest_snapshot() == snapshots()[-1]
    True
    """
    known = snapshots(root)
    if not known:
        raise DataError(f"no snapshot in {Path(root or DATA).name!r}")
    return known[-1]


@lru_cache(maxsize=4)
def _arrived(snapshot: str, overrides: tuple[tuple[str, float], ...], root: Path | None) -> Web:
    """A web that came from another process: loaded once, not once for each batch."""
    return load_web(snapshot, dict(overrides), root or DATA)


def load_web(
    snapshot: str | None = None, overrides: Mapping[str, float] | None = None, root: Path | None = None
) -> Web:
    """The whole web at one date, checked.

    Parameters
    ----------
    snapshot : str, optional
        One of `snapshots()`; the latest if not given.
    overrides : mapping of row id to number, optional
        Numbers to use instead of the file's, in the unit the row states (9.62 for a rate in per cent).
    root : Path, optional
        Folder that holds the snapshots and ``sources.toml``; that of the package if not given.

    Returns
    -------
    Web
        Frozen; loading takes some 10 ms with the package's own data, so callers keep it.

    Raises
    ------
    DataError
        A ValueError naming file, line, row, field and reason of the first problem and the number of further
        ones, or the override that names no number.

    Examples
    --------
    >>> web = load_web(overrides={"coreweave_notes2030.rate": 12})
    >>> web.value("coreweave_notes2030.rate"), web.value("coreweave.cash")
    (0.12, 6.919)
    """
    root = Path(root or DATA)
    if snapshot is None:
        snapshot = latest_snapshot(root)
    if snapshot not in snapshots(root):
        raise DataError(f"no snapshot {snapshot!r}; there are: {', '.join(snapshots(root))}")
    reader = _read(root / snapshot, overrides or {})
    problems = reader.refusals.problems
    if problems:
        more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
        raise DataError(f"{problems[0]}{more}", problems)
    tables = {
        table: MappingProxyType({subject: MappingProxyType(items) for subject, items in subjects.items()})
        for table, subjects in reader.tables.items()
    }
    frozen = MappingProxyType(dict(overrides or {}))
    sources, calendar = MappingProxyType(reader.sources), reader.schema.calendar
    return Web(snapshot, MappingProxyType(tables), sources, frozen, calendar, root)


@lru_cache(maxsize=4)
def published(snapshot: str, root: Path | None = None) -> Web:
    """A snapshot without anybody's edits: what its own rows say.

    Parameters
    ----------
    snapshot : str
        Its date.
    root : Path, optional
        Folder that holds it; that of the package if not given.

    Examples
    --------
    >>> web = load_web("2025-12-31", {"coreweave.cash": 5})
    >>> published(web.snapshot).value("coreweave.cash")
    4.13
    """
    return load_web(snapshot, root=root)


def validate(path: str | Path) -> list[str]:
    """Everything that is wrong in a snapshot folder, one line each; empty when all is well.

    Parameters
    ----------
    path : str or Path
        The folder, named for its date.

    Returns
    -------
    list of str
        File, line, row, field and reason, in the order of the files.

    Raises
    ------
    DataError
        When the folder is no snapshot at all.

    Examples
    --------
    >>> validate(DATA / "2025-12-31")
    []
    """
    return [str(problem) for problem in _read(Path(path), {}).refusals.problems]


def _read(folder: Path, overrides: Mapping[str, float]) -> Reader:
    reader = _shipped(folder.name).beside(overrides) if folder.parent == DATA else Reader(folder, overrides)
    cross_check(reader)
    return reader


@lru_cache(maxsize=8)
def _shipped(snapshot: str) -> Reader:
    """A snapshot of the package itself, whose files do not change while a program runs."""
    return Reader(DATA / snapshot, {})


@lru_cache(maxsize=256)
def refused_edits(edits: tuple[tuple[str, float], ...], snapshot: str | None = None) -> tuple[str, ...]:
    """Which numbers of a stranger cannot be used, in a bounded time.

    They are read together. Where that is refused, each is read beside those before it, and nothing is tried
    after `MOST_TRIED` of them. A number that is impossible by itself costs no reading of the web.

    Parameters
    ----------
    edits : tuple of (str, float)
        Row ids and numbers, in the unit of the row; of several for one row the first that is possible counts.
    snapshot : str, optional
        One of `snapshots()`; the latest if not given.

    Returns
    -------
    tuple of str
        Why each is refused; empty for those that are possible, or stand behind such a one of the same row.

    Examples
    --------
    >>> refused_edits((("coreweave.cash", 5.0), ("coreweave.cush", 5.0)))
    ('', 'no such number')
    """
    snapshot = latest_snapshot() if snapshot is None else snapshot
    original = _shipped(snapshot)
    reasons = [_refusal_alone(original, row, number) for row, number in edits]
    possible = [i for i, reason in enumerate(reasons) if not reason]
    together = dict(edits[i] for i in reversed(possible))
    if not together or not _refusal(snapshot, together):
        return tuple(reasons)
    taken: dict[str, float] = {}
    for tried, i in enumerate(i for i in possible if edits[i][0] not in taken):
        row, number = edits[i]
        told = NOT_TRIED if tried >= MOST_TRIED else _refusal(snapshot, {**taken, row: number})
        if told:
            reasons[i] = told
        else:
            taken[row] = number
    return tuple(reasons)


def date_of_row(row: str) -> str | None:
    """Date of the latest snapshot with a number that may be changed under this id; None if none has it.

    Parameters
    ----------
    row : str
        Id of a row, of any snapshot.

    Examples
    --------
    >>> date_of_row("coreweave.cash") == latest_snapshot(), date_of_row("coreweave.cush")
    (True, None)
    """
    for snapshot in reversed(snapshots()):
        with suppress(DataError):  # a folder that cannot be read at all has no rows
            if _shipped(snapshot).may_change(row):
                return snapshot
    return None


def _refusal_alone(original: Reader, row: str, number: float) -> str:
    if not original.may_change(row):
        return NO_SUCH_NUMBER
    return "".join(map(str, original.beside({row: number}).refusals.problems[:1]))


def _refusal(snapshot: str, overrides: Mapping[str, float]) -> str:
    try:
        load_web(snapshot, overrides)
    except DataError as error:
        return str(error)
    return ""


def as_records(web: Web) -> list[dict[str, float | str | bool | None]]:
    """The data book as plain dicts, ready for JSON: one per row.

    Parameters
    ----------
    web : Web
        A loaded snapshot.

    Returns
    -------
    list of dict
        ``value``, ``low`` and ``high`` with ``%`` and ``bp`` as decimals (None where no range is known),
        ``stated`` as the file has it, in ``unit``; the source is spelt out in ``source_title`` and so on.
    """
    records = []
    for row in web.rows():
        record = {**vars(row), "stated": row.raw}
        del record["raw"]
        source = web.sources[row.source]
        told = {"title": source.title, "publisher": source.publisher, "date": source.date, "url": source.url}
        records.append(record | {f"source_{name}": text for name, text in told.items()})
    return records
