"""One engine, one web: the order of a quarter. Start reading here.

Each quarter the market moves, everyone's dues are added up, the web is cleared once, and what could not be
paid decides who fails, who is called and who loses. The formulas live in the modules named by each step.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np

from core.finance.networks import Ledger, clear
from core.layout.compile import compile_layout
from core.layout.layout import QUARTERS, Layout
from core.model import books, borrowing, dues
from core.model.market import market_path
from core.model.record import Record
from core.model.result import Result, last_quarters
from core.model.state import start_state
from core.model.terms import market_terms
from core.scenario.levers import Scenario, columns
from core.web.web import Web

CHUNK = 1000  # scenarios at a time: their arrays stay in the processor's cache
THREADS = 1  # of batches: two hand numpy's lock to and fro and take longer than one, measured on two cores


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
        later one. What stands after it in the arrays means nothing; who would fail later never fails.

    Returns
    -------
    Result
        Arrays (scenario, quarter, entity).

    Raises
    ------
    ValueError
        If ``building`` is unknown or there is no scenario.
    IdentityError
        If cash, calls or recoveries do not add up.
    """
    if building not in ("market", "plan"):
        raise ValueError(f"building must be 'market' or 'plan', got {building!r}")
    layout = compile_layout(web)
    levers = (
        dict(scenarios)
        if isinstance(scenarios, Mapping)
        else columns([scenarios] if isinstance(scenarios, Scenario) else list(scenarios))
    )
    n = levers["g"].shape[0]
    if n == 0:
        raise ValueError("no scenario to run")
    parts = [{k: v[i : i + CHUNK] for k, v in levers.items()} for i in range(0, n, CHUNK)]
    wanted = None if keep is None else frozenset(keep)
    quarters = int(last_quarters(layout, levers).max()) + 1 if to_horizon else QUARTERS
    records = [run_chunk(layout, part, building, wanted, quarters) for part in parts]
    return Result(layout, levers, Record.join(records))


def run_chunk(
    layout: Layout,
    levers: dict[str, np.ndarray],
    building: str,
    keep: frozenset[str] | None = None,
    quarters: int = QUARTERS,
) -> Record:
    """Run one batch. A lone scenario is doubled: numpy adds a single column in another order than several.

    Parameters
    ----------
    layout : Layout
        The snapshot, compiled.
    levers : dict of str to ndarray, (scenario,)
        Model units.
    building : {"market", "plan"}
        As for `run`.
    keep : frozenset of str, optional
        Record groups wanted; all if not given.
    quarters : int
        How many to run.
    """
    n = levers["g"].shape[0]
    if n == 1:
        levers = {k: np.repeat(v, 2) for k, v in levers.items()}
    market = market_path(layout, levers)
    state = start_state(layout, levers, market, market_terms(layout, levers, market), building)
    record = Record.start(layout, market, levers, keep, quarters)
    alpha, beta = layout.p("clearing.alpha"), layout.p("clearing.beta")
    books.look_ahead(state, -1)
    for q in range(quarters):
        access, willing = borrowing.market_access(state, q)
        quarter = dues.add_up(state, access, willing, q)
        settled = clear(
            Ledger(layout.structure, quarter.amount, quarter.cap_left), quarter.resources, alpha, beta
        )
        before = state.cash
        fresh = books.close(state, quarter, settled, q)
        claims = books.book_debt(state, quarter, settled, fresh, q)
        outlook = books.look_ahead(state, q)
        books.start_estates(state, outlook, claims)
        record.take(state, quarter, settled, outlook, access, claims, before, q)
    record.finish(state)
    return record.first(n)
