"""Rules called one by one, and faults put into them, as plain Python in one process of their own."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from core.compiled.jit import NO_JIT

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.skipif(NO_JIT, reason="this process collects them itself")
def test_rules_one_by_one():
    """To see one of them: BACKSTOP_NO_JIT=1 python -m pytest tests/core/model/plain -k words."""
    found = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/core/model/plain"],
        env=os.environ | {"BACKSTOP_NO_JIT": "1"},
        cwd=ROOT, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert found.returncode == 0, found.stdout + found.stderr
