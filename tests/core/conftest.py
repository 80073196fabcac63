import numpy as np
import pytest

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
