"""What the article says beside the record: on the page that is its home, and only when somebody asks."""

import pytest

from core.sources import facts
from pages.kit.frame.frame import PAGES

HOMES = [entry.name for entry in PAGES if facts.of_page(entry.name) and entry.name != "data"]


@pytest.mark.parametrize("lang", ["en", "nl"])
@pytest.mark.parametrize("name", HOMES)
def test_each_claim_and_its_record_can_be_read_on_its_page(visit, name, lang):
    page = f"pages/{name}.py"
    closed, opened = (
        "\n".join(element.value for element in visit({"lang": lang}, page=page, opened=keys).markdown)
        for keys in ((), ("claims",))
    )
    for claim in facts.of_page(name):
        assert claim.says[lang] in opened
        assert claim.record[lang] in opened
        assert claim.since[lang] in opened
        assert claim.says[lang] not in closed
