"""Rules called one by one: as plain Python only, in a process that `test_plain` starts."""

from types import SimpleNamespace

import pytest

from core.compiled.jit import NO_JIT
from core.layout.compile import compile_layout
from core.web.web import load_web
from tests.core.model.plain.still import StillWorld

collect_ignore_glob = [] if NO_JIT else ["test_*.py"]


@pytest.fixture(autouse=True, scope="session")
def _plain_python():
    """A file named in a call is collected all the same, and a compiled rule called here ends the process."""
    if not NO_JIT:
        pytest.skip("rules are called one by one as plain Python only: BACKSTOP_NO_JIT=1")


@pytest.fixture
def still(layout):
    """Make a web in a market that stands still, at the snapshot date."""

    def of(**settings):
        return StillWorld(layout, **settings)

    return of


@pytest.fixture(scope="session")
def latest():
    """The layout of the latest data: what is signed, what labs may cut and what an operator owes is known."""
    return compile_layout(load_web())


@pytest.fixture
def newest(latest):
    """Make a web of the latest data in a market that stands still, at the snapshot date."""

    def of(**settings):
        return StillWorld(latest, **settings)

    return of


@pytest.fixture
def short():
    """Terms of two quarters, 60 % in level payments: short enough for a pencil."""
    return SimpleNamespace(debt_term=2, debt_level_share=0.6)
