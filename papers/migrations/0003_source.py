from django.db import migrations, models


class Migration(migrations.Migration):
    """Which source a paper's text came from: of two texts of one version the better source's is kept. Reversible."""

    dependencies = [("papers", "0002_papers")]
    operations = [
        migrations.AddField(
            model_name="paper",
            name="source",
            field=models.CharField(
                blank=True,
                editable=False,
                help_text="Which source of arXiv's its text came from.",
                max_length=10,
            ),
        ),
    ]
