"""The Share dialog: the link, a few words to paste with it, and a QR code."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

import segno
import streamlit as st

from core.results.narrative import Fact
from pages.kit.frame import address
from pages.kit.words import numbers, words
from pages.kit.words.catalogue import _

# A QR code is dark on light in both themes: many cameras do not read the reverse.
QR_DARK, QR_LIGHT = "#1d2329", "#ffffff"


def dialog(facts: Sequence[Fact]) -> None:
    """Open the dialog for what is on the screen now; `facts` are those of the headline."""
    st.dialog(_("Share this view"))(_content)(facts)


def _content(facts: Sequence[Fact]) -> None:
    url = address.share_url()
    st.markdown(_("This link carries every lever you have moved. Whoever opens it sees this view."))
    st.code(url, language=None, wrap_lines=True)
    st.markdown(_("With a few words, to paste into a message:"))
    st.code(text(facts, url), language=None, wrap_lines=True)
    if address.is_too_long(url):
        st.text(too_long(url))
    else:
        st.image(qr_code(url), width=300, alt=_("QR code of this link"))
    if "&k=" in url:
        st.caption(
            _("The link also keeps today's headline figures, so that its reader sees what has changed since.")
        )


def text(facts: Sequence[Fact], url: str) -> str:
    """Return the headline in the reader's language with the link below it, as plain text."""
    return f"{words.plain(words.headline(facts))}\n{url}"


def too_long(url: str) -> str:
    """Say why a link may not arrive whole, and what holds the same; it has no QR code either."""
    text = _(
        "This link has {count} characters. Only links of up to {most} arrive whole everywhere, so it has no "
        "QR code. Changed figures of the data and the two sides of Compare make a link long; the scenario "
        "file on the page Compare carries levers and figures whatever their number."
    )
    return text.format(count=numbers.decimal(len(url), 0), most=numbers.decimal(address.LONGEST, 0))


def qr_code(url: str, kind: str = "png", **more: object) -> bytes:
    """Return a link as a QR code, a picture with the quiet zone that cameras need."""
    look = {"scale": 4, "border": 4, "dark": QR_DARK, "light": QR_LIGHT}
    picture = BytesIO()
    segno.make(url, error="l", micro=False).save(picture, kind, **look | more)
    return picture.getvalue()
