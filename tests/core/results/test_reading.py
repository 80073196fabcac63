"""The contract that the command line prints and the pages show."""

import json
import math

import numpy as np
import pytest

from core.model.engine import run
from core.results.measures import Measures
from core.results.reading import chain, plain, read
from core.scenario.levers import Scenario, columns
from core.scenario.link import parse
from tests.worlds import FIRST, NEVER, QUARTERS, STRESSED, at_both_ends, random_levers

BASE = Scenario.default(FIRST)
FLAT = BASE.replace(g=0, h=2033)

# Issue 2, part 6. A reading may say more; it must not say less.
CONTRACT = {
    "model": str,
    "snapshot": str,
    "scenario": dict,
    "link": str,
    "messages": list,
    "quarters": list,
    "market": {"demand", "capacity", "utilisation", "price"},
    "companies": [
        {
            "id",
            "name",
            "kind",
            "status",
            "failed_quarter",
            "first_breach",
            "revenue",
            "ebitda",
            "operating_profit",
        }
        | {
            "interest",
            "debt",
            "cash",
            "capex",
            "interest_coverage",
            "dscr",
            "net_debt_to_ebitda",
            "asset_cover",
        }
    ],
    "tenants": [{"id", "paid_share", "failed_quarter"}],
    "funds": [{"id", "gross_irr", "net_irr", "moic", "loss_rate", "nav"}],
    "investors": [{"id", "loss"}],
    "guarantors": [
        {"id", "promised", "live", "called", "called_to_operating_cash_flow", "reported_debt"}
        | {"look_through_debt", "reported_leverage", "look_through_leverage"}
        | {"agency_debt", "agency_leverage", "leverage_as_of"}
    ],
    "funding_gap": {
        "need",
        "own_cash",
        "gap",
        "private_credit",
        "corporate",
        "abs_cmbs",
        "other",
        "unfunded",
    },
    "chain": [{"quarter", "round", "entity", "cause", "from", "amount"}],
    "checks": {"largest_cash_residual"},
}
PATHS = {
    "market": {"demand", "capacity", "utilisation", "price"},
    "companies": {
        "revenue",
        "ebitda",
        "operating_profit",
        "interest",
        "debt",
        "cash",
        "capex",
        "interest_coverage",
    }
    | {"dscr", "net_debt_to_ebitda", "asset_cover"},
    "tenants": {"paid_share"},
    "funds": {"nav"},
    "guarantors": {"live", "called", "called_to_operating_cash_flow"},
}
IDS = {
    "companies": {
        "coreweave",
        "terawulf",
        "cipher",
        "fluidstack",
        "hyperion",
        "oracle_campus",
        "xai_vehicle",
    },
    "tenants": {"openai", "anthropic", "xai", "fluidstack"},
    "funds": {"blue_owl", "pimco", "blackstone", "apollo", "kkr", "infra_credit"},
    "investors": {"pensions", "insurers", "wealth", "sovereign"},
    "guarantors": {"alphabet", "nvidia", "meta", "microsoft", "oracle", "amazon"},
}


@pytest.fixture(scope="module")
def flat(web):
    return read(run(web, FLAT), 0, FLAT)


@pytest.fixture(scope="module")
def many(web):
    """Readings of random worlds and of every lever at both ends."""
    drawn, ends = random_levers(61, 40), columns(at_both_ends())
    result = run(web, {k: np.concatenate([drawn[k], ends[k]]) for k in drawn})
    measures = Measures(result)
    return [read(result, i, measures=measures) for i in range(result.n)]


@pytest.mark.parametrize("key", CONTRACT)
def test_every_key_of_the_contract_is_there(flat, key):
    wanted, got = CONTRACT[key], flat[key]
    if isinstance(wanted, type):
        assert isinstance(got, wanted)
    elif isinstance(wanted, list):
        assert got
        for row in got:
            assert set(row) >= wanted[0]
    else:
        assert set(got) >= wanted


@pytest.mark.parametrize("kind", IDS)
def test_ids_are_exactly_those_of_the_contract(flat, kind):
    assert {row["id"] for row in flat[kind]} == IDS[kind]
    assert len(flat[kind]) == len(IDS[kind])


def test_paths_have_32_quarters(many, flat):
    assert flat["quarters"][0] == "2026Q1"
    assert flat["quarters"][-1] == "2033Q4"
    for reading in many:
        for kind, names in PATHS.items():
            rows = reading[kind] if isinstance(reading[kind], list) else [reading[kind]]
            for row in rows:
                assert all(len(row[name]) == 32 for name in names)


def numbers(value):
    """Every number in a reading."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from numbers(part)
    elif isinstance(value, float):
        yield value


def test_json_holds_it_and_every_number_is_finite(many):
    for reading in many:
        assert all(math.isfinite(number) for number in numbers(reading))
        assert json.loads(json.dumps(reading, allow_nan=False)) == reading


def test_plain_turns_what_is_not_a_number_into_nothing():
    assert plain(np.array([[1.0, np.nan], [np.inf, -2.0]])) == [[1.0, None], [None, -2.0]]


def test_words_are_those_of_the_model(many):
    causes, measures, ends = set(), set(), set()
    for reading in many:
        for row in reading["companies"]:
            assert row["status"] in ("healthy", "stretched", "supported", "distressed", "failed")
            ends.add((row["failure_cause"] or "").partition(":")[0])
            if row["first_breach"]:
                causes.add(row["first_breach"]["cause"].partition(":")[0])
                measures.add(row["first_breach"]["measure"])
    assert causes <= {"own_liquidity", "maturity", "market_access", "counterparty"}
    assert causes >= {"own_liquidity", "market_access", "counterparty"}
    assert ends == {"", "own_liquidity", "maturity", "counterparty"}
    assert measures == {"failure", "insolvency", "runway", "cover", "access", "service"}


def test_a_failure_is_status_date_and_breach_in_one(many):
    for reading in many:
        last = reading["last_quarter"]
        for row in reading["companies"]:
            failed, breach = row["failed_quarter"], row["first_breach"]
            assert (row["status"] == "failed") == (failed is not None and failed <= last)
            if row["status"] == "failed":
                assert breach["quarter"] <= failed
            if row["status"] == "healthy":
                assert breach is None
            elif row["status"] != "supported":  # who lives on a guarantor may bear no mark of his own
                assert breach["quarter"] <= last
            if failed is not None:
                assert all(value is None for value in row["debt"][failed:])
                assert all(value is None for value in row["revenue"][failed + 1 :])
                assert row["revenue"][failed] is not None


def test_who_is_supported_says_by_whom_and_nobody_else_does(many):
    found = set()
    for reading in many:
        paid = {
            (row["giver"], row["for"]): sum(row["called"][: reading["last_quarter"] + 1])
            for row in reading["promises"]
        }
        for row in reading["companies"]:
            giver = row["supported_by"]
            assert (row["status"] == "supported") == (giver is not None)
            if giver:
                assert paid[giver, row["id"]] > 0
                found.add((giver, row["id"]))
    assert {("alphabet", "terawulf"), ("alphabet", "cipher")} <= found


def test_a_failed_company_shows_its_first_warning(flat):
    coreweave = next(row for row in flat["companies"] if row["id"] == "coreweave")
    assert (coreweave["status"], coreweave["failed_quarter"]) == ("failed", 17)
    assert coreweave["first_breach"]["quarter"] < 17
    assert coreweave["first_breach"]["measure"] != "failure"


def test_the_horizon_cuts_statuses_but_not_paths_or_dates(web):
    early, late = (read(run(web, FLAT.replace(h=h))) for h in (2029, 2033))
    rows = [next(row for row in x["companies"] if row["id"] == "coreweave") for x in (early, late)]
    assert rows[0]["status"] != "failed"
    assert rows[1]["status"] == "failed"
    assert rows[0]["failed_quarter"] == rows[1]["failed_quarter"] == 17
    assert rows[0]["revenue"] == rows[1]["revenue"]
    assert (early["last_quarter"], late["last_quarter"]) == (15, 31)


def test_chain_lists_failures_and_first_calls_in_order(flat, web):
    result = run(web, FLAT)
    events = chain(result)
    assert events == flat["chain"]
    assert [e["quarter"] for e in events] == sorted(e["quarter"] for e in events)
    failures = {e["entity"]: e for e in events if e["event"] == "failure"}
    once = result.ends["failed"][0]
    assert set(failures) == {n for n, q in zip(result.layout.nodes, once, strict=True) if q < NEVER}
    assert all(e["amount"] > 0 for e in events)
    fluidstack = failures["fluidstack"]
    assert (fluidstack["cause"], fluidstack["from"]) == ("counterparty:anthropic", "anthropic")
    calls = {e["cause"]: e for e in events if e["event"] == "call"}
    assert calls["promise:google_terawulf"]["from"] == "fluidstack"
    assert calls["promise:google_terawulf"]["quarter"] == fluidstack["quarter"]
    promise = next(p for p in flat["promises"] if p["id"] == "google_terawulf")
    assert calls["promise:google_terawulf"]["amount"] == promise["called"][fluidstack["quarter"]]


def test_parts_agree_with_each_other(many):
    for reading in many:
        failed = {
            r["id"]
            for r in (*reading["companies"], *reading["tenants"])
            if r["failed_quarter"] is not None and r["failed_quarter"] <= reading["last_quarter"]
        }
        counted = {"coreweave", "terawulf", "cipher", "fluidstack", "openai", "anthropic", "xai"}
        assert reading["failed_count"] == len(failed & counted)
        for giver in reading["guarantors"]:
            mine = [p["called"] for p in reading["promises"] if p["giver"] == giver["id"]]
            expected = np.sum(mine, axis=0) if mine else np.zeros(32)
            np.testing.assert_allclose(giver["called"], expected, atol=1e-12)
        losses = sum(fund["loss"] for fund in reading["funds"])
        assert sum(row["loss"] for row in reading["investors"]) == pytest.approx(losses, abs=1e-9)
        gap = reading["funding_gap"]
        lent = sum(gap[s] for s in ("private_credit", "corporate", "abs_cmbs", "other"))
        assert lent + gap["unfunded"] == pytest.approx(gap["gap"])


def test_the_link_gives_the_scenario_back(web):
    scenario = STRESSED.replace(f="closed", gw=False)
    reading = read(run(web, scenario), 0, scenario)
    assert parse(reading["link"]).scenario == scenario
    assert reading["scenario"] == scenario.as_dict()


def test_checks_are_tiny(many):
    for reading in many[:3]:
        assert set(reading["checks"]) == {
            f"largest_{what}_residual"
            for what in ("cash", "opening", "clearing", "debt", "cap", "recovery", "fund")
        }
        assert max(reading["checks"].values()) < 1e-9


def assert_known_alike(whole, cut, last, where=""):
    """Up to the last quarter that both ran they are equal; after it the cut one may only know the same."""
    if isinstance(whole, dict):
        for key in whole.keys() - {"window"}:
            assert_known_alike(whole[key], cut[key], last, f"{where}.{key}")
    elif isinstance(whole, list) and len(whole) == QUARTERS:
        assert cut[: last + 1] == whole[: last + 1], where
        assert all(b is None or b == a for a, b in zip(whole, cut, strict=True)), where
    elif isinstance(whole, list):
        for a, b in zip(whole, cut, strict=True):
            assert_known_alike(a, b, last, where)
    else:
        assert cut == whole, where


@pytest.mark.parametrize("h", [2028, 2030, 2033])
@pytest.mark.parametrize("of", [STRESSED, BASE.replace(g=-5), STRESSED.replace(mr=False, f="strict")])
def test_a_reading_of_a_run_that_ends_at_the_horizon_says_nothing_else(web, of, h):
    scenario = of.replace(h=h)
    whole, cut = (dict(read(run(web, scenario, to_horizon=short), 0, scenario)) for short in (False, True))
    last = whole["last_quarter"]
    for told in (whole, cut):  # what is told of a whole life, not of a quarter
        del told["checks"]
        told["chain"] = [event for event in told["chain"] if event["quarter"] <= last]
        for who in told["companies"] + told["tenants"]:
            if who["failed_quarter"] is not None and who["failed_quarter"] > last:
                who["failed_quarter"] = who["failure_cause"] = None
    known = {line["id"] for line in cut["tranches"]}
    later = [line for line in whole["tranches"] if line["id"] not in known]
    assert all(not any(line["drawn"][: last + 1]) for line in later)
    whole["tranches"] = [line for line in whole["tranches"] if line["id"] in known]
    assert_known_alike(whole, cut, last)
    ends = {row["window"][1] for row in cut["companies"]}
    assert ends == {cut["quarters"][last]}
