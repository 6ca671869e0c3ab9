import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    """The normal forms of the authors' names beside the names as printed; empty at first. Reversible."""

    dependencies = [("papers", "0004_paper_search_index")]
    operations = [
        migrations.AddField(
            model_name="paper",
            name="author_keys",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=120), blank=True, default=list, editable=False, size=None
            ),
        ),
    ]
