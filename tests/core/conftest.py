import json

import numpy as np
import pytest

from core.__main__ import main
from core.layout.compile import compile_layout
from core.model.engine import run
from core.results.measures import Measures
from core.scenario.levers import Scenario
from core.web.web import load_web
from tests.worlds import FIRST, STRESSED

FLAT = Scenario.default(FIRST).replace(g=0)


@pytest.fixture(scope="session")
def web():
    return load_web(FIRST)


@pytest.fixture(scope="session")
def layout(web):
    return compile_layout(web)


@pytest.fixture(scope="session")
def base(web):
    """Measures of today's data."""
    return Measures(run(web, Scenario.default(FIRST)))


@pytest.fixture(scope="session")
def three(web):
    """Measures of today's data, flat demand and the stressed scenario, in this order, to 2033."""
    scenarios = [s.replace(h=2033) for s in (Scenario.default(FIRST), FLAT, STRESSED)]
    return Measures(run(web, scenarios))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol():
    """Any overflow, invalid operation or division by zero raises in these tests and their fixtures.

    Underflow may be: the share that somebody has in next to nothing is nothing.
    """
    strict = {"all": "raise", "under": "ignore"}
    with np.errstate(**strict):
        return (yield)


@pytest.fixture
def strict_numbers():
    """Underflow is an error as well while a test runs."""
    with np.errstate(all="raise"):
        yield


@pytest.fixture
def call(capsys):
    """Run a command that must work; its output as data."""

    def of(*words):
        assert main(words) == 0
        out, err = capsys.readouterr()
        assert err == ""
        return json.loads(out, parse_constant=pytest.fail)  # NaN and Infinity are no JSON

    return of


@pytest.fixture
def refuse(capsys):
    """Run a wrong call; its one line."""

    def of(*words):
        assert main(words) == 2
        out, err = capsys.readouterr()
        assert out == ""
        assert err.endswith("\n")
        assert err.count("\n") == 1
        return err.strip()

    return of
