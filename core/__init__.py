"""The model: who pays whom, who fails, who loses. Numpy only; never a page.

What is meant to be used from outside stands here by name; where it lives may change, ``from core import irr``
will not. The rooms and what each is for: questions and sources read results, results read the model, the
model runs on a layout, and scenario, web and finance are the ground.
"""

from core.finance.debt import level_payment
from core.finance.networks import clear, clearing_payments
from core.finance.returns import irr
from core.finance.waterfall import european_waterfall
from core.model.engine import run
from core.questions.attribution import attribute
from core.questions.explore import break_points, sweep
from core.questions.frontier import frontier
from core.questions.monte_carlo import monte_carlo
from core.scenario.levers import Scenario
from core.web.web import load_web

__all__ = [
    "Scenario",
    "attribute",
    "break_points",
    "clear",
    "clearing_payments",
    "european_waterfall",
    "frontier",
    "irr",
    "level_payment",
    "load_web",
    "monte_carlo",
    "run",
    "sweep",
]
