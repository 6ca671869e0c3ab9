from django.db import migrations, models

import issues.models.issue


class Migration(migrations.Migration):
    """An issue may have a picture. Reversible: the files stay where they are, and nothing points at them."""

    dependencies = [
        ("issues", "0006_fill_the_words_of_editions"),
    ]

    operations = [
        migrations.AddField(
            model_name="issue",
            name="cover",
            field=models.ImageField(
                blank=True,
                height_field="cover_height",
                help_text="Below the title, in feeds, and where the issue is shared: also of an issue for supporters.",
                upload_to=issues.models.issue.cover_path,
                width_field="cover_width",
            ),
        ),
        migrations.AddField(
            model_name="issue",
            name="cover_alt",
            field=models.CharField(
                blank=True,
                help_text="What the cover shows, for those who cannot see it.",
                max_length=500,
                verbose_name="alternative text",
            ),
        ),
        migrations.AddField(
            model_name="issue",
            name="cover_height",
            field=models.PositiveIntegerField(blank=True, editable=False, null=True),
        ),
        migrations.AddField(
            model_name="issue",
            name="cover_width",
            field=models.PositiveIntegerField(blank=True, editable=False, null=True),
        ),
    ]
