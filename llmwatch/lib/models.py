from django.db import models
from django.db.models.functions import Now


class Lane(models.Model):
    """One road that all processes share: the time of its next permitted start."""

    name = models.CharField(max_length=40, primary_key=True)
    next_start = models.DateTimeField(db_default=Now())

    class Meta:
        verbose_name = "lane"

    def __str__(self) -> str:
        return self.name
