from django.db import migrations, models


class Migration(migrations.Migration):
    """How much of a quota, such as 500 an hour, is used, and until when it counts. Reversible."""

    dependencies = [("lib", "0005_lanes_that_rest")]
    operations = [
        migrations.AddField(
            model_name="lane",
            name="window_ends",
            field=models.DateTimeField(blank=True, help_text="Of the window that a quota counts in.", null=True),
        ),
        migrations.AddField(
            model_name="lane",
            name="used",
            field=models.PositiveIntegerField(default=0, help_text="Starts in this window."),
        ),
    ]
