"""Alarms: one stands for each cause, and it is not told again while people still know of it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from core import alarms
from core.models import Alarm

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
pytestmark = pytest.mark.django_db


def standing() -> list[tuple[str, str]]:
    return list(Alarm.objects.open().values_list("key", "sentence"))


def test_an_alarm_that_is_raised_again_keeps_its_time_and_says_what_is_so_now() -> None:
    alarms.raise_alarm("arxiv.refused", "arXiv refuses.", now=NOON)
    alarms.raise_alarm("arxiv.refused", "arXiv refuses still.", now=NOON + HOUR)
    alarm = Alarm.objects.get()
    assert (alarm.raised, alarm.sentence) == (NOON, "arXiv refuses still.")


def test_a_lowered_alarm_stands_no_longer_and_can_come_again() -> None:
    alarms.raise_alarm("arxiv.refused", "arXiv refuses.", now=NOON)
    alarms.lower_alarm("arxiv.refused", now=NOON + HOUR)
    assert standing() == []
    alarms.raise_alarm("arxiv.refused", "arXiv refuses again.", now=NOON + DAY)
    assert standing() == [("arxiv.refused", "arXiv refuses again.")]
    assert Alarm.objects.count() == 2


def test_lowering_what_does_not_stand_changes_nothing() -> None:
    alarms.raise_alarm("arxiv.refused", "arXiv refuses.", now=NOON)
    alarms.lower_alarm("mail.paused:7")
    assert standing() == [("arxiv.refused", "arXiv refuses.")]


def test_of_one_kind_only_those_still_found_go_on_standing() -> None:
    for key in ("silence:cs.CL", "silence:cs.LG", "mail.paused:7"):
        alarms.raise_alarm(key, "Look.", now=NOON)
    alarms.lower_others("silence:", ["silence:cs.LG"], now=NOON)
    assert [key for key, _ in standing()] == ["silence:cs.LG", "mail.paused:7"]


def test_what_a_person_put_away_is_not_seen_again_while_its_cause_lasts() -> None:
    alarms.raise_alarm("silence:cs.CL", "Look.", now=NOON)
    assert alarms.settle_alarm(Alarm.objects.get().pk, NOON)
    alarms.raise_alarm("silence:cs.CL", "Look again.", now=NOON + HOUR)
    assert standing() == []
    alarms.lower_alarm("silence:cs.CL", now=NOON + DAY)
    alarms.raise_alarm("silence:cs.CL", "A new one.", now=NOON + DAY)
    assert standing() == [("silence:cs.CL", "A new one.")]


@pytest.mark.parametrize(("gone", "known"), [(HOUR, True), (2 * DAY, False)])
def test_an_alarm_that_comes_again_within_a_day_counts_as_told(gone: timedelta, known: bool) -> None:
    alarms.raise_alarm("mail.paused:7", "Paused.", now=NOON)
    Alarm.objects.update(told=NOON)
    alarms.lower_alarm("mail.paused:7", now=NOON + HOUR)
    alarms.raise_alarm("mail.paused:7", "Paused.", now=NOON + HOUR + gone)
    assert (Alarm.objects.open().get().told is not None) == known


@pytest.mark.django_db(transaction=True)
def test_two_processes_that_raise_it_at_once_leave_one() -> None:
    def raise_it(number: int) -> None:
        alarms.raise_alarm("arxiv.refused", "arXiv refuses.")
        connection.close()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(raise_it, range(16)))
    assert standing() == [("arxiv.refused", "arXiv refuses.")]
