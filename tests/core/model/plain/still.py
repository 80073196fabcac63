"""One scenario as its rules see it, opened: everything is there, and a test may set what it likes."""

from __future__ import annotations

import numpy as np

from core.compiled.jit import as_run
from core.model import market, state, terms
from core.model.engine import lever_records
from core.model.tables import tables
from core.scenario.levers import Scenario, columns


class StillWorld:
    """A web at the snapshot date in a market that stands still, or that moves as the levers say.

    ``moves`` leaves the market to the levers; else its figures are chosen freely.
    """

    def __init__(self, layout, *, building="market", moves=False, use=0.85, tau=1.0, sold=1.0, dev=1.0,
                 ageing=0.9, failed=(), **changes):  # fmt: skip
        known = tables(layout)
        batch = columns([Scenario.default(layout.web).replace(**changes)])
        self.layout = layout
        self.web = as_run(known.web.copy())[0]
        self.lever = as_run(lever_records(known, layout, batch, building))[0]
        self.work = as_run(np.zeros(1, known.work))[0]
        self.path, self.s, self.due = self.work.path, self.work.s, self.work.due
        market.market_path(self.web.p, self.lever, self.path, self.path.demand.size)
        if not moves:
            p = self.path
            p.utilisation[:], p.tightness[:], p.sold_share[:], p.dev[:] = use, tau, sold, dev
            p.ageing = ageing
        terms.market_terms(self.web, self.lever, self.path, self.path.demand.size)
        state.start_state(self.web, self.lever, self.s)
        for node in failed:
            self.s.living[layout.index[node]] = 0

    def borrower(self, node: str) -> int:
        """Its place among the borrowers."""
        return [self.layout.nodes[b] for b in self.layout.borrowers].index(node)
