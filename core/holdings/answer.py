"""What a scenario does to what somebody owns: through which channel, how much of it, what is left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import isfinite

from core.holdings.fates import Fate, Params, Seen, fate
from core.holdings.instruments import Instrument, ask, company_named, find, instrument, is_elsewhere
from core.holdings.rows import Holding, LeftOut
from core.model.engine import run
from core.results.measures import Measures
from core.results.reading import Reading
from core.scenario.levers import Scenario
from core.scenario.messages import describe
from core.sources.quotes import quotes
from core.sources.weights import Weights, weights
from core.web.snapshot import Row
from core.web.web import Web


@dataclass(frozen=True)
class Part:
    """One way in which a holding hangs on the web.

    Attributes
    ----------
    channel : str
        One of `core.holdings.instruments.CHANNELS`; "fund" of names that are not known one by one.
    entity : str or None
        Id in the web.
    weight : float
        Share of the holding, 0 to 1.
    as_of, source, basis : str
        Where the weight comes from; of a share itself, where it is told to be of this web.
    low, high : float or None
        Range of the weight where the source has one.
    instrument : str or None
        Id of what the fund holds.
    newer : Row or None
        A weight of a later day, which is not counted because the others are not of that day.
    """

    channel: str
    entity: str | None
    weight: float
    as_of: str
    source: str
    basis: str
    low: float | None = None
    high: float | None = None
    instrument: str | None = None
    newer: Row | None = None


@dataclass(frozen=True)
class Position:
    """One holding in the scenario.

    Attributes
    ----------
    holding : Holding
    instrument : Instrument or None
        None where it is not on record.
    channel : str
    entity : str or None
        Id in the web.
    weight : float or None
        Share of it that hangs on the web, 0 to 1; None where that is not known.
    parts : tuple of Part
        They add up to the weight.
    fate : Fate
    """

    holding: Holding
    instrument: Instrument | None
    channel: str
    entity: str | None
    weight: float | None
    parts: tuple[Part, ...]
    fate: Fate


@dataclass(frozen=True)
class Answer:
    """What somebody owns, in a scenario; sums by currency, as there are no rates of exchange here.

    Attributes
    ----------
    positions : tuple of Position
    totals : dict of currency to float
        Worth of all positions whose worth is known; "" where a worth has no currency.
    on_web : dict of currency to float
        Of it what hangs on the web.
    by_channel : dict of channel to dict of currency to float
        The same by channel.
    unknown : int
        How many positions have no worth.
    share_on_web : float
        Of positions that only say their share of the whole: the share of the whole that hangs on the web.
    """

    positions: tuple[Position, ...]
    totals: dict[str, float]
    on_web: dict[str, float]
    by_channel: dict[str, dict[str, float]]
    unknown: int
    share_on_web: float = 0.0


def answer(
    holdings: Sequence[Holding], reading: Mapping, web: Web, baseline: Mapping | None = None
) -> Answer:
    """Follow what somebody owns into a scenario.

    Parameters
    ----------
    holdings : sequence of Holding
        As the reader gives them; a worth that was asked for may be filled in.
    reading : mapping
        As `core.results.reading.read` gives it, of the scenario.
    web : Web
        The data that the scenario was run on.
    baseline : mapping, optional
        The same of today's data, to the same horizon; made here if not given.

    Examples
    --------
    >>> from core.web.web import load_web
    >>> web = load_web()
    >>> from core.results.reading import read
    >>> reading = read(run(web, Scenario.default().replace(g=0, h=2033)))
    >>> rows = [Holding(1, "", "CRWV", None, 40.0, 3100.0, "EUR", None, None)]
    >>> told = answer(rows, reading, web)
    >>> told.positions[0].fate.code, told.on_web
    ('wiped_out', {'EUR': 3100.0})
    """
    seen = Seen(reading, baseline or _today(web, reading["quarters"][reading["last_quarter"]][:4]), web)
    positions = tuple(position(holding, seen) for holding in holdings)
    totals: dict[str, float] = {}
    on_web: dict[str, float] = {}
    by_channel: dict[str, dict[str, float]] = {}
    for one in positions:
        worth, currency = one.holding.value, one.holding.currency or ""
        if worth is None or not isfinite(worth):
            continue
        totals[currency] = totals.get(currency, 0.0) + worth
        for part in one.parts:
            on_web[currency] = on_web.get(currency, 0.0) + worth * part.weight
            sums = by_channel.setdefault(part.channel, {})
            sums[currency] = sums.get(currency, 0.0) + worth * part.weight
    shares = (one.holding.share * (one.weight or 0.0) for one in positions if one.holding.share is not None)
    unknown = sum(one.holding.value is None for one in positions)
    return Answer(positions, totals, on_web, by_channel, unknown, sum(shares))


@lru_cache(maxsize=8)
def _today(web: Web, year: str) -> Mapping:
    """Today's data read to the end of a year."""
    return Reading(Measures(run(web, Scenario.default(web.snapshot).replace(h=int(year)))))


def position(holding: Holding, seen: Seen) -> Position:
    """Say how one holding hangs on the web and what a scenario does to it.

    Parameters
    ----------
    holding : Holding
    seen : Seen
    """
    one = None if holding.kind in ("option", "short") else find(holding)
    if one is None:
        return _not_on_record(holding, seen.web)
    if one.kind in ("fund", "index") and one.channel == "fund":
        return _looked_through(holding, one, seen)
    hangs = one.channel not in ("cash", "none", "pension") and one.kind != "bdc"
    parts = (Part(one.channel, one.entity, 1.0, one.as_of, one.source, one.basis),) if hangs else ()
    weight = None if one.channel == "pension" else float(hangs)
    return Position(holding, one, one.channel, one.entity, weight, parts, fate(one, seen))


def _not_on_record(holding: Holding, web: Web) -> Position:
    """Off the web for certain, a company of it that is not listed, or a word of which nothing is known."""
    if holding.kind in ("option", "short"):
        return Position(holding, None, "unknown", None, None, (), Fate("unknown", {"why": "kind"}))
    if is_elsewhere(holding, web):
        return Position(holding, None, "none", None, 0.0, (), Fate("elsewhere", {}, 0.0, 0.0))
    company = None if ask(holding) else company_named(holding.name, web)
    why = "company" if company else "name"
    return Position(holding, None, "unknown", company, None, (), Fate("unknown", {"why": why}))


def _looked_through(holding: Holding, one: Instrument, seen: Seen) -> Position:
    """A fund by what it holds of the web."""
    held = weights().get(one.index or "")
    if held is None:
        return Position(holding, one, one.channel, None, None, (), Fate("unknown", {"why": "weights"}))
    pairs = [(row, instrument(row.item)) for row in held.members]
    inside = [(row, member, fate(member, seen)) for row, member in pairs if member.channel != "none"]
    parts = tuple(
        _part(row, member.channel, member.entity, float(row.value), held) for row, member, _ in inside
    )
    if held.total is not None and held.rest > 0.0:
        parts = (*parts, _part(held.total, "fund", None, held.rest, held))
    weight = sum(part.weight for part in parts)
    told: Params = {
        "weight": weight,
        "names": len(inside),
        "at_least": int(held.total is None),
        "sister": held.fund if held.fund != one.id else None,
        "known_low": sum(float(row.value) * (end.low or 0.0) for row, _, end in inside),
        "known_high": sum(float(row.value) * (end.high or 0.0) for row, _, end in inside),
        "called_share": _called_share(inside),
        "year": seen.year,
    }
    low, high = None, None
    if inside and not held.rest and all(end.low is not None for _, _, end in inside):
        low, high = (min(float(told[f"known_{side}"] or 0.0) / weight, 1.0) for side in ("low", "high"))
    names = {part.entity for part in parts}
    entity = names.pop() if len(names) == 1 else None
    return Position(holding, one, one.channel, entity, weight, parts, Fate("fund", told, low, high))


def as_dict(told: Answer, left_out: Sequence[LeftOut] = ()) -> dict:
    """Return an answer as JSON has it: what is not known is None.

    Parameters
    ----------
    told : Answer
    left_out : sequence of LeftOut
        Rows that were not taken, for the sentence why.
    """
    return {
        "positions": [_position(one) for one in told.positions],
        "left_out": [{"row": one.row, "reason": describe(one.reason)} for one in left_out],
        "totals": told.totals,
        "on_web": told.on_web,
        "by_channel": told.by_channel,
        "unknown": told.unknown,
    }


def _position(one: Position) -> dict:
    holding, known = one.holding, one.instrument
    sources = dict.fromkeys((part.as_of, part.source) for part in one.parts)
    return {
        "row": holding.row,
        "name": holding.name or (known.name if known else None),
        "isin": holding.isin or (known.isin if known else None),
        "quantity": holding.quantity,
        "value": holding.value,
        "currency": holding.currency,
        "share": holding.share,
        "channel": one.channel,
        "entity": one.entity,
        "weight": one.weight,
        "fate": one.fate.code,
        "figures": one.fate.params,
        "low": one.fate.low,
        "high": one.fate.high,
        "sources": [{"as_of": as_of, "source": source} for as_of, source in sources],
    }


def _part(row: Row, channel: str, entity: str | None, weight: float, held: Weights) -> Part:
    """A weight of a fund as a part of whoever owns the fund."""
    return Part(
        channel=channel,
        entity=entity,
        weight=weight,
        as_of=row.as_of,
        source=row.source,
        basis=row.basis,
        low=row.low,
        high=row.high,
        instrument=row.item,
        newer=held.newer.get(row.item),
    )


def _called_share(inside: Sequence[tuple[Row, Instrument, Fate]]) -> float | None:
    """Dearest year of calls over a year's operating cash flow, mean of the guarantors in a fund by weight."""
    givers = [(float(row.value), end.params["share"]) for row, _, end in inside if "share" in end.params]
    whole = sum(weight for weight, _ in givers)
    return sum(weight * float(share or 0.0) for weight, share in givers) / whole if whole else None


def dated_price(share: Instrument) -> Row | None:
    """Return the latest price of a share that is on record, to be offered to who gives units alone.

    Parameters
    ----------
    share : Instrument

    Examples
    --------
    >>> dated_price(instrument("crwv")).as_of
    '2026-08-31'
    """
    if share.kind != "share":
        return None
    told = [
        row
        for row in quotes().values()
        if row.subject == share.entity and row.item == "share_price" and share.entity
    ]
    return max(told, key=lambda row: row.as_of, default=None)
