from django.db import migrations, models


class Migration(migrations.Migration):
    """A mailing counts the runs in which the mail server took nothing; what is being sent is found by its claimer.

    Reversible.
    """

    dependencies = [("subscribers", "0002_arm_a_new_database")]
    operations = [
        migrations.AddField(
            model_name="mailing", name="setbacks", field=models.PositiveSmallIntegerField(default=0)
        ),
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(
                condition=models.Q(("state", "sending")), fields=["claimed_by"], name="delivery_sending"
            ),
        ),
    ]
