"""The README says where every fact of the article is at home."""

from tests.readme_facts import table, written


def test_the_table_of_facts_is_the_one_the_data_gives():
    assert written() == table()
