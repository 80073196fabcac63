"""An Excel workbook as lines of cells, read by openpyxl once it is known to be small and without entities."""

from __future__ import annotations

import io
import math
import re
import warnings
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from xml.parsers import expat

import openpyxl
from openpyxl.cell.read_only import EmptyCell, ReadOnlyCell

from core.holdings.figures import Cell, Shown
from core.holdings.grids import LONGEST_CELL, MOST_ROWS, Line, check_line
from core.holdings.rows import UnreadableError
from core.holdings.words import vocabulary

MOST_PARTS = 300  # files within a workbook
MOST_UNPACKED = 24 * 1024 * 1024  # bytes of them all
MOST_BESIDE = 4 * 1024 * 1024  # bytes of those that are no sheet: texts, styles
MOST_SHEETS = 12
MOST_CELLS = 25_000  # in all sheets, blank ones between others included
MOST_MARKS = 6 * MOST_CELLS  # beginnings and ends of elements in all parts; reading them takes the time
FORMULA = "="  # what stands for a formula that has no result
_ROW = re.compile(rb"<(?:\w+:)?row(?:\s[^>]*)?(?<!/)>")  # that is not empty
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
_OF_A_PLACE = re.compile(r"\[\$([^\]-]+)-?([0-9A-Fa-f]*)\]")
_SIGN = re.compile(r"[€£$]|(?<![A-Za-z])[A-Z]{3}(?![A-Za-z])")
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
        rows = sheet.iter_rows()
        if beside:
            beside.reset_dimensions()
        texts = beside.iter_rows(values_only=True) if beside else iter(())
        for number, cells_of in enumerate(rows, start=1):
            results = [_result(cell) for cell in cells_of]
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


def _result(cell: ReadOnlyCell | EmptyCell) -> object:
    """What a cell holds; a number with what its format says it is."""
    value = cell.value
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    shown = str(cell.number_format)
    return Shown(value, *_shown_as(shown)) if shown != "General" else value


@lru_cache(maxsize=512)
def _shown_as(shown: str) -> tuple[str | None, bool]:
    """Currency and per cent of a number format, as [$€-2] #,##0.00 or 0%; a dollar may be another one."""
    first = shown[:200].split(";")[0]
    bare = _QUOTED.sub("", first)
    of_a_place = _OF_A_PLACE.search(first)
    if of_a_place:
        sign, place = of_a_place[1].strip(), of_a_place[2].lstrip("0").upper()
        sure = sign != "$" or place in ("", "409")
        return vocabulary().currency(sign)[0] if sure else None, "%" in bare
    words = _SIGN.findall(first)
    codes = {code for word in words if (code := vocabulary().currency(word)[0])}
    return next(iter(codes)) if len(codes) == 1 else None, "%" in bare


def _cell(result: object, written: object) -> Cell:
    if result is None:
        return "" if written is None else FORMULA
    if isinstance(result, bool):
        return str(result)
    if isinstance(result, Shown):
        return result
    if isinstance(result, int | float):
        return float(result) if math.isfinite(result) else ""
    if isinstance(result, datetime | date | time):
        return result.isoformat()
    if isinstance(result, timedelta):
        return str(result)
    return str(result)[: LONGEST_CELL + 1]
