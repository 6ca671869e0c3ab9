import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
import mailings.models.click
from django.db import migrations, models


class Migration(migrations.Migration):
    """Mailings, deliveries and what comes back. Reversible: the tables go."""

    initial = True

    dependencies = [
        ('issues', '0001_initial'),
        ('subscribers', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Mailing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('issue', 'issue'), ('correction', 'correction'), ('erratum', 'erratum')], default='issue', max_length=10)),
                ('state', models.CharField(choices=[('preparing', 'preparing'), ('sending', 'sending'), ('paused', 'paused'), ('finished', 'finished'), ('cancelled', 'cancelled')], default='preparing', max_length=10)),
                ('why', models.TextField(blank=True, verbose_name='why paused')),
                ('audience', models.PositiveIntegerField(blank=True, help_text='How many recipients were frozen.', null=True)),
                ('created', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('prepared_at', models.DateTimeField(blank=True, null=True)),
                ('finished_at', models.DateTimeField(blank=True, null=True)),
                ('setbacks', models.PositiveSmallIntegerField(default=0)),
                ('waits_for_seeds', models.BooleanField(db_default=False, default=False)),
                ('others_from', models.DateTimeField(blank=True, help_text='When readers get it after our own inboxes.', null=True)),
                ('judged_from', models.DateTimeField(blank=True, null=True)),
                ('issue', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='mailings', to='issues.issue')),
            ],
            options={
                'verbose_name': 'mailing',
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='MailLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(default=mailings.models.click.new_key, max_length=12, unique=True)),
                ('url', models.CharField(max_length=2000, verbose_name='address')),
                ('block', models.CharField(blank=True, help_text='Its UUID; empty at the head and the foot.', max_length=100)),
                ('kind', models.CharField(blank=True, help_text='Of the block, such as sponsor.', max_length=20)),
                ('place', models.CharField(blank=True, help_text="The block's heading.", max_length=300)),
                ('label', models.CharField(blank=True, max_length=200, verbose_name='words')),
                ('position', models.PositiveIntegerField(help_text='In the order of the mail.')),
                ('is_trap', models.BooleanField(default=False, help_text='People cannot see it: who follows it is none.', verbose_name='trap')),
                ('mailing', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='links', to='mailings.mailing')),
            ],
            options={
                'verbose_name': 'counted link',
                'verbose_name_plural': 'counted links',
                'ordering': ['mailing', 'position', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='ClickCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('clicks', models.PositiveIntegerField(default=0)),
                ('robots', models.PositiveIntegerField(default=0)),
                ('link', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='counts', to='mailings.maillink')),
            ],
            options={
                'verbose_name': 'clicks of a day',
                'verbose_name_plural': 'clicks by day',
            },
        ),
        migrations.CreateModel(
            name='Rendition',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('revision', models.PositiveSmallIntegerField(default=1)),
                ('depth', models.CharField(choices=[('full', 'the whole issue'), ('highlights', 'the highlights only')], max_length=10)),
                ('supporters', models.BooleanField()),
                ('subject', models.CharField(max_length=300)),
                ('message', models.BinaryField()),
                ('edition', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='renditions', to='issues.edition')),
                ('mailing', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='renditions', to='mailings.mailing')),
            ],
            options={
                'verbose_name': 'rendition',
            },
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('address_hash', models.CharField(max_length=64)),
                ('depth', models.CharField(choices=[('full', 'the whole issue'), ('highlights', 'the highlights only')], max_length=10)),
                ('supporters', models.BooleanField()),
                ('is_seed', models.BooleanField(db_default=False, default=False, verbose_name='inbox of our own')),
                ('state', models.CharField(choices=[('pending', 'pending'), ('sending', 'being sent'), ('sent', 'sent'), ('deferred', 'deferred'), ('failed', 'failed'), ('suppressed', 'suppressed'), ('cancelled', 'cancelled'), ('uncertain', 'uncertain')], default='pending', max_length=10)),
                ('claimed_by', models.CharField(blank=True, max_length=80)),
                ('claimed_at', models.DateTimeField(blank=True, null=True)),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('retry_at', models.DateTimeField(blank=True, null=True)),
                ('sent_at', models.DateTimeField(blank=True, null=True)),
                ('reply', models.CharField(blank=True, help_text="The mail server's last answer.", max_length=500)),
                ('subscriber', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='deliveries', to='subscribers.subscriber')),
                ('mailing', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='mailings.mailing')),
                ('rendition', models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='deliveries', to='mailings.rendition')),
            ],
            options={
                'verbose_name': 'delivery',
                'verbose_name_plural': 'deliveries',
            },
        ),
        migrations.CreateModel(
            name='WarmupDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sender', models.CharField(help_text='The domain of the sender, and the mail server.', max_length=300)),
                ('number', models.PositiveIntegerField()),
                ('began', models.DateTimeField()),
                ('cap', models.PositiveIntegerField(help_text='Messages of this day, of all mailings together.')),
            ],
            options={
                'verbose_name': 'day of the ramp',
                'verbose_name_plural': 'days of the ramp',
                'ordering': ['sender', '-number'],
                'constraints': [models.UniqueConstraint(fields=('sender', 'number'), name='ramp_day_once'), models.CheckConstraint(condition=models.Q(('cap__gt', 0)), name='ramp_day_allows_something')],
            },
        ),
        migrations.CreateModel(
            name='MailEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.CharField(help_text='dsn, arf, mail, smtp, or the provider that told it.', max_length=20)),
                ('event_id', models.CharField(help_text='The same whenever the source tells it again.', max_length=64)),
                ('kind', models.CharField(choices=[('delivered', 'delivered'), ('delayed', 'delayed'), ('soft', 'soft bounce'), ('hard', 'hard bounce'), ('complaint', 'complaint'), ('left', 'unsubscribed'), ('refused', 'not sent')], max_length=10)),
                ('status', models.CharField(blank=True, help_text='The code of RFC 3463, such as 5.1.1.', max_length=12)),
                ('diagnostic', models.CharField(blank=True, help_text='In the words of the other mail server.', max_length=500)),
                ('address_hash', models.CharField(blank=True, max_length=64)),
                ('is_proven', models.BooleanField(help_text='It holds what only somebody can know who had our message; others can be made up.', verbose_name='proven')),
                ('happened', models.DateTimeField(help_text='The earliest time that was told.')),
                ('received', models.DateTimeField()),
                ('acted_at', models.DateTimeField(blank=True, null=True)),
                ('account_mail', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='events', to='subscribers.accountmail')),
                ('delivery', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='events', to='mailings.delivery')),
                ('subscriber', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='mail_events', to='subscribers.subscriber')),
            ],
            options={
                'verbose_name': 'mail event',
                'indexes': [models.Index(condition=models.Q(('acted_at', None)), fields=['id'], name='mail_event_waiting'), models.Index(fields=['address_hash', 'happened'], name='mail_event_address'), models.Index(condition=models.Q(('address_hash', ''), ('diagnostic', ''), _negated=True), fields=['received'], name='mail_event_personal')],
                'constraints': [models.UniqueConstraint(fields=('source', 'event_id'), name='mail_event_once'), models.CheckConstraint(condition=models.Q(('kind__in', ['delivered', 'delayed', 'soft', 'hard', 'complaint', 'left', 'refused'])), name='mail_event_kind_known')],
            },
        ),
        migrations.AddConstraint(
            model_name='mailing',
            constraint=models.UniqueConstraint(condition=models.Q(('kind', 'issue')), fields=('issue',), name='mailing_once_an_issue'),
        ),
        migrations.AddConstraint(
            model_name='mailing',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['issue', 'correction', 'erratum'])), name='mailing_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='mailing',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['preparing', 'sending', 'paused', 'finished', 'cancelled'])), name='mailing_state_known'),
        ),
        migrations.AddConstraint(
            model_name='mailing',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['preparing', 'cancelled']), models.Q(('audience__isnull', False), ('prepared_at__isnull', False)), _connector='OR'), name='mailing_sends_only_what_is_prepared'),
        ),
        migrations.AddConstraint(
            model_name='maillink',
            constraint=models.UniqueConstraint(models.F('mailing'), models.F('block'), django.db.models.functions.text.MD5('url'), condition=models.Q(('is_trap', False)), name='mail_link_once_a_place'),
        ),
        migrations.AddConstraint(
            model_name='maillink',
            constraint=models.UniqueConstraint(condition=models.Q(('is_trap', True)), fields=('mailing',), name='mail_link_one_trap'),
        ),
        migrations.AddConstraint(
            model_name='maillink',
            constraint=models.CheckConstraint(condition=models.Q(('url__startswith', 'https://'), ('url__startswith', 'http://'), _connector='OR'), name='mail_link_leads_to_the_web'),
        ),
        migrations.AddConstraint(
            model_name='clickcount',
            constraint=models.UniqueConstraint(fields=('link', 'day'), name='click_count_once_a_day'),
        ),
        migrations.AddConstraint(
            model_name='rendition',
            constraint=models.UniqueConstraint(fields=('mailing', 'revision', 'depth', 'supporters'), name='rendition_once_a_variant'),
        ),
        migrations.AddConstraint(
            model_name='rendition',
            constraint=models.CheckConstraint(condition=models.Q(('depth__in', ['full', 'highlights'])), name='rendition_depth_known'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('state', 'pending')), fields=['mailing', '-is_seed', 'id'], name='delivery_next'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('state', 'deferred')), fields=['mailing', 'retry_at'], name='delivery_deferred'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(fields=['mailing', 'state'], name='delivery_state'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('state', 'sending')), fields=['claimed_by'], name='delivery_sending'),
        ),
        migrations.AddIndex(
            model_name='delivery',
            index=models.Index(condition=models.Q(('is_seed', True)), fields=['mailing', 'state'], name='delivery_seed'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.UniqueConstraint(fields=('mailing', 'address_hash'), name='delivery_once_an_address'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['pending', 'sending', 'sent', 'deferred', 'failed', 'suppressed', 'cancelled', 'uncertain'])), name='delivery_state_known'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'sent'), _negated=True), ('sent_at__isnull', False), _connector='OR'), name='delivery_sent_has_a_time'),
        ),
        migrations.AddConstraint(
            model_name='delivery',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'deferred'), _negated=True), ('retry_at__isnull', False), _connector='OR'), name='delivery_deferred_has_a_time'),
        ),
    ]
