"""What holds for every test: none leaves a page behind as the main program."""

import sys

import pytest


@pytest.fixture(autouse=True)
def own_main_program(monkeypatch):
    """Put the main program back after a test.

    Streamlit runs a page as `__main__` and leaves it there, in AppTest too; a process that is spawned later
    would begin by running that page.
    """
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
