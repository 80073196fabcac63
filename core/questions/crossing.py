"""A failure frontier read off at some places, to be said in words: "at 9 % it fails below 71 %"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from core.questions.batches import fates
from core.questions.frontier import Frontier
from core.scenario.levers import Scenario, columns_from, lever
from core.web.web import Web


@dataclass(frozen=True)
class Crossing:
    """For which values of the second lever a company fails, at one value of the first.

    Attributes
    ----------
    x : float
        Value of the first lever, public units.
    fails : tuple of (float or None, float or None)
        Spans of the second lever in which the company fails, from and to; None is the end of the lever's
        range. Empty: it never fails there; one span without ends: it always does.
    """

    x: float
    fails: tuple[tuple[float | None, float | None], ...]


def crossings(web: Web, scenario: Scenario, line: Frontier, xs: Sequence[float]) -> tuple[Crossing, ...]:
    """Read a frontier off at some values of its first lever; which side fails is run, not guessed.

    Parameters
    ----------
    web : Web
        A loaded snapshot.
    scenario : Scenario
        The other levers, as the frontier was made with.
    line : Frontier
        From `core.questions.frontier.frontiers`.
    xs : sequence of float
        Values of the first lever, public units.

    Returns
    -------
    tuple of Crossing
        One per value, as exact as the frontier.

    Examples
    --------
    >>> from core.questions.frontier import frontier
    >>> from core.web.web import load_web
    >>> web, today = load_web(), Scenario.default()
    >>> found = crossings(web, today, frontier(web, today, "coreweave", "u", "g", points=9), [85.0])[0]
    >>> len(found.fails), found.fails[0][0] is None  # below some growth
    (1, True)
    """
    one = lever(line.y)
    low, high = float(one.low or 0.0), float(one.high or 0.0)
    cuts = [sorted(_heights(line, x)) for x in xs]
    spans = [(i, a, b) for i, mine in enumerate(cuts) for a, b in pairwise((low, *mine, high))]
    batch = columns_from(
        scenario,
        **{
            line.x: np.array([float(xs[i]) for i, _, _ in spans]),
            line.y: np.array(
                [
                    one.check((a + b) / 2.0) if one.kind == "number" else round((a + b) / 2.0)
                    for _, a, b in spans
                ]
            ),
        },
    )
    bad = fates(web, batch, (line.company,))[:, 0]
    found: list[list[tuple[float | None, float | None]]] = [[] for _ in xs]
    for (i, a, b), fails in zip(spans, bad, strict=True):
        if not fails:
            continue
        start, end = (None if a == low else a), (None if b == high else b)
        if found[i] and found[i][-1][1] == a:
            found[i][-1] = (found[i][-1][0], end)  # a corner that the line only touches
        else:
            found[i].append((start, end))
    return tuple(Crossing(float(x), tuple(mine)) for x, mine in zip(xs, found, strict=True))


def _heights(line: Frontier, x: float) -> set[float]:
    """Values of the second lever at which the lines of a frontier pass a value of the first."""
    found = set()
    for points in line.lines:
        for (xa, ya), (xb, yb) in pairwise(points):
            if min(xa, xb) <= x <= max(xa, xb):
                found.add(ya if xa == xb else ya + (yb - ya) * (x - xa) / (xb - xa))
    return found
