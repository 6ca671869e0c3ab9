"""The three JSON-lines shapes that bulk files come in."""

import gzip
import json
import lzma
from collections.abc import Iterator
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from typing import BinaryIO, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papers.arxiv.records import PaperRecord, VersionRecord
from papers.enrichment.extract_links import FoundLink
from papers.ingest.bulk_formats import BadLine, parse_line
from tests.data import data_path, needs_data

CORPUS: dict[str, object] = {
    "id": "2509.03312",
    "title": "AgenTracer: Who Is Inducing Failure in the LLM Agentic Systems?",
    "authors": ["Guibin Zhang", "Junhao Wang"],
    "abstract": "Our own\nwords.",
    "categories": ["cs.CL", "cs.MA", "I.2.7"],
    "comment": None,
    "listed_on": ["2025-09-05", "2025-09-04"],
    "links": [{"kind": "code", "url": "https://github.com/bingreeky/AgenTracer/"}],
}
ARCHIVE: dict[str, object] = {
    "arxiv_id": "cs/9905004",
    "title": "Using Collective Intelligence to Route Internet Traffic",
    "author_text": "David H. Wolpert, Kagan Tumer, Jeremy Frank",
    "abstract": "Our own words. ",
    "categories": "adap-org,cs.LG,cs.DC",
    "primary_cat": "cs.LG",
    "created": "1999-05-10",
    "updated": "1999-06-01",
    "comments": "7 pages",
    "doi": "10.1000/a 10.1000/b 10.1000/a",
    "acm_class": "I.2.6; I.2.11",
}
SNAPSHOT: dict[str, object] = {
    "id": "0704.0001",
    "submitter": "Pavel Nadolsky",
    "authors": "C. Bal\\'azs, E. L. Berger, P. M. Nadolsky, C.-P. Yuan",
    "title": "Calculation of prompt diphoton production cross sections at Tevatron and\n  LHC energies",
    "comments": "37 pages, 15 figures; published version",
    "journal-ref": "Phys.Rev.D76:013009,2007",
    "doi": "10.1103/PhysRevD.76.013009",
    "report-no": "ANL-HEP-PR-07-12",
    "categories": "hep-ph",
    "license": None,
    "abstract": "  Our own words,\nwrapped.\n",
    "versions": [
        {"version": "v10", "created": "Tue, 24 Jul 2007 20:10:27 GMT"},
        {"version": "v1", "created": "Mon, 2 Apr 2007 19:18:42 GMT"},
        {"version": "v2", "created": "Sat, 21 Jul 2007 10:10:27 +0200"},
    ],
    "update_date": "2008-11-26",
    "authors_parsed": [
        ["Balázs", "C.", ""],
        ["Berger", "E. L.", "Jr."],
        ["Nadolsky", "P. M.", "", "ANL"],
        ["CMS Team", "", ""],
    ],
}


def read(row: dict[str, object], **changes: object) -> PaperRecord:
    return parse_line(json.dumps({**row, **changes}))


def test_corpus_line() -> None:
    record = read(CORPUS)
    assert (record.arxiv_id, record.version, record.source) == ("2509.03312", None, "corpus")
    assert (record.abstract, record.comment) == ("Our own words.", "")
    assert record.categories == ("cs.CL", "cs.MA")
    assert record.announced == date(2025, 9, 4)
    assert record.links == (FoundLink("code", "https://github.com/bingreeky/AgenTracer", "given"),)


def test_links_given_and_found_are_joined() -> None:
    record = read(CORPUS, comment="https://github.com/bingreeky/agentracer and https://a.github.io/")
    assert [(link.url, link.where) for link in record.links] == [
        ("https://github.com/bingreeky/AgenTracer", "given"),
        ("https://a.github.io", "comment"),
    ]


def test_archive_line() -> None:
    record = read(ARCHIVE)
    assert (record.arxiv_id, record.source, record.comment) == ("cs/9905004", "archive", "7 pages")
    assert record.authors == ("David H. Wolpert", "Kagan Tumer", "Jeremy Frank")
    assert record.categories == ("cs.LG", "adap-org", "cs.DC")
    assert (record.submitted, record.updated) == (datetime(1999, 5, 10, tzinfo=UTC), datetime(1999, 6, 1, tzinfo=UTC))
    assert record.dois == ("10.1000/a", "10.1000/b")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("704.0773", "0704.0773"),
        ("1307.636", "1307.6360"),
        ("1004.2", "1004.2000"),
        ("1702.0002", "1702.00020"),
        ("1502.0207699999999", "1502.02077"),
        ("1611.0744300000001", "1611.07443"),
        (1501.0554300000001, "1501.05543"),
        (704.0773, "0704.0773"),
        ("0704.0773", "0704.0773"),
        ("1412.1234", "1412.1234"),
        ("1501.00001", "1501.00001"),
        ("hep-th/9901001", "hep-th/9901001"),
        ("1706.03762v2", "1706.03762"),
    ],
)
def test_archive_identifier_that_was_once_a_float_is_mended(written: str | float, expected: str) -> None:
    assert read(ARCHIVE, arxiv_id=written).arxiv_id == expected


@pytest.mark.parametrize(
    "written", ["1502.020771", "704", "13.5", "1313.1234", 1e300, 2501, None, "9" * 400, "704.", ""]
)
def test_archive_identifier_beyond_mending_is_refused(written: object) -> None:
    with pytest.raises(BadLine):
        read(ARCHIVE, arxiv_id=written)


def test_corpus_identifier_is_never_guessed() -> None:
    with pytest.raises(BadLine, match="papers of 1702 have 5 digits after the dot"):
        read(CORPUS, id="1702.0002")


def test_snapshot_line() -> None:
    record = read(SNAPSHOT)
    assert (record.arxiv_id, record.version, record.source) == ("0704.0001", 10, "snapshot")
    assert record.title == "Calculation of prompt diphoton production cross sections at Tevatron and LHC energies"
    assert record.authors == ("C. Balázs", "E. L. Berger Jr.", "P. M. Nadolsky", "CMS Team")
    assert (record.journal_ref, record.licence) == ("Phys.Rev.D76:013009,2007", "")
    assert record.submitted == datetime(2007, 4, 2, 19, 18, 42, tzinfo=UTC)
    assert record.updated == datetime(2007, 7, 24, 20, 10, 27, tzinfo=UTC)


def test_versions_of_the_snapshot_are_sorted_as_numbers() -> None:
    versions = read(SNAPSHOT).versions
    assert [version.version for version in versions] == [1, 2, 10]
    assert versions[1] == VersionRecord(2, datetime(2007, 7, 21, 8, 10, 27, tzinfo=UTC))


def test_snapshot_without_parsed_authors_splits_the_line() -> None:
    record = read(SNAPSHOT, authors_parsed=None)
    assert record.authors == ("C. Balázs", "E. L. Berger", "P. M. Nadolsky", "C.-P. Yuan")


def test_the_title_0_is_loaded() -> None:
    assert read(CORPUS, title="0").title == "0"


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (b"", "the line is not valid JSON"),
        (b"\xff{}", "the line is not UTF-8"),
        (b'{"id": 1', "the line is not valid JSON"),
        (b"[1]", "the line is not a JSON object"),
        (b"null", "the line is not a JSON object"),
        (b"{}", "the line has none of the three shapes"),
        (b'{"id": "2501.00001", "a": "x"}', "the line has none of the three shapes"),
        (b"[" * 100_000, "the line is not valid JSON"),
        (b'{"id": ' + b"9" * 5000 + b"}", "the line is not valid JSON"),
        (b" " * 3_000_000, "the line is longer than 2,000,000 characters"),
    ],
)
def test_line_of_no_known_shape_is_refused(line: bytes, sentence: str) -> None:
    with pytest.raises(BadLine, match=sentence):
        parse_line(line)


@pytest.mark.parametrize(
    ("row", "field", "value", "sentence"),
    [
        (CORPUS, "id", "abc", "“abc” is not an arXiv identifier"),
        (CORPUS, "id", 2501.00001, "id is not text"),
        (CORPUS, "title", None, "title is missing"),
        (CORPUS, "title", " \n", "2509.03312 has an empty title"),
        (CORPUS, "title", "x" * 4000, "its title has 4,000 characters, more than 3,000"),
        (CORPUS, "abstract", 7, "abstract is not text"),
        (CORPUS, "abstract", "x" * 100_001, "its abstract has 100,001 characters"),
        (CORPUS, "abstract", "x" * 400_001, "abstract has 400,001 characters, more than 400,000"),
        (CORPUS, "authors", ["x" * 400_001], "authors has 400,001 characters"),
        (CORPUS, "authors", "Wei Wang", "authors is not a list of texts"),
        (CORPUS, "authors", [None], "authors is not a list of texts"),
        (CORPUS, "authors", ["Wei Wang"] * 20_001, "more than 20,000 authors"),
        (CORPUS, "categories", "cs.CL", "categories is not a list of texts"),
        (CORPUS, "listed_on", ["04.09.2025"], "listed_on is not a date like 2025-09-04: “04.09.2025”"),
        (CORPUS, "listed_on", ["2025-02-30"], "listed_on is not a date"),
        (CORPUS, "links", {"kind": "code"}, "links is not a list"),
        (CORPUS, "links", ["https://github.com/a/b"], "links holds something that is not {kind, url}"),
        (CORPUS, "links", [{"kind": "malware", "url": "https://a.org"}], "a link's kind is none of code, data"),
        (CORPUS, "links", [{"kind": "code", "url": "javascript:alert(1)"}], "a link's url is not a web address"),
        (ARCHIVE, "created", "yesterday", "created is not a date"),
        (ARCHIVE, "updated", 1999, "updated is not text"),
        (SNAPSHOT, "versions", [], "versions is not a list of versions"),
        (SNAPSHOT, "versions", ["v1"], "versions holds something that is not a version"),
        (SNAPSHOT, "versions", [{"version": "v0", "created": ""}], "a version is not numbered"),
        (SNAPSHOT, "versions", [{"version": "v1", "created": "once"}], "created of a version is not a date: “once”"),
        (SNAPSHOT, "authors_parsed", ["x"], "authors_parsed is not a list of lists"),
    ],
)
def test_refusal_names_the_field(row: dict[str, object], field: str, value: object, sentence: str) -> None:
    with pytest.raises(BadLine) as refusal:
        read(row, **{field: value})
    assert sentence in str(refusal.value)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(st.sampled_from([CORPUS, ARCHIVE, SNAPSHOT]), st.data())
def test_a_line_with_any_field_changed_is_read_or_refused(row: dict[str, object], data: st.DataObject) -> None:
    field = data.draw(st.sampled_from(sorted(row)))
    try:
        record = read(row, **{field: data.draw(anything)})
    except BadLine:
        return
    assert record.title


@given(st.sampled_from([CORPUS, ARCHIVE, SNAPSHOT]), st.integers(0, 900), st.binary(max_size=6))
def test_a_damaged_line_is_read_or_refused(row: dict[str, object], place: int, noise: bytes) -> None:
    line = json.dumps(row).encode()
    try:
        record = parse_line(line[:place] + noise + line[place + len(noise) :])
    except BadLine:
        return
    assert record.title


def opened(path: Path) -> BinaryIO:
    if path.suffix == ".gz":
        return cast("BinaryIO", gzip.open(path))
    return cast("BinaryIO", lzma.open(path)) if path.suffix == ".xz" else path.open("rb")


def lines(name: str, most: int) -> Iterator[bytes]:
    with opened(data_path(name)) as file:
        yield from islice(file, most)


@needs_data
@pytest.mark.parametrize(
    ("name", "sources", "count"),
    [
        ("seed/papers.jsonl", {"corpus"}, 9),
        ("arxiv/corpus/sample_2000.jsonl", {"corpus", "archive"}, 2000),
        ("arxiv/corpus/recent_ai_2025-03_2026-02.jsonl.gz", {"corpus"}, 3000),
        ("arxiv/corpus/archive_cs_stat_to_2019.jsonl.xz", {"archive"}, 3000),
    ],
)
def test_no_real_line_is_lost(name: str, sources: set[str], count: int) -> None:
    records = [parse_line(line) for line in lines(name, count)]
    assert len({record.arxiv_id for record in records}) == count
    assert {record.source for record in records} == sources
    assert all(record.title and record.authors and record.categories for record in records)


@needs_data
def test_archive_identifiers_agree_with_the_month_of_submission() -> None:
    records = [parse_line(line) for line in lines("arxiv/corpus/archive_cs_stat_to_2019.jsonl.xz", 3000)]
    new = [record for record in records if "/" not in record.arxiv_id]
    years = {int(record.arxiv_id[:2]) + 2000 - record.submitted.year for record in new if record.submitted}
    assert years <= {0, 1}
