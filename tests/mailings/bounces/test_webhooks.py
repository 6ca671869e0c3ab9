"""Where mail services report: believed with their secret, stored whole or not at all, acted on once, in any order."""

import json
from dataclasses import replace
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from core.alarms import raise_alarm
from core.mail.return_paths import MailKind, return_path
from core.models import Alarm
from mailings import tasks
from mailings.bounces import webhooks
from mailings.models import Delivery, MailEvent
from subscribers.models import Subscriber, Suppression
from tests.mailings.bounces.services import KEY, LOGIN, SECRETS, WRITERS, Event, Post, login, mailgun, sendgrid, sns
from tests.mailings.cast import make_mailing, make_readers, needs_commits

pytestmark = pytest.mark.django_db
# A secret of the right form that is not ours.
OTHER = {LOGIN: "hooks:another-password-altogether", KEY: "another-signing-key-altogether"}


@pytest.fixture(autouse=True)
def all_report(settings: Settings) -> None:
    settings.MAIL_HOOKS = dict(SECRETS)
    settings.BOUNCE_ADDRESS = "bounces@news.example.org"


@pytest.fixture
def delivery() -> Delivery:
    """The first of three."""
    return make_mailing(3).deliveries.get(subscriber__email="reader-0000@example.org")


def post(provider: str, *events: Event, secret: str = "") -> Post:
    return WRITERS[provider](events, secret or SECRETS[provider])


def meet(provider: str, *events: Event) -> str:
    """Reported and acted on; gives the state that the first reader is in."""
    assert post(provider, *events).send().status_code == 200
    tasks.process_mail_events()
    return state()


def state(number: int = 0) -> str:
    return Subscriber.objects.get(email=f"reader-{number:04d}@example.org").state


def id_of(delivery: Delivery) -> str:
    return f"<{delivery.mailing_id}.{delivery.address_hash[:32]}@example.org>"


@pytest.mark.parametrize("provider", WRITERS)
def test_a_hard_bounce_ends_the_mail_to_that_address_at_once(provider: str, delivery: Delivery) -> None:
    assert meet(provider, Event()) == "bounced"
    event = MailEvent.objects.get()
    assert (event.source, event.kind, event.status) == (provider, "hard", "5.1.1")
    assert (event.delivery, event.is_proven) == (delivery, True)
    assert "reader-0000" not in event.diagnostic


@pytest.mark.parametrize("provider", WRITERS)
def test_a_soft_one_is_kept_and_changes_nothing(provider: str) -> None:
    make_readers(1)
    assert meet(provider, Event("soft")) == "active"
    assert MailEvent.objects.get().kind == "soft"


@pytest.mark.parametrize("provider", WRITERS)
def test_a_complaint_ends_it_at_once(provider: str) -> None:
    make_readers(1)
    assert meet(provider, Event("complaint")) == "complained"
    assert Suppression.objects.get().reason == "complained"


@pytest.mark.parametrize("provider", set(WRITERS) - {"amazon_ses"})
def test_who_leaves_at_the_service_is_unsubscribed(provider: str) -> None:
    make_readers(1)
    assert meet(provider, Event("left")) == "unsubscribed"
    assert not Suppression.objects.exists()


@pytest.mark.parametrize("provider", WRITERS)
def test_what_a_reader_opens_is_not_kept(provider: str) -> None:
    make_readers(1)
    assert meet(provider, Event("opened")) == "active"
    assert not MailEvent.objects.exists()


@pytest.mark.parametrize("provider", WRITERS)
def test_a_wrong_secret_or_signature_is_not_believed(provider: str) -> None:
    make_readers(1)
    assert post(provider, Event(), secret=OTHER[SECRETS[provider]]).send().status_code == 403
    assert not MailEvent.objects.exists()


@pytest.mark.parametrize("provider", SECRETS)
def test_a_stranger_is_turned_away_whatever_is_said(provider: str) -> None:
    for body in (b"", b"{}", b"null", b'{"signature": 1}', b"\xff", b"[" * 5_000, b"a=b&c=d"):
        for kind in ("application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=b"):
            assert Post(provider, body, content_type=kind).send().status_code in {400, 401, 403}
    assert not MailEvent.objects.exists()


@pytest.mark.parametrize("provider", [name for name, secret in SECRETS.items() if secret == LOGIN])
def test_garbage_from_who_has_the_secret_is_no_mishap(provider: str) -> None:
    for body in (
        b"",
        b"7",
        b'"x"',
        b"\xff",
        b"[" * 5_000,
        b'[{"event": {}}]',
        b'{"mail": 3}',
        b"[[]]",
        b'{"event": []}',
    ):
        assert Post(provider, body, login(LOGIN)).send().status_code in {200, 400, 403}
    assert not MailEvent.objects.exists()


@pytest.mark.parametrize("provider", [name for name in WRITERS if SECRETS[name] == LOGIN])
def test_fields_of_any_type_are_no_mishap(provider: str) -> None:
    make_readers(1)
    told = post(provider, Event())
    strange: Any
    for strange in (None, 7, -1e300, [], {}, "\x00\ud800", "x" * 5_000):
        mangled = json.dumps(_with_every_leaf(json.loads(told.body), strange)).encode()
        assert Post(provider, mangled, told.headers).send().status_code in {200, 400, 403}
    assert state() == "active"


def _with_every_leaf(value: Any, leaf: Any) -> Any:
    if isinstance(value, dict):
        return {name: _with_every_leaf(part, leaf) for name, part in value.items()}
    return [_with_every_leaf(part, leaf) for part in value] if isinstance(value, list) else leaf


def test_a_service_that_is_not_named_in_the_settings_is_not_here(settings: Settings) -> None:
    settings.MAIL_HOOKS = {"brevo": LOGIN}
    assert post("postmark", Event()).send().status_code == 404
    assert Client().get("/hooks/postmark/").status_code == 404
    assert Client().post("/hooks/no_such_service/").status_code == 404


def test_the_address_serves_without_its_last_slash_too(delivery: Delivery) -> None:
    assert post("postmark", Event()).send(path="/hooks/postmark").status_code == 200
    assert MailEvent.objects.count() == 1


def test_looking_is_answered_and_changes_nothing() -> None:
    assert Client().head("/hooks/postmark/").status_code == 200
    answer = Client().get("/hooks/postmark/")
    assert (answer.status_code, answer["Allow"], answer["Cache-Control"]) == (
        405,
        "HEAD, POST",
        "max-age=0, no-cache, no-store, must-revalidate, private",
    )


def test_amazon_is_asked_for_the_secret_before_it_sends_it() -> None:
    asked = replace(post("amazon_ses", Event()), headers={}).send()
    assert (asked.status_code, asked["WWW-Authenticate"]) == (401, 'Basic realm="hooks"')


@pytest.mark.parametrize("size", [webhooks.MAX_BYTES + 1, 3_000_000])
def test_what_is_too_large_is_not_read(size: int) -> None:
    assert Post("postmark", b" " * size, login(LOGIN)).send().status_code == 413


def test_what_is_told_again_is_one_event_and_its_earliest_time_stands(delivery: Delivery) -> None:
    early, late = (timezone.now() - timedelta(hours=hours) for hours in (3, 1))
    for when in (late, early, late):
        assert meet("sendgrid", Event(happened=when)) == "bounced"
    assert MailEvent.objects.get().happened == early.replace(microsecond=0)


@pytest.mark.parametrize("provider", WRITERS)
def test_the_same_report_again_is_the_same_event(provider: str) -> None:
    make_readers(1)
    told = post(provider, Event("soft"))
    assert [told.send().status_code for _ in range(2)] == [200, 200]
    assert MailEvent.objects.count() == 1


def test_mailgun_signs_anew_what_it_tells_again(delivery: Delivery) -> None:
    event = Event("soft")
    mailgun([event]).send()
    body = json.loads(mailgun([replace(event, number=2)]).body)
    body["event-data"]["id"] = json.loads(mailgun([event]).body)["event-data"]["id"]
    assert Post("mailgun", json.dumps(body).encode()).send().status_code == 200
    assert MailEvent.objects.count() == 1


@pytest.mark.parametrize("order", list(permutations(["hard", "soft", "complaint", "left"])))
def test_in_every_order_the_complaint_stands(order: tuple[str, ...]) -> None:
    make_readers(1)
    for number, what in enumerate(order):
        meet("postmark", Event(what, number))
    assert state() == "complained"
    assert Suppression.objects.get().reason == "complained"


def test_a_wish_to_leave_of_before_the_confirmation_is_history(delivery: Delivery) -> None:
    Subscriber.objects.update(confirmed_at=timezone.now() - timedelta(minutes=1))
    assert meet("postmark", Event("left")) == "active"


def test_all_recipients_of_one_report_are_met(delivery: Delivery) -> None:
    everybody = [Event(number=number, recipient=f"reader-{number:04d}@example.org") for number in range(3)]
    for provider in ("amazon_ses", "sendgrid"):
        assert meet(provider, *everybody) == "bounced"
    assert [state(number) for number in range(3)] == ["bounced"] * 3
    assert MailEvent.objects.values("delivery").distinct().count() == 3


@pytest.mark.parametrize("provider", ["amazon_ses", "brevo", "mailgun", "sendgrid"])
def test_our_message_id_names_the_delivery(provider: str, delivery: Delivery) -> None:
    meet(provider, Event("soft", recipient="forwarded@example.net", message_id=id_of(delivery)))
    assert MailEvent.objects.get().delivery == delivery


@pytest.mark.parametrize("provider", ["amazon_ses", "mailgun", "sparkpost"])
def test_our_return_path_names_the_delivery(provider: str, delivery: Delivery) -> None:
    sender = return_path(MailKind.DELIVERY, delivery.pk, delivery.address_hash)
    meet(provider, Event("soft", recipient="forwarded@example.net", sender=sender))
    assert MailEvent.objects.get().delivery == delivery


@pytest.mark.parametrize("provider", ["amazon_ses", "postmark", "sparkpost"])
def test_what_the_service_called_the_message_when_it_took_it_names_the_delivery(provider: str) -> None:
    reader = make_mailing(1).deliveries.get()
    Delivery.objects.update(reply="250 Ok 0102018f-aaaa-bbbb")
    later = make_mailing(0).deliveries.get()
    assert later.pk > reader.pk
    meet(provider, Event("soft"))
    assert MailEvent.objects.get().delivery == reader


def test_a_stranger_among_the_recipients_is_kept_and_harms_nobody(delivery: Delivery) -> None:
    assert (
        meet("sendgrid", Event(recipient="stranger@example.net"), Event(number=2, recipient="no address")) == "active"
    )
    assert MailEvent.objects.filter(delivery=None, subscriber=None).count() == 2


def test_it_is_stored_at_once_and_acted_on_by_a_worker(
    delivery: Delivery, queue: Any, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        post("postmark", Event()).send()
    assert (state(), MailEvent.objects.waiting().count(), queue.llen("celery")) == ("active", 1, 1)


def test_where_one_event_cannot_be_stored_none_is_and_the_service_tells_it_again(delivery: Delivery) -> None:
    told = sendgrid([Event("soft", 1), Event("complaint", 2), Event("left", 3)])
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION full_disk() RETURNS trigger AS $$ BEGIN RAISE 'disk full' USING ERRCODE = '53100'; END $$"
            " LANGUAGE plpgsql"
        )
        when = "BEFORE INSERT ON mailings_mailevent FOR EACH ROW WHEN (NEW.kind = 'complaint')"
        cursor.execute(f"CREATE TRIGGER full_disk {when} EXECUTE FUNCTION full_disk()")
    assert_told_again_later(told.send())
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER full_disk ON mailings_mailevent")
    assert told.send().status_code == 200
    assert MailEvent.objects.count() == 3


def assert_told_again_later(answer: HttpResponse) -> None:
    assert (answer.status_code, answer["Retry-After"]) == (503, "60")
    assert not MailEvent.objects.exists()


@needs_commits
def test_where_the_commit_fails_the_service_tells_it_again() -> None:
    make_mailing(1)
    with connection.cursor() as cursor:
        cursor.execute("CREATE FUNCTION fail() RETURNS trigger AS $$ BEGIN RAISE 'no'; END $$ LANGUAGE plpgsql")
        cursor.execute(
            "CREATE CONSTRAINT TRIGGER fail AFTER INSERT ON mailings_mailevent DEFERRABLE INITIALLY DEFERRED"
            " FOR EACH ROW EXECUTE FUNCTION fail()"
        )
    try:
        assert_told_again_later(post("postmark", Event()).send())
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP FUNCTION fail CASCADE")


CONFIRM = "https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=arn:aws:sns:x&Token=abc"


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:1/", "https://sns.eu-west-1.amazonaws.com.example.org/", "file:///etc/passwd", ""]
)
def test_an_address_that_is_not_amazons_is_not_even_shown(address: str) -> None:
    fields = {"Token": "abc", "SubscribeURL": address}
    assert sns("SubscriptionConfirmation", fields).send().status_code == 200
    sentence = Alarm.objects.open().get().sentence
    assert "confirm it in the console" in sentence
    assert "arn:aws:sns:eu-west-1:123456789012:bounces" in sentence
    assert not address or address not in sentence


def test_a_person_confirms_who_may_report_and_this_server_opens_nothing() -> None:
    """anymail's own way wants boto3, which is not installed."""
    assert sns("SubscriptionConfirmation", {"Token": "abc", "SubscribeURL": CONFIRM}).send().status_code == 200
    assert f"open {CONFIRM} once" in Alarm.objects.open().get(key="mail.hooks.amazon_ses").sentence
    said = "Successfully validated SNS topic for Amazon SES event publishing."
    assert sns("Notification", {"Message": said}).send().status_code == 200
    assert not Alarm.objects.open().exists()


def test_who_has_no_secret_raises_and_lowers_no_alarm() -> None:
    raise_alarm("mail.hooks.amazon_ses", "It stands.")
    for kind in ("SubscriptionConfirmation", "Notification"):
        stranger = sns(kind, {"Message": "", "SubscribeURL": CONFIRM}, secret=OTHER[LOGIN])
        assert stranger.send().status_code == 403
    assert Alarm.objects.open().get().sentence == "It stands."
