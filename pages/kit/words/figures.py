"""The named figures that Stress and Compare put side by side: what each is called and how it is written."""

from __future__ import annotations

from core.questions import between
from core.results.comparison import FIGURES
from core.scenario.levers import lever
from pages.kit.visit import cached
from pages.kit.words import numbers, spans, words
from pages.kit.words.catalogue import N_, _

_FIELDS = {
    "failed_count": N_("Companies that fail, of {named}"),
    "called_total": N_("Called from all guarantors"),
    "failed_quarter": N_("{who}: quarter of failure"),
    "interest_coverage": N_("{who}: EBITDA per dollar of interest"),
    "called": N_("{who}: called"),
    "agency_leverage": N_("{who}: leverage as agencies count it"),
    "look_through_leverage": N_("{who}: look-through leverage"),
    "net_irr": N_("{who}: net return a year"),
    "loss": N_("{who}: loss"),
    "unfunded": N_("Funding gap that nobody fills"),
}
GROUPS = {
    "debt": N_("Debt and cash"),
    "plans": N_("Plans and building"),
    "prices": N_("Prices and costs"),
    "promises": N_("Promises and contracts"),
    "market": N_("Markets and funds"),
    between.REST: N_("What only one date knows"),
    between.LEVERS: N_("The levers"),
}
TORNADO = (
    "failed_count",
    "called_total",
    "pensions.loss",
    "infra_credit.net_irr",
    "coreweave.failed_quarter",
    "coreweave.interest_coverage",
    "terawulf.failed_quarter",
    "oracle.failed_quarter",
    "alphabet.called",
    "nvidia.called",
    "funding_gap.unfunded",
)


def label(measure: str, named: str = "") -> str:
    """Return what a figure is called; `named` says of how many companies, if not of those on the screen."""
    subject, dot, field = measure.partition(".")
    if not dot:
        return _(_FIELDS[measure]).format(named=named or spans.named())
    who = "" if subject == "funding_gap" else words.name(subject)
    return _(_FIELDS[field]).format(who=who)


def write(measure: str, value: float) -> str:
    """Write a figure with its unit; a quarter of failure that never comes is "holds"."""
    unit = FIGURES[measure]
    if numbers.missing(value):
        return "–"
    if unit == "quarter":
        calendar = cached.snapshot().calendar
        return _("holds") if value >= calendar.count else numbers.quarter(calendar.label(int(value)))
    if unit == "count":
        return numbers.decimal(value, 0)
    return {"money": numbers.money, "percent": numbers.percent, "turns": numbers.turns}[unit](value)


def difference(measure: str, value: float) -> str:
    """Write a difference with its sign, in the unit of the figure; quarters are counted."""
    if numbers.missing(value):
        return "–"
    sign = "+" if value > 0 else ""
    unit = FIGURES[measure]
    if unit == "quarter":
        return sign + numbers.so_many_quarters(numbers.decimal(value, 0))
    if unit == "percent":
        return sign + _("{count} points").format(count=numbers.decimal(value * 100, 1))
    text = write(measure, abs(value))
    return ("+" if value > 0 else "−" if value < 0 else "") + text


def lever_name(word: str) -> str:
    """Return what a lever is called, as the panel has it."""
    return _(words.LEVERS[word][0])


def part_name(word: str) -> str:
    """Return what a part of a change is called: a lever, or a group of numbers of the data."""
    return _(GROUPS[word]) if word in GROUPS else lever_name(word)


def lever_setting(word: str, value: object) -> str:
    """Write the setting of a lever with its unit."""
    if lever(word).kind == "choice":
        return _(words.CHOICES[str(value)])
    if isinstance(value, float):
        value = round(value, 2)
    return numbers.lever_value(value, lever(word).unit)


def moved(start, end) -> str:
    """List what differs between two scenarios: "AI demand grows -10 %, Refinancing closed"."""
    differing = start.differs_from(end)
    if not differing:
        return _("nothing moved")
    return ", ".join(f"{lever_name(word)} {lever_setting(word, end[word])}" for word in differing)
