from django.urls import path

from reading.views import authors, glossary, papers, search, site, supporters, topics

app_name = "reading"
urlpatterns = [
    path("", site.home, name="home"),
    path("about/", site.about, name="about"),
    path("authors/<str:slug>/", authors.author, name="author"),
    path("search/", search.search, name="search"),
    path("opensearch.xml", search.description, name="opensearch"),
    path("sitemap.xml", site.sitemap, name="sitemap"),
    path("sitemap-<int:number>.xml", site.sitemap_part, name="sitemap_part"),
    path("favicon.ico", site.favicon, name="favicon"),
    path("robots.txt", site.robots, name="robots"),
]
# The pages of papers, terms and topics say which issues they stand in, so they are put together here, under their own
# names.
paper_pages = [
    path("", papers.paper_list, name="list"),
    path("<path:key>.bib", papers.citation, name="citation"),
    path("<path:key>/", papers.paper, name="paper"),
]
# What supporters read: never cached, and the supporters' cookie is sent to /me/ alone.
supporter_pages = [
    path("read/<slug:slug>/", supporters.read, name="read"),
    path("read/<slug:slug>.<slug:form>", supporters.read_file, name="read_file"),
    path("<str:token>/feed.atom", supporters.feed, name="feed"),
]
term_pages = [
    path("", glossary.term_list, name="list"),
    path("<slug:slug>/", glossary.term, name="term"),
]
topic_pages = [
    path("<slug:slug>/", topics.topic, name="topic"),
]
