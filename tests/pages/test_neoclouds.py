"""The page Neoclouds: what a reader finds there in each language, link and scenario."""

import re
from datetime import date

import pytest
from babel import dates

from core.model import engine
from core.results import borrowers, reading
from core.scenario.levers import Scenario
from core.sources import quotes
from core.web.web import NEOCLOUDS, load_web
from tests.apptest import drawings, panels, pictures, told

PAGE = "pages/neoclouds.py"
WORST = {"g": "-50", "u": "30", "r": "12", "f": "closed"}


def tables(at) -> str:
    """Every cell of every table, in one string."""
    return " | ".join(str(cell) for table in at.table for cell in table.value.to_numpy().ravel())


def read(**levers):
    return reading.read(engine.run(load_web(), Scenario.default().replace(**levers)))


def company(result, ident):
    return next(row for row in result["companies"] if row["id"] == ident)


@pytest.mark.parametrize("lang", ["en", "nl"])
def test_market_prices_of_a_company_open_with_their_days(visit, lang):
    rows = quotes.latest(load_web(), "coreweave")
    assert rows
    closed = told(visit({"lang": lang}, page=PAGE))
    opened = told(visit({"lang": lang}, page=PAGE, opened=["prices_coreweave"]))
    for row in rows:
        day = dates.format_date(date.fromisoformat(row.as_of), format="long", locale=lang)
        assert f"** {'on' if lang == 'en' else 'op'} {day}" in opened
    assert "904" in opened
    assert "904" not in closed
    with pytest.raises(KeyError):  # nobody quotes it
        visit({"lang": lang, "co": "fluidstack"}, page=PAGE).get_by_key("prices_fluidstack")


@pytest.mark.parametrize(
    ("locale", "paying"), [("en-GB", "keeps paying to the end"), ("nl-NL", "blijft tot eind")]
)
def test_the_first_sentence_says_how_the_company_stands(visit, locale, paying):
    at = visit(locale=locale, page=PAGE)
    assert f"**CoreWeave** {paying}" in told(at)
    thinnest = f"{min(company(read(), 'coreweave')['interest_coverage'][:20]):.2f}"
    assert thinnest.replace(".", "," if locale == "nl-NL" else ".") in told(at)


def test_the_analysts_point_stands_beside_the_model(visit):
    row = company(read(), "coreweave")
    model = borrowers.by_year(row["operating_profit"])[0] / borrowers.by_year(row["interest"])[0]
    shown = told(visit(page=PAGE))
    assert "interest 1.23, operating profit −0.05" in shown
    assert "0.54x its interest" in shown
    assert f"This scenario gives {model:.2f}x in 2026" in shown


@pytest.mark.parametrize("ident", NEOCLOUDS)
def test_every_company_has_its_page_and_its_link(visit, ident):
    at = visit({"co": ident, "g": "0"}, page=PAGE)
    assert at.get_by_key("co_pick").value == ident
    assert at.query_params["co"] == ident
    name = company(read(), ident)["name"].split()[0]
    assert f"**{name}**" in told(at)


def test_choosing_another_company_writes_the_link(visit):
    at = visit({"g": "0"}, page=PAGE)
    at.get_by_key("co_pick").set_value("cipher").run()
    assert at.query_params["co"] == "cipher"
    assert "**Cipher**" in told(at)


@pytest.mark.parametrize("bent", ["enron", "<script>alert(1)</script>", "$x$"])
def test_a_company_that_is_not_there_is_told_and_the_rest_is_kept(visit, bent):
    at = visit({"co": bent, "g": "5"}, page=PAGE)
    assert any(re.search(r"\bco\b", text.value) for text in at.text)
    assert "**CoreWeave**" in told(at)
    assert at.slider(key="slider_g").value == 5


def test_fluidstack_has_no_debt_and_shows_rent_cover_instead(visit):
    at = visit({"co": "fluidstack"}, page=PAGE)
    assert "It has no debt" in told(at)
    assert "debt_part" not in at.session_state
    assert {"What it keeps", "No debt, but rent", "Between the lab and the landlord"} <= set(panels(at))
    cover = company(read(), "fluidstack")["rent_cover"][:20]
    drawn = [trace["y"] for spec in pictures(at) for trace in spec["data"]]
    assert any(y[1:20] == pytest.approx(cover[1:]) for y in drawn if isinstance(y, list) and len(y) == 20)


def test_miners_show_their_leases_and_who_stands_behind_them(visit):
    at = visit({"co": "terawulf"}, page=PAGE)
    table = tables(at)
    assert "360 MW, 10 years" in table
    assert "Google, up to USD\u00a03.2\u00a0bn" in table
    assert "Core42" in table
    assert "Building is paid beforehand" in told(at)


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
        in told(at)
    )
    at = visit(WORST | {"co": "cipher"}, "nl-NL", page=PAGE)
    assert "**Cipher** valt om in het" in told(at)


def test_a_miner_without_earnings_is_building_only_while_it_builds(visit):
    assert "it is still building" in told(visit({"co": "terawulf"}, page=PAGE))
    at = visit({"co": "terawulf", "g": "-20", "gw": "no"}, page=PAGE)
    assert "earns nothing towards its interest." in told(at)
    assert "it is still building" not in told(at)


def test_without_google_the_miners_fall(visit):
    row = company(read(g=-50, u=30, gw=False), "cipher")
    assert row["status"] == "failed"
    at = visit({"g": "-50", "u": "30", "gw": "no", "co": "cipher"}, page=PAGE)
    assert "**Cipher** fails" in told(at)
    assert "walks away here" in tables(at)


def test_the_maturity_wall_says_what_falls_due_and_what_is_rolled(visit):
    result = read()
    lines = [row for row in result["tranches"] if row["borrower"] == "terawulf"]
    due = sum(sum(row["principal"][:20]) for row in lines)
    rolled = sum(company(result, "terawulf")["rolled"][:20])
    shown = told(visit({"co": "terawulf"}, page=PAGE))
    assert f"To the end of 2030 USD\u00a0{due:.1f}\u00a0bn falls due." in shown
    assert f"USD\u00a0{rolled:.1f}\u00a0bn of it is rolled into new debt." in shown


def test_break_points_are_found_on_demand_beside_todays(visit):
    at = visit({"g": "20"}, page=PAGE)
    assert "fails below" not in tables(at)
    at = visit({"g": "20"}, page=PAGE, opened=("breaks",))
    assert "How far each lever can go" in told(at)
    found = tables(at)
    assert "fails below" in found
    assert "fails above" in found
    assert "today's data" in found


def test_what_the_article_says_can_be_opened_here(visit):
    at = visit(page=PAGE, opened=("claims",))
    assert any("article" in box.label.lower() for box in at.expander)
    shown = told(at)
    for figure in ("33", "43", "0.86", "1.17", "0.74"):
        assert figure in shown


@pytest.mark.parametrize("ident", NEOCLOUDS)
@pytest.mark.parametrize("link", [{}, WORST], ids=["base", "worst"])
def test_every_chart_has_a_title_of_its_own_or_of_its_part(visit, ident, link):
    at = visit({"co": ident} | link, page=PAGE)
    assert len(set(panels(at))) == len(panels(at))
    untitled = [one["key"] for one in drawings(at) if one.get("figure") and not one["title"]]
    assert untitled == ([] if ident == "fluidstack" else ["chart_wall"])


def test_the_ratios_are_of_the_last_quarter_in_which_it_pays(visit):
    link = {"lang": "en", "g": "0"}
    row = company(read(g=0), "coreweave")
    at = row["failed_quarter"] - 1
    shown = visit(link, page=PAGE)
    (figures,) = (one["figures"] for one in drawings(shown) if one.get("figures"))
    cover = f"{row['interest_coverage'][at]:.1f}x"
    assert figures[0][:2] == ["EBITDA for each dollar of interest", cover]
    assert figures[0][2].startswith("today's data: ")
    assert len(figures) == 4
    receipts = told(visit(link, page=PAGE, opened=("now_receipt",)))
    assert f"EBITDA for each dollar of interest  **{cover}**" in receipts
    assert receipts.count("Quarter: 2030\u00a0Q1") == 4


@pytest.mark.parametrize("link", [{}, {"g": "0"}, WORST], ids=["base", "pause", "worst"])
@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("wall", "Pale bars lie beyond the horizon."),
        ("lines", "Only the total at the end of Dec 2025 is certain"),
        ("cash", "How long its means last before new borrowing"),
    ],
)
def test_what_it_owes_is_shown_in_parts(visit, part, said, link):
    at = visit(link, page=PAGE)
    at.get_by_key("debt_part").set_value(part).run()
    assert not at.exception
    assert f"chart_{part}" in [one.get("key") for one in drawings(at)]
    assert said in told(at)
    assert pictures(at)
