"""What the pages compute once for all visits: what is run again, what is kept, what is forgotten."""

import ast
from pathlib import Path

import pytest

from core.model import engine
from core.scenario.levers import Scenario
from pages.kit.visit import cached
from tests.apptest import lever_of


@pytest.fixture
def asked(monkeypatch):
    """Note every scenario that a reading asks the engine for."""
    found = []
    real = engine.run

    def run(web, scenarios, *rest, **named):
        if isinstance(scenarios, list):  # the warming of a server that starts asks as well
            found.append(scenarios[0]["g"])
        return real(web, scenarios, *rest, **named)

    monkeypatch.setattr(cached.engine, "run", run)
    return found


def test_a_scenario_that_was_read_is_not_run_again(visit, asked):
    at = visit({"r": "3.15"})
    lever_of(at, "g").type("12.5").run()
    lever_of(at, "g").type("-8.5").run()
    assert {12.5, -8.5} <= set(asked)
    asked.clear()
    lever_of(at, "g").type("12.5").run()
    assert 12.5 not in asked


def test_a_slider_that_started_between_its_stops_sends_a_round_number(visit):
    at = visit({"g": "20.37"})
    lever_of(at, "g").set_value(18.999999999999996).run()
    assert at.query_params["g"] == "19"


@pytest.fixture
def counted(monkeypatch):
    """Count what is made anew; stand-ins for what takes long, and empty caches before and after."""
    made = []

    def make(what):
        return lambda *_given, **_named: made.append(what) or object()

    cached.forget()
    monkeypatch.setattr(cached.web, "load_web", make("web"))
    monkeypatch.setattr(cached.engine, "run", make("run"))
    monkeypatch.setattr(cached.measures, "Measures", make("measures"))
    monkeypatch.setattr(cached.reading, "Reading", make("reading"))
    monkeypatch.setattr(cached.visit, "extras", dict)
    yield lambda what: made.count(what)
    cached.forget()


def _web_of(number):
    return cached._web((f"coreweave.cash:{number}",))


def _reading_of(number):
    scenario = Scenario.default().replace(g=number / 10)
    return cached.read(scenario)


@pytest.mark.parametrize(
    ("get", "what", "most"), [(_web_of, "web", 32), (_reading_of, "reading", cached.KEPT)]
)
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


def test_readings_push_no_search_out(counted, monkeypatch):
    monkeypatch.setattr(cached.investors, "hump", lambda *_given: object())
    found = cached.hump(Scenario.default())
    for number in range(cached.KEPT + 1):
        _reading_of(number)
    assert cached.hump(Scenario.default()) is found
    assert cached._searched.cache_info().maxsize == cached.SEARCHED <= 256
    cached.forget()


def test_every_cache_of_all_visits_is_bounded():
    for function in ast.walk(ast.parse(Path(cached.__file__).read_text(encoding="utf-8"))):
        if not isinstance(function, ast.FunctionDef):
            continue
        for decorator in function.decorator_list:
            if "cache" in ast.unparse(decorator):
                limits = [ast.unparse(word.value) for word in decorator.keywords if word.arg == "maxsize"]
                assert 0 < eval(limits[0], vars(cached)) <= 256, function.name
