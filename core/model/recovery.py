"""What a company's assets are worth to its creditors, and who gets it when it has failed."""

from __future__ import annotations

from core.compiled.jit import rule
from core.finance.clearing import SECURED, SUBORDINATED, UNSECURED
from core.layout.layout import MILLIONS
from core.model.operations import TO_BN, on_order


@rule
def chip_value(plan, fleet, q):
    """Resale value of a host's chips at the end of quarter ``q`` in a normal market, USD bn.

    Only the young generation counts: chips that were replaced are worth nothing to a creditor. What is paid
    and comes later counts as new. Quarter -1 is the snapshot date.
    """
    built = 0.0
    for i in range(q + 1):
        built += plan.chip_weight[q + 1, i] * fleet.built[i]
    owned = built + plan.legacy_chips[q + 1] + on_order(plan, fleet, q)
    return owned * (plan.capex_per_mw * plan.chip_share)


@rule
def contract_value(p, plan, fleet, q):
    """Take-or-pay still owed after running costs, USD bn, and its yearly EBITDA, USD bn.

    Of sound tenants in full; of others that still pay the share that creditors count.
    """
    new_share = fleet.safe_new + p.recovery_other_contracts * (fleet.new - fleet.safe_new)
    legacy_share = fleet.safe_legacy + p.recovery_other_contracts * (fleet.legacy - fleet.safe_legacy)
    new, yearly_new = 0.0, 0.0
    for i in range(q + 1):
        margin = max(fleet.price[i] - plan.opex, 0.0) * fleet.signed[i]
        new += plan.contract_weight[q + 1, i] * margin
        yearly_new += plan.contract_live[q + 1, i] * margin
    legacy_margin = max(plan.legacy_price - plan.opex, 0.0)
    value = new_share * new + legacy_share * (plan.legacy_contract[q + 1] * legacy_margin)
    yearly = new_share * yearly_new + legacy_share * (plan.legacy_mw[q + 1] * legacy_margin)
    return value * TO_BN, yearly / MILLIONS


@rule
def collateral(p, going_concern, chips, sites, owed):
    """What creditors could realise before cost and the recovery lever, USD bn.

    The better of a sale as a going concern (a multiple of the EBITDA that is not already in ``owed``) and of
    chips at today's prices plus sites; plus take-or-pay owed by investment-grade tenants. Chips and sites
    lose value at different speeds: one rate for both would fail every sound site.
    """
    return max(p.recovery_multiple * max(going_concern, 0.0), chips + sites) + owed


@rule
def estate_value(web, lever, view, k):
    """What the assets of borrower ``k`` fetch for its creditors after the cost of selling them, USD bn."""
    return view.collateral[k] * (1.0 - web.p.recovery_cost) * lever.c


@rule
def start_estates(web, lever, view, s):
    """Share what failed companies' assets fetch among their creditors; paid over the next four quarters."""
    for k in range(web.borrower.node.size):
        if s.fresh[web.borrower.node[k]]:
            by_seniority(web, s, k, estate_value(web, lever, view, k))


@rule
def by_seniority(web, s, k, value):
    """Share a value among claims: senior classes first, pro rata inside a class, never more than is owed.

    Secured creditors come first in what is pledged to them. What that leaves them short they claim like
    unsecured ones, beside these, in the rest.
    """
    free = value * (1.0 - web.borrower.pledged[k])
    left = share_among(web, s, k, SECURED, SECURED, value - free) + free
    left = share_among(web, s, k, SECURED, UNSECURED, left)
    share_among(web, s, k, SUBORDINATED, SUBORDINATED, left)


@rule
def share_among(web, s, k, first, last, value):
    """Pay what is still owed on claims of some classes, pro rata; returns what is left, USD bn."""
    claim, owed = web.claim, 0.0
    for i in range(claim.place.size):
        if claim.place[i] == k and first <= claim.seniority[i] <= last:
            owed += s.claims[i] - s.recovery[i]
    if owed <= 0.0:
        return value
    paid = min(value, owed)
    for i in range(claim.place.size):
        if claim.place[i] == k and first <= claim.seniority[i] <= last:
            s.recovery[i] += (s.claims[i] - s.recovery[i]) * (paid / owed)
    return value - paid


@rule
def recovered_now(web, s, i, q):
    """What a creditor of a failed company receives in quarter ``q``, USD bn."""
    failed = s.failed[web.borrower.node[web.claim.place[i]]]
    if failed < q <= failed + web.p.recovery_quarters:
        return s.recovery[i] / web.p.recovery_quarters
    return 0.0
