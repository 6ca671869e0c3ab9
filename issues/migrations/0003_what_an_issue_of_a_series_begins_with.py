from django.db import migrations, models


class Migration(migrations.Migration):
    """A series plans the blocks of its issues. Reversible: the plans are lost, the issues stay."""

    dependencies = [
        ("issues", "0002_figures_in_folders_nobody_can_guess"),
    ]

    operations = [
        migrations.AddField(
            model_name="series",
            name="blocks",
            field=models.TextField(
                blank=True,
                default="",
                help_text=(
                    "What a new issue begins with, in order: a block a line, with its heading after a colon where it "
                    "has one, e.g. “text: Welcome”, “teasers”, “glossary: Quick Glossary”, “highlight”, "
                    "“text: Wrap-Up”."
                ),
            ),
            preserve_default=False,
        ),
    ]
