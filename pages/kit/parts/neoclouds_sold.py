"""What a compute host has sold, to whom, what it means to build beside that, and what tenants cut."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from core.layout.compile import compile_layout
from core.results import borrowers, narrative
from pages.kit.parts import debts, provenance, tables
from pages.kit.visit import cached
from pages.kit.words import numbers, words
from pages.kit.words.catalogue import _

RULES = ("sign_share", "follows_from", "follow_share", "legacy_price", "new_price", "contract_term")


def found(host: str) -> borrowers.Backlog | None:
    """Return what a compute host has sold; None where the data do not tell it."""
    return borrowers.backlog_of(compile_layout(cached.snapshot()), host)


def told(host: str) -> list[str]:
    """Say how much is signed, how much of what is to be built that fills, and what becomes of the rest."""
    sold = found(host)
    if sold is None:
        return []
    web = cached.snapshot()
    most = sold.tenants[0]
    text = _(
        "Signed and still to be delivered: {all}, most of all by {who} ({amount}). What has not begun fills "
        "{mw} MW of the {planned} that it builds or gives new chips by plan; of the rest {share} finds a "
        "tenant while the market sells all that is offered, and the remainder earns the price of the day."
    )
    return [
        text.format(
            all=numbers.money(sum(one.running + one.to_come for one in sold.tenants)),
            who=words.name(most.tenant),
            amount=numbers.money(most.running + most.to_come),
            mw=numbers.decimal(sold.to_come_mw, 0),
            planned=numbers.decimal(sold.planned_mw, 0),
            share=numbers.percent(float(web.value(f"{host}.sign_share")), 0),
        )
    ]


def cuts(host: str, now: Mapping) -> list[str]:
    """Say of each lab that rents from a host whether it pays less than agreed, from when and by how much."""
    tenants = {
        str(items["tenant"].value)
        for items in cached.snapshot().tables["offtake"].values()
        if items["host"].value == host
    }
    found = (who for who, _quarter, _share in narrative.renegotiations(now) if who in tenants)
    return [cut_of(who, now) for who in found]


def cut_of(lab: str, now: Mapping) -> str:
    """Say from when a lab pays less than its contracts say, by how much, and whether it fails; or nothing."""
    found = {who: (quarter, share) for who, quarter, share in narrative.renegotiations(now)}
    if lab not in found:
        return ""
    (quarter, share), quarters = found[lab], now["quarters"]
    text = _("{who} pays less than agreed from the {quarter}: up to {share} less.")
    params = {
        "who": words.name(lab),
        "share": words.cut(share),
        "quarter": numbers.quarter_in_words(quarters[quarter]),
    }
    for who, fell, _cause in narrative.failures(now):
        if who == lab:
            text = _(
                "{who} pays less than agreed from the {quarter}, up to {share} less, and fails in the "
                "{failed}."
            )
            params["failed"] = numbers.quarter_in_words(quarters[fell])
    return text.format(**params)


def receipt(host: str) -> Callable[[], None] | None:
    """Return what lists the backlog of a host by tenant, with its data; None where there is none."""
    sold = found(host)
    return partial(_listed, host, sold) if sold else None


def _listed(host: str, sold: borrowers.Backlog) -> None:
    web = cached.snapshot()
    tables.heading(_("Signed and still to be delivered"), _("USD billion"))
    tables.compare(
        {
            _("Tenant"): [words.name(one.tenant) for one in sold.tenants],
            _("Contracts that run"): [_cell(one.running, one.rows, "share") for one in sold.tenants],
            _("Not yet begun"): [_cell(one.to_come, one.rows, "backlog") for one in sold.tenants],
            _("Together"): [f"**{numbers.amount(one.running + one.to_come)}**" for one in sold.tenants],
        },
        alt=_("Backlog by tenant in USD billion: of contracts that run, and not yet begun"),
    )
    rows = [web.row(ident) for one in sold.tenants for ident in one.rows]
    provenance.sources([*(web.row(f"{host}.{item}") for item in RULES), *rows])


def _cell(amount: float, rows: tuple[str, ...], item: str) -> str:
    badges = [debts.assumed(row) for row in rows if row.endswith(f".{item}")]
    return numbers.amount(amount) + "".join(badges) if amount else "–"
