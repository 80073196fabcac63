"""What follows from the market and the levers alone, for all quarters at once, before anything is cleared."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from core.layout.layout import QUARTERS, Layout
from core.model.market import Market

OPEN, STRICT, CLOSED = range(3)  # what lever f says of lenders


@dataclass(frozen=True)
class Terms:
    """Paths of (quarter, scenario) or (quarter, entity, scenario); USD bn a quarter or shares.

    Attributes
    ----------
    relet : ndarray
        What a dollar of ended rent earns on re-letting.
    refit : ndarray
        Share of ending contracts that owners want to re-equip.
    confidence : ndarray
        Investor money that reaches labs and intermediaries, against plan.
    bill_kept : ndarray
        Share of its outside compute bill that a lab still owes when demand is below plan.
    cover_floor, cover_range : ndarray, (scenario,)
        Cover below which lenders give nothing, and how much more they want to give all.
    spread_access, use_access : ndarray, (scenario,) and (quarter, scenario)
        Market access as far as the credit market (spreads; whether it is closed) and idle capacity decide it.
    opening_interest, end_interest : ndarray, (quarter, borrower, scenario)
        Interest of a quarter on opening debt as it stands at the start and at the end of the quarter.
    debt_service : ndarray, (quarter, debt row, scenario)
        Interest and principal of opening debt, but for what is convertible.
    lab_revenue, lab_cost, lab_income : ndarray, (quarter, lab, scenario)
        A lab's revenue, its other cost, and revenue plus investors' money.
    rent, rent_ahead, rent_value : ndarray, (quarter, lease, scenario)
        Rent due, rent of this and the next three quarters, present value of the rest of the lease.
    through_fee, through_spot, through_cost, through_money : ndarray, (quarter, scenario)
        The intermediary's fee from its lab, income that follows spot prices, own cost, investors' money.
    through_ahead, through_follows : ndarray, (quarter, scenario)
        Its rents of a quarter on average of this and the next three, and the part of its fee that follows
        spot prices, per dollar of full fee.
    landlord_cost : ndarray, (quarter, landlord, scenario)
        Running cost and overhead.
    wealthy : ndarray, (quarter, company, scenario)
        Operating cash flow of Big Tech.
    """

    relet: np.ndarray
    refit: np.ndarray
    confidence: np.ndarray
    bill_kept: np.ndarray
    cover_floor: np.ndarray
    cover_range: np.ndarray
    spread_access: np.ndarray
    use_access: np.ndarray
    opening_interest: np.ndarray
    end_interest: np.ndarray
    debt_service: np.ndarray
    lab_revenue: np.ndarray
    lab_cost: np.ndarray
    lab_income: np.ndarray
    rent: np.ndarray
    rent_ahead: np.ndarray
    rent_value: np.ndarray
    through_fee: np.ndarray
    through_spot: np.ndarray
    through_cost: np.ndarray
    through_money: np.ndarray
    through_ahead: np.ndarray
    through_follows: np.ndarray
    landlord_cost: np.ndarray
    wealthy: np.ndarray


def market_terms(layout: Layout, levers: dict[str, np.ndarray], market: Market) -> Terms:
    """Everything that the market and the levers decide without the web.

    Labs: own revenue follows demand; investors' money dries up when capacity stands idle; the compute bill is
    slow to fall. Fluidstack: half of its income is fees from its lab, half follows spot prices.

    Parameters
    ----------
    layout : Layout
        The snapshot, compiled.
    levers : dict of str to ndarray, (scenario,)
        Model units.
    market : Market
        Paths of the same scenarios.
    """
    p, leases = layout.p, layout.leases
    fullness = market.utilisation / p("market.u_ref")
    confidence = (
        np.clip(
            (fullness - p("market.funding_floor")) / p("market.funding_range"), 0.0, p("market.funding_cap")
        )
        * levers["v"]
    )
    revenue = np.stack([lab.revenue[:, None] * market.dev**lab.elasticity for lab in layout.labs], axis=1)
    cost_share = np.array([lab.other_cost_share for lab in layout.labs])[None, :, None]
    plan_money = np.stack([lab.funding for lab in layout.labs], axis=1)[:, :, None]
    stays = levers["mr"][None, None, :]

    def _by_renewal(kept: np.ndarray, exited: np.ndarray) -> np.ndarray:
        """One schedule where the tenant stays, the other where it leaves; (quarter, lease, scenario)."""
        return np.where(stays, kept.T[:, :, None], exited.T[:, :, None])

    opening, rows = layout.opening, layout.debt_row_opening

    def _with_base_rate(fixed: np.ndarray, floats: np.ndarray) -> np.ndarray:
        """A fixed part, and a part that moves with the base rate; (quarter, row, scenario)."""
        return fixed.T[:, :, None] + floats.T[:, :, None] * levers["r"]

    strict = levers["f"] == STRICT
    rent, rent_ahead = (
        _by_renewal(leases.rent, leases.rent_exit),
        _by_renewal(leases.forward, leases.forward_exit),
    )
    mine = np.flatnonzero(leases.tenant == layout.intermediary)
    through = rent[:, mine].sum(axis=1)
    tau = np.minimum(market.tightness, p("market.intermediary_tau_cap"))
    follows = tau ** p("market.intermediary_exponent")
    income = layout.markup * through
    landlord_rent = np.stack(
        [rent[:QUARTERS, leases.host == h].sum(axis=1) for h in layout.landlords], axis=1
    )
    return Terms(
        relet=p("market.relet_share")
        * np.minimum(market.utilisation * market.tightness / p("market.u_ref"), 1.0),
        refit=np.clip((market.utilisation - p("market.reequip_floor")) / p("market.reequip_range"), 0.0, 1.0),
        confidence=confidence,
        bill_kept=np.clip(market.dev, p("market.bill_floor"), 1.0) ** p("market.bill_exponent"),
        cover_floor=np.where(strict, p("access.strict_floor"), p("access.cover_floor")),
        cover_range=np.where(strict, p("access.strict_range"), p("access.cover_range")),
        spread_access=np.clip((p("access.spread_limit") - levers["s"]) / p("access.spread_range"), 0.0, 1.0)
        * (levers["f"] != CLOSED),
        use_access=np.clip((market.utilisation - p("access.u_floor")) / p("access.u_range"), 0.0, 1.0),
        opening_interest=_with_base_rate(opening.fixed_interest, opening.floats),
        end_interest=_with_base_rate(opening.end_fixed_interest, opening.end_floats),
        debt_service=_with_base_rate(rows.fixed_interest + rows.regular + rows.rollable, rows.floats),
        lab_revenue=revenue,
        lab_cost=cost_share * revenue,
        lab_income=revenue + plan_money * confidence[:, None, :],
        rent=rent,
        rent_ahead=rent_ahead,
        rent_value=_by_renewal(leases.value, leases.value_exit),
        through_fee=layout.markup_share * income,
        through_spot=(1.0 - layout.markup_share) * income[:QUARTERS] * follows,
        through_cost=p("market.intermediary_own_cost") * through,
        through_money=layout.intermediary_funding[:, None] * confidence,
        through_ahead=rent_ahead[:, mine].sum(axis=1) / 4.0,
        through_follows=(1.0 - layout.markup_share) * follows,
        landlord_cost=(1.0 - layout.landlord_margin)[None, :, None] * landlord_rent
        + layout.landlord_overhead[None, :, None],
        wealthy=layout.wealthy_income[None, :, None]
        * market.dev[:, None, :] ** layout.wealthy_elasticity[None, :, None],
    )
