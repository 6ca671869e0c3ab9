"""arXiv's OAI-PMH, page by page: what is asked, and what counts as an answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

import httpx

from papers.arxiv.oai_parser import OaiPage, parse_page, records_before
from papers.arxiv.polite_http import ArxivUnavailable, HttpAnswer, PassingFault, PoliteHttp, parse_answer, require_safe

METADATA_FORMATS: Final = ("arXivRaw", "arXiv")
_SOURCES: Final = {"arXivRaw": "raw", "arXiv": "oai"}


@dataclass(frozen=True, slots=True)
class Window:
    """The records of one set that changed last on one UTC day, in one format."""

    set_spec: str
    day: date
    form: str

    def __str__(self) -> str:
        return f"{self.set_spec} {self.day}"


@dataclass(frozen=True, slots=True)
class OaiAnswer:
    """A page and the SHA-256 (hex) of its body."""

    page: OaiPage
    sha256: str


class OaiClient:
    """`base_url` is the address of OAI-PMH."""

    def __init__(self, polite: PoliteHttp, base_url: str) -> None:
        require_safe(httpx.URL(base_url))
        self._polite = polite
        self._base_url = base_url

    def first(self, window: Window) -> OaiAnswer:
        """The first page; empty where nothing changed. Raises ArxivRefused, ArxivUnavailable and OaiError."""
        day = window.day.isoformat()
        asked = {"metadataPrefix": window.form, "set": window.set_spec, "from": day, "until": day}
        return self._page(window, asked, before=0)

    def following(self, window: Window, token: str) -> OaiAnswer:
        """The page that a token asks for. Raises what `first` does; OaiError says badResumptionToken of an old one."""
        found = self._page(window, {"resumptionToken": token}, before=records_before(token, window.day))
        if found.page.token == token:
            raise ArxivUnavailable("arXiv's token leads to itself")
        return found

    def _page(self, window: Window, asked: Mapping[str, str], before: int | None) -> OaiAnswer:
        return self._polite.get("oai", self._base_url, {"verb": "ListRecords", **asked}, _reader(window, before))


def _reader(window: Window, before: int | None) -> Callable[[HttpAnswer], OaiAnswer]:
    def read(answer: HttpAnswer) -> OaiAnswer:
        page = parse_answer(answer, parse_page)
        _require_asked(page, window)
        _require_whole(page, before, records_before(page.token, window.day))
        return OaiAnswer(page, answer.sha256)

    return read


def _require_asked(page: OaiPage, window: Window) -> None:
    """Raises PassingFault where records of another format came, from some cache or other."""
    if any(record.paper.source != _SOURCES[window.form] for record in page.records):
        raise PassingFault(f"records in another format than {window.form}")


def _require_whole(page: OaiPage, before: int | None, after: int | None) -> None:
    """Raises PassingFault where the page holds fewer records than the token after it counts."""
    if before is not None and after is not None and page.distinct < after - before:
        raise PassingFault(f"{page.distinct:,} records on a page that should have {after - before:,}")
