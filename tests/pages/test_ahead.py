"""What the browser has beforehand is what the server draws when the lever comes to rest there."""

import json

import pytest

from pages.kit.drawing import ahead, plot
from pages.kit.visit import visit as visit_of_page
from tests.apptest import drawings

# Every page with charts that follow the levers, in each of its views; where the chain of failures changes.
VIEWS = [
    ("overview", {}),
    ("overview", {"lang": "nl"}),
    ("neoclouds", {"co": "coreweave"}),
    ("neoclouds", {"co": "terawulf"}),
    ("neoclouds", {"co": "fluidstack"}),
    ("private_credit", {"fund": "infra_credit"}),
    ("private_credit", {"fund": "pimco", "g": "-30"}),
    ("guarantors", {"giver": "alphabet", "look": "debt"}),
    ("guarantors", {"giver": "oracle", "look": "circle"}),
    ("chain_reaction", {"g": "-10"}),
    ("deals", {"deal": "hyperion", "mr": "no", "h": "2033"}),
    ("deals", {"deal": "wrap"}),
    ("deals", {"deal": "circle"}),
    ("deals", {"deal": "leases", "fl": "no"}),
    ("funding_gap", {}),
    ("compare", {"to": "now", "gw": "no"}),
    ("data", {}),
]
STANDS = ("figure", "svg")


@pytest.fixture(autouse=True)
def quiet(monkeypatch):
    """As if no other test had a visit of its own just now, on a machine that is quick enough."""
    monkeypatch.setattr(ahead, "_crowded", lambda: False)
    monkeypatch.setattr(ahead, "BUDGET", 60.0)


def standing(at) -> dict[str, dict]:
    """What is drawn on the page, by key: its figure or strip, and its words."""
    found = [drawing for drawing in drawings(at) if "key" in drawing]
    return {one["key"]: {name: one[name] for name in (*STANDS, "alt") if name in one} for one in found}


def sent(at) -> dict[float, dict[str, dict]]:
    """What was sent for other stops in this run."""
    return {stop: made for one in drawings(at) for stop, made in one.get("stops", ())}


def known(told: dict[float, dict], more: dict[float, dict]) -> dict[float, dict]:
    return {stop: told.get(stop, {}) | more.get(stop, {}) for stop in (*told, *more)}


@pytest.mark.parametrize(("page", "link"), VIEWS, ids=lambda part: part if isinstance(part, str) else None)
@pytest.mark.parametrize(("lever", "value", "step"), [("g", 15.0, 1.0), ("r", 4.5, 0.25)])
def test_the_next_stop_looks_as_was_sent_before(visit, page, link, lever, value, step):
    start = {"g": "15"} | link
    at = visit(start, page=f"pages/{page}.py")
    value = float(start["g"]) if lever == "g" else value
    told = {}
    for stop in (value - step, value, value + step):
        at.slider(key=f"slider_{lever}").set_value(stop).run()
        assert not at.exception
        told = known(told, sent(at))
    assert {"strip_g", "strip_r", "strip_u"} <= set(standing(at)) == set(told[value + 2 * step])
    for stop in (value, value + 2 * step, value + 6 * step):
        at.slider(key=f"slider_{lever}").set_value(stop).run()
        there = standing(at)
        before = told.get(stop, {})
        assert before == {key: drawing for key, drawing in there.items() if key in before}
        assert set(before) >= {key for key in there if key.startswith("chart_")}


def test_a_stop_is_sent_once(visit):
    at = visit({"g": "20"})
    assert sent(at) == {}  # no lever has moved yet
    at.slider(key="slider_g").set_value(21.0).run()
    first = sent(at)
    assert sorted(first) == [15.0, 16.0, 17.0, 18.0, 19.0, 20.0, 22.0, 23.0, 24.0, 25.0, 26.0, 27.0]
    at.slider(key="slider_g").set_value(22.0).run()
    assert sorted(sent(at)) == [23.0, 28.0]  # the strips of one, the charts of the other
    at.slider(key="slider_u").set_value(80.0).run()  # another lever: all of its stops are new
    assert len(sent(at)) == 12
    at.slider(key="slider_u").set_value(85.0).run()
    at.slider(key="slider_g").set_value(21.0).run()  # where we have been, with everything else as it was then
    assert sorted(sent(at)) == []


def test_at_the_end_of_a_lever_stops_are_sent_on_one_side(visit):
    at = visit({"g": "99"})
    at.slider(key="slider_g").set_value(100.0).run()
    assert max(sent(at)) == 99.0


def test_a_year_is_sent_as_a_year(visit):
    at = visit({"g": "0"}, opened=("more_levers",))
    at.slider(key="lever_t").set_value(2028).run()
    assert sorted(sent(at)) == [2026, 2027, 2029, 2030]


def test_charts_are_sent_further_ahead_than_strips(visit):
    at = visit({"g": "20"})
    at.slider(key="slider_g").set_value(21.0).run()
    kinds = {stop: {key.partition("_")[0] for key in made} for stop, made in sent(at).items()}
    assert kinds == {stop: {"chart", "strip"} if stop in (20.0, 22.0) else {"chart"} for stop in kinds}


def test_looking_ahead_ends_in_time_and_goes_on_in_the_next_run(visit, monkeypatch):
    monkeypatch.setattr(ahead, "BUDGET", 0.0)
    at = visit({"g": "20"})
    at.slider(key="slider_g").set_value(21.0).run()
    first = set(sent(at))
    assert len(first) <= 1
    monkeypatch.setattr(ahead, "BUDGET", 60.0)
    at.run()
    assert len(first | set(sent(at))) == 12


def test_nobody_looks_ahead_while_others_wait(visit, monkeypatch):
    monkeypatch.setattr(ahead, "_crowded", lambda: True)
    at = visit({"g": "20"})
    at.slider(key="slider_g").set_value(21.0).run()
    assert sent(at) == {}
    monkeypatch.setattr(ahead, "_crowded", lambda: False)
    at.slider(key="slider_g").set_value(22.0).run()
    assert len(sent(at)) == 11  # all but where we come from: nothing counts as sent that was not


def test_a_crowd_is_another_visitor_a_moment_ago(monkeypatch):
    monkeypatch.undo()
    runs = {"me": 0.0, "other": 100.0}
    monkeypatch.setattr(ahead, "_last_runs", lambda: runs)
    monkeypatch.setattr(ahead, "_visitor", lambda: "me")
    monkeypatch.setattr(ahead.time, "monotonic", lambda: 100.5)
    assert ahead._crowded()
    monkeypatch.setattr(ahead.time, "monotonic", lambda: 101.5)
    assert not ahead._crowded()
    monkeypatch.setattr(ahead, "_visitor", lambda: "other")
    runs["me"] = 101.4
    assert ahead._crowded()


@pytest.mark.parametrize(
    ("asked", "taken"),
    [
        (["g", 12], ("g", 12)),
        (["r", 3.25], ("r", 3.25)),
        (["r", 3.3], None),  # no stop of that lever
        (["g", 1e9], None),
        (["g", "12"], None),
        (["gw", True], None),
        (["<img src=x>", 1], None),
        (None, None),
    ],
)
def test_only_a_stop_of_a_lever_can_be_asked_for(monkeypatch, asked, taken):
    monkeypatch.setattr(plot, "asked", lambda key: asked)
    assert ahead._asked() == taken


def test_what_is_asked_for_is_sent_with_the_charts_of_the_page(visit, monkeypatch):
    at = visit({"g": "20"})
    monkeypatch.setattr(plot, "asked", lambda key: ["g", -5])
    at.run()
    told = sent(at)
    monkeypatch.setattr(plot, "asked", lambda key: None)
    at.slider(key="slider_g").set_value(-5.0).run()
    charts = {key: drawing for key, drawing in standing(at).items() if key.startswith("chart_")}
    assert len(charts) == 3
    assert told == {-5: charts}


def test_who_points_at_a_lever_gets_its_stops(visit, monkeypatch):
    at = visit({"g": "20", "r": "4"})
    monkeypatch.setattr(plot, "asked", lambda key: ["r", 4.0])
    at.run()
    told = sent(at)
    assert len(told) == 12
    monkeypatch.setattr(plot, "asked", lambda key: None)
    at.slider(key="slider_r").set_value(4.25).run()
    assert standing(at) == told[4.25]


def test_supposing_ends_with_its_block():
    here = visit_of_page.scenario()
    with visit_of_page.supposing(here.replace(g=1.0)):
        assert visit_of_page.scenario()["g"] == 1.0
    assert visit_of_page.scenario() == here


def test_drawings_of_a_page_tell_what_they_depend_on(visit):
    at = visit({"g": "20"})
    scenes = [one["scene"] for one in drawings(at)]
    assert all(scene == scenes[0] for scene in scenes)
    assert scenes[0]["values"]["g"] == 20.0
    other = visit({"g": "20", "lang": "nl"})
    assert json.dumps(drawings(other)[0]["scene"]["id"]) != json.dumps(scenes[0]["id"])
