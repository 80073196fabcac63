"""What the rules of the funds read and fill, and the accounts that they give."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from core.finance.debt import KINDS, principal_schedule
from core.kernel.funds import (
    DRAW_PERIOD,
    EQUITY,
    IG_LEASES,
    NEW_LOANS,
    RATES,
    TRANCHE,
    all_books,
    all_instruments,
)
from core.kernel.jit import as_run
from core.kernel.market import QUARTERS_PER_YEAR
from core.kernel.operations import MILLIONS
from core.kernel.tables import RESIDUAL_VALUE, Fields, flags, floats, packed, record
from core.layout.layout import QUARTERS, Layout
from core.model.record import TOLERANCE, IdentityError
from core.model.result import Result
from core.results.funds import EQUITY as EQUITY_ID
from core.results.funds import IG_LEASES as IG_LEASES_ID
from core.results.funds import NEW_LOANS as NEW_LOANS_ID
from core.results.funds import Fund, FundReturns, Instrument, funds, held_names

SPECIAL = {NEW_LOANS_ID: NEW_LOANS, EQUITY_ID: EQUITY, IG_LEASES_ID: IG_LEASES}
BRIDGE = ("unlevered_irr", "gross_irr", "after_fee_irr", "net_irr")
TERMS = ("leverage", "fee", "carry", "hurdle", "funding_spread")
FLOWS = ("bought", "received", "scheduled", "lost", "book", "mark")
FROM_RUN = ("received", "scheduled", "lost", "balance", "drawn", "status")


@dataclass(frozen=True)
class FundTables:
    """The funds of a snapshot as the rules read them, and the types of what they fill.

    Attributes
    ----------
    names : tuple of str
        Instruments that any fund holds, in the order of the records.
    fund : ndarray of one record
        Terms, weights, and what the snapshot says of each instrument.
    run, one, books : dtype
        What a run found, a dollar in each instrument, and what the investors of each fund got.
    """

    names: tuple[str, ...]
    fund: np.ndarray
    run: np.dtype
    one: np.dtype
    books: np.dtype


@lru_cache(maxsize=16)
def fund_tables(layout: Layout) -> FundTables:
    """Pack the funds of a compiled snapshot; once for all its runs.

    Parameters
    ----------
    layout : Layout
        The snapshot, compiled.
    """
    every = funds(layout)
    names = held_names(every)
    instruments = len(layout.tranches.ids) + len(layout.borrowers)
    count = len(every)
    run = record(
        {
            **floats((), "r", "s"),
            **dict.fromkeys(("last", "quarters"), np.int64),
            **flags((), "leaves"),
            **flags((QUARTERS, len(layout.companies)), "status"),
            **floats(QUARTERS, "price"),
            **floats((QUARTERS, instruments), "received", "scheduled", "lost", "balance"),
            **floats((QUARTERS, len(layout.borrowers)), "drawn", "new_rate"),
            **floats(instruments, "estate"),
            "failed": (np.int64, instruments),
        }
    )
    one = record({**floats(len(names), "opening"), **floats((len(names), QUARTERS), *FLOWS)})
    books = record(
        {
            **floats((RATES, count), "rate"),
            **floats(count, "moic", "dpi", "rvpi", "loss_rate", "loss", "residual", "sold", "due"),
            **floats((count, QUARTERS), "nav"),
            **floats((count, len(names)), "loss_by_holding"),
        }
    )
    return FundTables(names, packed(fund_fields(layout, every, names)), run, one, books)


def fund_fields(layout: Layout, every: tuple[Fund, ...], names: tuple[str, ...]) -> Fields:
    """Everything that a rule of the funds reads of a snapshot.

    Parameters
    ----------
    layout : Layout
        The snapshot, compiled.
    every : tuple of Fund
        Funds.
    names : tuple of str
        Instruments that any of them holds.
    """
    p, fleet = layout.p, layout.fleets[0]
    neoclouds = np.array([k for k, b in enumerate(layout.borrowers) if layout.kind[b] == "neocloud"])
    first = layout.nodes[layout.borrowers[neoclouds[0]]]
    built = float(np.sum(fleet.mw_added[:DRAW_PERIOD]) * fleet.capex_per_mw / MILLIONS * fleet.debt_share)
    return {
        "base_rate": p("market.base_rate"),
        "stretched_spread": p("status.stretched_spread"),
        "distressed_spread": p("status.distressed_spread"),
        "recovery_quarters": p("recovery.quarters"),
        "debt_term": p("debt.term"),
        "size_of": np.array([fund.size for fund in every]),
        **{term: np.array([getattr(fund, term) for fund in every]) for term in TERMS},
        "weight": np.array([[dict(fund.holdings).get(name, 0.0) for name in names] for fund in every]),
        "held": held_fields(layout, names),
        "pool": {
            "borrower": neoclouds,
            "instrument": len(layout.tranches.ids) + neoclouds,
            "company": layout.companies.index(first),
            "planned": built,
        },
        "equity": equity_fields(layout),
        "lease": lease_fields(layout),
    }


def held_fields(layout: Layout, names: tuple[str, ...]) -> Fields:
    """Of each instrument its kind, of a tranche its terms; ``exit`` is the quarter of an early exit or -1.

    Parameters
    ----------
    layout : Layout
        The snapshot, compiled.
    names : tuple of str
        Instruments.
    """
    t, promises = layout.tranches, layout.promises
    at = np.array([t.ids.index(name) if name not in SPECIAL else 0 for name in names])
    exits = {
        int(host): int(start)
        for host, start, kind in zip(promises.host, promises.start, promises.kind, strict=True)
        if kind == RESIDUAL_VALUE
    }
    return {
        "kind": np.array([SPECIAL.get(name, TRANCHE) for name in names]),
        "instrument": at,
        "company": np.array([layout.companies.index(layout.nodes[b]) for b in t.borrower[at]]),
        "loan": np.array([KINDS.index(t.kind[i]) for i in at]),
        "rate": t.rate[at],
        "floating": t.floating[at],
        "first": t.first[at],
        "profile": t.profile[at],
        "maturity": t.maturity[at],
        "opening": t.opening[at],
        "regular": t.regular[at],
        "exit": np.array([exits.get(int(b), -1) for b in t.borrower[at]]),
    }


def equity_fields(layout: Layout) -> Fields:
    """The first-loss equity of the campus with a residual value guarantee.

    Parameters
    ----------
    layout : Layout
        The snapshot, compiled.
    """
    items, promises = layout.web.tables["funds"][EQUITY_ID], layout.promises
    k = promises.kind.index(RESIDUAL_VALUE)
    leaves, node = int(promises.start[k]), promises.host[k]
    return {
        "amount": float(items["amount"].value),
        "target": float(items["yield"].value),
        "exit": leaves,
        "site_value": layout.site_cost[node] * promises.share[k],
        "notes": float(layout.tranches.opening[layout.tranches.borrower == node, leaves].sum()),
    }


def lease_fields(layout: Layout) -> Fields:
    """Investment-grade leases outside the web: level payments by quarter on one dollar.

    Parameters
    ----------
    layout : Layout
        The snapshot, compiled.
    """
    items = layout.web.tables["funds"][IG_LEASES_ID]
    coupon = float(items["yield"].value) / QUARTERS_PER_YEAR
    life = int(float(items["life_years"].value) * QUARTERS_PER_YEAR)
    regular, final = principal_schedule("level", 1.0, coupon, 0, life, life - 1, QUARTERS)
    balance = 1.0 - np.cumsum(regular + final)
    due = regular + coupon * np.concatenate([[1.0], balance[:-1]])
    return {"coupon": coupon, "life": life, "due": due, "balance": balance}


def run_records(known: FundTables, result: Result) -> np.ndarray:
    """What the funds need of a run, as records, (scenario,).

    Parameters
    ----------
    known : FundTables
        The types of this snapshot.
    result : Result
        Run with groups "companies" and "holders" (and "market").
    """
    layout, quarterly, once = result.layout, result.record.quarterly, result.record.once
    out = np.zeros(result.n, known.run)
    for name in (*FROM_RUN, "new_rate"):
        out[name] = np.moveaxis(quarterly[name], -1, 0)
    out["price"] = quarterly["price"][:, 0].T
    debtors = np.concatenate([layout.tranches.borrower, layout.borrowers])
    out["failed"], out["estate"] = once["failed"][debtors].T, once["estate"].T
    out["last"], out["leaves"] = result.last, ~result.levers["mr"]
    out["quarters"] = result.record.quarters
    out["r"], out["s"] = result.levers["r"], result.levers["s"]
    return out


def fund_returns(result: Result) -> dict[str, FundReturns]:
    """FundReturns of every fund, as `core.results.funds.fund_returns`.

    Parameters
    ----------
    result : Result
        Run with groups "companies" and "holders" (and "market").

    Raises
    ------
    IdentityError
        If a fund's cash does not close, or what it distributes does not all go to somebody.
    """
    known = fund_tables(result.layout)
    runs, one, books = run_records(known, result), np.zeros(1, known.one), np.zeros(result.n, known.books)
    flow, scaled = np.zeros((RATES, QUARTERS + 1)), np.zeros(QUARTERS + 1)
    all_books(*map(as_run, (known.fund, runs, one, books)), flow, scaled)
    return {
        fund.id: accounts_of(known, fund, {name: books[name] for name in known.books.names or ()}, f)
        for f, fund in enumerate(funds(result.layout))
    }


def accounts_of(known: FundTables, fund: Fund, books: Mapping[str, np.ndarray], f: int) -> FundReturns:
    """The accounts of one fund.

    Parameters
    ----------
    known : FundTables
        Names of instruments.
    fund : Fund
        Which one.
    books : mapping of str to ndarray, (scenario, ...)
        As the rules filled them.
    f : int
        Its number.
    """
    residual = float(books["residual"][:, f].max())
    if not residual <= TOLERANCE:
        raise IdentityError(f"fund identity off by {residual:.3g} per dollar of {fund.id}")
    lost = {name: books["loss_by_holding"][:, f, known.names.index(name)] for name, _ in fund.holdings}
    return FundReturns(
        **{name: books["rate"][:, rate, f] for rate, name in enumerate(BRIDGE)},
        **{name: books[name][:, f] for name in ("moic", "dpi", "rvpi", "loss_rate", "loss", "nav")},
        loss_by_holding=lost,
        residual=residual,
    )


def instruments(result: Result) -> dict[str, Instrument]:
    """A dollar in every instrument that a fund holds, arrays (quarter, scenario).

    Parameters
    ----------
    result : Result
        Run with groups "companies" and "holders" (and "market").
    """
    known = fund_tables(result.layout)
    one = np.zeros(result.n, known.one)
    all_instruments(*map(as_run, (known.fund, run_records(known, result), one)))
    return {
        name: Instrument(opening=one["opening"][:, k], **{flow: one[flow][:, k].T for flow in FLOWS})
        for k, name in enumerate(known.names)
    }
