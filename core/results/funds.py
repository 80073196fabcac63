"""The books of the funds: what they lent, received, borrowed, charged and paid out in each scenario.

A fund buys its holdings at par (new loans as borrowers draw them, 2026 to 2028), borrows against them, does
not reinvest, and is sold at its mark at the horizon. That is why the horizon moves returns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from core.finance.debt import level_payment, mark_value, principal_schedule
from core.finance.returns import irr
from core.finance.waterfall import european_waterfall
from core.layout.layout import QUARTERS, Layout
from core.model.record import TOLERANCE, IdentityError
from core.model.result import Result
from core.model.state import DISTRESSED, FAILED, STRETCHED
from core.web.snapshot import Row

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


@dataclass(frozen=True)
class Pool:
    """New neocloud loans and a buyer's share of them; (quarter, scenario), USD bn.

    ``share`` is held through the quarter, ``held`` at its end, after he has bought ``bought`` of what is
    ``drawn``; ``rows`` are the borrowers, ``pool`` their new debt among the instruments.
    """

    rows: list[int]
    pool: list[int]
    planned: float
    drawn: np.ndarray
    balance: np.ndarray
    bought: np.ndarray
    share: np.ndarray
    held: np.ndarray


def _pool(result: Result) -> Pool:
    """Buy new neocloud loans as drawn until 2028, up to the plan, and hold them to repayment."""
    layout, q = result.layout, result.record.quarterly
    rows = [k for k, b in enumerate(layout.borrowers) if layout.kind[b] == "neocloud"]
    pool = [len(layout.tranches.ids) + k for k in rows]
    fleet = layout.fleets[0]
    planned = float(np.sum(fleet.mw_added[:DRAW_PERIOD]) * fleet.capex_per_mw / 1000.0 * fleet.debt_share)
    drawn, balance = q["drawn"][:, rows].sum(axis=1), q["balance"][:, pool].sum(axis=1)
    n = result.n
    held, bought_so_far = np.zeros(n), np.zeros(n)
    bought, share = np.zeros((QUARTERS, n)), np.zeros((QUARTERS + 1, n))
    older = np.maximum(balance - drawn, 0.0)
    owed = balance > 0
    some = np.where(owed, balance, 1.0)
    for t in range(QUARTERS):
        if t < DRAW_PERIOD:
            bought[t] = np.minimum(drawn[t], np.maximum(planned - bought_so_far, 0.0))
            bought_so_far = bought_so_far + bought[t]
        held = np.where(owed[t], (older[t] * held + bought[t]) / some[t], held)
        share[t + 1] = held
    return Pool(rows, pool, planned, drawn, balance, bought, share[:-1], share[1:])


def _new_loans(result: Result) -> Instrument:
    """A dollar committed to new neocloud loans: bought as drawn until 2028, then held to repayment."""
    layout, q = result.layout, result.record.quarterly
    own = _pool(result)
    received, scheduled = q["received"][:, own.pool].sum(axis=1), q["scheduled"][:, own.pool].sum(axis=1)
    to_come = result.to_come[:, own.pool].sum(axis=1)
    first = own.rows[0]
    place = layout.companies.index(layout.nodes[layout.borrowers[first]])
    widening = _yield_addition(layout, q["status"][:, place])
    quarters = np.arange(QUARTERS)
    life = np.maximum(layout.p("debt.term") - quarters / 2.0, 4.0)[:, None]
    coupon = np.maximum(q["new_rate"][np.minimum(quarters, DRAW_PERIOD - 1), first], 1e-6) / 4.0
    price = level_payment(1.0, coupon, life) / level_payment(1.0, coupon + widening / 4.0, life)
    return Instrument(
        opening=np.zeros(result.n),
        bought=own.bought / own.planned,
        received=own.share * received / own.planned,
        scheduled=own.share * scheduled / own.planned,
        lost=_lost_of_pool(result, own),
        book=own.held * (own.balance + to_come) / own.planned,
        mark=own.held * (own.balance * price + to_come) / own.planned,
    )


def _lost_of_pool(result: Result, own: Pool) -> np.ndarray:
    """Lost on a dollar committed to new loans, (quarter, scenario)."""
    return own.share * result.record.quarterly["lost"][:, own.pool].sum(axis=1) / own.planned


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
class FundReturns:
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


def to_horizon(result: Result, flows: np.ndarray) -> np.ndarray:
    """Sum of flows up to each scenario's horizon, (scenario,).

    Parameters
    ----------
    result : Result
        Knows each scenario's last quarter.
    flows : ndarray, (quarter, scenario)
        Any unit; the sum has the same.
    """
    return over_time(np.where(np.arange(QUARTERS)[:, None] <= result.last, flows, 0.0))


def lost(result: Result, name: str) -> np.ndarray:
    """What will never come of a dollar in an instrument, (quarter, scenario); without valuing it.

    Parameters
    ----------
    result : Result
        Run with group "losses" or "holders".
    name : str
        As for `instrument`.
    """
    if name == NEW_LOANS:
        return _lost_of_pool(result, _pool(result))
    if name in (EQUITY, IG_LEASES):
        return np.zeros((QUARTERS, result.n))
    t = result.layout.tranches
    i = t.ids.index(name)
    return result.record.quarterly["lost"][:, i] / t.opening[i, 0]


def loss_by_holding(fund: Fund, lost_to_horizon: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """USD bn that each holding falls short of schedule up to the horizon, by instrument; (scenario,).

    Parameters
    ----------
    fund : Fund
        Whose holdings.
    lost_to_horizon : mapping of str to ndarray, (scenario,)
        Lost of a dollar in each instrument.
    """
    return {name: fund.size * weight * lost_to_horizon[name] for name, weight in fund.holdings}


def held_names(every: Sequence[Fund]) -> tuple[str, ...]:
    """Instruments that any of the funds holds, each once.

    Parameters
    ----------
    every : sequence of Fund
        Funds.
    """
    return tuple(dict.fromkeys(name for fund in every for name, _ in fund.holdings))


BRIDGE = ("unlevered_irr", "gross_irr", "after_fee_irr", "net_irr")


def _columns(every: Sequence[Fund], term: str) -> np.ndarray:
    """A term of every fund, (fund, 1)."""
    return np.array([[getattr(fund, term)] for fund in every])


def run_books(
    result: Result, every: Sequence[Fund], held: Mapping[str, Instrument]
) -> tuple[list[dict], np.ndarray]:
    """Run the books of all funds over all scenarios, without the rates of return.

    Parameters
    ----------
    result : Result
        Run with groups "companies" and "holders" (and "market").
    every : sequence of Fund
        Funds.
    held : mapping of str to Instrument
        What they hold.

    Returns
    -------
    fields : list of dict
        Of the `FundReturns` of each fund, but for the rates.
    flows : ndarray, (rate, fund, scenario, quarter + 1)
        Whose internal rates are the rates of `BRIDGE`.
    """
    n, levers = result.n, result.levers

    def _total(field: str) -> np.ndarray:
        """A field of all holdings, by weight; (quarter, fund, scenario) per dollar of assets."""
        totals = [sum(weight * getattr(held[name], field) for name, weight in f.holdings) for f in every]
        return np.stack(totals, axis=-2)

    opening, bought, received = _total("opening"), _total("bought"), _total("received")
    book, mark = _total("book"), _total("mark")
    inside = np.arange(QUARTERS)[:, None, None] <= result.last
    ends = np.arange(QUARTERS)[:, None, None] == result.last
    leverage = _columns(every, "leverage")
    debt_share = leverage / (1.0 + leverage)
    fee = _columns(every, "fee") / 4.0
    cost = (levers["r"] + _columns(every, "funding_spread")) / 4.0

    shape = (QUARTERS, len(every), n)
    gross, fees = np.zeros((QUARTERS + 1, *shape[1:])), np.zeros((QUARTERS + 1, *shape[1:]))
    nav, left = np.zeros(shape), np.zeros(shape)
    lent, targets = debt_share * bought, debt_share * book
    debt = debt_share * opening
    gross[0] = -(1.0 - debt_share) * opening
    invested = opening
    for q in range(QUARTERS):
        fees[q + 1] = fee * np.maximum(invested - debt, 0.0) * inside[q]
        interest, before = debt * cost, debt
        available = received[q] - interest
        earned = np.maximum(available, 0.0)
        paydown = np.minimum(np.maximum(debt + lent[q] - targets[q], 0.0), earned)
        debt = debt + lent[q] - paydown + np.maximum(-available, 0.0)
        gross[q + 1] = earned - paydown - (bought[q] - lent[q])
        left[q] = received[q] - bought[q] + (debt - before) - interest - gross[q + 1]
        invested = book[q]
        nav[q] = np.maximum(mark[q] - debt, 0.0)
    exit_value = np.where(ends, nav, 0.0)
    live = np.concatenate([np.ones((1, 1, n), dtype=bool), inside])
    gross = np.where(live, gross, 0.0)
    gross[1:] += exit_value
    assets = np.where(live, np.concatenate([-opening[None], received - bought]), 0.0)
    assets[1:] += np.where(ends, mark, 0.0)
    after_fee = gross - fees
    paid, back = np.maximum(-after_fee, 0.0), np.maximum(after_fee, 0.0)
    contributions, distributions = np.moveaxis(paid, 0, -1), np.moveaxis(back, 0, -1)
    hurdle, carry = _columns(every, "hurdle"), _columns(every, "carry")
    split = european_waterfall(contributions, distributions, hurdle, carry, periods_per_year=4)
    net = split.lp - contributions
    paid_in, to_investors = over_time(paid), over_time(np.moveaxis(split.lp, -1, 0))
    some = np.where(paid_in > 0, paid_in, 1.0)
    multiple = to_investors / some
    sold = np.minimum(over_time(exit_value), to_investors)
    due = over_time(np.where(inside, _total("scheduled"), 0.0))
    # Cash of a fund closes every quarter: it keeps none; and every distribution goes to somebody.
    worst = np.maximum(
        np.abs(left).max(axis=(0, 2)), np.abs(split.lp + split.gp - distributions).max(axis=(1, 2))
    )
    lost_to_horizon = {name: to_horizon(result, x.lost) for name, x in held.items()}
    fields = []
    for k, fund in enumerate(every):
        if worst[k] > TOLERANCE:
            raise IdentityError(f"fund identity off by {worst[k]:.3g} per dollar of {fund.id}")
        by_holding = loss_by_holding(fund, lost_to_horizon)
        loss, promised = sum(by_holding.values()), fund.size * due[k]
        fields.append(
            {
                "moic": multiple[k],
                "dpi": multiple[k] - sold[k] / some[k],
                "rvpi": sold[k] / some[k],
                "loss_rate": np.where(promised > 0, loss / np.where(promised > 0, promised, 1.0), 0.0),
                "loss": loss,
                "nav": (nav[:, k] * fund.size).T,
                "loss_by_holding": by_holding,
                "residual": float(worst[k]),
            }
        )
    quarterly = (np.moveaxis(flow, 0, -1) for flow in (assets, gross, after_fee))
    return fields, np.stack([*quarterly, net])


def fund_returns(result: Result) -> dict[str, FundReturns]:
    """Returns of every fund; instruments are valued once, and all rates found in one call.

    Parameters
    ----------
    result : Result
        Run with groups "companies" and "holders" (and "market").
    """
    every = funds(result.layout)
    held = {name: instrument(result, name) for name in held_names(every)}
    books, flows = run_books(result, every, held)
    rates = _yearly(irr(flows.reshape(-1, flows.shape[-1])).reshape(flows.shape[:-1]))
    return {
        fund.id: FundReturns(**fields, **dict(zip(BRIDGE, rates[:, k], strict=True)))
        for k, (fund, fields) in enumerate(zip(every, books, strict=True))
    }


def investor_losses(result: Result, returns: dict[str, FundReturns]) -> dict[str, np.ndarray]:
    """What each kind of investor will not get back through the named funds, USD bn, (scenario,).

    Parameters
    ----------
    result : Result
        The run behind the returns.
    returns : dict of str to FundReturns
        By fund, as `fund_returns` gives them.
    """
    out: dict[str, np.ndarray] = {}
    for fund in funds(result.layout):
        for investor, weight in fund.investors:
            out[investor] = out.get(investor, 0.0) + weight * returns[fund.id].loss
    return out
