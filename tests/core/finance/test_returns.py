"""Returns: the definition is the test (worth nothing at its own rate), then the awkward streams."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from core.compiled.jit import NO_JIT
from core.finance.returns import irr, irr_with_flag, rate_all

# Whole cents, so that a stream cannot be zero in one place and 1e-300 in another.
STREAMS = arrays(
    float, st.tuples(st.integers(1, 6), st.integers(2, 33)), elements=st.integers(-10_000, 10_000)
)


@settings(max_examples=200, deadline=None)
@given(STREAMS)
def test_npv_at_the_irr_is_zero(flows):
    rate = irr(flows)
    for row, r in zip(flows, rate, strict=True):
        if np.isfinite(r) and r > -1:
            # judged from the end that does not blow up: value today, or value at the end of a losing stream
            factor = (1 + r) ** (-np.arange(row.size) if r >= 0 else np.arange(row.size)[::-1])
            assert abs((row * factor).sum()) < 1e-9 * np.abs(row).max()


@settings(max_examples=200, deadline=None)
@given(arrays(float, st.integers(2, 33), elements=st.integers(0, 5_000)), st.integers(1, 10_000))
def test_one_sign_change_has_one_root_and_always_finds_it(back, paid_in):
    back[0] = -paid_in
    rate, several = irr_with_flag(back)
    assert not several
    if not back[1:].any():
        assert rate == -1
    else:
        assert -1 < rate < np.inf
        # more back, or the same back earlier, never lowers the rate
        assert irr(np.append(back[:1], back[1:] + 1)) > rate


@settings(max_examples=100, deadline=None)
@given(STREAMS, st.sampled_from([1e-9, 3.0, 1e9]))
def test_unit_of_money_does_not_matter(flows, unit):
    np.testing.assert_allclose(irr(flows * unit), irr(flows), rtol=1e-7, atol=1e-9)


def test_bits_do_not_depend_on_the_batch():
    rng = np.random.default_rng(3)
    flows = rng.normal(0.3, 1, (257, 33))
    flows[:, 0] = -5
    flows[::2, 1:] = np.abs(flows[::2, 1:])
    batch = irr(flows)
    for i in range(257):
        assert irr(flows[i]).tobytes() == batch[i].tobytes()
        assert irr(flows[[i, i - 1]])[0].tobytes() == batch[i].tobytes()


@pytest.mark.parametrize(
    ("flows", "rate", "several"),
    [
        ([-100, 0, 0], -1.0, False),  # all lost
        ([0, 0, 0], np.nan, False),  # nothing happened
        ([0, 5, 5], np.nan, False),  # nothing went in
        ([0, -100, 110], 0.10, False),  # a late start
        ([100, -110], 0.10, False),  # a loan taken
        ([-100, 100], 0.0, False),  # par, one sign change
        ([-100, 300, -200], 0.0, True),  # 0 % and 100 %: 0 is nearer to +10 %
        ([-1, 2.5, -1.54], 0.10, True),  # 10 % and 40 %
        ([-1, 2.2, -1.17], 0.30, True),  # -10 % and 30 %, equally far: the higher
        ([-1, 1.5, -5], np.nan, False),  # no rate fits
        ([-100] + [0] * 31 + [1], 0.01 ** (1 / 32) - 1, False),  # nearly all lost, late
        ([-1, 0, 1e6], 999.0, False),  # 1e6 ** (1/2) - 1
    ],
)
def test_awkward_streams(flows, rate, several):
    got, flag = irr_with_flag(flows)
    np.testing.assert_allclose(got, rate, atol=1e-9)
    assert flag == several


@pytest.mark.parametrize(
    ("flows", "periods", "rate"),
    [
        ([-1, 2.14, -1.1424], 1, 0.12),  # 2 % and 12 %: by the year 12 % is nearer to 10 %
        ([-1, 2.14, -1.1424], 4, 0.02),  # by the quarter 8.2 % and 57.4 % a year: 8.2 % is
        ([-1, 2.00, -0.99], 4, 0.10),  # -10 % and 10 % a quarter: -34.4 % and 46.4 % a year
        ([-1, 2.01, -1.01], 12, 0.01),  # 0 % and 1 % a month: 12.7 % a year is nearer than nought
        ([-1600, 10_000, -10_000], 1, 0.25),  # the pump of Lorie and Savage (1955): 25 % and 400 %
        ([-1600, 10_000, -10_000], 4, 0.25),
    ],
)
def test_of_several_rates_the_one_nearest_ten_per_cent_a_year_is_given(flows, periods, rate):
    got, several = irr_with_flag(flows, periods)
    assert several
    assert got == pytest.approx(rate, abs=1e-9)


@settings(max_examples=100, deadline=None)
@given(STREAMS, st.sampled_from([4, 12]))
def test_a_stream_with_one_rate_has_it_whatever_a_year_is(flows, periods):
    yearly, several = irr_with_flag(flows)
    same, also = irr_with_flag(flows, periods)
    np.testing.assert_array_equal(several, also)
    np.testing.assert_array_equal(yearly[~several], same[~several])


@pytest.mark.parametrize("unit", [1.0, 1e-9, 1 / 3, 7e8])
def test_what_comes_back_to_the_dollar_has_a_rate_in_any_unit(unit):
    """Such a stream is worth nothing at a rate of nought, however rounding adds it up."""
    rng = np.random.default_rng(4)
    flows = np.round(rng.normal(size=(4_000, 33)) * rng.exponential(10.0, (4_000, 1)))
    flows[:, -1] -= flows.sum(axis=1)
    flows = flows[(flows * np.arange(33)).sum(axis=1) != 0]  # nought is no double root
    rate, several = irr_with_flag(flows * unit)
    assert np.isfinite(rate).all()
    exact, exact_several = irr_with_flag(flows)
    np.testing.assert_allclose(rate, exact, atol=1e-9)
    np.testing.assert_array_equal(several, exact_several)
    assert 0.2 < several.mean() < 0.8


def test_par_is_exactly_zero():
    assert irr([-100, 60, 40]) == 0.0


def test_shapes():
    flows = np.zeros((2, 3, 4))
    flows[..., 0], flows[..., 1] = -1, 1.1
    assert irr(flows).shape == (2, 3)
    assert np.ndim(irr(flows[0, 0])) == 0
    assert irr(np.zeros((0, 4))).shape == (0,)
    assert np.isnan(irr([]))  # nothing went in


@pytest.mark.skipif(NO_JIT, reason="nothing is compiled")
def test_rules_are_compiled_once_whatever_the_shapes():
    flows = np.array([[-1.0, 2.0, 0.5], [-3.0, 1.0, 1.0]])
    for streams in (flows, flows[0], flows[:1], flows[:, :2], flows.T, flows.tolist(), flows.astype(int)):
        irr(streams)
    assert len(rate_all.signatures) == 1


@pytest.mark.skipif(NO_JIT, reason="plain Python is slow")
def test_ten_thousand_streams_are_quick():
    """The usual time is 0.05 s."""
    rng = np.random.default_rng(0)
    flows = rng.normal(0.5, 1, (10_000, 33))
    flows[:, :5] -= 3
    start = time.perf_counter()
    irr(flows)
    assert time.perf_counter() - start < 2.0


def test_wrong_arguments_are_named():
    for wrong in ([-1, np.nan], 5.0):
        with pytest.raises(ValueError, match="flows"):
            irr(wrong)
    for wrong in (0, -4, np.inf, np.nan):
        with pytest.raises(ValueError, match="periods"):
            irr([-1, 2], wrong)
