"""The data book as a reader meets it: figures with their provenance, searchable; what may be edited."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import lru_cache

from core.sources import beside, checked, facts, holders, weights
from core.web.snapshot import Row, Schema
from core.web.web import Web


@lru_cache(maxsize=8)
def _schema(snapshot: str | None = None) -> Schema:
    """What tables may say; the same for every snapshot but for its folder and how many quarters it has."""
    return Schema(snapshot or checked.sound_web().snapshot)


def rows(web: Web) -> tuple[Row, ...]:
    """Every number and word of a web, and of what stands beside the model: quotes, the past, others, holders.

    Parameters
    ----------
    web : Web
        A loaded snapshot, with the reader's edits if there are any.

    Examples
    --------
    >>> from core.web.web import load_web
    >>> found = rows(load_web())
    >>> found[0].id, {"lucent.vendor_finance_share", "iren.capacity"} <= {row.id for row in found}
    ('openai.name', True)
    """
    return (*web.rows(), *facts.beside().values(), *beside.rows(), *holders.rows(web), *weights.rows())


def by_basis(told: Iterable[Row]) -> dict[str, int]:
    """How many numbers (not words) there are of each basis, most first.

    Parameters
    ----------
    told : iterable of Row

    Examples
    --------
    >>> by_basis(facts.figures().values())["article"] > 5
    True
    """
    return dict(Counter(row.basis for row in told if not isinstance(row.raw, str)).most_common())


def search(
    web: Web,
    told: Iterable[Row],
    words: str = "",
    bases: Collection[str] = (),
    tables: Collection[str] = (),
    also: Callable[[Row], str] = lambda row: "",
) -> tuple[Row, ...]:
    """The rows in which all words occur, in id, note or source, whatever the case; empty filters take all.

    Parameters
    ----------
    web : Web
        For the sources.
    told : iterable of Row
        Where to look.
    words : str
        Separated by spaces; all must occur.
    bases, tables : collection of str
        Which bases and tables count.
    also : callable
        More text of a row to search in, for example in another language.

    Examples
    --------
    >>> from core.web.web import load_web
    >>> web = load_web()
    >>> [row.id for row in search(web, rows(web), "lucent revenue", tables=("figures",))]
    ['lucent.vendor_finance_share']
    """
    wanted = words.casefold().split()

    def _text(row: Row) -> str:
        """Return everything that is searched in a row."""
        source = web.sources[row.source]
        told = (row.id, str(row.raw), row.unit, row.note, source.title, source.publisher)
        return " ".join((*told, also(row))).casefold()

    def _has_all(text: str) -> bool:
        """Tell whether all words occur in a text."""
        return all(word in text for word in wanted)

    return tuple(
        row
        for row in told
        if (not bases or row.basis in bases)
        and (not tables or row.table in tables)
        and (not wanted or _has_all(_text(row)))
    )


def editable(web: Web) -> tuple[Row, ...]:
    """The numbers a reader may replace: all that the model can use, not what happened after the snapshot.

    Parameters
    ----------
    web : Web

    Examples
    --------
    >>> from core.web.web import load_web
    >>> ids = [row.id for row in editable(load_web())]
    >>> "coreweave.cash" in ids, "coreweave.kind" in ids, "coreweave.cash.2026Q2" in ids
    (True, False, False)
    """
    return tuple(row for row in web.rows() if not isinstance(row.raw, str) and row.table != "actuals")


def limits(row: Row, snapshot: str | None = None) -> tuple[float | None, float | None]:
    """Smallest and largest value that a row can be given, in its own unit; None where there is no limit.

    Parameters
    ----------
    row : Row
        A number of a web.
    snapshot : str, optional
        Date of the web: how many quarters there are hangs on it. The latest if not given.

    Examples
    --------
    >>> from core.web.web import load_web
    >>> limits(load_web().row("coreweave.cash")), limits(load_web().row("openai.revenue.y2027"))
    ((0, 1000), (0, 2000))
    """
    schema = _schema(snapshot)
    item = row.subject.partition(".")[2] if schema.shape(row.table) == "yearly" else row.item
    declared: Mapping = schema.item(row.table, item, row.unit) or {}
    return declared.get("min"), declared.get("max")


def stated_range(row: Row) -> tuple[float | None, float | None]:
    """The range of a row's sources in its own unit; (None, None) where they give none.

    Parameters
    ----------
    row : Row

    Examples
    --------
    >>> from core.web.web import load_web
    >>> stated_range(load_web().row("openai.cash")), stated_range(facts.figures()["fibre.lit_share"])
    ((70.0, 95.0), (2.6, 5.0))
    """
    per_one = (_schema().units | checked.MORE_UNITS).get(row.unit, 1)
    low, high = (None if bound is None else round(bound * per_one, 9) for bound in (row.low, row.high))
    return low, high


def columns(
    web: Web, told: Iterable[Row], words: Callable[[Row], Mapping[str, str]] = lambda row: {}
) -> dict[str, list]:
    """The data book as columns for a CSV file: everything that is known about each row.

    Parameters
    ----------
    web : Web
        For the sources.
    told : iterable of Row
    words : callable
        Texts of a row by column that replace or join those of the data, for example in another language.

    Examples
    --------
    >>> from core.web.web import load_web
    >>> web = load_web()
    >>> book = columns(web, [web.row("coreweave.cash")])
    >>> book["value"], book["unit"], [name[:26] for name in book["source"]]
    ([6.919], ['USD bn'], ['CoreWeave quarterly report'])
    """
    found = list(told)
    sources = [web.sources[row.source] for row in found]
    ranges = [stated_range(row) for row in found]
    book: dict[str, list] = {
        "id": [row.id for row in found],
        "value": [row.raw for row in found],
        "unit": [row.unit for row in found],
        "low": [low for low, _ in ranges],
        "high": [high for _, high in ranges],
        "as_of": [row.as_of for row in found],
        "basis": [row.basis for row in found],
        "confidence": [row.confidence for row in found],
        "source": [source.title for source in sources],
        "publisher": [source.publisher for source in sources],
        "source_date": [source.date for source in sources],
        "edited": ["yes" if row.overridden else "" for row in found],
        "note": [row.note for row in found],
    }
    said = [words(row) for row in found]
    return book | {name: [texts[name] for texts in said] for name in (said[0] if said else ())}
