"""The search box and watches find the same papers by the same words."""

import json
import random

import pytest
from django.contrib.postgres.search import SearchQueryField
from django.db.models import F
from django.db.models.expressions import RawSQL

from papers.models import Paper
from papers.search.grammar import parse_expression
from papers.search.query import parse_query
from papers.search.search import MatchFilter, filter_papers
from papers.search.tsquery import as_tsquery
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
)


@needs_data
@pytest.mark.django_db
def test_two_hundred_expressions_find_the_same_in_both_boxes() -> None:
    lines = data_path("arxiv/corpus/sample_2000.jsonl").read_text().splitlines()[:200]
    papers = [json.loads(line) for line in lines]
    for paper in papers:
        make_paper(title=paper["title"], abstract=paper["abstract"])
    words = sorted({word for paper in papers for word in paper["title"].split() if word.isalpha() and len(word) > 3})
    chosen, found = random.Random(1), 0
    for number in range(210):
        text = FORMS[number % len(FORMS)].format(*chosen.sample(words, 3))
        sql, params = as_tsquery(parse_expression(text) or pytest.fail(text))
        asked = RawSQL(sql, params, SearchQueryField())
        matched = set(Paper.objects.filter(MatchFilter(F("search"), asked)).values_list("pk", flat=True))
        assert set(filter_papers(parse_query(text), Paper.objects.all()).values_list("pk", flat=True)) == matched, text
        found += len(matched)
    assert found > 0
