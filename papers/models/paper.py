"""A paper: one record, whatever brought it here and however often it appears in issues."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVector, SearchVectorField, TrigramSimilarity
from django.db import models
from django.db.models import Case, Q, When
from django.db.models.functions import Left, Now, Upper
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from taggit.managers import TaggableManager

from papers.author_keys import LONGEST_KEY, author_keys


class PaperQuerySet(models.QuerySet["Paper"]):
    def stubs(self) -> PaperQuerySet:
        """Papers known only from an issue: marked for matching."""
        return self.filter(stub=True)

    def in_doubt(self) -> PaperQuerySet:
        """Papers that speak of their withdrawal so that a person must say what it means: replaced, merged."""
        return self.filter(withdrawn=False).exclude(withdrawal="")

    def unsearchable(self) -> PaperQuerySet:
        """Papers whose words a bulk load left unread."""
        return self.filter(searchable=False)

    def at(self, key: str) -> PaperQuerySet:
        """The paper that answers at /papers/<key>/: an arXiv id, or the slug of a paper from elsewhere."""
        return self.filter(Q(arxiv_id=key) | Q(slug=key))

    def at_any(self, keys: Iterable[str]) -> PaperQuerySet:
        """The papers that answer at these keys."""
        known = list(keys)
        return self.filter(Q(arxiv_id__in=known) | Q(slug__in=known))

    def by_author(self, key: str) -> PaperQuerySet:
        """The papers with an author whose name has this normal form."""
        return self.filter(author_keys__contains=[key])

    def by_any_author(self, keys: Iterable[str]) -> PaperQuerySet:
        """The papers with at least one author whose name has one of these normal forms."""
        return self.filter(author_keys__overlap=list(keys))

    def resembling(self, title: str) -> PaperQuerySet:
        """Papers, but no stubs, whose titles have much in common with this one, the likest first."""
        likeness = TrigramSimilarity(Upper("title"), title.upper())
        found = self.alias(upper=Upper("title")).filter(stub=False, upper__trigram_similar=title.upper())
        return found.annotate(likeness=likeness).order_by("-likeness", "pk")

    def newest_first(self) -> PaperQuerySet:
        return self.order_by(models.F("announced").desc(nulls_last=True), "-first_seen", "-pk")

    def with_links(self) -> PaperQuerySet:
        return self.prefetch_related("links")


_Manager = models.Manager.from_queryset(PaperQuerySet)


class PaperManager(_Manager["Paper"]):
    """Leaves the search vector where it is: nobody reads it but the database."""

    def get_queryset(self) -> PaperQuerySet:
        return PaperQuerySet(self.model, using=self._db).defer("search")


class Paper(models.Model):
    arxiv_id = models.CharField(
        _("arXiv id"), max_length=32, unique=True, null=True, blank=True, help_text=_("Without its version.")
    )
    slug = models.SlugField(
        max_length=120, unique=True, null=True, blank=True, help_text=_("For papers that are not on arXiv.")
    )
    version = models.PositiveSmallIntegerField(null=True, blank=True)
    title = models.TextField()
    abstract = models.TextField(blank=True)
    authors = models.JSONField(default=list, blank=True, help_text=_("The names in order, as printed."))
    authors_text = models.TextField(blank=True, editable=False)
    author_keys = ArrayField(models.CharField(max_length=LONGEST_KEY), default=list, blank=True, editable=False)
    primary_category = models.CharField(max_length=32, blank=True)
    categories = ArrayField(models.CharField(max_length=32), default=list, blank=True)
    comment = models.TextField(blank=True)
    journal_ref = models.TextField(_("journal reference"), blank=True)
    dois = ArrayField(models.CharField(max_length=255), default=list, blank=True, verbose_name=_("DOIs"))
    # Four dates, never one for another: arXiv's moderation can hold a paper for days between the first and the third.
    submitted = models.DateTimeField(null=True, blank=True, help_text=_("When its first version was submitted."))
    updated = models.DateTimeField(null=True, blank=True, help_text=_("When this version was submitted."))
    announced = models.DateField(null=True, blank=True, help_text=_("The day arXiv announced it, in New York."))
    datestamp = models.DateField(
        null=True, blank=True, editable=False, help_text=_("The day of arXiv's last change of any kind to its record.")
    )
    first_seen = models.DateTimeField(db_default=Now(), editable=False)
    withdrawn = models.BooleanField(default=False)
    withdrawal = models.TextField(
        blank=True, help_text=_("The sentence that says so; of a paper that is not withdrawn, a person has to look.")
    )
    licence = models.URLField(blank=True)
    source = models.CharField(
        max_length=10, blank=True, editable=False, help_text=_("Which source of arXiv's its text came from.")
    )
    content_hash = models.CharField(max_length=64, blank=True, editable=False)
    stub = models.BooleanField(default=False, help_text=_("Known only from an issue; waiting to be matched."))
    tags = TaggableManager(blank=True)
    # False after a bulk load, until the clock gets to it: to read the words costs more than to write the rest.
    searchable = models.BooleanField(default=True, editable=False)
    # English words but for names, of which none is too common to count: He, Will, An. PostgreSQL takes 1 MB of them.
    search = models.GeneratedField(
        expression=Case(
            When(
                searchable=True,
                then=SearchVector(Left("title", 2_000), weight="A", config="papers_words")
                + SearchVector(Left("authors_text", 60_000), weight="B", config="papers_names")
                + SearchVector(Left("abstract", 50_000), weight="C", config="papers_words"),
            )
        ),
        output_field=SearchVectorField(),
        db_persist=True,
        editable=False,
    )

    objects = PaperManager()

    class Meta:
        verbose_name = _("paper")
        constraints = [
            models.CheckConstraint(
                condition=Q(arxiv_id__isnull=True) ^ Q(slug__isnull=True), name="paper_has_one_address"
            ),
            models.CheckConstraint(condition=~Q(title=""), name="paper_has_a_title"),
        ]
        indexes = [
            GinIndex(OpClass(Upper("title"), "gin_trgm_ops"), name="paper_title_trigrams"),
            GinIndex(fields=["search"], name="paper_search"),
            GinIndex(fields=["author_keys"], name="paper_author_keys"),
            GinIndex(fields=["categories"], name="paper_categories"),
            models.Index(fields=["announced"], name="paper_announced"),
            models.Index(fields=["primary_category", "announced"], name="paper_category_announced"),
            models.Index(fields=["id"], name="paper_stubs", condition=Q(stub=True)),
            models.Index(fields=["id"], name="paper_unsearchable", condition=Q(searchable=False)),
            models.Index(fields=["id"], name="paper_in_doubt", condition=Q(withdrawn=False) & ~Q(withdrawal="")),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.arxiv_id})" if self.arxiv_id else self.title

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.authors_text = ", ".join(self.authors)
        self.author_keys = author_keys(self.authors)
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("papers:paper", args=[self.key])

    @property
    def key(self) -> str:
        return self.arxiv_id or self.slug or ""

    @property
    def source_url(self) -> str:
        """Where the paper itself is: its abstract page on arXiv, else its first link of kind paper."""
        if self.arxiv_id:
            return f"https://arxiv.org/abs/{self.arxiv_id}"
        return next((link.url for link in self.links.all() if link.kind == "paper"), "")

    @property
    def is_in_doubt(self) -> bool:
        return not self.withdrawn and self.withdrawal != ""

    @property
    def year(self) -> int | None:
        date = self.submitted or self.announced
        return date.year if date else None
