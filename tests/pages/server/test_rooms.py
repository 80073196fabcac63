"""Rooms as state: what each listener gets, which answers count, what is refused, and when it is over."""

import json
import math
import threading
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pages.kit.audience import rooms as module
from pages.kit.audience.limits import Allowance
from pages.kit.audience.listener import BEHIND, Listener
from pages.kit.audience.rooms import Full, Rooms
from pages.kit.audience.shown import Question, Refused, in_language
from tests.rooms_app import DEMAND, FIRST, RESULT, SHOWN, STAGED


class Clock:
    """Time that only a test moves on."""

    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def house(clock):
    return Rooms("K", clock)


def listen(room, language="en", *, is_speaker=False, voter=""):
    listener = Listener(language, lambda: None, is_speaker=is_speaker)
    room.listen(listener, voter)
    return listener


def heard(listener):
    """The messages that wait for a listener: (event, id, data)."""
    found = []
    for part in listener.take().decode().split("\n\n")[:-1]:
        fields = dict(line.split(": ", 1) for line in part.split("\n"))
        found.append((fields["event"], int(fields["id"]), json.loads(fields["data"])))
    return found


def refused(room, *vote):
    with pytest.raises(Refused) as why:
        room.vote(*vote)
    return why.value.why


def voters(room, count):
    found = [f"v{number}" for number in range(count)]
    for voter in found:
        room.welcome(voter)
    return found


# ---- codes


def test_a_code_is_easy_to_read_and_found_however_it_is_typed(house):
    codes = {house.open("en").code for _room in range(module.MOST_ROOMS)}
    assert len(codes) == module.MOST_ROOMS
    for code in codes:
        assert 4 <= len(code) <= 6
        assert code[0] == "K"
        assert not set(code) & set("0O1Il")
        assert house.find(f"  {code.lower()}\n") is house.find(code) is not None


@pytest.mark.parametrize("code", ["", " ", "KKKKK", "K" * 10_000, "kmrt\0", "ﬀ", "../K", "0O1Il"])
def test_what_is_no_code_finds_nothing(house, code):
    house.open("en")
    assert house.find(code) is None
    assert not house.has_ended(code)


@pytest.mark.parametrize(("letter", "first"), [("c", "C"), ("", "A"), ("0", "A"), ("I", "A"), ("é", "A")])
def test_the_first_letter_names_the_process(clock, letter, first):
    assert Rooms(letter, clock).open("en").code[0] == first


def test_only_the_token_drives(house):
    one, two = house.open("en"), house.open("nl")
    assert house.driven(one.code, one.driver) is one
    for token in ("", two.driver, one.driver[:-1], one.driver + "é", one.code):
        assert house.driven(one.code, token) is None


# ---- what is heard


def test_who_comes_late_is_told_the_present_state_first(house):
    room = house.open("en")
    early = listen(room)
    room.publish(SHOWN)
    room.publish(replace(SHOWN, step=7))
    assert [data["shown"] and data["shown"]["step"] for _event, _id, data in heard(early)] == [None, 6, 7]
    late = heard(listen(room, "nl"))
    assert len(late) == 1
    assert late[0][2]["shown"]["headline"] == SHOWN.headline["nl"]
    assert late[0][2]["shown"]["query"] == "m=1&g=0&lang=nl"


def test_a_run_of_the_page_that_changes_nothing_is_not_told(house):
    room = house.open("en")
    audience, speaker = listen(room), listen(room, is_speaker=True)
    for _run in range(3):
        room.publish(replace(SHOWN))
        room.stage(dict(STAGED))
    assert (len(heard(audience)), len(heard(speaker))) == (2, 3)


def test_every_move_is_heard_once_and_in_order_by_who_keeps_up(house):
    room = house.open("en")
    all_ = [listen(room, language) for language in ("en", "nl") for _one in range(5)]
    for one in all_:
        heard(one)
    steps = {one: [] for one in all_}
    for step in range(50):
        room.publish(replace(SHOWN, step=step, of=50))
        for one in all_[:: 1 + step % 3]:
            steps[one] += [data["shown"]["step"] for _event, _id, data in heard(one)]
    for one in all_:
        steps[one] += [data["shown"]["step"] for _event, _id, data in heard(one)]
        assert steps[one] == list(range(50))


def test_who_falls_behind_is_given_the_newest_and_costs_no_memory(house):
    room = house.open("en")
    slow = listen(room)
    for step in range(500):
        room.publish(replace(SHOWN, step=step))
        assert len(slow._waiting) <= BEHIND
    assert heard(slow)[-1][2]["shown"]["step"] == 499


def test_who_is_gone_is_forgotten(house):
    room = house.open("en")
    one, other = listen(room), listen(room, is_speaker=True)
    assert (room.count().listeners, room.listening, house.listening()) == (1, 2, 2)
    room.leave(one)
    room.leave(one)
    heard(one)
    room.publish(SHOWN)
    assert heard(one) == []
    room.leave(other)
    assert (room.count().listeners, room.listening) == (0, 0)


def test_the_audience_hears_nothing_of_notes_token_and_answers(house):
    room = house.open("en")
    audience, speaker = listen(room), listen(room, is_speaker=True)
    room.stage(STAGED)
    room.publish(SHOWN)
    room.ask(DEMAND)
    (voter,) = voters(room, 1)
    room.vote(voter, 1, 23)
    room.tick()
    told = audience.take().decode()
    for secret in (room.driver, "Wait for the line", "seven of seven", "23", voter):
        assert secret not in told
    told = speaker.take().decode()
    assert "Wait for the line" in told
    assert room.driver not in told


def test_two_rooms_never_hear_each_other(house):
    one, other = house.open("en"), house.open("en")
    here, there = listen(one), listen(other)
    heard(there)
    one.publish(SHOWN)
    one.ask(DEMAND)
    (voter,) = voters(one, 1)
    one.vote(voter, 1, 5)
    assert refused(other, voter, 1, 5) == "stranger"
    one.end()
    assert heard(there) == []
    assert heard(here)[-1][0] == "over"
    assert house.find(other.code) is other


def test_a_presenter_who_comes_back_goes_on(house, clock):
    room = house.open("en")
    room.publish(SHOWN)
    audience = listen(room)
    clock.now += module.LIFE / 2
    house.tick()
    back = house.driven(room.code.lower(), room.driver)
    back.publish(replace(SHOWN, step=9))
    assert heard(audience)[-1][2]["shown"]["step"] == 9


# ---- answers


def test_answers_count_once_can_be_changed_and_end_with_the_vote(house, clock):
    room = house.open("en")
    one, two, three = voters(room, 3)
    assert refused(room, one, 1, 5) == "other"
    room.ask(DEMAND)
    assert room.vote(one, 1, 5) == 5
    assert room.vote(two, 1, -50) == -50
    clock.now += 2
    assert room.vote(one, 1, 7.0) == 7
    assert sorted(room.votes().values()) == [-50, 7]
    assert (room.median(), room.spread()) == (-22, [(-50, 1), (7, 1)])  # -21.5 is no stop
    room.close_vote()
    assert refused(room, three, 1, 5) == "closed"
    room.reopen_vote()
    room.vote(three, 1, 8)
    assert room.median() == 7
    clock.now += DEMAND.seconds
    assert not room.is_voting
    assert refused(room, two, 1, 5) == "closed"
    room.ask(FIRST)
    assert room.votes() == {}
    assert refused(room, two, 1, 5) == "other"
    clock.now += 5
    room.vote(two, 2, "xai")
    assert room.spread() == [("coreweave", 0), ("xai", 1), ("<b>", 0)]
    assert room.median() is None


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        *((value, "kind") for value in (None, True, False, "5", "", [], {}, [5], {"a": 1})),
        *((value, "range") for value in (101, -51, 1e300, 10**400, math.inf, -math.inf, math.nan, 100.0001)),
        *((value, "step") for value in (0.5, 7.25, -49.999)),
    ],
)
def test_what_is_no_answer_to_a_number_is_refused(house, answer, why):
    room = house.open("en")
    (voter,) = voters(room, 1)
    room.ask(DEMAND)
    assert refused(room, voter, 1, answer) == why
    assert room.votes() == {}


@pytest.mark.parametrize(
    ("answer", "why"), [("anthropic", "option"), ("", "option"), (0, "kind"), (None, "kind"), ([], "kind")]
)
def test_what_is_none_of_the_options_is_refused(house, answer, why):
    room = house.open("en")
    (voter,) = voters(room, 1)
    room.ask(FIRST)
    assert refused(room, voter, 1, answer) == why


@pytest.mark.parametrize("number", [0, 2, -1, "1", None, True, 1.5, [1]])
def test_an_answer_to_another_question_does_not_count(house, number):
    room = house.open("en")
    (voter,) = voters(room, 1)
    room.ask(DEMAND)
    assert refused(room, voter, number, 5) == "other"


def test_ten_answers_a_second_are_refused_and_slower_ones_count_again(house, clock):
    room = house.open("en")
    one, two = voters(room, 2)
    room.ask(DEMAND)
    told = []
    for number in range(20):
        try:
            told.append(room.vote(one, 1, number))
        except Refused as refused_:
            told.append(refused_.why)
        clock.now += 0.1
    assert told[:5] == [0, 1, 2, 3, 4]
    assert told.count("often") >= 10
    assert room.vote(two, 1, 5) == 5
    clock.now += 1
    assert room.vote(one, 1, 50) == 50


@given(
    low=st.integers(-1000, 1000),
    stops=st.integers(1, 500),
    step=st.sampled_from([0.01, 0.05, 0.1, 0.25, 0.3, 0.5, 1.0, 2.5, 7.0]),
    picked=st.lists(st.integers(0, 499), min_size=1, max_size=40),
)
@settings(max_examples=60, deadline=None)
def test_every_stop_counts_as_it_is_and_the_median_is_one(low, stops, step, picked):
    asked = Question("number", {"en": "?"}, 20.0, float(low), low + stops * step, step)
    room = Rooms("A", Clock()).open("en")
    room.ask(asked)
    values = [round(low + (one % (stops + 1)) * step, 9) for one in picked]
    for voter, value in zip(voters(room, len(values)), values, strict=True):
        assert room.vote(voter, 1, value) == pytest.approx(value)
    middle = room.median()
    assert min(values) - 1e-6 <= middle <= max(values) + 1e-6
    assert asked.read(middle) == middle
    spread = room.spread()
    assert sum(count for _value, count in spread) == len(values)
    assert spread == sorted(spread)


@given(
    value=st.one_of(st.none(), st.booleans(), st.floats(), st.integers(), st.text(), st.lists(st.integers()))
)
@settings(max_examples=100, deadline=None)
def test_whatever_is_sent_counts_or_is_refused(value):
    for asked in (DEMAND, FIRST):
        try:
            read = asked.read(value)
        except Refused:
            continue
        assert read in asked.options or asked.low <= read <= asked.high


@pytest.mark.parametrize(
    "wrong",
    [
        {"seconds": 9.9}, {"seconds": 61}, {"seconds": math.nan}, {"step": 0}, {"step": -1}, {"low": 100},
        {"high": math.inf}, {"low": math.nan}, {"kind": "text"}, {"kind": "choice"},
        {"kind": "choice", "options": {f"{n}": {"en": "x"} for n in range(13)}},
    ],
)  # fmt: skip
def test_what_is_no_question_is_not_asked(wrong):
    with pytest.raises(ValueError, match=r"vote|slider|question"):
        replace(DEMAND, **wrong)


def test_the_result_is_hidden_until_it_is_shown(house):
    room = house.open("en")
    audience = listen(room, "nl")
    one, two = voters(room, 2)
    room.reveal(RESULT)  # nothing has been asked
    room.ask(DEMAND)
    room.vote(one, 1, 8)
    room.vote(two, 1, 35)
    room.tick()
    assert all(data.get("result") is None for _event, _id, data in heard(audience))
    room.reveal({**RESULT, "today": math.nan})
    data = heard(audience)[-1][2]
    assert data["result"]["says"] == RESULT["says"]["nl"]
    assert data["result"]["answers"] == [[8, 1], [35, 1]]
    assert data["result"]["today"] is None
    assert not data["vote"]["open"]
    assert refused(room, one, 1, 9) == "closed"
    room.hide()
    assert heard(audience)[-1][2]["result"] is None
    assert not room.is_revealed
    room.withdraw()
    assert heard(audience)[-1][2]["vote"] is None


def test_a_browser_that_comes_back_is_told_its_own_answer_and_no_other(house):
    room = house.open("en")
    one, two = voters(room, 2)
    room.ask(DEMAND)
    room.vote(one, 1, 8)
    assert heard(listen(room, voter=one))[0][2]["mine"] == 8
    assert heard(listen(room, voter=two))[0][2]["mine"] is None


def test_counts_are_told_twice_a_second_at_most_and_a_vote_closes_by_itself(house, clock):
    room = house.open("en")
    audience, speaker = listen(room), listen(room, is_speaker=True)
    room.ask(DEMAND)
    room.tick()
    heard(audience), heard(speaker)
    for voter in voters(room, 40):
        room.vote(voter, 1, 5)
    assert heard(audience) == []
    house.tick()
    house.tick()
    for one in (audience, speaker):
        assert [(event, data) for event, _id, data in heard(one)] == [
            ("count", {"listeners": 1, "votes": 40})
        ]
    clock.now += DEMAND.seconds
    house.tick()
    (told,) = heard(audience)
    assert (told[0], told[2]["vote"]["open"], told[2]["votes"]) == ("state", False, 40)
    house.tick()
    assert heard(audience) == []


# ---- limits and endings


def test_there_are_so_many_rooms_and_idle_ones_make_way(clock):
    house = Rooms("A", clock, most=3)
    rooms = [house.open("en") for _room in range(3)]
    listen(rooms[1])
    with pytest.raises(Full):
        house.open("en")
    clock.now += module.IDLE
    rooms[2].publish(SHOWN)
    assert house.open("en")
    assert [house.find(one.code) for one in rooms] == [None, *rooms[1:]]
    assert house.has_ended(rooms[0].code)


def test_there_are_so_many_listeners(house, monkeypatch):
    monkeypatch.setattr(module, "MOST_LISTENERS", 3)
    monkeypatch.setattr(module, "MOST_SPEAKERS", 1)
    room, other = house.open("en"), house.open("en")
    here = [listen(room) for _one in range(3)]
    with pytest.raises(Full):
        listen(room)
    listen(room, is_speaker=True)
    with pytest.raises(Full):
        listen(room, is_speaker=True)
    listen(other)
    room.leave(here[0])
    listen(room)
    monkeypatch.setattr(module, "MOST_LISTENING", house.listening())
    with pytest.raises(Full):
        listen(other)


def test_so_many_browsers_come_into_a_room(house, monkeypatch):
    monkeypatch.setattr(module, "MOST_VOTERS", 2)
    room = house.open("en")
    one, _two = voters(room, 2)
    with pytest.raises(Full):
        room.welcome("another")
    room.welcome(one)
    assert not room.knows("another")


@pytest.mark.parametrize("how", ["presenter", "time", "asked"])
def test_a_room_ends_and_nothing_of_it_is_kept(house, clock, how):
    room = house.open("en")
    audience, speaker = listen(room), listen(room, is_speaker=True)
    room.publish(SHOWN)
    room.ask(DEMAND)
    (voter,) = voters(room, 1)
    room.vote(voter, 1, 5)
    clock.now += module.LIFE - 1
    house.tick()
    assert house.find(room.code) is room
    if how == "presenter":
        room.end()
    else:
        clock.now += 1
        house.tick() if how == "time" else house.find(room.code)
    room.end()
    for one in (audience, speaker):
        assert heard(one)[-1][0] == "over"
        assert one.is_over
    assert house.find(room.code) is house.driven(room.code, room.driver) is None
    assert house.has_ended(room.code)
    assert (room.votes(), room.shown, room.question, room.listening) == ({}, None, None, 0)
    with pytest.raises(Full):
        listen(room)
    room.publish(SHOWN)  # a presenter who does not know yet
    room.ask(DEMAND)
    room.stage(STAGED)
    assert (room.shown, room.question) == (None, None)
    assert refused(room, voter, 1, 5) == "stranger"


def test_codes_of_ended_rooms_are_not_kept_for_ever(house, monkeypatch):
    monkeypatch.setattr(module, "ENDED_KNOWN", 2)
    codes = []
    for _room in range(4):
        room = house.open("en")
        codes.append(room.code)
        room.end()
    assert [house.has_ended(code) for code in codes] == [False, False, True, True]


def test_who_guesses_is_forgotten_when_too_many_others_do(clock):
    ours = Allowance(1, 0.0, clock, known=2)
    assert [ours.takes(key) for key in "aabca"] == [True, False, True, True, True]
    assert ours.is_spent("a")
    assert not ours.is_spent("z")


def test_threads_publish_vote_and_come_and_nothing_is_lost(house):
    room = house.open("en")
    room.ask(DEMAND)
    ready, failed = threading.Barrier(6), []
    marks = voters(room, 200)

    def vote(mine):
        for voter in mine:
            room.vote(voter, 1, 5)

    def come(_mine):
        for _one in range(100):
            room.leave(listen(room))

    def show(_mine):
        for step in range(100):
            room.publish(replace(SHOWN, step=step))
            room.tick()

    def work(what, mine):
        try:
            ready.wait(60)
            what(mine)
        except Exception as fault:
            failed.append(fault)

    todo = [(vote, marks[::2]), (vote, marks[1::2]), (come, ()), (come, ()), (show, ()), (show, ())]
    threads = [threading.Thread(target=work, args=one) for one in todo]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failed == []
    assert room.spread() == [(5, 200)]
    assert room.listening == 0


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("", "lang=nl"), ("lang=en", "lang=nl"), ("m=1&lang=en&g=0", "m=1&g=0&lang=nl"),
        ("g=0&xlang=en", "g=0&xlang=en&lang=nl"), ("o=coreweave.cash%3A5", "o=coreweave.cash%3A5&lang=nl"),
    ],
)  # fmt: skip
def test_a_link_is_given_in_the_readers_language(query, told):
    assert in_language(query, "nl") == told
