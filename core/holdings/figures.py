"""Figures as files and people write them: 1.000,00 and 1,000.00, minus signs, currencies, pence, per cent."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from core.holdings.words import vocabulary

Cell = str | float

LONGEST_FIGURE = 60  # characters; longer text is no figure
LARGEST = 1e15  # units or money; more is a mistake
_LOOKALIKES = str.maketrans("−‐‑‒–—﹣－’‘`´\u202f\u2009\u2007\u00a0", "--------''''    ")
_GROUPED = re.compile(r"\d{1,3}([ '])\d{3}(?:\1\d{3})*(?:[.,]\d+)?", re.ASCII)
_BODY = re.compile(r"(?:\d[\d.,]*|[.,]\d+)(?:e[+-]?\d{1,2})?", re.ASCII | re.IGNORECASE)
_SIMPLE = re.compile(r"-?\d{1,12}(?:[.,]\d{1,2})?", re.ASCII)
_ROUND = re.compile(r"(?<=\d)[.,]-{1,2}$")  # 12,- and 12.--


class Shown(float):
    """A number of a workbook whose format shows it per cent, or with a currency.

    Attributes
    ----------
    currency : str or None
        ISO 4217.
    percent : bool
        Whether it is per cent; the number itself is as it is kept, 0.6 for 60 %.
    """

    currency: str | None
    percent: bool

    def __new__(cls, number: float, currency: str | None, percent: bool) -> Shown:
        """Return the number with what its format says of it."""
        one = super().__new__(cls, number)
        one.currency, one.percent = currency, percent
        return one

    def __str__(self) -> str:
        """Write it as the workbook shows it."""
        return f"{100 * self:.6g}%" if self.percent else f"{float(self):.15g}"


@dataclass(frozen=True)
class Figure:
    """A number as it was written.

    Attributes
    ----------
    number : float or None
        None where it is no number, or can be read in two ways.
    currency : str or None
        ISO 4217, where a sign, a code or a word stands beside it; pence are pounds already.
    percent : bool
        Whether it is per cent: 25 % is 0.25.
    readings : tuple of str
        Both ways to read it, where only they are possible.
    """

    number: float | None
    currency: str | None = None
    percent: bool = False
    readings: tuple[str, ...] = ()


def plain(text: str) -> str:
    """Return text with one kind of minus, blank, apostrophe and digit.

    Parameters
    ----------
    text : str
        Any.
    """
    return unicodedata.normalize("NFKC", text.translate(_LOOKALIKES)).strip()


def is_none(cell: Cell) -> bool:
    """Tell a cell that says nothing: blank, "--", "n/a".

    Parameters
    ----------
    cell : str or float
        As the file has it.
    """
    return not isinstance(cell, float) and plain(cell[:LONGEST_FIGURE]).casefold() in vocabulary().none


def figure(cell: Cell, decimal: str | None = None) -> Figure | None:
    """Read a cell that should hold a figure.

    Parameters
    ----------
    cell : str or float
        As the file has it.
    decimal : str or None
        Sign of decimals in its column, for a cell that can be read in two ways.

    Returns
    -------
    Figure or None
        None where the cell says nothing.

    Examples
    --------
    >>> figure("€ 8.250,00"), figure("(1,5) %").number
    (Figure(number=8250.0, currency='EUR', percent=False, readings=()), -0.015)
    >>> figure("1.000").readings, figure("1.000", ",").number
    (('1000', '1'), 1000.0)
    """
    if isinstance(cell, float):
        number = float(cell) if abs(cell) <= LARGEST else None
        return Figure(number, cell.currency, cell.percent) if isinstance(cell, Shown) else Figure(number)
    if _SIMPLE.fullmatch(cell):
        return Figure(float(cell.replace(",", ".")))
    if is_none(cell):
        return None
    text = plain(cell[: LONGEST_FIGURE + 1])
    if len(text) > LONGEST_FIGURE:
        return Figure(None)
    text, currency, per = _without_currency(text)
    text, first = _without_sign(text)
    second = last = ""
    if not currency:  # the sign may stand before the currency
        text, currency, per = _without_currency(text)
        text, second = _without_sign(text)
    percent = text.endswith("%")
    text = text.rstrip("% ").strip()
    if round_one := _ROUND.search(text):  # its sign is that of decimals
        text, decimal = text[: round_one.start()], round_one[0][0]
    text, last = _without_sign(text)
    signs = first + second + last
    number, readings = _number(text, decimal) if len(signs) < 2 else (None, ())  # "--5" is no number
    if number is None or abs(number) > LARGEST:
        return Figure(None, currency, percent, readings)
    return Figure((-1 if signs == "-" else 1) * number / per / (100 if percent else 1), currency, percent)


def _without_sign(text: str) -> tuple[str, str]:
    """The text without its sign; "+", "-" or "" for that."""
    if text[:1] == "(" and text[-1:] == ")":
        return text[1:-1].strip(), "-"
    if text[:1] in "+-" and text:
        return text[1:].strip(), text[0]
    if text[-1:] == "-" and text[-2:-1].isdigit():
        return text[:-1].strip(), "-"
    return text, ""


def _without_currency(text: str) -> tuple[str, str | None, int]:
    """The text without a currency at its beginning or its end; how many of what is written make one of it."""
    words = vocabulary()
    for found in (words.currency_before.match(text), words.currency_after.search(text)):
        if found:
            code, per = words.currency(found["currency"])
            rest = (text[: found.start()] + text[found.end() :]).strip()
            if rest:
                return rest, code, per
    return text, None, 1


def _number(text: str, decimal: str | None) -> tuple[float | None, tuple[str, ...]]:
    """The number, and both readings where there are two."""
    grouped = _GROUPED.fullmatch(text)
    if grouped:
        text = text.replace(grouped[1], "")
        return float(text.replace(",", ".")), ()
    if not _BODY.fullmatch(text):
        return None, ()
    shape = _shape(text)
    if shape == "both":
        last = max(text.rfind("."), text.rfind(","))
        other = "." if text[last] == "," else ","
        whole, fraction = text[:last].replace(other, ""), text[last + 1 :]
        return float(f"{whole}.{fraction or 0}"), ()
    if shape == "groups":
        return float(re.sub(r"[.,]", "", text)), ()
    if shape == "wrong":
        return None, ()
    if shape == "unclear":
        many, few = re.sub(r"[.,]", "", text), text.replace(",", ".")
        if decimal is None:
            return None, (many, f"{float(few):g}")
        return float(few if decimal in text else many), ()
    return float(text.replace(",", ".")), ()


def _shape(text: str) -> str:
    """How a number is written: "plain", "both" separators, "groups" of thousands, "unclear" or "wrong"."""
    points, commas = text.count("."), text.count(",")
    if points and commas:
        last = max(text.rfind("."), text.rfind(","))
        return "both" if text.count(text[last]) == 1 and _in_groups(text[:last]) else "wrong"
    if points + commas > 1:
        return "groups" if _in_groups(text) else "wrong"
    if points + commas == 1:
        before, after = re.split("[.,]", text)
        return (
            "unclear"
            if len(after) == 3 and after.isdigit() and re.fullmatch("[1-9][0-9]{0,2}", before)
            else "plain"
        )
    return "plain"


def _in_groups(text: str) -> bool:
    first, *others = re.split("[.,]", text)
    return bool(re.fullmatch("[1-9][0-9]{0,2}", first)) and all(
        re.fullmatch("[0-9]{3}", one) for one in others
    )


def decimal_sign(cells: Iterable[Cell]) -> set[str]:
    """Return the signs of decimals that figures of a column can only have: none, one, or both in a mixed one.

    Parameters
    ----------
    cells : iterable of str or float
        Of one column.

    Examples
    --------
    >>> decimal_sign(["1.000", "1.551,00"]), decimal_sign(["1.000", "40"])
    ({','}, set())
    """
    found = set()
    for cell in cells:
        if isinstance(cell, float):
            continue
        for text in re.findall(r"\d[\d.,]*\d", plain(cell[:LONGEST_FIGURE]), re.ASCII):
            shape = _shape(text)
            last = text[max(text.rfind("."), text.rfind(","))]
            if shape == "both" or (shape == "plain" and last in ".,"):
                found.add(last)
            elif shape == "groups":
                found.add("," if last == "." else ".")
    return found
