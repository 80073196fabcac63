"""What a run found. Arrays are (scenario, quarter, entity); those without quarters (scenario, entity)."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import numpy as np

from core.layout.layout import Layout
from core.model.books import TINY
from core.model.identities import CHECKS
from core.model.record import HEALTHY, INSOLVENT, LOW_COVER, LOW_SERVICE, NO_ACCESS, SHORT_RUNWAY
from core.model.state import COUNTERPARTY, MARKET_ACCESS, OWN_LIQUIDITY

CAUSES = {OWN_LIQUIDITY: "own_liquidity", MARKET_ACCESS: "market_access"}
MEASURES = {
    INSOLVENT: "insolvency",
    SHORT_RUNWAY: "runway",
    LOW_COVER: "cover",
    NO_ACCESS: "access",
    LOW_SERVICE: "service",
}


class Result:
    """A finished run. Statuses and counts stop at the horizon.

    Parameters
    ----------
    layout : Layout
        The compiled snapshot the run used.
    levers : mapping of str to ndarray
        Model units, (scenario,).
    quarters : int
        How many were run.
    ends : ndarray of records, (scenario,)
        How each scenario ended: by node ``failed`` (a quarter, or ``layout.never``), ``cause``, ``source``,
        ``wave`` and ``shortfall``.
    groups : mapping of str to ndarray of records, (scenario,)
        What was kept quarter by quarter, by group.
    """

    def __init__(
        self,
        layout: Layout,
        levers: Mapping[str, np.ndarray],
        quarters: int,
        ends: np.ndarray,
        groups: Mapping[str, np.ndarray],
    ):
        self.layout, self.levers, self.quarters = layout, levers, quarters
        self.ends, self.groups = ends, groups
        self.arrays = {name: kept[name] for kept in groups.values() for name in kept.dtype.names or ()}

    @property
    def n(self) -> int:
        """Number of scenarios."""
        return self.levers["g"].shape[0]

    @cached_property
    def residual(self) -> dict[str, float]:
        """How far each identity was off at worst, USD bn."""
        return dict(zip(CHECKS, self.ends["residual"].max(axis=0).tolist(), strict=True))

    def array(self, name: str, at: int | slice = slice(None)) -> np.ndarray:
        """A kept or derived array, (scenario, quarter, entity).

        Parameters
        ----------
        name : str
            Of an array of a group, or revenue, ebitda, operating_profit, asset_cover.
        at : int or slice
            Which entities; a number leaves (scenario, quarter).

        Raises
        ------
        KeyError
            If its group was not kept; see ``keep`` of `core.model.engine.run`.
        """
        if name == "revenue":
            paid = self.array("contracted", at) + self.array("spot", at) + self.array("guaranteed", at)
            return paid + self.array("core", at)
        if name == "ebitda":
            return self.array("revenue", at) - self.array("cost", at)
        if name == "operating_profit":
            return self.array("ebitda", at) - self.array("depreciation", at)
        if name == "asset_cover":
            debt = self.array("debt", at)
            owes = debt > TINY
            return np.where(owes, self.array("collateral", at) / np.where(owes, debt, 1.0), np.nan)
        return self.arrays[name][:, :, at]

    @cached_property
    def dev(self) -> np.ndarray:
        """Demand against the base path, (scenario, quarter)."""
        growth = 1.0 + self.layout.p("market.demand_growth")
        return self.array("demand", 0) / growth ** (0.25 * np.arange(1.0, self.layout.never + 1.0))

    @cached_property
    def estate(self) -> np.ndarray:
        """What the estates of failed companies pay in all, by instrument, (scenario, instrument), USD bn."""
        tranches, borrowers = len(self.layout.tranches.ids), len(self.layout.borrowers)
        first, level, bullet = np.split(self.ends["recovery"], [tranches, tranches + borrowers], axis=1)
        return np.concatenate([first, level + bullet], axis=1)

    @cached_property
    def last(self) -> np.ndarray:
        """Last quarter inside each scenario's horizon, (scenario,)."""
        return last_quarters(self.layout, self.levers)

    def at_horizon(self, path: np.ndarray) -> np.ndarray:
        """Value of a path in the last quarter of each scenario's horizon, (scenario,).

        Parameters
        ----------
        path : ndarray, (scenario, quarter)
            Any unit.
        """
        return path[np.arange(self.n), self.last]

    def to_horizon(self, flow: np.ndarray) -> np.ndarray:
        """Sum of a flow up to each scenario's horizon, (scenario,).

        Parameters
        ----------
        flow : ndarray, (scenario, quarter)
            Any unit.
        """
        return np.where(np.arange(self.layout.never) <= self.last[:, None], flow, 0.0).sum(axis=1)

    def failed_quarter(self, entity: str) -> np.ndarray:
        """Quarter in which an entity failed, else ``layout.never``; not cut at the horizon. (scenario,)

        Parameters
        ----------
        entity : str
            Id of any node.
        """
        return self.ends["failed"][:, self.layout.index[entity]].astype(int)

    def failed_by_horizon(self, entities: tuple[str, ...]) -> np.ndarray:
        """Who has failed by the horizon, (scenario, entity).

        Parameters
        ----------
        entities : tuple of str
            Ids of nodes.
        """
        return self.ends["failed"][:, [self.layout.index[e] for e in entities]] <= self.last[:, None]

    @cached_property
    def failed_count(self) -> np.ndarray:
        """How many of the counted companies have failed by the horizon, (scenario,)."""
        return self.failed_by_horizon(self.layout.counted).sum(axis=1)

    @cached_property
    def status(self) -> np.ndarray:
        """Worst status of each company up to the horizon, (scenario, company): 0 healthy to 4 failed."""
        inside = np.arange(self.layout.never)[None, :, None] <= self.last[:, None, None]
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
        first = self.ends["first_mark"][i, self.layout.companies.index(company)].tolist()
        failed = int(self.failed_quarter(company)[i])
        found = [(failed, "failure"), *((first[mark], measure) for mark, measure in MEASURES.items())]
        quarter, measure = min(found, key=lambda pair: pair[0])
        if quarter > self.last[i]:
            return None
        cause = self.cause(i, company) if measure == "failure" else "market_access"
        if measure not in ("failure", "access"):
            cause = self._first_debtor(i, company, quarter) or "own_liquidity"
        return {"quarter": quarter, "measure": measure, "cause": cause}

    def _first_debtor(self, i: int, company: str, quarter: int) -> str | None:
        """Cause by the tenant of a company that first failed, or cut its contracts, by a quarter, if any."""
        structure, rows = self.layout.structure, self.layout.contract_rows
        payers = np.unique(structure.payer[rows[structure.payee[rows] == self.layout.index[company]]])
        if not payers.size:
            return None
        failed = self.ends["failed"][i, payers]
        stops = np.minimum(failed, self.ends["renegotiated"][i, payers])
        if stops.min() > quarter:
            return None
        first = int(np.argmin(stops))
        how = "counterparty" if failed[first] <= quarter else "renegotiated"
        return f"{how}:{self.layout.nodes[payers[first]]}"

    def cause(self, i: int, entity: str) -> str:
        """Why an entity failed in scenario ``i``, as a code of docs/model.md, section 10.

        Parameters
        ----------
        i : int
            Which scenario of the batch.
        entity : str
            Id of a node that failed.
        """
        node, end = self.layout.index[entity], self.ends[i]
        code = int(end["cause"][node])
        if code == COUNTERPARTY:
            debtor = int(end["source"][node])
            how = "counterparty" if end["failed"][debtor] <= end["failed"][node] else "renegotiated"
            return f"{how}:{self.layout.nodes[debtor]}"
        return CAUSES.get(code, "maturity")


def last_quarters(layout: Layout, levers: Mapping[str, np.ndarray]) -> np.ndarray:
    """Last quarter inside each scenario's horizon, (scenario,).

    Parameters
    ----------
    layout : Layout
        The snapshot, compiled.
    levers : mapping of str to ndarray, (scenario,)
        Model units.
    """
    return layout.calendar.first_of(levers["h"].astype(int) + 1) - 1
