"""What a paper becomes: versions, sources, gaps, an editor's changes."""

import dataclasses
from datetime import UTC, date, datetime
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from papers.records.merge import SOURCE_RANKS, PaperState, StateEvent, find_events, merge_state, state_of
from tests.papers.paper_records import FIRST, SECOND, make_record

EARLIER = datetime(2018, 7, 10, tzinfo=UTC)
LATER = datetime(2019, 3, 30, tzinfo=UTC)


def state(version: int | None = 1, **fields: Any) -> PaperState:
    return state_of(make_record(version=version, **fields))


def archive(**fields: Any) -> PaperState:
    return state(None, source="archive", **fields)


def test_a_newer_version_takes_the_place_of_an_older_one() -> None:
    merged = merge_state(state(1), state(2, title="AgenTracer, revised"))
    assert (merged.version, merged.title, merged.submitted, merged.updated) == (2, "AgenTracer, revised", FIRST, SECOND)


def test_an_older_version_never_takes_the_place_of_a_newer_one() -> None:
    known = state(2, title="AgenTracer, revised")
    assert merge_state(known, state(1)) == known


def test_an_older_version_fills_gaps() -> None:
    merged = merge_state(state(2, comment="", dois=()), state(1, comment="9 pages", dois=("10.1000/a",)))
    assert (merged.version, merged.comment, merged.dois) == (2, "9 pages", ("10.1000/a",))


def test_empty_never_overwrites_full() -> None:
    full = state(1, comment="9 pages", journal_ref="Nature 1", dois=("10.1000/a",), licence="https://a.org/l")
    bare = state(1, abstract="", authors=(), categories=())
    assert merge_state(full, bare) == dataclasses.replace(full, content_hash=bare.content_hash)


def test_a_version_without_its_date_does_not_inherit_that_of_another() -> None:
    assert merge_state(state(1), state(2, updated=None)).updated is None


def test_a_file_that_tells_no_version_does_not_overwrite_one_that_is_known() -> None:
    known = state(1)
    merged = merge_state(known, state(None, source="corpus", title="Another", announced=date(2025, 9, 4)))
    assert merged == dataclasses.replace(known, announced=date(2025, 9, 4))


def test_the_query_api_overwrites_what_other_sources_said_of_the_same_version() -> None:
    merged = merge_state(state(1, source="snapshot", authors=("G. Zhang",)), state(1))
    assert (merged.source, merged.authors) == ("atom", ("Guibin Zhang", "Junhao Wang"))


def test_a_lesser_source_of_the_same_version_fills_gaps_only() -> None:
    merged = merge_state(state(1), state(1, source="snapshot", title="Agentracer", journal_ref="Nature 1"))
    assert (merged.title, merged.journal_ref, merged.source) == ("AgenTracer", "Nature 1", "atom")


def test_categories_and_journal_reference_change_without_a_new_version() -> None:
    merged = merge_state(state(1, journal_ref="To appear"), state(1, categories=("cs.AI",), journal_ref="Nature 1"))
    assert (merged.categories, merged.journal_ref) == (("cs.AI",), "Nature 1")


def test_of_two_archive_lines_the_later_dated_one_is_kept_in_any_order() -> None:
    old, new = archive(title="Old", submitted=EARLIER), archive(title="New", submitted=EARLIER, updated=LATER)
    assert [merge_state(one, two).title for one, two in permutations([old, new])] == ["New", "New"]


def test_of_two_archive_lines_of_one_date_the_first_stays() -> None:
    known = archive(submitted=EARLIER, categories=("cs.AR", "cs.ET"))
    assert merge_state(known, archive(submitted=EARLIER, categories=("cs.AR",), title="Another")) == known


def test_a_corpus_line_that_was_corrected_is_taken() -> None:
    assert (
        merge_state(state(None, source="corpus", title="Agentracer"), state(None, source="corpus")).title
        == "AgenTracer"
    )


def raw(version: int = 1, datestamp: date = date(2025, 9, 5), **fields: Any) -> PaperState:
    """What OAI-PMH's arXivRaw says."""
    return state(version, source="raw", datestamp=datestamp, **fields)


def test_what_changed_without_a_new_version_is_taken_from_the_newest_datestamp() -> None:
    new: dict[str, Any] = {
        "categories": ("cs.LG",),
        "journal_ref": "Nature 1",
        "dois": ("10.1000/a",),
        "licence": "https://a.org/new",
    }
    old: dict[str, Any] = {
        "categories": ("cs.CL",),
        "journal_ref": "To appear",
        "dois": ("10.1000/b",),
        "licence": "https://a.org/old",
    }
    known = merge_state(state(1, **old), raw(datestamp=date(2025, 9, 5), **old))
    merged = merge_state(known, raw(datestamp=date(2025, 9, 6), **new))
    assert {name: getattr(merged, name) for name in new} == new
    assert (merged.source, merged.datestamp) == ("atom", date(2025, 9, 6))


def test_an_older_datestamp_changes_nothing() -> None:
    known = merge_state(state(1), raw(datestamp=date(2025, 9, 6), categories=("cs.LG",)))
    assert merge_state(known, raw(datestamp=date(2025, 9, 5), categories=("cs.CL",))) == known


def test_the_query_api_does_not_take_back_what_a_datestamp_told() -> None:
    known = raw(categories=("cs.LG",))
    assert merge_state(known, state(1, categories=("cs.CL",))).categories == ("cs.LG",)


def test_a_newer_version_has_the_say_over_an_older_ones_datestamp() -> None:
    known = raw(version=1, categories=("cs.LG",))
    assert merge_state(known, state(2, categories=("cs.CL",))).categories == ("cs.CL",)
    assert merge_state(state(2, categories=("cs.CL",)), known).categories == ("cs.CL",)


def test_a_datestamp_without_a_version_is_of_the_latest_one() -> None:
    said = state(None, source="oai", datestamp=date(2025, 9, 6), categories=("cs.LG",), authors=("G. Zhang",))
    merged = merge_state(raw(version=3), said)
    assert (merged.version, merged.categories, merged.authors) == (3, ("cs.LG",), ("G. Zhang",))


@pytest.mark.parametrize(
    ("better", "worse"), [("atom", "raw"), ("oai", "raw"), ("rss", "raw"), ("atom", "rss"), ("oai", "rss")]
)
def test_names_come_from_the_source_that_has_them_best_in_any_order(better: str, worse: str) -> None:
    good, bad = state(1, source=better, authors=("Mária Ján",)), state(1, source=worse, authors=("Maria Jan",))
    assert [merge_state(one, other).authors for one, other in permutations([good, bad])] == [("Mária Ján",)] * 2


def test_the_earliest_announcement_is_kept() -> None:
    merged = merge_state(state(1, announced=date(2025, 9, 4)), state(2, announced=date(2025, 10, 2)))
    assert merged.announced == date(2025, 9, 4)


def test_a_stub_is_filled() -> None:
    stub = dataclasses.replace(state(None, source=""), title="agentracer", abstract="", content_hash="", stub=True)
    assert merge_state(stub, state(1)) == state(1)


def test_a_withdrawal_is_marked_with_its_sentence() -> None:
    merged = merge_state(state(1), state(2, comment="This paper has been withdrawn by the author"))
    assert (merged.withdrawn, merged.withdrawal) == (True, "This paper has been withdrawn by the author")


def test_a_withdrawal_stands_until_a_newer_version_no_longer_speaks_of_it() -> None:
    known = state(2, comment="Withdrawn")
    assert merge_state(known, state(2, comment="9 pages")).withdrawn
    assert not merge_state(known, state(3, comment="9 pages")).withdrawn


def test_a_feed_that_tells_no_comments_takes_no_withdrawal_back() -> None:
    known = state(2, comment="Withdrawn")
    assert merge_state(known, state(3, source="rss", comment="")).withdrawn
    assert not merge_state(
        merge_state(known, state(3, source="rss", comment="")), state(3, comment="9 pages")
    ).withdrawn


def test_a_paper_that_was_replaced_keeps_the_sentence_for_a_person() -> None:
    merged = merge_state(state(1), state(2, comment="This paper is withdrawn and replaced by another"))
    assert (merged.withdrawn, merged.withdrawal) == (False, "This paper is withdrawn and replaced by another")


texts = st.sampled_from(["", "a", "b", "Withdrawn"])
days = st.none() | st.sampled_from([EARLIER, LATER])
states = st.builds(
    lambda version, source, fields: state(version, source=source, **fields),
    st.none() | st.integers(1, 3),
    st.sampled_from(SOURCE_RANKS[1:]),
    st.fixed_dictionaries(
        {
            "abstract": texts,
            "comment": texts,
            "submitted": days,
            "updated": days,
            "authors": st.sampled_from([(), ("A B",), ("C D",)]),
            "categories": st.sampled_from([(), ("cs.CL",), ("cs.LG",)]),
            "datestamp": st.none() | st.sampled_from([date(2025, 9, 5), date(2025, 9, 6)]),
        }
    ),
)


@given(states, states)
def test_saying_the_same_again_changes_nothing(known: PaperState, said: PaperState) -> None:
    merged = merge_state(known, said)
    assert merge_state(merged, said) == merged
    assert (merged.version or 0) == max(known.version or 0, said.version or 0)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (state(1), state(2), [StateEvent("version", "v2", SECOND)]),
        (state(1), state(1, comment="Withdrawn"), [StateEvent("withdrawal", "Withdrawn", FIRST)]),
        (state(1), state(1, journal_ref="Nature 1"), [StateEvent("publication", "Nature 1")]),
        (state(None, source="corpus"), state(1, journal_ref="Nature 1"), []),
        (state(1, journal_ref="To appear"), state(1, journal_ref="Nature 1"), []),
        (state(1), state(1), []),
    ],
)
def test_what_happened_to_a_paper_is_told(before: PaperState, after: PaperState, expected: list[StateEvent]) -> None:
    assert list(find_events(before, after, code="")) == expected


def test_the_first_code_link_is_news_of_a_paper_that_was_known_in_full() -> None:
    assert list(find_events(state(1), state(1), code="https://github.com/a/b")) == [
        StateEvent("code", "https://github.com/a/b")
    ]
    assert list(find_events(state(None, source="archive"), state(1), code="https://github.com/a/b")) == []
