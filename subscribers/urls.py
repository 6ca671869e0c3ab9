from django.urls import path

from mailings.views import clicks
from mailings.views import personal_data as holdings
from mailings.views import webhooks as hooks
from reading.views import supporters as reading
from subscribers.views import change_address as moving
from subscribers.views import preferences
from subscribers.views import sign_in as signing_in
from subscribers.views import sign_up as joining
from subscribers.views import votes as voting

app_name = "subscribers"
urlpatterns = [
    path("subscribe/", joining.subscribe, name="subscribe"),
    path("polls/<slug:poll>/<slug:choice>/<str:token>/", voting.vote, name="vote"),
    path("go/<slug:key>/", clicks.go, name="go"),
    path("me/", signing_in.account, name="account"),
    path("me/login/", signing_in.login, name="login"),
    path("me/login/<str:token>/", signing_in.sign_in, name="sign_in"),
    path("me/logout/", signing_in.sign_out, name="sign_out"),
    path("me/confirm/<str:token>/", joining.confirm, name="confirm"),
    path("me/read/<slug:slug>/", reading.read, name="read"),
    path("me/read/<slug:slug>.<slug:form>", reading.read_file, name="read_file"),
    path("me/export/<str:token>/", holdings.export, name="export"),
    path("me/erase/<str:token>/", holdings.erase, name="erase"),
    path("me/address/<str:token>/", moving.address, name="address"),
    path("me/move/<str:token>/", moving.move, name="move"),
    path("me/<str:token>/", preferences.preferences, name="preferences"),
    path("me/<str:token>/highlights/", preferences.highlights_only, name="highlights_only"),
    path("me/<str:token>/pause/", preferences.pause, name="pause"),
    path("me/<str:token>/go-on/", preferences.go_on, name="go_on"),
    path("me/<str:token>/unsubscribe/", preferences.unsubscribe, name="unsubscribe"),
    # Mail programs cut addresses, and a redirect would lose the POST.
    path("me/<str:token>/unsubscribe", preferences.unsubscribe),
    path("me/<str:token>/ask/<slug:slug>/", holdings.errand, name="errand"),
    path("me/<str:token>/feed.atom", reading.feed, name="feed"),
    path("hooks/<slug:provider>/", hooks.hook, name="hook"),
    path("hooks/<slug:provider>", hooks.hook),  # a redirect would lose the POST
]
