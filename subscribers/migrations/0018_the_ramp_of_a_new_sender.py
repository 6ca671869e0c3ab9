from django.db import migrations, models


class Migration(migrations.Migration):
    """The days of a ramp, who did something lately, and from when on what comes back is judged. Reversible."""

    dependencies = [("subscribers", "0017_find_events_that_are_personal")]
    operations = [
        migrations.CreateModel(
            name="RampDay",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("sender", models.CharField(help_text="The domain of the sender, and the mail server.", max_length=300)),
                ("number", models.PositiveIntegerField()),
                ("began", models.DateTimeField()),
                ("cap", models.PositiveIntegerField(help_text="Messages of this day, of all mailings together.")),
            ],
            options={
                "verbose_name": "day of the ramp",
                "verbose_name_plural": "days of the ramp",
                "ordering": ["sender", "-number"],
                "constraints": [
                    models.UniqueConstraint(fields=("sender", "number"), name="ramp_day_once"),
                    models.CheckConstraint(condition=models.Q(("cap__gt", 0)), name="ramp_day_allows_something"),
                ],
            },
        ),
        migrations.AddField(
            model_name="mailing",
            name="judged_from",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="subscriber",
            name="last_acted",
            field=models.DateTimeField(
                blank=True, help_text="Saved preferences, came back from a pause, signed in or voted.", null=True
            ),
        ),
    ]
