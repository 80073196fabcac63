"""The web of one scenario as a picture: who owes whom, who is still standing, where missing rent ends.

Reads a run that kept the group "web" (every ledger row of every quarter). Plain numbers come out; nothing is
drawn here.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.model.result import Result
from core.model.tables import GROUPS, ON_REQUEST

KEEP = frozenset((*GROUPS, *ON_REQUEST))
TINY = 1e-6  # USD bn: a thousand dollars
LEFT_OUT = ("outside", "site_landlords")  # running cost, building and bills of hosts outside the web
# Tenants that never fail here are one in a picture.
MERGE = dict.fromkeys(("microsoft", "amazon", "core42", "ig_tenants"), "sound_tenants")
ALIVE, CALLED, FAILED = "alive", "called", "failed"


@dataclass(frozen=True)
class Edge:
    """Who owes whom, by quarter, USD bn: under contracts and debts, and what guarantors add.

    ``owed`` is what contracts and schedules say, ``paid`` what the payer paid itself. A call has ``owed``
    equal to ``paid``: nothing is owed under a promise until somebody else fails to pay.
    """

    payer: str
    payee: str
    kind: str  # contract, debt or call
    owed: np.ndarray
    paid: np.ndarray


@dataclass(frozen=True)
class Step:
    """One moment of the story: a quarter, and a wave of failures inside it where there is more than one."""

    quarter: int
    wave: int
    waves: int


def edges(result: Result, i: int = 0, merge: Mapping[str, str] | None = None) -> tuple[Edge, ...]:
    """Everything that is owed inside the web, added up by payer and payee.

    Parameters
    ----------
    result : Result
        Run with `KEEP`.
    i : int
        Which scenario of the batch.
    merge : mapping of node to name, optional
        Nodes to draw as one.

    Returns
    -------
    tuple of Edge
        Contracts first, then debts, then calls; none that is empty in all quarters.
    """
    layout, named = result.layout, dict(merge or {})
    structure = layout.structure
    scheduled, due, paid, called = (
        result.array(f"row_{name}")[i] for name in ("scheduled", "due", "paid", "called")
    )
    found: dict[tuple[str, str, str], list[np.ndarray]] = {}

    def _add(kind: str, payer: int, payee: int, owed: np.ndarray, cash: np.ndarray) -> None:
        """Add one row of the ledger to the edge between its ends."""
        start, end = (named.get(layout.nodes[node], layout.nodes[node]) for node in (payer, payee))
        if owed.max() > TINY and start != end and end not in LEFT_OUT:
            total = found.setdefault((kind, start, end), [np.zeros(layout.never), np.zeros(layout.never)])
            total[0], total[1] = total[0] + owed, total[1] + cash

    for k, name in enumerate(layout.rows):
        kind = {"rent": "contract", "fees": "contract", "call": "call"}.get(name.partition(":")[0], "debt")
        payer, payee, giver = structure.payer[k], structure.payee[k], structure.giver[k]
        _add(kind, payer, payee, np.maximum(due[:, k], scheduled[:, k]), paid[:, k])
        if giver >= 0:
            _add("call", giver, payee, called[:, k], called[:, k])
    order = ("contract", "debt", "call")
    return tuple(
        Edge(payer, payee, kind, *values)
        for (kind, payer, payee), values in sorted(found.items(), key=lambda item: order.index(item[0][0]))
    )


def steps(reading: Mapping) -> tuple[Step, ...]:
    """The quarters to the horizon; a quarter in which failures come in waves has one step for each wave.

    Parameters
    ----------
    reading : mapping
        As `core.results.reading.read` gives it.

    Examples
    --------
    >>> two = [{"event": "failure", "quarter": 1, "round": 2}]
    >>> steps({"last_quarter": 1, "chain": two})
    (Step(quarter=0, wave=1, waves=1), Step(quarter=1, wave=1, waves=2), Step(quarter=1, wave=2, waves=2))
    """
    found = []
    for quarter in range(reading["last_quarter"] + 1):
        waves = max((e["round"] for e in _falls(reading) if e["quarter"] == quarter), default=1)
        found += [Step(quarter, wave, waves) for wave in range(1, max(waves, 1) + 1)]
    return tuple(found)


def _falls(reading: Mapping) -> list[Mapping]:
    return [event for event in reading["chain"] if event["event"] == "failure"]


def standing(reading: Mapping, step: Step) -> dict[str, str]:
    """How each entity stands at a step: failed, called (it pays under a promise in this quarter), else alive.

    Parameters
    ----------
    reading : mapping
        As `core.results.reading.read` gives it.
    step : Step
        One of `steps`.

    Returns
    -------
    dict of str to str
        Only entities that are not simply alive.
    """
    found = {}
    for guarantor in reading["guarantors"]:
        if guarantor["called"][step.quarter] > TINY and step.wave == step.waves:
            found[guarantor["id"]] = CALLED
    for event in _falls(reading):
        if (event["quarter"], event["round"]) <= (step.quarter, step.wave):
            found[event["entity"]] = FAILED
    return found


def sizes(reading: Mapping, drawn: Sequence[Edge], quarter: int) -> dict[str, float]:
    """What each entity owes at the end of a quarter, USD bn: debt, else a year's dues, else live promises.

    Parameters
    ----------
    reading : mapping
        As `core.results.reading.read` gives it.
    drawn : sequence of Edge
        Of the same scenario.
    quarter : int
        Counted from 0.

    Returns
    -------
    dict of str to float
        A failed company keeps the debt it had before it failed.
    """
    found: dict[str, float] = {}
    for edge in drawn:
        if edge.kind != "call":
            found[edge.payer] = found.get(edge.payer, 0.0) + 4.0 * float(edge.owed[quarter])
    for guarantor in reading["guarantors"]:
        if guarantor["live"][quarter]:
            found[guarantor["id"]] = max(found.get(guarantor["id"], 0.0), guarantor["live"][quarter])
    for company in reading["companies"]:
        known = [value for value in company["debt"][: quarter + 1] if value is not None]
        if known and max(known) > TINY:
            found[company["id"]] = known[-1]
    return found


@dataclass(frozen=True)
class Chain:
    """The failures to the horizon by cause: who fell by its own doing, who through whom, what was called.

    ``pulled`` are (who, through whom) in order of failure; ``called`` is USD bn that guarantors paid by then.
    """

    failures: int
    own: tuple[str, ...]
    pulled: tuple[tuple[str, str], ...]
    called: float


def chain(reading: Mapping) -> Chain:
    """Count what fell to the horizon, by its own doing or by contagion.

    Parameters
    ----------
    reading : mapping
        As `core.results.reading.read` gives it.

    Examples
    --------
    >>> lab = {"event": "failure", "quarter": 3, "entity": "xai", "from": None}
    >>> vehicle = {"event": "failure", "quarter": 7, "entity": "xai_vehicle", "from": "xai"}
    >>> chain({"chain": [lab, vehicle], "last_quarter": 5, "guarantors": [{"called": [0.5] * 8}]})
    Chain(failures=1, own=('xai',), pulled=(), called=3.0)
    """
    last = reading["last_quarter"]
    falls = [event for event in _falls(reading) if event["quarter"] <= last]
    return Chain(
        failures=len(falls),
        own=tuple(event["entity"] for event in falls if not event["from"]),
        pulled=tuple((event["entity"], event["from"]) for event in falls if event["from"]),
        called=float(sum(sum(giver["called"][: last + 1]) for giver in reading["guarantors"])),
    )


@dataclass(frozen=True)
class Missing:
    """Where the rent ends up that a tenant does not pay, to the horizon.

    ``amount`` is what is missing, USD bn; ``flows`` are (from, to, share of it). The first flow comes from
    the tenant; what arrives at a place stays there or flows on, so the shares that stay add up to 1.
    """

    tenant: str
    amount: float
    flows: tuple[tuple[str, str, float], ...]

    def stays(self) -> dict[str, float]:
        """What stays where, as shares of the missing dollar; adds up to 1.

        >>> Missing("a", 2.0, (("a", "b", 1.0), ("b", "owners:b", 0.25), ("b", "lenders", 0.75))).stays()
        {'owners:b': 0.25, 'lenders': 0.75}
        """
        sources = {source for source, _, _ in self.flows}
        ends: dict[str, float] = {}
        for _, target, share in self.flows:
            if target not in sources:
                ends[target] = ends.get(target, 0.0) + share
        return ends


def missing_rent(result: Result, reading: Mapping, i: int = 0) -> dict[str, Missing]:
    """For every tenant that pays less than agreed before the horizon: where its missing rent ends up.

    A dollar that a tenant does not pay is paid by a guarantor, earned by letting the space anew, passed on by
    a host that then pays its own rent short, lost by the host's lenders, or borne by the host's owners.
    Lenders bear at most what they lose at that host; the rest of its missing rent comes out of its cash, that
    is its owners' money. The bills of labs to hosts outside the web do not count.

    Parameters
    ----------
    result : Result
        Run with `KEEP`.
    reading : mapping
        Of the same scenario.
    i : int
        Which scenario of the batch.

    Returns
    -------
    dict of str to Missing
        By tenant; empty when everybody pays.
    """
    layout, last = result.layout, int(result.last[i]) + 1
    structure = layout.structure
    rows = layout.contract_rows
    scheduled, due, paid, called = (
        result.array(f"row_{name}")[i, :last][:, rows] for name in ("scheduled", "due", "paid", "called")
    )
    failed = result.ends["failed"][i]
    quarters = np.arange(last)[:, None]
    stops = np.minimum(failed, result.ends["renegotiated"][i])  # pays less than agreed from then on
    gone = stops[structure.payer[rows]][None, :] <= quarters
    unpaid = np.where(gone, np.maximum(scheduled - paid, 0.0), 0.0)
    ended = failed[structure.payer[rows]][None, :] <= quarters  # nothing is let anew for what is only cut
    relet = _relet_by_row(result, i, np.where(ended, np.maximum(scheduled - due, 0.0), 0.0), last)
    relet = np.minimum(relet, unpaid - called)
    lost = dict.fromkeys(layout.nodes, 0.0)
    for line in reading["tranches"]:
        lost[line["borrower"]] += sum(line["lost"][:last])
    owed_by: dict[tuple[str, str], np.ndarray] = {}
    for k, row in enumerate(rows):
        ends = (layout.nodes[structure.payer[row]], layout.nodes[structure.payee[row]])
        parts = np.array([unpaid[:, k].sum(), called[:, k].sum(), relet[:, k].sum()])
        owed_by[ends] = owed_by.get(ends, np.zeros(3)) + parts
    givers = {
        layout.nodes[structure.payee[row]]: layout.nodes[structure.giver[row]]
        for row in rows
        if structure.giver[row] >= 0
    }
    tenants = [node for node in layout.nodes if int(stops[layout.index[node]]) < last]
    found = {}
    for tenant in tenants:
        total = sum(parts[0] for (payer, _), parts in owed_by.items() if payer == tenant)
        if total > TINY:
            flows: dict[tuple[str, str], float] = {}
            _follow(tenant, 1.0, owed_by, givers, lost, flows)
            found[tenant] = Missing(tenant, float(total), tuple((*ends, s) for ends, s in flows.items()))
    return found


def _relet_by_row(result: Result, i: int, freed: np.ndarray, last: int) -> np.ndarray:
    """What letting anew earns, by contract row: a host's total in proportion to the rent that fell away."""
    layout = result.layout
    hosts = layout.structure.payee[layout.contract_rows]
    total = result.array("relet")[i, :last]
    by_host = np.zeros_like(total)
    for k, host in enumerate(hosts):
        by_host[:, host] += freed[:, k]
    of_host = by_host[:, hosts]
    return np.where(of_host > TINY, freed / np.where(of_host > TINY, of_host, 1.0), 0.0) * total[:, hosts]


def _follow(
    tenant: str,
    share: float,
    owed_by: Mapping[tuple[str, str], np.ndarray],
    givers: Mapping[str, str],
    lost: Mapping[str, float],
    flows: dict[tuple[str, str], float],
) -> None:
    """Follow ``share`` of the missing dollar from a tenant to its hosts and on, adding to ``flows``."""
    hosts = {payee: parts for (payer, payee), parts in owed_by.items() if payer == tenant and parts[0] > TINY}
    total = sum(parts[0] for parts in hosts.values())

    def add(source: str, target: str, part: float) -> None:
        if part > 0.0:
            flows[source, target] = flows.get((source, target), 0.0) + float(part)

    for host, (unpaid, called, relet) in hosts.items():
        here = share * unpaid / total
        add(tenant, host, here)
        all_unpaid = sum(parts[0] for (_, payee), parts in owed_by.items() if payee == host)
        rest = max(unpaid - called - relet, 0.0)
        passed_on = sum(parts[0] for (payer, _), parts in owed_by.items() if payer == host)
        # Other tenants of the same host may fail too: each answers for its part of what the host cannot bear.
        on = min(rest, passed_on * unpaid / all_unpaid)
        lenders = min(rest - on, lost[host] * unpaid / all_unpaid)
        dollar = here / unpaid
        add(host, f"guarantor:{givers.get(host, '')}", called * dollar)
        add(host, "relet", relet * dollar)
        add(host, "lenders", lenders * dollar)
        add(host, f"owners:{host}", (rest - on - lenders) * dollar)
        if on > TINY:
            _follow(host, on * dollar, owed_by, givers, lost, flows)
