"""The pages of a room as HTML: of the audience, of the speaker, and of a code that leads nowhere.

They hold no text of anybody's: what is shown comes by the event stream, and the scripts write it as text.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from html import escape
from pathlib import Path

from pages.kit.audience.rooms import Room
from pages.kit.server.card import NAME
from pages.kit.server.lost import BOTH, STYLE, colours
from pages.kit.server.served import SANS, SERIF
from pages.kit.words.catalogue import N_, translations

FILES = (
    "room.js",
    "room.css",
    "result.js",
    "speaker.js",
    "speaker.css",
    "screen.js",
    "screen.css",
    "stream.js",
)
TYPES = {"js": "text/javascript", "css": "text/css"}
FORM = """
label { display: block }
input, button { font: inherit; padding: .55rem .7rem; border: 1px solid var(--muted); border-radius: 4px }
input { width: 9rem; text-transform: uppercase; letter-spacing: .12em; background: none; color: inherit }
button { background: var(--way); color: var(--paper); border-color: var(--way) }
"""
LONGEST_CODE = 12  # letters of a code that is said back

AUDIENCE = {
    "asks": N_("The presenter asks, before the model answers"),
    "send": N_("Send my guess"),
    "change": N_("Change my guess"),
    "sent": N_("Your guess: {value}."),
    "free": N_("You can change it until the vote closes. No names are kept. The model answers after you."),
    "left": N_("{count} seconds left"),
    "left_one": N_("1 second left"),
    "answered": N_("{votes} of {listeners} answered"),
    "closed": N_("The vote is closed"),
    "wait": N_("The result comes when the presenter shows it."),
    "now": N_("On the screen now"),
    "step": N_("Step {step} of {of}"),
    "app": N_("Open the whole app here"),
    "waiting": N_("The presenter has not begun yet. This page follows by itself."),
    "connecting": N_("Connecting …"),
    "lost": N_("The connection is gone; it is being tried again."),
    "gone": N_("This room has ended. Nothing of it is kept."),
    "full": N_("The room is full. It is tried again by itself."),
    "failed": N_("The answer did not arrive. Please send it once more."),
    "less": N_("Less: {count} of {total}. {fate}."),
    "more": N_("As much or more: {count} of {total}. {fate}."),
    "fails": N_("{name} fails"),
    "survives": N_("{name} survives"),
    "share": N_("{count} of {total}"),
    "at": N_("{name}, {value}"),
    "median": N_("the room’s median, {value}"),
    "today": N_("today, {value}"),
    "model": N_("the model"),
    "none": N_("Nobody has answered."),
}
SPEAKER = {
    "now": N_("Now"),
    "next": N_("Coming next"),
    "of": N_("{step} of {of}"),
    "notes": N_("Your notes"),
    "does": N_("What the next move will do"),
    "stays": N_("stays"),
    "last": N_("This is the last step."),
    "spoken": N_("{time} spoken"),
    "left": N_("{time} left"),
    "over": N_("{time} over"),
    "minutes": N_("Minutes to speak"),
    "room": N_("Room {code}"),
    "listening": N_("{count} listening"),
    "private": N_("no audience yet"),
    "voting": N_("vote open, {seconds} s, {count} answered"),
    "voted": N_("vote closed, {count} answered"),
    "start": N_("Start the clock"),
    "stop": N_("Stop the clock"),
    "connecting": N_("Connecting …"),
    "lost": N_("The connection is gone; it is being tried again."),
    "gone": N_("This room has ended. Nothing of it is kept."),
    "full": N_("The room is full. It is tried again by itself."),
    "waiting": N_("The presentation has not begun yet. This page follows by itself."),
}
SCREEN = {
    "show": N_("Show the result"),
    "hide": N_("Hide the result"),
    "end": N_("Close the vote"),
    "reopen": N_("Open the vote again"),
    "away": N_("Back to the step"),
    "lever": N_("Make {value} the lever"),
    "code": N_("QR code of this room"),
}
# Keys that are told at the foot; the script sends many more.
KEYS = (
    ("←", "ArrowLeft", N_("step back")),
    ("→", "ArrowRight", N_("step on")),
    ("B", "b", N_("black screen")),
    ("V", "v", N_("the vote")),
    ("H", "h", N_("the result")),
    ("Q", "q", N_("large QR code")),
    ("T", "t", N_("clock")),
)


def _read(name: str) -> bytes:
    return Path(__file__).with_name(name).read_bytes()


# A file has its content in its name: a browser keeps it for good, and a new version is another file.
MARKED = {name: f"{name.replace('.', f'-{hashlib.sha256(_read(name)).hexdigest()[:10]}.')}" for name in FILES}
SERVED = {marked: (_read(name), TYPES[name.rpartition(".")[2]]) for name, marked in MARKED.items()}


def audience(room: Room, base: str, language: str) -> str:
    """Return the page of one who listens; `base` is the path under which the app is served."""
    say = translations(language).gettext
    told = say(SPEAKER["room"]).format(code=room.code)
    script_needed = say(N_("This page needs JavaScript to follow the presenter."))
    body = f"""<header><b class="name">{NAME}</b>
<span>{_with_code(say(SPEAKER["room"]), room.code)}</span></header>
<p id="state" role="status">{escape(say(AUDIENCE["connecting"]))}</p>
<noscript><p>{escape(script_needed)}</p></noscript>
<main>
<section id="ask" hidden></section><section id="result" hidden></section><section id="shown"></section>
</main>
<footer><a id="app" href="{escape(base)}/?lang={language}">{escape(say(AUDIENCE["app"]))} ›</a></footer>"""
    place = {
        "code": room.code,
        "base": base,
        "lang": language,
        "events": f"{base}/r/{room.code}/events?lang={language}",
    }
    return _page(
        language, told, body, BOTH, place, AUDIENCE, ("stream.js", "result.js", "room.js"), "room.css", base
    )


def speaker(room: Room, base: str, language: str, faces: Sequence[str] = ()) -> str:
    """Return the speaker's page; the token stands in its address, and the script takes it from there.

    `faces` are the paths of the two faces of the pages, which the speaker's browser has.
    """
    say = translations(language).gettext
    keys = "".join(
        f'<button type="button" data-key="{key}"><kbd>{sign}</kbd> {escape(say(words))}</button>'
        for sign, key, words in KEYS
    )
    body = f"""<header><b id="clock">–</b><span id="spoken"></span>
<progress id="bar" max="1" value="0"></progress><b id="left"></b>
<label>{escape(say(SPEAKER["minutes"]))}
<input id="minutes" type="number" min="1" max="240" step="1" inputmode="numeric"></label>
<button type="button" id="run"></button><span id="house"></span></header>
<p id="state" role="status">{escape(say(SPEAKER["connecting"]))}</p>
<main><section id="now"></section><section id="next"></section></main>
<footer>{keys}</footer>"""
    place = {"code": room.code, "base": base, "lang": language, "events": f"{base}/speak/{room.code}/events"}
    told = say(N_("Speaker view of room {code}")).format(code=room.code)
    dark = f"{_look(faces)}:root {{ color-scheme: dark; {colours('dark')} }}"
    return _page(language, told, body, dark, place, SPEAKER, ("stream.js", "speaker.js"), "speaker.css", base)


def _look(faces: Sequence[str]) -> str:
    return "".join(
        f'@font-face {{ font-family: "{name}"; src: url("{path}"); font-weight: 200 900 }}'
        for name in (SERIF, SANS)
        for path in faces
        if name.replace(" ", "") in path
    )


def screen(room: Room, base: str, language: str, way: str, code: str, faces: Sequence[str] = ()) -> str:
    """Return what lies over a step while a room is asked; `way` leads into it, and `code` is its picture."""
    say = translations(language).gettext
    keys = (("hide", "h"), ("close", "v"), ("away", "away"), ("lever", "lever"))
    buttons = "".join(f'<button type="button" id="{name}" data-key="{key}"></button>' for name, key in keys)
    host, _mark, path = way.partition("://")[2].partition("/")
    body = f"""<p id="state" role="status">{escape(say(AUDIENCE["connecting"]))}</p>
<main><section id="ask" hidden><h1 id="words"></h1><img src="{code}" alt="{escape(say(SCREEN["code"]))}">
<p class="way">{escape(host)}/<wbr><b>{escape(path)}</b></p></section>
<section id="result" hidden></section></main>
<footer><p id="time"></p>{buttons}</footer>"""
    place = {"code": room.code, "base": base, "lang": language, "events": f"{base}/speak/{room.code}/events"}
    told = say(SPEAKER["room"]).format(code=room.code)
    scripts = ("stream.js", "result.js", "screen.js")
    words = AUDIENCE | SCREEN
    look = _look(faces) + BOTH
    return _page(language, told, body, look, place, words, scripts, "screen.css", base, first="room.css")


def entrance(base: str, language: str, told: str = "", more: str = "", code: str = "") -> str:
    """Return the page with a field for a code; and what is wrong with the code that was given, if so."""
    say = translations(language).gettext
    told = told or say(N_("Which room?"))
    which, go = say(N_("Code of the room")), say(N_("Go in"))
    given, without = escape(code[:LONGEST_CODE].upper()), say(N_("Open the app without a room"))
    return f"""<!DOCTYPE html>
<html lang="{language}" translate="no"><head><meta charset="UTF-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">
<title>{escape(told)} · {NAME}</title><style>{STYLE}
{FORM}</style></head>
<body><main><p>{NAME}</p><h1>{escape(told)}</h1><p>{escape(more)}</p>
<form action="{escape(base)}/r" method="get"><label for="code">{escape(which)}</label>
<input id="code" name="code" value="{given}" maxlength="{LONGEST_CODE}" required
autocomplete="off" autocapitalize="characters" spellcheck="false">
<input type="hidden" name="lang" value="{language}"><button>{escape(go)}</button></form>
<p><a class="home" href="{escape(base)}/?lang={language}">{escape(without)}</a></p>
</main></body></html>"""


def _with_code(words: str, code: str) -> str:
    before, _mark, after = words.partition("{code}")
    return f"{escape(before)}<b>{escape(code)}</b>{escape(after)}"


def _page(
    language: str,
    title: str,
    body: str,
    look: str,
    place: dict[str, str],
    words: dict[str, str],
    scripts: tuple[str, ...],
    style: str,
    base: str,
    first: str = "",
) -> str:
    say = translations(language).gettext
    told = {key: say(text) for key, text in words.items()}
    sheets = "".join(
        f'<link rel="stylesheet" href="{escape(base)}/{MARKED[name]}">'
        for name in filter(None, (first, style))
    )
    data = "".join(f' data-{key}="{escape(text)}"' for key, text in place.items())
    loads = "".join(f'<script src="{escape(base)}/{MARKED[name]}" defer></script>' for name in scripts)
    return f"""<!DOCTYPE html>
<html lang="{language}" translate="no"><head><meta charset="UTF-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex"><meta name="referrer" content="no-referrer">
<title>{escape(title)} · {NAME}</title><style>{look}</style>
{sheets}{loads}</head>
<body{data} data-words="{escape(json.dumps(told, ensure_ascii=False))}">
{body}
</body></html>"""
