import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Letters of welcome, export, erasure and change of address. Reversible while none of them is kept."""

    dependencies = [
        ('subscribers', '0010_pause'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='letter',
            name='letter_kind_known',
        ),
        migrations.RemoveConstraint(
            model_name='slip',
            name='slip_kind_known',
        ),
        migrations.AddField(
            model_name='letter',
            name='to',
            field=models.CharField(blank=True, help_text="Empty: the subscriber's own address.", max_length=254),
        ),
        migrations.AddField(
            model_name='slip',
            name='subscriber',
            field=models.ForeignKey(blank=True, help_text='Whose address is to change.', null=True, on_delete=django.db.models.deletion.CASCADE, to='subscribers.subscriber'),
        ),
        migrations.AlterField(
            model_name='letter',
            name='kind',
            field=models.CharField(choices=[('confirm', 'please confirm'), ('known', 'you are subscribed already'), ('sign_in', 'sign-in link'), ('welcome', 'welcome'), ('export', 'link to all that is held'), ('erase', 'link to be deleted'), ('address', 'link to change the address'), ('move', 'question to the new address'), ('moved', 'notice to the old address')], max_length=10),
        ),
        migrations.AlterField(
            model_name='slip',
            name='kind',
            field=models.CharField(choices=[('sign_up', 'sign-up'), ('sign_in', 'sign-in'), ('move', 'change of address')], max_length=10),
        ),
        migrations.AddConstraint(
            model_name='letter',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['confirm', 'known', 'sign_in', 'welcome', 'export', 'erase', 'address', 'move', 'moved'])), name='letter_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='slip',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['sign_up', 'sign_in', 'move'])), name='slip_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='slip',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'move'), _negated=True), ('subscriber__isnull', False), _connector='OR'), name='slip_moves_somebody'),
        ),
    ]
