"""What came of an earlier build-out beside the model: defaults, recoveries, a replay, back-test, odds."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import streamlit as st

from core.questions import backtest, odds
from core.results.default_rates import default_rates
from core.scenario.levers import Scenario
from core.scenario.presets import preset
from core.sources import facts, history
from core.web.snapshot import Row
from core.web.web import NEOCLOUDS, snapshots
from pages.kit.drawing import charts, past, series
from pages.kit.drawing.past import Bar, Column, Miss
from pages.kit.drawing.plot import Figure
from pages.kit.drawing.series import Panel
from pages.kit.parts import back_test as told_back
from pages.kit.parts import provenance, tables
from pages.kit.parts.chances import QUICK
from pages.kit.parts.history import DEFAULTS, computed, name, spread, worst_year
from pages.kit.parts.looks import today
from pages.kit.visit import cached, visit
from pages.kit.words import figures, numbers, words
from pages.kit.words.catalogue import N_, _

REPLAYED = "glut"
CARRIERS = "clec_market_value"
GOT_BACK = (
    "history.worldcom_bond_price_at_filing",
    "history.worldcom_intermedia_bond_price_at_filing",
    "history.worldcom_mci_bond_price_at_filing",
    "history.worldcom_recovery_main_creditors",
    "history.worldcom_mci_holdout_settlement",
    "history.moodys_recovery_1999",
    "history.hy_recovery_2001_2002",
    "history.telecom_bond_recovery_2001_2002",
)
SHOWN = (
    "revenue",
    "ebitda",
    "interest",
    "principal",
    "debt",
    "cash",
)  # of CoreWeave, with the dots of reports
NETWORKS, LINES = "history.network_utilisation_2002", "history.bandwidth_price_stm1_us_uk"
HAPPENED = (
    N_("Use of what was built, at its lowest"),
    N_("Price of its use, at its lowest, against the start"),
    N_("Debt that went bad in a year, at worst"),
    N_("Newcomers that failed"),
    N_("Credit of suppliers that was lost, promises that are called"),
)


def _sources(rows: Sequence[Row]) -> Callable[[], None]:
    """Return what writes the sources of what stands in a chart."""
    return lambda: st.markdown(provenance.lines(rows))


def _rows(*ids: str) -> list[Row]:
    return facts.rows(cached.snapshot(), ids)


# ---------------------------------------------------------------- defaults and recoveries


def credit() -> None:
    """Show defaults by year, market values and recoveries of then beside what the model gives."""
    left, right = st.columns(2, gap="large")
    with left:
        defaults()
        _carriers()
    with right:
        _recoveries()


def defaults() -> None:
    """Draw what fails in a year, then and here."""
    title = _("What fails in a year")
    charts.show(
        _defaults_figure,
        key="defaults",
        title=title,
        caption=_(
            "% · grey: US junk bonds, by amount · colour: companies of this web, expected in {n} draws "
            "around this scenario, by number · ring: today's data"
        ).format(n=QUICK),
        alt=_("Default rate of US junk bonds by year, beside the share of companies expected to fail here"),
        note=_(
            "The one counts dollars of many hundred issuers, the other heads of few companies: where one "
            "fails, the others are often near."
        ),
    )
    _behind_years(*_expected(visit.scenario()), _("Fails in the year"), key="defaults", of=title)


def _behind_years(
    now: Mapping[int, float], before: Mapping[int, float], head: str, *, key: str, of: str
) -> None:
    """Offer the default rates of then and what a year brings now as a table, with the sources of then."""
    then = history.series(DEFAULTS)
    tables.behind(
        {
            _("Year"): [str(year) for year in (*then, *now)],
            _("Side"): [*[_("Then")] * len(then), *[_("Now")] * len(now)],
            head: [*(float(row.value) for row in then.values()), *now.values()],
            today(): [*[None] * len(then), *before.values()],
        },
        key=key,
        of=of,
        receipt=_sources(list(then.values())),
    )


def _expected(scenario: Scenario) -> tuple[dict[int, float], dict[int, float]]:
    """What is expected to fail in each year, around a scenario and around today's data."""
    calendar, last = cached.snapshot().calendar, cached.read(scenario)["last_quarter"]
    found = cached.failures(scenario, QUICK), cached.failures.today(QUICK, beside=scenario)
    now, before = (odds.yearly(one, calendar, last) for one in found)
    return now, before


def _defaults_figure(scenario: Scenario) -> Figure:
    now, before = _expected(scenario)
    return _by_year(now, before, _("{year}: <b>{rate}</b> of the companies alive"), scenario["h"])


def _by_year(now: dict[int, float], before: dict[int, float], here: str, horizon: object) -> Figure:
    """Draw the default rates of then and what a year brings now beside each other."""
    told = _("{year}: <b>{rate}</b> of US junk bonds")
    then = {year: float(row.value) for year, row in history.series(DEFAULTS).items()}

    def column(year: int, rate: float, text: str, **more: object) -> Column:
        return Column(f"’{year % 100:02}", rate, text.format(year=year, rate=numbers.percent(rate)), **more)

    groups = (
        (_("Then"), [column(year, rate, told) for year, rate in then.items()]),
        (
            _("Now"),
            [
                column(
                    *(year, rate, here),
                    now=True,
                    pale=year > int(str(horizon)),
                    ring=before[year] if before[year] != rate else None,
                )
                for year, rate in now.items()
            ],
        ),
    )
    return past.columns(groups, write=lambda rate: numbers.decimal(100 * rate, 0), height=280)


def _carriers() -> None:
    title = _("What the stock exchange gave for the newcomers")
    then = [row for row in history.rows().values() if row.item.startswith(CARRIERS)]
    now = _rows(*(f"{who}.equity_value" for who in NEOCLOUDS))
    rows = [*then, *now]
    bars = [
        Bar(name(row), float(row.value), numbers.money(row.value), row.table != history.TABLE) for row in rows
    ]
    charts.show(
        lambda _scenario: past.named(bars),
        key="carriers",
        title=title,
        caption=_("Market values in dollars of the day · grey: US local carriers, together"),
        alt=_("Market value of US local carriers as it fell, beside that of three newcomers of today"),
    )
    tables.behind(
        {
            _("Figure"): [name(row) for row in rows],
            _("As of"): [row.as_of for row in rows],
            _("USD bn"): [row.raw for row in rows],
        },
        key="carriers",
        of=title,
        receipt=_sources(rows),
    )


def _recoveries() -> None:
    title = _("What creditors get back")
    charts.show(
        _recoveries_figure,
        key="recoveries",
        title=title,
        caption=_("Of a dollar owed · grey: then · colour: the model, where CoreWeave fails"),
        alt=_("What creditors got back then, beside what the model gives creditors of CoreWeave"),
        note=_(
            "A price at a filing is what a seller got on that day; what the plan paid came later. The "
            "model's are means of the draws, with today's data, in which it fails. Where a range "
            "stands, the bar ends at the value within it that is on record."
        ),
    )
    then = _rows(*GOT_BACK)
    here = [computed(f"recovered.coreweave.{kind}") for kind in cached.recoveries("coreweave")]
    tables.behind(
        {
            _("Who"): [*map(name, then), *(label for label, *_more in here)],
            _("Gets back"): [*(float(row.value) for row in then), *(value for _label, value, _text in here)],
            _("As of"): [*(row.as_of for row in then), *("" for _one in here)],
        },
        key="recoveries",
        of=title,
        receipt=_sources(then),
    )


def _recoveries_figure(_scenario: Scenario) -> Figure:
    rows = [(name(row), float(row.value), spread([row]), False) for row in _rows(*GOT_BACK)]
    for kind in cached.recoveries("coreweave"):
        label, value, written = computed(f"recovered.coreweave.{kind}")
        rows.append((label, value, written, True))
    return past.named([Bar(*row) for row in rows if not numbers.missing(row[1])])


# ---------------------------------------------------------------- replay


def replay() -> None:
    """Offer the story of then as a scenario of now, and show what happened beside what the model gives."""
    story = preset(REPLAYED)
    language, scenario = visit.language(), visit.scenario()
    st.markdown(
        _(
            "**{title}.** {question} The levers take that path through today's web: {moves}. Undo and Back "
            "bring your own scenario again."
        ).format(
            title=story.title[language],
            question=story.question[language],
            moves=figures.moved(visit.baseline(), story.on(visit.step().snapshot).replace(h=scenario["h"])),
        )
    )
    st.button(
        _("Replay"),
        key="replay",
        icon=":material/replay:",
        type="primary",
        on_click=visit.take_preset,
        args=(story,),
        disabled=_is_played(),
    )
    _happened()
    left, right = st.columns(2, gap="large")
    with left:
        market()
    with right:
        _bad_debt()


def _is_played() -> bool:
    scenario = visit.scenario()
    return preset(REPLAYED).on(visit.step().snapshot).replace(h=scenario["h"]) == scenario


def _happened() -> None:
    """Set what happened beside what the model gives in the scenario on the screen."""
    now, rates = cached.read(visit.scenario()), default_rates(cached.read(visit.scenario()).measures)
    last, year, market = now["last_quarter"] + 1, visit.scenario()["h"], now["market"]
    promised = sum(giver["promised"] for giver in now["guarantors"])
    then = (
        [NETWORKS],
        [LINES],
        [worst_year()[1].id],
        ["history.clec_bankruptcies"],
        ["history.vendor_loans_uncollected"],
    )
    here = (
        numbers.percent(min(market["utilisation"][:last]), 0),
        numbers.percent(min(market["price"][:last]) - 1.0, 0),
        numbers.percent(max(rate for at, rate in rates.items() if at <= year)),
        figures.write("failed_count", now["failed_count"]),
        numbers.percent(float(now.measures.value("called_total")[now.i]) / promised, 0),
    )
    rows = [_rows(*ids) for ids in then]
    title = _("What happened then, beside what the model gives in this scenario")
    what, head = [_(one) for one in HAPPENED], _("This scenario, to {year}").format(year=year)
    tables.compare(
        {
            _("What"): what,
            _("Then"): [f"**{spread(found)}**  \n:small[:gray[{name(found[0])}]]" for found in rows],
            head: [f"**{text}**" for text in here],
        },
        alt=title,
    )
    told = {_("What"): what, _("Then"): [spread(found) for found in rows], head: list(here)}
    tables.behind(told, key="happened", of=title, receipt=_sources([row for found in rows for row in found]))


def market() -> None:
    """Draw use and price of computing, beside where they ended then."""
    title = _("Use and price of computing")
    charts.show(
        _market_figure,
        key="replayed",
        title=title,
        caption=_("Dashed: today's data · dotted: where it ended then"),
        alt=_("Use and price of computing in this scenario, beside use of networks and price of lines then"),
    )
    now, before = cached.read(visit.scenario()), cached.baseline()
    columns: dict[str, Sequence] = {_("Quarter"): now["quarters"]}
    for key, head in (("utilisation", _("Capacity in use")), ("price", _("Price against the start"))):
        columns |= {head: now["market"][key], f"{head}, {today()}": before["market"][key]}
    tables.behind(columns, key="replayed", of=title, receipt=_sources(_rows(NETWORKS, LINES)))


def _market_figure(scenario: Scenario) -> Figure:
    now, before = cached.read(scenario), cached.baseline(scenario)
    networks, lines = _rows(NETWORKS, LINES)
    last = now["last_quarter"] + 1

    def panel(title: str, key: str, then: float, told: str, row: Row) -> Panel:
        paths = [[100.0 * value for value in one["market"][key][:last]] for one in (now, before)]
        mark = (100.0 * then, told.format(year=row.as_of[:4]))
        return Panel(title, *paths, lambda value: numbers.percent((value or 0.0) / 100.0, 0), [mark])

    panels = [
        panel(_("Capacity in use, %"), "utilisation", float(networks.value), _("networks, {year}"), networks),
        panel(_("Price, % of the start"), "price", 1.0 + float(lines.value), _("lines, {year}"), lines),
    ]
    return series.multiples(
        now["quarters"][:last],
        panels,
        colour=charts.ACCENT[charts.mode()],
        baseline_name=today(),
        known_quarters=min(cached.known_quarters(), last),
        columns=1,
    )


def _bad_debt() -> None:
    title = _("Debt that goes bad")
    charts.show(
        _bad_debt_figure,
        key="bad_debt",
        title=title,
        caption=_(
            "% of all debt in a year · grey: US junk bonds · colour: this web in this scenario, pale "
            "after the horizon · ring: today's data"
        ),
        alt=_("Default rate of US junk bonds by year, beside that of this web in this scenario"),
        note=_(
            "In the model a company fails when a debt falls due that nobody renews, and with few and large "
            "borrowers much goes bad at once."
        ),
    )
    _behind_years(*_rates(visit.scenario()), _("Goes bad in the year"), key="bad_debt", of=title)


def _rates(scenario: Scenario) -> tuple[dict[int, float], dict[int, float]]:
    """What part of the debt goes bad in each year, in a scenario and with today's data."""
    now, before = (default_rates(one.measures) for one in (cached.read(scenario), cached.baseline(scenario)))
    return now, before


def _bad_debt_figure(scenario: Scenario) -> Figure:
    now, before = _rates(scenario)
    return _by_year(now, before, _("{year}: <b>{rate}</b> of the debt of this web"), scenario["h"])


# ---------------------------------------------------------------- back-test


def back_test() -> None:
    """Run the first data forward, and show every figure that has been reported since."""
    date = snapshots()[0]
    data = ((), date)
    base = cached.read.of(Scenario.default(date), data).measures
    web = base.layout.web
    found = backtest.outcomes(web, base, base)
    st.markdown(
        _(
            "The model starts on {date}, from the data of that day, and runs forward. No rule of it was "
            "fitted to what was reported later."
        ).format(date=numbers.day(date))
    )
    st.markdown(told_back.misses(found))
    left, right = st.columns(2, gap="large")
    with left:
        _lines(web, base)
    with right:
        _all_misses(found)


def _all_misses(found: Sequence[backtest.Outcome]) -> None:
    title = _("How far off each figure is")
    rows: dict[tuple[str, str], list[backtest.Outcome]] = {}
    for one in found:
        if one.miss is not None:
            rows.setdefault((one.entity, one.measure), []).append(one)
    drawn = [
        Miss(
            f"{words.name(who)}, {_(told_back.MEASURES[what])}",
            [
                (
                    one.miss or 0.0,
                    _("{who}, {when}: model <b>{computed}</b>, reported {reported}").format(
                        who=words.name(who),
                        when=numbers.period(one.quarter),
                        computed=told_back.exact(one.computed),
                        reported=told_back.exact(float(one.row.value)),
                    ),
                )
                for one in told
            ],
        )
        for (who, what), told in rows.items()
    ]
    charts.show(
        past.misses(drawn, exact=_("as reported"), write=partial(numbers.percent, digits=0)),
        key="misses",
        title=title,
        caption=_("Model over report, less one · a dot for each period · orange: beyond the edge"),
        alt=_("How far the model is off, for every figure of every company that was reported since"),
    )
    tables.behind(told_back.compared(found), key="misses", of=title)


def _lines(web, base) -> None:
    title = _("CoreWeave, model and reports")
    labels_of, who = base.layout.quarters[:8], "coreweave"
    panels, columns, reported = [], {_("Quarter"): list(labels_of)}, _("reported")
    for measure in SHOWN:
        path = [float(value) for value in base.company(who, measure)[0][: len(labels_of)]]
        known = backtest.reported(web, who, measure)
        dots = [(labels_of.index(when), value) for when, value in known.items() if when in labels_of]
        head = _(told_back.MEASURES[measure])
        if dots:
            panels.append(Panel(head, path, path, numbers.money, known=dots))
            columns[head] = path
            columns[f"{head}, {reported}"] = [known.get(when) for when in labels_of]
    charts.show(
        series.multiples(
            labels_of,
            panels,
            colour=charts.entity_colour(who),
            baseline_name=_("model"),
        ),
        key="past_lines",
        title=title,
        caption=_("USD billion · line: the model from the first data on · dots: reported since"),
        alt=_("Figures of CoreWeave as the model has them from the first data on, with reports as dots"),
    )
    tables.behind(columns, key="past_lines", of=title)


# ---------------------------------------------------------------- odds


def odds_said() -> None:
    """Show the model's odds with dates, and what they are kept for."""
    web, scenario = cached.original(), visit.baseline()
    found = odds.dated(web, scenario, cached.failures.today(odds.DRAWS))
    kept = odds.kept().get(odds.MODEL_VERSION)
    said = _(
        "From the data of {date} model {model} gives these odds that a company has failed by the end of a "
        "year, in {n} draws around today's data. What was said is kept with the version and not changed: "
        "when a year is over, each can be scored."
    )
    st.markdown(
        said.format(
            date=numbers.day(web.snapshot), model=odds.MODEL_VERSION, n=numbers.decimal(odds.DRAWS, 0)
        )
    )
    years = list(dict.fromkeys(one.by for one in found))
    companies = list(dict.fromkeys(one.company for one in found))
    cell = {(one.company, one.by): _odd(one) for one in found}
    tables.compare(
        {
            _("Company"): [f"**{words.name(who)}**" for who in companies],
            **{by[:4]: [cell[who, by] for who in companies] for by in years},
        },
        alt=_("How likely each company is to have failed by the end of each year"),
    )
    judged = _("the ranges in which levers stray are judgement, so this is no forecast")
    st.caption(" · ".join((_("± is one standard error"), judged)))
    tables.behind(
        {
            _("Company"): [words.name(one.company) for one in found],
            _("By"): [one.by for one in found],
            _("Probability of having failed"): [one.probability for one in found],
            _("Standard error"): [one.standard_error for one in found],
        },
        key="odds",
        of=_("Odds that can be scored later"),
        note=_("Kept since: {versions}").format(versions=", ".join(odds.kept())) if kept else "",
    )


def _odd(one: odds.Odds) -> str:
    if one.probability == 0.0:
        return f":gray[< {numbers.percent(1 / odds.DRAWS)}]".replace("< ", f"<{numbers.NBSP}")
    error = numbers.decimal(100.0 * one.standard_error)
    return f"{numbers.percent(one.probability)}  \n:small[:gray[± {error}]]".replace("± ", f"±{numbers.NBSP}")
