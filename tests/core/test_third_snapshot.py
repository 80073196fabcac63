"""A made-up third snapshot runs through everything: no code knows a date, a start, a count or a name."""

import json
import shutil
import subprocess
import sys

import numpy as np
import pytest

from core.layout.compile import compile_layout
from core.model.engine import run
from core.model.tables import GROUPS, ON_REQUEST
from core.questions import attribution, explore
from core.questions.batches import fates
from core.questions.frontier import frontier
from core.questions.monte_carlo import as_dict, monte_carlo
from core.questions.targets import backtest, targets
from core.results import comparison, deals, headline_then, picture
from core.results.borrowers import reported_year
from core.results.fund_tables import fund_returns, instruments
from core.results.measures import Measures, all_measures
from core.results.reading import read
from core.scenario.levers import Scenario, columns
from core.scenario.presets import presets
from core.web.web import load_web, snapshots, validate
from tests.third import FIRST, GONE, QUARTERS, SHIFT, THIRD, made_up, package
from tests.worlds import STRESSED, at_both_ends, random_levers

BASE = Scenario.default()
EVERYTHING = (*GROUPS, *ON_REQUEST)
ENDED = STRESSED.replace(fl=False, mr=False, h=2033)


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return made_up(tmp_path_factory.mktemp("third") / "data")


@pytest.fixture(scope="module")
def third(root):
    return load_web(THIRD, root=root)


@pytest.fixture(scope="module")
def first(root):
    return load_web(FIRST, root=root)


@pytest.fixture(scope="module")
def wide(third):
    """Random scenarios over all levers, all groups kept."""
    return Measures(run(third, random_levers(13, 60), keep=EVERYTHING))


# ---------------------------------------------------------------- what it is


def test_it_is_sound_and_the_latest_and_has_one_company_less(root, third, first):
    assert validate(root / THIRD) == []
    assert snapshots(root) == (FIRST, THIRD)
    assert load_web(root=root).snapshot == THIRD
    assert set(first.tables["entities"]) - set(third.tables["entities"]) == {GONE}
    assert not [row.id for row in third.rows() if row.id.startswith(f"{GONE}.") or row.value == GONE]


def test_its_quarters_are_counted_from_its_own_first(third, first):
    mine, theirs = compile_layout(third), compile_layout(first)
    assert mine.quarters == theirs.quarters[SHIFT:]
    assert (mine.never, theirs.never) == (QUARTERS, 32)
    for group, name in (("middle", "walk_away"),):
        assert (
            mine.quarters[mine.fields[group][name]] == theirs.quarters[theirs.fields[group][name]] == "2027Q1"
        )


def test_a_plan_of_the_first_year_is_spread_over_what_is_left_of_it(third, first):
    for group in ("revenue", "bill", "funding"):
        mine, theirs = (compile_layout(web).fields["lab"][group] for web in (third, first))
        np.testing.assert_allclose(mine, theirs[:, SHIFT:], rtol=1e-15)  # a quarter of the plan in a quarter


def test_the_year_it_reports_is_the_last_whole_one(third, first):
    assert reported_year(third, "coreweave") == reported_year(first, "coreweave")


# ---------------------------------------------------------------- runs


def test_no_array_is_longer_than_its_quarters(wide):
    result = wide.result
    for name, array in result.arrays.items():
        assert array.shape[1] == QUARTERS, name
        if array.dtype.kind == "f":
            assert np.isfinite(array).any(), name
    assert result.ends["failed"].max() == result.ends["first_mark"].max() == QUARTERS
    for name in ("bought", "received", "scheduled", "book", "mark"):
        assert instruments(result)[name].shape[2] == QUARTERS
    assert {returns.nav.shape for returns in fund_returns(result).values()} == {(result.n, QUARTERS)}


@pytest.mark.parametrize("building", ["market", "plan"])
def test_identities_hold_at_both_ends_of_every_lever(third, building):
    """The engine refuses a run whose identities are off; funds refuse their own."""
    result = run(third, at_both_ends(), building, EVERYTHING)
    assert max(result.residual.values()) < 1e-6
    assert fund_returns(result)


def test_a_run_to_the_horizon_is_the_same_up_to_there(third):
    for last_year in (2028, 2030, 2033):
        levers = random_levers(7, 20, h=last_year)
        whole, short = run(third, levers), run(third, levers, to_horizon=True)
        assert short.quarters == compile_layout(third).quarters.index(f"{last_year}Q4") + 1
        for name in whole.arrays:
            np.testing.assert_array_equal(
                whole.arrays[name][:, : short.quarters], short.arrays[name][:, : short.quarters], name
            )


def test_levers_that_are_years_mean_the_same_quarters(third):
    for t in (2026, 2028, 2030):
        demand = run(third, [BASE.replace(t=t), BASE.replace(t=t, g=0)]).array("demand", 0)
        turned = np.flatnonzero(demand[0] != demand[1])
        assert compile_layout(third).quarters[turned[0]] == f"{t}Q{4 if t == 2026 else 1}"
    layout = compile_layout(third)
    stops = run(third, BASE.replace(fl=False)).array("paid_share", layout.tenants.index("fluidstack"))[0]
    assert layout.quarters[np.flatnonzero(stops < 1.0)[0]] == "2027Q1"


def test_new_loans_are_bought_to_the_end_of_their_last_year(third):
    result = run(third, BASE.replace(h=2033))
    names = list(dict.fromkeys(n for f in fund_returns(result).values() for n in f.loss_by_holding))
    assert "new_loans" in names
    bought = np.flatnonzero(instruments(result)[0]["bought"].sum(axis=0))
    assert compile_layout(third).quarters[bought.max()] <= "2028Q4"
    edited = load_web(THIRD, {"new_loans.last_purchase": 2027}, third.root)
    bought = np.flatnonzero(instruments(run(edited, BASE))[0]["bought"].sum(axis=0))
    assert compile_layout(edited).quarters[bought.max()] <= "2027Q4"


# ---------------------------------------------------------------- results


def test_every_measure_has_a_value(wide):
    for name in all_measures(wide.layout):
        assert wide.value(name).shape == (wide.result.n,), name
    assert wide.value("coreweave.failed_quarter").max() == QUARTERS
    assert not [name for name in all_measures(wide.layout) if name.startswith(GONE)]


@pytest.mark.parametrize("preset", presets(), ids=lambda preset: preset.id)
def test_it_reads_as_json(third, preset):
    told = read(run(third, preset.scenario), 0, preset.scenario)
    assert json.loads(json.dumps(told, allow_nan=False)) == json.loads(json.dumps(told))
    assert (told["snapshot"], len(told["quarters"])) == (THIRD, QUARTERS)
    for row in (*told["companies"], *told["tenants"]):
        lengths = {len(value) for key, value in row.items() if isinstance(value, list) and key != "window"}
        assert row["window"] == [told["quarters"][0], told["quarters"][-1]]
        assert lengths <= {QUARTERS}, row["id"]
        assert row["failed_quarter"] is None or row["failed_quarter"] < QUARTERS
    assert headline_then.headline_figures(told)


def test_the_web_is_drawn_and_deals_are_read(third, first):
    result = run(third, ENDED, keep=EVERYTHING)
    told = read(result, 0, ENDED)
    assert {len(edge.owed) for edge in picture.edges(result)} == {QUARTERS}
    assert picture.missing_rent(result, told)
    deal = deals.anatomy(third, ENDED, "gw")
    years = len(third.calendar.years)
    assert [one.cap_by_year.size for one in deal.wraps] == [years]
    assert {lease.due.shape[1] for leases in deal.leases.values() for lease in leases} == {years}
    assert deal.circle.chips.shape[1] == deal.circle.taken.shape[1] == years
    assert deal.exit.quarter == deals.tenant_exit(run(first, ENDED)).quarter
    pairs = comparison.compare(third, BASE, ENDED)
    assert f"{GONE}.failed_quarter" not in {pair.measure for pair in pairs}
    assert all(pair.never == QUARTERS for pair in pairs)


# ---------------------------------------------------------------- questions


def test_every_question_is_answered(third):
    swept = explore.sweep(third, BASE, {"g": np.linspace(-50, 100, 7)}, "coreweave.failed_quarter")
    assert swept.values.min() < swept.values.max() == QUARTERS
    found = explore.break_points(third, BASE, "g")
    assert GONE not in {one.company for one in found}
    assert attribution.tornado(third, BASE, "coreweave.failed_quarter")
    split = attribution.attribute(third, BASE, STRESSED, "failed_count")
    assert sum(split.parts.values()) == pytest.approx(split.difference)
    drawn = monte_carlo(third, BASE, 64, seed=1)
    told = as_dict(drawn)
    assert {len(one["by_quarter"]) for one in told["failures"].values()} == {QUARTERS}
    assert set(drawn.paths) == {"coreweave.interest_coverage", "terawulf.interest_coverage"}
    short = monte_carlo(third, BASE, 64, seed=1, to_horizon=True)
    assert short.failures["coreweave"].probability == drawn.failures["coreweave"].probability
    line = frontier(third, BASE, "coreweave", "g", "r", points=3)
    assert line.company == "coreweave"
    assert fates(third, columns([BASE, STRESSED]), ("coreweave",)).shape == (2, 1)


def test_targets_that_it_cannot_answer_are_left_out(third, first):
    mine, theirs = ([one.id for one in targets(web)] for web in (third, first))
    assert set(theirs) - set(mine) == {
        *(f"coreweave_{name}_2026" for name in ("revenue", "interest", "ebitda_margin")),
        "coreweave_operating_profit_to_interest_2026",
        "cipher_alive",
    }
    alive = next(one for one in targets(third) if one.id == "coreweave_alive")
    assert (alive.low, alive.high) == (20 - SHIFT, QUARTERS)
    assert backtest(third) == ()  # no quarter of its own has been reported


# ---------------------------------------------------------------- the command line


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return package(tmp_path_factory.mktemp("program"))


def called(place, *words):
    return subprocess.run(
        [sys.executable, "-m", "core", *words], cwd=place, capture_output=True, text=True, timeout=600
    )


CALLS = {
    "run": ["run", "g=0"],
    "table": ["run", "g=0", "--format", "table"],
    "sweep": ["sweep", "g=-50:100:4", "--measure", "coreweave.failed_quarter"],
    "break": ["break", "g"],
    "targets": ["targets"],
    "data": ["data"],
    "check": ["data", "--check"],
    "attribute": ["attribute", "--from", "base", "--to", "g=0", "--measure", "failed_count"],
    "tornado": ["tornado", "--measure", "coreweave.debt"],
    "monte-carlo": ["monte-carlo", "--n", "32", "--seed", "1"],
    "frontier": ["frontier", "coreweave", "g", "u", "--points", "3"],
    "warm": ["warm"],
}


@pytest.mark.parametrize("name", CALLS)
def test_every_command_answers_on_the_latest(place, name):
    done = called(place, *CALLS[name])
    assert done.returncode == 0, done.stderr
    if name == "sweep":
        values = json.loads(done.stdout)["values"]
        assert None in values
        assert max(value for value in values if value is not None) < QUARTERS


@pytest.mark.parametrize("name", ["run", "sweep", "targets", "data", "attribute"])
def test_a_command_answers_on_the_date_it_is_asked_for(place, name):
    latest, third, first = (
        called(place, *CALLS[name], *more).stdout for more in ((), ("--data", THIRD), (f"--data={FIRST}",))
    )
    assert latest == third != first != ""
    if name == "run":
        assert (json.loads(third)["snapshot"], json.loads(first)["snapshot"]) == (THIRD, FIRST)


def test_a_broken_latest_snapshot_is_named_and_the_other_serves(tmp_path):
    place = package(tmp_path)
    broken = place / "core" / "data" / THIRD / "offtake.csv"
    broken.unlink()
    for words in (["run"], ["run", "--data", THIRD], ["targets"], ["data"]):
        done = called(place, *words)
        assert (done.returncode, done.stdout) == (2, ""), words
        assert done.stderr.splitlines()[-1].startswith(f"{THIRD}/offtake.csv: the file is missing")
    assert called(place, "data", "--check").returncode == 1
    assert json.loads(called(place, "run", "--data", FIRST).stdout)["snapshot"] == FIRST
    shutil.rmtree(broken.parent)
    assert json.loads(called(place, "run").stdout)["snapshot"] == FIRST
