import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Each move of a delivery writes to every index; these two served nothing that others do not. Reversible."""

    dependencies = [("subscribers", "0023_who_was_met_in_a_list")]
    operations = [
        migrations.AlterField(
            model_name="delivery",
            name="mailing",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="deliveries",
                to="subscribers.mailing",
            ),
        ),
        migrations.AlterField(
            model_name="delivery",
            name="rendition",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="deliveries",
                to="subscribers.rendition",
            ),
        ),
    ]
