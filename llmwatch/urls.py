from django.conf import settings
from django.conf.urls.static import static
from django.contrib import admin
from django.urls import include, path

from llmwatch.demo import outbox
from llmwatch.health import healthz, readyz
from reading.urls import paper_pages, supporter_pages, term_pages, topic_pages

urlpatterns = [
    path("admin/", admin.site.urls),
    path("healthz", healthz),
    path("readyz", readyz),
    path("outbox/", outbox.outbox, name="outbox"),
    path("outbox/<str:name>/", outbox.message, name="outbox_message"),
    path("outbox/<str:name>/body/", outbox.body, name="outbox_body"),
    path("outbox/<str:name>/<str:view>/", outbox.message, name="outbox_view"),
    path("papers/", include((paper_pages, "papers"))),
    path("glossary/", include((term_pages, "glossary"))),
    path("topics/", include((topic_pages, "topics"))),
    path("", include("reading.issue_urls")),
    path("me/", include((supporter_pages, "supporters"))),
    path("", include("mailings.urls")),
    path("", include("subscribers.urls")),
    path("", include("reading.urls")),
    *static(settings.MEDIA_URL, document_root=settings.MEDIA_ROOT),  # with DEBUG only; nginx serves it elsewhere
]
