"""The page Neoclouds on what is sold and to whom, and on Oracle, which is a borrower but no neocloud."""

import json

import pytest

from core.layout.compile import compile_layout
from core.results import borrowers
from core.web.web import load_web
from tests.apptest import charts, told
from tests.pages.test_neoclouds import PAGE, company, read, shown, tables
from tests.worlds import FIRST

HARD = {"g": -15, "u": 60, "r": 7}
LINK = {lever: str(value) for lever, value in HARD.items()}


def written(quarter: str) -> str:
    ordinal = ("first", "second", "third", "fourth")[int(quarter[-1]) - 1]
    return f"the {ordinal} quarter of {quarter[:4]}"


@pytest.mark.parametrize(
    ("locale", "signed"),
    [("en-GB", "Signed and still to be delivered: USD\u00a0"), ("nl-NL", "Getekend en nog te leveren: ")],
)
def test_what_coreweave_has_sold_is_told_beside_its_revenue_and_listed_by_tenant(visit, locale, signed):
    sold = borrowers.backlog_of(compile_layout(load_web()), "coreweave")
    closed = visit({}, locale, page=PAGE)
    assert f"{signed}{sum(one.running + one.to_come for one in sold.tenants):.0f}" in told(closed)
    assert "`coreweave_new_meta.backlog`" not in told(closed)
    at = visit({}, locale, page=PAGE, opened=("revenue_table",))
    for one in sold.tenants:
        together = f"**{one.running + one.to_come:.1f}**"
        assert (together if locale == "en-GB" else together.replace(".", ",")) in tables(at)
        assert all(f"`{row}`" in told(at) for row in one.rows)
    assert "`coreweave.sign_share`" in told(at)


@pytest.mark.parametrize("link", [{"data": FIRST}, {"co": "terawulf"}, {"co": "oracle"}])
def test_who_has_no_backlog_in_the_data_tells_none(visit, link):
    assert "Signed and still" not in told(visit(link, page=PAGE))


def test_who_hosts_a_lab_that_cuts_its_contracts_tells_from_when(visit):
    result = read(**HARD)
    openai = next(row for row in result["tenants"] if row["id"] == "openai")
    cut, fell = (
        written(result["quarters"][openai[f"{what}_quarter"]]) for what in ("renegotiated", "failed")
    )
    share = f"{max(openai['haircut'][: result['last_quarter'] + 1]) * 100:.0f}\u00a0%"
    said = f"OpenAI pays less than agreed from {cut}, up to {share} less, and fails in {fell}."
    for host in ("coreweave", "oracle"):
        assert said in told(visit({"co": host} | LINK, page=PAGE))
        assert "pays less than agreed from" not in told(visit({"co": host}, page=PAGE))
    assert said not in told(visit({"co": "terawulf"} | LINK, page=PAGE))


def test_oracles_own_business_stands_beside_what_tenants_pay(visit):
    result = read()
    row = company(result, "oracle")
    at = visit({"co": "oracle"}, page=PAGE)
    share = borrowers.revenue_shares(row, result["last_quarter"])
    assert f"{share['core'] * 100:.0f}\u00a0% from its own business" in told(at)
    (paid,) = (one for one in charts(at) if one["key"] == "chart_revenue")
    bars = [trace["y"] for trace in paid["figure"]["data"] if trace["type"] == "bar"]
    total = [sum(heights) for heights in zip(*bars, strict=True)]
    assert total == pytest.approx(shown(result, row["revenue"]))


def test_oracles_covenant_is_drawn_and_its_worth_is_not_called_sites_and_chips(visit):
    at = visit({"co": "oracle"}, page=PAGE, opened=("now_receipt",))
    (four,) = (one for one in charts(at) if one["key"] == "chart_tests")
    covenant = f"its covenant: {load_web().value('oracle.covenant_cover'):.1f}x"
    assert covenant in [note["text"] for note in four["figure"]["layout"]["annotations"]]
    assert "What creditors could realise for each dollar of debt" in told(at)
    assert "Contracts, sites and chips" not in told(at)
    assert "`oracle.covenant_cover`" in told(at)
    assert "`oracle.value_multiple`" in told(at)


def test_oracles_debt_lines_are_said_to_be_assumed_parts_of_a_reported_sum(visit):
    at = visit({"co": "oracle"}, page=PAGE)
    at.get_by_key("debt_part").set_value("lines").run()
    assert "Only the total is reported, of Aug 2026" in told(at)
    (lines,) = (one["figure"] for one in charts(at) if one["key"] == "chart_lines")
    for name in ("Notes due to 2028", "Notes due 2029 to 2031", "Notes due after 2031"):
        assert name in json.dumps(lines["data"])


def test_when_oracle_fails_its_page_says_when_and_because_of_whom(visit):
    result = read(**HARD)
    row = company(result, "oracle")
    assert row["failure_cause"] == "counterparty:openai"
    assert row["failed_quarter"] <= result["last_quarter"]
    year = result["quarters"][row["failed_quarter"]][:4]
    said = told(visit({"co": "oracle"} | LINK, page=PAGE))
    assert "**Oracle** fails in the " in said
    assert f"quarter of {year}, because OpenAI no longer pays." in said


def test_what_would_break_oracle_is_found_like_that_of_a_neocloud(visit):
    at = visit({"co": "oracle", "g": "0"}, page=PAGE, opened=("breaks",))
    assert "fails below" in tables(at)


def test_on_the_first_data_oracle_is_no_choice_of_the_page(visit):
    at = visit({"co": "oracle", "data": FIRST}, page=PAGE)
    assert "**CoreWeave**" in told(at)
