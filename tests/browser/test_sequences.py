"""A hundred seeded moves, in quick succession, end at the state that the last of them asked for."""

import pytest

from tests.browser.sequences import play
from tests.browser.server import ROOT

pytestmark = pytest.mark.browser
MOVES = 10  # of one sequence


@pytest.mark.parametrize("seed", range(10))
def test_quick_moves_end_where_the_last_one_asked(visit, monkeypatch, seed):
    monkeypatch.chdir(ROOT)  # as Streamlit reads its settings from there
    play(visit, seed, MOVES)
