"""A file as lines of cells: its encoding, its separator, its limits. Nothing in a cell is ever computed."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from core.holdings.figures import LARGEST as LARGEST_NUMBER
from core.holdings.figures import Cell
from core.holdings.rows import LONGEST_SHOWN, UnreadableError

LARGEST = 2 * 1024 * 1024  # bytes of a file
MOST_ROWS = 4000  # rows of a file, blank ones not counted
MOST_COLUMNS = 200  # cells of a row
LONGEST_CELL = 4000  # characters
LONGEST_LINE = 20_000  # characters of a line
MOST_CONTROLS = 0.001  # share of characters that are no text; more is no text file
LOOKED_AT = 200  # rows in which the header is looked for to tell the separator
SEPARATORS = (",", ";", "\t", "|")
NESTED = ("{…}", "[…]")  # what stands for records and lists within a record
_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_ENDINGS = re.compile(r"\r\n|\r|\n|\x85|\u2028|\u2029")
_NO_TEXT = re.compile("[\x01-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ue000-\uf8ff]")
_SEPARATOR_SAID = re.compile(r"\Asep=.\n")  # to Excel; the rows tell it as well
_WEB_PAGE = re.compile(r"\s*<(?:!doctype\s+html|html|head|body|table|script|\?xml|svg)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Line:
    """One row of a file.

    Attributes
    ----------
    number : int
        Row (line) of the file, counted from 1.
    cells : tuple of (str or float)
        Numbers only where a workbook has them as numbers.
    """

    number: int
    cells: tuple[Cell, ...]


def text_of(content: bytes) -> str:
    """Decode a text file, whatever it was saved as; line endings become one.

    Parameters
    ----------
    content : bytes
        The whole file.

    Raises
    ------
    UnreadableError
        When it is no text.
    """
    for bom, encoding in _BOMS:
        if content.startswith(bom):
            return _no_page(_decoded(content[len(bom) :], encoding))
    if content[:4000].count(0) > len(content[:4000]) / 4:  # every second byte of Latin text in UTF-16
        odd = content[1:4000:2].count(0) > content[0:4000:2].count(0)
        return _no_page(_decoded(content, "utf-16-le" if odd else "utf-16-be"))
    try:
        return _no_page(content.decode("utf-8"))
    except UnicodeDecodeError as error:
        if error.reason == "unexpected end of data" and error.start >= len(content) - 3:
            return _no_page(content[: error.start].decode("utf-8"))  # cut off in the middle of a letter
    return _no_page(_decoded(content, "cp1252"))


def _decoded(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        if encoding.startswith("utf-16") and len(content) % 2:
            return _decoded(content[:-1], encoding)
        raise UnreadableError("holdings_binary") from None


def _no_page(text: str) -> str:
    if _WEB_PAGE.match(text):
        raise UnreadableError("holdings_web_page")
    return checked(text)


def checked(text: str) -> str:
    """Return text with one kind of line ending; refuse what is no text.

    Parameters
    ----------
    text : str
        Of a file or typed.

    Raises
    ------
    UnreadableError
        When it holds other than text, or lines without end.
    """
    if "\0" in text or len(_NO_TEXT.findall(text)) > MOST_CONTROLS * len(text):
        raise UnreadableError("holdings_binary")
    text = _ENDINGS.sub("\n", text.lstrip("\ufeff"))
    text = _SEPARATOR_SAID.sub("\n", text)
    for number, line in enumerate(text.split("\n"), start=1):
        if len(line) > LONGEST_LINE:
            raise UnreadableError("holdings_long_line", line=number, limit=LONGEST_LINE)
    return text


def check_size(content: bytes) -> None:
    """Refuse a file that is empty or too large.

    Parameters
    ----------
    content : bytes
        The whole file.

    Raises
    ------
    UnreadableError
        Saying which.
    """
    if len(content) > LARGEST:
        size, limit = len(content) // 1024, LARGEST // 1024
        raise UnreadableError("holdings_too_large", size=size, limit=limit)
    if not content.strip(b"\0\t\r\n \xef\xbb\xbf\xff\xfe"):
        raise UnreadableError("holdings_empty")


def lines_of(text: str, separator: str, most: int = MOST_ROWS) -> list[Line]:
    """Split a text into rows of cells.

    Parameters
    ----------
    text : str
        Of `text_of`.
    separator : str
        Between two cells.
    most : int
        How many rows there may be.

    Raises
    ------
    UnreadableError
        When a quotation mark is not closed, or a limit is passed.
    """
    found = []
    for line in _rows(text, separator):
        if any(str(cell).strip() for cell in line.cells):
            found.append(line)
            check_line(line, len(found), most)
    return found


def beginning_of(text: str, separator: str) -> list[Line]:
    """Split the first rows of a text, to see whether they make sense this way.

    Parameters
    ----------
    text : str
        Of `text_of`.
    separator : str
        Between two cells.
    """
    rows = csv.reader(text.split("\n", LOOKED_AT)[:LOOKED_AT], delimiter=separator, skipinitialspace=True)
    found: list[Line] = []
    with suppress(csv.Error):  # told once the whole file is split
        found += (Line(0, tuple(cells[:MOST_COLUMNS])) for cells in rows)
    return found


def check_line(line: Line, count: int, most: int = MOST_ROWS) -> None:
    """Refuse a file with too many rows, too many cells or too long ones.

    Parameters
    ----------
    line : Line
        The last one read.
    count : int
        How many have been read.
    most : int
        How many there may be.

    Raises
    ------
    UnreadableError
        Saying which limit was passed.
    """
    if count > most:
        raise UnreadableError("holdings_too_many_rows", limit=most)
    if len(line.cells) > MOST_COLUMNS:
        raise UnreadableError("holdings_too_many_columns", line=line.number, limit=MOST_COLUMNS)
    if any(isinstance(cell, str) and len(cell) > LONGEST_CELL for cell in line.cells):
        raise UnreadableError("holdings_long_line", line=line.number, limit=LONGEST_CELL)


def records_of(text: str) -> list[Line] | None:
    """Read a JSON export as rows: the longest list of records in it, with their keys as the header.

    Parameters
    ----------
    text : str
        Of `text_of`.

    Returns
    -------
    list of Line or None
        None where the text is no JSON.

    Raises
    ------
    UnreadableError
        When a limit is passed.
    """
    if text.lstrip()[:1] not in ("{", "["):
        return None
    try:
        told = json.loads(text)
    except (ValueError, RecursionError):
        return None
    lists = [one for one in (told.values() if isinstance(told, dict) else (told,)) if isinstance(one, list)]
    records = max(([one for one in some if isinstance(one, dict)] for some in lists), key=len, default=[])
    header = tuple(dict.fromkeys(name for one in records for name in one))[: MOST_COLUMNS + 1]
    found = [Line(0, header)]
    for row, one in enumerate(records, start=1):
        line = Line(row, tuple(_cell(one.get(name)) for name in header))
        if any(line.cells):
            found.append(line)
            check_line(line, len(found) - 1)
    return found


def _cell(value: object) -> Cell:
    if isinstance(value, dict | list) and value:
        return NESTED[isinstance(value, list)]
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return ""
    if isinstance(value, str):
        return value
    if value != value:  # no number
        return "NaN"
    return float(value) if abs(value) <= LARGEST_NUMBER else str(value)[:LONGEST_SHOWN]


def _rows(text: str, separator: str) -> Iterator[Line]:
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=separator, strict=True, skipinitialspace=True
    )
    start = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise UnreadableError("holdings_quotes", line=start) from None
        yield Line(start, tuple(cells))
        start = reader.line_num + 1
