"""One engine, one web: the order of a quarter. Start reading here.

Each quarter the market moves, everyone's dues are added up, the web is cleared once, and what could not be
paid decides who fails, who is called and who loses. The formulas live in the modules named by each step.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from core.compiled.jit import NO_JIT, as_run, entry, rule
from core.finance.clearing import CONVERGED, clear
from core.finance.networks import ClearingDidNotConverge
from core.layout.compile import compile_layout
from core.layout.layout import Layout
from core.model import books, borrowing, dues, identities, market, record, recovery, state, terms
from core.model.identities import CHECKS, TOLERANCE, IdentityError
from core.model.result import Result, last_quarters
from core.model.tables import GROUPS, ON_REQUEST, Tables, tables
from core.scenario.levers import Scenario, columns
from core.web.web import Web

THREADS = 1 if NO_JIT else min(os.cpu_count() or 1, 4)
NEEDED_BY = {"losses": frozenset({"holders"}), "market": frozenset({"holders", "losses"})}  # kept with them
NOT_RUN = -1  # the status of a company in a quarter that was not run
WORTH_A_THREAD = 64  # scenarios: fewer are done before a thread has started


@rule
def run_scenario(web, lever, work, wanted, ends, kept):
    """One scenario, quarter by quarter. ``kept`` are the records of the groups, in the order of `GROUPS`."""
    path, s, due, done, view = work.path, work.s, work.due, work.done, work.outlook
    alpha, beta = web.p.clearing_alpha, web.p.clearing_beta
    rows = (web.row.payer, web.row.payee, web.row.seniority, web.row.giver)
    owed = (due.amount, due.cap_left, due.deductible)
    settled = (
        done.paid, done.called, done.called_paid, done.shortfall, done.closing, done.failure_cost, done.wave,
        done.theta,
    )  # fmt: skip
    market.market_path(web.p, lever, path, wanted.quarters)
    terms.market_terms(web, lever, path, wanted.quarters)
    state.start_state(web, lever, s)
    record.start_ends(web, ends)
    books.look_ahead(web, lever, path, s, view, web.snapshot)
    for q in range(wanted.quarters):
        borrowing.market_access(web, path, s, due, q)
        dues.add_up(web, lever, path, s, due, q)
        change, _sweeps = clear(rows, owed, due.resources, alpha, beta, settled)
        ends.change = max(ends.change, change)
        failed_now = books.close(web, due, done, s, q)
        books.book_debt(web, lever, due, done, s, failed_now, q)
        books.look_ahead(web, lever, path, s, view, q)
        if failed_now:
            recovery.start_estates(web, lever, view, s)
        identities.check(web, lever, due, done, s, view, work.flow)
        take(web, lever, path, due, done, s, view, wanted, ends, kept, q)
    if wanted.market:
        record.market(path, kept[0])
    record.end(s, ends)


@rule
def take(web, lever, path, due, done, s, view, wanted, ends, kept, q):
    """Keep what was asked for of a closed quarter."""
    _market, companies, tenants, promises, losses, holders, ledger = kept
    if wanted.companies:
        record.companies(web, path, due, done, s, view, ends, companies, q)
    if wanted.tenants:
        record.tenants(web, due, done, s, tenants, q)
    if wanted.promises:
        record.promises(web, due, done, s, promises, q)
    if wanted.losses:
        record.losses(web, due, s, losses, q)
    if wanted.holders:
        record.holders(web, lever, due, done, s, holders, q)
    if wanted.web:
        record.ledger(due, done, ledger, q)


@entry
def run_range(web, levers, work, wanted, ends, groups, first, last):
    """Scenarios ``first`` to ``last`` - 1, one after the other; a group that is not wanted has one record."""
    market, companies, tenants, promises, losses, holders, ledger = groups
    for i in range(first, last):
        kept = (
            market[i if wanted[0].market else 0],
            companies[i if wanted[0].companies else 0],
            tenants[i if wanted[0].tenants else 0],
            promises[i if wanted[0].promises else 0],
            losses[i if wanted[0].losses else 0],
            holders[i if wanted[0].holders else 0],
            ledger[i if wanted[0].web else 0],
        )
        run_scenario(web[0], levers[i], work[0], wanted[0], ends[i], kept)


def run(
    web: Web,
    scenarios: Scenario | Iterable[Scenario] | Mapping[str, np.ndarray],
    building: str = "market",
    keep: Iterable[str] | None = None,
    *,
    to_horizon: bool = False,
) -> Result:
    """Run scenarios through the web, quarter by quarter.

    Parameters
    ----------
    web : Web
        A loaded snapshot.
    scenarios : Scenario, iterable of Scenario, or mapping of lever id to ndarray (scenario,)
        A mapping holds model units, as `core.scenario.levers.columns` returns them.
    building : {"market", "plan"}
        "plan" builds and re-equips exactly as planned whatever lenders say: used to test directions, because
        building that reacts to the market is one of the habits by which more of a good thing can hurt.
    keep : iterable of str, optional
        Names of the record arrays wanted; all if not given. Large batches keep few.
    to_horizon : bool
        Stop at the latest horizon of the batch, for whoever reads nothing after it: no quarter depends on a
        later one. After it every array is nan (a status -1); who would fail later never fails.

    Raises
    ------
    ValueError
        If ``building`` is unknown or there is no scenario.
    IdentityError
        If cash, calls or recoveries do not add up.
    ClearingDidNotConverge
        If payments of a quarter were still moving after the last allowed sweep.
    """
    if building not in ("market", "plan"):
        raise ValueError(f"building must be 'market' or 'plan', got {building!r}")
    layout = compile_layout(web)
    levers = (
        dict(scenarios)
        if isinstance(scenarios, Mapping)
        else columns([scenarios] if isinstance(scenarios, Scenario) else list(scenarios))
    )
    if levers["g"].shape[0] == 0:
        raise ValueError("no scenario to run")
    wanted = frozenset(GROUPS) if keep is None else frozenset(keep)
    unknown = wanted - {*GROUPS, *ON_REQUEST}
    if unknown:
        raise ValueError(
            f"unknown record group {sorted(unknown)}; known: {', '.join((*GROUPS, *ON_REQUEST))}"
        )
    quarters = int(last_quarters(layout, levers).max()) + 1 if to_horizon else layout.never
    ends, groups = run_batch(layout, levers, building, wanted, quarters)
    return Result(layout, levers, quarters, ends, groups)


def run_batch(
    layout: Layout, levers: Mapping[str, np.ndarray], building: str, keep: frozenset[str], quarters: int
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Run a batch on a few threads: the outcome of a scenario depends on nothing but itself.

    Parameters
    ----------
    layout : Layout
        The snapshot, compiled.
    levers : mapping of str to ndarray, (scenario,)
        Model units.
    building : {"market", "plan"}
        As for `run`.
    keep : frozenset of str
        Record groups wanted.
    quarters : int
        How many to run.

    Returns
    -------
    ends : ndarray of records, (scenario,)
        How each scenario ended.
    groups : dict of str to ndarray of records, (scenario,)
        The groups that were wanted.

    Raises
    ------
    IdentityError, ClearingDidNotConverge
        As for `run`.
    """
    known = tables(layout)
    n = levers["g"].shape[0]
    given = lever_records(known, layout, levers, building)
    wanted = _wanted_record(known, keep, quarters)
    ends = np.zeros(n, known.ends)
    groups = {name: np.zeros(n if wanted[0][name] else 1, kind) for name, kind in known.groups.items()}

    kept = tuple(as_run(group) for group in groups.values())

    def _part(first: int, last: int) -> None:
        """Some of the scenarios, in a workplace of their own."""
        work = np.zeros(1, known.work)
        run_range(*map(as_run, (known.web, given, work, wanted, ends)), kept, first, last)

    parts = max(1, min(THREADS, n // WORTH_A_THREAD))
    if parts == 1:
        _part(0, n)
    else:
        edges = np.linspace(0, n, parts + 1).astype(int)
        with ThreadPoolExecutor(parts) as pool:
            list(pool.map(_part, edges[:-1].tolist(), edges[1:].tolist()))
    _refuse(ends)
    found = {name: groups[name] for name in groups if wanted[0][name]}
    if quarters < layout.never:
        for records in found.values():
            _forget_after(records, quarters)
    return ends, found


def _forget_after(records: np.ndarray, quarters: int) -> None:
    """Say of quarters that were not run that nothing is known of them: nan, or `NOT_RUN`."""
    for name in records.dtype.names or ():
        records[name][:, quarters:] = np.nan if records[name].dtype.kind == "f" else NOT_RUN


def lever_records(
    known: Tables, layout: Layout, levers: Mapping[str, np.ndarray], building: str
) -> np.ndarray:
    """The levers of a batch as records, (scenario,).

    Parameters
    ----------
    known : Tables
        The types of this snapshot.
    layout : Layout
        The snapshot, compiled.
    levers : mapping of str to ndarray, (scenario,)
        Model units.
    building : {"market", "plan"}
        As for `run`.
    """
    out = np.zeros(levers["g"].shape[0], known.lever)
    for name in known.lever.names or ():
        if name in levers:
            out[name] = levers[name]
    out["first_turned"] = layout.calendar.first_of(levers["t"])
    out["as_planned"] = building == "plan"
    return out


def _wanted_record(known: Tables, keep: frozenset[str], quarters: int) -> np.ndarray:
    """What is to be run and kept, as one record, (1,)."""
    wanted = np.zeros(1, known.wanted)
    wanted["quarters"] = quarters
    for name in known.groups:
        wanted[name] = name in keep or bool(keep & NEEDED_BY.get(name, frozenset()))
    return wanted


def _refuse(ends: np.ndarray) -> None:
    """Raise if payments did not come to rest or an identity is off."""
    moving = ends["change"] >= CONVERGED
    if moving.any():
        raise ClearingDidNotConverge(float(ends["change"].max()), int(moving.sum()))
    for name, off in zip(CHECKS, ends["residual"].max(axis=0), strict=True):
        if not off <= TOLERANCE:
            raise IdentityError(f"{name} identity off by {off:.3g} USD bn")
