from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """The next recipient is found by an index that no other one can stand in for. Reversible; nobody waits for it."""

    atomic = False
    dependencies = [("subscribers", "0024_fewer_indexes_on_deliveries")]
    operations = [
        AddIndexConcurrently(
            model_name="delivery",
            index=models.Index(fields=["mailing", "-is_seed", "id"], name="delivery_next", condition=Q(state="pending")),
        ),
        RemoveIndexConcurrently(model_name="delivery", name="delivery_pending"),
    ]
