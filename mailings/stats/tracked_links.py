"""The addresses that stand in a mail for its links, where clicks are counted: the same for every reader of an issue."""

from __future__ import annotations

from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.urls import reverse

from core.text.markdown import to_text
from issues.document.values import BlockKind, Document
from issues.rendering.mail.layout import TOKEN_PLACEHOLDER
from issues.rendering.mail.links import MailAnchor
from mailings.models import Mailing, MailLink
from mailings.models.click import MAX_LENGTH

# Of our own site: where a person acts, and where a link leads on already.
_PERSONAL: Final = ("/me/", "/polls/", "/go/")
_TRAP: Final = '<a href="%s" style="display:none" tabindex="-1" aria-hidden="true"></a>'


class LinkBook:
    """The links of one mailing: those that are known keep their addresses, new ones are written down by `save`."""

    def __init__(self, mailing: Mailing, document: Document) -> None:
        self._mailing = mailing
        self._places = {block.uuid: (block.kind, _heading(block)) for block in document.blocks}
        known = list(mailing.links.all())
        self._links = {(link.block, link.url): link for link in known if not link.is_trap}
        self._trap = next((link for link in known if link.is_trap), None)
        self._new: list[MailLink] = []

    def lead(self, anchor: MailAnchor) -> str:
        """Where a link of the mail is to lead: to us, or where it leads anyhow."""
        if not is_counted(anchor.url):
            return anchor.url
        where = (anchor.block[:100], anchor.url)
        if where not in self._links:
            self._links[where] = self._add(anchor)
        return address_of(self._links[where])

    def with_trap(self, html: str, url: str) -> str:
        """With a link that people do not see, at the end of the body; who follows it is taken to the issue's page."""
        if self._trap is None:
            self._trap = MailLink(mailing=self._mailing, url=url, is_trap=True, position=0)
            self._new.append(self._trap)
        before, end, after = html.rpartition("</body>")
        return f"{before}{_TRAP % address_of(self._trap)}{end}{after}"

    def save(self) -> None:
        MailLink.objects.bulk_create(self._new)
        self._new = []

    def _add(self, anchor: MailAnchor) -> MailLink:
        kind, heading = self._places.get(anchor.block, ("", ""))
        link = MailLink(
            mailing=self._mailing,
            url=anchor.url,
            block=anchor.block[:100],
            kind=kind,
            place=heading[:300],
            label=anchor.words[:200],
            position=len(self._links) + 1,
        )
        self._new.append(link)
        return link


def is_counted(url: str) -> bool:
    """Of the web, of a usual length and form, and nothing that is one reader's or that acts for one."""
    if not url.startswith(("http://", "https://")) or len(url) > MAX_LENGTH or TOKEN_PLACEHOLDER in url:
        return False
    if not url.isprintable() or " " in url:
        return False
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return parts.netloc != urlsplit(settings.SITE_URL).netloc or not parts.path.startswith(_PERSONAL)


def address_of(link: MailLink) -> str:
    return settings.SITE_URL + reverse("mailings:click", args=[link.key])


def _heading(block: BlockKind) -> str:
    return " ".join(to_text(getattr(block, "heading", "")).split())
