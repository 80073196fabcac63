"""Backstop: who fails first, who pays, and why, when the AI build-out meets a harder world.

This file is the frame around every page: address, navigation, levers, headline, share, footer.
"""

import streamlit as st

from pages.kit import frame, levers, link

st.set_page_config(page_title="Backstop", layout="wide", initial_sidebar_state=frame.sidebar())
from_link = link.read_address(frame.view_keys())
page = st.navigation(frame.pages(), position="top")
link.keep_choices(frame.entry_of(page).view_keys, from_link=from_link)

with st.sidebar:
    slots = levers.panel()
link.write_address()

frame.title_row(page)
banner = st.container()
nearest = frame.headline()
with frame.frame():
    page.run()
frame.footer()
with banner:
    link.banner()
levers.draw_strips(slots, nearest)
link.write_address()  # a page may have refused a view choice of the link
