"""An Excel workbook as lines of cells, read by openpyxl once it is known to be small and without entities."""

from __future__ import annotations

import io
import math
import re
import warnings
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from xml.parsers import expat

import openpyxl

from core.holdings.figures import Cell
from core.holdings.grids import LONGEST_CELL, MOST_ROWS, Line, check_line
from core.holdings.rows import UnreadableError

MOST_PARTS = 300  # files within a workbook
MOST_UNPACKED = 24 * 1024 * 1024  # bytes of them all
MOST_BESIDE = 4 * 1024 * 1024  # bytes of those that are no sheet: texts, styles
MOST_SHEETS = 12
MOST_CELLS = 25_000  # in all sheets, blank ones between others included
MOST_MARKS = 6 * MOST_CELLS  # beginnings and ends of elements in all parts; reading them takes the time
FORMULA = "="  # what stands for a formula that has no result
_ROW = re.compile(rb"<(?:\w+:)?row(?:\s[^>]*)?(?<!/)>")  # that is not empty
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_ERRORS = (Exception,)  # a broken workbook fails anywhere in openpyxl, with whatever it meets

warnings.filterwarnings("ignore", module="openpyxl")  # they quote cells, and what somebody owns is in no log


def is_workbook(content: bytes) -> bool:
    """Tell a file that says it is a workbook (or another zip file).

    Parameters
    ----------
    content : bytes
        The whole file.
    """
    return content.startswith(b"PK\x03\x04")


def sheets_of(content: bytes) -> list[list[Line]]:
    """Read the sheets of a workbook: numbers stay numbers, days and all else become text.

    Parameters
    ----------
    content : bytes
        The whole file.

    Raises
    ------
    UnreadableError
        When it is no workbook, a damaged one, or one made to hurt.
    """
    has_formulas = _check(content)
    try:
        values = _open(content, data_only=True)
        return list(_sheets(values, _open(content, data_only=False) if has_formulas else None))
    except UnreadableError:
        raise
    except _ERRORS:
        raise UnreadableError("holdings_workbook_broken") from None


def _check(content: bytes) -> bool:
    """Refuse what unpacks to too much, and any part with a document type; tell whether there are formulas."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            parts = packed.infolist()
            beside = sum(one.file_size for one in parts if "worksheets/" not in one.filename)
            if (
                len(parts) > MOST_PARTS
                or sum(one.file_size for one in parts) > MOST_UNPACKED
                or beside > MOST_BESIDE
            ):
                raise UnreadableError("holdings_workbook_unpacked", limit=MOST_UNPACKED // 1024 // 1024)
            if "[Content_Types].xml" not in {one.filename for one in parts}:
                raise UnreadableError("holdings_workbook_other")
            texts = [packed.read(one) for one in parts if one.filename.endswith((".xml", ".rels"))]
        has_formulas = any(map(_FORMULA.search, texts))  # then it is read twice
        if sum(text.count(b"<") for text in texts) * (1 + has_formulas) > MOST_MARKS:
            raise UnreadableError("holdings_too_many_cells", limit=MOST_CELLS // (1 + has_formulas))
        if sum(len(_ROW.findall(text)) for text in texts) > MOST_ROWS:
            raise UnreadableError("holdings_too_many_rows", limit=MOST_ROWS)
        for text in texts:
            _check_part(text)
        return has_formulas
    except UnreadableError:
        raise
    except _ERRORS:
        raise UnreadableError("holdings_workbook_broken") from None


def _check_part(part: bytes) -> None:
    def refuse(*_told: object) -> None:
        raise UnreadableError("holdings_workbook_entities")

    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = refuse
    parser.Parse(part, True)


def _open(content: bytes, *, data_only: bool) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=data_only, keep_links=False)


def _sheets(values: openpyxl.Workbook, formulas: openpyxl.Workbook | None) -> Iterator[list[Line]]:
    count = cells = 0
    for place, sheet in enumerate(values.worksheets[:MOST_SHEETS]):
        found = []
        beside = formulas.worksheets[place] if formulas else None
        sheet.reset_dimensions()  # a sheet may lie about its size
        rows = sheet.iter_rows(values_only=True)
        if beside:
            beside.reset_dimensions()
        texts = beside.iter_rows(values_only=True) if beside else iter(())
        for number, results in enumerate(rows, start=1):
            written = next(texts, results)
            cells += len(results) + 1
            if cells > MOST_CELLS:
                raise UnreadableError("holdings_too_many_cells", limit=MOST_CELLS)
            line = Line(number, tuple(map(_cell, results, written)))
            if any(str(cell).strip() for cell in line.cells):
                found.append(line)
                count += 1
                check_line(line, count)
        yield found


def _cell(result: object, written: object) -> Cell:
    if result is None:
        return "" if written is None else FORMULA
    if isinstance(result, bool):
        return str(result)
    if isinstance(result, int | float):
        return float(result) if math.isfinite(result) else ""
    if isinstance(result, datetime | date | time):
        return result.isoformat()
    if isinstance(result, timedelta):
        return str(result)
    return str(result)[: LONGEST_CELL + 1]
