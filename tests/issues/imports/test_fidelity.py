"""Fidelity: every paragraph of a file is in each export and on the page, in order and word for word.

White space and the marks of links, stress and lists aside; a formula is a formula on the page and its source in text.
"""

from collections.abc import Iterable
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client
from lxml import etree, html
from PIL import Image

from glossary.models import GlossaryTerm
from issues import storage
from issues.imports.import_issue import import_issue
from issues.models import Issue, Poll, Series
from llmwatch.demo import sample
from papers.ingest.bulk_load import load_files as load_papers
from papers.models import Paper
from tests.data import data_path, needs_data

pytestmark = pytest.mark.django_db
FIXTURES = Path(__file__).parent / "fixtures"
TITLE = "9 Papers You Should Know About"
# What a reader sees only on hover, and what no reader sees.
UNSEEN = "//*[@role='tooltip' or @popover or @hidden] | //script | //style | //head | //*[@class='footnote-back']"


@pytest.fixture
def seed() -> Issue:
    load_papers([data_path("seed/papers.jsonl")])
    import_issue(data_path("seed/issue.txt"), title=TITLE, number=1, publish=True)
    return Issue.objects.get()


@pytest.fixture
def every_kind(picture: None) -> Issue:
    import_issue(FIXTURES / "every_kind.md", publish=True)
    return Issue.objects.get()


@pytest.fixture
def picture(tmp_path: Path, settings: object) -> None:
    settings.MEDIA_ROOT = tmp_path  # type: ignore[attr-defined]
    (tmp_path / "figures").mkdir()
    Image.new("RGB", (4, 3)).save(tmp_path / "figures" / "limit.png")


def exported(issue: Issue, form: str) -> str:
    out = StringIO()
    call_command("export_issue", issue.slug, "--format", form, stdout=out)
    return out.getvalue()


def page(client: Client, issue: Issue) -> etree._Element:
    response = client.get(f"/p/{issue.slug}/")
    assert response.status_code == 200
    return html.document_fromstring(response.content.decode())


def visible_text(root: etree._Element) -> str:
    for formula in root.xpath("//math"):
        dollars = "$$" if formula.get("display") == "block" else "$"
        formula.text = f"{dollars}{formula.get('alttext')}{dollars}"
        del formula[:]
    for element in root.xpath(UNSEEN):
        element.drop_tree()
    return "".join(root.itertext())


def squeezed(text: str) -> str:
    return "".join(text.split())


def missing(paragraphs: Iterable[str], text: str) -> list[str]:
    """The paragraphs that do not stand in the text after the one before them."""
    shown, position, lost = squeezed(text), 0, list[str]()
    for paragraph in filter(None, map(squeezed, paragraphs)):
        found = shown.find(paragraph, position)
        if found < 0:
            lost.append(paragraph)
        else:
            position = found + len(paragraph)
    return lost


def seed_paragraphs() -> list[str]:
    return data_path("seed/issue.txt").read_text().split("\n")


def own_paragraphs() -> list[str]:
    return (FIXTURES / "every_kind.txt").read_text().split("\n")


def empty_the_database() -> None:
    for model in (Issue, Poll, Paper, GlossaryTerm, Series):
        model.objects.all().delete()


def assert_comes_back_equal(issue: Issue, folder: Path) -> None:
    before = storage.load_document(issue)
    (folder / "issue.md").write_text(exported(issue, "markdown"))
    empty_the_database()
    import_issue(folder / "issue.md")
    assert storage.load_document(Issue.objects.get()) == before


@needs_data
@pytest.mark.parametrize("form", ["text", "markdown"])
def test_the_seed_issue_is_whole_in_its_exports(seed: Issue, form: str) -> None:
    text = exported(seed, form)
    plain = [line.replace(" (paper/code)", "").replace(" (paper)", "") for line in seed_paragraphs()]
    assert missing(seed_paragraphs() if form == "text" else plain, text) == []
    assert "a $d$-dimensional embedding" in text


@needs_data
def test_the_seed_issue_is_whole_on_its_page(seed: Issue, client: Client) -> None:
    root = page(client, seed)
    assert [formula.get("alttext") for formula in root.iter("math")] == ["d"]
    assert missing(seed_paragraphs(), visible_text(root)) == []


@needs_data
def test_the_seed_issue_comes_back_equal_into_an_empty_database(seed: Issue, tmp_path: Path) -> None:
    assert_comes_back_equal(seed, tmp_path)


def test_the_second_issue_has_what_is_hard(every_kind: Issue) -> None:
    value = storage.load_document(every_kind)
    highlights = list(value.highlights())
    assert len(highlights) == 30
    assert [len(highlight.parts) for highlight in highlights][:1] == [4]
    assert [len(highlight.papers) for highlight in highlights][1] == 2
    assert {"themes", "figure", "poll", "poll_results", "sponsor", "paywall"} < {block.kind for block in value.blocks}
    assert max(len(highlight.heading) for highlight in highlights) > 250


def test_the_second_issue_is_whole_in_its_text(every_kind: Issue) -> None:
    assert missing(own_paragraphs(), exported(every_kind, "text")) == []


def test_the_second_issue_is_whole_in_its_markdown(every_kind: Issue) -> None:
    body = (FIXTURES / "every_kind.md").read_text().partition("\n---\n")[2]
    lines = [line for line in body.split("\n") if not line.startswith("<!--")]
    assert missing(lines, exported(every_kind, "markdown")) == []


def test_the_second_issue_is_whole_on_its_page_up_to_the_paywall(every_kind: Issue, client: Client) -> None:
    root = page(client, every_kind)
    assert [image.get("alt") for image in root.iter("img")] == ["Two curves that meet at a point marked d."]
    shown = visible_text(root)
    lines = own_paragraphs()
    wall = lines.index("For supporters")
    assert missing(lines[:wall], shown) == []
    assert not [line for line in lines[wall + 1 :] if line and squeezed(line) in squeezed(shown)]


def test_the_second_issue_comes_back_equal_into_an_empty_database(every_kind: Issue, tmp_path: Path) -> None:
    assert_comes_back_equal(every_kind, tmp_path)


def test_the_sample_issue_comes_in_without_a_problem_and_comes_back_equal(tmp_path: Path, settings: object) -> None:
    settings.MEDIA_ROOT = sample.SAMPLE_FOLDER  # type: ignore[attr-defined]
    load_papers([sample.SAMPLE_FOLDER / "papers.jsonl"])
    report = import_issue(sample.SAMPLE_FOLDER / "issue.md")
    assert (report.problems, report.counts["unmatched"], report.counts["promised"]) == ((), 0, 0)
    assert_comes_back_equal(Issue.objects.get(), tmp_path)


def test_a_paragraph_out_of_its_place_is_missing() -> None:
    assert missing(["one", "t wo", "three"], "one three two") == ["three"]
