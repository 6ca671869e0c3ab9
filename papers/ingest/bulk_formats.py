"""The three JSON-lines shapes of bulk files (corpus, archive, arXiv's snapshot): one line → one record."""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from email.utils import parsedate_to_datetime
from typing import Final

from papers import normalize
from papers.arxiv.records import PaperRecord, VersionRecord
from papers.enrichment.extract_links import LINK_KINDS, FoundLink, canonical_url, find_links, merge_links
from papers.identifiers import ArxivId, BadIdentifier, parse_arxiv_id
from papers.taxonomy import keep_categories

LONGEST_LINE: Final = 2_000_000
LONGEST_TITLE: Final = 3_000
LONGEST_TEXT: Final = 100_000
LONGEST_FIELD: Final = 400_000
MOST_AUTHORS: Final = 20_000

_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_NUMBER = re.compile(r"\d{3,4}\.\d{1,20}", re.ASCII)
_LICENCE = re.compile(r"https?://[!-~]{1,190}", re.ASCII)
_VERSION = re.compile(r"v?([1-9]\d{0,3})", re.ASCII)
_FIRST_FIVE_DIGIT_MONTH: Final = 1501
_FLOAT_NOISE: Final = Decimal("1e-9")


class BadLine(ValueError):
    """The line is no paper in a known shape; the message is a sentence naming the field at fault."""


def parse_line(line: bytes | str) -> PaperRecord:
    """The paper in one line of a bulk file. Raises BadLine."""
    row = _row(line)
    for marks, read in _SHAPES:
        if marks <= row.keys():
            try:
                return _bounded(read(row))
            except BadIdentifier as error:
                raise BadLine(str(error)) from None
    raise BadLine(
        "the line has none of the three shapes: it needs id, title, authors, abstract and categories (corpus), "
        "arxiv_id, title, author_text and abstract (archive), or id, authors, versions and update_date (snapshot)"
    )


def _row(line: bytes | str) -> dict[str, object]:
    if len(line) > LONGEST_LINE:
        raise BadLine(f"the line is longer than {LONGEST_LINE:,} characters")
    try:
        row = json.loads(line.decode("utf-8-sig") if isinstance(line, bytes) else line)
    except UnicodeDecodeError:
        raise BadLine("the line is not UTF-8") from None
    except (ValueError, RecursionError):
        raise BadLine("the line is not valid JSON") from None
    if not isinstance(row, dict):
        raise BadLine("the line is not a JSON object")
    return row


def _corpus(row: Mapping[str, object]) -> PaperRecord:
    identifier = parse_arxiv_id(_string(row, "id"))
    abstract, comment = (
        normalize.clean_abstract(_string(row, "abstract")),
        normalize.clean_line(_optional(row, "comment")),
    )
    listed = [_day(day, "listed_on") for day in _strings(row, "listed_on", required=False)]
    return PaperRecord(
        arxiv_id=identifier.archive_id,
        version=identifier.version,
        title=normalize.clean_line(_string(row, "title")),
        abstract=abstract,
        authors=normalize.clean_authors(_strings(row, "authors")),
        categories=keep_categories(_strings(row, "categories")),
        source="corpus",
        comment=comment,
        announced=min(listed, default=None),
        links=merge_links(_given_links(row), find_links(abstract, comment)),
    )


def _archive(row: Mapping[str, object]) -> PaperRecord:
    identifier = _archive_identifier(row)
    abstract, comment = (
        normalize.clean_abstract(_string(row, "abstract")),
        normalize.clean_line(_optional(row, "comments")),
    )
    updated = _optional(row, "updated")
    return PaperRecord(
        arxiv_id=identifier.archive_id,
        version=identifier.version,
        title=normalize.clean_line(_string(row, "title")),
        abstract=abstract,
        authors=normalize.split_authors(_string(row, "author_text")),
        categories=keep_categories([_string(row, "primary_cat"), *_string(row, "categories").split(",")]),
        source="archive",
        comment=comment,
        dois=normalize.clean_dois(_optional(row, "doi")),
        submitted=_midnight(_string(row, "created"), "created"),
        updated=_midnight(updated, "updated") if updated else None,
        links=find_links(abstract, comment),
    )


def _snapshot(row: Mapping[str, object]) -> PaperRecord:
    abstract, comment = (
        normalize.clean_abstract(_string(row, "abstract")),
        normalize.clean_line(_optional(row, "comments")),
    )
    versions = _versions(row)
    return PaperRecord(
        arxiv_id=parse_arxiv_id(_string(row, "id")).archive_id,
        version=versions[-1].version,
        title=normalize.clean_line(_string(row, "title")),
        abstract=abstract,
        authors=_snapshot_authors(row),
        categories=keep_categories(_string(row, "categories").split()),
        source="snapshot",
        comment=comment,
        journal_ref=normalize.clean_line(_optional(row, "journal-ref")),
        dois=normalize.clean_dois(_optional(row, "doi")),
        submitted=versions[0].submitted if versions[0].version == 1 else None,
        updated=versions[-1].submitted,
        licence=_licence(row),
        links=find_links(abstract, comment),
        versions=versions,
    )


_SHAPES: Final[tuple[tuple[frozenset[str], Callable[[Mapping[str, object]], PaperRecord]], ...]] = (
    (frozenset({"id", "authors", "versions", "update_date"}), _snapshot),
    (frozenset({"arxiv_id", "title", "author_text", "abstract"}), _archive),
    (frozenset({"id", "title", "authors", "abstract", "categories"}), _corpus),
)


def _bounded(record: PaperRecord) -> PaperRecord:
    """Raises BadLine where the database or a reader would choke on a field."""
    if record.title == "":
        raise BadLine(f"{record.arxiv_id} has an empty title")
    fields = (("title", record.title, LONGEST_TITLE), ("abstract", record.abstract, LONGEST_TEXT))
    for name, value, most in (*fields, ("comment", record.comment, LONGEST_TEXT)):
        if len(value) > most:
            raise BadLine(f"{record.arxiv_id}: its {name} has {len(value):,} characters, more than {most:,}")
    if len(record.authors) > MOST_AUTHORS:
        raise BadLine(f"{record.arxiv_id} has more than {MOST_AUTHORS:,} authors")
    return record


def _archive_identifier(row: Mapping[str, object]) -> ArxivId:
    """The archive files once held identifiers as floating-point numbers, which cost them their outer zeros
    (704.0773, 1307.636) or brought noise (1502.0207699999999); the number of digits of the month mends all three."""
    written = row["arxiv_id"]
    if isinstance(written, float):
        written = repr(written)
    if not isinstance(written, str):
        raise BadLine("arxiv_id is not text")
    return parse_arxiv_id(_mended(written) if _NUMBER.fullmatch(written) else written)


def _mended(written: str) -> str:
    if written[4] == "." and len(written) == (10 if written >= "1501" else 9):
        return written
    number = Decimal(written)
    digits = 5 if number >= _FIRST_FIVE_DIGIT_MONTH else 4
    try:
        rounded = number.quantize(Decimal(1).scaleb(-digits))
    except InvalidOperation:
        return written
    return f"{rounded:0{digits + 5}f}" if abs(rounded - number) < _FLOAT_NOISE else written


def _versions(row: Mapping[str, object]) -> tuple[VersionRecord, ...]:
    rows = row["versions"]
    if not isinstance(rows, list) or not rows:
        raise BadLine("versions is not a list of versions")
    found = {record.version: record for record in map(_version, rows)}
    return tuple(found[number] for number in sorted(found))


def _version(row: object) -> VersionRecord:
    if not isinstance(row, dict):
        raise BadLine("versions holds something that is not a version")
    number = _VERSION.fullmatch(_string(row, "version"))
    if number is None:
        raise BadLine("a version is not numbered v1, v2, v3 and so on")
    created = _string(row, "created")
    try:
        submitted = parsedate_to_datetime(created)
        aware = submitted if submitted.tzinfo else submitted.replace(tzinfo=UTC)
        return VersionRecord(int(number[1]), aware.astimezone(UTC))
    except (ValueError, OverflowError, TypeError):
        raise BadLine(f"created of a version is not a date: “{normalize.clean_line(created)[:40]}”") from None


def _snapshot_authors(row: Mapping[str, object]) -> tuple[str, ...]:
    parsed = row.get("authors_parsed")
    if parsed is None:
        return normalize.split_authors(_string(row, "authors"))
    if not isinstance(parsed, list) or not all(isinstance(name, list) for name in parsed):
        raise BadLine("authors_parsed is not a list of lists")
    return normalize.clean_authors(_name(parts) for parts in parsed)


def _licence(row: Mapping[str, object]) -> str:
    """The address of the licence; old papers have none, or a word in its place."""
    written = _optional(row, "license").strip()
    return written if _LICENCE.fullmatch(written) else ""


def _name(parts: list[object]) -> str:
    family, given, suffix, *_ = [part if isinstance(part, str) else "" for part in [*parts[:3], "", "", ""]]
    return " ".join(part for part in (given, family, suffix) if part)


def _given_links(row: Mapping[str, object]) -> Iterable[FoundLink]:
    given = row.get("links") or []
    if not isinstance(given, list):
        raise BadLine("links is not a list")
    return [_given_link(link) for link in given]


def _given_link(link: object) -> FoundLink:
    if not isinstance(link, dict):
        raise BadLine("links holds something that is not {kind, url}")
    kind, address = _string(link, "kind"), _string(link, "url")
    url = canonical_url(address.strip())
    if kind not in LINK_KINDS:
        raise BadLine(f"a link's kind is none of {', '.join(sorted(LINK_KINDS))}: “{normalize.clean_line(kind)[:40]}”")
    if url is None:
        raise BadLine(f"a link's url is not a web address: “{normalize.clean_line(address)[:80]}”")
    return FoundLink(kind, url, "given")


def _string(row: Mapping[str, object], field: str) -> str:
    value = row.get(field)
    if not isinstance(value, str):
        raise BadLine(f"{field} is missing" if value is None else f"{field} is not text")
    return _short(value, field)


def _optional(row: Mapping[str, object], field: str) -> str:
    return "" if row.get(field) is None else _string(row, field)


def _strings(row: Mapping[str, object], field: str, *, required: bool = True) -> list[str]:
    value = row.get(field)
    if value is None and not required:
        return []
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise BadLine(f"{field} is not a list of texts")
    return [_short(item, field) for item in value]


def _short(value: str, field: str) -> str:
    if len(value) > LONGEST_FIELD:
        raise BadLine(f"{field} has {len(value):,} characters, more than {LONGEST_FIELD:,}")
    return value


def _day(written: str, field: str) -> date:
    try:
        if _DAY.fullmatch(written):
            return date.fromisoformat(written)
    except ValueError:
        pass
    raise BadLine(f"{field} is not a date like 2025-09-04: “{normalize.clean_line(written)[:40]}”")


def _midnight(written: str, field: str) -> datetime:
    day = _day(written, field)
    return datetime(day.year, day.month, day.day, tzinfo=UTC)
