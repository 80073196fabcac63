"""How the funding gap moves along a lever, for several scenarios in one batch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from core.kernel.engine import run
from core.results.measures import Measures
from core.scenario.levers import Scenario, columns_from, lever
from core.web.web import Web

POINTS = 21
GROUPS = frozenset({"companies", "holders", "market"})


@dataclass(frozen=True)
class GapPath:
    """The funding gap along one lever: ``values`` (points,) in public units, ``figures`` name to (points,).

    The names are those of `core.results.gap.funding_gap`.
    """

    lever: str
    values: np.ndarray
    figures: dict[str, np.ndarray]


def gap_paths(
    web: Web, scenarios: Sequence[Scenario], words: Sequence[str] = ("g", "r"), points: int = POINTS
) -> tuple[tuple[GapPath, ...], ...]:
    """The funding gap along levers, for each scenario, from one batched run.

    Parameters
    ----------
    web : Web
    scenarios : sequence of Scenario
        The other levers, for example the scenario and today's data.
    words : sequence of str
        Number levers, by id or long name.
    points : int
        Scenarios per lever, over its whole range.

    Returns
    -------
    tuple of tuple of GapPath
        By scenario, then by lever.

    Raises
    ------
    ValueError
        If a lever is unknown, not a number, or there are fewer than two points.
    """
    if points < 2:
        raise ValueError(f"a path needs two points or more, got {points}")
    chosen = [lever(word) for word in words]
    spans = []
    for one in chosen:
        if one.kind != "number" or one.low is None or one.high is None:
            raise ValueError(f"lever {one.id} is not a number and has no path")
        spans.append(np.linspace(one.low, one.high, points))
    parts = [
        columns_from(scenario, **{one.id: span})
        for scenario in scenarios
        for one, span in zip(chosen, spans, strict=True)
    ]
    batch = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    gap = Measures(run(web, batch, keep=GROUPS)).gap
    out = []
    for i in range(len(scenarios)):
        paths = []
        for j, (one, span) in enumerate(zip(chosen, spans, strict=True)):
            start = (i * len(chosen) + j) * points
            figures = {name: values[start : start + points] for name, values in gap.items()}
            paths.append(GapPath(one.id, span, figures))
        out.append(tuple(paths))
    return tuple(out)
