"""Links that were given to people keep their meaning and their headline figures."""

import pytest

from core.results import headline_then
from core.results.narrative import Fact
from core.scenario import link
from core.scenario.levers import Scenario
from core.scenario.presets import presets
from core.scenario.receipt import read_receipt
from core.web.web import latest_snapshot, snapshots
from tests.golden_links import figures, golden_links, opened
from tests.worlds import FIRST

LINKS = golden_links()


def test_every_link_is_held_on_every_data():
    assert all(tuple(golden.on) == snapshots() for golden in LINKS)


@pytest.mark.parametrize("date", snapshots())
@pytest.mark.parametrize("golden", LINKS, ids=lambda golden: golden.name)
def test_a_published_link_gives_its_headline_figures(golden, date):
    parsed, kept = opened(golden, date), golden.on[date]
    assert [message.code for message in parsed.messages] == kept["codes"]
    assert parsed.extras == golden.extras
    found = figures(parsed, date)
    assert found.keys() == kept["figures"].keys()
    for name, figure in kept["figures"].items():
        assert found[name] == (pytest.approx(figure, rel=2e-3) if isinstance(figure, float) else figure), name


@pytest.mark.parametrize("golden", LINKS, ids=lambda golden: golden.name)
def test_sharing_a_published_link_again_changes_nothing(golden):
    first = opened(golden, latest_snapshot())
    again = link.parse(
        link.encode(first.scenario, first.touched, lang=first.lang, edits=first.edits, extras=first.extras),
        view_keys=tuple(first.extras),
    )
    assert again.messages == ()
    assert (again.scenario, again.touched, again.edits) == (first.scenario, first.touched, first.edits)


def test_a_link_of_an_older_model_opens_and_tells_then_and_now():
    golden = next(golden for golden in LINKS if golden.name.startswith("2026.11: Google walks away"))
    parsed = opened(golden, FIRST)
    assert (parsed.model, parsed.messages) == ("2026.11", ())
    assert parsed.scenario == Scenario.default(FIRST).replace(g=0, gw=False, h=2033)
    then = read_receipt(parsed.receipt)
    told = {
        fact.params.get("who", fact.code): fact.params
        for fact in headline_then.differences(then, figures(parsed, FIRST))
    }
    assert told["cipher"] == {"who": "cipher", "then": "2033Q2", "now": "2031Q4"}
    assert told["terawulf"] == {"who": "terawulf", "then": None, "now": "2032Q2"}
    why = headline_then.reasons(then, "2025-12-31", parsed.scenario, parsed.touched, (), parsed.messages)
    assert Fact("model_changed", {"then": "2026.11", "now": link.MODEL_VERSION}) in why


def test_every_preset_is_among_the_published_links():
    assert len(LINKS) >= 20
    for date in snapshots():
        asked = {opened(golden, date).scenario for golden in LINKS}
        assert {preset.on(date) for preset in presets() if preset.id != "base"} <= asked


def test_a_golden_link_would_notice_another_figure():
    golden = next(golden for golden in LINKS if golden.name == "preset pause")
    other = figures(link.Parsed(Scenario.default(FIRST).replace(g=1)), FIRST)
    assert headline_then.differences(golden.on[FIRST]["figures"], other)
