"""arXiv's OAI-PMH: the bytes of one ListRecords or GetRecord answer → records, in the shapes of both generations."""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Final
from urllib.parse import parse_qsl, unquote

from lxml import etree

from papers import normalize
from papers.arxiv.records import PaperRecord, VersionRecord
from papers.arxiv.strict_xml import NotArxivFeed, mail_time, name_of, root_of, text_of
from papers.enrichment.extract_links import find_links
from papers.identifiers import BadIdentifier, parse_arxiv_id
from papers.taxonomy import keep_categories

_OAI: Final = "{http://www.openarchives.org/OAI/2.0/}"
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_VERSION = re.compile(r"v([1-9][0-9]{0,3})", re.ASCII)
_LICENCE = re.compile(r"https?://[!-~]{1,190}", re.ASCII)
_PREFIX: Final = "oai:arXiv.org:"
_LISTS: Final = ("ListRecords", "GetRecord")
_LONGEST_TOKEN: Final = 2_000


class OaiError(Exception):
    """arXiv refused the request by an error of the protocol; `code` is its name, the message arXiv's own sentence."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


class WrongFormat(NotArxivFeed):
    """The records are in a format that tells too little (oai_dc) or that nobody asked for."""


@dataclass(frozen=True, slots=True)
class RecordHeader:
    """Whose record it is (canonical id), when it last changed in any way, and the sets it is in."""

    arxiv_id: str
    datestamp: date
    sets: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class OaiRecord:
    """A record and its header."""

    header: RecordHeader
    paper: PaperRecord


@dataclass(frozen=True, slots=True)
class RecordProblem:
    """A record that could not be read: its identifier as sent (may be empty), and why."""

    id: str
    sentence: str


@dataclass(frozen=True, slots=True)
class OaiPage:
    """One page of records. `token` asks for the next and is empty on the last.

    `list_size` is how many records the whole list has, of which `cursor` came before; only old servers tell.
    """

    records: tuple[OaiRecord, ...] = ()
    deleted: tuple[RecordHeader, ...] = ()
    problems: tuple[RecordProblem, ...] = ()
    token: str = ""
    list_size: int | None = None
    cursor: int | None = None

    @property
    def size(self) -> int:
        return len(self.records) + len(self.deleted) + len(self.problems)

    @property
    def distinct(self) -> int:
        """As `size`, each paper once."""
        headers = (*(record.header for record in self.records), *self.deleted)
        return len({header.arxiv_id for header in headers}) + len(self.problems)


class _RecordError(ValueError):
    pass


def parse_page(body: bytes) -> OaiPage:
    """Read one answer; nothing in a window is an empty page. Raises NotArxivFeed, WrongFormat or OaiError."""
    root = root_of(body)
    if root.tag != f"{_OAI}OAI-PMH":
        raise NotArxivFeed(f"the answer is a <{name_of(root)}>, not one of OAI-PMH")
    parts = {name_of(child): child for child in root.iterchildren(tag=etree.Element)}
    if "error" in parts:
        return _refused(parts["error"])
    for name in _LISTS:
        if name in parts:
            return _page(parts[name])
    raise NotArxivFeed(f"the answer is to {list(parts)[-1] if parts else 'nothing'}, not to ListRecords or GetRecord")


def records_before(token: str, day: date) -> int | None:
    """How many records of this day come before the page that a token asks for; None where it does not say."""
    fields = dict(parse_qsl(unquote(token)))
    skip = fields.get("skip", "")
    says = fields.get("from") == day.isoformat() and skip.isascii() and skip.isdigit() and len(skip) < 10
    return int(skip) if says else None


def _refused(error: etree._Element) -> OaiPage:
    code = error.get("code", "")
    if code == "noRecordsMatch":
        return OaiPage()
    raise OaiError(code, normalize.clean_line(text_of(error)) or f"OAI-PMH error {code or 'without a name'}")


def _page(listed: etree._Element) -> OaiPage:
    records: list[OaiRecord] = []
    deleted: list[RecordHeader] = []
    problems: list[RecordProblem] = []
    for element in listed.iterchildren(f"{_OAI}record"):
        try:
            found = _record(element)
        except (_RecordError, BadIdentifier) as error:
            problems.append(RecordProblem(_identifier(element), str(error)))
            continue
        if isinstance(found, RecordHeader):
            deleted.append(found)
        else:
            records.append(found)
    token = listed.find(f"{_OAI}resumptionToken")
    page = OaiPage(
        tuple(records), tuple(deleted), tuple(problems), _token(token), _count(token, "completeListSize"), _count(token)
    )
    if page.size == 0:
        raise NotArxivFeed("a list without a single record, which is neither an answer nor noRecordsMatch")
    return page


def _token(element: etree._Element | None) -> str:
    token = text_of(element).strip()
    if len(token) > _LONGEST_TOKEN:
        raise NotArxivFeed(f"a resumption token of {len(token):,} characters")
    return token


def _count(token: etree._Element | None, name: str = "cursor") -> int | None:
    written = "" if token is None else token.get(name, "")
    return int(written) if written.isascii() and written.isdigit() and len(written) < 10 else None


def _identifier(element: etree._Element) -> str:
    return normalize.clean_line(text_of(element.find(f"{_OAI}header/{_OAI}identifier")))[:100]


def _record(element: etree._Element) -> OaiRecord | RecordHeader:
    parts = {name_of(part): part for part in element}
    header = parts.get("header")
    if header is None:
        raise _RecordError("a record without a header")
    read = _header(header)
    if header.get("status") == "deleted":
        return read
    content = next(iter(parts.get("metadata", ())), None)
    if content is None:
        raise _RecordError("a record without its metadata")
    reader = _READERS.get(name_of(content))
    if reader is None:
        name = f"{content.prefix}:{name_of(content)}" if content.prefix else name_of(content)
        raise WrongFormat(f"records come as {name}, of which only arXiv and arXivRaw are read")
    return OaiRecord(read, reader(read, content, _fields(content)))


def _header(element: etree._Element) -> RecordHeader:
    parts = [(name_of(part), text_of(part)) for part in element]
    fields = dict(parts)
    arxiv_id = parse_arxiv_id(fields.get("identifier", "").removeprefix(_PREFIX)).archive_id
    sets = (_set(written) for name, written in parts if name == "setSpec")
    return RecordHeader(arxiv_id, _day(fields.get("datestamp", "").strip()[:10]), tuple(filter(None, sets)))


_set = lru_cache(maxsize=1_000)(normalize.clean_line)


def _day(written: str) -> date:
    try:
        if _DAY.fullmatch(written):
            return date.fromisoformat(written)
    except ValueError:
        pass
    raise _RecordError(f"its datestamp is not a day: “{normalize.clean_line(written)}”")


def _fields(content: etree._Element) -> dict[str, str]:
    return {name_of(child): text_of(child) for child in content}


def _arxiv(header: RecordHeader, content: etree._Element, fields: Mapping[str, str]) -> PaperRecord:
    """`created` is the day of some version, nobody knows of which, so this format tells neither version nor dates."""
    return _paper(header, fields, "oai", normalize.clean_authors(_names(content)), ())


def _raw(header: RecordHeader, content: etree._Element, fields: Mapping[str, str]) -> PaperRecord:
    versions = _versions(content)
    return _paper(header, fields, "raw", normalize.split_authors(fields.get("authors", "")), versions)


def _paper(
    header: RecordHeader,
    fields: Mapping[str, str],
    source: str,
    authors: tuple[str, ...],
    versions: tuple[VersionRecord, ...],
) -> PaperRecord:
    title = normalize.clean_line(fields.get("title", ""))
    if title == "":
        raise _RecordError(f"{header.arxiv_id} has no title")
    abstract = normalize.clean_abstract(fields.get("abstract", ""))
    comment = normalize.clean_line(fields.get("comments", ""))
    return PaperRecord(
        arxiv_id=_same_id(header, fields.get("id", "")),
        version=versions[-1].version if versions else None,
        title=title,
        abstract=abstract,
        authors=authors,
        categories=keep_categories(fields.get("categories", "").split()),
        source=source,
        comment=comment,
        journal_ref=normalize.clean_line(fields.get("journal-ref", "")),
        dois=normalize.clean_dois(fields.get("doi", "")),
        submitted=_first(versions),
        updated=versions[-1].submitted if versions else None,
        datestamp=header.datestamp,
        licence=_licence(fields.get("license", "").strip()),
        links=find_links(abstract, comment),
        versions=versions,
    )


def _same_id(header: RecordHeader, written: str) -> str:
    """The identifier of the header, which the record must have, too."""
    arxiv_id = written if written == header.arxiv_id else parse_arxiv_id(written).archive_id
    if arxiv_id != header.arxiv_id:
        raise _RecordError(f"the record of {arxiv_id} stands below the header of {header.arxiv_id}")
    return arxiv_id


def _names(content: etree._Element) -> Iterator[str]:
    for author in content.iterfind("{*}authors/{*}author"):
        parts = {name_of(part): text_of(part) for part in author.iterchildren(tag=etree.Element)}
        yield " ".join(filter(None, map(parts.get, ("forenames", "keyname", "suffix"))))


def _versions(content: etree._Element) -> tuple[VersionRecord, ...]:
    """By number: arXiv lists them in any order."""
    found: dict[int, datetime] = {}
    for element in content.iterchildren("{*}version"):
        number = _VERSION.fullmatch(element.get("version", ""))
        written = _fields(element).get("date", "")
        submitted = mail_time(written)
        if number is None or submitted is None:
            raise _RecordError(f"a version that is none: “{normalize.clean_line(written)[:40]}”")
        found[int(number[1])] = submitted
    if not found:
        raise _RecordError("arXivRaw without a version")
    return tuple(VersionRecord(number, found[number]) for number in sorted(found))


def _first(versions: tuple[VersionRecord, ...]) -> datetime | None:
    return versions[0].submitted if versions and versions[0].version == 1 else None


def _licence(written: str) -> str:
    return written if _LICENCE.fullmatch(written) else ""


_Reader = Callable[[RecordHeader, etree._Element, Mapping[str, str]], PaperRecord]
_READERS: Final[Mapping[str, _Reader]] = {"arXiv": _arxiv, "arXivRaw": _raw}
