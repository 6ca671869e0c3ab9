import zlib
from typing import Any

from django.apps.registry import Apps
from django.db import migrations, transaction
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from papers.author_keys import author_keys

A_BATCH = 2_000
LOCK = zlib.crc32(b"papers.sync")  # that of papers/sync.py, which locks rows in another order
WRITE = "UPDATE papers_paper SET author_keys = %s WHERE id = %s AND author_keys <> %s"


def fill(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    database = schema_editor.connection.alias
    papers = apps.get_model("papers", "Paper").objects.using(database).select_for_update().order_by("pk")
    last = 0
    while last is not None:
        with transaction.atomic(database), schema_editor.connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
            last = fill_some(papers.filter(pk__gt=last)[:A_BATCH], cursor)


def fill_some(papers: Any, cursor: Any) -> int | None:
    """The last of these papers; None where there are none."""
    rows = [(pk, author_keys(authors)) for pk, authors in papers.values_list("pk", "authors")]
    cursor.executemany(WRITE, [(keys, pk, keys) for pk, keys in rows])
    return rows[-1][0] if rows else None


class Migration(migrations.Migration):
    """Fills the normal forms of authors' names, batch by batch, while papers are read; it can be run again.

    Reversing leaves them: the column goes with the migration before.
    """

    atomic = False

    dependencies = [("papers", "0005_author_keys")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
