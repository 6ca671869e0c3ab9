import datetime
import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.contrib.postgres.search
import django.db.models.deletion
import django.db.models.functions.datetime
import django.db.models.functions.text
import taggit.managers
from django.conf import settings
from django.contrib.postgres.operations import TrigramExtension, UnaccentExtension
from django.db import migrations, models

CONFIGURE = """
CREATE TEXT SEARCH CONFIGURATION papers_words (COPY = english);
ALTER TEXT SEARCH CONFIGURATION papers_words
    ALTER MAPPING FOR hword, hword_part, word WITH unaccent, english_stem;
CREATE TEXT SEARCH CONFIGURATION papers_names (COPY = simple);
ALTER TEXT SEARCH CONFIGURATION papers_names
    ALTER MAPPING FOR hword, hword_part, word WITH unaccent, simple;
"""
FORGET = "DROP TEXT SEARCH CONFIGURATION papers_words; DROP TEXT SEARCH CONFIGURATION papers_names;"


class Migration(migrations.Migration):
    """Papers, what arXiv says of them, and the words they are found by. Reversible: the tables, configurations and extensions go."""

    initial = True

    dependencies = [
        ('taggit', '0006_rename_taggeditem_content_type_object_id_taggit_tagg_content_8fc721_idx'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        TrigramExtension(),
        UnaccentExtension(),
        # Accents do not count; names are not stemmed.
        migrations.RunSQL(CONFIGURE, FORGET),
        migrations.CreateModel(
            name='FollowedCategory',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('category', models.CharField(max_length=32, unique=True)),
                ('reconciled', models.DateField(help_text='UTC. OAI-PMH was asked for all days up to this one, late enough to be final.')),
            ],
            options={
                'verbose_name': 'followed category',
                'verbose_name_plural': 'followed categories',
                'ordering': ['category'],
            },
        ),
        migrations.CreateModel(
            name='Paper',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('arxiv_id', models.CharField(blank=True, help_text='Without its version.', max_length=32, null=True, unique=True, verbose_name='arXiv id')),
                ('slug', models.SlugField(blank=True, help_text='For papers that are not on arXiv.', max_length=120, null=True, unique=True)),
                ('version', models.PositiveSmallIntegerField(blank=True, null=True)),
                ('title', models.TextField()),
                ('abstract', models.TextField(blank=True)),
                ('authors', models.JSONField(blank=True, default=list, help_text='The names in order, as printed.')),
                ('authors_text', models.TextField(blank=True, editable=False)),
                ('author_keys', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=120), blank=True, default=list, editable=False, size=None)),
                ('primary_category', models.CharField(blank=True, max_length=32)),
                ('categories', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=32), blank=True, default=list, size=None)),
                ('comment', models.TextField(blank=True)),
                ('journal_ref', models.TextField(blank=True, verbose_name='journal reference')),
                ('dois', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=255), blank=True, default=list, size=None, verbose_name='DOIs')),
                ('submitted', models.DateTimeField(blank=True, help_text='When its first version was submitted.', null=True)),
                ('updated', models.DateTimeField(blank=True, help_text='When this version was submitted.', null=True)),
                ('announced', models.DateField(blank=True, help_text='The day arXiv announced it, in New York.', null=True)),
                ('datestamp', models.DateField(blank=True, editable=False, help_text="The day of arXiv's last change of any kind to its record.", null=True)),
                ('first_seen', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
                ('withdrawn', models.BooleanField(default=False)),
                ('withdrawal', models.TextField(blank=True, help_text='The sentence that says so; of a paper that is not withdrawn, a person has to look.')),
                ('licence', models.URLField(blank=True)),
                ('source', models.CharField(blank=True, editable=False, help_text="Which source of arXiv's its text came from.", max_length=10)),
                ('content_hash', models.CharField(blank=True, editable=False, max_length=64)),
                ('stub', models.BooleanField(default=False, help_text='Known only from an issue; waiting to be matched.')),
                ('searchable', models.BooleanField(default=True, editable=False)),
                ('search', models.GeneratedField(db_persist=True, expression=models.Case(models.When(searchable=True, then=django.contrib.postgres.search.CombinedSearchVector(django.contrib.postgres.search.CombinedSearchVector(django.contrib.postgres.search.SearchVector(django.db.models.functions.text.Left('title', 2000), config='papers_words', weight='A'), '||', django.contrib.postgres.search.SearchVector(django.db.models.functions.text.Left('authors_text', 60000), config='papers_names', weight='B'), django.contrib.postgres.search.SearchConfig('papers_words')), '||', django.contrib.postgres.search.SearchVector(django.db.models.functions.text.Left('abstract', 50000), config='papers_words', weight='C'), django.contrib.postgres.search.SearchConfig('papers_words')))), output_field=django.contrib.postgres.search.SearchVectorField())),
                ('tags', taggit.managers.TaggableManager(blank=True, help_text='A comma-separated list of tags.', through='taggit.TaggedItem', to='taggit.Tag', verbose_name='Tags')),
            ],
            options={
                'verbose_name': 'paper',
            },
        ),
        migrations.CreateModel(
            name='ArxivResponse',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.CharField(choices=[('atom', 'query API'), ('oai', 'OAI-PMH'), ('rss', 'announcement feed')], max_length=4)),
                ('asked', models.TextField(verbose_name='address asked')),
                ('status', models.PositiveSmallIntegerField(verbose_name='HTTP status')),
                ('etag', models.CharField(blank=True, max_length=200, verbose_name='ETag')),
                ('fault', models.TextField(blank=True, help_text='Why it could not be read.')),
                ('fetched', models.DateTimeField(help_text='The last time.')),
                ('sha256', models.CharField(max_length=64, unique=True)),
                ('size', models.PositiveIntegerField(help_text='Bytes, before they were compressed.')),
                ('content', models.BinaryField(help_text='Compressed by zlib.')),
            ],
            options={
                'verbose_name': 'body',
                'verbose_name_plural': 'bodies',
                'ordering': ['-fetched', '-pk'],
                'indexes': [models.Index(fields=['fetched'], name='body_fetched')],
                'constraints': [models.CheckConstraint(condition=models.Q(('source__in', ['atom', 'oai', 'rss'])), name='body_source_known')],
            },
        ),
        migrations.CreateModel(
            name='FormerTitle',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.TextField()),
                ('paper', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='former_titles', to='papers.paper')),
            ],
            options={
                'verbose_name': 'former title',
            },
        ),
        migrations.CreateModel(
            name='Correction',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('field', models.CharField(choices=[('title', 'title'), ('abstract', 'abstract'), ('authors', 'authors'), ('comment', 'comment'), ('withdrawal', 'withdrawn or not')], max_length=12)),
                ('theirs', models.JSONField(help_text='What arXiv says.')),
                ('overtaken', models.BooleanField(default=False, help_text='arXiv has changed what was corrected here.', verbose_name='changed at arXiv since')),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('paper', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='corrections', to='papers.paper')),
            ],
            options={
                'verbose_name': 'correction',
                'ordering': ['-pk'],
            },
        ),
        migrations.CreateModel(
            name='IncompletePaper',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('attempts', models.PositiveSmallIntegerField(default=0)),
                ('ask_at', models.DateTimeField()),
                ('paper', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='incomplete', to='papers.paper')),
            ],
            options={
                'verbose_name': 'incomplete paper',
                'verbose_name_plural': 'incomplete papers',
                'ordering': ['ask_at', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='PaperEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('version', 'new version'), ('withdrawal', 'withdrawal'), ('publication', 'publication'), ('code', 'code release')], max_length=12)),
                ('detail', models.TextField(blank=True)),
                ('happened', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('paper', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='events', to='papers.paper')),
            ],
            options={
                'verbose_name': 'event',
                'ordering': ['-happened', '-pk'],
            },
        ),
        migrations.CreateModel(
            name='PaperLink',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('paper', 'paper'), ('code', 'code'), ('project', 'project'), ('data', 'data'), ('model', 'model'), ('video', 'video'), ('thread', 'thread')], max_length=10)),
                ('url', models.URLField(max_length=2000)),
                ('where', models.CharField(choices=[('abstract', 'abstract'), ('comment', 'comment'), ('given', 'given by the source'), ('huggingface', 'Hugging Face'), ('issue', 'an issue'), ('editor', 'an editor')], default='editor', max_length=12, verbose_name='found in')),
                ('state', models.CharField(blank=True, choices=[('', 'not checked yet'), ('alive', 'answers'), ('failing', 'failed lately'), ('gone', 'gone'), ('silent', 'does not answer'), ('untold', 'cannot be told')], db_default='', default='', editable=False, max_length=8)),
                ('checked', models.DateTimeField(blank=True, editable=False, null=True)),
                ('check_after', models.DateTimeField(blank=True, editable=False, null=True)),
                ('failures', models.PositiveSmallIntegerField(db_default=0, default=0, editable=False, help_text='How many checks in a row failed.')),
                ('failing_since', models.DateTimeField(blank=True, editable=False, null=True)),
                ('fault', models.CharField(blank=True, db_default='', default='', editable=False, max_length=200)),
                ('paper', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='links', to='papers.paper')),
            ],
            options={
                'verbose_name': 'link',
                'ordering': ['pk'],
            },
        ),
        migrations.CreateModel(
            name='PaperSignal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(choices=[('upvotes', 'upvotes on Hugging Face'), ('stars', 'stars of its repository'), ('models', 'models on Hugging Face'), ('datasets', 'data sets on Hugging Face'), ('spaces', 'demos on Hugging Face')], max_length=10)),
                ('value', models.PositiveIntegerField()),
                ('seen', models.DateTimeField()),
                ('paper', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='signals', to='papers.paper')),
            ],
            options={
                'verbose_name': 'signal',
                'ordering': ['-seen', 'name', 'pk'],
            },
        ),
        migrations.CreateModel(
            name='PaperVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveSmallIntegerField()),
                ('submitted', models.DateTimeField(blank=True, null=True)),
                ('content_hash', models.CharField(blank=True, help_text='SHA-256 of the normalised text; empty where only the date is known.', max_length=64)),
                ('licence', models.URLField(blank=True)),
                ('withdrawn', models.BooleanField(default=False)),
                ('paper', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='versions', to='papers.paper')),
            ],
            options={
                'verbose_name': 'version',
                'ordering': ['-version'],
            },
        ),
        migrations.CreateModel(
            name='Pull',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.CharField(choices=[('atom', 'query API'), ('oai', 'OAI-PMH'), ('rss', 'announcement feed')], max_length=4)),
                ('set_spec', models.CharField(max_length=60, verbose_name='set')),
                ('day', models.DateField(help_text='UTC; of a feed the day in New York.')),
                ('form', models.CharField(blank=True, max_length=10, verbose_name='format')),
                ('outcome', models.CharField(choices=[('running', 'running'), ('complete', 'complete'), ('empty', 'empty'), ('pending', 'to be gone on with'), ('refused', 'refused by arXiv'), ('missed', 'missed')], default='running', max_length=8)),
                ('reason', models.TextField(blank=True, help_text='What is in the way.')),
                ('pages', models.PositiveIntegerField(default=0, help_text='Pages kept since the window was begun.')),
                ('token', models.TextField(blank=True, help_text='Asks for the next page.')),
                ('records', models.PositiveIntegerField(default=0, help_text='Records on these pages.')),
                ('new', models.PositiveIntegerField(default=0)),
                ('updated', models.PositiveIntegerField(default=0)),
                ('unchanged', models.PositiveIntegerField(default=0)),
                ('missing', models.PositiveIntegerField(default=0, help_text='Records that arXiv says are deleted.')),
                ('failed', models.PositiveIntegerField(default=0, help_text='Records that could not be read.')),
                ('sha256', models.CharField(blank=True, help_text="Of the last page's body.", max_length=64)),
                ('started', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('checkpoint', models.DateTimeField(blank=True, help_text='When the last page was kept.', null=True)),
                ('resume_at', models.DateTimeField(blank=True, help_text='Not gone on with before that by itself; a person may.', null=True)),
                ('duration', models.DurationField(default=datetime.timedelta, help_text='Asking, reading and writing.')),
            ],
            options={
                'verbose_name': 'pull',
                'verbose_name_plural': 'pull calendar',
                'ordering': ['-started', '-pk'],
                'indexes': [models.Index(fields=['day', 'set_spec'], name='pull_day_set')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('outcome__in', ['running', 'pending'])), fields=('source', 'set_spec', 'day', 'form'), name='pull_unfinished_once'), models.CheckConstraint(condition=models.Q(('source__in', ['atom', 'oai', 'rss'])), name='pull_source_known'), models.CheckConstraint(condition=models.Q(('outcome__in', ['running', 'complete', 'empty', 'pending', 'refused', 'missed'])), name='pull_outcome_known'), models.CheckConstraint(condition=models.Q(('token', ''), ('outcome__in', ['running', 'pending']), _connector='OR'), name='pull_token_until_finished'), models.CheckConstraint(condition=models.Q(('reason', ''), ('outcome__in', ['pending', 'refused', 'missed']), _connector='XOR'), name='pull_reason_where_stopped'), models.CheckConstraint(condition=models.Q(('resume_at', None), ('outcome__in', ['running', 'pending']), _connector='OR'), name='pull_resumed_until_finished'), models.CheckConstraint(condition=models.Q(('pages', 0), ('checkpoint__isnull', False), _connector='OR'), name='pull_checkpoint_with_pages')],
            },
        ),
        migrations.CreateModel(
            name='Watch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(help_text='For the editors, such as “Agents that plan”.', max_length=80)),
                ('slug', models.SlugField(error_messages={'unique': 'Another watch has this slug; choose another.'}, help_text='Its name for commands: pull_arxiv --watch SLUG.', max_length=80, unique=True)),
                ('categories', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=32), help_text='Of these it takes papers, cross-listed ones too.', size=None)),
                ('words', models.CharField(blank=True, max_length=1000)),
                ('authors', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=120), blank=True, default=list, size=None)),
                ('active', models.BooleanField(default=True, help_text='Its categories are followed and new papers are matched; what it matched stays.')),
                ('created', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), editable=False)),
            ],
            options={
                'verbose_name': 'watch',
                'verbose_name_plural': 'watches',
                'ordering': ['name', 'pk'],
                'constraints': [models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='watch_has_a_name'), models.CheckConstraint(condition=models.Q(('categories', []), _negated=True), name='watch_has_a_category')],
            },
        ),
        migrations.CreateModel(
            name='WatchMatch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('matched_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('paper', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='watch_matches', to='papers.paper')),
                ('watch', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='matches', to='papers.watch')),
            ],
            options={
                'verbose_name': 'match',
                'verbose_name_plural': 'matches',
                'ordering': ['-matched_at', '-pk'],
            },
        ),
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
                'constraints': [models.CheckConstraint(condition=models.Q(models.Q(('answers', 0), ('asked__isnull', True)), models.Q(('answers__gt', 0), ('asked__isnull', False)), _connector='OR'), name='huggingfacepage_asked_once_it_answered')],
            },
        ),
        migrations.AddIndex(
            model_name='paper',
            index=django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper('title'), 'gin_trgm_ops'), name='paper_title_trigrams'),
        ),
        migrations.AddIndex(
            model_name='paper',
            index=django.contrib.postgres.indexes.GinIndex(fields=['search'], name='paper_search'),
        ),
        migrations.AddIndex(
            model_name='paper',
            index=django.contrib.postgres.indexes.GinIndex(fields=['author_keys'], name='paper_author_keys'),
        ),
        migrations.AddIndex(
            model_name='paper',
            index=django.contrib.postgres.indexes.GinIndex(fields=['categories'], name='paper_categories'),
        ),
        migrations.AddIndex(
            model_name='paper',
            index=models.Index(fields=['announced'], name='paper_announced'),
        ),
        migrations.AddIndex(
            model_name='paper',
            index=models.Index(fields=['primary_category', 'announced'], name='paper_category_announced'),
        ),
        migrations.AddIndex(
            model_name='paper',
            index=models.Index(condition=models.Q(('stub', True)), fields=['id'], name='paper_stubs'),
        ),
        migrations.AddIndex(
            model_name='paper',
            index=models.Index(condition=models.Q(('searchable', False)), fields=['id'], name='paper_unsearchable'),
        ),
        migrations.AddIndex(
            model_name='paper',
            index=models.Index(condition=models.Q(('withdrawn', False), models.Q(('withdrawal', ''), _negated=True)), fields=['id'], name='paper_in_doubt'),
        ),
        migrations.AddConstraint(
            model_name='paper',
            constraint=models.CheckConstraint(condition=models.Q(('arxiv_id__isnull', True), ('slug__isnull', True), _connector='XOR'), name='paper_has_one_address'),
        ),
        migrations.AddConstraint(
            model_name='paper',
            constraint=models.CheckConstraint(condition=models.Q(('title', ''), _negated=True), name='paper_has_a_title'),
        ),
        migrations.AddIndex(
            model_name='formertitle',
            index=django.contrib.postgres.indexes.GinIndex(django.contrib.postgres.indexes.OpClass(django.db.models.functions.text.Upper('title'), 'gin_trgm_ops'), name='formertitle_trigrams'),
        ),
        migrations.AddConstraint(
            model_name='formertitle',
            constraint=models.UniqueConstraint(models.F('paper'), django.db.models.functions.text.MD5('title'), name='formertitle_once'),
        ),
        migrations.AddConstraint(
            model_name='correction',
            constraint=models.UniqueConstraint(fields=('paper', 'field'), name='correction_once'),
        ),
        migrations.AddConstraint(
            model_name='correction',
            constraint=models.CheckConstraint(condition=models.Q(('field__in', ['title', 'abstract', 'authors', 'comment', 'withdrawal'])), name='correction_field_known'),
        ),
        migrations.AddConstraint(
            model_name='paperevent',
            constraint=models.UniqueConstraint(fields=('paper', 'kind', 'detail'), name='paperevent_once'),
        ),
        migrations.AddConstraint(
            model_name='paperevent',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['version', 'withdrawal', 'publication', 'code'])), name='paperevent_kind_known'),
        ),
        migrations.AddIndex(
            model_name='paperlink',
            index=models.Index(condition=models.Q(('state__in', ['gone', 'silent'])), fields=['failing_since'], name='paperlink_dead'),
        ),
        migrations.AddConstraint(
            model_name='paperlink',
            constraint=models.UniqueConstraint(fields=('paper', 'url'), name='paperlink_once'),
        ),
        migrations.AddConstraint(
            model_name='paperlink',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['paper', 'code', 'project', 'data', 'model', 'video', 'thread'])), name='paperlink_kind_known'),
        ),
        migrations.AddConstraint(
            model_name='paperlink',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['', 'alive', 'failing', 'gone', 'silent', 'untold'])), name='paperlink_state_known'),
        ),
        migrations.AddConstraint(
            model_name='paperlink',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('failing_since__isnull', True), ('failures', 0)), models.Q(('failing_since__isnull', False), ('failures__gt', 0)), _connector='OR'), name='paperlink_failing_since_its_first_failure'),
        ),
        migrations.AddConstraint(
            model_name='paperlink',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['gone', 'silent']), _negated=True), ('failures__gte', 2), _connector='OR'), name='paperlink_dead_after_two_failures'),
        ),
        migrations.AddConstraint(
            model_name='papersignal',
            constraint=models.UniqueConstraint(fields=('paper', 'name', 'seen'), name='papersignal_once'),
        ),
        migrations.AddConstraint(
            model_name='papersignal',
            constraint=models.CheckConstraint(condition=models.Q(('name__in', ['upvotes', 'stars', 'models', 'datasets', 'spaces'])), name='papersignal_name_known'),
        ),
        migrations.AddConstraint(
            model_name='paperversion',
            constraint=models.UniqueConstraint(fields=('paper', 'version'), name='paperversion_once'),
        ),
        migrations.AddConstraint(
            model_name='paperversion',
            constraint=models.CheckConstraint(condition=models.Q(('version__gte', 1)), name='paperversion_from_one'),
        ),
        migrations.AddIndex(
            model_name='watchmatch',
            index=models.Index(fields=['watch', '-matched_at'], name='watchmatch_newest'),
        ),
        migrations.AddConstraint(
            model_name='watchmatch',
            constraint=models.UniqueConstraint(fields=('watch', 'paper'), name='watchmatch_once'),
        ),
    ]
