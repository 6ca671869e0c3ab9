"""Published issues for the tests of pages."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from issues.document.values import BlockKind
from issues.editorial import publish
from issues.models import Highlight, Issue, Text
from issues.rendering.page.render import document_html
from papers.models import Paper
from tests.builders import NOON, make_issue
from tests.documents import make_document


def make_published(text: str = "Hello.", *, at: datetime = NOON, **fields: Any) -> Issue:
    """An issue of one text, published at this time without mail."""
    issue = make_issue(**fields)
    Text.objects.create(parent=issue, text=text)
    publish.publish(issue, now=at, mail=False)
    return issue


def make_covered(*papers: Paper, **fields: Any) -> Issue:
    """A published issue with a highlight of each of these papers."""
    issue = make_issue(**fields)
    for paper in papers:
        Highlight.objects.create(parent=issue, text="Good.", ordering=1).papers.add(paper)
    publish.publish(issue, now=NOON, mail=False)
    return issue


def make_shown(blocks: Iterable[BlockKind], **fields: Any) -> str:
    """The page of a document that no database holds."""
    document = make_document(*blocks, **fields)
    return document_html(document, url=f"/p/{document.slug}/", published_at=NOON, updated_at=NOON)


def queries_of(client: Client, address: str) -> int:
    """How often the database is asked for the answer; more than never, or nothing was counted."""
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
        count = len(queries)
    assert count
    return count
