"""The Celery app. Tasks carry ids and can run twice or be lost; what is due stands in the database."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "llmwatch.settings")

app = Celery("llmwatch")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
