import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """The single mails that a person asks for."""

    dependencies = [("subscribers", "0004_arm_by_table_too")]
    operations = [
        migrations.CreateModel(
            name="Letter",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("confirm", "please confirm"),
                            ("known", "you are subscribed already"),
                            ("sign_in", "sign-in link"),
                        ],
                        max_length=10,
                    ),
                ),
                (
                    "issue",
                    models.SlugField(blank=True, help_text="The issue to read after signing in.", max_length=200),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("due", "due"), ("sending", "being sent"), ("sent", "sent"), ("failed", "failed")],
                        default="due",
                        max_length=10,
                    ),
                ),
                ("asked_at", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("reply", models.CharField(blank=True, help_text="What went wrong last.", max_length=500)),
                (
                    "subscriber",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="letters",
                        to="subscribers.subscriber",
                    ),
                ),
            ],
            options={
                "verbose_name": "letter",
                "indexes": [
                    models.Index(condition=Q(state="due"), fields=["due_at"], name="letter_due"),
                    models.Index(fields=["asked_at"], name="letter_asked"),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=Q(kind__in=["confirm", "known", "sign_in"]), name="letter_kind_known"
                    ),
                    models.CheckConstraint(
                        condition=Q(state__in=["due", "sending", "sent", "failed"]), name="letter_state_known"
                    ),
                ],
            },
        ),
    ]
