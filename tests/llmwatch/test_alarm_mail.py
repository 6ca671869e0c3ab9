"""The editors are told of alarms once, in one mail, and later where the mail server is what failed."""

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from pytest_django import Settings

from core.alarms import lower_alarm, raise_alarm, settle_alarm
from core.mail.servers import MailServer
from core.models import Alarm
from llmwatch.alarm_mail import mail_alarms
from subscribers.models import SendingPermit
from tests.builders import NOON
from tests.servers.outbox import Outbox

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
NOBODY = MailServer("127.0.0.1", 9)  # where nothing listens
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("outbox")]


def make_reader(name: str = "editor", **fields: object) -> User:
    SendingPermit.objects.arm()
    values = {"email": f"{name}@example.org", "is_staff": True, "is_superuser": True, **fields}
    return User.objects.create(username=name, **values)


def make_alarms(*keys: str) -> None:
    for key in keys:
        raise_alarm(key, f"Look at {key}.", now=NOON)


def test_new_alarms_are_told_in_one_mail_and_once(outbox: Outbox) -> None:
    make_reader()
    make_alarms("arxiv.refused", "mail.paused:7")
    assert mail_alarms(NOON + MINUTE) == 2
    assert mail_alarms(NOON + 2 * HOUR) == 0
    (message,) = outbox
    assert message.subject == "LLM Watch: 2 alarms"
    assert "* Look at arxiv.refused. (since 2025-09-07 12:00 UTC)" in message.body
    assert "/admin/" in message.body


def test_it_goes_to_everybody_who_may_change_issues_and_to_nobody_else(outbox: Outbox) -> None:
    make_reader("owner")
    allowed = make_reader("editor", is_superuser=False)
    allowed.user_permissions.add(Permission.objects.get(codename="change_issue"))
    make_reader("helper", is_superuser=False)
    make_reader("gone", is_active=False)
    make_reader("machine", is_staff=False)
    make_reader("silent", email="")
    make_alarms("arxiv.refused")
    mail_alarms(NOON)
    assert sorted(mail.to[0] for mail in outbox) == ["editor@example.org", "owner@example.org"]


@pytest.mark.parametrize("end", ["lowered", "settled"])
def test_what_has_ended_or_was_put_away_is_not_told(end: str, outbox: Outbox) -> None:
    make_reader()
    make_alarms("arxiv.refused")
    if end == "lowered":
        lower_alarm("arxiv.refused")
    else:
        settle_alarm(Alarm.objects.get().pk, NOON)
    assert mail_alarms(NOON) == 0
    assert not outbox


def test_alarms_that_follow_soon_go_together_with_the_next_mail() -> None:
    make_reader()
    make_alarms("silence:cs.CL")
    mail_alarms(NOON)
    make_alarms("silence:cs.LG", "silence:cs.AI")
    assert [mail_alarms(NOON + wait) for wait in (MINUTE, 59 * MINUTE, HOUR)] == [0, 0, 2]


def test_while_the_mail_server_is_down_they_stand_and_they_are_told_once_when_it_works_again(
    settings: Settings, outbox: Outbox
) -> None:
    make_reader()
    make_alarms("mail.paused:7")
    sound, settings.MAIL_SERVER = settings.MAIL_SERVER, NOBODY
    assert mail_alarms(NOON) == 0
    assert Alarm.objects.open().get().told is None
    settings.MAIL_SERVER = sound
    assert [mail_alarms(NOON + minutes * MINUTE) for minutes in (1, 4, 5, 65, 125)] == [0, 0, 1, 0, 0]
    assert len(outbox) == 1


def test_a_server_that_stays_down_is_asked_less_and_less_often(settings: Settings) -> None:
    make_reader()
    make_alarms("mail.paused:7")
    settings.MAIL_SERVER = NOBODY
    waits, now = [], NOON
    for _ in range(9):
        assert mail_alarms(now) == 0
        tried, now = now, Alarm.objects.get(tell_after__gt=now).tell_after or now
        waits.append((now - tried) // MINUTE)
    assert waits == [5, 5, 10, 20, 40, 80, 160, 320, 360]


def test_nobody_with_an_address_leaves_the_alarm_untold() -> None:
    make_alarms("arxiv.refused")
    assert mail_alarms(NOON) == 0
    make_reader()
    assert mail_alarms(NOON + MINUTE) == 1


def test_a_copy_of_the_database_tells_nobody() -> None:
    make_reader()
    make_alarms("arxiv.refused")
    SendingPermit.objects.all().delete()
    assert mail_alarms(NOON) == 0
    assert Alarm.objects.get().told is None


@pytest.mark.django_db(transaction=True)
def test_two_at_once_tell_once(outbox: Outbox) -> None:
    make_reader()
    make_alarms("arxiv.refused", "mail.paused:7")
    together = Barrier(4)

    def tell_it() -> None:
        together.wait()
        mail_alarms(NOON)
        connection.close()

    threads = [Thread(target=tell_it) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(outbox) == 1
