"""Promises outside the web: called when the company behind them fails, and in no other figure."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.model.engine import run
from core.results.measures import Measures
from core.scenario.levers import Scenario
from core.sources import beside, outside
from core.web.web import load_web, snapshots

GROUPS = ("market", "promises", "companies")


def found(**levers):
    web = load_web()
    result = run(web, Scenario.default(web).replace(**levers), keep=GROUPS)
    return result, outside.calls(result)


def test_in_the_base_case_nothing_is_called():
    _result, calls = found()
    assert len(calls) >= 9
    assert not any(call.amount or call.failed for call in calls.values())


def test_ohio_is_called_when_openai_fails_less_what_others_would_rent():
    result, calls = found(g=0)
    ohio = calls["nvidia_ohio.cap"]
    assert (ohio.company, ohio.assumed) == ("openai", False)
    assert ohio.failed == result.failed_quarter("openai")[0]
    assert ohio.amount == pytest.approx(105 * (1 - ohio.relet))
    assert ohio.relet == pytest.approx(float(result.at_horizon(result.array("relet_share", 0))[0]))
    assert calls["river_bend_rent.cap"].amount == 0  # Fluidstack lives to the horizon


@settings(deadline=None)
@given(
    st.floats(-30, 60), st.floats(40, 98), st.sampled_from([2028, 2030, 2033]), st.sampled_from(snapshots())
)
def test_each_call_lies_between_nothing_and_the_limit_and_falls_due_with_its_company(g, u, h, date):
    web = load_web(date)
    result = run(web, Scenario.default(web).replace(g=g, u=u, h=h), keep=("market",))
    calls = outside.calls(result)
    for call in calls.values():
        (gone,) = result.failed_by_horizon((call.company,))[0]
        assert (call.failed is not None) == gone
        assert (call.amount > 0) == gone
        assert 0 <= call.amount <= call.line.row.value
    sums = outside.by_giver(calls)
    assert sum(sums.values()) == pytest.approx(sum(call.amount for call in calls.values()))


def test_none_of_it_is_in_a_figure_of_the_web():
    result, calls = found(g=0)
    called = Measures(result).value("called_total")[0]
    assert called == pytest.approx(float(result.to_horizon(result.array("called").sum(axis=2))[0]))
    assert sum(outside.by_giver(calls).values()) > called


def test_whose_failure_calls_a_promise_is_public_or_said_to_be_assumed():
    _result, calls = found()
    names = {c.company: str(load_web().value(f"{c.company}.name")) for c in calls.values()}
    for call in calls.values():
        assert call.assumed == (names[call.company] != call.line.tenant)
    listed = [line for one in beside.of_kind(beside.PROMISE) for line in one.lines]
    assert {line.row.id for line in listed if line.called_by} == calls.keys()


def test_what_google_promises_in_and_outside_the_web_is_all_it_tells():
    web = load_web()
    inside = sum(
        fields["cap"].value
        for fields in web.tables["promises"].values()
        if fields["giver"].value == "alphabet" and fields["kind"].value == "lease_backstop"
    )
    rents = ("river_bend_rent", "abernathy_rent", "google_other_rents")
    outside_web = sum(beside.others()[name].rows[0].value for name in rents)
    assert inside + outside_web == pytest.approx(43.785, abs=0.05)
