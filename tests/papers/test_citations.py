"""Citations: every title and name comes back as it was from a reader of the format, whatever is in it."""

import json
import re
from datetime import date
from typing import Any

import pytest
from bibtexparser.entrypoint import parse_string
from bibtexparser.middlewares import SeparateCoAuthors, SplitNameParts
from hypothesis import given
from hypothesis import strategies as st
from pylatexenc.latex2text import LatexNodes2Text

from papers.citations import PaperCitation, to_bibtex, to_csl, to_ris

LIMITS = PaperCitation(
    title="On the Theoretical Limitations of Embedding-Based Retrieval",
    authors=("Orion Weller", "Michael Boratko", "Iftekhar Naim", "Jinhyuk Lee"),
    arxiv_id="2508.21038",
    primary_category="cs.IR",
    day=date(2025, 8, 28),
    url="https://arxiv.org/abs/2508.21038",
)
ELSEWHERE = PaperCitation(title="A report from elsewhere", url="https://example.org/a_report?x={1}")
WORDS = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S", "Zs"]), max_size=40)


def with_authors(*names: str) -> PaperCitation:
    return PaperCitation(title="T", authors=names)


def read(*citations: PaperCitation) -> list[dict[str, str]]:
    library = parse_string(to_bibtex(citations))
    assert library.failed_blocks == []
    return [{"key": entry.key, **{field.key: field.value for field in entry.fields}} for entry in library.entries]


def title_in(entry: dict[str, str]) -> str:
    assert entry["title"].startswith("{")
    return str(LatexNodes2Text().latex_to_text(entry["title"][1:-1])).replace("ˆ", "^")


def test_an_entry_of_bibtex_is_the_one_that_arxiv_gives() -> None:
    assert to_bibtex([LIMITS]) == (
        "@misc{weller2025theoretical,\n"
        "  title = {{On the Theoretical Limitations of Embedding-Based Retrieval}},\n"
        "  author = {Orion Weller and Michael Boratko and Iftekhar Naim and Jinhyuk Lee},\n"
        "  year = {2025},\n"
        "  month = aug,\n"
        "  eprint = {2508.21038},\n"
        "  archiveprefix = {arXiv},\n"
        "  primaryclass = {cs.IR},\n"
        "  url = {https://arxiv.org/abs/2508.21038},\n"
        "}\n"
    )


def test_a_paper_from_elsewhere_names_no_archive() -> None:
    (entry,) = read(ELSEWHERE)
    assert entry == {
        "key": "report",
        "title": "{A report from elsewhere}",
        "url": "https://example.org/a_report?x=%7B1%7D",
    }


@pytest.mark.parametrize(
    "title",
    [
        "50% of R&D costs $5, #1_a",
        "Braces {in} a {title",
        "A \\ backslash, a ~ and a ^",
        "Größe, Łódź, 大模型 and 🤖",
        r"Not run: $\input{secret}$ and \write18{rm}",
    ],
)
def test_a_title_reads_back_as_it_was(title: str) -> None:
    (entry,) = read(PaperCitation(title=title))
    assert title_in(entry) == title


def test_a_formula_stays_one_for_tex() -> None:
    (entry,) = read(PaperCitation(title="The $d_{k}$ of 50%"))
    assert entry["title"] == r"{The $d_{k}$ of 50\%}"


@pytest.mark.parametrize("formula", [r"$\def\a{b}$", "$x % y$", r"$\{$", "$a & b$"])
def test_a_formula_that_could_do_more_than_be_read_is_text(formula: str) -> None:
    assert formula not in to_bibtex([PaperCitation(title=formula)])


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("Laurens van der Maaten", "Laurens van der Maaten"),
        ("Robert Downey Jr.", "Downey, Jr., Robert"),
        ("Robert Downey, Jr", "Downey, Jr, Robert"),
        ("The LIMIT Team", "{The LIMIT Team}"),
        ("DeepSeek-AI", "{DeepSeek-AI}"),
        ("Science and Technology Group", "{Science and Technology Group}"),
        ("Rock and Roll", "{Rock and Roll}"),
        ("Meta, Inc., Paris, France", "{Meta, Inc., Paris, France}"),
        ("et al.", "others"),
    ],
)
def test_a_name_is_written_so_that_bibtex_splits_it_right(name: str, printed: str) -> None:
    (entry,) = read(with_authors("Ada Lovelace", name))
    assert entry["author"] == f"Ada Lovelace and {printed}"


def test_a_reader_of_bibtex_finds_the_parts_of_the_names() -> None:
    text = to_bibtex([with_authors("Laurens van der Maaten", "Robert Downey Jr.", "Orion Weller")])
    library = parse_string(text, append_middleware=[SeparateCoAuthors(), SplitNameParts()])
    names = library.entries[0].fields_dict["author"].value
    assert [(name.von, name.last, name.jr) for name in names] == [
        (["van", "der"], ["Maaten"], []),
        ([], ["Downey"], ["Jr."]),
        ([], ["Weller"], []),
    ]


@pytest.mark.parametrize(
    ("arxiv_id", "issued"),
    [
        ("2508.21038", (2025, 8)),
        ("0704.0001", (2007, 4)),
        ("hep-th/9901001", (1999, 1)),
        ("", ()),
        ("math/0001001", (2000, 1)),
    ],
)
def test_without_a_day_the_id_tells_year_and_month(arxiv_id: str, issued: tuple[int, ...]) -> None:
    citation = PaperCitation(title="T", arxiv_id=arxiv_id)
    assert citation.issued == issued
    assert to_csl([citation])[0].get("issued", {"date-parts": [[]]}) == {"date-parts": [list(issued)]}


def test_keys_are_unique_and_plain() -> None:
    keys = [
        entry["key"]
        for entry in read(LIMITS, LIMITS, ELSEWHERE, PaperCitation(title="大模型"), PaperCitation(title="?"))
    ]
    assert keys == ["weller2025theoretical", "weller2025theoretical-2", "report", "paper", "paper-2"]


def test_ris_has_a_line_for_each_fact_and_ends_each_record() -> None:
    lines = to_ris([LIMITS, ELSEWHERE]).split("\r\n")
    assert lines[:3] == ["TY  - GEN", f"TI  - {LIMITS.title}", "AU  - Weller, Orion"]
    assert {"PY  - 2025", "DA  - 2025/08/28", "DO  - 10.48550/arXiv.2508.21038", f"UR  - {LIMITS.url}"} < set(lines)
    assert lines.count("ER  - ") == 2


@pytest.mark.parametrize(
    ("name", "printed"),
    [
        ("Laurens van der Maaten", "van der Maaten, Laurens"),
        ("Robert Downey Jr.", "Downey, Robert, Jr."),
        ("The LIMIT Team", "The LIMIT Team"),
    ],
)
def test_ris_has_the_family_name_first(name: str, printed: str) -> None:
    assert f"AU  - {printed}\r\n" in to_ris([with_authors(name)])


def test_a_line_break_in_a_title_begins_no_field() -> None:
    broken = PaperCitation(title="One\r\nER  - \u2028two")
    assert to_ris([broken]).count("\r\n") == 3
    assert to_csl([broken])[0]["title"] == "One ER - two"


def test_csl_has_the_parts_of_names_and_dates() -> None:
    (item,) = to_csl([LIMITS])
    assert item["author"][0] == {"family": "Weller", "given": "Orion"}
    assert item["issued"] == {"date-parts": [[2025, 8, 28]]}
    assert (item["id"], item["number"], item["DOI"]) == (
        "weller2025theoretical",
        "arXiv:2508.21038",
        "10.48550/arXiv.2508.21038",
    )


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("Laurens van der Maaten", {"family": "Maaten", "given": "Laurens", "non-dropping-particle": "van der"}),
        ("Robert Downey Jr.", {"family": "Downey", "given": "Robert", "suffix": "Jr."}),
        ("OpenAI", {"literal": "OpenAI"}),
        ("et al.", {"literal": "et al."}),
    ],
)
def test_csl_splits_names_of_persons_only(name: str, parts: dict[str, Any]) -> None:
    assert to_csl([with_authors(name)])[0]["author"] == [parts]


@given(st.lists(st.builds(PaperCitation, title=WORDS, authors=st.lists(WORDS, max_size=3).map(tuple)), max_size=4))
def test_any_words_give_files_that_read_back(citations: list[PaperCitation]) -> None:
    entries = read(*citations)
    assert len({entry["key"] for entry in entries}) == len(citations)
    assert all(re.fullmatch(r"[a-z0-9-]+", entry["key"]) for entry in entries)
    assert to_ris(citations).count("TY  - GEN\r\n") == len(json.loads(json.dumps(to_csl(citations)))) == len(citations)


@given(WORDS.filter(lambda title: not re.search(r"[$ˆ]|--|``|''|[!?]`", title)))  # TeX joins these pairs
def test_any_title_without_a_formula_reads_back(title: str) -> None:
    (entry,) = read(PaperCitation(title=f"x{title}x"))
    assert title_in(entry).split() == f"x{title}x".split()
