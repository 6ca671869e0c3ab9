from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig as DjangoAdminConfig


class FrameConfig(AppConfig):
    """The frame: commands and tasks that belong to no single app."""

    name = "llmwatch"
    label = "frame"

    def ready(self) -> None:
        from llmwatch import celery  # noqa: F401 (so that @shared_task finds the configured app)


class AdminConfig(DjangoAdminConfig):
    default_site = "llmwatch.admin.EditorialSite"
