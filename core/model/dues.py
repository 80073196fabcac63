"""Step 2 to 4 of a quarter: what everybody earns from outside, owes inside, and can borrow."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.layout.layout import DUST, OPERATING, RENT
from core.model import borrowing, operations, promises
from core.model.operations import FleetQuarter
from core.model.state import DebtService, State
from core.model.terms import OPEN

WALK_AWAY_QUARTER = 4  # 2027 Q1: when lever fl lets Fluidstack stop paying (docs/model.md, section 6)


@dataclass
class Quarter:
    """A quarter before clearing. ``amount`` is (ledger row, scenario), the rest (node or borrower, scenario).

    ``interest`` to ``converted`` are of opening debt; ``exit_due`` falls due because the asset is sold.
    """

    amount: np.ndarray
    cap_left: np.ndarray
    resources: np.ndarray
    caps: np.ndarray
    outside_income: np.ndarray
    withheld: np.ndarray
    fleets: list[FleetQuarter]
    scheduled: np.ndarray
    relet: np.ndarray
    interest: np.ndarray
    regular: np.ndarray
    bullets: np.ndarray
    convertible: np.ndarray
    willing: np.ndarray
    exit_due: np.ndarray
    live: np.ndarray
    service: DebtService
    borrowed: np.ndarray
    rolled: np.ndarray
    equity: np.ndarray
    borrow_rate: np.ndarray
    called: np.ndarray
    investor_money: np.ndarray

    @property
    def converted(self) -> np.ndarray:
        """Convertible debt that becomes shares, (borrower, scenario)."""
        return self.convertible * self.willing


def add_up(state: State, access: np.ndarray, willing: np.ndarray, q: int) -> Quarter:
    """Fill the ledger of quarter ``q`` and everybody's resources.

    Parameters
    ----------
    state : State
        Fleets move one quarter on; the rest is read.
    access, willing : ndarray, (borrower, scenario)
        Share of wanted loans that lenders give; share of convertible debt that holders turn into shares.
    q : int
        Quarter.
    """
    layout, n = state.layout, state.n
    nodes = len(layout.nodes)
    amount, scheduled = np.zeros((len(layout.rows), n)), np.zeros((len(layout.rows), n))
    outside, relet, investors = np.zeros((nodes, n)), np.zeros((nodes, n)), np.zeros((nodes, n))
    caps = state.caps
    ended = state.terminated(slice(None), q)
    factor = state.terms.relet[q]
    walks = ~state.levers["fl"] if q >= WALK_AWAY_QUARTER else np.zeros(n, dtype=bool)
    cap_left = _leases(state, amount, scheduled, relet, ended, factor, q)
    fleets = _fleets(state, amount, scheduled, relet, ended, factor, access, caps, q)
    _intermediary(state, amount, scheduled, outside, investors, ended, walks, q)
    _labs(state, amount, scheduled, outside, ended, q)
    _landlords(state, amount, q)
    outside += relet
    for plan, fleet in zip(layout.fleets, fleets, strict=True):
        outside[plan.node] += fleet.spot
    outside[layout.wealthy] += state.terms.wealthy[q]

    exit_due = _residual(state, amount, outside, caps, q)
    opening, b = layout.opening, layout.borrowers
    live = state.living[b] & ~state.settled

    def _due(path: np.ndarray) -> np.ndarray:
        """This quarter of a schedule, for borrowers that live."""
        return path[:, q][:, None] * live

    quarter = Quarter(
        amount=amount,
        cap_left=cap_left,
        resources=outside,
        caps=caps,
        outside_income=outside,
        withheld=np.zeros(outside.shape),
        fleets=fleets,
        scheduled=scheduled,
        relet=relet,
        interest=state.terms.opening_interest[q] * live,
        regular=_due(opening.regular),
        bullets=_due(opening.rollable),
        convertible=_due(opening.convertible),
        willing=willing,
        exit_due=exit_due,
        live=live,
        service=state.service,
        borrowed=np.zeros(access.shape),
        rolled=np.zeros(access.shape),
        equity=np.zeros(access.shape),
        borrow_rate=state.levers["r"]
        + np.maximum(borrowing.coverage_spread(layout, state.cover) + state.levers["s"], 0.0),
        called=np.zeros(caps.shape),
        investor_money=investors,
    )
    _borrow(state, quarter, access, q)
    _debt_rows(state, quarter, q)
    quarter.resources = state.cash + outside
    quarter.resources[b] += quarter.borrowed + quarter.equity
    if q >= WALK_AWAY_QUARTER and walks.any():
        i = layout.intermediary
        quarter.withheld[i] = quarter.resources[i] * walks
        quarter.resources[i] -= quarter.withheld[i]
    _estates(state, quarter)
    return quarter


def _leases(
    state: State,
    amount: np.ndarray,
    scheduled: np.ndarray,
    relet: np.ndarray,
    ended: np.ndarray,
    factor: np.ndarray,
    q: int,
) -> np.ndarray:
    """Fixed rents. An ended lease is still owed as far as a backstop stands behind it; the rest is re-let."""
    leases = state.layout.leases
    rent = state.terms.rent[q]
    gone = ended[leases.tenant]
    scheduled[leases.row] = rent
    cap_left = np.zeros(amount.shape)
    cap_left[leases.row] = state.backed
    if gone.any():
        owed = np.where(gone, np.minimum(rent, state.backed), rent)
        relet += state.sums["lease_host"]((rent - owed) * factor)
        amount[leases.row] = owed
    else:
        amount[leases.row] = rent
    return cap_left


def _fleets(
    state: State,
    amount: np.ndarray,
    scheduled: np.ndarray,
    relet: np.ndarray,
    ended: np.ndarray,
    factor: np.ndarray,
    access: np.ndarray,
    caps: np.ndarray,
    q: int,
) -> list[FleetQuarter]:
    """Compute fees by customer, running cost, building, and what the capacity backstop buys."""
    layout = state.layout
    index = layout.row_index
    out = []
    for fleet in state.fleets:
        plan = fleet.plan
        cap = caps[plan.backstop] if plan.backstop >= 0 else np.zeros(state.n)
        alive = state.living[plan.node]
        now = operations.run_fleet(fleet, state, access[plan.place], cap * alive, q)
        rows = plan.fee_rows
        fees = (
            np.where(plan.is_legacy[:, None], now.legacy_revenue, now.new_revenue) * plan.fee_shares[:, None]
        )
        gone = ended[layout.structure.payer[rows]]
        scheduled[rows] = fees
        if gone.any():
            amount[rows] = np.where(gone, 0.0, fees)
            relet[plan.node] += np.where(gone, fees, 0.0).sum(axis=0) * factor
        else:
            amount[rows] = fees
        amount[index[f"cost:{plan.id}"]] = now.opex
        amount[index[f"site:{plan.id}"]] = now.site_lease
        amount[index[f"capex:{plan.id}"]] = now.capex * alive
        if plan.backstop >= 0:
            amount[layout.promises.row[plan.backstop]] = now.backstop
        out.append(now)
    return out


def _intermediary(
    state: State,
    amount: np.ndarray,
    scheduled: np.ndarray,
    outside: np.ndarray,
    investors: np.ndarray,
    ended: np.ndarray,
    walks: np.ndarray,
    q: int,
) -> None:
    """Fluidstack's fee from its lab, its other income, its own cost."""
    layout, terms, i = state.layout, state.terms, state.layout.intermediary
    open_for_business = ~(ended[i] | walks)
    scheduled[layout.markup_row] = terms.through_fee[q]
    amount[layout.markup_row] = terms.through_fee[q] * (open_for_business & ~ended[layout.markup_tenant])
    amount[layout.row_index[f"cost:{layout.nodes[i]}"]] = terms.through_cost[q] * open_for_business
    investors[i] = terms.through_money[q] * open_for_business
    outside[i] += terms.through_spot[q] * open_for_business + investors[i]


def _labs(
    state: State, amount: np.ndarray, scheduled: np.ndarray, outside: np.ndarray, ended: np.ndarray, q: int
) -> None:
    """Labs: income, other cost, and the part of the compute bill that the modelled hosts do not invoice."""
    layout, terms = state.layout, state.terms
    for row, lab_number, _host, share, start in layout.bill_rows:
        lab = layout.labs[lab_number]
        scheduled[row] = share * lab.bill[q] * (q >= start)
        amount[row] = scheduled[row] * ~ended[lab.node]
    here = ~ended[layout.lab_nodes]  # after the termination of its contracts a failed lab has left the web
    outside[layout.lab_nodes] += terms.lab_income[q] * here
    amount[layout.lab_cost_rows] = terms.lab_cost[q] * here
    invoiced = layout.invoiced @ scheduled
    bill = np.maximum(layout.lab_bill[:, q][:, None] - invoiced, 0.0) * (terms.bill_kept[q] * here)
    amount[layout.lab_bill_rows] = scheduled[layout.lab_bill_rows] = bill


def _landlords(state: State, amount: np.ndarray, q: int) -> None:
    """Landlords pay the running cost of what they let, overhead, and the rest of their building."""
    layout = state.layout
    amount[layout.landlord_cost_rows] = state.terms.landlord_cost[q]
    amount[layout.landlord_capex_rows] = layout.landlord_capex[:, q][:, None] * state.living[layout.landlords]


def _residual(state: State, amount: np.ndarray, outside: np.ndarray, caps: np.ndarray, q: int) -> np.ndarray:
    """Meta leaves: the campus is sold, the notes fall due at once, and the guarantor pays what is missing.

    Returns what falls due beyond the schedule, (borrower, scenario), USD bn.
    """
    layout = state.layout
    pr = layout.promises
    exit_due = np.zeros((len(layout.borrowers), state.n))
    for i, kind in enumerate(pr.kind):
        if kind != promises.RESIDUAL_VALUE or q != pr.start[i]:
            continue
        node = pr.host[i]
        k = int(np.flatnonzero(layout.borrowers == node)[0])
        leaves = ~state.levers["mr"] & state.living[node]
        value = layout.site_cost[node] * pr.share[i] * state.market.tightness[q]
        notes = np.full(state.n, layout.opening.opening[k, q])
        outside[node] += value * leaves
        amount[pr.row[i]] = promises.residual_call(notes, value, caps[i]) * leaves
        exit_due[k] = (notes - layout.opening.regular[k, q] - layout.opening.rollable[k, q]) * leaves
    return exit_due


def _borrow(state: State, quarter: Quarter, access: np.ndarray, q: int) -> None:
    """Roll what falls due, finance building, keep CoreWeave's cash up: each as far as lenders allow."""
    layout, levers = state.layout, state.levers
    p, service = layout.p, quarter.service
    falling_due = quarter.bullets + service.bullet_due * state.living[layout.borrowers]
    quarter.rolled = access * falling_due
    borrowed = quarter.rolled.copy()
    for fleet, now in zip(state.fleets, quarter.fleets, strict=True):
        plan, k = fleet.plan, fleet.plan.place
        alive = state.living[plan.node]
        capex = now.capex * alive
        equity = plan.equity_raise[q] * access[k]
        borrowed[k] += plan.debt_share * capex
        pays = state.living[layout.structure.payer[plan.fee_rows]]
        expected = (
            (quarter.amount[plan.fee_rows] * pays).sum(axis=0)
            + now.backstop
            + quarter.outside_income[plan.node]
        )
        amortisation = quarter.regular[k] + service.level_principal[k]
        unconverted = quarter.convertible[k] * (1.0 - quarter.willing[k])
        principal = amortisation + quarter.bullets[k] + unconverted + service.bullet_due[k]
        spent = now.opex + now.site_lease + capex + quarter.interest[k] + service.interest[k] + principal
        target = p("debt.cash_target") * layout.cash[plan.node]
        gap = target - (state.cash[plan.node] + expected + borrowed[k] + equity - spent)
        may_roll = plan.roll_share * access[k] * amortisation * (levers["f"] == OPEN)
        kept = np.minimum(np.maximum(gap, 0.0), may_roll)
        drawn = np.minimum(np.maximum(gap - kept, 0.0), fleet.undrawn) * alive
        fleet.undrawn = fleet.undrawn - drawn
        borrowed[k] += kept + drawn + np.maximum(gap - kept - drawn, 0.0) * access[k]
        quarter.equity[k] = equity
    quarter.borrowed = borrowed


def _debt_rows(state: State, quarter: Quarter, q: int) -> None:
    """Debt service in the ledger: opening debt by borrower and class, new debt by borrower."""
    layout, amount, s = state.layout, quarter.amount, quarter.service
    rows, place, o = layout.debt_rows, layout.debt_row_place, layout.debt_row_opening
    service = state.terms.debt_service[q] * quarter.live[place]
    if o.convertible[:, q].any():
        service += o.convertible[:, q][:, None] * quarter.live[place] * (1.0 - quarter.willing[place])
    if quarter.exit_due.any():
        share = o.opening[:, q] / np.maximum(layout.opening.opening[place, q], DUST)
        service += share[:, None] * quarter.exit_due[place]
    amount[rows] = service
    alive = state.living[layout.borrowers]
    amount[layout.new_level_rows] = (s.level_interest + s.level_principal) * alive
    amount[layout.new_bullet_rows] = (s.interest - s.level_interest + s.bullet_due) * alive


def _estates(state: State, quarter: Quarter) -> None:
    """A failed host keeps running: its new owner pays running cost in full and takes what is left."""
    layout = state.layout
    hosts = layout.borrowers
    dead = ~state.living[hosts]
    if not dead.any():
        return
    owed = (layout.structure.owed_by_key @ quarter.amount).reshape(-1, len(layout.nodes), state.n)
    top_up = np.where(dead, (owed[OPERATING] + owed[RENT])[hosts], 0.0)
    quarter.resources[hosts] += top_up
    quarter.outside_income[hosts] += top_up
