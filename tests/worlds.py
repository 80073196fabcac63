"""What several tests share: random lever settings, and what a run did quarter by quarter."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace

import numpy as np

from core.compiled.jit import as_run
from core.layout.compile import compile_layout
from core.model import engine
from core.model.result import Result
from core.model.tables import tables
from core.scenario.levers import Scenario, columns, lever, levers
from core.web.web import Web, load_web

FIRST = "2025-12-31"  # the data that hand-worked figures are of
QUARTERS = load_web(FIRST).calendar.count
NEVER = QUARTERS  # what stands for a quarter of failure that does not come
STRESSED = Scenario.default(FIRST).replace(g=-15, u=60, r=7)


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
    for start in (Scenario.default(FIRST), STRESSED):
        for one in levers():
            out += [start.replace(**{one.id: value}) for value in one.options or (one.low, one.high)]
    return out


@dataclass
class Books:
    """What the rules held at the end of each quarter of a run; lists by quarter, arrays (row, scenario)."""

    result: Result
    quarters: list[SimpleNamespace] = field(default_factory=list)


# Where in the workplace of a scenario each of the books lies.
WATCHED = {
    "due": ("amount", "cap_left", "resources", "cash_before", "outside", "withheld", "borrowed", "equity",
            "converted", "interest", "caps", "called"),
    "done": ("paid", "called_paid", "failure_cost", "closing"),
    "s": ("cash", "failed", "claims", "recovery"),
    "outlook": ("debt",),
}  # fmt: skip


def watch(web: Web, scenarios, building: str = "market") -> Books:
    """Run a batch to each quarter in turn and copy the books as they stand then, for checks from outside."""
    known = tables(compile_layout(web))
    batch = scenarios if isinstance(scenarios, dict) else columns(scenarios)
    books = Books(engine.run(web, batch, building))
    levers_ = engine.lever_records(known, books.result.layout, batch, building)
    nothing = tuple(as_run(np.zeros(1, kind)) for kind in known.groups.values())
    for q in range(web.calendar.count):
        wanted = engine._wanted_record(known, frozenset(), q + 1)
        work, ends = np.zeros(levers_.size, known.work), np.zeros(levers_.size, known.ends)
        for i in range(levers_.size):
            mine = (known.web, levers_[i : i + 1], work[i : i + 1], wanted, ends[i : i + 1])
            engine.run_range(*map(as_run, mine), nothing, 0, 1)
        found = {name: work[part][name].T.copy() for part, names in WATCHED.items() for name in names}
        found["new_interest"] = work["due"]["service"]["interest"].T.copy()
        books.quarters.append(SimpleNamespace(**found))
    return books


def sum_rows(values: np.ndarray, keys: np.ndarray, size: int) -> np.ndarray:
    """Rows of ``values`` added up by key, one by one: the slow, obvious way."""
    out = np.zeros((size, values.shape[1]))
    for row, key in zip(values, keys, strict=True):
        out[key] += row
    return out
