"""What supporters read: the whole issue, its files and a feed, at addresses that no cache keeps."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from issues.models import Issue
from issues.rendering.formats.downloads import DOWNLOAD_FORMS
from issues.rendering.page.render import whole_page_html
from reading.feeds import to_atom
from reading.issue_feeds import load_feed as feed_at
from reading.open_issue import open_issue
from subscribers import supporter_session
from subscribers.forms import SignInForm
from subscribers.models import Subscriber
from subscribers.view_guards import for_holder, personal_page


@personal_page
def read(request: HttpRequest, slug: str) -> HttpResponse:
    issue, edition = open_issue(get_object_or_404(Issue, slug=slug))
    if not _may_read(request):
        return _closed(request, issue)
    return HttpResponse(whole_page_html(issue, edition, files_at=request.path.rstrip("/")))


@personal_page
def read_file(request: HttpRequest, slug: str, form: str) -> HttpResponse:
    """The whole issue in another form, e.g. `/me/read/<slug>.md`."""
    if form not in DOWNLOAD_FORMS:
        raise Http404
    issue, edition = open_issue(get_object_or_404(Issue, slug=slug))
    if not _may_read(request):
        return _closed(request, issue)
    content_type, write = DOWNLOAD_FORMS[form]
    return HttpResponse(write(edition.value, issue.published_at), content_type=content_type)


@for_holder
def feed(request: HttpRequest, subscriber: Subscriber) -> HttpResponse:
    """Feed readers hold no cookies: the permanent token opens it, as long as its owner is a supporter."""
    if not subscriber.is_supporter(timezone.localdate()):
        return render(request, "reading/no_supporter.html", status=403)
    return HttpResponse(to_atom(feed_at(request.path, whole=True)), content_type="application/atom+xml; charset=utf-8")


def _may_read(request: HttpRequest) -> bool:
    return supporter_session.may_read_all(request, supporter_session.signed_in(request), timezone.localdate())


def _closed(request: HttpRequest, issue: Issue) -> HttpResponse:
    """The way in, without a word of what is behind it."""
    values = {
        "form": SignInForm(initial={"issue": issue.slug}),
        "issue": issue,
        "reader": supporter_session.signed_in(request),
    }
    return render(request, "reading/closed.html", values, status=403)
