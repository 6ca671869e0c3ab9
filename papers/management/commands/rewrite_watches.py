"""`manage.py rewrite_watches`: for watches that were loaded from an earlier checkout."""

from typing import Any

from django.core.management.base import BaseCommand
from django.db import transaction

from papers.models import Watch
from papers.watches.rewrite import rewrite_expression


class Command(BaseCommand):
    help = (
        "Writes and, or and not of all watches in capitals, as operators are written since. Run it once, after loading "
        "watches of an earlier checkout: in watches written since, a small “or” is a word and would become an operator."
    )

    @transaction.atomic
    def handle(self, *args: Any, **options: Any) -> None:
        for watch in Watch.objects.select_for_update().order_by("pk"):
            rewritten = rewrite_expression(watch.words)
            if rewritten != watch.words:
                Watch.objects.filter(pk=watch.pk).update(words=rewritten)
                self.stdout.write(f"{watch.slug}: {watch.words} → {rewritten}")
