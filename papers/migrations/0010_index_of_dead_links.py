from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """The index of dead links, made while links are read and written. Reversible."""

    atomic = False

    dependencies = [
        ('papers', '0009_links_that_are_checked'),
    ]

    operations = [
        AddIndexConcurrently(
            model_name='paperlink',
            index=models.Index(condition=models.Q(('state__in', ['gone', 'silent'])), fields=['failing_since'], name='paperlink_dead'),
        ),
    ]
