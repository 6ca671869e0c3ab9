from django.db import migrations, models


def put_the_stopped_among_the_failed(apps, schema_editor):
    apps.get_model('subscribers', 'Intake').objects.filter(state='stopped').update(state='failed')


class Migration(migrations.Migration):
    """An editor stops a list that is being brought in. Reversible: what was stopped counts as not readable."""

    dependencies = [
        ('subscribers', '0012_intakes'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='intake',
            name='intake_state_known',
        ),
        migrations.RunPython(migrations.RunPython.noop, put_the_stopped_among_the_failed),
        migrations.AlterField(
            model_name='intake',
            name='state',
            field=models.CharField(choices=[('looked_at', 'to be begun'), ('waiting', 'waiting for the worker'), ('reading', 'being brought in'), ('done', 'done'), ('failed', 'not readable'), ('stopped', 'stopped')], default='looked_at', max_length=10),
        ),
        migrations.AddConstraint(
            model_name='intake',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['looked_at', 'waiting', 'reading', 'done', 'failed', 'stopped'])), name='intake_state_known'),
        ),
    ]
