"""What a run does with the values that widgets send."""

import pytest
from streamlit.testing.v1 import AppTest


def _page():
    import streamlit as st

    from pages.kit import state

    for key, value, sent in st.session_state["script"]:
        state.draw_value(key, value)
        if sent is not None:
            st.session_state[key] = sent
            state.widget_moved(key, lambda key=key, sent=sent: st.session_state["done"].append((key, sent)))
    if st.session_state["button"]:
        state.own_event()
    st.session_state["done"] = []
    state.take_moves()
    state.take_moves()  # what has been done is not done again


def done(script, *, button=False):
    at = AppTest.from_function(_page)
    at.session_state["script"] = script
    at.session_state["button"] = button
    at.run()
    assert not at.exception
    return at.session_state["done"]


def test_one_move_counts_whatever_it_says():
    assert done([("slider", 0, None), ("slider", 60, 0)]) == [("slider", 0)]


@pytest.mark.parametrize("first", [True, False])
def test_beside_another_cause_an_old_value_is_not_a_move(first):
    stale = [("slider", 0, None), ("slider", 60, 0)]
    fresh = [("field", 4, 5)]
    assert done([*stale, *fresh] if first else [*fresh, *stale]) == [("field", 5)]
    assert done(stale, button=True) == []


def test_two_new_values_in_one_run_both_count():
    assert done([("slider", 0, 30), ("field", 4, 5)]) == [("slider", 30), ("field", 5)]


def test_an_old_value_is_known_after_several_changes():
    drawn = [("slider", value, None) for value in (0, 10, 20)]
    assert done([*drawn, ("slider", 30, 10)], button=True) == []
