"""An issue: its head, its state, and the rules about both. Its body is an ordered list of blocks."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from content_editor.models import Region
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Max, Q
from django.db.models.functions import Now
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from issues.models.series import Access, Series
from issues.models.upload_paths import hidden_path

if TYPE_CHECKING:
    from issues.models.edition import Edition


class IssueQuerySet(models.QuerySet["Issue"]):
    def published(self) -> IssueQuerySet:
        """Issues that readers can open, newest first."""
        return self.filter(state=Issue.State.PUBLISHED).order_by("-published_at", "-pk")

    def of(self, series: Series | None) -> IssueQuerySet:
        """Issues of this series; of all where none is given."""
        return self if series is None else self.filter(series=series)

    def due(self, now: datetime) -> IssueQuerySet:
        """Scheduled issues whose hour has come."""
        return self.filter(state=Issue.State.SCHEDULED, publish_at__lte=now).order_by("publish_at", "pk")

    def publishable(self) -> IssueQuerySet:
        """Issues that are not public yet and may become so."""
        return self.filter(state__in=[Issue.State.DRAFT, Issue.State.SCHEDULED])

    def next_number(self) -> int:
        """Numbers are one row over all series."""
        return (self.aggregate(last=Max("number"))["last"] or 0) + 1

    def named(self, name: str) -> IssueQuerySet:
        """The issue that the command line calls by its slug or, where it has one, its number."""
        return self.filter(Q(slug=name) | Q(number=int(name)) if name.isdecimal() and len(name) < 9 else Q(slug=name))


def cover_path(issue: Issue, name: str) -> str:
    return hidden_path("covers", name)


class Issue(models.Model):
    class State(models.TextChoices):
        DRAFT = "draft", _("draft")
        SCHEDULED = "scheduled", _("scheduled")
        PUBLISHED = "published", _("published")
        REMOVED = "removed", _("removed")

    series = models.ForeignKey(Series, on_delete=models.PROTECT, related_name="issues", null=True, blank=True)
    number = models.PositiveIntegerField(unique=True, null=True, blank=True)
    title = models.CharField(max_length=300)
    subtitle = models.CharField(max_length=300, blank=True)
    slug = models.SlugField(max_length=200, unique=True)
    authors = ArrayField(
        models.CharField(max_length=120), default=list, blank=True, help_text=_("Separated by commas.")
    )
    cover = models.ImageField(
        upload_to=cover_path,
        width_field="cover_width",
        height_field="cover_height",
        blank=True,
        help_text=_("Below the title, in feeds, and where the issue is shared: also of an issue for supporters."),
    )
    cover_alt = models.CharField(
        _("alternative text"),
        max_length=500,
        blank=True,
        help_text=_("What the cover shows, for those who cannot see it."),
    )
    cover_width = models.PositiveIntegerField(null=True, blank=True, editable=False)
    cover_height = models.PositiveIntegerField(null=True, blank=True, editable=False)
    mail_subject = models.CharField(max_length=300, blank=True, help_text=_("Empty: the title."))
    preheader = models.CharField(
        max_length=200, blank=True, help_text=_("The line that mail clients show after the subject.")
    )
    access = models.CharField(max_length=12, choices=Access, default=Access.EVERYONE)
    state = models.CharField(max_length=12, choices=State, default=State.DRAFT, editable=False)
    publish_at = models.DateTimeField(null=True, blank=True, editable=False)
    published_at = models.DateTimeField(null=True, blank=True, editable=False)
    # The only intent to mail that exists: null unless somebody asked for a mailing.
    mail_at = models.DateTimeField(null=True, blank=True, editable=False)
    created = models.DateTimeField(db_default=Now(), editable=False)

    objects = IssueQuerySet.as_manager()
    regions = [Region(key="main", title=_("The issue"))]

    class Meta:
        verbose_name = _("issue")
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["draft", "scheduled", "published", "removed"]),
                name="issue_state_known",
            ),
            models.CheckConstraint(
                condition=~Q(state="published") | Q(published_at__isnull=False),
                name="issue_published_has_a_time",
            ),
            models.CheckConstraint(
                condition=Q(state="scheduled", publish_at__isnull=False)
                | (~Q(state="scheduled") & Q(publish_at__isnull=True)),
                name="issue_publish_at_only_when_scheduled",
            ),
            models.CheckConstraint(condition=~Q(title=""), name="issue_has_a_title"),
        ]
        indexes = [models.Index(fields=["state", "-published_at"], name="issue_state_published_at")]

    def __str__(self) -> str:
        return f"{self.number}. {self.title}" if self.number else self.title

    def get_absolute_url(self) -> str:
        return reverse("issues:issue", args=[self.slug])

    @property
    def is_published(self) -> bool:
        return self.state == Issue.State.PUBLISHED

    @property
    def is_removed(self) -> bool:
        return self.state == Issue.State.REMOVED

    @property
    def is_scheduled(self) -> bool:
        return self.state == Issue.State.SCHEDULED

    @property
    def is_publishable(self) -> bool:
        return self.state in {Issue.State.DRAFT, Issue.State.SCHEDULED}

    def is_due(self, now: datetime) -> bool:
        return self.state == Issue.State.SCHEDULED and self.publish_at is not None and self.publish_at <= now

    @property
    def public_edition(self) -> Edition | None:
        """What readers see of this issue; None before it is published."""
        return self.editions.public().first()

    @property
    def imported_edition(self) -> Edition | None:
        """The issue as the last import left it; None where it was not imported."""
        return self.editions.filter(kind="imported").order_by("-number").first()
