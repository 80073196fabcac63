"""What the receipts of the four deals say: how each figure comes about, and from what data."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from core.results.deals import Deal, Wrap
from core.results.exposure import Received
from core.sources import formulas
from core.web.snapshot import Row
from pages.kit.parts import debts, provenance
from pages.kit.parts.origins import called_by, promises_of, two
from pages.kit.visit import cached
from pages.kit.words import numbers, words
from pages.kit.words.catalogue import N_, _

MEANINGS = {
    "called": provenance.INSIDE["guarantor.called"],
    "lost": N_("Principal and interest that creditors never get, recoveries counted, to the end of the run."),
    "failed": N_("The first quarter in which it cannot pay all it owes."),
    "cut": N_(
        "A lab with less cash than some quarters of what its contracts make it burn cuts them all by one "
        "share, until it can pay again; every host loses it."
    ),
    "net": provenance.INSIDE["fund.net_irr"],
    "loss": provenance.INSIDE["fund.loss"],
}


def switch(keys: Sequence[str], labels: Sequence[str], shown: Sequence[str], reading: Mapping) -> None:
    """Say what the figures with and without a deal's switch mean, and how those of now come about.

    Parameters
    ----------
    keys, labels, shown : sequence of str
        Figures as `core.results.deals.outcome` names them, in words, and as the table shows them for this
        scenario.
    reading : mapping
        The scenario as it stands.
    """
    st.caption(_("Both columns run the same scenario, with this lever on and off. As it stands now:"))
    data: dict[str, Row] = {}
    explained = set()
    for key, label, figure in zip(keys, labels, shown, strict=True):
        kind, _separator, subject = key.partition("_")
        meaning = "" if kind in explained else f"  \n:small[:gray[{_(MEANINGS[kind])}]]"
        st.markdown(_written(label, HOW[kind](subject, reading), figure) + meaning)
        explained.add(kind)
        if kind == "net" and (doubts := provenance.of_rates("fund.net_irr", _fund(subject, reading))):
            st.markdown(doubts)
        data |= {row.id: row for row in BEHIND[kind](subject)}
    provenance.sources(list(data.values()))


def _fund(subject: str, reading: Mapping) -> list[Mapping]:
    return [row for row in reading["funds"] if row["id"] == subject]


def _written(label: str, how: str, figure: str) -> str:
    """Write a figure with its operands, or alone where it is not a sum or a product of others."""
    return provenance.worked(label, how, figure) if how else f"**{label}** = **{figure}**"


def _lost(subject: str, reading: Mapping) -> str:
    lines = [row for row in reading["tranches"] if subject in (row["id"], row["borrower"])]
    return provenance.added([(debts.line(row["id"]), sum(row["lost"])) for row in lines])


def _failed(subject: str, reading: Mapping) -> str:
    for event in reading["chain"]:
        if event["event"] == "failure" and event["entity"] == subject:
            text = _("{amount} short, {cause}")
            return text.format(amount=numbers.money(event["amount"]), cause=words.cause(event["cause"]))
    return ""


def _loss(subject: str, reading: Mapping) -> str:
    return " + ".join(provenance.loss_terms(subject, reading))


HOW: dict[str, Callable[[str, Mapping], str]] = {
    "called": called_by,
    "lost": _lost,
    "failed": _failed,
    "cut": lambda _subject, _reading: "",
    "net": lambda _subject, _reading: "",
    "loss": _loss,
}


def _measured(measure: str, subject: str) -> tuple[Row, ...]:
    return formulas.rows(cached.snapshot(), formulas.formulas()[measure], subject)


def _lines(subject: str) -> list[Row]:
    tranches = cached.snapshot().tables["tranches"]
    return [
        items["balance"]
        for ident, items in tranches.items()
        if subject in (ident, str(items["borrower"].value))
    ]


def _means(subject: str) -> list[Row]:
    items = cached.snapshot().tables["entities"][subject]
    return [items["cash"]] if "cash" in items else _lines(subject)


def _cuts(subject: str) -> list[Row]:
    names = ("labs.renegotiate_below", "labs.haircut_most", f"{subject}.signed_share", f"{subject}.cash")
    return [cached.snapshot().row(name) for name in names]


BEHIND: dict[str, Callable[[str], Sequence[Row]]] = {
    "called": promises_of,
    "lost": _lines,
    "failed": _means,
    "cut": _cuts,
    "net": lambda subject: _measured("fund.net_irr", subject),
    "loss": provenance.mixes,
}


def facts(
    deal: str, found: Deal, labels: Sequence[str], shown: Sequence[str], held: Mapping[str, Received]
) -> None:
    """Say how the facts of a deal come about: each label with its operands, then the data.

    `held` are the stakes and warrants of its guarantor, by promise.
    """
    worked, ids = FACTS[deal](found, held)
    for label, how, figure in zip(labels, worked, shown, strict=True):
        st.markdown(_written(label, how, figure))
    provenance.sources([cached.snapshot().row(ident) for ident in ids])


def _hyperion(found: Deal, _held: Mapping[str, Received]) -> tuple[list[str], list[str]]:
    web, cover = cached.snapshot(), found.cover
    notes, equity = web.value("hyperion_notes.balance"), web.value("hyperion_equity.amount")
    reported = _("{owners} a year ÷ {yearly}, or ÷ {service} when paid each quarter").format(
        owners=two(cover.owners_share), yearly=two(cover.service_yearly), service=two(cover.service)
    )
    share = f"{two(equity)} ÷ ({two(equity)} + {two(notes)})"
    ids = ["hyperion_notes.balance", "hyperion_notes.rate", "hyperion_notes.profile"]
    ids += ["hyperion_equity.amount", "hyperion_meta.rent_total", "hyperion_meta.first_term_rent"]
    ids += [
        "hyperion_meta.first_exit",
        "meta.venture_share",
        "meta_hyperion.cap",
        "meta_hyperion.value_share",
    ]
    return ["", share, f"{two(cover.rent)} ÷ {two(cover.service)}", reported], ids


def _wrap(found: Deal, held: Mapping[str, Received]) -> tuple[list[str], list[str]]:
    web, wrap = cached.snapshot(), found.wraps[0]
    warrant = held["alphabet_terawulf_warrant"]
    issue = web.value("google_terawulf.spread_at_issue")
    share = numbers.percent(warrant.share)
    worked = [
        _saved(wrap, float(wrap.worth[found.at])),
        _saved(wrap, issue),
        f"{share} × {two(warrant.shares_worth)} → {share} × {two(warrant.left)}",
        f"{two(wrap.cap)} ÷ {two(wrap.rent)}",
    ]
    ids = ["google_terawulf.cap", "google_terawulf.spread_at_issue", "terawulf_notes2030.balance"]
    ids += ["terawulf_notes2030.maturity", "terawulf_fluidstack.mw", "terawulf_fluidstack.rent"]
    ids += ["alphabet_terawulf_warrant.share", "terawulf.equity_value", "market.relet_share"]
    return worked, ids


def _saved(wrap: Wrap, spread: float) -> str:
    years = numbers.so_many_years(numbers.decimal(wrap.life, 1))
    return f"{numbers.basis_points(spread)} × {two(wrap.debt)} × {years}"


def _circle(found: Deal, held: Mapping[str, Received]) -> tuple[list[str], list[str]]:
    web, loop = cached.snapshot(), found.circle
    stake = held["nvidia_coreweave_stake"]
    cap, lent = web.value("nvidia_coreweave.cap"), web.value("nvidia.vendor_finance")
    put_in = " + ".join(map(two, (stake.cost, *([stake.added] if stake.added else []), cap)))
    worked = [
        f"{two(stake.mark)} → {numbers.percent(stake.share)} × {two(stake.left)}",
        f"{two(float(loop.chips_to_horizon[found.at]))} ÷ ({put_in})",
        f"({two(lent)} + {two(cap)}) ÷ {two(loop.revenue)}",
        "",
    ]
    rows = web.tables["promises"]["nvidia_coreweave_stake"]
    ids = [rows[item].id for item in ("mark", "share", "cost", "added") if item in rows]
    ids += ["nvidia_coreweave.cap", "nvidia.vendor_finance"]
    ids += [row.id for row in [web.of_a_year("nvidia", "revenue")] if row]
    ids += ["nvidia_openai.cap", "nvidia_openai.actual", "coreweave.chip_share"]
    return worked, ids


def _leases(found: Deal, _held: Mapping[str, Received]) -> tuple[list[str], list[str]]:
    worked = []
    for one in found.wraps:
        margin, rest = numbers.percent(one.margin, 0), f"− {two(one.overhead)}) ÷ {two(one.interest)}"
        all_rent = f"({margin} × ({two(one.rent)} + {two(one.others)}) {rest}"
        worked.append(f"{all_rent} → ({margin} × {two(one.others)} {rest}")
    ids = [f"{one.landlord}.{item}" for one in found.wraps for item in ("operating_margin", "overhead")]
    ids += [
        f"{one.lease}.{item}" for host in found.leases.values() for one in host for item in ("rent", "term")
    ]
    return [*worked, ""], [*ids, *(f"{one.notes}.rate" for one in found.wraps)]


FACTS: dict[str, Callable[[Deal, Mapping[str, Received]], tuple[list[str], list[str]]]] = {
    "hyperion": _hyperion,
    "wrap": _wrap,
    "circle": _circle,
    "leases": _leases,
}
