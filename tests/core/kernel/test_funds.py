"""The compiled fund books find what the numpy books find; so do rates of return, of any stream."""

import numpy as np
import pytest

from core.finance.returns import irr_with_flag
from core.kernel import engine
from core.kernel.returns import rates_of_return
from core.model.record import IdentityError
from core.results import funds as accounts
from core.results.fund_tables import fund_returns, instruments
from core.scenario.presets import presets
from tests.worlds import at_both_ends, random_levers

NEAR = {"rtol": 1e-9, "atol": 1e-9}


@pytest.fixture(scope="module", params=["market", "plan"])
def run(request, web):
    scenarios = [preset.scenario for preset in presets()] + at_both_ends()
    return engine.run(web, scenarios if request.param == "market" else random_levers(3, 200), request.param)


def test_the_books_of_every_fund(run):
    expected, found = accounts.fund_returns(run), fund_returns(run)
    assert expected.keys() == found.keys()
    for fund, books in expected.items():
        for name, value in vars(books).items():
            if name == "residual":
                assert found[fund].residual < 1e-12
                continue
            pairs = value.items() if isinstance(value, dict) else [(name, value)]
            for what, numbers in pairs:
                mine = getattr(found[fund], name)
                mine = mine[what] if isinstance(value, dict) else mine
                np.testing.assert_allclose(mine, numbers, **NEAR, err_msg=f"{fund} {what}")


def test_a_dollar_in_every_instrument(run):
    for name, found in instruments(run).items():
        expected = accounts.instrument(run, name)
        for flow, values in vars(expected).items():
            np.testing.assert_allclose(getattr(found, flow), values, **NEAR, err_msg=f"{name} {flow}")


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
