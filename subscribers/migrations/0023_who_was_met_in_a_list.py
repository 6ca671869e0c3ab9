import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Who was met in a list so far, while it is read slice by slice. Reversible: the table goes."""

    dependencies = [
        ("subscribers", "0022_what_led_to_the_form"),
    ]

    operations = [
        migrations.CreateModel(
            name="IntakeMet",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "intake_id", "key", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("key", models.UUIDField()),
                (
                    "intake",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="met",
                        to="subscribers.intake",
                    ),
                ),
            ],
        ),
    ]
