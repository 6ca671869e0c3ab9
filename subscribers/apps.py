from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SubscribersConfig(AppConfig):
    """The people: who they are, what they asked for, and what ends the mail to them."""

    name = "subscribers"
    verbose_name = _("Subscribers")
