"""From the frozen web to arrays: every entity gets a node, every due a row."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np

from core.finance.clearing import OPERATING, RENT, SECURED, UNSECURED
from core.finance.debt import balance_path, bucket_anchors, principal_schedule
from core.finance.networks import Structure
from core.layout.layout import (
    CAPACITY_BACKSTOP,
    DUST,
    LEASE_BACKSTOP,
    LOOK_AHEAD,
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
    debtors_by_payee,
    forward_sum,
    per_quarter,
    quarter_after,
    quarter_labels,
    rent_schedule,
    static_assets,
    valuation_weights,
)
from core.web.web import Web


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

    def add_row(self, name: str, payer: int, payee: int, seniority: int, giver: int = -1) -> int:
        self.rows.append((name, payer, payee, seniority, giver))
        return len(self.rows) - 1

    def of_kind(self, kind: str) -> list[str]:
        return [n for n in self.nodes if self.kind_of(n) == kind]

    def capacity(self, kind: str) -> list[str]:
        return [s for s in self.web.tables["capacity"] if self.item("capacity", s, "kind") == kind]

    # -- promises ------------------------------------------------------------------------------------
    def promises(self) -> Promises:
        lever = {LEASE_BACKSTOP: "gw", CAPACITY_BACKSTOP: "nb", RESIDUAL_VALUE: ""}
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
            cap=np.array([float(self.item("promises", s, "cap")) for s in found]),
            start=np.array([int(self.item("promises", s, "from", 0)) for s in found]),
            until=np.array([int(self.item("promises", s, "until", QUARTERS + 100)) for s in found]),
            lever=tuple(lever[k] for k in kind),
            row=np.array(row),
            share=np.array(
                [
                    float(self.item("promises", s, shares[k], 1.0)) if k in shares else 1.0
                    for s, k in zip(found, kind, strict=True)
                ]
            ),
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
        rent_all, exit_all = np.array(rent), np.array(rent_exit)
        return Leases(
            ids=tuple(found),
            row=np.array(row),
            tenant=np.array([self.index[t] for t in tenant]),
            host=np.array([self.index[self.item("offtake", s, "host")] for s in found]),
            rent=rent_all[:, :count],
            rent_exit=exit_all[:, :count],
            forward=forward_sum(rent_all[:, : count + LOOK_AHEAD], count),
            forward_exit=forward_sum(exit_all[:, : count + LOOK_AHEAD], count),
            value=annuity_of(rent_all, discount / 4.0)[:, :count],
            value_exit=annuity_of(exit_all, discount / 4.0)[:, :count],
            start=np.array([int(self.item("offtake", s, "start")) for s in found]),
            term=np.array([int(self.item("offtake", s, "term")) for s in found]),
            promise=np.array(promise),
            reliable=np.array(
                [self.kind_of(t) == "bigtech" or (self.kind_of(t) == "tenant") for t in tenant]
            ),
        )

    def labs(self) -> tuple[Lab, ...]:
        out = []
        for s in self.of_kind("lab"):
            out.append(
                Lab(
                    id=s,
                    node=self.index[s],
                    revenue=per_quarter(self.web.plan(s, "revenue")),
                    other_cost_share=float(self.item("entities", s, "other_cost_share")),
                    bill=per_quarter(self.web.plan(s, "compute_bill")),
                    funding=per_quarter(self.web.plan(s, "funding")),
                    elasticity=float(self.item("entities", s, "revenue_elasticity")),
                )
            )
            self.add_row(f"cost:{s}", self.index[s], self.index["outside"], OPERATING)
            self.add_row(f"bill:{s}", self.index[s], self.index["outside"], RENT)
        return tuple(out)

    def fleets(self, promises: Promises, resale: np.ndarray, discount: float) -> tuple[Fleet, ...]:
        return tuple(self.fleet(host, promises, resale, discount) for host in self.capacity("compute"))

    def fleet(self, host: str, promises: Promises, resale: np.ndarray, discount: float) -> Fleet:
        node, outside = self.index[host], self.index["outside"]

        def get(name: str) -> float:
            return float(self.item("capacity", host, name))

        self.add_row(f"cost:{host}", node, outside, OPERATING)
        self.add_row(f"capex:{host}", node, outside, OPERATING)
        self.add_row(f"site:{host}", node, self.index["site_landlords"], RENT)
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
            if o == host and k == "capacity_backstop"
        ]
        return Fleet(
            id=host,
            node=node,
            active_mw=get("active_mw"),
            legacy_price=get("legacy_price"),
            new_price=get("new_price"),
            opex=get("opex"),
            site_lease=get("site_lease"),
            capex_per_mw=get("capex_per_mw"),
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
            fee_rows=np.array(books["legacy"][0] + books["new"][0]),
            fee_shares=np.array(books["legacy"][1] + books["new"][1]),
            is_legacy=np.array([True] * len(books["legacy"][0]) + [False] * len(books["new"][0])),
            backstop=backstop[0] if backstop else -1,
            place=self.borrowers.index(node),
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
        rate = np.array([float(self.item("tranches", s, "rate")) for s in ids])
        floating = np.array([self.item("tranches", s, "rate_type") == "floating" for s in ids])
        convertible = np.array([k == "convertible" for k in kinds])
        at_start, at_end, in_parts = (np.array(path).T for path in (opening, final, regular))
        return Tranches(
            ids=ids,
            row=np.array(row),
            borrower=np.array([self.index[self.item("tranches", s, "borrower")] for s in ids]),
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
            cash_due=at_start * rate / 4.0 + in_parts + at_end * ~convertible,
            cash_floats=at_start * floating / 4.0,
            final_shares=at_end * convertible,
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
    promises = replace(promises, cap_path=cap_paths(promises, leases))
    labs = c.labs()
    years = sorted(k for k in p if k.startswith("recovery.resale_year_"))
    resale = np.array([1.0] + [p[k] for k in years])
    fleets = c.fleets(promises, resale, p["recovery.discount"])
    landlords = list(c.capacity("landlord"))
    for host in landlords:
        c.add_row(f"cost:{host}", c.index[host], outside, OPERATING)
        c.add_row(f"capex:{host}", c.index[host], outside, OPERATING)
    tranches = c.tranches()
    borrowers = c.borrowers
    for b in borrowers:
        c.add_row(f"new_level:{c.nodes[b]}", b, lenders, SECURED)
        c.add_row(f"new_bullet:{c.nodes[b]}", b, lenders, SECURED)  # both parts of a loan have its security
    bill_rows = []
    markup_row = markup_tenant = intermediary = -1
    markup_share = markup = 0.0
    for s in web.tables["offtake"]:
        book = str(c.item("offtake", s, "book"))
        tenant, supplier = c.index[c.item("offtake", s, "tenant")], c.index[c.item("offtake", s, "host")]
        if book == "share_of_bill":
            lab = next(i for i, x in enumerate(labs) if x.node == tenant)
            row = c.add_row(f"fees:{s}", tenant, supplier, RENT)
            bill_rows.append(
                (row, lab, supplier, float(c.item("offtake", s, "share")), int(c.item("offtake", s, "start")))
            )
        elif book == "markup":
            markup_row = c.add_row(f"fees:{s}", tenant, supplier, RENT)
            markup_tenant, intermediary = tenant, supplier
            markup_share, markup = float(c.item("offtake", s, "share")), float(c.item("offtake", s, "markup"))
    c.add_row(f"cost:{c.nodes[intermediary]}", intermediary, outside, OPERATING)
    names, payer, payee, seniority, giver = (list(x) for x in zip(*c.rows, strict=True))

    wealthy = [n for n in c.nodes if c.kind_of(n) == "bigtech" or (c.kind_of(n) == "tenant")]
    income = [float(c.item("entities", n, "operating_cash_flow", 0.0)) / 4.0 for n in wealthy]
    span = np.arange(QUARTERS)
    capex_path, site, chips = [], np.zeros(len(c.nodes)), np.zeros(len(c.nodes))
    for host in landlords:
        left, over = (
            float(c.item("capacity", host, "capex_left")),
            int(c.item("capacity", host, "capex_quarters")),
        )
        path = np.where(span < over, left / over, 0.0)
        capex_path.append(path)
        site[c.index[host]] = float(c.item("capacity", host, "spent"))
    for host in c.capacity("vehicle"):
        cost, share = (
            float(c.item("capacity", host, "asset_cost")),
            float(c.item("capacity", host, "chip_share")),
        )
        site[c.index[host]], chips[c.index[host]] = cost * (1.0 - share), cost * share
    construction = np.zeros(len(c.nodes), dtype=int)
    for i, host_node in enumerate(leases.host):
        ramp = int(c.item("offtake", leases.ids[i], "ramp", 0))
        construction[host_node] = max(construction[host_node], int(leases.start[i]) + ramp)
    ratings = [s for s in web.tables["market"] if s.startswith("rating_")]
    lows = np.array([p.get(f"{s}.cover_from", -np.inf) for s in ratings])
    rating_cover = bucket_anchors(lows, np.append(lows[1:], np.inf))
    rating_spread = np.array([p[f"{s}.spread"] for s in ratings])
    row_index = {name: i for i, name in enumerate(names)}
    margin, overhead = np.ones(len(c.nodes)), np.zeros(len(c.nodes))
    for host in landlords:
        margin[c.index[host]] = float(c.item("capacity", host, "operating_margin"))
        overhead[c.index[host]] = float(c.item("capacity", host, "overhead")) / 4.0
    neoclouds = [n for n in web.tables["entities"] if c.kind_of(n) == "neocloud"]
    vehicles = [n for n in web.tables["entities"] if c.kind_of(n) == "vehicle"]
    contract = [i for i, name in enumerate(names) if name.split(":")[0] in ("rent", "fees")]
    lab_nodes = np.array([lab.node for lab in labs])
    place = {b: i for i, b in enumerate(borrowers)}
    rented = {f.node for f in fleets}  # owners of chips put them into other people's halls
    tranche_place = np.array([place[int(b)] for b in tranches.borrower])
    debt_rows = np.unique(tranches.row)
    return Layout(
        web=web,
        parameters=p,
        first_year=int(web.snapshot[:4]) + 1,
        quarters=quarter_labels(int(web.snapshot[:4]) + 1),
        nodes=c.nodes,
        index=c.index,
        kind=tuple(c.kind_of(n) for n in c.nodes),
        cash=np.array([float(c.item("entities", n, "cash", 0.0)) for n in c.nodes]),
        structure=Structure.compile(payer, payee, seniority, len(c.nodes), giver),
        rows=tuple(names),
        row_index=row_index,
        labs=labs,
        fleets=fleets,
        leases=leases,
        tranches=tranches,
        opening=add_up_tranches(tranches, tranche_place),
        debt_rows=debt_rows,
        debt_row_place=np.array([place[payer[row]] for row in debt_rows]),
        debt_row_opening=add_up_tranches(tranches, np.searchsorted(debt_rows, tranches.row)),
        promises=promises,
        borrowers=np.array(borrowers),
        wealthy=np.array([c.index[n] for n in wealthy]),
        wealthy_income=np.array(income),
        wealthy_elasticity=np.array(
            [float(c.item("entities", n, "revenue_elasticity", 0.15)) for n in wealthy]
        ),
        landlords=np.array([c.index[h] for h in landlords]),
        landlord_margin=margin[[c.index[h] for h in landlords]],
        landlord_overhead=overhead[[c.index[h] for h in landlords]],
        landlord_capex=np.array(capex_path),
        site_cost=site,
        chip_cost=chips,
        construction_until=construction,
        intermediary=intermediary,
        markup_row=markup_row,
        markup_tenant=markup_tenant,
        markup_share=markup_share,
        markup=markup,
        bill_rows=tuple(bill_rows),
        intermediary_funding=per_quarter(web.plan(c.nodes[intermediary], "funding")),
        lab_nodes=lab_nodes,
        lab_bill=np.array([lab.bill for lab in labs]),
        lab_cost_rows=np.array([row_index[f"cost:{lab.id}"] for lab in labs]),
        lab_bill_rows=np.array([row_index[f"bill:{lab.id}"] for lab in labs]),
        landlord_cost_rows=np.array([row_index[f"cost:{h}"] for h in landlords]),
        landlord_capex_rows=np.array([row_index[f"capex:{h}"] for h in landlords]),
        tranche_place=tranche_place,
        new_level_rows=np.array([row_index[f"new_level:{c.nodes[b]}"] for b in borrowers]),
        new_bullet_rows=np.array([row_index[f"new_bullet:{c.nodes[b]}"] for b in borrowers]),
        lease_margin=margin[leases.host],
        overhead_ahead=4.0 * overhead[borrowers],
        site_share=np.array(
            [p["recovery.leased_site_share" if b in rented else "recovery.site_share"] for b in borrowers]
        ),
        **static_assets(c.index, borrowers, landlords, np.array(capex_path), site, chips, resale),
        companies=tuple(neoclouds + vehicles),
        tenants=tuple([lab.id for lab in labs] + [c.nodes[intermediary]]),
        contract_rows=np.array(contract),
        debtors=debtors_by_payee(np.array(payer)[contract], np.array(payee)[contract]),
        reliable=np.array([c.kind_of(n) in ("bigtech", "tenant") for n in c.nodes]),
        sinks=np.array([c.index[sink] for sink in ("lenders", "outside", "site_landlords")]),
        claim_place=np.concatenate(
            [[place[int(b)] for b in tranches.borrower], np.arange(len(borrowers)), np.arange(len(borrowers))]
        ),
        claim_seniority=np.concatenate(
            [tranches.seniority, np.full(len(borrowers), SECURED), np.full(len(borrowers), SECURED)]
        ),
        rating_cover=rating_cover,
        rating_spread=rating_spread,
        resale=resale,
    )
