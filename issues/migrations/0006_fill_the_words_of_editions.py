from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

from issues.document import from_json
from issues.wording import words_of


def fill(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    editions = apps.get_model("issues", "Edition").objects.using(schema_editor.connection.alias)
    for edition in editions.filter(kind__in=["published", "corrected"]).iterator():
        editions.filter(pk=edition.pk).update(words=words_of(from_json(edition.document).for_everyone()))


class Migration(migrations.Migration):
    """What is published already can be found, too. Reversing leaves the words: their column goes with the one before."""

    dependencies = [("issues", "0005_what_an_edition_is_found_by")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
