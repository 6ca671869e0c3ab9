import django.db.models.deletion
import django.db.models.functions.text
from django.db import migrations, models

import mailings.models.click


class Migration(migrations.Migration):
    """Links of mails whose clicks are counted, and their counts by day; without anybody behind them."""

    dependencies = [
        ("subscribers", "0013_a_list_can_be_stopped"),
    ]

    operations = [
        migrations.CreateModel(
            name="ClickCount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("day", models.DateField()),
                ("clicks", models.PositiveIntegerField(default=0)),
                ("robots", models.PositiveIntegerField(default=0)),
            ],
            options={
                "verbose_name": "clicks of a day",
                "verbose_name_plural": "clicks by day",
            },
        ),
        migrations.CreateModel(
            name="MailLink",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.CharField(default=subscribers.models.click.new_key, max_length=12, unique=True)),
                ("url", models.CharField(max_length=2000, verbose_name="address")),
                (
                    "block",
                    models.CharField(blank=True, help_text="Its UUID; empty at the head and the foot.", max_length=100),
                ),
                ("kind", models.CharField(blank=True, help_text="Of the block, such as sponsor.", max_length=20)),
                ("place", models.CharField(blank=True, help_text="The block's heading.", max_length=300)),
                ("label", models.CharField(blank=True, max_length=200, verbose_name="words")),
                ("position", models.PositiveIntegerField(help_text="In the order of the mail.")),
                (
                    "is_trap",
                    models.BooleanField(
                        default=False, help_text="People cannot see it: who follows it is none.", verbose_name="trap"
                    ),
                ),
            ],
            options={
                "verbose_name": "counted link",
                "verbose_name_plural": "counted links",
                "ordering": ["mailing", "position", "pk"],
            },
        ),
        migrations.AddField(
            model_name="maillink",
            name="mailing",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="links", to="subscribers.mailing"
            ),
        ),
        migrations.AddField(
            model_name="clickcount",
            name="link",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="counts", to="subscribers.maillink"
            ),
        ),
        migrations.AddConstraint(
            model_name="maillink",
            constraint=models.UniqueConstraint(
                models.F("mailing"),
                models.F("block"),
                django.db.models.functions.text.MD5("url"),
                condition=models.Q(("is_trap", False)),
                name="mail_link_once_a_place",
            ),
        ),
        migrations.AddConstraint(
            model_name="maillink",
            constraint=models.UniqueConstraint(
                condition=models.Q(("is_trap", True)), fields=("mailing",), name="mail_link_one_trap"
            ),
        ),
        migrations.AddConstraint(
            model_name="maillink",
            constraint=models.CheckConstraint(
                condition=models.Q(("url__startswith", "https://"), ("url__startswith", "http://"), _connector="OR"),
                name="mail_link_leads_to_the_web",
            ),
        ),
        migrations.AddConstraint(
            model_name="clickcount",
            constraint=models.UniqueConstraint(fields=("link", "day"), name="click_count_once_a_day"),
        ),
    ]
