from django.urls import path

from subscribers.views import change_address, preferences, sign_in, sign_up, votes

app_name = "subscribers"
urlpatterns = [
    path("subscribe/", sign_up.subscribe, name="subscribe"),
    path("polls/<slug:poll>/<slug:choice>/<str:token>/", votes.vote, name="vote"),
    path("me/", sign_in.account, name="account"),
    path("me/login/", sign_in.login, name="login"),
    path("me/login/<str:token>/", sign_in.sign_in, name="sign_in"),
    path("me/logout/", sign_in.sign_out, name="sign_out"),
    path("me/confirm/<str:token>/", sign_up.confirm, name="confirm"),
    path("me/address/<str:token>/", change_address.address, name="address"),
    path("me/move/<str:token>/", change_address.move, name="move"),
    path("me/<str:token>/", preferences.preferences, name="preferences"),
    path("me/<str:token>/highlights/", preferences.highlights_only, name="highlights_only"),
    path("me/<str:token>/pause/", preferences.pause, name="pause"),
    path("me/<str:token>/go-on/", preferences.go_on, name="go_on"),
    path("me/<str:token>/unsubscribe/", preferences.unsubscribe, name="unsubscribe"),
    # Mail programs cut addresses, and a redirect would lose the POST.
    path("me/<str:token>/unsubscribe", preferences.unsubscribe),
    path("me/<str:token>/ask/<slug:slug>/", preferences.ask_for_link, name="ask_for_link"),
]
