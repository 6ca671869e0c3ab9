from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GlossaryConfig(AppConfig):
    """What words mean."""

    name = "glossary"
    verbose_name = _("Glossary")
