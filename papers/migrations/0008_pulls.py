import datetime

from django.db import migrations, models
from django.db.models.functions import Now


class Migration(migrations.Migration):
    """One row for each run over a window of arXiv; the day of arXiv's last change of a paper's record. Reversible."""

    dependencies = [("papers", "0007_author_keys_index")]
    operations = [
        migrations.AddField(
            model_name="paper",
            name="datestamp",
            field=models.DateField(
                blank=True,
                editable=False,
                help_text="The day of arXiv's last change of any kind to its record.",
                null=True,
            ),
        ),
        migrations.CreateModel(
            name="Pull",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "source",
                    models.CharField(
                        choices=[("atom", "query API"), ("oai", "OAI-PMH"), ("rss", "announcement feed")],
                        max_length=4,
                    ),
                ),
                ("set_spec", models.CharField(max_length=60, verbose_name="set")),
                ("day", models.DateField(help_text="UTC; of a feed the day in New York.")),
                ("form", models.CharField(blank=True, max_length=10, verbose_name="format")),
                (
                    "outcome",
                    models.CharField(
                        choices=[
                            ("running", "running"),
                            ("complete", "complete"),
                            ("empty", "empty"),
                            ("pending", "to be gone on with"),
                            ("refused", "refused by arXiv"),
                        ],
                        default="running",
                        max_length=8,
                    ),
                ),
                ("reason", models.TextField(blank=True, help_text="What is in the way.")),
                (
                    "pages",
                    models.PositiveIntegerField(default=0, help_text="Pages kept since the window was begun."),
                ),
                ("token", models.TextField(blank=True, help_text="Asks for the next page.")),
                ("records", models.PositiveIntegerField(default=0, help_text="Records on these pages.")),
                ("new", models.PositiveIntegerField(default=0)),
                ("updated", models.PositiveIntegerField(default=0)),
                ("unchanged", models.PositiveIntegerField(default=0)),
                (
                    "missing",
                    models.PositiveIntegerField(default=0, help_text="Records that arXiv says are deleted."),
                ),
                ("failed", models.PositiveIntegerField(default=0, help_text="Records that could not be read.")),
                ("sha256", models.CharField(blank=True, help_text="Of the last page's body.", max_length=64)),
                ("started", models.DateTimeField(db_default=Now())),
                (
                    "checkpoint",
                    models.DateTimeField(blank=True, help_text="When the last page was kept.", null=True),
                ),
                (
                    "duration",
                    models.DurationField(default=datetime.timedelta, help_text="Asking, reading and writing."),
                ),
            ],
            options={
                "verbose_name": "pull",
                "ordering": ["-started", "-pk"],
                "indexes": [models.Index(fields=["day", "set_spec"], name="pull_day_set")],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("outcome__in", ["running", "pending"])),
                        fields=("source", "set_spec", "day", "form"),
                        name="pull_unfinished_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("source__in", ["atom", "oai", "rss"])), name="pull_source_known"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("outcome__in", ["running", "complete", "empty", "pending", "refused"])
                        ),
                        name="pull_outcome_known",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("token", ""), ("outcome__in", ["running", "pending"]), _connector="OR"
                        ),
                        name="pull_token_until_finished",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("reason", ""), ("outcome__in", ["pending", "refused"]), _connector="XOR"
                        ),
                        name="pull_reason_where_stopped",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("pages", 0), ("checkpoint__isnull", False), _connector="OR"),
                        name="pull_checkpoint_with_pages",
                    ),
                ],
            },
        ),
    ]
