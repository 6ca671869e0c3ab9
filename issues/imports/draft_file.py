"""The file of an issue: read with suspicion, parsed by its form, its head completed."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.utils.text import slugify

from core.command_reports import Refused
from core.text.commonmark import MAX_LENGTH
from issues.document.json_form import to_json
from issues.document.values import Document
from issues.imports.parsers import BadIssue, Draft, parse_markdown, parse_text
from issues.models import Issue, Series
from issues.models.series import Access

LARGEST_FILE = 4 * MAX_LENGTH  # bytes; a character has at most four, and an issue some 50,000
LARGEST_NUMBER = 2_147_483_647
LONGEST_SLUG = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftHead:
    """What the command line says of the issue; it goes before what the file says."""

    title: str = ""
    slug: str = ""
    number: int | None = None
    series: str = ""


def read_draft(path: Path) -> Draft:
    """Markdown by its suffix or its front matter, else plain text. Raises Refused."""
    text = _read(path)
    is_markdown = path.suffix.lower() in {".md", ".markdown"} or text.startswith("---\n")
    try:
        draft = parse_markdown(text) if is_markdown else parse_text(text)
    except BadIssue as error:
        raise Refused(f"{path}: {error}") from None
    texts = list(_texts(to_json(draft.document)))
    if not all(map(_is_storable, texts)):
        raise Refused(f"{path} holds characters that are no text (NUL or half a surrogate pair); remove them.")
    if max(map(len, texts)) > MAX_LENGTH:
        raise Refused(f"{path} has a block of more than {MAX_LENGTH:,} characters, so it is no issue.")
    return draft


def apply_head(draft: Draft, head: DraftHead) -> tuple[Issue, Document]:
    """The issue that the file means (a new one where there is none), and the document with what the head says.

    Raises Refused.
    """
    title = " ".join((head.title or draft.document.title).split())
    slug = head.slug or draft.document.slug or slugify(title)[:LONGEST_SLUG].strip("-_")
    issue = Issue.objects.filter(slug=slug).select_related("series").first() or Issue(slug=slug)
    title = title or issue.title
    if not title:
        raise Refused("The file has no title; give one with --title.")
    _refuse_bad_slug(slug)
    document = _with_series(dataclasses.replace(draft.document, title=title, slug=slug), head)
    number = document.number if head.number is None else head.number
    if number is not None and not 0 < number <= LARGEST_NUMBER:
        raise Refused(f"{number} is no number of an issue; they are counted from 1.")
    access = _default_access(document) if issue._state.adding else document.access
    return issue, dataclasses.replace(document, number=number, access=access)


def refuse_taken_number(issue: Issue, number: int | None) -> None:
    other = Issue.objects.filter(number=number).exclude(pk=issue.pk).first() if number is not None else None
    if other:
        raise Refused(
            f"Number {number} is “{other.slug}”; give another --number, or --slug {other.slug} to import into it."
        )


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise Refused(f"{path} cannot be read: {error.strerror or error}.") from None
    if len(data) > LARGEST_FILE:
        raise Refused(f"{path} is larger than {LARGEST_FILE // 1_000_000} MB, so it is no issue.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise Refused(f"{path} is not UTF-8 (line {line}); save it as UTF-8.") from None
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _refuse_bad_slug(slug: str) -> None:
    try:
        validate_slug(slug)
    except ValidationError:
        raise Refused(
            f"“{slug[:80]}” is no slug; give one of letters, digits, hyphens and underscores with --slug."
        ) from None


def _with_series(document: Document, head: DraftHead) -> Document:
    """The series by its slug or its name; the composing makes one that is unknown."""
    if not head.series:
        return document
    known = Series.objects.filter(slug=head.series).first() or Series.objects.filter(name__iexact=head.series).first()
    slug, name = (known.slug, known.name) if known else (slugify(head.series), head.series)
    return dataclasses.replace(document, series=slug, series_name=name)


def _default_access(document: Document) -> str:
    """A file opens no issue of a series that is for supporters."""
    series = Series.objects.filter(slug=document.series).first() if document.series else None
    return series.default_access if series and document.access == Access.EVERYONE else document.access


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _texts(item)


def _is_storable(text: str) -> bool:
    return "\x00" not in text and not any("\ud800" <= char <= "\udfff" for char in text)
