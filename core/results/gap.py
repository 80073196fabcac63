"""The funding gap of the coming years: what is needed, what Big Tech earns, and who lends the rest."""

from __future__ import annotations

import numpy as np

from core.layout.layout import DUST
from core.model.result import Result
from core.results.funds import FundReturns

SOURCES = ("private_credit", "corporate", "abs_cmbs", "other")
DIVERSIFIED = "infra_credit"


def funding_gap(result: Result, returns: dict[str, FundReturns]) -> dict[str, np.ndarray]:
    """Need, own cash and what each source lends to ``gap.last_year``, USD bn; every array (scenario,).

    The need follows yearly growth of demand with an exponent, over the years up to there; cash flow hardly
    moves. A source lends its full share while its yield over the base rate, plus the spread lever, less
    expected loss and the part of dearer base rates it cannot pass on, reaches its hurdle; less below it, and
    nothing once it falls 2 points short. What nobody lends is ``unfunded``. Keys besides: ``cost_<source>``
    is its yield, ``asked_<source>`` its share of the gap.

    Parameters
    ----------
    result : Result
        Run with the groups "market", "companies" and "holders".
    returns : dict of str to FundReturns
        By fund, as `core.results.fund_tables.fund_returns` gives them.
    """
    layout, levers = result.layout, result.levers
    p = layout.p
    dev = result.dev
    end = min(max(layout.calendar.first_of(int(p("gap.last_year")) + 1), 1), layout.never)
    need = p("gap.need") * dev[:, end - 1] ** (p("gap.need_exponent") / (end / 4.0))
    average = dev[:, :end].mean(axis=1)
    own = p("gap.own_cash") * average ** p("gap.own_cash_exponent")
    gap = np.maximum(need - own, 0.0)
    fund = returns[DIVERSIFIED]
    years = (result.last + 1) / 4.0
    yearly_loss = fund.loss_rate / years
    shares = np.array([p(f"gap_{s}.share") for s in SOURCES])
    out = {"need": need, "own_cash": own, "gap": gap}
    lent = np.zeros_like(gap)
    dearer = np.maximum(levers["r"] - p("market.base_rate"), 0.0)
    for source, share in zip(SOURCES, shares / max(shares.sum(), DUST), strict=True):
        spread, hurdle = p(f"gap_{source}.spread"), p(f"gap_{source}.hurdle")
        loss = p(f"gap_{source}.loss_share") * yearly_loss + p(f"gap_{source}.rate_aversion") * dearer
        excess = spread + levers["s"] - loss - hurdle
        willing = np.clip(1.0 + excess / p("gap.range"), 0.0, 1.0)
        out[f"asked_{source}"] = share * gap
        out[source] = share * gap * willing
        out[f"cost_{source}"] = levers["r"] + spread + levers["s"]
        lent = lent + out[source]
    out["unfunded"] = np.maximum(gap - lent, 0.0)
    return out
