"""Two runs that come quickly: Streamlit ends the first call of a component after it has made the second."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.server import PHONE, settle, watch

# Each call of a component's code comes as on a busy machine: twice, and the first is ended at last.
OVERTAKEN = """(() => {
  const make = URL.createObjectURL.bind(URL);
  URL.createObjectURL = (blob) => {
    if (blob.type !== 'text/javascript') return make(blob);
    const twice = `import run from ${JSON.stringify(make(blob))};
      export default (asked) => {
        const first = run(asked), then = run(asked);
        Promise.resolve().then(() => first?.());
        return then;
      };`;
    window.overtaken = (window.overtaken ?? 0) + 1;
    return make(new Blob([twice], { type: blob.type }));
  };
})()"""
LEVERS = ("AI demand grows", "Interest rate", "Capacity in use")


@pytest.fixture
def tab(chromium, address):
    contexts = []

    def open_page(path, **more):
        context = watch(chromium.new_context(locale="en-GB", **more))
        contexts.append(context)
        context.add_init_script(OVERTAKEN)
        page = context.new_page()
        page.goto(f"{address}/{path}")
        settle(page)
        assert page.evaluate("window.overtaken") > 4
        return page

    yield open_page
    for context in contexts:
        context.close()


def test_there_is_one_of_each_lever_and_step_and_it_moves(tab):
    page = tab("?g=0&lang=en")
    for name in LEVERS:
        expect(page.get_by_role("slider", name=name)).to_have_count(1)
    slider = page.get_by_role("slider", name=LEVERS[0])
    slider.focus()
    page.keyboard.press("PageUp")
    page.wait_for_url(re.compile("[?&]g=10(&|$)"))
    settle(page)
    expect(slider).to_have_attribute("aria-valuenow", "10")
    expect(page.get_by_role("button", name="Undo", exact=True)).to_have_count(1)
    page.get_by_role("button", name="Undo", exact=True).click()
    page.wait_for_url(re.compile("[?&]g=0(&|$)"))
    settle(page)
    expect(page.get_by_role("heading", name="Who fails, and when")).to_have_count(1)


def test_a_menu_opens_by_one_tap_and_closes_by_the_next(tab):
    page = tab("?lang=en", viewport=PHONE)
    menu, pages = page.get_by_role("button", name=re.compile("Menu")), page.locator("#backstop-pages")
    menu.click()
    expect(pages).to_be_visible()
    menu.click()
    expect(pages).not_to_be_visible()


@pytest.mark.parametrize("path", ["neoclouds?lang=en", "stress?tab=plane&lang=en"])
def test_every_chart_is_drawn_once(tab, path):
    page = tab(path)  # `settle` waits until each has been drawn
    page.evaluate("dispatchEvent(new Event('resize'))")
    drawn = page.eval_on_selector_all(
        "[class*='st-key-chart_']", "all => all.map(one => one.querySelectorAll('.backstop-chart').length)"
    )
    assert drawn
    assert set(drawn) == {1}


def test_a_file_is_chosen_in_one_place_and_a_pair_is_told_once(tab):
    page = tab("holdings?lang=en")
    expect(page.locator("input[type=file]")).to_have_count(1)
    page = tab("history?lang=en")
    names = page.locator(".pair h3").all_inner_texts()
    assert names
    assert len(set(names)) == len(names)
