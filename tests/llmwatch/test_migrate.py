"""`migrate` at a database of an earlier checkout: a sentence, and not a statement."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.test.utils import CaptureQueriesContext

pytestmark = pytest.mark.django_db


def make_earlier(app: str, name: str) -> None:
    """The database remembers a migration of an earlier checkout, and none of today's of this app."""
    recorder = MigrationRecorder(connection)
    recorder.migration_qs.filter(app=app).delete()
    recorder.record_applied(app, name)


@pytest.mark.parametrize(("app", "name"), [("papers", "0001_trigrams"), ("lib", "0001_lanes")])
def test_a_database_of_an_earlier_checkout_is_refused_with_a_sentence(app: str, name: str) -> None:
    make_earlier(app, name)
    with pytest.raises(CommandError, match=f"{app}.{name}.*Name a new, empty database") as refused:
        call_command("migrate", stdout=StringIO())
    assert refused.value.returncode == 2


def test_nothing_is_written_before_it_is_refused() -> None:
    make_earlier("issues", "0001_issues")
    with (
        CaptureQueriesContext(connection) as asked,
        pytest.raises(CommandError),
    ):
        call_command("migrate", stdout=StringIO())
    assert [sql for query in asked.captured_queries if not (sql := query["sql"].strip()).startswith("SELECT")] == []


def test_a_database_of_this_checkout_has_nothing_to_migrate() -> None:
    told = StringIO()
    call_command("migrate", stdout=told)
    assert "No migrations to apply" in told.getvalue()
