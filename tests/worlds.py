"""What several tests share: random lever settings, and what a run did quarter by quarter."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace

import numpy as np

from core.layout.layout import QUARTERS
from core.model import engine
from core.model.market import Market
from core.model.record import Record
from core.model.result import Result
from core.model.terms import market_terms
from core.scenario.levers import Scenario, columns, lever, levers
from core.web.web import Web

STRESSED = Scenario.default().replace(g=-15, u=60, r=7)


def random_levers(seed: int, n: int, **fixed: object) -> dict[str, np.ndarray]:
    """Every lever drawn evenly from its range or options, in model units; ``fixed`` ones in public units."""
    rng = np.random.default_rng(seed)
    out = {}
    for one in levers():
        if one.options:
            values = np.array(one.options)[rng.integers(0, len(one.options), n)]
        elif one.kind == "year":
            values = rng.integers(int(one.low), int(one.high) + 1, n)
        else:
            values = rng.uniform(one.low, one.high, n)
        if one.id in fixed:
            values = np.full(n, fixed[one.id])
        out[one.id] = one.to_model(values)
    return out


def random_values(seed: int, word: str, n: int) -> np.ndarray:
    """A second, independent draw of one number lever, in model units."""
    one = lever(word)
    return one.to_model(np.random.default_rng(seed).uniform(one.low, one.high, n))


def at_both_ends() -> list[Scenario]:
    """The stressed scenario and today's, with every lever at each end or option in turn."""
    out = []
    for start in (Scenario.default(), STRESSED):
        for one in levers():
            out += [start.replace(**{one.id: value}) for value in one.options or (one.low, one.high)]
    return out


def still_market(*, u=0.85, tau=1.0, sold=1.0, ageing=0.9, dev=1.0) -> Market:
    """A market that stands still for one scenario, its figures chosen freely."""
    still = {
        "demand": 1.0,
        "capacity": 1.0,
        "dev": dev,
        "utilisation": u,
        "tightness": tau,
        "sold_share": sold,
    }
    paths = {name: np.full((QUARTERS, 1), value) for name, value in still.items()}
    return Market(**paths, ageing=np.array([ageing]))


def still_state(layout, market: Market, *, building: str = "market", failed: tuple[str, ...] = (), **changes):
    """What a kernel sees of one scenario in a market that stands still; ``changes`` are levers."""
    given = columns([Scenario.default().replace(**changes)])
    living = np.array([[node not in failed] for node in layout.nodes])
    return SimpleNamespace(
        layout=layout,
        market=market,
        terms=market_terms(layout, given, market),
        building=building,
        levers=given,
        living=living,
        n=1,
    )


@dataclass
class Books:
    """What each quarter of a run did, copied while it happened; lists by quarter, arrays (row, scenario)."""

    result: Result | None = None
    quarters: list[SimpleNamespace] = field(default_factory=list)


def watch(monkeypatch, web: Web, scenarios, building: str = "market") -> Books:
    """Run a batch and copy every quarter's ledger, payments, cash and debt, for checks made from outside."""
    books = Books()
    ledgers, original_clear, original_take = [], engine.clear, Record.take

    def clear(ledger, resources, alpha, beta):
        ledgers.append((np.array(ledger.amount), np.array(ledger.cap_left), np.array(resources), alpha, beta))
        return original_clear(ledger, resources, alpha, beta)

    def take(record, state, quarter, settled, outlook, access, claims, before, q):
        amount, cap_left, resources, alpha, beta = ledgers.pop()
        books.quarters.append(
            SimpleNamespace(
                amount=amount,
                cap_left=cap_left,
                resources=resources,
                alpha=alpha,
                beta=beta,
                paid=np.array(settled.paid),
                called_paid=np.array(settled.called_paid),
                failure_cost=np.array(settled.failure_cost),
                failed_now=np.array(settled.failed),
                closing=np.array(settled.closing),
                cash_before=np.array(before),
                cash_after=np.array(state.cash),
                failed=np.array(state.failed),
                outside_income=np.array(quarter.outside_income),
                withheld=np.array(quarter.withheld),
                borrowed=np.array(quarter.borrowed),
                equity=np.array(quarter.equity),
                converted=np.array(quarter.converted),
                interest=np.array(quarter.interest),
                new_interest=np.array(quarter.service.interest),
                debt=np.array(outlook.debt),
                claims=np.array(claims),
                estates=np.array(state.recovery),
                caps=np.array(quarter.caps),
                called=np.array(quarter.called),
            )
        )
        return original_take(record, state, quarter, settled, outlook, access, claims, before, q)

    monkeypatch.setattr(engine, "clear", clear)
    monkeypatch.setattr(Record, "take", take)
    levers_ = scenarios if isinstance(scenarios, dict) else columns(scenarios)
    if not 2 <= levers_["g"].size <= engine.CHUNK:
        raise ValueError("watch one batch of two scenarios or more: others run doubled or side by side")
    books.result = engine.run(web, levers_, building)
    return books


def sum_rows(values: np.ndarray, keys: np.ndarray, size: int) -> np.ndarray:
    """Rows of ``values`` added up by key, one by one: the slow, obvious way."""
    out = np.zeros((size, values.shape[1]))
    for row, key in zip(values, keys, strict=True):
        out[key] += row
    return out
