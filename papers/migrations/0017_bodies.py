from django.db import migrations, models


class Migration(migrations.Migration):
    """What arXiv answered, kept for a while. Reversible: reversing drops the table."""

    dependencies = [("papers", "0016_following")]
    operations = [
        migrations.CreateModel(
            name="Body",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "source",
                    models.CharField(
                        choices=[("atom", "query API"), ("oai", "OAI-PMH"), ("rss", "announcement feed")], max_length=4
                    ),
                ),
                ("asked", models.TextField(verbose_name="address asked")),
                ("status", models.PositiveSmallIntegerField(verbose_name="HTTP status")),
                ("etag", models.CharField(blank=True, max_length=200, verbose_name="ETag")),
                ("fault", models.TextField(blank=True, help_text="Why it could not be read.")),
                ("fetched", models.DateTimeField(help_text="The last time.")),
                ("sha256", models.CharField(max_length=64, unique=True)),
                ("size", models.PositiveIntegerField(help_text="Bytes, before they were compressed.")),
                ("content", models.BinaryField(help_text="Compressed by zlib.")),
            ],
            options={
                "verbose_name": "body",
                "verbose_name_plural": "bodies",
                "ordering": ["-fetched", "-pk"],
                "indexes": [models.Index(fields=["fetched"], name="body_fetched")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("source__in", ["atom", "oai", "rss"])), name="body_source_known"
                    )
                ],
            },
        ),
    ]
