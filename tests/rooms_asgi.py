"""The whole app behind its front door, with a presenter in its process who is moved by requests: for load."""

from pathlib import Path

import streamlit as st

from pages.kit.server.front import Front
from tests.rooms_app import PRESENT

front = Front()
app = st.App(
    str(Path(__file__).parents[1] / "app.py"),
    routes=[PRESENT, *front.routes()],
    middleware=front.middleware(),
    lifespan=front.lifespan,
)
