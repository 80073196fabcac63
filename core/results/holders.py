"""What somebody who holds a part of a debt loses of it: his share of what the debt loses in a run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.layout.compile import compile_layout
from core.results.funds import funds
from core.web.snapshot import Row
from core.web.web import Web

KNOWN = ("reported", "derived")  # bases of a fund's size that say what it holds; others only suppose it


@dataclass(frozen=True)
class Paper:
    """A debt line, or all lines of a borrower together, in one scenario.

    Attributes
    ----------
    id : str
        Of a tranche, or of a borrower for all of its tranches.
    lines : tuple of str
        Ids of the tranches.
    owed, lost : float
        USD bn: what is owed at the start, and the principal and interest that never come of it.
    least, most : float
        What a dollar loses in the line that loses least, and in the one that loses most.
    """

    id: str
    lines: tuple[str, ...]
    owed: float
    lost: float
    least: float
    most: float

    def share(self, amount: float) -> float:
        """Part of the paper that somebody holds, at most all of it.

        Parameters
        ----------
        amount : float
            USD bn.
        """
        return min(amount / self.owed, 1.0)

    def loss(self, amount: float) -> float:
        """What a holder loses, USD bn: his share of what the paper loses, spread evenly over its lines.

        Parameters
        ----------
        amount : float
            What he holds, USD bn.

        Examples
        --------
        >>> Paper("notes", ("notes",), owed=27.3, lost=5.46, least=0.2, most=0.2).loss(9.81)
        1.962
        """
        return self.share(amount) * self.lost

    def between(self, amount: float) -> tuple[float, float]:
        """What a holder loses if all he holds is in the line that loses least, or in the one that loses most.

        Parameters
        ----------
        amount : float
            USD bn.

        Examples
        --------
        >>> Paper("x", ("loan", "notes"), owed=10.0, lost=4.0, least=0.25, most=0.75).between(2.0)
        (0.5, 1.5)
        """
        held = self.share(amount) * self.owed
        return held * self.least, held * self.most


def lines_of(web: Web, ident: str) -> tuple[str, ...]:
    """The debt lines that a paper stands for: itself, or all of a borrower's; nothing where data have none.

    Parameters
    ----------
    web : Web
    ident : str
        Id of a tranche or of a borrower.
    """
    return tuple(
        line for line, items in web.tables["tranches"].items() if ident in (line, items["borrower"].value)
    )


def paper(web: Web, reading: Mapping, ident: str, last: int | None = None) -> Paper:
    """Read what a debt line, or all debt of a borrower at the start, loses in a scenario.

    Parameters
    ----------
    web : Web
        The data of the scenario.
    reading : mapping
        As `core.results.reading.read` gives it.
    ident : str
        Id of a tranche or of a borrower that `lines_of` knows.
    last : int, optional
        Last quarter that counts; all without it.
    """
    lines = lines_of(web, ident)
    lost = {
        row["id"]: sum(row["lost"] if last is None else row["lost"][: last + 1])
        for row in reading["tranches"]
        if row["id"] in lines
    }
    owed = {line: float(web.value(f"{line}.balance")) for line in lines}
    rates = [lost[line] / owed[line] for line in lines]
    return Paper(ident, lines, sum(owed.values()), sum(lost.values()), min(rates), max(rates))


def held_by_funds(web: Web, line: str) -> tuple[tuple[Row, float], ...]:
    """The web's own funds that are known to hold a debt line: the row of each one's size, and how much of it.

    A fund whose size is an assumption or a word of the article holds what the model supposes: it is no known
    holder.

    Parameters
    ----------
    web : Web
    line : str
        Id of a tranche.

    Returns
    -------
    tuple of (Row, float)
        USD bn.

    Examples
    --------
    >>> from core.web.web import load_web
    >>> [(row.subject, amount) for row, amount in held_by_funds(load_web(), "hyperion_notes")]
    [('pimco', 18.0)]
    """
    sizes = ((web.row(f"{fund.id}.size"), fund) for fund in funds(compile_layout(web)))
    return tuple(
        (size, fund.size * weight)
        for size, fund in sizes
        for held, weight in fund.holdings
        if held == line and size.basis in KNOWN
    )
