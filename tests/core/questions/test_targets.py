"""Every target of the base case, printed by one command and held against its range; the back-test."""

import json
import tomllib

import pytest

from core.__main__ import main
from core.questions.targets import declared, figure
from core.web.web import DATA

# name, command that prints it, low, high, where the range comes from (docs/model.md, section 18)
TARGETS = [
    ("coreweave_revenue_2026", "targets", 11.5, 13.5, "company guidance 12.4 to 13.2"),
    ("coreweave_interest_2026", "targets", 2.2, 3.4, "0.64 in the second quarter of 2026"),
    ("coreweave_debt_2026", "targets", 40, 60, "35.6 at June 2026"),
    ("coreweave_ebitda_margin_2026", "targets", 0.55, 0.65, "60 % in 2025"),
    ("coreweave_operating_profit_to_interest_2026", "targets", 0.0, 1.0, "the article's analyst"),
    ("coreweave_alive", "targets", 20, 32, "alive at 2030 Q4"),
    ("terawulf_alive", "targets", 20, 32, "alive at 2030 Q4"),
    ("cipher_alive", "targets", 20, 32, "alive at 2030 Q4"),
    ("google_called", "targets", 0, 0, "nothing called from Google"),
    ("infra_credit_gross_irr", "targets", 0.12, 0.14, "the article's 13 %"),
    ("terawulf_rent_cover", "targets", 2.0, 2.6, "derived 2.3"),
    ("hyperion_debt_service", "targets", 2.46, 2.50, "27.3 at 6.581 % over 20 years"),
    ("hyperion_rent_cover", "targets", 1.09, 1.12, "rent 2.74, cover 1.10"),
    ("funding_gap", "targets", 1495, 1505, "1.5 trillion, the article"),
    ("private_credit", "targets", 795, 805, "0.8 trillion, Morgan Stanley"),
    ("unfunded", "targets", 0, 1, "the base case fills the stack"),
]


def printed(capsys, command):
    assert main(command.split()) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return json.loads(out)


@pytest.fixture(scope="module")
def seen():
    """Output of each command, asked for once."""
    return {}


@pytest.fixture
def ask(seen, capsys):
    def of(command):
        if command not in seen:
            seen[command] = printed(capsys, command)
        return seen[command]

    return of


@pytest.mark.parametrize(
    ("name", "command", "low", "high", "source"),
    TARGETS,
    ids=[f"{name}: {low} to {high}, {source}" for name, _, low, high, source in TARGETS],
)
def test_target(ask, name, command, low, high, source):
    line = {one["id"]: one for one in ask(command)["targets"]}[name]
    assert low <= line["value"] <= high, source
    assert line["inside"] is True
    assert (line["low"], line["high"]) == (low, high)


def test_no_other_targets_are_declared(ask):
    assert [one["id"] for one in ask("targets")["targets"]] == [name for name, *_ in TARGETS]


def test_targets_are_the_figures_that_run_prints(ask):
    """The same values found in another way, from the quarterly paths of `run`."""
    reading = ask("run")
    values = {one["id"]: one["value"] for one in ask("targets")["targets"]}
    row = {one["id"]: one for kind in ("companies", "funds", "guarantors") for one in reading[kind]}
    coreweave, hyperion = row["coreweave"], row["hyperion"]
    first, in_2029 = slice(0, 4), slice(12, 16)
    year = {
        name: sum(coreweave[name][first]) for name in ("revenue", "interest", "ebitda", "operating_profit")
    }
    assert values["coreweave_revenue_2026"] == pytest.approx(year["revenue"])
    assert values["coreweave_interest_2026"] == pytest.approx(year["interest"])
    assert values["coreweave_debt_2026"] == coreweave["debt"][3]
    assert values["coreweave_ebitda_margin_2026"] == pytest.approx(year["ebitda"] / year["revenue"])
    profit = year["operating_profit"] / year["interest"]
    assert values["coreweave_operating_profit_to_interest_2026"] == pytest.approx(profit)
    assert [row[c]["failed_quarter"] for c in ("coreweave", "terawulf", "cipher")] == [None] * 3
    assert sum(row["alphabet"]["called"]) == 0
    assert values["infra_credit_gross_irr"] == row["infra_credit"]["gross_irr"]
    service = sum(hyperion["interest"][in_2029]) + sum(hyperion["principal"][in_2029])
    assert values["hyperion_debt_service"] == pytest.approx(service)
    assert values["funding_gap"] == reading["funding_gap"]["gap"]
    assert values["private_credit"] == reading["funding_gap"]["private_credit"]


def test_rent_cover_by_hand(ask):
    values = {one["id"]: one["value"] for one in ask("targets")["targets"]}
    assert values["terawulf_rent_cover"] == pytest.approx(0.360 * 1.86 * 0.85 / (3.2 * 0.0775))
    rate = 0.06581 / 4
    level = 4 * 27.3 * rate / (1 - (1 + rate) ** -80)
    assert values["hyperion_debt_service"] == pytest.approx(level, rel=1e-9)
    assert values["hyperion_rent_cover"] == pytest.approx(2.74 / level, rel=1e-9)


def test_every_source_of_a_target_is_known():
    sources = tomllib.loads((DATA / "sources.toml").read_text(encoding="utf-8"))
    assert {one["source"] for one in declared()["target"]} <= set(sources)


def test_the_back_test_shows_what_happened_and_is_not_fitted(ask, web):
    lines = {one["id"]: one for one in ask("targets")["backtest"]}
    assert lines["coreweave_revenue_2026Q1"]["actual"] == 2.078
    assert lines["coreweave_revenue_2026Q2"]["actual"] == 2.575
    assert lines["coreweave_debt_2026Q2"]["actual"] == 35.551
    for name, line in lines.items():
        assert line["value"] != line["actual"], name
        assert line["source"] in web.sources
    # within a tenth of the three lines that matter most; further off would be news for the README
    for name in ("coreweave_revenue_2026Q1", "coreweave_revenue_2026Q2", "coreweave_debt_2026Q2"):
        assert lines[name]["value"] == pytest.approx(lines[name]["actual"], rel=0.10), name


def test_a_figure_that_says_nothing_is_refused(base):
    with pytest.raises(ValueError, match="no way to find a figure"):
        figure(base, {"company": "coreweave"})
