"""What the page My holdings asks, keeps and shows: somebody's positions, and what this web does to them.

Positions stand in the session under one name, and nowhere else: in no link, log, report or cache that visits
share. So nothing here goes through `cached.Answer`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from hashlib import blake2s

import streamlit as st

from core.holdings import instruments, reader
from core.holdings.answer import Answer, Position, answer
from core.holdings.rows import Holding, LeftOut, Read, UnreadableError
from core.scenario.levers import Scenario
from pages.kit.drawing import board, charts, split
from pages.kit.drawing.plot import Figure
from pages.kit.drawing.split import Cut, Split
from pages.kit.frame import address
from pages.kit.parts import holdings_file, holdings_told, tables
from pages.kit.visit import cached, visit
from pages.kit.words import numbers, words
from pages.kit.words.catalogue import _, ngettext

KEPT = "holdings"  # the name under which the session has them
TEXT = "holdings_text"
LONGEST_TEXT = 50_000  # characters
LONGEST_WORTH = 24
ASKED = 8  # fields for what is not known, at once
TOLD = 10  # rows left out that are told one by one
SHOWN = 100  # rows of the table


def _nothing() -> dict:
    return {"text": "", "typed": None, "files": {}, "worth": {}, "meant": {}, "refused": ""}


def _kept() -> dict:
    return st.session_state.setdefault(KEPT, _nothing())


def take() -> None:
    """Take what fields of this page hold, whichever run comes to it: that of a field may be overtaken."""
    kept = _kept()
    text = st.session_state.get(TEXT, kept["text"])
    if text != kept["text"]:
        kept["text"] = text
        _read(lambda: kept.update(typed=reader.typed(text) if text.strip() else None))
    for mark, _one in _asked():
        for what in ("worth", "meant"):
            if (key := f"holdings_{what}_{mark}") in st.session_state:
                kept[what][mark] = st.session_state[key]


def _read(act) -> None:
    """Read something; what cannot be read changes nothing but what is told of it."""
    _kept()["refused"] = ""
    try:
        act()
    except UnreadableError as fault:
        _kept()["refused"] = fault.message


def _filed(name: str, content: bytes) -> None:
    kept = _kept()
    _read(lambda: kept["files"].update({name: reader.read(content, name)}))


def _forget() -> None:
    visit.own_event()
    st.session_state[KEPT] = _nothing()
    for key in [key for key in st.session_state if str(key).startswith("holdings_")]:
        if key not in (TEXT, holdings_file.KEY):
            del st.session_state[key]
    st.session_state[TEXT] = ""


def _reads() -> list[Read]:
    kept = _kept()
    return [read for read in (kept["typed"], *kept["files"].values()) if read]


def _mark(one: Holding) -> str:
    """Return a name for a row by what is in it: it keeps its answers when rows move."""
    return blake2s(repr(replace(one, row=0)).encode(), digest_size=6).hexdigest()


def _asked() -> list[tuple[str, Holding]]:
    """List the rows of which something is to be asked, with their names."""
    rows = [one for read in _reads() for one in read.holdings]
    return [(_mark(one), one) for one in rows if _lacks_worth(one) or instruments.ask(one)]


def _lacks_worth(one: Holding) -> bool:
    return one.value is None and one.kind != "pension"


def holdings() -> list[Holding]:
    """Return what the visitor owns, with what was asked filled in."""
    kept, out = _kept(), []
    known = {one.id: one for one in instruments.instruments()} if kept["meant"] else {}
    for one in (one for read in _reads() for one in read.holdings):
        mark = _mark(one)
        if meant := known.get(kept["meant"].get(mark, "")):
            one = replace(one, isin=meant.isin, ticker=meant.ticker, name=meant.name)
        if _lacks_worth(one) and (worth := _worth(kept["worth"].get(mark, ""))):
            one = replace(one, value=worth[0], currency=worth[1])
        out.append(one)
    return out


def _worth(text: str) -> tuple[float, str] | None:
    """Read an amount: euros, unless it names another currency."""
    for written in (f"x {text}", f"x {text} euro"):
        try:
            (one,) = reader.typed(written).holdings
        except (ValueError, UnreadableError):
            continue
        if one.value is not None and one.currency:
            return one.value, one.currency
    return None


@visit.once_a_run
def now() -> Answer:
    """Return what the scenario on the screen does to what the visitor owns."""
    return answer(holdings(), cached.read(visit.scenario()), cached.snapshot())


@visit.once_a_run
def before() -> Answer:
    """Return the same with no shock."""
    return answer(holdings(), cached.baseline(), cached.snapshot())


def are_known() -> bool:
    """Tell whether the visitor has said what is owned."""
    return any(read.holdings for read in _reads())


def sentence() -> str:
    """Say in one sentence what hangs on this web and what happens to it; nothing where nothing is known."""
    return holdings_told.sentence(now()) if are_known() else ""


# ---- what is asked


def entry() -> None:
    """Ask what the visitor owns: a field to type or paste into, and the way in for a file."""
    kept = _kept()
    tables.heading(
        _("What do you own?"),
        _(
            "Your positions stay in this session: never in a link, a log or a cache shared with others. A file is read "
            "on the server and not kept."
        ),
    )
    with st.container(key="holdings_entry", gap="small"):
        st.text_area(
            _("Type or paste rows, or one line with commas"),
            visit.start_from(TEXT, kept["text"]),
            key=TEXT,
            max_chars=LONGEST_TEXT,
            placeholder=_("40 CRWV, VWCE 12000 euro, pension"),
            height=88,
            on_change=visit.own_event,
        )
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.button(_("Show what hangs on this web"), key="holdings_show", type="primary", on_click=visit.own_event)
            holdings_file.draw(_filed)
            if _reads():
                st.button(_("Forget all of it"), key="holdings_forget", type="tertiary", on_click=_forget)
    told = [words.message_text(kept["refused"])] if kept["refused"] else []
    told += [_left_out(one) for read in _reads() for one in read.left_out][:TOLD]
    rest = sum(len(read.left_out) for read in _reads()) - TOLD
    if rest > 0:
        told.append(ngettext("And {count} more row.", "And {count} more rows.", rest).format(count=rest))
    if told:
        address.box(_("Not taken over"), told, key="holdings_told")


def _left_out(one: LeftOut) -> str:
    return f"{one.text}: {words.message_text(one.reason)}"


def questions() -> None:
    """Ask for what cannot be known from a row: what units are worth, and which of several things is meant."""
    kept, asked = _kept(), _asked()
    if not asked:
        return
    tables.heading(_("What is missing"), _("This app has no prices and no exchange rates of its own, and guesses nothing."))
    with st.container(key="holdings_asked", horizontal=True, gap="medium"):
        for mark, one in asked[:ASKED]:
            with st.container(width=260, gap="xsmall"):
                _question(mark, one, kept)


def _question(mark: str, one: Holding, kept: dict) -> None:
    st.text(_row(one))
    if near := instruments.ask(one):
        names = {"": _("none of these"), **{each.id: each.name for each in near}}
        key = f"holdings_meant_{mark}"
        st.session_state.setdefault(key, kept["meant"].get(mark, ""))
        label = _("Row {row}: which one is it?").format(row=one.row)
        st.selectbox(label, list(names), format_func=names.__getitem__, key=key, on_change=visit.own_event)
    if _lacks_worth(one):
        key = f"holdings_worth_{mark}"
        value = visit.start_from(key, kept["worth"].get(mark, ""))
        label = _("Row {row}: worth, in euros").format(row=one.row)
        st.text_input(label, value, key=key, max_chars=LONGEST_WORTH, on_change=visit.own_event)
        typed = kept["worth"].get(mark, "").strip()
        if typed and _worth(typed) is None:
            st.text(_("“{typed}” is not an amount.").format(typed=typed))


def _row(one: Holding) -> str:
    """Write a row as its owner wrote it, plain text."""
    name = one.name or one.ticker or one.isin or "–"
    return name if one.quantity is None else f"{name}, {numbers.exact(one.quantity)}"


# ---- what is shown


def picture() -> None:
    """Draw all that has a worth as one bar for each currency, cut by the way it hangs on this web."""
    told = now()
    if not told.totals:
        return
    charts.show(
        _figure,
        key="holdings",
        title=_title(told),
        note=_without_worth(told),
        alt=holdings_told.sentence(told).replace("\\$", "$"),
    )


def _title(told: Answer) -> str:
    if list(told.totals) == ["EUR"]:
        return _("Your euros, by the way they hang on this web")
    return _("Your money, by the way it hangs on this web")


def _without_worth(told: Answer) -> str:
    if not told.unknown:
        return ""
    text = ngettext(
        "{count} row without a worth is not in this picture.",
        "{count} rows without a worth are not in this picture.",
        told.unknown,
    )
    return text.format(count=told.unknown)


def _figure(_scenario: Scenario) -> Figure:
    told = now()
    return split.splits([_bar(told, code, total) for code, total in told.totals.items() if total > 0])


def _bar(told: Answer, code: str, total: float) -> Split:
    parts = []
    for channel, amounts in told.by_channel.items():
        if amount := amounts.get(code):
            mine = [one for one in told.positions if any(part.channel == channel for part in one.parts)]
            names = sorted({p.entity for one in mine for p in one.parts if p.channel == channel and p.entity})
            lost = any(map(holdings_told.is_lost, mine))
            name, written = holdings_told.short(channel, names), numbers.currency(amount, code)
            share = amount / total
            hover = f"{name}: <b>{written}</b> · {numbers.percent(share)}"
            parts.append(Cut(name, written, share, holdings_told.colour(channel, lost=lost), hover))
    parts.sort(key=lambda cut: -cut.share)
    web, elsewhere = told.on_web.get(code, 0.0), total - told.on_web.get(code, 0.0)
    head = _("{amount} on this web").format(amount=f"<b>{numbers.currency(web, code)}</b>")
    rest = _("{amount} elsewhere").format(amount=numbers.currency(elsewhere, code))
    behind = [Cut("", "", elsewhere / total, charts.PALE[charts.mode()], rest)] if elsewhere > 0 else []
    return Split(parts, behind, head, rest if behind else "")


def rows() -> None:
    """Show what happens to each position, beside what happens with no shock."""
    here, usual = now().positions, before().positions
    title = _("Row by row")
    lines = [_line(one, other) for one, other in zip(here, usual, strict=True)]
    heads = [_("Position"), _("How it hangs on this web"), _("Worth"), _("On the web"), _("What happens to it here")]
    caption = _("each row in this scenario, compared with no shock")
    board.draw(
        {"positions": {"title": title, "caption": caption, "heads": heads, "rows": lines[:SHOWN]}},
        key="holdings_rows",
        on_asked=lambda _kind, _name: None,
    )
    tables.behind(_columns(here, usual), key="holdings", of=title)


def _line(one: Position, usual: Position) -> dict:
    told, without = holdings_told.fate(one), holdings_told.fate(usual)
    channel = one.channel
    code = one.holding.currency or ""
    value, weight = one.holding.value, one.weight
    return {
        "colour": holdings_told.colour(channel, lost=holdings_told.is_lost(one)),
        "name": _row(one.holding),
        "how": holdings_told.how(one),
        "worth": "–" if value is None else numbers.currency(value, code),
        "web": numbers.currency(value * weight, code) if value is not None and weight else "–",
        "fate": told,
        "usual": "" if told == without else _("no shock: {fate}").format(fate=without),
        "lost": holdings_told.is_lost(one),
    }


def _columns(now: Sequence[Position], before: Sequence[Position]) -> dict[str, list]:
    return {
        _("Position"): [_row(one.holding) for one in now],
        _("How it hangs on this web"): [holdings_told.how(one) for one in now],
        _("Worth"): [one.holding.value for one in now],
        _("Currency"): [one.holding.currency or "" for one in now],
        _("Share on the web"): [one.weight for one in now],
        _("What happens to it here"): [holdings_told.fate(one) for one in now],
        _("With no shock"): [holdings_told.fate(one) for one in before],
    }


def foot() -> None:
    """Say what is left out, and that this is no advice."""
    st.caption(_("Fees, taxes and currency are left out. This is not investment advice."))
