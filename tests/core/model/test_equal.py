"""The same bits whatever the batch, the same figures as plain Python; what is wrong is refused."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from core.compiled import cache
from core.compiled.jit import NO_JIT
from core.model import engine
from core.model.identities import IdentityError
from core.model.tables import record
from core.scenario.levers import columns
from core.web.web import load_web
from tests.core.model.equal import arrays
from tests.reference import EVERYTHING, NEAR, arrays_of, distances
from tests.worlds import FIRST, STRESSED, random_levers

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.skipif(NO_JIT, reason="this process runs plain Python already")
def test_the_same_text_as_plain_python(tmp_path):
    environment = os.environ | {"BACKSTOP_NO_JIT": "1", "PYTHONPATH": str(ROOT)}
    file = tmp_path / "plain.npz"
    command = [sys.executable, str(ROOT / "tests/core/model/equal.py"), str(file)]
    subprocess.run(command, env=environment, cwd=ROOT, timeout=300, check=True)
    with np.load(file) as plain:
        apart = dict(distances(arrays(), {name: plain[name] for name in plain.files}))
    assert len(apart) > 100
    assert {name: gap for name, gap in apart.items() if not gap <= NEAR} == {}


def test_the_same_bits_whatever_the_batch_the_order_and_the_threads(web, monkeypatch):
    levers = random_levers(11, 150)
    monkeypatch.setattr(engine, "THREADS", 1)
    alone = engine.run(web, levers, keep=EVERYTHING)
    monkeypatch.setattr(engine, "THREADS", 3)
    monkeypatch.setattr(engine, "WORTH_A_THREAD", 10)
    shuffled = np.random.default_rng(0).permutation(150)
    together = engine.run(web, {k: v[shuffled] for k, v in levers.items()}, keep=EVERYTHING)
    one = engine.run(web, {k: v[70:71] for k, v in levers.items()}, keep=EVERYTHING)
    assert arrays_of(alone).keys() == arrays_of(together).keys()
    for name, values in arrays_of(alone).items():
        floats = values.dtype.kind == "f"
        assert np.array_equal(arrays_of(together)[name], values[shuffled], equal_nan=floats), name
        assert np.array_equal(arrays_of(one)[name], values[70:71], equal_nan=floats), name


def test_a_web_with_edited_numbers_is_packed_anew(web):
    edited = load_web(FIRST, overrides={"coreweave.new_price": 9.0})
    assert not np.array_equal(
        engine.run(edited, STRESSED).array("cash"),
        engine.run(web, STRESSED).array("cash"),
    )


def test_wrong_questions_are_refused(web):
    with pytest.raises(ValueError, match="building must be"):
        engine.run(web, STRESSED, "as we like")
    with pytest.raises(ValueError, match="unknown record group"):
        engine.run(web, STRESSED, keep=["everything"])
    with pytest.raises(ValueError, match="no scenario"):
        engine.run(web, {k: v[:0] for k, v in columns([STRESSED]).items()})
    with pytest.raises(ValueError, match="choose another name"):
        record({"view": np.float64})


@pytest.mark.parametrize("check", range(len(engine.CHECKS)))
@pytest.mark.parametrize("off", [1e-3, np.nan])
def test_an_identity_that_is_off_is_named(web, check, off):
    ends, _groups = engine.run_batch(*_one(web))
    engine._refuse(ends)
    ends["residual"][0, check] = off
    with pytest.raises(IdentityError, match=engine.CHECKS[check]):
        engine._refuse(ends)


def _one(web):
    from core.layout.compile import compile_layout

    return compile_layout(web), columns([STRESSED]), "market", frozenset(), 32


EXAMPLES = """
from core.model.operations import sell_free_capacity
from core.model.promises import residual_call
assert sell_free_capacity(10.0, 0.5, 0.6, 0.8, 4.0) == (2.5, 4.0)
assert residual_call(24.0, 15.0, 28.0) == 9.0
"""


def test_examples_of_rules_hold():
    """A compiled rule has no door for Python: its examples are read as plain Python."""
    environment = os.environ | {"BACKSTOP_NO_JIT": "1", "PYTHONPATH": str(ROOT)}
    subprocess.run([sys.executable, "-c", EXAMPLES], env=environment, cwd=ROOT, timeout=300, check=True)


def test_no_rule_is_called_as_a_doctest():
    for path in cache.sources():
        text = path.read_text(encoding="utf-8")
        assert "@rule" not in text or ">>>" not in text, path
