"""What can be owned of this web, and which of it a row names: found or asked, never guessed."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from functools import lru_cache

from core.holdings.rows import Holding, is_isin
from core.sources import checked, facts
from core.web.snapshot import Schema
from core.web.web import DATA, Web

TABLE = "instruments"
COLUMNS = (
    *("id", "name", "isin", "ticker", "kind", "channel", "entity", "index", "lines", "other_names"),
    *("as_of", "basis", "confidence", "source", "note"),
)
KINDS = ("share", "beside", "bdc", "note", "fund", "index", "pension", "cash", "other")
CHANNELS = (
    *("neocloud", "guarantor", "customer", "manager", "lender", "note"),
    *("fund", "pension", "cash", "none", "unknown"),
)
SEPARATOR = "|"
TICKER = re.compile(r"[A-Z0-9]{3,5}")
MOST_ASKED = 4
NEAR = 0.75  # of difflib's likeness: a letter or two wrong in a word
BEGUN = 2  # letters at the beginning that are right
FUNDS_ABROAD = ("IE", "LU")  # where funds for Europe have their seat


@dataclass(frozen=True)
class Instrument:
    """Something that can be owned.

    Attributes
    ----------
    id, name : str
    isin, ticker : str or None
    kind : str
        One of `KINDS`; "index" is whatever fund follows an index, "beside" a share of somebody in the same
        trade with whom the model does not compute, "bdc" a listed fund of loans to firms.
    channel : str
        One of `CHANNELS`: how it hangs on the web.
    entity : str or None
        Id in the web.
    index : str or None
        Fund of `core.sources.weights` whose weights speak for it: its own, or those of a sister on the same
        index.
    lines : tuple of str
        Of a note: ids of the debt lines that it is or may be.
    other_names : tuple of str
    as_of, source, basis, confidence, note : str
        Where its number and its place in the web come from.
    """

    id: str
    name: str
    isin: str | None
    ticker: str | None
    kind: str
    channel: str
    entity: str | None
    index: str | None
    lines: tuple[str, ...]
    other_names: tuple[str, ...]
    as_of: str
    source: str
    basis: str
    confidence: str
    note: str


@lru_cache(maxsize=1)
def instruments() -> tuple[Instrument, ...]:
    """Everything that can be owned of this web, in the order of `core/data/instruments.csv`.

    Raises
    ------
    ValueError
        Naming the row when a kind, channel, basis, confidence, source, date or ISIN is wrong, or an id, ISIN
        or ticker stands there twice.

    Examples
    --------
    >>> instruments()[0].name, instruments()[0].channel
    ('CoreWeave', 'neocloud')
    """
    web = checked.sound_web()
    schema, found = Schema(web.snapshot), []
    taken: set[str] = set()
    for cells in checked.lines(TABLE, COLUMNS):
        _check(cells, schema, web.sources, facts.rows_of_any_date(), taken)
        taken |= {cells["id"], cells["isin"], cells["ticker"]} - {""}
        lines, other_names = (
            tuple(cells[column].split(SEPARATOR)) if cells[column] else ()
            for column in ("lines", "other_names")
        )
        told: dict = {column: cells[column] for column in COLUMNS}
        told |= {column: cells[column] or None for column in ("isin", "ticker", "entity", "index")}
        found.append(Instrument(**told | {"lines": lines, "other_names": other_names}))
    return tuple(found)


def instrument(ident: str) -> Instrument:
    """Return an instrument by its id.

    Parameters
    ----------
    ident : str

    Examples
    --------
    >>> instrument("nvda").entity
    'nvidia'
    """
    return next(one for one in instruments() if one.id == ident)


def _check(
    cells: Mapping[str, str],
    schema: Schema,
    sources: Collection[str],
    known: Collection[str],
    taken: Collection[str],
) -> None:
    """Refuse a line of the file that says something unknown."""
    for wrong, what in (
        (not cells["id"] or not cells["name"], "no id or no name"),
        (cells["kind"] not in KINDS, f"unknown kind {cells['kind']!r}"),
        (cells["channel"] not in CHANNELS, f"unknown channel {cells['channel']!r}"),
        (
            cells["entity"] and f"{cells['entity']}.name" not in known,
            f"{cells['entity']!r} is not in the web",
        ),
        (cells["isin"] and not is_isin(cells["isin"]), f"{cells['isin']!r} is no ISIN"),
        (cells["basis"] not in schema.bases, f"unknown basis {cells['basis']!r}"),
        (cells["confidence"] not in schema.confidences, f"unknown confidence {cells['confidence']!r}"),
        (cells["source"] not in sources, f"unknown source {cells['source']!r}"),
        ({cells["id"], cells["isin"], cells["ticker"]} & {*taken} - {""}, "stands there already"),
    ):
        if wrong:
            raise ValueError(f"{TABLE}.csv, row {cells['id']}: {what}")
    try:
        date.fromisoformat(cells["as_of"])
    except ValueError as error:
        raise ValueError(f"{TABLE}.csv, row {cells['id']}: {error}") from None


def find(holding: Holding) -> Instrument | None:
    """Find what a row is: by ISIN, else by ticker, else by its name; None where that is not certain.

    A row with an ISIN that is not on record is another security, whatever it is called: only instruments
    without a number, and funds that by name follow an index, are looked for then.

    Parameters
    ----------
    holding : Holding

    Examples
    --------
    >>> row = Holding(1, "", "CRWV", None, 40.0, None, None, None, None)
    >>> find(row).entity
    'coreweave'
    """
    if holding.kind in ("cash", "pension"):
        return next(one for one in instruments() if one.kind == holding.kind)
    if holding.isin in _numbers():
        return _numbers()[holding.isin]
    symbols = _tickers(holding.ticker or ("" if " " in holding.name.strip() else holding.name))
    by_symbol = next((_numbers()[symbol] for symbol in symbols if symbol in _numbers()), None)
    if by_symbol and not (holding.isin and by_symbol.isin):
        return by_symbol
    return _by_name(holding.name, with_number=not holding.isin) or (
        None if holding.isin else _only_one(holding.name)
    )


def ask(holding: Holding) -> tuple[Instrument, ...]:
    """List what a row may be that `find` does not know, the nearest first, for a person to choose from.

    Parameters
    ----------
    holding : Holding

    Examples
    --------
    >>> row = Holding(1, "Coreweaver", None, None, 40.0, None, None, None, None)
    >>> [one.name for one in ask(row)]
    ['CoreWeave']
    """
    if holding.isin or find(holding):
        return ()
    inside, _rest = mentioned(holding.name)
    written = _without(_plain(holding.name), ("said",))
    names = _begun().get(written[:BEGUN], {})
    near = get_close_matches(written, names, n=MOST_ASKED, cutoff=NEAR)
    begun = [name for name in names if len(written) > 2 and name.startswith(f"{written} ")]
    return tuple(dict.fromkeys((*inside, *(names[name] for name in (*begun, *near)))))[:MOST_ASKED]


def mentioned(name: str) -> tuple[tuple[Instrument, ...], str]:
    """List what is named in a name, by symbol or by name, none within a longer one; the other words.

    Parameters
    ----------
    name : str
        As written.

    Examples
    --------
    >>> found, rest = mentioned("Nvidia (NVDA) turbo")
    >>> [one.id for one in found], rest
    (['nvda'], 'turbo')
    """
    words, place = _plain(name).split(), 0
    found: list[Instrument] = []
    rest = []
    while place < len(words):
        ends = range(min(place + _longest(), len(words)), place, -1)
        end = next((end for end in ends if " ".join(words[place:end]) in _called()), None)
        if end:
            found += _called()[" ".join(words[place:end])]
        else:
            rest.append(words[place])
        place = end or place + 1
    return tuple(dict.fromkeys(found)), " ".join(rest)


def company_named(name: str, web: Web) -> str | None:
    """Return the id of who, of a web, stands in a name as words; None where nobody or several do.

    Parameters
    ----------
    name : str
        As written.
    web : Web

    Examples
    --------
    >>> from core.web.web import load_web
    >>> company_named("OpenAI", load_web()), company_named("Philips", load_web())
    ('openai', None)
    """
    written = f" {_plain(name)} "
    found = {company for each, company in _companies(web) if each in written}
    return found.pop() if len(found) == 1 else None


@lru_cache(maxsize=4)
def _companies(web: Web) -> tuple[tuple[str, str], ...]:
    """Names of a web in plain letters between blanks, what stands in brackets by itself, with ids."""
    return tuple(
        (f" {_plain(each)} ", company)
        for company in web.subjects("entities")
        for each in re.split(r"[()]", str(web.value(f"{company}.name")))
        if _plain(each)
    )


def is_elsewhere(holding: Holding, web: Web) -> bool:
    """Tell what is not on record and yet known to be off a web: its number is of another security, no fund.

    Parameters
    ----------
    holding : Holding
    web : Web

    Examples
    --------
    >>> from core.web.web import load_web
    >>> is_elsewhere(Holding(1, "Philips", None, "NL0000009538", 1.0, None, None, None, None), load_web())
    True
    >>> is_elsewhere(Holding(1, "Philips", None, None, 1.0, None, None, None, None), load_web())
    False
    """
    inside = any(one.channel not in ("none", "cash", "pension") for one in mentioned(holding.name)[0])
    return bool(
        holding.isin and not inside and not may_be_a_fund(holding) and not company_named(holding.name, web)
    )


def may_be_a_fund(holding: Holding) -> bool:
    """Tell whether a row that is not on record may hold others: by a word of its name, its seat, or no name.

    Parameters
    ----------
    holding : Holding

    Examples
    --------
    >>> may_be_a_fund(Holding(1, "Meesman Aandelen Wereldwijd", None, None, 1.0, None, None, None, None))
    True
    >>> may_be_a_fund(Holding(1, "Philips", None, "NL0000009538", 1.0, None, None, None, None))
    False
    """
    told, seat = set(_plain(holding.name).split()), (holding.isin or "")[:2]
    named = not re.fullmatch(r"[A-Z0-9.:]{0,6}", holding.name.strip())  # more than a ticker
    return bool(told & _words()["fund"]) or seat in FUNDS_ABROAD or not (seat or named)


@lru_cache(maxsize=1)
def _words() -> dict[str, frozenset[str]]:
    told = tomllib.loads((DATA / "names.toml").read_text(encoding="utf-8"))
    return {name: frozenset(words) for name, words in told.items()}


def _plain(text: str) -> str:
    """A name in small letters without accents and signs, its words apart by one blank."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    return " ".join(re.findall(r"[a-z0-9]+", letters.encode("ascii", "ignore").decode()))


def _without(text: str, lists: Iterable[str]) -> str:
    """A plain name without the words of some lists of `core/data/names.toml`."""
    return " ".join(word for word in text.split() if not any(word in _words()[name] for name in lists))


def _tickers(text: str) -> Iterable[str]:
    """A ticker as it is written, and without the exchange before or behind it."""
    plain = text.strip().upper()
    if plain:
        yield plain
        yield plain.rpartition(":")[2].strip()
        yield re.split(r"[.\s]", plain)[0]


@lru_cache(maxsize=1)
def _numbers() -> Mapping[str | None, Instrument]:
    """Instruments by ISIN and by ticker, also those of other exchanges; their forms never meet."""
    return {
        key: one
        for one in instruments()
        for key in (one.isin, one.ticker, *filter(TICKER.fullmatch, one.other_names))
        if key
    }


@lru_cache(maxsize=1)
def _names() -> Mapping[str, tuple[str, ...]]:
    """Names of every instrument in plain letters, by its id."""
    return {one.id: tuple(_plain(name) for name in (one.name, *one.other_names)) for one in instruments()}


@lru_cache(maxsize=1)
def _begun() -> Mapping[str, Mapping[str, Instrument]]:
    """Instruments by name, by its first letters: hands err later in a word."""
    found: dict[str, dict[str, Instrument]] = {}
    for one in instruments():
        for name in _names()[one.id]:
            found.setdefault(name[:BEGUN], {})[name] = one
    return found


@lru_cache(maxsize=1)
def _called() -> Mapping[str, tuple[Instrument, ...]]:
    """Instruments by every name and symbol in plain letters."""
    found: dict[str, tuple[Instrument, ...]] = {}
    for one in instruments():
        for name in {*_names()[one.id], _plain(one.ticker or "")} - {""}:
            found[name] = (*found.get(name, ()), one)
    return found


@lru_cache(maxsize=1)
def _longest() -> int:
    """Words of the longest name."""
    return max(name.count(" ") + 1 for name in _called())


def _only_one(name: str) -> Instrument | None:
    """The only one with its name or symbol in a name, where the other words say nothing more of it.

    What funds add to a name says nothing more of an index, nor of a fund whose symbol is there.
    """
    found, rest = mentioned(name)
    if len(found) != 1:
        return None
    by_symbol = any(_numbers().get(word.upper()) is found[0] for word in _plain(name).split())
    is_wrapped = found[0].kind == "index" or (found[0].kind == "fund" and by_symbol)
    lists = ("legal", "said", "exchanges", *(("wrappers",) if is_wrapped else ()))
    return None if _without(rest, lists) else found[0]


BARE = (((), KINDS), (("legal",), KINDS), (("wrappers",), ("index",)))  # words to leave out, kinds meant


@lru_cache(maxsize=1)
def _bare() -> tuple[Mapping[str, tuple[Instrument, ...]], ...]:
    """Instruments by name: as written, without legal form, and indices without what funds add to them."""
    tables: list[dict[str, tuple[Instrument, ...]]] = []
    for lists, kinds in BARE:
        table: dict[str, tuple[Instrument, ...]] = {}
        for one in instruments():
            for bare in {_without(name, lists) for name in _names()[one.id]} - {""}:
                if one.kind in kinds:
                    table[bare] = (*table.get(bare, ()), one)
        tables.append(table)
    return tuple(tables)


def _by_name(name: str, *, with_number: bool) -> Instrument | None:
    """The only one of this name: as written, without legal form, or the index that a fund's name leaves."""
    written = _plain(name)
    for (lists, _kinds), table in zip(BARE, _bare(), strict=True):
        found = [one for one in table.get(_without(written, lists), ()) if with_number or not one.isin]
        if found:
            return found[0] if len(found) == 1 else None
    return None
