"""A topic as readers see it: the papers of its tags that an issue has covered, and those issues."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from core.site import absolute_page_url
from core.text import markdown
from core.web.public_page import public_page
from issues.coverage.appearances import issues_on, open_papers
from issues.coverage.published import list_published
from issues.models import Topic
from reading.views.papers import A_PAGE, lines_of

_NEWEST = 20  # issues beside the papers; the feed goes on


@public_page
def topic(request: HttpRequest, slug: str) -> HttpResponse:
    found = get_object_or_404(Topic, slug=slug)
    page = Paginator(open_papers(found).newest_first(), A_PAGE).get_page(request.GET.get("page"))
    context = {
        "topic": found,
        "description": markdown.render_markdown(found.description).html,
        "in_a_line": " ".join(markdown.to_text(found.description).split()),
        "page": page,
        "lines": lines_of(page.object_list),
        "issues": list_published(issues_on(found)[:_NEWEST]),
        "section": "papers",
        "canonical": absolute_page_url(request.path, page.number),
    }
    return render(request, "topics/topic.html", context)
