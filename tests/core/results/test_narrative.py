"""Which facts the headline and the timeline choose."""

import pytest

from core.results.measures import called
from core.results.narrative import failures, headline, premise, status, tenant_status, timeline
from core.scenario.levers import Scenario
from core.scenario.presets import presets
from core.web.web import latest_snapshot

TODAY = Scenario.default()
QUARTERS = [f"{2026 + i // 4}Q{i % 4 + 1}" for i in range(32)]


def company(
    name, failed=None, cause="maturity", standing="healthy", breach=None, supported_by=None, dscr=None
):
    return {
        "id": name,
        "status": standing,
        "failed_quarter": failed,
        "failure_cause": cause,
        "first_breach": breach,
        "supported_by": supported_by,
        "dscr": [dscr] * 32,
    }


def reading(*companies, tenants=(), called_by=None, chain=(), promises=(), last=19, net=0.1):
    calls = {"alphabet": [0.0] * 32, "nvidia": [0.0] * 32} | (called_by or {})
    return {
        "snapshot": latest_snapshot(),
        "companies": list(companies),
        "tenants": list(tenants),
        "guarantors": [{"id": who, "called": path, "promised": 5.0} for who, path in calls.items()],
        "promises": list(promises),
        "chain": list(chain),
        "funds": [{"id": "infra_credit", "net_irr": net}],
        "quarters": QUARTERS,
        "last_quarter": last,
    }


def lab(name, failed=None, cut=None, share=0.0):
    """Give a tenant that pays ``share`` less from quarter ``cut`` on, and twice as much less a year later."""
    path = [0.0] * 32 if cut is None else [0.0] * cut + [share] * 4 + [2 * share] * (28 - cut)
    told = {"id": name, "failed_quarter": failed, "failure_cause": "own_liquidity"}
    return told | {"renegotiated_quarter": cut, "haircut": path}


def codes(facts):
    return [fact.code for fact in facts]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, "premise_today"),
        ({"h": 2033}, "premise_today"),
        ({"g": 0}, "premise_demand_stops"),
        ({"g": -20}, "premise_demand_falls"),
        ({"g": 60}, "premise_demand_grows"),
        ({"r": 9}, "premise_rate"),
        ({"u": 60}, "premise_utilisation"),
        ({"f": "closed"}, "premise_credit_closes"),
        ({"f": "strict"}, "premise_several"),
        ({"gw": False}, "premise_google_walks"),
        ({"gw": False, "g": 0}, "premise_demand_stops_google_walks"),
        ({"g": -10, "s": 300}, "premise_several"),
        ({"gw": False, "fl": False}, "preset_google_walks"),
        ({"g": 70, "u": 92, "h": 2033}, "preset_boom"),
    ],
)
def test_the_premise_names_what_was_changed(changes, code):
    assert premise(TODAY.replace(**changes)).code == code


def test_every_preset_has_a_premise_of_its_own():
    told = [premise(one.scenario) for one in presets()]
    assert "premise_several" not in codes(told)
    assert len({(fact.code, *fact.params.items()) for fact in told}) == len(told)


def test_nobody_fails():
    facts = headline(reading(company("coreweave")), reading(net=0.104), TODAY)
    assert codes(facts) == ["premise_today", "holds", "nothing_called", "investors"]
    assert facts[1].params["year"] == "2030"
    assert facts[-1].params == {"net": 0.1, "baseline": 0.104}


def test_the_debt_service_of_the_first_neocloud_with_debt_is_told_beside_todays():
    clouds = [company("fluidstack"), company("coreweave", dscr=0.91), company("terawulf", dscr=2.0)]
    facts = headline(reading(*clouds), reading(company("coreweave", dscr=1.04)), TODAY)
    told = next(fact for fact in facts if fact.code == "service")
    assert told.params == {"who": "coreweave", "dscr": 0.91, "year": "2030", "baseline": 1.04}
    alone = headline(reading(*clouds), reading(company("coreweave")), TODAY)
    assert next(fact for fact in alone if fact.code == "service").params["baseline"] is None


def test_labs_that_cut_their_contracts_and_live_are_told():
    labs = [lab("openai", cut=15, share=0.1), lab("anthropic", cut=12, share=0.2), lab("xai", 14, cut=11)]
    facts = headline(reading(company("coreweave"), tenants=labs), reading(), TODAY)
    (told,) = [fact for fact in facts if fact.code == "labs_cut"]
    assert told.params[
        "cuts"
    ] == [  # the earliest first, what is cut by the horizon; who has failed is told so
        {"who": "anthropic", "quarter": "2029Q1", "share": 0.4},
        {"who": "openai", "quarter": "2029Q4", "share": 0.2},
    ]
    later = headline(reading(company("coreweave"), tenants=[lab("openai", cut=20)]), reading(), TODAY)
    assert "labs_cut" not in codes(later)


def test_an_operator_fails_among_hosts_and_is_counted():
    now = reading(company("oracle", failed=10), company("coreweave", failed=17), tenants=[lab("openai", 12)])
    assert [fall[0] for fall in failures(now)] == ["oracle", "openai", "coreweave"]
    first, follow = headline(now, reading(), TODAY)[1:3]
    assert (first.code, follow.code) == ("fails_first", "labs_follow")
    assert first.params["who"] == "oracle"
    assert [one["who"] for one in first.params["others"]] == ["coreweave"]


def test_a_failure_beyond_the_horizon_is_not_told():
    assert codes(headline(reading(company("coreweave", failed=20)), reading(), TODAY))[1] == "holds"
    assert failures(reading(company("coreweave", failed=20), last=20)) == [("coreweave", 20, "maturity")]


def test_one_lab_then_a_neocloud():
    now = reading(company("coreweave", failed=17), tenants=[lab("openai", 14)])
    lab_short, fails_next = headline(now, reading(), TODAY)[1:3]
    assert (lab_short.code, fails_next.code) == ("lab_short", "fails_next")
    assert lab_short.params == {
        "who": "openai",
        "quarter": "2029Q3",
        "cause": "own_liquidity",
        "others": [],
    }
    assert fails_next.params == {"who": "coreweave", "quarter": "2030Q2", "cause": "maturity", "others": []}


def test_those_who_follow_keep_their_quarter_and_cause():
    now = reading(company("coreweave", failed=17), tenants=[lab("openai", 14), lab("xai", 10)])
    lab_short, fails_next = headline(now, reading(), TODAY)[1:3]
    assert lab_short.params["who"] == "xai"
    assert lab_short.params["others"] == [{"who": "openai", "quarter": "2029Q3", "cause": "own_liquidity"}]
    assert fails_next.params["others"] == []


def test_everything_fails_and_neoclouds_go_first():
    clouds = [
        company(name, failed=4 + i, standing="failed")
        for i, name in enumerate(("fluidstack", "coreweave", "cipher"))
    ]
    now = reading(*clouds, tenants=[lab("openai", 9), lab("anthropic", 9), lab("fluidstack", 4)])
    facts = headline(now, reading(), TODAY)
    assert codes(facts)[1:3] == ["fails_first", "labs_follow"]
    assert [one["who"] for one in facts[1].params["others"]] == ["coreweave", "cipher"]
    assert [one["who"] for one in facts[2].params["others"]] == ["openai", "anthropic"]


def test_the_largest_payer_up_to_the_horizon_comes_first():
    paths = {"alphabet": [0.0] * 19 + [0.2] * 13, "nvidia": [0.0] * 10 + [0.3] * 5 + [0.0] * 17}
    payers = headline(reading(called_by=paths), reading(), TODAY)[2].params["payers"]
    assert [(p["giver"], round(p["called"], 9), round(p["later"], 9)) for p in payers] == [
        ("nvidia", 1.5, 1.5),  # 5 quarters of 0.3
        ("alphabet", 0.2, 2.6),  # 1 of 13 quarters of 0.2 up to 2030
    ]


def test_a_landlord_that_lives_on_a_promise_is_said_to():
    landlord = company("terawulf", standing="supported", supported_by="alphabet")
    fact = status(landlord, reading())
    assert (fact.code, fact.params) == ("supported", {"giver": "alphabet"})


def test_a_promise_that_pays_somebody_who_needs_it_not_is_no_support():
    promise = {"giver": "alphabet", "for": "terawulf", "called": [0.0] * 18 + [0.1] * 14}
    for standing, code in (("healthy", "holds"), ("stretched", "stretched"), ("distressed", "distressed")):
        assert status(company("terawulf", standing=standing), reading(promises=[promise])).code == code
    fallen = company("terawulf", failed=18, standing="failed")
    assert status(fallen, reading(promises=[promise])).params == {"quarter": "2030Q3"}


def test_called_stops_at_the_quarter_given():
    assert called({"called": [1.0, 2.0, 4.0]}, last=1) == 3.0
    assert called({"called": [1.0, 2.0, 4.0]}) == 7.0


def link(quarter, entity, event="failure", amount=1.0):
    return {"quarter": quarter, "entity": entity, "event": event, "cause": "own_liquidity", "amount": amount}


def test_the_timeline_keeps_the_first_event_and_the_failures_when_it_is_full():
    warned = [
        company(f"vehicle{i}", breach={"quarter": 2 + i, "measure": "runway", "cause": "own_liquidity"})
        for i in range(5)
    ]
    chain = [link(9, "openai"), link(12, "coreweave"), link(12, "nvidia", "call")]
    events = timeline(reading(*warned, chain=chain), limit=4)
    assert [(e.quarter, e.entity, e.code) for e in events] == [
        ("2026Q3", "vehicle0", "runway"),
        ("2028Q2", "openai", "failure"),
        ("2029Q1", "coreweave", "failure"),
        ("2029Q1", "nvidia", "called"),
    ]


def test_two_promises_first_called_in_one_quarter_are_one_event():
    chain = [
        link(5, "alphabet", "call", 0.1),
        link(5, "alphabet", "call", 0.25),
        link(7, "alphabet", "call", 9.0),
    ]
    (event,) = timeline(reading(chain=chain))
    assert (event.code, event.params["amount"]) == ("called", 0.35)


@pytest.mark.parametrize(("failed", "code"), [(None, "holds"), (19, "failed"), (20, "holds")])
def test_a_lab_has_failed_only_if_it_did_so_by_the_horizon(failed, code):
    found = tenant_status(lab("openai", failed), reading())
    assert found.code == code
    assert found.params.get("quarter") == ("2030Q4" if code == "failed" else None)


@pytest.mark.parametrize(
    ("failed", "cut", "code", "quarter"),
    [(None, 19, "renegotiated", "2030Q4"), (None, 20, "holds", None), (18, 15, "failed", "2030Q3")],
)
def test_a_lab_that_pays_less_by_agreement_is_said_to(failed, cut, code, quarter):
    found = tenant_status(lab("openai", failed, cut), reading())
    assert (found.code, found.params.get("quarter")) == (code, quarter)


def test_a_renegotiation_stands_in_the_timeline_between_failures_and_warnings():
    warned = [
        company(f"vehicle{i}", breach={"quarter": i, "measure": "runway", "cause": "own_liquidity"})
        for i in range(3)
    ]
    chain = [link(7, "openai", "renegotiation", 0.25), link(9, "openai")]
    events = timeline(reading(*warned, chain=chain), limit=3)
    assert [(e.entity, e.code) for e in events] == [
        ("vehicle0", "runway"),
        ("openai", "renegotiated"),
        ("openai", "failure"),
    ]
    assert events[1].params["amount"] == 0.25
