"""What every record holds, and a compiled layout packed into records.

A record has fixed fields and sizes, so a web with other entities compiles the rules anew and other numbers do
not. Yes and no are 1 and 0. Money is USD bn (a quarter), rates are decimals a year unless a rule says
otherwise; axes stand in brackets.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from core.finance.clearing import CLASSES
from core.kernel.identities import CHECKS
from core.kernel.operations import MILLIONS
from core.kernel.record import MARKS
from core.kernel.state import ALWAYS, GOOGLE_WALKS, NVIDIA_BUYS
from core.layout.layout import QUARTERS, RESIDUAL_VALUE, Fleet, Layout, Opening

# Parameters of the market table that the rules read; the others are read elsewhere.
READ = ("market", "access", "debt", "clearing", "recovery", "status")
WHOLE = ("market.build_lag", "market.pipeline", "market.termination", "debt.term", "recovery.quarters")
LEVERS = {"": ALWAYS, "gw": GOOGLE_WALKS, "nb": NVIDIA_BUYS}

GROUPS = ("market", "companies", "tenants", "promises", "holders")  # kept if a run is asked for nothing else
ON_REQUEST = ("web", "losses")  # the ledger row by row; of the holders only what is lost

Fields = Mapping[str, Any]


def record(fields: Fields) -> np.dtype:
    """The type of a record whose fields read as attributes, compiled or not.

    Parameters
    ----------
    fields : mapping of str to dtype, or (dtype, shape)
        Which field holds what.

    Raises
    ------
    ValueError
        If a name means something else to numpy's own records, which would hide the field in plain Python.
    """
    hidden = sorted(fields.keys() & set(dir(np.record)))
    if hidden:
        raise ValueError(f"numpy's records have their own {', '.join(hidden)}: choose another name")
    parts = [(name, *kind) if isinstance(kind, tuple) else (name, kind, ()) for name, kind in fields.items()]
    parts.sort(key=lambda part: -_width(np.dtype(part[1])))  # the widest first: nothing has to be padded
    return np.dtype((np.record, np.dtype(parts, align=True)))


def _width(kind: np.dtype) -> int:
    """Bytes of a number; a record inside a record counts as its widest number."""
    return np.dtype(np.float64).itemsize if kind.names else kind.itemsize


def floats(shape: int | tuple[int, ...], *names: str) -> dict[str, tuple]:
    """Fields of numbers that have one shape.

    Parameters
    ----------
    shape : int or tuple of int
        () for a number alone.
    *names : str
        Of the fields.
    """
    return dict.fromkeys(names, (np.float64, shape))


def flags(shape: int | tuple[int, ...], *names: str) -> dict[str, tuple]:
    """Fields of yes and no, kept as 1 and 0.

    Parameters
    ----------
    shape : int or tuple of int
        () for one alone.
    *names : str
        Of the fields.
    """
    return dict.fromkeys(names, (np.int8, shape))


def packed(values: Fields) -> np.ndarray:
    """One record, (1,), with the types and sizes of what is put into it.

    Parameters
    ----------
    values : mapping of str to number, array, mapping, or list of mappings
        A mapping becomes a record inside, a list an array of records.
    """
    fields, filled = {}, {}
    for name, value in values.items():
        if isinstance(value, Mapping):
            filled[name] = packed(value)[0]
            fields[name] = filled[name].dtype
        elif isinstance(value, list):
            filled[name] = np.concatenate([packed(one) for one in value])
            fields[name] = (filled[name].dtype, len(value))
        else:
            array = np.asarray(value)
            filled[name] = array.astype({"b": np.int8, "i": np.int64, "f": np.float64}[array.dtype.kind])
            fields[name] = (filled[name].dtype, array.shape)
    out = np.zeros(1, record(fields))
    for name, value in filled.items():
        out[name][0] = value
    return out


@dataclass(frozen=True)
class Tables:
    """A snapshot as the rules read it, and the types of everything they fill.

    Attributes
    ----------
    web : ndarray of one record
        Every number of the snapshot that a rule reads.
    lever, work, ends, wanted : dtype
        One scenario's levers, what it carries while it runs, how it ended, and which groups are kept.
    groups : dict of str to dtype
        What may be kept quarter by quarter.
    """

    web: np.ndarray
    lever: np.dtype
    work: np.dtype
    ends: np.dtype
    wanted: np.dtype
    groups: dict[str, np.dtype]


@lru_cache(maxsize=16)
def tables(layout: Layout) -> Tables:
    """Pack a compiled snapshot; once for all its runs.

    Parameters
    ----------
    layout : Layout
        The snapshot, compiled.
    """
    groups = group_types(layout)
    wanted = record({"quarters": np.int64, **flags((), *groups)})
    return Tables(web_record(layout), lever_type(), work_type(layout), ends_type(layout), wanted, groups)


# -- the snapshot ------------------------------------------------------------------------------------


def web_record(layout: Layout) -> np.ndarray:
    """Every number of a snapshot that a rule reads, as one record, (1,).

    Parameters
    ----------
    layout : Layout
        The snapshot, compiled.
    """
    structure, index = layout.structure, layout.row_index
    middle = layout.nodes[layout.intermediary]
    return packed(
        {
            "snapshot": -1,  # the quarter before the first
            "no": np.bool_(False),
            "p": {
                name.replace(".", "_"): int(value) if name in WHOLE else value
                for name, value in layout.parameters.items()
                if name.split(".")[0] in READ
            },
            "node": {
                "cash": layout.cash,
                "reliable": layout.reliable,
                "site_cost": layout.site_cost,
            },
            "row": {
                "payer": structure.payer,
                "payee": structure.payee,
                "seniority": structure.seniority,
                "giver": structure.giver,
            },
            "contract": layout.contract_rows,
            "sink": layout.sinks,
            "lenders": layout.index["lenders"],
            "wealthy": {
                "node": layout.wealthy,
                "income": layout.wealthy_income,
                "elasticity": layout.wealthy_elasticity,
            },
            "lab": lab_fields(layout),
            "bill": {
                "row": np.array([row for row, *_ in layout.bill_rows]),
                "lab": np.array([lab for _, lab, *_ in layout.bill_rows]),
                "share": np.array([share for *_, share, _ in layout.bill_rows]),
                "start": np.array([start for *_, start in layout.bill_rows]),
            },
            "middle": {
                "node": layout.intermediary,
                "cost_row": index[f"cost:{middle}"],
                "funding": layout.intermediary_funding,
                "markup_row": layout.markup_row,
                "markup_tenant": layout.markup_tenant,
                "markup_share": layout.markup_share,
                "markup": layout.markup,
            },
            "landlord": {
                "node": layout.landlords,
                "margin": layout.landlord_margin,
                "overhead": layout.landlord_overhead,
                "capex": layout.landlord_capex,
                "cost_row": layout.landlord_cost_rows,
                "capex_row": layout.landlord_capex_rows,
            },
            "lease": lease_fields(layout),
            "promise": promise_fields(layout),
            "fleet": [fleet_fields(layout, plan) for plan in layout.fleets],
            "borrower": borrower_fields(layout),
            "debt_row": {
                "row": layout.debt_rows,
                "place": layout.debt_row_place,
                "fixed": _fixed_service(layout.debt_row_opening),
                "floats": layout.debt_row_opening.floats,
                "convertible": layout.debt_row_opening.convertible,
                "opening": layout.debt_row_opening.opening,
            },
            "tranche": {
                "row": layout.tranches.row,
                "place": layout.tranche_place,
                "balance": layout.tranches.balance,
                "opening": layout.tranches.opening,
                "cash_due": layout.tranches.cash_due.T,
                "cash_floats": layout.tranches.cash_floats.T,
                "final_shares": layout.tranches.final_shares.T,
            },
            "claim": {"place": layout.claim_place, "seniority": layout.claim_seniority, "classes": CLASSES},
            "rating": {"cover": layout.rating_cover, "spread": layout.rating_spread},
            "company": company_fields(layout),
            "tenant": {
                "node": np.array([layout.index[t] for t in layout.tenants]),
                "bill_row": np.array([index.get(f"bill:{t}", -1) for t in layout.tenants]),
            },
        }
    )


def _fixed_service(debt: Opening) -> np.ndarray:
    """Interest and principal that do not move with the base rate, (row, quarter)."""
    return debt.fixed_interest + debt.regular + debt.rollable


def lab_fields(layout: Layout) -> Fields:
    """AI labs: own revenue, other cost, compute bill, investors' money; (lab,) or (lab, quarter).

    Parameters
    ----------
    layout : Layout
        The snapshot, compiled.
    """
    return {
        "node": layout.lab_nodes,
        "cost_row": layout.lab_cost_rows,
        "bill_row": layout.lab_bill_rows,
        "revenue": np.array([lab.revenue for lab in layout.labs]),
        "cost_share": np.array([lab.other_cost_share for lab in layout.labs]),
        "bill": layout.lab_bill,
        "funding": np.array([lab.funding for lab in layout.labs]),
        "elasticity": np.array([lab.elasticity for lab in layout.labs]),
    }


def lease_fields(layout: Layout) -> Fields:
    """Contracts with a fixed rent; schedules are (tenant leaves at the first exit or stays, lease, quarter).

    Parameters
    ----------
    layout : Layout
        The snapshot, compiled.
    """
    leases = layout.leases
    return {
        "row": leases.row,
        "tenant": leases.tenant,
        "host": leases.host,
        "promise": leases.promise,
        "margin": layout.lease_margin,
        "reliable": leases.reliable,
        "rent": np.array([leases.rent_exit, leases.rent]),
        "rent_ahead": np.array([leases.forward_exit, leases.forward]),
        "rent_value": np.array([leases.value_exit, leases.value]),
    }


def promise_fields(layout: Layout) -> Fields:
    """Guarantees; ``lease_row`` is the rent that a lease backstop stands behind, ``place`` a borrower or -1.

    Parameters
    ----------
    layout : Layout
        The snapshot, compiled.
    """
    promises, leases = layout.promises, layout.leases
    backs = {int(i): int(row) for i, row in zip(leases.promise, leases.row, strict=True) if i >= 0}
    place = {int(node): k for k, node in enumerate(layout.borrowers)}
    return {
        "cap": promises.cap,
        "cap_path": promises.cap_path,
        "lever": np.array([LEVERS[word] for word in promises.lever]),
        "row": promises.row,
        "lease_row": np.array([backs.get(i, -1) for i in range(len(promises.ids))]),
        "share": promises.share,
        "is_residual": np.array([kind == RESIDUAL_VALUE for kind in promises.kind]),
        "start": promises.start,
        "host": promises.host,
        "place": np.array([place.get(int(node), -1) for node in promises.host]),
    }


def fleet_fields(layout: Layout, plan: Fleet) -> Fields:
    """A host that owns chips; ``capex_per_mw`` is USD bn, prices are USD m per MW and year.

    Parameters
    ----------
    layout : Layout
        The snapshot, compiled.
    plan : Fleet
        One of its fleets.
    """
    index = layout.row_index
    taken = ("id", "fee_rows", "fee_shares", "capex_per_mw")
    return {
        **{name: value for name, value in vars(plan).items() if name not in taken},
        "capex_per_mw": plan.capex_per_mw / MILLIONS,
        "price_share": float(layout.promises.share[plan.backstop]) if plan.backstop >= 0 else 1.0,
        "fee_row": plan.fee_rows,
        "fee_share": plan.fee_shares,
        "cost_row": index[f"cost:{plan.id}"],
        "site_row": index[f"site:{plan.id}"],
        "capex_row": index[f"capex:{plan.id}"],
    }


def borrower_fields(layout: Layout) -> Fields:
    """Companies with debt: their opening debt, (borrower, quarter), and what stands behind it.

    ``sites``, ``chips`` and ``own_capex_ahead`` have the snapshot date in column 0, the end of quarter q in
    column q + 1.

    Parameters
    ----------
    layout : Layout
        The snapshot, compiled.
    """
    return {
        "node": layout.borrowers,
        "level_row": layout.new_level_rows,
        "bullet_row": layout.new_bullet_rows,
        "overhead_ahead": layout.overhead_ahead,
        "site_share": layout.site_share,
        "sites": layout.sites_by_quarter,
        "chips": layout.chips_by_quarter,
        "own_capex_ahead": layout.own_capex_ahead,
        "building_until": layout.construction_until[layout.borrowers],
        **vars(layout.opening),
    }


def company_fields(layout: Layout) -> Fields:
    """Where each company's figures come from: places of its debt, fleet and ledger rows, -1 for none.

    Parameters
    ----------
    layout : Layout
        The snapshot, compiled.
    """
    node = np.array([layout.index[c] for c in layout.companies])
    place = {int(b): k for k, b in enumerate(layout.borrowers)}
    fleet = {plan.node: f for f, plan in enumerate(layout.fleets)}
    wears_out = np.zeros((QUARTERS, node.size))
    for c, n in enumerate(node):
        if int(n) in place:
            sites = layout.sites_by_quarter[place[int(n)], 1:] / layout.p("market.site_life")
            wears_out[:, c] = sites + layout.chip_cost[n] / layout.p("market.chip_life")
    return {
        "node": node,
        "borrower": np.array([place.get(int(n), -1) for n in node]),
        "fleet": np.array([fleet.get(int(n), -1) for n in node]),
        "cost_row": np.array([layout.row_index.get(f"cost:{c}", -1) for c in layout.companies]),
        "capex_row": np.array([layout.row_index.get(f"capex:{c}", -1) for c in layout.companies]),
        "depreciation": wears_out,
    }


# -- one scenario ------------------------------------------------------------------------------------


def lever_type() -> np.dtype:
    """What a person may change, in model units; ``first_turned`` is the quarter in which demand turns."""
    return record(
        {
            **floats((), "g", "r", "u", "b", "d", "e", "s", "c", "v"),
            "f": np.int64,
            "first_turned": np.int64,
            **flags((), "gw", "nb", "mr", "fl", "as_planned"),
        }
    )


def work_type(layout: Layout) -> np.dtype:
    """Everything a scenario carries while it runs: paths, state, the quarter, its clearing, the outlook.

    Parameters
    ----------
    layout : Layout
        Gives the sizes.
    """
    nodes, rows, borrowers = len(layout.nodes), len(layout.rows), len(layout.borrowers)
    fleets, promises = len(layout.fleets), len(layout.promises.ids)
    service = record(floats(borrowers, "interest", "level_interest", "level_principal", "bullet_due"))
    return record(
        {
            "path": path_type(layout),
            "s": state_type(layout, service),
            "due": record(
                {
                    **floats(rows, "amount", "scheduled", "cap_left", "deductible"),
                    **floats(nodes, "resources", "outside", "withheld", "investors", "relet", "cash_before"),
                    **floats(borrowers, "access", "willing", "interest", "regular", "bullets"),
                    **floats(borrowers, "convertible", "converted", "exit_due", "borrowed", "rolled"),
                    **floats(borrowers, "equity", "borrow_rate"),
                    **flags(borrowers, "live"),
                    **floats(promises, "caps", "called"),
                    "service": service,
                    "fleet": (fleet_quarter_type(), fleets),
                }
            ),
            "done": record(
                {
                    **floats(rows, "paid", "called", "called_paid"),
                    **floats(nodes, "shortfall", "closing", "failure_cost"),
                    "wave": (np.int64, nodes),
                    **floats((CLASSES, nodes), "theta"),
                }
            ),
            "outlook": record(
                {
                    **floats(borrowers, "ebitda", "unsafe", "owed", "sites", "chips", "free_share"),
                    **floats(borrowers, "undrawn", "own_capex", "debt", "interest", "opening_interest"),
                    **floats(borrowers, "principal", "cover", "collateral", "assets", "runway"),
                    **flags(borrowers, "covered_building"),
                    **floats((), "intermediary_runway"),
                }
            ),
            **floats(nodes, "flow"),
        }
    )


def fleet_quarter_type() -> np.dtype:
    """One quarter of a compute host, USD bn a quarter."""
    return record(
        floats((), "legacy_revenue", "new_revenue", "spot", "backstop", "opex", "site_lease", "capex")
        | floats((), "depreciation")
    )


def path_type(layout: Layout) -> np.dtype:
    """Paths of the market and what follows from them alone, (quarter,) or (quarter, lab or rich company).

    Parameters
    ----------
    layout : Layout
        Gives the sizes.
    """
    return record(
        {
            **floats(QUARTERS, "demand", "capacity", "dev", "utilisation", "tightness", "sold_share"),
            **floats(QUARTERS, "relet", "refit", "use_access", "confidence", "bill_kept", "through_follows"),
            **floats((QUARTERS, len(layout.labs)), "lab_revenue"),
            **floats((QUARTERS, layout.wealthy.size), "wealthy_income"),
            **floats((), "ageing", "cover_floor", "cover_range", "spread_access"),
        }
    )


def state_type(layout: Layout, service: np.dtype) -> np.dtype:
    """What a quarter inherits. ``failed`` holds the quarter of failure, 32 if none.

    Parameters
    ----------
    layout : Layout
        Gives the sizes.
    service : dtype
        Service of new debt, by borrower.
    """
    nodes, borrowers, promises = len(layout.nodes), len(layout.borrowers), len(layout.promises.ids)
    return record(
        {
            **flags(nodes, "living", "fresh"),
            **dict.fromkeys(("failed", "cause", "source", "wave"), (np.int64, nodes)),
            **floats(nodes, "cash", "closed", "shortfall", "relet"),
            **floats(promises, "called", "caps"),
            **flags(promises, "honoured"),
            **floats(len(layout.leases.ids), "backed"),
            **floats(layout.contract_rows.size, "lost"),
            **floats(layout.claim_place.size, "recovery", "claims"),
            **flags(borrowers, "settled"),
            **floats(borrowers, "cover", "opening_cover", "access", "owed"),
            "service": service,
            "debt": record(
                floats((borrowers, QUARTERS), "level", "payment", "rate", "bullet") | flags(borrowers, "used")
            ),
            "fleet": (fleet_type(), len(layout.fleets)),
            **floats((), "paid_by_givers"),
            **floats(len(CHECKS), "residual"),
        }
    )


def fleet_type() -> np.dtype:
    """Chips and contracts of one compute host, in MW, and the shares of its two books whose tenants live."""
    return record(
        floats(QUARTERS, "built", "price")
        | floats((), "new_mw", "new_revenue", "free_value", "total_mw", "young_mw", "undrawn")
        | floats((), "legacy", "new", "safe_legacy", "safe_new")
    )


# -- what is kept ------------------------------------------------------------------------------------


def ends_type(layout: Layout) -> np.dtype:
    """How a scenario ended; ``change`` is the last change of a share in the worst clearing.

    Parameters
    ----------
    layout : Layout
        Gives the sizes.
    """
    nodes = len(layout.nodes)
    return record(
        {
            **floats((), "change"),
            **floats(len(CHECKS), "residual"),
            **floats(nodes, "shortfall"),
            **floats(layout.claim_place.size, "recovery"),
            **dict.fromkeys(("failed", "source", "wave"), (np.int16, nodes)),
            "cause": (np.int8, nodes),
            "first_mark": (np.int8, (len(layout.companies), MARKS)),
        }
    )


def group_types(layout: Layout) -> dict[str, np.dtype]:
    """What may be kept of a scenario, by group; every array is (quarter, entity).

    Parameters
    ----------
    layout : Layout
        Gives the sizes.
    """
    rows, nodes, borrowers = len(layout.rows), len(layout.nodes), len(layout.borrowers)
    by_company, by_tenant = (QUARTERS, len(layout.companies)), (QUARTERS, len(layout.tenants))
    instruments = len(layout.tranches.ids) + borrowers
    by_instrument, by_borrower = (QUARTERS, instruments), (QUARTERS, borrowers)
    return {
        "market": record(floats((QUARTERS, 1), "demand", "capacity", "utilisation", "price", "relet_share")),
        "companies": record(
            {
                **floats(by_company, "contracted", "spot", "guaranteed", "cost", "depreciation"),
                **floats(by_company, "interest", "principal", "capex", "debt", "cash", "collateral"),
                **floats(by_company, "assets", "forward_cover", "runway", "access"),
                **flags(by_company, "status"),
            }
        ),
        "tenants": record(floats(by_tenant, "tenant_cash", "paid_share")),
        "promises": record(
            floats((QUARTERS, len(layout.promises.ids)), "called", "live")
            | floats((QUARTERS, len(layout.leases.ids)), "rent_paid")
        ),
        "losses": record(floats(by_instrument, "balance", "lost") | floats(by_borrower, "drawn")),
        "holders": record(
            floats(by_instrument, "scheduled", "received")
            | floats(by_borrower, "new_rate", "new_principal", "rolled", "converted")
        ),
        "web": record(
            floats((QUARTERS, rows), "row_scheduled", "row_due", "row_paid", "row_called")
            | floats((QUARTERS, nodes), "relet")
        ),
    }
