"""Every figure of a run by name, for all its scenarios: the words of the command line and the pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property, lru_cache

import numpy as np

from core.layout.layout import Layout
from core.model.market import QUARTERS_PER_YEAR as YEAR
from core.model.result import Result
from core.results import fund_tables, funds, gap, guarantors
from core.scenario.levers import nearest

FLOWS = (
    "revenue",
    "contracted",
    "spot",
    "guaranteed",
    "core",
    "ebitda",
    "operating_profit",
    "interest",
    "principal",
    "capex",
)
STOCKS = ("debt", "cash", "forward_cover", "runway", "access", "asset_cover")
RATIOS = ("interest_coverage", "dscr", "net_debt_to_ebitda", "asset_cover")
FUND_FIELDS = ("gross_irr", "net_irr", "moic", "dpi", "rvpi", "loss_rate", "unlevered_irr", "after_fee_irr")
MARKET_FIELDS = ("demand", "capacity", "utilisation", "price")
GUARANTOR_FLOWS = ("called", "rent_without_tenant")
GUARANTOR_STATES = ("live", "called_to_operating_cash_flow")
GIVER_FLOWS, GIVER_STATES = ("giver_borrowed",), ("giver_cash",)
GUARANTOR_FIGURES = (
    "promised",
    "reported_debt",
    "agency_debt",
    "look_through_debt",
    "reported_leverage",
    "agency_leverage",
    "look_through_leverage",
)
OF_A_GIVER = (*GUARANTOR_FLOWS, *GUARANTOR_STATES, *GIVER_FLOWS, *GIVER_STATES, *GUARANTOR_FIGURES)
GAP_FIELDS = ("need", "own_cash", "gap", *gap.SOURCES, "unfunded")


def trailing_year(flow: np.ndarray) -> np.ndarray:
    """Sum of the last four quarters of a flow, of its shape; the first three are scaled up to a year.

    Parameters
    ----------
    flow : ndarray, (scenario, quarter, ...)
        Of at least three quarters.

    Examples
    --------
    >>> trailing_year(np.array([[1.0, 1.0, 1.0, 1.0, 3.0]])).tolist()
    [[4.0, 4.0, 4.0, 4.0, 6.0]]
    """
    total = np.cumsum(flow, axis=1)
    out = total.copy()
    out[:, YEAR:] -= total[:, :-YEAR]
    for q in range(YEAR - 1):
        out[:, q] *= YEAR / (q + 1)
    return out


def ratio(top: np.ndarray, bottom: np.ndarray, tiny: float = 1e-9) -> np.ndarray:
    """``top / bottom``; nan where there is nothing to divide by (no debt, no interest, no earnings).

    Parameters
    ----------
    top, bottom : ndarray
        Of one shape and unit.
    tiny : float
        What counts as nothing.

    Examples
    --------
    >>> ratio(np.array([1.0, 1.0]), np.array([4.0, 0.0])).tolist()
    [0.25, nan]
    """
    defined = bottom > tiny
    return np.where(defined, top / np.where(defined, bottom, 1.0), np.nan)


class Measures:
    """The figures of a result, computed when asked for and then kept.

    Parameters
    ----------
    result : Result
        A run that kept the groups its figures need.
    """

    def __init__(self, result: Result):
        self.result = result
        self.layout: Layout = result.layout
        self._paths: dict[str, np.ndarray] = {}

    @cached_property
    def fund_returns(self) -> dict[str, funds.FundReturns]:
        """The books of every fund."""
        return fund_tables.fund_returns(self.result)

    @cached_property
    def guarantors(self) -> dict[str, guarantors.Guarantor]:
        """Every Big Tech company read as a guarantor."""
        return {
            g: guarantors.read_guarantor(self.result, g) for g in self.layout.of_kind(guarantors.BIG_TECH)
        }

    @cached_property
    def investors(self) -> dict[str, np.ndarray]:
        """USD bn that each kind of investor will not get back."""
        return funds.investor_losses(self.layout, self.fund_returns)

    @cached_property
    def gap(self) -> dict[str, np.ndarray]:
        """The funding gap to the last year that its study counts."""
        return gap.funding_gap(self.result, self.fund_returns)

    def company(self, company: str, field: str) -> np.ndarray:
        """A company's path, (scenario, quarter); nan where it does not apply: after failure, without debt.

        Parameters
        ----------
        company : str
            Id of a neocloud or vehicle.
        field : str
            One of `FLOWS`, `STOCKS` or `RATIOS`.
        """
        return self.companies(field)[:, :, self.layout.companies.index(company)]

    def companies(self, field: str) -> np.ndarray:
        """A field of every company, (scenario, quarter, company), as in `company`.

        Parameters
        ----------
        field : str
            One of `FLOWS`, `STOCKS` or `RATIOS`.
        """
        if field not in self._paths:
            self._paths[field] = self._path(field)
        return self._paths[field]

    def _path(self, field: str) -> np.ndarray:
        raw = self.result.array
        if field == "interest_coverage":
            return ratio(raw("ebitda"), raw("interest"))
        if field == "dscr":
            return ratio(trailing_year(raw("ebitda")), trailing_year(raw("interest") + raw("principal")))
        if field == "net_debt_to_ebitda":
            has_debt = np.where(raw("debt") > 0, 1.0, np.nan)
            return ratio(raw("debt") - raw("cash"), trailing_year(raw("ebitda"))) * has_debt
        values = raw(field)
        return np.where(np.isinf(values), np.nan, values)

    def fields_of(self, subject: str) -> tuple[str, ...]:
        """The fields a subject has.

        Parameters
        ----------
        subject : str
            One of `subjects`.
        """
        layout = self.layout
        out: tuple[str, ...] = ()
        if subject in layout.companies:
            out += ("failed_quarter", "status", *FLOWS, *STOCKS[:-1], *RATIOS)
        if subject in layout.tenants:
            out += ("paid_share", "haircut") if subject in layout.of_kind("lab") else ("paid_share",)
            out += () if "failed_quarter" in out else ("failed_quarter",)
        if subject in layout.of_kind(guarantors.BIG_TECH):
            out += (*GUARANTOR_FLOWS, *GUARANTOR_STATES, *GUARANTOR_FIGURES)
        if subject in guarantors.spenders(layout):
            out += (*GIVER_FLOWS, *GIVER_STATES)
        if subject in fund_ids(layout):
            out += (*FUND_FIELDS, "nav", "loss")
        if subject in _investor_ids(layout):
            out += ("loss",)
        if subject == "market":
            out += MARKET_FIELDS
        if subject == "funding_gap":
            out += GAP_FIELDS
        return out

    def value(self, measure: str) -> np.ndarray:
        """One figure per scenario by name, (scenario,).

        Flows are summed to the horizon; stocks and ratios are read at its last quarter; a quarter of failure
        is counted from 0, never = how many quarters there are, nan where a run that ended at the horizon does
        not know.

        Parameters
        ----------
        measure : str
            ``<id>.<field>``, ``failed_count`` or ``called_total``.

        Raises
        ------
        ValueError
            If there is no such measure; the message names the nearest.
        """
        result = self.result
        if measure == "failed_count":
            return result.failed_count.astype(float)
        if measure == "called_total":
            calls = (self.result.to_horizon(g.called) for g in self.guarantors.values())
            return sum(calls, np.zeros(result.n))
        subject, field = check_measure(self.layout, measure)
        if field == "failed_quarter":
            failed = result.failed_quarter(subject).astype(float)
            never = self.layout.never
            unknown = (failed == never) & (result.quarters < never)
            return np.where(unknown, np.nan, failed)
        if field == "status":
            return result.status[:, self.layout.companies.index(subject)].astype(float)
        if field in ("paid_share", "haircut"):
            return result.at_horizon(result.array(field, self.layout.tenants.index(subject)))
        if subject in self.layout.of_kind(guarantors.BIG_TECH) and field in OF_A_GIVER:
            return self._guarantor_value(subject, field)
        if subject in self.layout.companies:
            path = self.company(subject, field)
            return (
                self.result.to_horizon(np.nan_to_num(path))
                if field in FLOWS
                else self.result.at_horizon(path)
            )
        if subject in fund_ids(self.layout):
            values = getattr(self.fund_returns[subject], field)
            return self.result.at_horizon(values) if field == "nav" else values
        if subject == "market":
            return result.at_horizon(result.array(field, 0))
        return (self.gap if subject == "funding_gap" else {field: self.investors[subject]})[field]

    def _guarantor_value(self, subject: str, field: str) -> np.ndarray:
        g = self.guarantors[subject]
        if field in GUARANTOR_FLOWS:
            return self.result.to_horizon(getattr(g, field))
        if field in GIVER_FLOWS:
            return self.result.to_horizon(g.borrowed)
        if field in GIVER_STATES:
            return self.result.at_horizon(g.cash)
        if field == "live":
            return self.result.at_horizon(g.live)
        if field == "called_to_operating_cash_flow":
            return self.result.at_horizon(g.called_share)
        return np.zeros(self.result.n) + getattr(g, field)


def fund_ids(layout: Layout) -> tuple[str, ...]:
    """Funds and managers, in the order of the data.

    Parameters
    ----------
    layout : Layout
        The snapshot, compiled.
    """
    return tuple(f.id for f in funds.funds(layout))


def _investor_ids(layout: Layout) -> tuple[str, ...]:
    """Kinds of investors behind the funds, in the order in which the data names them."""
    return tuple(dict.fromkeys(i for f in funds.funds(layout) for i, _ in f.investors))


def subjects(layout: Layout) -> tuple[str, ...]:
    """Everything that has measures.

    Parameters
    ----------
    layout : Layout
        The snapshot, compiled.
    """
    known = (
        *layout.companies,
        *layout.tenants,
        *layout.of_kind(guarantors.BIG_TECH),
        *fund_ids(layout),
        *_investor_ids(layout),
    )
    return tuple(dict.fromkeys((*known, "market", "funding_gap")))


@lru_cache(maxsize=16)
def all_measures(layout: Layout) -> tuple[str, ...]:
    """Every name `Measures.value` understands.

    Parameters
    ----------
    layout : Layout
        The snapshot, compiled.
    """
    fields = Measures.fields_of
    holder = type("Holder", (), {"layout": layout})()
    names = [f"{s}.{f}" for s in subjects(layout) for f in fields(holder, s)]
    return ("failed_count", "called_total", *names)


def check_measure(layout: Layout, measure: str) -> tuple[str, str]:
    """Split a measure into subject and field, or say which one was probably meant.

    Parameters
    ----------
    layout : Layout
        The snapshot, compiled.
    measure : str
        As for `Measures.value`.
    """
    known = all_measures(layout)
    if measure not in known:
        raise ValueError(f"no measure {measure!r}; nearest: {nearest(measure, known)}")
    subject, _, field = measure.partition(".")
    return subject, field


def groups_for(layout: Layout, measure: str) -> frozenset[str]:
    """Which record groups a measure needs, so that large batches keep no more.

    Parameters
    ----------
    layout : Layout
        The snapshot, compiled.
    measure : str
        As for `Measures.value`.
    """
    subject = measure.partition(".")[0]
    field = measure.partition(".")[2]
    if measure == "failed_count" or field == "failed_quarter":
        return frozenset()
    if subject == "market":
        return frozenset({"market"})
    if field in ("paid_share", "haircut"):
        return frozenset({"tenants"})
    if subject in layout.companies and field not in OF_A_GIVER:
        return frozenset({"companies"})
    if measure == "called_total" or subject in layout.of_kind(guarantors.BIG_TECH):
        return frozenset({"companies", "promises", "market"})
    return frozenset({"companies", "holders", "market"})


def called(row: Mapping, last: int | None = None) -> float:
    """Add up what was paid under a promise, or by a guarantor under all of its promises.

    Parameters
    ----------
    row : mapping
        A row of `promises` or `guarantors`.
    last : int, optional
        Last quarter that counts; all without it.

    Returns
    -------
    float
        USD bn.

    Examples
    --------
    >>> called({"called": [0.0, 0.25, 0.5]}, last=1)
    0.25
    """
    return sum(row["called"] if last is None else row["called"][: last + 1])


def largest_cut(haircut: Sequence[float | None] | np.ndarray, last: int) -> float:
    """Largest share of its contracts that a lab cuts up to a quarter, 0 to 1.

    Parameters
    ----------
    haircut : sequence of float or None, (quarter,)
        Share cut in each quarter; None or nan where a run does not know.
    last : int
        Last quarter that counts.

    Examples
    --------
    >>> largest_cut([0.0, 0.1, 0.3, 0.5], last=2)
    0.3
    """
    return float(np.nanmax(np.asarray(haircut, dtype=float)[: last + 1]))
