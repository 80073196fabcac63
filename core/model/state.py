"""What a batch of scenarios carries from one quarter to the next. Arrays have the scenario axis last."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from core.layout.layout import NEVER, QUARTERS, Fleet, Layout
from core.model.market import Market
from core.model.terms import Terms

HEALTHY, STRETCHED, DISTRESSED, FAILED = range(4)
OWN_LIQUIDITY, MATURITY, MARKET_ACCESS, COUNTERPARTY = range(4)  # COUNTERPARTY + node names the counterparty


class GroupSum:
    """Adds rows that share a key, in a fixed order, whatever the number of scenarios.

    Parameters
    ----------
    keys : ndarray of int, (row,)
        Group of each row.
    size : int
        How many groups.

    Examples
    --------
    >>> GroupSum(np.array([2, 0, 2]), 3)(np.array([[1.0], [10.0], [2.0]])).tolist()
    [[10.0], [0.0], [3.0]]
    """

    def __init__(self, keys: np.ndarray, size: int):
        self.order = np.argsort(keys, kind="stable")
        self.found, self.starts = np.unique(np.asarray(keys)[self.order], return_index=True)
        self.size = size

    def __call__(self, values: np.ndarray) -> np.ndarray:
        """Sum the rows of ``values`` (keys, scenario) by key into (size, scenario)."""
        out = np.zeros((self.size, *values.shape[1:]))
        out[self.found] = np.add.reduceat(values[self.order], self.starts, axis=0)
        return out


@dataclass
class FleetState:
    """Chips and contracts of one compute host, in MW; ``built`` and ``price`` are (quarter, scenario)."""

    plan: Fleet
    built: np.ndarray
    price: np.ndarray
    new_mw: np.ndarray
    new_revenue: np.ndarray
    free_value: np.ndarray
    total_mw: np.ndarray
    young_mw: np.ndarray
    undrawn: np.ndarray

    @classmethod
    def start(cls, plan: Fleet, n: int) -> FleetState:
        """The fleet at the snapshot date: every MW under a legacy contract.

        Parameters
        ----------
        plan : Fleet
            What the host has and plans.
        n : int
            Scenarios.
        """
        return cls(
            plan=plan,
            built=np.zeros((QUARTERS, n)),
            price=np.zeros((QUARTERS, n)),
            new_mw=np.zeros(n),
            new_revenue=np.zeros(n),
            free_value=np.zeros(n),
            total_mw=np.full(n, plan.active_mw),
            young_mw=np.zeros(n),
            undrawn=np.full(n, plan.undrawn),
        )


@dataclass
class NewDebt:
    """Borrowing after the snapshot date, by borrower and quarter of issue: (borrower, quarter, scenario).

    ``used`` counts borrowers up to the last one that has borrowed: the rows beyond it hold nothing.
    """

    level: np.ndarray
    payment: np.ndarray
    rate: np.ndarray
    bullet: np.ndarray
    used: int = field(default=0, init=False)

    @classmethod
    def start(cls, borrowers: int, n: int) -> NewDebt:
        """No new debt yet.

        Parameters
        ----------
        borrowers : int
            How many of them.
        n : int
            Scenarios.
        """
        return cls(*(np.zeros((borrowers, QUARTERS, n)) for _ in range(4)))


@dataclass
class DebtService:
    """What the new debt of each borrower costs in a quarter, USD bn, (borrower, scenario)."""

    interest: np.ndarray
    level_interest: np.ndarray
    level_principal: np.ndarray
    bullet_due: np.ndarray


@dataclass
class BookShares:
    """Shares of a compute host's two books whose tenants live, (scenario,); ``safe_*`` of sound tenants."""

    legacy: np.ndarray
    new: np.ndarray
    safe_legacy: np.ndarray
    safe_new: np.ndarray

    @classmethod
    def of(cls, layout: Layout, plan: Fleet, living: np.ndarray) -> BookShares:
        """Add up the shares of the tenants that live.

        Parameters
        ----------
        layout : Layout
            Who is a tenant, and sound.
        plan : Fleet
            The host.
        living : ndarray of bool, (node, scenario)
            Who has not failed.
        """
        payers = layout.structure.payer[plan.fee_rows]
        paying = plan.fee_shares[:, None] * living[payers]
        safe = paying * layout.reliable[payers][:, None]
        legacy, new = plan.is_legacy, ~plan.is_legacy
        return cls(
            legacy=paying[legacy].sum(axis=0),
            new=paying[new].sum(axis=0),
            safe_legacy=safe[legacy].sum(axis=0),
            safe_new=safe[new].sum(axis=0),
        )


def honoured(layout: Layout, levers: dict[str, np.ndarray]) -> np.ndarray:
    """Whether each promise is honoured in each scenario, (promise, scenario).

    Parameters
    ----------
    layout : Layout
        Which lever each promise hangs on.
    levers : dict of str to ndarray, (scenario,)
        Model units.
    """
    n = levers["g"].shape[0]
    return np.stack([levers[word] if word else np.ones(n, dtype=bool) for word in layout.promises.lever])


@dataclass
class State:
    """Everything a quarter inherits. ``failed`` holds the quarter of failure, ``NEVER`` (32) if none."""

    layout: Layout
    levers: dict[str, np.ndarray]
    market: Market
    terms: Terms
    building: str
    living: np.ndarray
    cash: np.ndarray
    failed: np.ndarray
    called: np.ndarray
    fleets: list[FleetState]
    new_debt: NewDebt
    settled: np.ndarray
    cover: np.ndarray
    opening_cover: np.ndarray
    access: np.ndarray
    caps: np.ndarray
    backed: np.ndarray
    honoured: np.ndarray
    service: DebtService
    lost: np.ndarray
    relet: np.ndarray
    paying: list[BookShares]
    recovery: np.ndarray
    cause: np.ndarray
    source: np.ndarray
    wave: np.ndarray
    shortfall: np.ndarray
    sums: dict[str, GroupSum] = field(default_factory=dict)

    @property
    def n(self) -> int:
        """Number of scenarios in the batch."""
        return self.cash.shape[1]

    def terminated(self, nodes: np.ndarray | slice, quarter: int) -> np.ndarray:
        """Whose contracts have been ended for non-payment, (node, scenario).

        Parameters
        ----------
        nodes : ndarray of int, or slice
            Numbers of nodes.
        quarter : int
            In which it is asked.
        """
        return self.failed[nodes] + int(self.layout.p("market.termination")) <= quarter


def start_state(
    layout: Layout, levers: dict[str, np.ndarray], market: Market, terms: Terms, building: str
) -> State:
    """The web at the snapshot date, the same for every scenario of the batch.

    Parameters
    ----------
    layout : Layout
        The snapshot, compiled.
    levers : dict of str to ndarray, (scenario,)
        Model units.
    market : Market
        Paths of the same scenarios.
    terms : Terms
        Paths of the same scenarios.
    building : {"market", "plan"}
        As for `core.model.engine.run`.
    """
    n = levers["g"].shape[0]
    t, nodes, borrowers = layout.tranches, len(layout.nodes), len(layout.borrowers)
    return State(
        layout=layout,
        levers=levers,
        market=market,
        terms=terms,
        building=building,
        living=np.ones((nodes, n), dtype=bool),
        cash=np.repeat(layout.cash[:, None], n, axis=1),
        failed=np.full((nodes, n), NEVER, dtype=np.int16),
        called=np.zeros((len(layout.promises.ids), n)),
        fleets=[FleetState.start(f, n) for f in layout.fleets],
        new_debt=NewDebt.start(borrowers, n),
        settled=np.zeros((borrowers, n), dtype=bool),
        cover=np.full((borrowers, n), np.inf),
        opening_cover=np.full((borrowers, n), np.inf),
        access=np.ones((borrowers, n)),
        caps=np.zeros((len(layout.promises.ids), n)),
        backed=np.zeros((len(layout.leases.ids), n)),
        honoured=honoured(layout, levers),
        service=DebtService(*(np.zeros((borrowers, n)) for _ in range(4))),
        lost=np.zeros((len(layout.contract_rows), n)),
        relet=np.zeros((nodes, n)),
        paying=[BookShares.of(layout, f, np.ones((nodes, n), dtype=bool)) for f in layout.fleets],
        cause=np.full((nodes, n), -1, dtype=np.int8),
        source=np.full((nodes, n), -1, dtype=np.int16),
        wave=np.zeros((nodes, n), dtype=np.int16),
        shortfall=np.zeros((nodes, n)),
        recovery=np.zeros((len(t.ids) + 2 * borrowers, n)),
        sums={
            "lease_host": GroupSum(layout.leases.host, nodes),
        },
    )
