"""Atom answers of arXiv's query API, made to order."""

from collections.abc import Sequence
from xml.sax.saxutils import escape

HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:arxiv="http://arxiv.org/schemas/atom"'
    ' xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/">'
)


def make_entry(versioned_id: str, title: str = "A title", published: str = "2025-01-02T03:04:05Z") -> str:
    return (
        f"<entry><id>http://arxiv.org/abs/{escape(versioned_id)}</id><title>{escape(title)}</title>"
        f"<updated>2025-02-03T04:05:06Z</updated><published>{published}</published><summary>Words.</summary>"
        '<author><name>Reader 7</name></author><arxiv:primary_category term="cs.CL"/><category term="cs.CL"/></entry>'
    )


def make_feed(entries: Sequence[str] = (), total: int | None = None) -> bytes:
    count = len(entries) if total is None else total
    counts = (
        f"<opensearch:totalResults>{count}</opensearch:totalResults><opensearch:startIndex>0</opensearch:startIndex>"
        "<opensearch:itemsPerPage>100</opensearch:itemsPerPage>"
    )
    return f"{HEAD}<title>arXiv Query</title>{counts}{''.join(entries)}</feed>".encode()


def make_error(sentence: str) -> bytes:
    entry = (
        "<entry><id>https://arxiv.org/api/errors#made</id><title>Error</title><updated>2026-04-12T22:59:06Z</updated>"
        f"<summary>{escape(sentence)}</summary><author><name>arXiv api core</name></author></entry>"
    )
    return make_feed([entry])
