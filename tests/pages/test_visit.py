"""What a run does with the values that widgets send."""

from itertools import count

import pytest
from streamlit.runtime.scriptrunner.script_runner import ScriptRunner
from streamlit.runtime.scriptrunner_utils.exceptions import StopException
from streamlit.testing.v1 import AppTest

from pages.kit.visit import visit


def _page():
    import streamlit as st

    from pages.kit.visit import visit

    visit.take_moves()
    st.session_state["drawn"] = []
    for key, value, sent in st.session_state["script"]:
        st.session_state["drawn"].append(visit.draw_value(key, value))
        if sent is not None:
            st.session_state[key] = sent
            visit.widget_moved(key, lambda value, key=key: st.session_state["done"].append((key, value)))
    if st.session_state["button"]:
        visit.own_event()
    if st.session_state["navigation"]:  # the address carries another mark than before
        st.session_state["mark"] = "page1"
    st.session_state["done"] = []
    visit.take_moves()
    visit.take_moves()  # what has been done is not done again


def played(script, *, button=False, navigation=False):
    at = AppTest.from_function(_page)
    at.session_state["script"] = script
    at.session_state["button"] = button
    at.session_state["navigation"] = navigation
    at.run()
    assert not at.exception
    return at.session_state


def done(script, **cause):
    return played(script, **cause)["done"]


def drawn(script):
    return played(script)["drawn"]


def test_one_move_counts_whatever_it_says():
    assert done([("slider", 0, None), ("slider", 60, 0)]) == [("slider", 0)]


@pytest.mark.parametrize("first", [True, False])
def test_beside_another_cause_an_old_value_is_not_a_move(first):
    stale = [("slider", 0, None), ("slider", 60, 0)]
    fresh = [("field", 4, 5)]
    assert done([*stale, *fresh] if first else [*fresh, *stale]) == [("field", 5)]
    assert done(stale, button=True) == []


def test_a_click_in_the_navigation_brings_back_no_old_value():
    told_twice = [("slider", 0, None), ("slider", 77, None), ("slider", 84, 77)]
    assert done([("slider", 0, None), ("slider", 60, 0)], navigation=True) == []
    assert done(told_twice, navigation=True) == []
    assert done([("slider", 60, 30)], navigation=True) == [("slider", 30)]


def test_two_new_values_in_one_run_both_count():
    assert done([("slider", 0, 30), ("field", 4, 5)]) == [("slider", 30), ("field", 5)]


def test_two_moves_of_one_widget_count_whatever_they_say():
    """The first may be of a run that was overtaken."""
    back = [("slider", 0, None), ("slider", 30, None), ("slider", 60, 0), ("slider", 60, 30)]
    assert done(back) == [("slider", 0), ("slider", 30)]


def test_an_old_value_is_known_after_several_changes():
    late = [("slider", 0, None), ("slider", 10, 0), ("slider", 20, 0), ("slider", 30, 10)]
    assert done(late, button=True) == []


def test_an_old_value_is_known_when_it_was_told_and_has_not_been_seen_yet():
    late = [("field", -13, None), ("field", -28, -13), ("field", -13, -28)]
    assert done(late, button=True) == []


def _part():
    import streamlit as st

    from pages.kit.visit import visit

    visit.own_event()  # a receipt opened in a part of the page that runs by itself
    visit.part_begins()
    visit.draw_value("slider", 0)
    visit.draw_value("slider", 60)
    st.session_state["slider"] = 0  # then the slider goes back to where it was
    st.session_state["done"] = []
    visit.widget_moved("slider", st.session_state["done"].append)
    visit.take_moves()


def test_what_caused_a_part_to_run_does_not_count_in_the_next_run():
    at = AppTest.from_function(_part).run()
    assert not at.exception
    assert at.session_state["done"] == [0]


def _panel():
    import streamlit as st

    from pages.kit.visit import visit

    def move(word):
        return {"on_change": visit.widget_moved, "args": (word, lambda value: visit.move(**{word: value}))}

    visit.take_moves()
    for word in ("gw", "nb"):
        st.toggle(word, bool(visit.draw_value(word, visit.scenario()[word])), key=word, **move(word))
    st.button("undo", key="undo", on_click=visit.undo)


def test_a_widget_that_was_moved_by_hand_is_not_set_again_until_it_has_to_move():
    """In the browser it would jump back under whoever moves it on."""
    at = AppTest.from_function(_panel).run()

    def told():
        return [at.toggle(word).proto.set_value for word in ("gw", "nb")]

    assert told() == [True, True]
    at.toggle("gw").set_value(False).run()
    assert told() == [False, False]
    at.toggle("nb").set_value(False).run()
    assert told() == [False, False]
    at.button("undo").click().run()
    assert told() == [False, True]
    assert (at.toggle("gw").value, at.toggle("nb").value) == (False, True)


def test_a_widget_is_told_again_what_something_still_on_its_way_would_undo():
    """None: told through the session; else left alone, and given what it shows as its default."""
    by_hand = [("field", 0, None), ("field", 60, 5), ("field", 5, None), ("field", 5, None)]
    assert drawn(by_hand) == [None, None, None, 5]


def test_an_old_value_that_a_slow_browser_sends_does_not_pass_for_the_new_one():
    late = [("field", 2, None), ("field", 17, 2), ("field", 2, 17), ("field", 17, None), ("field", 17, None)]
    assert drawn(late) == [None, None, None, None, None]  # told 2 is on its way when it says 17


class Overtaken:
    """Ends a run at its n-th access to the session, as Streamlit does when the visitor goes on."""

    def __init__(self, monkeypatch):
        self.left = None
        monkeypatch.setattr(
            ScriptRunner,
            "_maybe_handle_execution_control_request",
            lambda runner: self.access(runner._execing),
        )

    def access(self, runs):
        if runs and self.left is not None:
            self.left -= 1
            if self.left < 0:
                raise StopException


def test_no_move_is_lost_wherever_its_run_is_overtaken(monkeypatch):
    overtaken = Overtaken(monkeypatch)
    for accesses in count():
        at = AppTest.from_function(_panel).run()
        messages = []
        for word in ("gw", "nb"):
            at.toggle(word).set_value(False)
            messages.append(
                at._tree.get_widget_states()
            )  # what a browser sends, also for a widget not drawn yet
        overtaken.left = accesses
        at._run(messages[0])
        whole, overtaken.left = overtaken.left >= 0, None
        at._run(messages[1])
        step, past = at.session_state["step"], at.session_state["past"]
        assert (step.scenario["gw"], step.scenario["nb"]) == (False, False), accesses
        assert [one.touched for one in (*past, step)] == [(), ("gw",), ("gw", "nb")], accesses
        if whole:
            break
    assert accesses > 20


def _long_visit():
    import streamlit as st

    from pages.kit.visit import visit

    def remember():
        lengths = len(visit.past()), len(visit.future())
        st.session_state["seen"].append((visit.step().scenario["g"], *lengths))

    st.session_state["seen"] = []
    for g in range(visit.HISTORY + 10):
        visit.move(g=float(g))
    remember()
    for steps in (-1000, 1000, -1):
        visit.travel(steps)
        remember()
    visit.move(g=-1.0)
    remember()


def test_undo_keeps_the_last_steps_and_no_more():
    at = AppTest.from_function(_long_visit).run()
    assert not at.exception
    most = visit.HISTORY
    assert 10 <= most <= 100  # as many as somebody remembers; each is a scenario and up to ten edits
    last = most + 9.0
    assert at.session_state["seen"] == [
        (last, most, 0),
        (last - most, 0, most),
        (last, most, 0),
        (last - 1, most - 1, 1),
        (-1.0, most, 0),
    ]


def _reader():
    from pages.kit.frame import address
    from pages.kit.visit import visit

    visit.take_moves()
    address.read_address(("tab",))


def test_no_link_is_lost_wherever_its_run_is_overtaken(monkeypatch):
    overtaken = Overtaken(monkeypatch)
    for accesses in count():
        at = AppTest.from_function(_reader)
        at.query_params.update({"g": "0", "zz": "1", "tab": "plane", "lang": "nl"})
        overtaken.left = accesses
        at.run()
        whole, overtaken.left = overtaken.left >= 0, None
        at.run()
        assert at.session_state["step"].scenario["g"] == 0, accesses
        assert [message.code for message in at.session_state["messages"]] == ["unknown"], accesses
        assert (at.session_state["extras"], at.session_state["lang"]) == ({"tab": "plane"}, "nl"), accesses
        if whole:
            break
    assert accesses > 5
