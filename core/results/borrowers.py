"""A borrower as its lenders see it: what falls due and how it is met, its leases, lines not to cross."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from core.layout.layout import LEASE_BACKSTOP, MILLIONS, Layout
from core.model.result import Result
from core.results.measures import ratio
from core.web.web import Web

EVEN = 1.0  # a dollar earned or owned for each dollar due or owed
CLASSES = ("loan", "note", "convertible", "new")


def debt_class(kind: str) -> str:
    """Say how a debt line is repaid: by instalments (loan), at the end (note), in shares (convertible).

    Parameters
    ----------
    kind : str
        Kind of a tranche in the snapshot.

    Examples
    --------
    >>> [debt_class(kind) for kind in ("amortising", "balloon", "convertible")]
    ['loan', 'note', 'convertible']
    """
    return {"bullet": "note", "balloon": "note", "convertible": "convertible"}.get(kind, "loan")


def principal_due(result: Result, i: int) -> dict[str, np.ndarray]:
    """Principal that falls due each quarter on every debt line, by line; new borrowing is ``<borrower>_new``.

    Scheduled instalments and what is due at the end, whether it is then paid, rolled over, turned into shares
    or missed. Nothing falls due after a failure: the debt has become a claim.

    Parameters
    ----------
    result : Result
        Run with group "holders".
    i : int
        Which scenario of the batch.

    Returns
    -------
    dict of str to ndarray, (quarter,)
        USD bn.
    """
    layout, t = result.layout, result.layout.tranches
    balance, new = result.array("balance")[i], result.array("new_principal")[i]
    before = np.full((len(t.ids), len(balance)), np.inf)
    before[:, 1:] = balance[:-1, : len(t.ids)].T
    due = np.where(before > 0, t.regular + t.final, 0.0)
    due[np.isnan(before)] = np.nan  # a cut run does not know
    out = dict(zip(t.ids, due, strict=True))
    for j, borrower in enumerate(layout.borrowers):
        out[f"{layout.nodes[borrower]}_new"] = new[:, j]
    return out


def met_without_cash(result: Result, i: int, company: str) -> dict[str, np.ndarray]:
    """Principal that a company need not pay in cash, by quarter: rolled into new debt, turned into shares.

    Parameters
    ----------
    result : Result
        Run with group "holders".
    i : int
        Which scenario of the batch.
    company : str
        Any company; one without debt has zeros.

    Returns
    -------
    dict of str to ndarray, (quarter,)
        ``rolled`` and ``converted``, USD bn.
    """
    layout = result.layout
    place = {layout.nodes[b]: j for j, b in enumerate(layout.borrowers)}
    paths = {name: result.array(name)[i] for name in ("rolled", "converted")}
    return {
        name: path[:, place[company]] if company in place else np.zeros(len(path))
        for name, path in paths.items()
    }


def rent_cover(result: Result, i: int, company: str) -> dict[str, np.ndarray]:
    """What the intermediary owes in rent each quarter, and how many times its earnings before rent pay that.

    Parameters
    ----------
    result : Result
        Run with group "companies".
    i : int
        Which scenario of the batch.
    company : str
        nan for every company that rents nothing on.

    Returns
    -------
    dict of str to ndarray, (quarter,)
        ``rent`` in USD bn and ``rent_cover`` in turns: (EBITDA + rent) / rent; nan after a failure.
    """
    layout = result.layout
    ebitda = result.array("ebitda", layout.companies.index(company))[i]
    if layout.index[company] != layout.intermediary:
        return dict.fromkeys(("rent", "rent_cover"), np.full(ebitda.shape, np.nan))
    mine = layout.leases.tenant == layout.intermediary
    schedule = layout.leases.rent[int(result.levers["mr"][i])]
    rent = np.where(np.isnan(ebitda), np.nan, schedule[mine].sum(axis=0)[: ebitda.size])
    return {"rent": rent, "rent_cover": ratio(ebitda + rent, rent)}


@dataclass(frozen=True)
class Lines:
    """Where lenders draw a line, in turns; ``runway`` in quarters.

    Attributes
    ----------
    no_lender : float
        Forward EBITDA to interest below which nobody lends; the strict market has its own.
    interest : float
        EBITDA to interest below which interest is not earned.
    service : float
        EBITDA to interest and scheduled principal below which new money must help.
    assets : float
        Collateral to debt below which selling everything would not repay it.
    runway : float
        Quarters of means below which auditors ask.
    covenant : float or None
        EBITDA to interest that its lenders ask for by contract, in turns; None where none is known.
    start_leverage : float or None
        Net debt to EBITDA at the snapshot date, on reported figures: of the year to the date if the data have
        it, else of the last whole year; None if it earned nothing.
    """

    no_lender: float
    interest: float
    service: float
    assets: float
    runway: float
    covenant: float | None
    start_leverage: float | None


def net_debt(web: Web, company: str) -> float:
    """What a company owes at the date of the data less its cash, USD bn.

    Parameters
    ----------
    web : Web
    company : str
    """
    debt = sum(
        float(web.value(f"{line}.balance"))
        for line in web.subjects("tranches")
        if web.value(f"{line}.borrower") == company
    )
    return debt - float(web.value(f"{company}.cash"))


def lines(web: Web, company: str, strict: bool) -> Lines:
    """Collect the lines that lenders draw for a company.

    Parameters
    ----------
    web : Web
    company : str
    strict : bool
        Whether lever f says that lenders are strict.
    """
    row = web.of_a_year(company, "ebitda")
    earned = float(row.value) if row else None
    net = net_debt(web, company)
    covenant = web.tables["entities"][company].get("covenant_cover")
    return Lines(
        no_lender=float(web.value("access.strict_floor" if strict else "access.cover_floor")),
        interest=float(web.value("status.cover")),
        service=EVEN,
        assets=EVEN,
        runway=float(web.value("status.runway")),
        covenant=float(covenant.value) if covenant else None,
        start_leverage=net / earned if earned and earned > 0 else None,
    )


def reported_year(web: Web, company: str) -> dict[str, float]:
    """What a company reported for the last whole year before the run, USD bn, by measure, where known.

    Parameters
    ----------
    web : Web
    company : str

    Returns
    -------
    dict of str to float
        Of revenue, ebitda, operating_income (by the accounting rules), operating_income_adjusted (as the
        company adjusts it), interest.
    """
    suffix = f"_{web.calendar.reported_year}"
    items = web.tables["entities"][company]
    return {
        item.removesuffix(suffix): float(row.value) for item, row in items.items() if item.endswith(suffix)
    }


@dataclass(frozen=True)
class Lease:
    """A lease of a data centre: who rents, how much, for how long, who stands behind the rent and up to what.

    ``rent`` in USD bn a year when complete, ``total`` over the term, ``start`` a quarter such as "2026Q3",
    ``backed`` in USD bn, ``giver`` None without a backstop; ``row`` is the id of the rent's row in the data.
    """

    tenant: str
    mw: float
    rent: float
    total: float
    start: str
    years: float
    giver: str | None
    backed: float
    row: str


def leases_of(web: Web, host: str) -> tuple[Lease, ...]:
    """List the leases that a landlord has signed, with their backstops, in the order of the data.

    Parameters
    ----------
    web : Web
    host : str
    """
    behind = {
        web.value(f"{promise}.on"): promise
        for promise in web.subjects("promises")
        if web.value(f"{promise}.kind") == LEASE_BACKSTOP
    }
    found = []
    for ident, items in web.tables["offtake"].items():
        if items["host"].value != host or items["book"].value != "lease":
            continue
        mw, years = float(items["mw"].value), float(items["term"].value) / 4.0
        rent = mw * float(items["rent"].value) / MILLIONS
        promise = behind.get(ident)
        start = int(items["start"].value)
        found.append(
            Lease(
                tenant=str(items["tenant"].value),
                mw=mw,
                rent=rent,
                total=rent * years,
                start=web.calendar.label(start),
                years=years,
                giver=str(web.value(f"{promise}.giver")) if promise else None,
                backed=float(web.value(f"{promise}.cap")) if promise else 0.0,
                row=f"{ident}.rent",
            )
        )
    return tuple(found)


@dataclass(frozen=True)
class Signed:
    """What one tenant has signed with a compute host and is still to be delivered; USD bn.

    ``running`` is what its part of the contracts in force brings from the snapshot date on, ``to_come`` what
    it has signed and has not begun; ``rows`` are the ids of the rows in the data behind both.
    """

    tenant: str
    running: float
    to_come: float
    rows: tuple[str, ...]


@dataclass(frozen=True)
class Backlog:
    """What a compute host has sold, and what it means to build beside that.

    Attributes
    ----------
    tenants : tuple of Signed
        Who has signed, most first.
    to_come_mw : float
        Megawatts that what has not begun fills, at the price and for the term of new contracts.
    planned_mw : float
        Megawatts that the plan adds, and that old contracts leave, by the end of the run.
    """

    tenants: tuple[Signed, ...]
    to_come_mw: float
    planned_mw: float


def backlog_of(layout: Layout, host: str) -> Backlog | None:
    """List what tenants have signed with a compute host, by tenant; None where the data do not tell it.

    Parameters
    ----------
    layout : Layout
        The snapshot, compiled.
    host : str
        Id of a company.
    """
    fleets = {layout.nodes[fleet["node"]]: fleet for fleet in layout.fields["fleet"]}
    if host not in fleets or not fleets[host]["knows_backlog"]:
        return None
    fleet, running, to_come = fleets[host], {}, {}
    in_force = float(fleet["legacy_mw"][: layout.never].sum() * fleet["legacy_price"] / MILLIONS / 4.0)
    rows: dict[str, list[str]] = {}
    for ident, items in layout.web.tables["offtake"].items():
        if items["host"].value != host or items["book"].value not in ("legacy", "new"):
            continue
        tenant = str(items["tenant"].value)
        if items["book"].value == "legacy":
            running[tenant] = float(items["share"].value) * in_force
            rows.setdefault(tenant, []).append(f"{ident}.share")
        else:
            to_come[tenant] = float(items["backlog"].value)
            rows.setdefault(tenant, []).append(f"{ident}.backlog")
    signed = [
        Signed(tenant, running.get(tenant, 0.0), to_come.get(tenant, 0.0), tuple(ids))
        for tenant, ids in rows.items()
    ]
    whole_term = fleet["new_price"] / MILLIONS / 4.0 * fleet["term"]
    ending = fleet["legacy_mw"][0] - fleet["legacy_mw"][layout.never - 1]
    return Backlog(
        tenants=tuple(sorted(signed, key=lambda one: -(one.running + one.to_come))),
        to_come_mw=float(fleet["backlog"] / whole_term),
        planned_mw=float(fleet["mw_added"].sum() + ending),
    )


def thinnest(path: Sequence[float | None], last: int) -> tuple[float, int] | None:
    """Lowest value of a path up to a quarter, and when; None if it is never defined.

    Parameters
    ----------
    path : sequence of float or None
    last : int
        Last quarter that counts.

    Examples
    --------
    >>> thinnest([None, 3.0, 1.5, 0.2], last=2)
    (1.5, 2)
    """
    found = [(value, quarter) for quarter, value in enumerate(path[: last + 1]) if value is not None]
    return min(found) if found else None


def first_below(path: Sequence[float | None], line: float, last: int) -> int | None:
    """First quarter in which a path is below a line, up to a quarter; None if it never is.

    Parameters
    ----------
    path : sequence of float or None
    line : float
    last : int
        Last quarter that counts.

    Examples
    --------
    >>> first_below([None, 3.2, 2.9, 2.0], line=3.0, last=3), first_below([3.2, 2.9], line=3.0, last=0)
    (2, None)
    """
    found = (quarter for quarter, value in enumerate(path[: last + 1]) if value is not None and value < line)
    return next(found, None)


def by_year(path: Sequence[float | None], begun: int) -> list[float]:
    """Sum a quarterly flow into years; quarters after a failure count as nothing.

    Parameters
    ----------
    path : sequence of float or None
    begun : int
        Quarters of the first year that are over (`Calendar.begun`): its sum is that of the rest.

    Examples
    --------
    >>> by_year([1.0, 1.0, 2.0, None, 5.0], begun=0), by_year([1.0, 1.0, 2.0, None, 5.0], begun=2)
    ([4.0, 5.0], [2.0, 7.0])
    """
    ends = range(4 - begun, len(path) + 4, 4)
    return [sum(value or 0.0 for value in path[max(end - 4, 0) : end]) for end in ends if end - 4 < len(path)]


def revenue_shares(company: Mapping, last: int) -> dict[str, float]:
    """Split a company's revenue up to a quarter by payer: contracted, spot, guaranteed, its own business.

    Parameters
    ----------
    company : mapping
        A row of `companies` of a reading.
    last : int
        Last quarter that counts.

    Examples
    --------
    >>> paid = {"contracted": [3.0, 3.0], "spot": [0.0, 1.0], "guaranteed": [0.0, 1.0], "core": [0.0, 0.0]}
    >>> revenue_shares(paid, last=1)
    {'contracted': 0.75, 'spot': 0.125, 'guaranteed': 0.125, 'core': 0.0}
    """
    sums = {
        part: sum(value or 0.0 for value in company[part][: last + 1])
        for part in ("contracted", "spot", "guaranteed", "core")
    }
    total = sum(sums.values())
    return {part: value / total if total > 0 else 0.0 for part, value in sums.items()}
