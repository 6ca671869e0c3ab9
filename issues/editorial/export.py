"""An issue in every form in which it can be taken away: what `export_issue` prints."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from django.utils import timezone

from core.command_reports import Refused
from issues import storage
from issues.document.values import Document
from issues.models import Issue
from issues.rendering.formats.citations import citations_of
from issues.rendering.formats.downloads import DOWNLOAD_FORMS
from issues.rendering.mail.mime import BadMessage
from issues.rendering.mail.sample import sample_message
from issues.rendering.page.render import document_html, page_html
from papers.citations import to_csl

_Writer = Callable[[Issue, Document], str]


def export_issue(issue: Issue, form: str) -> str:
    """The public edition where there is one, else the draft: whole, but as HTML and mail what a reader gets."""
    edition = issue.public_edition
    return EXPORT_FORMS[form](issue, edition.value if edition else storage.load_document(issue))


def _file(suffix: str) -> _Writer:
    _, write = DOWNLOAD_FORMS[suffix]
    return lambda issue, document: write(document, issue.published_at)


def _html(issue: Issue, document: Document) -> str:
    if edition := issue.public_edition:
        return page_html(issue, edition)
    return document_html(document.for_everyone(), url=issue.get_absolute_url())


def _email(issue: Issue, document: Document) -> str:
    """One message to a sample recipient; raises Refused where the settings make none."""
    try:
        return sample_message(document, issue.published_at or timezone.now()).decode("ascii")
    except BadMessage as error:
        raise Refused(str(error)) from None


def _csl(issue: Issue, document: Document) -> str:
    return json.dumps(to_csl(citations_of(document)), ensure_ascii=False, indent=1)


EXPORT_FORMS: Mapping[str, _Writer] = {
    "text": _file("txt"),
    "markdown": _file("md"),
    "html": _html,
    "email": _email,
    "json": _file("json"),
    "bibtex": _file("bib"),
    "ris": _file("ris"),
    "csl": _csl,
}
