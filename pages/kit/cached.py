"""The only cache: a web per set of edits, a reading per scenario, a batch of strips per scenario."""

from __future__ import annotations

import streamlit as st

from core import engine, explore, reading, web
from core.scenario import Scenario
from pages.kit import state


@st.cache_resource(max_entries=32, show_spinner=False)
def _web(edits: tuple[str, ...]) -> web.Web:
    pairs = (edit.rsplit(":", 1) for edit in edits)
    return web.load_web(overrides={row: float(number) for row, number in pairs})


def snapshot() -> web.Web:
    """Return the web that this visit looks at: the snapshot with the visitor's own edits, if any."""
    return _web(state.step().edits)


def check_edit(row: str, number: float) -> None:
    """Refuse an edit of the data, with the reason as a ValueError, when the loader would."""
    web.load_web(overrides={row: number})


@st.cache_data(max_entries=512, show_spinner=False)
def _read(values: tuple, edits: tuple[str, ...], _scenario: Scenario) -> dict:
    return reading.read(engine.run(_web(edits), _scenario))


def read(scenario: Scenario) -> dict:
    """Return all results of a scenario, in the shape of the command line's JSON."""
    return _read(scenario.values, state.step().edits, scenario)


def by_id(reading: dict, table: str) -> dict[str, dict]:
    """Return the rows of one table of a reading by id."""
    return {row["id"]: row for row in reading[table]}


def baseline() -> dict:
    """Return all results of today's data, seen to the same last year as the scenario."""
    return _read(state.baseline().values, (), state.baseline())


@st.cache_data(max_entries=256, show_spinner=False)
def _strips(values: tuple, edits: tuple[str, ...], _scenario: Scenario) -> tuple[explore.Strip, ...]:
    return explore.strips(_web(edits), _scenario)


def strips(scenario: Scenario) -> tuple[explore.Strip, ...]:
    """Return how many named companies fail along each main lever, and where each one breaks."""
    return _strips(scenario.values, state.step().edits, scenario)


def known_quarters() -> int:
    """Return how many quarters have closed since the snapshot: those whose revenue CoreWeave has reported."""
    reported = snapshot().tables["actuals"]["coreweave.revenue"]
    return sum(quarter in reported for quarter in read(state.scenario())["quarters"])
