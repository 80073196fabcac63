"""The declared distributions: sources exist, shapes are what they say, centres move as documented."""

import numpy as np
import pytest
from scipy.stats import triang, truncnorm

from core.questions.distributions import Distribution, correlation, distributions, transform
from core.scenario.levers import Scenario, levers
from core.web.web import load_web
from tests.worlds import FIRST

WEB = load_web(FIRST)
SHARES = np.array([0.001, 0.2, 0.5, 0.77, 0.999])


def test_every_lever_but_the_view_is_declared_with_a_source_and_a_reason():
    declared = distributions(WEB)
    assert set(declared) == {one.id for one in levers() if one.group != "view"}
    for one in declared.values():
        assert one.source in WEB.sources
        assert one.basis == "assumption"
        assert len(one.note) > 20
        if one.row:
            assert WEB.row(one.row).basis == "assumption"


def test_ranges_come_from_the_data_as_published():
    for name, row in (
        ("g", "market.demand_growth"),
        ("u", "market.utilisation"),
        ("d", "market.price_decline"),
    ):
        one = distributions(WEB)[name]
        assert one.row == row
        assert (one.low, one.high) == pytest.approx((100 * WEB.row(row).low, 100 * WEB.row(row).high))
    assert distributions(load_web(FIRST, overrides={"market.demand_growth": 30})) == distributions(WEB)


def test_quantiles_against_scipy():
    made = Distribution("g", "triangular", 35.0, -20.0, 70.0)
    np.testing.assert_allclose(made.quantile(SHARES), triang(55 / 90, -20, 90).ppf(SHARES))
    assert made.spread == pytest.approx(triang(55 / 90, -20, 90).std())
    made = Distribution("r", "normal", 3.75, 0.0, 12.0, 1.5)
    np.testing.assert_allclose(made.quantile(SHARES), truncnorm(-2.5, 5.5, 3.75, 1.5).ppf(SHARES))
    made = Distribution("f", "discrete", "open", options=("open", "closed"), probabilities=(0.75, 0.25))
    assert made.quantile(np.array([0.0, 0.74, 0.76, 1.0])).tolist() == ["open", "open", "closed", "closed"]


def test_another_centre_keeps_the_width_within_the_limits_of_the_lever():
    around = distributions(WEB, Scenario.default(FIRST).replace(g=20.0, r=11.0, f="closed", gw=False))
    assert (around["g"].low, around["g"].high) == (-35.0, 55.0)
    assert (around["r"].low, around["r"].high) == (7.25, 12.0)
    chances = dict(zip(around["f"].options, around["f"].probabilities, strict=True))
    assert chances == {"open": 0.1, "strict": 0.2, "closed": 0.7}
    assert around["gw"].surprise(False) == 0.0
    assert around["gw"].surprise(True) == pytest.approx(2 * np.log(0.97 / 0.03))


def test_points_of_the_cube_become_settings():
    declared = distributions(WEB)
    chosen = {name: declared[name] for name in ("r", "gw")}
    values = transform(chosen, np.array([[0.5, 0.99], [0.1, 0.1]]))
    assert values["gw"].tolist() == [False, True]
    assert values["r"][0] == declared["r"].quantile(np.array([0.5]))[0]
    assert correlation(["s", "g"])[0, 1] == -0.6


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"shape": "gamma"}, "gamma"),
        ({"low": 40.0}, "does not hold its centre"),
        ({"high": 200.0}, "not within"),
        ({"shape": "normal"}, "positive spread"),
        ({"shape": "discrete", "options": (35.0,), "probabilities": (0.5,)}, "add up to 1"),
        ({"shape": "discrete", "options": (1.0,), "probabilities": (1.0,)}, "the centre included"),
    ],
)
def test_impossible_distributions_are_refused(wrong, told):
    good = {"lever": "g", "shape": "triangular", "centre": 35.0, "low": -20.0, "high": 70.0}
    with pytest.raises(ValueError, match=told):
        Distribution(**(good | wrong))
