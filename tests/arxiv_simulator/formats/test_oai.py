"""The simulated OAI-PMH, compared with recorded and server-made answers and with arXiv's own schemas."""

from datetime import date, timedelta
from urllib.parse import unquote

import httpx
import pytest
from lxml import etree

from papers.arxiv.oai_parser import parse_page
from tests.arxiv_simulator.formats.test_query_api import shape
from tests.arxiv_simulator.history import Paper, tell
from tests.arxiv_simulator.making import TUESDAY, asking, make_entry, make_papers, make_simulator
from tests.arxiv_simulator.simulator import Simulator
from tests.data import data_path, needs_data

NS = {"o": "http://www.openarchives.org/OAI/2.0/"}
GENERATED = "arxiv/oai_pmh/arxiv_server_generated"
WEDNESDAY = TUESDAY + timedelta(days=1)


def ask(simulator: Simulator, **params: str) -> etree._Element:
    """`from_` stands for the argument `from`."""
    with asking(simulator) as http:
        return asked(http, **params)


def asked(http: httpx.Client, **params: str) -> etree._Element:
    answer = http.get("/oai", params={name.rstrip("_"): value for name, value in params.items()})
    assert answer.status_code == 200
    return etree.fromstring(answer.content)


def listed(root: etree._Element) -> list[str]:
    return [element.text or "" for element in root.iterfind(".//o:header/o:identifier", NS)]


def code(root: etree._Element) -> str:
    error = root.find("o:error", NS)
    return "" if error is None else error.get("code", "")


def revised() -> Paper:
    return tell(make_entry(1, listed_on=(TUESDAY, WEDNESDAY)), seed=1, made=0.0)


def harvest(http: httpx.Client, prefix: str = "arXivRaw", verb: str = "ListRecords") -> list[etree._Element]:
    pages = [asked(http, verb=verb, metadataPrefix=prefix)]
    while token := pages[-1].findtext(".//o:resumptionToken", namespaces=NS):
        pages.append(asked(http, verb=verb, resumptionToken=token))
    return pages


@pytest.mark.parametrize("prefix", ["arXiv", "arXivRaw"])
def test_our_parser_reads_what_the_truth_says(prefix: str) -> None:
    simulator = make_simulator([revised(), *make_papers(3)[1:]], day=WEDNESDAY)
    with asking(simulator) as http:
        body = http.get("/oai", params={"verb": "ListRecords", "metadataPrefix": prefix}).content
    page = parse_page(body)
    records = sorted(page.records, key=lambda record: record.header.arxiv_id)
    assert (page.problems, len(records)) == ((), 3)
    for record, truth in zip(records, simulator.truth(), strict=True):
        assert (record.header.arxiv_id, record.header.datestamp) == (truth.id, truth.changed)
        assert record.paper.authors == truth.state.authors
        assert record.paper.categories == truth.state.categories
        assert record.paper.licence == truth.state.licence


def test_the_raw_format_tells_every_version_and_its_time() -> None:
    simulator = make_simulator([revised()], day=WEDNESDAY)
    with asking(simulator) as http:
        body = http.get("/oai", params={"verb": "ListRecords", "metadataPrefix": "arXivRaw"}).content
    versions = parse_page(body).records[0].paper.versions
    assert sorted((one.version, one.submitted) for one in versions) == list(simulator.truth()[0].versions)


def test_the_windows_are_days_inclusive_by_the_latest_change() -> None:
    simulator = make_simulator([revised(), *make_papers(2)[1:]], day=WEDNESDAY)
    records = {"verb": "ListRecords", "metadataPrefix": "arXiv"}
    assert listed(ask(simulator, **records, from_="2025-10-14", until="2025-10-14")) == ["oai:arXiv.org:2510.00002"]
    assert listed(ask(simulator, **records, from_="2025-10-15", until="2025-10-15")) == ["oai:arXiv.org:2510.00001"]
    assert code(ask(simulator, **records, from_="2025-10-13", until="2025-10-13")) == "noRecordsMatch"


@pytest.mark.parametrize(
    "asked_set", ["cs", "cs:cs", "cs:cs:CL", "stat", "stat:stat:ML", "physics:quant-ph", "physics"]
)
def test_sets_of_both_generations_are_known(asked_set: str) -> None:
    paper = tell(make_entry(1, categories=("cs.CL", "stat.ML", "quant-ph")), seed=1, made=0.0)
    root = ask(make_simulator([paper]), verb="ListIdentifiers", metadataPrefix="arXiv", set=asked_set)
    assert len(listed(root)) == 1


def test_a_paper_of_an_alias_pair_is_in_both_sets() -> None:
    simulator = make_simulator([tell(make_entry(1, categories=("cs.IT",)), seed=1, made=0.0)])
    for name in ("cs:cs:IT", "math:math:IT"):
        assert len(listed(ask(simulator, verb="ListIdentifiers", metadataPrefix="arXiv", set=name))) == 1


def test_the_old_generation_names_whole_groups_only() -> None:
    root = ask(make_simulator(make_papers(1), old=True), verb="ListIdentifiers", metadataPrefix="arXiv")
    assert [element.text for element in root.iterfind(".//o:setSpec", NS)] == ["cs"]


@pytest.mark.parametrize("verb", ["ListRecords", "ListIdentifiers"])
def test_a_list_in_pages_is_the_whole_list_once(verb: str) -> None:
    papers = [*make_papers(10), *make_papers(23, WEDNESDAY)[10:]]
    with asking(make_simulator(papers, day=WEDNESDAY, oai_page=4)) as http:
        pages = harvest(http, verb=verb)
    assert [name for page in pages for name in listed(page)] == [f"oai:arXiv.org:{paper.id}" for paper in papers]
    assert len(pages) == (6 if verb == "ListRecords" else 3)


def test_a_token_is_an_offset_from_the_day_it_has_come_to() -> None:
    papers = [*make_papers(3), *make_papers(9, WEDNESDAY)[3:]]
    with asking(make_simulator(papers, day=WEDNESDAY, oai_page=5)) as http:
        token = asked(
            http, verb="ListRecords", metadataPrefix="arXiv", from_="2025-10-14", until="2025-10-15"
        ).findtext(".//o:resumptionToken", namespaces=NS)
        twice = asked(http, verb="ListRecords", metadataPrefix="arXiv", resumptionToken=str(token))
    assert unquote(str(token)) == "verb=ListRecords&metadataPrefix=arXiv&from=2025-10-15&until=2025-10-15&skip=2"
    assert code(twice) == "badArgument"


def test_a_token_ends_at_the_next_midnight_utc() -> None:
    simulator = make_simulator(make_papers(3), oai_page=2)
    with asking(simulator) as http:
        element = asked(http, verb="ListRecords", metadataPrefix="arXiv").find(".//o:resumptionToken", NS)
        assert element is not None
        token = str(element.text)
        assert element.get("expirationDate") == "2025-10-15T00:00:00Z"
        assert len(listed(asked(http, verb="ListRecords", resumptionToken=token))) == 1
        simulator.clock.advance(8 * 3600)
        assert code(asked(http, verb="ListRecords", resumptionToken=token)) == "badResumptionToken"


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"verb": "Dance"}, "badVerb"),
        ({}, "badVerb"),
        ({"verb": "ListRecords"}, "badArgument"),
        ({"verb": "ListRecords", "metadataPrefix": "arXiv", "from_": "2025-10"}, "badArgument"),
        ({"verb": "ListRecords", "metadataPrefix": "arXiv", "from_": "2005-01-01"}, "badArgument"),
        ({"verb": "ListRecords", "metadataPrefix": "arXiv", "until": "2025-10-17"}, "badArgument"),
        (
            {"verb": "ListRecords", "metadataPrefix": "arXiv", "from_": "2025-10-14", "until": "2025-10-13"},
            "badArgument",
        ),
        ({"verb": "ListRecords", "metadataPrefix": "arXiv", "set": "poems"}, "badArgument"),
        ({"verb": "ListRecords", "metadataPrefix": "arXiv", "extra": "1"}, "badArgument"),
        ({"verb": "ListRecords", "metadataPrefix": "marc"}, "cannotDisseminateFormat"),
        ({"verb": "ListRecords", "resumptionToken": "6960524|1001"}, "badResumptionToken"),
        ({"verb": "ListRecords", "resumptionToken": "verb=ListRecords&skip=1"}, "badResumptionToken"),
        ({"verb": "GetRecord", "metadataPrefix": "arXiv", "identifier": "oai:arXiv.org:2510.09999"}, "idDoesNotExist"),
        ({"verb": "GetRecord", "metadataPrefix": "arXiv"}, "badArgument"),
    ],
)
def test_what_the_protocol_forbids_is_named(params: dict[str, str], expected: str) -> None:
    assert code(ask(make_simulator(make_papers(1)), **params)) == expected


def test_an_evening_is_known_at_half_past_ten() -> None:
    simulator = make_simulator(make_papers(1), day=date(2025, 10, 13))
    records = {"verb": "ListRecords", "metadataPrefix": "arXiv"}
    simulator.clock.advance(10 * 3600)
    assert code(ask(simulator, **records)) == "noRecordsMatch"
    simulator.clock.advance(1800)
    assert len(listed(ask(simulator, **records))) == 1
    assert len(simulator.truth()) == 1


def test_one_record_can_be_asked_for() -> None:
    root = ask(
        make_simulator(make_papers(2)), verb="GetRecord", metadataPrefix="arXiv", identifier="oai:arXiv.org:2510.00002"
    )
    assert listed(root) == ["oai:arXiv.org:2510.00002"]


def test_the_sets_are_listed_from_the_group_down() -> None:
    root = ask(make_simulator(make_papers(1)), verb="ListSets")
    assert [one.text for one in root.iterfind(".//o:setSpec", NS)] == ["cs", "cs:cs", "cs:cs:CL", "cs:cs:LG"]


def generated(name: str) -> etree._Element:
    return etree.fromstring(data_path(f"{GENERATED}/{name}").read_bytes())


@needs_data
@pytest.mark.parametrize("prefix", ["arXiv", "arXivRaw"])
def test_records_are_valid_by_the_schemas_of_arxiv(prefix: str) -> None:
    schema = etree.XMLSchema(etree.parse(str(data_path(f"arxiv/spec/{prefix}.xsd"))))
    papers = [tell(make_entry(number, listed_on=(TUESDAY, WEDNESDAY)), seed=5, made=0.9) for number in range(1, 20)]
    root = ask(make_simulator(papers, day=date(2026, 6, 1)), verb="ListRecords", metadataPrefix=prefix)
    records = root.findall(f".//{{http://arxiv.org/OAI/{prefix}/}}{prefix}")
    assert len(records) == 19
    for record in records:
        schema.assertValid(etree.fromstring(etree.tostring(record)))


@needs_data
@pytest.mark.parametrize("prefix", ["arXiv", "arXivRaw"])
def test_a_list_has_the_envelope_of_arxivs_server(prefix: str) -> None:
    ours = ask(make_simulator(make_papers(2)), verb="ListRecords", metadataPrefix=prefix, from_="2025-10-14")
    theirs = generated(f"list_records_{prefix}_p1.xml")
    assert (ours.tag, ours.nsmap, ours.attrib) == (theirs.tag, theirs.nsmap, theirs.attrib)
    assert [(one.tag, *one.attrib) for one in ours] == [(one.tag, *one.attrib) for one in theirs]
    record, their_record = (root.find(".//o:record", NS) for root in (ours, theirs))
    assert record is not None
    assert their_record is not None
    assert shape(record[0]) == shape(their_record[0])
    assert (record[1][0].tag, record[1][0].nsmap) == (their_record[1][0].tag, their_record[1][0].nsmap)
    assert record[1][0].attrib.keys() == their_record[1][0].attrib.keys()


@needs_data
@pytest.mark.parametrize(
    ("name", "params"),
    [
        ("err_badVerb", {"verb": "Dance"}),
        ("err_badArgument_missing", {"verb": "ListRecords"}),
        ("err_cannotDisseminateFormat", {"verb": "ListRecords", "metadataPrefix": "marc"}),
        ("err_badResumptionToken", {"verb": "ListRecords", "resumptionToken": "x"}),
        ("err_badArgument_nodate", {"verb": "ListRecords", "metadataPrefix": "arXiv", "from_": "soon"}),
    ],
)
def test_errors_read_as_those_of_arxivs_server(name: str, params: dict[str, str]) -> None:
    ours, theirs = ask(make_simulator(make_papers(1)), **params), generated(f"{name}.xml")
    assert [one.tag for one in ours] == [one.tag for one in theirs]
    assert ours.findtext("o:error", namespaces=NS) == theirs.findtext("o:error", namespaces=NS)
    assert code(ours) == code(theirs)


@needs_data
def test_the_repository_identifies_itself_as_arxivs_server_does() -> None:
    ours, theirs = ask(make_simulator([]), verb="Identify"), generated("identify.xml")
    names = [[one.tag for one in root.iterfind("o:Identify/*", NS)] for root in (ours, theirs)]
    assert names[0] == [tag for tag in names[1] if not str(tag).endswith("description")]
