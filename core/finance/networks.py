"""Who pays what when everybody settles at once: the greatest clearing vector.

A quarter's dues are a ledger. One row says who owes whom how much, how senior that due is and who, if
anybody, stands behind it. All rows are settled together: a payer who is short pays his classes in order and
pro rata inside a class, a guarantor is called for the covered part of what is missing, and everybody who is
paid less may become short himself.

The answer is the largest set of payments with which nobody pays more than he has (Eisenberg and Noe 2001),
with costs of failure (Rogers and Veraart 2013), seniority classes and covered guarantees. Starting from
"everyone pays in full" and only ever going down reaches it, because every step is monotone.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse

OPERATING, RENT, SECURED, UNSECURED, SUBORDINATED = range(5)
CLASSES = 5
GUARANTEE_CLASS = UNSECURED  # a call ranks with the guarantor's other unsecured dues
NO_GIVER = -1

CONVERGED = 1e-10  # largest change of a paid share in the last sweep
MAX_SWEEPS = 20_000
# A node that lacks less than this share of its dues can pay: sums of a hundred rows round at about 1e-14.
ROUNDING = 1e-12


class ClearingDidNotConverge(RuntimeError):
    """Payments were still moving after the last allowed sweep.

    Parameters
    ----------
    residual : float
        Largest change of a paid share in the last sweep.
    count : int
        Number of scenarios still moving.
    """

    def __init__(self, residual: float, count: int) -> None:
        self.residual = residual
        self.count = count
        super().__init__(
            f"clearing: after {MAX_SWEEPS} sweeps {count} scenario(s) still move by {residual:.3g}"
        )


def _sum_by(target: np.ndarray, size: int) -> sparse.csr_array:
    """Matrix that adds up rows by target.

    A sparse product adds each column on its own, in row order and without BLAS, so the bits of a scenario do
    not depend on its neighbours. `np.add.reduceat` is ten times slower at 1,000 scenarios and changes order
    at 1.
    """
    rows = target.size
    return sparse.csr_array((np.ones(rows), (target, np.arange(rows))), shape=(size, rows))


@dataclass(frozen=True, eq=False)
class Structure:
    """Who owes whom, how senior and guaranteed by whom: what stays the same for a whole run.

    Build it once with `Structure.compile`; all fields follow from its arguments.

    Attributes
    ----------
    payer, payee, seniority : ndarray of int, (R,)
        One entry per row; seniority 0 (operating cost, paid first) to 4 (subordinated).
    giver : ndarray of int, (R,)
        Guarantor of the row, -1 for none.
    n_nodes : int
        Number of nodes; payers, payees and givers are 0 .. n_nodes - 1.
    """

    payer: np.ndarray
    payee: np.ndarray
    seniority: np.ndarray
    giver: np.ndarray
    n_nodes: int
    key: np.ndarray  # (R,) seniority * n_nodes + payer: row of theta that settles it
    guaranteed: np.ndarray  # (G,) rows with a giver
    giver_key: np.ndarray  # (G,) row of theta that settles the call
    owed_by_key: sparse.csr_array  # (5N, R)
    owed_and_received: sparse.csr_array  # (2N, R): first what each payer owes, then what each payee is owed
    owed: sparse.csr_array  # (N, R)
    received: sparse.csr_array  # (N, R)
    called_from: sparse.csr_array  # (N, G) by giver
    called_for: sparse.csr_array  # (N, G) by beneficiary

    @classmethod
    def compile(
        cls,
        payer: ArrayLike,
        payee: ArrayLike,
        seniority: ArrayLike,
        n_nodes: int,
        giver: ArrayLike | None = None,
    ) -> Structure:
        """Check the rows and prepare every index the clearing needs.

        Parameters
        ----------
        payer, payee, seniority : sequence of int, (R,)
            One entry per due.
        n_nodes : int
            Number of nodes.
        giver : sequence of int, (R,), optional
            Guarantor of each row, -1 for none.

        Returns
        -------
        Structure
            Ready for any amounts.

        Raises
        ------
        ValueError
            If a node or class does not exist, a node owes itself, or a guarantor is party to the due.
        """
        payer, payee, seniority = (np.asarray(x, dtype=np.intp) for x in (payer, payee, seniority))
        giver = np.full(payer.shape, NO_GIVER) if giver is None else np.asarray(giver, dtype=np.intp)
        if payer.ndim != 1 or not payer.shape == payee.shape == seniority.shape == giver.shape:
            raise ValueError("payer, payee, seniority and giver must be one-dimensional and of one length")
        for name, value, low, high in (
            ("payer", payer, 0, n_nodes),
            ("payee", payee, 0, n_nodes),
            ("seniority", seniority, 0, CLASSES),
            ("giver", giver, NO_GIVER, n_nodes),
        ):
            _refuse(f"{name} outside {low}..{high - 1}", (value < low) | (value >= high))
        _refuse("payer and payee are the same node", payer == payee)
        _refuse("giver is itself a party to the due", (giver == payer) | (giver == payee))
        guaranteed = np.flatnonzero(giver != NO_GIVER)
        key = seniority * n_nodes + payer
        owed, received = _sum_by(payer, n_nodes), _sum_by(payee, n_nodes)
        return cls(
            payer=payer,
            payee=payee,
            seniority=seniority,
            giver=giver,
            n_nodes=n_nodes,
            key=key,
            guaranteed=guaranteed,
            giver_key=GUARANTEE_CLASS * n_nodes + giver[guaranteed],
            owed_by_key=_sum_by(key, CLASSES * n_nodes),
            owed_and_received=sparse.csr_array(sparse.vstack([owed, received])),
            owed=owed,
            received=received,
            called_from=_sum_by(giver[guaranteed], n_nodes),
            called_for=_sum_by(payee[guaranteed], n_nodes),
        )


def _refuse(what: str, wrong: np.ndarray) -> None:
    if wrong.any():
        raise ValueError(f"{what}: row(s) {np.flatnonzero(wrong)[:5].tolist()}")


@dataclass(frozen=True, eq=False)
class Ledger:
    """All dues of one quarter: a structure and, per scenario, how much.

    Attributes
    ----------
    structure : Structure
        Who owes whom.
    amount : ndarray, (R, S), (R, 1) or (R,)
        What each row owes, USD bn, not negative.
    cap_left : ndarray, same shapes or scalar, optional
        How much of the promise behind a row is left, USD bn; no limit if not given. 0 switches a promise off.
    deductible : ndarray, same shapes or scalar
        First part of a loss that the guarantor does not cover, USD bn.
    """

    structure: Structure
    amount: np.ndarray
    cap_left: np.ndarray | float = np.inf
    deductible: np.ndarray | float = 0.0

    @classmethod
    def from_rows(cls, rows: Iterable[Mapping | tuple], n_nodes: int) -> Ledger:
        """A small ledger written out by hand.

        Parameters
        ----------
        rows : iterable of mapping or tuple
            (payer, payee, seniority, amount, giver=None, cap_left=inf, deductible=0), or a mapping with these
            names.
        n_nodes : int
            Number of nodes.

        Returns
        -------
        Ledger
            With amounts of shape (R,), for one scenario.

        Examples
        --------
        >>> named = dict(payer=1, payee=2, seniority=0, amount=4.0)
        >>> Ledger.from_rows([(0, 1, 3, 10.0), named], n_nodes=3).amount
        array([10.,  4.])
        """
        complete = [_row(**row) if isinstance(row, Mapping) else _row(*row) for row in rows]
        payer, payee, seniority, amount, giver, cap_left, deductible = zip(*complete, strict=True)
        return cls(
            Structure.compile(payer, payee, seniority, n_nodes, giver),
            np.array(amount, dtype=float),
            np.array(cap_left, dtype=float),
            np.array(deductible, dtype=float),
        )


def _row(
    payer: int,
    payee: int,
    seniority: int,
    amount: float,
    giver: int | None = None,
    cap_left: float = np.inf,
    deductible: float = 0.0,
) -> tuple:
    return payer, payee, seniority, amount, NO_GIVER if giver is None else giver, cap_left, deductible


@dataclass(frozen=True, eq=False)
class Clearing:
    """What everybody paid, and who could not.

    R rows, N nodes, S scenarios; the last axis is missing if amounts and resources came without it. Arrays
    are for reading: where everybody pays, `paid` is the ledger's own amount and constants take no memory.

    Attributes
    ----------
    theta : ndarray, (5, N, S)
        Share of a node's dues in a class that it pays; 1 where it owes nothing.
    paid : ndarray, (R, S)
        Paid on each row by the payer itself, USD bn.
    called : ndarray, (R, S)
        Demanded of the row's guarantor, USD bn.
    called_paid : ndarray, (R, S)
        Paid by the row's guarantor, USD bn.
    failed : ndarray of bool, (N, S)
        The node pays less than its dues (calls on it included).
    shortfall : ndarray, (N, S)
        What a failed node lacks before costs of failure, USD bn.
    round : ndarray of int16, (N, S)
        Wave in which the node fails: 1 = even with everyone else paying, 2 = because of wave 1; 0 = never.
    closing : ndarray, (N, S)
        Cash left, USD bn.
    failure_cost : ndarray, (N, S)
        Lost in failure, (1 - alpha) x own resources + (1 - beta) x receipts, USD bn.
    sweeps : ndarray of int32, (S,)
        Sweeps until the payments stood still.
    """

    theta: np.ndarray
    paid: np.ndarray
    called: np.ndarray
    called_paid: np.ndarray
    failed: np.ndarray
    shortfall: np.ndarray
    round: np.ndarray
    closing: np.ndarray
    failure_cost: np.ndarray
    sweeps: np.ndarray


def clear(ledger: Ledger, resources: ArrayLike, alpha: float = 1.0, beta: float = 1.0) -> Clearing:
    """The largest payments with which nobody pays more than he has.

    Whoever can pay everything does. Whoever cannot keeps `alpha` of his own resources and `beta` of what he
    receives, and pays classes 0 to 4 in order, pro rata inside a class. A guarantor is called for what a
    covered row is short, less the deductible, up to the cap; calls rank with its unsecured dues (class 3).

    Parameters
    ----------
    ledger : Ledger
        The dues. Values behind the guarantees must not be negative.
    resources : array_like, (N, S) or (N,)
        Cash, outside income and new borrowing of each node, USD bn, not negative.
    alpha, beta : float
        Kept of own resources and of receipts in failure, 0 to 1. Both 1: failing costs nothing.

    Returns
    -------
    Clearing
        Sum of closing cash + sum of failure costs = sum of resources, within 1e-10 of the dues.

    Raises
    ------
    ValueError
        If an amount or a resource is negative or not finite, a cap or deductible negative, a shape does not
        fit, or alpha or beta is outside 0..1.
    ClearingDidNotConverge
        After 20,000 sweeps.

    Notes
    -----
    The result rises with resources, alpha and beta. It does not always rise with a guarantee: a call can push
    the guarantor itself into costly failure.

    Examples
    --------
    Node 0 has 6 and owes node 1 ten; node 2 has 100 and guarantees it up to 3. Missing 10 - 6 = 4, called
    min(4, 3) = 3:

    >>> ledger = Ledger.from_rows([(0, 1, 1, 10.0, 2, 3.0)], n_nodes=3)
    >>> done = clear(ledger, [6.0, 0.0, 100.0])
    >>> done.paid, done.called, done.closing
    (array([6.]), array([3.]), array([ 0.,  9., 97.]))

    Keeping only 0.9 of its resources in failure it pays 5.4; 0.6 is lost:

    >>> clear(ledger, [6.0, 0.0, 100.0], alpha=0.9).failure_cost
    array([0.6, 0. , 0. ])
    """
    s = ledger.structure
    for name, share in (("alpha", alpha), ("beta", beta)):
        if not 0 <= share <= 1:
            raise ValueError(f"{name} must lie between 0 and 1, got {share}")
    cash = np.asarray(resources, dtype=float)
    amount = np.asarray(ledger.amount, dtype=float)
    one_scenario = cash.ndim == 1 and amount.ndim == 1
    cash, amount = (x[:, None] if x.ndim == 1 else x for x in (cash, amount))
    for name, value, rows in (("resources", cash, s.n_nodes), ("amount", amount, s.payer.size)):
        if value.ndim != 2 or value.shape[0] != rows:
            raise ValueError(f"{name} must have {rows} rows, got shape {value.shape}")
        if value.size and not (value.min() >= 0 and value.max() < np.inf):
            raise ValueError(f"{name} must be finite and not negative")
    if cash.shape[1] != amount.shape[1]:
        width = np.broadcast_shapes(cash.shape[1:], amount.shape[1:])
        cash, amount = (np.array(np.broadcast_to(x, (x.shape[0], *width)), order="C") for x in (cash, amount))

    flows = s.owed_and_received @ amount
    owed, receipt = flows[: s.n_nodes], flows[s.n_nodes :]
    closing = cash + receipt - owed
    short = closing < -ROUNDING * owed
    if short.any():
        closing = np.maximum(closing, 0.0)
        result = _clear_short(ledger, amount, cash, owed, closing, short.any(axis=0), alpha, beta)
    else:
        result = _all_paid(amount, np.maximum(closing, 0.0))
    if one_scenario:
        return Clearing(**{name: value[..., 0] for name, value in vars(result).items()})
    return result


def _constant(value: float, shape: tuple[int, ...], dtype: type = float) -> np.ndarray:
    """Read-only array of one value without memory: filling 5 MB of zeros costs more than the clearing."""
    return np.ndarray(shape, dtype, buffer=np.array(value, dtype).tobytes(), strides=(0,) * len(shape))


def _all_paid(amount: np.ndarray, closing: np.ndarray) -> Clearing:
    """The usual quarter: nobody is short, nothing is called."""
    no_calls, nothing = _constant(0.0, amount.shape), _constant(0.0, closing.shape)
    return Clearing(
        theta=_constant(1.0, (CLASSES, *closing.shape)),
        paid=amount,
        called=no_calls,
        called_paid=no_calls,
        failed=_constant(False, closing.shape, bool),
        shortfall=nothing,
        round=_constant(0, closing.shape, np.int16),
        closing=closing,
        failure_cost=nothing,
        sweeps=_constant(1, closing.shape[1:], np.int32),
    )


def _clear_short(
    ledger: Ledger,
    amount: np.ndarray,
    cash: np.ndarray,
    owed: np.ndarray,
    closing: np.ndarray,
    short: np.ndarray,
    alpha: float,
    beta: float,
) -> Clearing:
    """Iterate the scenarios in which somebody is short; the others have paid in full and end with closing."""
    s = ledger.structure
    moving = np.flatnonzero(short)
    limits = (_guaranteed(x, s, amount).take(moving, axis=1) for x in (ledger.cap_left, ledger.deductible))
    part = _settle_short(s, alpha, beta, *(x.take(moving, axis=1) for x in (amount, cash, owed)), *limits)
    if moving.size == amount.shape[1]:
        return part
    whole = _all_paid(amount, closing)

    def _put(name: str) -> np.ndarray:
        """The outcome of all scenarios: that of the short ones among the others."""
        out = np.array(getattr(whole, name))
        out[..., moving] = getattr(part, name)
        return out

    return Clearing(**{name: _put(name) for name in vars(part)})


def _settle_short(
    s: Structure,
    alpha: float,
    beta: float,
    amount: np.ndarray,
    cash: np.ndarray,
    owed: np.ndarray,
    cap: np.ndarray,
    deductible: np.ndarray,
) -> Clearing:
    """Iterate scenarios in all of which somebody is short, and write down the outcome."""
    theta, wave, sweeps = _iterate(s, alpha, beta, amount, cap, deductible, cash, owed)
    paid, call, receipt, demanded = _settle(s, amount, cap, deductible, theta)
    total = owed + demanded
    failed = wave > 0
    available = cash + receipt
    left = np.where(failed, alpha * cash + beta * receipt, available)
    spent = s.owed @ paid
    called, called_paid = np.zeros(amount.shape), np.zeros(amount.shape)
    if s.guaranteed.size:
        covered = call * theta[s.giver_key]
        called[s.guaranteed], called_paid[s.guaranteed] = call, covered
        if covered.any():
            spent += s.called_from @ covered
    return Clearing(
        theta=theta.reshape(CLASSES, s.n_nodes, -1),
        paid=paid,
        called=called,
        called_paid=called_paid,
        failed=failed,
        shortfall=np.where(failed, np.maximum(total - available, 0.0), 0.0),
        round=wave,
        closing=np.maximum(left - spent, 0.0),  # never below 0: rounding and the last change of theta
        failure_cost=np.where(failed, (1 - alpha) * cash + (1 - beta) * receipt, 0.0),
        sweeps=sweeps,
    )


def _guaranteed(value: ArrayLike, s: Structure, amount: np.ndarray) -> np.ndarray:
    """Caps or deductibles of the guaranteed rows only, (G, S)."""
    given = np.asarray(value, dtype=float)
    by_row = given[:, None] if given.ndim == 1 else given
    limits = np.broadcast_to(by_row, amount.shape)[s.guaranteed]
    if limits.size and not limits.min() >= 0:
        raise ValueError("cap_left and deductible must not be negative")
    return limits


def _settle(
    s: Structure, amount: np.ndarray, cap: np.ndarray, deductible: np.ndarray, theta: np.ndarray
) -> tuple[np.ndarray, ...]:
    """Payments, calls, receipts and calls by guarantor when everybody pays the shares theta."""
    paid = amount * theta[s.key]
    receipt = s.received @ paid
    if not s.guaranteed.size:
        return paid, cap, receipt, np.zeros(receipt.shape)
    missing = amount[s.guaranteed] - paid[s.guaranteed] - deductible
    call = np.minimum(np.maximum(missing, 0.0), cap)
    if not call.any():
        return paid, call, receipt, np.zeros(receipt.shape)
    receipt = receipt + s.called_for @ (call * theta[s.giver_key])
    return paid, call, receipt, s.called_from @ call


def _iterate(
    s: Structure,
    alpha: float,
    beta: float,
    amount: np.ndarray,
    cap: np.ndarray,
    deductible: np.ndarray,
    cash: np.ndarray,
    owed: np.ndarray,
) -> tuple[np.ndarray, ...]:
    """Sweep down from "everyone pays" until nothing moves: shares (5N, S), waves (N, S), sweeps (S,)."""
    width = amount.shape[1]
    owed_by_key = s.owed_by_key @ amount
    theta_out = np.ones(owed_by_key.shape)
    wave_out = np.zeros(cash.shape, dtype=np.int16)
    sweeps_out = np.zeros(width, dtype=np.int32)

    live = np.arange(width)
    theta, wave = theta_out, wave_out
    waves = np.zeros(width, dtype=np.int16)
    change = np.ones(width)
    for sweep in range(1, MAX_SWEEPS + 1):
        _, _, receipt, demanded = _settle(s, amount, cap, deductible, theta)
        total = owed + demanded
        available = cash + receipt
        short = available - total < -ROUNDING * total
        new = (wave == 0) & short
        waves = waves + new.any(axis=0)
        wave = np.where(new, waves, wave)
        left = np.where(short, alpha * cash + beta * receipt, available)
        # Shares only fall in exact arithmetic; the minimum keeps rounding from lifting one.
        lower = np.minimum(_shares(s, owed_by_key, demanded, left, short), theta)
        change = (theta - lower).max(axis=0)
        theta = lower
        moving = change >= CONVERGED
        if not moving.all():
            done = live[~moving]
            theta_out[:, done], wave_out[:, done] = theta[:, ~moving], wave[:, ~moving]
            sweeps_out[done] = sweep
            live, waves = live[moving], waves[moving]
            if not live.size:
                return theta_out, wave_out, sweeps_out
            theta, wave, amount, cap, deductible, cash, owed, owed_by_key = (
                x.compress(moving, axis=1)
                for x in (theta, wave, amount, cap, deductible, cash, owed, owed_by_key)
            )
    raise ClearingDidNotConverge(float(change.max()), live.size)


def _shares(
    s: Structure, owed_by_key: np.ndarray, demanded: np.ndarray, left: np.ndarray, short: np.ndarray
) -> np.ndarray:
    """Share of each class that is paid out of what is left, senior classes first, (5N, S)."""
    owed = owed_by_key.reshape(CLASSES, s.n_nodes, -1).copy()
    owed[GUARANTEE_CLASS] += demanded
    above = np.zeros(owed.shape)
    for k in range(1, CLASSES):
        above[k] = above[k - 1] + owed[k - 1]
    shares = np.ones(owed.shape)
    np.divide(left - above, owed, out=shares, where=short & (owed > 0))
    shares = np.minimum(np.maximum(shares, 0.0), 1.0)
    return shares.reshape(CLASSES * s.n_nodes, -1)


@lru_cache(maxsize=32)
def _complete_web(n: int) -> Structure:
    payer, payee = np.nonzero(~np.eye(n, dtype=bool))
    return Structure.compile(payer, payee, np.full(payer.size, UNSECURED), n)


def clearing_payments(
    obligations: ArrayLike, resources: ArrayLike, alpha: float = 1.0, beta: float = 1.0
) -> np.ndarray:
    """What each node pays in total when all dues rank alike: the greatest clearing vector.

    With alpha = beta = 1 that of Eisenberg and Noe (2001), else that of Rogers and Veraart (2013). For
    published examples: creditors outside the web are one more node that owes nothing.

    Parameters
    ----------
    obligations : array_like, (..., N, N)
        What the row owes the column; zero on the diagonal.
    resources : array_like, (..., N)
        Outside assets of each node. Leading axes are separate webs and broadcast against each other.
    alpha, beta : float
        Kept of outside assets and of receipts in failure, 0 to 1.

    Returns
    -------
    ndarray, (..., N)
        Total paid by each node, at most its total obligations.

    Raises
    ------
    ValueError
        Naming the argument that is negative, not finite, of a wrong shape or out of range.

    Examples
    --------
    Node 0 owes node 1 ten and has 6; node 1 owes node 2 eight and has 1. Node 0 pays 6, node 1 then
    1 + 6 = 7:

    >>> clearing_payments([[0, 10, 0], [0, 0, 8], [0, 0, 0]], [6, 1, 0])
    array([6., 7., 0.])

    Failing costs a tenth of what comes in: node 0 pays 0.9 x 6 = 5.4, node 1 pays 0.9 x (1 + 5.4) = 5.76:

    >>> clearing_payments([[0, 10, 0], [0, 0, 8], [0, 0, 0]], [6, 1, 0], alpha=0.9, beta=0.9)
    array([5.4 , 5.76, 0.  ])
    """
    owes = np.asarray(obligations, dtype=float)
    assets = np.asarray(resources, dtype=float)
    if owes.ndim < 2 or owes.shape[-1] != owes.shape[-2] or owes.shape[-1] == 0:
        raise ValueError(f"obligations must have shape (..., N, N), got {owes.shape}")
    n = owes.shape[-1]
    if assets.ndim < 1 or assets.shape[-1] != n:
        raise ValueError(f"resources must have shape (..., {n}), got {assets.shape}")
    for name, value in (("obligations", owes), ("resources", assets)):
        if not (np.isfinite(value) & (value >= 0)).all():
            raise ValueError(f"{name} must be finite and not negative")
    if np.diagonal(owes, axis1=-2, axis2=-1).any():
        raise ValueError("obligations must be zero on the diagonal: a node cannot owe itself")
    try:
        lead = np.broadcast_shapes(owes.shape[:-2], assets.shape[:-1])
    except ValueError:
        raise ValueError(f"obligations {owes.shape} and resources {assets.shape} do not broadcast") from None
    s = _complete_web(n)
    amount = np.broadcast_to(owes, (*lead, n, n))[..., s.payer, s.payee].reshape(-1, s.payer.size).T
    cash = np.broadcast_to(assets, (*lead, n)).reshape(-1, n).T
    done = clear(Ledger(s, amount), cash, alpha, beta)
    return (s.owed @ done.paid).T.reshape(*lead, n)
