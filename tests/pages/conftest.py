"""The app in Streamlit's own test runner: no browser, one visit per test."""

import pytest

from tests.apptest import ROOT, open_app


@pytest.fixture
def visit(monkeypatch):
    """Open the app at a link: visit({"g": "0"}, locale="nl-NL") -> AppTest after its first run."""
    monkeypatch.chdir(ROOT)  # Streamlit reads .streamlit/config.toml from the working directory
    return open_app
