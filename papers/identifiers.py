"""arXiv identifiers in every form people and servers write them, and their one canonical form."""

import re
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _

from papers.taxonomy import OLD_ID_ARCHIVES

_LONGEST_INPUT: Final = 2_000
_FIRST_NEW_MONTH: Final = 704
_FIRST_FIVE_DIGIT_MONTH: Final = 1501

_NEW = r"[0-9]{4}\.[0-9]{4,5}"
_OLD = r"[a-z]{1,8}(?:-[a-z]{2,4})?(?:\.[a-z-]{2,10})?(?:/|%2f)[0-9]{7}"
_BARE = rf"(?P<id>{_NEW}|{_OLD})(?:v(?P<version>[0-9]+))?"
_SITE = r"(?:https?://)?(?:(?:www|export|browse)\.)?arxiv\.org/(?:abs|pdf|html|src|e-print|ps|format)/"
_DOI = r"(?:(?:https?://)?(?:dx\.|www\.)?doi\.org/|doi:\s*)?10\.48550/arxiv\."
_PREFIX = rf"(?:{_SITE}|(?:oai:arxiv\.org:|arxiv:)\s*|{_DOI})"
_SUFFIX = r"(?:\.pdf)?/?(?:[?#]\S*)?(?:\s*\[[a-z.-]+\])?"
_DECORATED = re.compile(rf"(?:{_PREFIX})?{_BARE}{_SUFFIX}", re.IGNORECASE | re.ASCII)
_INSIDE = re.compile(rf"(?<![\w.-]){_BARE}(?![0-9a-z]|\.[0-9])", re.IGNORECASE | re.ASCII)
_DATACITE = re.compile(r"10\.48550/arxiv\.", re.IGNORECASE | re.ASCII)
_OTHER_DOI = re.compile(r"10\.[0-9]{4,9}/\S+", re.ASCII)
_CANONICAL_NEW = re.compile(r"([0-9]{4})\.([0-9]{4,5})", re.ASCII)
_VERSION = re.compile(r"[1-9][0-9]{0,3}", re.ASCII)
_CANONICAL_OLD = re.compile(r"([a-z-]+)/([0-9]{4})([0-9]{3})", re.ASCII)


class BadIdentifier(ValueError):
    """The text names no paper of arXiv; the message is a sentence a person can act on."""


@dataclass(frozen=True, slots=True, order=False)
class ArxivId:
    """A paper's canonical identifier without version, and the version (None: the latest). Never a bad one."""

    archive_id: str
    version: int | None = None

    def __post_init__(self) -> None:
        fault = _fault(self.archive_id, None if self.version is None else str(self.version))
        if fault is not None:
            raise BadIdentifier(_sentence(str(self), fault))

    def __str__(self) -> str:
        return self.archive_id if self.version is None else f"{self.archive_id}v{self.version}"

    @property
    def unversioned(self) -> "ArxivId":
        return ArxivId(self.archive_id)

    @property
    def url(self) -> str:
        """The page of the paper (of this version where one is named)."""
        return f"https://arxiv.org/abs/{self}"


def parse_arxiv_id(text: str) -> ArxivId:
    """The identifier that `text` is, with its prefix, version, address or DOI. Raises BadIdentifier."""
    if _CANONICAL_NEW.fullmatch(text):
        return ArxivId(text)
    match = _DECORATED.fullmatch(text.strip()) if len(text) <= _LONGEST_INPUT else None
    if match is None:
        raise BadIdentifier(_sentence(text, _advice()))
    archive_id, version = _canonical(match["id"]), match["version"]
    fault = _fault(archive_id, version)
    if fault is not None:
        raise BadIdentifier(_sentence(text, fault))
    return ArxivId(archive_id, int(version) if version else None)


def find_arxiv_id(text: str) -> ArxivId | None:
    """The first valid identifier inside a longer text or another site's address; other DOIs do not count."""
    searched = _OTHER_DOI.sub(" ", _DATACITE.sub(" ", text[:_LONGEST_INPUT]))
    for match in _INSIDE.finditer(searched):
        archive_id, version = _canonical(match["id"]), match["version"]
        if _fault(archive_id, version) is None:
            return ArxivId(archive_id, int(version) if version else None)
    return None


def _canonical(archive_id: str) -> str:
    lowered = archive_id.lower().replace("%2f", "/")
    archive, slash, number = lowered.partition("/")
    return f"{archive.partition('.')[0]}/{number}" if slash else lowered


def _fault(archive_id: str, version: str | None) -> str | None:
    """What makes a canonical identifier impossible; None where nothing does."""
    if version is not None and not _VERSION.fullmatch(version):
        return _("versions are numbered v1, v2, v3 and so on")
    if new := _CANONICAL_NEW.fullmatch(archive_id):
        return _fault_of_new(new[1], new[2])
    if old := _CANONICAL_OLD.fullmatch(archive_id):
        return _fault_of_old(old[1], old[2], old[3])
    return _advice()


def _fault_of_new(month: str, number: str) -> str | None:
    if not _is_month(month) or int(month) < _FIRST_NEW_MONTH:
        return _("%s is not a year and month from 0704 on") % month
    digits = 5 if int(month) >= _FIRST_FIVE_DIGIT_MONTH else 4
    if len(number) != digits:
        return _("papers of %(month)s have %(digits)d digits after the dot") % {"month": month, "digits": digits}
    return None if int(number) else _("papers are numbered from 1")


def _fault_of_old(archive: str, month: str, number: str) -> str | None:
    if archive not in OLD_ID_ARCHIVES:
        return _("arXiv had no archive “%s” before April 2007") % archive
    if not _is_month(month) or not (int(month) >= 9107 or int(month) < _FIRST_NEW_MONTH):
        return _("%s is not a year and month from 9107 to 0703") % month
    return None if int(number) else _("papers are numbered from 1")


def _is_month(month: str) -> bool:
    return "01" <= month[2:] <= "12"


def _sentence(text: str, fault: str) -> str:
    shown = "".join(char if char.isprintable() else "�" for char in text[:60].strip())
    written = f"{shown}{'…' if len(text) > 60 else ''}"
    return _("“%(written)s” is not an arXiv identifier: %(fault)s.") % {"written": written, "fault": fault}


def _advice() -> str:
    return _("write it like 2501.01234 or hep-th/9901001")
