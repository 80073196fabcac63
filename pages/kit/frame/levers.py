"""The lever panel: widgets drawn from the scenario, failure strips, presets, undo and redo.

Widgets never own a value. Before each is drawn its state is set from the scenario; when it moves, its
callback hands the new value to `visit.move`. Numbers are levers of our own (`lever`).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path

import streamlit as st

from core.scenario.levers import Lever, Scenario, levers
from core.scenario.presets import Preset, presets
from pages.kit.frame import address, snapshots
from pages.kit.frame import lever as own
from pages.kit.visit import cached, on_request, visit
from pages.kit.words import answer, numbers
from pages.kit.words.catalogue import _
from pages.kit.words.words import CHOICES, GROUPS, LEVERS, SHORT

MAIN = "main"
DRAWER = "drawer_"  # before the keys of the second panel
STEPS_SHOWN = 12
STEPS = {"undo": visit.undo, "redo": visit.redo, "reset": visit.reset}
_buttons = st.components.v2.component(
    "backstop_history",
    html='<div class="backstop-steps"></div>',
    js=Path(__file__).with_name("history.js").read_text(encoding="utf-8"),
    css=Path(__file__).with_name("history.css").read_text(encoding="utf-8"),
    isolate_styles=False,
)


def panel(where: str = "") -> None:
    """Draw the panel: stories, main levers with their failure strips, steps, and the others on request.

    `where` goes before the keys of its widgets: there are two panels, in the sidebar and in the drawer.
    """
    strips = {strip.lever: strip for strip in cached.strips(visit.scenario())}
    mains = [lever for lever in levers() if lever.group == MAIN]
    with st.container(key=f"{where}panel", gap="xsmall"):
        _presets(where)
        for lever in mains:
            own.draw(lever, where, strips[lever.id], key=lever is mains[-1])
        _history(where)
        if _unfolded(_("More levers"), _("Fewer levers"), key=f"{where}more_levers"):
            _more_levers(where)


def sheet() -> None:
    """Draw one main lever at the foot of a phone, live with the page; a second tap on its name folds it.

    The others are one tap away, and behind them all levers with the stories.
    """
    strips = {strip.lever: strip for strip in cached.strips(visit.scenario())}
    mains = {lever.id: lever for lever in levers() if lever.group == MAIN}
    touched = (word for word in visit.step().touched if word in mains)
    chosen = st.session_state.setdefault("sheet", next(touched, next(iter(mains))))
    with st.container(key="sheet", gap=None):
        names = "sheet_names" if chosen else "sheet_folded"  # so that room is kept before the lever comes
        with st.container(key=names, horizontal=True, horizontal_alignment="distribute", gap=None):
            st.session_state["sheet_lever"] = chosen or None
            st.segmented_control(
                _("Lever, folded by a second tap"),
                list(mains),
                format_func=lambda word: _(SHORT[word]),
                key="sheet_lever",
                on_change=partial(_unfold, list(mains)),
                label_visibility="collapsed",
            )
            opener()
        if chosen:
            own.draw(mains[chosen], "", strips[chosen])
            _history("", steps=False)


def _unfold(ids: list[str]) -> None:
    visit.own_event()
    chosen = st.session_state["sheet_lever"]
    if chosen is None or chosen in ids:  # after a switch of language the browser may send another label
        st.session_state["sheet"] = chosen or ""


def opener() -> None:
    """Draw the button that opens all levers in a drawer."""
    on_request.dialog(_("Levers"), "levers", ":material/tune:")


def one(where: str) -> None:
    """Draw one main lever alone: the first that has been touched, else the first there is."""
    strips = {strip.lever: strip for strip in cached.strips(visit.scenario())}
    main = [lever for lever in levers() if lever.group == MAIN]
    chosen = next((lever for lever in main if lever.id in visit.step().touched), main[0])
    own.draw(chosen, where, strips[chosen.id])


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
    st.markdown(answer.sentence(cached.headline()))
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
        label_visibility="collapsed",
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
    if value is None:  # a choice clicked away: what was is kept, and shown again
        return
    if lever.choices and value not in lever.choices:  # the label of another language
        return
    visit.move(**{lever.id: value})


def _small_lever(lever: Lever, where: str) -> None:
    """Draw a lever without a strip, or a choice."""
    if lever.kind in ("number", "year"):
        own.draw(lever, where)
        return
    title, per, help_text = own.texts(lever)
    key = f"{where}lever_{lever.id}"
    value = visit.draw_value(key, visit.scenario()[lever.id])
    moved = partial(visit.widget_moved, key, partial(_move, lever))
    common = {"help": help_text, "key": key, "on_change": moved}
    label = f"{title} :gray[{per}]" if per else title
    if lever.kind == "yesno":
        st.toggle(label, value=value, **common)
    else:
        options = list(lever.choices)
        st.segmented_control(
            label, options, format_func=lambda option: _(CHOICES[option]), default=value, **common
        )


def _history(where: str, *, steps: bool = True) -> None:
    key, past, future = f"{where}history", bool(visit.past()), bool(visit.future())
    buttons = [
        ("undo", _("Undo"), past),
        ("redo", _("Redo"), future),
        ("reset", _("Reset"), visit.step() != visit.start()),
    ]
    with st.container(horizontal=True, horizontal_alignment="distribute", gap="xsmall"):
        visit.listen(key, _take_step, once=True)
        _buttons(
            key=key,
            data={"buttons": buttons, "answered": visit.answered(key)},
            on_moved_change=lambda: None,
            width="content",
        )
        none = not (past or future)
        if steps:
            on_request.popover(_("Steps"), lambda: _steps(where), key=f"{where}steps", disabled=none)


def _take_step(asked: Mapping) -> None:
    if act := STEPS.get(asked.get("step", "")):
        act()


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
