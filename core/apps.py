from django.apps import AppConfig


class CoreConfig(AppConfig):
    """The ground: what every app may use and what imports no app."""

    name = "core"
    default_auto_field = "django.db.models.BigAutoField"
