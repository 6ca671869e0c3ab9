"""A list from an editor's upload to the last of its people: looked at, begun by a person, read by a worker."""

from __future__ import annotations

import csv
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from io import StringIO
from itertools import islice
from pathlib import Path
from typing import Any, Final

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from core.concurrency.advisory_locks import alone_at
from core.concurrency.time_budget import TimeBudget
from subscribers.addresses import BadAddress, address_hash
from subscribers.imports.columns import PersonStanding, Role
from subscribers.imports.csv_file import CsvSheet, PersonLine, UnreadableFile, inspect_file, read_people
from subscribers.imports.import_subscribers import (
    BATCH_SIZE,
    ConsentBasis,
    ImportRun,
    RejectedLine,
    series_by_name,
    wanted_address,
)
from subscribers.models import ImportChunk, Subscriber, SubscriberImport, Suppression

_SLICE: Final = 45.0  # seconds that a worker stays with one list before it looks at its other tasks
_SAMPLE: Final = 500  # lines that a preview looks at
MAX_SHOWN: Final = 8  # lines of it that are shown
ON_DISK: Final = "list.csv"  # whatever it was called: that may be too long for a file system
SAMPLE_PIECES: Final = 16  # of 64 kB, as uploads come


class _Overtaken(Exception):
    """Somebody stopped this list, or another worker reads it now."""


@dataclass(frozen=True, slots=True)
class ImportPreview:
    """How the beginning of a list is read, and what its people would come to."""

    sheet: CsvSheet
    lines: tuple[PersonLine, ...]
    new: int
    known: int
    suppressed: int
    left: int
    invalid: int

    @property
    def looked_at(self) -> int:
        return self.new + self.known + self.suppressed + self.left + self.invalid


def receive_upload(file: UploadedFile[Any], by: Any, now: datetime) -> SubscriberImport:
    """Keeps an upload in pieces. Raises Unreadable where it is no list of people."""
    name = Path(file.name or ON_DISK).name[:200]
    with tempfile.TemporaryDirectory(prefix="subscriber_import-") as folder:
        path = Path(folder) / ON_DISK
        with path.open("wb") as copy:
            copy.writelines(file.chunks())
        sheet = inspect_file(path)
    with transaction.atomic():
        subscriber_import = SubscriberImport.objects.create(
            name=name, by=by, size=file.size or 0, roles=list(sheet.roles), uploaded=now
        )
        for number, chunk in enumerate(file.chunks()):
            ImportChunk.objects.create(
                subscriber_import=subscriber_import, kind=ImportChunk.Kind.FILE, number=number, content=chunk
            )
    return subscriber_import


def preview_import(subscriber_import: SubscriberImport, roles: Iterable[str] = ()) -> ImportPreview:
    """With columns as a person says, else as they are guessed. Raises Unreadable."""
    with _on_disk(subscriber_import, pieces=SAMPLE_PIECES) as path:
        sheet = inspect_file(path).taking([Role(role) for role in roles or subscriber_import.roles])
        lines = [_judged(line) for line in islice(read_people(path, sheet), _SAMPLE) if not line.is_head]
    good = [(address_hash(line.email), line.standing) for line in lines if not line.fault]
    keys = {key for key, _standing in good}
    open_to = {key for key, stands in good if stands is not PersonStanding.GONE}
    known = set(Subscriber.objects.filter(address_hash__in=open_to).standing().values_list("address_hash", flat=True))
    shut = set(Suppression.objects.filter(address_hash__in=open_to).values_list("address_hash", flat=True))
    shut |= set(Subscriber.objects.filter(address_hash__in=open_to - known).values_list("address_hash", flat=True))
    return ImportPreview(
        sheet,
        tuple(lines[:MAX_SHOWN]),
        new=len(open_to - known - shut),
        known=len(known - shut),
        suppressed=len(shut),
        left=len(keys - open_to),
        invalid=len(lines) - len(good),
    )


def work_on_import(key: int, seconds: float = _SLICE) -> bool:
    """A worker's slice, from where the last one stopped, however it did; whether more is to be done."""
    subscriber_import = SubscriberImport.objects.running().filter(pk=key).first()
    if subscriber_import is None:
        return False
    with alone_at(f"list:{key}") as is_ours:
        return (
            is_ours
            and subscriber_import.take_up(timezone.now())
            and not _worked_off(SubscriberImport.objects.get(pk=key), seconds)
        )


def due_imports(now: datetime) -> tuple[int, ...]:
    """Forgets what is old, and gives the lists that a worker is to take up."""
    for subscriber_import in SubscriberImport.objects.outlived(now):
        subscriber_import.forget(now)
    return tuple(SubscriberImport.objects.running().order_by("pk").values_list("pk", flat=True))


def _worked_off(subscriber_import: SubscriberImport, seconds: float) -> bool:
    """Whether it is over, for whatever reason."""
    try:
        with _on_disk(subscriber_import) as path:
            is_read = _read(subscriber_import, path, seconds)
    except UnreadableFile as error:
        subscriber_import.end(timezone.now(), str(error))
    except _Overtaken:
        return True
    else:
        if not is_read:
            return False
        subscriber_import.end(timezone.now())
    return True


def _read(subscriber_import: SubscriberImport, path: Path, seconds: float) -> bool:
    """Batch by batch, each for good with its counts and report; whether the end was reached in time."""
    basis = ConsentBasis(
        subscriber_import.name,
        subscriber_import.confirmed,
        subscriber_import.begun_at or subscriber_import.uploaded,
        subscriber_import.words,
    )
    run = ImportRun(basis, series_by_name(), subscriber_import.meet, Counter(subscriber_import.counts))
    sheet = inspect_file(path).taking([Role(role) for role in subscriber_import.roles])
    lines, budget = read_people(path, sheet, after=subscriber_import.lines_done), TimeBudget(seconds)
    while batch := list(islice(lines, BATCH_SIZE)):
        with transaction.atomic():
            untaken = run.take(batch)
            _keep(subscriber_import, untaken)
            if not subscriber_import.advance(len(batch), run.counts, timezone.now()):
                raise _Overtaken
        if not budget.goes_on():
            return False
    return True


def _keep(subscriber_import: SubscriberImport, untaken: list[RejectedLine]) -> None:
    """The report grows by a piece with each batch."""
    if untaken:
        text = StringIO(newline="")
        csv.writer(text).writerows((one.number, one.why) for one in untaken)
        ImportChunk.objects.create(
            subscriber_import=subscriber_import,
            kind=ImportChunk.Kind.REPORT,
            number=subscriber_import.lines_done // BATCH_SIZE,
            content=text.getvalue().encode(),
        )


def report_lines(subscriber_import: SubscriberImport) -> Iterator[bytes]:
    """Every line that brought nobody in, as CSV."""
    yield b"line,why\r\n"
    yield from subscriber_import.content(ImportChunk.Kind.REPORT)


def _judged(line: PersonLine) -> PersonLine:
    """With the address in its normal form, or the sentence why it would not be taken."""
    try:
        return line if line.fault else replace(line, email=wanted_address(line))
    except BadAddress as error:
        return replace(line, fault=str(error))


@contextmanager
def _on_disk(subscriber_import: SubscriberImport, pieces: int | None = None) -> Iterator[Path]:
    """The file, or its beginning; gone afterwards. Raises Unreadable where it was forgotten."""
    with tempfile.TemporaryDirectory(prefix="subscriber_import-") as folder:
        path = Path(folder) / ON_DISK
        with path.open("wb") as copy:
            copy.writelines(islice(subscriber_import.content(ImportChunk.Kind.FILE), pieces))
        if not path.stat().st_size:
            raise UnreadableFile(_("%s is not kept any more; upload it again.") % subscriber_import.name)
        yield path
