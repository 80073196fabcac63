"""Stress: how likely it is, from many draws: the form, the progress, and what came out."""

from __future__ import annotations

from functools import partial

import streamlit as st

from core.results import measures
from core.scenario.levers import Scenario
from pages.kit.drawing import charts, stress_charts
from pages.kit.frame import address, choices
from pages.kit.parts import stress_draws, tables
from pages.kit.parts.stress import CEILING
from pages.kit.visit import cached, visit
from pages.kit.words import figures, numbers, spans, words
from pages.kit.words.catalogue import _

WANTED = "draws_wanted"
SEED_REFUSED = "seed_refused"


def monte_carlo(scenario: Scenario) -> None:
    """Let the visitor run many draws, and show what came of the last run."""
    n, seed = stress_draws.asked()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.session_state["draws"] = n
        st.segmented_control(
            _("Draws"),
            stress_draws.SIZES,
            key="draws",
            format_func=lambda n: numbers.decimal(n, 0),
            required=True,
            on_change=visit.if_known("draws", stress_draws.SIZES, partial(_ask, "draws")),
        )
        st.session_state["seed"] = str(seed)  # to which a field goes back that is emptied or holds no seed
        st.text_input(
            _("Seed"),
            key="seed",
            max_chars=len(str(choices.LARGEST_SEED)),
            width=140,
            help=_("The same seed gives the same draws, so that others get your figures exactly."),
            on_change=_seed,
        )
        st.button(_("Run"), key="run_draws", type="primary", on_click=_start)
    if refused := st.session_state.pop(SEED_REFUSED, None):
        st.error(refused)
    st.caption(
        _(
            "The link of this page asks for these draws: whoever opens it and presses “Run” gets the same "
            "figures."
        )
        + "\n\n"
        + _(
            "Every lever strays around your scenario as far as the data say it may; all draws go through the "
            "same model. It says what follows from those ranges, which are judgement. It is no forecast."
        )
    )
    if st.session_state.pop(WANTED, False):
        _run(scenario, n, seed)
    known = stress_draws.known()
    if known.broken_off == stress_draws.FAILED:
        of_an_earlier = _("The run broke off. The results below are those of an earlier run.")
        st.error(of_an_earlier if known.run else _("The run broke off."))
    elif known.broken_off == stress_draws.STOPPED:
        st.caption(_("The run was stopped; nothing of it was kept."))
    if (result := known.run) is not None:
        if result.scenario != scenario or result.data != cached.data():
            today = Scenario.default(result.data[1])
            untouched = result.scenario == today
            which = _("today's data") if untouched else figures.moved(today, result.scenario)
            st.info(_("These results belong to an earlier scenario: {moved}.").format(moved=which))
        elif (result.n, result.seed) != (n, seed):
            earlier = _("The results below are of {n} draws with seed {seed}.")
            st.caption(earlier.format(n=numbers.decimal(result.n, 0), seed=result.seed))
        _results(result)
    elif not known.broken_off:
        st.caption(_("Nothing has been run yet."))


def _ask(what: str, value: int) -> None:
    address.set_choice(what, str(value))


def _seed() -> None:
    """Take a seed that was typed, or say what it can be."""
    visit.own_event()
    typed = st.session_state["seed"].strip()
    if choices.sound("seed", typed) is not None:
        _ask("seed", int(typed))
    elif typed:
        most = numbers.decimal(choices.LARGEST_SEED, 0)
        st.session_state[SEED_REFUSED] = _("A seed is a whole number from 0 to {most}.").format(most=most)


def _start() -> None:
    st.session_state[WANTED] = True  # not the button's own value: a run that starts over has lost it
    for key, value in zip(("draws", "seed"), stress_draws.asked(), strict=True):
        address.set_choice(key, str(value))


def _run(scenario: Scenario, n: int, seed: int) -> None:
    """Run the draws here and now, with a bar; a press of "Stop" ends this run of the page."""
    place = st.empty()
    with place.container():
        bar = st.empty()
        st.button(_("Stop"), key="stop_draws", on_click=visit.own_event)

    def tell(done: int, n: int) -> None:
        text = _("{done} of {n} draws").format(done=numbers.decimal(done, 0), n=numbers.decimal(n, 0))
        if cached.TURNS.waiting:
            text += " · " + _("other visits are drawing too, and take turns with yours")
        bar.progress(done / n, text=text)

    tell(0, n)
    stress_draws.make(cached.snapshot(), scenario, cached.data(), n, seed, tell)
    place.empty()


def _chance(probability: float, error: float) -> str:
    if numbers.missing(error):
        return numbers.percent(probability)
    return f"{numbers.percent(probability)} ± {numbers.percent(error)}"


def _results(run: stress_draws.Run) -> None:
    """Four drawings of one run: failures, calls, coverage, losses."""
    found = run.result
    reading = cached.read(run.scenario)
    last = reading["last_quarter"]
    labels = reading["quarters"][: last + 1]
    before = cached.baseline()
    likely = sorted(cached.named(), key=lambda who: -found.failures[who].probability)
    first = found.failures[likely[0]]
    text = (
        _("In {n} draws **{who}** fails most often before the end of {year}: {chance}.")
        if first.probability > 0
        else _(
            "In {n} draws none of the {named} fails before the end of {year}; the chance is "
            "likely below {rare}."
        )
    )
    st.markdown(
        text.format(
            n=numbers.decimal(found.n, 0),
            named=spans.named(),
            who=words.name(likely[0]),
            year=run.scenario["h"],
            chance=_chance(first.probability, first.standard_error),
            rare=numbers.percent(found.rare),
        )
    )
    left, right = st.columns(2, gap="large")
    with left:
        _failures(found, labels, likely)
        _calls(found, before, last)
    with right:
        _coverage(found, labels, before)
        _losses(found, before)


def _failures(found, labels, likely) -> None:
    chosen = [who for who in likely if found.failures[who].by_quarter[len(labels) - 1] > 0][:5]
    paths = {words.name(who): found.failures[who].by_quarter[: len(labels)].tolist() for who in chosen}
    colours = {words.name(who): charts.entity_colour(who) for who in chosen}
    chances = [
        f"{words.name(who)} {_chance(one.probability, one.standard_error)}"
        for who, one in ((who, found.failures[who]) for who in likely)
    ]
    told = " · ".join((*chances, _("± is one standard error")))
    title = _("How likely is failure?")
    charts.show(
        stress_charts.rising(labels, paths, colours, write=numbers.percent) if paths else None,
        key="failures",
        title=title,
        caption=_("Share of the draws in which the company has failed by then"),
        alt=_("Probability of having failed by each quarter, per company"),
        note=told,
        empty=told,
    )
    every = [(who, q) for who in likely for q in range(len(labels))]
    tables.behind(
        {
            _("Company"): [words.name(who) for who, _q in every],
            _("Quarter"): [labels[q] for _who, q in every],
            _("Probability of having failed"): [float(found.failures[w].by_quarter[q]) for w, q in every],
            _("Standard error"): [float(found.failures[w].by_quarter_error[q]) for w, q in every],
        },
        key="failures",
        of=title,
        note=_("± is the standard error: repeated with another seed, two in three results lie within it."),
    )


def _calls(found, before, last) -> None:
    base = cached.by_id(before, "guarantors")
    rows = [
        _span(words.name(giver), one, measures.called(base[giver], last))
        for giver, one in found.calls.items()
    ]
    title = _("What would the guarantors be called for?")
    charts.show(
        stress_charts.spans(rows, colour=charts.ALARM[charts.mode()]),
        key="calls",
        title=title,
        caption=_("USD bn · dot: expected · ring: today's data · bars: half and nine tenths of the draws"),
        alt=_("Expected calls per guarantor and the range of nine in ten draws"),
    )
    _estimates(found.calls, _("Guarantor"), "calls", title)


def _coverage(found, labels, before) -> None:
    quantiles = found.paths[stress_draws.PATH][:, : len(labels)]
    base = cached.by_id(before, "companies")["coreweave"]["interest_coverage"][: len(labels)]
    base = [*base, *([None] * (len(labels) - len(base)))]
    fig = stress_charts.bands(
        labels,
        quantiles,
        base,
        colour=charts.entity_colour("coreweave"),
        write=numbers.turns,
        words=(_("middle draw"), _("nine in ten"), _("today's data")),
        threshold=(1.0, _("pays its interest")),
        ceiling=CEILING,
        known_quarters=cached.known_quarters(),
        known=[at for at in cached.actuals("coreweave", "interest_coverage") if at[0] < len(labels)],
    )
    title = _("Can CoreWeave pay its interest?")
    charts.show(
        fig,
        key="bands",
        title=title,
        caption=_(
            "EBITDA per dollar of interest · line: middle draw · bands: half and nine tenths of the draws"
        ),
        alt=_("Likely range of CoreWeave's EBITDA per dollar of interest, by quarter"),
    )
    columns = {_("Quarter"): labels}
    columns |= {f"{q} %": quantiles[i].tolist() for i, q in enumerate((5, 25, 50, 75, 95))}
    tables.behind(columns | {_("today's data"): base}, key="bands", of=title)


def _losses(found, before) -> None:
    base = cached.by_id(before, "funds")
    rows = [_span(words.name(fund), one, base[fund]["loss"]) for fund, one in found.losses.items()]
    title = _("What would the funds lose?")
    charts.show(
        stress_charts.spans(rows, colour=charts.ACCENT[charts.mode()]),
        key="losses",
        title=title,
        caption=_(
            "USD bn short of schedule · dot: expected · ring: today's data · bars: half and nine tenths"
        ),
        alt=_("Expected loss per fund and the range of nine in ten draws"),
    )
    _estimates(found.losses, _("Fund"), "losses", title)


def _span(name: str, one, before: float) -> stress_charts.Span:
    """One row of likely USD bn: in words short enough to stand above its bars on a phone."""
    text = _("{mean} expected (± {error}), one in twenty above {high}")
    line = text.format(
        mean=numbers.decimal(one.mean, 2),
        error=numbers.decimal(one.standard_error, 2),
        high=numbers.decimal(one.quantiles[95], 1),
    )
    unit, today = _("billions of dollars"), _("today's data")
    hover = f"{name}, {unit}<br>{line}<br>{today}: {numbers.decimal(before, 1)}"
    return stress_charts.Span(
        name, [one.quantiles[q] for q in (5, 25, 50, 75, 95)], one.mean, before, line, hover
    )


def _estimates(found, heading: str, key: str, of: str) -> None:
    columns: dict[str, list] = {heading: [words.name(who) for who in found]}
    columns[_("Expected")] = [one.mean for one in found.values()]
    columns[_("Standard error")] = [one.standard_error for one in found.values()]
    for q in (5, 25, 50, 75, 95):
        columns[f"{q} %"] = [one.quantiles[q] for one in found.values()]
    tables.behind(columns, key=key, of=of)
