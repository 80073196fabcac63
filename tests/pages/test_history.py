"""The page History: pairs with their sources, defaults and recoveries, replay, back-test, odds."""

import pytest

from core.model.engine import run
from core.questions import backtest, odds, targets
from core.results.measures import Measures
from core.results.warm import warm
from core.scenario.levers import Scenario
from core.scenario.presets import preset
from core.sources import history, pairs
from core.web.web import load_web, snapshots
from tests.apptest import charts, pictures, press, sent

PAGE = "pages/history.py"
CHARTS = {
    "credit": ("defaults", "carriers", "recoveries"),
    "replay": ("replayed", "bad_debt"),
    "check": ("past_lines", "misses"),
}
LINKS = [{}, {"data": snapshots()[0]}, {"g": "-20", "t": "2027", "b": "60", "d": "35"}]


@pytest.fixture(scope="module", autouse=True)
def compiled():
    """A first visit would read that the model is being compiled."""
    warm()


def facing(at):
    """What the pairs were sent as."""
    (found,) = sent(at, "facing")
    return found


def texts(at):
    """All markdown of a page."""
    return "\n".join(element.value for element in at.markdown)


@pytest.mark.parametrize(("lang", "link"), [("en", LINKS[1]), ("nl", LINKS[2])])
def test_every_pair_shows_both_sides_with_sources(visit, lang, link):
    told = facing(visit(link | {"lang": lang}, page=PAGE))
    shown = [pair for theme in told["themes"] for pair in theme["pairs"]]
    assert [pair["id"] for pair in shown] == list(pairs.pairs())
    for pair, known in zip(shown, pairs.pairs().values(), strict=True):
        assert (pair["says"], pair["differs"]) == (known.says[lang], known.differs[lang])
        assert bool(pair["against"]) == bool(known.against_rows)
        for figure in (*pair["then"], *pair["now"], *(pair["against"] or {"figures": ()})["figures"]):
            assert figure["value"]
            assert figure["label"]
            assert figure["from"]
            assert all(one["line"] and one["told"] for one in figure["from"])


@pytest.mark.parametrize(
    ("pair", "side", "value", "sources"),
    [
        ("lucent", "then", "USD 8.1 to 8.7 bn", 2),
        ("railways", "then", "3 to 7 % of GDP", 1),
        ("networks", "now", "1 to 1.6 % of GDP", 2),
        ("it_investment", "then", "4.6 % of GDP", 1),
        ("utilisation", "now", "88 %", 1),  # how far an assumption may be off is no range of sources
    ],
)
def test_where_sources_differ_both_are_shown(visit, pair, side, value, sources):
    told = facing(visit({"lang": "en"}, page=PAGE))
    shown = {one["id"]: one for theme in told["themes"] for one in theme["pairs"]}[pair][side][0]
    assert (shown["value"], len(shown["from"])) == (value, sources)


def test_what_is_from_memory_unsure_or_assumed_is_marked(visit):
    told = facing(visit({"lang": "en"}, page=PAGE))
    shown = {one["id"]: one for theme in told["themes"] for one in theme["pairs"]}
    assert shown["railways"]["then"][0]["marks"] == ["from memory", "unsure"]
    assert shown["fibre_money"]["against"]["figures"][0]["marks"] == ["unsure"]  # from second hand
    assert "assumption" in shown["dark_fibre"]["now"][0]["marks"]
    assert shown["it_investment"]["then"][0]["marks"] == []
    assert shown["failures"]["now"][0]["marks"] == ["this model"]


@pytest.mark.parametrize("link", LINKS[1:])
def test_the_answer_says_the_worst_year_then_and_the_chance_now(visit, link):
    at = visit(link | {"lang": "en"}, page=PAGE)
    year, row = max(history.series("hy_default_rate").items(), key=lambda one: one[1].raw)
    (answer,) = [one.value for one in at.markdown if "of US junk bonds went bad" in one.value]
    assert answer.startswith(f"In {year}, ")
    assert f"{row.raw:.1f}" in answer
    web = load_web(link.get("data"))
    levers = {word: float(value) for word, value in link.items() if word != "data"}
    found = odds.failures(web, Scenario.default(web).replace(**levers), 256)
    assert f"CoreWeave fails by the end of 2030 in {100 * found['coreweave'].probability:.0f}" in answer


@pytest.mark.parametrize("link", LINKS[:2])
@pytest.mark.parametrize("era", CHARTS)
def test_every_chart_has_its_table(visit, era, link):
    at = visit(link | {"lang": "en", "era": era}, page=PAGE, opened=[f"{key}_table" for key in CHARTS[era]])
    assert [one["key"].removeprefix("chart_") for one in charts(at)] == list(CHARTS[era])
    assert len(at.dataframe) == len(CHARTS[era])
    assert all(len(frame.value) for frame in at.dataframe)


def test_recoveries_are_those_of_the_model_beside_those_of_then(visit):
    at = visit({"lang": "en", "era": "credit"}, page=PAGE, opened=["recoveries_table"])
    shown = dict(zip(*(at.dataframe[0].value[head] for head in ("Who", "Gets back")), strict=True))
    web = load_web()
    for kind, share in targets.recoveries(web, "coreweave", odds.DRAWS, odds.SEED).items():
        assert shown[f"CoreWeave: its {kind} creditors get back"] == pytest.approx(share)
    assert shown["WorldCom's bonds at its filing"] == pytest.approx(0.135)


def test_replay_takes_the_story_as_a_step_that_undo_takes_back(visit):
    at = visit({"lang": "en", "era": "replay", "r": "5"}, page=PAGE)
    own = sent(at, "bar")[-1]["query"]
    at.button(key="replay").click().run()
    assert not at.exception
    bar = sent(at, "bar")[-1]["query"]
    assert all(f"{word}={value:g}" in bar for word, value in preset("glut").levers.items())
    assert "r=5" not in bar
    assert "era=replay" in bar
    assert at.button(key="replay").disabled
    press(at, "undo").run()
    assert sent(at, "bar")[-1]["query"].split("&k=")[0] == own.split("&k=")[0]
    assert not at.button(key="replay").disabled


def test_what_happened_stands_beside_what_the_model_gives(visit):
    web = load_web()
    glut = preset("glut").on(web)
    base = Measures(run(web, glut))
    at = visit(
        {"lang": "en", "era": "replay", **{k: str(v) for k, v in preset("glut").levers.items()}}, page=PAGE
    )
    cells = [[str(cell) for cell in column] for _head, column in at.table[0].value.items()]
    last = base.result.last[0] + 1
    lowest = 100 * min(base.result.array("utilisation", 0)[0][:last])
    assert cells[2][0].replace("\u00a0", " ") == f"**{lowest:.0f} %**"
    assert cells[2][3] == f"**{base.value('failed_count')[0]:.0f}**"
    assert "**35 %**" in cells[1][0].replace("\u00a0", " ")


@pytest.mark.parametrize("link", [{}, {"data": snapshots()[0], "g": "0"}])
def test_the_back_test_is_of_the_first_data_whatever_is_on_the_screen(visit, link):
    web = load_web(snapshots()[0])
    base = Measures(run(web, Scenario.default(web)))
    found = backtest.outcomes(web, base, base)
    at = visit(link | {"lang": "en", "era": "check"}, page=PAGE, opened=["misses_table"])
    assert len(at.dataframe[0].value) == len(found)
    middle = 100 * backtest.median_miss(found)
    assert f"**{middle:.1f} %**" in texts(at).replace("\u00a0", " ")
    assert [
        one
        for one in backtest.worst(found)
        if backtest.reasons()[f"{one.entity}.{one.measure}"]["en"] not in texts(at)
    ] == []
    dots = [len(trace["x"]) for trace in pictures(at)[1]["data"] if trace.get("mode") == "markers"]
    assert sum(dots) == sum(one.miss is not None for one in found)


@pytest.mark.parametrize("data", snapshots())
def test_the_odds_are_those_of_the_command(visit, data):
    said = odds.as_dict(load_web(data))["rows"]
    at = visit({"lang": "en", "era": "odds", "data": data, "g": "0"}, page=PAGE, opened=["odds_table"])
    shown = at.dataframe[0].value
    assert list(shown["Probability of having failed"]) == [row["probability"] for row in said]
    assert list(shown["By"]) == [row["by"] for row in said]
    assert len(at.table[0].value) == len(odds.named(load_web(data)))
    cells = at.table[0].value.to_numpy().ravel()
    assert sum("<\u00a00.1" in str(cell) for cell in cells) == sum(one["probability"] == 0 for one in said)


def test_an_edited_figure_is_marked_and_moves_no_odds(visit):
    link = {"lang": "en", "o": "market.utilisation:60"}
    told = facing(visit(link, page=PAGE))
    shown = {one["id"]: one for theme in told["themes"] for one in theme["pairs"]}["utilisation"]["now"][0]
    assert (shown["value"], "edited by hand" in shown["marks"]) == ("60 %", True)
    at = visit(link | {"era": "odds"}, page=PAGE, opened=["odds_table"])
    said = odds.as_dict(load_web())["rows"]
    assert list(at.dataframe[0].value["Probability of having failed"]) == [row["probability"] for row in said]
