from django.db import migrations, models


class Migration(migrations.Migration):
    """Subscribers may pause. Reversible: pauses are forgotten."""

    dependencies = [
        ('subscribers', '0009_mail_events'),
    ]

    operations = [
        migrations.AddField(
            model_name='subscriber',
            name='paused_until',
            field=models.DateField(blank=True, help_text='Nothing is mailed before this day; then it goes on by itself.', null=True),
        ),
    ]
