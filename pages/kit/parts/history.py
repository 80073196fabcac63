"""Then against now: what an earlier build-out was like, beside what this one is like, with all sources."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st

from core.sources import databook, facts, history, pairs
from core.sources.pairs import Pair, Side
from core.web.snapshot import Row
from pages.kit.drawing import facing
from pages.kit.parts import files, provenance
from pages.kit.parts.chances import QUICK
from pages.kit.visit import cached, visit
from pages.kit.words import figures, labels, numbers, spans, words
from pages.kit.words.catalogue import N_, _

THEMES = {
    "size": N_("How large it is"),
    "vendors": N_("Suppliers that lend"),
    "demand": N_("Demand and capacity"),
    "credit": N_("Loans that go bad"),
    "after": N_("What was left"),
}
CREDITORS = {
    "secured": N_("{who}: its secured creditors get back"),
    "unsecured": N_("{who}: its unsecured creditors get back"),
}
DEFAULTS = "hy_default_rate"


def answer() -> str:
    """Return the page's answer: the worst year of then, the chance of a failure now, how many pairs."""
    worst = worst_year()
    who = cached.named()[0]
    text = _(
        "In {then}, when the building for the internet was over, {rate} of US junk bonds went bad. Here "
        "{who} fails by the end of {year} in {share} of {n} futures around this scenario. {count} pairs "
        "say what is alike, what is not, and what cuts the other way."
    )
    return text.format(
        then=worst[0],
        rate=numbers.percent(worst[1].value),
        who=words.name(who),
        year=visit.scenario()["h"],
        share=numbers.percent(cached.chances(visit.scenario(), QUICK)[who], 0),
        n=QUICK,
        count=len(pairs.pairs()),
    )


def worst_year() -> tuple[int, Row]:
    """Return the year in which most junk bonds went bad, with its rate."""
    return max(history.series(DEFAULTS).items(), key=lambda one: float(one[1].value))


def then_and_now() -> None:
    """Show all pairs by theme, and offer them as a file."""
    st.caption(
        _(
            "Touch a source to read all that is known of it. Figures from memory, from second hand or unsure "
            "are marked as such. Dollars are those of their day."
        )
    )
    told = {"then": _("Then"), "now": _("Now"), "differs": _("What differs:"), "against": _("The other way:")}
    themes = [
        {"title": _(THEMES[theme]), "pairs": [_pair(pair) for pair in pairs.of_theme(theme)]}
        for theme in pairs.THEMES
    ]
    facing.draw(told, themes, key="pairs")
    files.offer_csv(_columns(), "backstop-then-and-now", key="pairs_csv", icon=":material/download:")


def _pair(pair: Pair) -> dict:
    language = visit.language()
    against = {"says": pair.against[language], "figures": _figures(pair.against_rows)}
    return {
        "id": pair.id,
        "says": pair.says[language],
        "then": _figures(pair.then),
        "now": [*_figures(pair.now), *map(_computed, pair.model)],
        "differs": pair.differs[language],
        "against": against if pair.against_rows else None,
    }


def _figures(side: Side) -> list[dict]:
    """Return the figures of a side as they are shown; one that sources differ on is their range.

    Data of another date may lack a company, and so its figures.
    """
    web = cached.snapshot()
    return [_figure(rows) for ids in side if (rows := facts.rows(web, ids))]


def _figure(rows: Sequence[Row]) -> dict:
    marks = {_(provenance.BASIS[row.basis][1]) for row in rows if row.basis in ("recalled", "assumption")}
    marks |= {_(provenance.CONFIDENCE[row.confidence]) for row in rows if row.confidence == "low"}
    marks |= {_("edited by hand") for row in rows if row.overridden}
    return {
        "value": spread(rows).replace(numbers.NBSP, " "),  # so that a narrow side can break it
        "label": name(rows[0]),
        "marks": sorted(marks),
        "from": [_source(row, alone=len(rows) == 1) for row in rows],
    }


def spread(rows: Sequence[Row]) -> str:
    """Write what some rows say of one thing: a figure, or from the lowest to the highest of all sources.

    The range of a row of the model's own is how far it may be off, and stands with its source.
    """
    ends = [end for row in rows for end in _ends(row)]
    if min(ends) == max(ends):
        return provenance.stated(rows[0])
    low, high = map(numbers.exact, (min(ends), max(ends)))
    return provenance.in_unit(rows[0], _("{low} to {high}").format(low=low, high=high))


def _ends(row: Row) -> list[float]:
    """Return a row's value, and the ends of its sources where it is not the model's."""
    stated = databook.stated_range(row) if row.id in facts.beside() else ()
    return [float(row.raw), *(end for end in stated if end is not None)]


def name(row: Row) -> str:
    """Return what a row is called beside its figure: one of the past has no subject of its own."""
    return labels.item(row) if row.table == history.TABLE else labels.row(row)


def _source(row: Row, *, alone: bool) -> dict:
    source = cached.snapshot().sources[row.source]
    line = f"{labels.publisher(source)} · {spans.month(row.as_of)}"
    said = (
        _(provenance.BASIS[row.basis][1]),
        _(provenance.CONFIDENCE[row.confidence]),
        _("as of {date}").format(date=numbers.day(row.as_of)),
    )
    return {
        "line": line if alone else f"{provenance.stated(row)} · {line}",
        "told": [f"{labels.source(source)}, {labels.dated(source)}", " · ".join(said), *_more(row)],
        "address": source.url,
    }


def _more(row: Row) -> list[str]:
    """Return the range of a row's sources and its note, where it has them."""
    low, high = databook.stated_range(row)
    ends = [] if low is None or high is None or low == high else [numbers.exact(low), numbers.exact(high)]
    ranged = [_("Sources range from {low} to {high}.").format(low=ends[0], high=ends[1])] if ends else []
    return [*ranged, *([labels.note(row)] if row.note else [])]


def computed(figure: str) -> tuple[str, float, str]:
    """Return what a figure of the model is called, its value, and how it is written."""
    kind, _dot, rest = figure.partition(".")
    company, _dot, seniority = rest.partition(".")
    if kind == "chance":
        value = cached.chances(visit.scenario(), QUICK)[company]
        text = _("{who}: fails by the end of {year}, of {n} futures")
        label = text.format(who=words.name(company), year=visit.scenario()["h"], n=QUICK)
        return label, value, numbers.percent(value, 0)
    if kind == "recovered":
        value = cached.recoveries(company)[seniority]
        return _(CREDITORS[seniority]).format(who=words.name(company)), value, numbers.percent(value, 0)
    value = float(cached.read(visit.scenario())[figure])
    return figures.label(figure), value, figures.write(figure, value)


def _computed(figure: str) -> dict:
    label, _value, written = computed(figure)
    drawn = _("Mean of the draws with today's data in which it fails")
    told = drawn if figure.startswith("recovered") else _("The scenario on the screen")
    return {
        "value": written,
        "label": label,
        "marks": [_("this model")],
        "from": [{"line": _("How it is found"), "told": [told], "address": ""}],
    }


def _columns() -> Mapping[str, list]:
    """Return every figure of every pair with its provenance, as columns of a file."""
    web, found = cached.snapshot(), []
    for pair in pairs.pairs().values():
        sides = ((_("Then"), pair.then), (_("Now"), pair.now), (_("The other way"), pair.against_rows))
        for side, figures_of in sides:
            rows = [row for ids in figures_of for row in facts.rows(web, ids)]
            found += [(pair, side, name(row), row.raw, provenance.unit(row), row) for row in rows]
        for figure in pair.model:
            label, value, _written = computed(figure)
            found.append((pair, _("Now"), label, value, "", None))
    told, own = visit.language(), _("this model")
    sources = [labels.source(web.sources[row.source]) if row else own for *_more, row in found]
    return {
        _("Compared"): [pair.says[told] for pair, *_more in found],
        _("Side"): [one[1] for one in found],
        _("Figure"): [one[2] for one in found],
        _("Value"): [one[3] for one in found],
        _("Unit"): [one[4] for one in found],
        _("As of"): [row.as_of if row else "" for *_more, row in found],
        _("Source"): sources,
        _("What differs"): [pair.differs[told] for pair, *_more in found],
        _("In links"): [row.id if row else "" for *_more, row in found],
    }
