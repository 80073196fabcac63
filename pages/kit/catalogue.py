"""Texts by language: English is the message itself, Dutch comes from `locale/nl/LC_MESSAGES/backstop.po`.

The .po files are compiled in memory at first use, so a stale .mo file cannot exist.
Texts are collected with `pybabel extract -F pages/kit/locale/babel.cfg -k N_ .` (see locale/README.md).
"""

from __future__ import annotations

import gettext
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from pages.kit.state import language

LOCALE = Path(__file__).parent / "locale"


@cache
def translations(code: str) -> gettext.NullTranslations:
    """Return the texts of one language; an unknown one raises FileNotFoundError."""
    source = LOCALE / code / "LC_MESSAGES" / "backstop.po"
    compiled = BytesIO()
    with source.open("rb") as file:
        write_mo(compiled, read_po(file, locale=code))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def _(message: str) -> str:
    """Return a text in the language of this visit."""
    return translations(language()).gettext(message)


def ngettext(one: str, many: str, count: int) -> str:
    """Return the singular or plural form of a text in the language of this visit."""
    return translations(language()).ngettext(one, many, count)


def N_(message: str) -> str:
    """Mark a text for extraction; it is translated where it is shown."""
    return message
