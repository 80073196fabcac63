"""What a scenario does to one thing that can be owned: a code, its figures, the share lost as a range.

Every figure is one of the reading of a scenario, or compares it with that of today's data. The share that is
lost is of what hangs on the web; None where the model cannot say: it has no value of the shares of Big Tech,
of managers, or of lenders to others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from core.holdings.instruments import Instrument
from core.layout.compile import compile_layout
from core.results.borrowers import net_debt
from core.results.deals import full_rent_from
from core.results.funds import funds
from core.results.investors import money_in, put_in_and_back
from core.results.measures import called
from core.results.narrative import WORTH_TELLING
from core.web.web import Web

Params = dict[str, float | str | int | None]
YEAR = 4  # quarters
NOTHING = 5e-4  # a loss below a twentieth of a per cent is none


@dataclass(frozen=True)
class Fate:
    """What happens to something in a scenario, up to the horizon unless a figure says otherwise.

    Attributes
    ----------
    code : str
        ``wiped_out`` (the company fails in ``quarter``: shareholders usually get nothing), ``equity_falls``
        or ``equity_holds`` (what is left for shareholders by ``year`` against today's data, at ``multiple``
        and at one that falls to ``distress_multiple``; ``later`` is a failure after the horizon),
        ``equity_unknown`` (the model gives no value of its shares; ``status``), ``called`` or ``not_called``
        (``called`` of ``promised`` USD bn, ``share`` of a year's operating cash flow in the dearest year,
        ``held`` and ``held_before``: what it got in return), ``customer`` (debt ``reported`` and
        ``look_through``), ``manager_fees`` (``fees`` USD bn a year from its fund in the model, of
        ``size``), ``lender_loses`` or ``lender_holds``, ``same_kind``, ``note_recovers`` (``recovery_low``
        and ``recovery_high`` of the claim, failure in ``quarter``), ``note_pays``, ``fund``, ``pension``
        (``put`` and ``back`` USD bn, ``less`` than with today's data), ``untouched``, ``elsewhere``,
        ``beside`` (same trade, not computed), ``unknown`` (``why``: name, a company
        that is not listed, weights of a fund, line of debt, kind, or data that do not know the company).
    params : dict
        USD bn, decimals, names of quarters.
    low, high : float or None
        Share that is lost of the worth on the web, 0 to 1; None where the model cannot say.
    """

    code: str
    params: Params = field(default_factory=dict)
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Seen:
    """A scenario beside today's data, both read to the same horizon.

    Attributes
    ----------
    now, before : mapping
        As `core.results.reading.read` gives them.
    web : Web
    made : dict of instrument to Fate
        Said already.
    """

    now: Mapping
    before: Mapping
    web: Web
    made: dict[str, Fate] = field(default_factory=dict, repr=False)

    @property
    def last(self) -> int:
        """Last quarter that counts."""
        return int(self.now["last_quarter"])

    @property
    def year(self) -> str:
        """Year of the horizon."""
        return str(self.now["quarters"][self.last])[:4]

    def quarter(self, number: int | None) -> str | None:
        """Name of a quarter, None for never.

        Parameters
        ----------
        number : int or None
            From 0.
        """
        return None if number is None else str(self.now["quarters"][number])

    def is_failed(self, company: Mapping) -> bool:
        """Tell whether a company has failed by the horizon.

        Parameters
        ----------
        company : mapping
            A row of ``companies``.
        """
        return company["failed_quarter"] is not None and company["failed_quarter"] <= self.last


def fate(instrument: Instrument, seen: Seen) -> Fate:
    """Say what a scenario does to an instrument; funds that are looked through have their own (`answer`).

    Parameters
    ----------
    instrument : Instrument
    seen : Seen
    """
    if instrument.id not in seen.made:
        kind = "beside" if instrument.kind == "beside" else instrument.channel
        seen.made[instrument.id] = FATES.get(kind, _unknown)(instrument, seen)
    return seen.made[instrument.id]


def _row(reading: Mapping, table: str, ident: str | None) -> Mapping | None:
    """A row of a table of a reading, None where these data do not have it."""
    return next((row for row in reading[table] if row["id"] == ident), None)


def _fall(before: float, now: float) -> float:
    """Share by which something is worth less than before, 0 to 1.

    >>> _fall(4.0, 3.0), _fall(4.0, 5.0), _fall(4.0, -1.0)
    (0.25, 0.0, 1.0)
    """
    return min(max(1.0 - max(now, 0.0) / before, 0.0), 1.0)


def _wiped_out(company: Mapping, seen: Seen) -> Fate:
    told: Params = {"quarter": seen.quarter(company["failed_quarter"]), "cause": company["failure_cause"]}
    return Fate("wiped_out", told, 1.0, 1.0)


def _unknown(_instrument: Instrument, _seen: Seen) -> Fate:
    return Fate("unknown", {"why": "data"})


# ---------------------------------------------------------------- shares


def _equity(instrument: Instrument, seen: Seen) -> Fate:
    """A company that can fail: nothing is left after a failure, else the fall of what is left after debt."""
    now, before = (_row(one, "companies", instrument.entity) for one in (seen.now, seen.before))
    if now is None or before is None:
        return _unknown(instrument, seen)
    if seen.is_failed(now):
        return _wiped_out(now, seen)
    later = seen.quarter(now["failed_quarter"])
    told: Params = {"year": seen.year, "later": later, "status": now["status"]}
    worth = _multiples(instrument.entity or "", seen)
    if worth is None or seen.is_failed(before):
        return Fate("equity_unknown", told)
    today, distress = worth
    then, owed_then = _earned(before, seen.last), _owed(before, seen.last)
    left = today * then - owed_then
    if left <= 0.0:
        return Fate("equity_unknown", told)
    earned, owed = _earned(now, seen.last), _owed(now, seen.last)
    lower = distress + (today - distress) * min(max(earned / then, 0.0), 1.0)
    told |= {"multiple": today, "distress_multiple": distress}
    low = _fall(left, today * earned - owed)
    high = max(low, _fall(left, min(lower, today) * earned - owed))
    return Fate("equity_falls" if high >= NOTHING else "equity_holds", told, low, high)


def _multiples(company: str, seen: Seen) -> tuple[float, float] | None:
    """What the market pays at the date in turns of a year's EBITDA, and what a forced sale brings.

    Enterprise value is shares and debt less cash; EBITDA is that of today's data in the first year, of a
    landlord in its first year of full rent. None where no value of the shares is on record or nothing is
    earned in that year.
    """
    rows = seen.web.tables["entities"][company]
    before = _row(seen.before, "companies", company)
    start = full_rent_from(compile_layout(seen.web), company)
    earned = _earned(before, start + YEAR - 1) if before else 0.0
    if "equity_value" not in rows or earned <= 0.0:
        return None
    whole = float(rows["equity_value"].value) + net_debt(seen.web, company)
    return whole / earned, float(seen.web.value("recovery.multiple"))


def _earned(company: Mapping, last: int) -> float:
    """EBITDA of the year that ends with a quarter, USD bn."""
    return sum(value or 0.0 for value in company["ebitda"][max(last - YEAR + 1, 0) : last + 1])


def _owed(company: Mapping, last: int) -> float:
    """Debt less cash at the end of a quarter, USD bn."""
    return (company["debt"][last] or 0.0) - (company["cash"][last] or 0.0)


def _guarantor(instrument: Instrument, seen: Seen) -> Fate:
    """A company that stands behind others: what it is asked for, beside a year's operating cash flow."""
    now, before = (_row(one, "guarantors", instrument.entity) for one in (seen.now, seen.before))
    if now is None or before is None:
        return _unknown(instrument, seen)
    paid = called(now, seen.last)
    told: Params = {
        "called": paid,
        "promised": now["promised"],
        "share": max(value or 0.0 for value in now["called_to_operating_cash_flow"][: seen.last + 1]),
        "held": sum(value or 0.0 for value in now["got"].values()),
        "held_before": sum(value or 0.0 for value in before["got"].values()),
        "year": seen.year,
    }
    return Fate("called" if paid > WORTH_TELLING else "not_called", told)


def _customer(instrument: Instrument, seen: Seen) -> Fate:
    """A company that rents and buys: what it owes, looked through; wiped out where it borrows and fails."""
    row = _row(seen.now, "guarantors", instrument.entity)
    if row is None:
        return _unknown(instrument, seen)
    told: Params = {
        "reported": row["reported_debt"],
        "look_through": row["look_through_debt"],
        "leverage": row["look_through_leverage"],
        "status": None,
        "later": None,
    }
    company = _row(seen.now, "companies", instrument.entity)
    if company is not None:
        if seen.is_failed(company):
            return _wiped_out(company, seen)
        told |= {"status": company["status"], "later": seen.quarter(company["failed_quarter"])}
    return Fate("customer", told)


def _manager(instrument: Instrument, seen: Seen) -> Fate:
    """A manager of private credit: the fees of its fund in the model. What it earns in all is not known."""
    now, before = (_row(one, "funds", instrument.entity) for one in (seen.now, seen.before))
    mine = [fund for fund in funds(compile_layout(seen.web)) if fund.id == instrument.entity]
    if now is None or before is None or not mine:
        return Fate("manager_fees", {"fees": None, "size": None, "net": None, "net_before": None})
    told: Params = {
        "fees": mine[0].fee * money_in(mine[0]),
        "size": mine[0].size,
        "net": now["net_irr"],
        "net_before": before["net_irr"],
    }
    return Fate("manager_fees", told)


# ---------------------------------------------------------------- lenders


def _lender(instrument: Instrument, seen: Seen) -> Fate:
    """A fund of the web: how much less its investors have than with today's data. Others lend to others."""
    now, before = (_row(one, "funds", instrument.entity) for one in (seen.now, seen.before))
    if instrument.kind == "bdc" or now is None or before is None:
        return Fate("same_kind")
    told: Params = {
        "net": now["net_irr"],
        "net_before": before["net_irr"],
        "loss_rate": now["loss_rate"],
        "year": seen.year,
    }
    if not before["moic"] or now["moic"] is None:
        return Fate("lender_loses", told)
    fall = _fall(before["moic"], now["moic"])
    return Fate("lender_loses" if fall >= NOTHING else "lender_holds", told, fall, fall)


def _note(instrument: Instrument, seen: Seen) -> Fate:
    """Notes: what holders lose of their claim if the borrower fails; a range where the line is not told."""
    borrower = _row(seen.now, "companies", instrument.entity)
    lines = [row for row in seen.now["tranches"] if row["id"] in instrument.lines]
    if borrower is None or not lines:
        return Fate("unknown", {"why": "line"})
    failed = borrower["failed_quarter"]
    if not seen.is_failed(borrower):
        return Fate("note_pays", {"year": seen.year, "later": seen.quarter(failed)}, 0.0, 0.0)
    lost = [_lost(row, failed, float(seen.web.value(f"{row['id']}.balance"))) for row in lines]
    told: Params = {
        "quarter": seen.quarter(failed),
        "recovery_low": 1.0 - max(lost),
        "recovery_high": 1.0 - min(lost),
    }
    return Fate("note_recovers", told, min(lost), max(lost))


def _lost(line: Mapping, failed: int, opening: float) -> float:
    """Share of what was owed on a line before a failure that is never seen again, 0 to 1."""
    owed = line["balance"][failed - 1] if failed else opening
    return min(max((line["lost"][failed] or 0.0) / owed, 0.0), 1.0) if owed and owed > WORTH_TELLING else 0.0


def _pension(_instrument: Instrument, seen: Seen) -> Fate:
    """A pension: what pension funds put into this web's funds and get back. One's own part is not known."""
    (put, back), (_put, was) = (put_in_and_back(one, "pensions") for one in (seen.now, seen.before))
    told: Params = {"put": put, "back": back, "less": was - back, "year": seen.year}
    fall = _fall(was, back) if was > 0.0 else None
    return Fate("pension", told, fall, fall)


FATES: dict[str, Callable[[Instrument, Seen], Fate]] = {
    "beside": lambda _instrument, _seen: Fate("beside"),
    "neocloud": _equity,
    "guarantor": _guarantor,
    "customer": _customer,
    "manager": _manager,
    "lender": _lender,
    "note": _note,
    "pension": _pension,
    "cash": lambda _instrument, _seen: Fate("untouched", {}, 0.0, 0.0),
    "none": lambda _instrument, _seen: Fate("elsewhere", {}, 0.0, 0.0),
}
