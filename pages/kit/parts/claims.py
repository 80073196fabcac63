"""What the article says and what the public record says about it, for one page or for all."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.sources import facts
from core.sources.facts import Claim
from core.web.snapshot import Row
from pages.kit.parts import provenance
from pages.kit.visit import cached, on_request, visit
from pages.kit.words import labels, numbers
from pages.kit.words.catalogue import _, ngettext

OWN = {"backstop_model", "article"}  # sources that are not the public record
MOST = 3  # sources named under one claim


def table(page: str, *, key: str = "claims", offer: Callable = on_request.expander) -> None:
    """Offer the claims whose home is this page, and say of how many the record says something else."""
    claims = facts.of_page(page)
    differing = sum(claim.differs for claim in claims)
    label = _("The article says, the public record says")
    if differing:
        count = ngettext("{count} difference", "{count} differences", differing).format(count=differing)
        label = f"{label} · {count}"
    offer(label, lambda: st.markdown(written(claims)), key=key)


def written(claims: tuple[Claim, ...]) -> str:
    """Write claims as markdown, below each what the record says about it."""
    return "\n\n---\n\n".join(map(_written, claims))


def _written(claim: Claim) -> str:
    colour, verdict = verdict_of(claim)
    lines = (f":{colour}-badge[{verdict}]", claim.record[visit.language()], sources(claim))
    told = f":small[:gray[{place(claim)}]]  \n{claim.says[visit.language()]}"
    return "\n\n".join(filter(None, (told, "  \n".join(filter(None, lines)), since(claim))))


def since(claim: Claim) -> str:
    """Write what has changed since, and below it the figures with their days; empty when nothing has."""
    if not claim.has_changed:
        return ""
    figures = [
        f"{labels.row(row)}{_when(row)}: {provenance.stated(row)}"
        for row in facts.rows(cached.snapshot(), claim.since_rows)
    ]
    head = _("since then")
    return f":violet-badge[{head}]  \n{claim.since[visit.language()]}  \n:small[:gray[{'; '.join(figures)}]]"


def _when(row: Row) -> str:
    """Return the day of a figure; the name of a quote ends with it."""
    return "" if row.table == "quotes" else f", {numbers.day(row.as_of)}"


def place(claim: Claim) -> str:
    """Return where a claim comes from, in words."""
    if claim.is_weak:
        return _("Our data")
    if claim.section == "end":
        return _("Article, last lines")
    return _("Article, section {section}").format(section=claim.section)


def verdict_of(claim: Claim) -> tuple[str, str]:
    """Return how claim and record stand to each other: a colour for a badge, and words."""
    if claim.is_weak:
        return "orange", _("weak figure")
    if claim.differs:
        return "red", _("the record differs")
    if claim.record["en"]:
        return "blue", _("the record adds")
    return "green", _("taken over as it stands")


def sources(claim: Claim) -> str:
    """Return the public sources behind a claim as one small line; empty when there is none."""
    titles = list(dict.fromkeys(_title(row) for row in rows(claim) if row.source not in OWN))
    if not titles:
        return ""
    label, more = _("Sources"), " …" if len(titles) > MOST else ""
    return f":small[:gray[{label}: {'; '.join(titles[:MOST])}{more}]]"


def rows(claim: Claim) -> list[Row]:
    """Return the rows of the data that a claim rests on, the article's own figures first."""
    web = cached.snapshot()
    return facts.rows(web, (*claim.article, *claim.rows))


def _title(row: Row) -> str:
    source = cached.snapshot().sources[row.source]
    return f"{labels.linked(source)}, {labels.dated(source)}"
