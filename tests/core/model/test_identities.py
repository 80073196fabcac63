"""The identities of docs/model.md, section 12, checked from outside on the books of every quarter."""

import numpy as np
import pytest

from core.finance.clearing import SECURED, UNSECURED
from core.layout.compile import compile_layout
from core.results.fund_tables import fund_returns, fund_tables
from core.results.funds import investor_losses
from core.scenario.levers import columns
from core.web.web import load_web, snapshots
from tests.worlds import at_both_ends, random_levers, sum_rows, watch

BN = 1e-7  # USD bn: a hundred dollars
SCENARIOS = 200


@pytest.fixture(scope="module", params=snapshots())
def web(request):
    return load_web(request.param)


@pytest.fixture(scope="module")
def layout(web):
    return compile_layout(web)


@pytest.fixture(scope="module")
def seen(web):
    """Random worlds and every lever at both ends, watched quarter by quarter."""
    ends, drawn = columns(at_both_ends()), random_levers(41, SCENARIOS)
    batch = {name: np.concatenate([values, drawn[name]]) for name, values in ends.items()}
    return watch(web, batch)


@pytest.fixture(scope="module")
def fund_books(seen):
    return fund_returns(seen.result)


# ---------------------------------------------------------------- cash


def test_every_node_ends_with_what_it_had_and_got_less_what_it_paid(seen, layout):
    s, nodes = layout.structure, len(layout.nodes)
    guaranteed = np.flatnonzero(s.giver >= 0)
    worst = 0.0
    for x in seen.quarters:
        into = x.cash_before + x.outside - x.withheld
        into[layout.borrowers] += x.borrowed + x.equity
        into += sum_rows(x.paid + x.called_paid, s.payee, nodes)
        out = sum_rows(x.paid, s.payer, nodes) + sum_rows(
            x.called_paid[guaranteed], s.giver[guaranteed], nodes
        )
        worst = max(worst, np.abs(into - out - x.failure_cost - x.closing).max())
    assert worst < BN


def test_cash_is_carried_over_to_the_next_quarter(seen, layout):
    """Except where it stops mattering: the rich pay it out, sinks have none, the failed have new owners."""
    kept = np.ones(len(layout.nodes), dtype=bool)
    kept[layout.fields["wealthy"]["node"]] = False
    kept[[layout.index[sink] for sink in ("lenders", "outside", "site_landlords")]] = False
    borrower = np.isin(np.arange(len(layout.nodes)), layout.borrowers)
    for x, following in zip(seen.quarters, [*seen.quarters[1:], None], strict=True):
        gone = (x.failed != layout.never) & borrower[:, None]
        moved = np.abs(x.cash - x.closing - x.withheld)
        assert moved[kept[:, None] & ~gone].max() < BN
        assert x.cash[gone].max(initial=0.0) == 0.0
        if following is not None:
            np.testing.assert_array_equal(following.cash_before, x.cash)


def test_a_clearing_loses_only_the_costs_of_failure(seen):
    for x in seen.quarters:
        gap = x.closing.sum(axis=0) + x.failure_cost.sum(axis=0) - x.resources.sum(axis=0)
        assert np.abs(gap).max() < BN
        assert (x.failure_cost >= 0).all()


# ---------------------------------------------------------------- payments


def test_nobody_pays_more_than_he_owes(seen):
    for x in seen.quarters:
        assert (x.paid <= x.amount + BN).all()
        assert (x.paid >= 0).all()
        assert (x.paid + x.called_paid <= x.amount + BN).all()


def test_juniors_get_nothing_while_seniors_are_short(seen, layout):
    """And inside a class everybody gets the same share."""
    s = layout.structure
    short_payers = 0
    for x in seen.quarters:
        for node in np.unique(s.payer):
            rows = np.flatnonzero(s.payer == node)
            short = (x.amount[rows] - x.paid[rows] > BN).any(axis=0)
            if not short.any():
                continue
            short_payers += int(short.sum())
            amount, paid, rank = x.amount[rows][:, short], x.paid[rows][:, short], s.seniority[rows]
            for senior in np.unique(rank):
                owed, got = amount[rank == senior].sum(axis=0), paid[rank == senior].sum(axis=0)
                assert (paid[rank > senior].sum(axis=0)[owed - got > BN] <= BN).all()
                share = got / np.where(owed > 0, owed, 1.0)
                assert np.abs(paid[rank == senior] - share * amount[rank == senior]).max() < BN
    assert short_payers > 300


def test_calls_stay_within_their_caps_quarter_by_quarter_and_in_all(seen, layout):
    total = np.zeros_like(seen.quarters[0].called)
    for x in seen.quarters:
        assert (x.called <= x.caps + BN).all()
        assert (x.called >= 0).all()
        total += x.called
    assert (total <= layout.promises.cap[:, None] + BN).all()
    assert (total.max(axis=1) > 0.05).all(), "some promise is never called here"
    np.testing.assert_allclose(total, seen.result.array("called").sum(axis=1).T, atol=BN)


# ---------------------------------------------------------------- debt


def test_debt_rolls_forward(seen, layout):
    """Opening + issued + interest - paid - converted - turned into claims = closing, for every borrower."""
    b, rows = (
        layout.borrowers,
        [i for i, name in enumerate(layout.rows) if name.startswith(("debt:", "new_"))],
    )
    payers, claimants = layout.structure.payer[rows], layout.borrowers[layout.fields["claim"]["place"]]
    opening = np.repeat(
        sum_rows(layout.tranches.opening[:, :1], layout.tranches.borrower, len(layout.nodes))[b],
        seen.result.n,
        axis=1,
    )
    worst = written_off = 0.0
    for x in seen.quarters:
        paid = sum_rows(x.paid[rows], payers, len(layout.nodes))[b]
        claims = sum_rows(x.claims, claimants, len(layout.nodes))[b]
        interest = x.interest + x.new_interest
        closing = opening + x.borrowed + interest - paid - x.converted - claims
        worst = max(worst, np.abs(closing - x.debt).max())
        written_off += claims.sum()
        opening = x.debt
    assert worst < BN
    assert written_off > 1000


def test_the_record_tells_the_same_debt(seen, layout):
    place = [layout.companies.index(layout.nodes[b]) for b in layout.borrowers]
    for q, x in enumerate(seen.quarters):
        told = seen.result.array("debt")[:, q, place].T
        dead = x.failed[layout.borrowers] <= q
        np.testing.assert_allclose(told[~dead], x.debt[~dead], atol=BN)
        assert np.isnan(told[dead]).all()


def test_balances_of_instruments_add_up_to_the_debt_of_their_borrower(seen, layout):
    owner = np.concatenate([layout.tranches.borrower, layout.borrowers])
    for q, x in enumerate(seen.quarters):
        balance = seen.result.array("balance")[:, q].T
        total = sum_rows(balance, owner, len(layout.nodes))[layout.borrowers]
        np.testing.assert_allclose(total, x.debt, atol=BN)


def test_creditors_recover_no_more_than_they_claim_and_seniors_first(seen, layout):
    claims = sum(x.claims for x in seen.quarters)
    estate = seen.quarters[-1].recovery
    assert (estate <= claims + BN).all()
    assert (estate[claims == 0] == 0).all()
    partly = 0
    for k in range(len(layout.borrowers)):
        rows = np.flatnonzero(layout.fields["claim"]["place"] == k)
        rank = layout.fields["claim"]["seniority"][rows]
        whole = layout.fields["borrower"]["pledged"][k] == 1.0  # all that there is is pledged to the secured
        for senior in np.unique(rank):
            short = (claims[rows][rank == senior] - estate[rows][rank == senior]).sum(axis=0) > BN
            after = rank > (senior if whole or senior != SECURED else UNSECURED)
            assert (estate[rows][after].sum(axis=0)[short] <= BN).all()
            partly += int(short.sum())
        kept = [
            estate[rows][rank == one].sum(axis=0) / np.maximum(claims[rows][rank == one].sum(axis=0), BN)
            for one in (SECURED, UNSECURED)
        ]
        owed = claims[rows][rank == SECURED].sum(axis=0) > BN
        assert (kept[0] - kept[1] >= -BN)[owed].all()
    assert partly > 100


def test_what_lenders_got_is_what_borrowers_and_estates_paid(seen, layout):
    """Received over all quarters = debt service paid + shares given + estates paid out over four quarters."""
    result, rows = seen.result, [i for i, n in enumerate(layout.rows) if n.startswith(("debt:", "new_"))]
    got = result.array("received").sum(axis=(1, 2))
    paid = sum(x.paid[rows].sum(axis=0) + x.converted.sum(axis=0) for x in seen.quarters)
    estates, last = (
        seen.quarters[-1].recovery,
        seen.quarters[-1].failed[layout.borrowers][layout.fields["claim"]["place"]],
    )
    paid_out = (estates * np.clip((layout.never - 1 - last.astype(float)) / 4, 0, 1)).sum(axis=0)
    np.testing.assert_allclose(got, paid + paid_out, rtol=1e-9, atol=BN)


def test_what_was_scheduled_is_received_lost_or_still_to_come(seen):
    """A fund's loss rate is 1 - received / scheduled: nothing may fall between the two."""
    result = seen.result
    scheduled, received, lost = (result.array(x).sum(axis=1) for x in ("scheduled", "received", "lost"))
    debtors, length = fund_tables(result.layout).fund[0]["debtor"], result.layout.p("recovery.quarters")
    left = np.clip(
        (result.ends["failed"][:, debtors] + length - (result.layout.never - 1)) / length, 0.0, 1.0
    )
    to_come = result.estate * np.where(result.ends["failed"][:, debtors] < result.layout.never, left, 0.0)
    np.testing.assert_allclose(scheduled - lost - to_come, received, rtol=1e-9, atol=BN)


# ---------------------------------------------------------------- funds


def test_books_of_every_fund_close(fund_books):
    for name, fund in fund_books.items():
        assert fund.residual < 1e-12, name
        np.testing.assert_allclose(fund.moic, fund.dpi + fund.rvpi, rtol=1e-12)


def test_losses_by_holding_and_by_investor_add_up_to_the_funds(seen, fund_books):
    for fund in fund_books.values():
        np.testing.assert_allclose(sum(fund.loss_by_holding.values()), fund.loss, rtol=1e-12)
    investors = investor_losses(seen.result.layout, fund_books)
    np.testing.assert_allclose(
        sum(investors.values()), sum(f.loss for f in fund_books.values()), rtol=1e-9, atol=1e-12
    )
    assert max(f.loss.max() for f in fund_books.values()) > 1
