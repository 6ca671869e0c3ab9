"""The search box and watches find the same papers by the same words."""

import json
import random
from datetime import UTC, datetime

import pytest

from papers.models import Paper
from papers.search.conditions import as_condition
from papers.search.grammar import parse_expression
from papers.search.query import parse_query
from papers.search.search import filter_papers
from tests.builders import make_paper
from tests.data import data_path, needs_data

FORMS = (
    "{0} {1}",
    "{0} OR {1}",
    "{0} AND NOT {1}",
    "({0} OR {1}) -{2}",
    "title:{0} OR abstract:({1} {2})",
    '"{0} {1}" OR {2}*',
    "{0} -({1} OR {2})",
    "{0} OR (cat:cs.LG {1})",
    "({0} OR year:2024-) -cat:cs.CV",
    "{0} OR id:2509.00007",
)


@needs_data
@pytest.mark.django_db
def test_two_hundred_expressions_find_the_same_in_both_boxes() -> None:
    lines = data_path("arxiv/corpus/sample_2000.jsonl").read_text().splitlines()[:200]
    papers = [json.loads(line) for line in lines]
    for number, paper in enumerate(papers):
        categories = paper["categories"]
        day = datetime(2023 + number % 3, 5, 1, tzinfo=UTC)
        make_paper(
            arxiv_id=f"2509.{number:05}",
            title=paper["title"],
            abstract=paper["abstract"],
            categories=categories,
            primary_category=categories[0],
            submitted=day,
        )
    words = sorted({word for paper in papers for word in paper["title"].split() if word.isalpha() and len(word) > 3})
    chosen, found = random.Random(1), 0
    for number in range(210):
        text = FORMS[number % len(FORMS)].format(*chosen.sample(words, 3))
        asked = as_condition(parse_expression(text) or pytest.fail(text))
        matched = set(Paper.objects.filter(asked).values_list("pk", flat=True))
        assert set(filter_papers(parse_query(text), Paper.objects.all()).values_list("pk", flat=True)) == matched, text
        found += len(matched)
    assert found > 0


@pytest.mark.django_db
def test_a_filter_inside_an_expression_asks_of_its_own_column_alone() -> None:
    for name, category, year in (("old", "cs.CL", 2020), ("new", "cs.LG", 2025), ("other", "cs.CV", 2025)):
        moment = datetime(year, 6, 1, tzinfo=UTC)
        make_paper(title=f"Agents {name}", categories=[category], primary_category=category, submitted=moment)

    def titles(text: str) -> list[str]:
        return sorted(filter_papers(parse_query(text), Paper.objects.all()).values_list("title", flat=True))

    assert titles("title:old OR cat:cs.LG") == ["Agents new", "Agents old"]
    assert titles("agents (year:2020 OR cat:cs.CV)") == ["Agents old", "Agents other"]
    assert titles("agents NOT (cat:cs.CL OR cat:cs.CV)") == ["Agents new"]
