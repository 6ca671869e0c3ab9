from django.urls import path

from reading.views import issues as views

app_name = "issues"
urlpatterns = [
    path("issues/", views.archive, name="archive"),
    path("issues/<int:number>/", views.numbered, name="numbered"),
    path("p/<slug:slug>/", views.issue, name="issue"),
    path("p/<slug:slug>.<slug:form>", views.file, name="file"),
    path("series/<slug:slug>/", views.series, name="series"),
    path("feed", views.old_feed),
    path("feed/", views.old_feed),
    path("feeds/issues.<slug:form>", views.issues_feed, name="feed"),
    path("feeds/series/<slug:slug>.<slug:form>", views.series_feed, name="series_feed"),
    path("feeds/topics/<slug:slug>.<slug:form>", views.topic_feed, name="topic_feed"),
]
