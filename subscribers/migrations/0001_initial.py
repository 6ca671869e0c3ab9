import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
import subscribers.models.subscriber
from django.conf import settings
from django.db import migrations, models

ARM = """
INSERT INTO subscribers_sendingpermit (identity)
SELECT concat_ws('/', system_identifier, database.oid, 'subscribers_sendingpermit'::regclass::oid)
FROM pg_control_system(), pg_database AS database WHERE datname = current_database()
"""


class Migration(migrations.Migration):
    """Subscribers and what they asked for; a database that was set up here may send mail. Reversible: the tables go."""

    initial = True

    dependencies = [
        ('issues', '0001_initial'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='SendingPermit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('identity', models.CharField(max_length=80, unique=True)),
                ('armed_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'verbose_name': 'database that may mail',
                'verbose_name_plural': 'databases that may mail',
            },
        ),
        migrations.CreateModel(
            name='Subscriber',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('email', models.EmailField(max_length=254, verbose_name='e-mail')),
                ('address_hash', models.CharField(editable=False, max_length=64, unique=True)),
                ('name', models.CharField(blank=True, max_length=120)),
                ('state', models.CharField(choices=[('pending', 'waiting for confirmation'), ('active', 'active'), ('unsubscribed', 'unsubscribed'), ('bounced', 'unreachable'), ('complained', 'complained')], default='pending', max_length=12)),
                ('depth', models.CharField(choices=[('full', 'the whole issue'), ('highlights', 'the highlights only')], default='full', max_length=10)),
                ('paid_until', models.DateField(blank=True, null=True, verbose_name='supporter until')),
                ('paused_until', models.DateField(blank=True, help_text='Nothing is mailed before this day; then it goes on by itself.', null=True)),
                ('is_seed', models.BooleanField(db_default=False, default=False, help_text='Gets every issue first, whatever its series, and is left out where readers are counted.', verbose_name='inbox of our own')),
                ('token', models.CharField(default=subscribers.models.subscriber.new_token, editable=False, max_length=32, unique=True)),
                ('basis', models.CharField(choices=[('confirmed', 'confirmed by mail'), ('imported', 'consent brought along by an import')], default='confirmed', max_length=10)),
                ('consent_at', models.DateTimeField(blank=True, null=True)),
                ('consent_where', models.CharField(blank=True, max_length=500)),
                ('consent_words', models.TextField(blank=True)),
                ('source', models.CharField(blank=True, db_default='', default='', help_text='The page, or the word of the link, that led here.', max_length=80)),
                ('created', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('confirmed_at', models.DateTimeField(blank=True, null=True)),
                ('left_at', models.DateTimeField(blank=True, null=True)),
                ('last_acted', models.DateTimeField(blank=True, help_text='Saved preferences, came back from a pause, signed in or voted.', null=True)),
                ('series', models.ManyToManyField(blank=True, help_text='None chosen: every series.', related_name='subscribers', to='issues.series')),
            ],
            options={
                'verbose_name': 'subscriber',
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='SignupRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('sign_up', 'sign-up'), ('sign_in', 'sign-in'), ('move', 'change of address')], max_length=10)),
                ('email', models.CharField(max_length=254)),
                ('name', models.CharField(blank=True, max_length=120)),
                ('series', django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), blank=True, default=list, size=None)),
                ('issue', models.SlugField(blank=True, max_length=200)),
                ('source', models.CharField(blank=True, db_default='', default='', max_length=80)),
                ('asked_at', models.DateTimeField()),
                ('subscriber', models.ForeignKey(blank=True, help_text='Whose address is to change.', null=True, on_delete=django.db.models.deletion.CASCADE, to='subscribers.subscriber')),
            ],
            options={
                'verbose_name': 'slip',
            },
        ),
        migrations.CreateModel(
            name='AccountMail',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('confirm', 'please confirm'), ('known', 'you are subscribed already'), ('sign_in', 'sign-in link'), ('welcome', 'welcome'), ('export', 'link to all that is held'), ('erase', 'link to be deleted'), ('address', 'link to change the address'), ('move', 'question to the new address'), ('moved', 'notice to the old address')], max_length=10)),
                ('to', models.CharField(blank=True, help_text="Empty: the subscriber's own address.", max_length=254)),
                ('issue', models.SlugField(blank=True, help_text='The issue to read after signing in.', max_length=200)),
                ('state', models.CharField(choices=[('due', 'due'), ('sending', 'being sent'), ('sent', 'sent'), ('failed', 'failed')], default='due', max_length=10)),
                ('asked_at', models.DateTimeField()),
                ('due_at', models.DateTimeField()),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('reply', models.CharField(blank=True, help_text='What went wrong last.', max_length=500)),
                ('is_refused', models.BooleanField(default=False, help_text='The mail server refused this recipient, so the reply says something of the address.')),
                ('subscriber', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='account_mails', to='subscribers.subscriber')),
            ],
            options={
                'verbose_name': 'letter',
            },
        ),
        migrations.CreateModel(
            name='SubscriberImport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200, verbose_name='file')),
                ('state', models.CharField(choices=[('looked_at', 'to be begun'), ('waiting', 'waiting for the worker'), ('reading', 'being brought in'), ('done', 'done'), ('failed', 'not readable'), ('stopped', 'stopped')], default='looked_at', max_length=10)),
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
            name='ImportedAddress',
            fields=[
                ('pk', models.CompositePrimaryKey('subscriber_import_id', 'key', blank=True, editable=False, primary_key=True, serialize=False)),
                ('key', models.UUIDField()),
                ('subscriber_import', models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='met', to='subscribers.subscriberimport')),
            ],
        ),
        migrations.CreateModel(
            name='ImportChunk',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('file', 'file'), ('report', 'report')], max_length=6)),
                ('number', models.PositiveIntegerField()),
                ('content', models.BinaryField()),
                ('subscriber_import', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='pieces', to='subscribers.subscriberimport')),
            ],
        ),
        migrations.CreateModel(
            name='Suppression',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('address_hash', models.CharField(max_length=64, unique=True)),
                ('reason', models.CharField(choices=[('unsubscribed', 'unsubscribed'), ('bounced', 'unreachable'), ('complained', 'complained'), ('erased', 'erased on request')], max_length=12)),
                ('since', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
            ],
            options={
                'verbose_name': 'suppression',
                'permissions': [('lift_suppression', 'Can lift a suppression of an address that was unreachable')],
                'constraints': [models.CheckConstraint(condition=models.Q(('reason__in', ['unsubscribed', 'bounced', 'complained', 'erased'])), name='suppression_reason_known')],
            },
        ),
        migrations.AddIndex(
            model_name='subscriber',
            index=models.Index(fields=['state', 'id'], name='subscriber_state'),
        ),
        migrations.AddIndex(
            model_name='subscriber',
            index=models.Index(django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Lower('email'), name='text_pattern_ops'), name='subscriber_address_begins'),
        ),
        migrations.AddIndex(
            model_name='subscriber',
            index=models.Index(django.db.models.functions.text.Lower('token'), name='subscriber_token_lowered'),
        ),
        migrations.AddConstraint(
            model_name='subscriber',
            constraint=models.UniqueConstraint(django.db.models.functions.text.Lower('email'), name='subscriber_address_once'),
        ),
        migrations.AddConstraint(
            model_name='subscriber',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['pending', 'active', 'unsubscribed', 'bounced', 'complained'])), name='subscriber_state_known'),
        ),
        migrations.AddConstraint(
            model_name='subscriber',
            constraint=models.CheckConstraint(condition=models.Q(('depth__in', ['full', 'highlights'])), name='subscriber_depth_known'),
        ),
        migrations.AddConstraint(
            model_name='subscriber',
            constraint=models.CheckConstraint(condition=models.Q(('basis__in', ['confirmed', 'imported'])), name='subscriber_basis_known'),
        ),
        migrations.AddConstraint(
            model_name='subscriber',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'active'), _negated=True), ('confirmed_at__isnull', False), ('basis', 'imported'), _connector='OR'), name='subscriber_active_has_consent'),
        ),
        migrations.AddConstraint(
            model_name='signuprequest',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['sign_up', 'sign_in', 'move'])), name='slip_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='signuprequest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'move'), _negated=True), ('subscriber__isnull', False), _connector='OR'), name='slip_moves_somebody'),
        ),
        migrations.AddIndex(
            model_name='accountmail',
            index=models.Index(condition=models.Q(('state', 'due')), fields=['due_at'], name='letter_due'),
        ),
        migrations.AddIndex(
            model_name='accountmail',
            index=models.Index(fields=['asked_at'], name='letter_asked'),
        ),
        migrations.AddConstraint(
            model_name='accountmail',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['confirm', 'known', 'sign_in', 'welcome', 'export', 'erase', 'address', 'move', 'moved'])), name='letter_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='accountmail',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['due', 'sending', 'sent', 'failed'])), name='letter_state_known'),
        ),
        migrations.AddConstraint(
            model_name='subscriberimport',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['looked_at', 'waiting', 'reading', 'done', 'failed', 'stopped'])), name='intake_state_known'),
        ),
        migrations.AddConstraint(
            model_name='importchunk',
            constraint=models.UniqueConstraint(fields=('subscriber_import', 'kind', 'number'), name='intake_piece_once'),
        ),
        migrations.AddConstraint(
            model_name='importchunk',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['file', 'report'])), name='intake_piece_kind_known'),
        ),
        # The identity that a dump does not take along: cluster, database, and the table that holds it.
        migrations.RunSQL(ARM, migrations.RunSQL.noop),
    ]
