"""Where everything sits: a snapshot compiled into index arrays and static schedules.

The engine works on arrays with the scenario axis last. This module is the one place that knows which row of
which array is CoreWeave, which ledger row is Fluidstack's rent, and what is due in which quarter whatever
the scenario.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from core.finance.networks import Structure
from core.web.web import Web

QUARTERS = 32
LOOK_AHEAD = 4  # forward measures look four quarters beyond the last one
DUST = 1e-12  # USD bn: what rounding leaves of a repaid loan
NEVER = QUARTERS  # a quarter of failure that does not come

# Kinds of promises that can be called.
LEASE_BACKSTOP, CAPACITY_BACKSTOP, RESIDUAL_VALUE = "lease_backstop", "capacity_backstop", "residual_value"


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
