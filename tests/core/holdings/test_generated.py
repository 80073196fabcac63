"""A few generated files: those of known content are read right, broken ones read or refused in time."""

from tests.core.holdings import broken, known


def test_good_files_are_read_right():
    assert [fault for good in known.good_files(20) if (fault := known.wrong(good))] == []


def test_broken_files_are_read_or_refused_in_time():
    outcomes = [broken.outcome(one) for one in broken.broken_files(len(broken.KINDS))]
    assert [fault for fault, _ in outcomes if fault] == []


def test_a_wrong_figure_and_a_read_bomb_are_told():
    """The two checks can fail."""
    good = next(known.good_files(1))
    key, (units, value, currency) = next(iter(good.expected.items()))
    other = known.Good(good.kind, good.content, good.expected | {key: (units + 1, value, currency)})
    assert key in known.wrong(other)
    fault, _ = broken.outcome(broken.Broken("fine", good.content, refused=True))
    assert "had to be refused" in fault
