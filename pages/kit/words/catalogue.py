"""Texts by language: English is the message itself, Dutch comes from the files in `locale/nl/LC_MESSAGES`.

`backstop.po` holds the frame and the Overview, further pages have a file of their own; all are read together.

The .po files are compiled in memory at first use, so a stale .mo file cannot exist.
Texts are collected with `pybabel extract -F pages/kit/locale/babel.cfg -k N_ .` (see locale/README.md).
"""

from __future__ import annotations

import gettext
from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from pages.kit.visit.visit import language

LOCALE = Path(__file__).parents[1] / "locale"


def catalog(code: str) -> Catalog:
    """Return all messages of one language; its files are joined in the order of their names."""
    folder = LOCALE / code / "LC_MESSAGES"
    if not folder.is_dir():
        raise FileNotFoundError(folder)
    joined = Catalog(locale=code)
    for path in sorted(folder.glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=code):
                if message.id:
                    joined[message.id] = message
    return joined


@cache
def translations(code: str) -> gettext.NullTranslations:
    """Return the texts of one language; an unknown one raises FileNotFoundError."""
    compiled = BytesIO()
    write_mo(compiled, catalog(code))
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
