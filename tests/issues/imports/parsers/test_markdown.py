"""Markdown → blocks: the natural forms, the marked ones, and files that mean harm."""

import contextlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from core.text.commonmark import MAX_LENGTH
from issues.document.values import (
    BLOCK_KINDS,
    BlockKind,
    ChoiceTally,
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
from issues.imports.parsers import BadIssue, parse_markdown
from issues.rendering.formats.text import to_text
from llmwatch.demo.sample import SAMPLE_FOLDER


def block(text: str) -> BlockKind:
    """The only block of a text that stands after a first one."""
    draft = parse_markdown(f"First.\n\n{text}")
    assert draft.problems == ()
    (_, found) = draft.document.blocks
    return found


def test_a_file_without_a_head_has_its_title_in_its_first_heading() -> None:
    draft = parse_markdown("# A title\n\nWelcome.\n\n## Wrap-Up\n\nThat was it.")
    assert draft.document.title == "A title"
    assert draft.document.blocks == (
        TextBlock(uuid="", text="Welcome."),
        TextBlock(uuid="", heading="Wrap-Up", text="That was it."),
    )


def test_the_head_says_what_the_issue_is() -> None:
    head = "title: 2025\nnumber: '7'\nauthors:\n- A\n- B\naccess: supporters\nseries: dives\npreheader: yes"
    value = parse_markdown(f"---\n{head}\n---\nText.").document
    assert (value.title, value.number, value.authors, value.access) == ("2025", 7, ("A", "B"), "supporters")
    assert (value.series, value.preheader) == ("dives", "yes")


def test_the_opening_may_end_in_teasers() -> None:
    value = parse_markdown("Welcome.\n\nThis week:\n\n- one\n- two\n\nAnd more!\n\n## Wrap-Up").document
    assert value.blocks[:2] == (
        TextBlock(uuid="", text="Welcome."),
        TeasersBlock(uuid="", lead_in="This week:", items=("one", "two"), closing="And more!"),
    )


def test_a_heading_with_links_is_a_highlight_and_an_arxiv_address_names_its_paper() -> None:
    assert block("## A title ([paper](https://arxiv.org/abs/2508.21038v2)/code)\n\nText.\n\n### Why?\n\nSo.") == (
        HighlightBlock(
            uuid="",
            heading="A title",
            papers=(
                PaperRef(
                    title="A title",
                    arxiv_id="2508.21038",
                    links=(
                        PaperLinkValue(kind="paper", url="https://arxiv.org/abs/2508.21038v2"),
                        PaperLinkValue(kind="code"),
                    ),
                ),
            ),
            parts=(HighlightPart(text="Text."), HighlightPart(label="Why?", text="So.")),
        )
    )


def test_watched_papers_make_a_highlight_of_several() -> None:
    found = block("## Two at once\n\nWatching: One (paper)\n\nWatching: Two (code)\n\nText.")
    assert isinstance(found, HighlightBlock)
    assert ([paper.title for paper in found.papers], found.heading) == (["One", "Two"], "Two at once")
    assert found.parts == (HighlightPart(text="Text."),)


def test_a_list_of_definitions_under_a_glossary_heading_is_a_glossary() -> None:
    assert block("## A glossary\n\n- RL: It acts.\n- TIR (tools): Many.") == GlossaryBlock(
        uuid="",
        heading="A glossary",
        terms=(
            TermValue(name="RL", definition="It acts."),
            TermValue(name="TIR", qualifier="tools", definition="Many."),
        ),
    )


def test_other_text_under_a_glossary_heading_is_text() -> None:
    assert isinstance(block("## About the glossary\n\n- no definition"), TextBlock)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "<!-- themes lead -->\n## In short\n\nRead.\n\n**One.** A.\n\nTwo.",
            ThemesBlock(uuid="", heading="In short", lead_in="Read.", items=("**One.** A.", "Two.")),
        ),
        (
            "<!-- figure 4x3 -->\n![A \\[b\\]](/media/figures/a.png)\n\nA *wave*.\n\nCredit: Us\n\nLicense: CC0",
            FigureBlock(
                uuid="",
                src="figures/a.png",
                alt="A [b]",
                caption="A *wave*.",
                credit="Us",
                licence="CC0",
                width=4,
                height=3,
            ),
        ),
        (
            "<!-- poll shape -->\nWhich?\n\n- Long\n- Short",
            PollValue(uuid="", poll="shape", question="Which?", choices=("Long", "Short")),
        ),
        (
            "<!-- poll_results shape -->\nWhich?\n\n- Long: 12\n- Short: 3\n\nThanks.",
            PollResultsBlock(
                uuid="",
                poll="shape",
                question="Which?",
                results=(ChoiceTally(label="Long", votes=12), ChoiceTally(label="Short", votes=3)),
                text="Thanks.",
            ),
        ),
        (
            "<!-- sponsor -->\n## [A sponsor](https://example.org/)\n\nWords.\n\n- Runs on: it",
            SponsorBlock(
                uuid="",
                heading="A sponsor",
                url="https://example.org/",
                text="Words.",
                lines=(TextLine(label="Runs on", text="it"),),
            ),
        ),
        ("<!-- paywall -->\nFor supporters.", PaywallBlock(uuid="", text="For supporters.")),
        ("<!-- paywall -->", PaywallBlock(uuid="")),
        ("<!-- text -->\nJust words.", TextBlock(uuid="", text="Just words.")),
    ],
    ids=lambda value: "" if isinstance(value, str) else value.kind,
)  # fmt: skip
def test_a_marker_begins_its_block(text: str, expected: BlockKind) -> None:
    assert block(text) == expected


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("<!-- figure -->\nNo picture.", "A figure begins with ![what it shows](address of the picture)."),
        ("<!-- poll -->\nWhich?\n\n- A", "A poll needs its short name"),
        ("<!-- poll shape -->\nWhich?", "A poll is a question and a list of choices"),
        ('<!-- block #1 -->\n```json\n{"kind": "song"}\n```\n<!-- /block #1 -->', "no JSON of a block"),
        ("<!-- block #1 -->\n" + "[" * 90_000 + "\n<!-- /block #1 -->", "no JSON of a block"),
    ],
)
def test_a_block_that_cannot_be_read_is_kept_as_text_and_told(text: str, sentence: str) -> None:
    draft = parse_markdown(f"## Before\n\nA.\n\n{text}")
    assert isinstance(draft.document.blocks[-1], TextBlock)
    assert draft.document.blocks[-1].text in text
    (problem,) = draft.problems
    assert problem.where.endswith("after “Before”")
    assert sentence in problem.what


def test_headings_and_markers_inside_code_begin_nothing() -> None:
    found = block("## Code\n\n```\n## Heading\n<!-- paywall -->\n```\n\nEnd.")
    assert found == TextBlock(uuid="", heading="Code", text="```\n## Heading\n<!-- paywall -->\n```\n\nEnd.")


def test_blocks_keep_their_uuids_where_the_kinds_still_fit() -> None:
    head = "---\ntitle: x\nblocks:\n- text a\n- highlight b\n- text c\n---\n"
    value = parse_markdown(f"{head}\nOne.\n\n## New (paper)\n\nN.\n\n## Old (paper)\n\nO.\n\n## End\n\nE.").document
    assert [block.uuid for block in value.blocks] in (["a", "b", "", "c"], ["a", "", "b", "c"])


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "The file is empty."),
        ("a\x00b", "NUL"),
        ("x" * (MAX_LENGTH + 1), "the limit is 500,000"),
        ("---\ntitle: a: b\n---\n", r"not YAML \(line 2 of the file\)"),
        ("---\n- a\n---\n", "must be lines of “name: value”"),
        ("---\ntitle: [a]\n---\n", "title in the front matter is no text"),
        ("---\nauthors: A\n---\n", "authors in the front matter is no list of texts"),
        ("---\npapers:\n- A\n---\n", "papers in the front matter is no list of entries"),
        ("---\nnumber: seven\n---\n", "number is 'seven'; write a whole number"),
        ("---\nnumber: ٣\n---\n", "write a whole number"),
        ("---\naccess: friends\n---\n", "access is 'friends'; write everyone or supporters"),
        ("---\na: &a [x]\nb: [*a, *a]\n---\n", "uses YAML aliases"),
        ("---\na: " + "[" * 60_000 + "\n---\n", "not YAML|nested too deeply"),
        ("---\ntitle: !!python/object/apply:os.system [x]\n---\n", "title in the front matter is no text"),
    ],
)
def test_what_is_no_issue_is_refused_in_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(BadIssue, match=sentence):
        parse_markdown(text)


PIECES = st.sampled_from(
    """## Heading
## T (paper)
### Part
- item
Lead:
text

```
~~~
---
title: x
> a
    code
<!-- text -->
<!-- themes -->
<!-- figure -->
<!-- poll a -->
<!-- sponsor -->
<!-- paywall #1 -->
<!-- /paywall #1 -->
<!-- block #1 -->
<!-- /block #1 -->
Watching: A (paper)
Glossary
![a](/media/b)""".split("\n")
)


@given(st.lists(st.one_of(PIECES, st.text(max_size=20)), max_size=12).map("\n".join))
@example("---\n---\nx")
@example("<!-- poll a -->\nq\n- a: b")
def test_any_text_is_read_or_refused_and_nothing_else(text: str) -> None:
    with contextlib.suppress(BadIssue):
        to_text(parse_markdown(text).document)


def test_words_after_the_choices_of_a_poll_are_kept_and_said_to_be_no_part_of_it() -> None:
    draft = parse_markdown("Begin.\n\n<!-- poll a -->\n\nWhich?\n\n- This\n\nAnd more.")
    assert "And more." in repr(draft.document.blocks)
    assert "A poll ends with its choices" in draft.problems[0].what


@given(st.lists(PIECES.filter(lambda piece: piece not in {"---", "title: x"}), max_size=9))
def test_every_plain_paragraph_is_kept_in_order(pieces: list[str]) -> None:
    numbered = [f"paragraph {number} is here" for number in range(len(pieces))]
    mixed = "\n\n".join(line for pair in zip(numbered, pieces, strict=True) for line in pair)
    shown = repr(parse_markdown(f"Begin.\n\n{mixed}").document.blocks)
    positions = [shown.find(paragraph) for paragraph in numbered]
    assert -1 not in positions
    assert positions == sorted(positions)


@pytest.mark.parametrize("line", ["<!-- text #1 -->", "## A (paper)", "<!-- paywall -->"])
def test_more_blocks_than_any_issue_has_are_refused(line: str) -> None:
    with pytest.raises(BadIssue, match="blocks, so it is no issue; the limit is 500"):
        parse_markdown("\n\n".join([line] * 20_000))


def test_the_sample_issue_has_no_problem_and_every_kind_of_block() -> None:
    draft = parse_markdown((SAMPLE_FOLDER / "issue.md").read_text())
    assert draft.problems == ()
    assert {block.kind for block in draft.document.blocks} == set(BLOCK_KINDS)
