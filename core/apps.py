from django.apps import AppConfig


class LibConfig(AppConfig):
    """What every app may use and what imports no app; its tables hold the lanes and the alarms."""

    name = "core"
    label = "lib"
    default_auto_field = "django.db.models.BigAutoField"
