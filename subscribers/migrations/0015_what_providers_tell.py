import django.db.models.deletion
from django.db import migrations, models


def put_what_is_new_among_the_delayed(apps, schema_editor):
    apps.get_model('subscribers', 'MailEvent').objects.filter(kind__in=['left', 'refused']).update(kind='delayed')


class Migration(migrations.Migration):
    """Events of who unsubscribed by mail or at the provider, and of letters. Reversible: they count as delayed."""

    dependencies = [
        ('subscribers', '0014_clicks_in_total'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='mailevent',
            name='mail_event_kind_known',
        ),
        migrations.RunPython(migrations.RunPython.noop, put_what_is_new_among_the_delayed),
        migrations.AddField(
            model_name='mailevent',
            name='letter',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='events', to='subscribers.letter'),
        ),
        migrations.AlterField(
            model_name='mailevent',
            name='kind',
            field=models.CharField(choices=[('delivered', 'delivered'), ('delayed', 'delayed'), ('soft', 'soft bounce'), ('hard', 'hard bounce'), ('complaint', 'complaint'), ('left', 'unsubscribed'), ('refused', 'not sent')], max_length=10),
        ),
        migrations.AlterField(
            model_name='mailevent',
            name='source',
            field=models.CharField(help_text='dsn, arf, mail, or the provider that told it.', max_length=20),
        ),
        migrations.AddConstraint(
            model_name='mailevent',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['delivered', 'delayed', 'soft', 'hard', 'complaint', 'left', 'refused'])), name='mail_event_kind_known'),
        ),
    ]
