from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations


class Migration(migrations.Migration):
    """Titles are matched by trigrams. Reversing drops the extension."""

    dependencies = []
    operations = [TrigramExtension()]
