"""Read generated files of brokers, those of known content and those made to break.

    python -m tests.core.holdings.generated --good 200 --broken 300

prints what was wrong and the most that one of them cost (CPU of this process). `test_generated.py` reads some
of the same.
"""

from __future__ import annotations

import argparse
import sys

from tests.core.holdings.broken import broken_files, outcome
from tests.core.holdings.known import SEED, good_files, wrong


def main() -> int:
    """Make files, read them, print what was wrong."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--good", type=int, default=200)
    parser.add_argument("--broken", type=int, default=300)
    parser.add_argument("--seed", type=int, default=SEED)
    told = parser.parse_args()
    faults = [fault for good in good_files(told.good, told.seed) if (fault := wrong(good))]
    slowest = ("", 0.0)
    for broken in broken_files(told.broken, told.seed):
        fault, spent = outcome(broken)
        slowest = max(slowest, (broken.kind, spent), key=lambda one: one[1])
        faults += [fault] if fault else []
    print(*(fault[:400] for fault in faults), sep="\n", end="\n" if faults else "")
    print(f"{told.good} good and {told.broken} broken files, {len(faults)} wrong")
    print(f"slowest: {slowest[0]}, {slowest[1]:.2f} s")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
