import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """What Hugging Face says of papers. Reversible: reversing drops the tables."""

    dependencies = [
        ('papers', '0010_index_of_dead_links'),
    ]

    operations = [
        migrations.CreateModel(
            name='HuggingFacePage',
            fields=[
                ('paper', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='hugging_face', serialize=False, to='papers.paper')),
                ('asked', models.DateTimeField(null=True)),
                ('answers', models.PositiveSmallIntegerField(default=0)),
                ('ask_after', models.DateTimeField(help_text='Null: not again.', null=True)),
                ('known', models.BooleanField(default=False, help_text='Whether it has a page there.')),
            ],
            options={
                'verbose_name': 'page on Hugging Face',
                'verbose_name_plural': 'pages on Hugging Face',
            },
        ),
        migrations.CreateModel(
            name='PaperSignal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(choices=[('upvotes', 'upvotes on Hugging Face'), ('stars', 'stars of its repository'), ('models', 'models on Hugging Face'), ('datasets', 'data sets on Hugging Face'), ('spaces', 'demos on Hugging Face')], max_length=10)),
                ('value', models.PositiveIntegerField()),
                ('seen', models.DateTimeField()),
            ],
            options={
                'verbose_name': 'signal',
                'ordering': ['-seen', 'name', 'pk'],
            },
        ),
        migrations.AddConstraint(
            model_name='huggingfacepage',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('answers', 0), ('asked__isnull', True)), models.Q(('answers__gt', 0), ('asked__isnull', False)), _connector='OR'), name='huggingfacepage_asked_once_it_answered'),
        ),
        migrations.AddField(
            model_name='papersignal',
            name='paper',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='signals', to='papers.paper'),
        ),
        migrations.AddConstraint(
            model_name='papersignal',
            constraint=models.UniqueConstraint(fields=('paper', 'name', 'seen'), name='papersignal_once'),
        ),
        migrations.AddConstraint(
            model_name='papersignal',
            constraint=models.CheckConstraint(condition=models.Q(('name__in', ['upvotes', 'stars', 'models', 'datasets', 'spaces'])), name='papersignal_name_known'),
        ),
    ]
