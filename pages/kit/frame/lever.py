"""A lever as one object: name, field, a slider drawn on its failure strip, break points, one sentence.

`lever.js` sends every move with a number, also while a thumb is held, one at a time; the answer carries the
number of the last move that was taken. So the page follows the hand, and nothing that the server says about a
lever is ever mistaken for a move of it. What is typed is read here, as people write numbers.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial
from itertools import groupby
from pathlib import Path

import streamlit as st

from core.questions.explore import Strip
from core.scenario.levers import Lever
from core.scenario.text import echo
from core.scenario.written import number
from pages.kit.drawing import charts
from pages.kit.visit import cached, visit
from pages.kit.words import numbers
from pages.kit.words.catalogue import _, ngettext
from pages.kit.words.words import LEVERS, name

NAMED = 2  # breaking points named under a track
SIGNS = {"%": "%", "%/year": "%", "bp": "bp"}


_component = st.components.v2.component(
    "backstop_lever",
    js=Path(__file__).with_name("lever.js").read_text(encoding="utf-8"),
    css=Path(__file__).with_name("lever.css").read_text(encoding="utf-8"),
)


def draw(lever: Lever, where: str = "", strip: Strip | None = None, *, key: bool = False) -> None:
    """Draw a number or a year as a lever, with its failure strip if given, and the key to its colours.

    `where` goes before its key: there are two panels.
    """
    own = f"{where}lever_{lever.id}"
    if (st.session_state.get(own) or {}).get("plain"):
        _plain(lever, f"{own}_plain")
        return
    title, _per, help_text = texts(lever)
    value, base = (float(scenario[lever.id]) for scenario in (visit.scenario(), visit.today()))
    typed, code = visit.refused().get(lever.id, ("", ""))
    data = {
        "label": title,
        "unit": unit(lever),
        "help": help_text,
        "value": value,
        "text": numbers.typed(value),
        "point": "," if visit.language() == "nl" else ".",
        "low": lever.low,
        "high": lever.high,
        "step": lever.step,
        "today": {"value": base, "words": today(numbers.typed(base))},
        "answered": visit.answered(own),
        "typed": typed,
        "refused": code and reason(lever, typed, code),
        **(_on_strip(lever, strip, value) if strip else {}),
        **({"key": _key()} if key else {}),
    }
    visit.listen(own, partial(_take, lever))
    _component(key=own, data=data, on_moved_change=lambda: None, on_plain_change=visit.own_event)


def _plain(lever: Lever, key: str) -> None:
    """Draw a lever for a browser that lacks what ours needs."""
    kind = int if lever.kind == "year" else float
    value = visit.draw_value(key, kind(visit.scenario()[lever.id]))
    low, high, step = kind(lever.low), kind(lever.high), kind(lever.step)
    moved = partial(
        visit.widget_moved, key, lambda chosen: visit.move(**{lever.id: canonical(lever, chosen)})
    )
    st.slider(texts(lever)[0], low, high, value, step, key=key, on_change=moved)


def texts(lever: Lever) -> tuple[str, str, str]:
    """Return title, unit in words and help of a lever; empty stays empty (gettext gives "" a meaning)."""
    title, per, help_text = (_(text) if text else "" for text in LEVERS[lever.id])
    return title, per, help_text


def today(value: str) -> str:
    """Say where a lever stands with today's data."""
    return _("today {value}").format(value=value)


def unit(lever: Lever) -> str:
    """Return what stands behind the field of a lever: "% a year"."""
    sign, per = SIGNS.get(lever.unit, ""), texts(lever)[1]
    return per if per.startswith("%") else f"{sign} {per}".strip()


# ---------------------------------------------------------------- what the hand does


def _take(lever: Lever, moved: Mapping) -> None:
    """Do what a move asks for, if it asks for something that the lever can be; else say why not."""
    if "text" in moved:
        _take_typed(lever, str(moved["text"]))
        return
    value = moved.get("value")
    if not isinstance(value, int | float) or not lever.low <= value <= lever.high:
        return  # not from our slider
    visit.move(drag=moved.get("drag"), **{lever.id: canonical(lever, value)})


def canonical(lever: Lever, value: float) -> float | int:
    """Return a value as a scenario keeps it."""
    return int(value) if lever.kind == "year" else round(float(value), 6)


def _take_typed(lever: Lever, text: str) -> None:
    value, code = read(lever, text)
    if value is None:
        visit.refuse(lever.id, text.strip(), code)
    else:
        visit.move(**{lever.id: value})


def read(lever: Lever, text: str) -> tuple[float | int | None, str]:
    """Return what was typed as a value of a lever; else None, and the code of why it is none for `reason`."""
    shown = text.strip()
    whole = lever.kind == "year"
    plain, comma = shown.removesuffix("bp").rstrip(), visit.language() == "nl"
    value, notes = number(plain, percent=lever.unit.startswith("%"), whole=whole, comma=comma)
    if not shown:
        return None, "empty"
    if "ambiguous" in notes:
        return None, "ambiguous"
    if value is None or not math.isfinite(value) or (whole and value != int(value)):
        return None, "no_number"
    if not lever.low <= value <= lever.high:
        return None, "outside"
    return (int(value) if whole else value), ""


def reason(lever: Lever, typed: str, code: str) -> str:
    """Say why what was typed was not taken, and what stands instead."""
    words = {
        "empty": _("Nothing was typed: it stays {value}."),
        "ambiguous": _("“{typed}” can be {small} or {large}: type either of these. It stays {value}."),
        "no_number": _("“{typed}” is not a number: it stays {value}."),
        "outside": _("Possible is {low} to {high}, not {typed}: it stays {value}."),
    }[code]
    small, large = numbers.either(typed) if code == "ambiguous" else ("", "")
    return words.format(
        typed=echo(typed),
        small=small,
        large=large,
        value=numbers.typed(float(visit.scenario()[lever.id])),
        low=numbers.typed(lever.low),
        high=numbers.typed(lever.high),
    )


# ---------------------------------------------------------------- what the strip says


def _on_strip(lever: Lever, strip: Strip, value: float) -> dict:
    """Return the band, the breaking points to name and the sentence of a lever that stands at a value."""
    found = breaks(lever, strip)
    near = sorted(sorted(found, key=lambda one: abs(one[0] - value))[:NAMED])
    return {"band": band(strip), "marks": [_mark(*one) for one in near], "line": line(lever, strip)}


def band(strip: Strip) -> list[list]:
    """Return stretches of one colour: from where, to where, which; neighbours are joined."""
    half = float(strip.values[1] - strip.values[0]) / 2
    low, high = float(strip.values[0]), float(strip.values[-1])
    out = []
    points = zip(strip.values.tolist(), strip.failed.tolist(), strict=True)
    for count, together in groupby(points, key=lambda point: point[1]):
        part = [value for value, _count in together]
        out.append([max(part[0] - half, low), min(part[-1] + half, high), charts.severity(count)])
    return out


def _key() -> dict:
    """Return what the colours of the strips mean."""
    most = len(cached.named())
    colours = [charts.severity(count) for count in range(most + 1)]
    return {"from": _("none fails"), "to": _("all {count}").format(count=most), "colours": colours}


def _mark(value: float, who: list[str], _way: str) -> dict:
    more = f" (+{len(who) - 1})" if len(who) > 1 else ""
    return {"value": value, "words": f"{name(who[0])} {place(value)}{more}"}


def place(value: float, lever: Lever | None = None) -> str:
    """Write a breaking point to one decimal, as all pages do; with the unit of its lever if given."""
    return numbers.lever_value(round(float(value), 1), lever.unit if lever else "")


def breaks(lever: Lever, strip: Strip) -> list[tuple[float, list[str], str]]:
    """Put companies that break within half a step together: (value, ids, way), neoclouds first."""
    near = lever.step / 2.0
    groups: list[tuple[float, list[str], str]] = []
    for company, value, way in sorted(strip.ticks, key=lambda tick: (tick[2], tick[1])):
        if not groups or groups[-1][2] != way or value - groups[-1][0] > near:
            groups.append((value, [], way))
        groups[-1][1].append(company)
    order = cached.named()
    return sorted((value, sorted(who, key=order.index), way) for value, who, way in groups)


def line(lever: Lever, strip: Strip) -> str:
    """Say what the nearest breaking point means from where the lever stands."""
    found, here = breaks(lever, strip), float(visit.scenario()[lever.id])
    if not found:
        failed = int(strip.failed[0])
        what = ngettext("{count} fails", "{count} fail", failed).format(count=failed)
        return _("Along the whole lever: {what}.").format(what=what if failed else _("nobody fails"))
    value, who, way = min(found, key=lambda one: abs(one[0] - here))
    lives = here >= value if way == "below" else here <= value
    text = {
        ("below", True): ngettext(
            "{who} would fail below {value}.", "{who} would fail below {value}.", len(who)
        ),
        ("above", True): ngettext(
            "{who} would fail above {value}.", "{who} would fail above {value}.", len(who)
        ),
        ("below", False): ngettext(
            "{who} would survive above {value}.", "{who} would survive above {value}.", len(who)
        ),
        ("above", False): ngettext(
            "{who} would survive below {value}.", "{who} would survive below {value}.", len(who)
        ),
    }[way, lives]
    return text.format(who=numbers.listing([name(one) for one in who]), value=place(value, lever))
