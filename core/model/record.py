"""What a run keeps of each quarter, and the identities that every quarter must satisfy."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from scipy import sparse

from core.finance.networks import Clearing
from core.layout.layout import QUARTERS, Layout
from core.model import books, borrowing
from core.model.dues import Quarter
from core.model.market import Market
from core.model.state import (
    DISTRESSED,
    FAILED,
    HEALTHY,
    STRETCHED,
    State,
)

GROUPS = ("market", "companies", "tenants", "promises", "holders")


# "web": every ledger row of every quarter, for one scenario, too large for batches. "losses": the part of
# "holders" that the losses of funds need, for large batches.
ON_REQUEST = ("web", "losses")


TOLERANCE = 1e-7  # USD bn: a hundred dollars in a web of hundreds of billions


CHECKS = ("cash", "clearing", "debt", "cap", "recovery")


COLUMNS = 64  # quarters wait until together they are so wide: then numpy's overhead is paid once for all


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
    calls: sparse.csr_array
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
        calls = np.zeros((len(layout.nodes), len(layout.rows)))
        for row in structure.guaranteed:
            calls[structure.payee[row], row], calls[structure.giver[row], row] = 1.0, -1.0
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
            calls=sparse.csr_array(calls),
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


# What the record takes from a quarter, from its look ahead, and from each fleet.
OF_QUARTER = (
    "amount",
    "scheduled",
    "resources",
    "outside_income",
    "withheld",
    "investor_money",
    "relet",
    "interest",
    "regular",
    "borrowed",
    "borrow_rate",
    "equity",
    "rolled",
    "converted",
    "exit_due",
    "live",
    "willing",
    "called",
    "caps",
)


OF_OUTLOOK = ("debt", "cover", "collateral", "assets", "runway", "intermediary_runway", "covered_building")


OF_FLEET = ("spot", "opex", "site_lease", "depreciation")


@dataclass
class Block:
    """Closed quarters side by side; ``block[name]`` is (quarter, row, scenario), made when asked for.

    ``taken`` holds the arrays of each quarter by name, ``quarters`` says which quarters they are.
    """

    taken: list[dict[str, np.ndarray]]
    quarters: slice
    made: dict[str, np.ndarray] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.fell = any(one["claims"].any() for one in self.taken)  # whether anybody with debt failed

    def __getitem__(self, name: str) -> np.ndarray:
        """The arrays of one name, quarter by quarter; a lone quarter is not copied."""
        if name not in self.made:
            arrays = [one[name] for one in self.taken]
            joined = arrays[0] if len(arrays) == 1 else np.concatenate(arrays)  # faster than np.stack
            self.made[name] = joined.reshape(len(arrays), *arrays[0].shape)
        return self.made[name]

    def added(self, by: sparse.csr_array, name: str) -> np.ndarray:
        """Rows of an array added up by a matrix of ones, in every quarter.

        Parameters
        ----------
        by : csr_array, (group, row)
            Which rows belong together.
        name : str
            Of the array.

        Returns
        -------
        ndarray, (quarter, group, scenario)
        """
        values = self[name]
        count, rows, n = values.shape
        wide = values.swapaxes(0, 1).reshape(rows, count * n)
        return (by @ wide).reshape(-1, count, n).swapaxes(0, 1)


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
    owed: np.ndarray  # debt of each borrower at the end of the last quarter checked, (borrower, scenario)
    quarters: int  # that are run
    waiting: list[dict[str, np.ndarray]] = field(default_factory=list)

    @classmethod
    def start(
        cls, layout: Layout, market: Market, levers: dict, keep: frozenset[str] | None, quarters: int
    ) -> Record:
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
        quarters : int
            How many are run; what is kept of the others means nothing.
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
        return cls(layout, wanted, n, places, quarterly, {}, dict.fromkeys(CHECKS, 0.0), owed, quarters)

    @property
    def quarterly_dev(self) -> np.ndarray:
        """Demand against the base path, (quarter, scenario)."""
        growth = 1.0 + self.layout.p("market.demand_growth")
        base = growth ** (0.25 * np.arange(1.0, QUARTERS + 1.0))
        return self.quarterly["demand"][:, 0] / base[:, None]

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
        """Take over a closed quarter; check and keep what waits once there are columns enough.

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
        self.waiting.append(
            {
                "before": cash_before,
                "closing": settled.closing,
                "failure_cost": settled.failure_cost,
                "paid": settled.paid,
                "called_paid": settled.called_paid,
                "claims": claims,
                "access": access,
                "end_cash": state.cash,
                "lent": state.living[self.layout.borrowers] & ~state.settled,
                "new_interest": quarter.service.interest,
                "level_principal": quarter.service.level_principal,
                "bullet_due": quarter.service.bullet_due,
                **{name: getattr(quarter, name) for name in OF_QUARTER},
                **{name: getattr(outlook, name) for name in OF_OUTLOOK},
                **{
                    f"{name}:{i}": getattr(now, name)
                    for i, now in enumerate(quarter.fleets)
                    for name in OF_FLEET
                },
            }
        )
        if self.keep & {"holders", "losses"}:
            self.waiting[-1]["new_debt"] = borrowing.outstanding(state.new_debt, self.layout, q)
        if len(self.waiting) * self.n >= COLUMNS or q == self.quarters - 1:
            block = Block(self.waiting, slice(q + 1 - len(self.waiting), q + 1))
            self.waiting = []
            self._write(state, block)

    def _write(self, state: State, block: Block) -> None:
        """Check the identities of the quarters of a block and keep what was asked for."""
        layout, at = self.layout, self.places
        self._check(state, block)
        if "companies" in self.keep:
            self._companies(block)
        if "tenants" in self.keep:
            self.put("tenant_due", block, block.added(at.tenants, "scheduled"))
            self.put("tenant_paid", block, block.added(at.tenants, "paid"))
            self.put("tenant_cash", block, block["end_cash"][:, at.tenant])
        if "promises" in self.keep:
            rows = layout.leases.row
            self.put("called", block, block["called"])
            self.put("live", block, np.maximum(block["caps"] - block["called"], 0.0))
            self.put("rent_paid", block, block["paid"][:, rows] + block["called_paid"][:, rows])
        if "web" in self.keep:
            self.put("row_scheduled", block, block["scheduled"])
            self.put("row_due", block, block["amount"])
            self.put("row_paid", block, block["paid"])
            self.put("row_called", block, block["called_paid"])
            self.put("relet", block, block["relet"])
        if self.keep & {"holders", "losses"}:
            self._losses(state, block)
        if "holders" in self.keep:
            self._holders(state, block)

    def put(self, name: str, block: Block, values: np.ndarray) -> None:
        """Store some quarters of one array, allocating it on first use.

        Parameters
        ----------
        name : str
            Of the array.
        block : Block
            Knows which quarters.
        values : ndarray, (quarter, entity, scenario)
            What to store.
        """
        if name not in self.quarterly:
            self.quarterly[name] = np.zeros((QUARTERS, *values.shape[1:]))
        self.quarterly[name][block.quarters] = values

    def _check(self, state: State, block: Block) -> None:
        """The identities of docs/model.md, section 12, that a quarter can break."""
        layout, at = self.layout, self.places
        structure, nodes = layout.structure, len(layout.nodes)
        closing, cost, claims, debt = (block[k] for k in ("closing", "failure_cost", "claims", "debt"))
        inside = closing.sum(axis=1) + cost.sum(axis=1) - block["resources"].sum(axis=1)
        self._worst("clearing", np.abs(inside).max())
        flows = block.added(structure.owed_and_received, "paid")
        means = block["before"] + block["outside_income"] - block["withheld"]
        means[:, layout.borrowers] += block["borrowed"] + block["equity"]
        roll = means + flows[:, nodes:] - flows[:, :nodes] - cost - closing
        if block["called_paid"][:, structure.guaranteed].any():
            roll += block.added(at.calls, "called_paid")
        self._worst("cash", np.abs(roll).max())
        owed = np.concatenate([self.owed[None], debt[:-1]])
        grown = owed + block["borrowed"] + block["interest"] + block["new_interest"]
        left = grown - block.added(at.lenders, "paid") - block["converted"]
        if block.fell:
            left -= block.added(at.claims, "claims")
            self._worst("recovery", np.where(claims > 0, state.recovery - claims, 0.0).max())
        self._worst("debt", np.abs(left - debt).max())
        self.owed = debt[-1]
        self._worst("cap", np.max(block["called"] - block["caps"], initial=0.0))
        for name, worst in self.residual.items():
            if worst > TOLERANCE:
                raise IdentityError(f"{name} identity off by {worst:.3g} USD bn")

    def _worst(self, name: str, value: float) -> None:
        self.residual[name] = max(self.residual[name], float(value))

    def _companies(self, block: Block) -> None:
        """Revenue by payer, costs, debt service and what lenders see, by company."""
        layout, at = self.layout, self.places
        to = {k: v[block.quarters] for k, v in self.quarterly.items()}
        amount = block["amount"]
        to["contracted"][:] = block.added(at.contracts, "paid")
        if block["called_paid"][:, layout.structure.guaranteed].any():
            to["guaranteed"][:] = block.added(at.contracts, "called_paid")
        to["spot"][:] = block["relet"][:, at.node]
        to["depreciation"][:] = at.depreciation[block.quarters, :, None]
        to["cost"][:, at.landlord] = amount[:, layout.landlord_cost_rows]
        to["capex"][:, at.landlord] = amount[:, layout.landlord_capex_rows]
        for k, (i, fleet) in enumerate(zip(at.fleet, layout.fleets, strict=True)):
            if fleet.backstop >= 0:
                to["guaranteed"][:, i] += block["paid"][:, layout.promises.row[fleet.backstop]]
            to["spot"][:, i] += block[f"spot:{k}"]
            to["cost"][:, i] = block[f"opex:{k}"] + block[f"site_lease:{k}"]
            to["depreciation"][:, i] = block[f"depreciation:{k}"]
            to["capex"][:, i] = amount[:, layout.row_index[f"capex:{fleet.id}"]]
        i, middle = at.middle, layout.intermediary
        to["spot"][:, i] = block["outside_income"][:, middle] - block["investor_money"][:, middle]
        rents = amount[:, layout.leases.row[layout.leases.tenant == middle]].sum(axis=1)
        to["cost"][:, i] = amount[:, layout.row_index[f"cost:{layout.companies[i]}"]] + rents
        to["cash"][:] = block["end_cash"][:, at.node]
        to["runway"][:, i] = block["intermediary_runway"]
        for name, values in (
            ("interest", block["interest"] + block["new_interest"]),
            ("principal", block["regular"] + block["level_principal"]),
            ("debt", block["debt"]),
            ("collateral", block["collateral"]),
            ("assets", block["assets"]),
            ("forward_cover", block["cover"]),
            ("runway", block["runway"]),
            ("access", block["access"]),
            ("exempt", block["covered_building"]),
        ):
            to[name][:, at.borrower] = values

    def _by_instrument(self, claims: np.ndarray) -> np.ndarray:
        """Claims of some quarters with the level and bullet parts of new debt added up."""
        count, borrowers = len(self.layout.tranches.ids), len(self.layout.borrowers)
        level, bullet = claims[:, count : count + borrowers], claims[:, count + borrowers :]
        return np.concatenate([claims[:, :count], level + bullet], axis=1)

    def _losses(self, state: State, block: Block) -> None:
        """What lenders lent, hold and lost, by instrument: tranches, then new debt by borrower."""
        layout, claims = self.layout, block["claims"]
        balance = layout.tranches.balance.T[block.quarters, :, None] * block["lent"][:, layout.tranche_place]
        self.put("balance", block, np.concatenate([balance, block["new_debt"]], axis=1))
        self.put("drawn", block, block["borrowed"])
        if block.fell:
            claim = self._by_instrument(claims)
            self.put("lost", block, claim - self._by_instrument(np.where(claims > 0, state.recovery, 0.0)))
        else:
            self.put("lost", block, np.zeros(self.quarterly["balance"][block.quarters].shape))

    def _holders(self, state: State, block: Block) -> None:
        """What lenders were due and got, by instrument as in `_losses`."""
        layout, quarters = self.layout, block.quarters
        t = layout.tranches
        paid, amount = block["paid"], block["amount"]
        live, willing = block["live"], block["willing"]
        due = books.tranche_due(layout, state.levers["r"], live, willing, block["exit_due"], quarters)
        got = books.tranche_paid(layout, amount, paid, due)
        final = t.final_shares[quarters, :, None]
        if final.any():
            shares = final * (live * willing)[:, layout.tranche_place]
            due, got = due + shares, got + shares
        new_paid = paid[:, layout.new_level_rows] + paid[:, layout.new_bullet_rows]
        new_due = amount[:, layout.new_level_rows] + amount[:, layout.new_bullet_rows]
        due, got = np.concatenate([due, new_due], axis=1), np.concatenate([got, new_paid], axis=1)
        if block.fell:
            claim = self._by_instrument(block["claims"])
            due = np.where(claim > 0, got + claim, due)
        self.put("scheduled", block, due)
        span = np.arange(quarters.start, quarters.stop)[:, None, None]
        if not state.living[layout.borrowers].all():
            got = got + self._by_instrument(books.recovered_now(state, span))
        self.put("received", block, got)
        self.put("new_rate", block, block["borrow_rate"])
        self.put("new_principal", block, block["level_principal"] + block["bullet_due"])
        self.put("rolled", block, block["rolled"])
        self.put("converted", block, block["converted"])

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
            self.once["estate"] = self._by_instrument(state.recovery[None])[0]
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
