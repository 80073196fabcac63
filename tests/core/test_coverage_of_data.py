"""Every row of the data is used: numbers move a result, words are read by name, the rest says what it is there for.

Each number of the snapshot is bumped on its own (or with others that cannot hide it, see `together`) through
the same door as a visitor's override, and some figure of some scenario must move.
"""

from __future__ import annotations

import re
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest

from core import accounts, guarantors
from core.engine import run
from core.layout import NEVER, compile_layout
from core.measures import GAP_FIELDS, Measures
from core.result import Result
from core.scenario import Scenario, columns
from core.web import DataError, load_web
from tests.worlds import STRESSED

ROOT = Path(__file__).parents[2]
BASE = Scenario.default()
# Today and the stressed world first; the others reach what those do not: caps, floors, broken promises, exits.
SCENARIOS = (
    BASE.replace(h=2033),
    STRESSED,
    STRESSED.replace(f="strict", h=2033),
    BASE.replace(g=0, mr=False, h=2033),
    BASE.replace(g=0, gw=False, nb=False, fl=False, h=2032),
    BASE.replace(f="strict", r=7, s=500),
    BASE.replace(g=90, u=95, h=2033),
    BASE.replace(g=10, u=70, b=60, r=5, h=2032),
    BASE.replace(g=-45, u=30, b=20, e=2, h=2033),
)

# Numbers that move nothing, and why they are kept.
STILL: dict[str, str] = {}


def moved(a, b) -> bool:
    """Whether a figure changed by more than rounding."""
    return not np.allclose(a, b, rtol=1e-9, atol=1e-9, equal_nan=True)


@lru_cache(maxsize=1)
def before():
    """The run that everything is compared with, and its figures."""
    measures = Measures(run(load_web(), columns(SCENARIOS)))
    return measures, figures(measures)


def figures(measures: Measures) -> dict[str, np.ndarray]:
    """What a run says beyond its paths: funds, investors, guarantors, the gap."""
    out = {}
    for name, one in measures.accounts.items():
        for field in (*accounts.BRIDGE, "moic", "dpi", "loss_rate", "loss", "nav"):
            out[f"{name}.{field}"] = getattr(one, field)
    for name, one in measures.guarantors.items():
        for field in ("called_share", "rent_without_tenant", "reported_leverage", "look_through_debt"):
            out[f"{name}.{field}"] = getattr(one, field)
        out[f"{name}.look_through_leverage"] = one.look_through_leverage
        out |= {f"{name}.got.{k}": v for k, v in one.got.items()}
    out |= {f"{name}.loss": loss for name, loss in measures.investors.items()}
    out |= {f"gap.{name}": value for name, value in measures.gap.items()}
    return out


# ---------------------------------------------------------------- bumping


def bumps(row, sign: int = 1) -> float:
    """A value a little off, in the unit of the row: 7 % more or less, a whole step where steps are counted."""
    if row.unit in ("quarter", "quarters", "years", "year", "count"):
        return row.raw + sign
    return row.raw * (1 + 0.07 * sign) if row.raw else 1.0 * sign


def changes(web, row_id: str) -> list[dict[str, float]]:
    """Overrides that bump one row, up and down; a share takes from, or gives to, its neighbour in the whole."""
    row = web.row(row_id)
    neighbour = sharing(web).get(row_id)
    if row_id in sharing(web) and neighbour is None:
        return []
    if neighbour:
        other = web.row(neighbour)
        by = min(row.raw, other.raw) * 0.07
        return [{row_id: row.raw + sign * by, neighbour: other.raw - sign * by} for sign in (1, -1)]
    return [{row_id: bumps(row, sign)} for sign in (1, -1)]


@lru_cache(maxsize=4)
def sharing(web) -> dict[str, str | None]:
    """For each row that is a share of a whole, another row of the same whole (None if it is all of it)."""
    wholes: dict[tuple, list[str]] = {}
    for subject, items in web.tables["funds"].items():
        for item, row in items.items():
            if item.startswith(("hold_", "mix_")):
                wholes.setdefault((subject, item.partition("_")[0]), []).append(row.id)
    for items in web.tables["offtake"].values():
        if items["book"].value in ("legacy", "new"):
            wholes.setdefault((items["host"].value, items["book"].value), []).append(items["share"].id)
    return {
        row: rows[(k + 1) % len(rows)] if len(rows) > 1 else None
        for rows in wholes.values()
        for k, row in enumerate(rows)
    }


def moves(row_id: str) -> bool:
    """Whether this row on its own moves any figure of any scenario."""
    web = load_web()
    for overrides in changes(web, row_id):
        try:
            changed = load_web(overrides=overrides)
        except DataError:
            continue  # beyond the range of the item: the other way then
        if anything(changed):
            return True
    return False


def anything(web) -> bool:
    """Whether a run of this web differs anywhere; the cheap comparisons first."""
    measures, said = before()
    result = run(web, columns(SCENARIOS))
    books = ((r.record.quarterly, r.record.once) for r in (measures.result, result))
    for old, new in zip(*books, strict=True):
        if any(old[name].shape != new[name].shape or moved(old[name], new[name]) for name in old):
            return True
    now = figures(Measures(result))
    return any(moved(said[name], now[name]) for name in said)


# ---------------------------------------------------------------- several at once, where they cannot hide each other


def reread(web):
    """Figures of the kept run under changed terms: for rows that nobody in the clearing looks at."""
    measures, _ = before()
    return figures(Measures(Result(compile_layout(web), measures.result.levers, measures.result.record)))


def together(web) -> dict[str, list[str]]:
    """Rows in piles whose effects show apart: in each pile one row of each owner at most.

    ``fund`` terms and holdings change only the accounts of their fund, ``giver`` figures only the reading of
    their company. ``tranche`` terms change the schedule of their own line while nobody fails and nothing rolls.
    """
    out: dict[str, list[str]] = {"fund": [], "giver": [], "tranche": []}
    for fund in accounts.funds(compile_layout(web)):
        items = web.tables["funds"][fund.id].items()
        out["fund"] += [row.id for item, row in items if not isinstance(row.value, str) and item[:4] != "mix_"]
    for company in guarantors.guarantor_ids(compile_layout(web)):
        rows = web.tables["entities"][company].values()
        apart = ("cash", "operating_cash_flow", "revenue_elasticity")  # the clearing sees these
        out["giver"] += [r.id for r in rows if not isinstance(r.value, str) and r.item not in apart]
    for items in web.tables["tranches"].values():
        out["tranche"] += [items[i].id for i in ("balance", "rate", "first", "profile", "maturity") if i in items]
    return out


def piles(rows: list[str]) -> list[list[str]]:
    """The first row of every owner, then the second, and so on."""
    by_owner: dict[str, list[str]] = {}
    for row in rows:
        by_owner.setdefault(row.partition(".")[0], []).append(row)
    longest = max(len(mine) for mine in by_owner.values())
    return [[mine[k] for mine in by_owner.values() if k < len(mine)] for k in range(longest)]


def moved_in_pile(kind: str, pile: list[str]) -> set[str]:
    """Rows of a pile whose own figures moved."""
    web = load_web()
    options = {row: changes(web, row) for row in pile}
    for way in (0, 1):
        overrides = {k: v for row in pile if options[row] for k, v in options[row][way].items()}
        try:
            changed = load_web(overrides=overrides)
        except DataError:
            continue
        if kind == "tranche":
            calm = run(changed, columns([SCENARIOS[0]] * 2), keep=("holders",))
            if (calm.record.once["failed"] < NEVER).any():
                continue  # a failure would hide schedules: the other way then
            return {row for row in pile if schedule_moved(calm, row.partition(".")[0])}
        _, said = before()
        now = reread(changed)
        own = {row: [name for name in said if name.partition(".")[0] == row.partition(".")[0]] for row in pile}
        return {row for row, names in own.items() if any(moved(said[name], now[name]) for name in names)}
    return set()


def schedule_moved(calm: Result, tranche: str) -> bool:
    """Whether what is due on a line changed in the base case."""
    measures, _ = before()
    k = measures.layout.tranches.ids.index(tranche)
    due = [result.record.quarterly["scheduled"][:, k, 0] for result in (measures.result, calm)]
    return moved(*due)


def dull_in_pile(task: tuple[str, list[str]]) -> list[str]:
    """Rows of a pile that did not show: to be tried alone."""
    kind, pile = task
    shown = moved_in_pile(kind, pile)
    return [row for row in pile if row not in shown]


def dull_alone(row: str) -> list[str]:
    """This row, if it moves nothing at all."""
    return [] if moves(row) else [row]


def numeric(web) -> list[str]:
    """Every number of the snapshot."""
    return [r.id for r in web.rows() if r.table != "actuals" and not isinstance(r.value, str)]


@lru_cache(maxsize=1)
def still() -> tuple[str, ...]:
    """Every number that moves nothing."""
    web = load_web()
    grouped = together(web)
    rest = [row for row in numeric(web) if not any(row in rows for rows in grouped.values())]
    tasks = [(kind, pile) for kind, rows in grouped.items() for pile in piles(rows)]
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        unseen = [row for rows in pool.map(dull_in_pile, tasks) for row in rows]
        return tuple(row for rows in pool.map(dull_alone, rest + unseen, chunksize=8) for row in rows)
