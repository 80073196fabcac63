"""Behind a fund's return: from assets to investor step by step, who bears its loss, what rates do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from core.layout.compile import compile_layout
from core.layout.layout import Layout
from core.model.engine import run
from core.results.funds import Fund, funds
from core.results.measures import Measures, fund_ids, groups_for
from core.scenario.levers import Scenario, columns_from, lever
from core.web.web import Web

RATE_STEP = 0.5  # per cent: how finely the rate lever is walked


@dataclass(frozen=True)
class Bridge:
    """From what the assets earn to what the investor keeps, decimals a year; nan where not defined.

    ``assets`` + ``borrowing`` + ``fee`` + ``carry`` = ``net``: each step is the difference of two
    internal rates of return, so nothing is left over.
    """

    assets: float
    borrowing: float
    fee: float
    carry: float
    net: float


def bridge(fund: Mapping) -> Bridge:
    """Split a fund's net return into what its assets earn, its borrowing adds, and its manager takes.

    Parameters
    ----------
    fund : mapping
        A row of `funds` of a reading.

    Examples
    --------
    >>> bridge({"unlevered_irr": 0.10, "gross_irr": 0.13, "after_fee_irr": 0.115, "net_irr": 0.105})
    Bridge(assets=0.1, borrowing=0.03, fee=-0.015, carry=-0.01, net=0.105)
    """
    assets, gross, after_fee, net = (
        np.nan if fund[name] is None else fund[name]
        for name in ("unlevered_irr", "gross_irr", "after_fee_irr", "net_irr")
    )
    borrowing, fee, carry = (
        round(after - before, 15) for before, after in ((assets, gross), (gross, after_fee), (after_fee, net))
    )
    return Bridge(assets, borrowing, fee, carry, net)


def put_in_and_back(reading: Mapping, kind: str) -> tuple[float, float]:
    """What a kind of investor puts into all funds, and what it has back by the horizon, both USD bn.

    Parameters
    ----------
    reading : mapping
        As `core.results.reading.read` gives it; what a fund holds at the horizon counts at its value.
    kind : str
        For example ``pensions``.

    Examples
    --------
    >>> fund = {"moic": 1.2, "borne_by": {"pensions": {"invested": 5.0}}}
    >>> put_in_and_back({"funds": [fund, fund | {"moic": None}]}, "pensions")
    (5.0, 6.0)
    """
    mine = [
        (fund["borne_by"][kind]["invested"], fund["moic"])
        for fund in reading["funds"]
        if kind in fund["borne_by"] and fund["moic"] is not None
    ]
    return sum(put for put, _ in mine), sum(put * multiple for put, multiple in mine)


def money_in(fund: Fund) -> float:
    """What a fund's investors put in for its assets: the part that is not borrowed, USD bn.

    Parameters
    ----------
    fund : Fund

    Examples
    --------
    >>> money_in(Fund("x", 16.0, 0.6, 0, 0, 0, 0, (), ()))
    10.0
    """
    return fund.size / (1.0 + fund.leverage)


def borne_by(layout: Layout, losses: Mapping[str, float]) -> dict[str, dict[str, dict[str, float]]]:
    """Who stands behind each fund: share of its money, USD bn put in and USD bn lost, by kind of investor.

    Parameters
    ----------
    layout : Layout
    losses : mapping of fund id to float
        USD bn by which each fund falls short of schedule.

    Returns
    -------
    dict of fund id to dict of investor id to {"share", "invested", "loss"}
    """
    return {
        fund.id: {
            investor: {
                "share": share,
                "invested": share * money_in(fund),
                "loss": share * losses[fund.id],
            }
            for investor, share in fund.investors
        }
        for fund in funds(layout)
    }


@dataclass(frozen=True)
class Hump:
    """Net return of every fund along the interest-rate lever, the other levers as they are.

    ``rates`` (point,) in per cent; ``net`` by fund (point,), decimals a year; ``failed`` (point,) how many of
    the named companies fail by the horizon.
    """

    rates: np.ndarray
    net: dict[str, np.ndarray]
    failed: np.ndarray

    def peak(self, fund: str) -> tuple[float, float]:
        """Rate at which the fund pays its investors most, and how much; the lowest such rate.

        Parameters
        ----------
        fund : str
        """
        best = int(np.nanargmax(self.net[fund]))
        return float(self.rates[best]), float(self.net[fund][best])

    def first_failure(self) -> float | None:
        """Lowest rate on the walk at which more companies fail than at its start; None if there is none."""
        more = np.flatnonzero(self.failed > self.failed[0])
        return float(self.rates[more[0]]) if more.size else None


def hump(web: Web, scenario: Scenario) -> Hump:
    """Walk the interest-rate lever from end to end in one batch and read every fund's net return.

    Rates up lift what a floating-rate loan pays, until its borrower breaks; a fixed coupon bought at par only
    loses value and costs more to finance.

    Parameters
    ----------
    web : Web
    scenario : Scenario
        The other levers; its own rate plays no part.
    """
    one = lever("r")
    low, high = float(one.low or 0.0), float(one.high or 0.0)
    rates = np.arange(low, high + RATE_STEP / 2.0, RATE_STEP)
    layout = compile_layout(web)
    ids = fund_ids(layout)
    result = run(web, columns_from(scenario, r=rates), keep=groups_for(layout, f"{ids[0]}.net_irr"))
    returns = Measures(result).fund_returns
    return Hump(rates, {fund: returns[fund].net_irr for fund in ids}, result.failed_count)
