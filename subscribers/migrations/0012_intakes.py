import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Lists of people as editors upload them, in pieces, and the right to export. Reversible: the tables go."""

    dependencies = [
        ('subscribers', '0011_letters_about_what_is_held'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Intake',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200, verbose_name='file')),
                ('state', models.CharField(choices=[('looked_at', 'to be begun'), ('waiting', 'waiting for the worker'), ('reading', 'being brought in'), ('done', 'done'), ('failed', 'not readable')], default='looked_at', max_length=10)),
                ('size', models.PositiveBigIntegerField(help_text='In bytes.')),
                ('roles', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=12), help_text='What each column is taken for.', size=None)),
                ('confirmed', models.BooleanField(default=False, verbose_name='they have consented')),
                ('words', models.TextField(blank=True, verbose_name='consent')),
                ('lines_done', models.PositiveIntegerField(default=0)),
                ('counts', models.JSONField(default=dict)),
                ('why', models.CharField(blank=True, max_length=500)),
                ('uploaded', models.DateTimeField()),
                ('begun_at', models.DateTimeField(blank=True, null=True)),
                ('seen_at', models.DateTimeField(blank=True, null=True)),
                ('done_at', models.DateTimeField(blank=True, null=True)),
                ('forgotten_at', models.DateTimeField(blank=True, null=True)),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'imported list',
                'ordering': ['-pk'],
                'permissions': [('export_subscribers', 'Can export subscribers')],
            },
        ),
        migrations.CreateModel(
            name='IntakePiece',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('file', 'file'), ('report', 'report')], max_length=6)),
                ('number', models.PositiveIntegerField()),
                ('content', models.BinaryField()),
                ('intake', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='pieces', to='subscribers.intake')),
            ],
        ),
        migrations.AddConstraint(
            model_name='intake',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['looked_at', 'waiting', 'reading', 'done', 'failed'])), name='intake_state_known'),
        ),
        migrations.AddConstraint(
            model_name='intakepiece',
            constraint=models.UniqueConstraint(fields=('intake', 'kind', 'number'), name='intake_piece_once'),
        ),
        migrations.AddConstraint(
            model_name='intakepiece',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['file', 'report'])), name='intake_piece_kind_known'),
        ),
    ]
