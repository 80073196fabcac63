"""Backstop: who fails first, who pays, and why, when the AI build-out meets a harder world.

This file is the frame around every page: address, navigation, headline, levers, share, footer.
"""

import streamlit as st

from pages.kit.frame import address, frame, levers, opened, own_deck, ready
from pages.kit.parts import embedded, present_room
from pages.kit.visit import visit

visit.take_moves()
came_empty = opened.came_empty()
from_link = address.read_address(frame.view_keys())
frame.configure()
page = st.navigation(frame.pages(), position="hidden")
entry = frame.entry_of(page)
own_deck.leave(entry.name)
address.keep_choices(entry.view_keys, from_link=from_link, page=entry.name)
if not ready.is_ready():
    ready.page()
    st.stop()

if embedded.is_asked_for():
    embedded.page(entry)
    address.write_address(page=page.url_path)
    frame.bring_charts(entry)
    st.stop()
with st.container(key="page"):
    frame.navigate(entry)
    frame.title_row(entry)
    with frame.frame():
        frame.headline(entry)
        if entry.name != "present":  # a step of a talk says of itself what it shows
            present_room.follow(entry)
        page.run()
    frame.banner()
    frame.footer()
frame.dialog(entry)
if own_deck.is_on_stage(entry.name):
    pass  # nothing stands beside the step of a talk
elif visit.on_phone():
    levers.sheet()
else:
    with st.sidebar:
        levers.panel()
address.write_address(page=page.url_path)
frame.bring_charts(entry)
if came_empty:
    opened.ask()
