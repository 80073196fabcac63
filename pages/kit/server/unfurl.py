"""The head of a page as a link's reader and their messenger get it, before anything of the app has run."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from html import escape
from urllib.parse import urlencode

from pages.kit.frame import navigation
from pages.kit.frame.frame import PAGES, Entry
from pages.kit.server.card import HEIGHT, NAME, WIDTH
from pages.kit.server.paths import own
from pages.kit.server.said import LOCALES, Link, Said
from pages.kit.visit.visit import LANGUAGES
from pages.kit.words.catalogue import translations

LONGEST = 300  # characters of a description; messengers show fewer
FRAME_WIDTH, FRAME_HEIGHT = 640, 640  # pixels of the small page in another page
FACE = {"rel": "preload", "as": "font", "type": "font/woff2", "crossorigin": "anonymous"}
PLOTLY = {"rel": "preload", "as": "script", "class": "backstop-plotly"}  # for `place.js`
_CLOSED = re.compile(r"<link[^>]*service-desc[^>]*>\s*")  # points to what this server does not answer
_COMMENTS = re.compile(r"<!--.*?-->\s*", re.DOTALL)
_NOSCRIPT = re.compile(r"<noscript>.*?</noscript>", re.DOTALL)


def title(page: Entry, said: Said) -> str:
    """Return the title of a link: the first sentence of the headline, after the page's name if it has one."""
    if page is PAGES[0]:
        return said.sentence
    return f"{translations(said.language).gettext(page.title)}: {said.sentence}"


def description(said: Said) -> str:
    """Return the rest of the headline, cut at a word where it is long."""
    if len(said.rest) <= LONGEST:
        return said.rest
    return said.rest[:LONGEST].rpartition(" ")[0].rstrip(" ,;") + " …"


def address(base: str, link: Link, *, embed: bool = False) -> str:
    """Return the whole address of a link, as this app writes it; `base` is where the app is served."""
    query = link.query()
    query += ("&" if query else "") + "embed=true" if embed else ""
    return f"{base}{own(link.page)}{'?' if query else ''}{query}"


def picture(base: str, link: Link) -> str:
    """Return the address of a link's picture."""
    return f"{base}/card.png?{link.picture()}"


def rewritten(html: str, said: Said, link: Link, base: str, faces: Sequence[str], plotly: str) -> str:
    """Return Streamlit's page with a head that speaks of a link; all of it stands before Streamlit's own.

    `faces` and `plotly` are paths of files to fetch at once: a headline that is set in another face first
    jumps when its own comes, and Plotly is the largest file of all.
    """
    told, rest = title(link.page, said), description(said)
    names = {
        "description": rest,
        "google": "notranslate",
        "twitter:card": "summary_large_image",  # the rest X takes from what follows
    }
    properties = {
        "og:type": "website",
        "og:site_name": NAME,
        "og:title": told,
        "og:description": rest,
        "og:image": picture(base, link),
        "og:image:type": "image/png",
        "og:image:width": str(WIDTH),
        "og:image:height": str(HEIGHT),
        "og:image:alt": said.alt(),
        "og:locale": LOCALES[said.language],
    }
    links = [FACE | {"href": path} for path in faces if path.rpartition("/")[2] not in html]
    links.append(PLOTLY | {"href": plotly})
    if link.is_read:  # else this would be the address of another scenario
        here = address(base, link)
        properties["og:url"] = here
        asked = urlencode({"url": here, "format": "json"})
        oembed = {"rel": "alternate", "type": "application/json+oembed", "href": f"{base}/oembed?{asked}"}
        links.append(oembed | {"title": told})
    head = [
        f"<title>{escape(told)} · {NAME}</title>",
        *(_tag("meta", {"name": name, "content": text}) for name, text in names.items()),
        *(_tag("meta", {"property": name, "content": text}) for name, text in properties.items()),
        *(
            _tag("meta", {"property": "og:locale:alternate", "content": LOCALES[code]})
            for code in LANGUAGES
            if code != said.language
        ),
        *(_tag("link", one) for one in links),
        f"<style>{navigation.STYLE}</style>",
    ]
    shell = _CLOSED.sub("", _COMMENTS.sub("", html))
    shell = re.sub(r"<title>.*?</title>\s*", "", shell, count=1, flags=re.DOTALL)
    before, opened, after = shell.partition("<head>")
    before = re.sub(r"<html[^>]*>", _tag("html", {"lang": said.language, "translate": "no"}), before, count=1)
    charset, following = _charset_first(after)
    words = f"<noscript><h1>{escape(told)}</h1><p>{escape(said.rest)}</p></noscript>"
    following = _NOSCRIPT.sub(lambda _found: words, following, count=1)
    return "".join([before, opened, charset, "\n".join(head), following])


def _charset_first(head: str) -> tuple[str, str]:
    """Part the head behind its charset, which must come first."""
    found = re.match(r"\s*<meta charset=[^>]*>\s*", head)
    return (head[: found.end()], head[found.end() :]) if found else ('<meta charset="UTF-8">', head)


def _tag(name: str, attributes: Mapping[str, str]) -> str:
    return f"<{name} " + " ".join(f'{key}="{escape(text)}"' for key, text in attributes.items()) + ">"


def embedded(base: str, said: Said, link: Link, most: tuple[int, int]) -> dict[str, object]:
    """Return the answer of oEmbed for a link: a frame with the small page, no larger than asked."""
    wide, high = min(FRAME_WIDTH, most[0]), min(FRAME_HEIGHT, most[1])
    told = title(link.page, said)
    frame = {
        "src": address(base, link, embed=True),
        "width": str(wide),
        "height": str(high),
        "title": f"{NAME}: {told}",
        "style": "border:0",
        "loading": "lazy",
        "allow": "clipboard-write; fullscreen; web-share",
    }
    return {
        "version": "1.0",
        "type": "rich",
        "title": told,
        "provider_name": NAME,
        "provider_url": f"{base}/",
        "html": _tag("iframe", frame) + "</iframe>",
        "width": wide,
        "height": high,
        "thumbnail_url": picture(base, link),
        "thumbnail_width": WIDTH,
        "thumbnail_height": HEIGHT,
        "cache_age": 86_400,
    }
