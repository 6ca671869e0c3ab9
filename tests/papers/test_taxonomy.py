"""Category codes against arXiv's own table."""

import json

import pytest

from papers.taxonomy import ALL_CATEGORIES, CATEGORY_ALIASES, categories_within, is_category, keep_categories, set_of
from tests.data import data_path, needs_data


@needs_data
def test_our_table_is_arxivs_table() -> None:
    spec = json.loads(data_path("arxiv/spec/taxonomy.json").read_text())
    real = {code for code in spec["categories"] if not code.startswith(("test", "bad-arch"))}
    assert real == ALL_CATEGORIES
    assert spec["category_aliases"] == CATEGORY_ALIASES


@pytest.mark.parametrize("code", ["I.2.7", "68T50", "68T45, 62H30", "I.2.10; I.4.8", "", "cs", "cs.", "CS.CL", "I.2"])
def test_other_classifications_are_no_categories(code: str) -> None:
    assert not is_category(code)


def test_new_class_of_a_known_archive_is_a_category() -> None:
    assert is_category("cs.QQ")


def test_order_is_kept_and_repeats_are_not() -> None:
    assert keep_categories(["cs.LG", "I.2.7", " cs.AI", "cs.LG", "hep-th"]) == ("cs.LG", "cs.AI", "hep-th")


@pytest.mark.parametrize(("alias", "name"), CATEGORY_ALIASES.items())
def test_a_category_of_two_names_is_kept_by_one(alias: str, name: str) -> None:
    assert keep_categories([alias]) == keep_categories([name]) == (name,)
    assert keep_categories(["cs.LG", alias, name]) == ("cs.LG", name)
    assert categories_within(alias) == categories_within(name)


def test_what_is_filed_elsewhere_is_within_its_archive_too() -> None:
    assert {"cs.CL", "eess.SY", "math.NA"} <= set(categories_within("cs"))
    assert {"cs.IT", "math-ph", "math.AG"} <= set(categories_within("math"))
    assert "cs.SY" not in categories_within("cs")
    assert categories_within("cs.CL") == ["cs.CL"]


@pytest.mark.parametrize(
    ("category", "found"),
    [
        ("cs.CL", "cs:cs:CL"),
        ("hep-th", "physics:hep-th"),
        ("astro-ph.CO", "physics:astro-ph:CO"),
        ("physics.optics", "physics:physics:optics"),
    ],
)
def test_a_set_is_named_by_group_archive_and_class(category: str, found: str) -> None:
    assert set_of(category) == found
