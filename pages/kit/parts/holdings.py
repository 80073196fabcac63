"""What the page My holdings asks, keeps and shows: somebody's positions, and what this web does to them.

Positions stand in the session under one name, and nowhere else: in no link, log, report or cache that visits
share. So nothing here goes through `cached.Answer`, and what is remembered of a run ends with it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from hashlib import blake2s

import streamlit as st

from core.holdings import instruments, reader
from core.holdings.answer import Answer, Position, answer, dated_price
from core.holdings.figures import figure
from core.holdings.instruments import Instrument
from core.holdings.rows import Holding, Read, UnreadableError
from core.holdings.typed import typed_lines
from core.holdings.words import vocabulary
from pages.kit.drawing import board, charts, split
from pages.kit.drawing.plot import Figure
from pages.kit.drawing.split import Cut, Split
from pages.kit.frame import address
from pages.kit.parts import files, holdings_file, holdings_told, provenance, tables
from pages.kit.visit import cached, on_request, visit
from pages.kit.words import labels, numbers, words
from pages.kit.words.catalogue import _, ngettext

KEPT = "holdings"  # the name under which a session has them
TEXT = "holdings_text"  # the field
FIELD = (
    "holdings_{what}_{mark}"  # what is asked of a row: what it is worth, or which of several things is meant
)
LONGEST_TEXT = 200 * 1024  # characters
LONGEST_WORTH = 24
FIELD_WIDTH = 260  # pixels
HIGH, WIDE = 68, 520  # pixels of the field
EURO = "EUR"
OTHER = "-"  # none of those that a row may be
ASKED = 8  # rows of which something is asked, at once
TOLD = 8  # rows left out that are told one by one
SHOWN = 60  # rows on the page; the table behind them has all


@dataclass(frozen=True)
class Asked:
    """A row of which something is asked: its fields, which things it may be, its file's name."""

    mark: str
    row: Holding
    near: tuple[Instrument, ...]
    file: str

    @property
    def lacks_worth(self) -> bool:
        """Whether it has no worth; a pension needs none."""
        return self.row.value is None and self.row.kind != "pension"


# ---- what is kept


def _nothing() -> dict:
    said = {what: {} for what in ("worth", "amounts", "meant", "currency")}
    return {"text": "", "reads": {}, "asked": (), "refused": None, "before": (), **said}


def _kept() -> dict:
    return st.session_state.setdefault(KEPT, _nothing())


def take() -> None:
    """Take what the fields of this page hold, whichever run comes to it: that of a field may be overtaken."""
    kept = _kept()
    text = st.session_state.get(TEXT, kept["text"])
    if text != kept["text"]:
        kept["text"] = text
        _read("", partial(_typed, text))
    for one in kept["asked"]:
        for what in ("worth", "meant"):
            if (key := FIELD.format(what=what, mark=one.mark)) in st.session_state:
                _say(what, one.mark, st.session_state[key])
    for name in _without_currency():
        if (key := _currency_key(name)) in st.session_state:
            kept["currency"][name] = st.session_state[key]


def _say(what: str, mark: str, said: str) -> None:
    """Keep what a field holds; an amount stays what it was when it was typed, whatever language follows."""
    kept = _kept()
    if what == "worth" and said != kept["worth"].get(mark):
        kept["amounts"][mark] = worth(said)
    kept[what][mark] = said


def _typed(text: str) -> Read:
    """Read what was typed, unless the field has cut it; where it is no table a line with commas is a list."""
    if len(text) >= LONGEST_TEXT:
        limit = LONGEST_TEXT // 1024
        raise UnreadableError("holdings_too_large", size=limit, limit=limit - 1)
    read = reader.typed(text)
    if read.layout != "typed":
        return read
    return reader.typed("\n".join(map(_by_line, text.splitlines())))


def _by_line(line: str) -> str:
    """Put what stands in one line, with commas between, on lines of its own, as the reader takes it.

    What is known as a whole ("CoreWeave, Inc. 12"), or has parts without a name, stays together.
    """
    parts = re.split(r"[,;]\s+", line)
    if len(parts) < 2 or not all(re.search(r"[^\W\d_]", part) for part in parts):
        return line
    apart = "\n".join(parts)
    if any(one.reason.code == "holdings_no_name" for one in typed_lines(apart, of_a_file=False).left_out):
        return line
    return line if any(map(instruments.find, typed_lines(line, of_a_file=False).holdings)) else apart


def _read(name: str, read: Callable[[], Read]) -> None:
    """Read a file, or without a name what was typed; what cannot be read changes nothing but what is told."""
    kept = _kept()
    try:
        kept["reads"] = {**kept["reads"], name: read()}
        kept["refused"] = None
    except UnreadableError as fault:
        kept["refused"] = (name, fault.message)
    seen: Counter[str] = Counter()
    asked = [_asked(file, one, seen) for file, one in _rows()]
    kept["asked"] = tuple(one for one in asked if one.near or one.lacks_worth)


def _asked(file: str, one: Holding, seen: Counter[str]) -> Asked:
    """Name a row by what is in it, equal ones by their order: so it keeps its answers when rows move."""
    mark = _mark(repr(replace(one, row=0)))
    seen[mark] += 1
    return Asked(mark if seen[mark] == 1 else f"{mark}_{seen[mark]}", one, instruments.ask(one), file)


def _mark(text: str) -> str:
    return blake2s(text.encode(), digest_size=6).hexdigest()


def _filed(name: str, content: bytes) -> None:
    _read(name or "–", lambda: reader.read(content, name))


def _forget() -> None:
    """Leave nothing of what the visitor owns, in fields neither."""
    visit.own_event()
    fields = [
        key for key in map(str, st.session_state) if key.startswith("holdings_") and key != holdings_file.KEY
    ]
    for key in fields:
        del st.session_state[key]
        st.session_state.get("starts", {}).pop(key, None)
    st.session_state[KEPT], st.session_state[TEXT] = _nothing(), ""


def _take_back(name: str) -> None:
    """Leave a file out again; what was answered of its rows goes with it."""
    visit.own_event()
    kept = _kept()
    kept["reads"] = {each: read for each, read in kept["reads"].items() if each != name}
    kept["asked"] = tuple(one for one in kept["asked"] if one.file != name)
    kept["currency"].pop(name, None)


def _rows() -> list[tuple[str, Holding]]:
    """Every row with the name of its file, "" where it was typed."""
    return [(name, one) for name, read in _kept()["reads"].items() for one in read.holdings]


def _without_currency() -> list[str]:
    """Return the files that say amounts and not of which currency."""
    return list(dict.fromkeys(name for name, one in _rows() if one.value is not None and not one.currency))


def _currency_key(name: str) -> str:
    return FIELD.format(what="currency", mark=_mark(name))


def holdings() -> list[Holding]:
    """Return what the visitor owns, with what was asked filled in."""
    kept, out = _kept(), []
    asked = {id(one.row): one for one in kept["asked"]}
    for name, row in _rows():
        one = asked.get(id(row))
        filled = _filled(one, kept) if one else row
        if filled.value is not None and not filled.currency:
            filled = replace(filled, currency=kept["currency"].get(name) or None)
        out.append(filled)
    return out


def _filled(one: Asked, kept: dict) -> Holding:
    row = one.row
    if meant := next((each for each in one.near if each.id == kept["meant"].get(one.mark)), None):
        row = replace(row, isin=meant.isin, ticker=meant.ticker, name=meant.name)
    if one.lacks_worth and (said := kept["amounts"].get(one.mark)):
        row = replace(row, value=said[0], currency=said[1])
    return row


def worth(text: str) -> tuple[float, str] | None:
    """Read an amount as the field asks for it: in euros, unless it names another currency."""
    found = figure(text, "," if visit.language() == "nl" else ".")
    if found is None or found.number is None or found.percent or found.number < 0:
        return None
    return found.number, found.currency or EURO


@visit.once_a_run
def now() -> Answer:
    """Return what the scenario on the screen does to what the visitor owns."""
    return answer(holdings(), cached.read(visit.scenario()), cached.snapshot(), cached.baseline())


@visit.once_a_run
def before() -> Answer:
    """Return what today's data do to it, with no shock: kept in the session, as no lever but one moves it."""
    kept = _kept()
    key = (visit.baseline(), visit.step().snapshot, tuple(holdings()))
    if kept["before"][:1] != (key,):
        reading = cached.baseline()
        kept["before"] = (key, answer(holdings(), reading, cached.original(), reading))
    return kept["before"][1]


def are_known() -> bool:
    """Tell whether the visitor has said what is owned."""
    return any(read.holdings for read in _kept()["reads"].values())


def sentence() -> str:
    """Say in one sentence what hangs on this web and what becomes of it: markdown, "" if nothing is known."""
    return holdings_told.sentence(now()).replace("$", "\\$") if are_known() else ""


# ---- what is asked


def entry() -> None:
    """Ask what the visitor owns: a field to type or paste into, and the way in for a file."""
    kept = _kept()
    st.caption(
        _(
            "Your positions stay in this session: never in a link, a log or a cache shared with others. A "
            "file is read on the server and not kept."
        )
    )
    with st.container(key="holdings_entry", horizontal=True, vertical_alignment="bottom", gap="small"):
        st.text_area(
            _("What do you own? Type or paste rows, or one line with commas"),
            visit.start_from(TEXT, kept["text"]),
            key=TEXT,
            max_chars=LONGEST_TEXT,
            placeholder=_("40 CRWV, VWCE 12000 euro, pension"),
            height=HIGH,
            width=WIDE,
            on_change=visit.own_event,
        )
        st.button(_("Show"), key="show_holdings", type="primary", on_click=visit.own_event)
        holdings_file.draw(_filed)
        if are_known() or kept["text"]:
            st.button(_("Forget all of it"), key="forget_holdings", type="tertiary", on_click=_forget)
    if lines := _told():
        address.box(_("What was read"), lines, key="read_holdings")
    for name in filter(None, kept["reads"]):
        with st.container(key=f"holdings_file_{_mark(name)}", horizontal=True, vertical_alignment="center"):
            st.text(name, width="content")  # a stranger's words are no label
            label, key = _("Leave this file out"), f"leave_{_mark(name)}"
            st.button(label, key=key, type="tertiary", on_click=_take_back, args=(name,))


def _told() -> list[str]:
    """Say what was read of files, what was refused, and each row that was left out; plain text."""
    kept, lines = _kept(), []
    if kept["refused"]:
        name, why = kept["refused"]
        lines.append(_named(name, words.message_text(why)))
    for name, read in kept["reads"].items():
        if name:
            count = len(read.holdings)
            lines.append(
                _named(
                    name,
                    ngettext("{count} position", "{count} positions", count).format(
                        count=numbers.decimal(count, 0)
                    ),
                )
            )
    left_out = [(name, one) for name, read in kept["reads"].items() for one in read.left_out]
    lines += [_named(name, _named(one.text, words.message_text(one.reason))) for name, one in left_out[:TOLD]]
    if (rest := len(left_out) - TOLD) > 0:
        text = ngettext("{count} more row was left out.", "{count} more rows were left out.", rest)
        lines.append(text.format(count=rest))
    return lines


def _named(name: str, told: str) -> str:
    return f"{name}: {told}" if name else told


def questions() -> None:
    """Ask for what a row does not say: what units are worth, and which of several things is meant.

    Once all is said the fields stand folded.
    """
    kept = _kept()
    currencies = _without_currency()
    if all(_is_said(one, kept) for one in kept["asked"]) and all(map(kept["currency"].get, currencies)):
        if kept["asked"] or currencies:
            on_request.expander(_("What you filled in"), lambda: _questions(kept), key="holdings_said")
        return
    caption = _("This app has no prices and no rates of exchange of its own, and guesses nothing.")
    with st.container(key="holdings_missing"):
        tables.heading(_("What is not said yet"), caption)
        _questions(kept)


def _is_said(one: Asked, kept: dict) -> bool:
    said = not one.near or kept["meant"].get(one.mark)
    return bool(said and (not one.lacks_worth or kept["amounts"].get(one.mark)))


def _questions(kept: dict) -> None:
    """Draw the fields of rows in their order; of more than there is room for, first what is not said yet."""
    asked = list(kept["asked"])
    if (rest := len(asked) - ASKED) > 0:
        asked.sort(key=lambda one: _is_said(one, kept))
    with st.container(key="holdings_asked", horizontal=True, gap="medium"):
        for name in _without_currency():
            with st.container(width=FIELD_WIDTH, gap="xsmall"):
                _currency(name, kept)
        for one in asked[:ASKED]:
            with st.container(width=FIELD_WIDTH, gap="xsmall"):
                _question(one, kept)
    if rest > 0:
        text = ngettext(
            "{count} more row is asked about when these are answered.",
            "{count} more rows are asked about when these are answered.",
            rest,
        )
        st.caption(text.format(count=numbers.decimal(rest, 0)))


def _currency(name: str, kept: dict) -> None:
    """Ask once for the currency of the amounts of a file that does not say it."""
    st.text(name or _("What you typed"))
    key = _currency_key(name)
    st.session_state.setdefault(key, kept["currency"].get(name, ""))
    codes = ["", *dict.fromkeys(code for code, _per in vocabulary().currencies.values())]
    label = _("In which currency are its amounts?")
    st.selectbox(
        label,
        codes,
        format_func=lambda code: code or _("not chosen yet"),
        key=key,
        on_change=visit.own_event,
    )


def _question(one: Asked, kept: dict) -> None:
    st.text(_named(one.file, _row(one.row)))  # a stranger's words are no label: a label is markdown
    if one.near:
        key = FIELD.format(what="meant", mark=one.mark)
        names = {
            "": _("not chosen yet"),
            **{each.id: _(each.name) for each in one.near},
            OTHER: _("none of these"),
        }
        st.session_state.setdefault(key, kept["meant"].get(one.mark, ""))
        label = _("Row {row}: which one is it?").format(row=one.row.row)
        st.selectbox(label, list(names), format_func=names.__getitem__, key=key, on_change=visit.own_event)
    if one.lacks_worth:
        key, typed = FIELD.format(what="worth", mark=one.mark), kept["worth"].get(one.mark, "")
        label = _("Row {row}: worth in euros, or as “500 dollars”").format(row=one.row.row)
        st.text_input(
            label, visit.start_from(key, typed), key=key, max_chars=LONGEST_WORTH, on_change=visit.own_event
        )
        if typed.strip() and kept["amounts"].get(one.mark) is None:
            st.text(_("“{typed}” is not an amount, or can be read in two ways.").format(typed=typed))
        _price(one, kept)


def _price(one: Asked, kept: dict) -> None:
    """Offer the latest price on record for units that have no worth yet."""
    found = instruments.find(_filled(one, kept))
    row = dated_price(found) if found and one.row.quantity else None
    if row is None or kept["amounts"].get(one.mark):
        return
    offer = f"{numbers.decimal(float(row.value) * (one.row.quantity or 0.0), 2)} {row.unit}"
    label = _("At the price of {day}: {worth}").format(day=numbers.day(row.as_of), worth=offer)
    st.button(label, key=f"price_{one.mark}", type="tertiary", on_click=_priced, args=(one.mark, offer))


def _priced(mark: str, worth: str) -> None:
    visit.own_event()
    st.session_state[FIELD.format(what="worth", mark=mark)] = worth
    _say("worth", mark, worth)


def _row(one: Holding) -> str:
    """Write a row as its owner wrote it: plain text, never markdown."""
    name = one.name or one.ticker or one.isin or "–"
    return name if one.quantity is None else f"{name}, {numbers.exact(one.quantity)}"


# ---- what is shown


def picture() -> None:
    """Draw all that has a worth as one bar for each currency, cut by the way it hangs on this web."""
    told = now()
    if not any(total > 0 for total in told.totals.values()):
        return
    euros = list(told.totals) == [EURO]
    title = _("Your euros, by the way they hang on this web")
    charts.show(
        lambda _scenario: _figure(told),
        key="holdings",
        title=title if euros else _("Your money, by the way it hangs on this web"),
        note=_without_worth(told),
        alt=holdings_told.sentence(told),
    )


def _without_worth(told: Answer) -> str:
    unknown = sum(one.holding.value is None and one.channel != "pension" for one in told.positions)
    if not unknown:
        return ""
    text = ngettext(
        "{count} row without a worth is not in this picture.",
        "{count} rows without a worth are not in this picture.",
        unknown,
    )
    return text.format(count=unknown)


def _figure(told: Answer) -> Figure:
    return split.splits([_bar(told, code, total) for code, total in told.totals.items() if total > 0])


def _bar(told: Answer, code: str, total: float) -> Split:
    parts = [
        _cut(told, channel, amounts[code], code, total)
        for channel, amounts in told.by_channel.items()
        if amounts.get(code, 0.0) > 0
    ]
    web, dark = told.on_web.get(code, 0.0), _dark(told, code)
    head = _("{amount} on this web").format(amount=f"<b>{numbers.currency(web, code)}</b>")
    rest = (
        (total - web - dark, charts.PALE[charts.mode()], _("{amount} elsewhere"), False),
        (dark, charts.MUTED[charts.mode()], _("{amount} of which this is not known"), True),
    )
    behind = [
        Cut("", "", amount / total, look, text.format(amount=numbers.currency(amount, code)), hatched)
        for amount, look, text, hatched in rest
        if amount > 1e-6 * total
    ]
    said = " · ".join(cut.hover for cut in behind)
    return Split(sorted(parts, key=lambda cut: -cut.share), behind, head, said)


def _dark(told: Answer, code: str) -> float:
    """Return the worth of what may hang on the web without that being known."""
    mine = (one.holding for one in told.positions if one.weight is None)
    return sum(one.value or 0.0 for one in mine if (one.currency or "") == code)


def _cut(told: Answer, channel: str, amount: float, code: str, total: float) -> Cut:
    paid = [one for one in told.positions if one.holding.value and (one.holding.currency or "") == code]
    mine = [one for one in paid if any(part.channel == channel for part in one.parts)]
    name, written = holdings_told.in_bar(channel, mine), numbers.currency(amount, code)
    hover = f"{name}: <b>{written}</b> · {numbers.percent(amount / total)}"
    colour = holdings_told.colour(channel, lost=all(map(holdings_told.is_lost, mine)))
    return Cut(name, written, amount / total, colour, hover)


def rows() -> None:
    """Show what happens to each position, beside what happens with no shock."""
    here, usual = now().positions, before().positions
    title = _("Row by row")
    told = {
        "title": title,
        "caption": _("each row in this scenario; where that changes something, what it is with no shock"),
        "heads": [
            _("Position"),
            _("How it hangs on this web"),
            _("Worth"),
            _("On the web"),
            _("What happens to it here"),
        ],
        "rows": [_line(one, other) for one, other in zip(here[:SHOWN], usual, strict=False)],
        "more": _more(len(here) - SHOWN),
    }
    board.draw({"positions": told}, key="rows_holdings", on_asked=lambda _kind, _name: None)
    tables.behind(_columns(here, usual), key="holdings", of=title, receipt=partial(_sources, here, usual))


def _more(rest: int) -> str:
    text = ngettext("{count} more row is in the table.", "{count} more rows are in the table.", rest)
    return text.format(count=rest) if rest > 0 else ""


def _line(one: Position, usual: Position) -> dict:
    told, without, lost = (
        holdings_told.fate(one.fate),
        holdings_told.fate(usual.fate),
        holdings_told.is_lost(one),
    )
    value, code, on_web = one.holding.value, one.holding.currency or "", _on_web(one)
    return {
        "colour": holdings_told.colour(holdings_told.main_way(one), lost=lost),
        "name": _row(one.holding),
        "how": holdings_told.how(one),
        "worth": numbers.currency(value, code),
        "web": numbers.currency(on_web, code) if on_web else tables.NOTHING,
        "fate": told,
        "usual": "" if told == without else _("no shock: {fate}").format(fate=without),
        "lost": lost,
    }


def _on_web(one: Position) -> float | None:
    """Return how much of a position hangs on the web."""
    return None if one.holding.value is None or one.weight is None else one.holding.value * one.weight


def _columns(here: Sequence[Position], usual: Sequence[Position]) -> dict[str, list]:
    return {
        _("Position"): [_row(one.holding) for one in here],
        _("Known here as"): [_(one.instrument.name) if one.instrument else "" for one in here],
        _("How it hangs on this web"): [holdings_told.how(one) for one in here],
        _("Worth"): [one.holding.value for one in here],
        _("Currency"): [one.holding.currency or "" for one in here],
        _("On the web"): [None if (part := _on_web(one)) is None else round(part, 2) for one in here],
        _("What happens to it here"): [holdings_told.fate(one.fate) for one in here],
        _("With no shock"): [holdings_told.fate(one.fate) for one in usual],
        _("Note"): [_(one.instrument.note) if one.instrument and one.instrument.note else "" for one in here],
    }


def _weights(here: Sequence[Position]) -> dict[str, list]:
    """Return through whom each position hangs on the web, how much, as of when, and who says so."""
    pairs = [(one, part) for one in here for part in one.parts]
    sources = cached.snapshot().sources
    return {
        _("Position"): [_row(one.holding) for one, _part in pairs],
        _("Through"): [words.name(part.entity) if part.entity else "" for _one, part in pairs],
        _("Share of it, %"): [round(part.weight * 100, 4) for _one, part in pairs],
        _("As of"): [numbers.day(part.as_of) for _one, part in pairs],
        _("Basis"): [_(provenance.BASIS[part.basis][1]) for _one, part in pairs],
        _("Source"): [labels.source(sources[part.source]) for _one, part in pairs],
    }


def _sources(here: Sequence[Position], usual: Sequence[Position]) -> None:
    """Show through whom positions hang on the web, and who says so; all of it as a workbook too."""
    title = _("Through whom, and who says so")
    weights = _weights(here)
    if weights[_("Position")]:
        st.markdown(f"**{title}**")
        tables.grid(weights, alt=title)
    sheets = {_("Row by row"): _columns(here, usual), title: weights}
    files.offer_xlsx(sheets, "backstop-holdings", key="holdings_xlsx")


def pension() -> None:
    """Say what this web does to pensions, if the visitor has one."""
    if told := holdings_told.pension(now()):
        st.markdown(told.replace("$", "\\$"))


def foot() -> None:
    """Say what is left out, and from when the shares are that funds hold."""
    days = sorted({part.as_of for one in now().positions if one.fate.code == "fund" for part in one.parts})
    lines = [_("Fees, taxes and rates of exchange are left out")]
    if days:
        lines.append(
            _("weights of funds as of {days}").format(
                days=numbers.listing([numbers.day(day) for day in days])
            )
        )
    st.caption(" · ".join(lines))
