"""A page on paper, and a chart as a picture to publish: both say what they are of."""

from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect

from core.scenario.link import MODEL_VERSION
from tests.browser.hand import answer
from tests.browser.server import DESKTOP, next_frame

pytestmark = pytest.mark.browser

SHEET = {"width": 688, "height": 980}  # A4 between its margins of 14 mm, at 96 dots per inch
MOVED = {
    "en-GB": "Levers moved: AI demand grows 0 % a year (today 35) · "
    "Google honours its rent guarantees no (today yes)",
    "nl-NL": "Verzette knoppen: AI-vraag groeit 0 % per jaar (vandaag 35) · "
    "Google komt zijn huurgaranties na nee (vandaag ja)",
}
ADVICE = {"en-GB": "not investment advice", "nl-NL": "geen beleggingsadvies"}
DAY = {"en-GB": "June 30, 2026", "nl-NL": "30 juni 2026"}
HANDS = (
    "[data-testid=stSidebar], [data-testid=stHeader], nav, [data-testid=stButton], [data-testid=stPopover], "
    "[data-testid=stDownloadButton], .modebar, details:not([open]), .st-key-language, "
    ".st-key-footer input, [role=radio][aria-checked=false]"
)
# What is seen on paper and should not be; what is wider than the sheet, too pale, or may be torn apart.
WRONG = """(hands) => {
  const shadows = [...document.querySelectorAll('*')].map(node => node.shadowRoot);
  const roots = [document, ...shadows.filter(Boolean)];
  const all = query => roots.flatMap(root => [...root.querySelectorAll(query)]);
  const seen = node => node.checkVisibility() && node.getBoundingClientRect().width > 1;
  const named = node => `${node.tagName}.${node.getAttribute('class')} ${node.textContent.slice(0, 40)}`;
  const light = colour => {
    const [red, green, blue] = colour.match(/[\\d.]+/g).map(one => (one / 255) ** 2.2);
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const main = all('*').filter(node => !node.closest('head, template') && seen(node));
  const style = node => getComputedStyle(node);
  const words = main.filter(node => [...node.childNodes].some(one => one.nodeType === 3 && one.data.trim()));
  const onColour = '.bars, .mark, .backstop-drawing p > span'; // words in a bar or a mark; signs of a colour
  const inks = words.filter(node => !node.closest(onColour));
  const inkOf = node => style(node)[node.closest('svg') ? 'fill' : 'color'];
  const wider = node => node.getBoundingClientRect().right > innerWidth + 1;
  const papers = ['html', 'body', '[data-testid=stApp]', '[data-testid=stMain]'];
  return {
    hands: all(hands).filter(seen).map(named),
    sticky: main.filter(node => ['sticky', 'fixed'].includes(style(node).position)).map(named),
    wide: main.filter(node => wider(node) && !node.closest('svg')).map(named),
    charts: all('.backstop-chart .main-svg').filter(seen).filter(wider).map(named),
    pale: inks.filter(node => light(inkOf(node)) > 0.3).map(node => `${inkOf(node)} ${named(node)}`),
    dark: all(papers.join()).filter(node => style(node).backgroundColor !== 'rgb(255, 255, 255)').map(named),
    torn: all('.backstop-drawing').filter(node => style(node).breakInside !== 'avoid').map(named),
  };
}"""
# Notes what is written on a canvas, and how charts stand when the browser has said that it prints.
NOTES = """() => {
  window.written = [];
  const write = CanvasRenderingContext2D.prototype.fillText;
  CanvasRenderingContext2D.prototype.fillText = function (text, ...where) {
    window.written.push(text);
    return write.call(this, text, ...where);
  };
}"""
PRINTS = """() => addEventListener('beforeprint', () => {
  window.printed = [...document.querySelectorAll('.main-svg')].map(svg => svg.getAttribute('viewBox'));
})"""


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("locale", "scheme"), [("en-GB", "light"), ("nl-NL", "dark")], ids=["English light", "Dutch dark"]
)
def test_a_printed_page_says_what_it_is_of_and_shows_what_can_be_read(visit, locale, scheme):
    for path in ("", "neoclouds", "chain_reaction"):
        page = visit("g=0&gw=no", path=path, locale=locale, color_scheme=scheme)
        sentence, paper = answer(page).inner_text(), page.locator(".backstop-paper")
        expect(paper).to_be_hidden()
        wide = page.locator(".main-svg").evaluate_all("all => all.map(one => one.clientWidth)")
        page.set_viewport_size(SHEET)
        page.emulate_media(media="print", color_scheme=scheme)
        next_frame(page)

        expect(page.locator("h1")).to_be_visible()
        assert answer(page).inner_text() == sentence
        expect(answer(page)).to_be_visible()
        told = plain(paper.inner_text()).split("\n")
        assert [line for line in told if line][1] == MOVED[locale]
        assert f"{DAY[locale]} · model {MODEL_VERSION}" in told[0]
        assert told[-1].endswith(page.url)
        assert "gw=" in page.url
        expect(page.locator(".st-key-footer").get_by_text(ADVICE[locale])).to_be_visible()
        assert page.evaluate(WRONG, HANDS) == {
            name: [] for name in ("hands", "sticky", "wide", "charts", "pale", "dark", "torn")
        }

        page.emulate_media(media="screen", color_scheme=scheme)
        page.set_viewport_size(DESKTOP)
        page.wait_for_function(
            """wide => [...document.querySelectorAll('.main-svg')]
              .every((one, i) => one.clientWidth === wide[i])""",
            arg=wide,
        )
        expect(page.locator(".main-svg[viewBox]")).to_have_count(0)


def test_the_browser_prints_charts_that_fit_the_sheet(visit):
    page = visit("g=0", path="neoclouds")
    page.evaluate(PRINTS)
    assert page.pdf(format="A4").startswith(b"%PDF")
    printed = page.evaluate("window.printed")
    assert printed
    assert all(box and box.startswith("0 0 680 ") for box in printed)


@pytest.mark.parametrize(("width", "least"), [(1280, 18), (1920, 27)])
def test_a_chart_fills_the_screen_in_type_for_a_room_and_is_as_it_was_afterwards(visit, width, least):
    page = visit("g=0", path="neoclouds", viewport={"width": width, "height": width * 9 // 16})
    chart = page.locator(".st-key-chart_revenue .backstop-chart")
    before = chart.bounding_box()
    chart.hover()
    chart.locator('.modebar-btn[data-title^="This chart on the whole screen"]').click()
    page.wait_for_function("document.fullscreenElement?.querySelector('.main-svg').clientWidth > 700")
    shown = page.evaluate(
        """() => {
          const box = node => node.getBoundingClientRect();
          const texts = [...document.fullscreenElement.querySelectorAll('h2, p:not([hidden]), svg text')];
          return {
            screen: [innerWidth, innerHeight],
            high: Math.min(...texts.filter(one => one.textContent).map(one => box(one).height)),
            right: Math.max(...texts.map(one => box(one).right)),
            bottom: Math.max(...texts.map(one => box(one).bottom)),
          };
        }"""
    )
    assert shown["high"] >= least  # the line of a letter of 12 px is 15 px high
    assert shown["right"] <= shown["screen"][0]
    assert shown["bottom"] <= shown["screen"][1]
    box = chart.bounding_box()
    assert box["width"] > 0.9 * width
    assert box["height"] > 0.5 * shown["screen"][1]
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] * 0.85)
    label = chart.locator(".hoverlayer text").first
    expect(label).to_be_visible()
    assert (
        abs(label.bounding_box()["x"] - box["x"] - box["width"] / 2) < box["width"] / 3
    )  # under the pointer
    page.evaluate("document.exitFullscreen()")
    page.wait_for_function("!document.fullscreenElement")
    next_frame(page)
    after = chart.bounding_box()
    assert [round(after[side]) for side in ("width", "height")] == [
        round(before[side]) for side in ("width", "height")
    ]


PICTURES = {
    "en-GB": ("Save this chart as a picture", "Who pays it", "who-pays-it", "Source: Backstop"),
    "nl-NL": ("Grafiek als afbeelding bewaren", "Wie betaalt", "wie-betaalt", "Bron: Backstop"),
}


@pytest.mark.parametrize("locale", PICTURES)
def test_a_chart_saves_a_picture_that_can_be_published(visit, locale):
    button, title, file, source = PICTURES[locale]
    page = visit("g=0&gw=no", path="neoclouds", locale=locale)
    page.evaluate(NOTES)
    chart = page.locator(".st-key-chart_revenue .backstop-chart")
    camera = chart.locator(f'.modebar-btn[data-title="{button}: {title}"]')
    chart.hover()
    with page.expect_download() as saving:
        camera.click()
    assert saving.value.suggested_filename == f"backstop-neoclouds-coreweave-{file}-2026-06-30.png"
    with Image.open(BytesIO(Path(saving.value.path()).read_bytes())) as picture:
        assert picture.format == "PNG"
        assert picture.width >= 1600
        assert picture.height > 2 * chart.bounding_box()["height"]
        assert picture.convert("RGB").getpixel((2, 2)) == (0xFB, 0xFA, 0xF6)
    written = plain("".join(page.evaluate("window.written")))
    for words in (title, DAY[locale], f"model {MODEL_VERSION}", MOVED[locale], source, page.url):
        assert words.replace(" ", "") in written.replace(" ", "")

    page.context.new_cdp_session(page).send("Emulation.setTouchEmulationEnabled", {"enabled": True})
    expect(camera).to_be_hidden()
    page.context.new_cdp_session(page).send("Emulation.setTouchEmulationEnabled", {"enabled": False})
