"""What goes out with a link and what comes back: receipt, Share dialog, view choices, steps, the drawer."""

from io import BytesIO

import pytest
import segno
import zxingcpp
from PIL import Image

from core.model import engine
from core.results import headline_then
from core.results.reading import read
from core.scenario import link, packed, receipt
from core.scenario.levers import Scenario
from core.web.web import LABS, NEOCLOUDS, latest_snapshot, load_web, snapshots
from pages.kit.frame import frame, share
from tests.apptest import lever_of, press, sent
from tests.golden_links import figures, golden_links, opened
from tests.pages.conftest import ROOT
from tests.pages.test_frame import banner, headline, levers_in_address

PAUSE = Scenario.default().replace(g=0)


def receipt_of(at) -> dict:
    (written,) = at.query_params["k"] if isinstance(at.query_params["k"], list) else [at.query_params["k"]]
    return receipt.read_receipt(written)


def boxes(at) -> list[str]:
    """All lines of markdown of the page, banners included."""
    return [line for element in at.markdown for line in element.value.splitlines()]


def captions(at) -> str:
    return " ".join(element.value for element in at.caption)


def test_no_lever_touched_gives_no_receipt(visit):
    assert "k" not in visit().query_params


def test_a_touched_lever_writes_the_figures_of_now_into_the_address(visit):
    at = visit()
    lever_of(at, "g").set_value(0.0).run()
    today = headline_then.headline_figures(read(engine.run(load_web(), PAUSE)))
    assert headline_then.differences(receipt_of(at), today) == ()
    assert receipt_of(at)["openai"] == today["openai"]
    first = at.query_params["k"]
    lever_of(at, "r").set_value(9.0).run()
    assert at.query_params["k"] != first


def test_a_link_that_comes_back_unchanged_says_so_and_keeps_its_receipt(visit):
    at = visit()
    lever_of(at, "g").set_value(0.0).run()
    again = visit(dict(at.query_params.items()))
    assert dict(again.query_params.items()) == dict(at.query_params.items())
    assert "The figures are those of when this link was shared." in captions(again)


def old_link(**changes) -> dict:
    """A link whose receipt says other figures than the model gives today."""
    then = headline_then.headline_figures(read(engine.run(load_web(), PAUSE))) | {
        "openai": "2027Q3",
        "m": "2026.10",
        "l": headline_then.link_mark(PAUSE, ["g"]),
        "d": headline_then.data_mark("2025-12-31"),
    }
    return {"m": "2026.10", "g": "0", "k": receipt.make_receipt(then | changes)}


def test_an_old_link_tells_what_differs_and_why(visit):
    at = visit(old_link())
    quarter = headline_then.headline_figures(read(engine.run(load_web(), PAUSE)))["openai"]
    told = f"- **OpenAI**: when shared, fails 2027 Q3; today's data: fails {quarter[:4]} {quarter[4:]}."
    assert told in [text.replace("\u00a0", " ") for text in boxes(at)]
    assert "The model is another one: 2026.13 instead of 2026.10." in captions(at)
    assert at.query_params["k"] == old_link()["k"]  # until a lever is touched
    lever_of(at, "r").set_value(5.0).run()
    assert at.query_params["k"] != old_link()["k"]
    assert not any("when shared" in text for text in boxes(at))


@pytest.mark.parametrize(
    ("locale", "title", "line"),
    [
        ("en-GB", "This link was made with an older model.", "made with model 2026.10; this is"),
        ("nl-NL", "Deze link is gemaakt met een ouder model.", "gemaakt met model 2026.10; dit is"),
    ],
)
@pytest.mark.parametrize("more", [{}, {"k": receipt.make_receipt({"coreweave": "2027Q3"})}])
def test_a_link_of_an_older_model_says_so_where_no_receipt_does(visit, locale, title, line, more):
    at = visit({"m": "2026.10", "g": "0", **more}, locale=locale)
    assert any(title in text for text in boxes(at))
    assert any(line in text for text in banner(at))
    if locale == "en-GB":  # a test can move nothing on a page in Dutch: its stories have other names there
        lever_of(at, "r").set_value(5.0).run()
        assert not any(title in text for text in boxes(at))
    with_receipt = visit(old_link(), locale=locale)
    assert not any(line in text for text in banner(with_receipt))


def test_a_short_receipt_of_another_model_tells_what_differs_and_why(visit):
    then = headline_then.headline_figures(read(engine.run(load_web(), PAUSE))) | {
        "openai": "2027Q3",
        "m": "2026.12",
        "s": latest_snapshot(),
        "l": headline_then.link_mark(PAUSE, ["g"]),
        "d": headline_then.data_mark(latest_snapshot()),
    }
    short = receipt.make_receipt(then)
    assert len(short) == packed.LENGTH
    for glued in ("", ")", "_", ".", "%22"):
        at = visit({"m": "2026.12", "g": "0", "k": short + glued})
        assert any("when shared, fails 2027" in text.replace("\u00a0", " ") for text in boxes(at))
        assert f"The model is another one: {link.MODEL_VERSION} instead of 2026.12." in captions(at)
        assert banner(at) == []
        assert at.query_params["k"] == short  # until a lever is touched


def test_many_differences_are_counted(visit):
    then = dict.fromkeys((*NEOCLOUDS, *LABS), "2026Q1")
    at = visit({"g": "35", "k": receipt.make_receipt(then)})
    assert sum("when shared, fails 2026" in text for text in boxes(at)) == 4
    assert "- 3 more figures." in boxes(at)


def test_an_old_link_in_dutch(visit):
    at = visit(old_link(), locale="nl-NL")
    assert any(text.startswith("- **OpenAI**: bij het delen valt 3e") for text in boxes(at))
    assert "Het model is een ander: 2026.13 in plaats van 2026.10." in captions(at)


def test_a_clamped_lever_is_the_reason_given(visit):
    at = visit(old_link(m=link.MODEL_VERSION) | {"m": link.MODEL_VERSION, "r": "60"})
    assert "A lever of the link could not be used as it stood." in captions(at)
    assert any("60 lies outside" in line for line in banner(at))


@pytest.mark.parametrize(
    "garbage",
    [
        *("x", "%00", "12345678.", "." * 5000, "<script>alert(1)</script>"),
        *("15KCjDskDrMjUVU536v828R9HOJ8", "15KCjDskDrMjUVU536v828R9HO", "2" * 28),
    ],
)
def test_a_damaged_receipt_is_told_and_replaced(visit, garbage):
    at = visit({"g": "0", "k": garbage})
    assert any("receipt" in line for line in banner(at))
    assert receipt_of(at)["m"] == link.MODEL_VERSION


def test_a_strangers_receipt_cannot_write_into_the_page(visit):
    stranger = receipt.make_receipt(
        {"coreweave": "<b>x</b>", "m": "**$x$**", "called.alphabet": 1e300, "d": "5"}
    )
    at = visit({"g": "0", "k": stranger})
    page = " ".join(boxes(at)) + captions(at)
    assert "<b>" not in page
    assert "$x$" not in page
    assert "00000" not in page


def test_the_share_dialog_gives_the_address_a_text_and_a_code(visit):
    at = visit({"g": "0"})
    at.button(key="open_share").click().run()
    assert not at.exception
    (told,) = sent(at, "share")
    url, text = told["url"], told["text"]
    assert link.parse(url).scenario == PAUSE
    assert "&k=" in url
    assert text == f"{share.words.plain(headline(at))}\n{url}"
    assert text.startswith("If AI demand stops growing, ")
    assert ":red" not in text
    assert told["code"].startswith("data:image/png;base64,")
    assert told["words"]["headline"] == text.splitlines()[0]


HOST = "https://the-longest-host.of-a-public-server.example"[:44]


@pytest.mark.parametrize("entry", frame.PAGES, ids=lambda entry: entry.name)
@pytest.mark.parametrize("date", snapshots())
def test_a_link_with_three_levers_fits_a_code_that_a_projector_can_show(entry, date):
    scenario = Scenario.default(date).replace(g=0, r=6.5, u=70)
    reading = read(engine.run(load_web(date), scenario))
    mark = headline_then.write(reading, scenario, ("g", "r", "u"))
    query = link.encode(scenario, ("g", "r", "u"), lang="nl", receipt=mark, data=date)
    after = f"/{entry.name}?{query}"
    assert len(after) <= 110
    assert segno.make(HOST + after, error="l", micro=False).version <= 7


@pytest.mark.parametrize("length", [60, 110, 1500])
def test_the_code_is_read_by_a_machine(length):
    url = f"{HOST}/?m=2026.13&g=0&k=".ljust(len(HOST) + length, "a")
    (found,) = zxingcpp.read_barcodes(Image.open(BytesIO(share.qr_code(url))))
    assert (found.text, found.valid) == (url, True)


@pytest.fixture
def page_with_a_choice(monkeypatch):
    """The Overview, as if it had the view choice `tab`."""
    entry, *rest = frame.PAGES
    with_choice = frame.Entry(entry.name, entry.title, entry.question, ("tab",))
    monkeypatch.setattr(frame, "PAGES", (with_choice, *rest))


def test_a_view_choice_travels_in_the_link(visit, page_with_a_choice):
    at = visit({"g": "0", "tab": "plane"})
    assert banner(at) == []
    assert at.query_params["tab"] == "plane"
    lever_of(at, "g").set_value(10.0).run()
    assert at.query_params["tab"] == "plane"


def test_a_view_choice_of_another_page_is_told_and_left_out(visit, page_with_a_choice):
    other = next(key for entry in frame.PAGES[1:] for key in entry.view_keys if key != "tab")
    at = visit({"g": "0", other: "x"})
    assert any(f"'{other}'" in line for line in banner(at))
    assert other not in at.query_params


def test_a_view_choice_leaves_with_its_page_in_silence(visit, page_with_a_choice):
    at = visit({"g": "0", "tab": "plane"})
    for name in list(at.query_params):
        del at.query_params[name]
    at.switch_page(f"pages/{frame.PAGES[1].name}.py").run()
    assert "tab" not in at.query_params
    assert banner(at) == []


CHOICE = """
import streamlit as st
from pages.kit.frame import address
st.session_state.setdefault("extras", {"tab": st.query_params.get("tab")} if "tab" in st.query_params else {})
st.text(address.choice("tab", ("calls", "debts"), "debts"))
st.button("calls", on_click=address.set_choice, args=("tab", "calls"))
st.text(str(st.session_state.get("messages")))
"""


@pytest.mark.parametrize(("asked", "shown"), [("calls", "calls"), ("<b>", "debts"), (None, "debts")])
def test_a_choice_is_always_one_that_is_allowed(monkeypatch, asked, shown):
    monkeypatch.chdir(ROOT)
    from streamlit.testing.v1 import AppTest

    at = AppTest.from_string(CHOICE)
    if asked:
        at.query_params["tab"] = asked
    at.run()
    assert at.text[0].value == shown
    assert ("bad_view" in at.text[1].value) == (asked == "<b>")
    at.button[0].click().run()
    assert at.text[0].value == "calls"
    assert at.session_state["extras"] == {"tab": "calls"}


def test_every_step_is_told_in_words_and_can_be_gone_back_to(visit):
    at = visit()
    lever_of(at, "g").set_value(0.0).run()
    lever_of(at, "r").set_value(8.0).run()
    at.session_state["more_levers"] = True
    at.run()
    at.toggle(key="lever_gw").set_value(False).run()
    at.session_state["steps"] = True
    at.run()
    labels = [at.button(key=f"step_{i}").label.replace("\u00a0", " ") for i in range(4)]
    assert labels == [
        "Where this visit began",
        "AI demand grows 35 % → 0 %",
        f"Interest rate {Scenario.default()['r']:g} % → 8 %",
        "Google honours its rent guarantees yes → no",
    ]
    assert at.button(key="step_3").disabled
    at.button(key="step_1").click().run()
    assert levers_in_address(at) == {"g": "0"}
    at.button(key="step_3").click().run()
    assert levers_in_address(at) == {"g": "0", "r": "8", "gw": "no"}


def test_the_drawer_has_all_levers_and_moves_the_same_scenario(visit):
    at = visit({"g": "0"})
    at.button(key="open_levers").click().run()
    assert not at.exception
    assert lever_of(at, "g", "drawer_").value == 0
    lever_of(at, "g", "drawer_").set_value(60.0).run()
    assert not at.exception
    assert levers_in_address(at) == {"g": "60"}


def test_a_phone_has_one_lever_at_its_foot_and_no_panel(visit):
    at = visit({"u": "70"})
    assert lever_of(at, "g").value == 35
    at.session_state["nav"] = {"phone": True}  # `nav.js` says so
    at.run()
    assert not at.exception
    assert not at.sidebar.children
    assert lever_of(at, "u").value == 70  # the one that was touched
    assert at.get_by_key("sheet_lever").label == "Lever, folded by a second tap"  # read aloud
    at.get_by_key("sheet_lever").set_value("r").run()
    lever_of(at, "r").set_value(9.0).run()
    assert levers_in_address(at) == {"r": "9", "u": "70"}
    press(at, "undo").run()
    assert levers_in_address(at) == {"u": "70"}
    at.get_by_key("sheet_lever").set_value(None).run()  # a second tap
    assert not [one for one in at.get("bidi_component") if "lever_" in one.proto.id]
    at.button(key="open_levers").click().run()
    assert lever_of(at, "g", "drawer_").value == 35
    at.session_state["nav"] = {"phone": False}
    at.run()
    assert lever_of(at, "r").value == 3.65


APP_LINKS = [g for g in golden_links() if not g.migrations and g.query.partition("?")[2] == ""][::4]


@pytest.mark.parametrize("golden", APP_LINKS, ids=lambda golden: golden.name)
@pytest.mark.parametrize("date", snapshots())
def test_published_links_open_in_the_app_with_their_figures(visit, golden, date):
    """Links name no date: without one they open on the latest."""
    chosen = {} if date == latest_snapshot() else {"data": date}
    at = visit(_pairs(golden.query) | chosen)
    assert len(banner(at)) >= len(golden.on[date]["codes"])
    parsed = opened(golden, date)
    if "k" in at.query_params:
        assert headline_then.differences(receipt_of(at), figures(parsed, date)) == ()
    else:
        assert not parsed.touched


def _pairs(query: str) -> dict[str, list[str]]:
    from urllib.parse import parse_qs

    return parse_qs(query, keep_blank_values=True)
