"""The funds of a snapshot, and what their investors got of a run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from core.layout.layout import Layout
from core.web.snapshot import Row

NEW_LOANS, EQUITY, IG_LEASES = "new_loans", "hyperion_equity", "ig_leases"
BRIDGE = ("unlevered_irr", "gross_irr", "after_fee_irr", "net_irr")


@dataclass(frozen=True)
class Fund:
    """A fund or sleeve: terms as decimals, holdings as (instrument, weight of assets)."""

    id: str
    size: float
    leverage: float
    fee: float
    carry: float
    hurdle: float
    funding_spread: float
    holdings: tuple[tuple[str, float], ...]
    investors: tuple[tuple[str, float], ...]


@lru_cache(maxsize=16)
def funds(layout: Layout) -> tuple[Fund, ...]:
    """The funds of a snapshot, in the order of its table.

    Parameters
    ----------
    layout : Layout
        The snapshot, compiled.
    """
    table = layout.web.tables["funds"]
    out = []
    for subject, items in table.items():
        if "leverage" not in items:
            continue

        def weights(prefix: str, items: Mapping[str, Row] = items) -> tuple[tuple[str, float], ...]:
            return tuple(
                (k[len(prefix) :], float(row.value)) for k, row in items.items() if k.startswith(prefix)
            )

        terms = {
            k: float(items[k].value) for k in ("size", "leverage", "fee", "carry", "hurdle", "funding_spread")
        }
        out.append(Fund(id=subject, **terms, holdings=weights("hold_"), investors=weights("mix_")))
    return tuple(out)


@dataclass(frozen=True)
class FundReturns:
    """What a fund's investors got. Rates are per year.

    Attributes
    ----------
    gross_irr, net_irr, unlevered_irr, after_fee_irr : ndarray, (scenario,)
        The bridge: assets alone, with borrowing (gross), after the fee, after carry (net). Of several rates
        that fit the flows the one nearest 10 % a year.
    several_rates : dict of str to ndarray of bool, (scenario,)
        By rate of the bridge: whether other rates fit its flows as well.
    moic, dpi, rvpi : ndarray, (scenario,)
        Net multiples of what investors paid in; moic = dpi + rvpi.
    loss_rate : ndarray, (scenario,)
        1 - received / scheduled up to the horizon, undiscounted, known recoveries counted as received.
    nav : ndarray, (scenario, quarter)
        Marked value less fund debt, USD bn.
    loss : ndarray, (scenario,)
        USD bn short of scheduled.
    loss_by_holding : dict of str to ndarray, (scenario,)
    """

    gross_irr: np.ndarray
    net_irr: np.ndarray
    unlevered_irr: np.ndarray
    after_fee_irr: np.ndarray
    several_rates: dict[str, np.ndarray]
    moic: np.ndarray
    dpi: np.ndarray
    rvpi: np.ndarray
    loss_rate: np.ndarray
    loss: np.ndarray
    nav: np.ndarray
    loss_by_holding: dict[str, np.ndarray]
    residual: float


def held_names(every: Sequence[Fund]) -> tuple[str, ...]:
    """Instruments that any of the funds holds, each once.

    Parameters
    ----------
    every : sequence of Fund
        Funds.
    """
    return tuple(dict.fromkeys(name for fund in every for name, _ in fund.holdings))


def investor_losses(layout: Layout, returns: dict[str, FundReturns]) -> dict[str, np.ndarray]:
    """What each kind of investor will not get back through the named funds, USD bn, (scenario,).

    Parameters
    ----------
    layout : Layout
        The snapshot, compiled.
    returns : dict of str to FundReturns
        By fund, as `core.results.fund_tables.fund_returns` gives them.
    """
    out: dict[str, np.ndarray] = {}
    for fund in funds(layout):
        for investor, weight in fund.investors:
            out[investor] = out.get(investor, 0.0) + weight * returns[fund.id].loss
    return out
