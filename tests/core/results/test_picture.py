"""The picture of the web: what is owed is what the ledger says, and a missing dollar is a dollar."""

import numpy as np
import pytest

from core.finance.networks import NO_GIVER
from core.model import engine
from core.results import picture, reading
from core.scenario.levers import Scenario
from core.scenario.presets import presets
from core.web.web import load_web
from tests.worlds import FIRST

DEFAULT = Scenario.default(FIRST)
SCENARIOS = {preset.id: preset.scenario for preset in presets()} | {
    "everything": DEFAULT.replace(g=-50, u=30, r=12, f="closed"),
    "fluidstack_walks": DEFAULT.replace(fl=False),
    "fluidstack_walks_google_too": DEFAULT.replace(fl=False, gw=False),
}


@pytest.fixture(scope="module")
def runs():
    found = {}
    for name, scenario in SCENARIOS.items():
        result = engine.run(load_web(FIRST), scenario, keep=picture.KEEP)
        found[name] = (result, reading.read(result))
    return found


def edge(drawn, payer, payee, kind):
    (one,) = (e for e in drawn if (e.payer, e.payee, e.kind) == (payer, payee, kind))
    return one


def test_the_group_web_is_kept_only_on_request():
    result = engine.run(load_web(FIRST), DEFAULT)
    with pytest.raises(KeyError):
        result.array("row_paid")
    plain, full = reading.read(result), reading.read(engine.run(load_web(FIRST), DEFAULT, keep=picture.KEEP))
    assert plain == full


def test_everything_owed_is_paid_on_today_s_data(runs):
    drawn = picture.edges(runs["base"][0])
    assert {e.kind for e in drawn} == {"contract", "debt"}
    for e in drawn:
        np.testing.assert_allclose(e.paid, e.owed, atol=1e-9)


def test_a_rent_is_the_lease_of_the_data(runs):
    rent = edge(picture.edges(runs["base"][0]), "terawulf", "lenders", "debt")
    lease = edge(picture.edges(runs["base"][0]), "fluidstack", "terawulf", "contract")
    assert lease.owed[20] == pytest.approx(360 * 1.86 / 1000 / 4)  # MW x USD m per MW and year
    assert rent.owed[0] == pytest.approx(3.2 * 0.0775 / 4 + 0.5 * 0.0275 / 4 + 1.0 * 0.01 / 4, abs=2e-3)


@pytest.mark.parametrize("name", list(SCENARIOS))
def test_edges_add_up_to_the_ledger(runs, name):
    result, _ = runs[name]
    layout = result.layout
    inside = ~np.isin(layout.structure.payee, [layout.index[n] for n in picture.LEFT_OUT])
    paid = result.array("row_paid")[0][:, inside].sum(axis=1)
    called = result.array("row_called")[0][:, layout.structure.giver != NO_GIVER].sum(axis=1)
    drawn = picture.edges(result)
    np.testing.assert_allclose(sum(e.paid for e in drawn), paid + called, atol=1e-4)


def test_merged_nodes_owe_what_they_owed_apart(runs):
    result, _ = runs["pause"]
    merged = picture.edges(result, merge={"microsoft": "sound", "ig_tenants": "sound"})
    apart = picture.edges(result)
    both = [edge(apart, who, "coreweave", "contract").owed for who in ("microsoft", "ig_tenants")]
    np.testing.assert_allclose(edge(merged, "sound", "coreweave", "contract").owed, sum(both))


def test_steps_and_standing_follow_the_chain(runs):
    _, now = runs["pause"]
    steps = picture.steps(now)
    assert [s.quarter for s in steps] == list(range(now["last_quarter"] + 1))
    falls = {e["entity"]: e["quarter"] for e in now["chain"] if e["event"] == "failure"}
    for step in steps:
        failed = {who for who, how in picture.standing(now, step).items() if how == picture.FAILED}
        assert failed == {who for who, quarter in falls.items() if quarter <= step.quarter}


def test_a_second_wave_stands_until_its_own_step():
    falls = [("a", 1), ("b", 2)]
    chain = [{"event": "failure", "quarter": 4, "round": wave, "entity": who} for who, wave in falls]
    now = {"chain": chain, "guarantors": [{"id": "g", "called": [1.0] * 5}], "last_quarter": 4}
    first, second = picture.steps(now)[-2:]
    assert picture.standing(now, first) == {"a": "failed"}
    assert picture.standing(now, second) == {"a": "failed", "b": "failed", "g": "called"}


def test_a_guarantor_is_called_in_the_quarters_in_which_it_pays(runs):
    result, now = runs["fluidstack_walks"]
    google = next(g for g in now["guarantors"] if g["id"] == "alphabet")
    calls = sum(e.paid for e in picture.edges(result) if e.payer == "alphabet")
    np.testing.assert_allclose(calls, google["called"], atol=1e-9)
    assert picture.standing(now, picture.Step(4, 1, 1))["alphabet"] == picture.CALLED


def test_a_node_is_as_large_as_its_debt(runs):
    result, now = runs["base"]
    size = picture.sizes(now, picture.edges(result), 0)
    debt = {company["id"]: company["debt"][0] for company in now["companies"]}
    assert size["coreweave"] == debt["coreweave"] > 20
    assert size["openai"] > 0


@pytest.mark.parametrize("name", list(SCENARIOS))
def test_a_missing_dollar_adds_up_to_one(runs, name):
    result, now = runs[name]
    found = picture.missing_rent(result, now)
    if name in ("base", "boom"):
        assert found == {}
    for tenant, missing in found.items():
        assert sum(missing.stays().values()) == pytest.approx(1.0, abs=1e-9), tenant
        assert all(share > 0 for _, _, share in missing.flows)
        passed = {}
        for source, target, share in missing.flows:  # what arrives anywhere and flows on, flows on whole
            passed[target] = passed.get(target, 0.0) + share
            passed[source] = passed.get(source, 0.0) - share
        for place, left in passed.items():
            if place == tenant:
                assert left == pytest.approx(-1.0)
            elif place not in missing.stays():
                assert left == pytest.approx(0.0, abs=1e-9)


def test_google_pays_all_of_fluidstack_s_rent_while_its_promise_lasts(runs):
    result, now = runs["fluidstack_walks"]
    missing = picture.missing_rent(result, now)["fluidstack"]
    called = sum(
        next(g for g in now["guarantors"] if g["id"] == "alphabet")["called"][: now["last_quarter"] + 1]
    )
    assert missing.stays() == {"guarantor:alphabet": pytest.approx(called / missing.amount)}


def test_without_google_landlords_and_their_lenders_bear_it(runs):
    result, now = runs["fluidstack_walks_google_too"]
    stays = picture.missing_rent(result, now)["fluidstack"].stays()
    assert not any(place.startswith("guarantor") for place in stays)
    assert stays["relet"] > 0.3
    assert stays["lenders"] > 0.1


def test_lenders_bear_no_more_than_they_lose(runs):
    for result, now in runs.values():
        last = now["last_quarter"] + 1
        for missing in picture.missing_rent(result, now).values():
            for source, target, share in missing.flows:
                if target == "lenders":
                    lost = sum(sum(t["lost"][:last]) for t in now["tranches"] if t["borrower"] == source)
                    assert share * missing.amount <= lost + 1e-9
