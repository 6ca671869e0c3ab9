from django.db import migrations, models


class Migration(migrations.Migration):
    """Topics, curated pages mapped from tags. Reversible: reversing drops them, the tags stay."""

    dependencies = [
        ("issues", "0003_what_an_issue_of_a_series_begins_with"),
        ("taggit", "0006_rename_taggeditem_content_type_object_id_taggit_tagg_content_8fc721_idx"),
    ]

    operations = [
        migrations.CreateModel(
            name="Topic",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=120, unique=True)),
                ("slug", models.SlugField(max_length=120, unique=True)),
                (
                    "description",
                    models.TextField(
                        blank=True, help_text="Markdown. What the topic is about, in a paragraph or two."
                    ),
                ),
                (
                    "tags",
                    models.ManyToManyField(
                        blank=True,
                        help_text="A paper with any of these tags belongs to the topic.",
                        related_name="topics",
                        to="taggit.tag",
                    ),
                ),
            ],
            options={
                "verbose_name": "topic",
                "ordering": ["name"],
                "constraints": [models.CheckConstraint(condition=~models.Q(name=""), name="topic_has_a_name")],
            },
        ),
    ]
