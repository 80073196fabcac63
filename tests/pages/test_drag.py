"""What the browser gets for a stop while a lever is dragged is what the server draws when it rests there."""

import pytest

from pages.kit.drawing import drag, plot
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
]
STANDS = ("figure", "figures", "svg", "alt", "title", "caption", "note")


def standing(at) -> dict[str, dict]:
    """What is drawn on the page, by key: its chart, figures or strip, and its words."""
    found = [drawing for drawing in drawings(at) if "key" in drawing]
    return {one["key"]: {name: one[name] for name in STANDS if name in one} for one in found}


def sent(at) -> dict[float, dict[str, dict]]:
    """What was sent for other stops in this run."""
    return {stop: made for one in drawings(at) for stop, made in one.get("stops", ()) if made}


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
    assert drag._asked() == taken


@pytest.mark.parametrize(("page", "link"), VIEWS, ids=lambda part: part if isinstance(part, str) else None)
@pytest.mark.parametrize(("lever", "stop"), [("g", -5.0), ("r", 6.25), ("h", 2029)])
def test_a_stop_that_is_asked_for_looks_as_the_page_does_there(visit, monkeypatch, page, link, lever, stop):
    file, start = f"pages/{page}.py", {"g": "15"} | link
    at = visit(start, page=file)
    assert sent(at) == {}
    monkeypatch.setattr(plot, "asked", lambda key: [lever, stop])
    at.run()
    assert not at.exception
    told = sent(at)
    monkeypatch.setattr(plot, "asked", lambda key: None)
    there = {
        key: drawing
        for key, drawing in standing(visit(start | {lever: f"{stop:g}"}, page=file)).items()
        if not key.startswith("strip_")
    }
    assert told == {stop: {key: drawing for key, drawing in there.items() if key in told[stop]}}
    assert set(told[stop]) == set(there) & set(standing(at))


def test_drawings_of_a_page_tell_what_they_depend_on(visit):
    at = visit({"g": "20"})
    scenes = [one["scene"] for one in drawings(at) if "svg" not in one]
    assert all(scene == scenes[0] for scene in scenes)
    assert scenes[0]["values"]["g"] == 20.0
    other = visit({"g": "20", "lang": "nl"})
    assert next(one["scene"]["id"] for one in drawings(other) if "svg" not in one) != scenes[0]["id"]
