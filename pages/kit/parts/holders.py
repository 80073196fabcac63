"""Who holds the paper: known holders of debt lines, by a report of a day, and what they lose here.

Built when somebody opens it. Every figure comes from the core; who is listed stands in the data.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from itertools import groupby

import streamlit as st

from core.results.holders import Paper
from core.sources import holders
from core.sources.holders import Position
from core.web.snapshot import Row
from pages.kit.parts import debts, provenance, tables
from pages.kit.visit import cached, on_request, visit
from pages.kit.words import labels, numbers, spans, words
from pages.kit.words.catalogue import _

Held = tuple[Paper, tuple[Position, ...]]


def offer(idents: Iterable[str], *, to_horizon: bool) -> None:
    """Offer the known holders of some debt lines, or of all debt of some borrowers.

    Losses count to the horizon or to the end of the run, like those of the page around.
    """
    on_request.expander(_("Who holds this paper"), partial(_draw, tuple(idents), to_horizon), key="holders")


def _draw(idents: Sequence[str], to_horizon: bool) -> None:
    web, now = cached.snapshot(), cached.read(visit.scenario())
    last = now["last_quarter"] if to_horizon else None
    found = [holders.positions(web, now, ident, last) for ident in holders.papers(web, idents)]
    known = [one for one in found if one[1]]
    if not found:
        st.markdown(_("None of this is a debt that the data follow line by line: no holder is known."))
        return
    st.markdown(_how(visit.scenario()["h"] if to_horizon else spans.end(), known))
    if known:
        _table(known)
    if unknown := [paper.id for paper, held in found if not held]:
        st.markdown(_("Who holds these is not known: {names}.").format(names=_by_borrower(unknown)))
    if known:
        _behind(known)


def _how(year: object, known: Sequence[Held]) -> str:
    """Say what the tables are: whose word it is, what counts twice, what a loss is."""
    told = _(
        "Holders as they or others reported them, each of its own day. They are not added up: a fund is "
        "counted in its group too. A loss is the holder's part of what the paper loses, to {year}: principal "
        "and interest that never come, recoveries counted."
    ).format(year=year)
    if any(len(paper.lines) > 1 for paper, _held in known):
        told += " " + _(
            "Where it is only told that somebody holds debt of a company, the loss is spread evenly over its "
            "lines, and below it stands what the line that loses least and the one that loses most would "
            "cost."
        )
        told += f" {provenance.badge('assumption')}"
    return told


def _by_borrower(lines: Sequence[str]) -> str:
    """List debt lines, the name of a borrower once."""
    tranches = cached.snapshot().tables["tranches"]
    listed = []
    for borrower, its in groupby(lines, key=lambda line: str(tranches[line]["borrower"].value)):
        listed.append(f"{words.name(borrower)} ({numbers.listing([debts.line(line) for line in its])})")
    return numbers.listing(listed)


def _name(paper: Paper) -> str:
    """Return what a paper is called: a line with its borrower, or all that a borrower owes."""
    if paper.lines == (paper.id,):
        return debts.holding(paper.id)
    return _("{who}: all its debt").format(who=words.name(paper.id))


def _table(known: Sequence[Held]) -> None:
    """Write each paper with what it loses, and its known holders below it."""
    rows = []
    for paper, held in known:
        rows.append(_of_paper(paper))
        rows += [(_holder(one), _amount(one, paper), _loss(one, paper)) for one in held]
    who, amount, loss = (list(column) for column in zip(*rows, strict=True))
    tables.compare(
        {_("Paper and its known holders"): who, _("Owed or held"): amount, _("Loses here"): loss},
        alt=_("Known holders of each paper, with date and source"),
    )


def _of_paper(paper: Paper) -> tuple[str, str, str]:
    """Write a paper: what is owed on it at the start, and what of that is lost."""
    lines = len(paper.lines)
    text = _("owed at the start, in {count} lines") if lines > 1 else _("owed at the start")
    return (
        f"**{_name(paper)}**",
        f"**{numbers.money(paper.owed)}**  \n{_small(text.format(count=lines))}",
        f"**{numbers.money(paper.lost)}**",
    )


def _holder(one: Position) -> str:
    """Write who holds, in whose figure that is counted too, and where it comes from."""
    told = [labels.subject(one.row.subject)]
    if one.inside:
        text = _("part of the {amount} above")
        told.append(_small(text.format(amount=numbers.money(float(one.inside.value)))))
    if note := labels.note(one.row):
        told.append(_small(note))
    told.append(provenance.cited([one.row]))
    if one.later:
        told.append(_small(_("later than the data on the screen")))
    return "  \n".join(told)


def _amount(one: Position, paper: Paper) -> str:
    """Write how much somebody holds, and what part of the paper and of its own money that is."""
    part = _("{share} of the issue") if len(paper.lines) == 1 else _("{share} of all its debt")
    told = [numbers.money(one.amount), _small(part.format(share=_per_cent(one.share)))]
    if one.weight is not None:
        told.append(_small(_("{share} of the fund").format(share=numbers.percent(one.weight, 2))))
    return "  \n".join(told)


def _per_cent(share: float) -> str:
    """Write a share without decimals, unless it would be next to nothing."""
    return numbers.percent(share, 0 if share >= 0.02 else 1)


def _loss(one: Position, paper: Paper) -> str:
    """Write what somebody loses, and below it the range by line where the line is not told."""
    told = numbers.money(one.loss)
    if len(paper.lines) == 1 or one.most == 0.0:
        return told
    ends = _("{least} to {most}").format(least=numbers.money(one.least), most=numbers.money(one.most))
    return f"{told}  \n{_small(ends)}"


def _small(text: str) -> str:
    return f":small[:gray[{text}]]"


def _behind(known: Sequence[Held]) -> None:
    """Offer the tables as one file, with the sources of every amount."""
    both = [(paper, one) for paper, held in known for one in held]
    rows = [one.row for _paper, one in both]
    sources: Mapping = cached.snapshot().sources
    tables.behind(
        {
            _("Paper"): [_name(paper) for paper, _one in both],
            _("Known holder"): [labels.subject(row.subject) for row in rows],
            _("Holds, USD billion"): [one.amount for _paper, one in both],
            _("Part of the paper"): [one.share for _paper, one in both],
            _("Part of the holder's money"): [one.weight for _paper, one in both],
            _("Loses here, USD billion"): [one.loss for _paper, one in both],
            _("Least, by line"): [one.least for _paper, one in both],
            _("Most, by line"): [one.most for _paper, one in both],
            _("Counted in"): [one.inside and labels.row(one.inside) for _paper, one in both],
            _("As of"): [row.as_of for row in rows],
            _("Basis"): [_(provenance.BASIS[row.basis][1]) for row in rows],
            _("Source"): [labels.source(sources[row.source]) for row in rows],
            _("Note"): [labels.note(row) for row in rows],
        },
        key="holders",
        of=_("Who holds this paper"),
        receipt=partial(_receipt, known, rows),
    )


def _receipt(known: Sequence[Held], rows: Sequence[Row]) -> None:
    """Say how each loss comes about: the holder's part times what the paper loses."""
    for paper, held in known:
        lines = [
            f"{labels.subject(one.row.subject)}: {_per_cent(one.share)} × {numbers.decimal(paper.lost, 2)} "
            f"= **{numbers.money(one.loss)}**"
            for one in held
        ]
        st.markdown("  \n".join((f"**{_name(paper)}**", *lines)))
    owed = [cached.snapshot().row(f"{line}.balance") for paper, _held in known for line in paper.lines]
    every = list({row.id: row for row in (*rows, *owed)}.values())
    provenance.sources(every, len(every))
