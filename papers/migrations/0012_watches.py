import django.contrib.postgres.fields
import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q
from django.db.models.functions import Now


class Migration(migrations.Migration):
    """What editors want to hear of, and the papers that answered to it. Reversible: reversing drops both tables."""

    dependencies = [("papers", "0011_hugging_face")]
    operations = [
        migrations.CreateModel(
            name="Watch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "name",
                    models.CharField(help_text="For the editors, such as “Agents that plan”.", max_length=80),
                ),
                (
                    "slug",
                    models.SlugField(
                        error_messages={"unique": "Another watch has this slug; choose another."},
                        help_text="Its name for commands: pull_arxiv --watch SLUG.",
                        max_length=80,
                        unique=True,
                    ),
                ),
                (
                    "categories",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=32),
                        help_text="Of these it takes papers, cross-listed ones too.",
                        size=None,
                    ),
                ),
                ("words", models.CharField(blank=True, max_length=1000)),
                (
                    "authors",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=120), blank=True, default=list, size=None
                    ),
                ),
                (
                    "active",
                    models.BooleanField(
                        default=True,
                        help_text="Its categories are followed and new papers are matched; what it matched stays.",
                    ),
                ),
                ("created", models.DateTimeField(db_default=Now(), editable=False)),
            ],
            options={
                "verbose_name": "watch",
                "verbose_name_plural": "watches",
                "ordering": ["name", "pk"],
                "constraints": [
                    models.CheckConstraint(condition=~Q(name=""), name="watch_has_a_name"),
                    models.CheckConstraint(condition=~Q(categories=[]), name="watch_has_a_category"),
                ],
            },
        ),
        migrations.CreateModel(
            name="WatchMatch",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("matched_at", models.DateTimeField(db_default=Now())),
                (
                    "paper",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="watch_matches", to="papers.paper"
                    ),
                ),
                (
                    "watch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="matches", to="papers.watch"
                    ),
                ),
            ],
            options={
                "verbose_name": "match",
                "verbose_name_plural": "matches",
                "ordering": ["-matched_at", "-pk"],
                "indexes": [models.Index(fields=["watch", "-matched_at"], name="watchmatch_newest")],
                "constraints": [models.UniqueConstraint(fields=("watch", "paper"), name="watchmatch_once")],
            },
        ),
    ]
