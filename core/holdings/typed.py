"""Rows as hands write or paste them: "40 CRWV", "Meesman € 8.250,00", "S&P 500 tracker 25%", "pensioen"."""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from core.holdings.figures import Figure, decimal_sign, figure, plain
from core.holdings.grids import Line
from core.holdings.positions import is_formula, known_or_told, left_out, names_cash, unclear, without_exchange
from core.holdings.rows import Holding, LeftOut, Read, UnreadableError, is_isin, shown
from core.holdings.words import key, vocabulary
from core.scenario.text import echo

LONGEST_ROW = 200  # characters of a row that is typed
MOST_TYPED = 1000  # rows
LONGEST_NAME = 60  # characters of a row without any figure; longer ones are sentences
MOST_FIGURES = 4  # in a text without separators
NOTHING_TOLD = {"holdings_remark", "holdings_no_name", "holdings_no_number", "holdings_long_row"}
NEAR = 0.006  # of an amount: how far units times price may be off, as prices are rounded
_ISIN = re.compile(r"(?<!\w)[A-Za-z]{2}[A-Za-z0-9]{9}\d(?!\w)", re.ASCII)
_MANY_DIGITS = re.compile(r"[\d.,']{40}", re.ASCII)
_ABOUT_ISIN = re.compile(rf"[(\[]\s*({_ISIN.pattern})\s*[)\]]|\s[-–—]\s+({_ISIN.pattern})(?:\s+[-–—](?=\s))?")
_LISTED = re.compile(r"^\s*(?:[-*•]\s+(?=[^\W\d])|\d{1,3}[.)]\s+)")  # the sign or number of a list
_FIELDS = re.compile(r"\t|;|\||\s{2,}")
_QUOTED = re.compile(r'^\s*"|,\s*"|",')
_GLUED = re.compile(r"(?<=[A-Za-z])[,:=](?=\d)|(?<=\d)[,:=](?=[A-Za-z])")
_DIGITS = r"\d(?:[\d.,']{0,30}\d)?"
_NUMBER = rf"[+-]?(?:\({_DIGITS}\)|{_DIGITS})(?:[.,]--?)?"
_TIMES = re.compile(rf"^\s*\d+\s?[xX]\s.*\s{_NUMBER}\s*$")
_TICKER = re.compile(r"[A-Z][A-Z0-9]{0,5}(?:\.[A-Z]{1,2})?|[a-z]{2,5}", re.ASCII)
_IN_BRACKETS = re.compile(r"\((?:[A-Z]{2,8}:\s?)?([A-Z0-9.]{1,6})\)$")
_EDGE = " ,;:|@()[]\"'-–—•*·=/"
_EMPTY = re.compile(r"\(\s*\)")
_SHORT = re.compile(
    r"\b[Ss]hort\s+\d|\d\s+[Ss]hort\s+[A-Z]{2,5}\s*$|^\s*[Ss]hort\s+[A-Z]{2,5}\s+\d|\d\s+[Ss]hort\s*$"
)
_SIGNS = re.compile(r"(?<!\S)[+-]{2,}\d[\d.,]*")
_SEPARATORS = re.compile(r"[\t;|]+")
_SHOUTED = re.compile(r"[!?]+(?=\s|$)|(?<!\S)\$(?=[A-Za-z]{1,6}\b)")  # "CRWV!" and "$CRWV"
_GLUED_SIGN = re.compile(r"(?<=[^\W\d_]{3})(?=[€$£¥]\s?\d)")  # "CRWV€500", but not "US$500"
_MULTIPLE = re.compile(r"\S\s+\d(?:[.,]\d)?[xX]\s+(?=[^\W\d])")  # of "Long 3x NVDA"
_YEAR = re.compile(r"20[1-9]\d")
_OF = re.compile(r"^(?:of|van|von|in|à)\s+")  # and not of "Van Eck"


@dataclass
class _Found:
    """The figures of a row by what they are, and the text that is left."""

    money: list[Figure] = field(default_factory=list)
    bare: list[Figure] = field(default_factory=list)
    units: list[Figure] = field(default_factory=list)
    percent: list[Figure] = field(default_factory=list)
    price_currency: str | None = None
    name: str = ""


def typed_lines(text: str, *, of_a_file: bool) -> Read:
    """Read lines that no header explains: a bare number is units, one with a currency an amount.

    Parameters
    ----------
    text : str
        Lines.
    of_a_file : bool
        Whether it is a file, in which most lines must hold a figure or a securities number.

    Raises
    ------
    UnreadableError
        When there are too many lines, or when a file is something else.
    """
    lines = [
        (number, line) for number, line in enumerate(text.split("\n"), start=1) if line.strip(_EDGE + "\t")
    ]
    if len(lines) > MOST_TYPED:
        raise UnreadableError("holdings_too_many_rows", limit=MOST_TYPED)
    signs = decimal_sign(part for _, line in lines for part in _masked(line[:LONGEST_ROW])[0].split())
    decimal = next(iter(signs)) if len(signs) == 1 else None
    read = [_row(Line(number, (line,)), decimal) for number, line in lines]
    holdings = [one for one in read if isinstance(one, Holding)]
    told = [
        one for one in holdings if one.isin or one.kind or (one.quantity, one.value, one.share) != (None,) * 3
    ]
    asked = [one for one in read if isinstance(one, LeftOut) and one.reason.code not in NOTHING_TOLD]
    if of_a_file and len(told) + len(asked) < max(1, len(lines) / 2):
        raise UnreadableError("holdings_no_table")
    return Read(tuple(holdings), tuple(one for one in read if isinstance(one, LeftOut)), "typed")


def _row(line: Line, decimal: str | None) -> Holding | LeftOut:
    written = str(line.cells[0])
    if len(written) > LONGEST_ROW:
        return left_out(line, "long_row", limit=LONGEST_ROW)
    if digits := _MANY_DIGITS.search(written):
        return left_out(line, "no_number", given=echo(digits[0]))
    whole = _SEPARATORS.sub(" ", plain(written))
    if signs := _SIGNS.search(whole):
        return left_out(line, "no_number", given=echo(signs[0]))
    if _names_option(whole):
        return left_out(line, "option")
    if _SHORT.search(whole):
        return left_out(line, "short")
    if _hand("sold").search(whole) or _hand("sell", "order").search(whole):
        return left_out(line, "sold")
    if _hand("regular").search(whole):
        return left_out(line, "regular")
    isin = wrong = None
    for found in _ISIN.finditer(written):
        isin, wrong = (found[0].upper(), wrong) if is_isin(found[0].upper()) else (isin, found[0].upper())
    if is_formula(written):
        return left_out(line, "formula", given=echo(written.strip()))
    written = _tidied(written)
    written = _ABOUT_ISIN.sub(lambda found: f" {found[1] or found[2]} ", _LISTED.sub("", written))
    bought = _hand("bought", "row").search(written) or _hand("buy", "order").search(written)
    if bought:
        written = f"{written[: bought.start()].rstrip(' ')} {written[bought.end() :].lstrip(' ')}"
    parts = [part for part in _fields(written.strip()) if part]
    got = _of_fields(parts, decimal) if len(parts) > 1 else _of_text("".join(parts), decimal)
    if isinstance(got, str):
        return left_out(line, got)
    for one in (*got.money, *got.bare, *got.units, *got.percent):
        if one.number is None:
            return unclear(line, _given(one, written), one)
    if bought:  # what was paid is not what it is worth
        got.price_currency = got.money[0].currency if got.money else got.price_currency
        got.money = []
    return _holding(line, got, isin, wrong)


def _given(one: Figure, written: str) -> str:
    """The figure that is no number, or can be read in two ways, as it was written."""
    for part in re.findall(r"\d[\d.,]*", written):
        found = figure(part)
        if re.sub(r"[.,]", "", part) in one.readings[:1] or (
            not one.readings and found and found.number is None and not found.readings
        ):
            return part
    return written


def _names_option(text: str) -> bool:
    """Whether a row tells of an option or a multiple of a share, and of no fund that sells options."""
    if vocabulary().option.search(text):
        return True
    if _MULTIPLE.search(text) and _hand("leveraged").search(text):
        return True
    return bool(_hand("options").search(text)) and not _hand("option_funds").search(text)


def _tidied(text: str) -> str:
    """A row without pictures, cries, and the day on which it began."""
    seen = "".join(
        "\0" if unicodedata.category(one) == "So" or one in "\ufe0f\u200d" else one for one in text
    )
    text = _GLUED_SIGN.sub(" ", _SHOUTED.sub("", re.sub(r" ?\0+ ?", " ", seen)))
    return text if _coupon().search(text) else _dated().sub(" ", text)


def _trimmed(name: str) -> str:
    """A name without what stood between it and figures; a bracket that it opens is closed."""
    name = _OF.sub("", name.strip(_EDGE)).strip(_EDGE)
    return f"{name})" if name.count("(") > name.count(")") else name


def _holding(line: Line, got: _Found, isin: str | None, wrong: str | None) -> Holding | LeftOut:
    name = _trimmed(got.name)
    bracketed = _IN_BRACKETS.search(name)
    ticker = bracketed[1] if bracketed else name.upper() if _TICKER.fullmatch(name) else None
    ticker = without_exchange(ticker) if ticker else None
    name = shown(name)
    units, value, currency = _amounts(got)
    share = got.percent[0].number if got.percent and units is None and value is None else None
    kind = _kind(name) if not isin else None
    if key(name) in vocabulary().debts or (value is not None and _hand("debts_to", "start").match(name)):
        return left_out(line, "owed")
    if key(name) in vocabulary().totals:
        return left_out(line, "total")
    if not name and not isin:
        return left_out(line, "wrong_isin", given=wrong) if wrong else left_out(line, "no_name")
    if any(one is not None and one < 0 for one in (units, value, share)):
        return left_out(line, "debt" if kind == "cash" else "short")
    if units == 0 or value == 0 or share == 0:
        return left_out(line, "nothing_held")
    if share is not None and share > 1:
        return left_out(line, "over_all")
    if (units, value, share) == (None, None, None) and len(name) > LONGEST_NAME:
        return left_out(line, "remark")
    if kind == "cash" and units is not None and value is None:
        return left_out(line, "no_currency")
    if kind:
        ticker = None
    if kind == "cash" and units is not None and value is not None:
        units = None
    return known_or_told(
        line, Holding(line.number, name, ticker, isin, units, value, currency, share, kind), wrong
    )


def _kind(name: str) -> str | None:
    whole = key(name)
    if names_cash(name):
        return "cash"
    pensions = vocabulary().pensions
    return "pension" if whole in pensions or any(whole.startswith(f"{one} ") for one in pensions) else None


def _amounts(got: _Found) -> tuple[float | None, float | None, str | None]:
    """Units, worth and currency; of several amounts the one that is units times another number of the row."""
    units = (got.units or got.bare or [Figure(None)])[0].number
    currency = got.money[0].currency if got.money else got.price_currency
    if not got.money:
        return units, None, currency
    others = [*got.bare, *got.money]
    if units is None or (len(got.money) == 1 and len(got.bare) + len(got.units) == 1):
        return units, got.money[0].number, currency
    for one in got.money:
        for price in others:
            if price is not one and price.number != units and _product(units, price, one):
                return units, one.number, one.currency
    return units, None, currency


def _product(units: float, price: Figure, amount: Figure) -> bool:
    """Whether an amount is units times price, as near as rounding allows."""
    if price.number is None or amount.number is None:
        return False
    return abs(units * price.number - amount.number) <= NEAR * abs(amount.number)


# ---- One text without separators


def _of_text(text: str, decimal: str | None) -> _Found | str:
    """The figures within a text, and the name around them; a code of a message where they are unclear."""
    got = _Found()
    text, kept = _masked(plain(text))
    if re.search("[\ue000-\uf8ff][.,]\\d", text):  # "S&P 500,40"
        return "two_numbers"
    text = _hand("worth", "amount").sub(" ", _hand("about", "amount").sub("", text))
    if _shortened().search(text):
        return "shortened"
    if _are_several(text):
        return "several"
    if _TIMES.search(text):  # of "2x Leveraged 10" either may be the units
        return "two_numbers"
    text = _GLUED.sub(" ", text)
    joined = _join_thousands(text)
    if joined is None:
        return "two_numbers"
    text = joined
    for pattern, found in _patterns():
        while match := pattern.search(text):
            if found == "two_numbers":  # the currency may be that of either
                return found
            one = figure(match["figure"].replace("_", " ").rstrip("."), decimal) or Figure(None)
            units_beside = re.search(r"\d", text[: match.start()] + text[match.end() :]) or got.units
            if found == "price" or (found == "paid" and units_beside):
                got.price_currency = one.currency
            else:
                getattr(got, "money" if found == "paid" else found).append(one)
            text = f"{text[: match.start()]} {text[match.end() :]}"
            if len(got.money) + len(got.units) + len(got.percent) > MOST_FIGURES:
                return "two_numbers"
    text = " ".join(_EMPTY.sub(" ", text).split())
    if not got.units:
        start, end = (
            re.match(rf"^({_NUMBER})(?=[\s,;:]|$)", text.strip(",;: ").replace("_", " ", 0)),
            re.search(rf"(?:^|[\s,;:])({_NUMBER})$", text.strip(",;: ")),
        )
        text = text.strip(",;: ")
        if start and end and start.span(1) != end.span(1):
            return "two_numbers"
        only = start or end
        if only and (got.money or got.percent) and only is end and _YEAR.fullmatch(only[1]):
            only = None  # beside an amount, of "Treasury 2030"
        if only:
            got.bare.append(figure(only[1].replace("_", " "), decimal) or Figure(None))
            before, after = text[: only.start(1)].strip(), text[only.end(1) :].strip()
            if re.search(rf"(?:^|\s){_NUMBER}$", before) or re.match(rf"{_NUMBER}(?:\s|$)", after):
                return "two_numbers"
            text = f"{before} {after}"
    if len(got.money) > 1 or len(got.units) > 1:
        return "two_numbers"
    if (got.units or got.bare) and _another().search(text):
        return "several"
    got.name = _unmasked(text.strip(), kept)
    return got


@lru_cache(maxsize=1)
def _patterns() -> tuple[tuple[re.Pattern, str], ...]:
    """What a figure is, by what stands beside it, surest first."""
    words, before, after = vocabulary(), r"(?<![\w&.,'/-])", r"(?![\w&'-]|[.,]\d)"
    told, codes, number = words.typed, _codes(), _NUMBER.replace(r"[\d.,']", r"[\d.,'_]")
    each = rf"(?:\s*(?:{told['price_after']})(?!\w))"
    units = "|".join(map(re.escape, sorted(words.units, key=len, reverse=True)))
    money = rf"(?:-?\s?(?<![^\W\d_])(?:{codes})\s?{number}|{number}\s?(?:{codes})(?![^\W\d_])(?:\.(?!\S))?)"
    any_case = re.IGNORECASE
    any_money = rf"(?P<figure>-?[€$£¥]\s?{number}|{money})"
    return (
        (
            re.compile(
                rf"(?:(?<!\w)(?:{told['price_before']})\s?[:=]?|(?<=\d)\s*[x×*])\s*{any_money}{each}?"
            ),
            "price",
        ),
        (re.compile(rf"(?:(?<!\w)(?:{told['paid']})\s+)?{any_money}{each}"), "price"),
        (re.compile(rf"(?<!\w)(?:{told['paid']})\s+{any_money}"), "paid"),
        (re.compile(rf"(?<=\d)\s*[x×*]\s*{number}{after}"), "two_numbers"),
        (re.compile(rf"(?<!\S){number}\s+(?:{told['range']})\s+{number}{after}"), "two_numbers"),
        (re.compile(r"^\s*\d+(?:[.,]\d+)?[-/]\d+(?:[.,]\d+)?(?=\s)"), "two_numbers"),
        (re.compile(rf"(?<!\S)(?P<figure>-?[€$£¥]\s?{number})(?![\w&])"), "money"),
        (re.compile(rf"(?<!\w){number}\s?(?:{codes})\s?{number}"), "two_numbers"),
        (re.compile(rf"{before}(?P<figure>{money})(?![\w&])"), "money"),
        (re.compile(rf"{before}(?P<figure>{number}\s?%)"), "percent"),
        (re.compile(rf"{before}(?P<figure>{number})\s?(?:{units})(?!\w)\.?", any_case), "units"),
        (re.compile(rf"(?<!\w)x\s?(?P<figure>{number}){after}(?=\s*$)", any_case), "units"),
    )


@lru_cache
def _hand(name: str, place: str = "") -> re.Pattern:
    """Words of rows that hands write, in any case: anywhere, with what parts them, or where `place` says."""
    words = vocabulary().typed[name]
    whole = rf"(?<!\w)(?:{words})(?!\w)"
    places = {
        "start": rf"^\s*(?:{words})\s",
        "order": rf"^\s*(?:{words})(?:\s*[\t;|]\s*|\s+(?=\d|(?-i:[A-Z]{{2,5}})\s+\d))",
        "row": rf"{whole}\s*[\t;|]?",
        "amount": rf"(?<!\w)(?:{words})\s*[:=]?\s*(?=(?:[€$£¥]|(?:{_codes()})\s)?\s?\d)",
    }
    return re.compile(places.get(place, whole), re.IGNORECASE)


@lru_cache(maxsize=1)
def _shortened() -> re.Pattern:
    """A number that a letter or a word makes a thousand or a million times as large."""
    words, letter, body = vocabulary().typed["shortened"], "[kKmMbB]", r"\d[\d.,]*"
    return re.compile(  # 3M alone is a name
        rf"(?:[€$£¥]|(?<!\w)(?:{_codes()}))\s?{body}\s?{letter}(?!\w)|{body}{letter}\s?(?:[€$£¥]|(?:{_codes()})(?!\w|\s\d))"
        rf"|(?<![^\W\d])\d(?:[kKm]|\sk|[.,]\d+[MbB]|\s?(?i:{words}))(?!\w)"
    )


def _are_several(text: str) -> bool:
    """Whether each piece of a row is a holding by itself."""
    priced = text
    for pattern, found in _patterns():
        if found in ("price", "paid"):
            priced = pattern.sub(" ", priced)
    pieces = [piece for piece in _both().split(priced) if piece.strip(_EDGE)]
    if len(pieces) > 1 and all(map(_is_one, pieces)):
        return any(re.search(r"\d", piece) for piece in pieces)
    words = [word for word in re.split(r"[\s,:=/+&]+", _both().sub(" ", priced)) if word]
    names, figures = words[::2], words[1::2]
    if names and _is_number(names[0]):
        names, figures = figures, names
    return len(names) == len(figures) > 1 and all(map(_is_symbol, names)) and all(map(_is_number, figures))


def _is_one(piece: str) -> bool:
    return bool(_kind(piece) or _one().match(piece)) and not _is_number(piece)


def _is_symbol(word: str) -> bool:
    told = vocabulary()
    return bool(re.fullmatch(r"[A-Z][A-Z0-9]{1,5}(?:\.[A-Z]{1,2})?", word)) and not (
        told.currency(word)[0] or told.is_class(key(word)) or key(word) in told.units
    )


@lru_cache(maxsize=1)
def _one() -> re.Pattern:
    """A figure and a name behind it, or a name and a figure with nothing else behind it."""
    name, codes = r"[^\W\d]\S*(?:\s+\S+)*", _codes()
    money = rf"(?:(?:{codes})\s?{_NUMBER}|{_NUMBER}\s?(?:{codes})?)"
    return re.compile(rf"\s*(?:{_NUMBER}\s+\S*[^\W\d]|{name}\s+{money}\s*$)")


@lru_cache(maxsize=1)
def _both() -> re.Pattern:
    """What may stand between two holdings of a row."""
    both = vocabulary().typed["both"]
    return re.compile(rf",\s+|,(?=[^\W\d_])|;\s*|\s(?:{both}|[+&/])\s", re.IGNORECASE)


@lru_cache(maxsize=1)
def _another() -> re.Pattern:
    """A number within a name, beside what may stand between two holdings."""
    both, number = rf"(?:,\s|\s(?:{vocabulary().typed['both']}|[+&/])\s)", _DIGITS
    return re.compile(rf"(?<!\S){number}{both}|{both}{number}(?!\S)", re.IGNORECASE)


def _codes() -> str:
    return "|".join(map(re.escape, sorted(vocabulary().currencies, key=len, reverse=True)))


@lru_cache(maxsize=1)
def _beside_thousands() -> tuple[re.Pattern, re.Pattern]:
    """A currency just before a number, and one just behind it."""
    return re.compile(rf"(?:^|\s)(?:{_codes()})\s?$"), re.compile(rf"\s?(?:{_codes()})(?![^\W\d_])")


def _masked(text: str) -> tuple[str, list[str]]:
    """The text with names that hold numbers, and coupons, replaced by signs, and those names."""
    kept: list[str] = []

    def keep(found: re.Match) -> str:
        before, after = found.string[: found.start()], found.string[found.end() :]
        amount = _is_amount().match(after)
        if amount and (amount["units"] or not re.search(r"\d", before)):
            return found[0]
        kept.append(found[0])
        return chr(0xE000 + len(kept) - 1)

    return vocabulary().numbered.sub(keep, _coupon().sub(keep, text)), kept


@lru_cache(maxsize=1)
def _is_amount() -> re.Pattern:
    """What makes the number before it units, or the only amount of its row, whatever the name before that."""
    units = "|".join(map(re.escape, sorted(vocabulary().units, key=len, reverse=True)))
    return re.compile(
        rf"(?:[.,]\d+)?\s?(?:(?P<units>(?:{units})(?!\w)(?!\s?\d))|(?:{_codes()})[.\s]*$)", re.IGNORECASE
    )


@lru_cache(maxsize=1)
def _coupon() -> re.Pattern:
    """Per cents of a bond, with the year in which it is paid back."""
    since = vocabulary().typed["since"]
    word = rf"(?!(?:{since})\s)[^\W\d]\S*\s+"
    return re.compile(
        rf"(?<![\w.,])\d{{1,2}}(?:[.,]\d{{1,6}})?\s?%\s+(?:{word}){{0,3}}20\d\d(?!\w)", re.IGNORECASE
    )


@lru_cache(maxsize=1)
def _dated() -> re.Pattern:
    """A day, a month or a year since when something is held."""
    since, months = vocabulary().typed["since"], vocabulary().typed["months"]
    year, no_amount = r"(?:19|20)\d\d", rf"(?![\w%]|[.,]\d|\s?(?:{_codes()})(?!\w))"
    month = rf"(?:\d{{1,2}}\.?[\s-]+)?(?:{months})\.?[\s-]+"
    return re.compile(
        rf"(?<![\w.,])(?:(?:{since})\s+)?(?:{month}{year}|\d{{1,2}}([./-])\d{{1,2}}\1{year}|{year}-\d\d-\d\d){no_amount}"
        rf"|(?<!\w)(?:{since})\s+{year}{no_amount}",
        re.IGNORECASE,
    )


def _unmasked(text: str, kept: Sequence[str]) -> str:
    return "".join(kept[ord(one) - 0xE000] if 0 <= ord(one) - 0xE000 < len(kept) else one for one in text)


def _join_thousands(text: str) -> str | None:
    """The text with 12 000 as one number; None where 10 500 may be two."""
    currency_before, currency_after = _beside_thousands()
    for found in re.finditer(r"(?<![\w.,'-])\d{1,3}(?: \d{3})+(?:[.,]\d{1,2})?(?![\w.,])", text):
        first, *groups = re.split(r"[.,]", found[0])[0].split(" ")
        before, after = text[: found.start()], text[found.end() :]
        sure = (
            any(group.startswith("0") for group in groups)
            or currency_before.search(before)
            or (not before.strip() and currency_after.match(after))
        )
        if first == "0" or not sure:
            return None
        text = before + found[0].replace(" ", "_") + after
    return text


# ---- A row with separators


def _fields(written: str) -> list[str]:
    """The parts of a row, its securities number taken out; at commas only where texts stand in quotes."""
    if _QUOTED.search(written) or re.search(rf"(?:^|,){_ISIN.pattern}(?:,|$)", written):
        cells = next(csv.reader([_ISIN.sub("", written)]), [])
    else:
        cells = _FIELDS.split(_ISIN.sub("\t", written))
    return [cell.strip(" \t\"'") if len(cell.strip()) > 1 else cell.strip() for cell in cells]


def _of_fields(parts: Sequence[str], decimal: str | None) -> _Found | str:
    """The figures of a row whose parts stand apart: names, figures, and currencies of a figure beside."""
    words, got = vocabulary(), _Found()
    names: list[str] = []
    waiting: str | None = None
    for place, part in enumerate(parts):
        code, _ = words.currency(plain(part))
        follows = parts[place + 1] if place + 1 < len(parts) else ""
        if code and names and not _is_number(follows) and got.bare and place and _is_number(parts[place - 1]):
            got.money.append(Figure(got.bare[-1].number, code, readings=got.bare.pop().readings))
        elif code and _is_number(follows):
            waiting = code
        elif _is_number(part):
            one = figure(part, decimal) or Figure(None)
            currency, waiting = one.currency or waiting, None
            kind = got.percent if one.percent else got.money if currency else got.bare
            kind.append(Figure(one.number, currency, one.percent, one.readings))
        else:
            names.append(part)
    figures_stand_apart = bool(got.bare)
    if not figures_stand_apart and sum(map(_is_one, names)) > 1 and any(map(_one().match, names)):
        return "several"
    for part in names:
        inside = _of_text(part, decimal)
        if inside in ("shortened", "several"):
            return inside
        if isinstance(inside, _Found) and _only_units(inside) and not figures_stand_apart:
            got.units += inside.units
            got.bare += [] if inside.units else inside.bare
            got.money += inside.money
            got.percent += inside.percent
            got.name = got.name or inside.name
        else:
            got.name = got.name or part
    return got


def _only_units(inside: _Found) -> bool:
    """Whether a number beside a name is no part of it: it has a sign beside it, or stands by a symbol."""
    marked = inside.units or inside.money or inside.percent
    return bool(marked or not inside.bare or not inside.name or _TICKER.fullmatch(inside.name))


def _is_number(part: str) -> bool:
    found = figure(part)
    return found is not None and (found.number is not None or bool(found.readings))
