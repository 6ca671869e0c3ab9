from django.db import migrations, models


class Migration(migrations.Migration):
    """Until when a lane is closed to all processes, and why. Reversible."""

    dependencies = [("lib", "0001_lanes")]
    operations = [
        migrations.AddField(
            model_name="lane",
            name="closed_until",
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name="lane",
            name="reason",
            field=models.CharField(blank=True, help_text="Why it is closed.", max_length=200),
        ),
    ]
