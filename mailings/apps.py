from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MailingsConfig(AppConfig):
    """The post: mailings, their deliveries, and what comes back."""

    name = "mailings"
    verbose_name = _("Mailings")
