from django.db import migrations, models


class Migration(migrations.Migration):
    """When what should happen again and again last happened. Reversible: reversing drops the table."""

    dependencies = [("lib", "0003_alarms")]
    operations = [
        migrations.CreateModel(
            name="Trace",
            fields=[
                ("name", models.CharField(max_length=40, primary_key=True, serialize=False)),
                ("at", models.DateTimeField()),
            ],
            options={"verbose_name": "trace"},
        ),
    ]
