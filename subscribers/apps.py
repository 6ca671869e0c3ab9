from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SubscribersConfig(AppConfig):
    """Who gets it: subscribers, mailings and their deliveries."""

    name = "subscribers"
    verbose_name = _("subscribers")
