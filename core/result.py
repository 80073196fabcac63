"""What a run found, and the identities it must satisfy."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from scipy import sparse

from core import books
from core.clearing import Clearing
from core.dues import Quarter
from core.layout import QUARTERS, Layout
from core.market import Market
from core.state import (
    COUNTERPARTY,
    DISTRESSED,
    FAILED,
    HEALTHY,
    MARKET_ACCESS,
    OWN_LIQUIDITY,
    STRETCHED,
    State,
)

GROUPS = ("market", "companies", "tenants", "promises", "holders")
ON_REQUEST = ("web",)  # every ledger row of every quarter: for one scenario, too large for batches
TOLERANCE = 1e-7  # USD bn: a hundred dollars in a web of hundreds of billions
CHECKS = ("cash", "clearing", "debt", "cap", "recovery")
MEASURES = ("failure", "insolvency", "runway", "cover", "access")


class IdentityError(RuntimeError):
    """Cash, calls, debt or recoveries do not add up: the result must not be used."""


@dataclass(frozen=True)
class Places:
    """Where the companies' figures come from: index arrays, made once per record."""

    node: np.ndarray
    tenant: np.ndarray
    borrower: np.ndarray
    landlord: np.ndarray
    fleet: tuple[int, ...]
    middle: int
    contracts: sparse.csr_array
    tenants: sparse.csr_array
    lenders: sparse.csr_array
    claims: sparse.csr_array
    depreciation: np.ndarray

    @classmethod
    def of(cls, layout: Layout) -> Places:
        """Find every company's place in the arrays of the engine.

        Parameters
        ----------
        layout : Layout
            The snapshot, compiled.
        """
        place = {c: i for i, c in enumerate(layout.companies)}
        structure, rows, p = layout.structure, layout.contract_rows, layout.p
        node = np.array([layout.index[c] for c in layout.companies])
        contracts = np.zeros((len(node), len(layout.rows)))
        for i, n in enumerate(node):
            contracts[i, rows[structure.payee[rows] == n]] = 1.0
        tenants = np.zeros((len(layout.tenants), len(layout.rows)))
        for i, tenant in enumerate(layout.tenants):
            tenants[i, rows[structure.payer[rows] == layout.index[tenant]]] = 1.0
            if f"bill:{tenant}" in layout.row_index:
                tenants[i, layout.row_index[f"bill:{tenant}"]] = 1.0
        lenders = np.zeros((len(layout.borrowers), len(layout.rows)))
        depreciation = np.zeros((QUARTERS, len(node)))
        for k, b in enumerate(layout.borrowers):
            lenders[k] = (structure.payer == b) & (structure.payee == layout.index["lenders"])
            sites = layout.sites_by_quarter[k, 1:] / p("market.site_life")
            depreciation[:, place[layout.nodes[b]]] = sites + layout.chip_cost[b] / p("market.chip_life")
        return cls(
            node=node,
            tenant=np.array([layout.index[t] for t in layout.tenants]),
            borrower=np.array([place[layout.nodes[b]] for b in layout.borrowers]),
            landlord=np.array([place[layout.nodes[b]] for b in layout.landlords]),
            fleet=tuple(place[f.id] for f in layout.fleets),
            middle=place[layout.nodes[layout.intermediary]],
            contracts=sparse.csr_array(contracts),
            tenants=sparse.csr_array(tenants),
            lenders=sparse.csr_array(lenders),
            claims=sparse.csr_array(
                layout.claim_place == np.arange(len(layout.borrowers))[:, None], dtype=float
            ),
            depreciation=depreciation,
        )


# Arrays of the group "companies" that end with the quarter of failure, and those that end before it.
LAST_AT_FAILURE = (
    "contracted",
    "spot",
    "guaranteed",
    "cost",
    "depreciation",
    "interest",
    "principal",
    "capex",
)
LAST_BEFORE_FAILURE = ("debt", "cash", "collateral", "assets", "forward_cover", "runway", "access")
WITHOUT_DEBT = {"collateral": np.nan, "assets": np.nan, "forward_cover": np.inf, "access": 1.0}


@dataclass
class Record:
    """Arrays of a batch while it runs, (quarter, entity, scenario); ``once`` holds those without quarters."""

    layout: Layout
    keep: frozenset[str]
    n: int
    places: Places
    quarterly: dict[str, np.ndarray]
    once: dict[str, np.ndarray]
    residual: dict[str, float]
    owed: np.ndarray  # debt of each borrower at the end of the last quarter, (borrower, scenario)

    @classmethod
    def start(cls, layout: Layout, market: Market, levers: dict, keep: frozenset[str] | None) -> Record:
        """Empty arrays for the groups wanted (all if ``keep`` is None).

        Parameters
        ----------
        layout : Layout
            The snapshot, compiled.
        market : Market
            Paths of the same scenarios.
        levers : dict of str to ndarray, (scenario,)
            Model units.
        keep : frozenset of str or None
            Of `GROUPS` and `ON_REQUEST`.
        """
        wanted = frozenset(GROUPS) if keep is None else keep
        unknown = wanted - {*GROUPS, *ON_REQUEST}
        if unknown:
            raise ValueError(
                f"unknown record group {sorted(unknown)}; known: {', '.join((*GROUPS, *ON_REQUEST))}"
            )
        n = levers["g"].shape[0]
        quarterly = {}
        if "market" in wanted:
            for name in ("demand", "capacity", "utilisation", "tightness"):
                quarterly[name] = getattr(market, name)[:, None, :]
            quarterly["price"] = quarterly.pop("tightness")
        if "companies" in wanted:
            shape = (QUARTERS, len(layout.companies), n)
            for name in (*LAST_AT_FAILURE, *LAST_BEFORE_FAILURE):
                quarterly[name] = np.full(shape, WITHOUT_DEBT.get(name, 0.0))
            quarterly["exempt"] = np.zeros(shape, dtype=bool)
        places = _places(layout)
        owed = np.repeat(layout.opening.opening[:, :1], n, axis=1)
        return cls(layout, wanted, n, places, quarterly, {}, dict.fromkeys(CHECKS, 0.0), owed)

    @property
    def quarterly_dev(self) -> np.ndarray:
        """Demand against the base path, (quarter, scenario)."""
        growth = 1.0 + self.layout.p("market.demand_growth")
        base = growth ** (0.25 * np.arange(1.0, QUARTERS + 1.0))
        return self.quarterly["demand"][:, 0] / base[:, None]

    def put(self, name: str, q: int, values: np.ndarray) -> None:
        """Store a quarter of one array, allocating it on first use.

        Parameters
        ----------
        name : str
            Of the array.
        q : int
            Quarter.
        values : ndarray, (entity, scenario)
            What to store.
        """
        if name not in self.quarterly:
            self.quarterly[name] = np.empty((QUARTERS, *values.shape))
        self.quarterly[name][q] = values

    def take(
        self,
        state: State,
        quarter: Quarter,
        settled: Clearing,
        outlook: books.Outlook,
        access: np.ndarray,
        claims: np.ndarray,
        cash_before: np.ndarray,
        q: int,
    ) -> None:
        """Check the identities of a quarter and keep what was asked for.

        Parameters
        ----------
        state : State
            At the end of the quarter.
        quarter : Quarter
            What was due and borrowed.
        settled : Clearing
            Who paid what.
        outlook : Outlook
            What lenders see at its end.
        access : ndarray, (borrower, scenario)
            Market access in the quarter, 0 to 1.
        claims : ndarray, (claim, scenario)
            Of companies that failed in it, USD bn.
        cash_before : ndarray, (node, scenario)
            Cash at its start, USD bn.
        q : int
            Quarter.
        """
        self._check(state, quarter, settled, outlook, claims, cash_before)
        if "companies" in self.keep:
            self._companies(state, quarter, settled, outlook, access, q)
        if "tenants" in self.keep:
            self.put("tenant_due", q, self.places.tenants @ quarter.scheduled)
            self.put("tenant_paid", q, self.places.tenants @ settled.paid)
            self.put("tenant_cash", q, state.cash[self.places.tenant])
        if "promises" in self.keep:
            self.put("called", q, quarter.called)
            self.put("live", q, np.maximum(quarter.caps - quarter.called, 0.0))
            leases = self.layout.leases
            self.put("rent_paid", q, settled.paid[leases.row] + settled.called_paid[leases.row])
        if "web" in self.keep:
            self.put("row_scheduled", q, quarter.scheduled)
            self.put("row_due", q, quarter.amount)
            self.put("row_paid", q, settled.paid)
            self.put("row_called", q, settled.called_paid)
            self.put("relet", q, quarter.relet)
        if "holders" in self.keep:
            self._holders(state, quarter, settled, claims, q)

    def _check(
        self,
        state: State,
        quarter: Quarter,
        settled: Clearing,
        outlook: books.Outlook,
        claims: np.ndarray,
        before: np.ndarray,
    ) -> None:
        """The identities of model.md section 13 that a quarter can break."""
        layout = self.layout
        structure, nodes = layout.structure, len(layout.nodes)
        inside = (
            settled.closing.sum(axis=0) + settled.failure_cost.sum(axis=0) - quarter.resources.sum(axis=0)
        )
        self._worst("clearing", np.abs(inside).max())
        flows = structure.owed_and_received @ settled.paid
        means = before + quarter.outside_income - quarter.withheld
        means[layout.borrowers] += quarter.borrowed + quarter.equity
        roll = means + flows[nodes:] - flows[:nodes] - settled.failure_cost - settled.closing
        calls = settled.called_paid[structure.guaranteed]
        if calls.any():
            roll += structure.called_for @ calls - structure.called_from @ calls
        self._worst("cash", np.abs(roll).max())
        grown = self.owed + quarter.borrowed + quarter.interest + quarter.service.interest
        debt = grown - self.places.lenders @ settled.paid - quarter.converted
        self._worst("debt", np.abs(debt - self.places.claims @ claims - outlook.debt).max())
        self.owed = outlook.debt
        self._worst("cap", np.max(quarter.called - quarter.caps, initial=0.0))
        if claims.any():
            self._worst("recovery", np.where(claims > 0, state.recovery - claims, 0.0).max())
        for name, worst in self.residual.items():
            if worst > TOLERANCE:
                raise IdentityError(f"{name} identity off by {worst:.3g} USD bn")

    def _worst(self, name: str, value: float) -> None:
        self.residual[name] = max(self.residual[name], float(value))

    def _companies(
        self,
        state: State,
        quarter: Quarter,
        settled: Clearing,
        outlook: books.Outlook,
        access: np.ndarray,
        q: int,
    ) -> None:
        """Revenue by payer, costs, debt service and what lenders see, by company."""
        layout, at, to = self.layout, self.places, {k: v[q] for k, v in self.quarterly.items()}
        to["contracted"][:] = at.contracts @ settled.paid
        to["guaranteed"][:] = at.contracts @ settled.called_paid
        to["spot"][:] = quarter.relet[at.node]
        to["depreciation"][:] = at.depreciation[q][:, None]
        to["cost"][at.landlord] = quarter.amount[layout.landlord_cost_rows]
        to["capex"][at.landlord] = quarter.amount[layout.landlord_capex_rows]
        for i, fleet, now in zip(at.fleet, layout.fleets, quarter.fleets, strict=True):
            if fleet.backstop >= 0:
                to["guaranteed"][i] += settled.paid[layout.promises.row[fleet.backstop]]
            to["spot"][i] += now.spot
            to["cost"][i], to["depreciation"][i] = now.opex + now.site_lease, now.depreciation
            to["capex"][i] = quarter.amount[layout.row_index[f"capex:{fleet.id}"]]
        i, middle = at.middle, layout.intermediary
        to["spot"][i] = quarter.outside_income[middle] - quarter.investor_money[middle]
        rents = quarter.amount[layout.leases.row[layout.leases.tenant == middle]].sum(axis=0)
        to["cost"][i] = quarter.amount[layout.row_index[f"cost:{layout.companies[i]}"]] + rents
        to["cash"][:] = state.cash[at.node]
        to["runway"][i] = outlook.intermediary_runway
        service = quarter.service
        for name, values in (
            ("interest", quarter.interest + service.interest),
            ("principal", quarter.regular + service.level_principal),
            ("debt", outlook.debt),
            ("collateral", outlook.collateral),
            ("assets", outlook.assets),
            ("forward_cover", outlook.cover),
            ("runway", outlook.runway),
            ("access", access),
            ("exempt", outlook.covered_building),
        ):
            to[name][at.borrower] = values

    def _holders(self, state: State, quarter: Quarter, settled: Clearing, claims: np.ndarray, q: int) -> None:
        """What lenders lent, were due, got and lost, by instrument: tranches, then new debt by borrower."""
        layout = self.layout
        t, count, borrowers = layout.tranches, len(layout.tranches.ids), len(layout.borrowers)

        def _joined(values: np.ndarray) -> np.ndarray:
            """Claims with the level and bullet parts of new debt added up."""
            return np.concatenate(
                [values[:count], values[count : count + borrowers] + values[count + borrowers :]]
            )

        paid, amount, new = settled.paid, quarter.amount, state.new_debt
        due = books.tranche_due(state, quarter, q)
        got = books.tranche_paid(state, quarter, settled, due)
        final = t.final[:, q] * t.convertible
        if final.any():
            shares = final[:, None] * (quarter.live * quarter.willing)[layout.tranche_place]
            due, got = due + shares, got + shares
        new_paid = paid[layout.new_level_rows] + paid[layout.new_bullet_rows]
        new_due = amount[layout.new_level_rows] + amount[layout.new_bullet_rows]
        due, got = np.concatenate([due, new_due]), np.concatenate([got, new_paid])
        if claims.any():
            claim = _joined(claims)
            estate = _joined(np.where(claims > 0, state.recovery, 0.0))
            self.put("scheduled", q, np.where(claim > 0, got + claim, due))
            self.put("lost", q, claim - estate)
        else:
            self.put("scheduled", q, due)
            self.put("lost", q, np.zeros_like(due))
        recovered = _joined(books.recovered_now(state, q))
        live = (state.living[layout.borrowers] & ~state.settled)[layout.tranche_place]
        pool = new.level[:, : q + 1].sum(axis=1) + new.bullet[:, : q + 1].sum(axis=1)
        self.put("received", q, got + recovered)
        self.put("balance", q, np.concatenate([t.balance[:, q][:, None] * live, pool]))
        self.put("drawn", q, quarter.borrowed)
        self.put("new_rate", q, quarter.borrow_rate)
        self.put("new_principal", q, quarter.service.level_principal + quarter.service.bullet_due)
        self.put("rolled", q, quarter.rolled)
        self.put("converted", q, quarter.converted)

    def finish(self, state: State) -> None:
        """Keep what has no quarters; end the paths of failed companies; find statuses.

        Parameters
        ----------
        state : State
            At the end of the last quarter.
        """
        self.once = {
            name: getattr(state, name) for name in ("failed", "cause", "source", "wave", "shortfall")
        }
        if "holders" in self.keep:
            count, borrowers = len(self.layout.tranches.ids), len(self.layout.borrowers)
            estate = state.recovery
            self.once["estate"] = np.concatenate(
                [estate[:count], estate[count : count + borrowers] + estate[count + borrowers :]]
            )
        if "tenants" in self.keep:
            due, paid = self.quarterly.pop("tenant_due"), self.quarterly.pop("tenant_paid")
            owes = due > books.TINY
            dead = self.once["failed"][self.places.tenant][None] <= np.arange(QUARTERS)[:, None, None]
            np.copyto(self.quarterly["tenant_cash"], np.nan, where=dead)
            self.quarterly["paid_share"] = np.where(owes, paid / np.where(owes, due, 1.0), 1.0)
        if "companies" in self.keep:
            self._finish_companies()

    def _finish_companies(self) -> None:
        book, p = self.quarterly, self.layout.p
        quarters = np.arange(QUARTERS)[:, None, None]
        failed = self.once["failed"][self.places.node][None]
        dead = failed <= quarters
        exempt = book.pop("exempt")
        marks = np.stack(
            [
                book["assets"] + book["cash"] < book["debt"] - books.TINY,
                (book["runway"] < p("status.runway")) & ~exempt,
                (book["forward_cover"] < p("status.cover")) & ~exempt,
                (book["access"] < p("status.access")) & ~exempt,
            ],
            axis=1,
        )
        marks &= ~dead[:, None]
        status = np.where(marks.any(axis=1), STRETCHED, HEALTHY).astype(np.int8)
        status[marks[:, 0] | (marks[:, 1] & marks[:, 2])] = DISTRESSED
        status[dead] = FAILED
        book["marks"], book["status"] = marks, status
        for name in LAST_AT_FAILURE:
            np.copyto(book[name], np.nan, where=failed < quarters)
        for name in LAST_BEFORE_FAILURE:
            np.copyto(book[name], np.nan, where=dead)

    def first(self, n: int) -> Record:
        """The record without the scenarios beyond ``n`` that were only padding.

        Parameters
        ----------
        n : int
            Scenarios that were asked for.
        """
        if n != self.n:
            self.quarterly = {k: v[..., :n] for k, v in self.quarterly.items()}
            self.once = {k: v[..., :n] for k, v in self.once.items()}
        return self

    @staticmethod
    def join(records: list[Record]) -> Record:
        """One record of several batches; array by array, so that memory never doubles.

        Parameters
        ----------
        records : list of Record
            In order; the later ones are emptied.
        """
        first = records[0]
        if len(records) == 1:
            return first
        for book in ("quarterly", "once"):
            for name in list(getattr(first, book)):
                parts = [getattr(r, book).pop(name) for r in records]
                getattr(first, book)[name] = np.concatenate(parts, axis=-1)
        first.residual = {k: max(r.residual[k] for r in records) for k in first.residual}
        return first


@lru_cache(maxsize=16)
def _places(layout: Layout) -> Places:
    return Places.of(layout)


class Result:
    """A finished run. Arrays are (scenario, quarter, entity); statuses and counts stop at the horizon.

    Parameters
    ----------
    layout : Layout
        The compiled snapshot the run used.
    levers : dict of str to ndarray
        Model units, (scenario,).
    record : Record
        What the run kept.
    """

    def __init__(self, layout: Layout, levers: dict[str, np.ndarray], record: Record):
        self.layout = layout
        self.levers = levers
        self.record = record

    @property
    def n(self) -> int:
        """Number of scenarios."""
        return self.levers["g"].shape[0]

    def array(self, name: str) -> np.ndarray:
        """A recorded array as (scenario, quarter, entity).

        Parameters
        ----------
        name : str
            As for `path`.

        Raises
        ------
        KeyError
            If it was not kept; see ``keep`` of `core.engine.run`.
        """
        return np.moveaxis(self.path(name), -1, 0)

    def path(self, name: str) -> np.ndarray:
        """A recorded or derived array as (quarter, entity, scenario).

        Parameters
        ----------
        name : str
            Of an array of the record, or revenue, ebitda, operating_profit, asset_cover.
        """
        book = self.record.quarterly
        if name == "revenue":
            return book["contracted"] + book["spot"] + book["guaranteed"]
        if name == "ebitda":
            return self.path("revenue") - book["cost"]
        if name == "operating_profit":
            return self.path("ebitda") - book["depreciation"]
        if name == "asset_cover":
            owes = book["debt"] > books.TINY
            return np.where(owes, book["collateral"] / np.where(owes, book["debt"], 1.0), np.nan)
        return book[name]

    @cached_property
    def to_come(self) -> np.ndarray:
        """Recoveries still to be paid after each quarter, (quarter, instrument, scenario), USD bn."""
        layout = self.layout
        length = layout.p("recovery.quarters")
        debtors = np.concatenate([layout.tranches.borrower, layout.borrowers])
        failed = self.record.once["failed"][debtors][None].astype(int)
        quarters = np.arange(QUARTERS)[:, None, None]
        left = np.clip((failed + length - quarters) / length, 0.0, 1.0) * (failed <= quarters)
        return self.record.once["estate"][None] * left

    @cached_property
    def last(self) -> np.ndarray:
        """Last quarter inside each scenario's horizon, (scenario,)."""
        return (self.levers["h"] - self.layout.first_year + 1).astype(int) * 4 - 1

    def failed_quarter(self, entity: str) -> np.ndarray:
        """Quarter in which an entity failed, 32 = never; not cut at the horizon. (scenario,)

        Parameters
        ----------
        entity : str
            Id of any node.
        """
        return self.record.once["failed"][self.layout.index[entity]].astype(int)

    def failed_by_horizon(self, entities: tuple[str, ...]) -> np.ndarray:
        """Who has failed by the horizon, (scenario, entity).

        Parameters
        ----------
        entities : tuple of str
            Ids of nodes.
        """
        rows = [self.layout.index[e] for e in entities]
        return (self.record.once["failed"][rows] <= self.last).T

    @cached_property
    def failed_count(self) -> np.ndarray:
        """How many of the four neoclouds and three labs have failed by the horizon, (scenario,)."""
        return self.failed_by_horizon(counted(self.layout)).sum(axis=1)

    @cached_property
    def status(self) -> np.ndarray:
        """Worst status of each company up to the horizon, (scenario, company): 0 healthy to 3 failed."""
        inside = np.arange(QUARTERS)[None, :, None] <= self.last[:, None, None]
        return np.where(inside, self.array("status"), HEALTHY).max(axis=1)

    def first_breach(self, i: int, company: str) -> dict | None:
        """The first thing that broke at a company within the horizon: quarter, measure and cause, or None.

        Parameters
        ----------
        i : int
            Which scenario of the batch.
        company : str
            Id of a neocloud or vehicle.
        """
        c = self.layout.companies.index(company)
        failed = self.failed_quarter(company)[i]
        last = self.last[i]
        marks = self.record.quarterly["marks"][:, :, c, i]
        found = [(failed, 0)] if failed <= last else []
        for k in range(4):
            hits = np.flatnonzero(marks[: last + 1, k])
            if hits.size:
                found.append((int(hits[0]), k + 1))
        if not found:
            return None
        quarter, measure = min(found)
        if measure == 0:
            cause = self.cause(i, company)
        elif measure == 4:
            cause = "market_access"
        else:
            debtor = self.first_failed_debtor(i, company, quarter)
            cause = f"counterparty:{debtor}" if debtor else "own_liquidity"
        return {"quarter": int(quarter), "measure": MEASURES[measure], "cause": cause}

    def first_failed_debtor(self, i: int, company: str, quarter: int) -> str | None:
        """The tenant of a company that had failed first by a quarter of scenario ``i``, if any.

        Parameters
        ----------
        i : int
            Which scenario of the batch.
        company : str
            Id of a neocloud or vehicle.
        quarter : int
            0 to 31.
        """
        structure, rows = self.layout.structure, self.layout.contract_rows
        payers = np.unique(structure.payer[rows[structure.payee[rows] == self.layout.index[company]]])
        failed = self.record.once["failed"][payers, i]
        return self.layout.nodes[payers[np.argmin(failed)]] if failed.min() <= quarter else None

    def cause(self, i: int, entity: str) -> str:
        """Why an entity failed in scenario ``i``, as a code of model.md section 5.

        Parameters
        ----------
        i : int
            Which scenario of the batch.
        entity : str
            Id of a node that failed.
        """
        node = self.layout.index[entity]
        code = self.record.once["cause"][node, i]
        if code == COUNTERPARTY:
            return f"counterparty:{self.layout.nodes[self.record.once['source'][node, i]]}"
        return {OWN_LIQUIDITY: "own_liquidity", MARKET_ACCESS: "market_access"}.get(int(code), "maturity")


def counted(layout: Layout) -> tuple[str, ...]:
    """The companies that strips and counts are about: the neoclouds and the labs.

    Parameters
    ----------
    layout : Layout
        The snapshot, compiled.
    """
    return tuple(n for n, k in zip(layout.nodes, layout.kind, strict=True) if k in ("neocloud", "lab"))
