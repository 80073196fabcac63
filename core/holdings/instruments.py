"""Stand-in for the instruments."""

from __future__ import annotations

from dataclasses import dataclass

from core.holdings.rows import Holding


@dataclass(frozen=True)
class Instrument:
    """Something that can be owned and hangs on this web."""

    id: str
    name: str
    isin: str | None
    ticker: str | None
    kind: str
    channel: str
    entity: str | None
    index: str | None
    as_of: str
    source: str
    basis: str
    note: str


def _one(name, isin, ticker, kind, channel, entity, index=None):
    return Instrument(ticker, name, isin, ticker, kind, channel, entity, index, "2026-06-30", "article", "recalled", "")


ALL = (
    _one("CoreWeave A", "US21873S1087", "CRWV", "share", "neocloud", "coreweave"),
    _one("Alphabet A", "US02079K3059", "GOOGL", "share", "guarantor", "alphabet"),
    _one("Meta Platforms A", "US30303M1027", "META", "share", "guarantor", "meta"),
    _one("Blackstone", None, "BX", "share", "manager", "blackstone"),
    _one("Vanguard FTSE All-World acc", "IE00BK5BQT80", "VWCE", "index fund", "fund", None, "ftse"),
    _one("PIMCO Income Fund (US)", None, "PIMIX", "bond fund", "note", "hyperion"),
)


def instruments() -> tuple[Instrument, ...]:
    """All instruments."""
    return ALL


def find(holding: Holding) -> Instrument | None:
    """Find what is held."""
    for one in ALL:
        if (holding.isin and one.isin == holding.isin) or (holding.ticker and one.ticker == holding.ticker):
            return one
    return None


def ask(holding: Holding) -> tuple[Instrument, ...]:
    """Near matches to ask about."""
    word = holding.name.lower().split()[0] if holding.name else ""
    return () if find(holding) or not word else tuple(one for one in ALL if word in one.name.lower())
