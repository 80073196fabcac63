"""Who pays what when everybody settles at once: ledgers of any size, settled by the rules of a quarter.

The rules, and what they mean, stand in `clearing`. Here a ledger is written out, checked, and settled in many
scenarios at once; published examples are of this form.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from core.compiled.jit import entry
from core.finance import clearing
from core.finance.clearing import CLASSES, CONVERGED, MAX_SWEEPS, NO_GIVER, UNSECURED


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


@dataclass(frozen=True, eq=False)
class Structure:
    """Who owes whom, how senior and guaranteed by whom: what stays the same for a whole run.

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

    @classmethod
    def compile(
        cls,
        payer: ArrayLike,
        payee: ArrayLike,
        seniority: ArrayLike,
        n_nodes: int,
        giver: ArrayLike | None = None,
    ) -> Structure:
        """Check the rows of a ledger.

        Parameters
        ----------
        payer, payee, seniority : sequence of int, (R,)
            One entry per due.
        n_nodes : int
            Number of nodes.
        giver : sequence of int, (R,), optional
            Guarantor of each row, -1 for none.

        Raises
        ------
        ValueError
            If a node or class does not exist, a node owes itself, or a guarantor is party to the due.
        """
        payer, payee, seniority = (np.array(x, dtype=np.intp) for x in (payer, payee, seniority))
        giver = np.full(payer.shape, NO_GIVER) if giver is None else np.array(giver, dtype=np.intp)
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
        return cls(payer, payee, seniority, giver, n_nodes)


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

    R rows, N nodes, S scenarios; the last axis is missing if amounts and resources came without it.

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


@entry
def settle_all(
    rows: tuple,
    dues: tuple,
    cash: np.ndarray,
    alpha: float,
    beta: float,
    done: tuple,
    change: np.ndarray,
    sweeps: np.ndarray,
) -> None:
    """Settle a ledger in each scenario: arrays of ``dues``, ``cash`` and ``done`` are (scenario, ...)."""
    amount, cap, deductible = dues
    paid, called, called_paid, shortfall, closing, failure_cost, wave, theta = done
    for i in range(cash.shape[0]):
        owed = (amount[i], cap[i], deductible[i])
        settled = (
            paid[i], called[i], called_paid[i], shortfall[i], closing[i], failure_cost[i], wave[i], theta[i],
        )  # fmt: skip
        change[i], sweeps[i] = clearing.clear(rows, owed, cash[i], alpha, beta, settled)


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
    r, nodes = s.payer.size, s.n_nodes
    for name, share in (("alpha", alpha), ("beta", beta)):
        if not 0 <= share <= 1:
            raise ValueError(f"{name} must lie between 0 and 1, got {share}")
    cash, amount = _with_scenarios(resources), _with_scenarios(ledger.amount)
    for name, value, rows in (("resources", cash, nodes), ("amount", amount, r)):
        if value.ndim != 2 or value.shape[0] != rows:
            raise ValueError(f"{name} must have {rows} rows, got shape {value.shape}")
        if value.size and not (value.min() >= 0 and value.max() < np.inf):
            raise ValueError(f"{name} must be finite and not negative")
    n = np.broadcast_shapes(cash.shape[1:], amount.shape[1:])[0]
    cap, deductible = (_by_scenario(_with_scenarios(x), r, n) for x in (ledger.cap_left, ledger.deductible))
    for limit in (cap, deductible):
        if not (limit[:, s.giver != NO_GIVER] >= 0).all():
            raise ValueError("cap_left and deductible must not be negative")
    done: dict[str, np.ndarray] = {  # in the order of the rule
        **{name: np.empty((n, r)) for name in ("paid", "called", "called_paid")},
        **{name: np.empty((n, nodes)) for name in ("shortfall", "closing", "failure_cost")},
        "round": np.empty((n, nodes), dtype=np.int64),
        "theta": np.empty((n, CLASSES, nodes)),
    }
    change, sweeps = np.empty(n), np.empty(n, dtype=np.int64)
    settle_all(
        (s.payer, s.payee, s.seniority, s.giver),
        (_by_scenario(amount, r, n), cap, deductible),
        _by_scenario(cash, nodes, n),
        float(alpha),
        float(beta),
        tuple(done.values()),
        change,
        sweeps,
    )
    moving = change >= CONVERGED
    if moving.any():
        raise ClearingDidNotConverge(float(change.max()), int(moving.sum()))
    done |= {
        "failed": done["round"] > 0,
        "round": done["round"].astype(np.int16),
        "sweeps": sweeps.astype(np.int32),
    }
    place = 0 if np.ndim(resources) == np.ndim(ledger.amount) == 1 else slice(None)
    return Clearing(**{name: np.moveaxis(value, 0, -1)[..., place] for name, value in done.items()})


def _with_scenarios(values: ArrayLike) -> np.ndarray:
    """Values by row with an axis of scenarios; a lone number as it is."""
    given = np.asarray(values, dtype=float)
    return given[:, None] if given.ndim == 1 else given


def _by_scenario(values: np.ndarray, rows: int, n: int) -> np.ndarray:
    """Values (row, scenario) as the rows of each scenario in a stretch of memory, (scenario, row)."""
    return np.array(np.broadcast_to(values, (rows, n)).T, order="C")


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
    s, count = _complete_web(n), math.prod(lead)
    amount = np.broadcast_to(owes, (*lead, n, n))[..., s.payer, s.payee].reshape(count, s.payer.size).T
    cash = np.broadcast_to(assets, (*lead, n)).reshape(count, n).T
    done = clear(Ledger(s, amount), cash, alpha, beta)
    return done.paid.reshape(n, n - 1, count).sum(axis=1).T.reshape(*lead, n)  # rows stand by payer
