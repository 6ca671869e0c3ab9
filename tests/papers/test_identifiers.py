"""Every way of writing an arXiv identifier leads to one canonical form; nothing else is let in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papers.identifiers import ArxivId, BadIdentifier, find_arxiv_id, parse_arxiv_id
from papers.taxonomy import OLD_ID_ARCHIVES

months = st.integers(1, 12).map("{:02d}".format)
four_digits = st.builds("{:02d}{}.{:04d}".format, st.integers(8, 14), months, st.integers(1, 9999))
five_digits = st.builds("{:02d}{}.{:05d}".format, st.integers(15, 99), months, st.integers(1, 99999))
old_years = st.sampled_from(["92", "95", "99", "00", "03", "06"])
old = st.builds(
    "{}/{}{}{:03d}".format, st.sampled_from(sorted(OLD_ID_ARCHIVES)), old_years, months, st.integers(1, 999)
)
canonical = four_digits | five_digits | old
versions = st.none() | st.integers(1, 400)
identifiers = st.builds(ArxivId, canonical, versions)

DECORATIONS = [
    "{}",
    "  {}\n",
    "arXiv:{}",
    "ARXIV: {}",
    "oai:arXiv.org:{}",
    "https://arxiv.org/abs/{}",
    "http://www.arxiv.org/abs/{}?context=cs",
    "https://export.arxiv.org/abs/{}#comments",
    "arxiv.org/pdf/{}",
    "https://arxiv.org/pdf/{}.pdf",
    "https://arxiv.org/html/{}/",
    "https://arxiv.org/src/{}",
    "10.48550/arXiv.{}",
    "doi:10.48550/arXiv.{}",
    "https://doi.org/10.48550/ARXIV.{}",
    "arXiv:{} [cs.CL]",
]


@given(identifiers)
def test_what_is_printed_can_be_read_again(identifier: ArxivId) -> None:
    assert parse_arxiv_id(str(identifier)) == identifier


@given(identifiers, st.sampled_from(DECORATIONS))
def test_decoration_does_not_change_the_identifier(identifier: ArxivId, decoration: str) -> None:
    assert parse_arxiv_id(decoration.format(identifier)) == identifier


@given(identifiers)
def test_capitals_do_not_change_the_identifier(identifier: ArxivId) -> None:
    assert parse_arxiv_id(str(identifier).upper()) == identifier


@given(canonical)
def test_canonical_text_keeps_every_zero(archive_id: str) -> None:
    assert parse_arxiv_id(archive_id).archive_id == archive_id


@given(st.text(max_size=60) | st.from_regex(r"(arxiv:)?[0-9a-z./v-]{1,30}"))
def test_any_text_is_an_identifier_or_refused(text: str) -> None:
    try:
        identifier = parse_arxiv_id(text)
    except BadIdentifier:
        return
    assert parse_arxiv_id(str(identifier)) == identifier


@given(st.text(max_size=100))
def test_looking_for_an_identifier_never_fails(text: str) -> None:
    found = find_arxiv_id(text)
    assert found is None or parse_arxiv_id(str(found)) == found


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("math.CA/0611800", "math/0611800"),
        ("MATH.CA/0611800V3", "math/0611800v3"),
        ("cond-mat.mtrl-sci/9501001", "cond-mat/9501001"),
        ("solv-int/9701001v2", "solv-int/9701001v2"),
        ("https://arxiv.org/abs/hep-th%2F9901001", "hep-th/9901001"),
        ("https://arxiv.org/pdf/hep-th/9901001v1.pdf", "hep-th/9901001v1"),
        ("0704.0001", "0704.0001"),
        ("1412.9999v2", "1412.9999v2"),
        ("1501.00001", "1501.00001"),
    ],
)
def test_real_forms(written: str, expected: str) -> None:
    assert str(parse_arxiv_id(written)) == expected


@pytest.mark.parametrize(
    "written",
    [
        "",
        "abc",
        "0000.0000",
        "0808.05394",
        "1501.0001",
        "0703.0001",
        "2513.00001",
        "2500.00001",
        "2501.00000",
        "2501.012345",
        "2501.01234v0",
        "2501.01234v01",
        "2501.01234v",
        "2501.01234 v2",
        "2501.01234\n2501.01235",
        "2501.01234; DROP TABLE papers",
        "https://arxiv.org.example.org/abs/2501.01234",
        "https://example.org/arxiv.org/abs/2501.01234",
        "https://arxiv.org@example.org/abs/2501.01234",
        "https://arxiv.org/abs/../2501.01234",
        "javascript:2501.01234",
        "hep-th/9901000",
        "hep-th/9913001",
        "hep-th/0704001",
        "q-fin/0601001",
        "nosuch/9901001",
        "٢٥٠١.٠١٢٣٤",
        "2501.01234" * 500,
    ],
)
def test_what_is_no_identifier_is_refused(written: str) -> None:
    with pytest.raises(BadIdentifier, match="is not an arXiv identifier"):
        parse_arxiv_id(written)


def test_refusal_says_what_is_wrong() -> None:
    with pytest.raises(BadIdentifier, match="papers of 0808 have 4 digits after the dot"):
        parse_arxiv_id("arXiv:0808.05394")


def test_refusal_shows_no_control_characters() -> None:
    with pytest.raises(BadIdentifier) as refusal:
        parse_arxiv_id("\x1b[31mred\u202e")
    assert str(refusal.value).startswith("“�[31mred�” is not")


@pytest.mark.parametrize("wrong", ["math.CA/0611800", "2501.1234", "2501.01234v2", "HEP-TH/9901001"])
def test_an_identifier_is_never_made_of_another_form(wrong: str) -> None:
    with pytest.raises(BadIdentifier):
        ArxivId(wrong)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://huggingface.co/papers/2509.02208", "2509.02208"),
        ("https://www.alphaxiv.org/abs/2509.02208v2", "2509.02208v2"),
        ("see arXiv:hep-th/9901001v2, and others", "hep-th/9901001v2"),
        ("10.48550/arXiv.2509.02208.", "2509.02208"),
        ("9999.99999 then 2509.02208", "2509.02208"),
        ("10.1000/0704.0001 is another DOI", None),
        ("version 12.2509.02208", None),
        ("nothing here", None),
    ],
)
def test_identifier_inside_other_text(text: str, expected: str | None) -> None:
    assert find_arxiv_id(text) == (parse_arxiv_id(expected) if expected else None)


def test_page_of_a_version() -> None:
    assert ArxivId("hep-th/9901001", 2).url == "https://arxiv.org/abs/hep-th/9901001v2"
    assert ArxivId("hep-th/9901001", 2).unversioned == ArxivId("hep-th/9901001")
