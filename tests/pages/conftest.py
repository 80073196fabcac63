"""The app in Streamlit's own test runner: no browser, one visit per test."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def visit(monkeypatch):
    """Open the app at a link: visit({"g": "0"}, locale="nl-NL") -> AppTest after its first run."""
    monkeypatch.chdir(ROOT)  # Streamlit reads .streamlit/config.toml from the working directory

    def open_app(query=None, locale="en-GB", page=None, opened=()):
        at = AppTest.from_file(str(ROOT / "app.py"), default_timeout=20)
        at.context = {"locale": locale}
        for name, value in (query or {}).items():
            at.query_params[name] = value
        for key in opened:  # expanders and popovers
            at.session_state[key] = True
        if page:
            at.switch_page(page)
        at.run()
        assert not at.exception
        return at

    return open_app
