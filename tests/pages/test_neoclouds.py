"""The page Neoclouds: what a reader finds there in each language, link and scenario."""

import re
from datetime import date

import pytest
from babel import dates

from core.model import engine
from core.results import borrowers, reading
from core.scenario.levers import Scenario
from core.sources import quotes
from core.web.web import NEOCLOUDS, OPERATORS, load_web, snapshots
from tests.apptest import charts, drawings, lever_of, panels, pictures, told
from tests.worlds import FIRST

PAGE = "pages/neoclouds.py"
WORST = {"g": "-50", "u": "30", "r": "12", "f": "closed"}


def tables(at) -> str:
    """Every cell of every table, in one string."""
    return " | ".join(str(cell) for table in at.table for cell in table.value.to_numpy().ravel())


def read(**levers):
    return reading.read(engine.run(load_web(), Scenario.default().replace(**levers)))


def shown(result, path):
    """Return what a page shows of a path: up to the horizon."""
    return path[: result["last_quarter"] + 1]


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
    thinnest = f"{min(shown(read(), company(read(), 'coreweave')['interest_coverage'])):.2f}"
    assert thinnest.replace(".", "," if locale == "nl-NL" else ".") in told(at)


def test_the_analysts_point_stands_beside_the_model(visit):
    row = company(read(), "coreweave")
    said = told(visit(page=PAGE))
    calendar = load_web().calendar
    profit, interest = (
        borrowers.by_year(row[field], calendar.begun)[0] for field in ("operating_profit", "interest")
    )
    assert f"Reported for {calendar.reported_year} " in said
    assert "interest 1.23, operating profit −0.05" in said
    assert "0.54x its interest" in said
    assert f"This scenario gives {profit / interest:.2f}x in {calendar.label(0)[:4]}" in said


@pytest.mark.parametrize("data", snapshots())
def test_the_reported_year_stands_left_of_the_years_of_the_run(visit, data):
    calendar = load_web(data).calendar
    profit = next(one for one in charts(visit({"data": data}, page=PAGE)) if one["key"] == "chart_profit")
    axis = profit["figure"]["layout"]["xaxis"]
    whole = [year for year in calendar.years if calendar.first_of(year) >= 0]
    years = [str(year) for year in (calendar.reported_year, *whole)]
    assert axis["ticktext"] == years[: len(axis["ticktext"])]
    assert axis["tickvals"][1:] == [calendar.first_of(int(year)) for year in axis["ticktext"][1:]]


@pytest.mark.parametrize("data", snapshots())
def test_the_maturity_wall_has_each_year_of_the_run(visit, data):
    """A year that has begun has a bar for its rest, not one with quarters of the next year."""
    calendar = load_web(data).calendar
    result = reading.read(engine.run(load_web(data), Scenario.default(data)))
    lines = [row["principal"] for row in result["tranches"] if row["borrower"] == "coreweave"]
    quarters = [sum(values) for values in zip(*lines, strict=True)]
    due = [
        sum(amount for label, amount in zip(calendar.labels, quarters, strict=True) if label[:4] == str(year))
        for year in calendar.years
    ]
    at = visit({"data": data}, page=PAGE)
    wall = next(one for one in charts(at) if one["key"] == "chart_wall")
    bars = [trace["y"] for trace in wall["figure"]["data"] if trace["type"] == "bar"]
    assert [sum(heights) for heights in zip(*bars, strict=True)] == pytest.approx(due)
    assert wall["figure"]["layout"]["xaxis"]["ticktext"] == [str(year) for year in calendar.years]
    assert ("first bar: " in wall["caption"]) == (calendar.begun > 0)


@pytest.mark.parametrize("ident", [*NEOCLOUDS, *OPERATORS])
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
    assert lever_of(at, "g").value == 5


def test_fluidstack_has_no_debt_and_shows_rent_cover_instead(visit):
    at = visit({"co": "fluidstack"}, page=PAGE)
    assert "It has no debt" in told(at)
    assert "debt_part" not in at.session_state
    assert {"What it keeps", "No debt, but rent", "Between the lab and the landlord"} <= set(panels(at))
    cover = shown(read(), company(read(), "fluidstack")["rent_cover"])
    drawn = [trace["y"] for spec in pictures(at) for trace in spec["data"]]
    whole = [y for y in drawn if isinstance(y, list) and len(y) == len(cover)]
    assert any(y == pytest.approx(cover, nan_ok=True) for y in whole)


def test_miners_show_their_leases_and_who_stands_behind_them(visit):
    at = visit({"co": "terawulf"}, page=PAGE)
    table = tables(at)
    power = load_web().value("terawulf_fluidstack.mw")
    assert f"{power:.0f} MW, 10 years" in table
    assert "Google, up to USD\u00a03.2\u00a0bn" in table
    assert "Core42" in table
    assert "Building is paid beforehand" in told(at)


def test_revenue_is_split_by_who_pays_it_and_adds_up(visit):
    at = visit({"co": "terawulf", "g": "-50", "u": "30"}, page=PAGE)
    result = read(g=-50, u=30)
    row = company(result, "terawulf")
    bars = [trace for trace in pictures(at)[0]["data"] if trace["type"] == "bar"]
    total = [sum(heights) for heights in zip(*(trace["y"] for trace in bars), strict=True)]
    assert total == pytest.approx([value or 0.0 for value in shown(result, row["revenue"])])
    assert any("Google" in trace["hovertemplate"] for trace in bars)


def test_when_everything_fails_the_page_says_when_and_stops_the_lines(visit):
    result = read(g=-50, u=30, r=12, f="closed")
    label = result["quarters"][company(result, "coreweave")["failed_quarter"]]
    ordinal = ("first", "second", "third", "fourth")[int(label[-1]) - 1]
    at = visit(WORST, page=PAGE)
    assert f"fails in the {ordinal} quarter of {label[:4]}" in told(at)
    at = visit(WORST | {"co": "cipher", "h": "2033"}, "nl-NL", page=PAGE)
    assert "**Cipher** valt in het" in told(at)


def test_a_miner_without_earnings_is_building_only_while_it_builds(visit):
    assert "it is still building" in told(visit({"co": "terawulf", "data": FIRST}, page=PAGE))
    at = visit({"co": "terawulf", "g": "-20", "gw": "no", "data": FIRST}, page=PAGE)
    assert "earns nothing towards its interest." in told(at)
    assert "it is still building" not in told(at)


def test_a_miner_whose_tenant_fails_while_it_builds_is_not_excused_by_building(visit):
    walks = {"gw": False, "fl": False}
    cover = company(read(**walks), "terawulf")["interest_coverage"]
    building = int(load_web().value("terawulf.capex_quarters"))
    assert min(cover[:building]) < 0 < min(company(read(), "terawulf")["interest_coverage"][:building])
    at = visit({"co": "terawulf", "gw": "no", "fl": "no"}, page=PAGE)
    assert "earns nothing towards its interest." in told(at)
    assert "it is still building" not in told(at)


def test_without_google_the_miners_fall(visit):
    row = company(read(g=-50, u=30, gw=False, h=2033), "cipher")
    assert row["status"] == "failed"
    at = visit({"g": "-50", "u": "30", "gw": "no", "h": "2033", "co": "cipher"}, page=PAGE)
    assert "**Cipher** fails" in told(at)
    assert "walks away here" in tables(at)


def test_the_maturity_wall_says_what_falls_due_and_what_is_rolled(visit):
    result = read()
    lines = [row for row in result["tranches"] if row["borrower"] == "terawulf"]
    due = sum(sum(shown(result, row["principal"])) for row in lines)
    rolled = sum(shown(result, company(result, "terawulf")["rolled"]))
    said = told(visit({"co": "terawulf"}, page=PAGE))
    assert f"To the end of 2030 USD\u00a0{due:.1f}\u00a0bn falls due." in said
    assert f"USD\u00a0{rolled:.1f}\u00a0bn of it is rolled into new debt." in said


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


@pytest.mark.parametrize("ident", [*NEOCLOUDS, *OPERATORS])
@pytest.mark.parametrize("link", [{}, WORST], ids=["base", "worst"])
def test_every_chart_has_a_title_of_its_own_or_of_its_part(visit, ident, link):
    at = visit({"co": ident} | link, page=PAGE)
    assert len(set(panels(at))) == len(panels(at))
    untitled = [one["key"] for one in drawings(at) if one.get("figure") and not one["title"]]
    assert untitled == ([] if ident == "fluidstack" else ["chart_wall"])


def test_the_ratios_are_of_the_last_quarter_in_which_it_pays(visit):
    link = {"lang": "en", "g": "0", "h": "2033"}
    result = read(g=0, h=2033)
    row = company(result, "coreweave")
    at = row["failed_quarter"] - 1
    assert 0 < at < result["last_quarter"]
    (figures,) = (one["figures"] for one in drawings(visit(link, page=PAGE)) if one.get("figures"))
    cover = f"{row['interest_coverage'][at]:.1f}x"
    assert figures[0][:2] == ["EBITDA for each dollar of interest", cover]
    assert figures[0][2].startswith("today's data: ")
    assert len(figures) == 4
    receipts = told(visit(link, page=PAGE, opened=("now_receipt",)))
    assert f"EBITDA for each dollar of interest  **{cover}**" in receipts
    last = result["quarters"][at]
    assert receipts.count(f"Quarter: {last[:4]}\u00a0{last[4:]}") == 4


@pytest.mark.parametrize("link", [{}, {"g": "0"}, WORST], ids=["base", "pause", "worst"])
@pytest.mark.parametrize(
    ("part", "said"),
    [
        ("wall", "Pale bars lie beyond the horizon."),
        ("lines", "at the end of Jun 2026 is reported"),
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


@pytest.mark.parametrize(
    ("link", "said", "assumed"),
    [
        ({"data": FIRST}, "Only the total at the end of Dec 2025 is certain", False),
        ({}, "What each line owes at the end of Jun 2026 is reported.", True),
        (
            {"co": "terawulf"},
            "Only the total at the end of Jun 2026 is certain",
            False,
        ),  # some are from memory
    ],
    ids=["first", "latest", "terawulf"],
)
def test_what_is_certain_of_the_debt_lines_is_said_by_the_data(visit, link, said, assumed):
    at = visit(link, page=PAGE)
    at.get_by_key("debt_part").set_value("lines").run()
    assert said in told(at)
    assert ("is reported by year; how it splits over them is assumed" in told(at)) == assumed
    asked = "`coreweave_ddtl1.principal.y2026`"
    assert asked not in told(at)
    at.session_state["lines_receipt"] = True
    at.run()
    assert (asked in told(at)) == assumed


def test_the_split_of_repayments_is_worked_out_loan_by_loan(visit):
    at = visit({}, page=PAGE, opened=["lines_receipt"])
    at.get_by_key("debt_part").set_value("lines").run()
    said = told(at)
    for loan, years in load_web().tables["repayments"].items():
        parts = [f"{row.value:.2f} (" for row in years.values() if row.value]
        balance = load_web().value(f"{loan.partition('.')[0]}.balance")
        assert sum(row.value for row in years.values()) == pytest.approx(balance, abs=0.005)
        line = next(one for one in said.splitlines() if parts[0] in one)
        assert all(part in line for part in parts)
    assert "A company reports what falls due" in said
    assert ":orange-badge[" in said
