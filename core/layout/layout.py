"""Where everything sits: a snapshot compiled into index arrays and static schedules.

The engine works on arrays with the scenario axis last. This module is the one place that knows which row of
which array is CoreWeave, which ledger row is Fluidstack's rent, and what is due in which quarter whatever
the scenario.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from core.finance.networks import Structure
from core.web.calendar import Calendar
from core.web.web import Web

LOOK_AHEAD = 4  # forward measures look four quarters beyond the last one
DUST = 1e-12  # USD bn: what rounding leaves of a repaid loan

MILLIONS = 1000.0  # USD m in a bn
ALWAYS, GOOGLE_WALKS, NVIDIA_BUYS = range(3)  # which lever a promise hangs on

# Kinds of promises that can be called.
LEASE_BACKSTOP, CAPACITY_BACKSTOP, RESIDUAL_VALUE = "lease_backstop", "capacity_backstop", "residual_value"


@dataclass(frozen=True)
class Leases:
    """Contracts with a fixed rent, USD bn a quarter, (tenant leaves at first exit or stays, lease, ahead).

    ``ahead`` are all quarters of the run and the four after it.

    ``rent_ahead`` is the rent of the four quarters after each, ``rent_value`` what all later rent is worth.
    ``margin`` is what the host keeps of a dollar of rent; ``reliable`` marks investment-grade tenants;
    ``promise`` is the backstop behind a lease, -1 for none.
    """

    ids: tuple[str, ...]
    row: np.ndarray
    tenant: np.ndarray
    host: np.ndarray
    rent: np.ndarray
    rent_ahead: np.ndarray
    rent_value: np.ndarray
    start: np.ndarray
    term: np.ndarray
    promise: np.ndarray
    margin: np.ndarray
    reliable: np.ndarray


@dataclass(frozen=True)
class Promises:
    """Guarantees in this web: kind, giver, beneficiary, cap (USD bn), quarters between which they stand.

    ``cap_path`` is the most that can be asked for before any call, (promise, ahead), as for leases.
    ``lever`` says on which lever it hangs, ``lease_row`` which rent a lease backstop stands behind, ``place``
    which borrower the host is; -1 for none.
    """

    ids: tuple[str, ...]
    kind: tuple[str, ...]
    giver: np.ndarray
    on: tuple[str, ...]
    host: np.ndarray
    cap: np.ndarray
    start: np.ndarray
    until: np.ndarray
    lever: np.ndarray
    row: np.ndarray
    share: np.ndarray
    is_residual: np.ndarray
    place: np.ndarray
    lease_row: np.ndarray
    cap_path: np.ndarray

    def backing(self, on: str, kind: str) -> int:
        """Number of the promise of a kind that stands behind something, -1 for none.

        Parameters
        ----------
        on : str
            Id of a contract or company.
        kind : str
            One of the kinds above.
        """
        found = zip(self.on, self.kind, strict=True)
        return next((i for i, promise in enumerate(found) if promise == (on, kind)), -1)


@dataclass(frozen=True)
class Tranches:
    """Debt lines at the snapshot date. Schedules are (tranche, quarter), USD bn; rates are per year.

    ``regular`` is scheduled principal, ``final`` the bullet or balloon that may be rolled over;
    ``balance`` is outstanding at the end of a quarter if paid as scheduled, ``opening`` at its start.
    ``cash_due + cash_floats * base_rate`` is due in cash, ``final_shares`` in cash or shares. ``place`` is
    the borrower among those with debt.
    """

    ids: tuple[str, ...]
    row: np.ndarray
    borrower: np.ndarray
    place: np.ndarray
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
    final_next_year: np.ndarray
    cash_due: np.ndarray
    cash_floats: np.ndarray
    final_shares: np.ndarray


@dataclass(frozen=True, eq=False)
class Layout:
    """A compiled snapshot. Nodes are numbered in the order of ``nodes``, ledger rows in that of ``rows``.

    ``fields`` is what the rules read, by group: numbers and arrays with the names that the rules use. Groups
    are node, row, wealthy (companies that pay whatever happens), operator (those with a core business and
    debt), lab, bill (shares of a lab's bill), middle (the intermediary), landlord, lease, promise, fleet,
    borrower, debt_row, tranche, claim, rating, company and tenant; each array has one entry for each member
    of its group.
    """

    web: Web
    parameters: dict[str, float]
    quarters: tuple[str, ...]
    nodes: tuple[str, ...]
    index: dict[str, int]
    kind: tuple[str, ...]
    structure: Structure
    rows: tuple[str, ...]
    leases: Leases
    tranches: Tranches
    promises: Promises
    borrowers: np.ndarray
    landlords: np.ndarray
    site_cost: np.ndarray
    intermediary: int
    companies: tuple[str, ...]
    operators: tuple[str, ...]
    tenants: tuple[str, ...]
    contract_rows: np.ndarray
    fields: dict[str, Any]

    @property
    def calendar(self) -> Calendar:
        """The quarters of a run on this snapshot."""
        return self.web.calendar

    @property
    def never(self) -> int:
        """A quarter of failure that does not come: the one after the last, so also how many there are."""
        return len(self.quarters)

    def of_kind(self, *kinds: str) -> tuple[str, ...]:
        """Ids of the nodes of some kinds, in the order of the data.

        Parameters
        ----------
        *kinds : str
            As the entities table has them.
        """
        return tuple(n for n, kind in zip(self.nodes, self.kind, strict=True) if kind in kinds)

    @cached_property
    def counted(self) -> tuple[str, ...]:
        """Ids of the companies that strips and counts are about: neoclouds, labs, and operators with debt."""
        of_kind = self.of_kind("neocloud", "lab")
        return (*of_kind, *self.operators)

    @cached_property
    def p(self) -> Callable[[str], float]:
        """Gives a market parameter in model units, e.g. ``p("access.cover_floor")``; KeyError if unknown."""
        return self.parameters.__getitem__
