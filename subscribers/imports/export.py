"""Subscribers as CSV in UTF-8: streamed, safe to open in a spreadsheet, and read back by `import_subscribers`."""

from __future__ import annotations

import csv
import logging
import re
from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final

from django.http import StreamingHttpResponse

from subscribers.models.subscriber import Subscriber, SubscriberQuerySet

log = logging.getLogger(__name__)

CSV_COLUMNS: Final = (
    "email name series status depth paid_until basis consent_at consent_where consent_words created".split()
)
_CHUNK: Final = 2_000  # people that are in memory at once
# A spreadsheet takes a cell that begins so for a formula; who has such an apostrophe already gets one more.
_FORMULA = re.compile(r"'*[=+\-@\t\r]")


def as_file(name: str, lines: Iterable[str | bytes]) -> StreamingHttpResponse:
    """CSV that the browser keeps under this name, sent as it is made."""
    answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer


class CsvPage:
    """What a CSV writer takes for a file: each line is handed on."""

    def write(self, line: str) -> str:
        return line


def csv_lines(subscribers: SubscriberQuerySet) -> Iterator[str]:
    """The head and a line each, in the order of signing up; memory stays the same for any number."""
    writer = csv.writer(CsvPage())
    yield writer.writerow(CSV_COLUMNS)
    people = subscribers.order_by("pk").prefetch_related("series").iterator(chunk_size=_CHUNK)
    yield from (writer.writerow([guard_cell(cell) for cell in _cells(person)]) for person in people)


def log_export(who: str, count: int) -> None:
    """Who carried how many away stands in the log."""
    log.info("subscribers.exported by=%s rows=%d", who, count)


def guard_cell(cell: str) -> str:
    return f"'{cell}" if _FORMULA.match(cell) else cell


def _cells(person: Subscriber) -> list[str]:
    return [
        person.email,
        person.name,
        ";".join(series.slug for series in person.series.all()),
        person.state,
        person.depth,
        _written(person.paid_until),
        person.basis,
        _written(person.consent_at),
        person.consent_where,
        person.consent_words,
        _written(person.created),
    ]


def _written(day: date | None) -> str:
    return day.isoformat() if day else ""
