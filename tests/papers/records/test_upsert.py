"""Records become rows: what is new is written once, set by set, and nothing else is touched."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from papers.arxiv.records import PaperRecord, VersionRecord
from papers.enrichment.extract_links import FoundLink
from papers.models import Paper, PaperEvent, PaperLink, PaperVersion
from papers.records.upsert import UpsertCounts, upsert_records
from tests.builders import make_paper
from tests.papers.paper_records import CODE, FIRST, SECOND, make_record

pytestmark = pytest.mark.django_db


def paper(arxiv_id: str = "2509.03312") -> Paper:
    return Paper.objects.get(arxiv_id=arxiv_id)


def writes(records: Sequence[PaperRecord]) -> list[str]:
    with CaptureQueriesContext(connection) as queries:
        upsert_records(records)
    return [query["sql"] for query in queries if query["sql"].startswith(("INSERT", "UPDATE", "DELETE", "COPY"))]


def test_a_new_paper_is_written_whole() -> None:
    assert upsert_records(
        [make_record(comment="9 pages", announced=date(2025, 9, 4), dois=("10.1000/a",))]
    ) == UpsertCounts(new=1)
    row = paper()
    assert (row.title, row.authors, row.authors_text) == (
        "AgenTracer",
        ["Guibin Zhang", "Junhao Wang"],
        "Guibin Zhang, Junhao Wang",
    )
    assert row.author_keys == ["guibin-zhang", "junhao-wang"]
    assert (row.primary_category, row.categories, row.dois) == ("cs.CL", ["cs.CL", "cs.MA"], ["10.1000/a"])
    assert (row.submitted, row.updated, row.announced) == (FIRST, FIRST, date(2025, 9, 4))
    assert row.first_seen > FIRST
    assert (row.version, row.source, row.stub, len(row.content_hash)) == (1, "atom", False, 64)


def test_the_same_again_writes_nothing() -> None:
    records = [make_record(links=(CODE,)), make_record("2509.02479", version=3)]
    upsert_records(records)
    assert writes(records) == []
    assert upsert_records(records) == UpsertCounts(unchanged=2)


def test_whoever_asks_is_told_which_papers_were_written() -> None:
    upsert_records([make_record("2509.00001"), make_record("2509.00002")])
    synced = upsert_records(
        [make_record("2509.00001"), make_record("2509.00002", version=2), make_record("2509.00003")]
    )
    assert synced.papers == {paper("2509.00002").pk, paper("2509.00003").pk}
    assert (synced + UpsertCounts(papers=frozenset({-1}))).papers == {*synced.papers, -1}


def test_paragraphs_that_one_source_keeps_and_another_joins_are_no_change() -> None:
    upsert_records([make_record(abstract="Our own words.")])
    assert upsert_records([make_record(abstract="Our own\n\nwords.")]) == UpsertCounts(unchanged=1)
    assert paper().abstract == "Our own words."


def test_a_newer_version_updates_and_an_older_one_does_not() -> None:
    upsert_records([make_record()])
    assert upsert_records([make_record(version=2, title="AgenTracer, revised")]) == UpsertCounts(updated=1)
    assert upsert_records([make_record()]) == UpsertCounts(unchanged=1)
    assert (paper().version, paper().title) == (2, "AgenTracer, revised")


def test_a_newer_version_with_other_authors_is_found_by_those() -> None:
    upsert_records([make_record()])
    upsert_records([make_record(version=2, authors=("Ada Lovelace",))])
    assert paper().author_keys == ["ada-lovelace"]


def test_one_paper_said_twice_in_one_batch_is_one_row_of_the_newest() -> None:
    assert upsert_records([make_record(version=2, title="Second"), make_record(title="First")]) == UpsertCounts(
        new=1, unchanged=1
    )
    assert paper().title == "Second"
    assert set(PaperVersion.objects.values_list("version", "submitted")) == {(1, FIRST), (2, SECOND)}


def test_a_stub_of_that_identifier_is_filled_and_one_of_that_title_left_alone() -> None:
    make_paper("2509.03312", title="agentracer", stub=True)
    other = make_paper(slug="agentracer", title="AgenTracer", stub=True)
    assert upsert_records([make_record()]) == UpsertCounts(updated=1)
    assert (paper().title, paper().stub) == ("AgenTracer", False)
    other.refresh_from_db()
    assert (other.stub, other.arxiv_id) == (True, None)
    assert not PaperEvent.objects.exists()


def test_every_version_that_is_known_has_a_row() -> None:
    versions = (VersionRecord(1, FIRST), VersionRecord(2, None), VersionRecord(3, SECOND))
    upsert_records(
        [make_record(version=3, source="snapshot", updated=SECOND, versions=versions, licence="https://a.org/l")]
    )
    rows = PaperVersion.objects.order_by("version").values_list("version", "submitted", "licence")
    assert list(rows) == [(1, FIRST, ""), (2, None, ""), (3, SECOND, "https://a.org/l")]
    assert [bool(row.content_hash) for row in PaperVersion.objects.order_by("version")] == [False, False, True]


def test_an_older_version_fills_its_own_row() -> None:
    upsert_records([make_record(version=2)])
    assert upsert_records([make_record(title="First words")]) == UpsertCounts(updated=1)
    assert all(PaperVersion.objects.values_list("content_hash", flat=True))
    assert paper().title == "AgenTracer"


def test_a_bulk_file_that_tells_no_version_makes_no_version_row() -> None:
    upsert_records([make_record(version=None, source="archive", submitted=FIRST)])
    assert not PaperVersion.objects.exists()


def test_links_are_added_and_an_editors_kept() -> None:
    row = make_paper("2509.03312")
    PaperLink.objects.create(paper=row, kind="project", url="https://github.com/BingReeky/agentracer")
    PaperLink.objects.create(paper=row, kind="video", url="https://youtu.be/abc")
    page = FoundLink("project", "https://agentracer.github.io", "comment")
    upsert_records([make_record(links=(CODE, page))])
    assert list(row.links.values_list("kind", "where")) == [
        ("project", "editor"),
        ("video", "editor"),
        ("project", "comment"),
    ]


def test_a_link_that_an_editor_took_away_does_not_come_back_with_the_same_text() -> None:
    upsert_records([make_record(links=(CODE,))])
    PaperLink.objects.all().delete()
    upsert_records([make_record(links=(CODE,))])
    assert not PaperLink.objects.exists()
    upsert_records([make_record(version=2, abstract="New words.", links=(CODE,))])
    assert PaperLink.objects.get().where == "abstract"


def test_a_link_that_a_file_gives_is_added_though_the_text_is_the_same() -> None:
    upsert_records([make_record()])
    given = FoundLink("code", "https://github.com/bingreeky/AgenTracer", "given")
    assert upsert_records([make_record(version=None, source="corpus", links=(given,))]) == UpsertCounts(updated=1)
    assert PaperLink.objects.get().url == given.url


def test_news_of_a_known_paper_are_told_once() -> None:
    upsert_records([make_record()])
    revised = make_record(version=2, abstract="New words.", journal_ref="Nature 1", links=(CODE,))
    for _ in range(2):
        upsert_records([revised])
    told = PaperEvent.objects.order_by("kind").values_list("kind", "detail")
    assert list(told) == [("code", CODE.url), ("publication", "Nature 1"), ("version", "v2")]
    assert PaperEvent.objects.get(kind="version").happened == SECOND


def test_a_withdrawal_is_written_with_its_version_and_told() -> None:
    upsert_records([make_record()])
    upsert_records([make_record(version=2, comment="This paper has been withdrawn by the author")])
    assert (paper().withdrawn, paper().withdrawal) == (True, "This paper has been withdrawn by the author")
    assert list(PaperVersion.objects.order_by("version").values_list("withdrawn", flat=True)) == [False, True]
    assert PaperEvent.objects.filter(kind="withdrawal").count() == 1


def test_text_that_only_the_longest_columns_hold_is_written() -> None:
    record = make_record(title="x" * 3_000, journal_ref="y" * 50_000, authors=("Wei Wang",) * 5_000)
    upsert_records([make_record(), record])
    assert (len(paper().title), len(paper().journal_ref)) == (3_000, 50_000)


def test_a_batch_takes_as_many_queries_as_a_paper() -> None:
    def queries(numbers: range) -> int:
        records = [make_record(f"2509.{number:05d}", version=2, links=(CODE,)) for number in numbers]
        with CaptureQueriesContext(connection) as found:
            upsert_records(records)
        return len(found)

    assert queries(range(1, 3)) == queries(range(10, 200))


@pytest.mark.django_db(transaction=True)
def test_two_that_write_the_same_papers_at_once_end_with_the_newest_version() -> None:
    old = [make_record(f"2509.{number:05d}", title="Old") for number in range(1, 200)]
    new = [make_record(f"2509.{number:05d}", version=2, title="New") for number in range(199, 0, -1)]

    def write(records: Sequence[PaperRecord]) -> UpsertCounts:
        try:
            return upsert_records(records)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(write, [old, new, old, new]))
    assert sum(synced.new for synced in done) == 199
    assert set(Paper.objects.values_list("title", "version")) == {("New", 2)}


def test_times_are_kept_to_the_second_and_in_utc() -> None:
    upsert_records([make_record(submitted=datetime(2025, 9, 3, 17, 59, 59, tzinfo=UTC))])
    assert paper().submitted == datetime(2025, 9, 3, 17, 59, 59, tzinfo=UTC)
