"""The one way in which figures leave the app as files: CSV and XLSX, in the reader's language.

Numbers stay numbers, words stay words, whatever they begin with.
"""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from io import BytesIO, StringIO

import streamlit as st
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE, Cell
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from pages.kit.visit import visit
from pages.kit.words.catalogue import N_, _, translations

Columns = Mapping[str, Sequence]

# Excel reads a CSV file without this mark in the code page of its computer, in English too: "Opgeëist", "–".
MARK = "\ufeff"
# What a spreadsheet takes for the end of a field: a Dutch one writes its decimals with the comma.
FIELDS_END = {"nl": ";", "en": ","}
SEEN_AS_FORMULA = ("=", "+", "-", "@", "\t", "\r")
YES, NO = N_("yes"), N_("no")
WIDEST = 48  # characters of a column
LONGEST_TITLE = 31  # characters of a sheet's name, in any case different from the others
NOT_IN_A_TITLE = re.compile(r"[\[\]:*?/\\]")

CSV_TYPE = "text/csv"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def offer_csv(
    columns: Columns | Callable[[], Columns], name: str, *, key: str, label: str = "", icon: str | None = None
) -> None:
    """Offer columns as a CSV file, written when it is asked for if a function makes them."""
    language = visit.language()  # a file that is asked for later is written without the visit

    def make() -> bytes:
        return csv_bytes(columns() if callable(columns) else columns, language)

    data = make if callable(columns) else make()
    title = label or _("Download CSV")
    st.download_button(title, data, f"{name}.csv", CSV_TYPE, key=key, on_click="ignore", icon=icon)


def offer_xlsx(sheets: Mapping[str, Columns], name: str, *, key: str) -> None:
    """Offer a workbook, which is written when it is asked for."""
    book, language = f"{name}.xlsx", visit.language()
    st.download_button(
        _("Download XLSX"), lambda: workbook(sheets, language), book, XLSX_TYPE, key=key, on_click="ignore"
    )


def csv_bytes(columns: Columns, language: str) -> bytes:
    r"""Return columns, headings to equally long values, as CSV with the signs of a language.

    What is not defined is an empty field; a minus is a hyphen, so that the number is one to any program; a
    text that a spreadsheet would take for a formula gets an apostrophe in front.

    >>> csv_bytes({"quarter": ["2026Q1"], "x": [-1.5]}, "en").decode("utf-8-sig")
    'quarter,x\n2026Q1,-1.5\n'
    >>> csv_bytes({"kwartaal": ["2026Q1", "=A1"], "x": [-1.5, None]}, "nl").decode("utf-8-sig")
    "kwartaal;x\n2026Q1;-1,5\n'=A1;\n"
    """
    out = StringIO()
    writer = csv.writer(out, delimiter=FIELDS_END[language], lineterminator="\n")
    writer.writerow(map(_disarmed, columns))
    for row in zip(*columns.values(), strict=True):
        writer.writerow([_field(_told(value, language), language) for value in row])
    return (MARK + out.getvalue()).encode()


def _told(value: object, language: str) -> object:
    """Return a value as files know it: a number, a text, or nothing; infinity and yes are texts."""
    if isinstance(value, bool):
        return translations(language).gettext(YES if value else NO)
    if isinstance(value, int):
        return int(value)
    if value is None or not isinstance(value, float):
        return None if value is None else str(value)
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    return None if math.isnan(value) else float(value)


def _field(value: object, language: str) -> str:
    if isinstance(value, int | float):
        text = format(Decimal(repr(value)), "f")
        return text.replace(".", ",") if language == "nl" else text
    return "" if value is None else _disarmed(str(value))


def _disarmed(text: str) -> str:
    safe = f"'{text}" if text.startswith(SEEN_AS_FORMULA) else text
    return safe.replace("\r", " ")  # would end the line


def workbook(sheets: Mapping[str, Columns], language: str) -> bytes:
    """Return a workbook with one sheet per name; a sheet maps headings to equally long columns.

    A text is never taken for a formula, whatever it begins with; what is not defined is an empty cell.
    """
    book = Workbook()
    book.remove(book.active)
    for title, columns in sheets.items():
        sheet = book.create_sheet(_title(title, book.sheetnames))
        for across, (heading, values) in enumerate(columns.items(), 1):
            _write(sheet.cell(1, across), heading)
            sheet.cell(1, across).font = Font(bold=True)
            for down, value in enumerate(values, 2):
                _write(sheet.cell(down, across), _told(value, language))
            width = max(len(str(value)) for value in (heading, *values))
            sheet.column_dimensions[get_column_letter(across)].width = min(width + 2, WIDEST)
        sheet.freeze_panes = "A2"
    out = BytesIO()
    book.save(out)
    return out.getvalue()


def _write(cell: Cell, value: object) -> None:
    if not isinstance(value, str):
        cell.value = value
        return
    cell.value = ILLEGAL_CHARACTERS_RE.sub("", value)
    cell.data_type = "s"
    # stays a text also when somebody edits the cell
    cell.quotePrefix = value.startswith(SEEN_AS_FORMULA)


def _title(wanted: str, taken: Sequence[str]) -> str:
    """Return a name that a sheet may have: short enough, without the signs of references, not there yet."""
    plain = NOT_IN_A_TITLE.sub(" ", wanted).strip().strip("'") or "1"
    title, number, known = plain[:LONGEST_TITLE], 1, {one.casefold() for one in taken}
    while title.casefold() in known:
        number += 1
        mark = f" {number}"
        title = plain[: LONGEST_TITLE - len(mark)] + mark
    return title
