"""What happens to a link on its way, as functions of a whole address; `test_bent` applies one or two."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from urllib.parse import quote

Bending = Callable[[str], str]

SIGNS = (*")]}>\"'”’».,;:!*|`~", "?", ").", '">', "**", "。", "_")
CUT_OFF = ("…", "..", "...", "…)", "...”", "%E2%80%A6", "%2E%2E%2E", "&hellip;", "&#8230;")
UNSEEN = "\u200b\u200c\u200d\u200e\u00ad\u2060\ufeff"


def _tail(change: Callable[[str], str]) -> Bending:
    """Change what stands behind the first question mark."""

    def bend(address: str) -> str:
        head, mark, tail = address.partition("?")
        return head + mark + change(tail) if mark else address

    return bend


def _in_escapes(signs: str, layers: int) -> Bending:
    def change(tail: str) -> str:
        for sign in signs:
            escaped = sign
            for _layer in range(layers):
                escaped = quote(escaped, safe="")
            tail = tail.replace(sign, escaped)
        return tail

    return _tail(change)


def _every(count: int, between: str) -> Bending:
    """Put something between every few characters of the parameters, escapes left whole."""

    def change(tail: str) -> str:
        signs = re.findall("(?:%[0-9A-F]{2})+|.", tail, re.DOTALL)
        return between.join("".join(signs[i : i + count]) for i in range(0, len(signs), count))

    return _tail(change)


def _quoted_printable(width: int) -> Bending:
    def bend(address: str) -> str:
        pieces = re.findall(r"=3D|[^=]", address.replace("=", "=3D"))
        lines = [""]
        for piece in pieces:
            if len(lines[-1]) + len(piece) > width:
                lines.append("")
            lines[-1] += piece
        return "=\r\n".join(lines)

    return bend


def _proofed(address: str) -> str:
    escaped = quote(address, safe=":/?&=").replace("-", "%2D").replace("_", "%5F")
    for sign in ":?&=":
        escaped = escaped.replace(sign, quote(sign, safe=""))
    escaped = escaped.replace("%", "-").replace("/", "_")
    return f"https://urldefense.proofpoint.com/v2/url?u={escaped}&d=DwMFaQ&c=x"


BENDINGS: dict[str, Bending] = {
    **{f"{sign} behind": lambda address, sign=sign: address + sign for sign in SIGNS},
    **{
        f"{sign} behind in escapes": lambda address, sign=sign: address + quote(sign, safe="")
        for sign in SIGNS
        if sign != "_"
    },
    "a bracket in escapes of escapes": lambda address: address + "%2529",
    "in angle brackets": lambda address: f"<{address}>",
    "in quotes, in a sentence": lambda address: f"Look at “{address}”, she said.",
    "in brackets of markdown": lambda address: f"As [he wrote]({address}). And more.",
    "a link of a page": lambda address: f'<a href="{html.escape(address)}">here</a>',
    "under a line of text": lambda address: f"If demand stops, OpenAI fails.\n{address}",
    "above a line of text": lambda address: f"{address}\n\nKind regards, 5",
    "a second question mark": lambda address: address + "?utm_source=n&utm_medium=email",
    "a second question mark in front": _tail(lambda tail: "?" + tail),
    "a second question mark in escapes": lambda address: address + "%3Ffbclid=x",
    "tracking behind": lambda address: address + "&utm_source=a&fbclid=IwAR0&gclid=b&mc_cid=c&_hsenc=d",
    "tracking in front": _tail(lambda tail: "utm_campaign=x&" + tail),
    "entities": lambda address: address.replace("&", "&amp;"),
    "entities of entities": lambda address: address.replace("&", "&amp;amp;"),
    "numbered entities": lambda address: address.replace("&", "&#38;"),
    "an entity behind": lambda address: address + "&quot;",
    "=3D": lambda address: address.replace("=", "=3D"),
    "mail of 40 characters": _quoted_printable(40),
    "mail of 76 characters": _quoted_printable(76),
    "separators in escapes": _in_escapes("&", 1),
    "separators in escapes twice": _in_escapes("&", 2),
    "both signs in escapes": _in_escapes("&=", 1),
    "both signs in escapes twice": _in_escapes("&=", 2),
    "all parameters in escapes": _tail(lambda tail: quote(tail, safe="")),
    "all parameters in escapes twice": _tail(lambda tail: quote(quote(tail, safe=""), safe="")),
    "the question mark in escapes": lambda address: address.replace("?", "%3F", 1),
    "the whole address in escapes": lambda address: quote(address, safe=""),
    **{f"{ord(sign):x} behind": lambda address, sign=sign: address + sign for sign in UNSEEN},
    **{f"{ord(sign):x} all over": _every(3, sign) for sign in UNSEEN},
    "no width, in escapes": _every(5, quote("\u200b")),
    "broken lines": _every(19, "\n"),
    "broken lines of another system": _every(31, "\r\n"),
    "broken lines in an answer": _every(25, "\n> "),
    "broken lines with blanks": _every(23, " \n  "),
    "broken lines in escapes": _every(29, "%0D%0A"),
    "SafeLinks": lambda address: (
        "https://eur02.safelinks.protection.outlook.com/?url="
        f"{quote(address, safe='')}&data=05%7C02%7Cx&sdata=y%3D&reserved=0"
    ),
    "SafeLinks in entities": lambda address: html.escape(
        f"https://nam.safelinks.protection.outlook.com/?url={quote(address, safe='')}&data=05&reserved=0"
    ),
    "Google": lambda address: f"https://www.google.com/url?sa=D&q={quote(address, safe='')}&usg=AOvVaw&ust=1",
    "Google as it stands": lambda address: (
        f"https://www.google.com/url?q={address.replace('&', '%26')}&sa=D&source=docs"
    ),
    "Facebook": lambda address: f"https://l.facebook.com/l.php?u={quote(address, safe='')}&h=AT0x&s=1",
    "LinkedIn": lambda address: (
        f"https://www.linkedin.com/redir/redirect?url={quote(address, safe='')}&urlhash=x"
    ),
    "Slack": lambda address: f"https://slack-redir.net/link?url={quote(address, safe='')}",
    "Proofpoint": _proofed,
    "urldefense": lambda address: f"https://urldefense.com/v3/__{address}__;!!AbC!xyz$",
}
# Once such a thing has happened, what comes next happens around it: the address is no longer the whole text.
IN_A_TEXT = frozenset(
    name
    for name in BENDINGS
    if name.startswith(("in ", "a link of", "under a", "above a", "mail of", "broken"))
)
