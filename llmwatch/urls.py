from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("issues.urls")),
    path("papers/", include("papers.urls")),
    path("glossary/", include("glossary.urls")),
    path("", include("reading.urls")),
]
