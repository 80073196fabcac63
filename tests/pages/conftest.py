"""The app in Streamlit's own test runner: no browser, one visit per test."""

import pytest

from pages.kit.parts import report
from tests.apptest import ROOT, open_app


@pytest.fixture
def reports(monkeypatch):
    """The reports that pages offer, each made as if somebody had asked for it."""
    made, button = [], report.st.download_button

    def keep(label, data, *args, key, **more):
        if key == "report":
            made.append(data())
        return button(label, data, *args, key=key, **more)

    monkeypatch.setattr(report.st, "download_button", keep)
    return made


@pytest.fixture
def visit(monkeypatch):
    """Open the app at a link: visit({"g": "0"}, locale="nl-NL") -> AppTest after its first run."""
    monkeypatch.chdir(ROOT)  # Streamlit reads .streamlit/config.toml from the working directory
    return open_app
