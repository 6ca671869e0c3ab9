"""Announcement feeds: every recorded and generated one, RSS and Atom, holidays and errors."""

from datetime import UTC, date, datetime

import pytest

from papers.arxiv.feed_parser import MOST_ITEMS, FeedDay, FeedError, parse_announcements
from papers.arxiv.strict_xml import NotArxivFeed
from tests.data import data_path, needs_data

FOLDER = "arxiv/rss"
GENERATED = {"cs": 2, "hep-lat": 0, "math": 7, "quant-ph_math.PR": 1}
GOOD = {
    f"arxiv_server_generated/{kind}_{name}_2011-02-03": n for name, n in GENERATED.items() for kind in ("rss", "atom")
}
GOOD["recorded/2025-12-31_rss_physics_holiday_empty"] = 0
REFUSED = {f"arxiv_server_generated/{kind}_nosuch.XX_2011-02-03" for kind in ("rss", "atom")}
HEAD = (
    '<rss xmlns:arxiv="http://arxiv.org/schemas/atom" xmlns:dc="http://purl.org/dc/elements/1.1/" version="2.0">'
    "<channel><title>cs.CL updates on arXiv.org</title><lastBuildDate>Fri, 20 Nov 2026 05:00:02 +0000</lastBuildDate>"
    "<pubDate>Fri, 20 Nov 2026 00:00:00 -0500</pubDate>"
)
ITEM = (
    "<item><title>AgenTracer</title><description>arXiv:2509.03312v1 Announce Type: new \nAbstract: Our own words."
    '</description><guid isPermaLink="false">oai:arXiv.org:2509.03312v1</guid><category>cs.CL</category>'
    "<category>cs.MA</category><pubDate>Fri, 20 Nov 2026 00:00:00 -0500</pubDate>"
    "<arxiv:announce_type>new</arxiv:announce_type><arxiv:DOI>10.1000/a 10.1000/b</arxiv:DOI>"
    "<arxiv:journal_reference>Nature 1</arxiv:journal_reference>"
    "<dc:rights>http://creativecommons.org/licenses/by/4.0/</dc:rights>"
    "<dc:creator>Guibin Zhang (Somewhere, Town), Junhao Wang</dc:creator></item>"
)


def body(name: str) -> bytes:
    return data_path(f"{FOLDER}/{name}.xml").read_bytes()


def feed(*items: str) -> FeedDay:
    return parse_announcements(f"{HEAD}{''.join(items)}</channel></rss>".encode())


@needs_data
def test_no_file_is_forgotten() -> None:
    files = {f"{path.parent.name}/{path.stem}" for path in data_path(FOLDER).glob("*/*.xml")}
    assert files == GOOD.keys() | REFUSED


@needs_data
@pytest.mark.parametrize("name", sorted(GOOD))
def test_every_feed_is_read_to_its_end(name: str) -> None:
    read = parse_announcements(body(name))
    assert (len(read.items), read.problems) == (GOOD[name], ())


@needs_data
@pytest.mark.parametrize("name", sorted(REFUSED))
def test_an_unknown_category_is_refused_in_arxivs_words(name: str) -> None:
    with pytest.raises(FeedError, match=r"^Bad archive 'nosuch'\. Valid archive names are: astro-ph, "):
        parse_announcements(body(name))


@needs_data
@pytest.mark.parametrize("name", sorted(GENERATED))
def test_rss_and_atom_tell_the_same(name: str) -> None:
    rss, atom = (
        parse_announcements(body(f"arxiv_server_generated/{kind}_{name}_2011-02-03")) for kind in ("rss", "atom")
    )
    stripped = [(i.kind, i.paper.arxiv_id, i.paper.version, i.paper.title, i.paper.authors) for i in rss.items]
    assert stripped == [(i.kind, i.paper.arxiv_id, i.paper.version, i.paper.title, i.paper.authors) for i in atom.items]


@needs_data
def test_a_holidays_feed_is_empty_and_has_its_day() -> None:
    read = parse_announcements(body("recorded/2025-12-31_rss_physics_holiday_empty"))
    assert (read.day, read.items) == (date(2025, 12, 31), ())
    assert read.built == datetime(2025, 12, 31, 5, 0, 2, tzinfo=UTC)


@needs_data
def test_cross_lists_and_replacements_do_not_tell_a_papers_first_day() -> None:
    items = parse_announcements(body("arxiv_server_generated/rss_math_2011-02-03")).items
    assert {item.kind for item in items} == {"new", "cross", "replace", "replace-cross"}
    assert {item.kind for item in items if item.paper.announced} == {"new"}


def test_a_new_paper_has_all_its_fields() -> None:
    (item,) = feed(ITEM).items
    paper = item.paper
    assert (item.kind, paper.arxiv_id, paper.version, paper.source) == ("new", "2509.03312", 1, "rss")
    assert (paper.title, paper.abstract) == ("AgenTracer", "Our own words.")
    assert (paper.authors, paper.categories) == (("Guibin Zhang", "Junhao Wang"), ("cs.CL", "cs.MA"))
    assert (paper.dois, paper.journal_ref) == (("10.1000/a", "10.1000/b"), "Nature 1")
    assert paper.licence == "http://creativecommons.org/licenses/by/4.0/"
    assert (paper.announced, paper.submitted) == (date(2026, 11, 20), None)


def test_the_day_is_new_yorks() -> None:
    late = ITEM.replace("20 Nov 2026 00:00:00 -0500", "20 Nov 2026 04:59:00 +0000")
    assert feed(late).items[0].paper.announced == date(2026, 11, 19)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("2509.03312v1</guid>", "2509.03312</guid>", "came without its version"),
        ("oai:arXiv.org:2509.03312v1", "oai:arXiv.org:abc", "is not an arXiv identifier"),
        (">new<", ">newer<", "announced as “newer”"),
        ("AgenTracer", "", "has no title"),
        ("\nAbstract:", "", "has no abstract"),
    ],
)
def test_a_bad_item_is_named_and_harms_no_other(old: str, new: str, sentence: str) -> None:
    read = feed(ITEM.replace(old, new), ITEM.replace("2509.03312", "2509.00001"))
    assert [item.paper.arxiv_id for item in read.items] == ["2509.00001"]
    assert sentence in read.problems[0].sentence


def test_a_feed_as_long_as_arxiv_allows_may_be_cut() -> None:
    assert feed(*[ITEM] * MOST_ITEMS).may_be_cut
    assert not feed(ITEM).may_be_cut


@pytest.mark.parametrize(
    "spoilt",
    [
        b"",
        b"<html><body>Maintenance</body></html>",
        b'<!DOCTYPE rss [<!ENTITY a "ha">]>' + HEAD.encode() + b"</channel></rss>",
        HEAD.encode() + ITEM.encode(),
        b'<rss version="2.0"/>',
        b'<rss version="2.0"><channel><title>Somebody else</title></channel></rss>',
    ],
)
def test_what_is_no_whole_feed_is_a_passing_fault(spoilt: bytes) -> None:
    with pytest.raises(NotArxivFeed):
        parse_announcements(spoilt)
