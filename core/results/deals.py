"""The anatomy of four deals: a wrap's worth, who pays when Meta leaves, Nvidia's circle, rent.

Everything here reads a finished run or the snapshot; nothing feeds back into the engine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from core.finance.debt import level_payment
from core.layout.layout import LEASE_BACKSTOP, RESIDUAL_VALUE, Layout
from core.model.engine import run
from core.model.market import QUARTERS_PER_YEAR as YEAR
from core.model.result import Result
from core.results import reading
from core.results.measures import Measures, called, largest_cut
from core.scenario.levers import Scenario
from core.web.web import Web

SWITCH = {"hyperion": "mr", "wrap": "gw", "circle": "nb", "leases": "fl"}  # the lever that breaks each deal
DOLLAR = 1e-9


@dataclass(frozen=True)
class Wrap:
    """What a backstop of rent does for the landlord's cost of debt; USD bn and decimals, arrays (scenario,).

    Three readings of the same landlord in its first year of full rent: all rent counts (``cover``), the
    backed rent counts for what the space would fetch from another tenant (``cover_relet``), the backed
    rent counts for nothing (``cover_without``). ``worth`` is what the wrap takes off the spread against
    the second reading, ``worth_most`` against the third. ``saved`` is ``worth`` on the notes while they
    are outstanding, undiscounted. ``cap_by_year`` is what the giver can be asked for in the last quarter
    of each year if nothing was called before; ``years_backed`` how many years of full rent the whole cap
    would pay. Of that year: ``rent`` backed, ``others`` the rent of its other leases, ``margin`` and
    ``overhead`` (USD bn) what running the site leaves of all rent, so that
    ``cover = (margin x (others + rent) - overhead) / interest``.
    """

    promise: str
    landlord: str
    tenant: str
    notes: str
    cap: float
    rent: float
    others: float
    margin: float
    overhead: float
    interest: float
    cover: float
    cover_relet: np.ndarray
    cover_without: float
    spread: float
    relet: np.ndarray
    worth: np.ndarray
    worth_most: float
    debt: float
    life: float
    saved: np.ndarray
    cap_by_year: np.ndarray
    years_backed: float

    def at_spread(self, spread: float) -> float:
        """USD bn saved on the notes over their life if the wrap takes this much off the yearly rate.

        Parameters
        ----------
        spread : float
            Decimal a year: 0.0225 for 225 bp.
        """
        return spread * self.debt * self.life


def wraps(result: Result) -> tuple[Wrap, ...]:
    """Read every lease backstop as a wrap: its landlord's spread without it, minus the one with it.

    Spreads come from the table of `core.model.borrowing.coverage_spread`, on EBITDA of the first year in
    which all of the landlord's leases pay full rent, over the interest of that year. The table knows neither
    collateral nor the tenant's own means, so it overstates: public prices put the wrap at 225 bp at issue.

    Parameters
    ----------
    result : Result
        Run with the group "market".
    """
    layout = result.layout
    relet = result.at_horizon(result.array("relet_share", 0))
    kinds = layout.promises.kind
    return tuple(_wrap(layout, i, relet) for i, kind in enumerate(kinds) if kind == LEASE_BACKSTOP)


def full_rent_from(layout: Layout, host: str) -> int:
    """First quarter in which all that a landlord has let pays full rent; the first of all for other hosts.

    Parameters
    ----------
    layout : Layout
        The snapshot, compiled.
    host : str
        Id of a company.
    """
    full = layout.leases.rent[1][layout.leases.host == layout.index[host]].sum(axis=0)
    return int(np.argmax(full > full.max() - DOLLAR))


def _wrap(layout: Layout, promise: int, relet: np.ndarray) -> Wrap:
    pr, leases, t = layout.promises, layout.leases, layout.tranches
    host = int(pr.host[promise])
    place = list(layout.landlords).index(host)
    backed = int(np.flatnonzero(leases.promise == promise)[0])
    mine = np.flatnonzero(leases.host == host)
    rent_paid, landlord, ratings = leases.rent[1], layout.fields["landlord"], layout.fields["rating"]
    start = full_rent_from(layout, layout.nodes[host])
    year = slice(start, start + YEAR)
    margin, overhead = landlord["margin"][place], landlord["overhead"][place] * YEAR
    rent, others = (rent_paid[rows, year].sum() for rows in (backed, mine[mine != backed]))
    interest = float(
        layout.fields["borrower"]["fixed_interest"][list(layout.borrowers).index(host), year].sum()
    )

    def cover(share: np.ndarray | float) -> np.ndarray:
        return np.asarray((margin * (others + share * rent) - overhead) / interest)

    def asked(share: np.ndarray | float) -> np.ndarray:
        """Spread that lenders ask, as the engine has it (`core.model.borrowing`)."""
        return np.interp(cover(share) * layout.p("debt.ebit_share"), ratings["cover"], ratings["spread"])

    spread = float(asked(1.0))
    notes = str(layout.web.tables["promises"][pr.ids[promise]]["notes"].value)
    k = t.ids.index(notes)
    dollar_years = float(t.opening[k].sum() / YEAR)
    worth = asked(relet) - spread
    worth_most = float(asked(0.0)) - spread
    q = np.array(layout.calendar.year_ends)
    unpaid = np.clip(1.0 - (q - leases.start[backed]) / leases.term[backed], 0.0, 1.0)
    return Wrap(
        promise=pr.ids[promise],
        landlord=layout.nodes[host],
        tenant=layout.nodes[leases.tenant[backed]],
        notes=notes,
        cap=float(pr.cap[promise]),
        rent=float(rent),
        others=float(others),
        margin=float(margin),
        overhead=float(overhead),
        interest=interest,
        cover=float(cover(1.0)),
        cover_relet=cover(relet),
        cover_without=float(cover(0.0)),
        spread=spread,
        relet=relet,
        worth=worth,
        worth_most=worth_most,
        debt=float(t.opening[k, 0]),
        life=dollar_years / float(t.opening[k, 0]),
        saved=worth * dollar_years,
        cap_by_year=pr.cap[promise] * unpaid * (q >= leases.start[backed]),
        years_backed=float(pr.cap[promise] / rent),
    )


@dataclass(frozen=True)
class Exit:
    """What happens to the notes of a leased vehicle when its tenant leaves at the first exit; USD bn.

    ``owed`` is outstanding then, of which ``sale`` comes from selling the site, ``guaranteed`` from the
    residual value guarantee and ``short`` from nobody. Arrays (scenario,).
    """

    vehicle: str
    giver: str
    quarter: str
    owed: float
    value: np.ndarray
    sale: np.ndarray
    guaranteed: np.ndarray
    short: np.ndarray


def tenant_exit(result: Result) -> Exit:
    """Who would pay Hyperion's notes if Meta left at the end of the first term, whatever lever ``mr`` says.

    The same rule as in the engine (`core.model.dues`): the site is sold at cost x value share x tightness of
    the market in that quarter, the guarantor pays what is missing, within its cap.

    Parameters
    ----------
    result : Result
        Run with the group "market".
    """
    layout = result.layout
    pr = layout.promises
    i = pr.kind.index(RESIDUAL_VALUE)
    q, host = int(pr.start[i]), int(pr.host[i])
    owed = float(layout.fields["borrower"]["opening"][list(layout.borrowers).index(host), q])
    value = layout.site_cost[host] * pr.share[i] * result.array("price", 0)[:, q]
    sale = np.minimum(value, owed)
    guaranteed = np.clip(owed - value, 0.0, pr.cap[i])
    return Exit(
        vehicle=layout.nodes[host],
        giver=layout.nodes[pr.giver[i]],
        quarter=layout.quarters[q],
        owed=owed,
        value=value,
        sale=sale,
        guaranteed=guaranteed,
        short=owed - sale - guaranteed,
    )


@dataclass(frozen=True)
class RentCover:
    """A leased vehicle's rent against its level debt service, in the lease's first year; USD bn a year, x.

    ``rent`` is what the model uses (an assumption), ``reported`` the venture's rent by the tenant's own
    commitment over its first term, ``owners_share`` the part of that which reaches the owner of the notes.
    The service is paid quarterly here; ``reported_cover_yearly`` is against one payment a year,
    ``service_yearly``, which costs more.
    """

    service: float
    rent: float
    cover: float
    reported: float
    owners_share: float
    reported_cover: float
    service_yearly: float
    reported_cover_yearly: float


def hyperion_cover(layout: Layout) -> RentCover:
    """Cover of the Hyperion notes, by the rent that the model assumes and by the one that Meta reports.

    Parameters
    ----------
    layout : Layout
        The snapshot, compiled.
    """
    web, t = layout.web, layout.tranches
    lease = layout.leases.ids.index("hyperion_meta")
    start = int(layout.leases.start[lease])
    year = slice(start, start + YEAR)
    rows = np.flatnonzero(t.borrower == layout.leases.host[lease])
    service = float(sum((t.regular[k, year] + t.opening[k, year] * t.rate[k] / YEAR).sum() for k in rows))
    rent = float(layout.leases.rent[1, lease, year].sum())
    years = (float(web.value("hyperion_meta.first_exit")) - start) / YEAR
    reported = float(web.value("hyperion_meta.first_term_rent")) / years
    owners = reported * (1.0 - float(web.value("meta.venture_share")))
    yearly = sum(
        float(level_payment(t.opening[k, start], t.rate[k], int(web.value(f"{t.ids[k]}.profile")) // YEAR))
        for k in rows
    )
    return RentCover(
        service=service,
        rent=rent,
        cover=rent / service,
        reported=reported,
        owners_share=owners,
        reported_cover=owners / service,
        service_yearly=yearly,
        reported_cover_yearly=owners / yearly,
    )


@dataclass(frozen=True)
class Circle:
    """Money that goes round between Nvidia and CoreWeave; USD bn, arrays (scenario, year) or (scenario,).

    ``chips`` is what CoreWeave spends on chips and network each year: Nvidia's revenue at most. ``stake`` is
    what Nvidia paid for its shares, ``put_in`` that and what it promised to buy. ``revenue_share`` is the
    year's chips over Nvidia's yearly revenue, ``vendor_share`` all effective vendor finance over it.
    ``taken`` is the capacity that Nvidia takes each year because nobody else does.
    """

    chips: np.ndarray
    taken: np.ndarray
    stake: float
    put_in: float
    revenue: float
    revenue_share: np.ndarray
    vendor_share: float
    chips_to_horizon: np.ndarray


def nvidia_circle(result: Result) -> Circle:
    """How much of Nvidia's revenue its support of CoreWeave goes with (groups "companies" and "promises").

    Parameters
    ----------
    result : Result
        Run with the groups named above.
    """
    layout, web = result.layout, result.layout.web
    fleet = layout.fields["fleet"][0]
    spent = (
        np.nan_to_num(result.array("capex", layout.companies.index(layout.nodes[fleet["node"]])))
        * fleet["chip_share"]
    )
    chips = layout.calendar.yearly(spent)
    taken = layout.calendar.yearly(result.array("called", fleet["backstop"]))
    row = web.of_a_year("nvidia", "revenue")
    revenue = float(row.value) if row else np.nan
    cap = float(layout.promises.cap[fleet["backstop"]])
    held = web.tables["promises"]["nvidia_coreweave_stake"]
    stake = sum(float(held[item].value) for item in ("cost", "added") if item in held)
    return Circle(
        chips=chips,
        taken=taken,
        stake=stake,
        put_in=stake + cap,
        revenue=revenue,
        revenue_share=chips / revenue,
        vendor_share=(float(web.value("nvidia.vendor_finance")) + cap) / revenue,
        chips_to_horizon=result.to_horizon(spent),
    )


@dataclass(frozen=True)
class LeaseYears:
    """One lease by calendar year, USD bn, (scenario, year): what is due and who pays it.

    ``due = tenant + guarantor + missing``. What re-letting brings after a tenant fell is not in it.
    """

    lease: str
    tenant: str
    host: str
    due: np.ndarray
    tenant_paid: np.ndarray
    guarantor_paid: np.ndarray
    missing: np.ndarray


def lease_years(result: Result, host: str) -> tuple[LeaseYears, ...]:
    """Rent of a landlord's leases by year and who pays it: tenant, guarantor, nobody (group "promises").

    Parameters
    ----------
    result : Result
        Run with the group named above.
    host : str
        Id of the landlord.
    """
    layout = result.layout
    leases = layout.leases
    paid, calls = result.array("rent_paid"), result.array("called")
    out = []
    for k in np.flatnonzero(leases.host == layout.index[host]):
        due = np.broadcast_to(leases.rent[1, k, : layout.never], (result.n, layout.never))
        called_now = calls[:, :, leases.promise[k]] if leases.promise[k] >= 0 else np.zeros_like(due)
        tenant = np.clip(paid[:, :, k] - called_now, 0.0, None)
        guarantor = np.minimum(called_now, due)
        flows = (due, tenant, guarantor, np.clip(due - tenant - guarantor, 0.0, None))
        yearly = [layout.calendar.yearly(flow) for flow in flows]
        out.append(LeaseYears(leases.ids[k], layout.nodes[leases.tenant[k]], host, *yearly))
    return tuple(out)


def outcome(found: Mapping) -> dict[str, float | str | None]:
    """The figures by which a deal is judged with its switch on and off, from one scenario's reading.

    Keys: ``failed_<company>`` (name of the quarter, None = never), ``called_<giver>``, ``cut_<lab>`` (the
    share of what it owes by contract that it has cut by the horizon, 0 to 1),
    ``lost_<borrower>`` and ``lost_<tranche>`` (principal and interest never recovered),
    ``net_<fund>`` (net yearly return to the horizon), ``loss_<investor>``, ``guaranteed_<company>``.

    Parameters
    ----------
    found : mapping
        What `core.results.reading.read` returns.

    Returns
    -------
    dict of str to float, str or None
        USD bn; returns as decimals.
    """
    quarters = found["quarters"]
    out: dict[str, float | str | None] = {}
    for row in found["companies"]:
        failed = row["failed_quarter"]
        out[f"failed_{row['id']}"] = None if failed is None else quarters[failed]
        out[f"guaranteed_{row['id']}"] = sum(value or 0.0 for value in row["guaranteed"])
    for row in found["tenants"]:
        failed = row["failed_quarter"]
        out[f"failed_{row['id']}"] = None if failed is None else quarters[failed]
        out[f"cut_{row['id']}"] = largest_cut(row["haircut"], found["last_quarter"])
    for row in found["guarantors"]:
        out[f"called_{row['id']}"] = called(row)
    for row in found["tranches"]:
        lost = sum(row["lost"])
        out[f"lost_{row['id']}"] = lost
        key = f"lost_{row['borrower']}"
        before = out.get(key, 0.0)
        out[key] = (before if isinstance(before, float) else 0.0) + lost
    for row in found["funds"]:
        out[f"net_{row['id']}"] = row["net_irr"]
    for row in found["investors"]:
        out[f"loss_{row['id']}"] = row["loss"]
    return out


class Deal:
    """A deal with its switch on and off, and its anatomy in the scenario; parts are made when asked for.

    Parameters
    ----------
    figures : Measures
        Of a run of the scenario with the switch on, then off.
    at : int
        The scenario's own place in it: 0 if the switch is on, 1 if it is off.
    """

    def __init__(self, figures: Measures, at: int):
        self.figures = figures
        self.at = at

    @cached_property
    def on(self) -> dict[str, float | str | None]:
        """Figures of `outcome` with the switch on."""
        return outcome(reading.Reading(self.figures, 0))

    @cached_property
    def off(self) -> dict[str, float | str | None]:
        """Figures of `outcome` with the switch off."""
        return outcome(reading.Reading(self.figures, 1))

    @cached_property
    def wraps(self) -> tuple[Wrap, ...]:
        """What each backstop of rent is worth to its landlord."""
        return wraps(self.figures.result)

    @cached_property
    def exit(self) -> Exit:
        """What happens if Meta leaves Hyperion."""
        return tenant_exit(self.figures.result)

    @cached_property
    def cover(self) -> RentCover:
        """Hyperion's rent against its debt service, in the first year of the lease."""
        return hyperion_cover(self.figures.layout)

    @cached_property
    def circle(self) -> Circle:
        """What Nvidia sells to CoreWeave, and holds in and promises it."""
        return nvidia_circle(self.figures.result)

    @cached_property
    def leases(self) -> dict[str, tuple[LeaseYears, ...]]:
        """Rent by year and payer, by landlord."""
        return {host: lease_years(self.figures.result, host) for host in landlord_ids(self.figures.layout)}


def anatomy(web: Web, scenario: Scenario, switch: str, figures: Measures | None = None) -> Deal:
    """Run a scenario with a yes/no lever on and off, in one batch, and read the deals.

    Parameters
    ----------
    web : Web
    scenario : Scenario
    switch : str
        A yes/no lever: mr, gw, nb or fl.
    figures : Measures, optional
        Of a run of the scenario with the lever on, then off, if there is one already.

    Raises
    ------
    ValueError
        If the lever is unknown or takes no yes or no.
    """
    if figures is None:
        figures = Measures(run(web, [scenario.replace(**{switch: value}) for value in (True, False)]))
    return Deal(figures, 0 if scenario[switch] else 1)


def landlord_ids(layout: Layout) -> tuple[str, ...]:
    """Landlords, in the order of the data.

    Parameters
    ----------
    layout : Layout
        The snapshot, compiled.
    """
    return tuple(layout.nodes[host] for host in layout.landlords)
