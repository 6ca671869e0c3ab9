"""The forms in which an issue is given away beside its page."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime

from issues.document.values import Document
from issues.rendering.formats.citations import citations_of
from issues.rendering.formats.markdown import to_markdown
from issues.rendering.formats.public_json import to_public_json
from issues.rendering.formats.text import to_text
from papers.citations import to_bibtex, to_ris

_Writer = Callable[[Document, datetime | None], str]


def _text(document: Document, published_at: datetime | None) -> str:
    return to_text(document)


def _markdown(document: Document, published_at: datetime | None) -> str:
    return to_markdown(document)


def _json(document: Document, published_at: datetime | None) -> str:
    return json.dumps(to_public_json(document, published_at), ensure_ascii=False, indent=1)


def _bibtex(document: Document, published_at: datetime | None) -> str:
    return to_bibtex(citations_of(document))


def _ris(document: Document, published_at: datetime | None) -> str:
    return to_ris(citations_of(document))


DOWNLOAD_FORMS: Mapping[str, tuple[str, _Writer]] = {
    "txt": ("text/plain; charset=utf-8", _text),
    "md": ("text/markdown; charset=utf-8", _markdown),
    "json": ("application/json; charset=utf-8", _json),
    "bib": ("application/x-bibtex; charset=utf-8", _bibtex),
    "ris": ("application/x-research-info-systems; charset=utf-8", _ris),
}
