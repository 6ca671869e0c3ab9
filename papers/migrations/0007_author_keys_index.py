from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations


class Migration(migrations.Migration):
    """The index that finds the papers of an author, made while papers are read and written. Reversible."""

    atomic = False

    dependencies = [("papers", "0006_fill_author_keys")]
    operations = [
        AddIndexConcurrently(model_name="paper", index=GinIndex(fields=["author_keys"], name="paper_author_keys")),
    ]
