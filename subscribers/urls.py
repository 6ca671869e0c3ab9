from django.urls import path

from subscribers.views import joining, preferences, reading, signing_in

app_name = "subscribers"
urlpatterns = [
    path("subscribe/", joining.subscribe, name="subscribe"),
    path("me/", signing_in.account, name="account"),
    path("me/login/", signing_in.login, name="login"),
    path("me/login/<str:token>/", signing_in.sign_in, name="sign_in"),
    path("me/logout/", signing_in.sign_out, name="sign_out"),
    path("me/confirm/<str:token>/", joining.confirm, name="confirm"),
    path("me/read/<slug:slug>/", reading.read, name="read"),
    path("me/read/<slug:slug>.<slug:form>", reading.read_file, name="read_file"),
    path("me/<str:token>/", preferences.preferences, name="preferences"),
    path("me/<str:token>/highlights/", preferences.highlights_only, name="highlights_only"),
    path("me/<str:token>/unsubscribe/", preferences.unsubscribe, name="unsubscribe"),
    # Mail programs cut addresses, and a redirect would lose the POST.
    path("me/<str:token>/unsubscribe", preferences.unsubscribe),
    path("me/<str:token>/feed.atom", reading.feed, name="feed"),
]
