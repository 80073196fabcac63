"""Then against now: every pair has two sides, sources on both, both languages, and no number in its words."""

import tomllib

import pytest

from core.sources import databook, facts, pairs
from core.web.web import DATA, load_web, snapshots

GOOD = {
    "id": "one",
    "theme": "size",
    "en": "Size",
    "nl": "Omvang",
    "then": ["history.hy_default_rate_2002"],
    "now": [["macro.ai_capex_pct_gdp_2025", "macro.ai_investment_pct_gdp_bis"]],
    "model": ["failed_count", "chance.coreweave", "recovered.coreweave.secured"],
    "differs_en": "It differs.",
    "differs_nl": "Het verschilt.",
}
AGAINST = {"against": ["market.price_decline"], "against_en": "But.", "against_nl": "Maar."}


def read(*entries):
    """Read these pairs as if they were the file."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pairs.tomllib, "loads", lambda _text: {"pair": list(entries)})
        return pairs.pairs.__wrapped__()


def test_a_pair_keeps_what_differs_and_what_several_sources_say():
    pair = read(GOOD | AGAINST)["one"]
    assert (pair.then, pair.now) == (
        (("history.hy_default_rate_2002",),),
        (("macro.ai_capex_pct_gdp_2025", "macro.ai_investment_pct_gdp_bis"),),
    )
    assert pair.rows[-1] == "market.price_decline"
    assert pair.against["nl"] == "Maar."


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"theme": "weather"}, "unknown theme 'weather'"),
        ({"nl": ""}, "a language is missing"),
        ({"differs_en": ""}, "a language is missing"),
        ({"against": ["market.price_decline"]}, "half of what cuts against"),
        ({"against_en": "But.", "against_nl": "Maar."}, "half of what cuts against"),
        ({**AGAINST, "against_nl": ""}, "half of what cuts against"),
        ({"then": []}, "a side is missing"),
        ({"now": [], "model": []}, "a side is missing"),
        ({"differs_en": "In 2001 it differed."}, "its words hold a number"),
        ({"nl": "Omvang 2"}, "its words hold a number"),
        ({"model": ["chance.lucent"]}, "names a figure that the model does not have"),
        ({"model": ["chance.coreweave.secured"]}, "names a figure that the model does not have"),
        ({"model": ["recovered.coreweave.senior"]}, "names a figure that the model does not have"),
        ({"model": ["failures"]}, "names a figure that the model does not have"),
        ({"then": ["history.hy_default_rate_2020"]}, "no row 'history.hy_default_rate_2020'; nearest"),
    ],
)
def test_a_bad_pair_is_refused_by_name(change, told):
    with pytest.raises(ValueError, match=f"pairs.toml, one: {told}"):
        read(GOOD | change)


def test_two_pairs_of_one_id_are_refused():
    with pytest.raises(ValueError, match="two pairs 'one'"):
        read(GOOD, GOOD)


def test_there_are_more_than_twenty_pairs_and_every_theme_has_some():
    found = pairs.pairs()
    assert len(found) > 20
    assert [one for theme in pairs.THEMES for one in pairs.of_theme(theme)] == list(found.values())
    assert all(len(pairs.of_theme(theme)) >= 4 for theme in pairs.THEMES)
    assert sum(bool(pair.against_rows) for pair in found.values()) > 10


@pytest.mark.parametrize("date", snapshots())
def test_every_side_of_every_pair_has_figures_and_sources_in_all_data(date):
    web = load_web(date)
    for pair in pairs.pairs().values():
        for side in (pair.then, pair.now, pair.against_rows):
            for ids in side:
                rows = facts.rows(web, ids)
                assert [row.id for row in rows] == list(ids), pair.id
                assert all(row.source in web.sources and row.as_of for row in rows)
                assert len({row.unit for row in rows}) == 1, pair.id  # one range, one unit


def test_then_is_before_now():
    """Figures of then are of another day than those of now; prices of Cisco's share are of both."""
    web = load_web()
    for pair in pairs.pairs().values():
        then, now = (
            [facts.row(web, row).as_of for ids in side for row in ids] for side in (pair.then, pair.now)
        )
        if now and pair.id != "cisco_share":
            assert max(then) < min(now), pair.id


@pytest.mark.parametrize(
    ("pair", "side", "low", "high"),
    [("lucent", "then", 8.1, 8.7), ("railways", "then", 3, 7), ("networks", "now", 1.0, 1.6)],
)
def test_where_sources_differ_both_are_there(pair, side, low, high):
    rows = facts.rows(load_web(), getattr(pairs.pairs()[pair], side)[0])
    ends = [end for row in rows for end in (row.raw, *databook.stated_range(row)) if end is not None]
    assert (min(ends), max(ends)) == (low, high)


def test_the_file_holds_nothing_that_is_not_read():
    known = {"id", "theme", "then", "now", "model", "against"}
    known |= {f"{part}{k}" for part in ("", "differs_", "against_") for k in ("en", "nl")}
    entries = tomllib.loads((DATA / "pairs.toml").read_text(encoding="utf-8"))["pair"]
    assert set().union(*entries) == known
