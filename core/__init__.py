"""The model: who pays whom, who fails, who loses. Never a page.

What is meant to be used from outside stands here by name; where it lives may change, ``from core import irr``
will not. The rooms and what each is for: questions, holdings and sources read results, results read the
model, the model runs on a layout, and scenario, web, finance and compiled are the ground.

Each name is looked up when it is first asked for: a package that imported what is in it would be a circle, in
which the first two visitors of a server, whose pages are imported in two threads, wait for each other.
"""

from importlib import import_module
from typing import Any

_HOMES = {
    "Scenario": "core.scenario.levers",
    "attribute": "core.questions.attribution",
    "break_points": "core.questions.explore",
    "clear": "core.finance.networks",
    "clearing_payments": "core.finance.networks",
    "european_waterfall": "core.finance.waterfall",
    "frontier": "core.questions.frontier",
    "irr": "core.finance.returns",
    "level_payment": "core.finance.debt",
    "load_web": "core.web.web",
    "monte_carlo": "core.questions.monte_carlo",
    "run": "core.model.engine",
    "sweep": "core.questions.explore",
}
__all__ = list(_HOMES)


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
