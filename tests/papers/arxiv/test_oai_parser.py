"""OAI-PMH: every recorded and generated answer, both formats, errors and deletions."""

from datetime import UTC, date, datetime

import pytest

from papers.arxiv.oai_parser import (
    OaiError,
    OaiPage,
    OaiRecord,
    RecordHeader,
    RecordProblem,
    WrongFormat,
    parse_page,
    records_before,
)
from papers.arxiv.strict_xml import NotArxivFeed
from tests.data import data_path, needs_data
from tests.papers.arxiv.oai import DAY, HEAD, make_arxiv, make_deleted, make_oai_error, make_page, make_raw

FOLDER = "arxiv/oai_pmh"
GENERATED = {
    **dict.fromkeys(["list_records_arXivRaw_p1", "list_records_arXivRaw_p2"], 200),
    **dict.fromkeys(["list_records_arXiv_p1", "list_records_arXiv_p2"], 200),
    **dict.fromkeys(["list_records_arXivRaw_p3", "list_records_arXiv_p3"], 101),
    **{
        f"get_record_{kind}_{arxiv_id}": 1
        for kind in ("arXiv", "arXivRaw")
        for arxiv_id in ("0901.3666", "0903.0442", "0907.2974", "1101.0600", "chao-dyn_9510015")
    },
}
RECORDED = {
    "2013-04-16_getrecord_arXivRaw_1304.4214": 1,
    "2017_hepcrawl_arxiv-physics-hep-ex": 3,
    "2017_hepcrawl_arxiv-single": 1,
    "hepcrawl_sample_arxiv_record": 12,
    **{f"hepcrawl_sample_arxiv_record{number}": 1 for number in range(6)},
}
GOOD = {f"arxiv_server_generated/{name}": n for name, n in GENERATED.items()} | {
    f"recorded/{name}": n for name, n in RECORDED.items()
}
REFUSED = {
    "arxiv_server_generated/err_badArgument_exclusive": "badArgument",
    "arxiv_server_generated/err_badArgument_missing": "badArgument",
    "arxiv_server_generated/err_badArgument_nodate": "badArgument",
    "arxiv_server_generated/err_badArgument_set": "badArgument",
    "arxiv_server_generated/err_badResumptionToken": "badResumptionToken",
    "arxiv_server_generated/err_badVerb": "badVerb",
    "arxiv_server_generated/err_cannotDisseminateFormat": "cannotDisseminateFormat",
    "arxiv_server_generated/err_idDoesNotExist": "idDoesNotExist",
    "arxiv_server_generated/err_noRecordsMatch": "badArgument",  # what arXiv's server answered to its maker's question
}
UNWANTED = {
    **{f"arxiv_server_generated/list_records_oai_dc_p{n}": "records come as oai_dc:dc" for n in (1, 2, 3)},
    **{f"arxiv_server_generated/list_records_arXivOld_p{n}": "records come as arXivOld" for n in (1, 2, 3)},
    "recorded/2024-01-27_listrecords_oai_dc_cs_token": "records come as oai_dc:dc",
    "recorded/ads_oai_dc_arxiv_0901_2443": "the answer is a <record>",
    "arxiv_server_generated/identify": "the answer is to Identify",
    "arxiv_server_generated/list_identifiers_p1": "the answer is to ListIdentifiers",
    "arxiv_server_generated/list_metadata_formats": "the answer is to ListMetadataFormats",
    "arxiv_server_generated/list_sets": "the answer is to ListSets",
}


def body(name: str) -> bytes:
    return data_path(f"{FOLDER}/{name}.xml").read_bytes()


def only(page: OaiPage) -> OaiRecord:
    (record,) = page.records
    return record


@needs_data
def test_no_file_is_forgotten() -> None:
    files = {f"{path.parent.name}/{path.stem}" for path in data_path(FOLDER).glob("*/*.xml")}
    assert files == GOOD.keys() | REFUSED.keys() | UNWANTED.keys()


@needs_data
@pytest.mark.parametrize("name", sorted(GOOD))
def test_every_answer_with_records_is_read_to_its_end(name: str) -> None:
    page = parse_page(body(name))
    assert (len(page.records), page.deleted, page.problems) == (GOOD[name], (), ())
    assert bool(page.token) == name.endswith(("_p1", "_p2"))


@needs_data
@pytest.mark.parametrize("name", sorted(REFUSED))
def test_every_error_document_is_an_error_with_its_code(name: str) -> None:
    with pytest.raises(OaiError) as caught:
        parse_page(body(name))
    assert caught.value.code == REFUSED[name]
    assert str(caught.value)


@needs_data
@pytest.mark.parametrize("name", sorted(UNWANTED))
def test_what_nobody_asked_for_is_refused_by_name(name: str) -> None:
    with pytest.raises(NotArxivFeed, match=f"^{UNWANTED[name]}"):
        parse_page(body(name))


@needs_data
def test_nineteen_versions_keep_their_dates() -> None:
    record = only(parse_page(body("arxiv_server_generated/get_record_arXivRaw_0907.2974")))
    paper = record.paper
    assert record.header == RecordHeader("0907.2974", date(2015, 12, 31), ("cs:cs:DC", "cs:cs:SE"))
    assert [version.version for version in paper.versions] == list(range(1, 20))
    assert paper.submitted == datetime(2009, 7, 17, 3, 36, 56, tzinfo=UTC)
    assert (paper.version, paper.updated) == (19, datetime(2015, 12, 29, 1, 38, 57, tzinfo=UTC))
    assert (paper.licence, paper.datestamp) == ("http://creativecommons.org/licenses/by/4.0/", date(2015, 12, 31))


@needs_data
def test_the_format_arxiv_tells_names_but_neither_version_nor_dates() -> None:
    paper = only(parse_page(body("arxiv_server_generated/get_record_arXiv_0907.2974"))).paper
    assert paper.authors[:2] == ("Serguei A. Mokhov", "Shahriar Rostami")
    assert (paper.version, paper.submitted, paper.updated, paper.versions) == (None, None, None, ())


@needs_data
def test_a_collaborations_lone_colon_is_dropped() -> None:
    paper = only(parse_page(body("recorded/hepcrawl_sample_arxiv_record4"))).paper
    assert paper.authors[:3] == ("Keck Array", "BICEP2 Collaborations", "P. Ade")


@needs_data
def test_several_dois_in_one_field_are_parted() -> None:
    paper = only(parse_page(body("recorded/hepcrawl_sample_arxiv_record0"))).paper
    assert paper.dois[:2] == ("10.1103/PhysRevD.93.016005", "10.1103/PhysRevD.98.079901")
    assert all(doi.startswith("10.") for doi in paper.dois)


@needs_data
def test_old_ids_keep_their_archive_and_old_names_their_accents() -> None:
    paper = only(parse_page(body("arxiv_server_generated/get_record_arXivRaw_chao-dyn_9510015"))).paper
    assert (paper.arxiv_id, paper.categories) == ("chao-dyn/9510015", ("chao-dyn", "ao-sci", "nlin.CD"))


def test_a_raw_record_has_all_its_fields() -> None:
    fields = (
        "<categories>cs.CL cs.MA</categories><comments>9 pages</comments><journal-ref>Nature 1</journal-ref>"
        "<doi>10.1000/a 10.1000/b</doi><license>https://creativecommons.org/licenses/by/4.0/</license>"
    )
    paper = only(parse_page(make_page([make_raw(fields=fields)]))).paper
    assert (paper.source, paper.authors) == ("raw", ("Guibin Zhang", "Junhao Wang"))
    assert (paper.comment, paper.journal_ref, paper.dois) == ("9 pages", "Nature 1", ("10.1000/a", "10.1000/b"))
    assert (paper.primary_category, paper.licence) == ("cs.CL", "https://creativecommons.org/licenses/by/4.0/")


def test_versions_come_in_any_order() -> None:
    paper = only(parse_page(make_page([make_raw(versions=(2, 1, 10, 3))]))).paper
    assert [version.version for version in paper.versions] == [1, 2, 3, 10]
    assert (paper.version, paper.submitted) == (10, datetime(2025, 9, 1, 10, tzinfo=UTC))


def test_the_first_submission_is_not_guessed_where_the_first_version_is_left_out() -> None:
    assert only(parse_page(make_page([make_raw(versions=(2,))]))).paper.submitted is None


def test_a_suffix_belongs_to_the_name() -> None:
    assert only(parse_page(make_page([make_arxiv()]))).paper.authors == ("Guibin Zhang Jr.",)


def test_deleted_records_are_told_apart() -> None:
    page = parse_page(make_page([make_deleted("2509.00001"), make_raw()]))
    assert page.deleted == (RecordHeader("2509.00001", DAY, ("cs:cs:CL", "cs")),)
    assert (len(page.records), page.size) == (1, 2)


def test_nothing_in_the_window_is_an_empty_page() -> None:
    assert parse_page(make_oai_error("noRecordsMatch")) == OaiPage()


def test_a_list_without_records_is_no_answer() -> None:
    with pytest.raises(NotArxivFeed, match="without a single record"):
        parse_page(make_page([]))


def test_a_token_keeps_its_own_encoding() -> None:
    page = parse_page(make_page([make_raw()], "verb%3DListRecords%26skip%3D1"))
    assert page.token == "verb%3DListRecords%26skip%3D1"


def test_an_old_server_counts_the_whole_list() -> None:
    page = parse_page(make_page([make_raw()], "6960524|1001", list_size=2900))
    assert (page.token, page.list_size, page.cursor) == ("6960524|1001", 2900, 0)


@pytest.mark.parametrize(
    ("record", "sentence"),
    [
        (make_raw(title=" "), "2509.03312 has no title"),
        (make_raw(versions=()), "arXivRaw without a version"),
        (make_raw().replace("<date>Mon, 01", "<date>Mon, 41"), "a version that is none"),
        (make_raw().replace("<id>2509.03312", "<id>2509.03313"), "stands below the header"),
        (make_raw().replace("<datestamp>2026", "<datestamp>26"), "its datestamp is not a day"),
        (make_raw().replace(":2509.03312<", ":abc<"), "is not an arXiv identifier"),
        ("<record/>", "a record without a header"),
        (make_deleted().replace(' status="deleted"', ""), "a record without its metadata"),
    ],
)
def test_a_bad_record_is_named_and_harms_no_other(record: str, sentence: str) -> None:
    page = parse_page(make_page([record, make_raw("2509.00001")]))
    assert only(page).paper.arxiv_id == "2509.00001"
    (problem,) = page.problems
    assert isinstance(problem, RecordProblem)
    assert sentence in problem.sentence


def test_a_format_that_tells_too_little_is_refused() -> None:
    with pytest.raises(WrongFormat, match="records come as arXivOld, of which only arXiv and arXivRaw are read"):
        parse_page(make_page([make_arxiv().replace("<arXiv ", "<arXivOld ").replace("</arXiv>", "</arXivOld>")]))


BOMB = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    "spoilt",
    [
        b"",
        b"Rate exceeded.",
        b"<!DOCTYPE html><html><body>Maintenance</body></html>",
        b"<html><body>Maintenance</body></html>",
        BOMB + make_page([make_raw(title="&b;")]),
        b" " * 2_000 + BOMB + make_page([make_raw()]),
        make_page([make_raw()])[:-20],
        f"{HEAD}</OAI-PMH>".encode(),
        make_page([make_raw()], "x" * 2_001),
    ],
)
def test_what_is_no_whole_answer_is_a_passing_fault(spoilt: bytes) -> None:
    with pytest.raises(NotArxivFeed):
        parse_page(spoilt)


@pytest.mark.parametrize(
    ("token", "before"),
    [
        ("verb%3DListRecords%26from%3D2026-11-20%26skip%3D1300", 1300),
        ("verb=ListRecords&from=2026-11-20&skip=1300", 1300),
        ("verb%3DListRecords%26from%3D2026-11-21%26skip%3D1300", None),
        ("verb%3DListRecords%26from%3D2026-11-20", None),
        ("6960524|1001", None),
        ("", None),
    ],
)
def test_a_token_says_how_far_into_its_day_it_leads(token: str, before: int | None) -> None:
    assert records_before(token, DAY) == before
