"""A link of a paper, and whether what it leads to still answers."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from papers.models.paper import Paper

# A claim holds for so long: what a killed process had taken up is checked again then.
CLAIM_TIME: Final = timedelta(hours=1)
# Between two checks of a link; also how long it must fail before it is called dead.
_WEEK: Final = timedelta(days=7)
CHECK_INTERVAL: Final = ("checked", "check_after", "state", "fault", "failures", "failing_since")


class PaperLinkQuerySet(models.QuerySet["PaperLink"]):
    def due(self, now: datetime) -> PaperLinkQuerySet:
        """Links that may be checked now: those never checked first, then those that wait the longest."""
        due = self.filter(Q(check_after=None) | Q(check_after__lte=now))
        return due.order_by(models.F("check_after").asc(nulls_first=True), "pk")

    def claim(self, link: PaperLink, now: datetime) -> bool:
        """Whether whoever calls may check this link now; nobody else may for an hour."""
        return self.filter(pk=link.pk).due(now).order_by().update(check_after=now + CLAIM_TIME) == 1

    def dead(self) -> PaperLinkQuerySet:
        """Links that failed twice, a week or more apart, and never answered in between; the longest dead first."""
        return self.filter(state__in=PaperLink.DEAD).order_by("failing_since", "pk")


class PaperLink(models.Model):
    class Kind(models.TextChoices):
        PAPER = "paper", _("paper")
        CODE = "code", _("code")
        PROJECT = "project", _("project")
        DATA = "data", _("data")
        MODEL = "model", _("model")
        VIDEO = "video", _("video")
        THREAD = "thread", _("thread")

    class Where(models.TextChoices):
        ABSTRACT = "abstract", _("abstract")
        COMMENT = "comment", _("comment")
        GIVEN = "given", _("given by the source")
        HUGGINGFACE = "huggingface", _("Hugging Face")
        ISSUE = "issue", _("an issue")
        EDITOR = "editor", _("an editor")

    class State(models.TextChoices):
        UNCHECKED = "", _("not checked yet")
        ALIVE = "alive", _("answers")
        FAILING = "failing", _("failed lately")
        GONE = "gone", _("gone")
        SILENT = "silent", _("does not answer")
        UNTOLD = "untold", _("cannot be told")

    DEAD: Final = (State.GONE, State.SILENT)

    paper = models.ForeignKey(Paper, on_delete=models.CASCADE, related_name="links")
    kind = models.CharField(max_length=10, choices=Kind)
    url = models.URLField(max_length=2000)
    where = models.CharField(_("found in"), max_length=12, choices=Where, default=Where.EDITOR)
    # What checks have found. Sources and editors write none of these.
    state = models.CharField(
        max_length=8, choices=State, blank=True, default=State.UNCHECKED, db_default="", editable=False
    )
    checked = models.DateTimeField(null=True, blank=True, editable=False)
    check_after = models.DateTimeField(null=True, blank=True, editable=False)
    failures = models.PositiveSmallIntegerField(
        default=0, db_default=0, editable=False, help_text=_("How many checks in a row failed.")
    )
    failing_since = models.DateTimeField(null=True, blank=True, editable=False)
    fault = models.CharField(max_length=200, blank=True, default="", db_default="", editable=False)

    objects = PaperLinkQuerySet.as_manager()

    class Meta:
        verbose_name = _("link")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["paper", "url"], name="paperlink_once"),
            models.CheckConstraint(
                condition=Q(kind__in=["paper", "code", "project", "data", "model", "video", "thread"]),
                name="paperlink_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["", "alive", "failing", "gone", "silent", "untold"]),
                name="paperlink_state_known",
            ),
            models.CheckConstraint(
                condition=Q(failures=0, failing_since__isnull=True) | Q(failures__gt=0, failing_since__isnull=False),
                name="paperlink_failing_since_its_first_failure",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["gone", "silent"]) | Q(failures__gte=2),
                name="paperlink_dead_after_two_failures",
            ),
        ]
        indexes = [
            models.Index(fields=["failing_since"], name="paperlink_dead", condition=Q(state__in=["gone", "silent"])),
        ]

    def __str__(self) -> str:
        return self.url

    @property
    def is_dead(self) -> bool:
        return self.state in PaperLink.DEAD

    def answered(self, now: datetime) -> None:
        """Alive, whatever it was before."""
        self._checked(now, PaperLink.State.ALIVE, "", failures=0, since=None)

    def failed(self, now: datetime, fault: str, *, gone: bool) -> None:
        """One failure more; dead where the first of them in a row was a week ago. `gone`: it says so itself."""
        since = self.failing_since or now
        dead = PaperLink.State.GONE if gone else PaperLink.State.SILENT
        state = dead if now - since >= _WEEK else PaperLink.State.FAILING
        self._checked(now, state, fault, failures=self.failures + 1, since=since)

    def stayed_untold(self, now: datetime, fault: str) -> None:
        """The site answers machines otherwise than people, so what was known of the link stands."""
        state = self.state if self.failures else PaperLink.State.UNTOLD
        self._checked(now, state, fault, failures=self.failures, since=self.failing_since)

    def _checked(self, now: datetime, state: str, fault: str, *, failures: int, since: datetime | None) -> None:
        self.checked, self.check_after = now, now + _WEEK
        self.state, self.fault, self.failures, self.failing_since = state, fault[:200], failures, since
        self.save(update_fields=CHECK_INTERVAL)

    def forget_checks(self) -> None:
        """It leads elsewhere now; not saved."""
        self.checked = self.check_after = self.failing_since = None
        self.state, self.fault, self.failures = PaperLink.State.UNCHECKED, "", 0
