"""The lever panel: widgets drawn from the scenario, failure strips, presets, undo and redo.

Widgets never own a value. Before each is drawn its state is set from the scenario; when it moves, its
callback hands the new value to `state.move`. So a link can carry 10.37 on a slider that moves in whole steps.
"""

from __future__ import annotations

from functools import partial

import streamlit as st

from core.questions.explore import Strip
from core.scenario.levers import Lever, Scenario, levers
from core.scenario.presets import Preset, presets
from pages.kit.drawing import charts, plot
from pages.kit.frame import address, snapshots
from pages.kit.visit import cached, on_request, visit
from pages.kit.words import numbers, words
from pages.kit.words.catalogue import _, ngettext
from pages.kit.words.words import CHOICES, GROUPS, LEVERS, name

MAIN = "main"
DRAWER = "drawer_"  # before the keys of the second panel
STEPS_SHOWN = 12


def panel(where: str = "") -> None:
    """Draw the panel: stories, main levers with their failure strips, steps, and the others on request.

    `where` goes before the keys of its widgets: there are two panels, in the sidebar and in the drawer.
    """
    if not where:
        st.header("Backstop", anchor=False)
    _presets(where)
    strips = {strip.lever: strip for strip in cached.strips(visit.scenario())}
    with st.container(gap="xsmall"):
        for lever in levers():
            if lever.group == MAIN:
                _main_lever(lever, strips[lever.id], where)
    _history(where)
    if _unfolded(_("More levers"), _("Fewer levers"), key=f"{where}more_levers"):
        _more_levers(where)


def one(where: str) -> None:
    """Draw one main lever alone: the first that has been touched, else the first there is."""
    strips = {strip.lever: strip for strip in cached.strips(visit.scenario())}
    main = [lever for lever in levers() if lever.group == MAIN]
    chosen = next((lever for lever in main if lever.id in visit.step().touched), main[0])
    _main_lever(chosen, strips[chosen.id], where)


def _unfolded(more: str, fewer: str, *, key: str) -> bool:
    """Draw a button that shows or hides what comes under it; return whether it shows now.

    Thirteen levers that nobody sees would slow down every move. `st.expander` opens with an animation, and at
    its end Streamlit 1.67 makes it short again for a moment: the browser scrolls the panel up as far as it
    then goes, away from under the pointer of whoever scrolled down meanwhile, and the click is lost.
    """
    unfolded = st.session_state.get(key, False)
    st.button(
        fewer if unfolded else more,
        key=f"{key}_button",
        icon=":material/keyboard_arrow_down:" if unfolded else ":material/keyboard_arrow_right:",
        type="tertiary",
        on_click=_fold,
        args=(key, not unfolded),
    )
    return unfolded


def _fold(key: str, unfolded: bool) -> None:
    visit.own_event()
    st.session_state[key] = unfolded


def _more_levers(where: str) -> None:
    for group in GROUPS:
        st.markdown(f"**{_(GROUPS[group])}**")
        for lever in levers():
            if lever.group == group:
                _small_lever(lever, where)


def drawer() -> None:
    """Open the levers in a drawer, for whoever has the sidebar closed: on a phone, or by hand for good.

    The drawer runs by itself, so it says the headline too; the page follows when it is closed.
    """
    st.dialog(_("Levers"), position="left", on_dismiss=visit.own_event)(_drawer)()


def _drawer() -> None:
    visit.part_begins()
    st.markdown(words.headline(cached.headline()))
    panel(DRAWER)
    address.write_address(DRAWER)


def _presets(where: str) -> None:
    known = {preset.id: preset for preset in presets()}
    here = visit.scenario()
    data = visit.step().snapshot
    match = next((p.id for p in known.values() if p.on(data).replace(h=here["h"]) == here), None)
    key, ids = f"{where}preset", list(known)
    default = visit.draw_value(key, match)
    st.selectbox(
        _("Start from a story"),
        ids,
        index=ids.index(default) if default in ids else None,
        key=key,
        placeholder=_("Your own scenario"),
        format_func=lambda preset: known[preset].title[visit.language()],
        on_change=visit.widget_moved,
        args=(key, partial(_take_preset, known)),
        help=known[match].question[visit.language()] or None if match else None,
    )


def _take_preset(known: dict[str, Preset], chosen: str | None) -> None:
    if chosen in known:  # after a switch of language the browser still sends the label of the other one
        visit.take_preset(known[chosen])


def try_this(ids: tuple[str, ...]) -> None:
    """Offer presets to pick from, for a first visit."""
    known = {preset.id: preset for preset in presets()}
    st.session_state["try_this"] = None
    st.pills(
        _("Try this"),
        ids,
        format_func=lambda preset: known[preset].title[visit.language()],
        key="try_this",
        required=True,  # else the second of two quick clicks takes the first one back
        label_visibility="collapsed",
        on_change=lambda: _take_preset(known, st.session_state["try_this"]),
    )


def _move(lever: Lever, value: object) -> None:
    if value is None:  # an emptied number field, or a choice clicked away: what was is kept, and shown again
        return
    if lever.choices and value not in lever.choices:  # the label of another language
        return
    # a slider that starts between its stops sends 18.999999999999996 for 19
    value = int(value) if lever.kind == "year" else round(value, 6) if lever.kind == "number" else value
    visit.move(**{lever.id: value})


def _from_scenario(lever: Lever, key: str) -> dict:
    """Return what makes a widget show a lever and hand on where it is moved: value, key and callback."""
    value = visit.scenario()[lever.id]
    value = visit.draw_value(key, float(value) if lever.kind == "number" else value)
    return {"value": value, "key": key, "on_change": visit.widget_moved, "args": (key, partial(_move, lever))}


def _main_lever(lever: Lever, strip: Strip, where: str) -> None:
    title, per, help_text = _texts(lever)
    st.number_input(
        f"{title} ({per})",
        **_range(lever),
        format="%g",
        help=help_text,
        **_from_scenario(lever, f"{where}field_{lever.id}"),
    )
    st.slider(
        title,
        **_range(lever),
        format=_number_format(),
        label_visibility="collapsed",
        **_from_scenario(lever, f"{where}slider_{lever.id}"),
    )
    text = _strip_text(lever, strip)
    today = _("Today's data: {value}").format(value=_value(lever, visit.today()))
    plot.draw_strip(_strip(lever, strip), key=f"{where}strip_{lever.id}", alt=text, note=f"{text}\n{today}")


def _number_format() -> str:
    """Let the browser write a slider's value when it speaks the reader's language; it knows no other."""
    return "localized" if (st.context.locale or "").lower().startswith(visit.language()) else "%g"


def _texts(lever: Lever) -> tuple[str, str, str]:
    """Return title, unit in words and help of a lever; empty stays empty (gettext gives "" a meaning)."""
    title, per, help_text = (_(text) if text else "" for text in LEVERS[lever.id])
    return title, per, help_text


def _range(lever: Lever) -> dict:
    """Return the lowest value, the highest and the step for a widget, of one type."""
    kind = int if lever.kind == "year" else float
    return {"min_value": kind(lever.low), "max_value": kind(lever.high), "step": kind(lever.step)}


def _small_lever(lever: Lever, where: str) -> None:
    title, per, help_text = _texts(lever)
    label = f"{title} :gray[{per}]" if per else title
    common = {"help": help_text, **_from_scenario(lever, f"{where}lever_{lever.id}")}
    if lever.kind == "yesno":
        st.toggle(label, **common)
    elif lever.kind == "choice":
        common["default"] = common.pop("value")
        st.segmented_control(
            label, list(lever.choices), format_func=lambda option: _(CHOICES[option]), **common
        )
    else:
        mark = {"%": "%g %%", "%/year": "%g %%", "bp": "%g bp", "year": "%d"}.get(lever.unit, "%g")
        st.slider(label, **_range(lever), format=mark, **common)


def _strip(lever: Lever, strip: Strip) -> str:
    marks = []
    for value, who, _way in _breaks(lever, strip):
        more = f" (+{len(who) - 1})" if len(who) > 1 else ""
        marks.append((value, f"{name(who[0])} {_about(lever, value)}{more}"))
    current = float(visit.scenario()[lever.id])
    return charts.strip(strip.values.tolist(), strip.failed.tolist(), marks, current=current)


def _about(lever: Lever, value: float) -> str:
    """Write a place on a strip with the digits that a picture deserves."""
    return numbers.lever_value(round(float(value), 0 if lever.step >= 1 else 1), lever.unit)


def _failed(count: int) -> str:
    return (
        ngettext("{count} fails", "{count} fail", count).format(count=count) if count else _("nobody fails")
    )


def nearest() -> None:
    """Say in one line which breaking point is nearest, the rest on request; a closed panel shows none."""
    declared = {lever.id: lever for lever in levers()}
    strips = [(declared[strip.lever], strip) for strip in cached.strips(visit.scenario())]
    found = []
    for lever, strip in strips:
        current = float(visit.scenario()[lever.id])
        for value, who, _way in _breaks(lever, strip):
            found.append((abs(value - current) / (lever.high - lever.low), lever, value, who))
    label = _("How far from trouble? Nothing changes along the three main levers.")
    if found:
        _distance, lever, value, who = min(found, key=lambda one: one[0])
        label = _("How far from trouble? {lever}: {who} at {value}").format(
            lever=_(LEVERS[lever.id][0]),
            who=numbers.listing([name(company) for company in who]),
            value=_about(lever, value),
        )
    told = [f"**{_(LEVERS[lever.id][0])}**: {_strip_text(lever, strip)}" for lever, strip in strips]
    on_request.popover(label, lambda: st.markdown("\n\n".join(told)), key="nearest", wrap=True)


def _breaks(lever: Lever, strip: Strip) -> list[tuple[float, list[str], str]]:
    """Put companies that break within half a step together: (value, ids, way), neoclouds first."""
    near = lever.step / 2.0
    groups: list[tuple[float, list[str], str]] = []
    for company, value, way in sorted(strip.ticks, key=lambda tick: (tick[2], tick[1])):
        if not groups or groups[-1][2] != way or value - groups[-1][0] > near:
            groups.append((value, [], way))
        groups[-1][1].append(company)
    order = cached.named()
    return sorted((value, sorted(who, key=order.index), way) for value, who, way in groups)


def _strip_text(lever: Lever, strip: Strip) -> str:
    """Say in one line where the nearest breaking points are, on either side of the value of now."""
    breaks = _breaks(lever, strip)
    if not breaks:
        return _("Along the whole lever: {what}.").format(what=_failed(int(strip.failed[0])))
    current = visit.scenario()[lever.id]
    below = [point for point in breaks if point[0] <= current][-1:]
    above = [point for point in breaks if point[0] > current][:1]
    sentences = []
    for value, who, way in below + above:
        if way == "below":
            text = ngettext("{who} fails below about {value}.", "{who} fail below about {value}.", len(who))
        else:
            text = ngettext("{who} fails above about {value}.", "{who} fail above about {value}.", len(who))
        sentences.append(
            text.format(who=numbers.listing([name(company) for company in who]), value=_about(lever, value))
        )
    return " ".join(sentences)


def _history(where: str) -> None:
    past, future = visit.past(), visit.future()
    with st.container(horizontal=True, horizontal_alignment="distribute", gap="xsmall"):
        for label, key, act, can in (
            (_("Undo"), "undo", visit.undo, past),
            (_("Redo"), "redo", visit.redo, future),
            (_("Reset"), "reset", visit.reset, visit.step() != visit.start()),
        ):
            st.button(label, key=f"{where}{key}", on_click=act, disabled=not can, type="tertiary")
        none = not (past or future)
        on_request.popover(_("Steps"), lambda: _steps(where), key=f"{where}steps", disabled=none)


def _steps(where: str) -> None:
    """List the steps of this visit in words; a click goes back, or forward again, to any of them."""
    now = len(visit.past())
    walk = [*visit.past(), visit.step(), *reversed(visit.future())]
    first = max(0, min(now - STEPS_SHOWN // 2, len(walk) - STEPS_SHOWN))
    for i in range(first, min(first + STEPS_SHOWN, len(walk))):
        st.button(
            _what_moved(walk[i - 1], walk[i]) if i else _("Where this visit began"),
            key=f"{where}step_{i}",
            on_click=visit.travel,
            args=(i - now,),
            type="tertiary",
            disabled=i == now,
            icon=":material/chevron_right:" if i == now else None,
        )


def _what_moved(before: visit.Step, now: visit.Step) -> str:
    changed = now.scenario.differs_from(before.scenario)
    if now.snapshot != before.snapshot:  # the others stand as the data have them
        changed = tuple(word for word in changed if word in (*before.touched, *now.touched))
    moved = [lever for lever in levers() if lever.id in changed]
    texts = [
        f"{_(LEVERS[lever.id][0])} {_value(lever, before.scenario)} → {_value(lever, now.scenario)}"
        for lever in moved[:3]
    ]
    if now.edits != before.edits:
        texts.append(_("data edited"))
    if now.snapshot != before.snapshot:
        texts.append(_("data of {date}").format(date=numbers.day(snapshots.date_of(now))))
    return " · ".join(texts) + (" …" if len(moved) > 3 else "") or _("nothing but the link changed")


def _value(lever: Lever, scenario: Scenario) -> str:
    value = scenario[lever.id]
    return _(CHOICES[value]) if lever.kind == "choice" else numbers.lever_value(value, lever.unit)
