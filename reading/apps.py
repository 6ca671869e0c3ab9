from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReadingConfig(AppConfig):
    """What the public site puts together."""

    name = "reading"
    verbose_name = _("reading")
