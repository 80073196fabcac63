"""Default rates by year: by hand from the debt and the quarters of failure, and never more than all debt."""

import numpy as np
import pytest

from core.model.engine import run
from core.results.default_rates import default_rates
from core.results.measures import Measures
from core.scenario.presets import presets
from core.web.web import load_web, snapshots


class Web:
    """Two borrowers of a made-up run of eight quarters: one of them fails in the sixth."""

    def __init__(self, failed):
        calendar = load_web(snapshots()[0]).calendar
        layout = type("Layout", (), {"nodes": ("a", "b"), "borrowers": (0, 1)})()
        ends = calendar.year_ends[:2]
        layout.web = type("Shot", (), {"calendar": type("C", (), {"years": (1, 2), "year_ends": ends})()})()
        self.layout, self.failed = layout, failed
        self.result = type("Result", (), {"failed_quarter": lambda _self, who: np.array([failed[who]])})()
        self.debts = {"a": [10, 20, 30, 40, 50, 60, 0, 0], "b": [5, 5, 5, 5, 5, 5, 5, 5]}

    def company(self, who, _field):
        return np.array([self.debts[who]], float)


@pytest.mark.parametrize(
    ("failed", "rates"),
    [
        ({"a": 99, "b": 99}, {1: 0.0, 2: 0.0}),
        ({"a": 5, "b": 99}, {1: 0.0, 2: 50 / 45}),  # it borrowed on within the year in which it failed
        ({"a": 99, "b": 1}, {1: 5 / 15, 2: 0.0}),
        ({"a": 0, "b": 5}, {1: 10 / 15, 2: 5 / 5}),  # the one that has failed is owed by no longer
    ],
)
def test_rates_are_debt_that_fails_over_debt_at_the_start(failed, rates):
    assert default_rates(Web(failed)) == pytest.approx(rates)


@pytest.mark.parametrize("data", snapshots())
@pytest.mark.parametrize("name", ["base", "pause", "glut"])
def test_a_rate_is_above_nothing_exactly_in_the_years_of_failures(data, name):
    web = load_web(data)
    scenario = next(one for one in presets() if one.id == name).on(web).replace(h=2033)
    measures = Measures(run(web, scenario))
    layout, found = measures.layout, default_rates(measures)
    assert tuple(found) == web.calendar.years
    failed = {
        layout.nodes[b]: int(measures.result.failed_quarter(layout.nodes[b])[0]) for b in layout.borrowers
    }
    falls = [
        web.calendar.label(q)[:4]
        for who, q in failed.items()
        if q < layout.never and measures.company(who, "debt")[0][max(q - 1, 0)] > 0
    ]
    assert {str(year) for year, rate in found.items() if rate > 0} == set(falls)
    assert bool(falls) == (name != "base")
