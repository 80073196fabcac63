"""Who can still borrow, at what price, and what is borrowed: market access and new debt."""

from __future__ import annotations

from core.compiled.jit import rule
from core.finance.loans import level_payment
from core.model.market import QUARTERS_PER_YEAR, clip


@rule
def access_by_cover(path, cover):
    """Share of the money it wants that a borrower with this cover can raise, before other doubts."""
    return clip((cover - path.cover_floor) / path.cover_range, 0.0, 1.0)


@rule
def market_access(web, path, s, due, q):
    """Share of the money it wants that each borrower can still raise, 0 to 1.

    Access is the product of three ramps: cover of interest, utilisation (only for borrowers with capacity
    that has no contract) and the shift of credit spreads. A gate instead of a share makes cliffs on which a
    better world can end worse (docs/model.md, section 7).

    ``access`` is for loans and looks at all debt. ``willing`` is for those who hold convertible debt and
    would take shares: they look at the business by its opening debt and by all of its debt, and believe the
    worse. Opening debt alone would make them trust a company whose opening debt was rolled and whose
    business is dead: its cover is infinite.
    """
    for k in range(web.borrower.node.size):
        lets = path.spread_access * s.living[web.borrower.node[k]]
        due.access[k] = access_by_cover(path, s.cover[k]) * lets
        due.willing[k] = access_by_cover(path, min(s.cover[k], s.opening_cover[k])) * lets
    for f in range(web.fleet.size):
        k = web.fleet[f].place
        due.access[k] *= path.use_access[q]
        due.willing[k] *= path.use_access[q]
    for o in range(web.operator.node.size):
        k = web.operator.place[o]
        due.access[k] *= 1.0 - web.operator.covenant_access[o] * s.breach[o]
    for k in range(web.borrower.node.size):
        s.access[k], s.willing[k] = due.access[k], due.willing[k]


@rule
def coverage_spread(web, cover):
    """Yield over the base rate that lenders ask of a borrower with this EBITDA cover (decimal a year).

    Damodaran's table for smaller and riskier firms, made for EBIT cover, read at 0.75 times EBITDA cover;
    straight lines join the middles of its buckets. Below the worst bucket the spread stays there, so
    negative cover is never a reward.
    """
    at, spread = web.rating.cover, web.rating.spread
    x = cover * web.p.debt_ebit_share
    if x <= at[0]:
        return spread[0]
    for j in range(1, at.size):
        if x <= at[j]:
            slope = (spread[j] - spread[j - 1]) / (at[j] - at[j - 1])
            return slope * (x - at[j - 1]) + spread[j - 1]
    return spread[at.size - 1]


@rule
def first_issue(p, debt, k, q):
    """The first quarter whose loans to borrower ``k`` still run in quarter ``q``; most never borrow."""
    return max(0, q - p.debt_term) if debt.used[k] else q


@rule
def new_debt_service(p, debt, service, q):
    """Interest, level principal and maturing bullets of debt issued before ``q``; fills ``service``."""
    for k in range(service.interest.size):
        level_interest, bullet_interest, payment = 0.0, 0.0, 0.0
        for i in range(first_issue(p, debt, k, q), q):
            level_interest += debt.rate[k, i] * debt.level[k, i]
            bullet_interest += debt.rate[k, i] * debt.bullet[k, i]
            payment += debt.payment[k, i]
        service.level_interest[k] = level_interest
        service.interest[k] = level_interest + bullet_interest
        service.level_principal[k] = max(payment - level_interest, 0.0)
        service.bullet_due[k] = debt.bullet[k, q - p.debt_term] if q >= p.debt_term else 0.0


@rule
def issue(p, debt, k, amount, rate, q):
    """Borrow ``amount`` at the yearly ``rate``: 60 % in level payments, 40 % as a bullet."""
    level = p.debt_level_share * amount
    if amount != 0.0:
        debt.used[k] = 1
    debt.rate[k, q] = rate / QUARTERS_PER_YEAR
    debt.level[k, q] = level
    debt.bullet[k, q] = (1.0 - p.debt_level_share) * amount
    debt.payment[k, q] = level_payment(level, debt.rate[k, q], p.debt_term) if level != 0.0 else 0.0


@rule
def settle(p, debt, k, q):
    """Take off the principal of quarter ``q`` from what borrower ``k`` issued before it."""
    for i in range(first_issue(p, debt, k, q), q):
        level = debt.level[k, i]
        debt.level[k, i] = max(level - (debt.payment[k, i] - debt.rate[k, i] * level), 0.0)
    if q >= p.debt_term:
        repaid = q - p.debt_term
        debt.level[k, repaid] = debt.payment[k, repaid] = debt.bullet[k, repaid] = 0.0


@rule
def outstanding(p, debt, k, q):
    """New debt of borrower ``k`` at the end of quarter ``q``, USD bn: (level part, bullet part)."""
    level, bullet = 0.0, 0.0
    for i in range(first_issue(p, debt, k, q + 1), q + 1):
        level += debt.level[k, i]
        bullet += debt.bullet[k, i]
    return level, bullet


@rule
def interest_ahead(p, debt, k, q):
    """A year's interest on new debt as it stands at the end of quarter ``q``, USD bn."""
    interest = 0.0
    for i in range(first_issue(p, debt, k, q + 1), q + 1):
        interest += (debt.level[k, i] + debt.bullet[k, i]) * debt.rate[k, i]
    return QUARTERS_PER_YEAR * interest


@rule
def write_off(debt, k):
    """The debt of a failed borrower is gone from here: it has become a claim on its estate."""
    for i in range(debt.level.shape[1]):
        debt.level[k, i] = debt.payment[k, i] = debt.bullet[k, i] = 0.0


@rule
def due_within_a_year(p, debt, service, refused, k, q):
    """Principal of new debt due in cash in the four quarters after ``q``, USD bn.

    Level principal as in the next quarter's ``service``, four times, and what lenders refuse to roll of the
    bullets that fall due.
    """
    bullets = 0.0
    first = q + 1 - p.debt_term
    for i in range(max(0, first), min(max(0, first + QUARTERS_PER_YEAR), debt.bullet.shape[1])):
        bullets += debt.bullet[k, i]
    return QUARTERS_PER_YEAR * service.level_principal[k] + refused * bullets
