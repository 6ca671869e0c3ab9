"""The versions of a mailing's message as finished bytes: made once; for each reader a few words are put in."""

from __future__ import annotations

import dataclasses
from itertools import product

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from core.mail.return_paths import unsubscribe_address
from issues.document.values import Document
from issues.models import Edition
from issues.rendering.mail.layout import TOKEN_PLACEHOLDER, Letterhead, MailDepth, load_letterhead
from issues.rendering.mail.mime import MailSending, NotPersonal, PersonalParts, personalise, to_message
from issues.rendering.mail.render import MailParts, to_mail
from issues.storage.images import size_of
from mailings.models import Mailing, Rendition
from mailings.stats.tracked_links import LinkBook

__all__ = ["NotPersonal", "PersonalParts", "find_correction", "make_renditions", "personalise", "renew_renditions"]

_DEPTHS: tuple[MailDepth, ...] = ("full", "highlights")


def find_correction(mailing: Mailing) -> Edition | None:
    """The issue as it stands on the site, where that is not what its last rendition says."""
    newest, public = mailing.newest_rendition, mailing.issue.public_edition
    return public if newest and public and newest.edition_id != public.pk else None


def renew_renditions(mailing: Mailing) -> None:
    """Makes the versions anew if the issue was corrected; whoever was not sent to yet gets these. Raises BadMessage."""
    newest, edition = mailing.newest_rendition, find_correction(mailing)
    if newest and edition:
        make_renditions(mailing, edition, newest.revision + 1)


@transaction.atomic
def make_renditions(mailing: Mailing, edition: Edition, revision: int = 1) -> list[Rendition]:
    """Each depth for supporters and for everybody else; those that exist already are given as they are.

    Raises BadMessage where the settings or the issue make no message that can be sent.
    """
    # One process at a time: the addresses in the bytes are those of the links that are kept.
    Mailing.objects.select_for_update(of=("self",)).get(pk=mailing.pk)
    if not mailing.renditions.filter(revision=revision).exists():
        _make(mailing, edition, revision)
    return list(mailing.renditions.filter(revision=revision).order_by("depth", "supporters"))


def _make(mailing: Mailing, edition: Edition, revision: int) -> None:
    whole, head = edition.value, load_letterhead()
    book = LinkBook(mailing, whole) if settings.COUNT_CLICKS else None
    made = []
    for depth, supporters in product(_DEPTHS, (False, True)):
        parts = _parts(mailing, whole, head, depth, book, supporters=supporters)
        made.append(
            Rendition(
                mailing=mailing,
                edition=edition,
                revision=revision,
                depth=depth,
                supporters=supporters,
                subject=parts.subject,
                message=to_message(parts, head, _sending(mailing, depth)),
            )
        )
    if book:
        book.save()
    Rendition.objects.bulk_create(made)


def _parts(
    mailing: Mailing, whole: Document, head: Letterhead, depth: MailDepth, book: LinkBook | None, *, supporters: bool
) -> MailParts:
    """With the addresses of the book in the HTML, where clicks are counted."""
    document = whole if supporters else whole.for_everyone()
    parts = to_mail(
        document,
        head,
        published_at=mailing.issue.published_at,
        depth=depth,
        is_withheld=document != whole,
        lead=book.lead if book else None,
        size_of=size_of,
    )
    page = f"{settings.SITE_URL}{mailing.issue.get_absolute_url()}"
    return dataclasses.replace(parts, html=book.with_trap(parts.html, page)) if book else parts


def _sending(mailing: Mailing, depth: MailDepth) -> MailSending:
    return MailSending(
        sender=settings.DEFAULT_FROM_EMAIL,
        reply_to=settings.REPLY_TO,
        date=timezone.now(),
        feedback=f"{mailing.kind}-{mailing.issue_id}:{depth}:{mailing.pk}:llmwatch",
        way_out=unsubscribe_address(TOKEN_PLACEHOLDER) if settings.BOUNCE_ADDRESS else "",
    )
