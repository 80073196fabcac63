"""Chain reaction: the story, the network step by step, and the missing dollar, as a visitor reads them."""

import pytest

from core.model import engine
from core.results import picture, reading
from core.results.picture import Chain, Missing
from core.scenario.levers import Scenario
from core.web.web import load_web
from pages.kit.drawing import network
from pages.kit.parts import chain_story
from pages.kit.words import catalogue, numbers
from tests.apptest import drawings, lever_of, panels, pictures, told

PAGE = "pages/chain_reaction.py"
PAUSE = {"g": "0", "lang": "en"}
TO_THE_END = PAUSE | {"h": "2033"}  # every failure counts, those of the last years too
EVERYTHING = {"g": "-50", "u": "30", "r": "12", "f": "closed"}


def run(**levers):
    result = engine.run(load_web(), Scenario.default().replace(**levers), keep=picture.KEEP)
    return result, reading.read(result)


def said(at) -> str:
    return told(at).replace("\u00a0", " ")


def counts(at) -> list[str]:
    """Return the headline figures of the page: own doing, contagion, paid by guarantors."""
    (row,) = (one["figures"] for one in drawings(at) if one.get("figures"))
    return [figure for _name, figure, _was in row]


def links(at) -> list[str]:
    """Return the links of the chain as they stand under "Link by link"."""
    assert {"Link by link", "Schakel voor schakel"} & set(panels(at))
    (table,) = (one.value for one in at.table)
    return [f"{quarter} {event}" for quarter, event in table.itertuples(index=False)]


def web_drawn(at):
    return next(fig for fig in pictures(at) if any(t.get("mode") == "markers+text" for t in fig["data"]))


def failed_in_picture(at) -> set[str]:
    trace = next(t for t in web_drawn(at)["data"] if t.get("marker", {}).get("symbol") == "circle-x")
    return {text.split("<b>")[1].split("</b>")[0] for text in trace["text"]}


@pytest.mark.parametrize(
    ("lang", "words"), [("en", "there is no chain"), ("nl", "er is geen kettingreactie")]
)
def test_today_there_is_no_chain(visit, lang, words):
    at = visit({"lang": lang}, page=PAGE)
    assert words in said(at)
    assert counts(at)[:2] == ["0", "0"]
    assert failed_in_picture(at) == set()


@pytest.mark.parametrize("lang", ["en", "nl"])
@pytest.mark.parametrize(
    "link", [PAUSE, {"g": "0", "gw": "no"}, EVERYTHING, {"fl": "no"}, {"h": "2033", "g": "-20"}]
)
def test_the_counts_are_those_of_the_chain(visit, link, lang):
    at = visit({**link, "lang": lang}, page=PAGE)
    read = {"g": float, "u": float, "r": float, "h": int, "f": str, "gw": "yes".__eq__, "fl": "yes".__eq__}
    levers = {key: read[key](value) for key, value in link.items() if key != "lang"}
    _, now = run(**levers)
    chain = picture.chain(now)
    assert counts(at)[:2] == [str(len(chain.own)), str(len(chain.pulled))]
    assert chain.failures


def test_the_story_opens_at_the_first_failure_and_names_it(visit):
    at = visit(PAUSE, page=PAGE)
    _, now = run(g=0)
    first = next(e for e in now["chain"] if e["event"] == "failure")
    assert at.select_slider(key="step_slider").value == now["quarters"][first["quarter"]]
    fallen = {
        e["entity"] for e in now["chain"] if e["event"] == "failure" and e["quarter"] == first["quarter"]
    }
    assert len(failed_in_picture(at)) == len(fallen)
    assert "cannot pay in full" in said(at)


def test_who_pulls_down_whom_is_said(visit):
    at = visit(TO_THE_END, page=PAGE)
    assert ("fluidstack", "anthropic") in picture.chain(run(g=0, h=2033)[1]).pulled
    assert "**Anthropic** takes **Fluidstack** with it." in said(at)


@pytest.mark.parametrize(
    ("lang", "said"),
    [
        ("en", "for **Fluidstack**'s rent to **{host}**"),
        ("nl", "voor de huur van **Fluidstack** aan **{host}**"),
    ],
)
def test_two_calls_for_one_tenant_name_the_landlord_who_is_paid(visit, lang, said):
    lines = links(visit({**TO_THE_END, "lang": lang}, page=PAGE))
    calls = [e for e in run(g=0, h=2033)[1]["chain"] if e["event"] == "call" and e["entity"] == "alphabet"]
    assert {e["from"] for e in calls} == {"fluidstack"}
    assert len({e["quarter"] for e in calls}) == 1
    for host in ("TeraWulf", "Cipher"):
        assert sum(said.format(host=host) in line for line in lines) == 1
    assert sum("**Nvidia**" in line and "**CoreWeave**" in line for line in lines) == 1  # no rent there


A, B, C = "openai", ("coreweave", "openai"), ("oracle", "openai")
COUNTED = [
    ((A,), (), "To 2033 one company fails, by its own doing.", "valt één bedrijf om, op eigen kracht."),
    ((A, A), (), "two companies fail, all by their own doing.", "vallen twee bedrijven om, alle op eigen"),
    (
        (),
        (B,),
        "one company fails, pulled down by another.",
        "valt één bedrijf om, meegesleurd door een ander.",
    ),
    (
        (A, A),
        (B,),
        "To 2033 three companies fail: two by their own doing, one pulled down by another.",
        "Tot en met 2033 vallen drie bedrijven om: twee op eigen kracht, één wordt meegesleurd.",
    ),
    (
        (A,),
        (B, C),
        "one by its own doing, two pulled down by others.",
        "één op eigen kracht, twee worden mee",
    ),
]


@pytest.mark.parametrize("lang", ["en", "nl"])
@pytest.mark.parametrize(("own", "pulled", "english", "dutch"), COUNTED)
def test_failures_are_counted_in_words(monkeypatch, lang, own, pulled, english, dutch):
    for module in (catalogue, numbers):
        monkeypatch.setattr(module, "language", lambda: lang)
    chain = Chain(failures=len(own) + len(pulled), own=own, pulled=pulled, called=0.0)
    text = chain_story.sentence(chain, {"tenants": [], "quarters": [], "last_quarter": 0}, 2033)
    assert (english if lang == "en" else dutch) in text


@pytest.mark.parametrize(
    ("host", "english", "dutch"),
    [
        ("oracle", "87 cents missing at Oracle itself and", "komt Oracle zelf 87 cent tekort en"),
        (
            "oracle_campus",
            "at Oracle's campuses themselves and",
            "komen de campussen van Oracle zelf 87 cent",
        ),
    ],
)
@pytest.mark.parametrize("lang", ["en", "nl"])
def test_the_missing_dollar_is_told_in_cents(monkeypatch, lang, host, english, dutch):
    for module in (catalogue, numbers):
        monkeypatch.setattr(module, "language", lambda: lang)
    flows = ((A, host, 1.0), (host, f"owners:{host}", 0.87), (host, "lenders", 0.13))
    text = chain_story.dollar(Missing(A, 10.0, flows), None, 2033)
    assert (english if lang == "en" else dutch) in text
    assert ("13 cents lost by lenders." if lang == "en" else "verliezen geldschieters 13 cent.") in text
    assert text.endswith("nothing." if lang == "en" else "zonder schok niets.")


CUT = {"v": "50"}


@pytest.mark.parametrize(
    ("lang", "sentence", "link", "no_chain"),
    [
        (
            "en",
            "nobody pulls down another, but not everything that was agreed is paid. **OpenAI** pays less",
            "**OpenAI** starts to pay less than agreed, up to",
            "there is no chain",
        ),
        (
            "nl",
            "niet alles wat is afgesproken, wordt betaald. **OpenAI** betaalt",
            "**OpenAI** gaat minder betalen dan afgesproken, tot",
            "er is geen kettingreactie",
        ),
    ],
)
def test_a_lab_that_pays_less_is_told_without_any_failure(visit, lang, sentence, link, no_chain):
    (cut,) = (event for event in run(v=50)[1]["chain"] if event["event"] == "renegotiation")
    at = visit({**CUT, "lang": lang}, page=PAGE)
    assert sentence in said(at)
    assert no_chain not in said(at)
    assert any(link in line.replace("\u00a0", " ") for line in links(at))
    assert at.select_slider(key="step_slider").value == run(v=50)[1]["quarters"][cut["quarter"]]
    assert link in said(at)


def test_a_lab_that_pays_less_is_drawn_as_such_until_it_fails(visit):
    now = run(g=10, v=50)[1]
    lab = next(row for row in now["tenants"] if row["id"] == "openai")
    before, cut, failed = (
        now["quarters"][q] for q in (0, lab["renegotiated_quarter"], lab["failed_quarter"])
    )

    def label(step):
        at = visit({"g": "10", "v": "50", "lang": "en", "step": step}, page=PAGE)
        marks = (t for t in web_drawn(at)["data"] if t.get("mode") == "markers+text")
        return next(text for trace in marks for text in trace["text"] if "OpenAI" in text)

    assert "less" not in label(before)
    assert "less" in label(cut)
    assert "fails" in label(failed)


def test_next_break_moves_on_and_the_address_follows(visit):
    at = visit(PAUSE, page=PAGE)
    before = at.select_slider(key="step_slider").value
    at.button(key="later").click().run()
    after = at.select_slider(key="step_slider").value
    assert after > before
    assert at.query_params["step"] == after or at.query_params["step"] == [after]
    _, now = run(g=0)
    quarters = [now["quarters"][event["quarter"]] for event in now["chain"]]
    assert after == min(quarter for quarter in quarters if quarter > before)
    at.button(key="earlier").click().run()
    assert at.select_slider(key="step_slider").value == before


def test_a_link_opens_the_step_and_tenant_it_names(visit):
    now = run(g=0, h=2033)[1]
    quarters = [e["quarter"] for e in now["chain"] if e["event"] == "failure"]
    last = now["quarters"][max(quarters)]
    at = visit({**TO_THE_END, "step": last, "tenant": "anthropic"}, page=PAGE)
    assert at.select_slider(key="step_slider").value == last
    assert {"OpenAI", "Anthropic", "Fluidstack", "CoreWeave"} <= failed_in_picture(at)
    assert len(failed_in_picture(at)) == len(quarters)
    assert "Of each dollar that **Anthropic** does not pay" in said(at)


@pytest.mark.parametrize("bent", [{"step": "1999Q9"}, {"step": "$x$"}, {"tenant": "nobody"}])
def test_a_bent_view_choice_shows_the_first_and_keeps_the_levers(visit, bent):
    at = visit({**PAUSE, **bent}, page=PAGE)
    assert lever_of(at, "g").value == 0
    assert at.select_slider(key="step_slider").value
    assert "$x$" not in said(at)


def test_a_shorter_horizon_keeps_the_step_for_later_without_complaint(visit):
    at = visit({**PAUSE, "h": "2033", "step": "2032Q1"}, page=PAGE)
    assert at.select_slider(key="step_slider").value == "2032Q1"
    at.session_state["more_levers"] = True
    at.run()
    lever_of(at, "h").set_value(2030).run()
    assert at.select_slider(key="step_slider").value < "2031"
    assert not [text for text in at.text if "2032Q1" in text.value]


def test_the_missing_dollar_adds_up_on_the_screen(visit):
    at = visit({**TO_THE_END, "tenant": "fluidstack"}, page=PAGE)
    result, now = run(g=0, h=2033)
    missing = picture.missing_rent(result, now)["fluidstack"]
    assert missing.stays() == {"guarantor:alphabet": pytest.approx(1.0)}
    assert "Of each dollar that **Fluidstack** does not pay: 100 cents from Google." in said(at)
    sankey = next(spec for spec in pictures(at) if spec["data"][0]["type"] == "sankey")["data"][0]
    into_google = sum(
        value
        for value, target in zip(sankey["link"]["value"], sankey["link"]["target"], strict=True)
        if sankey["node"]["label"][target] == "Google's guarantee"
    )
    assert into_google == pytest.approx(1.0)


def test_every_place_of_the_network_has_a_name_and_a_node(visit):
    at = visit({"lang": "en"}, page=PAGE)
    labels = [
        text
        for trace in web_drawn(at)["data"]
        if trace.get("mode") == "markers+text"
        for text in trace["text"]
    ]
    assert len(labels) == len(network.PLACES)
    assert "<b>sound tenants</b>" in labels


def test_guarantees_are_said_to_move_risk_and_building_to_lag(visit):
    text = said(visit({"lang": "en"}, page=PAGE))
    assert "A guarantee moves risk to the guarantor" in text
    assert "Building reacts to demand a year late" in text
