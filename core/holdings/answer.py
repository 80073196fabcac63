"""Stand-in for the answer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.holdings import instruments
from core.holdings.instruments import Instrument
from core.holdings.rows import Holding
from core.web.web import Web


@dataclass(frozen=True)
class Part:
    channel: str
    entity: str | None
    weight: float
    as_of: str
    source: str
    basis: str


@dataclass(frozen=True)
class Fate:
    code: str
    params: dict[str, float | str | int | None]
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Position:
    holding: Holding
    instrument: Instrument | None
    channel: str
    entity: str | None
    weight: float | None
    parts: tuple[Part, ...]
    fate: Fate


@dataclass(frozen=True)
class Answer:
    positions: tuple[Position, ...]
    totals: dict[str, float]
    on_web: dict[str, float]
    by_channel: dict[str, dict[str, float]]
    unknown: int


WEIGHTS = {"VWCE": 0.235, "PIMIX": 0.0188}


def answer(holdings: Sequence[Holding], reading: Mapping, web: Web) -> Answer:
    """Answer."""
    out, totals, on_web, by = [], defaultdict(float), defaultdict(float), defaultdict(lambda: defaultdict(float))
    failed = {row["id"]: row["failed_quarter"] for row in reading["companies"]}
    for one in holdings:
        found = instruments.find(one)
        channel = found.channel if found else one.kind if one.kind in ("cash", "pension") else "unknown"
        weight = WEIGHTS.get(found.ticker, 1.0) if found else None
        entity = found.entity if found else None
        fate = Fate({"pension": "pension", "cash": "elsewhere", "unknown": "unknown"}.get(channel, "untouched"), {}, 0.0, 0.0)
        if channel == "neocloud":
            at = failed[entity]
            at = at if at is not None and at <= reading["last_quarter"] else None
            fate = (
                Fate("equity_falls", {}, 0.2, 0.4)
                if at is None
                else Fate("wiped_out", {"quarter": reading["quarters"][at]}, 1.0, 1.0)
            )
        parts = (Part(channel, entity, weight, "2025-11-24", "article", "derived"),) if weight else ()
        out.append(Position(one, found, channel, entity, weight, parts, fate))
        if one.value is not None:
            money = one.currency or "EUR"
            totals[money] += one.value
            on_web[money] += one.value * (weight or 0)
            if weight:
                by[channel][money] += one.value * weight
    unknown = sum(one.value is None for one in holdings)
    return Answer(tuple(out), dict(totals), dict(on_web), {k: dict(v) for k, v in by.items()}, unknown)
