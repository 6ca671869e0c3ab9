"""The sample issue: our own words about real papers. `load()` brings it into an empty database and publishes it."""

import json
from datetime import timedelta
from pathlib import Path

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone

from core.command_reports import Report
from issues.imports.import_issue import import_issue
from issues.models import Poll, Vote
from papers.ingest.bulk_load import load_files as load_papers
from subscribers.models import Subscriber

SAMPLE_FOLDER = Path(__file__).resolve().parent
SAMPLE_SLUG = "eight-papers-that-gave-the-language-model-its-shape"

SAMPLE_READERS = 12
EARLIER_POLL = "where-do-you-read"
_QUESTION = "Where do you read newsletters?"
SAMPLE_VOTES = {"In the mailbox": 23, "On the web": 14, "In a feed reader": 9}


def load_files() -> tuple[Report, Report]:
    """Safe twice: what is there already stays as it is. Reports on the papers and on the issue."""
    _copy_pictures()
    papers = load_papers([SAMPLE_FOLDER / "papers.jsonl"])
    # With the issue there, all is: a demo that was stopped before begins again.
    with transaction.atomic():
        _subscribe()
        _cast_votes()
        return papers, import_issue(SAMPLE_FOLDER / "issue.md", publish=True)


def _subscribe() -> None:
    """The demo's readers, who are nobody: example.org takes no mail. One has paid, one wants the highlights only."""
    for number in range(1, SAMPLE_READERS + 1):
        address = f"reader-{number}@example.org"
        if not Subscriber.objects.at(address).exists():
            Subscriber.objects.create(
                email=address,
                name=f"Reader {number}",
                state=Subscriber.State.ACTIVE,
                basis=Subscriber.Basis.IMPORTED,
                consent_words="A reader of the demo.",
                depth=Subscriber.Depth.HIGHLIGHTS if number == 2 else Subscriber.Depth.FULL,
                paid_until=timezone.localdate() + timedelta(days=365) if number == 1 else None,
            )


def _cast_votes() -> None:
    poll, is_new = Poll.objects.get_or_create(slug=EARLIER_POLL, defaults={"question": _QUESTION, "is_open": False})
    for position, (label, count) in enumerate(SAMPLE_VOTES.items() if is_new else (), start=1):
        choice = poll.choices.create(label=label, position=position)
        Vote.objects.bulk_create(Vote(poll=poll, choice=choice, voter=f"{label} {n}") for n in range(count))


def _copy_pictures() -> None:
    for picture in sorted((SAMPLE_FOLDER / "figures").glob("*.*")):
        name = f"figures/{picture.name}"
        if not default_storage.exists(name):
            default_storage.save(name, ContentFile(picture.read_bytes()))


def paper_ids() -> list[str]:
    """The arXiv ids of its papers."""
    return [json.loads(line)["arxiv_id"] for line in (SAMPLE_FOLDER / "papers.jsonl").read_text().splitlines()]
