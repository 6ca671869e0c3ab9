"""Checks of the links that are printed after the titles of papers. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from issues.document.values import Document


@dataclass(frozen=True, slots=True)
class FailingLink:
    """A link that did not answer when it was checked last; `kind` and `fault` are words for a person."""

    paper: str
    kind: str
    url: str
    fault: str
    since: datetime | None
    is_dead: bool


def printed_addresses(document: Document) -> set[str]:
    return {link.url for paper in document.papers() for link in paper.links if link.url}


def describe_missing_links(document: Document) -> list[str]:
    """A sentence for each link that is printed though nobody knows its address."""
    return [
        f"“{paper.title}”: “{kind}” is printed after the title, but no such link is known."
        for paper in document.papers()
        for kind in paper.missing_kinds
    ]


def check_failing_links(links: Iterable[FailingLink]) -> list[str]:
    """A sentence for each of these links of the issue."""
    return [_sentence(link) for link in links]


def _sentence(link: FailingLink) -> str:
    said = (
        _("The %(kind)s link of “%(paper)s” is dead (%(fault)s since %(since)s): %(url)s. Mend it, or print none.")
        if link.is_dead
        else _("The %(kind)s link of “%(paper)s” failed when it was checked (%(fault)s): %(url)s. Try it yourself.")
    )
    since = date_format(link.since, "Y-m-d") if link.since else ""
    values = {"kind": link.kind, "paper": link.paper, "fault": link.fault, "url": link.url}
    return said % {**values, "since": since}
