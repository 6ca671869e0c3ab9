from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IssuesConfig(AppConfig):
    """What we say: issues, their blocks and editions."""

    name = "issues"
    verbose_name = _("Issues")
