"""Dated odds: of whom, by when, the same every time, and kept as the version of the model said them."""

import json
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.__main__ import main
from core.questions import odds
from core.questions.monte_carlo import Failure
from core.scenario.levers import Scenario
from core.web.web import load_web, snapshots

CALENDAR = load_web(snapshots()[0]).calendar  # begins with a whole year


@pytest.fixture(scope="module")
def said():
    """What the model says today, as the command gives it."""
    return odds.as_dict(load_web())


def test_the_odds_that_are_kept_are_those_of_this_version(said):
    """Where they differ: python -m core odds > core/data/odds/<version>.json, once, for a new version."""
    kept = odds.kept()[odds.MODEL_VERSION]
    assert (kept["model"], kept["data"]) == (said["model"], said["data"])
    assert [(row["company"], row["by"]) for row in kept["rows"]] == [
        (row["company"], row["by"]) for row in said["rows"]
    ]
    for then, now in zip(kept["rows"], said["rows"], strict=True):  # one draw may fall the other way
        assert now["probability"] == pytest.approx(then["probability"], abs=1.5 / odds.DRAWS), now
        assert now["standard_error"] == pytest.approx(then["standard_error"], abs=0.002), now


def test_odds_are_of_every_named_company_by_the_end_of_each_year_and_never_fall(said):
    web = load_web()
    assert set(said) == {"model", "data", "rows"}
    by = {}
    for row in said["rows"]:
        assert set(row) == {"company", "by", "probability", "standard_error"}
        assert date.fromisoformat(row["by"]).strftime("%m-%d") == "12-31"
        assert 0.0 <= row["probability"] <= 1.0
        by.setdefault(row["company"], []).append((row["by"], row["probability"]))
    assert tuple(by) == odds.named(web)
    horizon = Scenario.default(web)["h"]
    for path in by.values():
        assert [int(day[:4]) for day, _p in path] == list(range(web.calendar.first_year, horizon + 1))
        assert [p for _day, p in path] == sorted(p for _day, p in path)
    assert by["coreweave"][-1][1] > 0.05  # there is something to score


@pytest.mark.parametrize("data", snapshots())
def test_the_same_odds_come_twice_and_hang_on_the_seed(data):
    web = load_web(data)
    first, again, other = (odds.as_dict(web, 64, seed) for seed in (1, 1, 2))
    assert first == again
    assert first != other
    assert first["data"] == data


def test_the_command_prints_them_and_takes_no_other_word(capsys, monkeypatch):
    monkeypatch.setattr(odds.as_dict, "__defaults__", (32, 1))
    assert main(["odds", "--data", snapshots()[0]]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["data"], told["rows"][0]["company"]) == (snapshots()[0], "coreweave")
    assert main(["odds", "coreweave"]) == 2
    assert "odds takes no word 'coreweave'" in capsys.readouterr().err


def path(*ends):
    """A company that has failed by the ends of years with these probabilities."""
    by = np.repeat(np.array(ends), 4)
    return Failure(float(by[-1]), 0.0, by, np.zeros_like(by))


def test_a_years_rate_is_failures_expected_over_companies_expected_alive():
    found = {"a": path(0.2, 0.2, 0.6), "b": path(0.0, 0.5, 0.5)}
    assert odds.yearly(found, CALENDAR, 11) == pytest.approx(
        {2026: 0.2 / 2, 2027: 0.5 / (0.8 + 1.0), 2028: 0.4 / (0.8 + 0.5)}
    )
    assert list(odds.yearly(found, CALENDAR, 10)) == [2026, 2027]  # the last year is not over


def test_when_nobody_is_left_nobody_fails():
    assert odds.yearly({"a": path(1.0, 1.0)}, CALENDAR, 7) == {2026: 1.0, 2027: 0.0}


@given(st.lists(st.floats(0.0, 1.0), min_size=1, max_size=6))
def test_years_survived_one_after_another_are_the_chance_to_survive_all(steps):
    ends = np.maximum.accumulate(steps)
    rates = odds.yearly({"a": path(*ends)}, CALENDAR, 4 * len(steps) - 1)
    assert np.prod([1.0 - rate for rate in rates.values()]) == pytest.approx(1.0 - ends[-1], abs=1e-9)
