from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    """A paper may hold a sentence on its withdrawal and wait for a person to say what it means.

    Reversible: the sentences that nobody decided about go.
    """

    atomic = False

    dependencies = [("papers", "0013_corrections")]
    operations = [
        migrations.RemoveConstraint(model_name="paper", name="paper_withdrawal_needs_withdrawn"),
        migrations.RunSQL(
            migrations.RunSQL.noop, "UPDATE papers_paper SET withdrawal = '' WHERE NOT withdrawn AND withdrawal <> ''"
        ),
        migrations.AlterField(
            model_name="paper",
            name="withdrawal",
            field=models.TextField(
                blank=True,
                help_text="The sentence that says so; of a paper that is not withdrawn, a person has to look.",
            ),
        ),
        AddIndexConcurrently(
            model_name="paper",
            index=models.Index(fields=["id"], name="paper_in_doubt", condition=Q(withdrawn=False) & ~Q(withdrawal="")),
        ),
    ]
