"""After quick actions, whatever they were, the page is what the last of them asked for; many: `make soak`."""

import pytest

from tests.browser import sequences
from tests.browser.server import ROOT

pytestmark = pytest.mark.browser

FEW = 12


@pytest.mark.parametrize("seed", range(FEW))
def test_the_page_ends_where_the_last_of_several_quick_actions_asked_for(visit, monkeypatch, seed):
    monkeypatch.chdir(ROOT)  # as Streamlit reads its settings from there
    sequences.play(lambda query, path: visit(query, path=path), seed)


def test_the_few_sequences_begin_on_every_page_and_hold_every_kind_of_action():
    played = [sequences.sequence(seed) for seed in range(FEW)]
    assert {path for path, _actions in played} == set(sequences.PAGES)
    assert {action.kind for _path, actions in played for action in actions} == set(sequences.KINDS)
