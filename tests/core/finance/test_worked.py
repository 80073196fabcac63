"""Published and hand-worked examples, number by number; the test id is the vector's id."""

import json
from pathlib import Path

import numpy as np
import pytest

from core.finance.debt import (
    balance_path,
    bucket_anchors,
    level_payment,
    principal_schedule,
)
from core.finance.networks import Ledger, clear, clearing_payments
from core.finance.returns import irr
from core.finance.waterfall import european_waterfall

VECTORS = {
    v["id"]: v for v in json.loads((Path(__file__).parents[2] / "worked/vectors.json").read_text())["vectors"]
}


def clearing_vector(L_row_owes_col, external_assets, external_liabilities_pari_passu, alpha, beta):
    owes = np.array(L_row_owes_col)
    n = len(owes)
    outside = np.zeros(n) if external_liabilities_pari_passu is None else external_liabilities_pari_passu
    web = np.zeros((n + 1, n + 1))  # outside creditors: one more node that owes nothing
    web[:n, :n], web[:n, n] = owes, outside
    payments = clearing_payments(web, [*external_assets, 0.0], alpha, beta)[:n]
    return {"payments": payments, "defaulted": payments < web[:n].sum(axis=1) - 1e-9}


def guarantee(debtor_owes, guarantor_owes_other, cashD, cashG, cap, ded=0.0):
    debtor, guarantor, creditor, other = range(4)
    rows = [
        (debtor, creditor, 3, debtor_owes, guarantor, cap, ded),
        (guarantor, other, 3, guarantor_owes_other),
    ]
    done = clear(Ledger.from_rows(rows, 4), [cashD, cashG, 0.0, 0.0])
    return {
        "received_by_beneficiary": done.paid[0] + done.called_paid[0],
        "called": done.called[0],
        "paid_on_call": done.called_paid[0],
        "guarantor_other_creditor": done.paid[1],
    }


def rate_of_return(cash_flows):
    return {"irr": irr(cash_flows)}


def waterfall(contribution, proceeds, years, hurdle, carry, catch_up):
    paid_in, back = np.zeros(years + 1), np.zeros(years + 1)
    paid_in[0], back[-1] = contribution, proceeds
    w = european_waterfall(paid_in, back, hurdle, carry, catch_up)
    return {
        "lp_total": w.lp.sum(),
        "gp_total": w.gp.sum(),
        "tier_pref": w.preferred.sum(),
        "tier_catchup": w.catch_up.sum(),
    }


def payment(rate, nper, pv):
    return {"pmt": -level_payment(pv, rate, nper)}  # the source counts payments as negative


def interest_parts(rate, nper, pv):
    regular, final = principal_schedule("level", pv, rate, 0, nper, nper - 1, nper)
    return {"ipmt": -rate * balance_path(pv, regular + final)[:-1]}


def loan_payment(balance, annual_rate, months):
    return {
        "pmt_abs": level_payment(balance, annual_rate, months)
    }  # the "annual" rate is per period: see its note


def rating_table(rows_large, rows_small):
    """A table without expected numbers: every bucket's spread must hold in its middle."""
    for rows in (rows_large, rows_small):
        low, high, _rating, spread = (np.array(column) for column in zip(*rows, strict=True))
        middle = np.clip((low + high) / 2, -1.0, 20.0)
        middle[0], middle[-1] = 0.0, 20.0
        found = np.interp(middle, bucket_anchors(low, high), spread)
        np.testing.assert_allclose(found, spread, rtol=1e-12)
    return {}


METHODS = {
    "greatest_clearing_vector": clearing_vector,
    "clear with covered guarantee; calls rank pari passu with guarantor debt": guarantee,
    "irr(periodic)": rate_of_return,
    "irr": rate_of_return,
    "European waterfall, 100% catch-up": waterfall,
    "European waterfall below hurdle": waterfall,
    "level payment, zero rate": payment,
    "interest part per period of an annuity loan": interest_parts,
    "level payment": loan_payment,
    "interest cover -> rating, spread": rating_table,
}


@pytest.mark.parametrize("name", VECTORS)
def test_worked_example(name):
    vector = VECTORS[name]
    got = METHODS[vector["function"]](**vector["inputs"])
    tolerance = vector["abs_tol"]
    for key, expected in vector["expected"].items():
        if isinstance(expected, str):
            assert got[key] == expected, f"{name}: {key}"
            continue
        expected = np.array(expected, dtype=float)  # null, not defined, becomes nan
        atol = tolerance.get(key, tolerance.get("*", 0.0))
        np.testing.assert_allclose(got[key], expected, rtol=0, atol=atol, err_msg=f"{name}: {key}")


def test_the_greatest_vector_not_just_any_fixed_point():
    """RV-EX3.3b: that both fail and pay 0.5 x 1 + 0.5 x 1 = 1 fits too; the greatest is that both pay 2.2."""
    np.testing.assert_array_equal(clearing_payments([[0, 2.2], [2.2, 0]], [1, 1], 0.5, 0.5), [2.2, 2.2])
