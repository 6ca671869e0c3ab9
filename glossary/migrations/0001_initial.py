import django.contrib.postgres.fields
import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    """Terms and what they mean. Reversible: the table goes."""

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='GlossaryTerm',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120)),
                ('slug', models.SlugField(max_length=120, unique=True)),
                ('qualifier', models.CharField(blank=True, help_text='An expansion or a context: what stands in brackets after the name.', max_length=200)),
                ('aliases', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=120), blank=True, default=list, help_text='Other forms that are linked in the text, separated by commas.', size=None)),
                ('definition', models.TextField(help_text='Markdown, one paragraph.')),
            ],
            options={
                'verbose_name': 'term',
                'constraints': [models.UniqueConstraint(django.db.models.functions.text.Lower('name'), name='glossaryterm_name_once'), models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='glossaryterm_has_a_name')],
            },
        ),
    ]
