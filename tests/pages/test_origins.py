"""The one receipt behind each table: today's operands, named sources, and Dutch in Dutch."""

import re
from datetime import date
from functools import cache

import pytest
from streamlit.testing.v1 import AppTest

from core.model import engine
from core.results import borrowers, deals, exposure, measures, picture, reading
from core.scenario.levers import Scenario
from core.web.web import load_web
from tests.pages.test_guarantors import texts

GUARANTORS, NEOCLOUDS, DEALS = (f"pages/{name}.py" for name in ("guarantors", "neoclouds", "deals"))
# every table with a receipt: page, link, what opens it (one in the other), a row of the data it must name
TABLES = [
    (GUARANTORS, {"g": "0"}, "promised_table", "google_cipher.cap"),
    (GUARANTORS, {"look": "circle"}, "received_nvidia_receipt", "nvidia_coreweave_stake.mark"),
    (GUARANTORS, {"look": "return"}, "received_alphabet_receipt", "cipher.equity_value"),
    (GUARANTORS, {}, "expected", "nvidia_coreweave.cap"),
    (NEOCLOUDS, {"co": "fluidstack"}, "between_receipt", "market.intermediary_own_cost"),
    (NEOCLOUDS, {"co": "terawulf"}, "leases_receipt", "google_terawulf.cap"),
    ("pages/private_credit.py", {"fund": "kkr"}, "assumed terms_receipt", "kkr.hurdle"),
    (DEALS, {"deal": "hyperion"}, "facts_hyperion", "hyperion_meta.first_term_rent"),
    (DEALS, {"deal": "wrap"}, "facts_wrap", "google_terawulf.spread_at_issue"),
    (DEALS, {"deal": "circle"}, "facts_circle", "nvidia.vendor_finance"),
    (DEALS, {"deal": "leases"}, "facts_leases", "cipher_amazon.term"),
    (DEALS, {"deal": "leases"}, "facts_leases", "cipher_stingray.term"),
    (DEALS, {"deal": "hyperion"}, "switch_hyperion_table", "pimco.fee"),
    (DEALS, {"deal": "wrap"}, "switch_wrap_table", "terawulf_notes2030.balance"),
    (DEALS, {"deal": "circle"}, "switch_circle_table", "coreweave.cash"),
    (DEALS, {"deal": "leases"}, "switch_leases_table", "fluidstack.cash"),
    ("pages/chain_reaction.py", {"g": "0"}, "chain_receipt", "clearing.alpha"),
]


@cache
def found(**levers):
    return reading.read(engine.run(load_web(), Scenario.default().replace(**levers)))


@cache
def anatomy(switch, **levers):
    return deals.anatomy(load_web(), Scenario.default().replace(**levers), switch)


def opened(visit, page, key, link):
    return texts(visit({"lang": "en", **link}, page=page, opened=key.split()))


@pytest.mark.parametrize(("page", "link", "key", "row"), TABLES)
@pytest.mark.parametrize("lang", ["en", "nl"])
def test_a_receipt_names_its_data_only_when_opened(visit, page, link, key, row, lang):
    link = {**link, "lang": lang}
    closed, told = texts(visit(link, page=page)), texts(visit(link, page=page, opened=key.split()))
    assert f"`{row}`" not in closed
    assert f"`{row}`" in told
    line = next(line for line in told.splitlines() if f"`{row}`" in line)
    assert re.search(r":(green|yellow|blue|violet|orange)-badge\[", line)
    below = told[told.index(f"`{row}`") :]
    source = re.search(r":small\[:gray\[(.+) · (.+) · (.+)\]\]", below)
    assert source is not None
    assert re.search(r"\b20\d\d\b", source[2])
    new = "\n".join(line for line in told.splitlines() if line not in closed.splitlines())
    if lang == "nl":
        assert not re.search(r"\b(USD|bn|the|called|years|limit of|over the)\b", new)


def test_positions_add_up_promise_by_promise(visit):
    now, web = found(g=0, h=2033), load_web()
    told = opened(visit, GUARANTORS, "promised_table", {"g": "0", "h": "2033"})
    one = exposure.exposure(web, now, "alphabet")
    tera, cipher = (
        measures.called(next(p for p in now["promises"] if p["id"] == ident), now["last_quarter"])
        for ident in ("google_terawulf", "google_cipher")
    )
    assert tera + cipher == pytest.approx(one.called)
    assert min(tera, cipher) > 0
    parts = f"{tera:.2f} (Google's guarantee at TeraWulf) + {cipher:.2f} (Google's guarantee at Cipher)"
    assert f"Called to the horizon = {parts} = **USD {one.called:.1f} bn**" in told
    caps = [web.value(f"{promise}.cap") for promise in ("google_terawulf", "google_cipher")]
    parts = f"{caps[0]:.2f} (Google's guarantee at TeraWulf) + {caps[1]:.2f} (Google's guarantee at Cipher)"
    assert f"Promised = {parts} = **USD {sum(caps):.1f} bn**" in told
    nvidia = exposure.exposure(web, now, "nvidia")
    quarter = now["quarters"][nvidia.dearest_year]
    row = next(row for row in now["guarantors"] if row["id"] == "nvidia")
    year = sum(row["called"][nvidia.dearest_year - 3 : nvidia.dearest_year + 1])
    flow = row["operating_cash_flow"][nvidia.dearest_year]
    assert f"Dearest year, to {quarter[:4]} {quarter[4:]}" in told
    assert f"= {year:.2f} ÷ {flow:.2f}" in told
    cash = web.value("nvidia.cash")
    assert f"= {nvidia.called:.2f} ÷ {cash:.2f} = **{100 * nvidia.share_of_cash:.1f} %**" in told


def test_a_letter_that_binds_nobody_is_no_source_of_a_promise(visit):
    assert "nvidia_openai.cap" not in opened(visit, GUARANTORS, "promised_table", {})


def test_warrants_are_written_with_their_operands(visit):
    told = opened(visit, GUARANTORS, "received_alphabet_receipt", {"look": "return"})
    web = load_web()
    warrants = exposure.received(web, found(), "alphabet")
    cipher = next(one for one in warrants if one.on == "cipher")
    share = f"{100 * web.value('alphabet_cipher_warrant.share'):.1f} %"
    worth, day = web.value("cipher.equity_value"), date.fromisoformat(web.snapshot)
    assert f"Value, {day:%b %Y}: {share} × {worth:.2f} = {cipher.mark:.2f}" in told
    assert f"At the horizon: {share} × {cipher.left:.2f} = {cipher.horizon:.2f}" in told


@pytest.mark.parametrize("levers", [{}, {"g": 0}])
def test_an_intermediarys_receipt_is_of_the_quarter_of_its_table(visit, levers):
    now = found(**levers)
    row = next(row for row in now["companies"] if row["id"] == "fluidstack")
    failed = row["failed_quarter"]
    at = now["last_quarter"] if failed is None else min(failed - 1, now["last_quarter"])
    link = {"co": "fluidstack", **{key: str(value) for key, value in levers.items()}}
    told = opened(visit, NEOCLOUDS, "between_receipt", link)
    parts = " + ".join(f"{row[part][at]:.2f}" for part in ("contracted", "spot", "guaranteed"))
    assert f"= {parts}" in told
    assert f"Quarter: {now['quarters'][at][:4]} {now['quarters'][at][4:]}" in told
    assert "**Rent**" in told


def test_a_lease_is_capacity_times_rent_times_years(visit):
    told = opened(visit, NEOCLOUDS, "leases_receipt", {"co": "terawulf"})
    web = load_web()
    lease = borrowers.leases_of(web, "terawulf")[0]
    power, rent = (web.value(f"terawulf_fluidstack.{item}") for item in ("mw", "rent"))
    assert lease.rent == pytest.approx(power * rent / 1000)
    parts = f"{power:g} MW × USD {rent:g} m per MW a year = {lease.rent:.2f} a year"
    assert f"{parts}; × 10 years" in told
    assert f"= **USD {lease.total:.1f} bn**" in told


def test_break_points_open_their_receipt(visit):
    said = "A break-point is the value of a lever"
    at = visit({"lang": "en", "co": "cipher"}, page=NEOCLOUDS, opened=("breaks",))
    assert said not in texts(at)
    at.session_state["breaks_receipt"] = True
    at.run()
    told = texts(at)
    assert "tried at 33 places" in told[told.index(said) :]
    assert "narrowed down to 0.01 of its unit" in told
    for row in ("market.demand_growth", "market.utilisation", "cipher.cash", "cipher_notes2030.balance"):
        assert f"`{row}`" in told


def dutch_breaks():
    import streamlit as st

    from pages.kit.parts import origins

    st.session_state["lang"] = "nl"
    origins.breaks("cipher", ("g", "f"))


def test_break_points_are_explained_in_dutch():
    told = texts(AppTest.from_function(dutch_breaks, default_timeout=60).run())
    assert "Een breekpunt is de stand van een knop" in told
    assert "tot op 0,01 van de eenheid" in told
    assert "Cipher · kas :small[`cipher.cash`]" in told


def dutch_repayments():
    import streamlit as st

    from core.scenario.levers import Scenario
    from pages.kit.parts import neoclouds, origins

    st.session_state["lang"] = "nl"
    origins.repayments(neoclouds.look("coreweave", Scenario.default()))


def test_the_split_of_repayments_is_explained_in_dutch():
    told = texts(AppTest.from_function(dutch_repayments, default_timeout=60).run())
    assert "naar verhouding, zodat de delen optellen" in told
    assert ":orange-badge[aanname] **0,346 mrd dollar** " in told
    assert "`coreweave_ddtl1.principal.y2026`" in told
    assert "(3e kw. 2026 – 4e kw. 2026) + " in told
    assert not re.search(r"\b(USD|bn|the|loan|company)\b", told)


def test_every_term_and_holding_of_a_fund_has_its_source(visit):
    told = opened(visit, "pages/private_credit.py", "assumed terms_receipt", {})
    rows = load_web().tables["funds"]["infra_credit"]
    held = [item for item in rows if item.startswith("hold_")]
    assert len(held) > 9
    for item in (*held, "size", "leverage", "funding_spread", "fee", "carry", "hurdle"):
        assert f"`infra_credit.{item}`" in told


def test_the_switch_is_told_with_the_operands_of_now(visit):
    levers = {"g": -50, "u": 30}
    now = found(**levers)
    link = {"deal": "circle", "g": "-50", "u": "30"}
    told = opened(visit, DEALS, "switch_circle_table", link)
    lines = [row for row in now["tranches"] if row["borrower"] == "coreweave"]
    new = next(row for row in lines if row["id"] == "coreweave_new")
    assert f"{sum(new['lost']):.2f} (New borrowing)" in told
    total = sum(sum(row["lost"]) for row in lines)
    assert f"= **USD {total:.1f} bn**" in told
    fall = next(e for e in now["chain"] if e["event"] == "failure" and e["entity"] == "coreweave")
    assert fall["cause"] == "counterparty:openai"
    assert f"**CoreWeave fails** = USD {fall['amount']:.1f} bn short, because OpenAI no longer pays" in told
    off = opened(visit, DEALS, "switch_circle_table", link | {"nb": "no"})
    assert "**Nvidia pays, to 2033** = **USD 0**" in off
    assert told.count("What others failed to pay") == 1


def test_facts_of_the_deals_are_worked_out_from_their_operands(visit):
    tera, cover = anatomy("gw").wraps[0], anatomy("mr").cover
    told = opened(visit, DEALS, "facts_wrap", {"deal": "wrap"})
    assert f"{tera.worth[0] * 1e4:,.0f} bp × 3.20 × {tera.life:.1f} years" in told
    assert f"3.20 ÷ {tera.rent:.2f}" in told
    told = opened(visit, DEALS, "facts_hyperion", {"deal": "hyperion"})
    assert f"= {cover.rent:.2f} ÷ {cover.service:.2f}" in told
    assert f"= {cover.owners_share:.2f} a year ÷ {cover.service_yearly:.2f}, or ÷" in told
    loop = anatomy("nb").circle
    web = load_web()
    stake = web.tables["promises"]["nvidia_coreweave_stake"]
    paid = [stake[item].value for item in ("cost", "added") if item in stake]
    cap, lent = web.value("nvidia_coreweave.cap"), web.value("nvidia.vendor_finance")
    revenue = web.of_a_year("nvidia", "revenue").value
    told = opened(visit, DEALS, "facts_circle", {"deal": "circle"})
    put_in = " + ".join(f"{part:.2f}" for part in (*paid, cap))
    assert f"= {loop.chips_to_horizon[0]:.2f} ÷ ({put_in})" in told
    assert f"= ({lent:.2f} + {cap:.2f}) ÷ {revenue:.2f}" in told
    told = opened(visit, DEALS, "facts_leases", {"deal": "leases"})
    assert f"(85 % × ({tera.rent:.2f} + {tera.others:.2f}) − 0.06) ÷ {tera.interest:.2f} → " in told


def test_the_chain_is_counted_name_by_name(visit):
    told = opened(visit, "pages/chain_reaction.py", "chain_receipt", {"g": "0", "h": "2033"})
    chain = picture.chain(found(g=0, h=2033))
    named = [[load_web().value(f"{who}.name") for who in pair] for pair in chain.pulled]
    assert named
    pulled = " + ".join(f"{who}, through {through}" for who, through in named)
    assert f"**contagion** = {pulled}  \n= **{len(named)}**" in told
    own = told[told.index("**own doing** = ") :].split("  \n")
    assert own[0].count(" + ") == len(chain.own) - 1
    assert own[1].startswith(f"= **{len(chain.own)}**")
    assert f"= **USD {chain.called:.1f} bn**" in told
    calm = opened(visit, "pages/chain_reaction.py", "chain_receipt", {})
    assert "**contagion** = 0" in calm


def headings(at):
    return [list(table.value.columns) for table in at.dataframe]


@pytest.mark.parametrize(
    ("lang", "first", "gross"),
    [
        ("en", "Meta pays, to 2033", "Gross return (IRR)"),
        ("nl", "Meta betaalt, t/m 2033", "Brutorendement (IRR)"),
    ],
)
def test_downloads_speak_the_readers_language(visit, lang, first, gross):
    at = visit({"lang": lang, "deal": "hyperion"}, page=DEALS, opened=("switch_hyperion_table",))
    labels = at.dataframe[0].value.iloc[:, 0].tolist()
    assert labels[0] == first
    at = visit({"lang": lang}, page="pages/private_credit.py", opened=("funds_table",))
    assert gross in headings(at)[0]
    assert len(headings(at)[0]) == 1 + 2 * 7
    for name in (*labels, *headings(at)[0]):
        assert not re.search(r"\b[a-z]+_[a-z]+", name), name
