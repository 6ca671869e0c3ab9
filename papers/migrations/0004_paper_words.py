from django.contrib.postgres import search
from django.contrib.postgres.operations import UnaccentExtension
from django.db import migrations, models
from django.db.models import Case, When
from django.db.models.functions import Left

CONFIGURE = """
CREATE TEXT SEARCH CONFIGURATION papers_words (COPY = english);
ALTER TEXT SEARCH CONFIGURATION papers_words
    ALTER MAPPING FOR hword, hword_part, word WITH unaccent, english_stem;
CREATE TEXT SEARCH CONFIGURATION papers_names (COPY = simple);
ALTER TEXT SEARCH CONFIGURATION papers_names
    ALTER MAPPING FOR hword, hword_part, word WITH unaccent, simple;
"""
FORGET = "DROP TEXT SEARCH CONFIGURATION papers_words; DROP TEXT SEARCH CONFIGURATION papers_names;"
VECTOR = (
    search.SearchVector(Left("title", 2_000), config="papers_words", weight="A")
    + search.SearchVector(Left("authors_text", 60_000), config="papers_names", weight="B")
    + search.SearchVector(Left("abstract", 50_000), config="papers_words", weight="C")
)


class Migration(migrations.Migration):
    """The words of each paper, kept for searching by the database itself; accents do not count. Reversible.

    PostgreSQL writes the table anew to fill the column, and nobody reads or writes papers meanwhile.
    """

    dependencies = [("papers", "0003_source")]
    operations = [
        UnaccentExtension(),
        migrations.RunSQL(CONFIGURE, FORGET),
        migrations.AddField(
            model_name="paper",
            name="searchable",
            field=models.BooleanField(default=True, editable=False),
        ),
        migrations.AddField(
            model_name="paper",
            name="search",
            field=models.GeneratedField(
                db_persist=True,
                editable=False,
                expression=Case(When(searchable=True, then=VECTOR)),
                output_field=search.SearchVectorField(),
            ),
        ),
    ]
