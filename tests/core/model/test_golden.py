"""The base case and every preset say today what they said when their figures were last looked at."""

import copy

import pytest

from core.scenario.presets import presets
from core.web.web import load_web, snapshots
from tests import golden
from tests.worlds import FIRST

NAMES = [p.id for p in presets()]


@pytest.fixture(scope="module", params=snapshots())
def date(request):
    return request.param


@pytest.fixture(scope="module")
def now(date):
    return golden.found(date)


@pytest.mark.parametrize("name", NAMES)
def test_figures_are_those_kept(now, date, name):
    assert golden.differences(now[name], golden.kept(date)[name]) == [], "look at them, then `make golden`"


def test_every_preset_is_kept_and_nothing_else(date):
    assert sorted(golden.kept(date)) == sorted(NAMES)


def test_a_change_in_the_sixth_digit_is_seen(now):
    changed = copy.deepcopy(now["pause"])
    changed["coreweave"]["revenue"][2] *= 1.00001
    changed["companies"]["coreweave"]["failed_quarter"] += 1
    changed["funds"]["kkr"].pop("moic")
    lines = golden.differences(changed, now["pause"])
    assert [line.partition(":")[0] for line in lines] == [
        "companies.coreweave.failed_quarter",
        "funds.kkr.moic",
        "coreweave.revenue.2",
    ]


def test_presets_tell_different_stories(now):
    stories = [repr((one["tenants"], one["companies"], one["funds"])) for one in now.values()]
    assert len(set(stories)) == len(stories)


def test_figures_are_kept_to_six_digits():
    assert golden.rounded({"a": [1.23456789, 123456789.0, 1e-12, None, 3, "x"]}) == {
        "a": [1.23457, 123457000.0, 0.0, None, 3, "x"]
    }


def test_the_table_names_who_fails_and_who_pays(capsys):
    text = golden.table(golden.found(FIRST), load_web(FIRST).calendar.labels)
    assert "coreweave 2030Q2 (own_liquidity)" in text
    assert "google_terawulf" in text
    assert golden.main([]) == 0
    assert text in capsys.readouterr().out


def test_writing_keeps_what_was_found(now, date, monkeypatch, tmp_path):
    monkeypatch.setattr(golden, "FOLDER", tmp_path)
    (tmp_path / date).mkdir()
    (tmp_path / date / "gone.json").write_text("{}")
    assert golden.main(["--write"]) == 0
    assert golden.kept(date) == now
