"""Where everything sits: a snapshot compiled into index arrays and static schedules.

The engine works on arrays with the scenario axis last. This module is the one place that knows which row of
which array is CoreWeave, which ledger row is Fluidstack's rent, and what is due in which quarter whatever
the scenario.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from scipy import sparse

from core.finance.debt import balance_path, bucket_anchors, principal_schedule
from core.finance.networks import Structure
from core.web.web import Web

QUARTERS = 32
LOOK_AHEAD = 4  # forward measures look four quarters beyond the last one
DUST = 1e-12  # USD bn: what rounding leaves of a repaid loan
NEVER = QUARTERS  # a quarter of failure that does not come

# Seniority classes of the ledger (model.md, section 6).
OPERATING, RENT, SECURED, UNSECURED, SUBORDINATED = range(5)


@dataclass(frozen=True)
class Lab:
    """An AI lab: own revenue, other cost, total compute bill, investors' money (USD bn a quarter)."""

    id: str
    node: int
    revenue: np.ndarray
    other_cost_share: float
    bill: np.ndarray
    funding: np.ndarray
    elasticity: float


@dataclass(frozen=True)
class Fleet:
    """A host that owns chips: what it runs, earns and plans to build. MW, USD m per MW and year, quarters."""

    id: str
    node: int
    active_mw: float
    legacy_price: float
    new_price: float
    opex: float
    site_lease: float
    capex_per_mw: float
    chip_share: float
    chip_life: int
    site_life: int
    term: int
    legacy_age: int
    legacy_mw: np.ndarray
    reequip_share: float
    debt_share: float
    roll_share: float
    undrawn: float
    committed: int
    mw_added: np.ndarray
    equity_raise: np.ndarray
    fee_rows: np.ndarray
    fee_shares: np.ndarray
    is_legacy: np.ndarray
    backstop: int
    place: int
    chip_weight: np.ndarray
    legacy_chips: np.ndarray
    contract_weight: np.ndarray
    contract_live: np.ndarray
    legacy_contract: np.ndarray


@dataclass(frozen=True)
class Leases:
    """Contracts with a fixed rent: USD bn a quarter by lease, for 36 quarters.

    ``rent`` is what is owed while the tenant stays to the end; ``rent_exit`` stops at the first exit.
    ``margin`` is what the host keeps of a dollar of rent; ``reliable`` marks investment-grade tenants.
    """

    ids: tuple[str, ...]
    row: np.ndarray
    tenant: np.ndarray
    host: np.ndarray
    rent: np.ndarray
    rent_exit: np.ndarray
    forward: np.ndarray
    forward_exit: np.ndarray
    value: np.ndarray
    value_exit: np.ndarray
    start: np.ndarray
    term: np.ndarray
    promise: np.ndarray
    reliable: np.ndarray


@dataclass(frozen=True)
class Promises:
    """Guarantees in this web: kind, giver, beneficiary, cap (USD bn), quarters between which they stand.

    ``cap_path`` is the most that can be asked for in each of 36 quarters before any call, (promise, quarter).
    """

    ids: tuple[str, ...]
    kind: tuple[str, ...]
    giver: np.ndarray
    on: tuple[str, ...]
    host: np.ndarray
    cap: np.ndarray
    start: np.ndarray
    until: np.ndarray
    lever: tuple[str, ...]
    row: np.ndarray
    share: np.ndarray
    cap_path: np.ndarray


@dataclass(frozen=True)
class Tranches:
    """Debt lines at the snapshot date. Schedules are (tranche, quarter), USD bn; rates are per year.

    ``regular`` is scheduled principal, ``final`` the bullet or balloon that may be rolled over;
    ``balance`` is outstanding at the end of a quarter if paid as scheduled, ``opening`` at its start.
    By (quarter, tranche): ``cash_due + cash_floats * base_rate`` is due in cash, ``final_shares`` in cash or
    shares.
    """

    ids: tuple[str, ...]
    row: np.ndarray
    borrower: np.ndarray
    kind: tuple[str, ...]
    seniority: np.ndarray
    floating: np.ndarray
    rate: np.ndarray
    first: np.ndarray
    profile: np.ndarray
    maturity: np.ndarray
    regular: np.ndarray
    final: np.ndarray
    balance: np.ndarray
    opening: np.ndarray
    convertible: np.ndarray
    scheduled_next_year: np.ndarray
    cash_due: np.ndarray
    cash_floats: np.ndarray
    final_shares: np.ndarray


@dataclass(frozen=True)
class Opening:
    """Opening debt added up by borrower or by ledger row, (group, quarter), USD bn a quarter, while it lives.

    Interest is ``fixed_interest + floats * base_rate / 4``; ``rollable`` are bullets and balloons,
    ``convertible`` falls due in cash or shares. ``balance`` is at the end of the quarter, ``start_*`` at the
    snapshot date, ``next_year`` all principal due in this and the next three quarters.
    """

    fixed_interest: np.ndarray
    floats: np.ndarray
    regular: np.ndarray
    rollable: np.ndarray
    convertible: np.ndarray
    balance: np.ndarray
    end_fixed_interest: np.ndarray
    end_floats: np.ndarray
    next_year: np.ndarray
    opening: np.ndarray


@dataclass(frozen=True, eq=False)
class Layout:
    """A compiled snapshot. Nodes are numbered in the order of ``nodes``, ledger rows in that of ``rows``.

    ``debtors`` lists, by node, who owes it under contracts: the debtor and its places in ``contract_rows``.
    """

    web: Web
    parameters: dict[str, float]
    first_year: int
    quarters: tuple[str, ...]
    nodes: tuple[str, ...]
    index: dict[str, int]
    kind: tuple[str, ...]
    cash: np.ndarray
    structure: Structure
    rows: tuple[str, ...]
    row_index: dict[str, int]
    labs: tuple[Lab, ...]
    fleets: tuple[Fleet, ...]
    leases: Leases
    tranches: Tranches
    opening: Opening
    debt_rows: np.ndarray
    debt_row_place: np.ndarray
    debt_row_opening: Opening
    promises: Promises
    borrowers: np.ndarray
    wealthy: np.ndarray
    wealthy_income: np.ndarray
    wealthy_elasticity: np.ndarray
    landlords: np.ndarray
    landlord_margin: np.ndarray
    landlord_overhead: np.ndarray
    landlord_capex: np.ndarray
    site_cost: np.ndarray
    chip_cost: np.ndarray
    construction_until: np.ndarray
    intermediary: int
    markup_row: int
    markup_tenant: int
    markup_share: float
    markup: float
    bill_rows: tuple[tuple[int, int, int, float, int], ...]
    intermediary_funding: np.ndarray
    lab_nodes: np.ndarray
    lab_bill: np.ndarray
    lab_cost_rows: np.ndarray
    lab_bill_rows: np.ndarray
    invoiced: sparse.csr_array
    landlord_cost_rows: np.ndarray
    landlord_capex_rows: np.ndarray
    tranche_place: np.ndarray
    new_level_rows: np.ndarray
    new_bullet_rows: np.ndarray
    lease_margin: np.ndarray
    overhead_ahead: np.ndarray
    site_share: np.ndarray
    sites_by_quarter: np.ndarray
    chips_by_quarter: np.ndarray
    own_capex_ahead: np.ndarray
    companies: tuple[str, ...]
    tenants: tuple[str, ...]
    contract_rows: np.ndarray
    debtors: dict[int, tuple[tuple[int, np.ndarray], ...]]
    reliable: np.ndarray
    sinks: np.ndarray
    claim_place: np.ndarray
    claim_seniority: np.ndarray
    rating_cover: np.ndarray
    rating_spread: np.ndarray
    resale: np.ndarray

    @cached_property
    def p(self) -> Callable[[str], float]:
        """Gives a market parameter in model units, e.g. ``p("access.cover_floor")``; KeyError if unknown."""
        return self.parameters.__getitem__  # asked some thirty times a quarter


def quarter_labels(first_year: int, count: int = QUARTERS) -> tuple[str, ...]:
    """Names of quarters.

    Parameters
    ----------
    first_year : int
        Year of quarter 0.
    count : int
        How many quarters.

    Examples
    --------
    >>> quarter_labels(2026, 5)
    ('2026Q1', '2026Q2', '2026Q3', '2026Q4', '2027Q1')
    """
    return tuple(f"{first_year + q // 4}Q{q % 4 + 1}" for q in range(count))


def per_quarter(yearly: np.ndarray, count: int = QUARTERS) -> np.ndarray:
    """A yearly path as equal quarters; the last year goes on beyond its end.

    Parameters
    ----------
    yearly : ndarray, (year,)
        Sums of a year.
    count : int
        How many quarters.

    Examples
    --------
    >>> per_quarter(np.array([4.0, 8.0]), 10).tolist()
    [1.0, 1.0, 1.0, 1.0, 2.0, 2.0, 2.0, 2.0, 2.0, 2.0]
    """
    years = np.minimum(np.arange(count) // 4, len(yearly) - 1)
    return np.asarray(yearly, dtype=float)[years] / 4.0


def rent_schedule(rent: float, start: int, ramp: int, term: int, count: int) -> np.ndarray:
    """Rent of a lease by quarter: a linear ramp over ``ramp`` quarters, then full rent until the term ends.

    Parameters
    ----------
    rent : float
        Full rent of a quarter, USD bn.
    start, ramp, term : int
        First quarter, quarters of ramp, and quarters from the first to the last.
    count : int
        How many quarters.

    Examples
    --------
    >>> rent_schedule(1.0, 1, 2, 4, 6).tolist()
    [0.0, 0.5, 1.0, 1.0, 1.0, 0.0]
    """
    q = np.arange(count)
    ramped = np.clip((q - start + 1) / max(ramp, 1), 0.0, 1.0)
    return rent * ramped * (q >= start) * (q < start + term)


def annuity_of(schedule: np.ndarray, rate: float) -> np.ndarray:
    """Present value at the start of each quarter of the rest of a schedule, discounted per quarter.

    Parameters
    ----------
    schedule : ndarray, (row, quarter)
        Due at the end of each quarter, USD bn.
    rate : float
        Decimal a quarter.

    Examples
    --------
    >>> annuity_of(np.array([[1.0, 1.0]]), 0.25).tolist()
    [[1.44, 0.8]]
    """
    value = np.zeros(schedule.shape[0])
    out = np.empty_like(schedule)
    for q in range(schedule.shape[1] - 1, -1, -1):
        value = (value + schedule[:, q]) / (1.0 + rate)
        out[:, q] = value
    return out


def forward_sum(schedule: np.ndarray, count: int = QUARTERS) -> np.ndarray:
    """Sum of this and the next three quarters of a schedule, for ``count`` quarters.

    Parameters
    ----------
    schedule : ndarray, (row, quarter)
        Four quarters longer than ``count``.
    count : int
        How many quarters.
    """
    total = np.cumsum(schedule, axis=1)
    total = np.concatenate([np.zeros((schedule.shape[0], 1)), total], axis=1)
    return total[:, LOOK_AHEAD : LOOK_AHEAD + count] - total[:, :count]


def quarter_after(schedule: np.ndarray, term_end: int) -> np.ndarray:
    """The schedule with nothing due from ``term_end`` on.

    Parameters
    ----------
    schedule : ndarray, (..., quarter)
        What is due.
    term_end : int
        First quarter without dues.
    """
    return schedule * (np.arange(schedule.shape[-1]) < term_end)


class _Compiler:
    """Collects ledger rows while the tables of a snapshot are read."""

    def __init__(self, web: Web):
        self.web = web
        self.nodes = tuple(s for s in web.tables["entities"] if self.kind_of(s) not in ("fund", "investor"))
        self.index = {node: i for i, node in enumerate(self.nodes)}
        self.rows: list[tuple[str, int, int, int, int]] = []
        debtors = [self.index[str(items["borrower"].value)] for items in web.tables["tranches"].values()]
        self.borrowers = list(dict.fromkeys(debtors))

    def kind_of(self, subject: str) -> str:
        return str(self.item("entities", subject, "kind"))

    def item(self, table: str, subject: str, item: str, default: float | str | None = None) -> Any:
        row = self.web.tables[table][subject].get(item)
        if row is None:
            if default is None:
                raise KeyError(f"{table}: {subject}.{item} is missing")
            return default
        return row.value

    def add_row(self, name: str, payer: int, payee: int, seniority: int, giver: int = -1) -> int:
        self.rows.append((name, payer, payee, seniority, giver))
        return len(self.rows) - 1

    def of_kind(self, kind: str) -> list[str]:
        return [n for n in self.nodes if self.kind_of(n) == kind]

    def capacity(self, kind: str) -> list[str]:
        return [s for s in self.web.tables["capacity"] if self.item("capacity", s, "kind") == kind]

    # -- promises ------------------------------------------------------------------------------------
    def promises(self) -> Promises:
        kinds = ("lease_backstop", "capacity_backstop", "residual_value")
        lever = {"lease_backstop": "gw", "capacity_backstop": "nb", "residual_value": ""}
        found = [s for s in self.web.tables["promises"] if self.item("promises", s, "kind") in kinds]
        kind = tuple(str(self.item("promises", s, "kind")) for s in found)
        on = tuple(str(self.item("promises", s, "on")) for s in found)
        host = [
            self.index[self.item("offtake", o, "host")] if o in self.web.tables["offtake"] else self.index[o]
            for o in on
        ]
        giver = [self.index[self.item("promises", s, "giver")] for s in found]
        row = []
        for s, k, g, h in zip(found, kind, giver, host, strict=True):
            row.append(-1 if k == "lease_backstop" else self.add_row(f"call:{s}", g, h, UNSECURED))
        shares = {"capacity_backstop": "price_share", "residual_value": "value_share"}
        return Promises(
            ids=tuple(found),
            kind=kind,
            giver=np.array(giver),
            on=on,
            host=np.array(host),
            cap=np.array([float(self.item("promises", s, "cap")) for s in found]),
            start=np.array([int(self.item("promises", s, "from", 0)) for s in found]),
            until=np.array([int(self.item("promises", s, "until", QUARTERS + 100)) for s in found]),
            lever=tuple(lever[k] for k in kind),
            row=np.array(row),
            share=np.array(
                [
                    float(self.item("promises", s, shares[k], 1.0)) if k in shares else 1.0
                    for s, k in zip(found, kind, strict=True)
                ]
            ),
            cap_path=np.zeros((0, 0)),
        )

    # -- contracts -----------------------------------------------------------------------------------
    def leases(self, promises: Promises, discount: float) -> Leases:
        found = [s for s in self.web.tables["offtake"] if self.item("offtake", s, "book") == "lease"]
        tenant = [str(self.item("offtake", s, "tenant")) for s in found]
        count = QUARTERS + LOOK_AHEAD
        long = 140  # the longest term plus its start: Hyperion's and AWS's leases are valued to their end
        rent, rent_exit, row, promise = [], [], [], []
        for s, t in zip(found, tenant, strict=True):
            total = self.item("offtake", s, "rent_total", -1.0)
            if total < 0:
                total = self.item("offtake", s, "mw") * self.item("offtake", s, "rent") / 1000.0
            schedule = rent_schedule(
                total / 4.0,
                int(self.item("offtake", s, "start")),
                int(self.item("offtake", s, "ramp", 0)),
                int(self.item("offtake", s, "term")),
                long,
            )
            rent.append(schedule)
            rent_exit.append(quarter_after(schedule, int(self.item("offtake", s, "first_exit", long))))
            backing = [
                i
                for i, (o, k) in enumerate(zip(promises.on, promises.kind, strict=True))
                if o == s and k == "lease_backstop"
            ]
            promise.append(backing[0] if backing else -1)
            giver = int(promises.giver[backing[0]]) if backing else -1
            host = self.index[self.item("offtake", s, "host")]
            row.append(self.add_row(f"rent:{s}", self.index[t], host, RENT, giver))
        rent_all, exit_all = np.array(rent), np.array(rent_exit)
        return Leases(
            ids=tuple(found),
            row=np.array(row),
            tenant=np.array([self.index[t] for t in tenant]),
            host=np.array([self.index[self.item("offtake", s, "host")] for s in found]),
            rent=rent_all[:, :count],
            rent_exit=exit_all[:, :count],
            forward=forward_sum(rent_all[:, : count + LOOK_AHEAD], count),
            forward_exit=forward_sum(exit_all[:, : count + LOOK_AHEAD], count),
            value=annuity_of(rent_all, discount / 4.0)[:, :count],
            value_exit=annuity_of(exit_all, discount / 4.0)[:, :count],
            start=np.array([int(self.item("offtake", s, "start")) for s in found]),
            term=np.array([int(self.item("offtake", s, "term")) for s in found]),
            promise=np.array(promise),
            reliable=np.array(
                [self.kind_of(t) == "bigtech" or (self.kind_of(t) == "tenant") for t in tenant]
            ),
        )

    def labs(self) -> tuple[Lab, ...]:
        out = []
        for s in self.of_kind("lab"):
            out.append(
                Lab(
                    id=s,
                    node=self.index[s],
                    revenue=per_quarter(self.web.plan(s, "revenue")),
                    other_cost_share=float(self.item("entities", s, "other_cost_share")),
                    bill=per_quarter(self.web.plan(s, "compute_bill")),
                    funding=per_quarter(self.web.plan(s, "funding")),
                    elasticity=float(self.item("entities", s, "revenue_elasticity")),
                )
            )
            self.add_row(f"cost:{s}", self.index[s], self.index["outside"], OPERATING)
            self.add_row(f"bill:{s}", self.index[s], self.index["outside"], RENT)
        return tuple(out)

    def fleets(self, promises: Promises, resale: np.ndarray, discount: float) -> tuple[Fleet, ...]:
        return tuple(self.fleet(host, promises, resale, discount) for host in self.capacity("compute"))

    def fleet(self, host: str, promises: Promises, resale: np.ndarray, discount: float) -> Fleet:
        node, outside = self.index[host], self.index["outside"]

        def get(name: str) -> float:
            return float(self.item("capacity", host, name))

        self.add_row(f"cost:{host}", node, outside, OPERATING)
        self.add_row(f"capex:{host}", node, outside, OPERATING)
        self.add_row(f"site:{host}", node, self.index["site_landlords"], RENT)
        books: dict[str, tuple[list[int], list[float]]] = {"legacy": ([], []), "new": ([], [])}
        for s in self.web.tables["offtake"]:
            book = str(self.item("offtake", s, "book"))
            if self.item("offtake", s, "host") == host and book in books:
                tenant = self.index[self.item("offtake", s, "tenant")]
                books[book][0].append(self.add_row(f"fees:{s}", tenant, node, RENT))
                books[book][1].append(float(self.item("offtake", s, "share")))
        q = np.arange(QUARTERS + LOOK_AHEAD)
        begin, end = get("legacy_end_from"), get("legacy_end_to")
        legacy_mw = get("active_mw") * (1.0 - np.clip((q - begin) / (end - begin), 0.0, 1.0))
        backstop = [
            i
            for i, (o, k) in enumerate(zip(promises.on, promises.kind, strict=True))
            if o == host and k == "capacity_backstop"
        ]
        return Fleet(
            id=host,
            node=node,
            active_mw=get("active_mw"),
            legacy_price=get("legacy_price"),
            new_price=get("new_price"),
            opex=get("opex"),
            site_lease=get("site_lease"),
            capex_per_mw=get("capex_per_mw"),
            chip_share=get("chip_share"),
            chip_life=int(get("chip_life_years")) * 4,
            site_life=int(get("site_life_years")) * 4,
            term=int(get("contract_term")),
            legacy_age=int(get("legacy_age")),
            legacy_mw=legacy_mw,
            reequip_share=get("reequip_share"),
            debt_share=get("debt_share"),
            roll_share=get("roll_share"),
            undrawn=get("undrawn"),
            committed=int(get("committed_quarters")),
            mw_added=per_quarter(self.web.plan(host, "mw_added")) * (np.arange(QUARTERS) // 4 < 8),
            equity_raise=per_quarter(self.web.plan(host, "equity_raise")),
            fee_rows=np.array(books["legacy"][0] + books["new"][0]),
            fee_shares=np.array(books["legacy"][1] + books["new"][1]),
            is_legacy=np.array([True] * len(books["legacy"][0]) + [False] * len(books["new"][0])),
            backstop=backstop[0] if backstop else -1,
            place=self.borrowers.index(node),
            **valuation_weights(get, legacy_mw, resale, discount / 4.0),
        )

    # -- debt ----------------------------------------------------------------------------------------
    def tranches(self) -> Tranches:
        table = self.web.tables["tranches"]
        ids = tuple(table)
        regular, final, balance, opening, next_year = [], [], [], [], []
        span = QUARTERS + LOOK_AHEAD
        for s in ids:
            amount = float(self.item("tranches", s, "balance"))
            reg, fin = principal_schedule(
                kind=str(self.item("tranches", s, "kind")),
                balance=amount,
                rate=float(self.item("tranches", s, "rate")) / 4.0,
                first=int(self.item("tranches", s, "first", 0)),
                profile=int(self.item("tranches", s, "profile", 1)),
                maturity=int(self.item("tranches", s, "maturity")),
                quarters=span,
            )
            path = np.maximum(balance_path(amount, reg + fin), 0.0)
            path[path < DUST] = 0.0
            regular.append(reg[:QUARTERS])
            final.append(fin[:QUARTERS])
            balance.append(path[1 : QUARTERS + 1])
            opening.append(path[:QUARTERS])
            next_year.append(forward_sum((reg + fin)[None, :], QUARTERS)[0])
        row = []
        for s in ids:
            borrower, seniority = (
                str(self.item("tranches", s, "borrower")),
                int(self.item("tranches", s, "seniority")),
            )
            name = f"debt:{borrower}:{seniority}"
            found = [i for i, known in enumerate(self.rows) if known[0] == name]
            row.append(
                found[0]
                if found
                else self.add_row(name, self.index[borrower], self.index["lenders"], seniority)
            )
        kinds = tuple(str(self.item("tranches", s, "kind")) for s in ids)
        rate = np.array([float(self.item("tranches", s, "rate")) for s in ids])
        floating = np.array([self.item("tranches", s, "rate_type") == "floating" for s in ids])
        convertible = np.array([k == "convertible" for k in kinds])
        at_start, at_end, in_parts = (np.array(path).T for path in (opening, final, regular))
        return Tranches(
            ids=ids,
            row=np.array(row),
            borrower=np.array([self.index[self.item("tranches", s, "borrower")] for s in ids]),
            kind=kinds,
            seniority=np.array([int(self.item("tranches", s, "seniority")) for s in ids]),
            floating=floating,
            rate=rate,
            first=np.array([int(self.item("tranches", s, "first", 0)) for s in ids]),
            profile=np.array([int(self.item("tranches", s, "profile", 1)) for s in ids]),
            maturity=np.array([int(self.item("tranches", s, "maturity")) for s in ids]),
            regular=np.array(regular),
            final=np.array(final),
            balance=np.array(balance),
            opening=np.array(opening),
            convertible=convertible,
            scheduled_next_year=np.array(next_year),
            cash_due=at_start * rate / 4.0 + in_parts + at_end * ~convertible,
            cash_floats=at_start * floating / 4.0,
            final_shares=at_end * convertible,
        )


def cap_paths(promises: Promises, leases: Leases) -> np.ndarray:
    """The most that each promise can be asked for in each quarter, before any call; (promise, 36), USD bn.

    A promise stands from its first to its last quarter. A lease backstop is live once the lease has started,
    and its cap falls with the unpaid share of the term's rent.

    Parameters
    ----------
    promises : Promises
        Caps and the quarters between which they stand.
    leases : Leases
        What the lease backstops stand behind.
    """
    q = np.arange(QUARTERS + LOOK_AHEAD)
    stands = (promises.start[:, None] <= q) & (q < promises.until[:, None])
    paths = promises.cap[:, None] * stands
    for k, i in enumerate(leases.promise):
        if i >= 0:
            elapsed = q - leases.start[k]
            paths[i] *= np.clip(1.0 - elapsed / leases.term[k], 0.0, 1.0) * (elapsed >= 0)
    return paths


def add_up_tranches(t: Tranches, groups: np.ndarray) -> Opening:
    """Add up the schedules of the tranches by group; ``groups`` names each tranche's group, 0 upwards.

    Parameters
    ----------
    t : Tranches
        Debt lines at the snapshot date.
    groups : ndarray of int, (tranche,)
        Group of each tranche.
    """

    def _added(values: np.ndarray) -> np.ndarray:
        """Rows of tranches added up by group."""
        out = np.zeros((int(groups.max()) + 1, *values.shape[1:]))
        np.add.at(out, groups, values)
        return out

    rolls = np.array([k in ("bullet", "balloon") for k in t.kind])[:, None]
    rate, floating, convertible = t.rate[:, None], t.floating[:, None], t.convertible[:, None]
    return Opening(
        fixed_interest=_added(t.opening * rate) / 4.0,
        floats=_added(t.opening * floating) / 4.0,
        regular=_added(t.regular + t.final * ~(rolls | convertible)),
        rollable=_added(t.final * rolls),
        convertible=_added(t.final * convertible),
        balance=_added(t.balance),
        end_fixed_interest=_added(t.balance * rate) / 4.0,
        end_floats=_added(t.balance * floating) / 4.0,
        next_year=_added(t.scheduled_next_year),
        opening=_added(t.opening),
    )


def resale_share(resale: np.ndarray, age_quarters: np.ndarray) -> np.ndarray:
    """Share of its cost that a chip of this age still fetches in a normal market.

    Straight lines between the years of the data book's curve; after its last year the scrap value stays.

    Parameters
    ----------
    resale : ndarray, (year,)
        The curve: share of cost after 0, 1, 2 ... years.
    age_quarters : ndarray
        Quarters; any shape, which the answer keeps.

    Examples
    --------
    >>> resale_share(np.array([1.0, 0.75, 0.55]), np.array([0, 2, 8, 20])).tolist()
    [1.0, 0.875, 0.55, 0.55]
    """
    return np.interp(np.asarray(age_quarters) / 4.0, np.arange(resale.size), resale)


def valuation_weights(
    get: Callable[[str], float], legacy_mw: np.ndarray, resale: np.ndarray, rate: float
) -> dict[str, np.ndarray]:
    """What a MW of chips and a dollar of contract margin are worth, by quarter of valuation and of building.

    Row 0 is the snapshot date, row q + 1 the end of quarter q. Chips: share of their cost (only the young
    generation counts). Contracts: present value factor of the rest of the term, and whether it still runs.
    ``legacy_*`` are USD bn of chips and, per USD m of yearly margin, contracts of the opening fleet.

    Parameters
    ----------
    get : callable
        Gives a number of the host's row of the capacity table by its item.
    legacy_mw : ndarray, (36,)
        MW under legacy contracts by quarter.
    resale : ndarray, (year,)
        The resale curve, as for `resale_share`.
    rate : float
        Discount, decimal a quarter.
    """
    row, built = np.arange(QUARTERS + 1)[:, None], np.arange(QUARTERS)[None, :]
    age = row - built
    term, life = get("contract_term"), get("chip_life_years") * 4
    known = age >= 1
    worth = np.where(known & (age <= life), resale_share(resale, np.maximum(age, 0)), 0.0)
    remaining = np.where(known, term + 1 - age, 0.0)
    factor = np.where(remaining > 0, (1.0 - (1.0 + rate) ** -np.maximum(remaining, 0.0)) / rate, 0.0)
    legacy_age = get("legacy_age") + np.arange(QUARTERS + 1)
    chips = get("active_mw") * resale_share(resale, legacy_age) * (legacy_age <= life)
    left = [
        np.sum(legacy_mw[r:] * (1.0 + rate) ** -np.arange(1.0, legacy_mw.size - r + 1.0))
        for r in range(QUARTERS + 1)
    ]
    return {
        "chip_weight": worth,
        "legacy_chips": chips,
        "contract_weight": factor,
        "contract_live": remaining > 0,
        "legacy_contract": np.array(left),
    }


def static_assets(
    index: dict[str, int],
    borrowers: list[int],
    landlords: list[str],
    capex: np.ndarray,
    site: np.ndarray,
    chips: np.ndarray,
    resale: np.ndarray,
) -> dict[str, np.ndarray]:
    """Sites (at cost), chips (at resale value) and own building ahead of borrowers without a fleet.

    Column 0 is the snapshot date, column q + 1 the end of quarter q; (borrower, quarter + 1), USD bn.

    Parameters
    ----------
    index : dict of str to int
        Number of each node.
    borrowers : list of int
        Nodes that have debt.
    landlords : list of str
        Hosts that still build.
    capex : ndarray, (landlord, quarter)
        Building still to come, USD bn.
    site, chips : ndarray, (node,)
        What stands at the snapshot date, at cost, USD bn.
    resale : ndarray, (year,)
        The resale curve, as for `resale_share`.
    """
    columns = np.arange(QUARTERS + 1)
    sites = np.repeat(site[borrowers][:, None], columns.size, axis=1)
    ahead = np.zeros_like(sites)
    for j, host in enumerate(landlords):
        k = borrowers.index(index[host])
        built = np.concatenate([[0.0], np.cumsum(capex[j])])
        sites[k] += built
        ahead[k] = built[np.minimum(columns + LOOK_AHEAD, QUARTERS)] - built
    return {
        "sites_by_quarter": sites,
        "chips_by_quarter": chips[borrowers][:, None] * resale_share(resale, columns)[None, :],
        "own_capex_ahead": ahead,
    }


def debtors_by_payee(payer: np.ndarray, payee: np.ndarray) -> dict[int, tuple[tuple[int, np.ndarray], ...]]:
    """Who owes whom under contracts: for each payee its debtors, each with the places of its contracts.

    Parameters
    ----------
    payer, payee : ndarray of int, (contract,)
        Nodes.

    Examples
    --------
    >>> debtors_by_payee(np.array([4, 4, 2]), np.array([0, 0, 0]))
    {0: ((2, array([2])), (4, array([0, 1])))}
    """
    return {
        int(node): tuple(
            (int(debtor), np.flatnonzero((payee == node) & (payer == debtor)))
            for debtor in np.unique(payer[payee == node])
        )
        for node in np.unique(payee)
    }


@lru_cache(maxsize=16)
def compile_layout(web: Web) -> Layout:
    """Compile a snapshot once; the result is shared by every run on it.

    Parameters
    ----------
    web : Web
        A loaded snapshot.

    Raises
    ------
    KeyError
        If a table lacks an item that the engine needs; the message names table and row.
    """
    c = _Compiler(web)
    p = {row.id: float(row.value) for subject in web.tables["market"].values() for row in subject.values()}
    outside, lenders = c.index["outside"], c.index["lenders"]
    promises = c.promises()
    leases = c.leases(promises, p["recovery.discount"])
    promises = replace(promises, cap_path=cap_paths(promises, leases))
    labs = c.labs()
    years = sorted(k for k in p if k.startswith("recovery.resale_year_"))
    resale = np.array([1.0] + [p[k] for k in years])
    fleets = c.fleets(promises, resale, p["recovery.discount"])
    landlords = list(c.capacity("landlord"))
    for host in landlords:
        c.add_row(f"cost:{host}", c.index[host], outside, OPERATING)
        c.add_row(f"capex:{host}", c.index[host], outside, OPERATING)
    tranches = c.tranches()
    borrowers = c.borrowers
    for b in borrowers:
        c.add_row(f"new_level:{c.nodes[b]}", b, lenders, SECURED)
        c.add_row(f"new_bullet:{c.nodes[b]}", b, lenders, SECURED)  # both parts of a loan have its security
    bill_rows = []
    markup_row = markup_tenant = intermediary = -1
    markup_share = markup = 0.0
    for s in web.tables["offtake"]:
        book = str(c.item("offtake", s, "book"))
        tenant, supplier = c.index[c.item("offtake", s, "tenant")], c.index[c.item("offtake", s, "host")]
        if book == "share_of_bill":
            lab = next(i for i, x in enumerate(labs) if x.node == tenant)
            row = c.add_row(f"fees:{s}", tenant, supplier, RENT)
            bill_rows.append(
                (row, lab, supplier, float(c.item("offtake", s, "share")), int(c.item("offtake", s, "start")))
            )
        elif book == "markup":
            markup_row = c.add_row(f"fees:{s}", tenant, supplier, RENT)
            markup_tenant, intermediary = tenant, supplier
            markup_share, markup = float(c.item("offtake", s, "share")), float(c.item("offtake", s, "markup"))
    c.add_row(f"cost:{c.nodes[intermediary]}", intermediary, outside, OPERATING)
    names, payer, payee, seniority, giver = (list(x) for x in zip(*c.rows, strict=True))

    wealthy = [n for n in c.nodes if c.kind_of(n) == "bigtech" or (c.kind_of(n) == "tenant")]
    income = [float(c.item("entities", n, "operating_cash_flow", 0.0)) / 4.0 for n in wealthy]
    span = np.arange(QUARTERS)
    capex_path, site, chips = [], np.zeros(len(c.nodes)), np.zeros(len(c.nodes))
    for host in landlords:
        left, over = (
            float(c.item("capacity", host, "capex_left")),
            int(c.item("capacity", host, "capex_quarters")),
        )
        path = np.where(span < over, left / over, 0.0)
        capex_path.append(path)
        site[c.index[host]] = float(c.item("capacity", host, "spent"))
    for host in c.capacity("vehicle"):
        cost, share = (
            float(c.item("capacity", host, "asset_cost")),
            float(c.item("capacity", host, "chip_share")),
        )
        site[c.index[host]], chips[c.index[host]] = cost * (1.0 - share), cost * share
    construction = np.zeros(len(c.nodes), dtype=int)
    for i, host_node in enumerate(leases.host):
        ramp = int(c.item("offtake", leases.ids[i], "ramp", 0))
        construction[host_node] = max(construction[host_node], int(leases.start[i]) + ramp)
    ratings = [s for s in web.tables["market"] if s.startswith("rating_")]
    lows = np.array([p.get(f"{s}.cover_from", -np.inf) for s in ratings])
    rating_cover = bucket_anchors(lows, np.append(lows[1:], np.inf))
    rating_spread = np.array([p[f"{s}.spread"] for s in ratings])
    row_index = {name: i for i, name in enumerate(names)}
    margin, overhead = np.ones(len(c.nodes)), np.zeros(len(c.nodes))
    for host in landlords:
        margin[c.index[host]] = float(c.item("capacity", host, "operating_margin"))
        overhead[c.index[host]] = float(c.item("capacity", host, "overhead")) / 4.0
    neoclouds = [n for n in web.tables["entities"] if c.kind_of(n) == "neocloud"]
    vehicles = [n for n in web.tables["entities"] if c.kind_of(n) == "vehicle"]
    contract = [i for i, name in enumerate(names) if name.split(":")[0] in ("rent", "fees")]
    lab_nodes = np.array([lab.node for lab in labs])
    invoiced = np.zeros((len(labs), len(names)))
    for row in contract:
        invoiced[lab_nodes == payer[row], row] = 1.0
    place = {b: i for i, b in enumerate(borrowers)}
    rented = {f.node for f in fleets}  # owners of chips put them into other people's halls
    tranche_place = np.array([place[int(b)] for b in tranches.borrower])
    debt_rows = np.unique(tranches.row)
    return Layout(
        web=web,
        parameters=p,
        first_year=int(web.snapshot[:4]) + 1,
        quarters=quarter_labels(int(web.snapshot[:4]) + 1),
        nodes=c.nodes,
        index=c.index,
        kind=tuple(c.kind_of(n) for n in c.nodes),
        cash=np.array([float(c.item("entities", n, "cash", 0.0)) for n in c.nodes]),
        structure=Structure.compile(payer, payee, seniority, len(c.nodes), giver),
        rows=tuple(names),
        row_index=row_index,
        labs=labs,
        fleets=fleets,
        leases=leases,
        tranches=tranches,
        opening=add_up_tranches(tranches, tranche_place),
        debt_rows=debt_rows,
        debt_row_place=np.array([place[payer[row]] for row in debt_rows]),
        debt_row_opening=add_up_tranches(tranches, np.searchsorted(debt_rows, tranches.row)),
        promises=promises,
        borrowers=np.array(borrowers),
        wealthy=np.array([c.index[n] for n in wealthy]),
        wealthy_income=np.array(income),
        wealthy_elasticity=np.array(
            [float(c.item("entities", n, "revenue_elasticity", 0.15)) for n in wealthy]
        ),
        landlords=np.array([c.index[h] for h in landlords]),
        landlord_margin=margin[[c.index[h] for h in landlords]],
        landlord_overhead=overhead[[c.index[h] for h in landlords]],
        landlord_capex=np.array(capex_path),
        site_cost=site,
        chip_cost=chips,
        construction_until=construction,
        intermediary=intermediary,
        markup_row=markup_row,
        markup_tenant=markup_tenant,
        markup_share=markup_share,
        markup=markup,
        bill_rows=tuple(bill_rows),
        intermediary_funding=per_quarter(web.plan(c.nodes[intermediary], "funding")),
        lab_nodes=lab_nodes,
        lab_bill=np.array([lab.bill for lab in labs]),
        lab_cost_rows=np.array([row_index[f"cost:{lab.id}"] for lab in labs]),
        lab_bill_rows=np.array([row_index[f"bill:{lab.id}"] for lab in labs]),
        invoiced=sparse.csr_array(invoiced),
        landlord_cost_rows=np.array([row_index[f"cost:{h}"] for h in landlords]),
        landlord_capex_rows=np.array([row_index[f"capex:{h}"] for h in landlords]),
        tranche_place=tranche_place,
        new_level_rows=np.array([row_index[f"new_level:{c.nodes[b]}"] for b in borrowers]),
        new_bullet_rows=np.array([row_index[f"new_bullet:{c.nodes[b]}"] for b in borrowers]),
        lease_margin=margin[leases.host],
        overhead_ahead=4.0 * overhead[borrowers],
        site_share=np.array(
            [p["recovery.leased_site_share" if b in rented else "recovery.site_share"] for b in borrowers]
        ),
        **static_assets(c.index, borrowers, landlords, np.array(capex_path), site, chips, resale),
        companies=tuple(neoclouds + vehicles),
        tenants=tuple([lab.id for lab in labs] + [c.nodes[intermediary]]),
        contract_rows=np.array(contract),
        debtors=debtors_by_payee(np.array(payer)[contract], np.array(payee)[contract]),
        reliable=np.array([c.kind_of(n) in ("bigtech", "tenant") for n in c.nodes]),
        sinks=np.array([c.index[sink] for sink in ("lenders", "outside", "site_landlords")]),
        claim_place=np.concatenate(
            [[place[int(b)] for b in tranches.borrower], np.arange(len(borrowers)), np.arange(len(borrowers))]
        ),
        claim_seniority=np.concatenate(
            [tranches.seniority, np.full(len(borrowers), SECURED), np.full(len(borrowers), SECURED)]
        ),
        rating_cover=rating_cover,
        rating_spread=rating_spread,
        resale=resale,
    )
