from __future__ import annotations

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from taggit.models import Tag, TaggedItem

from papers.models import Paper
from papers.models.paper import PaperQuerySet


class TopicQuerySet(models.QuerySet["Topic"]):
    def of_any(self, papers: models.QuerySet[Paper]) -> TopicQuerySet:
        """Topics to which a tag of any of these papers belongs, by name."""
        tags = _on_papers().filter(object_id__in=papers.values("pk")).values("tag")
        return self.filter(pk__in=self.model.tags.through.objects.filter(tag__in=tags).values("topic")).order_by("name")


class Topic(models.Model):
    """A curated page mapped from tags: readers find covered papers and issues there, and nothing else."""

    name = models.CharField(max_length=120, unique=True)
    slug = models.SlugField(max_length=120, unique=True)
    description = models.TextField(blank=True, help_text=_("Markdown. What the topic is about, in a paragraph or two."))
    tags = models.ManyToManyField(
        Tag, related_name="topics", blank=True, help_text=_("A paper with any of these tags belongs to the topic.")
    )

    objects = TopicQuerySet.as_manager()

    class Meta:
        verbose_name = _("topic")
        ordering = ["name"]
        constraints = [models.CheckConstraint(condition=~models.Q(name=""), name="topic_has_a_name")]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("topics:topic", args=[self.slug])

    @property
    def papers(self) -> PaperQuerySet:
        """All papers with any of its tags, covered or not: for readers see issues.coverage.appearances."""
        return Paper.objects.filter(pk__in=_on_papers().filter(tag__topics=self).values("object_id"))


def _on_papers() -> models.QuerySet[models.Model]:
    """What is tagged may be anything; named in the query, a content type costs none of its own."""
    tagged: models.QuerySet[models.Model] = TaggedItem.objects.filter(
        content_type__app_label="papers", content_type__model="paper"
    )
    return tagged
