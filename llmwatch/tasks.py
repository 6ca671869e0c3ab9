"""The only task that beat calls."""

from celery import shared_task
from django.utils import timezone

from llmwatch import tick as clock


@shared_task
def tick() -> None:
    clock.tick(timezone.now())
