"""XML as arXiv sends it, read strictly: whole or not at all, no document types, no entities."""

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from lxml import etree

_USUAL_TIME = re.compile(r"[A-Z][a-z]{2}, (\d\d?) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d) GMT", re.ASCII)
_MONTHS: Final = {name: at for at, name in enumerate("Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(), 1)}


class NotArxivFeed(ValueError):
    """The body is no (whole) answer of the interface that was asked but HTML, cut off or hostile: a passing fault."""


def root_of(body: bytes) -> etree._Element:
    """The root of a well-formed document without a document type. Raises NotArxivFeed for everything else."""
    # A parser keeps state, so each document gets its own.
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        recover=False,
        remove_comments=True,
        remove_pis=True,
    )
    if b"<!ENTITY" in body or b"<!DOCTYPE" in body[:1000]:
        raise NotArxivFeed("the answer declares a document type, which arXiv's feeds never do")
    try:
        root = etree.fromstring(body, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise NotArxivFeed(f"the answer is not well-formed XML: {error}") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise NotArxivFeed("the answer declares a document type, which arXiv's feeds never do")
    return root


def name_of(element: etree._Element) -> str:
    """The name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


def text_of(element: etree._Element | None) -> str:
    """All text inside an element; empty where there is none."""
    if element is None:
        return ""
    # Most elements hold nothing else, as comments are gone, and this is several times as fast.
    return "".join(map(str, element.itertext())) if len(element) else element.text or ""


def mail_time(written: str) -> datetime | None:
    """The aware UTC time of a date as mails have it ("Fri, 17 Jul 2009 03:36:56 GMT"); None where it is none."""
    usual = _USUAL_TIME.fullmatch(written)
    try:
        if usual and usual[2] in _MONTHS:
            day, month, year, hour, minute, second = usual.groups()
            return datetime(int(year), _MONTHS[month], int(day), int(hour), int(minute), int(second), tzinfo=UTC)
        found = parsedate_to_datetime(written.strip())
        return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError, TypeError):
        return None
