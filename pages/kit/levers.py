"""The lever panel: widgets drawn from the scenario, failure strips, presets, undo and redo.

Widgets never own a value. Before each is drawn its state is set from the scenario; when it moves, its
callback hands the new value to `state.move`. So a link can carry 10.37 on a slider that moves in whole steps.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from core import narrative
from core.explore import Strip
from core.scenario import Lever, Preset, Scenario, levers, presets
from pages.kit import cached, charts, numbers, state
from pages.kit.catalogue import _, ngettext
from pages.kit.words import CHOICES, GROUPS, LEVERS, name

MAIN = "main"


def panel() -> dict[str, DeltaGenerator]:
    """Draw the panel in the sidebar and return the empty places for the failure strips, by lever id."""
    st.header("Backstop", anchor=False)
    _presets()
    slots = {lever.id: _main_lever(lever) for lever in levers() if lever.group == MAIN}
    with st.expander(_("More levers"), key="more_levers"):
        for group in GROUPS:
            st.markdown(f"**{_(GROUPS[group])}**")
            for lever in levers():
                if lever.group == group:
                    _small_lever(lever)
    _history()
    return slots


def draw_strips(slots: dict[str, DeltaGenerator]) -> None:
    """Fill the places under the main levers with their failure strips, all from one call into the core."""
    declared = {lever.id: lever for lever in levers()}
    for strip in cached.strips(state.scenario()):
        with slots[strip.lever]:
            _strip(declared[strip.lever], strip)


def _presets() -> None:
    known = {preset.id: preset for preset in presets()}
    here = state.scenario()
    match = next((p.id for p in known.values() if p.scenario.replace(h=here["h"]) == here), None)
    st.session_state["preset"] = match
    st.selectbox(
        _("Start from a story"),
        list(known),
        index=None,
        key="preset",
        placeholder=_("Your own scenario"),
        format_func=lambda key: known[key].title[state.language()],
        on_change=_take_preset,
        args=(known,),
        label_visibility="collapsed",
    )
    if match and match != "base":
        st.caption(known[match].question[state.language()])


def _take_preset(known: dict[str, Preset]) -> None:
    chosen = st.session_state["preset"]
    if chosen:
        state.take_preset(known[chosen])


def try_this(ids: tuple[str, ...]) -> None:
    """Offer presets as buttons, for a first visit."""
    known = {preset.id: preset for preset in presets()}
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.caption(_("Try this"), width="content")
        for key in ids:
            st.button(
                known[key].title[state.language()],
                key=f"try_{key}",
                on_click=state.take_preset,
                args=(known[key],),
                help=known[key].question[state.language()] or None,
            )


def _moved(lever: Lever, key: str) -> None:
    value = st.session_state[key]
    if value is None:  # an emptied number field, or a choice clicked away: keep what was
        state.own_event()
        return
    state.move(**{lever.id: int(value) if lever.kind == "year" else value})


def _draw_from_scenario(lever: Lever, key: str) -> str:
    value = state.scenario()[lever.id]
    st.session_state[key] = float(value) if lever.kind == "number" else value
    return key


def _main_lever(lever: Lever) -> DeltaGenerator:
    title, per, help_text = _texts(lever)
    with st.container(gap="xsmall", key=f"lever_{lever.id}"):
        with st.container(horizontal=True, wrap=False, vertical_alignment="center", gap="small"):
            st.markdown(f"**{title}**  \n:small[:gray[{per}]]", width="stretch")
            st.number_input(
                title,
                *_range(lever),
                format="%g",
                key=_draw_from_scenario(lever, f"field_{lever.id}"),
                on_change=_moved,
                args=(lever, f"field_{lever.id}"),
                label_visibility="collapsed",
                width=104,
                required=True,
            )
        st.slider(
            title,
            *_range(lever),
            format="%g",
            key=_draw_from_scenario(lever, f"slider_{lever.id}"),
            on_change=_moved,
            args=(lever, f"slider_{lever.id}"),
            label_visibility="collapsed",
        )
        slot = st.container(gap="xsmall")
        today = _("Today's data: {value}").format(value=numbers.lever_value(lever.default, lever.unit))
        st.caption(today, help=help_text)
    return slot


def _texts(lever: Lever) -> tuple[str, str, str]:
    """Return title, unit in words and help of a lever; empty stays empty (gettext gives "" a meaning)."""
    title, per, help_text = (_(text) if text else "" for text in LEVERS[lever.id])
    return title, per, help_text


def _range(lever: Lever) -> tuple:
    """Return low, high, value and step for a widget, of one type; the value stands in the widget's state."""
    kind = int if lever.kind == "year" else float
    return kind(lever.low), kind(lever.high), None, kind(lever.step)


def _small_lever(lever: Lever) -> None:
    title, per, help_text = _texts(lever)
    label = f"{title} :gray[{per}]" if per else title
    key = _draw_from_scenario(lever, f"lever_{lever.id}")
    common = {"key": key, "on_change": _moved, "args": (lever, key), "help": help_text}
    if lever.kind == "yesno":
        st.toggle(label, **common)
    elif lever.kind == "choice":
        st.segmented_control(
            label, list(lever.choices), format_func=lambda option: _(CHOICES[option]), **common
        )
    else:
        mark = {"%": "%g %%", "%/year": "%g %%", "bp": "%g bp", "year": "%d"}.get(lever.unit, "%g")
        st.slider(label, *_range(lever), format=mark, **common)


def _strip(lever: Lever, strip: Strip) -> None:
    def write(value: float) -> str:
        return numbers.lever_value(round(float(value), 0 if lever.step >= 1 else 1), lever.unit)

    def words_failed(count: int) -> str:
        return (
            ngettext("{count} fails", "{count} fail", count).format(count=count)
            if count
            else _("nobody fails")
        )

    current = state.scenario()[lever.id]
    breaks = _breaks(strip)
    text = _strip_text(breaks, current, write)
    marks = []
    for value, who, _way in breaks:
        more = f" (+{len(who) - 1})" if len(who) > 1 else ""
        marks.append((value, f"{name(who[0])} {write(value)}{more}"))
    fig = charts.strip(
        strip.values.tolist(),
        strip.failed.tolist(),
        marks,
        current=current,
        write=write,
        words_failed=words_failed,
    )
    charts.show(fig, key=f"strip_{lever.id}", alt=text or words_failed(int(strip.failed[0])))
    st.caption(text or _("Along the whole lever: {what}.").format(what=words_failed(int(strip.failed[0]))))


def _breaks(strip: Strip) -> list[tuple[float, list[str], str]]:
    """Put companies that break at one place in one way together: (value, ids, way), neoclouds first."""
    places: dict[tuple[float, str], list[str]] = {}
    for company, value, way in strip.ticks:
        places.setdefault((value, way), []).append(company)
    order = (*narrative.NEOCLOUDS, *narrative.LABS)
    return [(value, sorted(who, key=order.index), way) for (value, way), who in sorted(places.items())]


def _strip_text(
    breaks: list[tuple[float, list[str], str]], current: float, write: Callable[[float], str]
) -> str:
    """Say in one line where the nearest breaking points are, on either side of the value of now."""
    below = [point for point in breaks if point[0] <= current][-1:]
    above = [point for point in breaks if point[0] > current][:1]
    sentences = []
    for value, who, way in below + above:
        if way == "below":
            text = ngettext("{who} fails below about {value}.", "{who} fail below about {value}.", len(who))
        else:
            text = ngettext("{who} fails above about {value}.", "{who} fail above about {value}.", len(who))
        sentences.append(
            text.format(who=numbers.listing([name(company) for company in who]), value=write(value))
        )
    return " ".join(sentences)


def _history() -> None:
    with st.container(horizontal=True, horizontal_alignment="distribute"):
        st.button(
            _("Undo"),
            key="undo",
            on_click=state.undo,
            disabled=not state.past(),
            type="tertiary",
            icon=":material/undo:",
        )
        st.button(
            _("Redo"),
            key="redo",
            on_click=state.redo,
            disabled=not state.future(),
            type="tertiary",
            icon=":material/redo:",
        )
        st.button(
            _("Reset"),
            key="reset",
            on_click=state.reset,
            type="tertiary",
            disabled=state.step() == state.Step(Scenario.default()),
        )
    if state.past():
        st.caption(
            _("Last step: {what}").format(what=_what_moved(state.past()[-1].scenario, state.scenario()))
        )


def _what_moved(before: Scenario, now: Scenario) -> str:
    changed = now.differs_from(before)
    moved = [lever for lever in levers() if lever.id in changed]
    words = [
        f"{_(LEVERS[lever.id][0])} {_value(lever, before)} → {_value(lever, now)}" for lever in moved[:3]
    ]
    return " · ".join(words) + (" …" if len(moved) > 3 else "")


def _value(lever: Lever, scenario: Scenario) -> str:
    value = scenario[lever.id]
    return _(CHOICES[value]) if lever.kind == "choice" else numbers.lever_value(value, lever.unit)
