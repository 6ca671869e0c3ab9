import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

OUTCOMES = ["running", "complete", "empty", "pending", "refused", "missed"]


class Migration(migrations.Migration):
    """Pulls that rest until an hour, or were missed; categories followed, and papers that a feed told incompletely.

    Reversible: reversing drops both tables, and needs that no pull was missed.
    """

    dependencies = [("papers", "0015_one_name_a_category")]
    operations = [
        migrations.RemoveConstraint(model_name="pull", name="pull_outcome_known"),
        migrations.RemoveConstraint(model_name="pull", name="pull_reason_where_stopped"),
        migrations.AddField(
            model_name="pull",
            name="resume_at",
            field=models.DateTimeField(
                blank=True, help_text="Not gone on with before that by itself; a person may.", null=True
            ),
        ),
        migrations.AlterField(
            model_name="pull",
            name="outcome",
            field=models.CharField(
                choices=[
                    ("running", "running"),
                    ("complete", "complete"),
                    ("empty", "empty"),
                    ("pending", "to be gone on with"),
                    ("refused", "refused by arXiv"),
                    ("missed", "missed"),
                ],
                default="running",
                max_length=8,
            ),
        ),
        migrations.AddConstraint(
            model_name="pull",
            constraint=models.CheckConstraint(condition=Q(outcome__in=OUTCOMES), name="pull_outcome_known"),
        ),
        migrations.AddConstraint(
            model_name="pull",
            constraint=models.CheckConstraint(
                condition=Q(reason="") ^ Q(outcome__in=["pending", "refused", "missed"]),
                name="pull_reason_where_stopped",
            ),
        ),
        migrations.AddConstraint(
            model_name="pull",
            constraint=models.CheckConstraint(
                condition=Q(resume_at=None) | Q(outcome__in=["running", "pending"]), name="pull_resumed_until_finished"
            ),
        ),
        migrations.CreateModel(
            name="FollowedCategory",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("category", models.CharField(max_length=32, unique=True)),
                (
                    "reconciled",
                    models.DateField(
                        help_text="UTC. OAI-PMH was asked for all days up to this one, late enough to be final."
                    ),
                ),
            ],
            options={
                "verbose_name": "followed category",
                "verbose_name_plural": "followed categories",
                "ordering": ["category"],
            },
        ),
        migrations.CreateModel(
            name="IncompletePaper",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("ask_at", models.DateTimeField()),
                (
                    "paper",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE, related_name="incomplete", to="papers.paper"
                    ),
                ),
            ],
            options={
                "verbose_name": "incomplete paper",
                "verbose_name_plural": "incomplete papers",
                "ordering": ["ask_at", "pk"],
            },
        ),
    ]
