"""A server that has just started says how far it is; nothing of the link is lost while it compiles."""

import pytest

from pages.kit.frame import ready
from tests.apptest import lever_of


@pytest.fixture
def warming(monkeypatch):
    """A server that compiles until it is told to end."""
    found = ready.Warming(done=35, of=140)
    monkeypatch.setattr(ready, "_warming", lambda: found)
    monkeypatch.setattr(ready, "PATIENCE", 0.0)
    return found


@pytest.mark.parametrize(("lang", "word"), [("en", "Getting ready"), ("nl", "Bijna klaar")])
def test_a_visitor_reads_how_far_it_is_and_then_finds_his_link(visit, warming, lang, word):
    at = visit({"g": "0", "lang": lang})
    progress = at.get("progress")[0].proto
    assert progress.value == 25
    assert word in progress.text
    assert not at.slider
    warming.end.set()
    at.run()
    assert not at.exception
    assert lever_of(at, "g").value == 0
    assert at.query_params["g"] == "0"


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
@pytest.mark.parametrize("fault", [OSError("no room on the disk"), MemoryError(), SystemExit(1)], ids=repr)
def test_what_cannot_be_compiled_beforehand_keeps_nobody_waiting(visit, monkeypatch, fault):
    def fails(tell):
        tell(35, 140)
        raise fault

    monkeypatch.setattr(ready, "warm", fails)
    found = ready._warming.__wrapped__()
    assert found.end.wait(60)
    monkeypatch.setattr(ready, "_warming", lambda: found)
    at = visit({"g": "0", "lang": "nl"})
    assert not at.exception
    assert lever_of(at, "g").value == 0


def test_it_counts_the_rules_of_the_model():
    found = ready.Warming()
    found.work()
    assert found.end.is_set()
    assert found.done == found.of
