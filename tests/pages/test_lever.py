"""A lever of our own: what is typed and dragged, what is refused, what stands on and under its track."""

from itertools import pairwise

import pytest

from core.questions import explore
from core.scenario.levers import Scenario, levers
from core.web.web import load_web
from pages.kit.frame import lever as ours
from tests.apptest import can, headline, lever_of, press
from tests.pages.test_frame import levers_in_address

LANGUAGES = ("en", "nl")
TAKEN = [
    ("r", "0,5", 0.5),
    ("r", "6,5", 6.5),
    ("r", "6.5", 6.5),
    ("r", "6,5 %", 6.5),
    ("r", " 6,5% ", 6.5),
    ("g", "7,5", 7.5),
    ("g", "−5", -5.0),
    ("g", "-5", -5.0),
    ("g", "1,2", 1.2),
    ("u", "72,5", 72.5),
    ("s", "250 bp", 250.0),
    ("s", "1000", 1000.0),
    ("h", "2031", 2031.0),
]
REFUSED = [
    ("g", "1.000", "1000"),
    ("g", "abc", "abc"),
    ("u", "99", "98"),
    ("r", "", "3"),
    ("g", "nan", "nan"),
    ("g", "1e999", "1e999"),
    ("s", "1.000", "1000"),
    ("h", "1e999", "1e999"),
    ("t", "nan", "nan"),
    ("h", "2031,5", "2031,5"),
    ("g", "<b>7</b>", "<b>7</b>"),
]


@pytest.fixture
def unfolded(visit):
    def open_page(link):
        at = visit({"e": "2.2"} | link)  # no story: a test cannot send the name of one in Dutch
        at.session_state["more_levers"] = True
        return at.run()

    return open_page


def test_a_drag_that_comes_back_to_where_it_began_is_no_step(visit):
    at = visit({"r": "5"})
    for value in (24.0, 13.0, 35.0):
        lever_of(at, "g").hold(value, drag=7).run()
    lever_of(at, "g").set_value(35.0, drag=7).run()
    assert levers_in_address(at) == {"r": "5"}
    assert not can(at, "undo")


def test_what_is_no_end_of_a_year_does_not_stop_the_visit(unfolded):
    at = unfolded({})
    lever_of(at, "h").type("1e999").run()
    assert not at.exception
    lever_of(at, "g").set_value(4.0).run()
    assert not at.exception
    assert lever_of(at, "g").value == 4


def test_an_old_story_that_comes_with_a_move_of_a_lever_is_not_taken(visit):
    """The browser still sends the name that the list showed before, with the second value of a drag."""
    at = visit({"g": "35"})
    assert at.selectbox(key="preset").value == "base"
    lever_of(at, "g").hold(24.0).run()
    assert at.selectbox(key="preset").value is None
    at.selectbox(key="preset").set_value("base")
    lever_of(at, "g").hold(13.0).run()
    assert lever_of(at, "g").value == 13
    assert at.selectbox(key="preset").value is None
    press(at, "undo").run()
    assert levers_in_address(at) == {"g": "35"}  # where the drag began


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("word", "typed", "value"), TAKEN)
def test_what_is_typed_is_read_as_people_write_it(unfolded, language, word, typed, value):
    at = unfolded({"lang": language})
    lever_of(at, word).type(typed).run()
    assert not at.exception
    assert lever_of(at, word).value == value
    assert lever_of(at, word).data["refused"] == ""
    assert float(levers_in_address(at)[word]) == value


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("word", "typed", "told"), REFUSED)
def test_what_cannot_be_taken_says_why_until_something_is(unfolded, language, word, typed, told):
    at = unfolded({"lang": language})
    before = lever_of(at, word).value
    lever_of(at, word).type(typed).run()
    assert not at.exception
    one = lever_of(at, word).data
    assert (one["value"], one["typed"]) == (before, typed.strip())
    assert told in one["refused"]
    assert one["text"] in one["refused"]  # what stands instead
    assert levers_in_address(at) == {"e": "2.2"}
    at.run()
    assert lever_of(at, word).data["refused"] == one["refused"]
    lever_of(at, "g").type("12").run()
    assert lever_of(at, word).data["refused"] == ""


def test_a_refusal_speaks_the_language_of_the_reader(visit):
    visits = [lever_of(visit({"lang": one, "g": "3"}), "g").type("abc").run() for one in LANGUAGES]
    english, dutch = (lever_of(at, "g") for at in visits)
    assert "is not a number" in english.data["refused"]
    assert "is geen getal" in dutch.data["refused"]


def test_a_field_shows_the_sign_of_the_reader(visit):
    for language, text in (("en", "6.25"), ("nl", "6,25")):
        assert lever_of(visit({"r": "6.25", "lang": language}), "r").data["text"] == text
    assert lever_of(visit({"g": "-3.5", "lang": "nl"}), "g").data["text"] == "−3,5"


def test_all_of_a_drag_is_one_step_back(visit):
    at = visit({"g": "20"})
    for value in (18.0, 12.0, 5.0, 0.0):
        lever_of(at, "g").set_value(value, drag=7).run()
        assert levers_in_address(at) == {"g": f"{value:g}"}
    lever_of(at, "g").set_value(40.0, drag=8).run()
    press(at, "undo").run()
    assert levers_in_address(at) == {"g": "0"}
    press(at, "undo").run()
    assert levers_in_address(at) == {"g": "20"}
    press(at, "redo").run()
    assert levers_in_address(at) == {"g": "0"}


def test_an_answer_names_the_move_that_was_taken_and_takes_it_once(visit):
    at = visit({})
    assert lever_of(at, "g").data["answered"] is None
    moved = {"moved": {"n": 5, "value": 0.0}}
    at.session_state["lever_g"] = moved
    at.run()
    assert lever_of(at, "g").data["answered"] == 5
    press(at, "undo")
    at.session_state["lever_g"] = moved  # the browser still has it
    at.run()
    assert levers_in_address(at) == {}


@pytest.mark.parametrize(
    "moved",
    [
        {"value": 1e9},
        {"value": "12"},
        {"value": None},
        {"value": float("nan")},
        {},
        {"text": "9" * 500},
        {"text": 7e400},
    ],
)
def test_what_no_slider_of_ours_sends_moves_nothing(visit, moved):
    at = visit({"g": "10"})
    at.session_state["lever_g"] = {"moved": {"n": 1, **moved}}
    at.run()
    assert not at.exception
    assert lever_of(at, "g").value == 10


@pytest.mark.parametrize("end", [0, 1])
def test_every_lever_goes_to_both_its_ends(unfolded, end):
    at = unfolded({"g": "3"})
    for one in levers():
        if one.kind in ("number", "year"):
            value = (one.low, one.high)[end]
            lever_of(at, one.id).set_value(value).run()
            assert not at.exception
            assert lever_of(at, one.id).value == value
    assert headline(at)


@pytest.mark.parametrize("scenario", [{}, {"g": "0"}, {"g": "-15", "u": "60", "r": "7"}])
def test_the_nearest_breaking_points_stand_under_the_track_as_exact_as_anywhere(visit, scenario):
    at = visit(scenario)
    here = Scenario.default().replace(**{word: float(value) for word, value in scenario.items()})
    for word in ("g", "r", "u"):
        data = lever_of(at, word).data
        points = [p.value for p in explore.break_points(load_web(), here, word) if p.value is not None]
        marks = [mark["value"] for mark in data["marks"]]
        assert marks == sorted(marks)
        assert len(marks) <= ours.NAMED
        for mark in data["marks"]:
            assert min(abs(mark["value"] - point) for point in points) < 1e-9
            assert f"{mark['value']:.1f}".removesuffix(".0").replace("-", "−") in mark["words"]
        if points:
            near = min(points, key=lambda point: abs(point - data["value"]))
            assert any(abs(mark - near) <= 1.0 for mark in marks)
            assert "would" in data["line"]


def test_a_sentence_is_the_right_way_round(visit):
    alive, failed = (lever_of(visit({"g": g}), "g").data["line"] for g in ("11", "8"))
    assert alive.startswith("OpenAI would fail below 9.9")
    assert failed.startswith("OpenAI would survive above 9.9")


def test_the_band_covers_the_whole_way_and_its_colours_are_explained_once(visit):
    at = visit({"g": "0"})
    for word in ("g", "r", "u"):
        data = lever_of(at, word).data
        band = data["band"]
        assert (band[0][0], band[-1][1]) == (data["low"], data["high"])
        assert all(left[1] == right[0] for left, right in pairwise(band))
        assert {colour for *_places, colour in band} <= set(lever_of(at, "u").data["key"]["colours"])
    assert [word for word in ("g", "r", "u") if "key" in lever_of(at, word).data] == ["u"]


def test_an_old_browser_gets_sliders_of_streamlits_own(visit):
    at = visit({"g": "10"})
    at.session_state["lever_g"] = {"plain": True}
    at.run()
    at.session_state["lever_g"] = {"plain": True}
    at.slider(key="lever_g_plain").set_value(4.0).run()
    assert not at.exception
    assert levers_in_address(at) == {"g": "4"}
