import django.db.models.functions.datetime
from django.db import migrations, models


class Migration(migrations.Migration):
    """Rate limits, alarms and last runs. Reversible: the tables go."""

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='LastRun',
            fields=[
                ('name', models.CharField(max_length=40, primary_key=True, serialize=False)),
                ('at', models.DateTimeField()),
            ],
            options={
                'verbose_name': 'trace',
            },
        ),
        migrations.CreateModel(
            name='RateLimit',
            fields=[
                ('name', models.CharField(max_length=40, primary_key=True, serialize=False)),
                ('next_start', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('closed_until', models.DateTimeField(blank=True, null=True)),
                ('reason', models.CharField(blank=True, help_text='Why it is closed.', max_length=200)),
                ('passing', models.BooleanField(default=False, help_text='Closed for a fault that passes by itself.')),
                ('failures', models.PositiveIntegerField(default=0, help_text='In a row, of all processes.')),
                ('window_ends', models.DateTimeField(blank=True, help_text='Of the window that a quota counts in.', null=True)),
                ('used', models.PositiveIntegerField(default=0, help_text='Starts in this window.')),
            ],
            options={
                'verbose_name': 'lane',
            },
        ),
        migrations.CreateModel(
            name='Alarm',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(help_text='Its cause, such as arxiv.refused.', max_length=120)),
                ('sentence', models.TextField(help_text='What is wrong, and what to do.')),
                ('raised', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('lowered', models.DateTimeField(blank=True, help_text='When its cause had ended.', null=True)),
                ('settled', models.DateTimeField(blank=True, help_text='When a person put it away, cause or no cause.', null=True)),
                ('told', models.DateTimeField(blank=True, help_text='When the editors were told by mail.', null=True)),
                ('tell_after', models.DateTimeField(blank=True, help_text='The mail server failed: not before.', null=True)),
            ],
            options={
                'verbose_name': 'alarm',
                'ordering': ['-raised', '-pk'],
                'constraints': [models.UniqueConstraint(condition=models.Q(('lowered', None)), fields=('key',), name='alarm_stands_once'), models.CheckConstraint(condition=models.Q(models.Q(('key', ''), _negated=True), models.Q(('sentence', ''), _negated=True)), name='alarm_says_something')],
            },
        ),
    ]
