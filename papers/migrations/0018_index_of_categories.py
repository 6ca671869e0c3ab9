from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations


class Migration(migrations.Migration):
    """The index that finds the papers of a category, made while papers are read and written. Reversible."""

    atomic = False

    dependencies = [("papers", "0017_bodies")]
    operations = [
        AddIndexConcurrently(model_name="paper", index=GinIndex(fields=["categories"], name="paper_categories")),
    ]
