import django.db.models.deletion
from django.conf import settings
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import migrations, models
from django.db.models.functions import MD5, Now, Upper


class Migration(migrations.Migration):
    """What editors corrected of a paper and what arXiv says there; titles that papers had before. Reversible."""

    dependencies = [
        ("papers", "0012_watches"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name="Correction",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "field",
                    models.CharField(
                        choices=[
                            ("title", "title"),
                            ("abstract", "abstract"),
                            ("authors", "authors"),
                            ("comment", "comment"),
                            ("withdrawal", "withdrawn or not"),
                        ],
                        max_length=12,
                    ),
                ),
                ("theirs", models.JSONField(help_text="What arXiv says.")),
                (
                    "overtaken",
                    models.BooleanField(
                        default=False,
                        help_text="arXiv has changed what was corrected here.",
                        verbose_name="changed at arXiv since",
                    ),
                ),
                ("at", models.DateTimeField(db_default=Now())),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "paper",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="corrections", to="papers.paper"
                    ),
                ),
            ],
            options={
                "verbose_name": "correction",
                "ordering": ["-pk"],
                "constraints": [
                    models.UniqueConstraint(fields=["paper", "field"], name="correction_once"),
                    models.CheckConstraint(
                        condition=models.Q(field__in=["title", "abstract", "authors", "comment", "withdrawal"]),
                        name="correction_field_known",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="FormerTitle",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title", models.TextField()),
                (
                    "paper",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="former_titles", to="papers.paper"
                    ),
                ),
            ],
            options={
                "verbose_name": "former title",
                "constraints": [models.UniqueConstraint("paper", MD5("title"), name="formertitle_once")],
                "indexes": [GinIndex(OpClass(Upper("title"), "gin_trgm_ops"), name="formertitle_trigrams")],
            },
        ),
    ]
