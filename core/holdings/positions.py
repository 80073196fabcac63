"""Rows of a table of positions: what is held, and why a row is not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from core.holdings.figures import Figure, figure, plain
from core.holdings.grids import NESTED, Line
from core.holdings.instruments import find
from core.holdings.rows import LONGEST_SHOWN, Holding, LeftOut, is_isin, looks_like_isin, shown
from core.holdings.tables import LONGEST_TEXT, Table, cell_at
from core.holdings.words import key, vocabulary
from core.scenario.messages import Message
from core.scenario.text import echo

LONGEST_BARE = 40  # characters of a row that is but a name; longer ones are remarks
_EXCHANGE = re.compile(r"(?P<symbol>[A-Z0-9.]{1,12}):[A-Za-z]{3,5}")
_SUFFIX = re.compile(r"(?P<symbol>[A-Z0-9^-]{1,12})\.(?P<suffix>[A-Z]{1,2})")
_FORMULA = re.compile(r"[=@]|[+-]\s?[A-Za-z]+[^|(]{0,40}[|(]")
_FUND = re.compile(r"(?i)\b(?:etfs?|etc|ucits|index|\w*funds?|\w*fonds|fondo|fonder|trackers?|sicav)\b")
_BOND = re.compile(  # a coupon and the day or year on which it is paid back: 9.25% 06/01/2030, 9 1/4 06/01/30
    r"\b\d{1,2}(?:[.,]\d{1,6})?\s?%.{0,30}(?:\b20\d\d|\d/\d\d)\b"
    r"|\b\d{1,2}(?: \d{1,2}/\d{1,2}|\.\d{1,5})? \d\d/\d\d/\d\d"
)
_TOO_LARGE = re.compile(r"[-+(]?\D{0,4}\d[\d.,' ]{14,}\D{0,4}|[-+]?[\d.,]+[eE]\+?\d+|[-+]?inf")
_SWEEP = re.compile(r"(?:[A-Z]{3}XX|FCASH|CORE)\*\*")  # money in waiting, as its symbol says
_PAIR = re.compile(r"(?P<symbol>[A-Za-z0-9.]{1,12})/(?P<currency>[A-Z]{3})")


@dataclass(frozen=True)
class Known:
    """What a row calls its instrument.

    Attributes
    ----------
    name, ticker, isin : str or None
        As in `Holding`.
    currency : str or None
        That the symbol tells.
    wrong_isin : str
        A securities number whose check digit is wrong.
    """

    name: str
    ticker: str | None
    isin: str | None
    currency: str | None = None
    wrong_isin: str = ""

    @property
    def key(self) -> str:
        """The same for two rows of one instrument."""
        return _key(self)


def _key(one: Known | Holding) -> str:
    return one.isin or one.ticker or one.name.casefold()


def left_out(line: Line, code: str, **params: str | int) -> LeftOut:
    """Leave a row out, with a sentence.

    Parameters
    ----------
    line : Line
        The row.
    code : str
        Of a message, without "holdings_".
    **params : str or int
        Its words.
    """
    return LeftOut(line.number, text_of(line), Message(f"holdings_{code}", params))


def nameless(line: Line, wrong_isin: str | None) -> LeftOut:
    """Leave a row out that does not say what it is.

    Parameters
    ----------
    line : Line
        The row.
    wrong_isin : str or None
        A securities number in it whose check digit is wrong.
    """
    return left_out(line, "wrong_isin", given=wrong_isin) if wrong_isin else left_out(line, "no_name")


def known_or_told(line: Line, holding: Holding, wrong_isin: str | None) -> Holding | LeftOut:
    """Return a holding, unless its securities number is wrong and nothing else says what it is.

    Parameters
    ----------
    line : Line
        The row.
    holding : Holding
        What was read of it.
    wrong_isin : str or None
        A securities number in it whose check digit is wrong.
    """
    return nameless(line, wrong_isin) if wrong_isin and not holding.isin and not find(holding) else holding


def text_of(line: Line) -> str:
    """Return a row as a text that can be shown.

    Parameters
    ----------
    line : Line
        The row.
    """
    texts = (f"{cell:.15g}" if isinstance(cell, float) else cell for cell in line.cells)
    return shown(", ".join(text.strip() for text in texts if text.strip()))


def known(table: Table, line: Line) -> Known:
    """Return what a row calls its instrument.

    Parameters
    ----------
    table : Table
        That it stands in.
    line : Line
        The row.
    """
    name, ticker = shown(table.text(line, "name")), shown(table.text(line, "ticker"))
    isin = re.sub(r"[\s-]", "", table.text(line, "isin")).upper()
    either = table.text(line, "id")
    currency = None
    if looks_like_isin(either.upper()):
        isin = isin or either.upper()
    else:
        ticker = ticker or shown(either)
    if looks_like_isin(ticker.upper()):
        isin, ticker = isin or ticker.upper(), ""
    if looks_like_isin(name.upper()):
        isin, name = isin or name.upper(), ""
    pair = _PAIR.fullmatch(table.text(line, "pair"))
    if pair:
        ticker, currency = pair["symbol"], vocabulary().currency(pair["currency"])[0]
    name = name or ticker
    ticker, told = _symbol(ticker, table)
    return Known(
        name,
        ticker or None,
        isin if is_isin(isin) else None,
        currency or told,
        isin if looks_like_isin(isin) and not is_isin(isin) else "",
    )


def _symbol(ticker: str, table: Table) -> tuple[str, str | None]:
    """A symbol without its exchange, and the currency that this layout gives to its ending."""
    exchange = _EXCHANGE.fullmatch(ticker)
    if exchange:
        return exchange["symbol"], None
    endings = table.layout.currency_by_suffix
    suffix = _SUFFIX.fullmatch(ticker)
    if suffix and endings.get(suffix["suffix"]):
        return suffix["symbol"], endings[suffix["suffix"]]
    return ticker, endings.get("") if ticker and not re.search(r"[.=^$]", ticker) else None


def without_exchange(ticker: str) -> str:
    """Return a symbol without the ending that says where it is traded.

    Parameters
    ----------
    ticker : str
        As written.

    Examples
    --------
    >>> without_exchange("VWCE.DE"), without_exchange("BRK.B")
    ('VWCE', 'BRK.B')
    """
    suffix = _SUFFIX.fullmatch(ticker)
    known_ones = next(one for one in vocabulary().layouts if "" in one.currency_by_suffix).currency_by_suffix
    return suffix["symbol"] if suffix and suffix["suffix"] in known_ones else ticker


def row_fault(table: Table, line: Line) -> LeftOut | None:
    """Leave a row out that is no holding whatever its figures are: totals, remarks, rows out of line.

    Parameters
    ----------
    table : Table
        That it stands in.
    line : Line
        The row.
    """
    words = vocabulary()
    filled = [str(cell).strip() for cell in line.cells if str(cell).strip()]
    names = {key(table.text(line, role)) for role in ("name", "ticker", "isin", "id")} | {
        key(filled[0][:LONGEST_TEXT])
    }
    plainly = {re.sub(r"\s+(?:eur|usd|gbp|chf)$", "", name) for name in names}
    if plainly & words.totals or str(cell_at(line, 1)) in ("Total", "SubTotal"):
        return left_out(line, "total")
    ends = {word for name in names for word in name.split(" ")[:: max(1, name.count(" "))]}
    if ends & words.total_words and _says_nothing_else(table, line):
        return left_out(line, "total")
    formula = next(
        (one for role in ("name", "ticker", "id") if is_formula(one := table.text(line, role))), None
    )
    if formula:
        return left_out(line, "formula", given=echo(formula))
    if (names | {key(table.text(line, "status"))}) & words.not_done:
        return left_out(line, "not_done")
    named = [table.text(line, role) for role in ("name", "ticker", "isin", "id")]
    if nested := next((one for one in named if one in NESTED), None):
        return left_out(line, "nested", given=nested)
    if len(filled) == 1:
        bare = len(line.cells) > 1 and filled[0] in named and len(filled[0]) <= LONGEST_BARE
        return left_out(line, "no_figures" if bare and not filled[0].endswith((".", ":")) else "remark")
    if any(str(cell).strip() for cell in line.cells[len(table.header.cells) :]) and not table_is_wide(table):
        return left_out(line, "columns")
    return None


def _says_nothing_else(table: Table, line: Line) -> bool:
    """Whether a row has neither units nor a securities number: "Totaal aandelen" has none, Total SE has."""
    isin = re.sub(r"[\s-]", "", table.text(line, "isin") + table.text(line, "id")).upper()
    return not is_isin(isin) and figure(table.cell(line, "quantity")) is None


def table_is_wide(table: Table) -> bool:
    """Tell a table whose rows all have more cells than its header, so that none of them is out of line.

    Parameters
    ----------
    table : Table
        Any.
    """
    widths = {
        len(line.cells) for line in table.lines if sum(bool(str(cell).strip()) for cell in line.cells) > 1
    }
    return len(widths) == 1


def is_formula(text: str) -> bool:
    """Tell text that a spreadsheet would compute or run; here it is left out, and is text in any case.

    Parameters
    ----------
    text : str
        Any.

    Examples
    --------
    >>> is_formula("=1+1"), is_formula("+cmd|' /C calc'!A0"), is_formula("-5"), is_formula("+5%")
    (True, True, False, False)
    """
    return bool(_FORMULA.match(text.lstrip()))


def unclear(line: Line, cell: object, found: Figure) -> LeftOut:
    """Leave a row out whose figure is none, or can be read in two ways.

    Parameters
    ----------
    line : Line
        The row.
    cell : object
        As the file has it.
    found : Figure
        What was read.
    """
    given = echo(str(cell).strip())
    if found.readings:
        return left_out(line, "ambiguous", given=given, many=found.readings[0], few=found.readings[1])
    if is_formula(str(cell)):
        return left_out(line, "formula", given=given)
    if found.percent and found.number is not None:
        return left_out(line, "percent", given=given)
    if _TOO_LARGE.fullmatch(plain(str(cell))):
        return left_out(line, "too_large_number", given=given)
    return left_out(line, "no_number", given=given)


def positions(tables: Sequence[Table]) -> tuple[list[Holding], list[LeftOut]]:
    """Read tables of positions, row by row.

    Parameters
    ----------
    tables : sequence of Table
        Settled; of one file.
    """
    read = [_position(table, line) for table in tables for line in table.lines]
    return (
        _added_up(one for one in read if isinstance(one, Holding)),
        [one for one in read if isinstance(one, LeftOut)],
    )


def _added_up(holdings: Iterable[Holding]) -> list[Holding]:
    """Rows of one instrument in one currency, as of two accounts, as one."""
    found: dict[tuple, Holding] = {}
    for one in holdings:
        same = (_key(one), one.currency, one.kind)
        found[same] = _sum(found[same], one) if same in found else one
    return list(found.values())


def _sum(one: Holding, other: Holding) -> Holding:
    def both(first: float | None, second: float | None) -> float | None:
        return None if first is None or second is None else round(first + second, 6)

    return replace(
        one,
        quantity=both(one.quantity, other.quantity),
        value=both(one.value, other.value),
        share=both(one.share, other.share),
    )


def _position(table: Table, line: Line) -> Holding | LeftOut:
    fault = row_fault(table, line)
    if fault:
        return fault
    what = known(table, line)
    kind = _kind(table, line, what)
    if kind == "option":
        return left_out(line, "option")
    if kind == "lot":
        return left_out(line, "lot")
    if kind == "bond":
        named = bond(what)
        if named is None:
            return left_out(line, "bond")
        what = named
    cell = table.cell(line, "quantity")
    quantity = table.figure_at(line, table.column("quantity"))
    if quantity and (quantity.number is None or quantity.percent):
        return unclear(line, cell, quantity)
    units = quantity.number if quantity else None
    value, currency, wrong = _value(table, line, what, units)
    if wrong:
        return wrong
    if kind == "bond" and not {"value", "amount"} & table.columns.keys():
        value = None  # the price of a bond is a part of its face value
    share = figure(table.cell(line, "share")) if units is None and value is None else None
    if share and share.number and not share.percent and table.fractions:
        given = echo(str(table.cell(line, "share")).strip())
        return left_out(line, "share_unclear", given=given, many=f"{100 * share.number:.6g}")
    part = share.number / (1 if share.percent else 100) if share and share.number is not None else None
    if units is None and value is None and part is None:
        return left_out(line, "no_figures")
    if kind == "cash":
        return _cash(line, what, units, value, currency)
    if not (what.name or what.ticker or what.isin):
        return nameless(line, what.wrong_isin)
    if (units or 0) < 0 or (units is None and (value or 0) < 0) or key(table.text(line, "side")) == "short":
        return left_out(line, "short")
    if units == 0 or (units is None and value == 0):
        return left_out(line, "nothing_held")
    if value is not None and value < 0:  # what a purchase cost is no worth
        value = None
    share_held = part if part and part > 0 else None
    held = Holding(line.number, what.name, what.ticker, what.isin, units, value, currency, share_held)
    return known_or_told(line, held, what.wrong_isin)


def _kind(table: Table, line: Line, what: Known) -> str | None:
    words = vocabulary()
    if table.column("detail") is not None and key(table.text(line, "detail")) not in (
        "summary",
        "position",
        "",
    ):
        return "lot"
    told = kind_told(table, line)
    names = [one for one in (what.name, what.ticker, table.text(line, "ticker")) if one]
    if told == "option" or (told != "cash" and any(map(words.option.search, names))):
        return "option"
    if told == "bond":
        return "bond"
    if what.isin:
        return None
    units = figure(table.cell(line, "quantity"))
    worth = figure(table.cell(line, "value"))
    by_itself = units is None or (worth is not None and units.number == worth.number)
    is_cash = any(map(names_cash, names)) or _SWEEP.fullmatch(table.text(line, "ticker"))
    if is_cash or (told == "cash" and (by_itself or any(words.currency(name)[0] for name in names))):
        return "cash"
    return None


def kind_told(table: Table, line: Line) -> str:
    """Return the kind of instrument that the columns of kinds name: "option", "bond", "cash", "share" or "".

    Parameters
    ----------
    table : Table
        That it stands in.
    line : Line
        The row.
    """
    cells = [str(cell_at(line, place))[:LONGEST_TEXT] for place in table.columns.get("class", ())]
    told = set(map(vocabulary().instrument_class, cells))
    name = table.text(line, "name")[:LONGEST_SHOWN]
    if "bond" in told and _FUND.search(name):  # that holds bonds
        return "share"
    if told <= {"", "share"} and _BOND.search(name):
        return "bond"
    return next((kind for kind in ("option", "bond", "cash", "share") if kind in told), "")


def bond(what: Known) -> Known | None:
    """Return a bond by its own name, never by the symbol of who owes it; None where nothing else names it.

    Parameters
    ----------
    what : Known
        As its row calls it.
    """
    named = what.isin or (what.name != what.ticker and re.search(r"\d", what.name))
    return replace(what, ticker=None) if named else None


def names_cash(name: str) -> bool:
    """Tell a name that means money in an account, with or without its currency.

    Parameters
    ----------
    name : str
        As written.
    """
    words = vocabulary()
    whole = key(name)
    bare = " ".join(word for word in whole.split() if not words.currency(word)[0])
    return whole in words.cash or bare in words.cash or whole.endswith(words.cash_endings)


def _cash(
    line: Line, what: Known, units: float | None, value: float | None, currency: str | None
) -> Holding | LeftOut:
    amount = units if value is None else value
    if amount is not None and amount < 0:
        return left_out(line, "debt")
    if not amount:
        return left_out(line, "nothing_held")
    own = next(
        (code for word in what.name.split() if (code := vocabulary().currency(word.strip("()"))[0])), None
    )
    currency = currency if value is not None else own or currency
    if value is None and currency:
        value, units = units, None
    return Holding(
        line.number, what.name, None, None, None if currency else units, value, currency, kind="cash"
    )


def _value(
    table: Table, line: Line, what: Known, units: float | None
) -> tuple[float | None, str | None, LeftOut | None]:
    """Worth and currency of a row: the file's own euro column first, else units at its price of today."""
    places = [place for role in ("value", "amount") for place in table.columns.get(role, ())]
    places.sort(key=lambda place: table.currencies.get(place) != "EUR")
    for place in places:
        cell = cell_at(line, place)
        found = table.figure_at(line, place)
        if found is None:
            continue
        if found.number is None or found.percent:
            return None, None, unclear(line, cell, found)
        currency, per = currency_of(table, line, place, found, what)
        return found.number / per, currency, None
    for place in table.columns.get("price_now", ())[:1]:
        price = table.figure_at(line, place) or Figure(None)
        if price.readings:
            return None, None, unclear(line, cell_at(line, place), price)
        if price.number is not None:
            currency, per = currency_of(table, line, place, price, what)
            return (None if units is None else round(units * price.number / per, 6)), currency, None
    bought = figure(table.cell(line, "price")) or Figure(None)
    return None, currency_of(table, line, table.column("price"), bought, what)[0], None


def currency_of(
    table: Table, line: Line, place: int | None, found: Figure, what: Known
) -> tuple[str | None, int]:
    """Return the currency of a figure and by how much it is divided (pence): from beside it to far from it.

    Parameters
    ----------
    table : Table
        That it stands in.
    line : Line
        Its row.
    place : int or None
        Its column.
    found : Figure
        As it was read.
    what : Known
        The instrument of its row.
    """
    words = vocabulary()
    if found.currency:
        return found.currency, 1  # pence beside a figure are divided already
    if place is not None and place in table.currencies:
        return table.currencies[place], table.hundredths.get(place, 1)
    for cell in (
        cell_at(line, table.beside.get(place)) if place is not None else "",
        table.cell(line, "currency"),
    ):
        currency, per = words.currency(plain(str(cell)))
        if currency:
            return currency, per
    return words.currency(what.currency or table.layout.currency)
