"""Charts first, and the rest in its own place."""

from streamlit.testing.v1 import AppTest


def _page():
    import streamlit as st

    from pages.kit.visit.later import charts_first, fill, later

    @later
    def words(text):
        st.session_state.setdefault("order", []).append(text)
        st.markdown(text)

    st.session_state["order"] = []
    with charts_first() as waiting:
        words("first")
        left, right = st.columns(2)
        with left:
            words("left")
        with right:
            st.session_state["order"].append("chart")
            st.caption("chart")
            words("right")
    fill(waiting)
    words("at once")


def test_what_waits_is_drawn_after_the_charts_but_stands_where_it_was_called():
    at = AppTest.from_function(_page).run()
    assert at.session_state["order"] == ["chart", "first", "left", "right", "at once"]
    assert [element.value for element in at.main.markdown] == ["first", "left", "right", "at once"]
    assert [element.value for element in at.columns[1].caption] == ["chart"]
    assert [element.value for element in at.columns[1].markdown] == ["right"]


def _nested():
    import streamlit as st

    from pages.kit.visit.later import charts_first, fill, later

    @later
    def inner(text):
        st.markdown(text)

    @later
    def outer():
        inner("inside")
        st.markdown("outside")

    with charts_first() as waiting:
        outer()
    fill(waiting)


def test_what_is_called_while_filling_does_not_wait_again():
    at = AppTest.from_function(_nested).run()
    assert [element.value for element in at.markdown] == ["inside", "outside"]
