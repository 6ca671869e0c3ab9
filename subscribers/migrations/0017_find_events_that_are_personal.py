from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """For the look at what is to be forgotten; made beside the running site. Reversible."""

    atomic = False
    dependencies = [("subscribers", "0016_find_tokens_in_lower_case")]
    operations = [
        AddIndexConcurrently(
            model_name="mailevent",
            index=models.Index(
                condition=~models.Q(address_hash="", diagnostic=""), fields=["received"], name="mail_event_personal"
            ),
        ),
    ]
