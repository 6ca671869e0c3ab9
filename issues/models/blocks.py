"""The blocks of an issue: typed, ordered, edited on one page. Lists inside a block are lines of plain text."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from glossary.models import GlossaryTerm
from issues.document import values
from issues.models.issue import Issue
from issues.models.poll import Poll
from issues.models.upload_paths import hidden_path
from papers.models import Paper

if TYPE_CHECKING:
    PluginBase = models.Model
else:
    from content_editor.models import PluginBase  # untyped: the one shim


class Block(PluginBase):
    """What all blocks share; the UUID is the anchor that corrections and polls point at.

    `value_class` is what a row of this kind is in a document.
    """

    value_class: ClassVar[type[values.BlockKind]]
    parent = models.ForeignKey(Issue, on_delete=models.CASCADE, related_name="%(class)s_blocks")
    region = models.CharField(max_length=20, default="main")
    ordering = models.IntegerField(default=0)
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)

    class Meta:
        abstract = True
        ordering = ["ordering", "pk"]

    face = ""  # what a list of blocks calls it where its own words do not say; set by who loads it

    def __str__(self) -> str:
        words = (getattr(self, name, "") for name in ("face", "heading", "lead_in", "text", "items", "entries", "alt"))
        return next(filter(None, words), str(self._meta.verbose_name)).strip()[:100]


class Text(Block):
    value_class = values.TextBlock
    heading = models.CharField(max_length=300, blank=True)
    text = models.TextField(help_text=_("Markdown."))

    class Meta(Block.Meta):
        verbose_name = _("text")
        verbose_name_plural = _("texts")


class Teasers(Block):
    value_class = values.TeasersBlock
    lead_in = models.TextField(blank=True, help_text=_("The line before the list."))
    items = models.TextField(_("teasers"), help_text=_("One a line."))
    closing = models.TextField(blank=True, help_text=_("The line after the list."))

    class Meta(Block.Meta):
        verbose_name = _("teasers")
        verbose_name_plural = _("teasers")


class Themes(Block):
    value_class = values.ThemesBlock
    heading = models.CharField(max_length=300, blank=True)
    lead_in = models.TextField(blank=True)
    items = models.TextField(_("statements"), help_text=_("A paragraph each, with an empty line between them."))

    class Meta(Block.Meta):
        verbose_name = _("executive summary")
        verbose_name_plural = _("executive summaries")


class Glossary(Block):
    value_class = values.GlossaryBlock
    heading = models.CharField(max_length=300, blank=True)
    entries = models.TextField(
        _("terms"),
        help_text=_("One a line: a term's name, or “Name (qualifier): definition” for a wording of this issue's own."),
    )
    terms = models.ManyToManyField(GlossaryTerm, related_name="glossary_blocks", blank=True, editable=False)

    class Meta(Block.Meta):
        verbose_name = _("glossary")
        verbose_name_plural = _("glossaries")


class Highlight(Block):
    value_class = values.HighlightBlock

    class Origin(models.TextChoices):
        PERSON = "person", _("written by a person")
        MACHINE = "machine", _("machine draft, edited by a person")

    heading = models.CharField(max_length=400, blank=True, help_text=_("Empty: the title of its paper."))
    papers = models.ManyToManyField(Paper, related_name="highlights", blank=True)
    printed_links = models.CharField(
        _("links"),
        max_length=200,
        blank=True,
        help_text=_(
            "The kinds printed after the title, e.g. “paper/code”; "
            "“paper/code, paper” for two papers. Empty: all known."
        ),
    )
    text = models.TextField(help_text=_("Markdown. A line “### What problem does it solve?” begins a labelled part."))
    origin = models.CharField(max_length=10, choices=Origin, default=Origin.PERSON)
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    checked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    checked_at = models.DateTimeField(null=True, blank=True)

    class Meta(Block.Meta):
        verbose_name = _("highlight")
        verbose_name_plural = _("highlights")
        constraints = [
            models.CheckConstraint(condition=models.Q(origin__in=["person", "machine"]), name="highlight_origin_known"),
        ]


def figure_path(figure: Figure, name: str) -> str:
    return hidden_path("figures", name)


class Figure(Block):
    value_class = values.FigureBlock
    image = models.ImageField(upload_to=figure_path, width_field="width", height_field="height")
    width = models.PositiveIntegerField(null=True, blank=True, editable=False)
    height = models.PositiveIntegerField(null=True, blank=True, editable=False)
    alt = models.CharField(
        _("alternative text"),
        max_length=500,
        help_text=_("What the image shows, for those who cannot see it."),
    )
    caption = models.TextField(blank=True)
    credit = models.CharField(max_length=300, blank=True)
    licence = models.CharField(max_length=100, blank=True, help_text=_("e.g. CC BY 4.0"))

    class Meta(Block.Meta):
        verbose_name = _("figure")
        verbose_name_plural = _("figures")


class PollBlock(Block):
    value_class = values.PollValue
    poll = models.ForeignKey(Poll, on_delete=models.PROTECT, related_name="blocks")

    class Meta(Block.Meta):
        verbose_name = _("poll")
        verbose_name_plural = _("polls")


class PollResults(Block):
    value_class = values.PollResultsBlock
    poll = models.ForeignKey(Poll, on_delete=models.PROTECT, related_name="results_blocks")
    text = models.TextField(_("comment"), blank=True)

    class Meta(Block.Meta):
        verbose_name = _("poll results")
        verbose_name_plural = _("poll results")


class Sponsor(Block):
    value_class = values.SponsorBlock
    heading = models.CharField(max_length=300)
    url = models.URLField(max_length=2000, blank=True)
    text = models.TextField(help_text=_("Markdown."))
    lines = models.TextField(blank=True, help_text=_("One “Label: value” a line."))

    class Meta(Block.Meta):
        verbose_name = _("sponsor")
        verbose_name_plural = _("sponsors")


class Paywall(Block):
    value_class = values.PaywallBlock
    text = models.TextField(
        blank=True, help_text=_("What other readers see here instead of the rest, which is for supporters.")
    )

    class Meta(Block.Meta):
        verbose_name = _("paywall")
        verbose_name_plural = _("paywalls")


BLOCK_MODELS: tuple[type[Block], ...] = tuple(Block.__subclasses__())  # all of the above, in their order
