"""From assets to investors: the bridge adds up, losses are shared out in full, and what rates do."""

import numpy as np
import pytest

from core.model import engine
from core.questions import explore
from core.results import investors, reading
from core.results.funds import funds
from core.scenario.levers import Scenario
from tests.worlds import FIRST, STRESSED


@pytest.fixture(scope="module", params=["base", "stressed"])
def read(request, web):
    return reading.read(engine.run(web, Scenario.default(FIRST) if request.param == "base" else STRESSED))


def test_the_bridge_adds_up_for_every_fund(read):
    for fund in read["funds"]:
        steps = investors.bridge(fund)
        assert steps.assets + steps.borrowing + steps.fee + steps.carry == pytest.approx(steps.net, abs=1e-12)
        assert steps.fee < 0
        assert steps.carry <= 1e-12


def test_a_return_that_is_not_defined_stays_undefined():
    fund = {"unlevered_irr": None, "gross_irr": 0.1, "after_fee_irr": 0.1, "net_irr": 0.1}
    assert np.isnan(investors.bridge(fund).assets)


def test_losses_are_borne_in_full_and_agree_with_the_totals(read):
    totals = dict.fromkeys((row["id"] for row in read["investors"]), 0.0)
    for fund in read["funds"]:
        assert sum(row["loss"] for row in fund["borne_by"].values()) == pytest.approx(fund["loss"])
        assert sum(row["share"] for row in fund["borne_by"].values()) == pytest.approx(1.0)
        for investor, row in fund["borne_by"].items():
            totals[investor] += row["loss"]
    assert totals == pytest.approx({row["id"]: row["loss"] for row in read["investors"]})


def test_investors_put_in_what_the_fund_does_not_borrow(layout):
    by_id = {fund.id: fund for fund in funds(layout)}
    assert investors.money_in(by_id["infra_credit"]) == pytest.approx(10 / 1.6)
    assert investors.money_in(by_id["pimco"]) == pytest.approx(18)


def test_the_hump_is_the_sweep_of_every_fund_at_once(web):
    scenario = Scenario.default(FIRST).replace(g=5, r=9)
    found = investors.hump(web, scenario)
    for fund in ("blackstone", "pimco"):
        alone = explore.sweep(web, scenario, {"r": found.rates}, f"{fund}.net_irr")
        assert found.net[fund] == pytest.approx(alone.values, nan_ok=True)
    assert found.failed[0] <= found.failed[-1]


def test_rates_lift_floating_loans_and_lower_notes_with_a_fixed_coupon(web):
    found = investors.hump(web, Scenario.default(FIRST))
    assert found.peak("blackstone")[0] > Scenario.default(FIRST)["r"]
    assert found.peak("pimco")[0] == 0.0
