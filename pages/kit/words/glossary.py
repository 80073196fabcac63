"""The words on a page: each term of art explained once, in one or two plain lines, where it occurs."""

from __future__ import annotations

import streamlit as st

from core.sources import glossary
from pages.kit.visit import on_request, visit
from pages.kit.words.catalogue import _


def name(term: str) -> str:
    """Return what a term is called in the reader's language; KeyError when the glossary does not have it."""
    return glossary.terms()[term].name[visit.language()]


def meaning(term: str) -> str:
    """Return what a term means, for a caption, a `help=` or a receipt."""
    return glossary.terms()[term].meaning[visit.language()]


def entry(term: str) -> str:
    """Return a term and what it means, in two lines of markdown."""
    return f"**{name(term)}**  \n{meaning(term)}"


def explain(*terms: str, key: str = "words") -> None:
    """Offer the terms of a page as one quiet button that opens the list of them."""
    draw, icon = (lambda: st.markdown("\n\n".join(map(entry, terms)))), ":material/menu_book:"
    on_request.popover(_("Words on this page"), draw, key=key, icon=icon)
