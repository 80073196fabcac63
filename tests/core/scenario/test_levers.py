import pickle
import tomllib

import numpy as np
import pytest

from core.scenario.levers import DATA, Scenario, columns, columns_from, lever, levers, nearest, plain_number
from core.scenario.presets import preset, presets
from tests.third import FIRST

# The levers of docs/model.md, section 2: id, long name, low, high, default, group (None: no range).
TABLE = [
    ("g", "demand_growth", -50, 100, 35.0, "main"),
    ("r", "base_rate", 0, 12, 3.75, "main"),
    ("u", "utilisation", 30, 98, 85.0, "main"),
    ("t", "turn_year", 2026, 2030, 2026, "Market"),
    ("b", "buildout_growth", 0, 100, 35.0, "Market"),
    ("d", "price_decline", 0, 60, 20.0, "Market"),
    ("e", "price_elasticity", 0.5, 3, 1.5, "Market"),
    ("s", "credit_spread", -150, 1000, 0.0, "Credit"),
    ("f", "refinancing", None, None, "open", "Credit"),
    ("c", "recovery", 25, 150, 100.0, "Credit"),
    ("v", "lab_funding", 0, 200, 100.0, "Promises"),
    ("gw", "google_honours_backstops", None, None, True, "Promises"),
    ("nb", "nvidia_honours_backstop", None, None, True, "Promises"),
    ("mr", "meta_renews_lease", None, None, True, "Promises"),
    ("fl", "fluidstack_pays_rent", None, None, True, "Promises"),
    ("h", "horizon", 2028, 2033, 2030, "view"),
]


def test_levers_are_those_that_links_and_the_command_line_promise():
    today = Scenario.default(FIRST)
    assert [(one.id, one.name, one.low, one.high, today[one.id], one.group) for one in levers()] == TABLE


def test_steps_bind_the_widgets():
    steps = {one.id: one.step for one in levers() if one.step is not None}
    assert steps == {
        "g": 1,
        "r": 0.25,
        "u": 1,
        "t": 1,
        "b": 5,
        "d": 5,
        "e": 0.1,
        "s": 25,
        "c": 5,
        "v": 5,
        "h": 1,
    }


def test_every_default_says_where_it_comes_from():
    for one in levers():
        assert one.note, one.id
        assert one.source in ("assumption", "calendar") or one.source.startswith("market."), one.id
        assert (one.default is None) is (one.source != "assumption"), one.id


def test_a_lever_is_found_by_either_name_and_a_slip_gets_the_nearest():
    assert lever("demand_growth") is lever("g")
    with pytest.raises(ValueError, match=r"'gwx' is not a lever; the nearest is 'gw'"):
        lever("gwx")
    assert nearest("horizn", ["base_rate", "horizon"]) == "horizon"
    assert nearest("zzz", ["base_rate"], cutoff=0.6) is None


@pytest.mark.parametrize(
    ("word", "value", "said"),
    [
        ("g", 100.5, r"demand_growth \(g\) = 100.5: not within -50 to 100 %/year"),
        ("g", -50.001, r"not within -50 to 100"),
        ("r", float("nan"), r"base_rate \(r\) = nan: not within 0 to 12 %"),
        ("s", float("inf"), r"not within -150 to 1000 bp"),
        ("s", "300", r"credit_spread \(s\) = 300: not a number"),
        ("c", True, r"not a number"),
        ("t", 2026.5, r"turn_year \(t\) = 2026.5: not a whole year"),
        ("t", 2031, r"not within 2026 to 2030"),
        ("f", "shut", r"refinancing \(f\) = shut: not one of open, strict, closed"),
        ("f", 2, r"not one of open, strict, closed"),
        ("gw", 1, r"not one of yes, no"),
        ("gw", "no", r"not one of yes, no"),
        ("g", None, r"not a number"),
    ],
)
def test_a_wrong_value_is_refused_by_name(word, value, said):
    with pytest.raises(ValueError, match=said):
        Scenario.default().replace(**{word: value})


def test_both_ends_of_every_range_are_valid():
    for one in levers():
        for end in one.options or (one.low, one.high):
            assert Scenario.default().replace(**{one.id: end})[one.name] == end


def test_values_have_one_canonical_form():
    whole = Scenario.default().replace(g=10, t=2028.0, s=-0.0, gw=np.bool_(False), u=np.float32(70))
    assert whole == Scenario.default().replace(g=10.0, t=2028, s=0, gw=False, u=70)
    assert [type(whole[word]) for word in ("g", "t", "s", "gw", "u")] == [float, int, float, bool, float]
    assert str(whole["s"]) == "0.0"


def test_a_scenario_is_a_value():
    stressed = Scenario.from_mapping({"demand_growth": -15, "u": 60, "refinancing": "closed"})
    assert stressed == Scenario.default().replace(g=-15, utilisation=60, f="closed")
    assert hash(stressed) == hash(Scenario.from_mapping(stressed.as_dict()))
    assert pickle.loads(pickle.dumps(stressed)) == stressed
    assert stressed.differs_from(Scenario.default()) == ("g", "u", "f")
    assert Scenario.default().differs_from(Scenario.from_mapping({})) == ()
    assert list(stressed.as_dict()) == [row[0] for row in TABLE]


def test_a_scenario_cannot_set_a_lever_twice_or_forget_one():
    with pytest.raises(ValueError, match=r"demand_growth \(g\) is set twice: as 'g' and as 'demand_growth'"):
        Scenario.from_mapping({"g": 1, "demand_growth": 2})
    with pytest.raises(ValueError, match="a scenario has 16 values, not 1"):
        Scenario((35.0,))
    with pytest.raises(ValueError, match="'demand' is not a lever"):
        Scenario.from_mapping({"demand": 1})


def test_columns_cross_to_the_units_of_the_model_once():
    stressed = Scenario.default().replace(g=-15, r=7, s=300, f="strict", e=2, gw=False, t=2027, c=80)
    batch = columns([Scenario.default(), stressed])
    expected = {
        "g": [0.35, -0.15],
        "r": [Scenario.default()["r"] / 100, 0.07],
        "s": [0.0, 0.03],
        "f": [0, 1],
        "e": [1.5, 2.0],
        "gw": [True, False],
        "t": [2026, 2027],
        "c": [1.0, 0.8],
    }
    for word, values in expected.items():
        assert batch[word].tolist() == values, word
    assert list(batch) == [row[0] for row in TABLE]
    kinds = {word: array.dtype.kind for word, array in batch.items()}
    assert kinds == {row[0]: "f" for row in TABLE} | dict.fromkeys(("t", "h", "f"), "i") | dict.fromkeys(
        ("gw", "nb", "mr", "fl"), "b"
    )


def test_a_grid_is_the_same_as_its_scenarios_one_by_one():
    base = Scenario.default().replace(f="strict", h=2033)
    growth, use = np.linspace(-50, 100, 7), np.array([30.0, 61.5, 98.0])
    grid = columns_from(base, g=growth[:, None], utilisation=use)
    one_by_one = columns([base.replace(g=g, u=u) for g in growth for u in use])
    for word, array in grid.items():
        np.testing.assert_array_equal(array, one_by_one[word], err_msg=word)
        assert array.dtype == one_by_one[word].dtype, word


def test_a_grid_takes_words_booleans_and_years():
    grid = columns_from(
        Scenario.default(), f=["open", "strict", "closed"], gw=np.array([True, False, True]), t=2029
    )
    assert grid["f"].tolist() == [0, 1, 2]
    assert grid["gw"].tolist() == [True, False, True]
    assert grid["t"].tolist() == [2029] * 3
    assert columns_from(Scenario.default())["g"].shape == (1,)


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"g": [0, 101]}, r"demand_growth \(g\) = 101"),
        ({"g": [0, np.nan]}, r"demand_growth \(g\) = nan"),
        ({"t": [2026, 2026.5]}, "not a whole year"),
        ({"f": ["open", "shut"]}, "shut: not one of"),
        ({"gw": [1, 0]}, "not one of yes, no"),
        ({"g": ["10"]}, r"demand_growth \(g\) = 10: not a number"),
        ({"g": [True]}, "not a number"),
        ({"g": [1], "demand_growth": [2]}, "varied twice"),
        ({"x": [1]}, "'x' is not a lever"),
        ({"g": [1, 2], "u": [50, 60, 70]}, "broadcast"),
    ],
)
def test_a_wrong_grid_is_refused_by_name(arrays, said):
    with pytest.raises(ValueError, match=said):
        columns_from(Scenario.default(), **arrays)


@pytest.mark.parametrize("text", ["1_000", "٣", "1,5", "nan", "inf", "0x10", "", " 1", "1e", "."])
def test_a_plain_number_is_plain(text):
    with pytest.raises(ValueError, match="is not a number"):
        plain_number(text)


@pytest.mark.parametrize(
    ("word", "text"), [("g", "ten"), ("gw", "YES"), ("f", "Closed"), ("r", "1e9"), ("t", "2026.5")]
)
def test_the_command_line_does_not_guess(word, text):
    with pytest.raises(ValueError, match=rf"\({word}\) = "):
        lever(word).parse(text)


PRESETS = {
    "base": {},
    "pause": {"g": 0},
    "credit_closes": {"g": -10, "f": "closed", "s": 300},
    "rates_9": {"r": 9},
    "dear_credit": {"g": 50, "s": 300, "r": 5},
    "glut": {"g": -20, "b": 60, "d": 35, "t": 2027},
    "google_walks": {"gw": False, "fl": False},
    "boom": {"g": 70, "u": 92},
}


def test_presets_are_those_of_the_product_in_its_order():
    assert {one.id: one.scenario for one in presets()} == {
        name: Scenario.from_mapping(changes) for name, changes in PRESETS.items()
    }
    assert [one.id for one in presets()] == list(PRESETS)
    with pytest.raises(ValueError, match=r"'paus' is not a preset; the nearest is 'pause'"):
        preset("paus")


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_file_says_only_what_differs_in_both_languages(name):
    entry = tomllib.loads((DATA / "presets" / f"{name}.toml").read_text(encoding="utf-8"))
    assert tuple(entry["levers"]) == preset(name).scenario.differs_from(Scenario.default())
    for part in ("title", "question", "argued_by"):
        assert set(entry[part]) == {"en", "nl"}
        assert entry[part]["en"] != entry[part]["nl"]
    assert entry["question"]["en"].endswith("?")
    assert entry["question"]["nl"].endswith("?")
