"""Compare: where the two scenarios come from, what differs, and which lever made how much of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import partial

import streamlit as st

from core.questions import between
from core.questions.attribution import Attribution
from core.results import comparison
from core.results.comparison import Pair
from core.scenario import file as scenario_file
from core.scenario import link as codec
from core.scenario import sides
from core.scenario.levers import Scenario, levers
from core.scenario.presets import Preset, presets
from core.web import web
from pages.kit.drawing import charts, stress_charts
from pages.kit.drawing.plot import Figure
from pages.kit.frame import address, choices, frame, snapshots, view
from pages.kit.parts import files, report, tables
from pages.kit.visit import cached, on_request, visit
from pages.kit.words import figures, numbers, spans
from pages.kit.words.catalogue import N_, _, ngettext
from pages.kit.words.figures import lever_name, lever_setting

SIDES = {"from": "A", "to": "B"}
NOW, OWN = choices.NOW, "own"
DEFAULT = {"from": "base", "to": NOW}
LONGEST_LINK = 4000  # characters of a pasted link: twice what a browser should carry
FIRST_ASKED = ("pensions.loss", "infra_credit.net_irr", "failed_count", "called_total")

_SHARES = {
    "all": N_("all of the change is “{lever}”"),
    "nearly_all": N_("nearly all of the change is “{lever}”"),
    "three_quarters": N_("three quarters of the change is “{lever}”"),
    "two_thirds": N_("two thirds of the change is “{lever}”"),
    "half": N_("half of the change is “{lever}”"),
    "third": N_("a third of the change is “{lever}”"),
    "quarter": N_("a quarter of the change is “{lever}”"),
    "little": N_("a small part of the change is “{lever}”"),
    "more": N_("“{lever}” alone weighs more than the whole change"),
}
# shares that several levers often have in common: said once for all of them
_EACH = {
    "three_quarters": N_("three quarters of the change each are {levers}"),
    "two_thirds": N_("two thirds of the change each are {levers}"),
    "half": N_("half of the change each are {levers}"),
    "third": N_("a third of the change each are {levers}"),
    "quarter": N_("a quarter of the change each are {levers}"),
    "little": N_("small parts of the change are {levers}"),
    "more": N_("{levers} each weigh more than the whole change"),
}


def _presets() -> dict[str, Preset]:
    return {preset.id: preset for preset in presets()}


@dataclass(frozen=True)
class Side:
    """One side: what was chosen, its scenario, and the date of its data."""

    kind: str
    scenario: Scenario
    date: str

    @property
    def looked(self) -> cached.Looked:
        """The scenario and the data it is looked at on: edits belong to the data on the screen."""
        here = self.date == snapshots.date_of(visit.step())
        return self.scenario, cached.data() if here else ((), snapshots.named(self.date))

    @property
    def today(self) -> Scenario:
        """The scenario in which every lever stands where the data of the side have it."""
        return Scenario.default(self.date)


def sides_of(here: Scenario | None = None) -> tuple[Side, Side]:
    """Return both sides; what the link got wrong is told in the banner."""
    a, b = (_side_of(side, here, _date_of(side)) for side in SIDES)
    return a, b


def _date_of(side: str) -> str:
    """Return the date of the data of a side: as chosen, else of those on the screen."""
    key = choices.DATED[side]
    return address.choice(key, web.snapshots(), snapshots.date_of(visit.step()))


def _side_of(side: str, here: Scenario | None, date: str) -> Side:
    given, keys = visit.extras().get(side, DEFAULT[side]), choices.SIDES[side]
    if given == NOW or given in _presets():
        for key in keys[1:]:  # the rest of a side that is none
            if key in visit.extras():
                address.refuse(key, visit.extras()[key])
        now = given == NOW
        found = visit.carried(here or visit.scenario(), date) if now else _presets()[given].on(date)
        return Side(given, found, date)
    own = sides.read(visit.extras(), keys, date)
    written = sides.write(own.scenario, keys, own.touched, date)
    address.tell(own.messages)
    if written != _written(side):  # a number can be written in many ways: only one of them is shared
        _forget(side)
        visit.extras().update(written)
    return Side(OWN, own.scenario, date)


def _written(side: str) -> dict[str, str]:
    """Return a side as it stands in the address."""
    return {key: visit.extras()[key] for key in choices.SIDES[side] if key in visit.extras()}


def _forget(side: str) -> None:
    for key in choices.SIDES[side]:
        visit.extras().pop(key, None)


def name_of(kind: str) -> str:
    """Return what a side shows: a story, the scenario on the screen, or one of the visitor's own."""
    titles = {key: preset.title[visit.language()] for key, preset in _presets().items()}
    return {NOW: _("the scenario on the screen"), OWN: _("a link or file of your own")}.get(kind) or titles[
        kind
    ]


def chooser(side: str, chosen: Side) -> None:
    """Let the visitor choose a side: a story, the scenario on the screen, a link or a file; and its data."""
    kind = chosen.kind
    options = [NOW, *_presets(), *([OWN] if kind == OWN else [])]
    widget = f"{side}_side"
    st.session_state[widget] = kind
    dates = web.snapshots()[::-1]
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.selectbox(
            SIDES[side],
            options,
            key=widget,
            format_func=name_of,
            on_change=visit.if_known(widget, options, partial(_chosen, side)),
        )
        if len(dates) > 1:
            label = _("Data of {side}").format(side=SIDES[side])
            view.select(choices.DATED[side], chosen.date, dates, label=label, name=numbers.day)
        icon = ":material/upload_file:"
        on_request.popover(
            _("Link or file"), lambda: _own(side), key=f"{side}_own", icon=icon, of=SIDES[side]
        )


def taken(a: Side, b: Side) -> None:
    """Say what each side is, and what of a link or a file could not be taken over."""
    for side, label in SIDES.items():
        title, lines = address.told_beside(_place(side))
        if lines:
            address.box(title, lines, key=f"{side}_banner")
        at, name = st.session_state.get(f"{side}_name") or ((), "")
        if name and at == _place(side):
            st.text(f"{label}: {name}")
    moved = [figures.moved(one.today, one.scenario) for one in (a, b)]
    if {a.date, b.date} != {snapshots.date_of(visit.step())}:
        dated = [_("data of {date}").format(date=numbers.day(one.date)) for one in (a, b)]
        moved = [f"{one} · {data}" for one, data in zip(moved, dated, strict=True)]
    st.caption("A: {}  \nB: {}".format(*moved))


def _own(side: str) -> None:
    st.text_input(
        _("Paste a link of this site"),
        key=f"{side}_link",
        max_chars=LONGEST_LINK,
        on_change=lambda: _pasted(side),
    )
    st.file_uploader(
        _("Or a scenario file"),
        key=f"{side}_file",
        max_upload_size=1,
        on_change=lambda: _uploaded(side),
        help=_("A small TOML text of at most {limit} KB, as this page hands out below.").format(
            limit=scenario_file.LARGEST // 1024
        ),
    )


def _chosen(side: str, kind: str) -> None:
    visit.own_event()
    if kind == OWN:
        return
    _forget(side)
    address.set_choice(side, kind)


def _place(side: str) -> tuple:
    """Return where a side stands: what was told of it is over when it is another one."""
    return (side, *_written(side).items())


def _take(
    side: str, read: codec.Parsed | scenario_file.ParsedFile, messages, name: str | None = None
) -> None:
    """Take over a scenario from outside, on data of its date; its own figures of them are left out."""
    own, date = [], read.data or web.latest_snapshot()
    if edits := read.edits:
        text = ngettext(
            "{count} changed figure was left out: a side uses the data of a date as they are here.",
            "{count} changed figures were left out: a side uses the data of a date as they are here.",
            len(edits),
        )
        own.append(text.format(count=len(edits)))
    _forget(side)
    visit.extras().pop(choices.DATED[side], None)
    visit.extras().update(sides.write(read.scenario, choices.SIDES[side], read.touched, date))
    if date != snapshots.date_of(visit.step()):
        visit.extras()[choices.DATED[side]] = date
    address.tell_beside(_place(side), messages, *own)
    st.session_state[f"{side}_name"] = (_place(side), name)


def _pasted(side: str) -> None:
    visit.own_event()
    text = st.session_state[f"{side}_link"][:LONGEST_LINK]
    if not text.strip():
        return
    parsed = codec.parse(text, view_keys=frame.view_keys())
    if not parsed.touched and parsed.model is None and parsed.data is None:
        stays = _("There is no lever in this link; the side stays as it was.")
        address.tell_beside(_place(side), parsed.messages, stays)
        return
    _take(side, parsed, (*codec.of_older_model(parsed), *parsed.messages))
    st.session_state[f"{side}_link"] = ""  # taken: the same one may be pasted again later


def _uploaded(side: str) -> None:
    visit.own_event()
    file = st.session_state[f"{side}_file"]
    if file is None:
        return
    read = scenario_file.loads(file.getvalue())
    if not read.touched and read.messages:
        address.tell_beside(_place(side), read.messages, _("The side stays as it was."))
        return
    _take(side, read, read.messages, read.name)


# ---- what differs


def sentence(a: Side, b: Side, pairs: tuple[Pair, ...]) -> str:
    """Say in one line what B changes against A."""
    if a.looked == b.looked:
        return _("A and B are the same scenario. Choose another one on either side, or move a lever.")
    found = {pair.measure: pair for pair in pairs}
    failed, called, net = (found[key] for key in ("failed_count", "called_total", "infra_credit.net_irr"))
    text = _(
        "From A to B: {failed_a} → **{failed_b}** of {named} companies fail, "
        "guarantors pay {called_a} → **{called_b}**, "
        "mixed infrastructure credit earns {net_a} → **{net_b}** a year."
    )
    write = figures.write
    return text.format(
        named=_named(a, b),
        failed_a=write(failed.measure, failed.a),
        failed_b=write(failed.measure, failed.b),
        called_a=write(called.measure, called.a),
        called_b=write(called.measure, called.b),
        net_a=write(net.measure, net.a),
        net_b=write(net.measure, net.b),
    ).replace("$", "\\$")


def _named(a: Side, b: Side) -> str:
    """Write of how many companies failures are counted; not all data know the same."""
    counts = [spans.count(len(cached.named(one.looked[1]))) for one in (a, b)]
    both = _("{count_a} and then {count_b}").format(count_a=counts[0], count_b=counts[1])
    return counts[0] if counts[0] == counts[1] else both


def levers_moved(a: Side, b: Side) -> None:
    """List the levers that differ, if any; not those that stand as the data of either side have them."""
    by_hand = {word for one in (a, b) for word in one.scenario.differs_from(one.today)}
    moved = [word for word in a.scenario.differs_from(b.scenario) if word in by_hand]
    if moved:
        tables.compare(
            {
                _("Levers that were moved"): [lever_name(word) for word in moved],
                "A": [lever_setting(word, a.scenario[word]) for word in moved],
                "B": [f"**{lever_setting(word, b.scenario[word])}**" for word in moved],
            },
            alt=_("Levers that differ between A and B"),
        )


def table(a: Side, b: Side, pairs: tuple[Pair, ...]) -> None:
    """Show every headline figure that differs side by side, and name those that do not."""
    changed, same = ([pair for pair in pairs if pair.same is alike] for alike in (False, True))
    years = [str(one.scenario["h"]) for one in (a, b)]
    seen = years[0] if years[0] == years[1] else _("{a} in A and {b} in B").format(a=years[0], b=years[1])
    notes = [_("Sums run to {years}.").format(years=seen)]
    late = [_is_late(one.scenario, pair, at) for pair in changed for one, at in ((a, pair.a), (b, pair.b))]
    if any(late):
        notes.append(_("Failures after the last year of a scenario are shown, but not counted as failed."))
    if any(numbers.missing(value) for pair in changed for value in (pair.a, pair.b)):
        notes.append(_("– has no value: after a failure, or where data do not know a company."))
    tables.heading(_("What differs"), " ".join(notes))
    if changed:
        tables.compare(
            {
                _("Figure"): [figures.label(pair.measure, _named(a, b)) for pair in changed],
                "A": [figures.write(pair.measure, pair.a) for pair in changed],
                "B": [_with_difference(pair) for pair in changed],
            },
            alt=_("Headline figures of A and B with their difference"),
        )
    if not same:
        return
    named = _named(a, b)
    told = [f"{figures.label(one.measure, named)} ({figures.write(one.measure, one.a)})" for one in same]
    text = "; ".join(told).replace("$", "\\$") + "."
    on_request.expander(_("What stayed equal") + f" · {len(same)}", lambda: st.markdown(text), key="equal")


def _is_late(scenario: Scenario, pair: Pair, value: float) -> bool:
    """Whether a company fails, but after the last year of the scenario."""
    if pair.unit != "quarter" or numbers.missing(value) or value >= pair.never:
        return False
    return int(cached.snapshot().calendar.label(int(value))[:4]) > scenario["h"]


def _with_difference(pair: Pair) -> str:
    """The figure of B, below it the difference from A: three columns fit a phone."""
    text = f"**{figures.write(pair.measure, pair.b)}**"
    if numbers.missing(pair.difference):
        return text
    return f"{text}  \n:small[:gray[{figures.difference(pair.measure, pair.difference)}]]"


# ---- why


def why() -> None:
    """Split the change of one figure over the levers that differ, in words and as bars."""
    a, b, measure, split = _split(visit.scenario())
    title = _("Why does this figure change?")
    named = partial(figures.label, named=_named(a, b))
    known = [pair.measure for pair in cached.compare(a.looked, b.looked)]
    view.select("why", measure, known, label=title, name=named)
    told = {"caption": _why_told, "note": _how_split, "empty": _how_split}
    charts.show(_why_figure, key="why", alt=_("Each part of the change"), **told)
    acting = _acting(split)
    if acting:
        tables.behind(
            {
                _("What changed"): [figures.part_name(word) for word in acting],
                "A": [_setting(word, a) for word in acting],
                "B": [_setting(word, b) for word in acting],
                _("Part of the change"): list(acting.values()),
                _("Standard error"): [split.standard_errors[word] for word in acting],
            },
            key="why",
            of=title,
        )


def _setting(word: str, side: Side) -> str:
    """Write where a side stands on what changed: the setting of a lever, else the date of its data."""
    if word == between.LEVERS:
        return figures.moved(side.today, side.scenario)
    if word in figures.GROUPS:
        return numbers.day(side.date)
    return str(lever_setting(word, side.scenario[word]))


def _split(scenario: Scenario) -> tuple[Side, Side, str, Attribution | None]:
    """Return A, B, the figure to explain, and its change by part; None where it has no value."""
    a, b = sides_of(scenario)
    measure = _asked(cached.compare(a.looked, b.looked))
    return a, b, measure, cached.attribute(a.looked, b.looked, measure)


def _why_told(scenario: Scenario) -> str:
    a, b, measure, split = _split(scenario)
    if split is None:
        return _("This figure has no value in A or in B, so its change cannot be split.")
    return explain(measure, split, _named(a, b))


def _how_split(scenario: Scenario) -> str:
    """Say how the change was split, below its bars; nothing where there are none."""
    a, b, measure, split = _split(scenario)
    acting, notes = _acting(split), []
    if not acting:
        return ""
    if idle := [figures.part_name(word) for word in split.parts if word not in acting]:
        notes.append(_("Without any part in it: {levers}.").format(levers=numbers.listing(idle)))
    notes.append(
        _("Each lever gets the mean of what it changes over all orders in which the levers could be moved.")
        if a.looked[1] == b.looked[1]
        else _groups_told(a, b, split)
    )
    if comparison.FIGURES[measure] == "quarter":
        notes.append(_("Never failing counts as failing just after {end}.").format(end=spans.end()))
    if split.standard_error > 0:
        error = _part(measure, split.standard_error).lstrip("+")
        notes.append(_("Drawn from some orders: each part give or take {error}.").format(error=error))
    if split.undefined:
        notes.append(_("Mixtures in which the figure has no value count as half way."))
    return " ".join(notes)


def _groups_told(a: Side, b: Side, split: Attribution) -> str:
    """Say what the groups of numbers are, and how many of each are another number at the other date."""
    counts = cached.changed(a.looked[1], b.looked[1])
    told = [f"{figures.part_name(group)} {len(rows)}" for group, rows in counts.items()]
    last = between.LEVERS in split.parts
    levers_last = " " + _("The levers come last, on the data of B.") if last else ""
    text = _(
        "Each group of numbers gets the mean of what it changes over all orders in which groups could be "
        "replaced; what only one date knows, as companies, names and the first quarter, goes in one piece."
    )
    differ = _("Numbers that differ: {counts}.").format(counts=numbers.listing(told))
    return (f"{text} {differ}" if told else text) + levers_last


def _asked(pairs: tuple[Pair, ...]) -> str:
    """The figure to explain: as chosen, else one that differs."""
    changed = [pair.measure for pair in pairs if not pair.same]
    first = [measure for measure in FIRST_ASKED if measure in changed] or changed or list(FIRST_ASKED)
    return address.choice("why", tuple(dict.fromkeys((*first, *(pair.measure for pair in pairs)))))


def _acting(split: Attribution | None) -> dict[str, float]:
    """The parts of the levers that have any, largest first."""
    acting = {word: part for word, part in (split.parts if split else {}).items() if abs(part) > 1e-9}
    return dict(sorted(acting.items(), key=lambda item: -abs(item[1])))


def _why_figure(scenario: Scenario) -> Figure | None:
    a, b, measure, split = _split(scenario)
    acting = _acting(split)
    if not acting:
        return None
    told = [_part(measure, part) for part in acting.values()]
    hover = [
        f"{figures.part_name(word)}: {_setting(word, a)} → {_setting(word, b)}<br>{text}"
        for word, text in zip(acting, told, strict=True)
    ]
    labels = [figures.part_name(word) for word in acting]
    return stress_charts.parts(labels, list(acting.values()), split.difference, words=told, hover=hover)


def _part(measure: str, value: float) -> str:
    """A part of a change with its sign; parts of counts and quarters need a decimal."""
    unit = comparison.FIGURES[measure]
    sign = "+" if value > 0 else ""
    if unit == "quarter":
        return sign + numbers.so_many_quarters(numbers.decimal(value, 1))
    if unit == "count":
        return sign + numbers.decimal(value, 1)
    if unit == "percent":
        return sign + _("{count} points").format(count=numbers.decimal(value * 100, 2))
    return figures.difference(measure, value)


def explain(measure: str, split: Attribution, named: str = "") -> str:
    """Say the split in plain words: "two thirds of the change is the rate"; `named` as of `figures.label`."""
    figure = figures.label(measure, named)
    start, end = figures.write(measure, split.start), figures.write(measure, split.end)
    if math.isclose(split.start, split.end, abs_tol=1e-9):
        text = _("**{figure}** is {value} on both sides.")
        return text.format(figure=figure, value=start)
    text = _("**{figure}** goes from {start} in A to {end} in B:").format(figure=figure, start=start, end=end)
    shares: dict[str, list[str]] = {}
    for word, part in sorted(split.parts.items(), key=lambda item: -item[1] / split.difference):
        shares.setdefault(comparison.share(part, split.difference), []).append(word)
    against = [_quoted(word) for word in shares.pop("against", ())]
    shares.pop("nothing", None)
    told = []
    for share, alike in shares.items():
        if len(alike) > 1 and share in _EACH:
            told.append(_(_EACH[share]).format(levers=numbers.listing([_quoted(word) for word in alike])))
        else:
            told += [_(_SHARES[share]).format(lever=figures.part_name(word)) for word in alike]
    clauses = [numbers.listing(told)] if told else []
    if against:
        other = ngettext("{levers} works the other way", "{levers} work the other way", len(against))
        clauses.append(other.format(levers=numbers.listing(against)))
    return f"{text} {'; '.join(clauses)}." if clauses else text


def _quoted(word: str) -> str:
    return _("“{lever}”").format(lever=figures.part_name(word))


# ---- to take along


def columns(a: Side, b: Side, pairs: tuple[Pair, ...]) -> dict[str, list]:
    """Return all figures of both sides as columns of a file; never failing is an empty quarter.

    Where the sides look at data of two dates, the headings say which.
    """
    heads = ["A", "B"] if a.date == b.date else [f"A ({a.date})", f"B ({b.date})"]
    label = cached.snapshot().calendar.label

    def plain(pair: Pair, value: float) -> object:
        if numbers.missing(value):
            return None
        if pair.unit == "quarter":
            return label(int(value)) if value < pair.never else ""
        return value

    return {
        _("Figure"): [figures.label(pair.measure, _named(a, b)) for pair in pairs],
        _("Id"): [pair.measure for pair in pairs],
        _("Unit"): [_(_UNITS[pair.unit]) for pair in pairs],
        heads[0]: [plain(pair, pair.a) for pair in pairs],
        heads[1]: [plain(pair, pair.b) for pair in pairs],
        _("Difference"): [None if numbers.missing(pair.difference) else pair.difference for pair in pairs],
    }


_UNITS = {
    "count": N_("count"),
    "quarter": N_("quarter"),
    "money": N_("billions of dollars"),
    "percent": N_("share"),
    "turns": N_("multiple"),
}


def take_along(a: Side, b: Side, pairs: tuple[Pair, ...]) -> None:
    """Offer the comparison and the report of the scenario on the screen as files."""
    draw, icon = partial(_downloads, a, b, pairs), ":material/download:"
    on_request.popover(_("To take along"), draw, key="take_along", icon=icon)


def _in_file(word: str, side: Side) -> object:
    """Return the setting of a lever for a file: numbers as they are, choices in words."""
    value = side.scenario[word]
    return lever_setting(word, value) if isinstance(value, str) else value


def _downloads(a: Side, b: Side, pairs: tuple[Pair, ...]) -> None:
    """Offer the comparison as CSV and XLSX, each side with its edits as a scenario file, and the report."""
    told = columns(a, b, pairs)
    every = {
        _("Lever"): [lever_name(one.id) for one in levers()],
        _("Id"): [one.id for one in levers()],
        "A": [_in_file(one.id, a) for one in levers()],
        "B": [_in_file(one.id, b) for one in levers()],
    }
    files.offer_csv(told, "backstop-compare", key="compare_csv")
    sheets = {_("Figures"): told, _("Levers"): every}
    files.offer_xlsx(sheets, "backstop-compare", key="compare_xlsx")
    for label, side in (("A", a), ("B", b)):
        one, (edits, date) = side.looked
        st.download_button(
            _("Scenario file {side}").format(side=label),
            scenario_file.dumps(one, edits=edits, data=date),
            f"backstop-{label.lower()}.toml",
            "application/toml",
            key=f"file_{label}",
            on_click="ignore",
        )
    report.button()
