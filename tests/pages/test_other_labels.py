"""A list whose browser sends a label that is none of its options, as after a quick switch of language."""

import pytest

from tests.apptest import told

LISTS = [
    ("overview", {}),
    ("neoclouds", {}),
    ("deals", {}),
    ("stress", {"tab": "plane"}),
    ("stress", {"tab": "tornado"}),
    ("compare", {}),
    ("data", {}),
]


@pytest.mark.parametrize(("page", "link"), LISTS)
def test_a_label_of_another_language_changes_nothing(visit, page, link):
    at = visit({"g": "10"} | link, page=f"pages/{page}.py")
    before, keys = told(at), [one.key for one in at.selectbox]
    assert "footer_snapshot" in keys
    for key in keys:
        box = at.get_by_key(key)
        box.options[0] = "30 février"  # AppTest sends the option that is chosen as it is written here
        box.select_index(0).run()
        assert not at.exception, key
        assert told(at) == before, key
