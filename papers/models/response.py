"""What arXiv answered, byte by byte, kept for a while: to be read again by a better parser, or by a person."""

from __future__ import annotations

import hashlib
import zlib
from datetime import datetime
from typing import Final

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from papers.models.pull import Pull

_LEVEL: Final = 6  # of zlib; lzma makes it a fifth smaller and takes fifteen times as long


class ArxivResponseQuerySet(models.QuerySet["ArxivResponse"]):
    def readable(self) -> ArxivResponseQuerySet:
        return self.filter(fault="")

    def latest_of(self, asked: str) -> ArxivResponse | None:
        """What was last read at this address, where it could be read."""
        return self.readable().filter(asked=asked).order_by("-fetched", "-pk").first()

    def keep(self, body: ArxivResponse) -> None:
        """The same bytes are kept once, with when and at which address they were last got."""
        told = ["source", "asked", "status", "etag", "fault", "fetched"]
        self.bulk_create([body], update_conflicts=True, unique_fields=["sha256"], update_fields=told)


class ArxivResponse(models.Model):
    """The body of one answer."""

    source = models.CharField(max_length=4, choices=Pull.Source)
    asked = models.TextField(_("address asked"))
    status = models.PositiveSmallIntegerField(_("HTTP status"))
    etag = models.CharField(_("ETag"), max_length=200, blank=True)
    fault = models.TextField(blank=True, help_text=_("Why it could not be read."))
    fetched = models.DateTimeField(help_text=_("The last time."))
    sha256 = models.CharField(max_length=64, unique=True)
    size = models.PositiveIntegerField(help_text=_("Bytes, before they were compressed."))
    content = models.BinaryField(help_text=_("Compressed by zlib."))

    objects = ArxivResponseQuerySet.as_manager()

    class Meta:
        verbose_name = _("body")
        verbose_name_plural = _("bodies")
        ordering = ["-fetched", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(source__in=["atom", "oai", "rss"]), name="body_source_known"),
        ]
        indexes = [models.Index(fields=["fetched"], name="body_fetched")]

    def __str__(self) -> str:
        return f"{self.source} {self.fetched:%Y-%m-%d %H:%M}"

    @classmethod
    def of(
        cls, body: bytes, *, source: str, asked: str, status: int, fetched: datetime, etag: str = "", fault: str = ""
    ) -> ArxivResponse:
        return cls(
            source=source,
            asked=asked,
            status=status,
            etag=etag,
            fault=fault,
            fetched=fetched,
            sha256=hashlib.sha256(body).hexdigest(),
            size=len(body),
            content=zlib.compress(body, _LEVEL),
        )

    @property
    def whole(self) -> bytes:
        return zlib.decompress(self.content)
