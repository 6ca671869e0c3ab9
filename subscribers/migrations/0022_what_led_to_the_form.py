from django.db import migrations, models


class Migration(migrations.Migration):
    """The page, or the word of the link, that led somebody to sign up. Quick on large tables."""

    dependencies = [("subscribers", "0021_find_our_own_among_deliveries")]
    operations = [
        migrations.AddField(
            model_name="slip",
            name="source",
            field=models.CharField(blank=True, db_default="", default="", max_length=80),
        ),
        migrations.AddField(
            model_name="subscriber",
            name="source",
            field=models.CharField(
                blank=True,
                db_default="",
                default="",
                help_text="The page, or the word of the link, that led here.",
                max_length=80,
            ),
        ),
    ]
