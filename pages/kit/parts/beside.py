"""Others in the same trade, and promises outside this web: shown beside the model, part of no other figure.

Who is listed, and of which date, stands in the data. Both tables are built when somebody opens them. Of a
promise it says what would be called in this scenario.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from itertools import groupby

import streamlit as st

from core.sources import beside, databook, outside
from core.sources.beside import Line, Other
from core.sources.outside import Call
from core.web.snapshot import Row
from pages.kit.parts import provenance, tables
from pages.kit.visit import cached, on_request, visit
from pages.kit.words import labels, numbers, words
from pages.kit.words.catalogue import N_, _

KINDS = {
    "neocloud": N_("neocloud"),
    "landlord": N_("landlord"),
    "campus": N_("campus"),
    "vehicle": N_("special vehicle"),
    "promise": N_("promise"),
}


def promises() -> None:
    """Offer the promises that are known of and are not in the model: who gave them, for whom, up to what."""
    on_request.expander(_("Promises outside this web"), _promises, key="outside")


def others() -> None:
    """Offer companies, campuses and vehicles that do the same and are not in the model."""
    on_request.expander(_("Others in the same trade"), _others, key="others")


def _promises() -> None:
    _say(
        _("in no other figure"),
        _(
            "None of these promises is in the model: they are for companies and sites outside this web, or "
            "it is not public for whom or up to what. They are here because the web on this page is only a "
            "part of what was promised."
        ),
    )
    now = cached.read(visit.scenario())
    called = outside.calls(now.result, now.i)
    st.markdown(_in_all(called))
    found = beside.of_kind(beside.PROMISE)
    middle = (len(found) + 1) // 2
    for place, half in zip(st.columns(2, gap="large"), (found[:middle], found[middle:]), strict=True):
        lines = [line for one in half for line in one.lines]
        with place:
            tables.compare(
                {
                    _("Who promises what"): list(map(_promise, lines)),
                    _("Up to, and called here"): [
                        _limit(line, called.get(line.row.id), now["quarters"]) for line in lines
                    ],
                },
                alt=_("Promises outside this web, with basis, source and date"),
            )
    every = [called.get(line.row.id) for one in found for line in one.lines]
    _behind(
        found,
        {
            _("Called if it fails"): [call and words.name(call.company) for call in every],
            _("Who that is"): [call and _known_or_assumed(call) for call in every],
            _("Fails in"): [_failed(call, now["quarters"]) for call in every],
            _("Called here"): [call and call.amount for call in every],
        },
        key="outside",
        of=_("Promises outside this web"),
    )


def _failed(call: Call | None, quarters: Sequence[str]) -> str | None:
    return None if call is None or call.failed is None else quarters[call.failed]


def _known_or_assumed(call: Call) -> str:
    return _(provenance.BASIS["assumption" if call.assumed else call.line.row.basis][1])


def _in_all(called: Mapping[str, Call]) -> str:
    """Write what each giver would be asked for in this scenario beside the web, and how that is reckoned."""
    year = visit.scenario()["h"]
    sums = {giver: amount for giver, amount in outside.by_giver(called).items() if amount}
    if not sums:
        return _(
            "To {year} none of them would be called here: every company that is behind one, or is assumed to "
            "be, holds."
        ).format(year=year)
    return _(
        "Called here, to {year}, beside the web and in no other figure of this page: {calls}. When the "
        "company behind a promise fails, all of its limit counts, begun or not, less the {share} of rent "
        "that others would pay; where it is not public which company that is, one is assumed."
    ).format(
        year=year,
        calls=numbers.listing([f"{_(giver)} **{numbers.money(amount)}**" for giver, amount in sums.items()]),
        share=numbers.percent(next(iter(called.values())).relet, 0),
    )


def _limit(line: Line, call: Call | None, quarters: Sequence[str]) -> str:
    """Write up to what somebody promised, whose failure calls it, and how much of it is called here."""
    limit = f"**{_value(line.row)}**"
    if call is None:
        return limit
    who = words.name(call.company)
    if call.failed is None:
        text = _("called if {who} fails")
        told = f":gray[{text.format(who=who)}]"
    else:
        text, when = _("{amount} called: {who} fails in {quarter}"), numbers.quarter(quarters[call.failed])
        told = text.format(amount=numbers.money(call.amount), who=who, quarter=when)
    assumed = provenance.badge("assumption") if call.assumed else ""
    return "  \n".join(filter(None, (limit, told, assumed)))


def _promise(line: Line) -> str:
    """Write who promised what, for whom, what else is known of it, and where it comes from."""
    whom = _("for {who}").format(who=_(line.tenant)) if line.tenant else _("for whom: not found")
    told = [f"**{_(line.giver)}** · {labels.subject(line.row.subject)}", f":gray[{whom}]"]
    note = labels.note(line.row)
    return "  \n".join(filter(None, (*told, note, provenance.cited([line.row]))))


def _others() -> None:
    _say(
        _("shown, not computed with"),
        _(
            "None of these is in the model. They are here because they borrow from, let to and lean on the "
            "same few names as those that are."
        ),
    )
    halves = [beside.of_kind(*kinds) for kinds in (beside.COMPANIES, beside.SITES)]
    heads = (_("Companies"), _("Campuses and vehicles"))
    for place, found, head in zip(st.columns(2, gap="large"), halves, heads, strict=True):
        with place:
            alt = _("{what} beside the model, with basis, source and date").format(what=head)
            tables.compare({head: list(map(_known, found))}, alt=alt)
    _behind([one for half in halves for one in half], key="others", of=_("Others in the same trade"))


def _known(one: Other) -> str:
    """Write all that is known of somebody; basis, source and date stand once below those that share them."""
    told = [_who(one)]
    for cited, rows in groupby(one.rows, key=lambda row: provenance.cited([row])):
        told += [*map(_figure, rows), cited]
    return "  \n".join(told)


def _who(one: Other) -> str:
    """Write what something is called and what it is, for whom it works, and who stands behind that."""
    tenants, givers = (
        numbers.listing([_(name) for name in dict.fromkeys(names) if name])
        for names in ((line.tenant for line in one.lines), (line.giver for line in one.lines))
    )
    what = [_(KINDS[one.kind])]
    if tenants:
        what.append(_("for {who}").format(who=tenants))
    if givers:
        what.append(_("behind it: {who}").format(who=givers))
    return f"**{_(one.name)}** :gray[· {' · '.join(what)}]"


def _figure(row: Row) -> str:
    """Write a figure with what it is and its note; of a word, what it is comes first."""
    label, note = labels.item(row), f" · {labels.note(row)}" if row.note else ""
    if isinstance(row.raw, str):
        return f"{label}: {_value(row)}{note}"
    return f"{_value(row)} {label}{note}"


def _value(row: Row) -> str:
    """Write a value with its unit, and the range of its sources where they give one."""
    low, high = databook.stated_range(row)
    if low is None or high is None:
        return provenance.stated(row)
    return f"{provenance.stated(row)} ({numbers.exact(low)}–{numbers.exact(high)})"


def _say(mark: str, why: str) -> None:
    st.markdown(f":gray-badge[{mark}] {why}")


def _behind(found: Sequence[Other], called: Mapping[str, list] | None = None, *, key: str, of: str) -> None:
    """Offer every figure of a table as a file, with all that is known of where it comes from."""
    both = [(one, line) for one in found for line in one.lines]
    rows = [line.row for _one, line in both]
    sources = cached.snapshot().sources
    ends = [databook.stated_range(row) for row in rows]
    tables.behind(
        {
            _("Who or what"): [_(one.name) for one, _line in both],
            _("Kind"): [_(KINDS[one.kind]) for one, _line in both],
            _("Figure"): [labels.item(row) for row in rows],
            _("Value"): [None if isinstance(row.raw, str) else row.raw for row in rows],
            _("Unit"): [provenance.unit(row) if row.unit in provenance.UNITS else None for row in rows],
            _("In words"): [labels.word(row) if isinstance(row.raw, str) else None for row in rows],
            _("Lowest"): [low for low, _high in ends],
            _("Highest"): [high for _low, high in ends],
            _("For whom"): [_(line.tenant) if line.tenant else None for _one, line in both],
            _("Behind it"): [_(line.giver) if line.giver else None for _one, line in both],
            **(called or {}),
            _("As of"): [row.as_of for row in rows],
            _("Basis"): [_(provenance.BASIS[row.basis][1]) for row in rows],
            _("Source"): [labels.source(sources[row.source]) for row in rows],
            _("Note"): [labels.note(row) for row in rows],
        },
        key=key,
        of=of,
        receipt=partial(provenance.sources, rows, len(rows)),
    )
