"""Text as sources send it and as it is kept. The golden cases are real papers."""

import json
from collections.abc import Callable, Sequence
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papers import normalize
from papers.arxiv.records import PaperRecord
from papers.ingest import bulk_formats
from tests.data import data_path, needs_data

Row = dict[str, object]


@cache
def edge_cases() -> dict[str, dict[str, Row]]:
    """The recorded edge cases: class → identifier as written → row."""
    found: dict[str, dict[str, Row]] = {}
    for line in data_path("arxiv/corpus/edge_cases.jsonl").read_text().splitlines():
        case = json.loads(line)
        row = case["record"]
        found.setdefault(case["case"], {})[row.get("id") or row["arxiv_id"]] = row
    return found


def edge_case(name: str, written_id: str) -> PaperRecord:
    row = {"categories": [], **edge_cases()[name][written_id]}
    return bulk_formats.parse_line(json.dumps(row))


def links(record: PaperRecord) -> list[str]:
    return [link.url for link in record.links]


GOLDEN: list[tuple[str, str, Callable[[PaperRecord], object], object]] = [
    ("many_categories_6plus", "2412.18708", lambda r: r.categories, ("cs.AI", "cs.CL", "cs.HC", "cs.IR")),
    ("category_msc_acm", "2406.12634", lambda r: r.categories, ("cs.IR", "cs.AI", "cs.CL")),
    ("id_old_month", "1812.06145", lambda r: (r.arxiv_id, r.version), ("1812.06145", None)),
    ("github_in_abstract", "1904.11093", links, ["https://github.com/mahdiabavisani/DSRC"]),
    ("code_url_trailing_dot", "2311.03057", links, ["https://github.com/skleee/GLEN"]),
    ("abstract_tex_text", "2503.12999", links, ["https://github.com/zengkaiya/CaT"]),
    ("abstract_tex_text", "2410.09771", lambda r: r"\textbf{E}fficient, \textbf{U}nified" in r.abstract, True),
    ("listed_on_multiple_days", "2102.05231", lambda r: str(r.announced), "2026-05-01"),
    (
        "comment_multiline",
        "2311.03057",
        lambda r: r.comment,
        (
            "In Proceedings of the 2023 Conference on Empirical Methods in Natural Language Processing (EMNLP 2023) "
            "main conference. 12 pages, 2 figures, 8 tables"
        ),
    ),
    ("author_nonascii", "2402.01555", lambda r: r.authors, ("Samuel Adebayo", "Joost C. Dessing", "Seán McLoone")),
    ("comment_url", "2411.18625", links, ["https://textured-gaussians.github.io"]),
    ("comment_url", "2503.11930", lambda r: r.links[0].kind, "data"),
    ("abstract_paragraphs", "2503.12172", lambda r: r.abstract.count("\n\n"), 1),
    ("abstract_paragraphs", "2503.12553", lambda r: r.abstract.count("\n"), 6),
    ("title_quotes_percent_amp", "2503.18360", lambda r: r.title.startswith("J&H: Evaluating"), True),
    (
        "title_math",
        "2503.18089",
        lambda r: r.title,
        "$D^2LoRA$: Data-Driven LoRA Initialization for Low Resource Tasks",
    ),
    ("author_single_word", "2503.13470", lambda r: r.authors[8:], ("Chen", "Chen", "Haiping Lu")),
    ("author_is_colon", "2503.14492", lambda r: r.authors[:2], ("NVIDIA", "Hassan Abu Alhaija")),
    ("author_is_colon", "2503.17793", lambda r: r.authors[:3], ("Codefuse", "Ling Team", "Wenting Cai")),
    ("author_team", "2503.19786", lambda r: [n for n in r.authors if normalize.is_collective(n)], ["Gemma Team"]),
    ("many_authors_over_200", "2506.12103", lambda r: len(r.authors), 786),
    (
        "title_tex_command",
        "2503.15457",
        lambda r: r.title,
        r"Di$\mathtt{[M]}$O: Distilling Masked Diffusion Models into One-step Generator",
    ),
    ("abstract_angle_brackets", "2504.00810", lambda r: "(e.g., <think>. . . </think>)" in r.abstract, True),
    ("abstract_angle_brackets", "2503.19855", lambda r: "<answer> {last round answer} </answer>" in r.abstract, True),
    (
        "title_html_like",
        "2510.16374",
        lambda r: r.title,
        "Before you <think>, monitor: Implementing Flavell's metacognitive framework in LLMs",
    ),
    ("title_emoji_or_symbol", "2511.16682", lambda r: r.title, "Bench360: Benchmarking Local LLM Inference from 360°"),
    ("abstract_over_1920_chars", "2506.12785", lambda r: len(r.abstract), 4031),
    ("title_very_long", "2506.07169", lambda r: r.title.isprintable() and len(r.title) > 200, True),
    ("author_tex", "2510.02569", lambda r: r.authors[0], "Tolúlọpé Ògúnrèmí"),
    ("author_tex", "2507.06261", lambda r: ("Nguyễn" in r.authors, len(r.authors)), (True, 3303)),
    ("author_tex", "2512.04219", lambda r: r.authors[-1], "Sathyanarayanan N. Aakur"),
    ("author_tex", "2601.05747", lambda r: r.authors[-1], "Peter Stütz"),
    ("author_digits_or_paren", "2508.06471", lambda r: r.authors[:2], ("GLM-4. 5 Team", "Aohan Zeng")),
    ("author_digits_or_paren", "2510.12954", lambda r: r.authors, ("Denis Rychkovskiy", "GPT-5")),
    ("comment_withdrawn", "2506.18094", lambda r: r.comment.endswith("(ICGARSA 2025) and formally withdrawn"), True),
    ("title_very_short", "2512.13961", lambda r: r.title, "Olmo 3"),
    ("html_listing_lost_url", "1904.11093", links, []),
    ("archive_old_id", "acc-phys/9411002", lambda r: r.arxiv_id, "acc-phys/9411002"),
    (
        "archive_withdrawn",
        "adap-org/9604002",
        lambda r: (r.abstract, r.comment),
        ("This paper is withdrawn.", "Withdrawn"),
    ),
    ("archive_abstract_empty_or_short", "alg-geom/9502003", lambda r: r.abstract, "The title is self-explanatory."),
    ("archive_doi_multiple", "alg-geom/9605009", lambda r: r.dois, ("10.1007/BF02466008", "10.4213/faa451")),
    ("archive_doi_multiple", "1004.258", lambda r: (r.arxiv_id, r.dois), ("1004.2580", ("10.1063/1.3481101",))),
    (
        "archive_title_math_heavy",
        "physics/0603232",
        lambda r: r.title,
        "Long-range interactions for He($n S$)--He$(n' S)$ and He($n S$)--He$(n' P)$",
    ),
    ("archive_no_forename", "physics/9805020", lambda r: r.authors, ("M1S2S-Collaboration",)),
    ("archive_author_tex", "physics/0605245", lambda r: r.authors[5], "K. Tőkési"),
    ("archive_author_tex", "1812.02810", lambda r: r.authors[3], "R. Blümel"),
    ("archive_author_tex", "hep-th/9608102", lambda r: r.authors[2], "María Amelia Muschietti"),
    (
        "archive_author_tex",
        "1501.0554300000001",
        lambda r: (r.arxiv_id, r.authors[2]),
        ("1501.05543", "E. Ö. Karabulut"),
    ),
]


@needs_data
@pytest.mark.parametrize(("case", "written_id", "look", "expected"), GOLDEN)
def test_edge_case_reads_as_it_should(
    case: str, written_id: str, look: Callable[[PaperRecord], object], expected: object
) -> None:
    assert look(edge_case(case, written_id)) == expected


@needs_data
def test_every_class_of_edge_case_has_a_golden_test() -> None:
    assert {case for case, *_ in GOLDEN} | {"title_changed_between_sources"} == set(edge_cases())


def hash_of(title: str, abstract: str, authors: Sequence[str], comment: str) -> str:
    """The hash of texts as a source sends them."""
    fields = normalize.clean_line(title), normalize.clean_abstract(abstract), normalize.clean_authors(authors)
    return normalize.clean_hash(*fields, normalize.clean_line(comment))


@needs_data
def test_changed_title_changes_the_hash() -> None:
    for row in edge_cases()["title_changed_between_sources"].values():
        before, after = (hash_of(str(row[side]), "", (), "") for side in "ab")
        assert before != after


def test_line_breaks_and_runs_of_spaces_in_a_title_are_single_spaces() -> None:
    assert normalize.clean_line(" Two\n  lines\u00a0and\ta   tab \r\n") == "Two lines and a tab"


def test_the_title_0_is_a_title() -> None:
    assert normalize.clean_line("0") == "0"


def test_text_that_looks_like_html_is_kept() -> None:
    assert normalize.clean_line("<think> & <b>bold</b> &amp;") == "<think> & <b>bold</b> &amp;"


def test_hard_wrapped_lines_of_an_abstract_are_joined_with_a_space() -> None:
    assert normalize.clean_abstract("  multiple\nmodels\r\nhere\n") == "multiple models here"


def test_line_break_before_white_space_begins_a_paragraph() -> None:
    assert (
        normalize.clean_abstract("One\nline.\n  Second.\n\nThird.\r\n\tFourth.")
        == "One line.\n\nSecond.\n\nThird.\n\nFourth."
    )


def test_invisible_and_direction_characters_are_removed() -> None:
    assert normalize.clean_line("a\u202eb\u2066c\x00d\x1be\u200bf\ufeffg\xadh\ud800i\U000e0041") == "abcdefghi"


def test_joiners_of_emoji_and_persian_stay() -> None:
    assert normalize.clean_line("👩\u200d🔬 می\u200cخواهم") == "👩\u200d🔬 می\u200cخواهم"


def test_letters_are_composed() -> None:
    assert normalize.clean_line("Jose\u0301") == "José"


@pytest.mark.parametrize(
    ("tex", "expected"),
    [
        (r"Poincar\'e", "Poincaré"),
        (r"na\"{\i}ve", "naïve"),
        (r"Erd\H{o}s--R\'enyi", "Erdős--Rényi"),
        (r"{\'E}cole, \L{}ukasz, \v{C}ech, Bj\o rn", "École, Łukasz, Čech, Bjørn"),
        (r"$\hat x$ and $\'e$ but caf\'e", r"$\hat x$ and $\'e$ but café"),
        (r"\(\'e\) \[\'e\] costs \$5 or \$6 caf\'e", r"\(\'e\) \[\'e\] costs \$5 or \$6 café"),
        (r"http://example.org/\~name", r"http://example.org/\~name"),
        (r"\emph{so} \cite{x} 86\% \alpha \o(n) 2\^n", r"\emph{so} \cite{x} 86\% \alpha \o(n) 2\^n"),
    ],
)
def test_accents_become_letters_outside_maths_and_other_tex_stays(tex: str, expected: str) -> None:
    assert normalize.clean_line(tex) == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("A. Csiszar, F. Hiai and D. Petz", ("A. Csiszar", "F. Hiai", "D. Petz")),
        ("Cynthia Dwork, Joseph Y. Halpern, and O. Waarts", ("Cynthia Dwork", "Joseph Y. Halpern", "O. Waarts")),
        ("Yu Shi (Dept. of Phys., Fudan University, China)", ("Yu Shi",)),
        ("R. Stern (Institut (Zurich), CH), M. Mali", ("R. Stern", "M. Mali")),
        ("Michael Baake (Bielefeld) and Uwe Grimm (Milton Keynes)", ("Michael Baake", "Uwe Grimm")),
        ("Sumit Darak and, A. P. Vinod", ("Sumit Darak", "A. P. Vinod")),
        (r"Louis-Charles Caron, \and Jean Rouat", ("Louis-Charles Caron", "Jean Rouat")),
        ("Keith Vander Linden, ; Barbara Di Eugenio", ("Keith Vander Linden", "Barbara Di Eugenio")),
        (" Authors, :, Yufang Xi, Edmund M. Yeh", ("Yufang Xi", "Edmund M. Yeh")),
        (" OpenAI, :, Marcin Andrychowicz", ("OpenAI", "Marcin Andrychowicz")),
        ("Anqi Fu, Manuel Mazo, Jr.", ("Anqi Fu", "Manuel Mazo, Jr.")),
        ("H1 and ZEUS Collaborations", ("H1 and ZEUS Collaborations",)),
        ("Ira M. Longini,, M. Elizabeth Halloran", ("Ira M. Longini", "M. Elizabeth Halloran")),
        ("", ()),
    ],
)
def test_line_of_authors_is_split_into_names(written: str, expected: tuple[str, ...]) -> None:
    assert normalize.split_authors(written) == expected


def test_names_keep_their_order_and_their_repeats() -> None:
    assert normalize.clean_authors(["Wei Wang", ":", "and Lin Li", "Wei Wang", " "]) == (
        "Wei Wang",
        "Lin Li",
        "Wei Wang",
    )


@pytest.mark.parametrize(
    "name", ["WanTeam", "Euclid Collaboration", "E3 Consortium", "the MARF R&D Group", "Team Cohere"]
)
def test_collective_is_marked(name: str) -> None:
    assert normalize.is_collective(name)


@pytest.mark.parametrize("name", ["Teame Ghirmay", "Mario Gruppo", "Chen", "Steam Li"])
def test_person_is_no_collective(name: str) -> None:
    assert not normalize.is_collective(name)


def test_fetching_the_old_shape_again_is_no_change() -> None:
    new = hash_of("On Erdős", "One two three.", ("Paul Erdős", "Wei Wang"), "5 pages")
    old = hash_of("On\n  Erd\\H{o}s", "  One two\nthree.\n", (r"Paul Erd\H{o}s", ":", "Wei Wang"), "5\n pages")
    assert new == old


def test_hash_tells_fields_and_order_apart() -> None:
    hashes = [
        ("a", "b", (), ""),
        ("ab", "", (), ""),
        ("a", "", ("b", "c"), ""),
        ("a", "", ("c", "b"), ""),
        ("a", "", (), "b"),
    ]
    assert len({hash_of(*fields) for fields in hashes}) == len(hashes)


@given(st.text())
def test_cleaning_twice_is_cleaning_once(anything: str) -> None:
    once = normalize.clean_abstract(anything)
    assert normalize.clean_abstract(once.replace("\n\n", "\n ")) == once
    assert normalize.clean_line(normalize.clean_line(anything)) == normalize.clean_line(anything)


@given(st.text(alphabet="\\\"'`^~=.uvHcdb{}$ij oeaLl()[] "))
def test_no_tangle_of_tex_breaks_a_name(tangle: str) -> None:
    assert normalize.clean_name(tangle).isprintable()


SICI = "10.1002/(SICI)1097-0258(19980815)17:15/16<1661::AID-SIM968>3.0.CO;2-2"


@pytest.mark.parametrize(
    ("written", "dois"),
    [
        ("", ()),
        ("10.1000/a 10.1000/b\n10.1000/a", ("10.1000/a", "10.1000/b")),
        ("10.1103/a, 10.1103/b;10.1103/c;", ("10.1103/a", "10.1103/b", "10.1103/c")),
        (SICI, (SICI,)),
        ("10.1000/" + "x" * 300, ()),
    ],
)
def test_the_dois_of_a_field_are_parted(written: str, dois: tuple[str, ...]) -> None:
    assert normalize.clean_dois(written) == dois
