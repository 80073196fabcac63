"""The Share dialog: the ways to send a link on, the link, a few words to paste with it, and a QR code."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

import segno
import streamlit as st

from core.results.narrative import Fact
from pages.kit.frame import address, own_deck
from pages.kit.words import answer, numbers, words
from pages.kit.words.catalogue import _

# A QR code is dark on light in both themes: many cameras do not read the reverse.
QR_DARK, QR_LIGHT = "#1d2329", "#ffffff"
_ways = st.components.v2.component(
    "backstop_share",
    html='<div class="backstop-share"></div>',
    js=Path(__file__).with_name("share.js").read_text(encoding="utf-8"),
    css=Path(__file__).with_name("share.css").read_text(encoding="utf-8"),
    isolate_styles=False,
)


def dialog(facts: Sequence[Fact], page: str) -> None:
    """Open the dialog for what is on the screen now; `facts` are those of the headline."""
    st.dialog(_("Share this view"))(_content)(facts, page)


def _content(facts: Sequence[Fact], page: str) -> None:
    url = address.share_url()
    is_short = ways(url, text(facts, url), words.plain(answer.sentence(facts)), key="share_ways")
    st.markdown(_("This link carries every lever you have moved. Whoever opens it sees this view."))
    if not is_short:
        st.text(too_long(url))
    if "&k=" in url:
        st.caption(
            _("The link also keeps today's headline figures, so that its reader sees what has changed since.")
        )
    own_deck.offer(page)


def ways(url: str, message: str, headline: str, *, key: str) -> bool:
    """Draw the ways to send a link on; a link that may be cut off has no QR code: tell whether it has one."""
    said = {
        "title": "Backstop",
        "headline": headline,
        "share": _("Share"),
        "copyLink": _("Copy the link"),
        "copyMessage": _("Copy text and link"),
        "copied": _("Copied."),
        "refused": _("Your browser does not allow copying; select the text below and copy it yourself."),
        "code": _("QR code of this link"),
        "link": _("The link"),
        "message": _("With a few words, to paste into a message:"),
    }
    is_short = not address.is_too_long(url)
    code = as_data(url) if is_short else None
    _ways(key=key, data={"url": url, "text": message, "words": said, "code": code})
    return is_short


def as_data(url: str) -> str:
    """Return the QR code of a link as the address of a picture."""
    return f"data:image/png;base64,{b64encode(qr_code(url)).decode()}"


def text(facts: Sequence[Fact], url: str) -> str:
    """Return the headline in the reader's language with the link below it, as plain text."""
    return f"{words.plain(answer.sentence(facts))}\n{url}"


def too_long(url: str) -> str:
    """Say why a link may not arrive whole, and what holds the same; it has no QR code either."""
    text = _(
        "This link has {count} characters. Only links of up to {most} arrive whole everywhere, so it has no "
        "QR code. Changed figures of the data and the two sides of Compare make a link long; the scenario "
        "file on the page Compare carries levers and figures whatever their number."
    )
    return text.format(count=numbers.decimal(len(url), 0), most=numbers.decimal(address.LONGEST, 0))


def qr_code(url: str, kind: str = "png", **more: object) -> bytes:
    """Return a link as a QR code, a picture with the quiet zone that cameras need.

    At the lowest level of repair: fewer and larger squares are read from farther away.
    """
    look = {"scale": 4, "border": 4, "dark": QR_DARK, "light": QR_LIGHT}
    picture = BytesIO()
    segno.make(url, error="l", micro=False).save(picture, kind, **look | more)
    return picture.getvalue()
