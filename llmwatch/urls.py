from django.conf import settings
from django.conf.urls.static import static
from django.contrib import admin
from django.urls import include, path

from llmwatch.health import healthz, readyz
from reading.urls import paper_pages, term_pages

urlpatterns = [
    path("admin/", admin.site.urls),
    path("healthz", healthz),
    path("readyz", readyz),
    path("papers/", include((paper_pages, "papers"))),
    path("glossary/", include((term_pages, "glossary"))),
    path("", include("issues.urls")),
    path("", include("subscribers.urls")),
    path("", include("reading.urls")),
    *static(settings.MEDIA_URL, document_root=settings.MEDIA_ROOT),  # with DEBUG only; nginx serves it elsewhere
]
