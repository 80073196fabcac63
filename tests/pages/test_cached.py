"""The next move of a lever finds its run: the same figures, without waiting for the engine."""

import ast
from pathlib import Path

import pytest

from core.kernel import engine
from core.layout.compile import compile_layout
from core.model.result import Result
from core.questions.explore import number_levers, walk
from core.scenario.levers import Scenario
from core.web.web import load_web
from pages.kit.visit import cached
from tests.apptest import pictures


@pytest.fixture
def asked(monkeypatch):
    """Note every scenario that the engine is asked for alone; walks and strips are batches of their own."""
    found = []
    real = engine.run

    def run(web, scenarios, *rest, **named):
        found.append(scenarios[0]["g"])
        return real(web, scenarios, *rest, **named)

    monkeypatch.setattr(cached.engine, "run", run)
    return found


def seen(at) -> list:
    return [at.title[0].value, *(text.value for text in at.markdown), *pictures(at)]


# every page a rate of its own: what another test asked for is known already
@pytest.mark.parametrize(
    ("page", "rate"),
    [("overview", "3.11"), ("neoclouds", "3.12"), ("chain_reaction", "3.13"), ("deals", "3.14")],
)
def test_a_second_move_of_a_lever_does_not_wait_for_the_engine(visit, asked, page, rate):
    file = f"pages/{page}.py"
    at = visit({"r": rate}, page=file)
    at.slider(key="slider_g").set_value(12.0).run()
    assert 12.0 in asked
    asked.clear()
    at.slider(key="slider_g").set_value(-8.0).run()
    assert asked == []
    before, parts = seen(at), dict(at.query_params)
    cached._read.clear()
    cached._deal.clear()
    cached._picture.clear()
    cached._walks.clear()
    fresh = visit(parts, page=file)
    assert -8.0 in asked
    now = seen(fresh)
    assert [text for text in before if text not in now] == []


def test_between_two_stops_and_along_another_lever_the_engine_runs(visit, asked):
    at = visit({"r": "3.15"})
    at.slider(key="slider_g").set_value(12.0).run()
    asked.clear()
    at.number_input(key="field_g").set_value(12.5).run()
    assert asked == [12.5]
    at.slider(key="slider_u").set_value(70.0).run()
    assert asked == [12.5, 12.5]


def test_only_a_move_of_one_lever_prepares_the_next(visit):
    at = visit({"r": "3.16"})
    at.slider(key="slider_g").set_value(12.0).run()
    assert at.session_state["moved_last"] == "g"
    at.slider(key="slider_u").set_value(70.0).run()
    assert at.session_state["moved_last"] == "u"
    at.button(key="undo").click().run()
    assert at.session_state["moved_last"] is None


def test_walks_compiled_at_different_times_are_not_mixed(visit, monkeypatch):
    """A web that was dropped from memory and compiled anew is the same web in other objects."""
    at = visit({"r": "3.17"}, page="pages/deals.py")
    at.slider(key="slider_g").set_value(12.0).run()
    real = cached._passing
    again = {}

    def passing(scenario, edits):
        found = real(scenario, edits)
        if found is None or scenario["mr"]:
            return found
        again["layout"] = compile_layout.__wrapped__(found[0].layout.web)
        return Result(again["layout"], found[0].levers, found[0].record), found[1]

    monkeypatch.setattr(cached, "_passing", passing)
    at.slider(key="slider_g").set_value(-8.0).run()
    assert again
    assert not at.exception


def test_what_has_not_been_used_for_longest_is_forgotten():
    lately = cached.Lately(8)
    keys = [("g", g) for g in range(9)]
    for key in keys[:-1]:
        lately.keep(key, f"made at {key}")
    assert lately.find(keys[0]) == "made at ('g', 0)"  # used again
    lately.keep(keys[-1], "made last")
    assert lately.find(keys[1]) is None
    assert all(lately.find(known) for known in (keys[0], *keys[2:]))


def test_a_walk_is_of_one_web_and_of_all_other_levers(monkeypatch):
    walks = cached.Lately(8)
    monkeypatch.setattr(cached, "_walks", lambda: walks)
    scenario = Scenario.default().replace(g=20)
    walks.keep(cached._walk_key(scenario, (), "g"), walk(load_web(), scenario, "g", keep=()))
    result, place = cached._passing(scenario.replace(g=-30), ())
    assert isinstance(result, Result)
    assert result.levers["g"][place] == -0.3
    assert cached._passing(scenario.replace(g=20.5), ()) is None
    assert cached._passing(scenario.replace(r=5), ()) is None
    assert cached._passing(scenario, ("coreweave.cash:1",)) is None
    assert "g" in number_levers()


def test_a_slider_that_started_between_its_stops_sends_a_round_number(visit):
    at = visit({"g": "20.37"})
    at.slider(key="slider_g").set_value(18.999999999999996).run()
    assert at.query_params["g"] == "19"


@pytest.fixture
def counted(monkeypatch):
    """Count what is made anew; stand-ins for what takes long, and empty caches before and after."""
    made = []

    def make(what):
        return lambda *_given, **_named: made.append(what) or object()

    caches = [cached._web, cached._read]
    for cache in caches:
        cache.clear()
    monkeypatch.setattr(cached.web, "load_web", make("web"))
    monkeypatch.setattr(cached.engine, "run", make("run"))
    monkeypatch.setattr(cached.measures, "Measures", make("measures"))
    monkeypatch.setattr(cached.reading, "Reading", make("reading"))
    monkeypatch.setattr(cached, "_passing", lambda *_of: None)
    monkeypatch.setattr(cached.visit, "extras", dict)
    yield lambda what: made.count(what)
    for cache in caches:
        cache.clear()


def _web_of(number):
    return cached._web((f"coreweave.cash:{number}",))


def _reading_of(number):
    scenario = Scenario.default().replace(g=number / 10)
    return cached._read(scenario.values, (), scenario)


@pytest.mark.parametrize(("get", "what", "most"), [(_web_of, "web", 32), (_reading_of, "reading", 64)])
def test_webs_and_readings_are_kept_and_the_oldest_go(counted, get, what, most):
    """Visitors come with edits and levers of their own: without a bound each would cost memory for good."""
    kept = [get(number) for number in range(most)]
    begun = counted(what)
    assert [get(number) for number in range(most)] == kept
    assert counted(what) == begun
    get(most)
    assert get(1) is kept[1]
    assert get(0) is not kept[0]
    assert counted(what) == begun + 2


def test_every_cache_of_all_visits_is_bounded():
    """By `max_entries`, or it holds one thing: `Lately` bounds itself."""
    for function in ast.walk(ast.parse(Path(cached.__file__).read_text(encoding="utf-8"))):
        if not isinstance(function, ast.FunctionDef):
            continue
        for decorator in function.decorator_list:
            if "cache_" in ast.unparse(decorator):
                limits = [word.value.value for word in decorator.keywords if word.arg == "max_entries"]
                keyed = [one.arg for one in function.args.args if not one.arg.startswith("_")]
                assert not keyed or 0 < limits[0] <= 256, function.name
                assert keyed or "Lately" in ast.unparse(function.returns), function.name
