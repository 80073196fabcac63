"""Rows as hands write them: "40 CRWV", "Meesman € 8.250", "S&P 500 tracker 25%", "pensioen"."""

from __future__ import annotations

from core.holdings.rows import Read, UnreadableError


def typed_lines(text: str, *, of_a_file: bool) -> Read:
    """Read lines that no header explains.

    Parameters
    ----------
    text : str
        Lines.
    of_a_file : bool
        Whether most of them must hold figures.
    """
    raise UnreadableError("holdings_no_table")
