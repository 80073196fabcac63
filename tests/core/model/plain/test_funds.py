"""Flows of the funds as their books are kept: shares by the textbook, rates by their definition."""

from types import SimpleNamespace

import numpy as np
import pytest

from core.compiled.jit import as_run
from core.finance.waterfall import european_waterfall
from core.model import engine, funds
from core.model.record import DISTRESSED, HEALTHY, STRETCHED, SUPPORTED
from core.results.fund_tables import fund_tables, instruments
from core.scenario.presets import presets
from tests.worlds import FIRST, QUARTERS, random_levers

SCENARIOS = 40


@pytest.fixture(scope="module", params=["presets", "random"])
def kept(request, web):
    """Terms, flows and figures of every fund in each scenario."""
    if request.param == "random":
        result = engine.run(web, random_levers(41, SCENARIOS))
    else:
        result = engine.run(web, [preset.on(FIRST) for preset in presets()])
    known = fund_tables(result.layout)
    books = np.zeros(1, known.books)
    flow, scaled = np.zeros((funds.RATES, QUARTERS + 1)), np.zeros(QUARTERS + 1)
    fund, ones, opened = map(as_run, (known.fund, instruments(result), books))
    found = []
    for i, one in enumerate(ones):
        base, last = result.levers["r"][i], result.last[i]
        for f in range(fund[0].size_of.size):
            funds.close_fund(fund[0], base, last, QUARTERS, one, opened[0], flow, scaled, f)
            found.append(
                SimpleNamespace(
                    hurdle=float(fund[0].hurdle[f]), carry=float(fund[0].carry[f]), flow=flow.copy(),
                    rate=opened[0].rate[:, f].copy(), moic=float(opened[0].moic[f]),
                )
            )  # fmt: skip
    return found


def test_what_comes_back_is_shared_as_the_textbook_says(kept):
    carried = 0
    for one in kept:
        paid_in = np.maximum(-one.flow[funds.AFTER_FEE], 0.0)
        paid_out = np.maximum(one.flow[funds.AFTER_FEE], 0.0)
        split = european_waterfall(paid_in[None], paid_out[None], one.hurdle, one.carry, periods_per_year=4)
        np.testing.assert_allclose(one.flow[funds.NET], split.lp[0] - paid_in, rtol=1e-9, atol=1e-12)
        assert one.moic == pytest.approx(split.lp.sum() / paid_in.sum(), rel=1e-9)
        carried += split.gp.sum() > 0
        profit = paid_out.sum() - paid_in.sum()
        assert split.gp.sum() <= one.carry * max(profit, 0.0) + 1e-2 * paid_in.max()
    assert carried > len(kept) / 10


def test_a_rate_of_return_makes_its_flows_worth_nothing(kept):
    checked = 0
    for one in kept:
        for rate in range(funds.RATES):
            flow, found = one.flow[rate], one.rate[rate]
            if np.isfinite(found) and found > -0.99:
                quarterly = (1 + found) ** 0.25 - 1
                assert abs((flow / (1 + quarterly) ** np.arange(flow.size)).sum()) < 1e-7 * np.abs(flow).sum()
                checked += 1
    assert checked > 2 * len(kept)


def test_fees_and_carry_only_take(kept):
    for one in kept:
        gross, after_fee, net = one.rate[[funds.GROSS, funds.AFTER_FEE, funds.NET]]
        assert not after_fee > gross + 1e-9
        assert not net > after_fee + 1e-9


def test_a_borrower_who_lives_on_a_guarantor_is_marked_as_a_stretched_one(layout):
    fund = SimpleNamespace(
        **{f"{word}_spread": layout.p(f"status.{word}_spread") for word in ("stretched", "distressed")}
    )
    widened = [funds.widening(fund, status) for status in (HEALTHY, STRETCHED, SUPPORTED, DISTRESSED)]
    assert widened == [0.0, fund.stretched_spread, fund.stretched_spread, fund.distressed_spread]
