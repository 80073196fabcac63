"""The page Neoclouds: what a reader finds there in each language, link and scenario."""

import re

import pytest

from core.model import engine
from core.results import borrowers, reading
from core.scenario.levers import Scenario
from core.web.web import NEOCLOUDS, load_web
from tests.apptest import pictures

PAGE = "pages/neoclouds.py"
WORST = {"g": "-50", "u": "30", "r": "12", "f": "closed"}


def texts(at) -> str:
    """Everything written on the page, in one string."""
    return "\n".join(element.value for kind in (at.markdown, at.caption, at.text) for element in kind)


def tables(at) -> str:
    """Every cell of every table, in one string."""
    return " | ".join(str(cell) for table in at.table for cell in table.value.to_numpy().ravel())


def read(**levers):
    return reading.read(engine.run(load_web(), Scenario.default().replace(**levers)))


def company(result, ident):
    return next(row for row in result["companies"] if row["id"] == ident)


@pytest.mark.parametrize(
    ("locale", "paying"), [("en-GB", "keeps paying to the end"), ("nl-NL", "blijft tot eind")]
)
def test_the_first_sentence_says_how_the_company_stands(visit, locale, paying):
    at = visit(locale=locale, page=PAGE)
    assert f"**CoreWeave** {paying}" in texts(at)
    thinnest = f"{min(company(read(), 'coreweave')['interest_coverage'][:20]):.2f}"
    assert thinnest.replace(".", "," if locale == "nl-NL" else ".") in texts(at)


def test_the_analysts_point_stands_beside_the_model(visit):
    row = company(read(), "coreweave")
    model = borrowers.by_year(row["operating_profit"])[0] / borrowers.by_year(row["interest"])[0]
    shown = texts(visit(page=PAGE))
    assert "interest 1.23, operating profit −0.05" in shown
    assert "0.54x its interest" in shown
    assert f"This scenario gives {model:.2f}x in 2026" in shown


@pytest.mark.parametrize("ident", NEOCLOUDS)
def test_every_company_has_its_page_and_its_link(visit, ident):
    at = visit({"co": ident, "g": "0"}, page=PAGE)
    assert at.get_by_key("co_pick").value == ident
    assert at.query_params["co"] == ident
    name = company(read(), ident)["name"].split()[0]
    assert f"**{name}**" in texts(at)


def test_choosing_another_company_writes_the_link(visit):
    at = visit({"g": "0"}, page=PAGE)
    at.get_by_key("co_pick").set_value("cipher").run()
    assert at.query_params["co"] == "cipher"
    assert "**Cipher**" in texts(at)


@pytest.mark.parametrize("bent", ["enron", "<script>alert(1)</script>", "$x$"])
def test_a_company_that_is_not_there_is_told_and_the_rest_is_kept(visit, bent):
    at = visit({"co": bent, "g": "5"}, page=PAGE)
    assert any(re.search(r"\bco\b", text.value) for text in at.text)
    assert "**CoreWeave**" in texts(at)
    assert at.slider(key="slider_g").value == 5


def test_fluidstack_has_no_debt_and_shows_rent_cover_instead(visit):
    at = visit({"co": "fluidstack"}, page=PAGE)
    assert "It has no debt" in texts(at)
    assert "Debt by line" not in [tab.label for tab in at.tabs]
    cover = company(read(), "fluidstack")["rent_cover"][:20]
    drawn = [trace["y"] for spec in pictures(at) for trace in spec["data"]]
    assert any(y[1:20] == pytest.approx(cover[1:]) for y in drawn if isinstance(y, list) and len(y) == 20)


def test_miners_show_their_leases_and_who_stands_behind_them(visit):
    at = visit({"co": "terawulf"}, page=PAGE)
    table = tables(at)
    assert "360 MW, 10 years" in table
    assert "Google, up to USD\u00a03.2\u00a0bn" in table
    assert "Core42" in table
    assert "Building is paid beforehand" in texts(at)


def test_revenue_is_split_by_who_pays_it_and_adds_up(visit):
    at = visit({"co": "terawulf", "g": "-50", "u": "30"}, page=PAGE)
    row = company(read(g=-50, u=30), "terawulf")
    bars = [trace for trace in pictures(at)[0]["data"] if trace["type"] == "bar"]
    total = [sum(heights) for heights in zip(*(trace["y"] for trace in bars), strict=True)]
    assert total == pytest.approx([value or 0.0 for value in row["revenue"][:20]])
    assert any("Google" in trace["hovertemplate"] for trace in bars)


def test_when_everything_fails_the_page_says_when_and_stops_the_lines(visit):
    row = company(read(g=-50, u=30, r=12, f="closed"), "coreweave")
    at = visit(WORST, page=PAGE)
    assert (
        f"fails in the {('first', 'second', 'third', 'fourth')[row['failed_quarter'] % 4]} quarter"
        in texts(at)
    )
    at = visit(WORST | {"co": "cipher"}, "nl-NL", page=PAGE)
    assert "**Cipher** valt om in het" in texts(at)


def test_a_miner_without_earnings_is_building_only_while_it_builds(visit):
    assert "it is still building" in texts(visit({"co": "terawulf"}, page=PAGE))
    at = visit({"co": "terawulf", "g": "-20", "gw": "no"}, page=PAGE)
    assert "earns nothing towards its interest." in texts(at)
    assert "it is still building" not in texts(at)


def test_without_google_the_miners_fall(visit):
    row = company(read(g=-50, u=30, gw=False), "cipher")
    assert row["status"] == "failed"
    at = visit({"g": "-50", "u": "30", "gw": "no", "co": "cipher"}, page=PAGE)
    assert "**Cipher** fails" in texts(at)
    assert "walks away here" in tables(at)


def test_the_maturity_wall_says_what_falls_due_and_what_is_rolled(visit):
    result = read()
    lines = [row for row in result["tranches"] if row["borrower"] == "terawulf"]
    due = sum(sum(row["principal"][:20]) for row in lines)
    rolled = sum(company(result, "terawulf")["rolled"][:20])
    shown = texts(visit({"co": "terawulf"}, page=PAGE))
    assert f"To the end of 2030 USD\u00a0{due:.1f}\u00a0bn falls due." in shown
    assert f"USD\u00a0{rolled:.1f}\u00a0bn of it is rolled into new debt." in shown


def test_break_points_are_found_on_demand_beside_todays(visit):
    at = visit({"g": "20"}, page=PAGE)
    assert "fails below" not in tables(at)
    at.get_by_key("find_breaks").click().run()
    found = tables(at)
    assert "fails below" in found
    assert "fails above" in found
    assert "today's data" in found


def test_what_the_article_says_can_be_opened_here(visit):
    at = visit(page=PAGE, opened=("claims",))
    assert any("article" in box.label.lower() for box in at.expander)
    shown = texts(at)
    for figure in ("33", "43", "0.86", "1.17", "0.74"):
        assert figure in shown
