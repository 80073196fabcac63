"""Results turned into facts worth a sentence: which to tell and in which order, in no language.

A fact is a code with its figures; the words for it, in Dutch and English, are in the catalogues of the pages.
The command line and the pages choose the same facts because they choose them here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from core.results.measures import called, largest_cut
from core.scenario.levers import Scenario
from core.scenario.presets import presets
from core.web.web import LABS, NEOCLOUDS, OPERATORS, latest_snapshot

COUNTED = (*NEOCLOUDS, *LABS, *OPERATORS)
WORTH_TELLING = 1e-4  # USD bn: calls below a hundred thousand dollars are rounding, not news


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
        Results of the scenario and of today's data, in the shape of `core.results.reading.read`.
    scenario : Scenario
        The levers, for the premise.

    Returns
    -------
    tuple of Fact
        The premise, then `holds`, `lab_short` or `fails_first`, perhaps `fails_next` or `labs_follow`,
        perhaps `labs_cut` (labs that live and cut what they owe by contract, each with its first quarter and
        the largest share that it cuts up to the horizon), then `pays` or `nothing_called`, perhaps `service`
        (how many times the first neocloud with debt earns what it owes its lenders in the last year), last
        `investors`. Those who fail after the first of their kind are `others`, each with quarter and cause.
    """
    net, before = (_by_id(source["funds"], "infra_credit")["net_irr"] for source in (reading, baseline))
    return (
        premise(scenario, reading["snapshot"]),
        *_failures(reading),
        *_cuts(reading),
        _payers(reading),
        *_service(reading, baseline),
        Fact("investors", {"net": net, "baseline": before}),
    )


def premise(scenario: Scenario, data: str | None = None) -> Fact:
    """Say in one code what was changed: one lever, some pairs, a preset; else simply "in this scenario".

    Parameters
    ----------
    scenario : Scenario
        The levers; the horizon is a view and changes nothing.
    data : str, optional
        Date of the snapshot that it is looked at on; the latest if not given.

    Returns
    -------
    Fact
        With `rate` as a decimal, or `data` as a date, where the sentence needs one.

    Examples
    --------
    >>> premise(Scenario.default().replace(r=9))
    Fact(code='premise_rate', params={'rate': 0.09})
    """
    moved = set(scenario.differs_from(Scenario.default(data))) - {"h"}
    growth = float(scenario["g"]) / 100
    if not moved:
        return Fact("premise_today", {"data": data or latest_snapshot()})
    if moved == {"g"} and growth:
        return Fact("premise_demand_falls" if growth < 0 else "premise_demand_grows", {"rate": abs(growth)})
    if moved == {"r"}:
        return Fact("premise_rate", {"rate": float(scenario["r"]) / 100})
    if moved == {"u"}:
        return Fact("premise_utilisation", {"rate": float(scenario["u"]) / 100})
    named = {
        (("g", 0.0),): "premise_demand_stops",
        (("f", "closed"),): "premise_credit_closes",
        (("gw", False),): "premise_google_walks",
        (("g", 0.0), ("gw", False)): "premise_demand_stops_google_walks",
    }
    told = named.get(tuple((name, scenario[name]) for name in sorted(moved)))
    return Fact(told or _premise_of_preset(scenario, data) or "premise_several")


def _premise_of_preset(scenario: Scenario, data: str | None) -> str:
    """Code of the preset that a scenario is, whatever its horizon; empty if it is none."""
    same = (one.id for one in presets() if set(one.on(data).differs_from(scenario)) <= {"h"})
    return next((f"preset_{ident}" for ident in same), "")


def failures(reading: Mapping) -> list[tuple[str, int, str]]:
    """List those counted that fail up to the horizon as (entity, quarter index, cause), earliest first.

    Parameters
    ----------
    reading : mapping
        As `core.results.reading.read` gives it.

    Returns
    -------
    list of (str, int, str)
        On a tie labs come first, neoclouds last.

    Examples
    --------
    >>> failures({"companies": [{"id": "cipher", "failed_quarter": 13, "failure_cause": "maturity"}],
    ...           "tenants": [{"id": "openai", "failed_quarter": 20, "failure_cause": "own_liquidity"}],
    ...           "last_quarter": 19})
    [('cipher', 13, 'maturity')]
    """
    found = {
        row["id"]: (row["id"], row["failed_quarter"], row["failure_cause"])
        for row in (*reading["companies"], *reading["tenants"])
        if row["id"] in COUNTED
        and row["failed_quarter"] is not None
        and row["failed_quarter"] <= reading["last_quarter"]
    }
    return sorted(found.values(), key=lambda fall: (fall[1], fall[0] not in LABS, fall[0] in NEOCLOUDS))


def status(company: Mapping, reading: Mapping) -> Fact:
    """Say in one code how a company stands up to the horizon.

    Parameters
    ----------
    company, reading : mapping
        A row of `companies`, and the reading that it belongs to.

    Returns
    -------
    Fact
        `failed` with its quarter, `distressed`, `supported` with the giver without whom its own income would
        not do, `stretched` or `holds`.
    """
    if company["status"] == "failed":
        return Fact("failed", {"quarter": reading["quarters"][company["failed_quarter"]]})
    if company["status"] == "supported":
        return Fact("supported", {"giver": company["supported_by"]})
    return Fact("holds" if company["status"] == "healthy" else company["status"])


def tenant_status(tenant: Mapping, reading: Mapping) -> Fact:
    """Say whether a tenant pays in full up to the horizon.

    Parameters
    ----------
    tenant, reading : mapping
        A row of `tenants`, and the reading that it belongs to.

    Returns
    -------
    Fact
        `failed` with the first quarter in which it pays short, `renegotiated` with the first in which it cuts
        what it owes by contract, else `holds`.
    """
    failed, cut = tenant["failed_quarter"], tenant["renegotiated_quarter"]
    if failed is None or failed > reading["last_quarter"]:
        if cut is not None and cut <= reading["last_quarter"]:
            return Fact("renegotiated", {"quarter": reading["quarters"][cut]})
        return Fact("holds")
    return Fact("failed", {"quarter": reading["quarters"][failed]})


def timeline(reading: Mapping, limit: int = 8) -> tuple[Event, ...]:
    """List what broke, in order: warnings, failures with their cause, first calls on guarantors.

    Parameters
    ----------
    reading : mapping
        As `core.results.reading.read` gives it.
    limit : int
        How many events. Beyond it the very first event and the failures of neoclouds and labs stay before
        calls, calls before other failures, and those before warnings.

    Returns
    -------
    tuple of Event
        Codes `access`, `cover`, `runway`, `insolvency` (warnings), `renegotiated` (with the largest share
        that a lab cuts up to the horizon as its `amount`), `failure` and `called`; up to the horizon.
    """
    events: dict[tuple[int, str, str], dict] = {}
    for company in reading["companies"]:
        breach = company["first_breach"]
        if breach and breach["measure"] != "failure":
            events[breach["quarter"], company["id"], breach["measure"]] = {"cause": breach["cause"]}
    callers: dict[str, int] = {}
    for link in reading["chain"]:
        quarter, who = link["quarter"], link["entity"]
        if link["event"] == "failure":
            events[quarter, who, "failure"] = {"cause": link["cause"], "amount": link["amount"]}
        elif link["event"] == "renegotiation":
            events[quarter, who, "renegotiated"] = {"amount": link["amount"]}
        elif (
            callers.setdefault(who, quarter) == quarter
        ):  # two promises first called in one quarter are one event
            before = events.get((quarter, who, "called"), {"amount": 0.0})["amount"]
            events[quarter, who, "called"] = {"amount": before + link["amount"]}
    within = [key for key in events if key[0] <= reading["last_quarter"]]
    order = sorted(
        within, key=lambda key: (key[0], key[2] == "called", key)
    )  # a call follows the failure it pays for
    kept = sorted(order, key=lambda key: 0 if key == order[0] else _importance(key))[:limit]
    chosen = [key for key in order if key in kept]
    return tuple(Event(reading["quarters"][q], who, code, events[q, who, code]) for q, who, code in chosen)


def _importance(key: tuple[int, str, str]) -> int:
    _quarter, who, code = key
    if code == "failure":
        return 0 if who in COUNTED else 2
    return 1 if code in ("called", "renegotiated") else 3


def _failures(reading: Mapping) -> list[Fact]:
    falls = failures(reading)
    if not falls:
        return [Fact("holds", {"year": reading["quarters"][reading["last_quarter"]][:4]})]
    labs = [fall for fall in falls if fall[0] in LABS]
    hosts = [fall for fall in falls if fall[0] not in LABS]
    if falls[0] in hosts:
        facts = [_fall("fails_first", hosts, reading)]
        return [*facts, Fact("labs_follow", {"others": _others(labs, reading)})] if labs else facts
    facts = [_fall("lab_short", labs, reading)]
    if hosts:
        facts.append(_fall("fails_next", hosts, reading))
    return facts


def _fall(code: str, falls: Sequence[tuple[str, int, str]], reading: Mapping) -> Fact:
    first, *others = _others(falls, reading)
    return Fact(code, first | {"others": others})


def _others(falls: Sequence[tuple[str, int, str]], reading: Mapping) -> list[dict[str, object]]:
    return [{"who": who, "quarter": reading["quarters"][when], "cause": why} for who, when, why in falls]


def renegotiations(reading: Mapping) -> list[tuple[str, int, float]]:
    """List labs that cut their contracts up to the horizon as (entity, first quarter, largest share cut).

    Parameters
    ----------
    reading : mapping
        As `core.results.reading.read` gives it.

    Returns
    -------
    list of (str, int, float)
        Earliest first.

    Examples
    --------
    >>> lab = {"id": "openai", "renegotiated_quarter": 1, "haircut": [0.0, 0.1, 0.3, 0.5]}
    >>> renegotiations({"tenants": [lab], "last_quarter": 2})
    [('openai', 1, 0.3)]
    """
    last = reading["last_quarter"]
    found = [
        (row["id"], row["renegotiated_quarter"], largest_cut(row["haircut"], last))
        for row in reading["tenants"]
        if row["renegotiated_quarter"] is not None and row["renegotiated_quarter"] <= last
    ]
    return sorted(found, key=lambda cut: cut[1])


def _cuts(reading: Mapping) -> list[Fact]:
    gone = {who for who, _, _ in failures(reading)}
    cuts = [
        {"who": who, "quarter": reading["quarters"][when], "share": share}
        for who, when, share in renegotiations(reading)
        if who not in gone
    ]
    return [Fact("labs_cut", {"cuts": cuts})] if cuts else []


def service(reading: Mapping) -> tuple[str, float] | None:
    """Give the first neocloud with debt, and its DSCR in the year that ends at the horizon; None without.

    Parameters
    ----------
    reading : mapping
        As `core.results.reading.read` gives it.

    Examples
    --------
    >>> service({"companies": [{"id": "coreweave", "dscr": [None, 1.1, 1.6]}], "last_quarter": 1})
    ('coreweave', 1.1)
    """
    last = reading["last_quarter"]
    rows = {row["id"]: row["dscr"] for row in reading["companies"] if any(row["dscr"])}
    who = next((one for one in NEOCLOUDS if one in rows), None)
    return (who, rows[who][last]) if who and rows[who][last] is not None else None


def _service(reading: Mapping, baseline: Mapping) -> list[Fact]:
    now, before = service(reading), service(baseline)
    if now is None:
        return []
    told = {"who": now[0], "dscr": now[1], "year": reading["quarters"][reading["last_quarter"]][:4]}
    return [Fact("service", told | {"baseline": before[1] if before else None})]


def _payers(reading: Mapping) -> Fact:
    last = reading["last_quarter"]
    payers = [
        {"giver": row["id"], "called": called(row, last), "later": called(row), "promised": row["promised"]}
        for row in reading["guarantors"]
        if called(row) > WORTH_TELLING
    ]
    if not payers:
        return Fact("nothing_called")
    payers.sort(key=lambda payer: (-payer["called"], -payer["later"]))
    giver = payers[0]["giver"]
    alive = [
        company["id"]
        for company in reading["companies"]
        if company["status"] != "failed" and status(company, reading).params.get("giver") == giver
    ]
    kept: dict[str, list[str]] = {}
    for company in reading["companies"]:
        giver = status(company, reading).params.get("giver")
        if company["status"] == "supported" and giver:
            kept.setdefault(str(giver), []).append(company["id"])
    told = {"payers": payers, "alive": alive, "kept": kept, "year": reading["quarters"][last][:4]}
    return Fact("pays", told)


def _by_id(rows: Sequence[Mapping], name: str) -> Mapping:
    return next(row for row in rows if row["id"] == name)
