from django.db import models
from django.db.models.functions import Now


class Lane(models.Model):
    """One road that all processes share: the time of its next permitted start, and until when it is closed."""

    name = models.CharField(max_length=40, primary_key=True)
    next_start = models.DateTimeField(db_default=Now())
    closed_until = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=200, blank=True, help_text="Why it is closed.")

    class Meta:
        verbose_name = "lane"

    def __str__(self) -> str:
        return self.name
