"""The glossary as readers see it: what words mean today, and the issues that used them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.safestring import SafeString

from core.site import absolute_url
from core.text.markdown import render_inline, to_text
from core.web.public_page import public_page
from glossary.models import GlossaryTerm
from issues.coverage.appearances import issues_with_term, open_terms
from issues.coverage.published import list_published


@dataclass(frozen=True, slots=True)
class TermDefinition:
    term: GlossaryTerm
    html: SafeString


@dataclass(frozen=True, slots=True)
class _Letter:
    letter: str
    definitions: list[TermDefinition]


@public_page
def term_list(request: HttpRequest) -> HttpResponse:
    letters = by_letter(open_terms().alphabetical())
    context = {"letters": letters, "section": "glossary", "canonical": absolute_url(request.path)}
    return render(request, "glossary/glossary.html", context)


@public_page
def term(request: HttpRequest, slug: str) -> HttpResponse:
    found = get_object_or_404(open_terms(), slug=slug)
    context = {
        "term": found,
        "definition": render_inline(found.definition).html,
        "description": " ".join(to_text(found.definition).split()),
        "issues": list_published(issues_with_term(slug)),
        "section": "glossary",
        "canonical": absolute_url(found.get_absolute_url()),
    }
    return render(request, "glossary/term.html", context)


def by_letter(terms: Iterable[GlossaryTerm]) -> list[_Letter]:
    """The terms under their first letters; what begins with none stands under #."""
    found = [(_letter(term.name), TermDefinition(term, render_inline(term.definition).html)) for term in terms]
    ordered = sorted(found, key=lambda pair: pair[0])
    return [_Letter(letter, [one for _, one in group]) for letter, group in groupby(ordered, key=lambda pair: pair[0])]


def _letter(name: str) -> str:
    return name[0].upper() if name[0].isalpha() else "#"
