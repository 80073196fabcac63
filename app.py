"""Backstop: who fails first, who pays, and why, when the AI build-out meets a harder world.

This file is the frame around every page: address, navigation, levers, headline, share, footer.
"""

import sys
import time

import streamlit as st

from pages.kit.drawing import ahead
from pages.kit.frame import address, frame, levers, opened, ready
from pages.kit.visit import cached, visit
from pages.kit.visit.later import charts_first, fill

A_MOMENT = 0.013  # s: Streamlit looks every 10 ms whether there is something to send
HEAD_START = 0.04  # s
# The thread that sends needs the interpreter for every message; by default it waits 5 ms each time that the
# page or a run of many draws is busy.
sys.setswitchinterval(0.0002)  # s

visit.take_moves()
came_empty = opened.came_empty()
from_link = address.read_address(frame.view_keys())
st.set_page_config(page_title="Backstop", layout="wide", initial_sidebar_state=frame.sidebar())
page = st.navigation(frame.pages(), position="top")
address.keep_choices(frame.entry_of(page).view_keys, from_link=from_link)
if not ready.is_ready():
    ready.page()
    st.stop()
run = ahead.begin(page.url_path)
cached.read(visit.scenario())  # while the browser draws the navigation; what follows it then gets in one go

# The charts take the browser longest: they are sent first, and the rest fills the places around them.
top, body, foot = st.container(), st.container(), st.container()
with body, frame.frame(), charts_first() as waiting:
    page.run()
sent = time.perf_counter()
time.sleep(A_MOMENT)  # lets the charts go first
cached.strips(visit.scenario())  # the longest sum on the server, while the browser draws the charts
time.sleep(max(0.0, sent + HEAD_START - time.perf_counter()))  # known already: else it would draw all at once
with top:
    frame.title_row(page)
    banner = st.container()
    nearest = frame.headline()
with st.sidebar:
    slots = levers.panel()
levers.draw_strips(slots, nearest)
address.write_address()  # now, as what comes may take a second
fill(waiting)
with banner:
    opened.banner()
    address.banner()
with foot:
    frame.footer()
address.write_address()  # a page may have refused a view choice of the link
with foot:
    ahead.send(run)
    if came_empty:
        opened.ask()
