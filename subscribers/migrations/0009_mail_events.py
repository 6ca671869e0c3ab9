import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """What came back of a message: stored first, acted on afterwards. Reversible: the table goes."""

    dependencies = [
        ('subscribers', '0008_name_the_station'),
    ]

    operations = [
        migrations.CreateModel(
            name='MailEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.CharField(help_text='dsn, arf, or the provider that told it.', max_length=20)),
                ('event_id', models.CharField(help_text='The same whenever the source tells it again.', max_length=64)),
                ('kind', models.CharField(choices=[('delivered', 'delivered'), ('delayed', 'delayed'), ('soft', 'soft bounce'), ('hard', 'hard bounce'), ('complaint', 'complaint')], max_length=10)),
                ('status', models.CharField(blank=True, help_text='The code of RFC 3463, such as 5.1.1.', max_length=12)),
                ('diagnostic', models.CharField(blank=True, help_text='In the words of the other mail server.', max_length=500)),
                ('address_hash', models.CharField(blank=True, max_length=64)),
                ('is_proven', models.BooleanField(help_text='It holds what only somebody can know who had our message; others can be made up.', verbose_name='proven')),
                ('happened', models.DateTimeField(help_text='The earliest time that was told.')),
                ('received', models.DateTimeField()),
                ('acted_at', models.DateTimeField(blank=True, null=True)),
                ('delivery', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='events', to='subscribers.delivery')),
                ('subscriber', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='mail_events', to='subscribers.subscriber')),
            ],
            options={
                'verbose_name': 'mail event',
                'indexes': [models.Index(condition=models.Q(('acted_at', None)), fields=['id'], name='mail_event_waiting'), models.Index(fields=['address_hash', 'happened'], name='mail_event_address')],
                'constraints': [models.UniqueConstraint(fields=('source', 'event_id'), name='mail_event_once'), models.CheckConstraint(condition=models.Q(('kind__in', ['delivered', 'delayed', 'soft', 'hard', 'complaint'])), name='mail_event_kind_known')],
            },
        ),
    ]
