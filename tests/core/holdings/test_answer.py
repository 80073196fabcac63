"""What a scenario does to what somebody owns: six different answers, sums that fit, figures of the run."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.holdings.answer import answer, as_dict, dated_price
from core.holdings.instruments import CHANNELS, instruments
from core.holdings.rows import Holding
from core.layout.compile import compile_layout
from core.model.engine import run
from core.questions.targets import recovered_in
from core.results.investors import put_in_and_back
from core.results.measures import Measures
from core.results.reading import Reading
from core.scenario.levers import Scenario, lever
from core.web.web import load_web, snapshots
from tests import third
from tests.worlds import FIRST

SIX = (
    Holding(1, "S&P 500 tracker", value=1000.0, currency="EUR"),
    Holding(2, "VWCE", ticker="VWCE", value=2000.0, currency="EUR"),
    Holding(3, "PIMCO Income", value=500.0, currency="USD"),
    Holding(4, "pensioen", value=90000.0, currency="EUR", kind="pension"),
    Holding(5, "CoreWeave", ticker="CRWV", value=3100.0, currency="EUR"),
    Holding(6, "spaargeld", value=700.0, currency="EUR", kind="cash"),
)
ALL = tuple(
    Holding(n, one.name, one.ticker, one.isin, value=10.0, currency="EUR")
    for n, one in enumerate(instruments(), 1)
)
WORST = {"g": -50, "u": 30, "r": 12, "v": 0, "f": "closed", "gw": False, "nb": False, "h": 2033}
GROWTH = (60, 35, 25, 20, 10, 0, -20)


@pytest.fixture(scope="module")
def latest():
    return load_web()


@pytest.fixture(scope="module")
def read():
    """Readings of some scenarios on data of a date, from one run each."""

    def of(date, *settings):
        web, default = load_web(date), Scenario.default(date)
        measures = Measures(run(web, [default.replace(**one) for one in settings]))
        return web, [Reading(measures, i) for i in range(len(settings))]

    return of


@pytest.fixture(scope="module", params=snapshots())
def worlds(request, read):
    return read(request.param, {}, {"g": 0, "h": 2033}, {"r": 9}, WORST)


def one(holding, reading, web):
    return answer([holding], reading, web).positions[0]


def named(ident, **more):
    return replace(next(h for h, i in zip(ALL, instruments(), strict=True) if i.id == ident), **more)


# ---------------------------------------------------------------- six answers


def test_six_things_in_one_list_have_six_answers_each_with_source_and_day(read):
    web, (flat,) = read(None, {"g": 0, "h": 2033})
    told = answer(SIX, flat, web)
    fund, world, bonds, pension, share, cash = told.positions
    assert len({(p.channel, p.weight, p.fate.code, p.entity) for p in told.positions}) == 6
    assert (fund.weight, world.weight, bonds.weight) == pytest.approx((0.2676, 0.155, 0.0188))
    assert (share.weight, cash.weight, pension.weight) == (1.0, 0.0, None)
    assert (share.fate.code, share.fate.params["quarter"]) == ("wiped_out", "2031Q2")
    assert (cash.fate.code, pension.fate.code, bonds.entity) == ("untouched", "pension", "hyperion")
    for position in (fund, world, bonds, share):
        assert all(part.source in web.sources and part.as_of and part.basis for part in position.parts)
    assert {part.as_of for part in (*fund.parts, *world.parts)} == {"2025-11-24"}
    assert {part.as_of for part in bonds.parts} == {"2026-03-31"}
    assert (world.parts[0].low, world.parts[0].high, world.parts[0].basis) == (0.15, 0.16, "derived")
    assert fund.fate.params["sister"] == "ivv"
    assert next(part.newer.raw for part in fund.parts if part.newer) == 7.564
    assert told.totals == {"EUR": 1000 + 2000 + 90000 + 3100 + 700, "USD": 500}
    assert told.on_web["EUR"] == pytest.approx(267.6 + 310 + 3100)
    assert told.on_web["USD"] == pytest.approx(9.4)
    assert told.by_channel["neocloud"] == {"EUR": 3100.0}


# ---------------------------------------------------------------- identities


def check(told):
    for position in told.positions:
        weight = sum(part.weight for part in position.parts)
        assert position.channel in CHANNELS
        assert weight == pytest.approx(position.weight or 0.0)
        assert 0.0 <= weight <= 1.0
        assert all(
            part.channel in CHANNELS and part.channel not in ("none", "cash") for part in position.parts
        )
        low, high = position.fate.low, position.fate.high
        assert (low is None) == (high is None)
        assert low is None or 0.0 <= low <= high <= 1.0
    assert set(told.on_web) <= set(told.totals)
    for currency, whole in told.totals.items():
        here = told.on_web.get(currency, 0.0)
        assert here <= whole + 1e-9 * whole
        assert sum(sums.get(currency, 0.0) for sums in told.by_channel.values()) == pytest.approx(here)


def test_sums_fit_for_all_that_can_be_owned_in_every_world(worlds):
    web, readings = worlds
    for reading in readings:
        told = answer(ALL, reading, web)
        check(told)
        assert told.totals["EUR"] == pytest.approx(10.0 * len(ALL))
        assert {p.instrument.id for p in told.positions} == {i.id for i in instruments()}


MONEY = st.none() | st.floats(0.0, 1e12)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.builds(
            replace,
            st.sampled_from((*ALL, Holding(1, "Philips"), Holding(1, "Meesman Aandelen"))),
            value=MONEY,
            currency=st.sampled_from((None, "EUR", "USD")),
            share=st.none() | st.floats(0.0, 1.0),
        ),
        max_size=12,
    )
)
def test_sums_fit_for_any_list(owned):
    web = load_web()
    told = answer(owned, _FLAT, web, _FLAT)
    check(told)
    assert told.unknown == sum(h.value is None for h in owned)
    assert 0.0 <= told.share_on_web <= len(owned)


_FLAT = Reading(Measures(run(load_web(), Scenario.default().replace(g=0, h=2033))))


def test_nothing_owned_is_an_answer(read):
    web, (base,) = read(None, {})
    told = answer([], base, web)
    assert (told.positions, told.totals, told.on_web, told.by_channel, told.unknown) == ((), {}, {}, {}, 0)


def test_a_worth_that_is_not_said_stays_unknown(read):
    web, (base,) = read(None, {})
    told = answer([Holding(1, "CRWV", quantity=40.0), Holding(2, "VOO", share=0.25)], base, web)
    assert (told.totals, told.unknown) == ({}, 2)
    assert told.share_on_web == pytest.approx(0.25 * 0.2676)


# ---------------------------------------------------------------- today's data


@pytest.mark.parametrize("date", snapshots())
def test_today_loses_nothing_against_today(read, date):
    web, (base,) = read(date, {})
    for position in answer(ALL, base, web).positions:
        assert position.fate.code not in (
            "wiped_out",
            "equity_falls",
            "lender_loses",
            "called",
            "note_recovers",
        )
        assert position.fate.high in (None, 0.0)


# ---------------------------------------------------------------- shares


def test_the_fall_of_a_share_by_hand(read):
    """CoreWeave at demand growing by 20 %: today's multiple of what it earns, less what it owes."""
    web, (base, weak) = read(None, {}, {"g": 20})
    now, before = (
        next(c for c in reading["companies"] if c["id"] == "coreweave") for reading in (weak, base)
    )
    last = weak["last_quarter"]
    year = slice(last - 3, last + 1)
    debt = sum(
        web.value(f"{t}.balance")
        for t in web.subjects("tranches")
        if web.value(f"{t}.borrower") == "coreweave"
    )
    worth = web.value("coreweave.equity_value") + debt - web.value("coreweave.cash")
    multiple = worth / sum(before["ebitda"][:4])
    left = [multiple * sum(c["ebitda"][year]) - c["debt"][last] + c["cash"][last] for c in (now, before)]
    fate = one(named("crwv"), weak, web).fate
    assert fate.code == "equity_falls"
    assert fate.params["multiple"] == pytest.approx(multiple)
    assert fate.low == pytest.approx(1.0 - left[0] / left[1])
    earned = [sum(c["ebitda"][year]) for c in (now, before)]
    falling = 4.0 + (multiple - 4.0) * earned[0] / earned[1]  # recovery.multiple is 4
    worst = falling * earned[0] - now["debt"][last] + now["cash"][last]
    assert fate.high == pytest.approx(1.0 - max(worst, 0.0) / left[1])
    assert fate.low < fate.high
    assert fate.params["later"] == "2032Q4"  # it fails after the horizon


def test_the_multiple_of_a_landlord_is_of_its_first_year_of_full_rent(read):
    """At the first date Cipher has hardly any leases that pay: the first year would give 541 times."""
    web, (base,) = read(FIRST, {})
    layout = compile_layout(web)
    ends = [
        int(np.argmax(rent == rent.max()))
        for rent, host in zip(layout.leases.rent[1], layout.leases.host, strict=True)
        if host == layout.index["cipher"]
    ]
    year = slice(max(ends), max(ends) + 4)
    earned = sum(next(c for c in base["companies"] if c["id"] == "cipher")["ebitda"][year])
    debt = sum(v["balance"].value for v in web.tables["tranches"].values() if v["borrower"].value == "cipher")
    worth = web.value("cipher.equity_value") + debt - web.value("cipher.cash")
    assert one(named("cifr"), base, web).fate.params["multiple"] == pytest.approx(worth / earned)
    assert 5.0 < worth / earned < 20.0


@pytest.mark.parametrize("date", snapshots())
def test_less_demand_never_costs_a_neocloud_share_less(read, date):
    web, readings = read(date, *({"g": g} for g in GROWTH))
    for ident in ("crwv", "wulf", "cifr"):
        fates = [one(named(ident), reading, web).fate for reading in readings]
        for better, worse in pairwise(fates):
            assert better.low <= worse.low + 1e-6
            assert better.high <= worse.high + 1e-6


def test_who_fails_is_wiped_out_in_that_quarter(worlds):
    web, readings = worlds
    for reading in readings:
        for ident, company in (("crwv", "coreweave"), ("wulf", "terawulf"), ("cifr", "cipher")):
            row = next(c for c in reading["companies"] if c["id"] == company)
            fate = one(named(ident), reading, web).fate
            assert (fate.code == "wiped_out") == (row["status"] == "failed")
            if fate.code == "wiped_out":
                assert fate.params["quarter"] == reading["quarters"][row["failed_quarter"]]
                assert (fate.low, fate.high) == (1.0, 1.0)


def test_in_the_worst_world_all_fail_and_figures_stay_finite(worlds):
    web, (*_others, worst) = worlds
    codes = {
        ident: one(named(ident), worst, web).fate.code for ident in ("crwv", "wulf", "cifr", "coreweave_debt")
    }
    assert codes == {
        "crwv": "wiped_out",
        "wulf": "wiped_out",
        "cifr": "wiped_out",
        "coreweave_debt": "note_recovers",
    }
    for position in answer(ALL, worst, web, worst).positions:  # also where today's data fail alike
        assert all(v == v and abs(v) < 1e6 for v in position.fate.params.values() if isinstance(v, float))


def test_where_today_fails_already_the_model_gives_no_fall(read):
    web, (weak, flat) = read(FIRST, {"g": 20}, {"g": 0})
    fate = answer([named("crwv")], weak, web, flat).positions[0].fate
    assert (fate.code, fate.low, fate.high) == ("equity_unknown", None, None)


def test_a_company_without_a_value_of_its_shares_has_no_fall(read, monkeypatch):
    web, (weak,) = read(None, {"g": 20})
    rows = {k: v for k, v in web.tables["entities"]["coreweave"].items() if k != "equity_value"}
    tables = {**web.tables, "entities": {**web.tables["entities"], "coreweave": rows}}
    fate = one(named("crwv"), weak, replace(web, tables=tables)).fate
    assert (fate.code, fate.params["status"]) == ("equity_unknown", "supported")


def test_a_guarantor_is_called_for_what_the_run_calls(worlds):
    web, readings = worlds
    for reading in readings:
        last = reading["last_quarter"]
        for ident, company in (
            ("googl", "alphabet"),
            ("goog", "alphabet"),
            ("nvda", "nvidia"),
            ("meta", "meta"),
        ):
            row = next(g for g in reading["guarantors"] if g["id"] == company)
            fate = one(named(ident), reading, web).fate
            paid = sum(row["called"][: last + 1])
            assert fate.params["called"] == pytest.approx(paid)
            assert fate.params["share"] == max(row["called_to_operating_cash_flow"][: last + 1])
            assert fate.code == ("called" if paid > 1e-4 else "not_called")
            assert fate.low is None


def test_oracle_is_a_customer_that_can_fail_where_the_data_know_its_debt(read):
    web, (base, worst) = read(None, {}, {"g": -20, "h": 2033})
    assert one(named("orcl"), base, web).fate.params["status"] == "healthy"
    assert one(named("orcl"), worst, web).fate.code == "wiped_out"
    old, (first,) = read(FIRST, WORST)
    fate = one(named("orcl"), first, old).fate
    assert (fate.code, fate.params["status"]) == ("customer", None)
    assert fate.params["look_through"] > fate.params["reported"]


def test_a_manager_earns_fees_on_its_fund_and_is_another_channel(read):
    web, (flat,) = read(FIRST, {"g": 0})
    owl = one(named("owl"), flat, web)
    assert (owl.channel, owl.fate.code, owl.fate.low) == ("manager", "manager_fees", None)
    assert owl.fate.params["fees"] == pytest.approx(40 / 1.6 * 0.0125)  # 1.25 % of what investors put in
    assert owl.fate.params["net"] < owl.fate.params["net_before"]
    assert one(named("ares"), flat, web).fate.params["fees"] is None
    lender = one(named("obdc"), flat, web)
    assert (lender.channel, lender.fate.code, lender.weight) == ("lender", "same_kind", 0.0)


# ---------------------------------------------------------------- lenders


def test_notes_lose_what_the_run_says_their_holders_lose():
    web = load_web(FIRST)
    result = run(web, Scenario.default(FIRST).replace(g=0))
    reading = Reading(Measures(result))
    fate = one(named("coreweave_debt"), reading, web).fate
    by_class = [max(recovered_in(result, "coreweave", seniority)[0], 0.0) for seniority in (2, 3, 4)]
    assert fate.code == "note_recovers"
    assert fate.params["recovery_low"] == pytest.approx(min(by_class))  # nothing for convertibles
    assert fate.params["recovery_high"] >= max(by_class) - 1e-9
    assert fate.low == pytest.approx(1.0 - fate.params["recovery_high"])
    assert fate.high == pytest.approx(1.0 - fate.params["recovery_low"])
    assert fate.low < fate.high
    held = one(named("blackrock_sio"), reading, web)
    assert (held.fate.low, held.fate.high) == pytest.approx((fate.low, fate.high))
    assert held.fate.params["known_high"] == pytest.approx(0.00292 * fate.high)


def test_notes_pay_while_their_borrower_does(read):
    web, (base,) = read(None, {})
    fate = one(named("hyperion_notes"), base, web).fate
    assert (fate.code, fate.low, fate.high) == ("note_pays", 0.0, 0.0)


def test_a_pension_is_told_by_what_pension_funds_put_in_and_get_back(read):
    web, (base, flat) = read(FIRST, {}, {"g": 0})
    position = answer([SIX[3]], flat, web, base).positions[0]
    put, back = put_in_and_back(flat, "pensions")
    _put, was = put_in_and_back(base, "pensions")
    assert position.fate.params["put"] == pytest.approx(put)
    assert position.fate.params["less"] == pytest.approx(was - back)
    assert 0.0 < position.fate.low == position.fate.high == pytest.approx(1.0 - back / was)
    assert (position.weight, position.parts) == (None, ())  # how much of one's own nobody knows


def test_a_fund_of_the_web_loses_what_its_investors_lose(read):
    web, (base, flat) = read(FIRST, {}, {"g": 0})
    multiples = [next(f for f in r["funds"] if f["id"] == "infra_credit")["moic"] for r in (base, flat)]
    fate = one(named("infra_credit"), flat, web).fate
    assert (fate.code, fate.low) == ("lender_loses", pytest.approx(1.0 - multiples[1] / multiples[0]))


# ---------------------------------------------------------------- what is not known


def test_an_index_without_weights_is_not_guessed(read):
    web, (flat,) = read(None, {"g": 0})
    for ident in ("iwda", "msci_world", "qqq", "smh", "hyg", "pimco_gis"):
        position = one(named(ident), flat, web)
        assert (position.channel, position.weight, position.parts) == ("fund", None, ())
        assert (position.fate.code, position.fate.params["why"]) == ("unknown", "weights")


@pytest.mark.parametrize(
    ("holding", "channel", "code"),
    [
        (Holding(1, "Philips", isin="NL0000009538"), "none", "elsewhere"),
        (Holding(1, "ASML"), "none", "elsewhere"),
        (Holding(1, "Nebius"), "none", "beside"),
        (Holding(1, "Meesman Aandelen Wereldwijd Totaal"), "unknown", "unknown"),
        (Holding(1, "Blue Owl"), "unknown", "unknown"),
        (Holding(1, "IUSQ"), "unknown", "unknown"),
        (Holding(1, "Philips"), "unknown", "unknown"),
        (Holding(1, "SoftBank"), "unknown", "unknown"),
        (Holding(1, "hoi"), "unknown", "unknown"),
        (Holding(1, "Turbo Nvidia", isin="NL0000009538"), "unknown", "unknown"),
        (Holding(1, "Gold Fields", isin="NL0000009538"), "none", "elsewhere"),
        (Holding(1, "CRWV 15JAN27 60 P", kind="option"), "unknown", "unknown"),
        (Holding(1), "unknown", "unknown"),
    ],
)
def test_what_is_elsewhere_and_what_is_unknown(read, holding, channel, code):
    web, (base,) = read(None, {})
    position = one(holding, base, web)
    assert (position.channel, position.fate.code) == (channel, code)
    assert position.weight == (0.0 if channel == "none" else None)


@pytest.mark.parametrize(
    ("name", "company"), [("OpenAI", "openai"), ("xAI", "xai"), ("Anthropic PBC", "anthropic")]
)
def test_a_company_of_the_web_that_is_not_listed_is_never_said_to_be_elsewhere(read, name, company):
    web, (base,) = read(None, {})
    position = one(Holding(1, name, value=1000.0, currency="USD"), base, web)
    assert (position.channel, position.entity, position.weight) == ("unknown", company, None)
    assert position.fate.params["why"] == "company"


def test_a_company_that_the_data_do_not_know_is_unknown(read):
    web, (base,) = read(None, {})
    gone = dict(base) | {"companies": [c for c in base["companies"] if c["id"] != "cipher"]}
    fate = answer([named("cifr")], gone, web, gone).positions[0].fate
    assert (fate.code, fate.params["why"]) == ("unknown", "data")


@pytest.mark.usefixtures("two_dates")
def test_data_without_a_company_still_answer(read):
    web, (flat,) = read(None, {"g": 0})
    assert web.snapshot == third.THIRD
    fates = {i.id: one(named(i.id), flat, web).fate for i in instruments()}
    assert fates["cifr"].params["why"] == "data"
    assert fates["cipher_notes"].params["why"] == "line"
    assert fates["crwv"].code != "unknown"


# ---------------------------------------------------------------- prices, JSON


def test_a_dated_price_is_offered_where_one_is_on_record():
    by_id = {i.id: dated_price(i) for i in instruments()}
    assert (by_id["crwv"].raw, by_id["crwv"].as_of) == (84.23, "2026-08-31")
    assert by_id["cifr"].raw == 29.18
    assert {ident for ident, row in by_id.items() if row} == {"crwv", "cifr"}


def test_an_answer_as_json_says_null_where_nothing_is_known(read):
    web, (base,) = read(None, {})
    told = as_dict(answer([Holding(3, "CRWV", quantity=40.0), Holding(4, "Blue Owl", share=0.1)], base, web))
    first, second = told["positions"]
    assert (first["isin"], first["quantity"], first["value"]) == ("US21873S1087", 40.0, None)
    assert (second["name"], second["isin"], second["entity"], second["weight"]) == (
        "Blue Owl",
        None,
        None,
        None,
    )
    assert told["left_out"] == []


def test_the_worst_levers_are_the_ends_of_their_ranges():
    assert [lever(k).low for k in "gu"] == [WORST["g"], WORST["u"]]
    assert lever("r").high == WORST["r"]
