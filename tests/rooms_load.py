"""How fast a move reaches an audience while others use the app, and whether a long talk leaves memory behind.

``python -m tests.rooms_load`` serves the app with a presenter in its process, who publishes from a thread as
a session does (`tests.rooms_app`). Listeners are in this process, viewers who move levers in another; the
clock is the machine's. ``--soak`` keeps many listeners for minutes instead, and tells the server's memory.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import sys
import time
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from statistics import median

from tests import load
from tests.listeners import Guest, ask

LISTENERS, VIEWERS, MOVES, EVERY = 300, 10, 60, 0.5  # the last: s from move to move
VOTES_WITHIN = 3.0  # s in which all answer
SOAK_LISTENERS, SOAK_SECONDS, SOAK_EVERY = 1000, 300.0, 1.0
AT_WORK = 0.3  # s of CPU time of the server for each viewer who has come
AT_ONCE = 20  # who come in at a time
AIM_MEDIAN, AIM_P95, AIM_KEPT = 50.0, 200.0, 20.0  # ms, ms, MB that are still held when all have gone
SCRIPT = "tests/rooms_asgi.py"


async def present(port: int, do: str, **more: object) -> dict:
    """Let the presenter in the server do something; gives what is known of the room."""
    body = json.dumps({"do": do, **more}).encode()
    status, _headers, told = await ask(port, "POST", "/present", {}, body)
    if status != 200:
        raise RuntimeError(f"{do}: {status} {told[:200]!r}")
    return json.loads(told)


async def gathered(port: int, code: str, cookies: Iterable[str]) -> list[Guest]:
    """Let browsers come in and listen; one without a cookie has not been there before."""
    doors, guests = asyncio.Semaphore(AT_ONCE), [Guest(port, code, cookie) for cookie in cookies]

    async def enter(guest: Guest) -> None:
        async with doors:
            told = await guest.come(), await guest.listen()
        if told != (200, 200):
            raise RuntimeError(f"a guest was refused: {told}")

    await asyncio.gather(*map(enter, guests))
    return guests


async def moved(port: int, guests: list[Guest], code: str, count: int, every: float) -> dict:
    """Let the presenter move so often; gives the ms to each listener, and how many were missed."""
    await present(port, "moves", code=code, count=count, every=every)
    await asyncio.sleep(count * every)
    patience = time.monotonic() + 60
    while time.monotonic() < patience and not all(_last(guest) == count - 1 for guest in guests):
        await asyncio.sleep(0.05)
    took, lost = [], 0
    for guest in guests:
        came = {}
        for told in guest.told:
            shown = told.data["shown"] if told.event == "state" else None
            if shown and shown["of"] == count and shown["line"]:
                came.setdefault(shown["step"], (told.came - int(shown["line"])) / 1e6)
        took += came.values()
        lost += count - len(came)
    took.sort()
    at = {share: took[min(int(share * len(took)), len(took) - 1)] for share in (0.5, 0.95, 0.99)}
    return {
        "sent": count,
        "p50_ms": at[0.5],
        "p95_ms": at[0.95],
        "p99_ms": at[0.99],
        "most_ms": took[-1],
        "lost": lost,
    }


def _last(guest: Guest) -> int:
    shown = next((one.data["shown"] for one in reversed(guest.told) if one.event == "state"), None)
    return shown["step"] if shown and shown["line"] else -1


async def voted(port: int, guests: list[Guest], code: str, within: float) -> dict:
    """Let everybody answer within so many seconds, and a third change their mind; tells what counted."""
    await present(port, "ask", code=code, kind="number")
    count = len(guests)

    async def answer(guest: Guest, place: int, turn: int) -> tuple[int, float]:
        await asyncio.sleep(within * place / count)
        began = time.perf_counter()
        status, _told = await guest.vote(1, (place + turn) % 100)
        return status, 1e3 * (time.perf_counter() - began)

    first = await asyncio.gather(*(answer(guest, place, 0) for place, guest in enumerate(guests)))
    again = await asyncio.gather(*(answer(guest, place, 7) for place, guest in enumerate(guests[::3])))
    known = await present(port, "count", code=code)
    wanted = [place % 100 for place in range(count)]
    wanted[::3] = [(place + 7) % 100 for place in range(len(guests[::3]))]
    return {
        "answers": count,
        "changed": len(again),
        "refused": sum(status != 200 for status, _took in first + again),
        "counted": len(known["answers"]),
        "as_given": known["answers"] == sorted(map(float, wanted), key=str),
        "answered_in_ms": median(took for _status, took in first + again),
    }


def use(server: load.Serving, viewers: int, seconds: float) -> dict:
    """Let viewers move levers of the app, each every two seconds; in a process of its own."""
    return asyncio.run(load.carried(server, viewers, seconds, "", load.Fresh()))


async def measure(server: load.Serving, listeners: int, viewers: int, moves: int, every: float) -> dict:
    """Measure moves and answers while viewers use the app."""
    port = server.port
    room = await present(port, "open")
    guests = await gathered(port, room["code"], [""] * listeners)
    loop = asyncio.get_running_loop()
    with ProcessPoolExecutor(1, get_context("spawn")) as others:
        using = loop.run_in_executor(others, use, server, viewers, moves * every + 20) if viewers else None
        if using:
            began = server.cpu()
            while server.cpu() - began < AT_WORK * viewers:  # they have come, and begin to move
                await asyncio.sleep(0.5)
        cpu, own, others_ = server.cpu(), time.process_time(), load.busy()
        found = await moved(port, guests, room["code"], moves, every)
        cpu, own, others_ = server.cpu() - cpu, time.process_time() - own, load.busy() - others_
        found |= {"cpu_ms_of_a_move": 1e3 * cpu / moves, "own_cpu_ms_of_a_move": 1e3 * own / moves}
        found |= {"others_busy": (others_ - cpu) / (moves * every)}
        still = bool(using and not using.done())
        found |= {"listeners": listeners, "viewers": viewers, "in_use_to_the_end": still}
        found |= await voted(port, guests, room["code"], VOTES_WITHIN)
        used = await using if using else {}
    await present(port, "end", code=room["code"])
    for guest in guests:
        await asyncio.wait_for(guest.over.wait(), 30)
        await guest.go()
    return found | {f"viewers_{key}": used[key] for key in ("p50_ms", "p95_ms") if key in used}


async def soak(server: load.Serving, listeners: int, seconds: float) -> dict:
    """Keep many listeners for a while with a move each second; gives the server's memory, in MB."""
    port = server.port
    start, room = server.memory(), await present(port, "open")
    first = await gathered(port, room["code"], [""] * listeners)  # once, so that all is loaded
    for guest in first:
        await guest.go()
    await _empty(port, room["code"])
    before = server.memory()
    guests = await gathered(port, room["code"], [guest.cookie for guest in first])
    full = server.memory()
    found = await moved(port, guests, room["code"], int(seconds / SOAK_EVERY), SOAK_EVERY)
    late = server.memory()
    await present(port, "end", code=room["code"])
    for guest in guests:
        await asyncio.wait_for(guest.over.wait(), 60)
        await guest.go()
    await asyncio.sleep(5)
    memory = {
        "at_start": start,
        "before": before,
        "all_have_come": full,
        "at_the_end": late,
        "all_have_gone": server.memory(),
    }
    return {**found, "listeners": listeners, "seconds": seconds, "memory_mb": memory}


async def _empty(port: int, code: str) -> None:
    async with asyncio.timeout(60):
        while (await present(port, "count", code=code))["listeners"]:
            await asyncio.sleep(0.2)


def main() -> None:
    """Measure, print, and fail where an aim is missed or something was lost."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--listeners", type=int, default=0)
    parser.add_argument("--viewers", type=int, default=VIEWERS)
    parser.add_argument("--moves", type=int, default=MOVES)
    parser.add_argument("--soak", action="store_true", help="many listeners for minutes, and memory")
    parser.add_argument("--seconds", type=float, default=SOAK_SECONDS)
    todo = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))  # a connection is an open file, on both sides
    with load.serving(SCRIPT) as server:
        if todo.soak:
            found = asyncio.run(soak(server, todo.listeners or SOAK_LISTENERS, todo.seconds))
            kept = found["memory_mb"]["all_have_gone"] - found["memory_mb"]["before"]
            holds = not found["lost"] and kept <= AIM_KEPT
        else:
            of = todo.listeners or LISTENERS
            found = asyncio.run(measure(server, of, todo.viewers, todo.moves, EVERY))
            holds = found["p50_ms"] < AIM_MEDIAN and found["p95_ms"] < AIM_P95 and not found["lost"]
            holds = holds and found["as_given"] and not found["refused"]
    print(json.dumps(found, indent=2))
    print("holds" if holds else "does not hold")
    sys.exit(not holds)


if __name__ == "__main__":
    main()
