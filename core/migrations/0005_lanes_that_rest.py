from django.db import migrations, models


class Migration(migrations.Migration):
    """How often in a row a lane led nowhere, and whether what closed it passes by itself. Reversible."""

    dependencies = [("lib", "0004_traces")]
    operations = [
        migrations.AddField(
            model_name="lane",
            name="passing",
            field=models.BooleanField(default=False, help_text="Closed for a fault that passes by itself."),
        ),
        migrations.AddField(
            model_name="lane",
            name="failures",
            field=models.PositiveIntegerField(default=0, help_text="In a row, of all processes."),
        ),
    ]
