"""The page Private credit: the bridge, the figures, who bears it, and what is assumed."""

import re

import pytest

from core.model import engine
from core.results import investors, reading
from core.scenario.levers import Scenario
from core.web.web import load_web
from pages.kit.parts import provenance
from tests.apptest import drawings, lever_of, open_receipt, panels, pictures, told

PAGE = "pages/private_credit.py"
FUNDS = ("infra_credit", "blue_owl", "blackstone", "pimco", "apollo", "kkr")
WORST = {"g": "-50", "u": "30", "r": "12", "f": "closed"}


def fund(ident, **levers):
    result = reading.read(engine.run(load_web(), Scenario.default().replace(**levers)))
    return next(row for row in result["funds"] if row["id"] == ident)


def percent(value) -> str:
    return f"{value * 100:.1f}".replace("-", "−") + "\u00a0%"


def tables(at) -> str:
    return " | ".join(str(cell) for table in at.table for cell in table.value.to_numpy().ravel())


def test_the_first_sentence_gives_the_net_return_and_what_leads_to_it(visit):
    row = fund("infra_credit")
    shown = told(visit(page=PAGE))
    assert f"leaves its investors **{percent(row['net_irr'])}** a year to 2030." in shown
    assert f"earn {percent(row['unlevered_irr'])}" in shown
    assert "No borrower falls short." in shown


def test_under_stress_it_names_the_loss_and_the_pension_money(visit):
    row = fund("infra_credit", g=-50, u=30, r=12, f="closed")
    shown = told(visit(WORST, page=PAGE))
    assert f"**{percent(row['net_irr'])}**" in shown
    assert f"**USD\u00a0{row['loss']:.1f}\u00a0bn** short" in shown
    assert f"USD\u00a0{row['loss'] * 0.45:.1f}\u00a0bn is pension money" in shown


def test_in_dutch(visit):
    row = fund("blackstone", r=9)
    shown = told(visit({"r": "9", "fund": "blackstone"}, "nl-NL", page=PAGE))
    assert (
        "**Blackstone** laat zijn beleggers tot en met 2030 "
        f"**{percent(row['net_irr']).replace('.', ',')}** per jaar" in shown
    )


@pytest.mark.parametrize("link", [{}, {"g": "0"}, WORST], ids=["base", "pause", "worst"])
def test_the_bars_of_the_bridge_add_up_to_the_net_return(visit, link):
    at = visit(link, page=PAGE)
    (bars,) = [trace for trace in pictures(at)[0]["data"] if trace["type"] == "bar"]
    assets, borrowing, fee, carry, net = bars["y"]
    assert assets + borrowing + fee + carry == pytest.approx(net, abs=1e-12)
    levers = {k: v if k == "f" else float(v) for k, v in link.items()}
    assert net == pytest.approx(fund("infra_credit", **levers)["net_irr"])


@pytest.mark.parametrize("ident", FUNDS)
def test_every_fund_has_its_page_and_its_link(visit, ident):
    at = visit({"fund": ident, "g": "0"}, page=PAGE)
    assert at.get_by_key("fund_pick").value == ident
    assert f"**{percent(fund(ident, g=0)['net_irr'])}**" in told(at)


@pytest.mark.parametrize("bent", ["madoff", "<b>", "$x$"])
def test_a_fund_that_is_not_there_is_told_and_the_rest_is_kept(visit, bent):
    at = visit({"fund": bent, "r": "6"}, page=PAGE)
    assert any(re.search(r"\bfund\b", text.value) for text in at.text)
    assert at.get_by_key("fund_pick").value == "infra_credit"
    assert lever_of(at, "r").value == 6


def test_all_six_stand_in_one_table(visit):
    shown = tables(visit({"g": "0"}, page=PAGE))
    for ident in FUNDS:
        assert f"**{percent(fund(ident, g=0)['net_irr'])}**" in shown


def test_it_says_whose_money_it_is_and_marks_what_is_assumed(visit):
    at = visit(page=PAGE)
    assert "45\u00a0% of the money" in tables(at)
    assert "The split over investors: :orange-badge[assumption]" in told(at)
    at = visit(page=PAGE, opened=("assumed",))
    assert "assumption" in tables(at)
    assert "confidence is low" in told(at)
    assert "another horizon gives another return" in told(at)


def test_losses_by_holding_add_up(visit):
    at = visit(WORST, page=PAGE)
    at.get_by_key("fund_part").set_value("losses").run()
    row = fund("infra_credit", g=-50, u=30, r=12, f="closed")
    found = [spec for spec in pictures(at) if spec["data"][0].get("orientation") == "h"]
    assert sum(found[0]["data"][0]["x"]) == pytest.approx(row["loss"], abs=1e-3)


def test_the_hump_marks_where_the_lever_stands(visit):
    at = visit({"r": "9", "fund": "blackstone"}, page=PAGE)
    at.get_by_key("fund_part").set_value("rates").run()
    assert "Blackstone earns most at" in told(at)
    found = investors.hump(load_web(), Scenario.default())
    lines = [trace["y"] for spec in pictures(at) for trace in spec["data"] if trace.get("mode") == "lines"]
    assert any(
        len(y) == len(found.rates) and y == pytest.approx(found.net["blackstone"].tolist()) for y in lines
    )
    dots = [trace for spec in pictures(at) for trace in spec["data"] if trace.get("mode") == "markers"]
    assert [9.0] in [dot["x"] for dot in dots]


def test_the_articles_thirteen_per_cent_stands_beside_the_record(visit):
    shown = told(visit(page=PAGE, opened=("claims",)))
    assert "13 %" in shown
    assert "9 to 10 %" in shown


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("funds_table", "What borrowers fail to pay and is not recovered"),
        ("bearers_table", "**Sovereign funds** = Mixed credit fund"),
    ],
)
def test_the_tables_of_funds_and_bearers_open_a_receipt(visit, key, said):
    at = visit({"lang": "en", "g": "0", "h": "2033"}, page=PAGE)
    at.session_state[key] = True
    at.run()
    assert not at.exception
    assert any(said in element.value for element in at.markdown)


def test_each_figure_of_a_fund_has_its_receipt(visit):
    row = fund("kkr", g=0)
    link = {"lang": "en", "g": "0", "fund": "kkr"}
    at = visit(link, page=PAGE, opened=("fund_receipt",))
    (figures,) = (one["figures"] for one in drawings(at) if one.get("figures"))
    assert figures[1][:2] == ["Net return (IRR)", percent(row["net_irr"])]
    assert len(figures) == 6
    for name, shown, was in figures:
        assert f"{name}  **{shown}**" in told(at)
        assert was.startswith("today's data: ")
    assert "`kkr.fee`" in told(at)


@pytest.mark.parametrize("ident", FUNDS)
@pytest.mark.parametrize("link", [{}, WORST], ids=["base", "worst"])
@pytest.mark.parametrize("part", ["value", "rates", "losses"])
def test_every_part_of_every_fund_is_drawn_or_says_why_not(visit, ident, link, part):
    at = visit({"fund": ident, "lang": "en"} | link, page=PAGE)
    at.get_by_key("fund_part").set_value(part).run()
    assert not at.exception
    assert {"From the assets to the investor", "Who bears it", "All six side by side"} <= set(panels(at))
    drawn = [one["key"] for one in drawings(at) if one.get("figure")]
    key = {"value": "chart_nav", "rates": "chart_hump", "losses": "chart_losses"}[part]
    assert key in drawn or "Nothing is lost in this scenario. It holds: " in told(at)


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("en-GB", "Several rates fit the payments of Blackstone; shown is the one nearest 10 % a year."),
        ("nl-NL", "Bij de betalingen van Blackstone passen meer percentages; getoond wordt"),
    ],
)
def test_page_and_receipts_say_when_several_rates_fit(visit, locale, said):
    for link, flagged in (({"g": "-50", "c": "25"}, True), ({}, False)):
        at = visit(link | {"fund": "blackstone"}, locale=locale, page=PAGE)
        assert told(at).count(said) == 2 * flagged  # beside the figures of the fund and of all six
        opened = visit(link, locale=locale, page=PAGE, opened=("funds_table",))
        assert told(opened).count(said) == 2 * flagged
        assert (
            fund("blackstone", **{k: int(v) for k, v in link.items()})["several_rates"]["net_irr"] == flagged
        )


def test_the_receipt_of_the_first_page_says_so_too(visit):
    for link, flagged in (({"g": "-50", "c": "25"}, True), ({}, False)):
        shown = told(open_receipt(visit(link), "funds"))
        assert ("Several rates fit the payments of Blackstone" in shown) == flagged


def test_a_return_that_is_not_defined_has_its_reason():
    rows = [
        {"id": name, "net_irr": rate, "several_rates": {"net_irr": several}, "loss": None}
        for name, rate, several in (("kkr", None, False), ("pimco", 0.05, False), ("apollo", 0.1, True))
    ]
    assert provenance.of_rates("fund.net_irr", rows) == (
        "No rate of return fits the payments of KKR. "
        "Several rates fit the payments of Apollo; shown is the one nearest 10 % a year."
    )
    assert provenance.of_rates("fund.net_irr", rows[1:2]) == provenance.of_rates("fund.loss", rows) == ""
