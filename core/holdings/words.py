"""The words of brokers' files, all of `core/data/brokers.toml`: headers, layouts, currencies, rows."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from core.scenario.levers import DATA

_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_NO_WORD = re.compile(r"[^\w&%]|_")
_PARENTHESES = re.compile(r"^(.*?)\s*\((.*)\)\s*$", re.DOTALL)
LONGEST_HEADER = 100  # characters of a cell that names a column


@dataclass(frozen=True)
class Layout:
    """What is special about the files of one broker.

    Attributes
    ----------
    id : str
        Its key.
    headers : tuple of frozenset of str
        Sets of header words; a table that has all of one is of this layout.
    holds : str
        "positions", "transactions", "nothing", or "" where the rows tell.
    columns : mapping of str to str
        Header words that mean something else here; an empty text for a column to be passed over.
    sections : frozenset of str
        Names of the tables that hold positions, where many tables stand in one file.
    currency_by_suffix : mapping of str to str
        Currency by the ending of a symbol; "" for a symbol without one.
    currency : str
        Of all accounts at this broker, where there is but one.
    """

    id: str
    headers: tuple[frozenset[str], ...]
    holds: str
    columns: Mapping[str, str]
    sections: frozenset[str]
    currency_by_suffix: Mapping[str, str]
    currency: str = ""


@dataclass(frozen=True)
class Vocabulary:
    """The words of `brokers.toml`, each in small letters without signs (`key`).

    Attributes
    ----------
    columns : mapping of str to tuple of (str, int)
        What a column with this header word holds, and how good a word for it that is (0 is best).
    layouts : tuple of Layout
        In the order of the file.
    currencies : mapping of str to tuple of (str, int)
        Code by sign, word or code, and how many of it make one of that code (100 for pence).
    currency_before, currency_after : re.Pattern
        A currency at the beginning or the end of a figure.
    actions : tuple of (str, re.Pattern)
        What a row of a list of transactions is, by its words.
    deal : re.Pattern
        A deal in one cell, as "Buy 30 @ 139.80 EUR".
    not_done : frozenset of str
        What is said of an order that was not carried out.
    cash_endings : tuple of str
        Ends of names that are cash.
    total_words, cash, totals, pensions, none : frozenset of str
        First words of totals; names that are cash, totals or a pension; cells that say nothing.
    classes : mapping of str to tuple of str
        Words of a column that tells the kind of instrument, by "option", "bond", "cash", "share".
    option : re.Pattern
        Names that only an option has.
    units : frozenset of str
        Words for units beside a number.
    numbered : re.Pattern
        Names with a number of their own.
    typed : mapping of str to str
        Words of rows that hands write, as alternatives of a pattern, by what they say.
    debts : frozenset of str
        Names of what is owed.
    """

    columns: Mapping[str, tuple[str, int]]
    layouts: tuple[Layout, ...]
    currencies: Mapping[str, tuple[str, int]]
    currency_before: re.Pattern
    currency_after: re.Pattern
    actions: tuple[tuple[str, re.Pattern], ...]
    deal: re.Pattern
    not_done: frozenset[str]
    cash_endings: tuple[str, ...]
    total_words: frozenset[str]
    cash: frozenset[str]
    totals: frozenset[str]
    pensions: frozenset[str]
    none: frozenset[str]
    classes: Mapping[str, tuple[str, ...]]
    option: re.Pattern
    units: frozenset[str]
    numbered: re.Pattern
    typed: Mapping[str, str]
    debts: frozenset[str]

    def currency(self, text: str) -> tuple[str | None, int]:
        """Return the code of a currency, and how many of what is written make one of it.

        Parameters
        ----------
        text : str
            A sign, a code or a word.

        Examples
        --------
        >>> vocabulary().currency("GBX"), vocabulary().currency("euro"), vocabulary().currency("x")
        (('GBP', 100), ('EUR', 1), (None, 1))
        """
        text = text.strip()
        return self.currencies.get(text) or self.currencies.get(text.casefold()) or (None, 1)

    def column(self, header: str, more: Mapping[str, str]) -> tuple[str, int, str | None]:
        """Return what a column holds by its header: role ("" for none), rank (0 is best), currency.

        Parameters
        ----------
        header : str
            As the file has it.
        more : mapping of str to str
            Words that mean something else in this layout.
        """
        for half, words in enumerate(_spellings(header[:LONGEST_HEADER])):
            for text, currency in ((words, None), self._without_currency(words)):
                if text in more:
                    return more[text], 0, currency
                if text in self.columns:
                    role, rank = self.columns[text]
                    return role, rank + 1000 * half, currency
        return "", 0, None

    def _without_currency(self, words: str) -> tuple[str, str | None]:
        currency, rest = None, []
        for word in words.split():
            code = self.currencies.get(word, (None, 1))[0]
            if code and len(word) > 1:
                currency = code
            elif word != "in":
                rest.append(word)
        return " ".join(rest), currency

    def action(self, text: str) -> str:
        """Return what a row is by the words of its action: "buy", "sell", "dividend" …, "" for none of them.

        Parameters
        ----------
        text : str
            As the file has it.

        Examples
        --------
        >>> vocabulary().action("Verkoop fondsen"), vocabulary().action("Dividend (Ordinary)")
        ('sell', 'dividend')
        """
        words = key(text)
        return next((action for action, pattern in self.actions if pattern.search(words)), "")

    def instrument_class(self, text: str) -> str:
        """Return the kind of instrument that a cell names: "option", "bond", "cash", "share" or "".

        Parameters
        ----------
        text : str
            As the file has it.
        """
        words = f" {key(text)} "
        found = [kind for kind, names in self.classes.items() if any(f" {name} " in words for name in names)]
        return "share" if found == ["bond", "share"] else next(iter(found), "")  # a fund of bonds

    def is_class(self, words: str) -> bool:
        """Tell words that name a kind of instrument and nothing else.

        Parameters
        ----------
        words : str
            As `key` gives them.
        """
        return any(words in names for names in self.classes.values())


def key(text: str) -> str:
    """Return words without capitals, signs and double blanks, for comparing.

    Parameters
    ----------
    text : str
        Any.

    Examples
    --------
    >>> key("Symbool/ISIN"), key("CurrencyPrimary"), key("No. of shares"), key("% Of Account")
    ('symbool isin', 'currency primary', 'no of shares', '% of account')
    """
    text = _CAMEL.sub(" ", unicodedata.normalize("NFKC", text)).casefold()
    for sign, word in (("€", " eur "), ("$", " usd "), ("£", " gbp ")):
        text = text.replace(sign, word)
    return " ".join(_NO_WORD.sub(" ", text).split())


def _spellings(header: str) -> Iterable[str]:
    """The whole header; of "Qty (Quantity)" both halves too."""
    yield key(header)
    halves = _PARENTHESES.match(header)
    if halves and key(halves[1]):
        yield from (key(halves[1]), key(halves[2]))


@lru_cache(maxsize=1)
def vocabulary() -> Vocabulary:
    """Read the words from the data, once."""
    told = tomllib.loads((DATA / "brokers.toml").read_text(encoding="utf-8"))
    words, currencies = told["words"], {}
    for code in told["currencies"]["codes"]:
        currencies[code] = currencies[code.casefold()] = (code, 1)
    for code, names in told["currencies"]["names"].items():
        currencies |= dict.fromkeys(names, (code, 1))
    for code, names in told["currencies"]["hundredths"].items():
        currencies |= dict.fromkeys(names, (code, 100))
    one = "|".join(map(re.escape, sorted(currencies, key=len, reverse=True)))
    return Vocabulary(
        columns={
            key(word): (role, rank)
            for role, names in told["columns"].items()
            for rank, word in enumerate(names)
        },
        layouts=tuple(_layout(name, one, told["layouts"]) for name, one in told["layouts"].items()),
        currencies=currencies,
        # letters do not run on into a word; a sign may stand against the number
        currency_before=re.compile(rf"(?P<currency>{one})(?![^\W\d_])\s*"),
        currency_after=re.compile(rf"\s*(?<![^\W\d_])(?P<currency>{one})$"),
        actions=tuple((name, _any_of(names)) for name, names in told["actions"].items()),
        deal=re.compile(
            r"^\s*(?P<action>[^\W\d]+)\s+(?P<quantity>[+-]?[\d.,']{1,20}(?: \d{3}){0,3})\s+"
            r"(?:[^@\s][^@]{0,40})?@\s*"
            r"(?P<price>[+-]?[\d.,' ]{1,20})\s*(?P<currency>[A-Za-z]{3})?\b"
        ),
        cash_endings=tuple(f" {key(one)}" for one in words["cash_endings"]),
        not_done=frozenset(map(key, words["not_done"])),
        total_words=frozenset(map(key, words["total_words"])),
        cash=frozenset(map(key, words["cash"])),
        totals=frozenset(map(key, words["totals"])),
        pensions=frozenset(map(key, words["pensions"])),
        none=frozenset(words["none"]),
        classes={name: tuple(map(key, names)) for name, names in told["classes"].items()},
        option=re.compile("|".join(words["option_names"])),
        units=frozenset(words["units"]),
        numbered=re.compile(rf"(?<!\w)(?:{'|'.join(words['numbered_names'])})(?!\d)", re.IGNORECASE),
        typed={name: _alternatives(names) for name, names in told["typed"].items()},
        debts=frozenset(map(key, told["typed"]["debts"])),
    )


def _alternatives(names: Iterable[str]) -> str:
    return "|".join(map(re.escape, sorted(names, key=len, reverse=True)))


def _any_of(names: Iterable[str]) -> re.Pattern:
    words = [re.escape(key(name)) for name in names]
    long, letters = [one for one in words if len(one) > 1], [one for one in words if len(one) == 1]
    alone = f"|^(?:{'|'.join(letters)})$" if letters else ""
    return re.compile(rf"\b(?:{'|'.join(long)})\b{alone}")


def _layout(name: str, told: Mapping, every: Mapping) -> Layout:
    others = every[told["symbols_of"]]["currency_by_suffix"] if "symbols_of" in told else {}
    suffixes = {ending: currency for ending, currency in others.items() if ending}
    return Layout(
        id=name,
        headers=tuple(frozenset(map(key, one)) for one in told["headers"]),
        holds=told.get("holds", ""),
        columns={key(word): role for word, role in told.get("columns", {}).items()},
        sections=frozenset(map(key, told.get("sections", ()))),
        currency_by_suffix=told.get("currency_by_suffix", suffixes),
        currency=told.get("currency", ""),
    )
