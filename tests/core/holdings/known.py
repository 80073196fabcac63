"""Brokers' files of known content: ten layouts, styles of figures, encodings, orders of columns."""

from __future__ import annotations

import csv
import io
import math
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import openpyxl

from core.holdings.reader import read
from core.holdings.rows import UnreadableError
from core.scenario.messages import describe

SEED = 20261231
INSTRUMENTS = (
    ("COREWEAVE, INC. CLASS A", "CRWV", "US21873S1087", "USD"),
    ("Alphabet Inc. Class A", "GOOGL", "US02079K3059", "USD"),
    ("NVIDIA Corp", "NVDA", "US67066G1040", "USD"),
    ("Meta Platforms, Inc. Class A", "META", "US30303M1027", "USD"),
    ("Microsoft Corp", "MSFT", "US5949181045", "USD"),
    ("iShares Core S&P 500 UCITS ETF USD (Acc)", "CSPX", "IE00B5BMR087", "EUR"),
    ("Vanguard FTSE All-World UCITS ETF", "VWCE", "IE00BK5BQT80", "EUR"),
    ("Vanguard S&P 500 “Dist” für Anleger", "VUSA", "IE00B3XXRP09", "GBP"),
    ("Oracle Corp", "ORCL", "US68389X1054", "USD"),
    ("Blue Owl Capital", "OWL", "US09581B1035", "USD"),
)
Expected = dict[str, tuple[float | None, float | None, str | None]]


@dataclass(frozen=True)
class Good:
    """A file, what it is, and what must be read: units, worth and currency by securities number or symbol."""

    kind: str
    content: bytes
    expected: Expected


# ---- Figures and files


def written(number: float, style: str, digits: int = 2) -> str:
    """Return a number in a style: both signs of decimals, with and without groups of thousands."""
    text = f"{number:,.{digits}f}" if digits else f"{number:,.0f}"
    group, decimal = {
        "1.000,00": (".", ","),
        "1,000.00": (",", "."),
        "1000,00": ("", ","),
        "1000.00": ("", "."),
        "1 000,00": ("\u00a0", ","),
        "1'000.00": ("'", "."),
    }[style]
    return text.replace(",", "\1").replace(".", decimal).replace("\1", group)


STYLES = ("1.000,00", "1,000.00", "1000,00", "1000.00", "1 000,00", "1'000.00")


def minus(text: str, dice: random.Random) -> str:
    """Return a negative figure in one of the ways to write it."""
    return dice.choice((f"-{text}", f"\N{MINUS SIGN}{text}", f"({text})", f"{text}-"))


def packed(rows: list[list], dice: random.Random) -> bytes:
    """Return rows as a text file: separator, quotes, line endings and encoding by chance."""
    file = io.StringIO(newline="")
    csv.writer(
        file,
        delimiter=dice.choice(",;\t|"),
        quoting=dice.choice((csv.QUOTE_MINIMAL, csv.QUOTE_ALL)),
        lineterminator=dice.choice(("\n", "\r\n")),
    ).writerows(rows)
    text, encoding = (
        file.getvalue(),
        dice.choice(("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "be", "cp1252")),
    )
    if encoding == "be":
        return b"\xfe\xff" + text.encode("utf-16-be")
    return text.replace("\N{MINUS SIGN}", "-").encode(encoding)


def workbook(rows: list[list]) -> bytes:
    """Return rows as an Excel workbook."""
    book, file = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(file)
    return file.getvalue()


# ---- Good files. A layout gives blocks of columns that stay together: header words, and the cells of a row.


def _held(dice: random.Random) -> list[tuple]:
    chosen = dice.sample(INSTRUMENTS, dice.randint(2, 8))
    return [
        (*one, dice.choice((dice.randint(1, 4000), dice.randint(1, 900) / 8)), dice.randint(500, 90000) / 100)
        for one in chosen
    ]


def _table(
    dice: random.Random,
    blocks: list[tuple[list[str], Callable[[tuple], list]]],
    held: list[tuple],
    after: list,
) -> list[list]:
    """Rows with their columns in any order, some that say nothing of use, and lines above and below."""
    more = [
        (["Opmerking"], lambda _row: [dice.choice(("", "lange termijn", "x, y"))]),
        (["Cost basis"], lambda _row: ["12.00"]),
        (["Sector"], lambda _row: [dice.choice(("Technology", ""))]),
    ]
    blocks = [*blocks, *dice.sample(more, dice.randint(0, 3))]
    dice.shuffle(blocks)
    rows = [[cell for _, cells in blocks for cell in cells(row)] for row in held]
    header = [word for words, _ in blocks for word in words]
    above = dice.choice(([], [["Portfolio of 27 November 2026"]], [["Overzicht"], []]))
    below = dice.choice(([], [[]], [[], ["The data in this file are provided for information only."]]))
    return [*above, header, *rows, *after, *below]


def _units(dice: random.Random, style: str) -> Callable[[tuple], list]:
    return lambda row: [written(row[4], style, 0 if row[4] == int(row[4]) else 3)]


def _digits(row: tuple) -> float:
    return round(row[4] * row[5], 2)


def degiro_portfolio(dice: random.Random, style: str) -> tuple[list[list], Expected]:
    """Amount under the nameless column, currency under the name; the euro column counts."""
    held = _held(dice)
    blocks = [
        (["Product", "Symbool/ISIN"], lambda row: [row[0], row[2]]),
        (["Aantal"], _units(dice, style)),
        (["Slotkoers"], lambda row: [written(row[5], style)]),
        (["Lokale waarde", ""], lambda row: [row[3], written(_digits(row), style)]),
        (["Waarde in EUR"], lambda row: [written(round(_digits(row) / 2, 2), style)]),
    ]
    expected = {row[2]: (row[4], round(_digits(row) / 2, 2), "EUR") for row in held}
    return _table(dice, blocks, held, []), expected


def _positions(words: dict[str, str], with_isin: bool = True) -> Callable:
    def make(dice: random.Random, style: str) -> tuple[list[list], Expected]:
        held = _held(dice)
        blocks = [
            ([words["name"]], lambda row: [row[0]]),
            ([words["quantity"]], _units(dice, style)),
            ([words["value"]], lambda row: [written(_digits(row), style)]),
            ([words["currency"]], lambda row: [row[3]]),
        ]
        if with_isin:
            blocks.append(([words["isin"]], lambda row: [row[2]]))
        if "ticker" in words:
            blocks.append(([words["ticker"]], lambda row: [row[1]]))
        return _table(dice, blocks, held, []), {
            row[2] if with_isin else row[1]: (row[4], _digits(row), row[3]) for row in held
        }

    return make


def beside(dice: random.Random, style: str) -> tuple[list[list], Expected]:
    """Currency beside the figure, as a sign or a code, before or behind it."""
    held = [(*row[:3], dice.choice(("EUR", "USD", "GBP")), *row[4:]) for row in _held(dice)]
    signs = {"EUR": ("€ {}", "{} €", "EUR {}", "{} EUR"), "USD": ("${}", "USD {}"), "GBP": ("£{}", "{} GBP")}
    blocks = [
        (["Symbol", "Description"], lambda row: [row[1], row[0]]),
        (["Quantity"], _units(dice, style)),
        (["Current Value"], lambda row: [dice.choice(signs[row[3]]).format(written(_digits(row), style))]),
        (["Account Name"], lambda _row: ["Individual"]),
    ]
    return _table(dice, blocks, held, []), {row[1]: (row[4], _digits(row), row[3]) for row in held}


def _trades(dice: random.Random) -> tuple[list[tuple], Expected]:
    """Purchases, sales, income and costs in any order; one instrument is sold out."""
    rows, expected = [], {}
    for name, ticker, isin, currency, units, price in _held(dice):
        sold = dice.choice((0, 0, units / 2, units))
        rows.append((name, ticker, isin, currency, units, price, "buy"))
        if sold:
            rows.append((name, ticker, isin, currency, sold, price, "sell"))
        if dice.random() < 0.3:
            rows.append((name, ticker, isin, currency, units, 0.5, "dividend"))
        if units > sold:
            expected[isin] = (units - sold, None, currency)
    dice.shuffle(rows)
    return rows, expected


def _signed(row: tuple, text: str, dice: random.Random) -> str:
    return minus(text, dice) if row[6] == "sell" else text


def _transactions(words: dict[str, str], actions: dict[str, str], signed: bool) -> Callable:
    def make(dice: random.Random, style: str) -> tuple[list[list], Expected]:
        rows, expected = _trades(dice)

        def units(row: tuple) -> list:
            text = written(row[4], style, 4)
            return [_signed(row, text, dice) if signed else text]

        blocks = [
            ([words["date"]], lambda _row: [f"{dice.randint(1, 28):02}-0{dice.randint(1, 9)}-2026"]),
            ([words["action"]], lambda row: [actions[row[6]]]),
            ([words["name"]], lambda row: [row[0]]),
            ([words["isin"]], lambda row: [row[2]]),
            ([words["quantity"]], units),
            ([words["price"]], lambda row: [written(row[5], style)]),
            ([words["currency"]], lambda row: [row[3]]),
        ]
        return _table(dice, blocks, rows, []), expected

    return make


def deals(dice: random.Random, style: str) -> tuple[list[list], Expected]:
    """Units only within a text, as "Koop 30 @ 139.80 EUR"."""
    rows, expected = _trades(dice)
    say = {"buy": "Koop {} @ {} {}", "sell": "Verkoop {} @ {} {}", "dividend": "Dividend"}

    def event(row: tuple) -> list:
        return [say[row[6]].format(f"{row[4]:.4f}", f"{row[5]:.2f}", row[3])]

    blocks = [
        (["Transactiedatum"], lambda _row: [f"{dice.randint(1, 28):02}-mrt-2026"]),
        (["Instrument", "Instrument ISIN"], lambda row: [row[0], row[2]]),
        (["Instrumentsymbool"], lambda row: [f"{row[1]}:xnas"]),
        (["Acties"], event),
        (["Boekingsbedrag"], lambda row: [written(_digits(row), style)]),
    ]
    return _table(dice, blocks, rows, []), expected


GERMAN = {
    "name": "Wertpapiername",
    "isin": "ISIN",
    "quantity": "Stück",
    "value": "Wert",
    "currency": "Währung",
}
DUTCH = {
    "name": "Naam",
    "isin": "ISIN code",
    "quantity": "Aantal",
    "value": "Marktwaarde",
    "currency": "Valuta",
}
ENGLISH = {
    "name": "Security",
    "isin": "ISIN",
    "quantity": "Units",
    "value": "Market value",
    "currency": "Ccy",
}
SYMBOLS = {"name": "Name", "ticker": "Ticker", "quantity": "Shares", "value": "Value", "currency": "Currency"}
OLD_TRADES = {
    "date": "Datum",
    "action": "Type mutatie",
    "name": "Naam",
    "isin": "Isin code",
    "quantity": "Volume",
    "price": "Koers",
    "currency": "Valuta koers",
}
NEW_TRADES = {
    "date": "Time",
    "action": "Action",
    "name": "Name",
    "isin": "ISIN",
    "quantity": "No. of shares",
    "price": "Price / share",
    "currency": "Currency (Price / share)",
}
PLANS = {
    "date": "Datum",
    "action": "Typ",
    "name": "Wertpapier",
    "isin": "ISIN",
    "quantity": "Stück",
    "price": "Kurs",
    "currency": "Währung",
}
LAYOUTS: dict[str, Callable] = {
    "degiro_portfolio": degiro_portfolio,
    "german": _positions(GERMAN),
    "dutch": _positions(DUTCH),
    "english": _positions(ENGLISH),
    "symbols": _positions(SYMBOLS, with_isin=False),
    "beside": beside,
    "rabobank": _transactions(
        OLD_TRADES,
        {"buy": "Koop fondsen", "sell": "Verkoop fondsen", "dividend": "Contant dividend"},
        signed=True,
    ),
    "trading212": _transactions(
        NEW_TRADES,
        {"buy": "Market buy", "sell": "Limit sell", "dividend": "Dividend (Ordinary)"},
        signed=False,
    ),
    "plans": _transactions(
        PLANS, {"buy": "Sparplan", "sell": "Verkauf", "dividend": "Ausschüttung"}, signed=False
    ),
    "deals": deals,
}


def good_files(count: int, seed: int = SEED) -> Iterator[Good]:
    """Yield files of known content, each layout in turn."""
    dice = random.Random(seed)
    for number in range(count):
        kind = list(LAYOUTS)[number % len(LAYOUTS)]
        style = dice.choice(STYLES)
        rows, expected = LAYOUTS[kind](dice, style)
        content = workbook(rows) if dice.random() < 0.1 else packed(rows, dice)
        yield Good(f"{kind} {style}", content, expected)


def wrong(good: Good) -> str:
    """What was read otherwise than it is written; an empty text where nothing was."""
    try:
        found = read(good.content)
    except UnreadableError as error:
        return f"{good.kind}: {error}"
    got = {
        one.isin or one.ticker or one.name: (one.quantity, one.value, one.currency) for one in found.holdings
    }
    if got.keys() != good.expected.keys():
        left = [(one.text, describe(one.reason)) for one in found.left_out]
        return f"{good.kind}: {sorted(got)} instead of {sorted(good.expected)}; {left}"
    for name, wanted in good.expected.items():
        for one, other in zip(got[name], wanted, strict=True):
            same = (
                math.isclose(one, other, rel_tol=1e-9)
                if isinstance(other, float | int) and one
                else one == other
            )
            if not same:
                return f"{good.kind}: {name} {got[name]} instead of {wanted}"
    return ""
