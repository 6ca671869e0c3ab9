"""The query API's answers, recorded and made, from before and since November 2025."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papers.arxiv.query_api_parser import ArxivError, EntryProblem, parse_feed
from papers.arxiv.strict_xml import NotArxivFeed
from papers.enrichment.extract_links import FoundLink
from tests.data import data_path, needs_data
from tests.papers.arxiv.feeds import HEAD, make_entry, make_error, make_feed

RECORDED = "arxiv/atom/recorded_2026"
OLD_SHAPE = Path(__file__).parent / "fixtures" / "atom_before_november_2025.xml"


def recorded(name: str) -> bytes:
    return data_path(f"{RECORDED}/{name}").read_bytes()


@needs_data
def test_every_recorded_page_gives_all_its_entries() -> None:
    index = json.loads(recorded("index.json"))
    good = [page for page in index if page["status"] == 200]
    assert len(good) == 13
    for page in good:
        feed = parse_feed(recorded(page["file"]))
        assert (len(feed.records), feed.problems) == (page["entries"], ())


@needs_data
def test_recorded_error_feed_is_an_error_in_arxivs_words() -> None:
    with pytest.raises(ArxivError, match=r"^incorrect id format for abc$"):
        parse_feed(recorded("id_abc_s0_m100_b79c8dcf6bc3_HTTP400.xml"))


@needs_data
def test_recorded_paper_with_the_title_0() -> None:
    (record,) = parse_feed(recorded("id_2104.12255v1_s0_m100_6ae69987ffe1.xml")).records
    assert (record.arxiv_id, record.version, record.title) == ("2104.12255", 1, "0")


@needs_data
def test_recorded_paper_has_all_its_fields() -> None:
    feed = parse_feed(recorded("q_testing_s0_m100_cfe7536492ca.xml"))
    record = next(record for record in feed.records if record.arxiv_id == "2204.08348")
    assert (record.version, record.primary_category, record.source) == (3, "cs.SE", "atom")
    assert record.authors == ("Myeongsoo Kim", "Qi Xin", "Saurabh Sinha", "Alessandro Orso")
    assert record.submitted == datetime(2022, 4, 18, 14, 46, 24, tzinfo=UTC)
    assert record.updated == datetime(2022, 7, 6, 5, 12, 56, tzinfo=UTC)
    assert record.dois == ("10.1145/3533767.3534401",)
    assert feed.total_results == 214881


@needs_data
def test_missing_paper_is_silently_absent_from_the_recorded_answer() -> None:
    feed = parse_feed(recorded("id_0808.05394_1707.08567_s0_m100_42e5aa0ec3af.xml"))
    assert [record.arxiv_id for record in feed.records] == ["1707.08567"]


def test_envelope_from_before_november_2025() -> None:
    attention, maldacena = parse_feed(OLD_SHAPE.read_bytes()).records
    assert attention.title == "Attention Is All You Need"
    assert attention.abstract.count("\n\n") == 1
    assert attention.authors == ("Ashish Vaswani", "Noam Shazeer")
    assert attention.categories == ("cs.CL", "cs.LG")
    assert attention.comment == "15 pages, 5 figures"
    assert attention.links == (FoundLink("code", "https://github.com/tensorflow/tensor2tensor", "abstract"),)
    assert (maldacena.arxiv_id, maldacena.version) == ("hep-th/9711200", 3)
    assert maldacena.dois == ("10.1023/A:1026654312961", "10.1063/1.59653")


def test_error_feed_is_known_by_its_title_too() -> None:
    body = make_error("max_results too large").replace(b"https://arxiv.org/api/errors#made", b"urn:x")
    with pytest.raises(ArxivError, match="max_results too large"):
        parse_feed(body)


def test_paper_called_error_is_a_paper() -> None:
    (record,) = parse_feed(make_feed([make_entry("2501.00001v1", title="Error")])).records
    assert record.title == "Error"


@pytest.mark.parametrize(
    ("entry", "sentence"),
    [
        (make_entry("abc"), "is not an arXiv identifier"),
        (make_entry("2501.00002"), "2501.00002 came without its version"),
        (make_entry("2501.00002v1", title=" "), "2501.00002v1 has no title"),
        (make_entry("2501.00002v1", published="yesterday"), "its <published> is not a date and time: “yesterday”"),
        (make_entry("2501.00002v1", published="2025-13-01T00:00:00Z"), "its <published> is not a date and time"),
        ("<entry/>", "is not an arXiv identifier"),
    ],
)
def test_one_bad_entry_loses_no_other(entry: str, sentence: str) -> None:
    feed = parse_feed(make_feed([make_entry("2501.00001v1"), entry, make_entry("2501.00003v2")]))
    assert [record.arxiv_id for record in feed.records] == ["2501.00001", "2501.00003"]
    assert [sentence in problem.sentence for problem in feed.problems] == [True]


def test_problem_names_the_entry() -> None:
    (problem,) = parse_feed(make_feed([make_entry("2501.00002")])).problems
    assert problem == EntryProblem("http://arxiv.org/abs/2501.00002", "2501.00002 came without its version")


def test_times_are_utc() -> None:
    (record,) = parse_feed(make_feed([make_entry("2501.00001v1", published="2025-01-01T00:00:00-05:00")])).records
    assert record.submitted == datetime(2025, 1, 1, 5, tzinfo=UTC)


BOMB = b'<!DOCTYPE feed [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
FILE = b'<!DOCTYPE feed [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
WHOLE = make_feed([make_entry("2501.00001v1")])


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"Rate exceeded.",
        b"<!DOCTYPE html><html><body>arXiv is busy</body></html>",
        b"<html><body><p>unclosed</body></html>",
        b'<?xml version="1.0"?><rss version="2.0"><channel/></rss>',
        b"<feed/>",
        b'<feed xmlns="http://www.w3.org/2005/Atom"><title>Some other feed</title></feed>',
        WHOLE[: len(WHOLE) // 2],
        WHOLE[:-1],
        WHOLE + b"<p>",
        WHOLE.replace(b"<feed", BOMB + b"<feed", 1).replace(b"Words.", b"&b;"),
        WHOLE.replace(b"<feed", FILE + b"<feed", 1).replace(b"Words.", b"&a;"),
        WHOLE.replace(b"<feed", b" " * 2000 + b"<!DOCTYPE feed><feed", 1),
        WHOLE.replace(b"Words.", b"&nbsp;"),
        WHOLE.replace(b"Words.", b"\xff\xfe"),
        WHOLE.replace(b">1</opensearch:totalResults>", b">many</opensearch:totalResults>"),
        b"\x1f\x8b\x08\x00",
        HEAD.encode() + b"<a>" * 5000,
    ],
)
def test_what_is_no_whole_feed_of_arxiv_is_a_passing_fault(body: bytes) -> None:
    with pytest.raises(NotArxivFeed):
        parse_feed(body)


def test_comments_inside_text_do_not_cut_it() -> None:
    (record,) = parse_feed(WHOLE.replace(b"Words.", b"One <!-- no -->two.")).records
    assert record.abstract == "One two."


@given(st.integers(0, len(WHOLE) - 1), st.binary(min_size=1, max_size=8))
def test_a_damaged_answer_is_read_or_refused(place: int, noise: bytes) -> None:
    damaged = WHOLE[:place] + noise + WHOLE[place + len(noise) :]
    try:
        feed = parse_feed(damaged)
    except (NotArxivFeed, ArxivError):
        return
    assert len(feed.records) + len(feed.problems) <= 2
