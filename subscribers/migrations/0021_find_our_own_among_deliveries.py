from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """The few deliveries that are left out where readers are counted; made beside the running site."""

    atomic = False
    dependencies = [("subscribers", "0020_lift_what_was_unreachable")]
    operations = [
        AddIndexConcurrently(
            model_name="delivery",
            index=models.Index(fields=["mailing", "state"], name="delivery_seed", condition=models.Q(is_seed=True)),
        ),
    ]
