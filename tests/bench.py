"""Timings beside a fixed numpy workload of the same run: ``make bench`` prints them. Never part of the tests.

``python -m tests.bench`` measures the core, and what the front door says of a link; ``--json`` prints the
core's figures as data; ``--visit`` adds a first visit on a slow line; ``--browser`` adds, for every page or
those named after it, lever released to charts repainted in Chromium. What a page costs the server is for
``make load``.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np

from core.model import engine
from core.questions import explore, frontier
from core.results import picture
from core.results.measures import Measures
from core.results.reading import Reading
from core.scenario.levers import Scenario, columns_from
from core.web.web import load_web

ROOT = Path(__file__).parents[1]
SEED = 1
BATCH, GRID = 10_000, 41  # scenarios of a large batch; points along each axis of a heat map
HEADLINE = ("companies", "promises", "market")
COMPANIES = ("coreweave", "openai", "terawulf")  # whose frontiers are drawn


@dataclass(frozen=True)
class Work:
    """Something to time: what it is, how to do it once, its aim in ms (of CPU time if so said), how often."""

    name: str
    do: Callable[[], object]
    aim: float | None = None
    of_cpu: bool = False
    repeats: int = 9


@dataclass(frozen=True)
class Timing:
    """Medians in ms of the wall clock and of CPU time, and CPU time as a multiple of the fixed work's."""

    name: str
    wall: float
    cpu: float
    ratio: float
    aim: float | None = None
    met: bool | None = None


def spent() -> float:
    """CPU time of this process, its threads, and its children that have ended, in seconds."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in used)


def timed(work: Work) -> tuple[float, float]:
    """Medians over several turns, in ms: (wall clock, CPU time)."""
    walls, cpus = [], []
    for _ in range(work.repeats):
        wall, cpu = time.perf_counter(), spent()
        work.do()
        walls.append(1e3 * (time.perf_counter() - wall))
        cpus.append(1e3 * (spent() - cpu))
    return median(walls), median(cpus)


def fixed_work() -> float:
    """The measure of this machine: small numpy arrays, added up, raised, sorted; no engine, no BLAS."""
    values = np.linspace(0.1, 2.0, 21 * 32).reshape(21, 32)
    total = 0.0
    for turn in range(1000):
        moved = np.minimum(values * (1.0 + turn * 1e-4), 1.5) ** 0.5
        total += float(np.cumsum(np.sort(moved, axis=0), axis=1).max())
    return total


def batch(n: int) -> dict[str, np.ndarray]:
    """Random scenarios around today's data, the same for every run."""
    rng = np.random.default_rng(SEED)
    spread = {"g": (-20, 70), "r": (1, 9), "u": (60, 95), "s": (-100, 400)}
    return columns_from(Scenario.default(), **{k: rng.uniform(*span, n) for k, span in spread.items()})


def unseen() -> Iterator[Scenario]:
    """Scenarios that nobody has asked for yet, all in one neighbourhood."""
    today = Scenario.default()
    for step in range(1, sys.maxsize):
        yield today.replace(g=0, r=today["r"] + step * 1e-5)


def in_fresh_process(*words: str, **environment: str) -> str:
    """What ``python words`` prints."""
    return subprocess.run(
        [sys.executable, *words], env=os.environ | environment, cwd=ROOT,
        capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip


PEAK = """
from pathlib import Path
from tests.bench import batch, engine, load_web
engine.run(load_web(), batch({n}), keep={keep!r})
print(next(line.split()[1] for line in Path("/proc/self/status").open() if line.startswith("VmHWM")))
"""


def peak_memory(n: int = BATCH, keep: tuple[str, ...] = ()) -> float:
    """Most memory, in GB, of a process that only runs a batch, as Linux tells it."""
    return float(in_fresh_process("-c", PEAK.format(n=n, keep=keep))) / 1e6


def works(folder: str, n: int = BATCH, grid: int = GRID) -> tuple[Work, ...]:
    """Everything that is timed of the core; compiled rules are kept in ``folder``, which begins empty."""
    web, scenarios, batched = load_web(), unseen(), batch(n)

    def page() -> list:
        """Run a scenario and make every table that a page may show of it."""
        found = Reading(Measures(engine.run(web, next(scenarios), keep=picture.KEEP)))
        return [found[table] for table in found]

    def strips() -> object:
        return explore.strips(web, next(scenarios))

    def heat_map() -> object:
        return frontier.frontiers(web, next(scenarios), COMPANIES, "g", "u", grid)

    def all_of(keep: tuple[str, ...]) -> Callable[[], object]:
        return lambda: engine.run(web, batched, keep=keep)

    def started(*words: str) -> Callable[[], object]:
        return lambda: in_fresh_process("-m", "core", *words, BACKSTOP_CACHE_DIR=folder)

    return (
        Work("one scenario, failures only", lambda: engine.run(web, next(scenarios), keep=())),
        Work("one scenario, all figures of a page", page, 2.5, True, 31),
        Work("three strips with exact break-points", strips, 10.0, True, 31),
        Work(f"{n:,} scenarios, failures only", all_of(()), 1000.0, False, 5),
        Work(f"{n:,} scenarios, headline figures", all_of(HEADLINE), None, False, 5),
        Work(f"heat map {grid} x {grid}, three frontiers", heat_map, 500.0, False, 5),
        Work("cold compile (core warm, nothing kept)", started("warm"), repeats=1),
        Work("warm start (core run)", started("run"), 1500.0, False, 5),
    )


def timings(todo: Iterable[Work]) -> Iterator[Timing]:
    """Time the fixed work, then all others; each is done once before it is timed if it is repeated."""
    fixed = Work("fixed numpy work", fixed_work)
    for work in (fixed, *todo):
        if work.repeats > 1:
            work.do()
        wall, cpu = timed(work)
        if work is fixed:
            unit = cpu
        met = None if work.aim is None else (cpu if work.of_cpu else wall) <= work.aim
        yield Timing(work.name, wall, cpu, cpu / unit, work.aim, met)


def core_timings(as_json: bool) -> None:
    """Print all figures of the core, as a table or as data."""
    with tempfile.TemporaryDirectory() as folder:
        if as_json:
            found = [vars(one) for one in timings(works(folder))]
            print(json.dumps({"timings": found, "peak_memory_gb": peak_memory()}, indent=1))
            return
        print(f"{'median of several turns':<42}{'wall ms':>10}{'CPU ms':>10}{'x fixed':>10}   aim")
        for one, work in zip(timings(todo := works(folder)), (None, *todo), strict=True):
            aim = (
                f"{one.aim:g} ms {'CPU' if work.of_cpu else 'wall'}{'' if one.met else ': missed'}"
                if one.aim
                else ""
            )
            print(f"{one.name:<42}{one.wall:>10.2f}{one.cpu:>10.2f}{one.ratio:>10.3f}   {aim}")
    for keep, said in (((), "failures only"), (HEADLINE, "headline figures")):
        print(f"peak memory of {BATCH:,} scenarios, {said}: {peak_memory(keep=keep):.2f} GB (aim 0.5)")


def door_timings() -> None:
    """Print how long the head of a page and the picture of a link take, made for the first time and kept."""
    from tests.browser.server import serve, wait_for_model

    paths = {"head of a page": "/?g=0&lang=nl", "card of a link": "/card.png?g=0&r=9&lang=nl"}
    with serve() as address:
        wait_for_model(f"{address}/card.png")
        print(f"\n{'front door':<42}{'cold ms':>10}{'warm ms':>10}")
        for name, path in paths.items():
            cold = timed(Work(name, lambda at=path: _fetch(address + at), repeats=1))[0]
            unseen_yet = [_asked(address, path, step) for step in range(1, 8)]
            warm = timed(Work(name, lambda at=path: _fetch(address + at), repeats=21))[0]
            print(f"{name:<42}{cold:>10.1f}{warm:>10.1f}   other scenarios {median(unseen_yet):.1f}")


def _asked(address: str, path: str, step: int) -> float:
    """Ms for a scenario that nobody has asked for."""
    other = path.replace("g=0", f"g={step / 7:.4f}")
    return timed(Work(other, lambda: _fetch(address + other), repeats=1))[0]


def _fetch(address: str) -> None:
    with urllib.request.urlopen(address, timeout=60) as answer:
        answer.read()


def main(arguments: list[str]) -> None:
    """Print all timings."""
    core_timings("--json" in arguments)
    if "--json" in arguments:
        return
    door_timings()
    if "--visit" in arguments:
        from tests.browser.first_visit import first_visits

        first_visits()
    if "--browser" in arguments:
        from tests.browser.bench import repaint

        repaint([name for name in arguments if not name.startswith("-")])


if __name__ == "__main__":
    main(sys.argv[1:])
