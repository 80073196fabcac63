"""A line for each company that is watched: it agrees with the reading wherever that says the same."""

import numpy as np
import pytest

from core.model import engine
from core.results import narrative, reading
from core.results.lifelines import RENEGOTIATED, lifelines
from core.scenario.levers import Scenario
from core.scenario.presets import presets
from core.web.web import LABS, NEOCLOUDS, OPERATORS, load_web, snapshots

WATCHED = (*NEOCLOUDS, *LABS, *OPERATORS)
HARD = {"g": -30.0, "r": 8.0}


def read(date=None, **levers):
    return reading.read(engine.run(load_web(date), Scenario.default(date).replace(**levers)))


def some_scenarios():
    dice = np.random.default_rng(5)
    for date in snapshots():
        yield from ((date, one.on(date)) for one in presets())
        for _turn in range(6):
            moved = {
                "g": dice.uniform(-50, 60),
                "r": dice.uniform(0, 12),
                "u": dice.uniform(40, 98),
                "h": 2033,
            }
            yield date, Scenario.default(date).replace(**moved)


@pytest.mark.parametrize(("date", "scenario"), list(some_scenarios()))
def test_lines_agree_with_the_reading(date, scenario):
    found = reading.read(engine.run(load_web(date), scenario))
    watched = [one for one in WATCHED if one != "oracle" or date != snapshots()[0]]
    lines = lifelines(found, watched)
    last, rows = found["last_quarter"], {row["id"]: row for row in (*found["tenants"], *found["companies"])}
    assert sorted(one.entity for one in lines) == sorted(watched)
    falls = [one for one in narrative.failures(found) if one[0] in watched]
    failed = [(one.entity, one.failed, one.cause) for one in lines if one.failed is not None]
    assert failed == falls == [(one.entity, one.failed, one.cause) for one in lines[: len(falls)]]
    for one in lines:
        told = narrative.tenant_status if one.entity in LABS else narrative.status
        assert one.status == told(rows[one.entity], found).code
        assert (one.warned is None) == (one.warning == "")
        for quarter in (one.warned, one.paid, one.failed):
            assert quarter is None or 0 <= quarter <= last
        if one.warned is not None and one.failed is not None:
            assert one.warned <= one.failed
        calls = [
            row for row in found["promises"] if row["for"] == one.entity and any(row["called"][: last + 1])
        ]
        assert (one.paid is not None) == bool(calls)
        assert one.paid is None or one.giver is not None


def test_who_is_kept_alive_stands_before_those_who_need_nobody():
    lines = lifelines(read(g=-20.0), WATCHED)
    assert [one.status for one in lines[:5]] == ["failed"] * 3 + ["supported"] * 2
    assert {one.giver for one in lines[3:5]} == {"alphabet"}
    assert all(one.paid is not None for one in lines[3:5])


def test_a_lab_is_warned_of_by_what_it_cuts_and_a_company_by_its_first_breach():
    lines = {one.entity: one for one in lifelines(read(**HARD), WATCHED)}
    assert lines["openai"].warning == RENEGOTIATED
    assert lines["openai"].warned < lines["openai"].failed
    assert (lines["coreweave"].warned, lines["coreweave"].warning) == (0, "service")
    assert lines["coreweave"].giver == "nvidia"


def test_a_run_in_which_nothing_happens_has_lines_to_the_end():
    lines = lifelines(read(), WATCHED)
    assert [one.entity for one in lines] == list(WATCHED)
    assert not any(one.failed is not None or one.paid is not None for one in lines)
