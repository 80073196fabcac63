"""Reads one dated folder of data, turns each cell into a `Row`, and refuses what is wrong in it.

A row says one thing: a number or a word about a subject, with its unit, date, basis, confidence and source.
``core/data/schema.toml`` declares what a table may say, `core.web.refusal.REASONS` has every way to be
refused. The readable side of the data, the frozen web that the engine uses, is `core.web.web`.
"""

from __future__ import annotations

import csv
import io
import math
import re
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from copy import copy
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from core.web.calendar import Calendar
from core.web.refusal import DataError, Refusals, nearest

_PROVENANCE = ("unit", "as_of", "basis", "confidence", "source", "note")
_PARTS = {
    "long": ("subject", "item"),
    "yearly": ("entity", "item"),
    "quarterly": ("entity", "measure", "quarter"),
}
_VALUES = ("value", "low", "high")
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_QUARTER = re.compile(r"\d{4}(Q[1-4]|H[12])?", re.ASCII)  # a quarter, a half or a whole year
_YEAR = re.compile(r"_\d{4}\Z", re.ASCII)  # ends the name of what was reported for a year
_NUMBER = re.compile(r"[+-]?\d+(\.\d*)?([eE][+-]?\d+)?", re.ASCII)
_SOURCE_FIELDS = ("title", "publisher", "date")


@dataclass(frozen=True)
class Row:
    """One number or word of the data with all that is known about it.

    ``value``, ``low`` and ``high`` are what the model uses: ``%`` and ``bp`` already decimals, other units as
    stated. ``raw`` is the value as the file states it, in ``unit``.
    """

    id: str
    table: str
    subject: str
    item: str
    value: float | str
    unit: str
    low: float | None
    high: float | None
    as_of: str
    basis: str
    confidence: str
    source: str
    note: str
    raw: float | str
    overridden: bool = False


@dataclass(frozen=True)
class Source:
    """Where numbers come from: what, by whom, when and, if on record, at which address."""

    key: str
    title: str
    publisher: str
    date: str
    url: str = ""


Tables = dict[str, dict[str, dict[str, Row]]]
"""table -> subject -> item -> Row"""


@dataclass
class Cell:
    """One value on its way from the file to a `Row`: the text of its line and where it stands."""

    table: str
    file: str
    line: int
    row: str  # id of the line in the file; a yearly line has a value a year
    field: str  # column the value stands in
    subject: str
    item: str
    owner: str  # the entity or subject the line is about
    declared: str  # name under which the schema knows the item
    cells: dict[str, str]
    overridden: bool = False

    @property
    def id(self) -> str:
        """Id of the value."""
        return f"{self.subject}.{self.item}"

    def read_instead(self, text: str) -> None:
        """Take another number in place of the file's; the range of its sources is not its own.

        Parameters
        ----------
        text : str
            The number, as a file would write it.
        """
        self.cells = {**self.cells, "value": text, "low": "", "high": ""}
        self.overridden = True


class Schema:
    """What the tables of a snapshot may say, from ``core/data/schema.toml``.

    Parameters
    ----------
    snapshot : str
        Date that names the snapshot's folder.

    Raises
    ------
    ValueError
        When no run can start after this date; says why.
    """

    def __init__(self, snapshot: str):
        declared = tomllib.loads(
            (Path(__file__).parents[1] / "data" / "schema.toml").read_text(encoding="utf-8")
        )
        self._declared = declared
        self._snapshot = snapshot
        self.calendar = _calendar_of(snapshot, **declared["calendar"])
        self.tables: dict[str, dict] = declared["tables"]
        self.units: dict[str, int] = declared["units"]
        self.words: list[str] = declared["words"]
        self.bases: list[str] = declared["bases"]
        self.confidences: list[str] = declared["confidences"]

    def rules(self, name: str) -> list[dict]:
        """Rules between rows: ``required``, ``one_of``, ``ordered``, ``below`` or ``adding_up``.

        Parameters
        ----------
        name : str
            Of the kind of rule.
        """
        return self._declared[name]

    def shape(self, table: str) -> str:
        """How the file is laid out: ``long``, ``yearly`` or ``quarterly``.

        Parameters
        ----------
        table : str
            Name of the table.
        """
        return self.tables[table].get("shape", "long")

    def file(self, table: str) -> str:
        """Name of a table's file below the data folder; actuals stand beside the snapshots.

        Parameters
        ----------
        table : str
            Name of the table.
        """
        return f"{table}.csv" if self.shape(table) == "quarterly" else f"{self._snapshot}/{table}.csv"

    def item(self, table: str, item: str, unit: str = "") -> dict | None:
        """What is declared of an item, None if nothing, with a bound that counts quarters as a number.

        ``hold_*`` speaks for all that begin like it, ``revenue_{year}`` for any year.

        Parameters
        ----------
        table : str
            Name of the table.
        item : str
            Name of the item.
        unit : str
            Its unit: a table that takes any name says what a number of a unit may be.
        """
        items, found = self.tables[table]["items"], None
        if self.tables[table].get("open"):
            found = self.tables[table]["units"].get(unit, {}) | items.get(item, {})
        else:
            names = (item, _YEAR.sub("_{year}", item), f"{item.partition('_')[0]}_*")
            found = next((items[name] for name in names if name in items), None)
        counted = {"quarters": self.calendar.count, "last quarter": self.calendar.count - 1}
        if found is not None and found.get("max") in counted:
            found = found | {"max": counted[found["max"]]}
        return found

    def values(self, table: str) -> tuple[str, ...]:
        """Columns in which the values of a table stand: of a yearly one, the years of the run.

        Parameters
        ----------
        table : str
            Name of the table.
        """
        if self.shape(table) != "yearly":
            return _VALUES
        return tuple(f"y{year}" for year in self.calendar.years)

    @staticmethod
    def tail(item: str) -> str:
        """The part of an item that the star stands for.

        Parameters
        ----------
        item : str
            Name of the item.

        Examples
        --------
        >>> Schema.tail("hold_coreweave_ddtl1")
        'coreweave_ddtl1'
        """
        return item.partition("_")[2]


class Reader:
    """Reads one snapshot; afterwards ``tables``, ``sources`` and ``refusals`` hold what was found.

    Parameters
    ----------
    folder : Path
        The snapshot, named for its date; ``sources.toml`` and ``actuals.csv`` lie beside it.
    overrides : mapping of row id to number, in the unit of the row
        Read in place of what the file says, and checked in the same way.

    Raises
    ------
    DataError
        When the folder is no snapshot, or an override names no number of it.
    """

    def __init__(self, folder: Path, overrides: Mapping[str, float]):
        if not (is_snapshot_name(folder.name) and folder.is_dir()):
            raise DataError(f"{folder.name!r} is not a snapshot: no such folder, or its name is not a date")
        try:
            self.schema = Schema(folder.name)
        except ValueError as error:
            raise DataError(f"{folder.name!r} is not a snapshot: {error}") from None
        self.root, self.snapshot = folder.parent, folder.name
        self.refusals = Refusals()
        self.sources = self._read_sources()
        self.lines: dict[tuple[str, str], Cell] = {}  # (table, id of the line), good or not
        self.numbers: dict[str, Cell] = {}  # every value that is no word, by its id
        self.tables: Tables = {table: {} for table in self.schema.tables}
        cells = [cell for table in self.schema.tables for cell in self._read_table(table)]
        for row_id, text in self.changeable(overrides).items():
            self.numbers[row_id].read_instead(text)
        for cell in cells:
            self._take(cell)

    def beside(self, overrides: Mapping[str, float]) -> Reader:
        """The same snapshot with overrides, as if read anew; only what they touch is checked again.

        Parameters
        ----------
        overrides : mapping of row id to number, in the unit of the row
            As for the reader itself.

        Returns
        -------
        Reader
            This one is left as it is; both share the rows that did not change.

        Raises
        ------
        DataError
            When an override names no number of the snapshot.
        """
        if self.refusals.problems:  # an override may be what mends a row
            return Reader(self.root / self.snapshot, overrides)
        known = self.changeable(overrides)
        other = copy(self)
        other.refusals = Refusals()
        other.numbers, other.lines, other.tables = dict(self.numbers), dict(self.lines), dict(self.tables)
        for row_id in sorted(known, key=list(self.numbers).index):  # told in the order of the files
            cell = replace(self.numbers[row_id])
            cell.read_instead(known[row_id])
            other.numbers[row_id] = cell
            if self.lines[cell.table, cell.row] is self.numbers[row_id]:
                other.lines[cell.table, cell.row] = cell
            subjects = other.tables[cell.table] = dict(other.tables[cell.table])
            items = subjects[cell.subject] = dict(subjects[cell.subject])
            before = items[cell.item]
            other._take(cell)
            if items[cell.item] is before:  # refused: the row is not there
                del items[cell.item]
            if not items:
                del subjects[cell.subject]
        return other

    def entities_elsewhere(self) -> set[str]:
        """Ids of the entities of the other snapshots in the same folder, as far as they can be read."""
        found: set[str] = set()
        for folder in self.root.iterdir():
            if folder.name != self.snapshot and is_snapshot_name(folder.name):
                with suppress(OSError, UnicodeDecodeError, csv.Error):
                    text = (folder / "entities.csv").read_text(encoding="utf-8-sig")
                    lines = csv.DictReader(io.StringIO(text, newline=""))
                    found |= {line.get("subject") or "" for line in lines}
        return found - {""}

    # ---- files to cells
    def _text(self, name: str) -> str | None:
        path = self.root / name
        if not path.is_file():
            self.refusals.add("missing_file", name)
            return None
        try:
            return path.read_text(encoding="utf-8-sig")
        except UnicodeDecodeError as error:
            self.refusals.add("undecodable", name, detail=f"byte {error.start} is not UTF-8")
            return None

    def _read_sources(self) -> dict[str, Source]:
        name = "sources.toml"
        try:
            entries = tomllib.loads(self._text(name) or "")
        except tomllib.TOMLDecodeError as error:
            self.refusals.add("undecodable", name, detail=str(error))
            return {}
        for key, entry in entries.items():
            for field in _SOURCE_FIELDS:
                if not entry.get(field):
                    self.refusals.add("incomplete_source", name, 0, key, field, missing=field)
        told = (*_SOURCE_FIELDS, "url")
        return {key: Source(key, *(str(entry.get(f, "")) for f in told)) for key, entry in entries.items()}

    def _read_lines(self, table: str) -> Iterator[tuple[int, dict[str, str]]]:
        name, shape = self.schema.file(table), self.schema.shape(table)
        columns = ("id", *_PARTS[shape], *self.schema.values(table), *_PROVENANCE)
        if self.schema.tables[table].get("optional") and not (self.root / name).is_file():
            return
        text = self._text(name)
        if text is None:
            return
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        try:
            header = next(reader, [])
            for column in columns:
                if column not in header:
                    self.refusals.add("missing_column", name, 1, field=column)
            for column in header:
                if column not in columns:
                    self.refusals.add("unknown_column", name, 1, field=column)
            for line in reader:
                if line and len(line) != len(header):
                    counts: dict[str, Any] = {"found": len(line), "expected": len(header)}
                    self.refusals.add("wrong_cell_count", name, reader.line_num, line[0], **counts)
                elif line:
                    yield reader.line_num, dict.fromkeys(columns, "") | dict(zip(header, line, strict=True))
        except csv.Error as error:
            self.refusals.add("undecodable", name, reader.line_num, detail=str(error))

    def _read_table(self, table: str) -> list[Cell]:
        shape = self.schema.shape(table)
        found: list[Cell] = []
        for line, cells in self._read_lines(table):
            parts = [cells[part] for part in _PARTS[shape]]
            file, about = self.schema.file(table), (".".join(parts[:-1]), parts[-1], parts[0], parts[1])
            first = Cell(table, file, line, cells["id"], "value", *about, cells)
            if cells["id"] != ".".join(parts):
                self.refusals.cell("id_mismatch", first, "id", expected=".".join(parts))
            if shape == "quarterly" and not _QUARTER.fullmatch(parts[2]):
                self.refusals.cell("bad_quarter", first, "quarter", value=parts[2])
            spread = self._spread(first) if shape == "yearly" else [first]
            if self._is_new(spread):
                found += spread
        return found

    def _spread(self, line: Cell) -> list[Cell]:
        """The values of a yearly line, each a cell of its own: ``openai.revenue.y2026``."""
        years = []
        for year in self.schema.values(line.table):
            cells = {**line.cells, "low": "", "high": "", "value": line.cells[year]}
            years.append(replace(line, field=year, subject=line.id, item=year, cells=cells))
        return years

    def _is_new(self, cells: list[Cell]) -> bool:
        """Take note of a line; a word may share its id with a word of another table, a number with none."""
        key = (cells[0].table, cells[0].row)
        is_word = cells[0].cells["unit"] in self.schema.words
        first = self.lines.get(key) or (None if is_word else self.numbers.get(cells[0].id))
        if first:
            self.refusals.cell("duplicate_id", cells[0], "id", other=f"{first.file}, line {first.line}")
            return False
        self.lines[key] = cells[0]
        if not is_word:
            self.numbers |= {cell.id: cell for cell in cells}
        return True

    def may_change(self, row_id: str) -> bool:
        """Tell whether an id names a number that may be overridden: any but what has happened since.

        Parameters
        ----------
        row_id : str
            Anything at all.
        """
        return row_id in self.numbers and self.numbers[row_id].table != "actuals"

    def changeable(self, overrides: Mapping[str, float]) -> dict[str, str]:
        """Overrides as a file would write them.

        Parameters
        ----------
        overrides : mapping of row id to number, in the unit of the row
            As a caller gives them.

        Raises
        ------
        DataError
            For the first that names no number, with the nearest id, or is none.
        """
        texts: dict[str, str] = {}
        for row_id, value in overrides.items():
            if not self.may_change(row_id):
                close = nearest(row_id, filter(self.may_change, self.numbers))
                raise DataError(f"override {row_id!r}: no such number; nearest: {close}")
            try:
                texts[row_id] = repr(float(value))
            except (TypeError, ValueError):
                raise DataError(f"override {row_id!r}: {value!r} is not a number") from None
        return texts

    # ---- one cell to a row
    def _take(self, cell: Cell) -> None:
        spec = self.schema.item(cell.table, cell.declared, cell.cells["unit"])
        if spec is None:
            close = nearest(cell.declared, self.schema.tables[cell.table]["items"])
            field = "measure" if "measure" in cell.cells else "item"
            self.refusals.cell("unknown_item", cell, field, value=cell.declared, nearest=close)
            return
        self._check_provenance(cell)
        unit, text = cell.cells["unit"], cell.cells["value"]
        if not self._unit_fits(cell, spec):
            return
        if not text:
            self.refusals.cell("missing_value", cell)
        elif unit not in self.schema.words:
            self._take_number(cell, spec)
        elif text not in spec.get("choices", [text]):
            self.refusals.cell("not_a_choice", cell, value=text, choices=", ".join(spec["choices"]))
        else:
            self._keep(cell, text, text)

    def _take_number(self, cell: Cell, spec: dict) -> None:
        numbers = {name: self._number(cell, name, spec) for name in ("value", "low", "high")}
        value, low, high = numbers.values()
        if value is None:
            return
        if not (value if low is None else low) <= value <= (value if high is None else high):
            self.refusals.cell("range_order", cell, **{name: cell.cells[name] or "none" for name in numbers})
        per_one = self.schema.units[cell.cells["unit"]]
        low, high = (None if bound is None else bound / per_one for bound in (low, high))
        self._keep(cell, value, value / per_one, low, high)

    def _keep(self, cell: Cell, raw: float | str, value: float | str, *bounds: float | None) -> None:
        low, high = bounds or (None, None)
        row = Row(
            id=cell.id,
            table=cell.table,
            subject=cell.subject,
            item=cell.item,
            value=value,
            low=low,
            high=high,
            raw=raw,
            overridden=cell.overridden,
            **{name: cell.cells[name] for name in _PROVENANCE},
        )
        self.tables[cell.table].setdefault(cell.subject, {})[cell.item] = row

    def _unit_fits(self, cell: Cell, spec: dict) -> bool:
        unit = cell.cells["unit"]
        if not unit:
            self.refusals.cell("missing_unit", cell, "unit")
        elif unit not in self.schema.units and unit not in self.schema.words:
            self.refusals.cell("unknown_unit", cell, "unit", value=unit)
        elif unit != spec.get("unit", unit):
            self.refusals.cell("wrong_unit", cell, "unit", value=unit, expected=spec["unit"])
        else:
            return True
        return False

    def _number(self, cell: Cell, name: str, spec: dict) -> float | None:
        """The number in a cell, or None when the cell is empty or refused."""
        text = cell.cells[name]
        field = cell.field if name == "value" else name
        if not text:
            return None
        try:
            number = float(text)
        except ValueError:
            number = None
        if number is not None and not math.isfinite(number):
            self.refusals.cell("not_finite", cell, field, value=text)
        elif number is None or not _NUMBER.fullmatch(text):  # float() takes 1_000 and other scripts' digits
            self.refusals.cell("not_a_number", cell, field, value=text)
        elif not spec.get("min", -math.inf) <= number <= spec.get("max", math.inf):
            bounds = {"low": spec.get("min", "any"), "high": spec.get("max", "any")}
            self.refusals.cell("out_of_range", cell, field, value=text, unit=cell.cells["unit"], **bounds)
        elif spec.get("whole") and number != int(number):
            self.refusals.cell("not_whole", cell, field, value=text)
        else:
            return number
        return None

    def _check_provenance(self, cell: Cell) -> None:
        told, schema = cell.cells, self.schema
        for field, known in (("basis", schema.bases), ("confidence", schema.confidences)):
            if told[field] not in known:
                choices = ", ".join(known)
                self.refusals.cell(f"unknown_{field}", cell, field, value=told[field], choices=choices)
        if told["source"] not in self.sources:
            close = nearest(told["source"], self.sources)
            self.refusals.cell("unknown_source", cell, "source", value=told["source"], nearest=close)
        if told["basis"] == "assumption" and not told["note"].strip():
            self.refusals.cell("assumption_without_note", cell, "note")
        if not _is_date(told["as_of"]):
            self.refusals.cell("bad_date", cell, "as_of", value=told["as_of"])
        elif told["as_of"] > self.snapshot and not told["note"].strip() and cell.table != "actuals":
            dates = {"value": told["as_of"], "snapshot": self.snapshot}
            self.refusals.cell("late_without_note", cell, "as_of", **dates)


def _calendar_of(snapshot: str, last_year: int, most_quarters: int, first_end: int) -> Calendar:
    """The quarters of a run, or why there can be none: what the levers ask for must lie inside."""
    found = Calendar.after(snapshot, last_year)
    if found.count > most_quarters:
        raise ValueError(f"from its date to the end of {last_year} are more than {most_quarters} quarters")
    if found.first_year > first_end:
        raise ValueError(f"a run to the end of {first_end} would be over")
    return found


def is_snapshot_name(name: str) -> bool:
    """Whether a folder of this name holds a snapshot: it is named for a date.

    Parameters
    ----------
    name : str
        Of a folder.

    Examples
    --------
    >>> is_snapshot_name("2025-12-31"), is_snapshot_name("presets"), is_snapshot_name("2025-12-32")
    (True, False, False)
    """
    return _is_date(name)


def _is_date(text: str) -> bool:
    try:
        return bool(_DATE.fullmatch(text) and date.fromisoformat(text))
    except ValueError:
        return False
