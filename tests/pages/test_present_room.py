"""What a presenter asks of a room, and what the model answers to it."""

import pytest
import streamlit as st

from core.scenario.levers import Scenario, lever
from pages.kit.audience.rooms import Rooms
from pages.kit.audience.shown import spoken
from pages.kit.frame import room as own_room
from pages.kit.frame.frame import PAGES
from pages.kit.parts import present_room
from pages.kit.visit import visit

LANGUAGES = visit.LANGUAGES
VOTERS = [f"{number:022d}" for number in range(5)]


@pytest.fixture
def session(monkeypatch):
    """A visit without a browser, whose rooms are its own; gives its state."""
    state = {}
    monkeypatch.setattr(st, "session_state", state)
    visit.stand(visit.Step(Scenario.default()))
    rooms = Rooms()
    rooms.is_served = True
    for module in (present_room, own_room):
        monkeypatch.setattr(module, "ROOMS", rooms)
    return state


def voted(session, word, answers):
    """Open a room, ask it, and let it answer; gives the room."""
    room = present_room.begin(public=True)
    room.ask(present_room.question(word))
    for voter, value in zip(VOTERS, answers, strict=False):
        room.welcome(voter)
        room.vote(voter, 1, value)
    return room


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_question_is_asked_in_both_languages(session, language):
    for word, asked in present_room.questions().items():
        question = present_room.question(word)
        assert set(question.words) == set(LANGUAGES)
        assert len(set(question.words.values())) == len(LANGUAGES)
        assert question.words[visit.language()] == asked
        if word == present_room.FIRST:
            assert {"coreweave", "openai", present_room.NOBODY} <= set(question.options)
        else:
            assert (question.low, question.high) == (lever(word).low, lever(word).high)
            assert spoken(question.unit, language) == "%"


@pytest.mark.parametrize("word", ["g", "r", "u"])
def test_the_median_is_drawn_over_the_points_at_which_somebody_breaks(session, word):
    low, high = lever(word).low, lever(word).high
    answers = [low, high, low + (high - low) / 2]
    room = voted(session, word, answers)
    result = present_room.result(room)
    assert result["median"] == answers[2]
    assert result["today"] == Scenario.default()[word]
    assert result["band"][0][0] == low
    assert result["band"][-1][1] == high
    near = [abs(one["at"] - result["median"]) for one in result["breaks"]]
    assert near == sorted(near)  # the first one is the one that matters
    assert result["says"]["nl"].startswith("De zaal zegt")
    assert result["rest"]["en"] != result["rest"]["nl"]
    present_room.asked("lever")
    assert visit.scenario()[word] == answers[2]
    assert room.question is None


def test_a_room_that_says_nothing_has_no_median(session):
    room = voted(session, "g", [])
    assert present_room.result(room)["says"]["en"] == "Nobody has answered."
    before = visit.scenario()
    present_room.asked("lever")
    assert visit.scenario() == before


@pytest.mark.parametrize(("demand", "model", "told"), [(35, "nobody", "nobody"), (0, "openai", "OpenAI")])
def test_the_model_says_who_fails_first(session, demand, model, told):
    visit.move(g=demand)
    room = voted(session, present_room.FIRST, ["xai", "xai", "coreweave"])
    result = present_room.result(room)
    assert result["model"] == model
    assert result["says"]["en"] == f"The room says xAI, the model {told}."


def test_keys_open_and_close_show_and_hide(session):
    present_room.asked("v")
    assert session[present_room.OPEN]  # there is nothing to vote on yet
    room = voted(session, "g", [10])
    present_room.asked("v")
    assert not room.is_voting
    present_room.asked("v")
    assert room.is_voting
    present_room.asked("h")
    assert (room.is_revealed, room.is_voting) == (True, False)
    present_room.asked("h")
    assert not room.is_revealed
    present_room.asked("away")
    assert room.question is None


def test_the_speakers_room_is_closed_to_an_audience_until_it_is_opened(session):
    present_room.asked("s")
    room = own_room.room()
    assert not room.public
    assert present_room.begin(public=True) is room
    assert room.public


def test_a_token_goes_on_with_its_room_and_no_other_does(session):
    room = present_room.begin(public=True)
    session.clear()
    for kept in (
        {},
        {"code": room.code},
        {"code": room.code, "driver": "x" * 500},
        {"code": 5, "driver": None},
    ):
        own_room.resume(kept)
        assert own_room.room() is None
    own_room.resume({"code": room.code.lower(), "driver": room.driver})
    assert own_room.room() is room


def test_an_audience_is_shown_each_page_once_in_both_languages(session, monkeypatch):
    room = present_room.begin(public=True)
    told = []
    monkeypatch.setattr(room, "_tell", lambda: told.append(room.shown))  # what goes out
    for _turn in range(2):
        for entry in PAGES[:2]:
            present_room.follow(entry)
    assert [one.path for one in told] == ["", "neoclouds"] * 2
    present_room.follow(PAGES[1])
    assert len(told) == 4
    visit.move(g=0)
    present_room.follow(PAGES[1])
    assert "g=0" in told[-1].query
    assert "OpenAI" in told[-1].headline["nl"]
    assert told[-1].headline["nl"] != told[-1].headline["en"]
    assert room.driver not in repr(told)


def test_a_full_server_says_so(session, monkeypatch):
    monkeypatch.setattr(present_room, "ROOMS", Rooms(most=0))
    assert present_room.begin(public=True) is None
    assert "as many rooms as it can hold" in session["room_told"]


def test_a_vote_that_is_opened_again_takes_its_result_from_the_screens(session):
    room = voted(session, "g", [10])
    present_room.asked("h")
    assert room.is_revealed
    present_room.asked("v")
    assert (room.is_revealed, room.is_voting) == (False, True)


@pytest.mark.parametrize("word", ["g", "r", "u", present_room.FIRST])
def test_a_presenter_who_comes_back_in_a_vote_can_show_its_result(session, word):
    room = voted(session, word, [])
    session.clear()
    visit.stand(visit.Step(Scenario.default()))
    own_room.resume({"code": room.code, "driver": room.driver})
    present_room.asked("h")
    assert room.is_revealed
