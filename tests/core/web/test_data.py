"""The figures of the snapshot that a person knows, and what every row owes its reader."""

import ast
import tomllib
from collections import Counter
from math import fsum
from pathlib import Path

import pytest

from core.holdings import instruments
from core.layout.layout import CAPACITY_BACKSTOP, LEASE_BACKSTOP, RESIDUAL_VALUE
from core.sources import beside, facts, holders, weights
from core.web.web import BIG_TECH, DATA, GUARANTORS, LABS, NEOCLOUDS, load_web, snapshots
from tests.worlds import FIRST

ROOT = Path(__file__).parents[3]

HORIZON = 32  # quarters that the model computes


@pytest.fixture(scope="module")
def web():
    """The first data, whose totals are those of the reports they were taken from."""
    return load_web(FIRST)


def balances(web, borrower):
    return {t: web.value(f"{t}.balance") for t in web.subjects("tranches", borrower=borrower)}


# ---------------------------------------------------------------- figures with a known answer


def test_coreweave_debt_is_the_total_of_its_annual_report(web):
    lines = balances(web, "coreweave")
    assert len(lines) == 10
    # loans 1.54 + 4.07 + 1.5 + 2.45 + 0.3, vendors 5.197 + 0.22, notes 2.0 + 1.75, convertible 2.588
    assert fsum(lines.values()) == pytest.approx(21.615, abs=1e-12)


def test_the_miners_debt(web):
    assert fsum(balances(web, "terawulf").values()) == pytest.approx(
        5.725, abs=1e-12
    )  # 3.2 + 0.5 + 1.0 + 1.025
    cipher = balances(web, "cipher")
    assert cipher.pop("cipher_blackpearl2031") == 2.0  # Feb 2026, with its cash: both or neither
    assert fsum(cipher.values()) == pytest.approx(3.2055, abs=1e-12)  # 1.733 + 1.3 + 0.1725


def test_coreweave_covers_its_interest_with_ebitda_but_not_with_profit(web):
    interest = web.value("coreweave.interest_2025")
    assert web.value("coreweave.ebitda_2025") / interest == pytest.approx(2.52, abs=0.005)
    assert web.value("coreweave.operating_income_2025") < interest  # the analyst of the article


def test_rents_add_up_to_the_contracts(web):
    def total(lease):
        years = web.value(f"{lease}.term") / 4
        return web.value(f"{lease}.mw") * web.value(f"{lease}.rent") / 1000 * years

    assert total("terawulf_fluidstack") == pytest.approx(6.7, rel=0.005)  # 360 x 1.86 x 10
    assert total("cipher_fluidstack") == pytest.approx(3.8, rel=0.005)  # 207 x 1.83 x 10
    assert total("cipher_amazon") == pytest.approx(5.5, rel=0.005)  # 300 x 1.22 x 15


def test_sites_built_and_to_build_are_the_whole_site(web):
    for host in web.subjects("capacity", kind="landlord"):
        mw = fsum(web.value(f"{lease}.mw") for lease in web.subjects("offtake", host=host))
        whole = mw * web.value(f"{host}.site_cost_per_mw") / 1000
        assert web.value(f"{host}.spent") + web.value(f"{host}.capex_left") == pytest.approx(whole)


def test_coreweave_plant_is_its_megawatts_at_cost(web):
    plant = web.value("coreweave.active_mw") * web.value("coreweave.capex_per_mw") / 1000
    assert plant == pytest.approx(30.6)  # net plant in its balance sheet
    lease_cost = web.value("coreweave.active_mw") * web.value("coreweave.site_lease") / 1000
    assert lease_cost == pytest.approx(0.825, abs=1e-4)


def test_google_and_nvidia_promise_what_the_record_says(web):
    backstops = web.subjects("promises", kind="lease_backstop", giver="alphabet")
    assert fsum(web.value(f"{p}.cap") for p in backstops) == pytest.approx(4.93)  # 3.2 + 1.73
    assert web.row("google_cipher.cap").low == 1.4  # the article
    assert web.value("nvidia_coreweave.cap") == 6.3
    assert (web.value("nvidia_openai.cap"), web.value("nvidia_openai.actual")) == (100, 30)


def test_leases_not_commenced_are_moodys_662(web):
    five = ("alphabet", "meta", "microsoft", "oracle", "amazon")
    assert fsum(web.value(f"{name}.leases_not_commenced") for name in five) == pytest.approx(662, abs=0.5)
    assert web.value("nvidia.leases_not_commenced") == 0


def test_xai_compute_bill_includes_its_vehicle(web):
    outside = [3, 5, 7, 9, 11, 15, 17, 18]
    rent = web.value("xai_vehicle_xai.rent_total")
    years = web.value("xai_vehicle_xai.term") / 4
    expected = [due + rent * (year < years) for year, due in enumerate(outside)]
    assert web.plan("xai", "compute_bill").tolist() == pytest.approx(expected)


def test_hyperion_notes_run_from_the_lease_for_twenty_years(web):
    assert web.value("hyperion_notes.first") == web.value("hyperion_meta.start") == 12
    assert web.value("hyperion_notes.maturity") == 12 + 80 - 1
    assert web.value("hyperion_meta.first_exit") == web.value("meta_hyperion.from") == 12 + 4 * 4
    rate = web.value("hyperion_notes.rate") / 4
    service = 4 * web.value("hyperion_notes.balance") * rate / (1 - (1 + rate) ** -80)
    assert service == pytest.approx(2.465, abs=0.001)  # paid quarterly; 2.494 if paid yearly
    assert web.value("hyperion_meta.rent_total") / service == pytest.approx(1.11, abs=0.005)


# ---------------------------------------------------------------- shapes that hold for every row of a kind


def test_debt_that_runs_off_ends_when_its_profile_does(web):
    for kind in ("amortising", "level"):
        for tranche in web.subjects("tranches", kind=kind):
            first, profile = web.value(f"{tranche}.first"), web.value(f"{tranche}.profile")
            assert web.value(f"{tranche}.maturity") == first + profile - 1, tranche


def test_debt_repaid_at_once_has_a_profile_of_one_and_balloons_a_longer_one(web):
    for kind in ("bullet", "convertible"):
        for tranche in web.subjects("tranches", kind=kind):
            assert web.value(f"{tranche}.first") == web.value(f"{tranche}.maturity"), tranche
            assert web.value(f"{tranche}.profile") == 1, tranche
    for tranche in web.subjects("tranches", kind="balloon"):
        first, profile = web.value(f"{tranche}.first"), web.value(f"{tranche}.profile")
        assert first + profile - 1 > web.value(f"{tranche}.maturity"), tranche


def test_seniority_follows_security(web):
    for tranche in web.tables["tranches"]:
        kind, security = web.value(f"{tranche}.kind"), web.value(f"{tranche}.security")
        expected = 4 if kind == "convertible" else 3 if security.startswith("Unsecured") else 2
        assert web.value(f"{tranche}.seniority") == expected, tranche


def test_every_borrower_host_and_fund_is_complete(web):
    borrowers = {web.value(f"{t}.borrower") for t in web.tables["tranches"]}
    assert borrowers == set(web.tables["capacity"])  # who owns a site or chips owes something on them
    funds = set(web.subjects("funds", kind="fund"))
    assert funds == set(web.subjects("entities", kind="fund"))
    assert set(web.subjects("entities", kind="bigtech")) == {
        *("alphabet", "nvidia", "meta", "microsoft", "oracle", "amazon")
    }
    companies = {*web.subjects("entities", kind="neocloud"), *web.subjects("entities", kind="vehicle")}
    assert companies == set(web.tables["capacity"]) | {"fluidstack"}


def test_holdings_and_investors_add_up_to_the_whole(web):
    for fund in web.subjects("funds", kind="fund"):
        for prefix in ("hold_", "mix_"):
            stated = [row.raw for item, row in web.tables["funds"][fund].items() if item.startswith(prefix)]
            assert fsum(stated) == pytest.approx(100, abs=1e-9), (fund, prefix)


def test_customers_of_each_book_add_up_to_the_whole(web):
    for book in ("legacy", "new"):
        contracts = web.subjects("offtake", host="coreweave", book=book)
        assert fsum(web.row(f"{c}.share").raw for c in contracts) == 100


def test_plans_stop_where_the_model_does(web):
    assert all(len(years) * 4 == HORIZON for years in web.tables["plans"].values())


# ---------------------------------------------------------------- what every row owes its reader


def test_every_assumption_says_why(web):
    bare = [row.id for row in web.rows() if row.basis == "assumption" and len(row.note.split()) < 3]
    assert bare == []


def test_figures_read_from_memory_are_never_highly_trusted_figures_of_a_source(web):
    wrong = [row.id for row in web.rows() if "From memory" in row.note and row.basis == "reported"]
    assert wrong == []


def test_the_model_note_is_the_source_of_assumptions_and_never_of_a_report(web):
    origin = {(row.basis, row.source == "backstop_model") for row in web.rows()}
    assumed = {row.source for row in web.rows() if row.basis == "assumption"}
    assert assumed == {
        "backstop_model",
        "crwv_debt_split",
    }  # the split of CoreWeave's loans is partly assumed
    assert origin.isdisjoint({("reported", True), ("article", True), ("recalled", True)})


def test_every_source_is_used(web):
    of_tables = [row for date in snapshots() for row in load_web(date).rows()]
    used = {row.source for row in (*of_tables, *facts.beside().values(), *beside.rows(), *holders.rows(web))}
    used |= {row.source for row in (*weights.rows(), *instruments.instruments())}
    assert set(web.sources) == used


def test_article_figures_name_the_article(web):
    assert {row.source for row in web.rows() if row.basis == "article"} == {"article"}
    assert web.row("blue_owl.size").basis == "article"


def test_actuals_come_after_the_snapshot_and_only_they_are_measured(web):
    actuals = [row for row in web.rows() if row.table == "actuals"]
    assert all(row.as_of > "2025-12-31" for row in actuals)
    assert {row.basis for row in actuals} == {"reported", "derived"}
    assert all(row.note for row in actuals if row.basis == "derived")


def test_every_declared_item_and_unit_is_in_use():
    webs = [load_web(date) for date in snapshots()]
    schema = tomllib.loads((DATA / "schema.toml").read_text(encoding="utf-8"))
    for table, declared in schema["tables"].items():
        subjects = [(name, rows) for web in webs for name, rows in web.tables[table].items()]
        if declared.get("shape") in ("yearly", "quarterly"):
            used = {subject.partition(".")[2] for subject, _ in subjects}
        else:
            used = {item for _, items in subjects for item in items}
        for item in declared.get("items", {}):
            assert any(
                name == item or name.startswith(item.partition("{")[0].removesuffix("*")) for name in used
            ), (
                table,
                item,
            )


def test_the_snapshot_has_both_reports_and_assumptions_in_view(web):
    bases = Counter(row.basis for row in web.rows() if not isinstance(row.value, str))
    assert set(bases) == {"reported", "recalled", "derived", "article", "assumption"}
    assert bases["reported"] > 100


def test_lists_of_names_are_those_of_the_snapshot(web):
    """Order is the pages' own; who is in a list is not."""
    for names, kind in ((NEOCLOUDS, "neocloud"), (LABS, "lab"), (BIG_TECH, "bigtech")):
        assert sorted(names) == sorted(web.subjects("entities", kind=kind))
        assert len(names) == len(set(names))
    called = (LEASE_BACKSTOP, CAPACITY_BACKSTOP, RESIDUAL_VALUE)
    promises = web.tables["promises"].values()
    assert set(GUARANTORS) == {one["giver"].value for one in promises if one["kind"].value in called}


def test_a_list_of_names_is_written_once():
    """Nowhere else in core and pages stands a list of all of a kind."""
    lists = [set(NEOCLOUDS), set(LABS), set(BIG_TECH), set(GUARANTORS)]
    found = []
    for path in (*ROOT.glob("core/**/*.py"), *ROOT.glob("pages/**/*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Tuple | ast.List | ast.Set):
                names = {one.value for one in node.elts if isinstance(one, ast.Constant)}
                found += [path.relative_to(ROOT).as_posix()] if names in lists else []
    assert found == ["core/web/web.py"] * 3
