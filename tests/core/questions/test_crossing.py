"""Frontiers in words agree with runs on both sides of them."""

import pytest

from core.questions.batches import fates
from core.questions.crossing import crossings
from core.questions.frontier import frontier
from core.scenario.levers import Scenario, columns, lever
from core.web.web import load_web

WEB = load_web()


@pytest.mark.parametrize("company", ["coreweave", "fluidstack", "hyperion"])
@pytest.mark.parametrize("base", [{}, {"gw": False}, {"g": 0}])
def test_both_sides_of_every_edge_fail_and_hold_as_said(company, base):
    scenario = Scenario.default().replace(**base)
    line = frontier(WEB, scenario, company, "r", "u")
    one = lever("u")
    for cut in crossings(WEB, scenario, line, [3.0, 6.0, 9.0]):
        for low, high in cut.fails:
            inside = [
                (low if low is not None else one.low) + 0.5,
                (high if high is not None else one.high) - 0.5,
            ]
            outside = [edge for edge in (low and low - 0.5, high and high + 0.5) if edge]
            tried = [scenario.replace(r=cut.x, u=u) for u in (*inside, *outside)]
            failed = fates(WEB, columns(tried), (company,))[:, 0].tolist()
            assert failed == [True] * len(inside) + [False] * len(outside)
        if not cut.fails:
            tried = [scenario.replace(r=cut.x, u=u) for u in (one.low, 50.0, 70.0, one.high)]
            assert not fates(WEB, columns(tried), (company,)).any()
