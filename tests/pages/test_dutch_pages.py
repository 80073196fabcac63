"""A Dutch page to its last label: no decimal point and no English word, in charts, tables, receipts, fields.

Everything that a page can open is open. What is looked at is what the browser is sent: texts, components,
cells as they are shown, hover words, axis settings.
"""

import re

import pytest

from core.holdings.instruments import instruments
from core.results import deals
from core.sources import holders
from pages.kit.frame import choices
from pages.kit.parts import data as data_page
from pages.kit.parts import stress_chances
from pages.kit.visit import on_request
from tests import shown
from tests.apptest import charts, open_receipt

PLACES = {
    "overview": ({"row": ""}, {"row": "coreweave"}),
    "neoclouds": ({"co": "coreweave"}, {"co": "fluidstack"}, {"co": "oracle"}),
    "private_credit": ({"fund": "infra_credit"},),
    "guarantors": tuple(
        {"look": look, "giver": giver}
        for look, giver in zip(choices.WORDS["look"], ("alphabet", "nvidia", "microsoft"), strict=True)
    ),
    "deals": tuple({"deal": deal} for deal in deals.SWITCH),
    "chain_reaction": ({},),
    "funding_gap": ({},),
    "holdings": ({},),
    "stress": tuple({"tab": tab} for tab in choices.WORDS["tab"]),
    "compare": ({"from": "base", "to": "now"},),
    "history": tuple({"era": era} for era in choices.WORDS["era"]),
    "data": tuple({"part": part} for part in choices.WORDS["part"]),
    "present": ({}, *({"deck": "story", "step": str(step)} for step in (1, 4, 7, 9, 11))),
}
LINKS = {"base": {}, "stressed": {"g": "0", "r": "6.5", "h": "2031"}}
RECEIPTS = ("first", "paid", "funds")

# What is no Dutch and stays: names of CoreWeave's loans, versions of the model, titles, terms of the trade.
NAMES = re.compile(
    r"(?:[Ll]ening(?:en)?|[Kk]redietlijn(?:en)?) \d\.\d(?: en \d\.\d)?"
    r"|\b20\d\d\.\d\d?\b|AT&T|The (?:Age|Information)\b"
    r"|[Tt]ake-or-pay|FTSE All-World|IT-capaciteit|\bA\W+low\b|\bFund III\b"
    r"|Ratings, interest coverage ratios and default spreads, large firms"
    r"|Secured Overnight Financing Rate"
)
# A security has one name in all languages.
SECURITIES = {one.name for one in instruments() if one.isin or one.kind == "fund"}
SECURITIES |= set(holders.names().values())
OF_SECURITIES = re.compile("|".join(map(re.escape, sorted(SECURITIES, key=len, reverse=True))))
# Ids of the data as links carry them, addresses, files.
IDS = re.compile(r"`[^`]*`|https?://\S+|\S+/\S+\.\w+|\b[a-z]\w*\.\w+|\b[a-z]+_\w+")
# A point between digits, other than before the three digits that follow a Dutch point of thousands.
POINT = re.compile(r"(?<![\d.,])(?:\d+\.(?!\d{3}(?!\d))\d+|0\.\d+)")
WORD = re.compile(r"[^\W\d_]+")
ENGLISH = frozenset(
    WORD.findall(
        "the and or not no to from by for with without at on this that these it its their there which who "
        "what when where how than then are be has have does can will would should if but only also "
        "each every all none other more less most least below above before after between until since year "
        "years quarter quarters month today yes fails fail failed holds pays pay paid owes owed called "
        "promised earns needs lends lent loan loans debt cash rate rates share shares value amount price "
        "growth demand company companies guarantor guarantors fund funds lender lenders lever levers source "
        "sources date figure figures note reported assumption memory low high sure count multiple need own "
        "nobody asked cost unfunded seed draws download table"
    )
)


def everything(box, draw):
    """Draw what is in a popover or an expander, open or not."""
    with box:
        draw()


@pytest.fixture
def dutch_page(visit, monkeypatch):
    """Open a page in Dutch, with all that it can unfold."""
    monkeypatch.setattr(on_request, "_draw", everything)
    monkeypatch.setattr(data_page, "weights", lambda: None)  # takes half a minute
    return lambda page, link: visit(link, "nl-NL", f"pages/{page}.py")


def points(text):
    """Numbers of a text that are written with a decimal point."""
    return POINT.findall(NAMES.sub("", IDS.sub(" ", text)))


def english(text):
    """English words in a text, outside names, ids and addresses."""
    words = WORD.findall(NAMES.sub("", IDS.sub(" ", OF_SECURITIES.sub(" ", text))))
    return sorted({word for word in words if word.lower() in ENGLISH})


def faults(at):
    """Whatever a visit shows that is not Dutch, with its place."""
    found = {
        f"{one['key']}: signs" for one in charts(at) if one["figure"]["layout"].get("separators") != ",."
    }
    for place, text in shown.texts(at):
        found |= {f"{place}: {what} in {text[:90]!r}" for what in (*points(text), *english(text))}
    return sorted(found)


@pytest.mark.parametrize("link", LINKS)
@pytest.mark.parametrize("page", PLACES)
def test_a_dutch_page_has_no_decimal_point_and_no_english_word(dutch_page, page, link):
    for choice in PLACES[page]:
        found = faults(dutch_page(page, LINKS[link] | choice))
        assert not found, "\n".join((str(choice), *found))


@pytest.mark.parametrize("name", RECEIPTS)
def test_the_receipts_of_the_overview_are_dutch(dutch_page, name):
    at = open_receipt(dutch_page("overview", LINKS["stressed"]), name)
    assert at.get("dialog")
    assert not (found := faults(at)), "\n".join(found)


def test_what_many_draws_found_is_dutch(dutch_page):
    at = dutch_page("stress", {"tab": "chance", "draws": "500", **LINKS["stressed"]})
    at.session_state[stress_chances.WANTED] = True
    assert len(charts(at.run())) == 4
    assert not (found := faults(at)), "\n".join(found)


def test_the_report_is_dutch(dutch_page, reports):
    dutch_page("compare", LINKS["stressed"])
    (page,) = reports
    assert page.count('"separators":",."') == page.count("<figure") == 3
    text = re.sub(r"<(script|style|svg)\b.*?</\1>|<a .*?</a>|<[^>]*>", " ", page, flags=re.DOTALL)
    assert "Garantstellers" in text
    assert (points(text), english(text)) == ([], [])


@pytest.mark.parametrize(
    "text", ["0.05", "2.5601 in jaren", "1.5x", "betaald 12.25 van 20", "0.125", "kosten: 3.1 tot 4,1"]
)
def test_a_decimal_point_is_seen(text):
    assert points(text)


@pytest.mark.parametrize("text", ["1.234", "12.345.678,5", "2,5", "Opneembare lening 2.0", "model 2026.13"])
def test_thousands_names_and_versions_are_no_decimal_points(text):
    assert points(text) == []


def test_english_words_are_seen_and_names_are_not():
    assert english("Nebius fails before 2031") == ["before", "fails"]
    assert english("`market.demand_growth` · take-or-pay van Oracle, core/data/rate.csv") == []
