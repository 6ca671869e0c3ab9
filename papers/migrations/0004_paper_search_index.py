from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations


class Migration(migrations.Migration):
    """The index that finds papers by their words, made while papers are read and written. Reversible."""

    atomic = False

    dependencies = [("papers", "0004_paper_words")]
    operations = [
        AddIndexConcurrently(model_name="paper", index=GinIndex(fields=["search"], name="paper_search")),
    ]
