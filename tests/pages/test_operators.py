"""Oracle is a company that is watched on data that know its business and debt, and on no others."""

import pytest

from core.model import engine
from core.results import narrative, reading
from core.scenario.levers import Scenario
from core.web.web import LABS, NEOCLOUDS, OPERATORS, latest_snapshot, load_web
from pages.kit.frame import choices
from pages.kit.parts import report, stress
from pages.kit.visit import cached
from pages.kit.words import words
from tests.apptest import board
from tests.worlds import FIRST

OLD, NEW = {"data": FIRST}, {}
DATA = {FIRST: (*NEOCLOUDS, *LABS), latest_snapshot(): (*NEOCLOUDS, *LABS, *OPERATORS)}


def companies_of_the_overview(at) -> list[str]:
    return [row["name"] for row in board(at)["timeline"]["rows"]]


@pytest.mark.parametrize(("date", "named"), DATA.items())
def test_who_is_watched_comes_from_the_data(date, named):
    assert cached.named(((), date)) == named
    assert "oracle" in load_web(date).tables["entities"]


@pytest.mark.parametrize(("data", "watched"), [(OLD, False), (NEW, True)])
def test_the_overview_lists_those_that_are_watched(visit, data, watched):
    names = companies_of_the_overview(visit({"lang": "en", **data}))
    assert ("Oracle" in names) == watched
    assert len(names) == 7 + watched


@pytest.mark.parametrize(("data", "count"), [(OLD, 7), (NEW, 8)])
def test_the_stress_page_has_a_row_for_each(visit, data, count):
    at = visit({"lang": "en", **data}, page="pages/stress.py")
    assert len(at.table[0].value) == count
    assert ("**Oracle**" in at.table[0].value.iloc[:, 0].tolist()) == (count == 8)


@pytest.mark.parametrize(("date", "listed"), [(FIRST, False), (None, True)])
def test_the_report_lists_those_that_are_watched(monkeypatch, date, listed):
    monkeypatch.setattr(cached, "data", lambda: ((), date))
    now = reading.read(engine.run(load_web(date), Scenario.default(date)))
    rows = report._companies(now, now).rows
    assert ("Oracle" in [row[0] for row in rows]) == listed
    assert [row[0] for row in rows] == [words.name(who) for who in cached.named()]


CHOICES = [("neoclouds", {"co": "oracle"}), ("stress", {"tab": "reverse", "which": "oracle"})]


@pytest.mark.parametrize(("page", "link"), CHOICES)
def test_a_link_to_oracle_is_told_on_data_that_do_not_watch_it(visit, page, link):
    at = visit({"lang": "en", **OLD, **link}, page=f"pages/{page}.py")
    assert not at.exception
    (name,) = set(link) & {"co", "which"}
    assert any(f"'{name}'" in one.value for one in at.text)
    assert name not in at.query_params
    new = visit({"lang": "en", **link}, page=f"pages/{page}.py")
    assert not new.exception
    assert not new.text
    assert new.query_params[name] == "oracle"


def test_lines_of_oracle_are_told_on_data_that_do_not_watch_it(visit):
    link = {"lang": "en", "tab": "plane", "who": "oracle.coreweave"}
    at = visit({**link, **OLD}, page="pages/stress.py")
    assert not at.exception
    assert any("'who'" in one.value for one in at.text)
    assert at.query_params["who"] == "coreweave"
    assert at.multiselect(key="who_pick").value == ["coreweave"]


@pytest.mark.parametrize("data", [OLD, NEW])
def test_figures_that_only_some_data_have_are_offered_on_those_alone(visit, data):
    at = visit({"lang": "en", "tab": "tornado", **data}, page="pages/stress.py")
    offered = at.selectbox(key="measure_pick").options
    assert ("Oracle: quarter of failure" in offered) == (not data)
    assert len(offered) == len(stress.MEASURES) - bool(data)
    compared = visit({"lang": "en", "from": "base", "to": "pause", **data}, page="pages/compare.py")
    assert ("Oracle: quarter of failure" in compared.selectbox(key="why_pick").options) == (not data)


def test_every_company_that_can_be_chosen_is_one_that_some_data_watch():
    assert set(choices.COMPANIES) == {who for named in DATA.values() for who in named}


ALONE = narrative.Fact(
    "fails_first",
    {"who": "oracle", "quarter": "2030Q4", "cause": "counterparty:openai", "others": []},
)
SECOND = narrative.Fact(
    "fails_first",
    {
        "who": "coreweave",
        "quarter": "2030Q2",
        "cause": "renegotiated:openai",
        "others": [{"who": "oracle", "quarter": "2030Q4", "cause": "market_access"}],
    },
)


@pytest.mark.parametrize(
    ("lang", "alone", "second", "detail"),
    [
        (
            "en",
            "In this scenario Oracle fails in the fourth quarter of 2030, because OpenAI no longer pays.",
            "In this scenario CoreWeave fails in the second quarter of 2030, because OpenAI pays less than "
            "agreed; Oracle follows.",
            "Oracle (2030 Q4) fails because lenders stop lending.",
        ),
        (
            "nl",
            "In dit scenario valt Oracle in het vierde kwartaal van 2030 om, omdat OpenAI niet meer betaalt.",
            "In dit scenario valt CoreWeave in het tweede kwartaal van 2030 om, omdat OpenAI minder betaalt "
            "dan afgesproken; Oracle volgt.",
            "Oracle (4e kw. 2030) valt om, omdat niemand nog krediet geeft.",
        ),
    ],
)
def test_oracle_fails_first_alone_or_after_a_neocloud(monkeypatch, lang, alone, second, detail):
    from pages.kit.words import catalogue, numbers

    for module in (catalogue, numbers):
        monkeypatch.setattr(module, "language", lambda: lang)
    premise = narrative.Fact("premise_several")

    def plain(make, fact):
        return words.plain(make((premise, fact))).replace("\u00a0", " ")

    assert plain(words.headline, ALONE) == alone
    assert plain(words.headline, SECOND) == second
    assert plain(words.details, SECOND) == detail


def test_oracle_falls_late_when_demand_shrinks(visit):
    at = visit({"lang": "en", "g": "-20", "h": "2033"})
    found = reading.read(engine.run(load_web(), Scenario.default().replace(g=-20, h=2033)))
    oracle = next(row for row in found["companies"] if row["id"] == "oracle")
    quarter = found["quarters"][oracle["failed_quarter"]]
    assert quarter.startswith("2032")
    row = next(one for one in board(at)["timeline"]["rows"] if one["id"] == "oracle")
    assert row["when"].replace("\u00a0", " ") == f"{quarter[:4]} {quarter[4:]}"
