"""Pulls: what the database refuses, and when one is gone on with."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, transaction

from core.clock import Clock
from papers.models import Pull

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
KEPT: dict[str, Any] = {"new": 2, "records": 2}


def make_pull(**fields: Any) -> Pull:
    defaults = {"source": "oai", "set_spec": "cs", "day": date(2026, 11, 20), "form": "arXivRaw"}
    return Pull.objects.create(**{**defaults, **fields})


def keep(pull: Pull, token: str) -> None:
    pull.keep(KEPT, token=token, sha256="a" * 64, took=timedelta(seconds=2))


@pytest.mark.parametrize(
    ("constraint", "fields"),
    [
        ("pull_source_known", {"source": "ftp"}),
        ("pull_outcome_known", {"outcome": "lost"}),
        ("pull_token_until_finished", {"outcome": "complete", "token": "t"}),
        ("pull_reason_where_stopped", {"outcome": "pending"}),
        ("pull_reason_where_stopped", {"outcome": "complete", "reason": "HTTP 503"}),
        ("pull_checkpoint_with_pages", {"pages": 1}),
        ("pull_reason_where_stopped", {"outcome": "missed"}),
        ("pull_resumed_until_finished", {"outcome": "complete", "resume_at": NOON}),
    ],
)
def test_the_database_refuses_what_makes_no_sense(constraint: str, fields: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        make_pull(**fields)


def test_a_window_is_begun_once_and_may_have_been_finished_before() -> None:
    make_pull(outcome="complete")
    make_pull(outcome="empty")
    make_pull()
    with pytest.raises(IntegrityError, match="pull_unfinished_once"), transaction.atomic():
        make_pull(outcome="pending", reason="HTTP 503")


def test_pages_add_up_until_the_last_one() -> None:
    pull = make_pull()
    keep(pull, "t")
    assert (pull.outcome, pull.is_unfinished) == ("running", True)
    keep(pull, "")
    pull.refresh_from_db()
    assert (pull.outcome, pull.pages, pull.records, pull.new) == ("complete", 2, 4, 4)
    assert pull.duration == timedelta(seconds=4)


@pytest.mark.parametrize(("later", "token"), [(timedelta(hours=11), "t"), (timedelta(hours=12), "")])
def test_a_token_holds_until_midnight_utc(later: timedelta, token: str) -> None:
    with time_machine.travel(NOON) as clock:
        pull = make_pull(started=NOON)
        keep(pull, "t")
        pull.stop(Pull.Outcome.PENDING, "HTTP 503")
        clock.move_to(NOON + later)
        pull.take_up()
    assert (pull.outcome, pull.token, pull.reason) == ("running", token, "")


def test_whole_is_what_was_read_to_the_last_record() -> None:
    whole = make_pull(outcome="complete")
    make_pull(outcome="complete", failed=1)
    make_pull(outcome="empty")
    make_pull()
    make_pull(outcome="complete", started=datetime(2026, 11, 20, 23, 59, tzinfo=UTC))
    assert list(Pull.objects.whole()) == [whole]


def test_a_pull_that_rests_or_runs_is_gone_on_with_later() -> None:
    make_pull(set_spec="rests", outcome="pending", reason="HTTP 503", resume_at=NOON + timedelta(minutes=15))
    make_pull(set_spec="left", outcome="pending", reason="HTTP 503")
    make_pull(set_spec="runs").take_up(clock=Clock(lambda: NOON))
    make_pull(set_spec="whole", outcome="complete")
    later = {minutes: NOON + timedelta(minutes=minutes) for minutes in (14, 15, 30)}
    found = {n: set(Pull.objects.resumable(now).values_list("set_spec", flat=True)) for n, now in later.items()}
    assert found == {14: {"left"}, 15: {"left", "rests"}, 30: {"left", "rests", "runs"}}


def test_the_last_page_ends_the_rest() -> None:
    pull = make_pull()
    pull.take_up(clock=Clock(lambda: NOON))
    keep(pull, "")
    assert (pull.outcome, pull.resume_at) == ("complete", None)
