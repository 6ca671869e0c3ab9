"""The cover of an issue: uploaded, kept with the edition, shown on page, in mail and feeds, carried by files."""

import json
import re
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image

from core.command_reports import Refused
from issues import storage
from issues.document.diff import describe_differences
from issues.document.json_form import from_json, to_json
from issues.document.values import Document, FigureBlock
from issues.editorial import publish
from issues.imports.import_issue import import_issue
from issues.imports.parsers.markdown import parse_markdown
from issues.models import Edition, Issue
from issues.rendering.formats.markdown import to_markdown
from issues.rendering.formats.public_json import to_public_json
from issues.rendering.mail.layout import Letterhead
from issues.rendering.mail.render import MailParts, to_mail
from tests.builders import NOON, make_issue
from tests.desk import Posted, posted, sign_in
from tests.documents import make_document, make_highlight, make_text
from tests.pages import make_published, make_shown

ADD = reverse("admin:issues_issue_add")
HEAD = Letterhead("LLM Watch", "https://news.example.org", "1 Example Street")
COVER = {"cover": "covers/x/wave.png", "cover_alt": "Waves", "cover_width": 1200, "cover_height": 630}


@pytest.fixture
def media(tmp_path: Path, settings: Any) -> Path:
    """MEDIA_ROOT with one picture, and a file that is none."""
    settings.MEDIA_ROOT = tmp_path
    (tmp_path / "covers" / "x").mkdir(parents=True)
    (tmp_path / "covers" / "x" / "wave.png").write_bytes(png(1200, 630))
    (tmp_path / "covers" / "x" / "none.png").write_text("no image")
    return tmp_path


def png(width: int, height: int) -> bytes:
    data = BytesIO()
    Image.new("RGB", (width, height)).save(data, "PNG")
    return data.getvalue()


def upload(editor: Client, **fields: Any) -> Any:
    image = BytesIO(png(12, 6))
    image.name = "wave.png"
    data: Posted = posted(editor.get(ADD)) | {"title": "New", "slug": "new", "cover": image, **fields}
    return editor.post(ADD, data)


def mail(**options: Any) -> MailParts:
    document = make_document(make_text("Hello."), make_highlight(), **COVER)
    return to_mail(document, HEAD, **options)


def image_of(html: str) -> str:
    found = re.search(r'<img[^>]* alt="Waves"[^>]*>', html)
    return found[0] if found else ""


@pytest.mark.django_db
def test_a_cover_is_uploaded_and_measured_at_an_address_that_nobody_guesses(client: Client, media: Path) -> None:
    assert upload(sign_in(client), cover_alt="Waves.").status_code == 302
    issue = Issue.objects.get()
    assert (issue.cover_width, issue.cover_height) == (12, 6)
    assert re.fullmatch(r"covers/[\w-]{12}/wave\.png", str(issue.cover.name))


@pytest.mark.django_db
def test_a_cover_without_alternative_text_is_refused(client: Client, media: Path) -> None:
    response = upload(sign_in(client))
    assert "Say in words what the cover shows" in str(response.context["errors"])
    assert not Issue.objects.exists()


@pytest.mark.django_db
def test_saving_the_page_keeps_the_cover_and_the_edition(client: Client, media: Path) -> None:
    editor = sign_in(client)
    upload(editor, cover_alt="Waves.")
    change = reverse("admin:issues_issue_change", args=[Issue.objects.get().pk])
    before = storage.load_document(Issue.objects.get())
    assert editor.post(change, posted(editor.get(change))).status_code == 302
    assert storage.load_document(Issue.objects.get()) == before
    assert Edition.objects.count() == 1


@pytest.mark.django_db
def test_an_issue_with_a_cover_reads_back_equal(media: Path) -> None:
    value, issue = make_document(**COVER), Issue()
    storage.save_document(issue, value)
    assert storage.load_document(Issue.objects.get()) == value
    assert storage.save_document(issue, value).unchanged == 1


@pytest.mark.django_db
def test_a_cover_that_is_gone_from_the_document_is_gone_from_the_issue(media: Path) -> None:
    issue = Issue()
    storage.save_document(issue, make_document(**COVER))
    storage.save_document(issue, make_document())
    assert storage.load_document(Issue.objects.get()) == make_document()


@pytest.mark.django_db
@pytest.mark.parametrize("src", ["covers/x/missing.png", "covers/x/none.png", "../secret.png", "https://example.org/a"])
def test_a_cover_without_an_image_below_media_root_is_reported_and_left_out(media: Path, src: str) -> None:
    issue = Issue()
    counts = storage.save_document(issue, make_document(cover=src, cover_alt="Waves"))
    assert [problem.where for problem in counts.problems] == ["cover"]
    assert storage.load_document(Issue.objects.get()) == make_document()


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["cover", "figure"])
def test_a_picture_whose_name_no_row_can_hold_is_refused_by_name(media: Path, kind: str) -> None:
    src = f"covers/x/{'x' * 100}.png"
    (media / src).write_bytes(png(4, 3))
    figure = FigureBlock(uuid="f", src=src, alt="Waves")
    value = make_document(cover=src) if kind == "cover" else make_document(figure)
    with pytest.raises(storage.DoesNotFit, match=f"{'cover' if kind == 'cover' else 'image'} is longer than 100"):
        storage.save_document(Issue(), value)


def test_an_edition_from_before_there_were_covers_still_reads() -> None:
    old = to_json(make_document(make_text("Hello.")))
    for name in COVER:
        del old[name]
    assert from_json(old) == make_document(make_text("Hello."))


@pytest.mark.django_db
def test_an_old_edition_that_says_the_same_stays_the_newest() -> None:
    issue = make_published()
    old = Edition.objects.get()
    for name in COVER:
        del old.document[name]
    old.save()
    assert publish.save_edition(issue, Edition.Kind.PUBLISHED) == old
    assert publish.correct(issue) is None


def test_another_cover_is_a_difference_and_its_size_is_none() -> None:
    one = make_document(**COVER)
    assert describe_differences(one, make_document(**COVER | {"cover_width": None, "cover_height": None})) == []
    assert describe_differences(one, make_document(**COVER | {"cover_alt": "Hills"})) == [
        "cover alt: “Waves” → “Hills”"
    ]
    assert describe_differences(make_document(), one)[0] == "cover: “” → “covers/x/wave.png”"


def test_markdown_carries_the_cover_and_reads_back_equal() -> None:
    value = make_document(make_text("Hello.", heading="Welcome"), **COVER)
    text = to_markdown(value)
    assert "cover: covers/x/wave.png\ncover_alt: Waves\ncover_width: 1200\n" in text
    assert parse_markdown(text).document == value


@pytest.mark.django_db
def test_an_imported_file_brings_its_cover_and_one_without_takes_none_away(media: Path) -> None:
    file = media / "issue.md"
    file.write_text("---\ntitle: New\nslug: new\ncover: /media/covers/x/wave.png\ncover_alt: Waves\n---\n\nHello.\n")
    import_issue(file)
    assert storage.load_document(Issue.objects.get()).cover == "covers/x/wave.png"
    file.write_text("---\ntitle: New\nslug: new\n---\n\nHello.\n")
    assert import_issue(file).counts["updated"] == 0
    assert storage.load_document(Issue.objects.get()).cover_alt == "Waves"


@pytest.mark.django_db
def test_an_edited_cover_is_an_edit_that_an_import_does_not_undo(media: Path) -> None:
    file = media / "issue.md"
    file.write_text("---\ntitle: New\nslug: new\n---\n\nHello.\n")
    import_issue(file)
    Issue.objects.update(cover="covers/x/wave.png", cover_alt="Waves")
    with pytest.raises(Refused, match=r"cover: “” → “covers/x/wave\.png”"):
        import_issue(file)


def test_the_page_shows_the_cover_with_its_size_and_its_words() -> None:
    image = image_of(make_shown([make_text("Hello.")], **COVER))
    assert 'src="/media/covers/x/wave.png"' in image
    assert 'width="1200" height="630"' in image


def test_who_shares_the_page_shows_the_cover() -> None:
    page = make_shown([make_text("Hello.")], **COVER)
    url = "http://testserver/media/covers/x/wave.png"
    assert f'<meta property="og:image" content="{url}">' in page
    assert '<meta property="og:image:alt" content="Waves">' in page
    assert 'content="summary_large_image"' in page
    assert f'"image": "{url}"' in page or f'"image":"{url}"' in page


def test_a_page_without_a_cover_names_none() -> None:
    page = make_shown([make_text("Hello.")])
    assert "og:image" not in page
    assert "<img" not in page
    assert 'content="summary"' in page


def test_the_mail_shows_the_cover_no_wider_than_the_sheet() -> None:
    image = image_of(mail().html)
    assert 'src="https://news.example.org/media/covers/x/wave.png"' in image
    assert 'width="600" height="315"' in image


def test_who_chose_the_highlights_gets_no_cover() -> None:
    assert image_of(mail(depth="highlights").html) == ""


def test_the_public_json_has_the_address_of_the_cover() -> None:
    shown = {"src": "/media/covers/x/wave.png", "alt": "Waves", "width": 1200, "height": 630}
    assert to_public_json(make_document(**COVER), NOON)["cover"] == shown


@pytest.mark.django_db
def test_the_json_feed_names_the_cover(client: Client) -> None:
    issue = make_issue()
    covered: Document = make_document(make_text("Hello."), slug=issue.slug, **COVER)
    Issue.objects.update(state="published", published_at=NOON)
    Edition.objects.create(issue=issue, number=1, kind=Edition.Kind.PUBLISHED, document=to_json(covered))
    (item,) = json.loads(client.get("/feeds/issues.json").content)["items"]
    assert item["image"] == "http://testserver/media/covers/x/wave.png"
