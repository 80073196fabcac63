"""The address bar and the scenario keep each other up to date; what a link got wrong is told in one banner.

Order in every run: `read_address` (is this a link, or Back?), then the widgets are drawn from the scenario,
then `write_address`. The codec itself, with every check, is `core.link`.
"""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import parse_qs, urlsplit, urlunsplit

import streamlit as st

from core import link as codec
from pages.kit import cached, state
from pages.kit.catalogue import _
from pages.kit.words import message_text


def _address() -> dict[str, list[str]]:
    return {name: st.query_params.get_all(name) for name in st.query_params}


def read_address(view_keys: Collection[str] = ()) -> None:
    """Take the scenario over from the address when somebody else wrote it: a link, Back or Forward.

    An empty address is never a link (a click in the navigation drops all parameters), and a run that the
    visitor's own hand caused never is either (the browser may send the address of a moment ago).
    """
    address = _address()
    own = st.session_state.pop("own_event", False)
    if own or not address or address == st.session_state.get("address"):
        return
    parsed = codec.parse(address, view_keys=view_keys, check_edit=cached.check_edit)
    st.session_state["step"] = state.Step(parsed.scenario, parsed.touched, parsed.edits)
    st.session_state["messages"] = parsed.messages
    st.session_state["receipt"] = parsed.receipt
    st.session_state["extras"] = dict(parsed.extras)
    if parsed.lang:
        st.session_state["lang"] = parsed.lang
        st.session_state["lang_in_link"] = True


def query() -> str:
    """Return the query string of what is on the screen, the same for the address bar and the Share button."""
    return codec.encode(
        state.scenario(),
        state.step().touched,
        lang=state.language() if st.session_state.get("lang_in_link") else None,
        receipt=st.session_state.get("receipt"),
        extras=st.session_state.get("extras"),
        edits=state.step().edits,
    )


def write_address() -> None:
    """Make the address bar say what is on the screen; this does not run the page again."""
    wanted = parse_qs(query(), keep_blank_values=True)
    if wanted != _address():
        st.query_params.from_dict(wanted)
    st.session_state["address"] = wanted


def share_url() -> str:
    """Return the full link to this page with this scenario."""
    parts = urlsplit(st.context.url or "")
    return urlunsplit((parts.scheme, parts.netloc, parts.path or "/", query(), ""))


def banner() -> None:
    """Tell what in the opened link could not be used as it stood, and that data are edited."""
    messages = st.session_state.get("messages") or ()
    if messages:
        with st.container(border=True, gap="xsmall", key="link_banner"):
            st.markdown("**" + _("This link was not followed to the letter; the rest of it was.") + "**")
            for message in messages:
                st.text(message_text(message))
    if state.step().edits:
        with st.container(border=True, gap="xsmall", key="edits_banner"):
            st.markdown("**" + _("Edited data: these figures were changed by hand.") + "**")
            for edit in state.step().edits:
                st.text(edit)
