"""The data of mid-2026: totals tie to the reports they were taken from, and what is assumed is said."""

from __future__ import annotations

from math import fsum

import numpy as np
import pytest

from core.layout.compile import compile_layout
from core.web.web import BIG_TECH, load_web
from tests.worlds import FIRST

DATE = "2026-06-30"
BEGUN = 2  # quarters of the first year that are over
FALLS_DUE = (4.413, 6.184, 4.416, 2.421, 1.221)  # of amortising loans, the rest of 2026 and the years to 2030
LATER = 0.279
KINDS = {"amortising": 18.934, "bullet": 10.029, "convertible": 6.588}


@pytest.fixture(scope="module")
def web():
    return load_web(DATE)


@pytest.fixture(scope="module")
def first():
    return load_web(FIRST)


def balances(web, borrower, **where):
    return {s: web.value(f"{s}.balance") for s in web.subjects("tranches", borrower=borrower, **where)}


def test_coreweaves_lines_tie_to_the_last_digit(web):
    for kind, total in KINDS.items():
        assert fsum(balances(web, "coreweave", kind=kind).values()) == pytest.approx(total, abs=1e-12)
    assert fsum(balances(web, "coreweave").values()) == pytest.approx(35.551, abs=1e-12)
    assert web.actual("coreweave", "debt", "2026Q2") == 35.551


def test_the_amortising_part_falls_due_as_the_maturity_table_says(web):
    layout = compile_layout(web)
    mine = [
        k for k, s in enumerate(layout.tranches.ids) if s in balances(web, "coreweave", kind="amortising")
    ]
    by_year = layout.calendar.yearly((layout.tranches.regular + layout.tranches.final)[mine].sum(axis=0))
    assert by_year[:5] == pytest.approx(FALLS_DUE, abs=1e-12)
    assert by_year[5:].sum() == pytest.approx(LATER, abs=1e-12)
    bonds = fsum(balances(web, "coreweave").values()) - fsum((*FALLS_DUE, LATER))
    assert bonds == pytest.approx(KINDS["bullet"] + KINDS["convertible"], abs=1e-12)


def test_bonds_fall_due_in_the_quarter_of_their_date(web):
    quarters = web.calendar.labels
    dates = {
        "coreweave_notes2030": "2030Q2",
        "coreweave_notes2031": "2031Q1",
        "coreweave_notes2031b": "2031Q4",
        "coreweave_notes2032": "2032Q3",
        "coreweave_notes2032eur": "2032Q3",
        "coreweave_conv2031": "2031Q4",
        "coreweave_conv2032": "2032Q4",
        "terawulf_notes2030": "2030Q4",
        "cipher_notes2030": "2030Q4",
        "cipher_blackpearl2031": "2031Q1",
    }
    found = {name: quarters[int(web.value(f"{name}.maturity"))] for name in dates}
    assert found == dates


def test_quarters_are_counted_from_half_a_year_later(web, first):
    """What the record has not moved falls in the quarter in which it fell before."""
    still = [
        row.id
        for row in first.rows()
        if row.unit == "quarter" and row.id.endswith((".maturity", ".until", ".from", ".first_exit"))
    ]
    still = [one for one in still if any(one == row.id for row in web.rows())]
    moved = {one: first.value(one) - web.value(one) for one in still}
    revised = {  # by the June report, or a guess that the date has overtaken
        one for one, by in moved.items() if by != BEGUN
    }
    assert revised <= {"coreweave_oem.maturity", "coreweave_magnetar.maturity"}


def test_the_miners_debt_ties_to_their_reports(web):
    assert fsum(balances(web, "cipher").values()) == pytest.approx(6.0155, abs=1e-12)
    assert web.actual("cipher", "debt", "2026Q2") == 6.0155
    assert fsum(balances(web, "terawulf").values()) == pytest.approx(5.725, abs=1e-12)


def test_sites_built_and_to_build_are_the_whole_site(web):
    for host, leases in (
        ("terawulf", ("terawulf_fluidstack", "terawulf_core42")),
        ("cipher", ("cipher_fluidstack", "cipher_amazon", "cipher_stingray")),
    ):
        whole = fsum(web.value(f"{one}.mw") for one in leases) * web.value(f"{host}.site_cost_per_mw") / 1000
        assert web.value(f"{host}.spent") + web.value(f"{host}.capex_left") == pytest.approx(whole)


def test_rents_are_those_of_the_contracts(web):
    worth = {
        "terawulf_fluidstack": 6.7,
        "cipher_fluidstack": 3.8,
        "cipher_amazon": 5.5,
        "cipher_stingray": 2.0,
    }
    for lease, total in worth.items():
        years = web.value(f"{lease}.term") / 4
        assert web.value(f"{lease}.mw") * web.value(f"{lease}.rent") / 1000 * years == pytest.approx(
            total, rel=0.01
        )


def test_plans_and_first_halves_are_the_years_they_were_taken_from(web):
    """The first column is the rest of 2026: with what was reported it is the year that the note names."""
    for lab, year in (("openai", 38.5), ("anthropic", 53.0), ("xai", 11.5)):
        reported = {"openai": 5.7 + 8.0}.get(lab) or fsum(
            float(web.actual(lab, "revenue", f"2026Q{q}")) for q in (1, 2)
        )
        assert web.plan(lab, "revenue")[0] + reported == pytest.approx(year, abs=0.05)
    assert web.value("coreweave.active_mw") + web.plan("coreweave", "mw_added").sum() == 4200


def test_openai_burns_what_its_plan_says(web):
    burn = web.plan("openai", "compute_bill") - (1.0 - web.value("openai.other_cost_share")) * web.plan(
        "openai", "revenue"
    )
    assert (
        25 <= burn[0] + 3.7 + 3.0 <= 27
    )  # the year, with the reported first quarter and the guess of the second
    assert 57 <= burn[1] <= 63


def test_the_vehicles_rents_carry_their_debt(web):
    assert web.value("hyperion_notes.first") == web.value("hyperion_meta.start") == 10
    assert web.value("hyperion_notes.maturity") - web.value("hyperion_notes.first") == 79
    assert (
        web.value("hyperion.cash") > web.value("hyperion_notes.balance") * 0.06581 / 4 * 10
    )  # until the rent
    rate, quarters = web.value("xai_vehicle_loan.rate") / 4, web.value("xai_vehicle_loan.profile")
    level = web.value("xai_vehicle_loan.balance") * rate / (1 - (1 + rate) ** -quarters) * 4
    assert web.value("xai_vehicle_xai.rent_total") == pytest.approx(1.3 * level, rel=0.02)


def test_leases_not_begun_are_the_981_of_four_groups(web):
    four = ("meta", "alphabet", "microsoft", "oracle")
    assert fsum(web.value(f"{one}.leases_not_commenced") for one in four) == pytest.approx(981, abs=0.5)


def test_googles_backstops_are_those_of_its_report(web):
    here = web.value("google_terawulf.cap") + web.value("google_cipher.cap")
    assert here == pytest.approx(4.93)
    assert (
        web.value("alphabet.backstops_outside")
        == web.actual("alphabet", "backstops_outside", "2026Q2")
        == 43.785
    )


def test_balance_sheets_agree_with_what_was_reported_for_the_date(web):
    """A guarantor's debt and leases are those of the actuals of the quarter that ends with the data."""
    for giver in BIG_TECH:
        for measure in ("debt", "leases_not_commenced"):
            reported = web.tables["actuals"].get(f"{giver}.{measure}", {}).get("2026Q2")
            if reported is not None and web.row(f"{giver}.{measure}").as_of == reported.as_of:
                assert web.value(f"{giver}.{measure}") == reported.value, (giver, measure)


def test_what_came_after_the_date_is_marked(web):
    """No balance of a later day but where the note says that none was found before."""
    late = [
        row
        for row in web.rows()
        if row.as_of > DATE
        and row.table in ("entities", "tranches", "promises")
        and row.unit.startswith("USD")
    ]
    assert {row.subject for row in late} == {"nvidia", "oracle"}
    assert all("nearest" in row.note or row.basis in ("derived", "assumption") for row in late)
    assert web.value("oracle.rating").startswith("BBB /")  # the cut of July is told, not taken over


def test_nobody_is_assumed_without_a_reason_and_a_range_where_it_matters(web):
    counts = dict.fromkeys(("reported", "derived", "assumption", "recalled", "article"), 0)
    for row in web.rows():
        if not isinstance(row.raw, str) and row.table != "actuals":
            counts[row.basis] += 1
    assert counts["assumption"] < np.sum(list(counts.values())) * 0.8
    cash = [
        web.row(f"{one}.cash") for one in ("openai", "anthropic", "xai", "fluidstack", "terawulf", "cipher")
    ]
    assert all(row.low is not None and row.high is not None for row in cash)
