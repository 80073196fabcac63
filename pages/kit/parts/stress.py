"""The parts of the Stress page, each drawn only when it is chosen; the chances are in `stress_chances`."""

from __future__ import annotations

from functools import partial

import streamlit as st

from core.questions.distributions import distributions
from core.questions.explore import BreakPoint, Crossing, number_levers
from core.questions.frontier import ReverseStress
from core.results.comparison import FIGURES
from core.scenario.levers import Scenario, lever
from pages.kit.drawing import charts, stress_charts
from pages.kit.frame import address, view
from pages.kit.frame import lever as frame_lever
from pages.kit.parts import tables
from pages.kit.visit import cached, visit
from pages.kit.words import figures, numbers, spans, words
from pages.kit.words.catalogue import N_, _, ngettext
from pages.kit.words.figures import lever_name, lever_setting

NUMBERS = ("g", "r", "u")
SWITCHES = ("gw", "nb", "mr", "fl")
SHOWN = ("coreweave", "terawulf", "fluidstack")
MEASURES = tuple(dict.fromkeys((*figures.TORNADO, *FIGURES)))  # what is asked most stands first
WIDEST = 9  # bars of the tornado
NEAR, FAR = 1.0, 2.0  # standard deviations of a lever: closer than this is alarming, or worth a look
LONGEST_NUMBER = 30  # characters that somebody types
FIELD_WIDTH = 150  # pixels: narrower than where Streamlit adds its hint in English
GO_REFUSED = "go_refused"
CEILING = 6.0  # of interest coverage in a drawing: above it nobody worries

_WAYS = {
    "fails_below": N_("below {value}"),
    "fails_above": N_("above {value}"),
    "always_fails": N_("fails anyway"),
    "never_fails": N_("holds anywhere"),
}


# ---- break-points


def break_points(scenario: Scenario) -> None:
    """Show how far each lever may move before a company breaks: numbers as a table, promises as sentences."""
    found = {word: cached.break_points(scenario, word) for word in (*NUMBERS, *SWITCHES)}
    before = {word: cached.break_points.today(word) for word in NUMBERS}
    spreads = {word: one.spread for word, one in distributions(cached.snapshot(), scenario).items()}
    how = _(
        "Failures to {year}, each lever moved alone, the others as they are. ● nearer than one ordinary "
        "swing of that lever, ◐ nearer than two."
    ).format(year=scenario["h"])
    st.markdown(f"{_nearest(scenario, found, spreads)}\n\n:small[:gray[{how}]]")
    headings = {word: f"{lever_name(word)}  \n:small[:gray[{_now(scenario, word)}]]" for word in NUMBERS}
    rows: dict[str, list[str]] = {_("Fails when"): [f"**{words.name(who)}**" for who in cached.named()]}
    for word in NUMBERS:
        rows[headings[word]] = [
            _cell(scenario, found[word][who], before[word][who], spreads[word]) for who in cached.named()
        ]
    tables.compare(rows, alt=_("Breaking point of each company along each main lever"))
    tables.heading(_("If a promise is broken"))
    tables.facts(
        [(lever_name(word), _switch(scenario, word, found[word])) for word in SWITCHES],
        alt=_("Who fails when a promise is kept or broken"),
    )
    table: dict[str, list] = {_("Company"): [words.name(who) for who in cached.named()]}
    for word in (*NUMBERS, *SWITCHES):
        points = [found[word][who] for who in cached.named()]
        table[lever_name(word)] = (
            [point.value if isinstance(point.value, float) else None for point in points]
            if word in NUMBERS
            else ["" if point.value is None else _(_OPTION[bool(point.value)]) for point in points]
        )
        table[lever_name(word) + " · " + _("what happens")] = [_plain_reason(point) for point in points]
    tables.behind(table, key="break_points", of=_("Breaking points"))


_OPTION = {True: N_("yes"), False: N_("no")}
_REASONS = {
    "fails_below": N_("fails below"),
    "fails_above": N_("fails above"),
    "fails_with": N_("fails with"),
    "survives_with": N_("survives with"),
    "always_fails": N_("fails anyway"),
    "never_fails": N_("holds anywhere"),
}


def _plain_reason(point: BreakPoint) -> str:
    return _(_REASONS[point.reason])


def _now(scenario: Scenario, word: str) -> str:
    return _("now {value}").format(value=lever_setting(word, scenario[word]))


def _way(point: BreakPoint, word: str) -> str:
    return _(_WAYS[point.reason]).format(value=_short(word, point.value))


def _short(word: str, value: object) -> str:
    """A breaking point to one decimal: it is not known better than a reader cares for."""
    return lever_setting(word, round(value, 1) if isinstance(value, float) else value)


def _cell(scenario: Scenario, point: BreakPoint, before: BreakPoint, spread: float) -> str:
    word = point.lever
    text = _way(point, word)
    if isinstance(point.value, float):
        away = abs(point.value - float(scenario[word])) / spread
        dot = ":red[●] " if away < NEAR else ":orange[◐] " if away < FAR else ""
        text = f"{dot}**{text}**"
        if point.others:
            text += " " + _("(and {values})").format(
                values=numbers.listing([_short(word, value) for value in point.others])
            )
    else:
        text = f":gray[{text}]"
    then, today = _way(before, word), _("today's data")
    if then != _way(point, word):
        text += f"  \n:small[:gray[{today}: {then}]]"
    return text


def _nearest(scenario: Scenario, found: dict, spreads: dict) -> str:
    """The one finding of the table, in a sentence."""
    points = [
        (abs(point.value - float(scenario[word])) / spreads[word], word, who, point)
        for word in NUMBERS
        for who, point in found[word].items()
        if who in cached.named() and isinstance(point.value, float)
    ]
    if not points:
        return _("No move of a single main lever changes who fails.")
    _away, word, who, point = min(points, key=lambda one: one[0])
    is_below = float(scenario[word]) < point.value  # the nearest flip: on its wrong side it fails
    text = {
        ("fails_below", False): _(
            "Nearest to its edge: **{who}**, which fails when “{lever}” is below {value}; now {now}."
        ),
        ("fails_above", True): _(
            "Nearest to its edge: **{who}**, which fails when “{lever}” is above {value}; now {now}."
        ),
        ("fails_below", True): _(
            "Nearest to its edge: **{who}**, which fails here and holds when “{lever}” is above {value}; "
            "now {now}."
        ),
        ("fails_above", False): _(
            "Nearest to its edge: **{who}**, which fails here and holds when “{lever}” is below {value}; "
            "now {now}."
        ),
    }[point.reason, is_below]
    return text.format(
        who=words.name(who),
        lever=lever_name(word),
        value=_short(word, point.value),
        now=lever_setting(word, scenario[word]),
    )


def _switch(scenario: Scenario, word: str, points: dict[str, BreakPoint]) -> str:
    """Who falls and who is saved when a promise flips; one switch may do both."""
    kept = bool(scenario[word])
    told = []
    for reason in ("fails_with", "survives_with"):
        flipped = [words.name(who) for who in cached.named() if points[who].reason == reason]
        if flipped:
            told.append(_flip(reason, kept, len(flipped)).format(who=numbers.listing(flipped)))
    if told:
        return "; ".join(told)
    return _("nobody's fate hangs on it") if kept else _("broken; nobody's fate hangs on it")


def _flip(reason: str, kept: bool, count: int) -> str:
    if reason == "fails_with":
        if kept:
            return ngettext("without it **{who}** fails", "without it **{who}** fail", count)
        return ngettext("with it **{who}** fails", "with it **{who}** fail", count)
    if kept:
        return ngettext("without it **{who}** survives", "without it **{who}** survive", count)
    return ngettext("with it **{who}** survives", "with it **{who}** survive", count)


# ---- two levers


def shown_companies() -> tuple[str, ...]:
    """Return the companies whose frontiers are drawn: a view choice such as "terawulf.coreweave"."""
    given = visit.extras().get("who", "")
    known = tuple(who for who in cached.named() if who in given.split("."))
    if given and len(known) < len(given.split(".")):  # data of another date may know more companies
        address.refuse("who", given)
        if known:
            visit.extras()["who"] = ".".join(known)
    return known or cached.those(SHOWN)


def two_levers(scenario: Scenario) -> None:
    """Show who fails over two levers at once; a click or two numbers set the scenario."""
    every = number_levers()
    x = address.choice("xaxis", ("r", *(word for word in every if word != "r")))
    others = tuple(word for word in every if word != x)
    first = "u" if x != "u" else "r"
    if visit.extras().get("yaxis") == x:  # both axes alike is no plane
        address.refuse("yaxis", x)
    y = address.choice("yaxis", (first, *(word for word in others if word != first)))
    companies = shown_companies()
    left, right = st.columns([2.1, 1], gap="large")
    with right:
        _axes(x, y, every, companies)
    with left:
        with st.spinner(_("Running 1,681 scenarios")):
            plane, read = cached.plane(scenario, companies, x, y)
        fig = _plane_figure(scenario, plane)
        key = "plane_" + "_".join(str(value) for value in (*scenario.values, x, y, *companies))
        charts.clickable(
            fig,
            key=key,
            alt=_(
                "How many of {named} companies fail along {x} and {y}, with the line at which each breaks"
            ).format(named=spans.named(), x=lever_name(x), y=lever_name(y)),
            on_click=lambda: _clicked(key, x, y),
            note=_(
                "Green: nobody fails to {year}. Deep orange: all {named} do. On its line a company's fate "
                "flips. Click a place to go there."
            ).format(named=spans.named(), year=scenario["h"]),
        )
        gx = [float(v) for v in plane.x_values for _other in plane.y_values]
        gy = [float(v) for _other in plane.x_values for v in plane.y_values]
        tables.behind(
            {
                lever_name(x): gx,
                lever_name(y): gy,
                _("Companies that fail"): plane.failed_count.ravel().tolist(),
            },
            key="plane",
            of=_("Two levers at once"),
        )
    with right:
        told = [
            _frontier_words(line.company, line.reason, x, y, cuts)
            for line, cuts in zip(plane.frontiers, read, strict=True)
        ]
        where = _("Or say where to go:")
        lines = ("## " + _("In words"), *told, f":small[:gray[{where}]]")
        st.markdown("\n\n".join(lines), anchors=False)
        _go_there(scenario, x, y)
        if refused := st.session_state.pop(GO_REFUSED, None):
            st.error("  \n".join(refused))


def _axes(x: str, y: str, every: tuple[str, ...], companies: tuple[str, ...]) -> None:
    for key, label, value, options in (
        ("xaxis", _("Across"), x, every),
        ("yaxis", _("Upwards"), y, tuple(word for word in every if word != x)),
    ):
        widget = f"{key}_pick"
        st.session_state[widget] = value
        st.selectbox(
            label,
            options,
            key=widget,
            format_func=lever_name,
            on_change=visit.if_known(widget, options, partial(_axis, key, x=x, y=y)),
        )
    st.session_state["who_pick"] = list(companies)
    st.multiselect(
        _("Lines of"), cached.named(), key="who_pick", format_func=words.name, on_change=_companies_picked
    )


def _axis(key: str, chosen: str, *, x: str, y: str) -> None:
    address.set_choice(key, chosen)
    if key == "xaxis" and chosen == y:
        address.set_choice("yaxis", x)


def _companies_picked() -> None:
    chosen = st.session_state["who_pick"]
    if chosen:
        address.set_choice("who", ".".join(chosen))
    else:
        visit.own_event()
        visit.extras().pop("who", None)


def _plane_figure(scenario: Scenario, plane) -> object:
    borders = [
        stress_charts.Border(words.name(line.company), charts.entity_colour(line.company), line.lines)
        for line in plane.frontiers
    ]
    here = (float(scenario[plane.x]), float(scenario[plane.y]))
    today = (float(visit.baseline()[plane.x]), float(visit.baseline()[plane.y]))
    marks = [stress_charts.Mark(*here, _("you are here"), True)]
    if today != here:
        marks.insert(0, stress_charts.Mark(*today, _("today's data"), False))
    titles = tuple(
        f"{lever_name(word)}, {lever(word).unit}"
        if lever(word).unit.startswith(("%", "bp"))
        else lever_name(word)
        for word in (plane.x, plane.y)
    )
    titles = tuple(title.replace("%/year", _("% a year")) for title in titles)
    return stress_charts.plane(
        plane.x_values.tolist(),
        plane.y_values.tolist(),
        plane.failed_count,
        borders,
        marks,
        titles=titles,
        hover=(lever_name(plane.x), lever_name(plane.y), _("Companies that fail:")),
    )


def _clicked(key: str, x: str, y: str) -> None:
    point = charts.clicked(key)
    if point:
        visit.own_event()
        _move({x: point.get("x"), y: point.get("y")})


def _move(asked: dict[str, object]) -> None:
    moves = {}
    for word, value in asked.items():
        one = lever(word)
        if not isinstance(value, int | float):
            return
        value = one.clamp(float(value))
        moves[word] = round(value) if one.kind == "year" else round(value, 4)
    visit.move(**moves)


def _go_there(scenario: Scenario, x: str, y: str) -> None:
    """The same as a click, by keyboard."""
    row = st.form("go_there", border=False).container(
        horizontal=True, vertical_alignment="bottom", gap="small"
    )
    with row:
        for word in (x, y):
            key = f"go_{word}"
            # a field of words: one of numbers has a point in every language, and reads 1,2 as 12
            st.text_input(
                lever_name(word),
                visit.start_from(key, numbers.typed(float(scenario[word]))),
                key=key,
                max_chars=LONGEST_NUMBER,
                width=FIELD_WIDTH,
            )
        st.form_submit_button(_("Go there"), on_click=_go, args=(scenario, (x, y)))


def _go(scenario: Scenario, words: tuple[str, str]) -> None:
    """Move the levers of the form that say something else than the scenario they were drawn for."""
    visit.own_event()
    moves, refused = {}, []
    for word in words:
        text = st.session_state[f"go_{word}"].strip()
        if text == numbers.typed(float(scenario[word])):
            continue
        value, code = frame_lever.read(lever(word), text)
        if value is None:
            refused.append(f"{lever_name(word)}: {frame_lever.reason(lever(word), text, code)}")
        else:
            moves[word] = value
    st.session_state[GO_REFUSED] = refused
    if moves and not refused:
        _move(moves)


def _frontier_words(company: str, reason: str, x: str, y: str, cuts: tuple[Crossing, ...]) -> str:
    """One company's frontier as sentences: "at 9 %, fails when “Capacity in use” is below 71 %"."""
    who = f"**{words.name(company)}**"
    if reason == "always_fails":
        text = _("{who} fails at every combination of “{x}” and “{y}”.")
        return text.format(who=who, x=lever_name(x), y=lever_name(y))
    if reason == "never_fails":
        text = _("{who} holds at every combination of “{x}” and “{y}”.")
        return text.format(who=who, x=lever_name(x), y=lever_name(y))
    groups: dict[str, list[str]] = {}
    for cut in cuts:
        groups.setdefault(_spans(y, cut), []).append(_short(x, _neat(x, cut.x)))
    told = _("with “{x}” at {values} {fails}")
    parts = [
        told.format(x=lever_name(x), values=numbers.listing(values), fails=fails)
        for fails, values in groups.items()
    ]
    return f"{who}: " + "; ".join(parts) + "."


def _neat(word: str, value: float) -> float | int:
    return round(value) if lever(word).kind == "year" else value


def _spans(word: str, cut: Crossing) -> str:
    if not cut.fails:
        return _("it never fails")
    told = []
    for low, high in cut.fails:
        if low is None and high is None:
            return _("it always fails")
        if low is None:
            told.append(_("below {value}").format(value=_whole(word, high)))
        elif high is None:
            told.append(_("above {value}").format(value=_whole(word, low)))
        else:
            text = _("between {low} and {high}")
            told.append(text.format(low=_whole(word, low), high=_whole(word, high)))
    return _("it fails when “{y}” is {where}").format(y=lever_name(word), where=numbers.listing(told))


def _whole(word: str, value: float) -> str:
    return lever_setting(word, _neat(word, round(value, 0 if lever(word).high > 50 else 1)))


# ---- one lever at a time


def tornado(scenario: Scenario) -> None:
    """Show what each lever alone does to one figure."""
    known = cached.figures()
    offered = [one for one in MEASURES if one in known]
    measure = address.choice("measure", offered)
    view.select("measure", measure, offered, label=_("What it does to"), name=figures.label)
    rows = cached.tornado(scenario, measure)
    before = cached.tornado(visit.baseline(), measure)[0].base
    tiny = 1e-9
    acting = [row for row in rows if row.span > tiny or abs(row.at_low - row.base) > tiny][:WIDEST]
    acting = [row for row in acting if not any(map(numbers.missing, (row.at_low, row.at_high, row.base)))]
    if not acting:
        st.caption(_("No single lever, moved within its likely range, changes this figure."))
        return
    most = acting[0]
    text = _("Most depends on **{lever}**: from {low} to {high}.")
    finding = text.format(
        lever=lever_name(most.lever),
        low=_end(measure, most.lever, most.low_value, most.at_low),
        high=_end(measure, most.lever, most.high_value, most.at_high),
    )
    bars = [
        stress_charts.Bar(
            lever_name(row.lever),
            row.at_low,
            row.at_high,
            _short(row.lever, row.low_value),
            _short(row.lever, row.high_value),
            "<br>".join(
                (
                    lever_name(row.lever),
                    _end(measure, row.lever, row.low_value, row.at_low),
                    _end(measure, row.lever, row.high_value, row.at_high),
                    _("today's data") + ": " + figures.write(measure, before),
                )
            ),
        )
        for row in acting
    ]
    base = acting[0].base
    fig = stress_charts.tornado(
        bars,
        base,
        before,
        base_words=_("now: {value}").format(value=figures.write(measure, base)),
        before_words=_("today's data: {value}").format(value=figures.write(measure, before)),
    )
    notes = [
        _(
            "Each lever goes from the low to the high end of its likely range (nine times in ten it stays "
            "within), years and choices from end to end; its setting stands at the end of the bar."
        ),
        _("Failures, sums and returns count to {year}, cover and leverage at its end.").format(
            year=scenario["h"]
        ),
    ]
    if FIGURES[measure] == "quarter":
        notes.append(_("A company that holds counts as failing after {end}.").format(end=spans.end()))
    charts.show(
        fig,
        key="tornado",
        caption=finding,
        alt=_("What each lever alone does to: {figure}").format(figure=figures.label(measure)),
        note=" ".join(notes),
    )
    tables.behind(
        {
            _("Lever"): [lever_name(row.lever) for row in rows],
            _("Low setting"): [str(_short(row.lever, row.low_value)) for row in rows],
            _("High setting"): [str(_short(row.lever, row.high_value)) for row in rows],
            _("Figure at the low setting"): [row.at_low for row in rows],
            _("Figure at the high setting"): [row.at_high for row in rows],
            _("As things stand"): [row.base for row in rows],
        },
        key="tornado",
        of=_("What matters most"),
    )


def _end(measure: str, word: str, setting: object, value: float) -> str:
    return _("{value} at {setting}").format(
        value=figures.write(measure, value), setting=_short(word, setting)
    )


# ---- the least unusual break


def reverse(scenario: Scenario) -> None:
    """Show the least unusual scenario that breaks, or saves, a company."""
    company = view.pick("which", label=_("Company"), name=words.name)
    with st.spinner(_("Looking for the least unusual way")):
        found = cached.reverse_stress(scenario, company)
    st.markdown(_reverse_words(found))
    if found.scenario is None:
        return
    tables.compare(
        {
            _("Lever"): [lever_name(move.lever) for move in found.moves],
            _("From"): [lever_setting(move.lever, move.start) for move in found.moves],
            _("To"): [_short(move.lever, move.end) for move in found.moves],
            _("How unusual alone"): [
                _("{count} ordinary swings").format(count=numbers.decimal(abs(move.deviations), 1))
                for move in found.moves
            ],
        },
        alt=_("The moves of the least unusual scenario"),
    )
    st.button(
        _("Go there"),
        key="go_reverse",
        type="primary",
        on_click=lambda: visit.move(**{move.lever: move.end for move in found.moves}),
    )
    st.caption(
        _(
            "An ordinary swing is one standard deviation of the lever as declared in the data; moves that go "
            "together, such as falling demand and dearer credit, count once. The search is thorough but not "
            "exhaustive: a nearer way may exist. At most one promise or choice is flipped."
        )
    )


def _reverse_words(found: ReverseStress) -> str:
    who = words.name(found.company)
    if found.scenario is None:
        text = (
            _("Within four ordinary swings nothing was found that breaks **{who}**.")
            if found.goal == "breaks"
            else _("Within four ordinary swings nothing was found that saves **{who}**.")
        )
        return text.format(who=who)
    text = (
        _("The least unusual scenario that breaks **{who}**: {moves}. It lies {count} ordinary swings away.")
        if found.goal == "breaks"
        else _(
            "**{who}** fails here. The least unusual scenario that saves it: {moves}. It "
            "lies {count} ordinary swings away."
        )
    )
    moves = numbers.listing(
        [f"{lever_name(move.lever)} {_short(move.lever, move.end)}" for move in found.moves]
    )
    return text.format(who=who, moves=moves, count=numbers.decimal(found.distance, 1))
