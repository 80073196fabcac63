"""What the rules of the funds read and fill, and the accounts that they give."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from core.compiled.jit import as_run
from core.finance.debt import KINDS, principal_schedule
from core.layout.layout import RESIDUAL_VALUE, Layout
from core.model.books import TINY
from core.model.engine import lever_records
from core.model.funds import (
    EQUITY,
    IG_LEASES,
    NEW_LOANS,
    RATES,
    TRANCHE,
    all_books,
    all_instruments,
    all_losses,
)
from core.model.identities import TOLERANCE, IdentityError
from core.model.market import QUARTERS_PER_YEAR
from core.model.result import Result
from core.model.tables import Fields, flags, floats, packed, record, tables
from core.results.funds import BRIDGE, Fund, FundReturns, funds, held_names
from core.results.funds import EQUITY as EQUITY_ID
from core.results.funds import IG_LEASES as IG_LEASES_ID
from core.results.funds import NEW_LOANS as NEW_LOANS_ID

SPECIAL = {NEW_LOANS_ID: NEW_LOANS, EQUITY_ID: EQUITY, IG_LEASES_ID: IG_LEASES}
TERMS = ("leverage", "fee", "carry", "hurdle", "funding_spread")


@dataclass(frozen=True)
class FundTables:
    """The funds of a snapshot as the rules read them, and the types of what they fill.

    Attributes
    ----------
    names : tuple of str
        Instruments that any fund holds, in the order of the records.
    fund : ndarray of one record
        Terms, weights, and what the snapshot says of each instrument.
    one, books : dtype
        A dollar in each instrument, and what the investors of each fund got.
    """

    names: tuple[str, ...]
    fund: np.ndarray
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
    flows = ("bought", "received", "scheduled", "book", "mark")
    one = record({**floats(len(names), "opening"), **floats((len(names), layout.never), *flows)})
    books = record(
        {
            **floats((RATES, len(every)), "rate"),
            **flags((RATES, len(every)), "several"),
            **floats(len(every), "moic", "dpi", "rvpi", "residual", "sold", "due"),
            **floats((len(every), layout.never), "nav"),
        }
    )
    return FundTables(names, packed(_fund_fields(layout, every, names)), one, books)


def _fund_fields(layout: Layout, every: tuple[Fund, ...], names: tuple[str, ...]) -> Fields:
    """Everything that a rule of the funds reads of a snapshot."""
    p, fleet = layout.p, layout.fields["fleet"][0]
    neoclouds = np.array([k for k, b in enumerate(layout.borrowers) if layout.kind[b] == "neocloud"])
    first = layout.nodes[layout.borrowers[neoclouds[0]]]
    buying = _draw_period(layout)
    ordered = fleet["mw_added"][fleet["order_lead"] :][:buying]
    built = float(np.sum(ordered) * fleet["capex_per_mw"] * fleet["debt_share"])
    return {
        "base_rate": p("market.base_rate"),
        "stretched_spread": p("status.stretched_spread"),
        "distressed_spread": p("status.distressed_spread"),
        "recovery_quarters": p("recovery.quarters"),
        "debt_term": p("debt.term"),
        "size_of": np.array([fund.size for fund in every]),
        **{term: np.array([getattr(fund, term) for fund in every]) for term in TERMS},
        "weight": np.array([[dict(fund.holdings).get(name, 0.0) for name in names] for fund in every]),
        "tranches": len(layout.tranches.ids),
        "debtor": np.concatenate([layout.tranches.borrower, layout.borrowers]),
        "held": _held_fields(layout, names),
        "pool": {
            "borrower": neoclouds,
            "instrument": len(layout.tranches.ids) + neoclouds,
            "company": layout.companies.index(first),
            "draw_period": buying,
            "planned": max(built, TINY),  # without a plan the pool is the first loans there are
        },
        "equity": _equity_fields(layout),
        "lease": _lease_fields(layout),
    }


def _draw_period(layout: Layout) -> int:
    """Quarters in which new loans are bought: to the end of the last year of purchases, at least one."""
    last_year = int(layout.web.tables["funds"][NEW_LOANS_ID]["last_purchase"].value)
    return min(max(layout.calendar.first_of(last_year + 1), 1), layout.never)


def _held_fields(layout: Layout, names: tuple[str, ...]) -> Fields:
    """Of each instrument its kind, of a tranche its terms; ``exit`` is the quarter of an early exit or -1."""
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


def _equity_fields(layout: Layout) -> Fields:
    """The first-loss equity of the campus with a residual value guarantee."""
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


def _lease_fields(layout: Layout) -> Fields:
    """Investment-grade leases outside the web: level payments by quarter on one dollar."""
    items = layout.web.tables["funds"][IG_LEASES_ID]
    coupon = float(items["yield"].value) / QUARTERS_PER_YEAR
    life = int(float(items["life_years"].value) * QUARTERS_PER_YEAR)
    regular, final = principal_schedule("level", 1.0, coupon, 0, life, life - 1, layout.never)
    balance = 1.0 - np.cumsum(regular + final)
    due = regular + coupon * np.concatenate([[1.0], balance[:-1]])
    return {"coupon": coupon, "life": life, "due": due, "balance": balance}


def instruments(result: Result) -> np.ndarray:
    """A dollar in every instrument that a fund holds, as records, (scenario,).

    Arrays are (instrument, quarter), in the order of `held_names`: ``bought`` is paid as drawn (``opening``
    at the start), ``received`` is cash in, ``scheduled`` what was due, ``book`` the principal still to come
    and ``mark`` what a buyer would pay.

    Parameters
    ----------
    result : Result
        Run with groups "companies", "holders" and "market".
    """
    known, layout = fund_tables(result.layout), result.layout
    levers = lever_records(tables(layout), layout, result.levers, "market")
    kept = [result.ends, *(result.groups[name] for name in ("market", "companies", "losses", "holders"))]
    ones = np.zeros(result.n, known.one)
    all_instruments(
        as_run(known.fund),
        as_run(levers),
        result.last,
        result.quarters,
        tuple(map(as_run, kept)),
        as_run(ones),
    )
    return ones


def losses(result: Result) -> tuple[np.ndarray, np.ndarray]:
    """What each fund lost up to the horizon, (scenario, fund), and by holding, (scenario, fund, instrument).

    Parameters
    ----------
    result : Result
        Run with group "losses" or "holders".
    """
    known = fund_tables(result.layout)
    count = known.fund[0]["size_of"].size
    loss, by_holding = np.zeros((result.n, count)), np.zeros((result.n, count, len(known.names)))
    layout = result.layout
    levers = lever_records(tables(layout), layout, result.levers, "market")
    kept = (as_run(result.groups[name]) for name in ("market", "losses"))
    all_losses(as_run(known.fund), as_run(levers), *kept, result.last, loss, by_holding)
    return loss, by_holding


def fund_returns(result: Result) -> dict[str, FundReturns]:
    """Returns of every fund.

    Parameters
    ----------
    result : Result
        Run with groups "companies", "holders" and "market".

    Raises
    ------
    IdentityError
        If a fund's cash does not close, or what it distributes does not all go to somebody.
    """
    known = fund_tables(result.layout)
    books = _books_of(known, result.levers["r"], result.last, result.quarters, instruments(result))
    loss, by_holding = losses(result)
    return {
        fund.id: _accounts_of(known, fund, f, books, loss[:, f], by_holding[:, f])
        for f, fund in enumerate(funds(result.layout))
    }


def _books_of(
    known: FundTables, base: np.ndarray, last: np.ndarray, quarters: int, ones: np.ndarray
) -> np.ndarray:
    """The books of every fund, as records, (scenario,)."""
    books = np.zeros(last.size, known.books)
    count = known.books["nav"].shape[1] + 1
    flow, scaled = np.zeros((RATES, count)), np.zeros(count)
    all_books(as_run(known.fund), base, last, quarters, as_run(ones), as_run(books), flow, scaled)
    return books


def _accounts_of(
    known: FundTables, fund: Fund, f: int, books: np.ndarray, loss: np.ndarray, by_holding: np.ndarray
) -> FundReturns:
    """The accounts of one fund."""
    residual = float(books["residual"][:, f].max())
    if not residual <= TOLERANCE:
        raise IdentityError(f"fund identity off by {residual:.3g} per dollar of {fund.id}")
    promised = fund.size * books["due"][:, f]
    return FundReturns(
        **{name: books["rate"][:, rate, f] for rate, name in enumerate(BRIDGE)},
        several_rates={name: books["several"][:, rate, f] > 0 for rate, name in enumerate(BRIDGE)},
        **{name: books[name][:, f] for name in ("moic", "dpi", "rvpi", "nav")},
        loss=loss,
        loss_rate=np.where(promised > 0, loss / np.where(promised > 0, promised, 1.0), 0.0),
        loss_by_holding={name: by_holding[:, known.names.index(name)] for name, _ in fund.holdings},
        residual=residual,
    )
