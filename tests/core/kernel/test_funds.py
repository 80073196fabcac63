"""Books of funds that do not close are refused; losses and rates of return of any stream."""

import numpy as np
import pytest

from core.finance.rates import rates_of_return
from core.finance.returns import irr_with_flag
from core.kernel import engine
from core.kernel.identities import IdentityError
from core.results.fund_tables import fund_returns, fund_tables, losses
from core.scenario.presets import presets

NEAR = {"rtol": 1e-9, "atol": 1e-9}


@pytest.fixture(scope="module")
def run(web):
    return engine.run(web, [preset.scenario for preset in presets()])


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


def rates(rows):
    rows = np.ascontiguousarray(rows, dtype=float)
    rate, several = np.zeros(len(rows)), np.zeros(len(rows), dtype=bool)
    rates_of_return(rows, rate, several)
    return rate, several


@pytest.mark.parametrize("signs", ["once", "any", "zeros"])
def test_rates_of_random_streams(signs):
    rng = np.random.default_rng(len(signs))
    rows = rng.normal(size=(400, 33)) * rng.exponential(10.0, (400, 1))
    if signs == "once":
        paid = rng.integers(1, 32, (400, 1))
        rows = np.where(np.arange(33) < paid, -np.abs(rows), np.abs(rows))
    if signs == "zeros":
        rows *= rng.random(rows.shape) < 0.2
    expected, found = irr_with_flag(rows), rates(rows)
    np.testing.assert_allclose(found[0], expected[0], **NEAR)
    assert (found[1] == expected[1]).all()
    assert np.isfinite(expected[0]).sum() > 100


def test_rates_with_known_answers():
    rows = [[-100, 60, 60.5], [-100, 0, 121], [-100, 0, 0], [0, 5, 5], [-100, 230, -132], [100, -50, -50]]
    rate, several = rates([[*row, 0] for row in rows])
    known = irr_with_flag([[*row, 0] for row in rows])
    np.testing.assert_allclose(rate, known[0], **NEAR)
    assert several.tolist() == [False, False, False, False, True, False] == known[1].tolist()
