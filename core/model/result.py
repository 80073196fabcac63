"""What a run found, and the identities it must satisfy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np

from core.layout.layout import QUARTERS, Layout
from core.model import books
from core.model.record import CHECKS, Record
from core.model.state import (
    COUNTERPARTY,
    HEALTHY,
    MARKET_ACCESS,
    OWN_LIQUIDITY,
)

MEASURES = ("failure", "insolvency", "runway", "cover", "access")


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

    @staticmethod
    def gather(found: Sequence[tuple[Result, int]]) -> Result:
        """Single scenarios of several runs, as one result; the arrays are copies, so the runs can go.

        Parameters
        ----------
        found : sequence of (Result, int)
            Runs of one web that kept the same groups, and the place of the scenario in each.

        Raises
        ------
        ValueError
            If the runs are of different webs.
        """
        first = found[0][0]
        if any(run.layout is not first.layout for run, _place in found):
            raise ValueError("results of different webs cannot stand side by side")

        runs, places = zip(*found, strict=True)
        record = replace(
            first.record,
            n=len(found),
            quarterly=_side_by_side([run.record.quarterly for run in runs], places),
            once=_side_by_side([run.record.once for run in runs], places),
            owed=np.stack([run.record.owed[:, i] for run, i in found], axis=-1),
            residual={k: max(run.record.residual[k] for run in runs) for k in CHECKS},
        )
        return Result(first.layout, _side_by_side([run.levers for run in runs], places), record)

    def array(self, name: str) -> np.ndarray:
        """A recorded array as (scenario, quarter, entity).

        Parameters
        ----------
        name : str
            As for `path`.

        Raises
        ------
        KeyError
            If it was not kept; see ``keep`` of `core.model.engine.run`.
        """
        path = self.path(name)
        return path.transpose(path.ndim - 1, *range(path.ndim - 1))

    def path(self, name: str, at: int | slice = slice(None)) -> np.ndarray:
        """A recorded or derived array as (quarter, entity, scenario).

        Parameters
        ----------
        name : str
            Of an array of the record, or revenue, ebitda, operating_profit, asset_cover.
        at : int or slice
            Which entities; a number leaves (quarter, scenario).
        """
        if name == "revenue":
            return self.path("contracted", at) + self.path("spot", at) + self.path("guaranteed", at)
        if name == "ebitda":
            return self.path("revenue", at) - self.path("cost", at)
        if name == "operating_profit":
            return self.path("ebitda", at) - self.path("depreciation", at)
        if name == "asset_cover":
            debt = self.path("debt", at)
            owes = debt > books.TINY
            return np.where(owes, self.path("collateral", at) / np.where(owes, debt, 1.0), np.nan)
        return self.record.quarterly[name][:, at]

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
        return last_quarters(self.layout, self.levers)

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
        """Why an entity failed in scenario ``i``, as a code of docs/model.md, section 10.

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


def _side_by_side(books: Sequence[dict[str, np.ndarray]], places: Sequence[int]) -> dict[str, np.ndarray]:
    """Of every array of each book the scenario at its place, next to each other."""
    return {
        name: np.stack([book[name][..., i] for book, i in zip(books, places, strict=True)], axis=-1)
        for name in books[0]
    }


def last_quarters(layout: Layout, levers: dict[str, np.ndarray]) -> np.ndarray:
    """Last quarter inside each scenario's horizon, (scenario,).

    Parameters
    ----------
    layout : Layout
        The snapshot, compiled.
    levers : dict of str to ndarray
        Model units, (scenario,).
    """
    return (levers["h"] - layout.first_year + 1).astype(int) * 4 - 1


def counted(layout: Layout) -> tuple[str, ...]:
    """The companies that strips and counts are about: the neoclouds and the labs.

    Parameters
    ----------
    layout : Layout
        The snapshot, compiled.
    """
    return tuple(n for n, k in zip(layout.nodes, layout.kind, strict=True) if k in ("neocloud", "lab"))
