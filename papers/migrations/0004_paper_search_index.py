from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations
from django.db.models import Index, Q


class Migration(migrations.Migration):
    """The indexes that find papers by their words, and those whose words are unread, made while papers are read and written. Reversible."""

    atomic = False

    dependencies = [("papers", "0004_paper_words")]
    operations = [
        AddIndexConcurrently(model_name="paper", index=GinIndex(fields=["search"], name="paper_search")),
        AddIndexConcurrently(
            model_name="paper",
            index=Index(fields=["id"], name="paper_unsearchable", condition=Q(searchable=False)),
        ),
    ]
