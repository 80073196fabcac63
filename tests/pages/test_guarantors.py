"""The page Guarantors: what a reader finds there in each language, link and scenario."""

import json
from datetime import date

import pytest
from babel import dates

from core.model import engine
from core.results import exposure, reading
from core.scenario.levers import Scenario
from core.sources import quotes
from core.web.web import load_web
from tests.apptest import charts, lever_of, pictures, told
from tests.worlds import FIRST

PAGE = "pages/guarantors.py"
WORST = {"g": "-50", "u": "30", "r": "12", "f": "closed"}
WALKS = {"g": "0", "gw": "no"}
GIVERS = ("alphabet", "nvidia", "meta")
HARD = {"g": -15, "u": 60, "r": 7}
HARD_LINK = {lever: str(value) for lever, value in HARD.items()}


def texts(at) -> str:
    """Everything written on the page outside its tables, in one string, with plain spaces."""
    return told(at).replace("\u00a0", " ")


def cells(at) -> list[list[str]]:
    """Every row of every table."""
    return [
        [str(cell).replace("\u00a0", " ") for cell in row]
        for table in at.table
        for row in table.value.reset_index().to_numpy()
    ]


def written_day(iso: str, lang: str) -> str:
    return dates.format_date(date.fromisoformat(iso), format="long", locale=lang)


def money(value: float) -> str:
    return f"USD {amount(value)} bn"


def amount(value: float) -> str:
    return f"{value:.1f}" if value < 99.95 else f"{value:,.0f}"


def read(**levers):
    return reading.read(engine.run(load_web(), Scenario.default().replace(**levers)))


@pytest.mark.parametrize("who", ["oracle", "meta"])
def test_the_receipt_of_a_guarantor_has_its_market_prices_if_there_are_any(visit, who):
    rows = quotes.latest(load_web(), who)
    opened = texts(visit({"giver": who}, page=PAGE, opened=("leverage_table",)))
    assert ("Market prices since" in opened) == bool(rows)
    assert all(f"**{row.raw:g} bp**" in opened for row in rows)


def position(at, label: str) -> list[str]:
    return next(row[-3:] for row in cells(at) if label in row)


@pytest.mark.parametrize(
    ("levers", "link"),
    [
        ({}, {}),
        ({"g": 0}, {"g": "0"}),
        ({"g": 0, "gw": False}, WALKS),
        ({"g": -50, "u": 30, "r": 12, "f": "closed"}, WORST),
    ],
)
def test_promised_called_and_weight_stand_in_one_table(visit, levers, link):
    found = read(**levers)
    at = visit(link, page=PAGE)
    assert position(at, "Promised") == ["4.9", "6.3", "28.0"]
    for place, giver in enumerate(GIVERS):
        one = exposure.exposure(load_web(), found, giver)
        assert f"{one.called:.1f}" in position(at, "Called to the horizon")[place]
        assert f"{one.later:.1f}" in position(at, "Called after it, to 2033")[place]
        assert (
            f"{one.share_of_cash_flow * 100:.1f} %"
            in position(at, "Dearest year, of operating cash flow")[place]
        )
        quarter = one.peak_quarter
        expected = f"{quarter[:4]} Q{quarter[-1]}" if quarter else "–"
        assert position(at, "Dearest quarter")[place] == expected


def test_the_first_sentence_answers_the_question(visit):
    assert "Nobody is called: USD 39.2 bn of promises stands" in texts(visit(page=PAGE))
    found = read(g=0)
    called, later = (
        sum(getattr(exposure.exposure(load_web(), found, giver), name) for giver in GIVERS)
        for name in ("called", "later")
    )
    shown = texts(visit({"g": "0"}, page=PAGE))
    assert f"To 2030 guarantors pay USD {called:.1f} bn of the USD 39.2 bn" in shown
    assert f"USD {later:.1f} bn more by 2033" in shown
    most = max(found["guarantors"], key=lambda row: row["look_through_leverage"] - row["reported_leverage"])
    assert (
        f"On {written_day(most['leverage_as_of'], 'en')} {most['name'].split(' (')[0]} owed "
        f"{most['reported_leverage']:.1f}x a year's EBITDA as reported, {most['agency_leverage']:.1f}x as "
        "rating agencies" in shown
    )


def test_dutch_readers_get_dutch(visit):
    shown = texts(visit({"g": "0"}, locale="nl-NL", page=PAGE))
    assert "betalen garantstellers" in shown
    assert "Wat een garantie doet" in shown


def test_the_parts_of_a_debt_name_basis_and_source(visit):
    meta = next(row for row in read()["guarantors"] if row["id"] == "meta")
    rows = {row[-2]: row[-1] for row in cells(visit({"giver": "meta"}, page=PAGE))}
    venture = next(label for label in rows if label.startswith("Share of the venture's notes"))
    assert "-badge[reported]" in venture
    assert "Meta" in venture
    assert rows[venture] == f"{meta['parts']['joint_venture']:.1f}"
    microsoft = [row[-2] for row in cells(visit({"data": FIRST, "giver": "microsoft"}, page=PAGE))]
    assert any(label.startswith("Debt as reported") and "-badge[from memory]" in label for label in microsoft)


@pytest.mark.parametrize(
    ("giver", "said"),
    [
        ("meta", "non-marketable equity investment"),
        ("microsoft", "Microsoft spreads cost with finance leases"),
        ("oracle", "USD 248 bn of leases that have not started"),
        ("alphabet", "**USD 16.9 bn** in Dec 2025, **USD 43.8 bn** in Jun 2026."),
    ],
)
def test_what_the_books_do_not_show_is_said(visit, giver, said):
    assert said in texts(visit({"data": FIRST, "giver": giver}, page=PAGE))


def test_what_was_reported_since_is_told_only_of_a_later_day(visit):
    own, reported = (load_web().row(f"alphabet.backstops_outside{when}") for when in ("", ".2026Q2"))
    assert own.as_of == reported.as_of, "the test needs data that know the last report"
    line = next(
        line for line in texts(visit({"giver": "alphabet"}, page=PAGE)).splitlines() if "backstops" in line
    )
    assert line.count("USD") == 1
    assert f"**USD {own.raw:.1f} bn** in Jun 2026." in line


def test_oracles_rent_without_its_tenant_is_never_a_call(visit):
    found = read(g=0, h=2033)
    oracle = next(row for row in found["guarantors"] if row["id"] == "oracle")
    shown = texts(visit({"g": "0", "h": "2033", "giver": "oracle"}, page=PAGE))
    assert f"To 2033 **USD {sum(oracle['rent_without_tenant']):.1f} bn**" in shown
    assert "This is rent, never a call." in shown
    assert sum(oracle["called"]) == 0


def test_nvidias_circle_shows_letter_and_stake(visit):
    at = visit({"look": "circle", "data": FIRST}, page=PAGE)
    shown = texts(at)
    assert "**USD 100 bn**" in shown
    assert "by Feb 2026: a stake of **USD 30.0 bn**" in shown
    assert "In CoreWeave USD 0.1 bn by Apr 2023 and USD 2.0 bn more in Jan 2026." in shown
    assert "In 2026 that is" in shown
    assert "19 % of that revenue" in shown
    rows = {row[-4]: row[-3:] for row in cells(at) if len(row) > 3}
    assert rows["CoreWeave, stake 6.0 %"][:2] == ["0.1", "1.75"]
    assert rows["OpenAI, stake"][0] == "30.0"


def test_a_stake_to_which_nothing_was_added_is_told_without_it(visit):
    web = load_web()
    stake = web.tables["promises"]["nvidia_coreweave_stake"]
    assert "added" not in stake, "the test needs data of after the purchase"
    shown = texts(visit({"look": "circle"}, page=PAGE))
    assert f"In CoreWeave USD {stake['cost'].value:.1f} bn by Jan 2026." in shown
    assert web.calendar.begun
    assert f"In {web.calendar.first_year + 1} that is" in shown  # a part of a year is not held against one


def test_what_google_got_in_return(visit):
    link = {"look": "return", "data": FIRST}
    rows = {row[-4]: row[-3:] for row in cells(visit(link, page=PAGE)) if len(row) > 3}
    assert rows["TeraWulf, warrant 14.0 %"][1] == "0.67"
    assert rows["Cipher, warrant 5.4 %"][1] == "0.31"


def test_leverage_counted_in_three_ways_is_drawn_for_all_six(visit):
    rows = {row["name"].split(" (")[0]: row for row in read(g=0)["guarantors"]}
    shown = json.dumps(pictures(visit({"g": "0"}, page=PAGE)), ensure_ascii=False)
    for name in ("Nvidia", "Meta", "Microsoft", "Oracle", "Amazon"):
        row = rows[name]
        three = [row[f"{way}_leverage"] for way in ("reported", "agency", "look_through")]
        assert f"{three[0]:.1f}x → {three[1]:.1f}x → <b>{three[2]:.1f}x</b>" in shown


@pytest.mark.parametrize(
    ("locale", "said"),
    [
        ("en-GB", "● with all promised, on {day}"),
        ("nl-NL", "● met alle toezeggingen, op {day}"),
    ],
)
def test_leverage_says_its_date_and_what_it_assumes(visit, locale, said):
    at = visit({"g": "0"}, locale=locale, page=PAGE, opened=("leverage_table",))
    assert said.format(day=written_day(load_web().snapshot, locale[:2])) in texts(at)
    assert "`lookthrough.lease_within_year`" in texts(at)


def test_a_view_choice_that_is_none_is_told_and_the_rest_kept(visit):
    at = visit({"g": "0", "giver": "<script>", "look": "$x$"}, page=PAGE)
    assert lever_of(at, "g").value == 0
    assert len(at.text) >= 2
    assert "What Google pays under its promises" in texts(at)


def test_the_choice_of_a_company_travels_in_the_link(visit):
    at = visit({"giver": "oracle"}, page=PAGE)
    assert at.query_params["giver"] in ("oracle", ["oracle"])


def test_a_guarantee_moves_risk_and_that_is_said(visit):
    at = visit({"g": "0"}, page=PAGE)
    assert "it does not always make risk smaller" in texts(at)
    assert any("The article says" in box.label for box in at.expander)


@pytest.mark.parametrize(
    ("link", "key", "row"),
    [
        ({"giver": "alphabet"}, "calls_table", "alphabet.backstops_outside"),
        ({"giver": "oracle"}, "calls_table", "oracle.leases_not_commenced"),
        ({"giver": "meta", "g": "0"}, "leverage_table", "meta.debt`"),
    ],
)
def test_what_is_quoted_beside_a_chart_has_its_source_behind_it(visit, link, key, row):
    assert row not in texts(visit(link, page=PAGE))
    assert row in texts(visit(link, page=PAGE, opened=(key,)))


def test_who_guarantees_nobody_has_no_table_of_calls(visit):
    early = visit({"giver": "amazon", "data": FIRST}, page=PAGE, opened=("calls_table",))
    assert "Amazon guarantees nobody in this web." in texts(early)
    assert not early.dataframe
    at = visit({"giver": "amazon"}, page=PAGE, opened=("calls_table",))
    assert "Amazon guarantees nobody in this web." in texts(at)
    (table,) = at.dataframe  # of its cash, no calls
    assert list(table.value.columns) == ["Quarter", "Cash", "Cash, today's data", "Borrowed"]


def of(found, table, ident):
    return next(row for row in found[table] if row["id"] == ident)


def written_quarter(label: str) -> str:
    return f"{label[:4]} Q{label[-1]}"


def in_words(label: str) -> str:
    ordinal = ("first", "second", "third", "fourth")[int(label[-1]) - 1]
    return f"the {ordinal} quarter of {label[:4]}"


@pytest.mark.parametrize("giver", [*GIVERS, "microsoft", "amazon"])
@pytest.mark.parametrize(("levers", "link"), [({}, {}), (HARD, HARD_LINK)], ids=["base", "hard"])
def test_the_cash_of_a_rich_company_and_when_it_would_have_to_borrow_are_told(visit, giver, levers, link):
    found, web = read(**levers), load_web()
    row, last = of(found, "guarantors", giver), found["last_quarter"]
    own = exposure.own_cash(found, giver)
    shown = texts(visit({"giver": giver} | link, page=PAGE))
    name = {"alphabet": "Google"}.get(giver, giver.capitalize())
    year = found["quarters"][last][:4]
    assert f"{money(web.value(f'{giver}.cash'))} at the end of Jun 2026" in shown
    assert f"{money(row['cash'][last])} at the end of {year}." in shown
    borrowing = [q for q, amount in zip(found["quarters"], row["borrowed"], strict=True) if amount > 1e-9]
    if borrowing and borrowing[0] <= found["quarters"][last]:
        assert f"{name} would have to borrow from the **{in_words(borrowing[0])[4:]}**" in shown
        assert f": {money(sum(row['borrowed'][: last + 1]))} to {year}." in shown
    else:
        assert f"{name} would never have to borrow to {year}" in shown
    called = sum(row["called"][: last + 1])
    share = f"Calls take {called / own.lowest * 100:.1f} % of its lowest cash."
    assert (share in shown) == (called > 1e-9)


def test_cash_stands_beside_the_promises_only_where_it_is_known(visit):
    found = read(**HARD)
    at = visit(HARD_LINK, page=PAGE)
    for place, giver in enumerate(GIVERS):
        own = exposure.own_cash(found, giver)
        assert amount(own.later) in position(at, "Cash at the horizon")[place]
        assert f"{own.share_of_lowest * 100:.1f} %" in position(at, "All calls, of its lowest cash")[place]
        borrows = written_quarter(own.borrows_from) if own.borrows_from else "never"
        assert borrows in position(at, "Would have to borrow from")[place]
    early = [row[-4] for row in cells(visit({"data": FIRST}, page=PAGE)) if len(row) > 3]
    assert "Promised" in early
    assert "Cash at the horizon" not in early


def test_the_path_of_cash_is_drawn_when_asked_for_with_its_sources(visit):
    link = {"giver": "alphabet"} | HARD_LINK
    assert "chart_own_cash" not in [one["key"] for one in charts(visit(link, page=PAGE))]
    at = visit(link, page=PAGE, opened=("calls_table",))
    (cash,) = (one for one in charts(at) if one["key"] == "chart_own_cash")
    path = of(read(**HARD), "guarantors", "alphabet")["cash"]
    assert path in [trace["y"] for trace in cash["figure"]["data"]]
    for row in ("alphabet.cash", "alphabet.operating_cash_flow", "alphabet.capex.y2027", "givers.buffer"):
        assert f"`{row}`" in texts(at)


def test_oracle_is_told_as_a_borrower_with_its_covenant(visit):
    found, covenant = read(**HARD), load_web().value("oracle.covenant_cover")
    row, last = of(found, "companies", "oracle"), found["last_quarter"]
    cover = [value for value in row["forward_cover"][: last + 1] if value is not None]
    below = next(quarter for quarter, value in enumerate(cover) if value < covenant)
    failed = row["failed_quarter"]
    assert failed <= last, "the test needs a scenario in which Oracle fails"
    at = visit({"giver": "oracle"} | HARD_LINK, page=PAGE, opened=("calls_table",))
    shown = texts(at)
    assert f"{min(cover):.1f}x its interest; its lenders ask for {covenant:.1f}x" in shown
    assert f"**It falls below that from {in_words(found['quarters'][below])}**" in shown
    assert f"**Oracle itself fails in {in_words(found['quarters'][failed])}" in shown
    cut = of(found, "tenants", "openai")["renegotiated_quarter"]
    assert f"OpenAI pays less than agreed from {in_words(found['quarters'][cut])}" in shown
    assert "`oracle.covenant_cover`" in shown
    calm = texts(visit({"giver": "oracle"}, page=PAGE))
    assert "It stays above that." in calm
    assert "itself fails" not in calm


def test_data_that_let_oracle_always_pay_call_it_no_borrower(visit):
    shown = texts(visit({"giver": "oracle", "data": FIRST, "g": "0"}, page=PAGE))
    assert "This is rent, never a call." in shown
    assert "is a borrower here too" not in shown
