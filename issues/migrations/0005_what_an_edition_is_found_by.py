from django.contrib.postgres.search import CombinedSearchVector, SearchConfig, SearchVector, SearchVectorField
from django.db import migrations, models
from django.db.models.fields.json import KeyTextTransform


class Migration(migrations.Migration):
    """The words that a public edition is found by, and their vector; they are few, so there is no index. Reversible."""

    dependencies = [("issues", "0004_topics"), ("papers", "0004_paper_words")]
    operations = [
        migrations.AddField(
            model_name="edition",
            name="words",
            field=models.TextField(
                blank=True,
                default="",
                editable=False,
                help_text=(
                    "What every reader may find a public edition by: nothing that only supporters may read."
                ),
            ),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name="edition",
            name="search",
            field=models.GeneratedField(
                db_persist=True,
                editable=False,
                expression=CombinedSearchVector(
                    SearchVector(KeyTextTransform("title", "document"), config="papers_words", weight="A"),
                    "||",
                    SearchVector("words", config="papers_words", weight="C"),
                    SearchConfig("papers_words"),
                ),
                output_field=SearchVectorField(),
            ),
        ),
    ]
