"""Books of funds that do not close are refused; losses need little of a run."""

import numpy as np
import pytest

from core.model import engine
from core.model.identities import IdentityError
from core.results.fund_tables import fund_returns, fund_tables, losses
from core.scenario.presets import presets
from tests.worlds import FIRST


@pytest.fixture(scope="module")
def run(web):
    return engine.run(web, [preset.on(FIRST) for preset in presets()])


def test_losses_need_no_more_than_their_group(run, web):
    """As the books of the funds have them: draws keep only the group "losses"."""
    few = engine.run(web, run.levers, keep={"losses"}, to_horizon=True)
    loss, by_holding = losses(few)
    for f, (fund, books) in enumerate(fund_returns(run).items()):
        np.testing.assert_array_equal(loss[:, f], books.loss, err_msg=fund)
        for name, lost in books.loss_by_holding.items():
            k = fund_tables(run.layout).names.index(name)
            np.testing.assert_array_equal(by_holding[:, f, k], lost, err_msg=name)
    assert (loss > 0).any(axis=0).sum() > 3


def test_books_that_do_not_close_are_refused(run, monkeypatch):
    monkeypatch.setattr("core.results.fund_tables.TOLERANCE", -1.0)
    with pytest.raises(IdentityError, match="fund identity off"):
        fund_returns(run)
