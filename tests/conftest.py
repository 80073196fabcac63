"""What holds for every test: none leaves a page behind as the main program."""

import sys

import pytest

from tests import third, two_snapshots


def pytest_xdist_make_scheduler(config, log):
    """Give journeys out by file (each worker has one server), and what follows each other to one process.

    Groups by mark (xdist_group) go unseen: pytest no longer reads the ids that xdist writes for them.
    """
    from xdist.scheduler import LoadScopeScheduling

    class Scheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid):
            if nodeid.startswith("tests/browser/"):
                return nodeid.partition("::")[0]
            return nodeid.partition("[")[0] if "main_program" in nodeid else nodeid

    return Scheduling(config, log)


@pytest.fixture(autouse=True)
def own_main_program(monkeypatch):
    """Put the main program back after a test.

    Streamlit runs a page as `__main__` and leaves it there, in AppTest too; a process that is spawned later
    would begin by running that page.
    """
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])


@pytest.fixture(scope="session")
def third_data(tmp_path_factory):
    """A folder of data with the first snapshot and a made-up one."""
    return third.made_up(tmp_path_factory.mktemp("third") / "data")


@pytest.fixture
def two_dates(third_data):
    """Let the package look at data of two dates, of which the made-up one is the latest."""
    with two_snapshots.in_use(third_data):
        yield
