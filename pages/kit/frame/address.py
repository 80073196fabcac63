"""The address bar and the scenario keep each other up to date; what a link got wrong is told in one banner.

Order in every run: `read_address` (is this a link, or Back?), then the widgets are drawn from the scenario,
then `write_address`. A lever, a view choice and Undo change the entry of the browser's history that is on the
screen; a page, a preset and an opened link add one (`bar.js`). The codec itself, with every check, is
`core.scenario.link`; what a receipt holds and how it is compared is `core.results.headline_then`.

View choices of a page (a company selected, a quarter stepped to) travel in the link as well. A page

* names them in its `Entry(view_keys=("company",))`: two to twelve small letters, no lever; which words they
  may be stands in `choices`, and every other one is told in the banner and dropped;
* reads them with `link.choice("company", allowed=("coreweave", "cipher"), default="coreweave")`, always
  valid: what is allowed may depend on the scenario;
* changes them in a widget's callback with `link.set_choice("company", "cipher")`.

A choice leaves with its page unless the next page names it too; Back and Forward bring it back.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from pathlib import Path
from urllib.parse import parse_qs, urlsplit, urlunsplit
from uuid import uuid4

import streamlit as st

from core.results import headline_then
from core.scenario import link as codec
from core.scenario.messages import OF_OTHER_MODELS, QUIET, Message
from core.scenario.receipt import read_receipt
from core.web import web
from pages.kit.frame import choices, paper, snapshots
from pages.kit.visit import cached, visit
from pages.kit.words import answer, labels, numbers, words
from pages.kit.words.catalogue import _, ngettext

LONGEST = 2000  # characters of a link that every browser, messenger and proxy carries
TOLD = 4  # differences between then and now that are told one by one


LINK = "link"  # how a mark begins that stands for an address to be read, not for a page clicked
_bar = st.components.v2.component(
    "backstop_bar",
    html='<p class="backstop-said" role="status"></p>',
    js=Path(__file__).with_name("bar.js").read_text(encoding="utf-8"),
    css=Path(__file__).with_name("bar.css").read_text(encoding="utf-8"),
    isolate_styles=False,
)


def read_address(view_keys: Collection[str] = ()) -> bool:
    """Take the scenario over when somebody else wrote the address (a link, Back or Forward); tell if so.

    It is one when the browser marks it as one, or sends another address than it sent last, and not the one
    that it was told. An empty address is never a link, and without a mark a run that the visitor's own hand
    caused is none either (the browser may send the address of a moment ago).
    """
    address = {name: st.query_params.get_all(name) for name in st.query_params if name != visit.MARK}
    told, sent = (st.session_state.get(name) for name in ("address", "sent"))
    own, mark = st.session_state.pop("own_event", False), visit.mark()
    if mark and sent is not None and mark != st.session_state["mark"]:
        is_link = mark.startswith(LINK)
    else:
        is_link = address != sent and not own
    if not address or address == told or not is_link:
        st.session_state["mark"], st.session_state["sent"] = mark, address
        return False
    parsed = codec.parse(address, view_keys=view_keys, check_edits=web.refused_edits)
    visit.stand(snapshots.step_of(parsed))
    st.session_state["link"] = (address, tuple(view_keys), parsed.receipt)
    st.session_state["left_behind"] = ()
    st.session_state["messages"] = (*codec.of_older_model(parsed), *parsed.messages)
    st.session_state["told_beside"] = st.session_state["dropped"] = None
    st.session_state["receipt"] = parsed.receipt
    st.session_state["extras"] = dict(parsed.extras)
    if parsed.lang:
        visit.speak(parsed.lang)
    st.session_state["address"], st.session_state["mark"] = address, mark
    st.session_state["sent"] = address  # last: a run that is overtaken before has not read it
    return True


def query(*, extras: bool = True) -> str:
    """Return the query string of what is on the screen, the same for the address bar and the Share button.

    Without the view choices it is that of the same scenario on any other page.
    """
    here = visit.step()
    return codec.encode(
        here.scenario,
        here.touched,
        lang=visit.language() if st.session_state.get("lang_in_link") else None,
        receipt=_receipt(here),
        extras=visit.extras() if extras else {},
        edits=here.edits,
        data=here.snapshot,
    )


def _receipt(here: visit.Step) -> str | None:
    """Return the receipt that came with the link, until a lever is touched; else a fresh one."""
    brought = st.session_state.get("receipt")
    if brought or not (here.touched or here.edits):
        return brought
    of, written = st.session_state.get("own_receipt", (None, None))
    if of != here:
        written = headline_then.write(cached.read(here.scenario), here.scenario, here.touched, here.edits)
        st.session_state["own_receipt"] = (here, written)
    return written


def write_address(where: str = "", page: str = "") -> None:
    """Make the address bar say what is on the screen, and a screen reader the answer, if it is another one.

    This does not run the page again. `where` goes before the key: a part of the page that runs by itself
    writes the bar too. `page` is the path of what is on the screen: the bar must hear of another one though
    all else is as it was.
    """
    written = query()
    st.session_state["address"] = parse_qs(written, keep_blank_values=True)
    data = {"visit": st.session_state.setdefault("visit", uuid4().hex), "query": written}
    data |= {
        "page": page,
        "pages": query(extras=False),
        "entries": visit.entries(),
        "heard": visit.mark(),
        "lang": visit.language(),
        "paper": paper.said(),
        "answer": words.plain(answer.sentence(cached.headline())),
    }
    _bar(key=f"{where}bar", data=data, height=1)


def share_url() -> str:
    """Return the full link to this page with this scenario."""
    parts = urlsplit(st.context.url or "")
    return urlunsplit((parts.scheme, parts.netloc, parts.path or "/", query(), ""))


def is_too_long(url: str) -> bool:
    """Tell a link that may be cut off on its way."""
    return len(url) > LONGEST


def choice(key: str, allowed: Sequence[str], default: str | None = None) -> str:
    """Return a view choice of the page, valid in any case: the default (or the first) when there is none."""
    fallback = allowed[0] if default is None else default
    chosen = visit.extras().get(key)
    if chosen is None or chosen in allowed:
        return fallback if chosen is None else chosen
    refuse(key, chosen)
    return fallback


def set_choice(key: str, value: str) -> None:
    """Remember a view choice by the visitor's own hand; for the callback of a widget."""
    visit.own_event()
    visit.extras()[key] = value


def keep_choices(view_keys: Collection[str], *, from_link: bool, page: str = "") -> None:
    """Let go of view choices that the page on the screen does not know, and of words that none may be.

    The latter are told; the former when a link brought them.
    """
    for key, given in tuple(visit.extras().items()):
        if not from_link and not choices.is_of(page, key, given):
            del visit.extras()[key]  # is left behind by another page
        elif key not in view_keys:
            del visit.extras()[key]
            if from_link:
                _tell("unknown", given=key)
        elif (kept := choices.sound(key, given)) != given:
            refuse(key, given)
            if kept:
                visit.extras()[key] = kept


def _tell(code: str, **params: str) -> None:
    messages = st.session_state.get("messages") or ()
    st.session_state["messages"] = (*messages, Message(code, params))


def is_told() -> bool:
    """Tell whether there is something to tell of the link or of edited data."""
    told = ("messages", "left_behind", "receipt")
    return bool(visit.step().edits or any(st.session_state.get(name) for name in told))


def banner() -> None:
    """Tell what in the opened link could not be used as it stood, and that data are edited."""
    messages = st.session_state.get("messages") or ()
    if receipt := st.session_state.get("receipt"):
        made = read_receipt(receipt).get(headline_then.MODEL)
        if made not in (None, codec.MODEL_VERSION):  # told beside the figures of then
            messages = tuple(one for one in messages if one.code != "older_model")
    if messages and not st.session_state.get("told_beside"):
        title, codes = _("This link was not followed to the letter; the rest of it was."), _codes(messages)
        if codes <= OF_OTHER_MODELS | QUIET:
            title = _("This link was made with an older model.") if codes & OF_OTHER_MODELS else ""
        box(title, words.told(messages), key="link_banner")
        if not receipt and any(one.code == "older_model" for one in messages):
            _way_back(web.snapshots()[0])  # such a model knew no other data
    if left := st.session_state.get("left_behind"):
        title = _("Not all figures changed by hand could be taken along to these data.")
        box(title, words.told(left), key="left_behind_banner")
    if receipt:
        _compare(messages)
    if visit.step().edits:
        rows = [(cached.snapshot().row(edit.rpartition(":")[0]), edit) for edit in visit.step().edits]
        lines = [f"{labels.row(row)} ({edit})" for row, edit in rows]
        box(_("Edited data: these figures were changed by hand."), lines, key="edits_banner")


def _codes(messages: Sequence[Message]) -> set[str]:
    return {one.code for one in messages}


def box(title: str, lines: Sequence[str], *, key: str) -> None:
    """Tell something in lines of plain text, whoever wrote them, in a box; without a title quietly."""
    with st.container(border=bool(title), gap="xsmall", key=key):
        if title:
            st.markdown(f"**{title}**")
        for line in lines:
            st.text(line)


def _compare(messages: Sequence[Message]) -> None:
    """Show where the figures of today differ from those at share time, and why."""
    here, reading = visit.step(), cached.read(visit.scenario())
    then = read_receipt(st.session_state["receipt"])
    found = headline_then.differences(then, headline_then.headline_figures(reading))
    why = headline_then.reasons(then, reading["snapshot"], here.scenario, here.touched, here.edits, messages)
    if not found:
        same = _("The figures are those of when this link was shared.")
        others = [words.why(fact) for fact in why if fact.code in ("model_changed", "other_data")]
        st.caption(" ".join([same, *others]))
        return
    with st.container(border=True, gap="xsmall", key="receipt_banner"):
        st.markdown("**" + _("Since this link was shared, figures have changed.") + "**")
        lines = [words.then_and_now(fact) for fact in found[:TOLD]]
        if len(found) > TOLD:
            more = len(found) - TOLD
            lines.append(ngettext("{count} more figure.", "{count} more figures.", more).format(count=more))
        st.markdown("\n".join("- " + line for line in lines))
        st.caption(" ".join(words.why(fact) for fact in why))
        _way_back(headline_then.made_with(then))


def _way_back(date: str | None) -> None:
    """Offer to open the link on the data it was made with, where those are others than on the screen."""
    if date not in (None, cached.snapshot().snapshot):
        label = _("Open it on the data of {date}").format(date=numbers.day(date))
        st.button(label, key="reopen", on_click=snapshots.reopen, args=(date,))


def refuse(key: str, given: str) -> None:
    """Drop a view choice, or a part of one, that a page cannot use, and tell it in the banner."""
    visit.extras().pop(key, None)
    _tell(choices.CODES.get(key, "bad_view"), name=key, given=given[:40])


def tell(messages: Sequence[Message]) -> None:
    """Add to the banner what a page could not take from the link as it stood."""
    known = st.session_state.get("messages") or ()
    st.session_state["messages"] = (*known, *(one for one in messages if one not in known))


def tell_beside(place: Sequence, messages: Sequence[Message], *own: str) -> None:
    """Tell of what came in another way than by the address, where it came in; the banner is over.

    What was only mended on its way is told without a title.
    """
    title = _("Not everything could be taken as it stood; the rest was.")
    if not own and _codes(messages) <= QUIET:
        title = ""
    lines = words.told(messages, *own)
    st.session_state["told_beside"] = (tuple(place), title, tuple(lines)) if lines else None


def told_beside(place: Sequence) -> tuple[str, Sequence[str]]:
    """Return what is to be told at a place, with its title, as long as nothing came in elsewhere."""
    known, title, lines = st.session_state.get("told_beside") or ((), "", ())
    return (title, lines) if known == tuple(place) else ("", ())
