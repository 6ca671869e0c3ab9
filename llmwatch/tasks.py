"""The only task that beat calls."""

from celery import shared_task
from django.utils import timezone

import llmwatch.tick


@shared_task
def tick() -> None:
    llmwatch.tick.tick(timezone.now())
