"""Words and pictures of the Funding gap page: the stack, who lends at what cost, how levers move it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import streamlit as st

from core.results import gap
from core.scenario.levers import Scenario, lever
from pages.kit.drawing import charts, shapes
from pages.kit.drawing.plot import Figure
from pages.kit.drawing.shapes import Line, Panel, Part
from pages.kit.parts import provenance, tables
from pages.kit.visit import cached, visit
from pages.kit.words import labels, numbers, spans, words
from pages.kit.words.catalogue import N_, _

SOURCES = {
    "private_credit": N_("Private credit"),
    "corporate": N_("Corporate bonds"),
    "abs_cmbs": N_("Securitised loans"),
    "other": N_("Other outside money"),
}
ALONG = {
    "need": N_("need"),
    "own_cash": N_("own cash"),
    "gap": N_("Funding gap"),
    "unfunded": N_("nobody"),
}
COLOURS = {"private_credit": 0, "corporate": 9, "abs_cmbs": 5, "other": 3}
ASSUMPTIONS = (
    (
        "gap.need_exponent",
        N_("Spending follows demand, to the power of (over three years: an elasticity of one half)"),
    ),
    ("gap.own_cash_exponent", N_("Own cash follows demand, to the power of")),
    ("gap.range", N_("A source lends nothing once its margin is this much worse than today")),
    ("gap_private_credit.spread", N_("Private credit earns over the short rate")),
    ("gap_private_credit.hurdle", N_("Private credit asks at least, over the short rate")),
    ("gap_private_credit.rate_aversion", N_("Part of a rise in rates that borrowers cannot pass on")),
)


def colour(source: str) -> str:
    """Return the colour of a source of money on this page."""
    return st.get_option(f"theme.{charts.mode()}.chartCategoricalColors")[COLOURS[source]]


def answer() -> str:
    """Return the page's answer: need, own cash, gap, and what nobody lends."""
    now, _before = here(visit.scenario())
    params = {
        "year": _last_year(),
        "need": numbers.money(now["need"]),
        "own": numbers.money(min(now["own_cash"], now["need"])),
        "gap": numbers.money(now["gap"]),
        "lent": numbers.money(now["gap"] - now["unfunded"]),
        "unfunded": numbers.money(now["unfunded"]),
    }
    if now["gap"] < 0.05:
        text = _("To {year} the build-out needs {need}; Big Tech can pay all of it from its own cash.")
    elif now["unfunded"] < 0.05:
        text = _(
            "To {year} the build-out needs {need}; Big Tech pays {own} from its own cash, and outsiders lend "
            "all of the other {gap}."
        )
    else:
        text = _(
            "To {year} the build-out needs {need}; Big Tech pays {own} itself. Of the other {gap} outsiders "
            "lend {lent}; {unfunded} is funded by nobody."
        )
    return text.format(**params)


def _last_year() -> str:
    """Write the year to which the study counts that the gap rests on."""
    return str(int(float(cached.snapshot().value("gap.last_year"))))


def here(scenario: Scenario) -> tuple[Mapping, Mapping]:
    """Return the funding gap in a scenario and with today's data."""
    return cached.read(scenario)["funding_gap"], cached.baseline(scenario)["funding_gap"]


def stack() -> None:
    """Draw need and sources as two stacks: this scenario and today's data."""
    title = _("Spending to {year}").format(year=_last_year())
    charts.show(
        _stack_figure,
        key="stack",
        title=title,
        caption=_("Where the money comes from · USD billion"),
        alt=_("Need to {year} and who pays it, beside today's data").format(year=_last_year()),
    )
    names, parts = _stack(visit.scenario())
    columns = {_("Scenario"): names, **{part.name: list(part.values) for part in parts}}
    tables.behind(columns, key="stack", of=title)


def _stack(scenario: Scenario) -> tuple[list[str], list[Part]]:
    both = here(scenario)
    parts = [
        Part(_("Own cash"), [min(one["own_cash"], one["need"]) for one in both], shapes.neutral()),
        *(Part(_(SOURCES[key]), [one[key] for one in both], colour(key)) for key in gap.SOURCES),
        Part(_("Nobody"), [one["unfunded"] for one in both], shapes.alarm(), hatched=True),
    ]
    return [_("This scenario"), _("Today's data")], parts


def _stack_figure(scenario: Scenario) -> Figure:
    return shapes.stacks(*_stack(scenario), write=_billions, height=460, upright=True)


def _billions(value: float | None) -> str:
    return numbers.decimal(value, 0)


def _sources(scenario: Scenario) -> tuple[list[str], list[float], list[float], list[float]]:
    """Each source: its name, what it is asked for, what it lends, what it lends with today's data."""
    now, before = here(scenario)
    labels = [_(SOURCES[key]) for key in gap.SOURCES]
    asked = [now[f"asked_{key}"] for key in gap.SOURCES]
    return labels, asked, [now[key] for key in gap.SOURCES], [before[key] for key in gap.SOURCES]


def _sources_figure(scenario: Scenario) -> Figure:
    labels, asked, lent, was = _sources(scenario)
    text = _("<b>{lent}</b> of {asked}")
    return shapes.bars(
        labels,
        lent,
        words=[
            text.format(lent=_billions(given), asked=_billions(wanted))
            for given, wanted in zip(lent, asked, strict=True)
        ],
        hover=[
            _("{source}: lends <b>{lent}</b> of {asked} asked; with today's data {was}").format(
                source=label, lent=numbers.money(given), asked=numbers.money(wanted), was=numbers.money(usual)
            )
            for label, given, wanted, usual in zip(labels, lent, asked, was, strict=True)
        ],
        colours=[colour(key) for key in gap.SOURCES],
        back=asked,
        rings=was,
        height=250,
    )


def sources() -> None:
    """Draw what each source is asked for and lends, with what its money costs."""
    title = _("Lent of what is asked")
    charts.show(
        _sources_figure,
        key="sources",
        title=title,
        caption=_("Pale: asked, ring: today's data · USD billion to {year}").format(year=_last_year()),
        note=_(
            "Private credit: loans by funds instead of banks. Securitised loans: loans cut into tradable "
            "paper (ABS and CMBS). Most of it stays outside the balance sheets of those who use the "
            "computers."
        ),
        alt=_("Lent of asked per source, beside today's data"),
    )
    (now, before), (labels, asked, lent, was) = here(visit.scenario()), _sources(visit.scenario())
    columns = {
        _("Source"): labels,
        _("It asks a year"): [
            tables.beside(now[f"cost_{key}"], before[f"cost_{key}"], numbers.percent) for key in gap.SOURCES
        ],
        _("Share it lends"): [
            numbers.percent(given / wanted, 0) if wanted > 0.05 else "–"
            for given, wanted in zip(lent, asked, strict=True)
        ],
    }
    tables.compare(columns, alt=_("Cost of each source and the share it lends"))
    tables.behind(
        {
            _("Source"): labels,
            _("Asked"): asked,
            _("Lent"): lent,
            _("today's data"): was,
            _("Cost"): [now[f"cost_{key}"] for key in gap.SOURCES],
        },
        key="sources",
        of=title,
    )


def along(word: str) -> None:
    """Draw need, lenders and cost along one lever, with today's data dashed."""
    name = _(words.LEVERS[word][0])
    title = _("How the levers move it") + f" · {name}"
    text = _(
        "Upright line: this scenario. Dashed: today's data. Each picture moves one lever and keeps the "
        "others."
    )
    charts.show(
        partial(_along_figure, word),
        key=f"along_{word}",
        title=title,
        caption=text,
        alt=_("Need, lenders and cost along the lever, beside today's data") + f": {name}",
    )
    path = cached.gap_path(visit.scenario(), word)
    columns = {_(words.LEVERS[word][0]): list(path.values)}
    columns |= {_heading(name): list(values) for name, values in path.figures.items()}
    tables.behind(columns, key=f"along_{word}", of=title)


def _heading(figure: str) -> str:
    """Return what a figure along a lever is called in a table."""
    if figure in ALONG:
        return _(ALONG[figure])
    what, _underscore, source = figure.partition("_")
    told = {"asked": _("Asked"), "cost": _("Cost")}.get(what)
    name = _(SOURCES[source if told else figure])
    return " · ".join((name, told or _("Lent")))


def _along_figure(word: str, scenario: Scenario) -> Figure:
    path, base = cached.gap_path(scenario, word), cached.gap_path.today(word, beside=scenario)

    def line(name: str, figure: str, look: str) -> Line:
        return Line(name, path.figures[figure], base.figures[figure], look)

    need = line(_("need"), "need", shapes.accent())
    own = line(_("own cash"), "own_cash", shapes.neutral())
    lent = line(_("private credit"), "private_credit", colour("private_credit"))
    nobody = line(_("nobody"), "unfunded", shapes.alarm())
    cost = line(_("private credit"), "cost_private_credit", colour("private_credit"))
    bonds = line(_("bonds"), "cost_corporate", colour("corporate"))
    percent, year = partial(numbers.percent, digits=0), _last_year()
    panels = [
        Panel(
            _("Need and own cash to {year}, USD billion").format(year=year),
            [need, own],
            numbers.money,
            _billions,
        ),
        Panel(
            _("Who is left to {year}, USD billion").format(year=year),
            [lent, nobody],
            numbers.money,
            _billions,
        ),
        Panel(_("Cost a year"), [cost, bonds], numbers.percent, percent),
    ]
    return shapes.along(
        list(path.values),
        panels,
        current=scenario[word],
        before=visit.baseline(scenario)[word],
        axis=lambda value: numbers.lever_value(round(value, 2), lever(word).unit),
        baseline_name=_("today's data"),
    )


def basis() -> None:
    """Say what comes from a study, with its figures, and list what the page assumes, each marked as such."""
    web = cached.snapshot()
    text = _(
        "Need, own cash and shares come from a study by {publisher} of {month}: {need} to {year}, of "
        "which {own} from own cash, {private} private credit, {corporate} corporate bonds, {abs} "
        "securitised loans and {other} other. How they move with the levers is this model's assumption."
    )
    rows = {
        "need": "gap.need",
        "own": "gap.own_cash",
        "private": "gap_private_credit.share",
        "corporate": "gap_corporate.share",
        "abs": "gap_abs_cmbs.share",
        "other": "gap_other.share",
    }
    figures = {name: numbers.money(web.value(row)) for name, row in rows.items()}
    study = web.row(rows["need"])
    said = {"publisher": labels.publisher(web.sources[study.source]), "month": spans.month(study.as_of)}
    tables.heading(_("What this rests on"), text.format(year=_last_year(), **said, **figures))
    assumed = []
    for row_id, label in ASSUMPTIONS:
        row = web.row(row_id)
        value = numbers.percent(row.value) if row.unit == "%" else numbers.decimal(row.value, 2)
        assumed.append((_(label), f"{provenance.badge(row.basis)} **{value}**"))
    tables.facts(assumed, alt=_("What this page assumes"))
