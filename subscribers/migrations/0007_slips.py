import django.contrib.postgres.fields
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """What somebody typed into a form, until a worker takes it up."""

    dependencies = [("subscribers", "0006_find_addresses_by_their_beginning")]
    operations = [
        migrations.CreateModel(
            name="Slip",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(choices=[("sign_up", "sign-up"), ("sign_in", "sign-in")], max_length=10),
                ),
                ("email", models.CharField(max_length=254)),
                ("name", models.CharField(blank=True, max_length=120)),
                (
                    "series",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.BigIntegerField(), blank=True, default=list, size=None
                    ),
                ),
                ("issue", models.SlugField(blank=True, max_length=200)),
                ("asked_at", models.DateTimeField()),
            ],
            options={
                "verbose_name": "slip",
                "constraints": [
                    models.CheckConstraint(condition=Q(kind__in=["sign_up", "sign_in"]), name="slip_kind_known")
                ],
            },
        ),
    ]
