import django.db.models.functions.text
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """For who unsubscribes by mail: mail programs may lower the letters. Made beside the running site. Reversible."""

    atomic = False
    dependencies = [("subscribers", "0015_what_providers_tell")]
    operations = [
        AddIndexConcurrently(
            model_name="subscriber",
            index=models.Index(django.db.models.functions.text.Lower("token"), name="subscriber_token_lowered"),
        ),
    ]
