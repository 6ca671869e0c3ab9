from django.db import migrations, models


class Migration(migrations.Migration):
    """Inboxes of our own that get every issue first. Quick on large tables; reversible: they are readers again."""

    dependencies = [("subscribers", "0018_the_ramp_of_a_new_sender")]
    operations = [
        migrations.AddField(
            model_name="subscriber",
            name="is_seed",
            field=models.BooleanField(
                db_default=False,
                default=False,
                help_text="Gets every issue first, whatever its series, and is left out where readers are counted.",
                verbose_name="inbox of our own",
            ),
        ),
        migrations.AddField(
            model_name="delivery",
            name="is_seed",
            field=models.BooleanField(db_default=False, default=False, verbose_name="inbox of our own"),
        ),
        migrations.AddField(
            model_name="mailing",
            name="waits_for_seeds",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.AddField(
            model_name="mailing",
            name="others_from",
            field=models.DateTimeField(
                blank=True, help_text="When readers get it after our own inboxes.", null=True
            ),
        ),
    ]
