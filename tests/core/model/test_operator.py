"""Oracle as a borrower, on whole runs: its books by hand, its failure, and what its creditors get."""

from functools import lru_cache

import numpy as np
import pytest

from core.model.engine import run
from core.questions.distributions import distributions, transform
from core.questions.monte_carlo import sobol_points
from core.results.reading import read
from core.scenario.levers import Scenario, columns_from
from core.web.web import OPERATORS, load_web
from tests.worlds import FIRST, random_levers, watch

DRAWS = 2000
CENT = 1e-9  # USD bn
(ORACLE,), CAMPUS = OPERATORS, "oracle_campus"


@pytest.fixture(scope="module")
def web():
    return load_web()


@pytest.fixture(scope="module")
def layout(drawn):
    return drawn.layout


@pytest.fixture(scope="module")
def drawn(web):
    """Draws of the distributions, to 2033: dates and losses of lenders."""
    given = distributions(web)
    points, _starts = sobol_points(DRAWS, len(given), seed=1)
    levers = columns_from(Scenario.default(web).replace(h=2033), **transform(given, points))
    return run(web, levers, keep=("losses",))


@lru_cache(maxsize=8)
def told(**changes):
    """A reading of the latest data to 2033, and its run."""
    web = load_web()
    scenario = Scenario.default(web).replace(h=2033, **changes)
    result = run(web, scenario)
    return read(result, 0, scenario), result


def oracle(reading):
    return next(row for row in reading["companies"] if row["id"] == ORACLE)


def path(row, name):
    return np.array(row[name], dtype=float)


def yearly(web, item):
    """A plan of Oracle by quarter, USD bn: each year in equal parts over what is left of it."""
    calendar = web.calendar
    rows = web.tables["plans"][f"{ORACLE}.{item}"]
    left = {str(year): sum(one.startswith(str(year)) for one in calendar.labels) for year in calendar.years}
    return np.array([rows[f"y{one[:4]}"].value / left[one[:4]] for one in calendar.labels])


def test_the_first_data_know_nothing_of_its_debt():
    result = run(load_web(FIRST), Scenario.default(FIRST).replace(g=-20))
    assert result.layout.operators == ()
    assert ORACLE not in result.layout.companies
    assert ORACLE not in result.layout.counted
    assert not np.nan_to_num(result.array("core")).any()
    assert result.failed_quarter(ORACLE)[0] == result.layout.never


def test_today_it_keeps_its_covenant_and_does_not_fail(web):
    reading, result = told()
    row, before = oracle(reading), result.layout.quarters.index("2031Q1")
    asked = float(web.value(f"{ORACLE}.covenant_cover"))
    assert row["failed_quarter"] is None or row["failed_quarter"] >= before
    assert (path(row, "forward_cover")[:before] >= asked).all()
    np.testing.assert_allclose(path(row, "access")[:before], 1.0)
    assert row["status"] == "healthy"
    assert row["first_breach"] is None


@pytest.mark.parametrize("changes", [{}, {"g": 60}, {"s": 200}, {"r": 6}], ids=str)
def test_its_cash_is_what_it_earns_and_borrows_less_what_it_pays(web, changes):
    """Quarter by quarter from its row and its plans, up to where it fails, if it does."""
    reading, result = told(**changes)
    row = oracle(reading)
    until = row["failed_quarter"] or len(reading["quarters"])
    access, debt, cash = (path(row, name) for name in ("access", "debt", "cash"))
    lines = [line for line in reading["tranches"] if line["borrower"] == ORACLE]
    start = sum(float(web.value(f"{line['id']}.balance")) for line in lines if "drawn" not in line)
    drawn = sum(path(line, "drawn") for line in lines if "drawn" in line)
    repaid = sum(path(line, "principal") for line in lines)
    before = np.append(start, debt[:-1])
    np.testing.assert_allclose(
        debt[:until], (before + drawn - repaid)[:until], atol=1e-7
    )  # the debt's own book
    balances = sum(path(line, "balance") for line in lines)
    np.testing.assert_allclose(debt[:until], balances[:until], atol=1e-7)
    committed = np.arange(access.size) < web.value(f"{ORACLE}.committed_quarters")
    go = np.where(committed, 1.0, access)
    ebitda = path(row, "contracted") + path(row, "spot") + path(row, "core")
    ebitda -= result.array("cost", result.layout.companies.index(ORACLE))[0]
    np.testing.assert_allclose(path(row, "ebitda")[:until], ebitda[:until], atol=1e-9)
    np.testing.assert_allclose(path(row, "capex")[:until], (yearly(web, "capex") * go)[:until], atol=1e-9)
    found = np.append(web.value(f"{ORACLE}.cash"), cash[:-1]) + ebitda + yearly(web, "equity_raise") * go
    found += drawn - repaid - path(row, "interest") - path(row, "capex") - yearly(web, "payout") * access
    np.testing.assert_allclose(cash[:until], found[:until], atol=1e-6)
    assert start == pytest.approx(125.3)
    assert drawn[:until].max() > 5
    assert repaid[:until].max() > 20


def test_its_revenue_and_its_interest_at_first_are_those_of_the_data(web):
    """Own business, what OpenAI owes it, the rent of the campus, a quarter of its coupons."""
    reading, result = told()
    row, layout = oracle(reading), result.layout
    np.testing.assert_allclose(path(row, "core"), yearly(web, "core_ebitda") * result.dev[0] ** 0.15)
    bill = layout.fields["bill"]
    mine = bill["host"].tolist().index(layout.index[ORACLE])
    lab = layout.fields["lab"]["bill"][bill["lab"][mine]]
    owed = lab * bill["share"][mine] * (np.arange(layout.never) >= bill["start"][mine])
    np.testing.assert_allclose(path(row, "contracted"), owed)
    rent = layout.leases.rent[1, layout.leases.ids.index("oracle_campus_oracle"), : layout.never]
    margin = float(web.value(f"{ORACLE}.contract_margin"))
    cost = result.array("cost", layout.companies.index(ORACLE))[0]
    np.testing.assert_allclose(cost, (1 - margin) * owed + rent)
    notes = [subject for subject, rows in web.tables["tranches"].items() if rows["borrower"].value == ORACLE]
    coupons = sum(float(web.value(f"{one}.balance")) * float(web.value(f"{one}.rate")) for one in notes)
    assert row["interest"][0] == pytest.approx(coupons / 4)


def test_it_and_its_campus_fail_in_some_draws_and_the_lenders_of_both_lose(drawn, layout):
    failed, lost = layout.never, drawn.array("lost").sum(axis=1)
    names = [*layout.tranches.ids, *(f"{layout.nodes[b]}_new" for b in layout.borrowers)]
    owner = [*layout.tranches.borrower.tolist(), *layout.borrowers]
    for who in (ORACLE, CAMPUS):
        fails = drawn.failed_quarter(who) < failed
        assert 5 < fails.sum() < DRAWS / 3, who
        mine = [k for k, node in enumerate(owner) if layout.nodes[node] == who]
        loses = lost[:, mine].sum(axis=1) > CENT
        assert loses.any(), who
        assert (fails | ~loses).all(), who  # nobody who lives costs his lenders anything
        assert loses.sum() == sum(bool(lost[i, mine].sum() > CENT) for i in np.flatnonzero(fails))
    assert (lost[:, names.index("oracle_campus_loan")] > 0.5).sum() > 1
    causes = {drawn.cause(i, ORACLE) for i in np.flatnonzero(drawn.failed_quarter(ORACLE) < failed)}
    assert any(cause.endswith(":openai") for cause in causes)
    campus = {drawn.cause(i, CAMPUS) for i in np.flatnonzero(drawn.failed_quarter(CAMPUS) < failed)}
    assert campus == {f"counterparty:{ORACLE}"}
    falls = [drawn.failed_quarter(who) for who in (CAMPUS, ORACLE)]
    assert (falls[0] >= falls[1]).all()


def test_it_fails_in_some_of_all_corners_too(web):
    result = run(web, random_levers(5, DRAWS), keep=("losses",))
    for who in (ORACLE, CAMPUS):
        assert 0.02 < (result.failed_quarter(who) < result.layout.never).mean() < 0.5, who


def test_all_its_creditors_share_its_estate_alike(web, drawn, layout):
    """Old notes and new loans get the same part of what they are owed."""
    hit = np.flatnonzero(drawn.failed_quarter(ORACLE) < layout.never)[:6]
    chosen = {word: values[hit] for word, values in drawn.levers.items()}
    books, place = watch(web, chosen), layout.borrowers.tolist().index(layout.index[ORACLE])
    mine = layout.fields["claim"]["place"] == place
    kinds = set(layout.fields["claim"]["seniority"][mine].tolist())
    assert len(kinds) > 1  # the law of other borrowers would pay the new loans first
    less = 0
    for i in range(hit.size):
        falls = int(books.result.failed_quarter(ORACLE)[i])
        claims = books.quarters[falls].claims[mine, i]
        got = books.quarters[falls].recovery[mine, i]
        owed = claims > CENT
        assert owed.sum() > 2
        share = got[owed] / claims[owed]
        np.testing.assert_allclose(share, share[0], rtol=1e-9)
        assert 0 <= share[0] <= 1
        less += share[0] < 1
    assert less


def test_below_its_covenant_it_builds_less_and_pays_nothing_out(web, layout):
    """Collapse: access is cut to what the covenant leaves, and what is saved goes to creditors."""
    scenario = Scenario.default(web).replace(g=-20, v=50)
    books = watch(web, [scenario])
    result, node, at = books.result, layout.index[ORACLE], layout.rows.index
    company = layout.companies.index(ORACLE)
    cover, access = (result.array(name, company)[0] for name in ("forward_cover", "access"))
    asked, width = (float(web.value(f"{ORACLE}.covenant_{name}")) for name in ("cover", "range"))
    less = float(web.value(f"{ORACLE}.covenant_access"))
    breached = 0
    for q in range(1, min(int(result.failed_quarter(ORACLE)[0]), layout.never)):
        breach = np.clip((asked - cover[q - 1]) / width, 0.0, 1.0)
        now = books.quarters[q]
        assert access[q] <= 1 - less * breach + 1e-12
        paid_out, built = (now.amount[at(f"{word}:{ORACLE}"), 0] for word in ("payout", "capex"))
        meant = yearly(web, "payout")[q] * access[q] * (1 - breach)
        assert paid_out <= meant + 1e-9
        assert built <= yearly(web, "capex")[q] * (1.0 if q < 2 else access[q]) + 1e-9
        if paid_out < meant - 1e-9:  # it would have come short: what it keeps is what it still owes
            assert now.resources[node, 0] == pytest.approx(
                now.amount[layout.structure.payer == node, 0].sum(), rel=0.3
            )
        breached += breach > 0.5
    assert breached > 1
