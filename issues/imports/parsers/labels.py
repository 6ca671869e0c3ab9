"""A paper's title with its links in brackets: `Title (paper/code)`, `Title ([paper](https://…)/code)`."""

import re

from issues.document.values import PaperLinkValue
from papers.enrichment.extract_links import LINK_KINDS

_KIND = "|".join(sorted(LINK_KINDS))
_URL = r"<[^<>\n]*>|[^()\s<>]*(?:\([^()\s<>]*\)[^()\s<>]*)*"
_LINK = rf"(?:\[(?:{_KIND})\]\((?:{_URL})\)|(?:{_KIND}))"
_LABELLED = re.compile(rf"(?P<title>\S.*)\s\((?P<links>{_LINK}(?:\s*[/,|]\s*{_LINK})*)\)", re.IGNORECASE)
_ONE = re.compile(rf"\[(?P<linked>{_KIND})\]\((?P<url>{_URL})\)|(?P<bare>{_KIND})", re.IGNORECASE)
_WATCHING = re.compile(r"Watching:\s+(?P<rest>\S.*)", re.IGNORECASE)
_LONGEST_LINE = 2_000


def parse_title(line: str) -> tuple[str, tuple[PaperLinkValue, ...]] | None:
    """The title and its links; None where no kinds of link stand in brackets at the end."""
    match = _LABELLED.fullmatch(line.strip()) if line.rstrip().endswith(")") and len(line) < _LONGEST_LINE else None
    if match is None:
        return None
    links = (
        PaperLinkValue(kind=(one["linked"] or one["bare"]).lower(), url=(one["url"] or "").strip("<>"))
        for one in _ONE.finditer(match["links"])
    )
    return match["title"].strip(), tuple(links)


def parse_watching(line: str, *, bare: bool = False) -> tuple[str, tuple[PaperLinkValue, ...]] | None:
    """The same of a line `Watching: Title (paper)`; a bare title has no links and is known only by its place."""
    match = _WATCHING.fullmatch(line.strip())
    if match is None:
        return None
    return parse_title(match["rest"]) or ((match["rest"], ()) if bare else None)


def format_links(links: tuple[PaperLinkValue, ...]) -> str:
    """` (paper/code)` with addresses where there are any; empty where nothing is printed."""
    words = "/".join(f"[{link.kind}]({_address(link.url)})" if link.url else link.kind for link in links)
    return f" ({words})" if words else ""


def _address(url: str) -> str:
    return f"<{url}>" if re.search(r"[()\s]", url) else url
