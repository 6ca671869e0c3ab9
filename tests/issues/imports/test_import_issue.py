"""Importing: every paper found or reported, the same file twice changes nothing, an editor's work is never lost."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from core.command_reports import Refused, Report
from glossary.models import GlossaryTerm
from issues.editorial import publish
from issues.imports.import_issue import import_issue
from issues.models import Edition, Glossary, Highlight, Issue, Teasers, Text
from papers.ingest.bulk_load import load_files as load_papers
from papers.models import Paper, PaperLink
from tests.builders import NOON, make_issue, make_paper, make_series
from tests.data import data_path, needs_data

pytestmark = pytest.mark.django_db

AGENTS = "AgenTracer: Who Is Inducing Failure in the LLM Agentic Systems?"
LIMITS = "On the Theoretical Limitations of Embedding-Based Retrieval"
PLAIN = f"""Welcome, Watcher! The highlights include:
Who failed, and why
What one vector cannot hold
Quick Glossary (for the uninitiated)
Agentic RL: Reinforcement learning that makes models act.
{AGENTS} (paper/code)
The first highlight says in one paragraph what was done.
{LIMITS} (paper)
The second highlight says it too.
Wrap-Up
That was all for this week.
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "issue.txt"
    path.write_text(PLAIN)
    return path


def known_papers() -> tuple[Paper, Paper]:
    return make_paper("2509.03312", title=AGENTS), make_paper("2508.21038", title=LIMITS)


def bring_in(path: Path, **options: Any) -> Report:
    return import_issue(path, **{"title": "Two Papers", **options})


def counted(report: Report) -> tuple[int, int]:
    return report.counts["created"], report.counts["updated"]


def test_a_plain_text_becomes_an_issue_with_its_papers_and_terms(file: Path) -> None:
    known_papers()
    report = bring_in(file, number=3)
    issue = Issue.objects.get(slug="two-papers")
    assert (issue.title, issue.number, issue.state, issue.mail_at) == ("Two Papers", 3, "draft", None)
    assert [paper.arxiv_id for block in Highlight.objects.order_by("ordering") for paper in block.papers.all()] == [
        "2509.03312",
        "2508.21038",
    ]
    assert (report.counts["unmatched"], report.problems) == (0, ())
    assert GlossaryTerm.objects.get().name == "Agentic RL"


def test_the_same_file_again_changes_nothing(file: Path) -> None:
    known_papers()
    first = bring_in(file)
    again = bring_in(file)
    assert counted(again) == (0, 0)
    assert again.counts["unchanged"] == first.counts["created"] + first.counts["updated"] + first.counts["unchanged"]
    assert Edition.objects.count() == 1


def test_a_byte_order_mark_and_windows_line_ends_change_nothing(file: Path) -> None:
    bring_in(file)
    file.write_bytes(b"\xef\xbb\xbf" + PLAIN.replace("\n", "\r\n").encode())
    assert counted(bring_in(file)) == (0, 0)


def test_a_changed_file_updates_what_it_changes_and_keeps_the_rest(file: Path) -> None:
    known_papers()
    bring_in(file)
    before = dict(Highlight.objects.values_list("uuid", "pk"))
    file.write_text(PLAIN.replace("says it too", "says it better"))
    assert counted(bring_in(file)) == (0, 1)
    assert dict(Highlight.objects.values_list("uuid", "pk")) == before


def test_an_unknown_paper_becomes_a_stub_and_a_problem_that_names_it(file: Path) -> None:
    report = bring_in(file)
    assert report.counts["unmatched"] == 2
    assert [problem.where for problem in report.problems] == [AGENTS, LIMITS]
    assert set(Paper.objects.values_list("stub", "arxiv_id")) == {(True, None)}
    assert counted(bring_in(file)) == (0, 0)


def test_a_title_that_two_papers_have_is_reported_and_matched_to_neither(file: Path) -> None:
    known_papers()
    make_paper("2509.99999", title=AGENTS)
    report = bring_in(file)
    assert report.counts["unmatched"] == 1
    assert "2509.03312" in report.problems[0].what
    assert "2509.99999" in report.problems[0].what
    assert Highlight.objects.order_by("ordering")[0].papers.get().stub


def test_a_paper_that_has_become_known_replaces_its_stub(file: Path) -> None:
    bring_in(file)
    known_papers()
    report = bring_in(file)
    assert report.counts["unmatched"] == 0
    assert [block.papers.get().arxiv_id for block in Highlight.objects.order_by("ordering")] == [
        "2509.03312",
        "2508.21038",
    ]
    assert not Paper.objects.stubs().exists()


def test_the_stub_of_a_published_issue_keeps_its_address(file: Path) -> None:
    bring_in(file, publish=True)
    known_papers()
    bring_in(file)
    assert Paper.objects.stubs().count() == 2


def test_a_stub_that_an_editor_renamed_is_found_again(file: Path) -> None:
    bring_in(file)
    Paper.objects.filter(title=LIMITS).update(title="Another title")
    assert counted(bring_in(file)) == (0, 0)
    assert Paper.objects.count() == 2


def test_promised_links_are_counted_and_told_but_no_problem(file: Path) -> None:
    known_papers()
    told: list[str] = []
    report = bring_in(file, say=told.append)
    assert (report.counts["promised"], report.problems) == (1, ())
    assert told == [f"“{AGENTS}”: “code” is printed after the title, but no such link is known."]


def test_an_edited_issue_is_refused_and_the_difference_is_named(file: Path) -> None:
    bring_in(file)
    Text.objects.filter(heading="Wrap-Up").update(text="That was all for this month.")
    file.write_text(PLAIN.replace("says it too", "says it better"))
    with pytest.raises(Refused) as refused:
        bring_in(file)
    lines = str(refused.value).split("\n")
    assert "was edited since its last import; nothing is changed." in lines[0]
    assert lines[1:] == ["  text “Wrap-Up”, text: “…was all for this week.” → “…was all for this month.”"]
    assert not Highlight.objects.filter(text__contains="better").exists()


@pytest.mark.parametrize("name", ["title", "subtitle", "preheader"])
def test_an_edited_head_is_refused_too(file: Path, name: str) -> None:
    bring_in(file)
    Issue.objects.update(**{name: "An editor's words"})
    with pytest.raises(Refused, match=f"{name}: .* → “An editor's words”"):
        bring_in(file, title="Three Papers" if name == "title" else "Two Papers", slug="two-papers")


def test_overwriting_puts_the_file_in_place_of_an_edit(file: Path) -> None:
    bring_in(file)
    Text.objects.filter(heading="Wrap-Up").update(text="That was all for this month.")
    assert counted(bring_in(file, overwrite=True)) == (0, 1)
    assert counted(bring_in(file)) == (0, 0)
    assert Text.objects.get(heading="Wrap-Up").text == "That was all for this week."


def test_an_edit_that_the_file_has_too_is_none(file: Path) -> None:
    bring_in(file)
    Text.objects.filter(heading="Wrap-Up").update(text="That was all for this month.")
    file.write_text(PLAIN.replace("this week.", "this month."))
    assert counted(bring_in(file)) == (0, 0)


def test_a_deleted_and_an_added_block_are_edits(file: Path) -> None:
    bring_in(file)
    Teasers.objects.all().delete()
    Text.objects.create(parent=Issue.objects.get(), text="Added.", ordering=999)
    with pytest.raises(Refused, match=r"teasers “The highlights include:”: is gone\n  text “Added.”: is new"):
        bring_in(file)


def test_a_paper_that_got_a_new_title_and_a_link_is_no_edit(file: Path) -> None:
    agents, _ = known_papers()
    bring_in(file)
    Paper.objects.filter(pk=agents.pk).update(title="AgenTracer, second version")
    PaperLink.objects.create(paper=agents, kind="code", url="https://github.com/bingreeky/AgenTracer")
    assert counted(bring_in(file)) == (0, 0)
    assert Highlight.objects.order_by("ordering")[0].heading == ""


def test_a_term_that_got_a_new_wording_is_no_edit_and_stays_followed(file: Path) -> None:
    bring_in(file)
    GlossaryTerm.objects.update(definition="A better definition.")
    assert counted(bring_in(file)) == (0, 0)
    assert Glossary.objects.get().entries == "Agentic RL"


def test_an_issue_that_was_written_here_is_refused(file: Path) -> None:
    Text.objects.create(parent=make_issue(slug="two-papers"), text="By hand.")
    with pytest.raises(Refused, match="was written here and not imported"):
        bring_in(file)


def test_an_issue_without_blocks_may_be_filled_from_a_file(file: Path) -> None:
    make_issue(slug="two-papers", subtitle="Kept")
    bring_in(file)
    assert Issue.objects.get().subtitle == "Kept"


def test_publishing_an_import_asks_for_no_mail(file: Path) -> None:
    bring_in(file, publish=True)
    issue = Issue.objects.get()
    assert (issue.is_published, issue.mail_at) == (True, None)
    assert set(issue.editions.values_list("kind", flat=True)) == {"imported", "published"}


def test_publishing_a_changed_file_again_makes_a_correction(file: Path) -> None:
    bring_in(file, publish=True)
    bring_in(file, publish=True)
    assert Edition.objects.filter(kind="corrected").count() == 0
    file.write_text(PLAIN.replace("says it too", "says it better"))
    bring_in(file, publish=True)
    assert Edition.objects.get(kind="corrected").issue.is_published


def test_importing_into_a_published_issue_leaves_the_public_words(file: Path) -> None:
    bring_in(file, publish=True)
    issue = Issue.objects.get()
    file.write_text(PLAIN.replace("says it too", "says it better"))
    bring_in(file)
    assert issue.public_edition is not None
    assert issue.public_edition.kind == "published"


def test_an_import_does_not_publish_a_scheduled_issue(file: Path) -> None:
    bring_in(file)
    publish.schedule(Issue.objects.get(), NOON.replace(year=2099), now=NOON, mail=True)
    with pytest.raises(Refused, match="is scheduled"):
        bring_in(file, publish=True)
    assert Issue.objects.get().mail_at is not None


def test_an_error_leaves_nothing_behind(file: Path) -> None:
    with pytest.raises(Refused, match="title is longer than 300"):
        bring_in(file, title="x" * 301, slug="x")
    assert not Paper.objects.exists()
    assert not GlossaryTerm.objects.exists()


def test_a_file_does_not_open_what_is_for_supporters(file: Path) -> None:
    make_series(slug="deep-dives", default_access="supporters")
    bring_in(file, series="deep-dives")
    bring_in(file)
    assert Issue.objects.get().access == "supporters"


def test_an_unknown_series_is_made_by_its_name(file: Path) -> None:
    bring_in(file, series="Deep Dives")
    series = Issue.objects.get().series
    assert series is not None
    assert (series.name, series.slug) == ("Deep Dives", "deep-dives")
    assert counted(bring_in(file, series="deep dives")) == (0, 0)


@pytest.mark.parametrize(
    ("data", "options", "sentence"),
    [
        (b"", {}, "empty"),
        (b"caf\xe9", {}, r"not UTF-8 \(line 1\)"),
        (b"a\x00b", {}, "NUL"),
        (b"x" * 2_000_001, {}, "is larger than 2 MB"),
        (b"x" * 500_001, {}, "has 500,001 characters"),
        (b'---\ntitle: "a\\0b"\n---\nx', {}, r"no text \(NUL"),
        (b"---\na: &a [x]\nb: *a\n---\nx", {}, "YAML aliases"),
        (b"Words.", {"title": ""}, "give one with --title"),
        (b"Words.", {"title": "日本"}, "give one of letters, digits"),
        (b"Words.", {"slug": "no slug"}, "“no slug” is no slug"),
        (b"Words.", {"number": 0}, "0 is no number"),
        (b"Words.", {"number": 10**12}, "is no number"),
        (b"Words.", {"number": 7}, "Number 7 is “other”"),
    ],
)
def test_what_is_unusable_is_refused_in_a_sentence(
    tmp_path: Path, data: bytes, options: dict[str, Any], sentence: str
) -> None:
    make_issue(slug="other", number=7)
    path = tmp_path / "issue.txt"
    path.write_bytes(data)
    with pytest.raises(Refused, match=sentence):
        bring_in(path, **options)
    assert Issue.objects.count() == 1


def test_a_block_that_grew_too_long_to_be_shown_whole_is_refused(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("issues.imports.draft_file.MAX_LENGTH", 40)
    with pytest.raises(Refused, match="has a block of more than 40 characters"):
        bring_in(file)


@pytest.mark.parametrize("name", ["missing.txt", "."])
def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(Refused, match="cannot be read"):
        bring_in(tmp_path / name)


def run(*arguments: str) -> tuple[dict[str, Any], int, str]:
    out, err, code = StringIO(), StringIO(), 0
    try:
        call_command("import_issue", *arguments, "--json", stdout=out, stderr=err)
    except SystemExit as stop:
        code = int(stop.code or 0)
    return json.loads(out.getvalue().splitlines()[-1]), code, err.getvalue()


def test_the_command_tells_on_stderr_what_cannot_be_shown_as_it_was_written(file: Path) -> None:
    known_papers()
    file.write_text(f"{file.read_text()}\n\n$\\nosuchcommand{{x}}$ is no formula.\n")
    _, code, err = run(str(file), "--title", "Two Papers")
    assert code == 0
    assert r"The formula $\nosuchcommand{x}$ could not be converted" in err


def test_the_command_exits_1_when_a_paper_is_unknown(file: Path) -> None:
    report, code, _ = run(str(file), "--title", "Two Papers")
    assert (report["unmatched"], code) == (2, 1)
    assert report["problems"][0]["where"] == AGENTS


def test_the_command_tells_promises_on_stderr_and_exits_0(file: Path) -> None:
    known_papers()
    report, code, err = run(str(file), "--title", "Two Papers")
    assert (report["promised"], code) == (1, 0)
    assert AGENTS in err


@needs_data
def test_the_seed_issue_comes_in_whole() -> None:
    load_papers([data_path("seed/papers.jsonl")])
    report, code, _ = run(
        str(data_path("seed/issue.txt")), "--title", "9 Papers You Should Know About", "--number", "1", "--publish"
    )
    issue = Issue.objects.named("1").get()
    assert (report["unmatched"], report["problems"], code) == (0, [], 0)
    assert (issue.slug, issue.is_published, issue.mail_at) == ("9-papers-you-should-know-about", True, None)
    assert issue.public_edition is not None
    value = issue.public_edition.value
    assert [bool(paper.arxiv_id) for paper in value.papers()] == [True] * 9
    assert len(list(value.terms())) == GlossaryTerm.objects.count() == 9
    assert [block.kind for block in value.blocks if block.kind != "highlight"] == [
        "text", "teasers", "glossary", "text", "text",
    ]  # fmt: skip


@needs_data
def test_the_seed_issue_again_changes_nothing() -> None:
    load_papers([data_path("seed/papers.jsonl")])
    arguments = str(data_path("seed/issue.txt")), "--title", "9 Papers You Should Know About", "--number", "1"
    run(*arguments)
    report, _, _ = run(*arguments)
    assert (report["created"], report["updated"]) == (0, 0)
    assert Paper.objects.count() == 9
