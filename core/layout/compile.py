"""From the frozen web to arrays: every entity gets a node, every due a row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np

from core.finance.clearing import OPERATING, RENT, SECURED, UNSECURED
from core.finance.debt import balance_path, bucket_anchors, principal_schedule
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
    QUARTERS,
    RESIDUAL_VALUE,
    Fleet,
    Lab,
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
    per_quarter,
    quarter_after,
    quarter_labels,
    rent_schedule,
    resale_curve,
    static_assets,
    valuation_weights,
)
from core.web.web import Web

RELIABLE = ("bigtech", "tenant")  # kinds of companies whose rent lenders take for safe
USUAL_ELASTICITY = 0.15  # of a rich company's cash flow to demand for AI, where the data book has none


class _Compiler:
    """Collects ledger rows while the tables of a snapshot are read."""

    def __init__(self, web: Web):
        self.web = web
        self.nodes = tuple(s for s in web.tables["entities"] if self.kind_of(s) not in ("fund", "investor"))
        self.index = {node: i for i, node in enumerate(self.nodes)}
        self.rows: list[tuple[str, int, int, int, int]] = []
        debtors = [self.index[str(items["borrower"].value)] for items in web.tables["tranches"].values()]
        self.borrowers = list(dict.fromkeys(debtors))

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
        self, table: str, subjects: Iterable[str], item: str, default: float | None = None
    ) -> np.ndarray:
        """A number of several subjects of a table."""
        return np.array([float(self.item(table, s, item, default)) for s in subjects])

    def add_row(self, name: str, payer: int, payee: int, seniority: int, giver: int = -1) -> int:
        self.rows.append((name, payer, payee, seniority, giver))
        return len(self.rows) - 1

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
        host = [
            self.index[self.item("offtake", o, "host")] if o in self.web.tables["offtake"] else self.index[o]
            for o in on
        ]
        giver = [self.index[self.item("promises", s, "giver")] for s in found]
        row = []
        for s, k, g, h in zip(found, kind, giver, host, strict=True):
            row.append(-1 if k == LEASE_BACKSTOP else self.add_row(f"call:{s}", g, h, UNSECURED))
        shares = {CAPACITY_BACKSTOP: "price_share", RESIDUAL_VALUE: "value_share"}
        return Promises(
            ids=tuple(found),
            kind=kind,
            giver=np.array(giver),
            on=on,
            host=np.array(host),
            cap=self.column("promises", found, "cap"),
            start=np.array([int(self.item("promises", s, "from", 0)) for s in found]),
            until=np.array([int(self.item("promises", s, "until", QUARTERS + 100)) for s in found]),
            lever=np.array([lever[k] for k in kind]),
            row=np.array(row),
            share=np.array(
                [
                    float(self.item("promises", s, shares[k], 1.0)) if k in shares else 1.0
                    for s, k in zip(found, kind, strict=True)
                ]
            ),
            is_residual=np.array([k == RESIDUAL_VALUE for k in kind]),
            place=np.array([self.borrowers.index(h) if h in self.borrowers else -1 for h in host]),
            lease_row=np.full(len(found), -1),
            cap_path=np.zeros((0, 0)),
        )

    # -- contracts -----------------------------------------------------------------------------------
    def leases(self, promises: Promises, discount: float) -> Leases:
        found = [s for s in self.web.tables["offtake"] if self.item("offtake", s, "book") == "lease"]
        tenant = [str(self.item("offtake", s, "tenant")) for s in found]
        count = QUARTERS + LOOK_AHEAD
        long = 140  # the longest term plus its start: Hyperion's and AWS's leases are valued to their end
        rent, rent_exit, row, promise = [], [], [], []
        for s, t in zip(found, tenant, strict=True):
            total = self.item("offtake", s, "rent_total", -1.0)
            if total < 0:
                total = self.item("offtake", s, "mw") * self.item("offtake", s, "rent") / 1000.0
            schedule = rent_schedule(
                total / 4.0,
                int(self.item("offtake", s, "start")),
                int(self.item("offtake", s, "ramp", 0)),
                int(self.item("offtake", s, "term")),
                long,
            )
            rent.append(schedule)
            rent_exit.append(quarter_after(schedule, int(self.item("offtake", s, "first_exit", long))))
            backing = [
                i
                for i, (o, k) in enumerate(zip(promises.on, promises.kind, strict=True))
                if o == s and k == LEASE_BACKSTOP
            ]
            promise.append(backing[0] if backing else -1)
            giver = int(promises.giver[backing[0]]) if backing else -1
            host = self.index[self.item("offtake", s, "host")]
            row.append(self.add_row(f"rent:{s}", self.index[t], host, RENT, giver))
        paths, margin = np.array([rent_exit, rent]), dict.fromkeys(self.nodes, 1.0)
        for landlord in self.capacity("landlord"):
            margin[landlord] = float(self.item("capacity", landlord, "operating_margin"))
        return Leases(
            ids=tuple(found),
            row=np.array(row),
            tenant=np.array([self.index[t] for t in tenant]),
            host=np.array([self.index[self.item("offtake", s, "host")] for s in found]),
            rent=paths[:, :, :count],
            rent_ahead=np.array([forward_sum(path[:, : count + LOOK_AHEAD], count) for path in paths]),
            rent_value=np.array([annuity_of(path, discount / 4.0)[:, :count] for path in paths]),
            start=np.array([int(self.item("offtake", s, "start")) for s in found]),
            term=np.array([int(self.item("offtake", s, "term")) for s in found]),
            promise=np.array(promise),
            margin=np.array([margin[self.item("offtake", s, "host")] for s in found]),
            reliable=np.array([self.kind_of(t) in RELIABLE for t in tenant]),
        )

    def labs(self) -> tuple[Lab, ...]:
        out = []
        for s in self.of_kind("lab"):
            out.append(
                Lab(
                    id=s,
                    node=self.index[s],
                    revenue=per_quarter(self.web.plan(s, "revenue")),
                    cost_share=float(self.item("entities", s, "other_cost_share")),
                    bill=per_quarter(self.web.plan(s, "compute_bill")),
                    funding=per_quarter(self.web.plan(s, "funding")),
                    elasticity=float(self.item("entities", s, "revenue_elasticity")),
                )
            )
            self.add_row(f"cost:{s}", self.index[s], self.index["outside"], OPERATING)
            self.add_row(f"bill:{s}", self.index[s], self.index["outside"], RENT)
        return tuple(out)

    def shares_of_bills(self, labs: tuple[Lab, ...]) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
        """Which share of a lab's bill goes to whom; and the intermediary, with what it adds to a rent."""
        bills: list[tuple] = []
        middle: dict[str, Any] = {}
        for s in self.web.tables["offtake"]:
            book = str(self.item("offtake", s, "book"))
            if book not in ("share_of_bill", "markup"):
                continue
            tenant, host = (self.index[self.item("offtake", s, end)] for end in ("tenant", "host"))
            row, share = (
                self.add_row(f"fees:{s}", tenant, host, RENT),
                float(self.item("offtake", s, "share")),
            )
            if book == "share_of_bill":
                lab = next(i for i, x in enumerate(labs) if x.node == tenant)
                bills.append((row, lab, host, share, int(self.item("offtake", s, "start"))))
            else:
                middle = {"node": host, "markup_row": row, "markup_tenant": tenant, "markup_share": share}
                middle["markup"] = float(self.item("offtake", s, "markup"))
        node = middle["node"]
        middle["cost_row"] = self.add_row(f"cost:{self.nodes[node]}", node, self.index["outside"], OPERATING)
        middle["funding"] = per_quarter(self.web.plan(self.nodes[node], "funding"))
        columns = zip(("row", "lab", "host", "share", "start"), zip(*bills, strict=True), strict=True)
        return {name: np.array(column) for name, column in columns}, middle

    def sites(self, landlords: list[str]) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]:
        """Landlords: what they keep, owe and build; by node what stands in sites and in chips, at cost."""
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
            "capex": np.where(np.arange(QUARTERS) < over[:, None], (left / over)[:, None], 0.0),
        }
        return landlord, site, chips

    def fleet(self, host: str, promises: Promises, resale: np.ndarray, discount: float) -> Fleet:
        node, outside = self.index[host], self.index["outside"]

        def get(name: str) -> float:
            return float(self.item("capacity", host, name))

        cost_row = self.add_row(f"cost:{host}", node, outside, OPERATING)
        capex_row = self.add_row(f"capex:{host}", node, outside, OPERATING)
        site_row = self.add_row(f"site:{host}", node, self.index["site_landlords"], RENT)
        books: dict[str, tuple[list[int], list[float]]] = {"legacy": ([], []), "new": ([], [])}
        for s in self.web.tables["offtake"]:
            book = str(self.item("offtake", s, "book"))
            if self.item("offtake", s, "host") == host and book in books:
                tenant = self.index[self.item("offtake", s, "tenant")]
                books[book][0].append(self.add_row(f"fees:{s}", tenant, node, RENT))
                books[book][1].append(float(self.item("offtake", s, "share")))
        q = np.arange(QUARTERS + LOOK_AHEAD)
        begin, end = get("legacy_end_from"), get("legacy_end_to")
        legacy_mw = get("active_mw") * (1.0 - np.clip((q - begin) / (end - begin), 0.0, 1.0))
        backstop = [
            i
            for i, (o, k) in enumerate(zip(promises.on, promises.kind, strict=True))
            if o == host and k == CAPACITY_BACKSTOP
        ]
        return Fleet(
            id=host,
            node=node,
            active_mw=get("active_mw"),
            legacy_price=get("legacy_price"),
            new_price=get("new_price"),
            opex=get("opex"),
            site_lease=get("site_lease"),
            capex_per_mw=get("capex_per_mw") / MILLIONS,
            chip_share=get("chip_share"),
            chip_life=int(get("chip_life_years")) * 4,
            site_life=int(get("site_life_years")) * 4,
            term=int(get("contract_term")),
            legacy_age=int(get("legacy_age")),
            legacy_mw=legacy_mw,
            reequip_share=get("reequip_share"),
            debt_share=get("debt_share"),
            roll_share=get("roll_share"),
            undrawn=get("undrawn"),
            committed=int(get("committed_quarters")),
            mw_added=per_quarter(self.web.plan(host, "mw_added")) * (np.arange(QUARTERS) // 4 < 8),
            equity_raise=per_quarter(self.web.plan(host, "equity_raise")),
            fee_row=np.array(books["legacy"][0] + books["new"][0]),
            fee_share=np.array(books["legacy"][1] + books["new"][1]),
            is_legacy=np.array([True] * len(books["legacy"][0]) + [False] * len(books["new"][0])),
            backstop=backstop[0] if backstop else -1,
            place=self.borrowers.index(node),
            price_share=float(promises.share[backstop[0]]) if backstop else 1.0,
            cost_row=cost_row,
            capex_row=capex_row,
            site_row=site_row,
            **valuation_weights(get, legacy_mw, resale, discount / 4.0),
        )

    # -- debt ----------------------------------------------------------------------------------------
    def tranches(self) -> Tranches:
        table = self.web.tables["tranches"]
        ids = tuple(table)
        regular, final, balance, opening, next_year = [], [], [], [], []
        span = QUARTERS + LOOK_AHEAD
        for s in ids:
            amount = float(self.item("tranches", s, "balance"))
            reg, fin = principal_schedule(
                kind=str(self.item("tranches", s, "kind")),
                balance=amount,
                rate=float(self.item("tranches", s, "rate")) / 4.0,
                first=int(self.item("tranches", s, "first", 0)),
                profile=int(self.item("tranches", s, "profile", 1)),
                maturity=int(self.item("tranches", s, "maturity")),
                quarters=span,
            )
            path = np.maximum(balance_path(amount, reg + fin), 0.0)
            path[path < DUST] = 0.0
            regular.append(reg[:QUARTERS])
            final.append(fin[:QUARTERS])
            balance.append(path[1 : QUARTERS + 1])
            opening.append(path[:QUARTERS])
            next_year.append(forward_sum((reg + fin)[None, :], QUARTERS)[0])
        row = []
        for s in ids:
            borrower, seniority = (
                str(self.item("tranches", s, "borrower")),
                int(self.item("tranches", s, "seniority")),
            )
            name = f"debt:{borrower}:{seniority}"
            found = [i for i, known in enumerate(self.rows) if known[0] == name]
            row.append(
                found[0]
                if found
                else self.add_row(name, self.index[borrower], self.index["lenders"], seniority)
            )
        kinds = tuple(str(self.item("tranches", s, "kind")) for s in ids)
        debtor = np.array([self.index[self.item("tranches", s, "borrower")] for s in ids])
        rate = self.column("tranches", ids, "rate")
        floating = np.array([self.item("tranches", s, "rate_type") == "floating" for s in ids])
        convertible = np.array([k == "convertible" for k in kinds])
        at_start, at_end, in_parts = (np.array(path) for path in (opening, final, regular))
        yearly, floats, shares = rate[:, None], floating[:, None], convertible[:, None]
        return Tranches(
            ids=ids,
            row=np.array(row),
            borrower=debtor,
            place=np.array([self.borrowers.index(b) for b in debtor]),
            kind=kinds,
            seniority=np.array([int(self.item("tranches", s, "seniority")) for s in ids]),
            floating=floating,
            rate=rate,
            first=np.array([int(self.item("tranches", s, "first", 0)) for s in ids]),
            profile=np.array([int(self.item("tranches", s, "profile", 1)) for s in ids]),
            maturity=np.array([int(self.item("tranches", s, "maturity")) for s in ids]),
            regular=np.array(regular),
            final=np.array(final),
            balance=np.array(balance),
            opening=np.array(opening),
            convertible=convertible,
            scheduled_next_year=np.array(next_year),
            cash_due=at_start * yearly / 4.0 + in_parts + at_end * ~shares,
            cash_floats=at_start * floats / 4.0,
            final_shares=at_end * shares,
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
    p = {row.id: float(row.value) for subject in web.tables["market"].values() for row in subject.values()}
    outside, lenders = c.index["outside"], c.index["lenders"]
    promises = c.promises()
    leases = c.leases(promises, p["recovery.discount"])
    backs = promises.lease_row.copy()
    backs[leases.promise[leases.promise >= 0]] = leases.row[leases.promise >= 0]
    promises = replace(promises, lease_row=backs, cap_path=cap_paths(promises, leases))
    labs = c.labs()
    resale = resale_curve(p)
    fleets = tuple(c.fleet(host, promises, resale, p["recovery.discount"]) for host in c.capacity("compute"))
    landlords = c.capacity("landlord")
    for host in landlords:
        c.add_row(f"cost:{host}", c.index[host], outside, OPERATING)
        c.add_row(f"capex:{host}", c.index[host], outside, OPERATING)
    tranches = c.tranches()
    borrowers = np.array(c.borrowers)
    for b in borrowers:
        c.add_row(f"new_level:{c.nodes[b]}", b, lenders, SECURED)
        c.add_row(f"new_bullet:{c.nodes[b]}", b, lenders, SECURED)  # both parts of a loan have its security
    bill, middle = c.shares_of_bills(labs)
    names, payer, payee, seniority, giver = (list(x) for x in zip(*c.rows, strict=True))
    structure = Structure.compile(payer, payee, seniority, len(c.nodes), giver)
    row_index = {name: i for i, name in enumerate(names)}

    def _rows(word: str, ids: Iterable[str]) -> np.ndarray:
        """Ledger rows by name, -1 for none."""
        return np.array([row_index.get(f"{word}:{i}", -1) for i in ids])

    landlord, site, chips = c.sites(landlords)
    companies = (*c.of_kind("neocloud"), *c.of_kind("vehicle"))
    lab_ids, borrower_ids = [lab.id for lab in labs], [c.nodes[b] for b in borrowers]
    tenants = (*lab_ids, c.nodes[middle["node"]])
    contract = np.array([i for i, name in enumerate(names) if name.split(":")[0] in ("rent", "fees")])
    rented = {plan.node for plan in fleets}  # owners of chips put them into other people's halls
    overhead, until = np.zeros(len(c.nodes)), np.zeros(len(c.nodes), dtype=int)
    overhead[landlord["node"]] = landlord["overhead"]
    for i, host in enumerate(leases.host):
        ramp = int(c.item("offtake", leases.ids[i], "ramp", 0))
        until[host] = max(until[host], int(leases.start[i]) + ramp)
    assets = static_assets(c.borrowers, landlord["node"], landlord["capex"], site, chips, resale)
    opening = add_up_tranches(tranches, tranches.place)
    debt_rows, debt_row = np.unique(tranches.row, return_inverse=True)
    by_row = add_up_tranches(tranches, debt_row)
    company = np.array([c.index[one] for one in companies])
    place = {int(b): k for k, b in enumerate(borrowers)}
    worn = np.zeros((QUARTERS, company.size))
    for i, n in enumerate(company.tolist()):
        if n in place:
            sites = assets["sites"][place[n], 1:] / p["market.site_life"]
            worn[:, i] = sites + chips[n] / p["market.chip_life"]
    wealthy = [n for n in c.nodes if c.kind_of(n) in RELIABLE]
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
        },
        "lab": {
            **{name: np.array([getattr(lab, name) for lab in labs]) for name in _numbers(labs[0])},
            "cost_row": _rows("cost", lab_ids),
            "bill_row": _rows("bill", lab_ids),
        },
        "bill": bill,
        "middle": middle,
        "landlord": landlord | {"cost_row": _rows("cost", landlords), "capex_row": _rows("capex", landlords)},
        "lease": _numbers(leases),
        "promise": _numbers(promises),
        "fleet": [_numbers(plan) for plan in fleets],
        "borrower": {
            "node": borrowers,
            "level_row": _rows("new_level", borrower_ids),
            "bullet_row": _rows("new_bullet", borrower_ids),
            "overhead_ahead": 4.0 * overhead[borrowers],
            "site_share": np.array(
                [p["recovery.leased_site_share" if b in rented else "recovery.site_share"] for b in borrowers]
            ),
            "building_until": until[borrowers],
            **assets,
            **_numbers(opening),
        },
        "debt_row": {
            "row": debt_rows,
            "place": np.array([place[payer[row]] for row in debt_rows]),
            "fixed": by_row.fixed_interest + by_row.regular + by_row.rollable,
            "floats": by_row.floats,
            "convertible": by_row.convertible,
            "opening": by_row.opening,
        },
        "tranche": _numbers(tranches),
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
            "fleet": np.array([next((f for f, x in enumerate(fleets) if x.node == n), -1) for n in company]),
            "cost_row": _rows("cost", companies),
            "capex_row": _rows("capex", companies),
            "depreciation": worn,
        },
        "tenant": {"node": np.array([c.index[t] for t in tenants]), "bill_row": _rows("bill", tenants)},
    }
    return Layout(
        web=web,
        parameters=p,
        first_year=int(web.snapshot[:4]) + 1,
        quarters=quarter_labels(int(web.snapshot[:4]) + 1),
        nodes=c.nodes,
        index=c.index,
        kind=tuple(c.kind_of(n) for n in c.nodes),
        structure=structure,
        rows=tuple(names),
        fleets=fleets,
        leases=leases,
        tranches=tranches,
        opening=opening,
        promises=promises,
        borrowers=borrowers,
        landlords=landlord["node"],
        site_cost=site,
        intermediary=middle["node"],
        companies=companies,
        tenants=tenants,
        contract_rows=contract,
        fields=fields,
    )


def _numbers(group: Any) -> dict[str, Any]:
    """The numbers and arrays of a group of a layout, by name; its ids and other words are not for rules."""
    return {name: value for name, value in vars(group).items() if not isinstance(value, str | tuple)}
