"""The back-test: what is compared with what, by hand; every figure of the record that the model has."""

import json
import statistics

import pytest

from core.__main__ import main
from core.model.engine import run
from core.questions import backtest
from core.results.measures import Measures
from core.scenario.levers import Scenario
from core.web.web import load_web, snapshots
from tests.worlds import FIRST

BASE = Scenario.default(FIRST)
OF_THE_MODEL = {  # what it computes of each kind of company, or carries along as the data state it
    "neocloud": backtest.COMPANY,
    "lab": ("revenue", "cash"),
    "bigtech": ("operating_cash_flow", "debt", "cash", "leases_not_commenced", "purchase_commitments"),
}


@pytest.fixture(scope="module")
def base():
    return Measures(run(load_web(FIRST), BASE))


@pytest.fixture(scope="module")
def found(base):
    return {one.row.id: one for one in backtest.outcomes(load_web(FIRST), base, base)}


@pytest.fixture
def call(capsys):
    def of(*words):
        code = main(["backtest", *words])
        out, err = capsys.readouterr()
        return code, out, err

    return of


def test_the_command_prints_every_outcome_and_the_median(call, found):
    code, out, err = call("--data", FIRST)
    printed = json.loads(out, parse_constant=pytest.fail)
    assert (code, err) == (0, "")
    assert set(printed) == {"snapshot", "rows", "median_error"}
    assert printed["snapshot"] == FIRST
    columns = {"entity", "measure", "quarter", "model", "actual", "low", "high", "error"}
    assert all(set(row) == columns for row in printed["rows"])
    ids = [f"{row['entity']}.{row['measure']}.{row['quarter']}" for row in printed["rows"]]
    assert ids == list(found)
    errors = [row["error"] for row in printed["rows"] if row["error"] is not None]
    assert printed["median_error"] == statistics.median(map(abs, errors))
    for row in printed["rows"]:
        if row["error"] is not None:
            assert row["error"] == pytest.approx(row["model"] / row["actual"] - 1)


def test_a_known_snapshot_is_taken_and_another_refused(call):
    for name in snapshots():
        assert json.loads(call("--data", name)[1])["snapshot"] == name
    for words in (["--data", "2024-12-31"], ["--data", "../x"], ["--data", ""], ["--date", "x"], ["g=0"]):
        code, out, err = call(*words)
        assert (code, out, err.count("\n")) == (2, "", 1)
    assert all(name in call("--data", "x")[2] for name in snapshots())


def test_what_is_compared_with_what(base, found):
    revenue = base.company("coreweave", "revenue")[0]
    assert found["coreweave.revenue.2026Q2"].computed == revenue[1]
    assert found["coreweave.revenue.2026"].computed == pytest.approx(revenue[:4].sum())
    assert found["coreweave.debt.2026Q2"].computed == base.company("coreweave", "debt")[0, 1]
    due = base.company("coreweave", "principal")[0]
    assert found["coreweave.principal.2026H2"].computed == pytest.approx(due[2] + due[3])
    web = load_web(FIRST)
    assert found["meta.debt.2026Q2"].computed == web.value("meta.debt")
    assert found["meta.leases_not_commenced.2026Q2"].computed == web.value("meta.leases_not_commenced")
    year = web.value("meta.operating_cash_flow")  # today's demand moves nothing
    assert found["meta.operating_cash_flow.2026Q1"].computed == pytest.approx(year / 4)
    assert found["anthropic.revenue.2026Q2"].computed == pytest.approx(
        web.plan("anthropic", "revenue")[0] / 4
    )
    assert found["cipher.revenue.2026Q1"].miss is None  # nothing was earned: no ratio


def test_no_actual_that_the_model_has_is_left_out(base, found):
    """Whoever reports a measure that the model computes, or carries, stands in the back-test."""
    web = load_web(FIRST)
    kinds = {entity: web.value(f"{entity}.kind") for entity in web.tables["entities"]}
    missing, beside = [], set()
    for row in web.rows():
        if row.table == "actuals" and row.id not in found and row.item[:4] in base.layout.quarters[0]:
            entity, _, measure = row.subject.partition(".")
            (missing.append(row.id) if measure in OF_THE_MODEL[kinds[entity]] else beside.add(measure))
    assert missing == []
    assert not beside & {"debt", "interest", "principal", "ebitda", "operating_profit"}


def test_every_miss_has_its_reason_in_both_languages(found):
    wanted = {f"{one.entity}.{one.measure}" for one in found.values() if one.miss is not None}
    assert set(backtest.reasons()) == wanted
    for name, said in backtest.reasons().items():
        assert set(said) == {"en", "nl"}, name
        assert all(text.endswith(".") and text.count(". ") == 0 for text in said.values()), name


def test_the_worst_are_of_different_measures_and_in_order(found):
    worst = backtest.worst(found.values())
    assert len({(one.entity, one.measure) for one in worst}) == 3
    sizes = [abs(one.miss) for one in worst]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] == max(abs(one.miss) for one in found.values() if one.miss is not None)


def test_who_has_failed_has_no_figure(base):
    dead = Measures(
        run(load_web(FIRST, overrides={"xai.cash": 0.0, "coreweave.cash": 0.0}), BASE.replace(f="closed"))
    )
    failed = dead.result.failed_quarter("coreweave")[0]
    assert failed < 4, "the test needs a failure within the first year"
    one = next(
        o for o in backtest.outcomes(load_web(FIRST), base, dead) if o.row.id == "coreweave.revenue.2026"
    )
    assert one.scenario is None
    assert one.computed is not None


def test_ratios_are_of_what_was_reported_for_one_quarter():
    cover = backtest.reported(load_web(FIRST), "coreweave", "interest_coverage")
    assert cover == {"2026Q1": 1.16 / 0.536, "2026Q2": 1.51 / 0.64}  # no EBITDA yet for the third
    assert backtest.reported(load_web(FIRST), "coreweave", "no such measure") == {}
    assert backtest.reported(load_web(FIRST), "oracle", "rating") == {}


def test_guidance_is_a_range_and_no_report():
    web = load_web(FIRST)
    assert "2026Q3" not in backtest.reported(web, "coreweave", "revenue")
    assert backtest.guided(web, "coreweave", "revenue")["2026Q3"] == (3.45, 3.6)
    assert backtest.guided(web, "coreweave", "active_mw") == {}  # "above": one end is open
    assert backtest.is_guidance(web.row("coreweave.active_mw.2026Q4"))
    assert backtest.guided(web, "coreweave", "no such measure") == {}


def test_what_the_data_state_as_of_a_later_day_is_no_test_of_the_model():
    web = load_web("2026-06-30")
    assert web.row("oracle.debt").as_of == web.row("oracle.debt.2026Q3").as_of > web.snapshot
    measures = Measures(run(web, Scenario.default(web.snapshot)))
    told = {one.row.id for one in backtest.outcomes(web, measures, measures)}
    assert "oracle.debt.2026Q3" not in told
    assert {"coreweave.revenue.2026Q3", "oracle.operating_cash_flow.2026Q3"} <= told


def test_since_is_what_came_on_a_later_day_than_the_data():
    web = load_web("2025-12-31")
    assert {row.id for row in backtest.since(web)} == {r.id for r in web.rows() if r.table == "actuals"}


def test_the_first_data_are_held_against_many_figures_of_many_companies(call):
    rows = json.loads(call("--data", "2025-12-31")[1])["rows"]
    assert len(rows) >= 30
    assert len({row["entity"] for row in rows}) >= 8
