"""Whose word counts, field by field and in whatever order the sources come; and which road tells which date."""

from datetime import date
from itertools import permutations
from typing import Any

import pytest

from papers.arxiv.feed_parser import parse_announcements
from papers.arxiv.oai_parser import parse_page
from papers.arxiv.query_api_parser import parse_feed
from papers.arxiv.records import PaperRecord
from papers.ingest.bulk_formats import parse_line
from papers.models import Paper
from papers.records.merge import PaperState, merge_state, state_of
from papers.records.upsert import upsert_records
from tests.papers.arxiv.feeds import make_entry, make_feed
from tests.papers.arxiv.oai import make_arxiv, make_page, make_raw
from tests.papers.paper_records import FIRST, SECOND, make_record

OLD, NEW = date(2025, 9, 5), date(2025, 9, 6)
RSS = b"""<rss xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/" version="2.0">
<channel><title>cs.CL updates on arXiv.org</title><lastBuildDate>Thu, 04 Sep 2025 04:00:00 +0000</lastBuildDate><item>
<title>AgenTracer</title><link>https://arxiv.org/abs/2509.03312</link>
<guid isPermaLink="false">oai:arXiv.org:2509.03312v1</guid>
<description>arXiv:2509.03312v1 Announce Type: new \nAbstract: Our own words.</description><category>cs.CL</category>
<pubDate>Thu, 04 Sep 2025 00:00:00 -0400</pubDate><arxiv:announce_type>new</arxiv:announce_type>
<dc:creator>Guibin Zhang</dc:creator></item></channel></rss>"""


def said(source: str, version: int | None = 1, day: date | None = None, **fields: Any) -> PaperState:
    """What a source says; RSS, OAI-PMH and bulk files say no time here unless told to."""
    return state_of(make_record(version=version, source=source, datestamp=day, **fields))


def in_any_order(*states: PaperState) -> list[PaperState]:
    """The outcome of each order in which these may come."""
    outcomes = []
    for first, *others in permutations(states):
        merged = first
        for other in others:
            merged = merge_state(merged, other)
        outcomes.append(merged)
    return outcomes


def titled(source: str, version: int | None = 1, day: date | None = None, title: str = "T") -> PaperState:
    return said(source, version, day, title=title, abstract=f"{title}.", comment=f"{title}!")


CLAUSES: list[tuple[str, str, Any, tuple[PaperState, ...]]] = [
    ("the times of versions: the raw record, where a feed knows none", "submitted", FIRST,
     (said("raw", submitted=FIRST, updated=FIRST), said("rss"))),
    ("the time of the version: not that of an older one", "updated", SECOND,
     (said("raw", 2, submitted=FIRST, updated=SECOND), said("rss", 1), said("atom", 1))),
    ("the licence: the raw record over a feed", "licence", "https://a.org/raw",
     (said("raw", licence="https://a.org/raw", day=OLD), said("rss", licence="https://a.org/feed"), said("atom"))),
    ("the licence: that of the version, not of an older one", "licence", "https://a.org/2",
     (said("raw", 2, NEW, licence="https://a.org/2"), said("raw", 1, OLD, licence="https://a.org/1"))),
    ("authors: the query API over a feed over the raw record", "authors", ("Mária Ján",),
     (said("atom", authors=("Mária Ján",)), said("rss", authors=("Maria Jan",)), said("raw", authors=("M. Jan",)))),
    ("authors: OAI-PMH's format arXiv over a feed over the raw record", "authors", ("Mária Ján",),
     (said("oai", authors=("Mária Ján",), day=OLD), said("rss", authors=("Maria Jan",)),
      said("raw", authors=("M. Jan",), day=OLD))),
    ("title: the newest version, whatever the source", "title", "New",
     (titled("rss", 2, title="New"), titled("atom", 1, title="Old"), titled("raw", 1, NEW, title="Old"))),
    ("abstract: the newest version, whatever the source", "abstract", "New.",
     (titled("raw", 3, NEW, title="New"), titled("atom", 2, title="Old"))),
    ("title: of one version the query API over OAI-PMH over a feed", "title", "API",
     (titled("atom", title="API"), titled("raw", 1, NEW, title="OAI"), titled("rss", title="RSS"))),
    ("comment: of one version OAI-PMH over a feed", "comment", "OAI!",
     (titled("raw", 1, OLD, title="OAI"), titled("rss", title="RSS"))),
    ("DOIs: the newest datestamp", "dois", ("10.1/new",),
     (said("raw", 1, NEW, dois=("10.1/new",)), said("raw", 1, OLD, dois=("10.1/old",)))),
    ("DOIs: OAI-PMH over the query API, which has no datestamp", "dois", ("10.1/new",),
     (said("raw", 1, NEW, dois=("10.1/new",)), said("atom", dois=("10.1/old",)))),
    ("journal reference: the newest datestamp", "journal_ref", "Nature 2",
     (said("oai", None, NEW, journal_ref="Nature 2"), said("raw", 1, OLD, journal_ref="Nature 1"))),
    ("categories: the newest datestamp", "categories", ("cs.LG", "cs.CL"),
     (said("raw", 1, NEW, categories=("cs.LG", "cs.CL")), said("raw", 1, OLD, categories=("cs.CL",)),
      said("rss", categories=("cs.CL",)))),
    ("the day of the announcement: the feed's, and the first of several", "announced", date(2025, 9, 4),
     (said("rss", announced=date(2025, 9, 4)), said("rss", 2, announced=date(2025, 9, 9)), said("raw", 1, NEW))),
    ("an empty comment never overwrites a full one", "comment", "9 pages",
     (said("raw", 1, OLD, comment="9 pages"), said("atom", comment=""))),
    ("no DOI never overwrites one", "dois", ("10.1/a", "10.1/b"),
     (said("raw", 1, OLD, dois=("10.1/a", "10.1/b")), said("raw", 1, NEW), said("atom"))),
    ("no categories never overwrite any", "categories", ("cs.CL",),
     (said("raw", 1, OLD, categories=("cs.CL",)), said("raw", 1, NEW, categories=()))),
    ("an older version never overwrites a newer one, even with a newer datestamp", "title", "New",
     (titled("raw", 2, OLD, title="New"), titled("raw", 1, NEW, title="Old"))),
]  # fmt: skip


@pytest.mark.parametrize(("field", "value", "states"), [clause[1:] for clause in CLAUSES], ids=[c[0] for c in CLAUSES])
def test_whose_word_counts(field: str, value: Any, states: tuple[PaperState, ...]) -> None:
    assert [getattr(outcome, field) for outcome in in_any_order(*states)] == [value] * len(list(permutations(states)))


@pytest.mark.django_db
def test_a_doi_is_no_key() -> None:
    upsert_records([make_record("2509.00001", dois=("10.1/a",)), make_record("2509.00002", dois=("10.1/a", "10.1/b"))])
    assert list(Paper.objects.order_by("arxiv_id").values_list("dois", flat=True)) == [["10.1/a"], ["10.1/a", "10.1/b"]]


@pytest.mark.django_db
def test_a_paper_that_several_categories_announce_in_a_day_is_one_paper() -> None:
    record = make_record(source="rss", announced=date(2025, 9, 4))
    assert [upsert_records([record]).new for _ in range(3)] == [1, 0, 0]
    assert Paper.objects.count() == 1


ROADS: list[tuple[str, PaperRecord, set[str]]] = [
    ("query API", parse_feed(make_feed([make_entry("2509.03312v2")])).records[0], {"submitted", "updated"}),
    ("feed", parse_announcements(RSS).items[0].paper, {"announced"}),
    ("arXivRaw", parse_page(make_page([make_raw(versions=(1, 2))])).records[0].paper,
     {"submitted", "updated", "datestamp"}),
    ("format arXiv", parse_page(make_page([make_arxiv()])).records[0].paper, {"datestamp"}),
    ("corpus", parse_line('{"id": "2509.03312", "title": "T", "authors": ["A B"], "abstract": "W.", '
                          '"categories": ["cs.CL"], "listed_on": ["2025-09-04"]}'), {"announced"}),
    ("snapshot", parse_line('{"id": "2509.03312", "title": "T", "authors": "A B", "abstract": "W.", '
                            '"categories": "cs.CL", "update_date": "2026-01-01", "versions": '
                            '[{"version": "v1", "created": "Wed, 3 Sep 2025 17:00:00 GMT"}]}'),
     {"submitted", "updated"}),
]  # fmt: skip


@pytest.mark.parametrize(("record", "dates"), [road[1:] for road in ROADS], ids=[road[0] for road in ROADS])
def test_each_road_tells_its_own_dates_and_no_other(record: PaperRecord, dates: set[str]) -> None:
    told = {name for name in ("submitted", "updated", "announced", "datestamp") if getattr(record, name)}
    assert told == dates


@pytest.mark.django_db
def test_when_we_first_saw_a_paper_is_ours_and_stays() -> None:
    upsert_records([make_record(source="rss", announced=date(2025, 9, 4))])
    seen = Paper.objects.get().first_seen
    upsert_records([make_record(source="raw", submitted=FIRST, updated=FIRST, datestamp=NEW)])
    paper = Paper.objects.get()
    assert (paper.submitted, paper.announced, paper.datestamp) == (FIRST, date(2025, 9, 4), NEW)
    assert paper.first_seen == seen
