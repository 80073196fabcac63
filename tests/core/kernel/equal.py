"""Holds the compiled engine to the numpy engine: every array of every group, of any batch.

    python tests/core/kernel/equal.py 7 12

compares random scenarios of some seeds; without arguments a few presets: what `test_equal` runs as plain
Python in a process of its own.
"""

from __future__ import annotations

import sys

import numpy as np

from core.kernel import engine
from core.model import engine as numpy_engine
from core.model.record import GROUPS, ON_REQUEST
from core.scenario.levers import Scenario
from core.scenario.presets import presets
from core.web.web import Web, load_web

EVERYTHING = (*GROUPS, *ON_REQUEST)
BOTH = ("market", "plan")
NEAR = 1e-9  # USD bn, or as a share of what is larger than 1


def differences(web: Web, scenarios, building: str = "market", **options: object) -> dict[str, float]:
    """Arrays in which the engines differ, each with how far they are apart at worst."""
    expected = numpy_engine.run(web, scenarios, building, EVERYTHING, **options)
    found = engine.run(web, scenarios, building, EVERYTHING, **options)
    off = {}
    for name, path in expected.record.quarterly.items():
        if name != "marks":
            told = np.moveaxis(path[: found.quarters], -1, 0)
            off[name] = _apart(told, found.array(name)[:, : found.quarters])
    for name, value in expected.record.once.items():
        off[name] = _apart(value.T, found.estate if name == "estate" else found.ends[name])
    return {name: worst for name, worst in off.items() if not worst <= NEAR}


def _apart(expected: np.ndarray, found: np.ndarray) -> float:
    """The largest distance of two arrays; infinite where one is finite and the other is not."""
    assert expected.shape == found.shape
    assert expected.dtype == found.dtype
    expected, found = expected.astype(float), found.astype(float)
    same = (expected == found) | (np.isnan(expected) & np.isnan(found))
    with np.errstate(invalid="ignore"):
        apart = np.abs(expected - found) / np.maximum(np.abs(expected), 1.0)
    return float(np.where(same, 0.0, np.nan_to_num(apart, nan=np.inf)).max(initial=0.0))


def main(seeds: list[str]) -> int:
    """Compare and say what differs."""
    from tests.worlds import STRESSED, random_levers

    web, found = load_web(), {}
    for building in BOTH:
        if not seeds:
            few = [STRESSED, Scenario.default(), presets()[-1].scenario]
            found |= differences(web, few, building)
        for seed in map(int, seeds):
            found |= differences(web, random_levers(seed, 100), building, to_horizon=seed % 2 == 0)
    print(found or "equal")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
