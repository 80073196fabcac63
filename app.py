"""Backstop: who fails first, who pays, and why, when the AI build-out meets a harder world.

This file is the frame around every page: address, navigation, levers, headline, share, footer.
"""

import streamlit as st

from pages.kit import frame, levers, link

st.set_page_config(page_title="Backstop", layout="wide", initial_sidebar_state=frame.sidebar())
link.read_address(frame.view_keys())
page = st.navigation(frame.pages(), position="top")

with st.sidebar:
    slots = levers.panel()
link.write_address()

frame.title_row(page)
link.banner()
frame.headline()
with frame.frame():
    page.run()
frame.footer()
levers.draw_strips(slots)
