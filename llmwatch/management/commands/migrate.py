"""Django's `migrate`, which first looks whether the database is one that these migrations can go on with."""

from pathlib import Path
from typing import Any, Final

from django.apps import apps
from django.conf import settings
from django.core.management.base import CommandError
from django.core.management.commands import migrate
from django.db import connections
from django.db.migrations.recorder import MigrationRecorder
from django.utils.translation import gettext as _

FIRST: Final = "0001_initial"
FORMER_LABELS: Final = frozenset({"lib"})  # of apps whose tables have other names now


class Command(migrate.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        """Stops before the first statement where the database was made by an earlier checkout."""
        if old := migrations_of_an_earlier_checkout(options["database"]):
            raise CommandError(
                _(
                    "This database was made by an earlier checkout (it knows %s, which is no more); nothing was "
                    "changed. Name a new, empty database, and load into it what you want to keep."
                )
                % old[0],
                returncode=2,
            )
        super().handle(*args, **options)


def migrations_of_an_earlier_checkout(database: str) -> list[str]:
    """What was applied, such as `papers.0001_trigrams`, to apps of ours that begin otherwise today."""
    applied = MigrationRecorder(connections[database]).applied_migrations()
    begun = {app for app, name in applied if name == FIRST}
    return sorted(f"{app}.{name}" for app, name in applied if app in _our_labels() - begun)


def _our_labels() -> frozenset[str]:
    ours = (app.label for app in apps.get_app_configs() if Path(app.path).parent == settings.BASE_DIR)
    return FORMER_LABELS.union(ours)
