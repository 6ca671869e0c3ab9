"""Rows ⇄ document: nothing is lost, nothing equal is written, and the number of queries does not grow."""

import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from PIL import Image

from glossary.models import GlossaryTerm
from issues import storage
from issues.document.values import (
    BlockKind,
    ChoiceTally,
    Document,
    FigureBlock,
    GlossaryBlock,
    HighlightBlock,
    HighlightPart,
    PaperLinkValue,
    PaperRef,
    PaywallBlock,
    PollResultsBlock,
    PollValue,
    SponsorBlock,
    TeasersBlock,
    TermValue,
    TextBlock,
    TextLine,
    ThemesBlock,
)
from issues.models import Choice, Glossary, Highlight, Issue, Poll, PollBlock, PollResults, Series, Text, Vote
from papers.models import Paper, PaperLink
from tests.builders import make_issue, make_paper, make_term

pytestmark = pytest.mark.django_db
CODE = "https://github.com/orionw/limit"


def new_uuid() -> str:
    return str(uuid.uuid4())


def paper_ref(**fields: object) -> PaperRef:
    return PaperRef(
        **{  # type: ignore[arg-type]
            "title": "On the Theoretical Limitations of Embedding-Based Retrieval",
            "arxiv_id": "2508.21038",
            "authors": ("Orion Weller", "Michael Boratko"),
            "primary_category": "cs.IR",
            "submitted": "2025-08-28",
            "links": (
                PaperLinkValue(kind="paper", url="https://arxiv.org/abs/2508.21038"),
                PaperLinkValue(kind="code", url=CODE),
            ),
            **fields,
        }
    )


def elsewhere_ref() -> PaperRef:
    links = (PaperLinkValue(kind="paper", url="https://example.org/report"), PaperLinkValue(kind="code"))
    return PaperRef(title="A report from elsewhere", slug="a-report-from-elsewhere", links=links)


def highlight(*papers: PaperRef, **fields: object) -> HighlightBlock:
    heading = papers[0].title if papers else "A heading"
    parts = (HighlightPart(text="One paragraph."),)
    return HighlightBlock(
        **{"uuid": new_uuid(), "heading": heading, "parts": parts, "papers": papers, **fields}  # type: ignore[arg-type]
    )


def document(*blocks: BlockKind, **fields: object) -> Document:
    return Document(**{"title": "An issue", "slug": "an-issue", "blocks": blocks, **fields})  # type: ignore[arg-type]


def written(value: Document) -> Issue:
    issue = Issue()
    storage.save_document(issue, value)
    return Issue.objects.get(pk=issue.pk)


BLOCKS: list[BlockKind] = [
    TextBlock(uuid=new_uuid(), heading="Wrap-Up", text="One.\n\nTwo, with `code`."),
    TeasersBlock(uuid=new_uuid(), lead_in="This week:", items=("One", "Two"), closing="And more!"),
    ThemesBlock(uuid=new_uuid(), heading="In short", lead_in="Read this.", items=("**One.** A.", "**Two.**\nB.")),
    GlossaryBlock(
        uuid=new_uuid(),
        heading="Quick Glossary",
        terms=(
            TermValue(name="RAG", definition="Retrieval first.", slug="rag", aliases=("retrieval augmentation",)),
            TermValue(name="TIR", qualifier="Tool-Integrated Reasoning", definition="Tools: many.", slug="tir"),
        ),
    ),
    highlight(paper_ref()),
    highlight(paper_ref(), elsewhere_ref(), heading="Two at once", origin="machine"),
    highlight(
        paper_ref(), parts=(HighlightPart(text="First."), HighlightPart(label="Why does it matter?", text="It does."))
    ),
    highlight(heading="Without a paper"),
    highlight(paper_ref(links=()), heading="Without links"),
    PollValue(uuid=new_uuid(), poll="shape", question="Which shape?", choices=("Long", "Short")),
    PollResultsBlock(
        uuid=new_uuid(),
        poll="last",
        question="Which shape?",
        text="Thanks.",
        results=(ChoiceTally(label="Long", votes=0), ChoiceTally(label="Short", votes=0)),
    ),
    SponsorBlock(
        uuid=new_uuid(),
        heading="A sponsor",
        text="Words.",
        url="https://example.org/",
        lines=(TextLine(label="Runs on", text="one server: small"),),
    ),
    PaywallBlock(uuid=new_uuid(), text="The rest is for supporters."),
]


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.kind)
def test_what_is_written_reads_back_equal(block: BlockKind) -> None:
    assert storage.load_document(written(document(block))) == document(block)


def test_a_whole_issue_reads_back_equal() -> None:
    value = document(
        *BLOCKS,
        subtitle="A subtitle",
        number=7,
        series="deep-dives",
        series_name="Deep Dives",
        authors=("LLM Watch",),
        access="supporters",
        mail_subject="A subject",
        preheader="A line",
    )
    assert storage.load_document(written(value)) == value


def test_writing_the_same_again_writes_nothing() -> None:
    issue = written(document(*BLOCKS))
    with CaptureQueriesContext(connection) as queries:
        counts = storage.save_document(issue, document(*BLOCKS))
    assert (counts.created, counts.updated, counts.deleted) == (0, 0, 0)
    assert counts.unchanged == 1 + len(BLOCKS) + 2 + 2
    assert not [query["sql"] for query in queries if query["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]


def test_only_what_differs_is_written() -> None:
    issue = written(document(*BLOCKS))
    changed = TextBlock(uuid=BLOCKS[0].uuid, heading="Wrap-Up", text="New.")
    counts = storage.save_document(issue, document(changed, *BLOCKS[1:]))
    assert (counts.created, counts.updated, counts.deleted) == (0, 1, 0)


def test_blocks_that_are_gone_are_deleted_and_moved_ones_are_kept() -> None:
    first, second, third = (TextBlock(uuid=new_uuid(), text=text) for text in ("1", "2", "3"))
    issue = written(document(first, second, third))
    kept = Text.objects.get(uuid=third.uuid).pk
    counts = storage.save_document(issue, document(third, first))
    assert (counts.updated, counts.deleted) == (2, 1)
    assert Text.objects.values_list("pk", "ordering").first() == (kept, 10)


def test_a_block_of_another_issue_is_not_taken_over() -> None:
    block = TextBlock(uuid=new_uuid(), text="Ours.")
    first = written(document(block))
    second = written(document(block, slug="another", title="Another"))
    assert storage.load_document(first).blocks == (block,)
    assert storage.load_document(second).blocks[0].uuid != block.uuid


@pytest.mark.parametrize("bad", ["", "no uuid", "00000000-0000-0000-0000-00000000000g"])
def test_a_uuid_that_is_none_is_replaced(bad: str) -> None:
    issue = written(document(TextBlock(uuid=bad, text="Words.")))
    assert str(Text.objects.get().uuid) == storage.load_document(issue).blocks[0].uuid


def test_two_blocks_with_one_uuid_become_two() -> None:
    same = new_uuid()
    issue = written(document(TextBlock(uuid=same, text="1"), TextBlock(uuid=same, text="2")))
    assert [block.text for block in storage.load_document(issue).blocks] == ["1", "2"]  # type: ignore[union-attr]


def make_every_kind(issue: Issue, times: int) -> None:
    for _ in range(times):
        block = Highlight.objects.create(parent=issue, text="Text.")
        for paper in (make_paper(), make_paper()):
            PaperLink.objects.create(paper=paper, kind="code", url=CODE)
            block.papers.add(paper)
        Text.objects.create(parent=issue, text="Text.")
        Glossary.objects.create(parent=issue, entries=f"{make_term().name}\nOwn: wording")
        poll = Poll.objects.create(slug=new_uuid(), question="Which?")
        Choice.objects.create(poll=poll, label="This")
        PollBlock.objects.create(parent=issue, poll=poll)
        PollResults.objects.create(parent=issue, poll=poll)


def test_reading_takes_a_constant_number_of_queries(django_assert_max_num_queries: Callable[..., object]) -> None:
    small, large = make_issue(), make_issue()
    make_every_kind(small, 2)
    make_every_kind(large, 4)
    counts = []
    for issue in (small, large):
        with CaptureQueriesContext(connection) as queries:
            storage.load_document(issue)
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[0] < 20


def test_a_paper_has_the_links_that_its_label_names_in_that_order() -> None:
    issue, paper = make_issue(), make_paper("2509.03312")
    PaperLink.objects.create(paper=paper, kind="data", url="https://zenodo.org/1")
    Highlight.objects.create(parent=issue, text="T", printed_links="code/paper").papers.add(paper)
    (found,) = storage.load_document(issue).papers()
    assert found.links == (
        PaperLinkValue(kind="code"),
        PaperLinkValue(kind="paper", url="https://arxiv.org/abs/2509.03312"),
    )


def test_without_a_label_every_known_kind_is_printed_once_in_the_order_of_the_house() -> None:
    issue, paper = make_issue(), make_paper("2509.03312")
    for kind, url in (("video", "https://v.example"), ("code", CODE), ("code", "https://github.com/a/b")):
        PaperLink.objects.create(paper=paper, kind=kind, url=url)
    Highlight.objects.create(parent=issue, text="T").papers.add(paper)
    (found,) = storage.load_document(issue).papers()
    assert [(link.kind, link.url) for link in found.links][1:] == [("code", CODE), ("video", "https://v.example")]


def test_a_paper_beyond_the_label_has_all_known_links() -> None:
    issue, first, second = make_issue(), make_paper(), make_paper()
    block = Highlight.objects.create(parent=issue, text="T", printed_links="code")
    block.papers.add(first)
    block.papers.add(second)
    assert [[link.kind for link in paper.links] for paper in storage.load_document(issue).papers()] == [
        ["code"],
        ["paper"],
    ]


def test_papers_stand_in_the_order_in_which_they_were_added() -> None:
    issue, first, second = make_issue(), make_paper(), make_paper()
    block = Highlight.objects.create(parent=issue, text="T")
    block.papers.add(second)
    block.papers.add(first)
    assert [paper.key for paper in storage.load_document(issue).papers()] == [second.key, first.key]


def test_a_highlight_without_heading_has_the_title_of_its_paper() -> None:
    issue = make_issue()
    Highlight.objects.create(parent=issue, text="T").papers.add(make_paper(title="A title"))
    (block,) = storage.load_document(issue).highlights()
    assert block.heading == "A title"


@pytest.mark.parametrize(
    ("fields", "day"),
    [
        ({"submitted": datetime(2025, 9, 3, 23, 59, tzinfo=UTC), "announced": date(2025, 9, 5)}, "2025-09-03"),
        ({"announced": date(2025, 9, 5)}, "2025-09-05"),
        ({}, ""),
    ],
)
def test_the_day_of_a_paper_is_that_of_submission_else_of_announcement(fields: dict[str, Any], day: str) -> None:
    issue = make_issue()
    Highlight.objects.create(parent=issue, text="T").papers.add(make_paper(**fields))
    assert [paper.submitted for paper in storage.load_document(issue).papers()] == [day]


def test_a_known_paper_keeps_its_facts_and_gets_the_links_it_lacks() -> None:
    paper = make_paper("2508.21038", title="The title we know")
    issue = written(document(highlight(paper_ref())))
    paper.refresh_from_db()
    assert (paper.title, paper.stub) == ("The title we know", False)
    assert list(paper.links.values_list("kind", "url", "where")) == [("code", CODE, "issue")]
    assert next(storage.load_document(issue).highlights()).heading == paper_ref().title


def test_an_unknown_paper_becomes_a_stub_marked_for_matching() -> None:
    written(document(highlight(paper_ref(), elsewhere_ref())))
    assert set(Paper.objects.stubs().values_list("arxiv_id", "slug")) == {
        ("2508.21038", None),
        (None, "a-report-from-elsewhere"),
    }


def test_an_address_that_is_none_is_left_out_and_reported() -> None:
    bad = paper_ref(links=(PaperLinkValue(kind="code", url="javascript:alert(1)"),))
    issue = Issue()
    counts = storage.save_document(issue, document(highlight(bad)))
    assert not PaperLink.objects.exists()
    assert ["javascript:alert(1)" in problem.what for problem in counts.problems] == [True]


def test_a_wording_that_differs_from_the_glossary_is_the_issues_own() -> None:
    make_term("RAG", definition="The old wording.")
    own = TermValue(name="rag", definition="A new wording.", slug="rag")
    issue = written(document(GlossaryBlock(uuid=new_uuid(), terms=(own,))))
    assert GlossaryTerm.objects.get().definition == "The old wording."
    assert list(storage.load_document(issue).terms()) == [own]
    assert [term.name for term in Glossary.objects.get().terms.all()] == ["RAG"]


def test_a_bare_name_follows_the_glossary() -> None:
    term, issue = make_term("RAG", qualifier="retrieval", aliases=["R.A.G."]), make_issue()
    Glossary.objects.create(parent=issue, entries="rag")
    (found,) = storage.load_document(issue).terms()
    assert (found.name, found.qualifier, found.definition, found.slug, found.aliases) == (
        "rag",
        "retrieval",
        term.definition,
        "rag",
        ("R.A.G.",),
    )


def test_a_new_term_whose_slug_is_taken_gets_another() -> None:
    make_term("C", slug="c")
    written(document(GlossaryBlock(uuid=new_uuid(), terms=(TermValue(name="C++", definition="A language."),))))
    assert GlossaryTerm.objects.get(name="C++").slug == "c-2"


def test_a_known_series_is_found_by_its_name() -> None:
    Series.objects.create(name="Deep Dives", slug="dives")
    issue = written(document(series="deep-dives", series_name="deep dives"))
    assert storage.load_document(issue).series == "dives"


def test_a_known_poll_keeps_its_question_and_choices() -> None:
    poll = Poll.objects.create(slug="shape", question="Ours?")
    written(document(PollValue(uuid=new_uuid(), poll="shape", question="Theirs?", choices=("A", "B"))))
    poll.refresh_from_db()
    assert (poll.question, poll.choices.count()) == ("Ours?", 0)


def test_poll_results_count_the_votes() -> None:
    issue, poll = make_issue(), Poll.objects.create(slug="shape", question="Which?")
    for position, (label, votes) in enumerate((("Long", 2), ("Short", 0))):
        choice = Choice.objects.create(poll=poll, label=label, position=position)
        for number in range(votes):
            choice.votes.create(poll=poll, voter=f"{label}{number}")
    PollResults.objects.create(parent=issue, poll=poll)
    (block,) = storage.load_document(issue).blocks
    assert isinstance(block, PollResultsBlock)
    assert block.results == (ChoiceTally(label="Long", votes=2), ChoiceTally(label="Short", votes=0))


def results(poll: str, votes: int) -> PollResultsBlock:
    tallies = (ChoiceTally(label="Long", votes=votes), ChoiceTally(label="Short", votes=0))
    return PollResultsBlock(uuid=new_uuid(), poll=poll, question="Which?", results=tallies)


def test_votes_that_were_counted_elsewhere_are_kept_and_never_added_twice() -> None:
    value = document(results("shape", 12))
    issue = written(value)
    assert storage.load_document(issue) == value
    storage.save_document(issue, value)
    assert Vote.objects.count() == 12


def test_votes_that_were_counted_here_stay() -> None:
    poll = Poll.objects.create(slug="shape", question="Which?")
    Choice.objects.create(poll=poll, label="Long").votes.create(poll=poll, voter="one")
    written(document(results("shape", 12)))
    assert poll.votes.count() == 1


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        (document(results("shape", 100_001)), "the poll “shape” has more than 100,000 votes"),
        (document(title="x" * 301), "The issue: the title is longer than 300 characters"),
        (document(authors=("x" * 121,)), "authors is longer than 120"),
        (document(access="nobody"), "The issue: the access “nobody” is unknown; write one of: everyone, supporters"),
        (document(TextBlock(uuid="", heading="x" * 301, text="")), r"Block 1 \(text\): the heading is longer"),
        (document(highlight(origin="robot")), "origin “robot” is unknown"),
        (document(PollValue(uuid="", poll="no slug!", question="?", choices=())), "the poll “no slug!”"),
        (document(highlight(PaperRef(title="Nameless"))), "“Nameless” has neither"),
    ],
)
def test_what_no_row_can_hold_is_refused_by_name_and_nothing_is_written(value: Document, sentence: str) -> None:
    with pytest.raises(storage.DoesNotFit, match=sentence):
        storage.save_document(Issue(), value)
    assert not Issue.objects.exists()


@pytest.fixture
def picture(tmp_path: Path, settings: object) -> str:
    settings.MEDIA_ROOT = tmp_path  # type: ignore[attr-defined]
    data = BytesIO()
    Image.new("RGB", (4, 3)).save(data, "PNG")
    (tmp_path / "figures").mkdir()
    (tmp_path / "figures" / "wave.png").write_bytes(data.getvalue())
    (tmp_path / "figures" / "none.png").write_text("no image")
    return "figures/wave.png"


def figure(src: str) -> FigureBlock:
    return FigureBlock(
        uuid=new_uuid(), src=src, alt="Waves", caption="A *wave*.", credit="LLM Watch", licence="CC0", width=4, height=3
    )


def test_a_figure_whose_image_is_there_reads_back_equal(picture: str) -> None:
    value = document(figure(picture))
    assert storage.load_document(written(value)) == value


@pytest.mark.parametrize(
    "src", ["figures/missing.png", "figures/none.png", "../../secret.png", "https://example.org/a.png", "", "figures"]
)
def test_a_figure_without_an_image_below_media_root_is_reported_and_left_out(picture: str, src: str) -> None:
    issue = Issue()
    counts = storage.save_document(issue, document(figure(src)))
    assert storage.load_document(issue).blocks == ()
    assert [problem.where for problem in counts.problems] == ["figure"]


LINES = st.text(st.characters(codec="utf-8", categories=["L", "N", "P", "S"]), min_size=1, max_size=12)


class Hostile(TestCase):
    """Any words survive."""

    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(texts=st.lists(LINES, min_size=4, max_size=6), two=st.booleans())
    def test_any_words_read_back_equal(self, texts: list[str], two: bool) -> None:
        value = document(
            TextBlock(uuid=new_uuid(), heading=texts[0], text="\n\n".join(texts)),
            TeasersBlock(uuid=new_uuid(), items=tuple(texts), lead_in=texts[1], closing=texts[2]),
            ThemesBlock(uuid=new_uuid(), items=tuple(texts)),
            highlight(
                *[paper_ref(), elsewhere_ref()][: 1 + two],
                heading=texts[3],
                parts=(HighlightPart(text="x" + texts[0]),),
            ),
            PaywallBlock(uuid=new_uuid(), text=texts[1]),
        )
        assert storage.load_document(written(value)) == value
