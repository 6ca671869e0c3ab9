"""Mail that does not go is an alarm, until it goes."""

from datetime import timedelta

import pytest

from core.models import Alarm
from llmwatch.mail_alarms import check_mail
from mailings.models import Mailing
from subscribers import account_mail
from subscribers.models import AccountMail, SendingPermit
from tests.builders import NOON, make_issue, make_subscriber

MINUTE = timedelta(minutes=1)
pytestmark = pytest.mark.django_db


def standing() -> list[str]:
    return [alarm.sentence for alarm in Alarm.objects.open()]


def make_sending(**fields: str) -> Mailing:
    return Mailing.objects.create(
        issue=make_issue(**fields), kind="issue", state="sending", prepared_at=NOON, audience=0
    )


def make_letter() -> None:
    SendingPermit.objects.arm()
    account_mail.request_mail(make_subscriber(state="pending"), AccountMail.Kind.CONFIRM, NOON)


def test_a_mailing_that_paused_itself_is_an_alarm_until_it_goes_on() -> None:
    mailing = make_sending(title="On agents")
    mailing.pause("The mail server refuses our password.")
    check_mail(NOON)
    (said,) = standing()
    assert said.startswith("The mailing of “On agents” has paused itself: The mail server refuses our password. Mend")
    mailing.refresh_from_db()
    mailing.resume(NOON)
    check_mail(NOON + MINUTE)
    assert standing() == []


def test_a_mailing_that_a_person_paused_is_none() -> None:
    make_sending().pause()
    check_mail(NOON)
    assert standing() == []


@pytest.mark.usefixtures("outbox")
def test_letters_that_wait_for_half_an_hour_are_an_alarm_until_they_are_sent() -> None:
    make_letter()
    check_mail(NOON + 29 * MINUTE)
    assert standing() == []
    check_mail(NOON + 30 * MINUTE)
    assert "1 person has waited for a confirmation" in standing()[0]
    account_mail.send_due(NOON + 31 * MINUTE)
    check_mail(NOON + 32 * MINUTE)
    assert standing() == []


def test_letters_of_a_copied_database_wait_without_an_alarm() -> None:
    make_letter()
    SendingPermit.objects.all().delete()
    check_mail(NOON + 30 * MINUTE)
    assert standing() == []
