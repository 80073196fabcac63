"""The books of the funds: what they lent, received, borrowed, charged and paid out in each scenario.

A fund buys its holdings at par (new loans as borrowers draw them, 2026 to 2028), borrows against them, does
not reinvest, and is sold at its mark at the horizon. That is why the horizon moves returns.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from core.debt import level_payment, mark_value, principal_schedule
from core.funds import european_waterfall
from core.layout import QUARTERS, Layout
from core.result import TOLERANCE, IdentityError, Result
from core.returns import irr
from core.snapshot import Row
from core.state import DISTRESSED, FAILED, STRETCHED

NEW_LOANS, EQUITY, IG_LEASES = "new_loans", "hyperion_equity", "ig_leases"
DRAW_PERIOD = 12  # quarters: new loans are bought 2026 to 2028


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
class Instrument:
    """One dollar bought at par: flows by quarter, (quarter, scenario).

    ``bought`` is paid at the start (index 0 of ``opening``) or as drawn; ``received`` is cash in;
    ``scheduled`` what was due, ``lost`` what will never come, ``book`` the principal still to come and
    ``mark`` the value a buyer would pay.
    """

    opening: np.ndarray
    bought: np.ndarray
    received: np.ndarray
    scheduled: np.ndarray
    lost: np.ndarray
    book: np.ndarray
    mark: np.ndarray


def _yield_addition(layout: Layout, status: np.ndarray) -> np.ndarray:
    """Widening of a loan's yield by the status of its borrower, decimal a year."""
    p = layout.p
    return np.where(status == STRETCHED, p("status.stretched_spread"), 0.0) + np.where(
        status == DISTRESSED, p("status.distressed_spread"), 0.0
    )


def _tranche(result: Result, name: str) -> Instrument:
    """An opening tranche, per dollar of its opening balance."""
    layout, q = result.layout, result.record.quarterly
    t = layout.tranches
    i = t.ids.index(name)
    r, s = result.levers["r"], result.levers["s"]
    par = t.opening[i, 0]
    default_rate = layout.p("market.base_rate")
    coupon = t.rate[i] + (r if t.floating[i] else 0.0)
    issued = t.rate[i] + (r if t.floating[i] else r - default_rate)
    status = result.record.quarterly["status"][:, layout.companies.index(layout.nodes[t.borrower[i]])]
    yields = np.maximum(issued + s + _yield_addition(layout, status), 0.0) / 4.0
    quarters = np.arange(QUARTERS)[:, None] + np.zeros((1, result.n), dtype=int)
    value = mark_value(
        t.kind[i],
        q["balance"][:, i],
        np.broadcast_to(coupon / 4.0, yields.shape),
        yields,
        t.first[i],
        t.profile[i],
        t.maturity[i],
        quarters,
    )
    value = _early_exit(result, i, value, yields, q["balance"][:, i], coupon / 4.0)
    failed = status == FAILED
    zeros = np.zeros((QUARTERS, result.n))
    return Instrument(
        opening=np.ones(result.n),
        bought=zeros,
        received=q["received"][:, i] / par,
        scheduled=q["scheduled"][:, i] / par,
        lost=q["lost"][:, i] / par,
        book=np.where(failed, result.to_come[:, i], q["balance"][:, i]) / par,
        mark=np.where(failed, result.to_come[:, i], value) / par,
    )


def _early_exit(
    result: Result,
    i: int,
    value: np.ndarray,
    yields: np.ndarray,
    balance: np.ndarray,
    coupon: np.ndarray | float,
) -> np.ndarray:
    """Notes that fall due at the tenant's first exit are marked to that date, if the tenant will leave."""
    layout = result.layout
    pr, t = layout.promises, layout.tranches
    leaves = ~result.levers["mr"]
    for k, kind in enumerate(pr.kind):
        if kind != "residual_value" or pr.host[k] != t.borrower[i] or not leaves.any():
            continue
        exit_quarter = int(pr.start[k])
        out = np.zeros_like(value)
        for quarter in range(exit_quarter):
            factor, worth = np.ones(result.n), np.zeros(result.n)
            for ahead in range(quarter + 1, exit_quarter + 1):
                factor = factor / (1.0 + yields[quarter])
                principal = t.opening[i, ahead] if ahead == exit_quarter else t.regular[i, ahead]
                worth = worth + factor * (principal + t.opening[i, ahead] * coupon)
            out[quarter] = worth
        value = np.where(leaves & (balance > 0), out, value)
    return value


def _new_loans(result: Result) -> Instrument:
    """A dollar committed to new neocloud loans: bought as drawn until 2028, then held to repayment."""
    layout, q = result.layout, result.record.quarterly
    count = len(layout.tranches.ids)
    rows = [k for k, b in enumerate(layout.borrowers) if layout.kind[b] == "neocloud"]
    pool = [count + k for k in rows]
    fleet = layout.fleets[0]
    planned = float(np.sum(fleet.mw_added[:DRAW_PERIOD]) * fleet.capex_per_mw / 1000.0 * fleet.debt_share)
    drawn, received = q["drawn"][:, rows].sum(axis=1), q["received"][:, pool].sum(axis=1)
    scheduled, lost = q["scheduled"][:, pool].sum(axis=1), q["lost"][:, pool].sum(axis=1)
    balance, to_come = q["balance"][:, pool].sum(axis=1), result.to_come[:, pool].sum(axis=1)
    place = [layout.companies.index(layout.nodes[layout.borrowers[k]]) for k in rows]
    status = result.record.quarterly["status"][:, place]
    rate = q["new_rate"][:, rows[0]]
    n = result.n
    share, bought_so_far = np.zeros(n), np.zeros(n)
    out = {k: np.zeros((QUARTERS, n)) for k in ("bought", "received", "scheduled", "lost", "book", "mark")}
    for t in range(QUARTERS):
        out["received"][t], out["scheduled"][t], out["lost"][t] = (
            share * received[t],
            share * scheduled[t],
            share * lost[t],
        )
        wish = np.minimum(drawn[t], np.maximum(planned - bought_so_far, 0.0)) * (t < DRAW_PERIOD)
        bought_so_far = bought_so_far + wish
        out["bought"][t] = wish
        kept = np.maximum(balance[t] - drawn[t], 0.0) * share
        share = np.where(balance[t] > 0, (kept + wish) / np.where(balance[t] > 0, balance[t], 1.0), share)
        book = share * (balance[t] + to_come[t])
        widening = _yield_addition(layout, status[t, 0])
        life = np.clip(layout.p("debt.term") - t / 2.0, 4.0, None)
        coupon = np.maximum(rate[min(t, DRAW_PERIOD)], 1e-6) / 4.0
        price = level_payment(1.0, coupon, life) / level_payment(1.0, coupon + widening / 4.0, life)
        out["book"][t], out["mark"][t] = book, share * (balance[t] * price + to_come[t])
    return Instrument(opening=np.zeros(n), **{k: v / planned for k, v in out.items()})


def _equity(result: Result) -> Instrument:
    """The first-loss equity of Hyperion: accrues at its assumed yield, marked to what an exit would leave."""
    layout, levers = result.layout, result.levers
    items = layout.web.tables["funds"][EQUITY]
    amount, target = float(items["amount"].value), float(items["yield"].value)
    k = layout.promises.kind.index("residual_value")
    exit_quarter, node = int(layout.promises.start[k]), layout.promises.host[k]
    tau = np.concatenate([result.record.quarterly["price"][:, 0]])
    notes = layout.tranches.opening[layout.tranches.borrower == node, exit_quarter].sum()
    quarters = np.arange(QUARTERS)[:, None]
    rate = (1.0 + np.maximum(target + levers["r"] - layout.p("market.base_rate") + levers["s"], 0.0)) ** 0.25
    at_exit = (1.0 + target) ** (0.25 * (exit_quarter + 1))
    left = np.maximum(layout.site_cost[node] * layout.promises.share[k] * tau - notes, 0.0) / amount
    worth = np.where(levers["mr"], at_exit, np.minimum(left, at_exit))
    to_exit = exit_quarter - quarters
    # After an exit the proceeds are cash: they earn nothing more here. A renewed lease goes on.
    mark = worth * rate ** -np.where(levers["mr"], to_exit, np.maximum(to_exit, 0))
    zeros = np.zeros((QUARTERS, result.n))
    book = zeros + 1.0
    return Instrument(np.ones(result.n), zeros, zeros, zeros, zeros, book, mark)


def _ig_leases(result: Result) -> Instrument:
    """Investment-grade hyperscale leases outside this web: level payments, no default, marked to rates."""
    layout, levers = result.layout, result.levers
    items = layout.web.tables["funds"][IG_LEASES]
    coupon = float(items["yield"].value) / 4.0
    life = int(float(items["life_years"].value) * 4)
    regular, final = principal_schedule("level", 1.0, coupon, 0, life, life - 1, QUARTERS)
    balance = 1.0 - np.cumsum(regular + final)
    due = (regular + coupon * np.concatenate([[1.0], balance[:-1]]))[:, None] + np.zeros((1, result.n))
    yields = np.maximum(coupon + (levers["r"] - layout.p("market.base_rate") + levers["s"]) / 4.0, 0.0)
    left = (life - 1 - np.arange(QUARTERS))[:, None]
    price = level_payment(1.0, coupon, left) / level_payment(1.0, yields[None, :] + np.zeros_like(due), left)
    zeros = np.zeros_like(due)
    return Instrument(
        np.ones(result.n), zeros, due, due, zeros, balance[:, None] + zeros, balance[:, None] * price
    )


def instrument(result: Result, name: str) -> Instrument:
    """Flows of one dollar in an instrument of the funds table.

    Parameters
    ----------
    result : Result
        Run with groups "companies" and "holders" (and "market").
    name : str
        A tranche, or one of the special instruments.
    """
    special = {NEW_LOANS: _new_loans, EQUITY: _equity, IG_LEASES: _ig_leases}
    return special[name](result) if name in special else _tranche(result, name)


@dataclass(frozen=True)
class Accounts:
    """What a fund's investors got. Rates are per year.

    Attributes
    ----------
    gross_irr, net_irr, unlevered_irr, after_fee_irr : ndarray, (scenario,)
        The bridge: assets alone, with borrowing (gross), after the fee, after carry (net).
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
    moic: np.ndarray
    dpi: np.ndarray
    rvpi: np.ndarray
    loss_rate: np.ndarray
    loss: np.ndarray
    nav: np.ndarray
    loss_by_holding: dict[str, np.ndarray]
    residual: float


def over_time(flows: np.ndarray) -> np.ndarray:
    """Sum of (quarter, scenario) flows, quarter by quarter: a lone column would be added up in another order.

    Parameters
    ----------
    flows : ndarray, (quarter, scenario)
        Any unit; the sum has the same.

    Examples
    --------
    >>> over_time(np.array([[1.0, 2.0], [10.0, 20.0]])).tolist()
    [11.0, 22.0]
    """
    return np.cumsum(flows, axis=0)[-1]


def _yearly(quarterly: np.ndarray) -> np.ndarray:
    return (1.0 + quarterly) ** 4 - 1.0


def _held(result: Result, fund: Fund, cache: dict[str, Instrument]) -> list[tuple[str, float, Instrument]]:
    """Name, weight and flows of a fund's holdings; instruments are valued once per result."""
    for name, _ in fund.holdings:
        if name not in cache:
            cache[name] = instrument(result, name)
    return [(name, weight, cache[name]) for name, weight in fund.holdings]


def loss_by_holding(result: Result, fund: Fund, cache: dict[str, Instrument]) -> dict[str, np.ndarray]:
    """USD bn that each holding falls short of schedule up to the horizon, by instrument; (scenario,).

    Parameters
    ----------
    result : Result
        Run with groups "companies" and "holders" (and "market").
    fund : Fund
    cache : dict of str to Instrument
        Instruments already valued for this result; filled here.
    """
    inside = np.arange(QUARTERS)[:, None] <= result.last[None, :]
    held = _held(result, fund, cache)
    return {name: fund.size * weight * over_time(np.where(inside, x.lost, 0.0)) for name, weight, x in held}


BRIDGE = ("unlevered_irr", "gross_irr", "after_fee_irr", "net_irr")


def fund_books(result: Result, fund: Fund, cache: dict[str, Instrument]) -> tuple[dict, np.ndarray]:
    """Run the books of one fund over all scenarios, without the rates of return.

    Parameters
    ----------
    result : Result
        Run with groups "companies" and "holders" (and "market").
    fund : Fund
    cache : dict of str to Instrument
        Instruments already valued for this result; filled here.

    Returns
    -------
    fields : dict
        Of `Accounts`, but for the rates.
    flows : ndarray, (rate, scenario, quarter + 1)
        Whose internal rates are the rates of `BRIDGE`.
    """
    n, levers = result.n, result.levers
    held = _held(result, fund, cache)

    def _total(field: str) -> np.ndarray:
        """A field of all holdings, by weight; (quarter, scenario) per dollar of assets."""
        return sum(weight * getattr(x, field) for _, weight, x in held)

    opening, bought, received = _total("opening"), _total("bought"), _total("received")
    book, mark = _total("book"), _total("mark")
    inside = np.arange(QUARTERS)[:, None] <= result.last[None, :]
    ends = np.arange(QUARTERS)[:, None] == result.last[None, :]
    debt_share = fund.leverage / (1.0 + fund.leverage)
    cost = (levers["r"] + fund.funding_spread) / 4.0

    gross = np.zeros((QUARTERS + 1, n))
    fees, nav = np.zeros((QUARTERS + 1, n)), np.zeros((QUARTERS, n))
    debt = debt_share * opening
    gross[0] = -(1.0 - debt_share) * opening
    invested = opening
    worst = 0.0
    for q in range(QUARTERS):
        fees[q + 1] = fund.fee / 4.0 * np.maximum(invested - debt, 0.0) * inside[q]
        interest = debt * cost
        before, lent = debt, debt_share * bought[q]
        target = debt_share * book[q]
        available = received[q] - interest
        paydown = np.clip(debt + lent - target, 0.0, np.maximum(available, 0.0))
        debt = debt + lent - paydown + np.maximum(-available, 0.0)
        paid_out = np.maximum(available, 0.0) - paydown
        gross[q + 1] = paid_out - (bought[q] - lent)
        # Cash of the fund closes every quarter: it keeps none.
        worst = max(
            worst, float(np.abs(received[q] - bought[q] + (debt - before) - interest - gross[q + 1]).max())
        )
        invested = book[q]
        nav[q] = np.maximum(mark[q] - debt, 0.0)
    exit_value = np.where(ends, nav, 0.0)
    live = np.concatenate([np.ones((1, n), dtype=bool), inside])
    gross = np.where(live, gross, 0.0)
    gross[1:] += exit_value
    assets = np.where(live, np.concatenate([-opening[None], received - bought]), 0.0)
    assets[1:] += np.where(ends, mark, 0.0)
    after_fee = gross - fees
    contributions, distributions = np.maximum(-after_fee, 0.0).T, np.maximum(after_fee, 0.0).T
    split = european_waterfall(contributions, distributions, fund.hurdle, fund.carry, periods_per_year=4)
    net = split.lp - contributions
    paid_in, to_investors = over_time(contributions.T), over_time(split.lp.T)
    multiple = to_investors / np.where(paid_in > 0, paid_in, 1.0)
    sold = np.minimum(over_time(exit_value), to_investors)
    by_holding = loss_by_holding(result, fund, cache)
    loss = sum(by_holding.values())
    due = fund.size * over_time(np.where(inside, _total("scheduled"), 0.0))
    worst = max(worst, float(np.abs(split.lp + split.gp - distributions).max()))
    if worst > TOLERANCE:
        raise IdentityError(f"fund identity off by {worst:.3g} per dollar of {fund.id}")
    fields = {
        "moic": multiple,
        "dpi": multiple - sold / np.where(paid_in > 0, paid_in, 1.0),
        "rvpi": sold / np.where(paid_in > 0, paid_in, 1.0),
        "loss_rate": np.where(due > 0, loss / np.where(due > 0, due, 1.0), 0.0),
        "loss": loss,
        "nav": (nav * fund.size).T,
        "loss_by_holding": by_holding,
        "residual": worst,
    }
    return fields, np.stack([assets.T, gross.T, after_fee.T, net])


def all_accounts(result: Result) -> dict[str, Accounts]:
    """Accounts of every fund; instruments are valued once, and all rates found in one call.

    Parameters
    ----------
    result : Result
        Run with groups "companies" and "holders" (and "market").
    """
    cache: dict[str, Instrument] = {}
    every = funds(result.layout)
    books = [fund_books(result, fund, cache) for fund in every]
    flows = np.stack([f for _, f in books])
    rates = _yearly(irr(flows.reshape(-1, flows.shape[-1])).reshape(flows.shape[:-1]))
    return {
        fund.id: Accounts(**fields, **dict(zip(BRIDGE, rate, strict=True)))
        for fund, (fields, _), rate in zip(every, books, rates, strict=True)
    }


def investor_losses(result: Result, accounts: dict[str, Accounts]) -> dict[str, np.ndarray]:
    """What each kind of investor will not get back through the named funds, USD bn, (scenario,).

    Parameters
    ----------
    result : Result
        The run behind the accounts.
    accounts : dict of str to Accounts
        By fund, as `all_accounts` gives them.
    """
    out: dict[str, np.ndarray] = {}
    for fund in funds(result.layout):
        for investor, weight in fund.investors:
            out[investor] = out.get(investor, 0.0) + weight * accounts[fund.id].loss
    return out
