"""Where in a file the tables are, and what each column holds: by its header, else by what stands in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from core.holdings.figures import Cell, Figure, decimal_sign, figure, is_none, plain
from core.holdings.grids import Line
from core.holdings.rows import is_isin
from core.holdings.words import Layout, key, vocabulary

IDENTITY = ("isin", "id", "ticker", "name", "pair")
MEASURE = ("quantity", "value", "amount", "share", "action")
FIGURES = ("quantity", "price_now", "price", "value", "amount", "share")
_OF_WHAT = re.compile(r"\(([^)]+)\)\s*$")  # "Currency (Price / share)"
LONGEST_ACTION = 40  # characters of what tells a sale in a column of any name
LONGEST_TEXT = 200  # characters of a cell that count
MOST_LOOKED_AT = 200  # rows looked at to tell what a column holds
_HEADER_WORD = re.compile(r"[^\W\d_]+")
_SCALE = re.compile(  # beside a currency, in brackets or after "in"; a word for it anywhere
    r"(?i:\b(?:x|per|in)?\s?['’]?1?[.,' ]?000(?:[.,' ]?000)?(?:['’]?s)?\b|"
    r"\b(?:thousands?|millions?|billions?|duizend(?:en|tallen)?|miljoen(?:en)?|tausende?|tsd|mio|mln|mrd|millionen|milliers|migliaia|miles|millones|milioni|tusental?)\b)"
    r"|[(\s][kKmM]\s?(?:[€$£]|EUR|USD|GBP)?\s?\)?$|(?:[€$£]|EUR|USD|GBP)\s?(?:[kKmM]|bn|mn)\b"
    r"|\b(?:[kKtT]|mn|bn)\s?(?:[€$£]|EUR\b|USD\b|GBP\b)"
)
PLAIN = Layout("table", (), "", {}, frozenset(), {})


@dataclass
class Table:
    """One table of a file.

    Attributes
    ----------
    layout : Layout
        What is special about it.
    header : Line
        The names of its columns.
    columns : dict of str to list of int
        Columns by what they hold, best first.
    currencies : dict of int to str
        Currency that a column's header names.
    beside : dict of int to int
        For a column of figures the column with their currency.
    lines : list of Line
        Its rows.
    decimals : dict of int to str or None
        Sign of decimals by column, where it is certain.
    hundredths : dict of int to int
        How many of what a column counts in make one of its currency, where its header says pence.
    fractions : bool
        Whether all parts are at most one, so that 0.6 may be 60 % or 0.6 %.
    """

    layout: Layout
    header: Line
    columns: dict[str, list[int]]
    currencies: dict[int, str]
    beside: dict[int, int] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)
    decimals: dict[int, str | None] = field(default_factory=dict)
    hundredths: dict[int, int] = field(default_factory=dict)
    fractions: bool = False

    def column(self, role: str) -> int | None:
        """Return the best column for something, None where there is none.

        Parameters
        ----------
        role : str
            What it holds.
        """
        return self.columns.get(role, [None])[0]

    def cell(self, line: Line, role: str) -> Cell:
        """Return a cell of a row, an empty text where there is none.

        Parameters
        ----------
        line : Line
            A row of the table.
        role : str
            What the cell holds.
        """
        return cell_at(line, self.column(role))

    def text(self, line: Line, role: str) -> str:
        """Return a cell as text; "--" and the like are none.

        Parameters
        ----------
        line : Line
            A row of the table.
        role : str
            What the cell holds.
        """
        cell = self.cell(line, role)
        if isinstance(cell, float):
            return f"{cell:.15g}"
        return "" if is_none(cell) else " ".join(cell[:LONGEST_TEXT].split())

    def figure_at(self, line: Line, place: int | None) -> Figure | None:
        """Read the figure in a column as the column writes figures, None where there is none.

        Parameters
        ----------
        line : Line
            A row of the table.
        place : int or None
            The column.
        """
        return None if place is None else figure(cell_at(line, place), self.decimals.get(place))


def cell_at(line: Line, place: int | None) -> Cell:
    """Return the cell at a place, an empty text where the row is too short.

    Parameters
    ----------
    line : Line
        A row.
    place : int or None
        Counted from 0.
    """
    return "" if place is None or place >= len(line.cells) else line.cells[place]


def roles_of(cells: Sequence[Cell], layout: Layout = PLAIN) -> tuple[dict[str, list[int]], dict[int, str]]:
    """Return what columns hold by their headers, best first, and the currencies that headers name.

    Parameters
    ----------
    cells : sequence of (str or float)
        A row that may be a header.
    layout : Layout
        With words of its own.
    """
    ranked: dict[str, list[tuple[int, int]]] = {}
    currencies = {}
    for place, cell in enumerate(cells):
        if isinstance(cell, float) or not cell.strip():
            continue
        role, rank, currency = vocabulary().column(cell, layout.columns)
        if role:
            ranked.setdefault(role, []).append((rank, place))
            if currency:
                currencies[place] = currency
    return {role: [place for _, place in sorted(found)] for role, found in ranked.items()}, currencies


def is_header(line: Line) -> bool:
    """Tell a row that names columns: what is owned, and how much of it.

    Parameters
    ----------
    line : Line
        Any row.
    """
    filled = [cell for cell in line.cells if not isinstance(cell, str) or cell.strip()]
    if len(filled) < 2 or any(isinstance(cell, float) or _is_figure(cell) for cell in filled):
        return False
    roles, _ = roles_of(line.cells, layout_of(line.cells))
    return any(role in roles for role in IDENTITY) and any(role in roles for role in MEASURE)


def _is_figure(cell: str) -> bool:
    found = figure(cell)
    return found is not None and found.number is not None


def is_bare(cell: str) -> bool:
    """Tell a figure that nothing says what it is: no currency, no per cent.

    Parameters
    ----------
    cell : str
        As written.
    """
    found = figure(cell)
    return bool(
        found and not (found.currency or found.percent) and (found.number is not None or found.readings)
    )


def is_column(cell: str) -> bool:
    """Tell a word that names a column.

    Parameters
    ----------
    cell : str
        Of any row.
    """
    return bool(vocabulary().column(cell, {})[0])


def score(lines: Iterable[Line]) -> int:
    """Return how many columns the best header among rows names, 0 where there is none.

    Parameters
    ----------
    lines : iterable of Line
        Of a file, split in one way.
    """
    return max(
        (sum(map(len, roles_of(line.cells)[0].values())) for line in lines if is_header(line)), default=0
    )


def layout_of(cells: Sequence[Cell]) -> Layout:
    """Return the layout whose header words a row has; the one with most words where there are several.

    Parameters
    ----------
    cells : sequence of (str or float)
        A row that may be a header.
    """
    words = frozenset(key(cell) for cell in cells if isinstance(cell, str) and cell.strip())
    fitting = [
        (len(one), -place, layout)
        for place, layout in enumerate(vocabulary().layouts)
        for one in layout.headers
        if one <= words
    ]
    return max(fitting, key=lambda found: found[:2])[2] if fitting else PLAIN


def tables_of(lines: Sequence[Line]) -> tuple[list[Table], list[Line]]:
    """Find the tables among rows, and the rows above the first of them.

    Parameters
    ----------
    lines : sequence of Line
        Of a file or of one sheet.
    """
    sections = _sections(lines)
    if sections:
        return sections, []
    tables: list[Table] = []
    above = []
    for line in lines:
        if is_header(line):
            if not tables or line.cells != tables[-1].header.cells:
                tables.append(new_table(line, layout_of(line.cells)))
        elif tables:
            tables[-1].lines.append(line)
        else:
            above.append(line)
    for table in tables:
        settle(table)
    return tables, above


def _sections(lines: Sequence[Line]) -> list[Table]:
    """Tables of a file whose rows begin with the name of their table and "Header" or "Data"."""
    marked = [line for line in lines if len(line.cells) > 2 and line.cells[1] in ("Header", "Data")]
    if len(marked) < max(2, len(lines) / 2):
        return []
    tables: list[Table] = []
    names = frozenset().union(*(layout.sections for layout in vocabulary().layouts))
    for line in lines:
        section = key(str(line.cells[0]))
        if len(line.cells) > 2 and line.cells[1] == "Header":
            blank = Line(line.number, ("", "", *line.cells[2:]))
            layout = next((one for one in vocabulary().layouts if section in one.sections), PLAIN)
            if section not in names:
                layout = Layout(PLAIN.id, (), "nothing", {}, frozenset(), {})
            tables.append(new_table(blank, layout))
        elif tables:
            tables[-1].lines.append(line)
    for table in tables:
        settle(table)
    return tables


def new_table(header: Line, layout: Layout) -> Table:
    """Return a table without rows.

    Parameters
    ----------
    header : Line
        The names of its columns.
    layout : Layout
        What is special about it.
    """
    table = Table(layout, header, *roles_of(header.cells, layout))
    for place in [place for role in FIGURES for place in table.columns.get(role, ())]:
        words = _HEADER_WORD.findall(str(header.cells[place]))[1:]
        found = [vocabulary().currency(word) for word in words if word not in ("in", "a")]
        for code, per in found:
            if code and per > 1:
                table.currencies[place], table.hundredths[place] = code, per
    return table


def scaled(table: Table) -> str:
    """Return the header of a column of units or worth that counts in thousands or the like, "" for none.

    Parameters
    ----------
    table : Table
        Any.
    """
    headers = [
        str(table.header.cells[place])
        for role in ("quantity", "value", "amount")
        for place in table.columns.get(role, ())
    ]
    return next((header for header in headers if _SCALE.search(header)), "")


def settle(table: Table) -> None:
    """Find out from the rows of a table what its header does not say.

    Parameters
    ----------
    table : Table
        With all of its rows; columns, currencies beside them and signs of decimals are set.
    """
    words, looked_at = vocabulary(), table.lines[:MOST_LOOKED_AT]
    width = max((len(line.cells) for line in (table.header, *looked_at)), default=0)
    filled = {
        place: [cell for line in looked_at if not is_none(cell := cell_at(line, place))]
        for place in range(width)
    }
    nameless = {place for place in range(width) if not str(cell_at(table.header, place)).strip()}
    codes = {
        place for place in range(width) if _all(filled[place], lambda text: bool(words.currency(text)[0]))
    }
    for role in FIGURES:
        for place in list(table.columns.get(role, ())):
            if place in codes and place + 1 in nameless:  # the name stands over the currency
                table.columns[role][table.columns[role].index(place)] = place + 1
                table.beside[place + 1] = place
                nameless.discard(place + 1)
            elif place + 1 in nameless & codes:
                table.beside[place] = place + 1
    _settle_types(table, filled)
    _settle_names(table, filled)
    _settle_currencies(table)
    if "isin" not in table.columns:
        isins = [place for place in range(width) if _all(filled[place], lambda text: is_isin(text.upper()))]
        if isins and isins[0] not in table.columns.get("id", ()):
            table.columns["isin"] = isins
    _settle_action(table, filled)
    _settle_decimals(table, filled)
    parts = [one for line in table.lines if (one := figure(table.cell(line, "share")))]
    table.fractions = all(one.percent or one.number is None or abs(one.number) <= 1 for one in parts)


def _all(cells: Sequence[Cell], fits: object) -> bool:
    return bool(cells) and all(isinstance(cell, str) and fits(plain(cell)) for cell in cells)  # type: ignore[operator]


def _settle_types(table: Table, filled: Mapping[int, Sequence[Cell]]) -> None:
    """A column that is named like a name and tells kinds ("Aandelen"), or the same on every row."""
    words, places = vocabulary(), table.columns.get("name", [])
    told = {place: {key(cell) for cell in filled.get(place, ()) if isinstance(cell, str)} for place in places}
    kinds = [place for place in places if told[place] and all(map(words.is_class, told[place]))]
    if kinds and (len(kinds) < len(places) or {"ticker", "isin", "id"} & table.columns.keys()):
        table.columns["class"] = [*table.columns.get("class", ()), *kinds]
        table.columns["name"] = places = [place for place in places if place not in kinds]
    if places and len(table.lines) > 1 and len(told[places[0]]) == 1 and "date" not in table.columns:
        places.sort(key=lambda place: len(told[place]) < 2)
    if not places:
        table.columns.pop("name", None)


def _settle_names(table: Table, filled: Mapping[int, Sequence[Cell]]) -> None:
    """A column that is named like a name and holds figures only: "Position" is units, "Aandeel" a share."""
    for place in list(table.columns.get("name", ())):
        found = [figure(cell) for cell in filled.get(place, ())]
        if not found or not all(one and (one.number is not None or one.readings) for one in found):
            continue
        table.columns["name"].remove(place)
        role = "share" if all(one and one.percent for one in found) else "quantity"
        role = "value" if place in table.currencies else role
        if role not in table.columns:
            table.columns[role] = [place]
    if not table.columns.get("name", True):
        del table.columns["name"]


def _settle_currencies(table: Table) -> None:
    """Which of several currencies belongs to which figure: by its name, else to the right of it."""
    headers = {key(str(cell)): place for place, cell in enumerate(table.header.cells)}
    unnamed = []
    for place in table.columns.get("currency", ()):
        inside = _OF_WHAT.search(str(table.header.cells[place]))
        if inside and key(inside[1]) in headers:
            table.beside[headers[key(inside[1])]] = place
        else:
            unnamed.append(place)
    if len(unnamed) > 1:
        for place in (one for role in FIGURES for one in table.columns.get(role, ())):
            if place + 1 in unnamed:
                table.beside.setdefault(place, place + 1)


def _settle_action(table: Table, filled: Mapping[int, Sequence[Cell]]) -> None:
    """Which column tells purchase from sale: by deals, else by words; "Type" may be a kind of instrument."""
    words = vocabulary()
    texts = {
        place: [plain(cell) for cell in cells if isinstance(cell, str)]
        for place, cells in filled.items()
        if place not in table.columns.get("name", ())[:1]
    }
    deals = [place for place, cells in texts.items() if any(map(_is_deal, cells))]
    if deals:
        table.columns["deal"] = deals
        table.columns.setdefault("action", []).insert(0, deals[0])
        return
    trades = {
        place: sum(words.action(cell) in ("buy", "sell") for cell in texts.get(place, ()))
        for place in table.columns.get("action", ())
    }
    best = max(trades, key=lambda place: trades[place], default=None)
    if best is None or not trades[best]:
        dated = "date" in table.columns
        best = next((place for place, cells in texts.items() if _tells_trades(cells, dated)), None)
    if best is not None:
        table.columns["action"] = [best]
        return
    classes = [place for place in trades if any(map(words.instrument_class, texts.get(place, ())))]
    if classes:
        table.columns["class"] = list(dict.fromkeys((*table.columns.get("class", ()), *classes)))
    told = any(words.action(cell) for place in trades for cell in texts.get(place, ()))
    if classes or (not told and "date" not in table.columns):
        table.columns.pop("action", None)


def _tells_trades(cells: Sequence[str], dated: bool) -> bool:
    """Whether a column, whatever its name, says of every row what it is, and of some that they are trades."""
    if dated and any(
        vocabulary().action(cell) == "sell" and 1 < len(cell) <= LONGEST_ACTION for cell in cells
    ):
        return True
    actions = {vocabulary().action(cell) for cell in cells}
    return "" not in actions and bool(actions & {"buy", "sell"})


def _is_deal(text: str) -> bool:
    deal = vocabulary().deal.match(text)
    return bool(deal) and vocabulary().action(deal["action"]) in ("buy", "sell")  # type: ignore[index]


def _settle_decimals(table: Table, filled: Mapping[int, Sequence[Cell]]) -> None:
    """A column's own figures decide, else all figures of the table where they agree."""
    places = {place for role in (*FIGURES, "deal") for place in table.columns.get(role, ())}
    found = {place: decimal_sign(filled.get(place, ())) for place in places}
    everywhere = set().union(*found.values())
    for place, signs in found.items():
        certain = signs or everywhere
        table.decimals[place] = next(iter(certain)) if len(certain) == 1 else None
