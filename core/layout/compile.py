"""From the frozen web to arrays: every entity gets a node, every due a row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np

from core.finance.clearing import OPERATING, RENT, SECURED, SUBORDINATED, UNSECURED
from core.finance.debt import balance_path, bucket_anchors, principal_schedule, stated_schedule
from core.finance.networks import Structure
from core.layout.layout import (
    ALWAYS,
    CAPACITY_BACKSTOP,
    DUST,
    GOOGLE_WALKS,
    LEASE_BACKSTOP,
    LOOK_AHEAD,
    MILLIONS,
    NVIDIA_BUYS,
    RESIDUAL_VALUE,
    Layout,
    Leases,
    Promises,
    Tranches,
)
from core.layout.schedules import (
    add_up_tranches,
    annuity_of,
    cap_paths,
    forward_sum,
    quarter_after,
    rent_schedule,
    resale_curve,
    static_assets,
    valuation_weights,
)
from core.web.web import Web

LONGEST = 140  # quarters to the end of the longest lease, up to which leases are valued
AFTER_ALL = 100  # quarters after the last one: a promise that has no end stands until then
FLEET_NUMBERS = (
    *("active_mw", "legacy_price", "new_price", "opex", "site_lease"),
    *("chip_share", "reequip_share", "debt_share", "roll_share", "undrawn"),
)
OPERATOR_NUMBERS = (
    *("contract_margin", "value_multiple", "covenant_cover", "covenant_range", "covenant_access"),
    *("covenant_spread", "collateral_cover", "collateral_call"),
)
NOT_KNOWN = -1.0  # a share that the data do not have
RELIABLE = ("bigtech", "tenant")  # kinds of companies whose rent lenders take for safe
# A rule that the first data do not ask for: without a row of its own it changes nothing.
WITHOUT_A_ROW = {
    **dict.fromkeys(("recovery.other_contracts", "labs.renegotiate_below", "labs.haircut_most"), 0.0),
    "givers.buffer": 1.0,
}
USUAL_ELASTICITY = 0.15  # of a rich company's cash flow to demand for AI, where the data book has none


class _Compiler:
    """Collects ledger rows while the tables of a snapshot are read."""

    def __init__(self, web: Web):
        self.web, self.count = web, web.calendar.count
        self.nodes = tuple(s for s in web.tables["entities"] if self.kind_of(s) not in ("fund", "investor"))
        self.index = {node: i for i, node in enumerate(self.nodes)}
        self.rows: dict[str, tuple[int, int, int, int]] = {}
        self.borrowers = list(
            dict.fromkeys(self.node_of("tranches", web.tables["tranches"], "borrower").tolist())
        )

    def kind_of(self, subject: str) -> str:
        return str(self.item("entities", subject, "kind"))

    def item(self, table: str, subject: str, item: str, default: float | str | None = None) -> Any:
        row = self.web.tables[table][subject].get(item)
        if row is None:
            if default is None:
                raise KeyError(f"{table}: {subject}.{item} is missing")
            return default
        return row.value

    def column(
        self, table: str, subjects: Iterable[str], item: str, default: float | None = None, of: type = float
    ) -> np.ndarray:
        """A number of several subjects of a table."""
        return np.array([of(self.item(table, s, item, default)) for s in subjects])

    def node_of(self, table: str, subjects: Iterable[str], item: str) -> np.ndarray:
        """Nodes that several subjects of a table name."""
        return np.array([self.index[str(self.item(table, s, item))] for s in subjects])

    def plans(self, subjects: Iterable[str], item: str) -> np.ndarray:
        """A plan of several subjects by quarter."""
        return np.array([self.web.calendar.per_quarter(self.web.plan(s, item)) for s in subjects])

    def add_row(self, name: str, payer: int, payee: int, seniority: int, giver: int = -1) -> int:
        """The number of a ledger row, which is added if nobody has it yet."""
        self.rows.setdefault(name, (payer, payee, seniority, giver))
        return list(self.rows).index(name)

    def numbers(self, word: str, ids: Iterable[str]) -> np.ndarray:
        """Ledger rows by name, -1 for none."""
        place = {name: i for i, name in enumerate(self.rows)}
        return np.array([place.get(f"{word}:{i}", -1) for i in ids])

    def of_kind(self, kind: str) -> list[str]:
        return [n for n in self.nodes if self.kind_of(n) == kind]

    def capacity(self, kind: str) -> list[str]:
        return [s for s in self.web.tables["capacity"] if self.item("capacity", s, "kind") == kind]

    # -- promises ------------------------------------------------------------------------------------
    def promises(self) -> Promises:
        lever = {LEASE_BACKSTOP: GOOGLE_WALKS, CAPACITY_BACKSTOP: NVIDIA_BUYS, RESIDUAL_VALUE: ALWAYS}
        found = [s for s in self.web.tables["promises"] if self.item("promises", s, "kind") in lever]
        kind = tuple(str(self.item("promises", s, "kind")) for s in found)
        on = tuple(str(self.item("promises", s, "on")) for s in found)
        leases = self.web.tables["offtake"]
        host = [self.index[self.item("offtake", o, "host") if o in leases else o] for o in on]
        giver = self.node_of("promises", found, "giver")
        shares = {CAPACITY_BACKSTOP: "price_share", RESIDUAL_VALUE: "value_share"}
        share = [
            float(self.item("promises", s, shares[k], 1.0)) if k in shares else 1.0
            for s, k in zip(found, kind, strict=True)
        ]
        row = [
            -1 if k == LEASE_BACKSTOP else self.add_row(f"call:{s}", g, h, UNSECURED)
            for s, k, g, h in zip(found, kind, giver.tolist(), host, strict=True)
        ]
        return Promises(
            ids=tuple(found),
            kind=kind,
            giver=giver,
            on=on,
            host=np.array(host),
            cap=self.column("promises", found, "cap"),
            start=self.column("promises", found, "from", 0, int),
            until=self.column("promises", found, "until", self.count + AFTER_ALL, int),
            lever=np.array([lever[k] for k in kind]),
            row=np.array(row),
            share=np.array(share),
            is_residual=np.array([k == RESIDUAL_VALUE for k in kind]),
            place=np.array([self.borrowers.index(h) if h in self.borrowers else -1 for h in host]),
            lease_row=np.full(len(found), -1),
            cap_path=np.zeros((0, 0)),
        )

    # -- contracts -----------------------------------------------------------------------------------
    def leases(self, promises: Promises, discount: float) -> Leases:
        found = [s for s in self.web.tables["offtake"] if self.item("offtake", s, "book") == "lease"]
        host, tenant = (self.node_of("offtake", found, end) for end in ("host", "tenant"))
        start, term = (self.column("offtake", found, word, of=int) for word in ("start", "term"))
        promise = np.array([promises.backing(s, LEASE_BACKSTOP) for s in found])
        rent, row = [], []
        for k, s in enumerate(found):
            total = self.item("offtake", s, "rent_total", -1.0)
            if total < 0:
                total = self.item("offtake", s, "mw") * self.item("offtake", s, "rent") / MILLIONS
            ramp = int(self.item("offtake", s, "ramp", 0))
            rent.append(rent_schedule(total / 4.0, int(start[k]), ramp, int(term[k]), LONGEST))
            giver = int(promises.giver[promise[k]]) if promise[k] >= 0 else -1
            row.append(self.add_row(f"rent:{s}", int(tenant[k]), int(host[k]), RENT, giver))
        exits = self.column("offtake", found, "first_exit", LONGEST, int)
        left = [quarter_after(path, leaves) for path, leaves in zip(rent, exits.tolist(), strict=True)]
        paths, count, margin = np.array([left, rent]), self.count + LOOK_AHEAD, np.ones(len(self.nodes))
        for landlord in self.capacity("landlord"):
            margin[self.index[landlord]] = float(self.item("capacity", landlord, "operating_margin"))
        return Leases(
            ids=tuple(found),
            row=np.array(row),
            tenant=tenant,
            host=host,
            rent=paths[:, :, :count],
            rent_ahead=np.array([forward_sum(path[:, : count + LOOK_AHEAD]) for path in paths]),
            rent_value=np.array([annuity_of(path, discount / 4.0)[:, :count] for path in paths]),
            start=start,
            term=term,
            promise=promise,
            margin=margin[host],
            reliable=np.array([self.kind_of(self.nodes[t]) in RELIABLE for t in tenant]),
        )

    def labs(self) -> dict[str, np.ndarray]:
        """AI labs: own revenue, other cost, total compute bill, investors' money (USD bn a quarter)."""
        ids = self.of_kind("lab")
        for s in ids:
            self.add_row(f"cost:{s}", self.index[s], self.index["outside"], OPERATING)
            self.add_row(f"bill:{s}", self.index[s], self.index["outside"], RENT)
        return {
            "node": np.array([self.index[s] for s in ids]),
            "revenue": self.plans(ids, "revenue"),
            "cost_share": self.column("entities", ids, "other_cost_share"),
            "bill": self.plans(ids, "compute_bill"),
            "funding": self.plans(ids, "funding"),
            "elasticity": self.column("entities", ids, "revenue_elasticity"),
            "signed_share": self.column("entities", ids, "signed_share", NOT_KNOWN),
            "cost_row": self.numbers("cost", ids),
            "bill_row": self.numbers("bill", ids),
        }

    def operators(self) -> tuple[list[str], dict[str, np.ndarray]]:
        """Companies with a business of their own beside what they build for tenants, and debt.

        What is planned is USD bn a quarter, (operator, quarter); ``core_ahead`` the core business of the year
        ahead, (operator, quarter + 1), its last year repeated after the end.
        """
        ids = self.operator_ids()
        nodes = [self.index[s] for s in ids]
        for s in ids:
            for word in ("cost", "capex", "payout"):
                self.add_row(f"{word}:{s}", self.index[s], self.index["outside"], OPERATING)
        own = {item: self.column("entities", ids, item) for item in OPERATOR_NUMBERS}
        planned = {
            item: self.plans(ids, item).reshape(len(ids), self.count)
            for item in ("core_ebitda", "capex", "equity_raise", "payout")
        }
        own_business = planned["core_ebitda"]
        core = np.hstack([own_business, np.repeat(own_business[:, -1:], 2 * LOOK_AHEAD, axis=1)])
        return ids, {
            "node": np.array(nodes, dtype=int),
            "place": np.array([self.borrowers.index(n) for n in nodes], dtype=int),
            "committed": self.column("entities", ids, "committed_quarters", of=int).astype(int),
            "elasticity": self.column("entities", ids, "revenue_elasticity"),
            "core_ahead": forward_sum(core)[:, : self.count + 1],
            **own,
            **planned,
            **{f"{word}_row": self.numbers(word, ids).astype(int) for word in ("cost", "capex", "payout")},
        }

    def operator_ids(self) -> list[str]:
        """Entities of which the data plan a core business."""
        return [s for s in self.nodes if f"{s}.core_ebitda" in self.web.tables["plans"]]

    def shares_of_bills(self, labs: list[int]) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
        """Which share of a lab's bill goes to whom; and the intermediary, with what it adds to a rent."""
        bills, middle = [], {}
        for s in self.web.tables["offtake"]:
            book = str(self.item("offtake", s, "book"))
            if book not in ("share_of_bill", "markup"):
                continue
            tenant, host = self.node_of("offtake", [s], "tenant")[0], self.node_of("offtake", [s], "host")[0]
            row, share = (
                self.add_row(f"fees:{s}", tenant, host, RENT),
                float(self.item("offtake", s, "share")),
            )
            if book == "share_of_bill":
                bills.append((row, labs.index(tenant), host, share, int(self.item("offtake", s, "start"))))
            else:
                middle = {"node": host, "markup_row": row, "markup_tenant": tenant, "markup_share": share}
                middle["markup"] = float(self.item("offtake", s, "markup"))
        own = self.nodes[middle["node"]]
        middle["cost_row"] = self.add_row(f"cost:{own}", middle["node"], self.index["outside"], OPERATING)
        middle["funding"] = self.plans([own], "funding")[0]
        stops = int(self.item("market", "market", "walk_away"))
        middle["walk_away"] = max(self.web.calendar.first_of(stops), 0)
        columns = zip(("row", "lab", "host", "share", "start"), zip(*bills, strict=True), strict=True)
        found = {name: np.array(column) for name, column in columns}
        asked = self.plans([self.nodes[labs[a]] for a in found["lab"]], "compute_bill")
        owed = asked * found["share"][:, None] * (np.arange(self.count) >= found["start"][:, None])
        owed = np.pad(owed, ((0, 0), (0, 2 * LOOK_AHEAD)), mode="edge")
        return found | {"ahead": forward_sum(owed)[:, : self.count + 1]}, middle

    def sites(self) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]:
        """Landlords: what they keep, owe and build; by node what stands in sites and in chips, at cost."""
        landlords = self.capacity("landlord")
        for host in landlords:
            self.add_row(f"cost:{host}", self.index[host], self.index["outside"], OPERATING)
            self.add_row(f"capex:{host}", self.index[host], self.index["outside"], OPERATING)
        site, chips = np.zeros(len(self.nodes)), np.zeros(len(self.nodes))
        node = np.array([self.index[host] for host in landlords])
        left, over = (self.column("capacity", landlords, f"capex_{word}") for word in ("left", "quarters"))
        site[node] = self.column("capacity", landlords, "spent")
        for host in self.capacity("vehicle"):
            cost, share = (float(self.item("capacity", host, word)) for word in ("asset_cost", "chip_share"))
            site[self.index[host]], chips[self.index[host]] = cost * (1.0 - share), cost * share
        landlord = {
            "node": node,
            "margin": self.column("capacity", landlords, "operating_margin"),
            "overhead": self.column("capacity", landlords, "overhead") / 4.0,
            "capex": np.where(np.arange(self.count) < over[:, None], (left / over)[:, None], 0.0),
            "cost_row": self.numbers("cost", landlords),
            "capex_row": self.numbers("capex", landlords),
        }
        return landlord, site, chips

    def fleet(self, host: str, promises: Promises, resale: np.ndarray, discount: float) -> dict[str, Any]:
        """A host that owns chips: what it runs, earns and plans. MW, USD m per MW and year, quarters.

        ``capex_per_mw`` is USD bn. ``*_row`` are its rows of the ledger, ``fee_row`` of what its tenants pay.
        """
        node, outside = self.index[host], self.index["outside"]

        def get(name: str) -> float:
            return float(self.item("capacity", host, name))

        ledger = {
            "cost_row": self.add_row(f"cost:{host}", node, outside, OPERATING),
            "capex_row": self.add_row(f"capex:{host}", node, outside, OPERATING),
            "site_row": self.add_row(f"site:{host}", node, self.index["site_landlords"], RENT),
        }
        mine = [s for s in self.web.tables["offtake"] if self.item("offtake", s, "host") == host]
        fees = [
            (self.add_row(f"fees:{s}", self.index[self.item("offtake", s, "tenant")], node, RENT), s, book)
            for s in mine
            if (book := self.item("offtake", s, "book")) in ("legacy", "new")
        ]
        fees.sort(key=lambda fee: fee[2])  # "legacy" first
        begin, end = get("legacy_end_from"), get("legacy_end_to")
        ahead = np.arange(self.count + LOOK_AHEAD)
        legacy_mw = get("active_mw") * (1.0 - np.clip((ahead - begin) / (end - begin), 0.0, 1.0))
        backstop = promises.backing(host, CAPACITY_BACKSTOP)
        # What is signed by tenant and has not begun; where the data tell it, it is also how fees are shared.
        known = np.array(["backlog" in self.web.tables["offtake"][s] for _, s, _ in fees])
        backlog = self.column("offtake", [s for _, s, _ in fees], "backlog", 0.0)
        stated = self.column("offtake", [s for _, s, _ in fees], "share", 0.0)
        parts = backlog if backlog.any() else known.astype(float)
        shares = np.where(known, parts / max(parts.sum(), 1.0 - known.any()), stated)
        return {
            "node": node,
            **{name: get(name) for name in FLEET_NUMBERS},
            "capex_per_mw": get("capex_per_mw") / MILLIONS,
            "chip_life": int(get("chip_life_years")) * 4,
            "site_life": int(get("site_life_years")) * 4,
            "term": int(get("contract_term")),
            "legacy_age": int(get("legacy_age")),
            "committed": int(get("committed_quarters")),
            "order_lead": int(self.item("capacity", host, "order_lead", 0)),
            "legacy_mw": legacy_mw,
            "mw_added": self.plans([host], "mw_added")[0],
            "equity_raise": self.plans([host], "equity_raise")[0],
            "fee_row": np.array([row for row, _, _ in fees]),
            "fee_share": shares,
            "knows_backlog": np.bool_(known.any()),
            "backlog": float(backlog.sum()),
            "sign_share": self.item("capacity", host, "sign_share", 0.0),
            "follows_from": int(self.item("capacity", host, "follows_from", self.count)),
            "follow_share": self.item("capacity", host, "follow_share", 0.0),
            "is_legacy": np.array([book == "legacy" for _, _, book in fees]),
            "backstop": backstop,
            "place": self.borrowers.index(node),
            "price_share": float(promises.share[backstop]) if backstop >= 0 else 1.0,
            **ledger,
            **valuation_weights(get, legacy_mw, resale, discount / 4.0),
        }

    def worn_out(self, operator: str, capex: np.ndarray, p: dict[str, float]) -> np.ndarray:
        """Depreciation of an operator by quarter: of what it has, and of its building as planned."""
        life = int(p["market.chip_life"])
        in_use = np.convolve(capex, np.ones(life))[: self.count]
        return float(self.item("entities", operator, "depreciation")) / 4.0 + in_use / life

    # -- debt ----------------------------------------------------------------------------------------
    def principal(
        self, loan: str, kind: str, amount: float, rate: float, terms: tuple[int, int, int]
    ) -> tuple[np.ndarray, np.ndarray]:
        """Principal of a loan, regular and at maturity: by its own table if the snapshot has one."""
        first, _profile, maturity = terms
        years = self.web.tables["repayments"].get(f"{loan}.principal")
        if years is None:
            return principal_schedule(kind, amount, rate, *terms, self.count + LOOK_AHEAD)
        calendar = self.web.calendar
        by_year = [float(row.value) for row in years.values()]
        due = calendar.over_quarters(by_year, first, maturity)
        return stated_schedule(amount, due, first, maturity, self.count + LOOK_AHEAD)

    def tranches(self) -> Tranches:
        ids = tuple(self.web.tables["tranches"])
        kind = tuple(str(self.item("tranches", s, "kind")) for s in ids)
        borrower, rate = self.node_of("tranches", ids, "borrower"), self.column("tranches", ids, "rate")
        whole = {"first": 0, "profile": 1, "maturity": None, "seniority": None}
        first, profile, maturity, seniority = (
            self.column("tranches", ids, word, default, int) for word, default in whole.items()
        )
        regular, final, path = [], [], []
        for k, amount in enumerate(self.column("tranches", ids, "balance").tolist()):
            terms = (int(first[k]), int(profile[k]), int(maturity[k]))
            parts = self.principal(ids[k], kind[k], amount, float(rate[k]) / 4.0, terms)
            regular.append(parts[0])
            final.append(parts[1])
            left = np.maximum(balance_path(amount, parts[0] + parts[1]), 0.0)
            path.append(np.where(left < DUST, 0.0, left))
        in_parts, at_end, left = np.array(regular), np.array(final), np.array(path)
        floating = np.array([self.item("tranches", s, "rate_type") == "floating" for s in ids])
        convertible = np.array([k == "convertible" for k in kind])
        queue = list(zip(borrower.tolist(), seniority.tolist(), strict=True))
        row = [
            self.add_row(f"debt:{self.nodes[b]}:{rank}", b, self.index["lenders"], rank) for b, rank in queue
        ]
        for b in self.borrowers:  # a row for each class that its loans could have: sizes hang on no figure
            ranks = sorted({SECURED, UNSECURED, SUBORDINATED} - {rank for k, rank in queue if k == b})
            for rank in ranks[: max(sum(k == b for k, _rank in queue) + len(ranks) - 3, 0)]:
                self.add_row(f"debt:{self.nodes[b]}:{rank}", b, self.index["lenders"], rank)
        due, opening = at_end[:, : self.count], left[:, : self.count]
        return Tranches(
            ids=ids,
            row=np.array(row),
            borrower=borrower,
            place=np.array([self.borrowers.index(b) for b in borrower]),
            kind=kind,
            seniority=seniority,
            floating=floating,
            rate=rate,
            first=first,
            profile=profile,
            maturity=maturity,
            regular=in_parts[:, : self.count],
            final=due,
            balance=left[:, 1 : self.count + 1],
            opening=opening,
            convertible=convertible,
            scheduled_next_year=forward_sum(in_parts + at_end),
            final_next_year=forward_sum(at_end),
            cash_due=opening * rate[:, None] / 4.0 + in_parts[:, : self.count] + due * ~convertible[:, None],
            cash_floats=opening * floating[:, None] / 4.0,
            final_shares=due * convertible[:, None],
        )


@lru_cache(maxsize=16)
def compile_layout(web: Web) -> Layout:
    """Compile a snapshot once; the result is shared by every run on it.

    Parameters
    ----------
    web : Web
        A loaded snapshot.

    Raises
    ------
    KeyError
        If a table lacks an item that the engine needs; the message names table and row.
    """
    c = _Compiler(web)
    stated = {row.id: float(row.value) for rows in web.tables["market"].values() for row in rows.values()}
    p = WITHOUT_A_ROW | {"market.u_sold": stated["market.u_ref"]} | stated
    promises = c.promises()
    leases = c.leases(promises, p["recovery.discount"])
    backs = promises.lease_row.copy()
    backs[leases.promise[leases.promise >= 0]] = leases.row[leases.promise >= 0]
    promises = replace(promises, lease_row=backs, cap_path=cap_paths(promises, leases))
    lab, resale = c.labs(), resale_curve(p)
    fleets = [c.fleet(host, promises, resale, p["recovery.discount"]) for host in c.capacity("compute")]
    landlord, site, chips = c.sites()
    tranches, lenders = c.tranches(), c.index["lenders"]
    borrowers = np.array(c.borrowers)
    for b in c.borrowers:
        c.add_row(f"new_level:{c.nodes[b]}", b, lenders, SECURED)
        c.add_row(f"new_bullet:{c.nodes[b]}", b, lenders, SECURED)  # both parts of a loan have its security
    bill, middle = c.shares_of_bills(lab["node"].tolist())
    operators, operator = c.operators()
    payer, payee, seniority, giver = zip(*c.rows.values(), strict=True)
    structure = Structure.compile(payer, payee, seniority, len(c.nodes), giver)
    companies = (*c.of_kind("neocloud"), *c.of_kind("vehicle"), *operators)
    borrower_ids = [c.nodes[b] for b in borrowers]
    tenants = (*c.of_kind("lab"), c.nodes[middle["node"]])
    contract = np.array([i for i, name in enumerate(c.rows) if name.split(":")[0] in ("rent", "fees")])
    rented = {plan["node"] for plan in fleets}  # owners of chips put them into other people's halls
    overhead, until = np.zeros(len(c.nodes)), np.zeros(len(c.nodes), dtype=int)
    overhead[landlord["node"]] = landlord["overhead"]
    for i, host in enumerate(leases.host):
        ramp = int(c.item("offtake", leases.ids[i], "ramp", 0))
        until[host] = max(until[host], int(leases.start[i]) + ramp)
    pledged = np.ones(len(c.nodes))
    for host in c.capacity("compute"):
        pledged[c.index[host]] = c.item("capacity", host, "pledged_share", 1.0)
    pledged[operator["node"]] = 0.0  # nothing of theirs is pledged: all their creditors stand alike
    assets = static_assets(c.borrowers, landlord["node"], landlord["capex"], site, chips, resale)
    opening = add_up_tranches(tranches, tranches.place, borrowers.size)
    debt_rows = np.array([i for i, name in enumerate(c.rows) if name.startswith("debt:")])
    by_row = add_up_tranches(tranches, np.searchsorted(debt_rows, tranches.row), debt_rows.size)
    fixed = by_row["fixed_interest"] + by_row["regular"] + by_row["rollable"]
    company = np.array([c.index[one] for one in companies])
    place = {int(b): k for k, b in enumerate(borrowers)}
    worn = np.zeros((c.count, company.size))
    for i, n in enumerate(company.tolist()):
        if n in place:
            sites = assets["sites"][place[n], 1:] / p["market.site_life"]
            worn[:, i] = sites + chips[n] / p["market.chip_life"]
            if c.kind_of(companies[i]) == "vehicle":  # it is wound up when its lease and its loan have ended
                worn[:, i] *= np.arange(c.count) <= last_quarter_of(leases, tranches, n)
    for o, n in enumerate(operator["node"]):
        worn[:, companies.index(c.nodes[n])] = c.worn_out(c.nodes[n], operator["capex"][o], p)
    wealthy = [n for n in c.nodes if c.kind_of(n) in RELIABLE and n not in operators]
    spends = [n for n in wealthy if f"{n}.capex" in web.tables["plans"]]
    ratings = [s for s in web.tables["market"] if s.startswith("rating_")]
    lows = np.array([p.get(f"{s}.cover_from", -np.inf) for s in ratings])
    fields = {
        "node": {
            "cash": c.column("entities", c.nodes, "cash", 0.0),
            "reliable": np.array([c.kind_of(n) in RELIABLE for n in c.nodes]),
            "site_cost": site,
        },
        "row": {name: getattr(structure, name) for name in ("payer", "payee", "seniority", "giver")},
        "contract": contract,
        "sink": np.array([c.index[sink] for sink in ("lenders", "outside", "site_landlords")]),
        "lenders": lenders,
        "wealthy": {
            "node": np.array([c.index[n] for n in wealthy]),
            "income": c.column("entities", wealthy, "operating_cash_flow", 0.0) / 4.0,
            "elasticity": c.column("entities", wealthy, "revenue_elasticity", USUAL_ELASTICITY),
            "spends": np.array([n in spends for n in wealthy]),
            "capex": np.array(
                [c.plans([n], "capex")[0] if n in spends else np.zeros(c.count) for n in wealthy]
            ),
        },
        "operator": operator,
        "lab": lab,
        "bill": bill,
        "middle": middle,
        "landlord": landlord,
        "lease": _numbers_of(leases),
        "promise": _numbers_of(promises),
        "fleet": fleets,
        "borrower": {
            "node": borrowers,
            "level_row": c.numbers("new_level", borrower_ids),
            "bullet_row": c.numbers("new_bullet", borrower_ids),
            "overhead_ahead": 4.0 * overhead[borrowers],
            "site_share": np.array(
                [p["recovery.leased_site_share" if b in rented else "recovery.site_share"] for b in borrowers]
            ),
            "pledged": pledged[borrowers],
            "building_until": until[borrowers],
            **assets,
            **opening,
        },
        "debt_row": {
            "row": debt_rows,
            "place": np.array([place[payer[row]] for row in debt_rows]),
            "fixed": fixed,
            **{name: by_row[name] for name in ("floats", "convertible", "opening")},
        },
        "tranche": _numbers_of(tranches),
        "claim": {
            "place": np.concatenate([tranches.place, *[np.arange(borrowers.size)] * 2]),
            "seniority": np.concatenate([tranches.seniority, np.full(2 * borrowers.size, SECURED)]),
        },
        "rating": {
            "cover": bucket_anchors(lows, np.append(lows[1:], np.inf)),
            "spread": np.array([p[f"{s}.spread"] for s in ratings]),
        },
        "company": {
            "node": company,
            "borrower": np.array([place.get(n, -1) for n in company.tolist()]),
            "fleet": np.array(
                [next((f for f, plan in enumerate(fleets) if plan["node"] == n), -1) for n in company]
            ),
            "cost_row": c.numbers("cost", companies),
            "capex_row": c.numbers("capex", companies),
            "depreciation": worn,
        },
        "tenant": {"node": np.array([c.index[t] for t in tenants]), "bill_row": c.numbers("bill", tenants)},
    }
    return Layout(
        web=web,
        parameters=p,
        quarters=web.calendar.labels,
        nodes=c.nodes,
        index=c.index,
        kind=tuple(c.kind_of(n) for n in c.nodes),
        structure=structure,
        rows=tuple(c.rows),
        leases=leases,
        tranches=tranches,
        promises=promises,
        borrowers=borrowers,
        landlords=landlord["node"],
        site_cost=site,
        intermediary=middle["node"],
        companies=companies,
        operators=tuple(operators),
        tenants=tenants,
        contract_rows=contract,
        fields=fields,
    )


def last_quarter_of(leases: Leases, tranches: Tranches, node: int) -> int:
    """The last quarter in which a host is paid rent or owes debt by contract; -1 if never.

    Parameters
    ----------
    leases : Leases
    tranches : Tranches
    node : int
        Number of the host.
    """
    rent = leases.rent[1, leases.host == node, : tranches.opening.shape[1]].sum(axis=0)
    debt = tranches.opening[tranches.borrower == node].sum(axis=0)
    busy = np.flatnonzero((rent > 0.0) | (debt > 0.0))
    return int(busy[-1]) if busy.size else -1


def _numbers_of(group: Any) -> dict[str, Any]:
    """The numbers and arrays of a group of a layout, by name; its ids and other words are not for rules."""
    return {name: value for name, value in vars(group).items() if not isinstance(value, str | tuple)}
