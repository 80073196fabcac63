"""What only a browser knows of an address: its history, tabs, links, and what a page is called there."""

import re

import pytest
from playwright.sync_api import expect

from pages.kit.frame.frame import PAGES
from pages.kit.words import words
from tests.apptest import headline
from tests.browser.hand import LEVERS, SHOWN, answer, drawn, follow, newcomer, query_of, story, thumb
from tests.browser.server import PHONE, Server, settle, watch

pytestmark = pytest.mark.browser
DROPPED = re.compile("too many parameters to be read")
START = "g=18&r=4"
SEEN: dict[tuple[str, str], tuple] = {}  # what a newcomer sees at an address, by path and query


def entries(page) -> int:
    """How many entries the history of a tab has."""
    return page.evaluate("history.length")


def path_of(page) -> str:
    return page.evaluate("location.pathname.slice(1)")


def key(page, name="PageDown"):
    thumb(page).focus()
    page.keyboard.press(name)
    settle(page)


def levers(page) -> dict[str, str]:
    return {word: values[0] for word, values in query_of(page).items() if word in LEVERS}


def is_as_a_newcomer_sees_it(page) -> None:
    """Hold the page, its headline and all its drawings, against a first visit to its address."""
    settle(page)
    path, query = path_of(page), page.url.partition("?")[2]
    if (path, query) not in SEEN:
        at = newcomer(page, path)
        SEEN[path, query] = (words.plain(headline(at)), drawn(at))
    assert (answer(page).inner_text(), page.evaluate(SHOWN)) == SEEN[path, query]


def test_only_a_page_and_a_story_and_an_opened_link_add_an_entry(visit, address):
    page = visit(START)
    begun = entries(page)

    def added(act) -> int:
        before = entries(page)
        act()
        settle(page)
        return entries(page) - before

    assert added(lambda: key(page)) == 0
    assert added(lambda: key(page, "ArrowRight")) == 0
    assert added(lambda: page.get_by_role("button", name="Undo").click()) == 0
    assert added(lambda: page.get_by_role("button", name="Redo").click()) == 0
    assert added(lambda: page.get_by_role("radio", name="NL", exact=True).click()) == 0
    assert added(lambda: page.get_by_role("radio", name="EN", exact=True).click()) == 0
    assert added(lambda: story(page, "Rates at 9 %")) == 1
    assert added(lambda: page.get_by_role("button", name="Undo").click()) == 0
    assert added(lambda: follow(page, "Neoclouds")) == 1
    assert added(lambda: page.get_by_role("radio", name="Cipher").click()) == 0
    assert query_of(page)["co"] == ["cipher"]
    assert added(lambda: page.goto(f"{address}/deals?g=5")) == 1
    assert entries(page) == begun + 3


def test_back_and_forward_land_where_one_was(visit):
    """Each entry as it was left: lever moves and Undo changed it."""
    page = visit(START)
    key(page)
    story(page, "Demand pauses")
    follow(page, "Neoclouds")
    key(page, "PageUp")
    follow(page, "Deals")
    key(page, "PageUp")
    page.get_by_role("button", name="Undo").click()
    settle(page)
    walk = [("", "8", "4"), ("", "0", None), ("neoclouds", "10", None), ("deals", "10", None)]
    for step, turn in 2 * ((page.go_back, walk[-2::-1]), (page.go_forward, walk[1:])):
        for path, demand, rate in turn:
            step()
            settle(page)
            assert (path_of(page), levers(page).get("g"), levers(page).get("r")) == (path, demand, rate)
            assert page.get_by_role("textbox", name=LEVERS["g"]).input_value() == demand
            is_as_a_newcomer_sees_it(page)


@pytest.mark.parametrize("older", [False, True], ids=["newer", "older"])
def test_back_to_the_query_that_the_browser_sent_last_counts(chromium, address, older):
    """A browser without `window.navigation` asks twice in that case."""
    context = watch(chromium.new_context(locale="en-GB"))
    page = context.new_page()
    if older:
        page.add_init_script("Object.defineProperty(window, 'navigation', { value: undefined })")
    page.goto(f"{address}/?{START}")
    settle(page)
    story(page, "Rates at 9 %")
    for _turn in range(2):  # after the first the browser sends this query with every move
        page.go_back()
        settle(page)
        assert levers(page) == {"g": "18", "r": "4"}
        is_as_a_newcomer_sees_it(page)
        story(page, "Demand pauses")
        key(page, "PageUp")
        assert levers(page) == {"g": "10"}
    page.go_back()
    settle(page)
    assert levers(page) == {"g": "18", "r": "4"}
    is_as_a_newcomer_sees_it(page)
    follow(page, "Deals")
    page.go_back()
    settle(page)
    assert (path_of(page), levers(page)) == ("", {"g": "18", "r": "4"})
    context.close()


@pytest.mark.parametrize("then", [".undo", ".st-key-more_levers_button button", ".st-key-open_share button"])
def test_a_page_that_is_clicked_is_opened_whatever_is_clicked_at_the_same_time(visit, then):
    """Until the server has begun with the page, the browser asks for the one that it still knows."""
    page = visit(START)
    key(page)
    page.evaluate(
        """then => {
          [...document.querySelectorAll('a.backstop-page')].find(link => link.text === 'Deals').click();
          document.querySelector(then).click();
        }""",
        then,
    )
    expect(page).to_have_title("Deals · Backstop")
    settle(page)  # of either page: the answer that came last
    page.wait_for_url("**/deals?**")
    settle(page)
    assert levers(page) == {"g": "18" if "undo" in then else "8", "r": "4"}
    is_as_a_newcomer_sees_it(page)


ASKED_LATE = {
    "a figure that opens a receipt": (
        "",
        "",
        "document.querySelector('.st-key-board [data-testid*=Isolated]')"
        ".shadowRoot.querySelector('button').click()",
    ),
    "a point of a chart": (
        "stress",
        "&tab=plane",
        "document.querySelector('[class*=st-key-chart_plane] .js-plotly-plot')"
        ".emit('plotly_click', { points: [{ x: 10, y: 5 }] })",
    ),
}


@pytest.mark.parametrize("asked", ASKED_LATE)
def test_what_a_page_asks_for_after_another_was_opened_does_not_stop_that_one(visit, asked):
    """As the Overview does by itself after some seconds of rest; the other page knows nothing of who asks."""
    path, more, ask = ASKED_LATE[asked]
    page = visit(f"{START}{more}", path)
    page.evaluate(
        f"""() => {{
          [...document.querySelectorAll('a.backstop-page')].find(link => link.text === 'Deals').click();
          {ask};
        }}"""
    )
    expect(page).to_have_title("Deals · Backstop")
    settle(page)
    expect(page.get_by_role("heading", level=1)).to_contain_text("Deals")
    assert levers(page) == {"g": "18", "r": "4"}
    is_as_a_newcomer_sees_it(page)


def test_an_address_that_is_changed_by_hand_is_a_link(visit):
    page = visit(START)
    page.evaluate("location.hash = 'there'")  # no link, though the browser tells it in the same way
    key(page)
    assert levers(page) == {"g": "8", "r": "4"}
    page.goto(page.url.replace("g=8&", "g=-5&"))
    is_as_a_newcomer_sees_it(page)
    assert levers(page) == {"g": "-5", "r": "4"}


def test_a_reload_shows_what_was_on_the_screen(visit):
    page = visit(START)
    story(page, "Demand pauses")
    page.go_back()
    settle(page)
    key(page)
    before = entries(page)
    page.reload()
    settle(page)
    assert (levers(page), entries(page)) == ({"g": "8", "r": "4"}, before)
    is_as_a_newcomer_sees_it(page)
    page.go_forward()
    settle(page)
    assert levers(page) == {"g": "0"}


def test_two_tabs_keep_to_themselves(visit):
    one, other = visit(START), visit("g=5")
    key(one)
    follow(other, "Deals")
    key(other, "PageUp")
    settle(one)
    assert (path_of(one), levers(one)) == ("", {"g": "8", "r": "4"})
    assert (path_of(other), levers(other)) == ("deals", {"g": "15"})
    other.go_back()
    settle(other)
    assert (path_of(other), levers(other)) == ("", {"g": "5"})
    assert levers(one) == {"g": "8", "r": "4"}


@pytest.mark.parametrize("first", ["lever", "back", "page"])
def test_a_server_that_starts_anew_under_an_open_page_goes_on_where_it_was(chromium, first):
    """The browser comes back by itself, and sends the query of the last Back or page until it is told."""
    server = Server()
    context = watch(chromium.new_context(locale="en-GB"))
    page = context.new_page()
    try:
        page.goto(f"{server.start()}/?{START}")
        settle(page)
        if first == "back":
            story(page, "Rates at 9 %")
            page.go_back()
        elif first == "page":
            follow(page, "Neoclouds")
        settle(page)
        key(page)
        before, path = page.url, path_of(page)
        server.stop(kill=True)
        page.get_by_test_id("stConnectionStatus").or_(page.get_by_role("dialog")).first.wait_for()
        server.start()
        page.wait_for_function(
            "() => document.querySelector('[data-testid=stApp]').dataset.testConnectionState === 'CONNECTED'"
        )
        settle(page)
        key(page, "ArrowLeft")  # by this the new server learns where the visit was
        page.wait_for_url(lambda url: "g=8&" in url)
        settle(page)
        assert page.url.split("&k=")[0] == before.split("&k=")[0]
        is_as_a_newcomer_sees_it(page)
        key(page, "ArrowLeft")
        assert levers(page) == {"g": "7", "r": "4"}
        assert path_of(page) == path
        is_as_a_newcomer_sees_it(page)
    finally:
        context.close()
        server.stop()


@pytest.mark.parametrize("click", [{"modifiers": ["Control"]}, {"button": "middle"}], ids=["ctrl", "middle"])
def test_a_link_opens_the_same_scenario_in_a_new_tab(visit, click):
    page = visit("g=5&r=7&lang=nl&giver=oracle", path="guarantors", locale="en-GB")
    thumb(page, "AI-vraag groeit").focus()
    page.keyboard.press("ArrowRight")
    settle(page)
    before = page.url
    with page.context.expect_page() as opened:
        page.get_by_role("navigation").get_by_role("link", name="Neoclouds").click(**click)
    other = opened.value
    other.bring_to_front()  # a tab behind another one draws no frames
    settle(other)
    assert page.url == before
    assert (path_of(other), levers(other)) == ("neoclouds", {"g": "6", "r": "7"})
    expect(other.get_by_text("Kunnen ze betalen")).to_be_visible()
    expect(other.locator(".st-key-link_banner")).to_have_count(0)  # a choice of another page is not brought
    is_as_a_newcomer_sees_it(other)
    other.close()


def test_every_link_of_the_navigation_opens_by_its_address_and_by_the_keyboard(visit):
    page = visit("g=5&r=7", viewport={"width": 1920, "height": 900})  # on which all of them stand in the row
    links = page.get_by_role("navigation", name="Pages").get_by_role("link")
    expect(links).to_have_text([entry.title for entry in PAGES])
    for number, entry in enumerate(PAGES[1:], start=1):
        link = links.nth(number)
        assert link.evaluate("link => link.pathname") == f"/{entry.name}"
        assert "g=5&r=7" in link.get_attribute("href")
        link.focus()
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/{entry.name}?**")
        settle(page)
        expect(link).to_have_attribute("aria-current", "page")
        assert page.get_by_role("navigation").locator("[aria-current]").count() == 1
        assert levers(page) == {"g": "5", "r": "7"}


def test_a_page_is_called_by_its_name_in_the_readers_language(visit):
    page = visit("lang=nl")
    names = page.locator("a.backstop-page").all_inner_texts()
    assert len(names) == len(PAGES)
    for name in names[1:]:
        follow(page, name)
        assert page.title() == f"{name} · Backstop"
    for language, lang, name in (("EN", "en", "Data and method"), ("NL", "nl", names[-1])):
        page.get_by_role("radio", name=language, exact=True).click()
        settle(page)
        assert page.title() == f"{name} · Backstop"
        assert page.evaluate("[document.documentElement.lang, document.documentElement.translate]") == [
            lang,
            False,
        ]


def test_a_page_stays_wide_and_called_by_its_name_after_every_move(visit):
    """What a browser knows of a page is told it once a visit."""
    page = visit("g=5", viewport={"width": 1920, "height": 900})
    for move in (key, lambda page: follow(page, "Neoclouds"), key, lambda page: page.go_back()):
        move(page)
        settle(page)
        assert page.locator(".st-key-page").bounding_box()["width"] > 1200
        assert page.title().endswith(" · Backstop")
    page.get_by_test_id("stSidebar").hover()
    page.get_by_test_id("stSidebarCollapseButton").get_by_role("button").click()
    follow(page, "Deals")
    expect(page.get_by_role("slider", name=LEVERS["g"])).not_to_be_in_viewport()


@pytest.mark.parametrize("lang", ["en", "nl"])
def test_the_navigation_fits_at_every_width(visit, lang):
    page = None
    for width in (1920, 1280, 1024, 768, 390, 320):
        size = {"width": width, "height": 720}
        page = visit(f"g=5&lang={lang}", viewport=size) if page is None else page
        page.set_viewport_size(size)
        menu, pages = page.locator(".backstop-menu"), page.locator("a.backstop-page")
        expect(menu).to_be_visible(visible=width <= 390)
        settle(page)
        assert page.evaluate("document.querySelector('[data-testid=stMain]').scrollWidth") <= width
        assert menu.is_visible() != pages.first.is_visible()
        opener = menu if menu.is_visible() else page.locator(".backstop-more")
        if opener.is_visible():  # what does not fit in the row
            opener.click()
            expect(opener).to_have_attribute("aria-expanded", "true")
        else:
            assert width == 1920
        for number in range(len(PAGES)):
            box = pages.nth(number).bounding_box()
            assert 0 <= box["x"] < box["x"] + box["width"] <= width
            assert box["y"] + box["height"] <= 720
            middle = [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2]
            over = page.evaluate("([x, y]) => document.elementFromPoint(x, y).className", middle)
            assert over == "backstop-page"  # nothing lies over it
        if opener.is_visible():
            page.keyboard.press("Escape")
            expect(opener).to_have_attribute("aria-expanded", "false")


def test_the_menu_of_a_phone_closes_by_itself(visit):
    page = visit("g=5", viewport=PHONE)
    menu, deals = page.locator(".backstop-menu"), page.get_by_role("link", name="Deals")
    menu.click()
    page.keyboard.press("Escape")
    expect(deals).not_to_be_visible()
    expect(menu).to_be_focused()
    menu.press("Enter")
    page.mouse.click(PHONE["width"] - 10, PHONE["height"] - 10)
    expect(deals).not_to_be_visible()
    menu.click()
    deals.click()
    page.wait_for_url("**/deals?**")
    settle(page)
    expect(deals).not_to_be_visible()
    expect(menu).to_contain_text("Deals")
    menu.click()  # it is another one by now
    page.keyboard.press("Escape")
    expect(deals).not_to_be_visible()
    expect(menu).to_be_focused()
    expect(menu).to_have_attribute("aria-expanded", "false")


def test_a_link_with_more_parameters_than_are_taken_says_so(visit):
    page = visit("r=9&" + "&".join(f"x{number}=1" for number in range(1100)))
    expect(page.get_by_text(DROPPED)).to_contain_text("1,101")
    page.get_by_role("button", name="Undo").first.wait_for()
    page.get_by_role("slider", name="AI demand grows").first.focus()
    page.keyboard.press("ArrowRight")
    settle(page)
    expect(page.get_by_text(DROPPED)).to_have_count(0)


@pytest.mark.parametrize("query", ["", "r=9", "embed=true"])
def test_every_other_link_does_not(visit, query):
    page = visit(query)
    expect(page.locator(".st-key-plot")).to_have_count(1)
    expect(page.get_by_text(DROPPED)).to_have_count(0)
