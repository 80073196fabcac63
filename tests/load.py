"""How many viewers a server carries, and what a move of theirs costs it: ``make load`` prints it.

``python -m tests.load [--users N ...] [--seconds S] [--page NAME ...] [--json]`` starts the app and the bare
page (`tests.bare`), each on a free port of this machine, and ends them when it is done. Its viewers
(`tests.viewer`) speak Streamlit's own protocol; each has scenarios that nobody had before. Counted are moves
that the server has finished, and the CPU time of its process, as Linux tells it.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import math
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AsyncExitStack, contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import Protocol
from urllib.parse import urlencode

from core.questions import explore
from core.scenario.levers import levers
from pages.kit.frame.frame import PAGES
from pages.kit.words.words import LEVERS
from tests import bare
from tests.browser.server import Server
from tests.viewer import Run, Viewer

COUNTS, SECONDS = (1, 5, 10, 15, 20, 30, 40), 20.0  # viewers that are tried, and for how long each time
MOST_USERS, MOST_SECONDS = 60, 120.0
PERIOD = 2.0  # s between two moves of a viewer
AIM_USERS, AIM_P95, AIM_RATIO, AIM_MESSAGES = 30, 0.5, 2.5, 50  # viewers, s, CPU x the bare page, a run
TRIES = 2  # of a number of viewers that the server does not keep up with: other work may have been in the way
ENOUGH = 0.9  # of the moves that viewers want to make, finished in time
MOVES, BARE_MOVES = 12, 40  # of one viewer on each page, and on the bare page beside it
SCENARIOS, MEMORY_USERS, MEMORY_LOOKS = 500, 5, 5
FAR = 4  # stops that a lever moves at most
DRAG_EACH, DRAG_VALUES = 5, 5  # every fifth move is a drag, of five values in a second
SEED = 1
LINK = {"g": f"{bare.START}", "lang": "en"}  # where the charts of the bare page come from
ROW = {"row": "coreweave"}  # the first page has a chart when a row is open


class Serving:
    """A server that we have started: its port, and what Linux says of its process."""

    def __init__(self, server: Server) -> None:
        self.port, self._proc = server.port, Path(f"/proc/{server.process.pid}")

    def cpu(self) -> float:
        """CPU time since its start, in s."""
        told = (self._proc / "stat").read_text().rpartition(")")[2].split()
        user, system = told[11:13]  # fields 14 and 15 of proc_pid_stat(5)
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def memory(self) -> float:
        """Memory that it holds now, in MB."""
        lines = (self._proc / "status").read_text().splitlines()
        return int(next(line.split()[1] for line in lines if line.startswith("VmRSS:"))) / 1e3

    def is_running(self) -> bool:
        """Tell whether there is such a process."""
        return self._proc.exists()


@contextmanager
def serving(script: str = "asgi.py") -> Iterator[Serving]:
    """Serve the app, or another script; the server ends with the block."""
    server = Server(script)
    server.start()
    try:
        yield Serving(server)
    finally:
        server.stop()


class Hand(Protocol):
    """How a viewer moves, from the address on with which it comes. A drag is one move of several runs."""

    query: str

    async def move(self, viewer: Viewer) -> Sequence[Run]:
        """Make one move and return the runs that it caused, when they are finished."""
        ...


class Fresh:
    """Scenarios along the main levers; none is given twice."""

    def __init__(self, seed: int = SEED) -> None:
        self.dice, self._given = random.Random(seed), set[tuple]()
        self._stops = {one.id: explore.stops(one).tolist() for one in levers() if one.group == "main"}

    def anywhere(self) -> dict[str, float]:
        """Return a scenario from anywhere."""
        return self._first_new(lambda: {word: self.dice.choice(all_) for word, all_ in self._stops.items()})

    def near(self, here: dict[str, float]) -> dict[str, float]:
        """Return one in which one lever stands a few stops on."""
        return self._first_new(lambda: here | dict([self._step(here)]))

    def _step(self, here: dict[str, float]) -> tuple[str, float]:
        word = self.dice.choice(list(self._stops))
        stops = self._stops[word]
        at = stops.index(here[word]) + self.dice.choice((-1, 1)) * self.dice.randint(1, FAR)
        return word, stops[min(max(at, 0), len(stops) - 1)]

    def _first_new(self, make) -> dict[str, float]:
        for found in (make() for _try in range(1000)):
            if tuple(found.values()) not in self._given:
                self._given.add(tuple(found.values()))
                return found
        raise LookupError("every scenario around here has been given")


class ByAddress:
    """A hand that edits the address: one lever, a few stops on."""

    def __init__(self, fresh: Fresh) -> None:
        self._fresh, self._here = fresh, fresh.anywhere()
        self.query = _written(self._here)

    async def move(self, viewer: Viewer) -> Sequence[Run]:
        """Go to the next scenario."""
        self._here = self._fresh.near(self._here)
        return [await viewer.go_to(_written(self._here))]


class ByLever:
    """A hand on one lever, which takes its values in turn; on the bare page it is Streamlit's slider."""

    def __init__(self, query: str, values: Iterable[float], label: str = bare.DEMAND) -> None:
        self.query, self._values, self._label = query, iter(values), label

    async def move(self, viewer: Viewer) -> Sequence[Run]:
        """Release the lever at its next value."""
        return [await viewer.slide(self._label, float(next(self._values)))]


class ByHand:
    """A hand on the main levers, one at a time, a few stops on; every fifth move is a drag of a second."""

    def __init__(self, fresh: Fresh) -> None:
        self._fresh, self._here, self._moves = fresh, fresh.anywhere(), 0
        self.query = _written(self._here)

    async def move(self, viewer: Viewer) -> Sequence[Run]:
        """Move a lever, or drag one: the next value goes out when the last has been answered."""
        self._moves += 1
        if self._moves % DRAG_EACH:
            return [await self._go(viewer, self._fresh.near(self._here))]
        return await self._drag(viewer)

    async def _drag(self, viewer: Viewer) -> list[Run]:
        runs, began = [], time.perf_counter()
        for i in range(DRAG_VALUES):
            await asyncio.sleep(max(0.0, began + i / DRAG_VALUES - time.perf_counter()))
            runs.append(await self._go(viewer, self._fresh.near(self._here), self._moves, held=True))
        return [*runs, await self._go(viewer, self._here, self._moves)]  # let go

    async def _go(
        self, viewer: Viewer, there: dict[str, float], drag: int | None = None, *, held: bool = False
    ) -> Run:
        word = next((word for word in there if there[word] != self._here[word]), "g")
        self._here = there
        return await viewer.slide(LEVERS[word][0], float(there[word]), drag, held=held)


def _written(scenario: dict[str, float]) -> str:
    return urlencode({word: f"{value:g}" for word, value in scenario.items()})


@dataclass(frozen=True)
class Pace:
    """One move each `period` s; after `warm` s it counts, for `seconds` s or until all have made `moves`."""

    period: float = 0.0
    warm: float = 0.0
    seconds: float = 600.0
    moves: float = math.inf


@dataclass(frozen=True)
class Crowd:
    """What a crowd of viewers saw, and what they cost: first runs, later runs, how many ended in time.

    In s: how long that took, CPU time of the server, and of others on this machine.
    """

    users: int
    first: list[Run]
    runs: list[Run]
    finished: int
    wall: float
    cpu: float
    others: float

    @property
    def cpu_of_a_move(self) -> float:
        """CPU time of the server, in ms, for each finished move."""
        return 1e3 * self.cpu / max(self.finished, 1)

    def latency(self, share: float) -> float:
        """Seconds within which this share of the runs was finished."""
        times = sorted(run.seconds for run in self.runs)
        return times[min(int(share * len(times)), len(times) - 1)] if times else math.nan


async def crowd(server: Serving, hands: Sequence[Hand], pace: Pace, page: str = "") -> Crowd:
    """Let viewers come one by one, then move all at once; each waits for the end of its own move."""
    dice = random.Random(SEED)
    async with AsyncExitStack() as stack:
        viewers, first = [], []
        for hand in hands:
            viewers.append(await stack.enter_async_context(Viewer(server.port, page, hand.query)))
            first.append(await viewers[-1].first())
        begin = time.perf_counter()
        opened = begin + pace.warm
        async with asyncio.TaskGroup() as group:
            tasks = [
                group.create_task(_moves(*pair, begin + pace.period * dice.random(), opened, pace))
                for pair in zip(viewers, hands, strict=True)
            ]
            await asyncio.sleep(pace.warm)
            cpu, others = server.cpu(), busy()
            await asyncio.wait(tasks, timeout=pace.seconds)
            closed, cpu = time.perf_counter(), server.cpu() - cpu
            others = busy() - others - cpu
    runs = [run for task in tasks for run in task.result()]
    finished = sum(opened <= run.ended <= closed for run in runs)
    return Crowd(
        len(hands),
        first,
        [run for run in runs if run.asked >= opened],
        finished,
        closed - opened,
        cpu,
        others,
    )


async def _moves(viewer: Viewer, hand: Hand, due: float, opened: float, pace: Pace) -> list[Run]:
    found: list[Run] = []
    moved = 0
    while moved < pace.moves and due < opened + pace.seconds:
        await asyncio.sleep(max(0.0, due - time.perf_counter()))
        found += await hand.move(viewer)
        moved += 1
        due = max(due + pace.period, time.perf_counter())
    return found


@dataclass(frozen=True)
class Page:
    """What a page costs: messages of a run by kind, all closed; CPU ms of a move, and the bare page's."""

    name: str
    charts: int
    first: dict[str, int]
    by_address: dict[str, int]
    by_lever: dict[str, int]
    cpu_by_address: float
    cpu_by_lever: float
    cpu_bare: float | None

    @property
    def ratio(self) -> float | None:
        """CPU of a move of a lever, as a multiple of the bare page's; None for a page without charts."""
        return self.cpu_by_lever / self.cpu_bare if self.cpu_bare else None


async def cost(ours: Serving, theirs: Serving, name: str, drawn: bare.Drawn, fresh: Fresh) -> Page:
    """Let one viewer at a time move on a page and on the bare page."""
    path, values = "" if name == PAGES[0].name else name, bare.stops(len(drawn) - 1)
    address = await crowd(ours, [ByAddress(fresh)], Pace(moves=MOVES), path)
    at = _written(fresh.anywhere() | {"g": bare.START}) + ("" if path else f"&{urlencode(ROW)}")
    slid = await crowd(ours, [ByLever(at, range(bare.START - 1, -50, -1))], Pace(moves=MOVES), path)
    plain = None
    if bare.has_charts(drawn):
        hand = ByLever(f"page={name}", itertools.cycle(values[1:] + values[:1]))
        plain = await crowd(theirs, [hand], Pace(moves=BARE_MOVES))
    return Page(
        name, len(drawn[f"{bare.START}"]), dict(address.first[0].kinds), _typical(address), _typical(slid),
        address.cpu_of_a_move, slid.cpu_of_a_move, plain and plain.cpu_of_a_move,
    )  # fmt: skip


def _typical(seen: Crowd) -> dict[str, int]:
    """Return the messages by kind of the run that stands in the middle by their number."""
    return dict(sorted((run.kinds for run in seen.runs), key=Counter.total)[len(seen.runs) // 2])


async def carried(ours: Serving, users: int, seconds: float, page: str, fresh: Fresh) -> dict:
    """Let viewers move, each every two seconds, and tell whether the server kept up with them."""
    hands = [ByHand(fresh) for _user in range(users)]
    seen = await crowd(ours, hands, Pace(PERIOD, PERIOD, seconds), page)
    wanted = users * seen.wall / PERIOD
    return {
        "users": users,
        "finished_per_s": seen.finished / seen.wall,
        "wanted_per_s": wanted / seen.wall,
        "p50_ms": 1e3 * seen.latency(0.5),
        "p95_ms": 1e3 * seen.latency(0.95),
        "first_page_ms": 1e3 * median(run.seconds for run in seen.first),
        "cpu_ms_of_a_move": seen.cpu_of_a_move,
        "server_busy": seen.cpu / seen.wall,
        "others_busy": seen.others / seen.wall,
        "holds": seen.latency(0.95) < AIM_P95 and seen.finished >= ENOUGH * wanted,
    }


async def remembered(ours: Serving, page: str, fresh: Fresh) -> list[float]:
    """Return the memory of the server, in MB, before, while and after viewers ask for 500 scenarios."""
    looks = [ours.memory()]
    for _look in range(MEMORY_LOOKS):
        hands = [ByAddress(fresh) for _user in range(MEMORY_USERS)]
        await crowd(ours, hands, Pace(moves=SCENARIOS // MEMORY_LOOKS // MEMORY_USERS - 1), page)
        looks.append(ours.memory())
    return looks


async def measure(ours: Serving, theirs: Serving, drawn: dict[str, bare.Drawn], todo) -> dict:
    """Measure everything that is asked for, and tell on standard error how far it is."""
    fresh, start = Fresh(), ours.memory()
    began = ours.cpu()
    async with Viewer(ours.port) as viewer:
        await viewer.first()
    visit = 1e3 * (ours.cpu() - began)
    costs = []
    for name, one in drawn.items():
        _say(f"a viewer on {name}")
        costs.append(await cost(ours, theirs, name, one, fresh))
    seen, memory = ours.memory(), []
    path = "" if todo.crowd == PAGES[0].name else todo.crowd
    found: list[dict] = []
    for users in todo.users:
        _say(f"{users} viewers")
        for _try in range(TRIES):
            found.append(await carried(ours, users, todo.seconds, path, fresh))
            if found[-1]["holds"]:
                break
        else:
            break
    if todo.memory:
        _say(f"memory after {SCENARIOS} scenarios")
        memory = await remembered(ours, path, fresh)
    return {
        "first_visit_cpu_ms": visit,
        "pages": [{**asdict(one), "ratio": one.ratio} for one in costs],
        "page_of_viewers": todo.crowd,
        "crowds": found,
        "viewers": max((one["users"] for one in found if one["holds"]), default=0),
        "memory_mb": {"at_start": start, "after_first_pages": seen, "scenarios": memory},
    }


def busy() -> float:
    """Return the CPU time, in s, of all that runs on this machine, less our own."""
    busy = (Path("/proc/stat").read_text().split("\n", 1)[0].split())[
        1:
    ]  # fields of the line "cpu", proc_stat(5)
    user, nice, system, _idle, _waiting, irq, softirq = map(int, busy[:7])
    return (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK") - time.process_time()


def _say(what: str) -> None:
    print(what, file=sys.stderr)


def show(found: dict) -> None:
    """Print what was found, and where an aim is missed."""
    print(f"{'page':<16}{'charts':>7}{'messages: first':>17}{'address':>9}{'lever':>8}", end="")
    print(f"{'CPU ms: address':>17}{'lever':>8}{'bare':>8}{'ratio':>7}")
    for one in found["pages"]:
        first, address, lever = (sum(one[run].values()) for run in ("first", "by_address", "by_lever"))
        missed = max(first, address, lever) > AIM_MESSAGES or (one["ratio"] or 0) > AIM_RATIO
        line = f"{one['name']:<16}{one['charts']:>7}{first:>17}{address:>9}{lever:>8}"
        line += f"{one['cpu_by_address']:>17.0f}{one['cpu_by_lever']:>8.0f}"
        plain = f"{one['cpu_bare']:>8.1f}{one['ratio']:>7.1f}" if one["cpu_bare"] else f"{'-':>8}{'-':>7}"
        print(line + plain + ("  missed" if missed else ""))
    print(f"aims: {AIM_MESSAGES} messages, ratio {AIM_RATIO:g}\n\nmessages of a move by the address, by kind")
    kinds = {kind for one in found["pages"] for kind in one["by_address"]}
    print(" " * 24 + "".join(f"{one['name'][:9]:>11}" for one in found["pages"]))
    for kind in sorted(
        kinds, key=lambda kind: -sum(one["by_address"].get(kind, 0) for one in found["pages"])
    ):
        print(f"{kind:<24}" + "".join(f"{one['by_address'].get(kind, 0):>11}" for one in found["pages"]))
    print(f"\nviewers on {found['page_of_viewers']}, a move each {PERIOD:g} s, scenarios that nobody had")
    heads = ("viewers", "moves/s", "wanted", "p50 ms", "p95 ms", "CPU ms", "busy", "others")
    print("".join(f"{head:>9}" for head in heads))
    for one in found["crowds"]:
        line = (
            f"{one['users']:>9}{one['finished_per_s']:>9.2f}{one['wanted_per_s']:>9.2f}{one['p50_ms']:>9.0f}"
        )
        line += f"{one['p95_ms']:>9.0f}{one['cpu_ms_of_a_move']:>9.0f}{one['server_busy']:>9.0%}"
        line += f"{one['others_busy']:>9.0%}"
        print(line + ("" if one["holds"] else "  does not hold"))
    aim = f"(aim {AIM_USERS}, p95 < {1e3 * AIM_P95:g} ms)"
    print(
        f"viewers per process: {found['viewers']} {aim}{'' if found['viewers'] >= AIM_USERS else '  missed'}"
    )
    memory = found["memory_mb"]
    print(f"\nCPU of the first visit after a start: {found['first_visit_cpu_ms']:.0f} ms")
    print(
        f"memory: {memory['at_start']:.0f} MB at start, {memory['after_first_pages']:.0f} after first pages"
    )
    if looks := memory["scenarios"]:
        each = SCENARIOS // MEMORY_LOOKS
        told = ", ".join(f"{each * i}: {look:.0f}" for i, look in enumerate(looks))
        print(f"MB after scenarios: {told}; the last {each} added {looks[-1] - looks[-2]:.1f} MB")


def arguments(words: Sequence[str]) -> argparse.Namespace:
    """Read the command line; a wrong one ends the program with a sentence."""
    names = [entry.name for entry in PAGES]
    parser = argparse.ArgumentParser("python -m tests.load", description=__doc__.partition("\n")[0])
    parser.add_argument(
        "--users", type=int, nargs="+", default=list(COUNTS), help="viewers to try, few to many"
    )
    parser.add_argument("--seconds", type=float, default=SECONDS, help="how long each of them is measured")
    parser.add_argument("--page", nargs="*", default=names, choices=names, help="pages to cost (default all)")
    parser.add_argument("--crowd", default=names[0], choices=names, help="page that viewers look at")
    parser.add_argument("--no-memory", dest="memory", action="store_false", help="without the 500 scenarios")
    parser.add_argument("--json", action="store_true", help="print data instead of tables")
    found = parser.parse_args(words)
    if not all(1 <= users <= MOST_USERS for users in found.users):
        parser.error(f"--users: 1 to {MOST_USERS}")
    if not 1 <= found.seconds <= MOST_SECONDS:
        parser.error(f"--seconds: 1 to {MOST_SECONDS:g}")
    return found


def main(words: Sequence[str]) -> None:
    """Start the servers, measure, print."""
    todo = arguments(words)
    signal.signal(signal.SIGTERM, lambda *_signal: sys.exit(1))  # so that the servers end with us
    with tempfile.TemporaryDirectory() as folder:
        _say("the charts of the pages, for the bare page")
        drawn = {
            name: bare.figures(name, LINK | (ROW if name == PAGES[0].name else {}), MOVES)
            for name in todo.page
        }
        script = bare.write(Path(folder), drawn)
        with serving() as ours, serving(str(script)) as theirs:
            found = asyncio.run(measure(ours, theirs, drawn, todo))
    print(json.dumps(found, indent=1)) if todo.json else show(found)


if __name__ == "__main__":
    main(sys.argv[1:])
