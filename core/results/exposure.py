"""A guarantor's position in a few figures, the sources of its look-through debt, what it got in return."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.results.measures import called
from core.web.snapshot import Row
from core.web.web import Web

# The rows of the entities table behind each part; parts of promises come from the promises table.
PART_ITEMS = {
    "reported": ("debt",),
    "leases": ("operating_leases", "finance_leases"),
    "leases_not_commenced": ("leases_not_commenced",),
    "joint_venture": ("venture_share",),
    "purchase_commitments": ("purchase_commitments",),
    "vendor_finance": ("vendor_finance",),
}
PART_KINDS = {"residual_value": ("residual_value",), "backstops": ("lease_backstop", "capacity_backstop")}
PARTS = (
    "reported",
    "leases",
    "leases_not_commenced",
    "joint_venture",
    "residual_value",
    "backstops",
    "purchase_commitments",
    "vendor_finance",
)
DOLLAR = 1e-9


@dataclass(frozen=True)
class Exposure:
    """What a guarantor promised and pays, to the horizon unless it says otherwise; USD bn.

    ``live`` is what it could still be asked for at the horizon; ``later`` what it pays after it, to 2033;
    ``peak_quarter`` (name, None = never called) and ``peak`` are its dearest quarter; ``share_of_cash_flow``
    the dearest year's calls over that year's operating cash flow, ``dearest_year`` the number of the quarter
    that ends it; ``share_of_cash`` all calls over ``cash``, what it had at the snapshot date. ``own`` is the
    cash path of a company whose building the data plan, else None.
    """

    giver: str
    promised: float
    live: float
    called: float
    later: float
    peak_quarter: str | None
    peak: float
    share_of_cash_flow: float
    dearest_year: int
    share_of_cash: float
    cash: float
    own: OwnCash | None


@dataclass(frozen=True)
class OwnCash:
    """How the cash of a rich company fares: its cash flow less what it builds, less what it is called for.

    ``later`` is its cash at the horizon and ``lowest`` the least up to it, USD bn; ``share_of_lowest`` are
    all calls to the horizon over that. ``borrows_from`` is the name of the first quarter in which it has to
    borrow to keep its buffer (None = never up to the horizon), ``borrowed`` all it borrows up to the horizon.
    """

    later: float
    lowest: float
    share_of_lowest: float
    borrows_from: str | None
    borrowed: float


def own_cash(reading: Mapping, giver: str) -> OwnCash | None:
    """Read the cash path of a rich company out of one scenario; None where the data do not plan its building.

    Parameters
    ----------
    reading : mapping
        What `core.results.reading.read` returns.
    giver : str
        Id of a Big Tech company.
    """
    row = next(row for row in reading["guarantors"] if row["id"] == giver)
    last = reading["last_quarter"]
    cash, borrowed = (row[path][: last + 1] for path in ("cash", "borrowed"))
    if any(value is None for value in cash):
        return None
    from_then = [quarter for quarter, amount in enumerate(borrowed) if amount > DOLLAR]
    return OwnCash(
        later=cash[last],
        lowest=min(cash),
        share_of_lowest=called(row, last) / min(cash),
        borrows_from=reading["quarters"][from_then[0]] if from_then else None,
        borrowed=sum(borrowed),
    )


def exposure(web: Web, reading: Mapping, giver: str) -> Exposure:
    """Sum up one guarantor from one scenario's reading.

    Parameters
    ----------
    web : Web
        For the cash at the snapshot date.
    reading : mapping
        What `core.results.reading.read` returns.
    giver : str
        Id of a Big Tech company.

    Raises
    ------
    ValueError
        If the reading has no such guarantor.
    """
    rows = {row["id"]: row for row in reading["guarantors"]}
    if giver not in rows:
        raise ValueError(f"no guarantor {giver!r}; known: {', '.join(rows)}")
    row, last = rows[giver], reading["last_quarter"]
    inside = row["called"][: last + 1]
    peak = max(inside)
    paid, cash = called(row, last), float(web.value(f"{giver}.cash"))
    shares = row["called_to_operating_cash_flow"][: last + 1]
    return Exposure(
        giver=giver,
        promised=row["promised"],
        live=row["live"][last],
        called=paid,
        later=called(row) - paid,
        peak_quarter=reading["quarters"][inside.index(peak)] if peak > DOLLAR else None,
        peak=peak,
        share_of_cash_flow=max(shares),
        dearest_year=shares.index(max(shares)) if paid > DOLLAR else last,
        share_of_cash=paid / cash,
        cash=cash,
        own=own_cash(reading, giver),
    )


def part_rows(web: Web, giver: str) -> dict[str, tuple[Row, ...]]:
    """Rows of the data behind each part of a company's look-through debt, in the order of `PARTS`.

    A part without a row was not found for this company, or is not its kind of promise.

    Parameters
    ----------
    web : Web
        A loaded snapshot.
    giver : str
        Id of the company.
    """
    items, promises = web.tables["entities"][giver], web.tables["promises"]
    out = {}
    for part in PARTS:
        if part in PART_ITEMS:
            out[part] = tuple(items[item] for item in PART_ITEMS[part] if item in items)
        else:
            out[part] = tuple(
                rows["cap"]
                for rows in promises.values()
                if rows["giver"].value == giver and rows["kind"].value in PART_KINDS[part]
            )
    return out


@dataclass(frozen=True)
class Received:
    """What a giver got: a warrant or a stake, by row of the promises table; USD bn.

    ``cost`` is what was paid (0 for a warrant), ``mark`` its value at the snapshot date from the share price
    (None where no price is public), ``shares_worth`` what all shares were worth then (None where the mark
    does not come from it), ``horizon`` its value at the horizon as the model sees it, ``left`` what is left
    there for all shareholders after debt (None where the value is the cost), ``added`` what was bought after
    the snapshot.
    """

    promise: str
    kind: str
    on: str
    share: float | None
    cost: float
    mark: float | None
    shares_worth: float | None
    horizon: float | None
    left: float | None
    added: float


def received(web: Web, reading: Mapping, giver: str) -> tuple[Received, ...]:
    """List what a guarantor got in return, at cost, at market and at the horizon.

    The value at the horizon is share x (enterprise value - debt), the enterprise value being what creditors
    would realise, not what a share trader pays: it is low on purpose. Stakes without a share count at cost
    until the company fails.

    Parameters
    ----------
    web : Web
        A loaded snapshot.
    reading : mapping
        As `core.results.reading.read` gives it.
    giver : str
        Id of the guarantor.
    """
    got = next(row["got"] for row in reading["guarantors"] if row["id"] == giver)
    out = []
    for promise, rows in web.tables["promises"].items():
        kind = str(rows["kind"].value)
        if rows["giver"].value != giver or kind not in ("warrant", "stake"):
            continue
        on = str(rows["on"].value) if "on" in rows else ""
        share = float(rows["share"].value) if "share" in rows else None
        market = web.tables["entities"].get(on, {}).get("equity_value")
        mark: float | None = None
        worth: float | None = None
        if "mark" in rows:
            mark = float(rows["mark"].value)
        elif share is not None and market is not None:
            worth = float(market.value)
            mark = share * worth
        horizon = got.get(promise)
        out.append(
            Received(
                promise=promise,
                kind=kind,
                on=on,
                share=share,
                cost=float(rows["cost"].value) if "cost" in rows else 0.0,
                mark=mark,
                shares_worth=worth,
                horizon=horizon,
                left=horizon / share if share and horizon is not None else None,
                added=float(rows["added"].value) if "added" in rows else 0.0,
            )
        )
    return tuple(out)
