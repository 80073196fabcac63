"""`make load`, small: two viewers, two moves each, one server; no time is asserted."""

import re

import pytest

from pages.kit.frame.frame import PAGES
from tests import bare, load
from tests.apart import run
from tests.viewer import Broken, Viewer

TWO = load.Pace(moves=2)


def test_viewers_finish_their_moves_and_their_server_is_gone_afterwards():
    fresh = load.Fresh()
    hands = [load.ByAddress(fresh), load.ByLever("g=35&r=3.51", (34, 33))]
    with load.serving() as server:
        seen = run(load.crowd(server, hands, TWO, "guarantors"))
        held = server.memory()
        # a message that the app did not understand would be finished too, and cheaply
        assert run(asked(server.port)) == [["34", "3.52"], ["-9", "3.52"]]
        with pytest.raises(Broken, match="nowhere"):
            run(load.crowd(server, hands[:1], TWO, "nowhere"))
        assert server.is_running()
    assert not server.is_running()
    with pytest.raises(OSError, match=r"[Cc]onnect"):
        run(asked(server.port))

    assert (len(seen.first), len(seen.runs), seen.finished) == (2, 4, 4)
    for one in (*seen.first, *seen.runs):
        # a page opened first on a new server begins anew, in its frame
        assert one.kinds["new_session"] == one.kinds["script_finished"] == 1 + (one is seen.first[0])
        assert one.kinds["bidi_component"] > 3  # charts and levers
        assert one.kinds.total() > 30
        assert 0 < one.seconds == pytest.approx(one.ended - one.asked)
    assert seen.cpu > 0
    assert held > 50


@pytest.mark.parametrize("start", ["g=35&r=3.51", "g=1&u=70"], ids=["calm", "stressed"])
def test_no_page_sends_more_messages_a_run_than_it_may(start):
    """With everything closed; each is something that the server writes and the browser reads."""
    moved = start.replace("g=35", "g=34").replace("g=1&", "g=0&")

    async def sent(port):
        found = {}
        for page in (entry.name for entry in PAGES):
            async with Viewer(port, "" if page == PAGES[0].name else page, start) as viewer:
                await viewer.first()
                found[page] = (await viewer.go_to(moved)).kinds.total()
                found[page] = max(found[page], (await viewer.slide(bare.DEMAND, 2.0)).kinds.total())
        return found

    with load.serving() as server:
        found = run(sent(server.port))
    assert {page: count for page, count in found.items() if count > load.AIM_MESSAGES} == {}


async def asked(port):
    """Return where the app says that it is after moves of either kind, on a page with a large table."""
    async with Viewer(port, "data", "g=35&r=3.51") as viewer:
        tables = [await viewer.first()]
        for query in ("", "part=words", "", "part=words", "part=words", "g=34&r=3.52"):
            tables.append(await viewer.go_to(query or "g=36"))
        # as in a browser, what two runs did not show is forgotten
        told = [(run.kinds["dataframe"], run.kinds["dataframe again"]) for run in tables]
        assert told == [(1, 0), (0, 1), (0, 0), (0, 1), (0, 0), (0, 0), (0, 1)]
        by_address = viewer.query
        await viewer.slide(bare.DEMAND, -9.0)
        return [re.findall(r"\b[gr]=([^&]*)", query) for query in (by_address, viewer.query)]


def test_nobody_is_given_a_scenario_twice():
    fresh = load.Fresh()
    here, met = fresh.anywhere(), []
    for _move in range(500):
        met.append(tuple(here.values()))
        new = fresh.near(here)
        assert sum(new[word] != here[word] for word in here) == 1
        here = new
    assert len(set(met)) == 500


def test_every_aim_that_is_missed_is_said(capsys):
    page = {"name": "overview", "charts": 3, "cpu_by_address": 50.0, "cpu_by_lever": 24.0, "cpu_bare": 10.0}
    kinds = {"first": {"markdown": 50}, "by_address": {"markdown": 50}, "by_lever": {"markdown": 50}}
    one = {
        "finished_per_s": 7.5,
        "wanted_per_s": 7.5,
        "p50_ms": 90.0,
        "p95_ms": 180.0,
        "first_page_ms": 200.0,
    }
    seen = {"users": 15, "cpu_ms_of_a_move": 50.0, "server_busy": 0.4, "others_busy": 0.1, "holds": True}
    found = {
        "first_visit_cpu_ms": 900.0, "page_of_viewers": "overview", "viewers": 30, "crowds": [one | seen],
        "memory_mb": {"at_start": 70.0, "after_first_pages": 400.0, "scenarios": [400.0, 410.0]},
    }  # fmt: skip
    for change, missed in (({}, 0), ({"ratio": 2.6}, 1), ({"first": {"markdown": 51}}, 1)):
        load.show(found | {"pages": [page | kinds | {"ratio": 2.4} | change]})
        assert capsys.readouterr().out.count("missed") == missed
    load.show(found | {"pages": [], "viewers": 29})
    assert "viewers per process: 29 (aim 30, p95 < 500 ms)  missed" in capsys.readouterr().out


@pytest.mark.parametrize(
    "words", ["--users 0", "--users 61", "--seconds 0.5", "--seconds 121", "--page none"]
)
def test_a_load_without_bounds_is_refused(words, capsys):
    with pytest.raises(SystemExit) as refused:
        load.arguments(words.split())
    assert refused.value.code == 2
    assert words.split()[0] in capsys.readouterr().err
