"""The Overview: one sentence, figures with receipts, a line for each company, funds, promises, chances."""

import pytest

from core.questions import odds
from core.results.narrative import Fact
from core.web.web import load_web
from pages.kit.parts import overview
from pages.kit.visit import cached
from pages.kit.words import answer, catalogue, numbers, words
from tests.apptest import board, charts, headline, lever_of, open_receipt, press

LINKS = {
    "base": {},
    "stops": {"g": "0"},
    "supported": {"g": "-20"},
    "hard": {"g": "-30", "r": "8"},
    "all": {"g": "-50", "r": "12", "u": "30", "f": "closed", "h": "2033"},
    "old": {"data": "2025-12-31", "g": "0"},
}
STOPS, SEVERAL = Fact("premise_demand_stops"), Fact("premise_several")


def fall(who, *others):
    return {"who": who, "quarter": "2029Q4", "cause": "own_liquidity"} | {
        "others": [{"who": one, "quarter": "2030Q1", "cause": "own_liquidity"} for one in others]
    }


def pays(*givers, kept=()):
    payers = [{"giver": one, "called": 1.0, "later": 1.0, "promised": 4.0} for one in givers]
    return Fact("pays", {"payers": payers, "alive": [], "kept": dict(kept), "year": "2030"})


CUT = Fact("labs_cut", {"cuts": [{"who": "openai", "quarter": "2028Q1", "share": 0.3}]})
HOLDS, NOBODY = Fact("holds", {"year": "2030"}), Fact("nothing_called")
SENTENCES = [
    (
        (STOPS, HOLDS, NOBODY),
        "If AI demand stops growing, all eight companies keep paying.",
        "Als de vraag naar AI niet meer groeit, blijven alle acht bedrijven betalen.",
    ),
    (
        (STOPS, HOLDS, CUT, NOBODY),
        "If AI demand stops growing, OpenAI pays less than agreed and nobody fails.",
        "Als de vraag naar AI niet meer groeit, betaalt OpenAI minder dan afgesproken en valt niemand om.",
    ),
    (
        (SEVERAL, Fact("lab_short", fall("openai")), pays("nvidia")),
        "In this scenario OpenAI fails and Nvidia has to pay.",
        "In dit scenario valt OpenAI om en springt Nvidia bij.",
    ),
    (
        (
            SEVERAL,
            Fact("fails_first", fall("coreweave")),
            Fact("labs_follow", {"others": fall("x", "xai")["others"]}),
            NOBODY,
        ),
        "In this scenario CoreWeave and xAI fail.",
        "In dit scenario vallen CoreWeave en xAI om.",
    ),
    (
        (
            SEVERAL,
            Fact("lab_short", fall("openai", "xai")),
            Fact("fails_next", fall("cipher")),
            pays("alphabet", "nvidia"),
        ),
        "In this scenario three of eight companies fail and Google and Nvidia have to pay.",
        "In dit scenario vallen drie van de acht bedrijven om en springen Google en Nvidia bij.",
    ),
    (
        (
            SEVERAL,
            Fact("lab_short", fall("openai", "xai", "anthropic")),
            pays("alphabet", kept={"alphabet": ["terawulf", "cipher"]}),
        ),
        "In this scenario three of eight companies fail and Google keeps two others alive.",
        "In dit scenario vallen drie van de acht bedrijven om en houdt Google er twee overeind.",
    ),
]


@pytest.mark.parametrize("lang", ["en", "nl"])
@pytest.mark.parametrize(("facts", "english", "dutch"), SENTENCES)
def test_the_answer_is_one_sentence(monkeypatch, lang, facts, english, dutch):
    for module in (catalogue, numbers):
        monkeypatch.setattr(module, "language", lambda: lang)
    assert words.plain(answer.sentence(facts)).replace("\u00a0", " ") == (english if lang == "en" else dutch)


def test_when_all_fail_the_sentence_says_so(monkeypatch):
    monkeypatch.setattr(catalogue, "language", lambda: "en")
    first, *others = cached.named()
    told = words.plain(answer.sentence((SEVERAL, Fact("lab_short", fall(first, *others)), NOBODY)))
    assert told == "In this scenario all eight companies fail."


@pytest.mark.parametrize("lang", ["en", "nl"])
@pytest.mark.parametrize("link", LINKS.values(), ids=LINKS)
def test_the_board_says_what_the_reading_says(visit, link, lang):
    at = visit({**link, "lang": lang})
    told, named = board(at), cached.named(((), link.get("data")))
    assert len(headline(at)) < 200
    assert {row["id"] for row in told["timeline"]["rows"]} == set(named)
    failing = [row for row in told["timeline"]["rows"] if row["tone"] == "failed"]
    assert [bool(row["when"]) for row in told["timeline"]["rows"]] == [
        row in failing for row in told["timeline"]["rows"]
    ]
    assert told["figures"][0]["alarm"] == bool(failing)
    assert not any(figure["alarm"] for figure in told["figures"][1:])
    for row in told["timeline"]["rows"]:
        assert row["why"]
        assert all(place is None or 0 <= place <= 1 for place in (row["end"], row["warned"], row["paid"]))
        assert row["aside"] == "" or row["supported"]
    assert len(told["funds"]["rows"]) == 6
    for row in told["funds"]["rows"]:
        assert all(place is None or -1e-9 <= place <= 1 + 1e-9 for place in (row["now"], row["was"]))
    assert all(0 <= row["share"] <= row["later"] <= 1 for row in told["promises"]["rows"])
    assert told["line"].count(".") >= 2
    assert told["likely"]["dots"] in range(11)


def test_nobody_fails_with_todays_data_and_nothing_says_so_in_the_colour_of_failure(visit):
    told = board(visit())
    assert told["figures"][0]["label"].startswith("CoreWeave earns")
    assert told["figures"][1]["value"].replace("\u00a0", " ") == "USD 0"
    assert "was" not in told["figures"][2]["note"]


@pytest.mark.parametrize("who", ["openai", "coreweave", "terawulf", "fluidstack", "oracle"])
@pytest.mark.parametrize("link", [LINKS["base"], LINKS["all"]], ids=["base", "all"])
def test_a_row_opens_the_chart_of_its_cause(visit, who, link):
    at = visit({**link, "row": who})
    assert not at.exception
    (chart,) = charts(at)
    row = next(one for one in board(at)["timeline"]["rows"] if one["id"] == who)
    assert row["chosen"]
    assert chart["title"] == f"{words.name(who)}: {row['why']}"
    assert chart["caption"]


@pytest.mark.parametrize("name", ["first", "timeline", "paid", "funds"])
@pytest.mark.parametrize("link", [LINKS["base"], LINKS["all"]], ids=["base", "all"])
def test_every_figure_has_its_receipt(visit, name, link):
    at = visit(link)
    asked = {
        part["open"]
        for part in (*board(at)["figures"], *map(board(at).get, ("timeline", "funds", "promises")))
    }
    assert asked == {"first", "timeline", "paid", "funds"}
    before = len(at.dataframe)
    open_receipt(at, name)
    assert not at.exception
    assert len(at.dataframe) == before + 1


def test_a_row_that_does_not_fail_says_when_something_warned_and_shows_what_warned(visit):
    at = visit({"row": "coreweave"})
    row = next(one for one in board(at)["timeline"]["rows"] if one["id"] == "coreweave")
    assert row["why"].replace("\u00a0", " ") == "2026 Q3: debt service not earned"
    (chart,) = charts(at)
    assert chart["caption"] == "EBITDA for each dollar of interest and principal"
    assert chart["figure"]["data"][1]["y"][0] < 1  # below the line


def test_only_quarters_in_which_a_guarantor_pays_are_hatched(visit):
    rows = {row["id"]: row for row in board(visit({"g": "10"}))["timeline"]["rows"]}
    assert rows["coreweave"]["tone"] == "supported"
    assert rows["coreweave"]["supported"][-1][1] < 1  # it stands on its own again before the horizon
    assert all(row["supported"] == [] for row in rows.values() if row["tone"] != "supported")


def test_who_is_kept_alive_is_told_whoever_pays_most(visit):
    told = words.plain(headline(visit({"data": "2025-12-31", "g": "0"})))
    assert told.endswith("and Google keeps two others alive.")


def test_a_hand_that_never_let_go_holds_nothing_once_something_else_is_done(visit, drawn):
    at = visit({"g": "20.5"})
    lever_of(at, "g").hold(12.5).run()
    assert board(at)["likely"]["faded"]
    press(at, "undo").run()
    assert "faded" not in board(at)["likely"]
    assert board(at)["likely"]["text"]


def test_a_receipt_that_there_is_not_opens_nothing(visit):
    at = open_receipt(visit(), "<b>")
    assert not at.exception
    assert not at.dataframe


@pytest.mark.parametrize(
    ("share", "dots", "told"),
    [
        (0.0, 0, "In 0 of 10"),
        (0.01, 0, "In fewer than 1 of 10"),
        (0.2, 2, "In 2 of 10"),
        (0.44, 4, "In 4 of 10"),
        (0.97, 10, "In more than 9 of 10"),
        (1.0, 10, "In 10 of 10"),
    ],
)
def test_chances_are_told_in_tenths(monkeypatch, share, dots, told):
    monkeypatch.setattr(catalogue, "language", lambda: "en")
    found = overview.likely(share, "coreweave", "2030")
    assert found["dots"] == dots
    assert found["text"] == f"{told} futures around this one CoreWeave fails before 2031."


@pytest.fixture
def drawn(monkeypatch):
    """How many draws were made, one number for each time."""
    made, really = [], odds.monte_carlo

    def count(web, scenario, n, *more, **other):
        made.append(n)
        return really(web, scenario, n, *more, **other)

    monkeypatch.setattr(odds, "monte_carlo", count)
    cached.forget()
    yield made
    cached.forget()


def test_few_draws_are_made_when_a_hand_lets_go_and_none_while_it_holds(visit, drawn):
    at = visit({"g": "20.5"})
    assert drawn == [256]
    shown = board(at)["likely"]
    lever_of(at, "g").hold(12.5).run()
    assert drawn == [256]
    assert board(at)["likely"] == shown | {"faded": True}
    lever_of(at, "g").set_value(12.5).run()
    assert drawn == [256, 256]
    assert "faded" not in board(at)["likely"]
    at.run()
    assert drawn == [256, 256]  # kept


def test_more_draws_are_made_at_rest_unless_somebody_waits(visit, drawn):
    at = visit({"g": "20.5"})
    assert board(at)["rest"]
    at.session_state["at_rest"] = (load_scenario(20.5), cached.data())
    at.run()
    assert drawn == [256, 2000]
    assert board(at)["rest"] == ""
    lever_of(at, "g").set_value(13.5).run()
    assert drawn == [256, 2000, 256]
    assert board(at)["rest"]


def load_scenario(g):
    from core.scenario.levers import Scenario

    return Scenario.default().replace(g=g)


def test_the_draws_of_a_page_are_those_of_the_stress_page():
    from core.questions import monte_carlo
    from core.scenario.levers import Scenario

    few = cached.chances.make(Scenario.default(), ((), None), 256)
    many = monte_carlo.monte_carlo(
        load_web(), Scenario.default(), 2000, 1, measures=(), paths=(), losses=False
    )
    for who, share in few.items():
        assert abs(share - many.failures[who].probability) < 0.08
