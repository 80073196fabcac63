"""Tables as an XLSX workbook; numbers stay numbers, words stay words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from io import BytesIO

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from pages.kit.words import numbers

WIDEST = 48  # characters of a column


def workbook(sheets: Mapping[str, Mapping[str, Sequence]]) -> bytes:
    """Return a workbook with one sheet per name; a sheet maps headings to equally long columns.

    A text is never taken for a formula, whatever it begins with; what is not defined is an empty cell.
    """
    book = Workbook()
    book.remove(book.active)
    for title, columns in sheets.items():
        sheet = book.create_sheet(title[:31])
        sheet.append(list(columns))
        for cell in sheet[1]:
            cell.font = Font(bold=True)
        for row in zip(*columns.values(), strict=True):
            sheet.append([None if isinstance(v, float) and numbers.missing(v) else v for v in row])
            for cell in sheet[sheet.max_row]:
                if isinstance(cell.value, str):
                    cell.data_type = "s"
        for i, (heading, values) in enumerate(columns.items(), 1):
            width = max(len(str(value)) for value in (heading, *values))
            sheet.column_dimensions[get_column_letter(i)].width = min(width + 2, WIDEST)
        sheet.freeze_panes = "A2"
    out = BytesIO()
    book.save(out)
    return out.getvalue()
