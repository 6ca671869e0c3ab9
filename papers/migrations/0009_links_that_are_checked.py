from django.db import migrations, models


class Migration(migrations.Migration):
    """What checks of a paper's links find, and that Hugging Face gives links. Reversible: reversing forgets the checks."""

    dependencies = [
        ('papers', '0008_pulls'),
    ]

    operations = [
        migrations.AddField(
            model_name='paperlink',
            name='check_after',
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name='paperlink',
            name='checked',
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name='paperlink',
            name='failing_since',
            field=models.DateTimeField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name='paperlink',
            name='failures',
            field=models.PositiveSmallIntegerField(db_default=0, default=0, editable=False, help_text='How many checks in a row failed.'),
        ),
        migrations.AddField(
            model_name='paperlink',
            name='fault',
            field=models.CharField(blank=True, db_default='', default='', editable=False, max_length=200),
        ),
        migrations.AddField(
            model_name='paperlink',
            name='state',
            field=models.CharField(blank=True, choices=[('', 'not checked yet'), ('alive', 'answers'), ('failing', 'failed lately'), ('gone', 'gone'), ('silent', 'does not answer'), ('untold', 'cannot be told')], db_default='', default='', editable=False, max_length=8),
        ),
        migrations.AlterField(
            model_name='paperlink',
            name='where',
            field=models.CharField(choices=[('abstract', 'abstract'), ('comment', 'comment'), ('given', 'given by the source'), ('huggingface', 'Hugging Face'), ('issue', 'an issue'), ('editor', 'an editor')], default='editor', max_length=12, verbose_name='found in'),
        ),
        migrations.AddConstraint(
            model_name='paperlink',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['', 'alive', 'failing', 'gone', 'silent', 'untold'])), name='paperlink_state_known'),
        ),
        migrations.AddConstraint(
            model_name='paperlink',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('failing_since__isnull', True), ('failures', 0)), models.Q(('failing_since__isnull', False), ('failures__gt', 0)), _connector='OR'), name='paperlink_failing_since_its_first_failure'),
        ),
        migrations.AddConstraint(
            model_name='paperlink',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['gone', 'silent']), _negated=True), ('failures__gte', 2), _connector='OR'), name='paperlink_dead_after_two_failures'),
        ),
    ]
