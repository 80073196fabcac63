"""A server that has just started says how far it is; nothing of the link is lost while it compiles."""

import pytest

from pages.kit.frame import ready


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
    assert at.slider(key="slider_g").value == 0
    assert at.query_params["g"] == "0"


def test_what_cannot_be_compiled_beforehand_keeps_nobody_waiting(monkeypatch):
    def fails(_tell):
        raise OSError("no room on the disk")

    monkeypatch.setattr(ready, "warm", fails)
    found = ready.Warming()
    with pytest.raises(OSError, match="no room"):
        found.work()
    assert found.end.is_set()


def test_it_counts_the_rules_of_the_model():
    found = ready.Warming()
    found.work()
    assert found.end.is_set()
    assert found.done == found.of
