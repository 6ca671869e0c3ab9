from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PapersConfig(AppConfig):
    """What exists: papers, their versions, links and events."""

    name = "papers"
    verbose_name = _("Papers")
