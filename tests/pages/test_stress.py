"""The Stress page: what a person reads in each tab, by link, in both languages, also from a hostile link."""

import re
from types import SimpleNamespace
from urllib.parse import urlencode

import numpy as np
import pytest
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.scriptrunner import RerunData, get_script_run_ctx

from core.model.engine import run
from core.questions import explore, frontier, monte_carlo
from core.results.comparison import FIGURES
from core.scenario.levers import Scenario
from core.web.web import load_web
from pages.kit.drawing import stress_charts
from pages.kit.frame import choices
from pages.kit.parts import stress, stress_draws
from pages.kit.visit import cached
from pages.kit.visit import visit as the_visit
from pages.kit.words import catalogue, numbers, words
from tests.apptest import headline, lever_of, pictures, told
from tests.worlds import FIRST

PAGE = "pages/stress.py"
EVERYTHING = {"g": "-50", "u": "30", "r": "12", "f": "closed"}


def said(at) -> str:
    return told(at).replace("\u00a0", " ")


def breaks(at):
    return at.table[0].value


@pytest.mark.parametrize(("locale", "below"), [("en-GB", "below"), ("nl-NL", "onder")])
def test_the_table_says_where_each_company_breaks(visit, locale, below):
    at = visit({"g": "20"}, locale, page=PAGE)
    found = {p.company: p for p in explore.break_points(load_web(), Scenario.default().replace(g=20), "u")}
    edge = found["openai"].value
    text = f"{edge:.1f}".replace(".", "," if locale == "nl-NL" else ".").removesuffix(",0").removesuffix(".0")
    row = choices.COMPANIES.index("openai")
    cell = breaks(at).iloc[row, 3].replace("\u00a0", " ")
    assert f"{below} {text} %" in cell
    assert "OpenAI" in breaks(at).iloc[row, 0]


@pytest.mark.parametrize("g", ["5", "20", "-20"])
def test_a_break_point_is_one_number_in_table_cell_and_sentence(visit, g):
    """Every company along every main lever: computed, listed exactly, shown, and said under a strip."""
    at = visit({"g": g}, page=PAGE, opened=("break_points_table",))
    scenario, seen, sentences = Scenario.default().replace(g=float(g)), 0, 0
    (listed,) = (frame.value for frame in at.dataframe)
    for column, word in enumerate(stress.NUMBERS):
        points = {p.company: p for p in explore.break_points(load_web(), scenario, word)}
        named = {}
        for row, who in enumerate(choices.COMPANIES):
            value = points[who].value
            cell = breaks(at).iloc[row, column + 1].replace("\u00a0", " ")
            listed_here = listed.iloc[row, 1 + 2 * column]  # a number, to sort by
            assert (listed_here == value) or (value is None and np.isnan(listed_here)), (word, who)
            if value is not None:
                shown = f"{value:.1f}".removesuffix(".0").replace("-", "−")
                assert re.search(rf"\b(below|above) {shown} %", cell), (word, who, cell)
                named[words.NAMES[who]] = shown
                seen += 1
        for mark in lever_of(at, word).data["marks"] if word in explore.MAIN else ():
            who, shown = mark["words"].removesuffix(")").partition(" (+")[0].rsplit(" ", 1)
            assert named[who] == shown, (word, who)
            sentences += 1
    assert seen >= 5
    assert sentences >= 2


def test_promises_that_hold_somebody_up_are_named(visit):
    at = visit({}, page=PAGE)
    assert "without it **Fluidstack** fails" in at.table[1].value.to_string()


@pytest.mark.parametrize("link", [{}, {"g": "0"}, {"g": "0", "gw": "no"}, EVERYTHING])
@pytest.mark.parametrize("tab", ["breaks", "tornado", "reverse"])
def test_every_tab_answers_in_every_scenario(visit, link, tab):
    at = visit({**link, "tab": tab}, page=PAGE)
    assert not at.exception
    assert {"breaks": "lever", "tornado": "lever", "reverse": "CoreWeave"}[tab] in said(at)


@pytest.mark.parametrize(
    ("locale", "fails", "survives"),
    [
        ("en-GB", "without it **Fluidstack** fails", "without it **Anthropic** survives"),
        ("nl-NL", "zonder valt **Fluidstack** om", "zonder blijft **Anthropic** overeind"),
    ],
)
def test_one_promise_may_break_one_and_save_another(visit, locale, fails, survives):
    link = {"g": "10", "data": FIRST}
    points = explore.break_points(load_web(FIRST), Scenario.default(FIRST).replace(g=10), "fl")
    flips = {point.company: point.reason for point in points}
    assert (flips["fluidstack"], flips["anthropic"]) == ("fails_with", "survives_with")
    at = visit(link, locale, page=PAGE)
    assert f"{fails}; {survives}" in at.table[1].value.iloc[3, 1]


def test_what_no_lever_can_save_is_said_as_such(visit):
    web, scenario = load_web(), Scenario.default().replace(g=-50, u=30, r=12, f="closed")
    at = visit(EVERYTHING, page=PAGE)
    for column, word in enumerate(("g", "r", "u"), 1):
        reasons = {point.company: point.reason for point in explore.break_points(web, scenario, word)}
        cells = breaks(at).iloc[:, column]
        assert [cell.startswith(":gray[fails anyway]") for cell in cells] == [
            reasons[who] == "always_fails" for who in choices.COMPANIES
        ]
        fated = {"always_fails", "never_fails"}  # only demand changes a fate
        assert "always_fails" in reasons.values()
        assert (column == 1) != (set(reasons.values()) <= fated)
    edges = {point.company: point.value for point in explore.break_points(web, scenario, "g")}
    who = min(filter(edges.get, edges), key=edges.get)
    assert (
        f"Nearest to its edge: **{words.NAMES[who]}**, which fails here and holds when “AI demand grows” is "
        f"above {edges[who]:.1f} %; now −50 %.".replace("-", "−")
    ) in said(at)


@pytest.mark.parametrize("levers", [{}, {"g": 0}, {"g": -15, "u": 60}, {"r": 12}], ids=str)
@pytest.mark.parametrize(
    ("locale", "nearest", "gone"),
    [
        ("en-GB", "Nearest to its edge: ", "which fails here"),
        ("nl-NL", "Het dichtst bij de rand: ", "dat hier omvalt"),
    ],
)
def test_who_is_nearest_to_its_edge_falls_over_it_or_has_fallen(visit, locale, nearest, gone, levers):
    at = visit({word: str(value) for word, value in levers.items()}, locale, page=PAGE)
    (told_of,) = (line for line in said(at).splitlines() if line.startswith(nearest))
    name = re.match(rf"{nearest}\*\*(.*?)\*\*", told_of)[1]
    (who,) = (one for one in choices.COMPANIES if words.NAMES.get(one) == name)
    web = load_web()
    result = run(web, Scenario.default(web).replace(**levers), keep=())
    assert (gone in told_of) == bool(result.failed_by_horizon((who,))[0][0])


def test_where_no_single_lever_changes_a_fate_it_is_said(visit, monkeypatch):
    monkeypatch.setattr(
        stress, "cached", SimpleNamespace(**vars(cached) | {"named": lambda: ("terawulf", "cipher")})
    )
    at = visit(EVERYTHING, page=PAGE)
    assert "No move of a single main lever changes who fails." in said(at)
    assert "Nearest to its edge" not in said(at)


def test_the_frontier_is_read_out_in_words(visit):
    at = visit({"tab": "plane", "gw": "no", "who": "terawulf"}, page=PAGE)
    line = frontier.frontier(load_web(), Scenario.default().replace(gw=False), "terawulf", "r", "u")
    edge = round(line.points[0][1])
    assert f"it fails when “Capacity in use” is below {edge} %" in said(at)
    drawn = [note["text"] for spec in pictures(at) for note in spec["layout"].get("annotations", ())]
    assert "<b>TeraWulf</b>" in drawn
    assert "<b>CoreWeave</b>" not in drawn


def test_without_google_and_without_rent_terawulf_always_fails(visit):
    at = visit({"tab": "plane", "gw": "no", "fl": "no", "who": "terawulf"}, "nl-NL", page=PAGE)
    assert "**TeraWulf** valt om bij elke combinatie" in said(at)


def test_two_number_fields_do_what_a_click_does(visit):
    at = visit({"tab": "plane"}, page=PAGE)
    at.text_input(key="go_r").set_value("9")
    at.text_input(key="go_u").set_value("71")
    next(button for button in at.button if button.label == "Go there").click().run()
    assert not at.exception
    assert (at.query_params["r"], at.query_params["u"], at.query_params["tab"]) == ("9", "71", "plane")


def test_axes_swap_rather_than_meet(visit):
    at = visit({"tab": "plane"}, page=PAGE)
    at.selectbox(key="xaxis_pick").set_value("u").run()
    assert not at.exception
    assert at.selectbox(key="yaxis_pick").value == "r"


@pytest.mark.parametrize(
    "link",
    [
        {"tab": "<script>"},
        {"tab": "plane", "xaxis": "gw", "yaxis": "zz", "who": "a.b.c"},
        {"tab": "plane", "xaxis": "u", "yaxis": "u"},
        {"tab": "plane", "who": "terawulf.terawulf." + "x" * 60},
        {"tab": "tornado", "measure": "__class__"},
        {"tab": "reverse", "which": "hyperion"},
        {"tab": "chance", "draws": "9999"},
        {"tab": "chance", "draws": "1e4", "seed": "7"},
        {"tab": "chance", "seed": "-1"},
        {"tab": "chance", "seed": "1000000"},
        {"tab": "chance", "seed": "1.5"},
        {"tab": "chance", "seed": "²"},
        {"tab": "chance", "seed": "9" * 60},
        {"tab": "chance", "seed": "$x$"},
    ],
)
def test_a_hostile_link_is_told_and_the_rest_is_shown(visit, link):
    at = visit({"g": "10", **link}, page=PAGE)
    assert not at.exception
    assert any("could not be used" in text.value for text in at.text)
    assert at.query_params["g"] == "10"


def test_tornado_names_the_lever_that_matters_most(visit):
    at = visit({"tab": "tornado", "g": "0", "measure": "coreweave.failed_quarter"}, page=PAGE)
    assert "Most depends on **" in said(at)
    assert len(pictures(at)) == 1


def test_the_least_unusual_break_can_be_visited(visit):
    at = visit({"tab": "reverse"}, page=PAGE)
    assert "least unusual scenario that breaks **CoreWeave**" in said(at)
    assert ":red[CoreWeave]" not in headline(at)
    at.button(key="go_reverse").click().run()
    assert not at.exception
    found = frontier.reverse_stress(load_web(), Scenario.default(), "coreweave")
    assert {move.lever for move in found.moves} == set(Scenario.default().as_dict()) & set(at.query_params)
    for move in found.moves:
        assert float(at.query_params[move.lever]) == pytest.approx(move.end)
    assert "**CoreWeave** fails here. The least unusual scenario that saves it:" in said(at)
    assert ":red[CoreWeave]" in headline(at)


def run_draws(at):
    """Press "Run" and give what the visit keeps of its runs: the run is made within that run of the page."""
    at.button(key="run_draws").click().run()
    assert not at.exception
    assert not at.get("progress")
    return at.session_state[stress_draws.KEY]


def leave_and_return(at):
    at.switch_page("pages/overview.py").run()
    assert not {"draws", "seed", "tab"} & set(at.query_params)
    at.switch_page(PAGE)
    at.query_params["tab"] = "chance"
    at.run()
    assert not at.exception


def test_a_run_shows_chances_with_errors_and_stays(visit):
    at = visit({"tab": "chance", "g": "10"}, page=PAGE)
    assert "Nothing has been run yet." in said(at)
    at.segmented_control(key="draws").set_value(500).run()
    at.text_input(key="seed").set_value("7").run()
    run = run_draws(at).run
    assert run.result.n == 500
    assert run.result.seed == 7
    chance = run.result.failures["coreweave"]
    chances = f"CoreWeave {chance.probability * 100:.1f} % ± {chance.standard_error * 100:.1f} %"
    assert chances in said(at)
    assert len(pictures(at)) == 4
    leave_and_return(at)
    assert chances in said(at)
    assert (at.query_params["draws"], at.query_params["seed"]) == ("500", "7")


@pytest.mark.parametrize(
    ("locale", "asks", "none", "in_draws"),
    [
        ("en-GB", "asks for these draws", "Nothing has been run yet.", "In 500 draws"),
        ("nl-NL", "vraagt om deze trekkingen", "Er is nog niets doorgerekend.", "In 500 trekkingen"),
    ],
)
def test_a_shared_link_asks_for_the_same_draws_and_runs_them_on_demand(visit, locale, asks, none, in_draws):
    at = visit({"tab": "chance", "g": "10", "draws": "500", "seed": "42"}, locale, page=PAGE)
    assert not at.text
    assert at.segmented_control(key="draws").value == 500
    assert at.text_input(key="seed").value == "42"
    assert asks in said(at)
    assert none in said(at)  # a link starts nothing by itself
    run = run_draws(at).run
    found = monte_carlo.monte_carlo(load_web(), Scenario.default().replace(g=10), 500, 42, (), paths=())
    assert run.result.failures["coreweave"].probability == found.failures["coreweave"].probability
    assert in_draws in said(at)


def test_the_link_says_which_draws_were_run_also_the_usual_ones(visit):
    at = visit({"tab": "chance"}, page=PAGE)
    assert "seed" not in at.query_params
    assert run_draws(at).asked == (2000, 1)
    assert (at.query_params["draws"], at.query_params["seed"]) == ("2000", "1")


@pytest.mark.parametrize("bad", ["9999", "many"])
def test_draws_that_no_one_offers_are_told_and_the_usual_are_asked_for(visit, bad):
    at = visit({"tab": "chance", "draws": bad, "seed": "7"}, "nl-NL", page=PAGE)
    assert at.segmented_control(key="draws").value == stress_draws.USUAL[0]
    assert at.text_input(key="seed").value == "7"
    assert any("draws" in text.value for text in at.text)
    assert "draws" not in at.query_params


def test_earlier_results_say_which_draws_they_are_of(visit):
    at = visit({"tab": "chance", "draws": "500", "seed": "3"}, page=PAGE)
    run_draws(at)
    assert "The results below are of" not in said(at)
    at.text_input(key="seed").set_value("4").run()
    assert "The results below are of 500 draws with seed 3." in said(at)


@pytest.fixture
def at_batch(monkeypatch):
    """Do something in the middle of the second batch of a run, and count the batches begun."""

    def arrange(act):
        begun = []
        digest = monte_carlo._digest

        def watched(*args, **kwargs):
            begun.append(cached.TURNS.waiting)
            if len(begun) == 2:
                act()
            return digest(*args, **kwargs)

        monkeypatch.setattr(monte_carlo, "_digest", watched)
        return begun

    return arrange


def overtake(address):
    """Ask for another run of the page while this one is under way, as a browser does."""
    context = get_script_run_ctx()
    asked = RerunData(query_string=urlencode(address), page_script_hash=context.page_script_hash)
    context.script_requests.request_rerun(asked)


def test_a_visitor_who_moves_on_ends_the_run_and_nothing_of_it_is_kept(visit, at_batch):
    at = visit({"tab": "chance", "draws": "2000"}, page=PAGE)
    before = run_draws(at).run
    begun = at_batch(lambda: overtake(at.query_params))
    at.text_input(key="seed").set_value("9").run()
    found = run_draws(at)
    assert begun == [1, 1]  # of four batches
    assert cached.TURNS.waiting == 0
    assert found == stress_draws.Draws((2000, 9), stress_draws.STOPPED, before)
    assert "The run was stopped; nothing of it was kept." in said(at)
    assert "The results below are of 2,000 draws with seed 1." in said(at)
    assert run_draws(at).run.seed == 9  # and the next one runs
    assert "The run was stopped" not in said(at)


def test_whoever_closes_the_tab_ends_the_run(visit, at_batch):
    at = visit({"tab": "chance", "draws": "2000"}, page=PAGE)
    begun = at_batch(lambda: get_script_run_ctx().script_requests.request_stop())
    at.button(key="run_draws").click().run()
    assert begun == [1, 1]
    assert cached.TURNS.waiting == 0
    assert at.session_state[stress_draws.KEY].run is None


def test_an_emptied_seed_goes_back_to_what_it_was(visit):
    at = visit({"tab": "chance", "seed": "7"}, page=PAGE)
    at.text_input(key="seed").set_value("").run()
    assert at.text_input(key="seed").value == at.query_params["seed"] == "7"
    assert not at.error


@pytest.fixture
def dutch(monkeypatch):
    """Speak Dutch also between two runs, where the test runner looks up the options of lists."""
    for module in (catalogue, numbers, the_visit):
        monkeypatch.setattr(module, "language", lambda: "nl")


@pytest.mark.parametrize("typed", ["-1", "1,5", "zes", "٣"])
def test_what_is_no_seed_is_refused_in_the_readers_language(visit, dutch, typed):
    at = visit({"tab": "chance", "seed": "7"}, "nl-NL", page=PAGE)
    at.text_input(key="seed").set_value(typed).run()
    assert at.text_input(key="seed").value == at.query_params["seed"] == "7"
    assert [one.value for one in at.error] == ["Een startgetal is een geheel getal van 0 tot en met 999.999."]
    assert not at.run().error


def test_the_two_fields_take_what_people_write_and_refuse_in_their_language(visit, dutch):
    at = visit({"tab": "plane"}, "nl-NL", page=PAGE)
    at.text_input(key="go_r").set_value("6,5 %")
    go = next(button for button in at.button if button.label == "Ga erheen")
    go.click().run()
    assert at.query_params["r"] == "6.5"
    assert at.text_input(key="go_r").value == "6,5"
    at.text_input(key="go_r").set_value("120")
    next(button for button in at.button if button.label == "Ga erheen").click().run()
    assert [one.value for one in at.error] == ["Rente: Mogelijk is 0 tot 12, niet 120: de stand blijft 6,5."]
    assert at.query_params["r"] == "6.5"


def test_a_run_that_fails_says_so_and_frees_its_turn(visit, at_batch, caplog):
    at = visit({"tab": "chance", "draws": "2000"}, page=PAGE)
    begun = at_batch(lambda: 1 / 0)
    found = run_draws(at)
    assert (found.broken_off, found.run, len(begun)) == (stress_draws.FAILED, None, 2)
    assert cached.TURNS.waiting == 0
    assert [error.value for error in at.error] == ["The run broke off."]
    assert "Nothing has been run yet." not in said(at)
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize(("locale", "others"), [("en-GB", "take turns"), ("nl-NL", "om de beurt")])
def test_progress_tells_draws_done_and_of_others_who_draw(visit, monkeypatch, locale, others):
    told = []
    progress = DeltaGenerator.progress
    monkeypatch.setattr(
        DeltaGenerator, "progress", lambda *args, **how: told.append(how["text"]) or progress(*args, **how)
    )
    at = visit({"tab": "chance", "draws": "2000", "g": "10"}, locale, page=PAGE)
    run_draws(at)
    numbers = [[int("".join(filter(str.isdigit, n))) for n in re.findall(r"[\d.,]+", text)] for text in told]
    assert numbers == [[done, 2000] for done in range(0, 2001, 500)]
    assert not any(others in text for text in told)
    monkeypatch.setattr(type(cached.TURNS), "waiting", 1)
    run_draws(at)
    assert all(others in text for text in told[len(numbers) :])


def test_every_long_run_of_the_page_takes_turns(visit, monkeypatch):
    taken = []
    turn = type(cached.TURNS).turn
    monkeypatch.setattr(type(cached.TURNS), "turn", lambda self: taken.append(self) or turn(self))
    for link in (
        {"tab": "chance", "draws": "500", "g": "11.5"},
        {"tab": "plane", "d": "31"},
        {"tab": "reverse", "g": "11.5"},
    ):
        taken.clear()
        at = visit(link, page=PAGE)
        if link["tab"] == "chance":
            run_draws(at)
        assert set(taken) == {cached.TURNS}, link


@pytest.mark.parametrize("measure", ["kkr.net_irr", "called_total", "xai.failed_quarter"])
def test_a_tornado_of_any_headline_figure_can_be_asked_for(visit, measure):
    at = visit({"tab": "tornado", "measure": measure}, page=PAGE)
    assert at.query_params["measure"] == measure
    assert "Most depends on **" in said(at)
    assert set(stress.MEASURES) == set(FIGURES)


@pytest.mark.parametrize("measure", ["oracle.agency_leverage", "oracle.look_through_leverage"])
def test_leverage_of_the_snapshots_date_is_said_to_hang_on_no_lever(visit, measure):
    at = visit({"tab": "tornado", "measure": measure}, page=PAGE)
    assert at.query_params["measure"] == measure
    assert "No single lever, moved within its likely range, changes this figure." in said(at)


def test_every_grid_point_of_the_plane_can_be_clicked(monkeypatch):
    monkeypatch.setattr(stress_charts.charts, "severity", lambda count: "#ffffff")
    monkeypatch.setattr(stress_charts, "mode", lambda: "light")
    failed = np.array([[0, 1, 2], [3, 4, 5]])
    fig = stress_charts.plane(
        [0.0, 1.0],
        [10.0, 20.0, 30.0],
        failed,
        [stress_charts.Border("A", "#000000", [[(0.0, 10.0), (1.0, 30.0)]])],
        [stress_charts.Mark(0.5, 20.0, "here", True)],
        titles=("x", "y"),
        hover=("x", "y", "n"),
    )
    points, *others = fig.data
    assert {
        (x, y): points["z"][j][i] for i, x in enumerate(points["x"]) for j, y in enumerate(points["y"])
    } == {(x, y): failed[i, j] for i, x in enumerate([0.0, 1.0]) for j, y in enumerate([10.0, 20.0, 30.0])}
    assert points.get("hoverinfo") != "skip"  # Plotly reports no click where it shows nothing
    assert others
    assert all(trace["hoverinfo"] == "skip" for trace in others)
