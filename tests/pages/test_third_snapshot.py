"""Every page of data made up for this: another date, 29 quarters, one company less, in both languages."""

import re

import pytest

from core.questions import backtest
from core.sources import quotes
from core.web.refusal import DataError
from core.web.web import load_web
from pages.kit.frame import choices, frame
from tests import third, two_snapshots
from tests.apptest import told

PAGES = [f"pages/{entry.name}.py" for entry in frame.PAGES]
DEALS = [{"deal": deal} for deal in choices.WORDS["deal"]]
SCENARIOS = {"today": {}, "pause": {"g": "0", "h": "2033"}}
# What only data that are not made up may be called, and how many companies they have.
FIRST_ONLY = re.compile(
    r"dec(\.|ember)?\.? 2025|(31,?|end of|eind|ultimo) (december )?2025"
    r"|june? 30,? 2026|(30|end of|eind|ultimo) juni? 2026|mid-?2026|half 2026|2026-06-30"
    r"|seven\b|zeven\b|(four|vier) neoclouds|cipher",
    re.IGNORECASE,
)
# Lines that name the dates of their own rows, which were not made up.
DATED_ROWS = ("All of Google's data-centre backstops", "Alle garanties van Google voor datacenters")


@pytest.mark.usefixtures("two_dates")
@pytest.mark.parametrize("locale", ["en-GB", "nl-NL"])
@pytest.mark.parametrize("levers", SCENARIOS.values(), ids=SCENARIOS)
@pytest.mark.parametrize("page", PAGES)
def test_every_page_opens_and_says_nothing_of_the_first_snapshot(visit, page, levers, locale):
    at = visit(levers, locale=locale, page=page)
    assert not at.exception
    shown = [line for line in told(at).splitlines() if FIRST_ONLY.search(line)]
    assert [line for line in shown if not line.startswith(DATED_ROWS)] == []


@pytest.mark.usefixtures("two_dates")
@pytest.mark.parametrize("locale", ["en-GB", "nl-NL"])
def test_what_came_since_is_of_a_later_day_than_the_data_looked_at(visit, locale):
    """Fewer rows than of the first snapshot, each after the day of the data."""
    counts = {}
    for data in (third.THIRD, third.FIRST):
        at, web = visit({"part": "since", "data": data}, locale=locale, page="pages/data.py"), load_web(data)
        assert not at.exception
        counts[data] = (len(backtest.since(web)), len(quotes.since(web)))
        shown = [frame.value for frame in at.dataframe]
        assert [len(frame) for frame in shown] == [count for count in counts[data] if count]
        nothing = [one for one in at.caption if one.value in ("Nothing yet.", "Nog niets.")]
        assert len(nothing) == counts[data].count(0)
        days = [day for one in shown for day in one["As of" if locale == "en-GB" else "Per"]]
        assert min(days) > data
    assert all(few < many for few, many in zip(*counts.values(), strict=True))
    at = visit({}, locale=locale, page="pages/neoclouds.py", opened=["prices_coreweave"])
    assert not at.exception
    assert "904" in told(at)


@pytest.mark.usefixtures("two_dates")
@pytest.mark.parametrize("deal", DEALS)
def test_every_deal_opens(visit, deal):
    at = visit({"g": "0", **deal}, page="pages/deals.py")
    assert not at.exception
    assert not any("Cipher" in name for one in at.dataframe for name in one.value.astype(str).to_numpy().flat)


@pytest.mark.parametrize("company", ["terawulf", "xai", "amazon"])
def test_every_page_opens_without_another_company(visit, tmp_path, company):
    with two_snapshots.in_use(third.made_up(tmp_path / "data", company)):
        for page in ("overview", "guarantors", "chain_reaction", "compare"):  # those that list companies
            assert not visit({"g": "0"}, page=f"pages/{page}.py").exception, page


def test_data_without_the_intermediary_are_refused_by_name(tmp_path):
    with (
        two_snapshots.in_use(third.made_up(tmp_path / "data", "fluidstack")),
        pytest.raises(DataError, match="where the model needs one: the intermediary"),
    ):
        load_web(third.THIRD)
