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
from core.layout.layout import Layout
from core.model.identities import CHECKS
from core.model.record import MARKS

# Parameters of the market table that the rules read; the others are read elsewhere.
READ = ("market", "access", "debt", "clearing", "recovery", "status", "labs", "givers")
WHOLE = ("market.build_lag", "market.pipeline", "market.termination", "debt.term", "recovery.quarters")

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
    groups = _group_types(layout)
    wanted = record({"quarters": np.int64, **flags((), *groups)})
    return Tables(_web_record(layout), _lever_type(), _work_type(layout), _ends_type(layout), wanted, groups)


# -- the snapshot ------------------------------------------------------------------------------------


def _web_record(layout: Layout) -> np.ndarray:
    """Every number of a snapshot that a rule reads, as one record, (1,)."""
    read = {name: value for name, value in layout.parameters.items() if name.split(".")[0] in READ}
    return packed(
        {
            "snapshot": -1,  # the quarter before the first
            "never": layout.never,
            "first_operator": len(layout.companies) - len(layout.operators),
            "no": np.bool_(False),
            "p": {name.replace(".", "_"): int(v) if name in WHOLE else v for name, v in read.items()},
            **layout.fields,
        }
    )


# -- one scenario ------------------------------------------------------------------------------------


def _lever_type() -> np.dtype:
    """What a person may change, in model units; ``first_turned`` is the quarter in which demand turns."""
    return record(
        {
            **floats((), "g", "r", "u", "b", "d", "e", "s", "c", "v"),
            "f": np.int64,
            "first_turned": np.int64,
            **flags((), "gw", "nb", "mr", "fl", "as_planned"),
        }
    )


def _work_type(layout: Layout) -> np.dtype:
    """Everything a scenario carries while it runs: paths, state, the quarter, its clearing, the outlook."""
    nodes, rows, borrowers = len(layout.nodes), len(layout.rows), len(layout.borrowers)
    fleets, promises = len(layout.fields["fleet"]), len(layout.promises.ids)
    service = record(floats(borrowers, "interest", "level_interest", "level_principal", "bullet_due"))
    return record(
        {
            "path": _path_type(layout),
            "s": _state_type(layout, service),
            "due": record(
                {
                    **floats(rows, "amount", "scheduled", "cap_left", "deductible"),
                    **floats(nodes, "resources", "outside", "withheld", "investors", "relet", "cash_before"),
                    **floats(nodes, "expected", "spent"),
                    **floats(borrowers, "access", "willing", "interest", "regular", "bullets"),
                    **floats(borrowers, "convertible", "converted", "exit_due", "borrowed", "rolled"),
                    **floats(borrowers, "equity", "borrow_rate"),
                    **flags(borrowers, "live"),
                    **floats(promises, "caps", "called"),
                    **floats(layout.fields["wealthy"]["node"].size, "giver_borrowed"),
                    "service": service,
                    "fleet": (_fleet_quarter_type(), fleets),
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


def _fleet_quarter_type() -> np.dtype:
    """One quarter of a compute host, USD bn a quarter."""
    return record(
        floats((), "legacy_revenue", "new_revenue", "spot", "backstop", "opex", "site_lease", "capex")
        | floats((), "depreciation")
    )


def _path_type(layout: Layout) -> np.dtype:
    """Paths of the market and what follows from them alone, (quarter,) or (quarter, lab or rich company)."""
    return record(
        {
            **floats(layout.never, "demand", "capacity", "growth", "dev", "utilisation", "tightness"),
            **floats(
                layout.never,
                "sold_share",
                "relet",
                "refit",
                "use_access",
                "confidence",
                "bill_kept",
                "through_follows",
            ),
            **floats((layout.never, layout.fields["lab"]["node"].size), "lab_revenue"),
            **floats((layout.never, layout.fields["wealthy"]["node"].size), "wealthy_income"),
            **floats((layout.never, len(layout.operators)), "core_income"),
            **floats((), "ageing", "cover_floor", "cover_range", "spread_access"),
        }
    )


def _state_type(layout: Layout, service: np.dtype) -> np.dtype:
    """What a quarter inherits. ``failed`` holds the quarter of failure, ``web.never`` if none."""
    nodes, borrowers, promises = len(layout.nodes), len(layout.borrowers), len(layout.promises.ids)
    return record(
        {
            **flags(nodes, "living", "fresh"),
            **dict.fromkeys(("failed", "cause", "source", "wave"), (np.int64, nodes)),
            **dict.fromkeys(("renegotiated",), (np.int64, nodes)),
            **floats(nodes, "cash", "closed", "shortfall", "relet", "haircut", "agreed"),
            **floats(len(layout.operators), "breach", "posted"),
            **flags((), "cut_anew"),
            **floats(promises, "called", "caps"),
            **flags(promises, "honoured"),
            **floats(len(layout.leases.ids), "backed"),
            **floats(layout.contract_rows.size, "lost"),
            **floats(layout.fields["claim"]["place"].size, "recovery", "claims"),
            **flags(borrowers, "settled"),
            **floats(borrowers, "cover", "opening_cover", "access", "willing", "owed"),
            "service": service,
            "debt": record(
                floats((borrowers, layout.never), "level", "payment", "rate", "bullet")
                | flags(borrowers, "used")
            ),
            "fleet": (_fleet_type(layout.never), len(layout.fields["fleet"])),
            **floats((), "paid_by_givers"),
            **floats(len(CHECKS), "residual"),
        }
    )


def _fleet_type(quarters: int) -> np.dtype:
    """Chips and contracts of one compute host, in MW, and the shares of its two books whose tenants live."""
    return record(
        floats(quarters, "built", "signed", "price", "in_use", "coming")
        | floats((), "new_mw", "new_revenue", "free_value", "total_mw", "young_mw", "undrawn")
        | floats((), "legacy_replaced", "fresh_mw", "backlog")
        | floats((), "legacy", "new", "safe_legacy", "safe_new")
    )


# -- what is kept ------------------------------------------------------------------------------------


def _ends_type(layout: Layout) -> np.dtype:
    """How a scenario ended; ``change`` is the last change of a share in the worst clearing."""
    nodes = len(layout.nodes)
    return record(
        {
            **floats((), "change"),
            **floats(len(CHECKS), "residual"),
            **floats(nodes, "shortfall"),
            **floats(layout.fields["claim"]["place"].size, "recovery"),
            **dict.fromkeys(("failed", "source", "wave", "renegotiated"), (np.int16, nodes)),
            "cause": (np.int8, nodes),
            "first_mark": (np.int8, (len(layout.companies), MARKS)),
        }
    )


def _group_types(layout: Layout) -> dict[str, np.dtype]:
    """What may be kept of a scenario, by group; every array is (quarter, entity)."""
    quarters = layout.never
    rows, nodes, borrowers = len(layout.rows), len(layout.nodes), len(layout.borrowers)
    by_company, by_tenant = (quarters, len(layout.companies)), (quarters, len(layout.tenants))
    instruments = len(layout.tranches.ids) + borrowers
    by_instrument, by_borrower = (quarters, instruments), (quarters, borrowers)
    return {
        "market": record(floats((quarters, 1), "demand", "capacity", "utilisation", "price", "relet_share")),
        "companies": record(
            {
                **floats(by_company, "contracted", "spot", "guaranteed", "core", "cost", "depreciation"),
                **floats(by_company, "interest", "principal", "capex", "debt", "cash", "collateral"),
                **floats(by_company, "assets", "forward_cover", "runway", "access"),
                **flags(by_company, "status", "priced_status"),
            }
        ),
        "tenants": record(floats(by_tenant, "tenant_cash", "paid_share", "haircut")),
        "promises": record(
            floats((quarters, len(layout.promises.ids)), "called", "live")
            | floats((quarters, len(layout.leases.ids)), "rent_paid")
            | floats((quarters, layout.fields["wealthy"]["node"].size), "giver_cash", "giver_borrowed")
        ),
        "losses": record(floats(by_instrument, "balance", "lost") | floats(by_borrower, "drawn")),
        "holders": record(
            floats(by_instrument, "scheduled", "received")
            | floats(by_borrower, "new_rate", "new_principal", "rolled", "converted")
        ),
        "web": record(
            floats((quarters, rows), "row_scheduled", "row_due", "row_paid", "row_called")
            | floats((quarters, nodes), "relet")
        ),
    }
