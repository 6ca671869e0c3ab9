"""What is done about bounces and complaints: once, in any order, and never on the word of just anybody."""

import random
import threading
from contextlib import suppress
from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from core.mail.return_paths import MailKind, account_mail_id, return_path
from llmwatch import tick
from mailings.bounces import process
from mailings.bounces.parser import MailReport, NotAReport, parse_report
from mailings.bounces.process import process_event, process_waiting, receive_mail, store_report
from mailings.models import Delivery, MailEvent, Mailing
from mailings.personal_data import erase
from subscribers import sign_up
from subscribers.addresses import address_hash
from subscribers.models import AccountMail, Subscriber, Suppression
from subscribers.sign_up import SignUp
from subscribers.suppressions import suppress_address
from tests.builders import NOON, make_issue, make_subscriber
from tests.mailings.bounces.returned import bounce, complaint
from tests.mailings.cast import make_mailing, make_readers, needs_commits

pytestmark = pytest.mark.django_db


@pytest.fixture
def delivery() -> Delivery:
    """The first of three."""
    return make_mailing(3).deliveries.select_related("subscriber").get(subscriber__email="reader-0000@example.org")


def id_of(delivery: Delivery) -> str:
    return f"<{delivery.mailing_id}.{delivery.address_hash[:32]}@example.org>"


def report(delivery: Delivery | None = None, **fields: Any) -> MailReport:
    """Proven to be about this delivery; a hard bounce that just happened."""
    message_id = id_of(delivery) if delivery else ""
    defaults = {"source": "dsn", "event_id": "1" * 64, "kind": "hard", "recipient": "reader-0000@example.org"}
    return MailReport(**{**defaults, "message_id": message_id, **fields})


def meet(*reports: MailReport, now: datetime | None = None) -> str:
    """Stores and acts; gives the state that the first reader is in."""
    now = now or timezone.now()
    for one in reports:
        process_event(store_report(one, now).pk, now)
    return state()


def state() -> str:
    return Subscriber.objects.get(email="reader-0000@example.org").state


def suppressed() -> dict[str, int]:
    reasons = list(Suppression.objects.values_list("reason", flat=True))
    return {reason: reasons.count(reason) for reason in reasons}


def deliveries_over_time(count: int) -> list[Delivery]:
    """One after another to the same reader, all of them sent."""
    make_readers(1)
    reader = Subscriber.objects.get()
    rows = [
        Delivery(
            mailing=Mailing.objects.create(issue=make_issue()),
            subscriber=reader,
            address_hash=reader.address_hash,
            depth="full",
            supporters=False,
            state="sent",
            sent_at=NOON + timedelta(days=number),
        )
        for number in range(count)
    ]
    return Delivery.objects.bulk_create(rows)


def soft(delivery: Delivery, number: int = 0, **fields: Any) -> MailReport:
    return report(delivery, kind="soft", event_id=f"{delivery.pk}.{number}", **fields)


def test_a_hard_bounce_ends_the_mail_to_that_address_at_once(delivery: Delivery) -> None:
    assert meet(report(delivery)) == "bounced"
    assert suppressed() == {"bounced": 1}
    assert Subscriber.objects.active().count() == 2


def test_a_complaint_ends_it_at_once(delivery: Delivery) -> None:
    assert meet(report(delivery, kind="complaint")) == "complained"
    assert suppressed() == {"complained": 1}


@pytest.mark.parametrize("kind", ["delivered", "delayed", "soft"])
def test_other_events_are_kept_and_change_nothing(delivery: Delivery, kind: str) -> None:
    assert meet(report(delivery, kind=kind)) == "active"
    assert MailEvent.objects.get().delivery == delivery
    assert suppressed() == {}


def test_what_is_told_twice_is_stored_once_with_its_earliest_time(delivery: Delivery) -> None:
    now = timezone.now()
    for hours in (2, 3, 1):
        store_report(report(delivery, happened=now - timedelta(hours=hours)), now)
    assert MailEvent.objects.get().happened == now - timedelta(hours=3)


def test_an_event_is_acted_on_once(delivery: Delivery) -> None:
    event = store_report(report(delivery), timezone.now())
    assert [process_event(event.pk, timezone.now()) for _ in range(2)] == [True, False]


def test_nothing_is_done_before_it_is_stored_and_whatever_was_left_is_done_later(delivery: Delivery) -> None:
    store_report(report(delivery), timezone.now())
    assert state() == "active"
    assert [process_waiting(timezone.now()) for _ in range(2)] == [1, 0]
    assert state() == "bounced"


def test_the_clock_acts_on_what_was_left(delivery: Delivery) -> None:
    store_report(report(delivery), timezone.now())
    assert tick.tick(timezone.now()).counts["mail_events"] == 1
    assert state() == "bounced"


@pytest.mark.parametrize("order", list(permutations(["hard", "soft", "complaint", "delivered"])))
def test_in_every_order_the_complaint_stands(delivery: Delivery, order: tuple[str, ...]) -> None:
    kinds: Any = order
    assert meet(*(report(delivery, kind=kind, event_id=kind) for kind in kinds)) == "complained"
    assert suppressed() == {"complained": 1}


def test_a_person_who_left_is_not_made_unreachable_and_the_address_is_remembered(delivery: Delivery) -> None:
    Subscriber.objects.get(email="reader-0000@example.org").unsubscribe(timezone.now())
    assert meet(report(delivery)) == "unsubscribed"
    assert suppressed() == {"bounced": 1}


def test_a_graver_reason_takes_the_place_of_a_milder_one(delivery: Delivery) -> None:
    Suppression.objects.create(address_hash=delivery.address_hash, reason="unsubscribed")
    meet(report(delivery))
    assert suppressed() == {"bounced": 1}


def test_who_was_forgotten_stays_suppressed_for_the_bounce(delivery: Delivery) -> None:
    assert delivery.subscriber is not None
    erase(delivery.subscriber)
    process_event(store_report(report(delivery), timezone.now()).pk, timezone.now())
    assert suppressed() == {"bounced": 1}
    assert MailEvent.objects.get().subscriber is None


def test_three_of_the_last_five_that_came_back_for_now_are_enough() -> None:
    sent = deliveries_over_time(5)
    assert meet(soft(sent[0]), soft(sent[2])) == "active"
    assert meet(soft(sent[4])) == "bounced"


def test_three_of_more_than_five_are_not() -> None:
    sent = deliveries_over_time(6)
    assert meet(*(soft(sent[number]) for number in (0, 3, 5))) == "active"


def test_one_message_that_comes_back_three_times_is_one() -> None:
    sent = deliveries_over_time(5)
    assert meet(*(soft(sent[0], number) for number in range(3))) == "active"


def test_soft_bounces_may_come_in_any_order() -> None:
    sent = deliveries_over_time(5)
    assert meet(*(soft(sent[number]) for number in (4, 0, 3))) == "bounced"


def sent_letters(count: int, **fields: Any) -> list[AccountMail]:
    """One after another to somebody who signed up and has not confirmed."""
    pending = make_subscriber("reader-0000@example.org", state="pending", confirmed_at=None)
    values = {"subscriber": pending, "kind": "confirm", "state": "sent", "due_at": NOON, **fields}
    moments = (NOON + timedelta(days=number) for number in range(count))
    return [AccountMail.objects.create(asked_at=moment, **values) for moment in moments]


def of_letter(letter: AccountMail, **fields: Any) -> MailReport:
    return report(
        message_id=account_mail_id(letter.pk, address_hash(letter.recipient)), event_id=str(letter.pk), **fields
    )


def test_a_letter_that_nobody_can_get_ends_the_mail_to_who_signed_up(settings: Settings) -> None:
    settings.BOUNCE_ADDRESS = "bounces@news.example.org"
    (letter,) = sent_letters(1)
    assert (
        meet(
            *parse_report(
                bounce(
                    to=return_path(MailKind.ACCOUNT_MAIL, letter.pk, address_hash(letter.recipient)),
                    recipient="somebody@example.net",
                )
            )
        )
        == "bounced"
    )
    assert MailEvent.objects.get().account_mail == letter
    sign_up.sign_up(SignUp("reader-0000@example.org"), timezone.now())
    assert (AccountMail.objects.count(), suppressed()) == (1, {"bounced": 1})


def test_letters_that_come_back_for_now_count_like_issues() -> None:
    sent = sent_letters(3)
    assert meet(*(of_letter(letter, kind="soft") for letter in sent[:2])) == "pending"
    assert meet(of_letter(sent[2], kind="soft")) == "bounced"


def test_letters_and_issues_count_together_by_their_time() -> None:
    issues = deliveries_over_time(2)
    reader = Subscriber.objects.get()
    moments = (NOON + timedelta(days=number) for number in range(2, 6))
    values = {"subscriber": reader, "kind": "sign_in", "state": "sent", "due_at": NOON}
    one, *_others, last = [AccountMail.objects.create(asked_at=moment, **values) for moment in moments]
    assert meet(soft(issues[0]), soft(issues[1]), of_letter(one, kind="soft")) == "active"
    assert meet(of_letter(last, kind="soft")) == "bounced"


def test_a_letter_to_a_new_address_ends_the_mail_there_and_not_to_the_person() -> None:
    (letter,) = sent_letters(1, kind="move", to="new@example.org")
    assert meet(of_letter(letter)) == "pending"
    assert Suppression.objects.at("new@example.org").get().reason == "bounced"


def test_a_letter_that_was_forgotten_leaves_its_event() -> None:
    (letter,) = sent_letters(1)
    event = store_report(of_letter(letter, kind="soft"), timezone.now())
    letter.delete()
    assert process_event(event.pk, timezone.now())
    assert MailEvent.objects.get().account_mail is None


def test_a_bounce_of_before_the_confirmation_is_history(delivery: Delivery) -> None:
    now = timezone.now()
    Subscriber.objects.update(confirmed_at=now - timedelta(hours=1))
    assert meet(report(delivery, happened=now - timedelta(hours=2))) == "active"
    assert meet(report(delivery, event_id="2", happened=now - timedelta(minutes=1))) == "bounced"


@pytest.mark.parametrize("days", [-9_999, -31, 1, 9_999])
def test_a_time_that_cannot_be_true_is_that_of_its_arrival(delivery: Delivery, days: int) -> None:
    now = timezone.now()
    assert store_report(report(delivery, happened=now + timedelta(days=days)), now).happened == now


def test_the_return_path_names_the_delivery_when_nothing_is_quoted(delivery: Delivery, settings: Settings) -> None:
    settings.BOUNCE_ADDRESS = "bounces@news.example.org"
    back = return_path(MailKind.DELIVERY, delivery.pk, delivery.address_hash)
    (found,) = parse_report(bounce(to=back, recipient="somebody@example.net"))
    assert meet(found) == "bounced"
    assert MailEvent.objects.get().delivery == delivery


def test_a_complaint_about_our_message_is_proven_by_its_number(delivery: Delivery) -> None:
    assert meet(*parse_report(complaint(message_id=id_of(delivery)))) == "complained"


def test_who_only_names_an_address_cannot_end_its_mail(delivery: Delivery) -> None:
    assert meet(*parse_report(bounce()), *parse_report(complaint())) == "active"
    assert suppressed() == {}
    assert MailEvent.objects.tally(delivery.mailing) == {"bounced": 1, "complained": 0}
    assert MailEvent.objects.filter(is_proven=False, delivery=delivery, acted_at__isnull=False).count() == 2


@pytest.mark.parametrize("kind", ["hard", "soft"])
def test_bounces_that_only_name_an_address_end_nothing_however_many_they_are(kind: str) -> None:
    for number, delivery in enumerate(deliveries_over_time(3)):
        Delivery.objects.filter(pk__gt=delivery.pk).update(address_hash=str(number))  # not sent yet
        Delivery.objects.filter(pk=delivery.pk).update(address_hash=address_hash("reader-0000@example.org"))
        assert (
            meet(*parse_report(bounce(number=f"<{number}@example.net>", status="5.1.1" if kind == "hard" else "4.2.2")))
            == "active"
        )
    assert MailEvent.objects.filter(is_proven=False).values("delivery").distinct().count() == 3


@pytest.mark.parametrize("message_id", ["<1.{hash}@x>", "<999999999999999999.{hash}@x>", "<0.0@x>"])
def test_a_number_that_was_made_up_proves_nothing(delivery: Delivery, message_id: str) -> None:
    forged = message_id.format(hash="0" * 32)
    assert meet(report(message_id=forged)) == "active"


def test_what_names_nobody_is_kept(delivery: Delivery) -> None:
    assert meet(report(recipient="no address"), report(event_id="2", recipient="stranger@example.org")) == "active"
    assert MailEvent.objects.filter(delivery=None, subscriber=None).count() == 2


def test_the_tally_of_a_mailing_counts_recipients_and_not_events(delivery: Delivery) -> None:
    meet(*(report(delivery, kind=kind, event_id=kind) for kind in ("soft", "hard", "complaint")))
    assert MailEvent.objects.tally(delivery.mailing) == {"bounced": 1, "complained": 1}


def told_days_ago(delivery: Delivery, days: int, **fields: Any) -> MailEvent:
    then = timezone.now() - timedelta(days=days)
    event = store_report(report(delivery, event_id=str(days), diagnostic="No such person.", **fields), then)
    process_event(event.pk, then)
    event.refresh_from_db()
    return event


@pytest.mark.parametrize(
    ("days", "words", "person"), [(89, True, True), (91, False, True), (399, False, True), (401, False, False)]
)
def test_what_is_personal_of_an_event_ages_out(delivery: Delivery, days: int, words: bool, person: bool) -> None:
    event = told_days_ago(delivery, days)
    process.forget_old_events(timezone.now())
    event.refresh_from_db()
    kept = (bool(event.diagnostic), bool(event.address_hash), event.subscriber is not None)
    assert kept == (words, person, person)
    assert (event.kind, event.delivery) == ("hard", delivery)


def test_the_counts_of_a_mailing_outlive_what_is_forgotten(delivery: Delivery) -> None:
    for days, kind in ((500, "hard"), (501, "soft"), (502, "complaint")):
        told_days_ago(delivery, days, kind=kind)
    before = MailEvent.objects.tally(delivery.mailing)
    tick.tick(timezone.now())
    assert MailEvent.objects.tally(delivery.mailing) == before == {"bounced": 1, "complained": 1}
    assert not MailEvent.objects.exclude(address_hash="").exists()


def test_an_event_that_is_told_again_after_that_is_no_new_one(delivery: Delivery) -> None:
    told_days_ago(delivery, 500)
    process.forget_old_events(timezone.now())
    assert store_report(report(delivery, event_id="500"), timezone.now()).address_hash == ""
    assert MailEvent.objects.count() == 1


def test_what_was_not_acted_on_is_not_forgotten(delivery: Delivery) -> None:
    store_report(report(delivery, diagnostic="No."), timezone.now() - timedelta(days=500))
    assert process.forget_old_events(timezone.now()) == 0


def test_it_is_looked_at_once_a_day(delivery: Delivery) -> None:
    now = timezone.now()
    assert process.forget_old_events(now - timedelta(hours=23)) == 0
    told_days_ago(delivery, 500)
    assert [process.forget_old_events(now), process.forget_old_events(now + timedelta(hours=2))] == [0, 2]


def test_a_dead_address_that_the_mail_server_named_is_given_up(delivery: Delivery) -> None:
    suppress_address("READER-0000@example.org", timezone.now())
    assert (state(), suppressed()) == ("bounced", {"bounced": 1})


def test_whatever_a_mangled_mail_says_can_be_stored_and_acted_on(delivery: Delivery) -> None:
    dice = random.Random(7)
    for sample in (bounce(message_id=id_of(delivery)), complaint(message_id=id_of(delivery))):
        for _ in range(60):
            raw = bytearray(sample)
            for place in dice.sample(range(len(raw)), 12):
                raw[place] = dice.choice([0, 10, 13, 58, 127, 200, 255])
            with suppress(NotAReport):
                receive_mail(bytes(raw), timezone.now())
    assert MailEvent.objects.exists()
    assert not MailEvent.objects.waiting().exists()


@needs_commits
def test_the_same_mail_taken_by_many_at_once_is_one_event() -> None:
    delivery = make_mailing(1).deliveries.get()
    raw = bounce(message_id=id_of(delivery))

    def take() -> None:
        receive_mail(raw, timezone.now())
        connection.close()

    takers = [threading.Thread(target=take) for _ in range(4)]
    for taker in takers:
        taker.start()
    for taker in takers:
        taker.join()
    assert (MailEvent.objects.count(), state(), suppressed()) == (1, "bounced", {"bounced": 1})
