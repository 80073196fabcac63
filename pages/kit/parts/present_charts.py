"""What each page shows when it is presented: one chart, and one sentence in large type."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

from pages.kit.drawing import charts
from pages.kit.frame import choices
from pages.kit.parts import (
    causes,
    chain_reaction,
    deals,
    funding_gap,
    guarantors,
    history_then,
    neoclouds,
    overview,
    private_credit,
    summary,
)
from pages.kit.visit import cached, visit
from pages.kit.visit.cached import by_id
from pages.kit.words import answer, numbers, words
from pages.kit.words.catalogue import _

_NEXT_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=[A-ZÀ-Þ*:])")


def draw(page: str) -> None:
    """Draw the chart of a page, with the view choices of this moment."""
    CHARTS.get(page, _returns)()


def is_dense(page: str) -> bool:
    """Tell whether words stand close to each other in the chart of a page."""
    return page == "chain_reaction"


def sentence(page: str) -> str:
    """Return a page's answer in one sentence, in markdown of our own: its own, else that of the scenario."""
    told = SENTENCES.get(page)
    return _NEXT_SENTENCE.split(told())[0] if told else answer.sentence(cached.headline())


def answer_of(page: str) -> str:
    """Return all of a page's answer, for paper."""
    told = SENTENCES.get(page)
    return told() if told else answer.sentence(cached.headline())


def _chosen(key: str) -> str:
    """Return what a step looks at, or what its page begins with."""
    known = choices.offered(key)
    word = visit.extras().get(key, known[0])
    return word if word in known else known[0]


def _overview() -> None:
    who = visit.extras().get("row")
    if who in cached.named():
        _cause(who)
    else:
        _returns()


def _cause(who: str) -> None:
    scenario = visit.scenario()
    line = next(one for one in overview.lines(cached.read(scenario)) if one.entity == who)
    causes.chart(line, overview.reason, scenario)


def _returns() -> None:
    charts.show(
        summary.returns_figure,
        key="returns",
        title=_("What do the lenders earn?"),
        caption=summary.returns_caption,
        alt=_("Net return per fund, beside today's data"),
    )


def _neoclouds() -> None:
    look = neoclouds.look(_chosen("co"), visit.scenario())
    if not look.borrows:
        _cause(look.id)
        return
    charts.show(
        look.of(causes.cover_figure),
        key="cause",
        title=words.name(look.id),
        caption=look.of(causes.cover_caption),
        alt=_("What explains it, by quarter, beside today's data"),
    )


def _fund() -> private_credit.Look:
    return private_credit.look(_chosen("fund"), visit.scenario())


def _guarantors() -> None:
    if visit.extras().get("look") != "debt":
        guarantors.promised()
        return
    who = _chosen("giver")
    as_of = numbers.day(by_id(cached.read(visit.scenario()), "guarantors")[who]["leverage_as_of"])
    charts.show(
        partial(guarantors.leverage_figure, who),
        key="leverage",
        title=_("Debt over EBITDA"),
        caption=_("○ as reported, ◇ as agencies count, ● with all promised, on {date}").format(date=as_of),
        alt=_("Leverage per company: as reported, as agencies count it, with all promised"),
    )


def _promises() -> str:
    now = cached.read(visit.scenario())
    rows = by_id(now, "guarantors")
    givers = [rows[key] for key in guarantors.companies()]
    return guarantors.answer(givers, guarantors.exposures(now), visit.scenario()["h"])


def _chain() -> None:
    scenario = visit.scenario()
    drawn, before = cached.web_picture(scenario)[0], cached.web_picture.today()[0]
    chain_reaction.web(drawn, before, chain_reaction.step_of(cached.read(scenario)))


def _history() -> None:
    if visit.extras().get("era") == "replay":
        history_then.market()
    else:
        history_then.defaults()


CHARTS: dict[str, Callable[[], None]] = {
    "overview": _overview,
    "neoclouds": _neoclouds,
    "private_credit": lambda: private_credit.bridge(_fund()),
    "guarantors": _guarantors,
    "chain_reaction": _chain,
    "deals": lambda: deals.picture(_chosen("deal")),
    "funding_gap": funding_gap.stack,
    "history": _history,
}
SENTENCES: dict[str, Callable[[], str]] = {
    "neoclouds": lambda: neoclouds.answer(neoclouds.look(_chosen("co"), visit.scenario())),
    "private_credit": lambda: private_credit.answer(_fund()),
    "guarantors": _promises,
    "funding_gap": funding_gap.answer,
}
