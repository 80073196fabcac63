"""Every array of a few scenarios, however the rules run: `test_equal` calls this as plain Python.

    BACKSTOP_NO_JIT=1 python tests/core/model/equal.py FILE

writes them into FILE.
"""

from __future__ import annotations

import sys

import numpy as np

from core.model.engine import run
from core.scenario.levers import Scenario
from core.scenario.presets import presets
from core.web.web import load_web
from tests.reference import EVERYTHING, figures_of
from tests.worlds import FIRST, STRESSED

BOTH = ("market", "plan")


def arrays() -> dict[str, np.ndarray]:
    """Arrays and fund figures by way of building and name."""
    few = [STRESSED, Scenario.default(FIRST), presets()[-1].scenario]
    found = {}
    for building in BOTH:
        result = run(load_web(FIRST), few, building, EVERYTHING, to_horizon=building == "plan")
        found |= {f"{building}|{name}": array for name, array in figures_of(result).items()}
    latest = load_web()
    hard = Scenario.default(latest).replace(
        g=-15, v=50, h=2033
    )  # labs cut, and an operator misses its covenant
    result = run(latest, hard, keep=EVERYTHING)
    return found | {f"latest|{name}": array for name, array in figures_of(result).items()}


if __name__ == "__main__":
    np.savez(sys.argv[1], **arrays())
