import django.contrib.postgres.fields
import django.contrib.postgres.search
import django.db.models.deletion
import django.db.models.fields.json
import django.db.models.functions.datetime
import issues.models.blocks
import issues.models.issue
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Issues, their blocks and editions, decisions, polls and topics. Reversible: the tables go."""

    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('glossary', '0001_initial'),
        ('papers', '0001_initial'),
        ('taggit', '0006_rename_taggeditem_content_type_object_id_taggit_tagg_content_8fc721_idx'),
    ]

    operations = [
        migrations.CreateModel(
            name='Issue',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(blank=True, null=True, unique=True)),
                ('title', models.CharField(max_length=300)),
                ('subtitle', models.CharField(blank=True, max_length=300)),
                ('slug', models.SlugField(max_length=200, unique=True)),
                ('authors', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=120), blank=True, default=list, help_text='Separated by commas.', size=None)),
                ('cover', models.ImageField(blank=True, height_field='cover_height', help_text='Below the title, in feeds, and where the issue is shared: also of an issue for supporters.', upload_to=issues.models.issue.cover_path, width_field='cover_width')),
                ('cover_alt', models.CharField(blank=True, help_text='What the cover shows, for those who cannot see it.', max_length=500, verbose_name='alternative text')),
                ('cover_width', models.PositiveIntegerField(blank=True, editable=False, null=True)),
                ('cover_height', models.PositiveIntegerField(blank=True, editable=False, null=True)),
                ('mail_subject', models.CharField(blank=True, help_text='Empty: the title.', max_length=300)),
                ('preheader', models.CharField(blank=True, help_text='The line that mail clients show after the subject.', max_length=200)),
                ('access', models.CharField(choices=[('everyone', 'everyone'), ('supporters', 'supporters')], default='everyone', max_length=12)),
                ('state', models.CharField(choices=[('draft', 'draft'), ('scheduled', 'scheduled'), ('published', 'published'), ('removed', 'removed')], default='draft', editable=False, max_length=12)),
                ('publish_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('published_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('mail_at', models.DateTimeField(blank=True, editable=False, null=True)),
                ('created', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ],
            options={
                'verbose_name': 'issue',
            },
        ),
        migrations.CreateModel(
            name='Poll',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('slug', models.SlugField(max_length=120, unique=True)),
                ('question', models.CharField(max_length=300)),
                ('is_open', models.BooleanField(default=True, verbose_name='open')),
            ],
            options={
                'verbose_name': 'poll',
            },
        ),
        migrations.CreateModel(
            name='Series',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120, unique=True)),
                ('slug', models.SlugField(max_length=120, unique=True)),
                ('description', models.TextField(blank=True)),
                ('numbered', models.BooleanField(default=True)),
                ('default_access', models.CharField(choices=[('everyone', 'everyone'), ('supporters', 'supporters')], default='everyone', max_length=12)),
                ('part_labels', models.TextField(blank=True, help_text='One a line, e.g. “What problem does it solve?”. Empty: a highlight is one paragraph.', verbose_name="labels of a highlight's parts")),
                ('blocks', models.TextField(blank=True, help_text='What a new issue begins with, in order: a block a line, with its heading after a colon where it has one, e.g. “text: Welcome”, “teasers”, “glossary: Quick Glossary”, “highlight”, “text: Wrap-Up”.')),
            ],
            options={
                'verbose_name': 'series',
                'verbose_name_plural': 'series',
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='Edition',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField()),
                ('kind', models.CharField(choices=[('autosaved', 'autosaved'), ('saved', 'saved'), ('imported', 'imported'), ('published', 'published'), ('corrected', 'corrected')], max_length=10)),
                ('document', models.JSONField()),
                ('created', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('words', models.TextField(blank=True, editable=False, help_text='What every reader may find a public edition by: nothing that only supporters may read.')),
                ('search', models.GeneratedField(db_persist=True, expression=django.contrib.postgres.search.CombinedSearchVector(django.contrib.postgres.search.SearchVector(django.db.models.fields.json.KeyTextTransform('title', 'document'), config='papers_words', weight='A'), '||', django.contrib.postgres.search.SearchVector('words', config='papers_words', weight='C'), django.contrib.postgres.search.SearchConfig('papers_words')), output_field=django.contrib.postgres.search.SearchVectorField())),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('issue', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='editions', to='issues.issue')),
            ],
            options={
                'verbose_name': 'edition',
                'ordering': ['-number'],
            },
        ),
        migrations.CreateModel(
            name='Erratum',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField(help_text='Markdown. What was wrong, and what is right.')),
                ('edition', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='erratum', to='issues.edition')),
            ],
            options={
                'verbose_name': 'erratum',
                'verbose_name_plural': 'errata',
            },
        ),
        migrations.CreateModel(
            name='Glossary',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('region', models.CharField(default='main', max_length=20)),
                ('ordering', models.IntegerField(default=0)),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('heading', models.CharField(blank=True, max_length=300)),
                ('entries', models.TextField(help_text="One a line: a term's name, or “Name (qualifier): definition” for a wording of this issue's own.", verbose_name='terms')),
                ('terms', models.ManyToManyField(blank=True, editable=False, related_name='glossary_blocks', to='glossary.glossaryterm')),
                ('parent', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='%(class)s_blocks', to='issues.issue')),
            ],
            options={
                'verbose_name': 'glossary',
                'verbose_name_plural': 'glossaries',
                'ordering': ['ordering', 'pk'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='FollowUp',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('event', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='follow_up', to='papers.paperevent')),
                ('issue', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='follow_ups', to='issues.issue')),
            ],
            options={
                'verbose_name': 'follow-up',
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='Figure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('region', models.CharField(default='main', max_length=20)),
                ('ordering', models.IntegerField(default=0)),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('image', models.ImageField(height_field='height', upload_to=issues.models.blocks.figure_path, width_field='width')),
                ('width', models.PositiveIntegerField(blank=True, editable=False, null=True)),
                ('height', models.PositiveIntegerField(blank=True, editable=False, null=True)),
                ('alt', models.CharField(help_text='What the image shows, for those who cannot see it.', max_length=500, verbose_name='alternative text')),
                ('caption', models.TextField(blank=True)),
                ('credit', models.CharField(blank=True, max_length=300)),
                ('licence', models.CharField(blank=True, help_text='e.g. CC BY 4.0', max_length=100)),
                ('parent', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='%(class)s_blocks', to='issues.issue')),
            ],
            options={
                'verbose_name': 'figure',
                'verbose_name_plural': 'figures',
                'ordering': ['ordering', 'pk'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Paywall',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('region', models.CharField(default='main', max_length=20)),
                ('ordering', models.IntegerField(default=0)),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('text', models.TextField(blank=True, help_text='What other readers see here instead of the rest, which is for supporters.')),
                ('parent', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='%(class)s_blocks', to='issues.issue')),
            ],
            options={
                'verbose_name': 'paywall',
                'verbose_name_plural': 'paywalls',
                'ordering': ['ordering', 'pk'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Choice',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('label', models.CharField(max_length=200)),
                ('position', models.PositiveSmallIntegerField(default=0)),
                ('former', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=48), blank=True, default=list, editable=False, size=None)),
                ('poll', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='choices', to='issues.poll')),
            ],
            options={
                'verbose_name': 'choice',
                'ordering': ['position', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='PollBlock',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('region', models.CharField(default='main', max_length=20)),
                ('ordering', models.IntegerField(default=0)),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('parent', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='%(class)s_blocks', to='issues.issue')),
                ('poll', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='blocks', to='issues.poll')),
            ],
            options={
                'verbose_name': 'poll',
                'verbose_name_plural': 'polls',
                'ordering': ['ordering', 'pk'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='PollResults',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('region', models.CharField(default='main', max_length=20)),
                ('ordering', models.IntegerField(default=0)),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('text', models.TextField(blank=True, verbose_name='comment')),
                ('parent', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='%(class)s_blocks', to='issues.issue')),
                ('poll', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='results_blocks', to='issues.poll')),
            ],
            options={
                'verbose_name': 'poll results',
                'verbose_name_plural': 'poll results',
                'ordering': ['ordering', 'pk'],
                'abstract': False,
            },
        ),
        migrations.AddField(
            model_name='issue',
            name='series',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='issues', to='issues.series'),
        ),
        migrations.CreateModel(
            name='Decision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('shortlisted', 'shortlisted'), ('dismissed', 'dismissed'), ('restored', 'restored')], max_length=12)),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('note', models.TextField(blank=True)),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('paper', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='decisions', to='papers.paper')),
                ('series', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='decisions', to='issues.series')),
            ],
            options={
                'verbose_name': 'decision',
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='Sponsor',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('region', models.CharField(default='main', max_length=20)),
                ('ordering', models.IntegerField(default=0)),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('heading', models.CharField(max_length=300)),
                ('url', models.URLField(blank=True, max_length=2000)),
                ('text', models.TextField(help_text='Markdown.')),
                ('lines', models.TextField(blank=True, help_text='One “Label: value” a line.')),
                ('parent', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='%(class)s_blocks', to='issues.issue')),
            ],
            options={
                'verbose_name': 'sponsor',
                'verbose_name_plural': 'sponsors',
                'ordering': ['ordering', 'pk'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Teasers',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('region', models.CharField(default='main', max_length=20)),
                ('ordering', models.IntegerField(default=0)),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('lead_in', models.TextField(blank=True, help_text='The line before the list.')),
                ('items', models.TextField(help_text='One a line.', verbose_name='teasers')),
                ('closing', models.TextField(blank=True, help_text='The line after the list.')),
                ('parent', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='%(class)s_blocks', to='issues.issue')),
            ],
            options={
                'verbose_name': 'teasers',
                'verbose_name_plural': 'teasers',
                'ordering': ['ordering', 'pk'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Text',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('region', models.CharField(default='main', max_length=20)),
                ('ordering', models.IntegerField(default=0)),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('heading', models.CharField(blank=True, max_length=300)),
                ('text', models.TextField(help_text='Markdown.')),
                ('parent', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='%(class)s_blocks', to='issues.issue')),
            ],
            options={
                'verbose_name': 'text',
                'verbose_name_plural': 'texts',
                'ordering': ['ordering', 'pk'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Themes',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('region', models.CharField(default='main', max_length=20)),
                ('ordering', models.IntegerField(default=0)),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('heading', models.CharField(blank=True, max_length=300)),
                ('lead_in', models.TextField(blank=True)),
                ('items', models.TextField(help_text='A paragraph each, with an empty line between them.', verbose_name='statements')),
                ('parent', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='%(class)s_blocks', to='issues.issue')),
            ],
            options={
                'verbose_name': 'executive summary',
                'verbose_name_plural': 'executive summaries',
                'ordering': ['ordering', 'pk'],
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Topic',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120, unique=True)),
                ('slug', models.SlugField(max_length=120, unique=True)),
                ('description', models.TextField(blank=True, help_text='Markdown. What the topic is about, in a paragraph or two.')),
                ('tags', models.ManyToManyField(blank=True, help_text='A paper with any of these tags belongs to the topic.', related_name='topics', to='taggit.tag')),
            ],
            options={
                'verbose_name': 'topic',
                'ordering': ['name'],
            },
        ),
        migrations.CreateModel(
            name='Vote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('voter', models.CharField(max_length=64)),
                ('cast', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('choice', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='votes', to='issues.choice')),
                ('poll', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='votes', to='issues.poll')),
            ],
            options={
                'verbose_name': 'vote',
            },
        ),
        migrations.CreateModel(
            name='Highlight',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('region', models.CharField(default='main', max_length=20)),
                ('ordering', models.IntegerField(default=0)),
                ('uuid', models.UUIDField(default=uuid.uuid4, editable=False, unique=True)),
                ('heading', models.CharField(blank=True, help_text='Empty: the title of its paper.', max_length=400)),
                ('printed_links', models.CharField(blank=True, help_text='The kinds printed after the title, e.g. “paper/code”; “paper/code, paper” for two papers. Empty: all known.', max_length=200, verbose_name='links')),
                ('text', models.TextField(help_text='Markdown. A line “### What problem does it solve?” begins a labelled part.')),
                ('origin', models.CharField(choices=[('person', 'written by a person'), ('machine', 'machine draft, edited by a person')], default='person', max_length=10)),
                ('checked_at', models.DateTimeField(blank=True, null=True)),
                ('checked_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('papers', models.ManyToManyField(blank=True, related_name='highlights', to='papers.paper')),
                ('written_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('parent', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='%(class)s_blocks', to='issues.issue')),
            ],
            options={
                'verbose_name': 'highlight',
                'verbose_name_plural': 'highlights',
                'ordering': ['ordering', 'pk'],
                'abstract': False,
                'constraints': [models.CheckConstraint(condition=models.Q(('origin__in', ['person', 'machine'])), name='highlight_origin_known')],
            },
        ),
        migrations.AddConstraint(
            model_name='edition',
            constraint=models.UniqueConstraint(fields=('issue', 'number'), name='edition_number_once_an_issue'),
        ),
        migrations.AddConstraint(
            model_name='edition',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['autosaved', 'saved', 'imported', 'published', 'corrected'])), name='edition_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='choice',
            constraint=models.UniqueConstraint(fields=('poll', 'label'), name='choice_once'),
        ),
        migrations.AddIndex(
            model_name='issue',
            index=models.Index(fields=['state', '-published_at'], name='issue_state_published_at'),
        ),
        migrations.AddConstraint(
            model_name='issue',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['draft', 'scheduled', 'published', 'removed'])), name='issue_state_known'),
        ),
        migrations.AddConstraint(
            model_name='issue',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'published'), _negated=True), ('published_at__isnull', False), _connector='OR'), name='issue_published_has_a_time'),
        ),
        migrations.AddConstraint(
            model_name='issue',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('publish_at__isnull', False), ('state', 'scheduled')), models.Q(models.Q(('state', 'scheduled'), _negated=True), ('publish_at__isnull', True)), _connector='OR'), name='issue_publish_at_only_when_scheduled'),
        ),
        migrations.AddConstraint(
            model_name='issue',
            constraint=models.CheckConstraint(condition=models.Q(('title', ''), _negated=True), name='issue_has_a_title'),
        ),
        migrations.AddIndex(
            model_name='decision',
            index=models.Index(fields=['series', 'paper', '-id'], name='decision_newest'),
        ),
        migrations.AddConstraint(
            model_name='decision',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['shortlisted', 'dismissed', 'restored'])), name='decision_state_known'),
        ),
        migrations.AddConstraint(
            model_name='topic',
            constraint=models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='topic_has_a_name'),
        ),
        migrations.AddConstraint(
            model_name='vote',
            constraint=models.UniqueConstraint(fields=('poll', 'voter'), name='vote_once_a_voter'),
        ),
    ]
