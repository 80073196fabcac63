"""A broker's file or a typed text as rows of what somebody owns: bytes in, rows out; nothing is run or kept.

`read` takes a file of any layout that `core/data/brokers.toml` has words for, `typed` what hands write. What
is no holding is left out with a sentence; a file that is none is refused with one.
"""

from __future__ import annotations

import re
from dataclasses import replace

from core.holdings import grids, workbook
from core.holdings.figures import figure
from core.holdings.grids import Line
from core.holdings.positions import known, left_out, names_cash, positions
from core.holdings.rows import Holding, LeftOut, Read, UnreadableError, is_isin, shown
from core.holdings.tables import Table, is_bare, is_column, scaled, score, tables_of
from core.holdings.transactions import transactions
from core.holdings.typed import typed_lines
from core.holdings.words import key
from core.scenario.messages import Message
from core.scenario.text import echo

MOST_SHARED = 1.01  # of the whole, as per cents are rounded
_OTHER_TEXT = re.compile(r"[^\s:]*:[^\s:]*:")  # a list of a computer, with colons between
_OTHER_FILES = (
    (b"%PDF", "holdings_pdf"),
    (b"\xd0\xcf\x11\xe0", "holdings_old_workbook"),
    (b"{\\rtf", "holdings_binary"),
    (b"\x89PNG", "holdings_picture"),
    (b"\xff\xd8\xff", "holdings_picture"),
)


def read(content: bytes, name: str = "") -> Read:
    """Read a broker's file: text with separators or an Excel workbook, known by what stands in it.

    Parameters
    ----------
    content : bytes
        The whole file.
    name : str
        Its name; not needed, what stands in the file counts.

    Raises
    ------
    UnreadableError
        When the file is refused as a whole; its message says why and what to do.

    Examples
    --------
    >>> found = read(b"Product;ISIN;Aantal;Waarde EUR\\nCoreWeave;US21873S1087;12;832,76\\nTotaal;;;9\\n")
    >>> [(one.row, one.isin, one.quantity, one.value, one.currency) for one in found.holdings]
    [(2, 'US21873S1087', 12.0, 832.76, 'EUR')]
    >>> [(one.row, one.reason.code) for one in found.left_out]
    [(3, 'holdings_total')]
    """
    grids.check_size(content)
    for beginning, code in _OTHER_FILES:
        if content.startswith(beginning):
            raise UnreadableError(code)
    if workbook.is_workbook(content):
        return _within_all(_of_sheets(workbook.sheets_of(content)))
    text = grids.text_of(content)
    records = grids.records_of(text)
    if records is not None:
        return _within_all(_of_sheets([records]))
    return _within_all(_of_text(text) or typed_lines(_known_columns(text, of_a_file=True), of_a_file=True))


def typed(text: str) -> Read:
    """Read what somebody types or pastes: "40 CRWV", "Meesman € 8.250", or rows of a broker's page or file.

    Parameters
    ----------
    text : str
        Lines.

    Raises
    ------
    UnreadableError
        When it is too long or no text.

    Examples
    --------
    >>> found = typed("40 CRWV\\nMeesman   € 8.250,00\\nS&P 500 tracker 25%")
    >>> [(one.name, one.quantity, one.value, one.share) for one in found.holdings]
    [('CRWV', 40.0, None, None), ('Meesman', None, 8250.0, None), ('S&P 500 tracker', None, None, 0.25)]
    """
    if not text.strip():
        return Read((), (), "typed")
    grids.check_size(text.encode("utf-8", "replace"))
    text = grids.checked(text)
    return _within_all(_of_text(text) or typed_lines(_known_columns(text, of_a_file=False), of_a_file=False))


def _within_all(read: Read) -> Read:
    """Rows without their shares, where these are more than the whole: each is told."""
    whole = sum(one.share or 0.0 for one in read.holdings)
    if whole <= MOST_SHARED:
        return read
    over = Message("holdings_over_all_rows", {"given": f"{100 * whole:.6g}"})
    told = [
        LeftOut(one.row, one.name or one.ticker or one.isin or "", over) for one in read.holdings if one.share
    ]
    return replace(
        read,
        holdings=tuple(one for one in read.holdings if not one.share),
        left_out=tuple(sorted((*read.left_out, *told), key=lambda one: one.row)),
    )


def _of_text(text: str) -> Read | None:
    """The tables of a text, split where its beginning names most columns; None where no row names any."""
    most, best = max((score(grids.beginning_of(text, one)), one) for one in grids.SEPARATORS)
    return _of_sheets([grids.lines_of(text, best)]) if most else None


def _known_columns(text: str, *, of_a_file: bool) -> str:
    """Return a text that is no table; refuse one whose columns have other names, or figures without any."""
    filled = [line for line in text.split("\n") if line.strip()]
    if of_a_file and sum(map(bool, map(_OTHER_TEXT.match, filled))) > len(filled) / 2:
        raise UnreadableError("holdings_no_table")
    for separator in grids.SEPARATORS if of_a_file else grids.SEPARATORS[1:]:
        rows = [
            cells
            for line in grids.beginning_of(text, separator)
            if len(cells := [one for cell in line.cells if (one := str(cell).strip())]) > 1
        ]
        if not (rows and any(map(is_column, rows[0]))):
            rows = [cells for cells in rows if len(cells) > 2]
        if len(rows) < 2 and not (of_a_file and rows):
            continue
        if len(rows) < len(filled[: grids.LOOKED_AT]) / 2:  # a list of rows, some with such a sign in it
            continue
        counts = [sum(is_bare(cell) for cell in cells) for cells in rows]
        named = not any(is_bare(cell) or is_isin(cell) for cell in rows[0]) and sum(map(bool, counts[1:]))
        unnamed = of_a_file and sum(count > 1 for count in counts) > len(rows) / 2
        if (named and named >= (len(rows) - 1) / 2) or unnamed:
            raise UnreadableError("holdings_unknown_columns", given=echo(", ".join(rows[0])))
    return text


def _of_sheets(sheets: list[list[Line]]) -> Read:
    tables: list[Table] = []
    above: list[Line] = []
    for lines in sheets:
        found, before = tables_of(lines)
        tables += found
        above += before if found else []
    for table in tables:
        if header := scaled(table):
            raise UnreadableError("holdings_scaled", given=echo(header))
    if not tables:
        raise UnreadableError("holdings_no_table")
    holding = [(_holds(table), table) for table in tables]
    there = {kind for kind, table in holding if table.lines} or {kind for kind, _ in holding}
    if not any(table.lines for table in tables):
        raise UnreadableError("holdings_no_rows")
    main = next((kind for kind in ("positions", "transactions", "cash") if kind in there), None)
    if main is None:
        raise UnreadableError("holdings_no_table")
    traded, told = transactions([table for kind, table in holding if kind == main == "transactions"])
    held, also_told = positions(
        [table for kind, table in holding if kind == "cash" or kind == main != "transactions"]
    )
    others = [
        table.header for kind, table in holding if kind not in (main, "cash", "nothing") and table.lines
    ]
    holdings, out = [*traded, *held], [*told, *also_told]
    out += [left_out(line, "cash_beside" if _tells_cash(line) else "remark") for line in above]
    out += [left_out(line, "other_table") for line in others]
    layouts = [table.layout.id for kind, table in holding if kind in (main, "cash")]
    formulas = [one.row for one in out if one.reason.code == "holdings_formula"]
    if formulas and not holdings:
        raise UnreadableError("holdings_formulas", line=formulas[0])
    holdings = _named(holdings, tables)
    return Read(
        tuple(sorted(holdings, key=lambda one: one.row)),
        tuple(sorted(out, key=lambda one: one.row)),
        next((one for one in layouts if one != "table"), "table"),
    )


def _tells_cash(line: Line) -> bool:
    """Tell a row beside a table that says how much money there is."""
    filled = [cell for cell in line.cells if str(cell).strip()]
    name = key(str(filled[0]))
    found = figure(filled[1]) if len(filled) == 2 else None
    return bool(found and found.number) and (names_cash(name) or name == "total cash")


def _holds(table: Table) -> str:
    """What a table lists: as its layout says, else by whether its rows tell purchases and sales."""
    if table.layout.holds == "lots":
        return "transactions" if "action" in table.columns or _sells(table) else "positions"
    if table.layout.holds:
        return table.layout.holds
    if "quantity" not in table.columns and not {"value", "amount", "share", "deal"} & table.columns.keys():
        return "nothing"
    if "date" in table.columns and "action" not in table.columns and _sells_what_is_held(table):
        return "transactions"
    dated = {"date", "mark"} <= table.columns.keys() and "price" in table.columns
    return "transactions" if "action" in table.columns or "deal" in table.columns or dated else "positions"


def _sells(table: Table) -> bool:
    return any(str(table.cell(line, "quantity")).strip().startswith("-") for line in table.lines)


def _sells_what_is_held(table: Table) -> bool:
    """Whether of one thing both more and less than nothing stands in a table, as purchases and sales do."""
    signs: dict[str, set[bool]] = {}
    for line in table.lines:
        units = figure(table.cell(line, "quantity"))
        if units and units.number:
            signs.setdefault(known(table, line).key, set()).add(units.number > 0)
    return any(len(found) > 1 for found in signs.values())


def _named(holdings: list[Holding], tables: list[Table]) -> list[Holding]:
    """Holdings with the securities numbers and names that another table of the file gives their symbols."""
    found = {}
    for table in tables:
        if "isin" in table.columns and "ticker" in table.columns and _holds(table) == "nothing":
            for line in table.lines:
                found[table.text(line, "ticker")] = (table.text(line, "isin"), table.text(line, "name"))
    return [_with(one, *found.get(one.ticker or "", ("", ""))) for one in holdings]


def _with(one: Holding, isin: str, name: str) -> Holding:
    told = isin.upper() if is_isin(isin.upper()) else None
    if one.isin or not (told or name):
        return one
    return replace(one, isin=told, name=shown(name) if name and one.name == one.ticker else one.name)
