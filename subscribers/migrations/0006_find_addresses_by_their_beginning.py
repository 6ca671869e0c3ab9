import django.contrib.postgres.indexes
import django.db.models.functions.text
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """For the search in the admin; made beside the running site, so outside a transaction."""

    atomic = False
    dependencies = [("subscribers", "0005_letters")]
    operations = [
        AddIndexConcurrently(
            model_name="subscriber",
            index=models.Index(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Lower("email"), name="text_pattern_ops"
                ),
                name="subscriber_address_begins",
            ),
        ),
    ]
