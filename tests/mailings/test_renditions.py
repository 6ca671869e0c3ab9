"""The versions of a mailing's message: made once from an edition, each for its readers."""

import email
import email.policy
from email.message import EmailMessage

import pytest
from django.urls import reverse
from pytest_django import Settings

from issues.document.json_form import to_json
from issues.document.values import Document, HighlightBlock, HighlightPart, PaywallBlock, TextBlock
from issues.models import Edition
from issues.rendering.mail.layout import TOKEN_PLACEHOLDER, load_letterhead
from issues.rendering.mail.mime import BadMessage
from mailings.models import Mailing, Rendition
from mailings.renditions import PersonalParts, make_renditions, personalise
from tests.builders import NOON, make_issue

pytestmark = pytest.mark.django_db

BLOCKS = (
    TextBlock(uuid="essay", text="An essay."),
    HighlightBlock(uuid="first", heading="First", parts=(HighlightPart(text="For everybody."),)),
    PaywallBlock(uuid="paywall", text="More inside."),
    HighlightBlock(uuid="second", heading="Second", parts=(HighlightPart(text="For supporters."),)),
)
READER = PersonalParts("a" * 32, "reader7@example.org", "<1.a@example.org>")


def make_edition(**fields: object) -> Edition:
    issue = make_issue(title="Nine Papers", slug="nine-papers", published_at=NOON, state="published")
    document = Document(title="Nine Papers", slug="nine-papers", blocks=BLOCKS, **fields)  # type: ignore[arg-type]
    return Edition.objects.create(issue=issue, number=1, kind="published", document=to_json(document))


def make_mailing(edition: Edition) -> Mailing:
    return Mailing.objects.create(issue=edition.issue)


def made(**fields: object) -> dict[tuple[str, bool], Rendition]:
    edition = make_edition(**fields)
    return {(row.depth, row.supporters): row for row in make_renditions(make_mailing(edition), edition)}


def parsed(row: Rendition) -> EmailMessage:
    data = personalise(bytes(row.message), READER)
    return email.message_from_bytes(data, _class=EmailMessage, policy=email.policy.default)


def words(row: Rendition) -> str:
    return "\n".join(part.get_content() for part in parsed(row).iter_parts())


def test_there_is_one_for_each_depth_for_supporters_and_for_everybody_else() -> None:
    assert made().keys() == {("full", False), ("full", True), ("highlights", False), ("highlights", True)}


def test_only_supporters_get_what_stands_behind_the_paywall() -> None:
    for (_, supporters), row in made().items():
        assert ("For supporters." in words(row)) is supporters
        assert ("/me/read/nine-papers/" in words(row)) is not supporters


def test_only_the_full_ones_hold_the_essay() -> None:
    for (depth, _), row in made().items():
        assert ("An essay." in words(row)) is (depth == "full")


def test_an_issue_for_supporters_alone_keeps_its_highlights_from_others() -> None:
    rows = made(access="supporters")
    assert "For everybody." in words(rows["full", True])
    assert "For supporters." not in words(rows["highlights", False])


def test_they_are_made_once_however_often_they_are_asked_for() -> None:
    edition = make_edition()
    mailing = make_mailing(edition)
    first = [row.pk for row in make_renditions(mailing, edition)]
    assert [row.pk for row in make_renditions(mailing, edition)] == first
    assert Rendition.objects.count() == 4


def test_a_new_revision_stands_beside_the_old_one() -> None:
    edition = make_edition()
    mailing = make_mailing(edition)
    make_renditions(mailing, edition)
    again = make_renditions(mailing, edition, revision=2)
    assert {row.revision for row in again} == {2}
    assert Rendition.objects.count() == 8


def test_the_headers_are_those_of_the_settings(settings: Settings) -> None:
    settings.DEFAULT_FROM_EMAIL = "The Watch <watch@example.org>"
    settings.REPLY_TO = "editor@example.org"
    head = parsed(made(mail_subject="Nine this week")["full", False])
    assert (head["From"], head["Reply-To"]) == ("The Watch <watch@example.org>", "editor@example.org")
    assert head["Subject"] == "Nine this week"


def test_the_subject_is_kept_beside_the_bytes() -> None:
    assert {row.subject for row in made(mail_subject="Nine this week").values()} == {"Nine this week"}


def test_a_sender_that_cannot_be_written_to_is_refused(settings: Settings) -> None:
    settings.DEFAULT_FROM_EMAIL = "nobody"
    with pytest.raises(BadMessage, match="DEFAULT_FROM_EMAIL"):
        made()
    assert not Rendition.objects.exists()


def test_the_addresses_in_the_mail_are_those_that_the_site_answers() -> None:
    token, head = TOKEN_PLACEHOLDER, load_letterhead()
    assert head.unsubscribe_url == head.site_url + reverse("subscribers:unsubscribe", args=[token])
    assert head.preferences_url == head.site_url + reverse("subscribers:preferences", args=[token])
