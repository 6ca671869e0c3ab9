"""The yardstick of pages.py: the site and one more view, which prints the rows of the archive without a template."""

import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "llmwatch.settings")
settings.ROOT_URLCONF = __name__
application = get_wsgi_application()


def rows(request: HttpRequest) -> HttpResponse:
    from issues.coverage.published import list_published
    from issues.models import Issue

    return HttpResponse("\n".join(issue.title for issue in list_published(Issue.objects.published()[:12])))


urlpatterns = [path("twelve-rows/", rows), path("", include("llmwatch.urls"))]
