"""What a run found, and the identities it must satisfy."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from core import books
from core.clearing import Clearing
from core.dues import Quarter
from core.layout import NEVER, QUARTERS, Layout
from core.market import Market
from core.state import COUNTERPARTY, DISTRESSED, FAILED, HEALTHY, MARKET_ACCESS, OWN_LIQUIDITY, STRETCHED, GroupSum, State

GROUPS = ("market", "companies", "tenants", "promises", "holders")
TOLERANCE = 1e-7  # USD bn: a hundred dollars in a web of hundreds of billions
MEASURES = ("failure", "insolvency", "runway", "cover", "access")


class IdentityError(RuntimeError):
    """Cash, calls, debt or recoveries do not add up: the result must not be used."""


@dataclass
class Record:
    """Arrays of a batch while it runs, (quarter, entity, scenario); ``once`` holds arrays without quarters."""

    layout: Layout
    keep: frozenset[str]
    quarterly: dict[str, np.ndarray]
    once: dict[str, np.ndarray]
    residual: dict[str, float]
    payee_sum: GroupSum
    node_sum: tuple[GroupSum, GroupSum]

    @classmethod
    def start(cls, layout: Layout, market: Market, levers: dict, keep: frozenset[str] | None) -> Record:
        """Empty arrays for the groups wanted (all if ``keep`` is None)."""
        wanted = frozenset(GROUPS) if keep is None else keep
        unknown = wanted - set(GROUPS)
        if unknown:
            raise ValueError(f"unknown record group {sorted(unknown)}; known: {', '.join(GROUPS)}")
        quarterly = {}
        if "market" in wanted:
            shape = (QUARTERS, 1, levers["g"].shape[0])
            for name in ("demand", "capacity", "utilisation"):
                quarterly[name] = getattr(market, name).reshape(shape)
            quarterly["price"] = market.tightness.reshape(shape)
        structure = layout.structure
        return cls(
            layout=layout,
            keep=wanted,
            quarterly=quarterly,
            once={},
            residual={"cash": 0.0, "clearing": 0.0, "debt": 0.0, "cap": 0.0, "recovery": 0.0},
            payee_sum=GroupSum(structure.payee[layout.contract_rows], len(layout.nodes)),
            node_sum=(GroupSum(structure.payer, len(layout.nodes)), GroupSum(structure.payee, len(layout.nodes))),
        )

    @property
    def quarterly_dev(self) -> np.ndarray:
        """Demand against the base path, (quarter, scenario)."""
        growth = 1.0 + self.layout.p("market.demand_growth")
        base = growth ** (0.25 * np.arange(1.0, QUARTERS + 1.0))
        return self.quarterly["demand"][:, 0] / base[:, None]

    def put(self, name: str, q: int, values: np.ndarray) -> None:
        """Store a quarter of one array, allocating it on first use."""
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
        """Check the identities of a quarter and keep what was asked for."""
        self._check(state, quarter, settled, claims, cash_before)
        if "companies" in self.keep:
            self._companies(state, quarter, settled, outlook, access, q)
        if "tenants" in self.keep:
            self._tenants(state, quarter, settled, q)
        if "promises" in self.keep:
            self.put("called", q, quarter.called)
            self.put("live", q, self._live(state, quarter, q))
            leases = self.layout.leases
            self.put("rent_paid", q, settled.paid[leases.row] + settled.called_paid[leases.row])
        if "holders" in self.keep:
            self._holders(state, quarter, settled, outlook, claims, q)

    def _live(self, state: State, quarter: Quarter, q: int) -> np.ndarray:
        """Cap that a giver could be asked for right now: started, honoured and not yet used."""
        return np.maximum(quarter.caps - quarter.called, 0.0)

    def _check(self, state, quarter, settled, claims, before) -> None:
        layout = self.layout
        inside = settled.closing.sum(axis=0) + settled.failure_cost.sum(axis=0) - quarter.resources.sum(axis=0)
        self._worst("clearing", np.abs(inside).max())
        paid, received = self.node_sum
        flows = settled.paid + settled.called_paid
        givers = np.zeros_like(before)
        guaranteed = layout.structure.guaranteed
        np.add.at(givers, layout.structure.giver[guaranteed], settled.called_paid[guaranteed])
        means = before + quarter.outside_income
        means[layout.borrowers] += quarter.borrowed + quarter.equity
        roll = means - quarter.withheld + received(flows) - paid(settled.paid) - givers - settled.failure_cost - settled.closing
        self._worst("cash", np.abs(roll).max())
        over = quarter.called - np.maximum(quarter.caps, 0.0)
        self._worst("cap", over.max() if over.size else 0.0)
        if claims.any():
            owed = np.where(claims > 0, state.recovery - claims, 0.0)
            self._worst("recovery", owed.max())
        for name, worst in self.residual.items():
            if worst > TOLERANCE:
                raise IdentityError(f"{name} identity off by {worst:.3g} USD bn")

    def _worst(self, name: str, value: float) -> None:
        self.residual[name] = max(self.residual[name], float(value))

    def _companies(self, state, quarter, settled, outlook, access, q) -> None:
        layout, n = self.layout, state.n
        node = np.array([layout.index[c] for c in layout.companies])
        contract = layout.contract_rows
        contracted = self.payee_sum(settled.paid[contract])[node]
        guaranteed = self.payee_sum(settled.called_paid[contract])[node]
        spot = quarter.relet[node]
        cost = np.zeros((len(node), n))
        depreciation = np.zeros((len(node), n))
        capex = np.zeros((len(node), n))
        place = {c: i for i, c in enumerate(layout.companies)}
        for fleet, now in zip(layout.fleets, quarter.fleets, strict=True):
            i = place[fleet.id]
            if fleet.backstop >= 0:
                guaranteed[i] += settled.paid[layout.promises.row[fleet.backstop]]
            spot[i] = spot[i] + now.spot
            cost[i], depreciation[i], capex[i] = now.opex + now.site_lease, now.depreciation, quarter.amount[layout.row_index[f"capex:{fleet.id}"]]
        for j, host in enumerate(layout.landlords):
            i = place[layout.nodes[host]]
            cost[i] = quarter.amount[layout.landlord_cost_rows[j]]
            capex[i] = quarter.amount[layout.landlord_capex_rows[j]]
            built = layout.site_cost[host] + layout.landlord_capex[j, : q + 1].sum()
            depreciation[i] = built / layout.p("market.site_life")
        for i, c in enumerate(layout.companies):
            if layout.kind[layout.index[c]] == "vehicle":
                k = layout.index[c]
                depreciation[i] = layout.site_cost[k] / layout.p("market.site_life") + layout.chip_cost[k] / layout.p("market.chip_life")
        middle = place[layout.nodes[layout.intermediary]]
        spot[middle] = quarter.outside_income[layout.intermediary] - quarter.investor_money[layout.intermediary]
        own_cost = quarter.amount[layout.row_index[f"cost:{layout.companies[middle]}"]]
        cost[middle] = own_cost + state.sums["lease_tenant"](quarter.amount[layout.leases.row])[layout.intermediary]
        revenue = contracted + guaranteed + spot
        ebitda = revenue - cost
        gone = state.failed[node] < q
        dead = state.failed[node] <= q

        def spread_out(values: np.ndarray, other: float) -> np.ndarray:
            """Borrower values in company order; ``other`` for a company without debt."""
            out = np.full((len(node), n), other)
            for k, b in enumerate(layout.borrowers):
                out[place[layout.nodes[b]]] = values[k]
            return out

        by = state.sums["tranche"]
        interest = spread_out(by(quarter.tranche_interest) + quarter.service.interest * (state.failed[layout.borrowers] >= q), 0.0)
        principal = spread_out(by(quarter.tranche_regular) + quarter.service.level_principal * (state.failed[layout.borrowers] >= q), 0.0)
        debt = spread_out(outlook.debt, 0.0)
        collateral = spread_out(outlook.collateral, np.nan)
        cash = state.cash[node]
        covered = spread_out(outlook.covered_building, 0.0) > 0
        cover, runway = spread_out(outlook.cover, np.inf), spread_out(outlook.runway, np.inf)
        runway[middle] = outlook.intermediary_runway
        share = spread_out(access, 1.0)
        p = layout.p
        marks = np.stack(
            [
                (collateral + cash < debt - books.TINY),
                (runway < p("status.runway")) & ~covered,
                (cover < p("status.cover")) & ~covered,
                (share < p("status.access")) & ~covered,
            ]
        )
        marks &= ~dead
        status = np.where(marks.any(axis=0), STRETCHED, HEALTHY)
        status = np.where(marks[0] | (marks[1] & marks[2]), DISTRESSED, status)
        status = np.where(dead, FAILED, status)
        for name, values in (
            ("contracted", contracted),
            ("guaranteed", guaranteed),
            ("spot", spot),
            ("revenue", revenue),
            ("ebitda", ebitda),
            ("operating_profit", ebitda - depreciation),
            ("interest", interest),
            ("principal", principal),
            ("capex", capex),
        ):
            self.put(name, q, np.where(gone, np.nan, values))
        has_debt = debt > books.TINY
        for name, values in (
            ("debt", debt),
            ("cash", cash),
            ("asset_cover", np.where(has_debt, collateral / np.where(has_debt, debt, 1.0), np.nan)),
            ("forward_cover", cover),
            ("runway", runway),
            ("access", share),
        ):
            self.put(name, q, np.where(dead, np.nan, values))
        if "status" not in self.quarterly:
            self.quarterly["status"] = np.empty((QUARTERS, len(node), n), dtype=np.int8)
            self.quarterly["marks"] = np.empty((QUARTERS, 4, len(node), n), dtype=bool)
            self.quarterly["hit_by"] = np.full((QUARTERS, len(node), n), -1, dtype=np.int16)
        self.quarterly["status"][q] = status
        self.quarterly["marks"][q] = marks
        self.quarterly["hit_by"][q] = self._hit_by(state, node)

    def _hit_by(self, state: State, node: np.ndarray) -> np.ndarray:
        """The failed counterparty that has kept back most from each company so far, -1 if none."""
        structure, rows = self.layout.structure, self.layout.contract_rows
        out = np.full((len(node), state.n), -1, dtype=np.int16)
        if not state.lost.any():
            return out
        for i, host in enumerate(node):
            mine = np.flatnonzero(structure.payee[rows] == host)
            if mine.size:
                lost = state.lost[mine]
                worst = np.argmax(lost, axis=0)
                out[i] = np.where(lost.max(axis=0) > books.TINY, structure.payer[rows][mine][worst], -1)
        return out

    def _tenants(self, state, quarter, settled, q) -> None:
        """Share of its whole compute bill (fees, rents, outside bill) that each tenant pays itself."""
        layout = self.layout
        payer = layout.structure.payer
        out = np.ones((len(layout.tenants), state.n))
        for i, tenant in enumerate(layout.tenants):
            rows = layout.contract_rows[payer[layout.contract_rows] == layout.index[tenant]]
            due, paid = quarter.scheduled[rows].sum(axis=0), settled.paid[rows].sum(axis=0)
            bill = layout.row_index.get(f"bill:{tenant}")
            if bill is not None:
                due, paid = due + quarter.amount[bill], paid + settled.paid[bill]
            out[i] = np.where(due > books.TINY, paid / np.where(due > books.TINY, due, 1.0), 1.0)
        self.put("paid_share", q, out)

    def _holders(self, state, quarter, settled, outlook, claims, q) -> None:
        """What lenders lent, were due, received and lost, by instrument: tranches, then new debt by borrower."""
        layout = self.layout
        t, count = layout.tranches, len(layout.tranches.ids)
        borrowers = len(layout.borrowers)
        recovered = books.recovered_now(state, q)
        pool = slice(count, count + borrowers)
        second = slice(count + borrowers, None)
        paid, amount = settled.paid, quarter.amount
        new_paid = paid[layout.new_level_rows] + paid[layout.new_bullet_rows]
        new_due = amount[layout.new_level_rows] + amount[layout.new_bullet_rows]
        received = np.concatenate(
            [paid[t.row] + quarter.converted + recovered[:count], new_paid + recovered[pool] + recovered[second]]
        )
        joined = np.concatenate([claims[:count], claims[pool] + claims[second]])
        estate = np.where(claims > 0, state.recovery, 0.0)
        expected = np.concatenate([estate[:count], estate[pool] + estate[second]])
        due = np.concatenate([amount[t.row] + quarter.converted, new_due])
        unpaid = due - np.concatenate([paid[t.row] + quarter.converted, new_paid])
        live = state.alive(t.borrower) & ~state.settled
        new = state.new_debt
        self.put("received", q, received)
        self.put("scheduled", q, due + joined - unpaid * (joined > 0))
        self.put("lost", q, joined - expected)
        self.put(
            "balance",
            q,
            np.concatenate([t.balance[:, q][:, None] * live, new.level[:, : q + 1].sum(axis=1) + new.bullet[:, : q + 1].sum(axis=1)]),
        )
        self.put("drawn", q, quarter.borrowed)
        failed = state.failed[layout.borrowers].astype(int)
        left = np.clip((failed + layout.p("recovery.quarters") - q) / layout.p("recovery.quarters"), 0.0, 1.0) * (failed <= q)
        to_come = state.recovery * left[layout.claim_place]
        self.put("to_come", q, np.concatenate([to_come[:count], to_come[pool] + to_come[second]]))
        self.put("new_rate", q, quarter.borrow_rate)

    def finish(self, state: State) -> None:
        """Keep what has no quarters: who failed when and why."""
        self.once = {name: getattr(state, name) for name in ("failed", "cause", "source", "wave", "shortfall")}

    def first(self, n: int) -> Record:
        """The record without the scenarios beyond ``n`` that were only padding."""
        self.quarterly = {k: v[..., :n] for k, v in self.quarterly.items()}
        self.once = {k: v[..., :n] for k, v in self.once.items()}
        return self

    @staticmethod
    def join(records: list[Record]) -> Record:
        """One record of several batches; array by array, so that memory never doubles."""
        first = records[0]
        if len(records) == 1:
            return first
        for book in ("quarterly", "once"):
            for name in list(getattr(first, book)):
                parts = [getattr(r, book).pop(name) for r in records]
                getattr(first, book)[name] = np.concatenate(parts, axis=-1)
        first.residual = {k: max(r.residual[k] for r in records) for k in first.residual}
        return first


class Result:
    """A finished run. Arrays come out as (scenario, quarter, entity); statuses and counts stop at the horizon.

    Attributes
    ----------
    layout : Layout
        The compiled snapshot the run used.
    levers : dict of str to ndarray
        Model units, (scenario,).
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

        Raises
        ------
        KeyError
            If it was not kept; see ``keep`` of `core.engine.run`.
        """
        return np.moveaxis(self.record.quarterly[name], -1, 0)

    @cached_property
    def last(self) -> np.ndarray:
        """Last quarter inside each scenario's horizon, (scenario,)."""
        return (self.levers["h"] - self.layout.first_year + 1).astype(int) * 4 - 1

    def failed_quarter(self, entity: str) -> np.ndarray:
        """Quarter in which an entity failed, 32 = never; not cut at the horizon. (scenario,)"""
        return self.record.once["failed"][self.layout.index[entity]].astype(int)

    def failed_by_horizon(self, entities: tuple[str, ...]) -> np.ndarray:
        """Who has failed by the horizon, (scenario, entity)."""
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
        """The first thing that broke at a company within the horizon: quarter, measure and cause, or None."""
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
            hit = self.record.quarterly["hit_by"][quarter, c, i]
            cause = f"counterparty:{self.layout.nodes[hit]}" if hit >= 0 else "own_liquidity"
        return {"quarter": int(quarter), "measure": MEASURES[measure], "cause": cause}

    def cause(self, i: int, entity: str) -> str:
        """Why an entity failed in scenario ``i``, as a code of model.md section 5."""
        node = self.layout.index[entity]
        code = self.record.once["cause"][node, i]
        if code == COUNTERPARTY:
            return f"counterparty:{self.layout.nodes[self.record.once['source'][node, i]]}"
        return {OWN_LIQUIDITY: "own_liquidity", MARKET_ACCESS: "market_access"}.get(int(code), "maturity")


def counted(layout: Layout) -> tuple[str, ...]:
    """The companies that strips and counts are about: the neoclouds and the labs."""
    return tuple(n for n, k in zip(layout.nodes, layout.kind, strict=True) if k in ("neocloud", "lab"))


def never(quarter: int) -> bool:
    """Whether a quarter of failure means 'does not fail'."""
    return quarter >= NEVER
