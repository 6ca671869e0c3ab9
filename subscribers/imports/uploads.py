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
from mailings.engine.worker import Shift
from subscribers.addresses import BadAddress, address_hash
from subscribers.imports.columns import Role, Standing
from subscribers.imports.csv_file import Line, Sheet, Unreadable, look_at, read
from subscribers.imports.import_subscribers import BATCH, Basis, Import, Untaken, series_by_name, wanted_address
from subscribers.models import Intake, IntakePiece, Subscriber, Suppression

SLICE: Final = 45.0  # seconds that a worker stays with one list before it looks at its other tasks
SAMPLE: Final = 500  # lines that a preview looks at
SHOWN: Final = 8  # lines of it that are shown
ON_DISK: Final = "list.csv"  # whatever it was called: that may be too long for a file system
SAMPLE_PIECES: Final = 16  # of 64 kB, as uploads come


class Overtaken(Exception):
    """Somebody stopped this list, or another worker reads it now."""


@dataclass(frozen=True, slots=True)
class Preview:
    """How the beginning of a list is read, and what its people would come to."""

    sheet: Sheet
    lines: tuple[Line, ...]
    new: int
    known: int
    suppressed: int
    left: int
    invalid: int

    @property
    def looked_at(self) -> int:
        return self.new + self.known + self.suppressed + self.left + self.invalid


def receive(file: UploadedFile[Any], by: Any, now: datetime) -> Intake:
    """Keeps an upload in pieces. Raises Unreadable where it is no list of people."""
    name = Path(file.name or ON_DISK).name[:200]
    with tempfile.TemporaryDirectory(prefix="intake-") as folder:
        path = Path(folder) / ON_DISK
        with path.open("wb") as copy:
            copy.writelines(file.chunks())
        sheet = look_at(path)
    with transaction.atomic():
        intake = Intake.objects.create(name=name, by=by, size=file.size or 0, roles=list(sheet.roles), uploaded=now)
        for number, chunk in enumerate(file.chunks()):
            IntakePiece.objects.create(intake=intake, kind=IntakePiece.Kind.FILE, number=number, content=chunk)
    return intake


def preview(intake: Intake, roles: Iterable[str] = ()) -> Preview:
    """With columns as a person says, else as they are guessed. Raises Unreadable."""
    with _on_disk(intake, pieces=SAMPLE_PIECES) as path:
        sheet = look_at(path).taking([Role(role) for role in roles or intake.roles])
        lines = [_judged(line) for line in islice(read(path, sheet), SAMPLE) if not line.is_head]
    good = [(address_hash(line.email), line.standing) for line in lines if not line.fault]
    keys = {key for key, _standing in good}
    open_to = {key for key, stands in good if stands is not Standing.GONE}
    known = set(Subscriber.objects.filter(address_hash__in=open_to).standing().values_list("address_hash", flat=True))
    shut = set(Suppression.objects.filter(address_hash__in=open_to).values_list("address_hash", flat=True))
    shut |= set(Subscriber.objects.filter(address_hash__in=open_to - known).values_list("address_hash", flat=True))
    return Preview(
        sheet,
        tuple(lines[:SHOWN]),
        new=len(open_to - known - shut),
        known=len(known - shut),
        suppressed=len(shut),
        left=len(keys - open_to),
        invalid=len(lines) - len(good),
    )


def work(key: int, seconds: float = SLICE) -> bool:
    """A worker's slice, from where the last one stopped, however it did; whether more is to be done."""
    intake = Intake.objects.running().filter(pk=key).first()
    if intake is None:
        return False
    with alone_at(f"list:{key}") as is_ours:
        return is_ours and intake.take_up(timezone.now()) and not _worked_off(Intake.objects.get(pk=key), seconds)


def look(now: datetime) -> tuple[int, ...]:
    """Forgets what is old, and gives the lists that a worker is to take up."""
    for intake in Intake.objects.outlived(now):
        intake.forget(now)
    return tuple(Intake.objects.running().order_by("pk").values_list("pk", flat=True))


def _worked_off(intake: Intake, seconds: float) -> bool:
    """Whether it is over, for whatever reason."""
    try:
        with _on_disk(intake) as path:
            is_read = _read(intake, path, seconds)
    except Unreadable as error:
        intake.end(timezone.now(), str(error))
    except Overtaken:
        return True
    else:
        if not is_read:
            return False
        intake.end(timezone.now())
    return True


def _read(intake: Intake, path: Path, seconds: float) -> bool:
    """Batch by batch, each for good with its counts and report; whether the end was reached in time."""
    basis = Basis(intake.name, intake.confirmed, intake.begun_at or intake.uploaded, intake.words)
    run = Import(basis, series_by_name(), intake.meet, Counter(intake.counts))
    sheet = look_at(path).taking([Role(role) for role in intake.roles])
    lines, shift = read(path, sheet, after=intake.lines_done), Shift(seconds)
    while batch := list(islice(lines, BATCH)):
        with transaction.atomic():
            untaken = run.take(batch)
            _keep(intake, untaken)
            if not intake.advance(len(batch), run.counts, timezone.now()):
                raise Overtaken
        if not shift.goes_on():
            return False
    return True


def _keep(intake: Intake, untaken: list[Untaken]) -> None:
    """The report grows by a piece with each batch."""
    if untaken:
        text = StringIO(newline="")
        csv.writer(text).writerows((one.number, one.why) for one in untaken)
        IntakePiece.objects.create(
            intake=intake,
            kind=IntakePiece.Kind.REPORT,
            number=intake.lines_done // BATCH,
            content=text.getvalue().encode(),
        )


def report(intake: Intake) -> Iterator[bytes]:
    """Every line that brought nobody in, as CSV."""
    yield b"line,why\r\n"
    yield from intake.content(IntakePiece.Kind.REPORT)


def _judged(line: Line) -> Line:
    """With the address in its normal form, or the sentence why it would not be taken."""
    try:
        return line if line.fault else replace(line, email=wanted_address(line))
    except BadAddress as error:
        return replace(line, fault=str(error))


@contextmanager
def _on_disk(intake: Intake, pieces: int | None = None) -> Iterator[Path]:
    """The file, or its beginning; gone afterwards. Raises Unreadable where it was forgotten."""
    with tempfile.TemporaryDirectory(prefix="intake-") as folder:
        path = Path(folder) / ON_DISK
        with path.open("wb") as copy:
            copy.writelines(islice(intake.content(IntakePiece.Kind.FILE), pieces))
        if not path.stat().st_size:
            raise Unreadable(_("%s is not kept any more; upload it again.") % intake.name)
        yield path
