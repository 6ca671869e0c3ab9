import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    """A choice remembers what addresses in mails called it before its label was changed."""

    dependencies = [("issues", "0008_follow_ups")]

    operations = [
        migrations.AddField(
            model_name="choice",
            name="former",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(max_length=48), blank=True, default=list, editable=False, size=None
            ),
        ),
    ]
