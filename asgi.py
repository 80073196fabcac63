"""The server's front door around `app.py`: links that speak, headers, own pages for wrong paths.

Served by `streamlit run asgi.py`, which takes settings from the command line and the environment, or by
`uvicorn asgi:app --no-server-header`, which names no software in its answers.
"""

import streamlit as st

from pages.kit.server.front import Front

front = Front()
app = st.App("app.py", routes=front.routes(), middleware=front.middleware(), lifespan=front.lifespan)
