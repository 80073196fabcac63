"""Results turned into facts worth a sentence: which to tell and in which order, in no language.

A fact is a code with its figures; the words for it, in Dutch and English, are in the catalogues of the pages.
The command line and the pages choose the same facts because they choose them here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from core.scenario import Scenario

FIRST_YEAR, LAST_YEAR = 2026, 2033
QUARTERS = tuple(f"{year}Q{number}" for year in range(FIRST_YEAR, LAST_YEAR + 1) for number in (1, 2, 3, 4))
NEOCLOUDS = ("coreweave", "terawulf", "cipher", "fluidstack")
LABS = ("openai", "anthropic", "xai")
# Who gets through on whose promise: the landlords behind Google's lease backstops, CoreWeave behind Nvidia's.
BACKED = {"alphabet": ("terawulf", "cipher"), "nvidia": ("coreweave",), "meta": ("hyperion",)}
# Calls below a tenth of a million dollars are rounding, not news (USD bn).
WORTH_TELLING = 1e-4


@dataclass(frozen=True)
class Fact:
    """One thing worth saying: a code and the figures that belong to it."""

    code: str
    params: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True)
class Event:
    """One moment in the order of breaking: when, who, what happened, and the figures that belong to it."""

    quarter: str
    entity: str
    code: str
    params: Mapping[str, object] = field(default_factory=dict)


def headline(reading: Mapping, baseline: Mapping, scenario: Scenario) -> tuple[Fact, ...]:
    """Choose what the headline says: the premise, who fails and why, who pays, what investors earn.

    Parameters
    ----------
    reading, baseline : mapping
        Results of the scenario and of today's data, in the shape of `core.reading.read`.
    scenario : Scenario
        The levers; its horizon `h` is the last year that counts.

    Returns
    -------
    tuple of Fact
        The premise always comes first, then `holds`, `lab_short` or `fails_first`; at most six facts.
    """
    facts = [premise(scenario), *_failures(reading, scenario)]
    payer = _largest_payer(reading, scenario)
    facts.append(payer or Fact("nothing_called"))
    net, before = (_by_id(source["funds"], "infra_credit") for source in (reading, baseline))
    facts.append(Fact("investors", {"net": net["net_irr"], "baseline": before["net_irr"]}))
    return tuple(facts)


def premise(scenario: Scenario) -> Fact:
    """Say in one code what was changed; several levers at once are simply "in this scenario"."""
    moved = set(scenario.differs_from(Scenario.default())) - {"h"}
    if not moved:
        return Fact("premise_today")
    if moved == {"g"}:
        growth = float(scenario["g"])
        if growth == 0:
            return Fact("premise_demand_stops")
        code = "premise_demand_falls" if growth < 0 else "premise_demand_grows"
        return Fact(code, {"rate": abs(growth) / 100})
    if moved == {"r"}:
        return Fact("premise_rate", {"rate": float(scenario["r"]) / 100})
    if moved == {"u"}:
        return Fact("premise_utilisation", {"rate": float(scenario["u"]) / 100})
    if moved == {"f"} and scenario["f"] == "closed":
        return Fact("premise_credit_closes")
    if moved == {"g", "gw"} and scenario["g"] == 0:
        return Fact("premise_demand_stops_google_walks")
    if moved == {"gw"}:
        return Fact("premise_google_walks")
    return Fact("premise_several")


def failures(reading: Mapping, horizon: int) -> list[tuple[str, str]]:
    """Return (entity, quarter) for every neocloud and lab that fails up to the horizon year, earliest first.

    >>> failures({"companies": [{"id": "cipher", "failed_quarter": "2029Q2"}],
    ...           "tenants": [{"id": "openai", "failed_quarter": "2031Q1"}]}, 2030)
    [('cipher', '2029Q2')]
    """
    named = {*NEOCLOUDS, *LABS}
    found = {
        row["id"]: row["failed_quarter"]
        for row in (*reading["companies"], *reading["tenants"])
        if row["id"] in named
        and row["failed_quarter"] is not None
        and int(row["failed_quarter"][:4]) <= horizon
    }
    return sorted(found.items(), key=lambda item: (item[1], item[0] in NEOCLOUDS))


def called(guarantor: Mapping, horizon: int) -> float:
    """Return what a guarantor has paid under its promises up to the end of the horizon year, USD bn."""
    return sum(value or 0.0 for value in guarantor["called"][: 4 * (horizon + 1 - FIRST_YEAR)])


def status(company: Mapping, reading: Mapping, horizon: int) -> Fact:
    """Say in one code how a company stands: failed, distressed, stretched, holds or holds_on_promise."""
    if company["status"] == "failed":
        return Fact("failed", {"quarter": company["failed_quarter"]})
    for giver, backed in BACKED.items():
        if company["id"] in backed and called(_by_id(reading["guarantors"], giver), horizon) > WORTH_TELLING:
            return Fact("holds_on_promise", {"giver": giver})
    return Fact({"healthy": "holds"}.get(company["status"], company["status"]))


def timeline(reading: Mapping, horizon: int, limit: int = 5) -> tuple[Event, ...]:
    """Return the first things that broke, in order: warnings, failures with their cause, first calls on guarantors."""
    events = []
    for company in reading["companies"]:
        breach = company["first_breach"]
        if breach and breach["measure"] != "failure":
            events.append(
                Event(breach["quarter"], company["id"], breach["measure"], {"cause": breach["cause"]})
            )
    for link in reading["chain"]:
        events.append(
            Event(
                link["quarter"], link["entity"], "failure", {"cause": link["cause"], "amount": link["amount"]}
            )
        )
    for guarantor in reading["guarantors"]:
        first = next(
            (i for i, value in enumerate(guarantor["called"]) if (value or 0.0) > WORTH_TELLING), None
        )
        if first is not None:
            events.append(Event(QUARTERS[first], guarantor["id"], "called", {"amount": guarantor["called"][first]}))
    within = [event for event in events if int(event.quarter[:4]) <= horizon]
    return tuple(sorted(within, key=lambda event: event.quarter)[:limit])


def _failures(reading: Mapping, scenario: Scenario) -> list[Fact]:
    horizon = int(scenario["h"])
    falls = failures(reading, horizon)
    if not falls:
        return [Fact("holds", {"year": horizon})]
    causes = {row["id"]: row["first_breach"] for row in reading["companies"]}
    causes |= {link["entity"]: link for link in reversed(reading["chain"])}
    who, when = falls[0]
    facts = [Fact("lab_short" if who in LABS else "fails_first", _failure(who, when, causes))]
    told = {who}
    if who in LABS:
        cloud = next((fall for fall in falls if fall[0] in NEOCLOUDS), None)
        if cloud:
            facts.append(
                Fact("fails_next", _failure(*cloud, causes) | {"lag": QUARTERS.index(cloud[1]) - QUARTERS.index(when)})
            )
            told.add(cloud[0])
    rest = [name for name, _ in falls if name not in told]
    if rest:
        facts.append(Fact("follow", {"who": rest, "year": horizon}))
    return facts


def _failure(who: str, when: str, causes: Mapping) -> dict[str, object]:
    known = causes.get(who)
    return {"who": who, "quarter": when, "cause": known["cause"] if known else None}


def _largest_payer(reading: Mapping, scenario: Scenario) -> Fact | None:
    horizon = int(scenario["h"])
    payers = [row for row in reading["guarantors"] if called(row, LAST_YEAR) > WORTH_TELLING]
    if not payers:
        return None
    payer = max(payers, key=lambda row: (called(row, horizon), called(row, LAST_YEAR)))
    alive = [
        row["id"]
        for row in reading["companies"]
        if row["id"] in BACKED.get(payer["id"], ()) and row["status"] != "failed"
    ]
    return Fact(
        "pays",
        {
            "giver": payer["id"],
            "called": called(payer, horizon),
            "later": called(payer, LAST_YEAR),
            "promised": payer["promised"],
            "year": horizon,
            "alive": alive,
        },
    )


def _by_id(rows: Sequence[Mapping], name: str) -> Mapping:
    return next(row for row in rows if row["id"] == name)
