from django.urls import path

from mailings.views import clicks, personal_data, webhooks

app_name = "mailings"
urlpatterns = [
    path("go/<slug:key>/", clicks.go, name="click"),
    path("me/export/<str:token>/", personal_data.export, name="export"),
    path("me/erase/<str:token>/", personal_data.erase, name="erase"),
    path("hooks/<slug:provider>/", webhooks.hook, name="webhook"),
    path("hooks/<slug:provider>", webhooks.hook),  # a redirect would lose the POST
]
