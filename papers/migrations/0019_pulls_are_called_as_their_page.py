from django.db import migrations


class Migration(migrations.Migration):
    """The admin names pulls as it names their page; nothing of the database changes. Reversible."""

    dependencies = [("papers", "0018_index_of_categories")]
    operations = [
        migrations.AlterModelOptions(
            name="pull",
            options={"ordering": ["-started", "-pk"], "verbose_name": "pull", "verbose_name_plural": "pull calendar"},
        ),
    ]
