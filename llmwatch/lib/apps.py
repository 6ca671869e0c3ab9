from django.apps import AppConfig


class LibConfig(AppConfig):
    """What every app may use and what imports no app; its one table holds the lanes."""

    name = "llmwatch.lib"
    label = "lib"
    default_auto_field = "django.db.models.BigAutoField"
