from django.urls import path

from reading.views import issues

app_name = "issues"
urlpatterns = [
    path("issues/", issues.archive, name="archive"),
    path("issues/<int:number>/", issues.numbered, name="numbered"),
    path("p/<slug:slug>/", issues.issue, name="issue"),
    path("p/<slug:slug>.<slug:form>", issues.file, name="file"),
    path("series/<slug:slug>/", issues.series, name="series"),
    path("feed", issues.old_feed),
    path("feed/", issues.old_feed),
    path("feeds/issues.<slug:form>", issues.issues_feed, name="feed"),
    path("feeds/series/<slug:slug>.<slug:form>", issues.series_feed, name="series_feed"),
    path("feeds/topics/<slug:slug>.<slug:form>", issues.topic_feed, name="topic_feed"),
]
