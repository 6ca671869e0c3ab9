"""The ledger's moves: one claim, one holder, and the truth about what was on its way."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from core.mail.retry_ladder import delay_after
from core.mail.smtp import SmtpAnswer, Stage
from mailings.engine import ledger
from mailings.engine.ledger import DeliveryClaim, LedgerSession, record_answer
from mailings.models import Delivery, Mailing
from tests.mailings.cast import bury, make_mailing, needs_commits, tally

pytestmark = needs_commits
ACCEPTED = SmtpAnswer(Stage.BODY, 250, "fine")


def claim(session: LedgerSession, mailing: Mailing) -> DeliveryClaim:
    claimed = session.claim(mailing.pk, timezone.now())
    assert claimed is not None
    return claimed


def said(claimed: DeliveryClaim) -> SmtpAnswer:
    return SmtpAnswer(Stage.BODY, 250, str(claimed.key))


def transactions(mailing: Mailing) -> set[str]:
    """Those that wrote what stands in the ledger now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT xmin::text FROM mailings_delivery WHERE mailing_id = %s", [mailing.pk])
        return {row[0] for row in cursor.fetchall()}


def test_a_claimed_recipient_is_claimed_by_nobody_else() -> None:
    mailing = make_mailing(2)
    with LedgerSession() as one, LedgerSession() as other:
        assert claim(one, mailing).key != claim(other, mailing).key
        assert other.claim(mailing.pk, timezone.now()) is None
    assert tally(mailing) == {"sending": 2}


def test_recipients_are_claimed_in_order() -> None:
    mailing = make_mailing(3)
    with LedgerSession() as session:
        keys = [claim(session, mailing).key for _ in range(3)]
    assert keys == sorted(keys)


def test_a_claim_names_the_person_and_the_version() -> None:
    mailing = make_mailing(1)
    with LedgerSession() as session:
        claimed = claim(session, mailing)
    row = Delivery.objects.get()
    assert row.subscriber is not None
    assert (claimed.email, claimed.token) == (row.subscriber.email, row.subscriber.token)
    assert (claimed.rendition, claimed.attempts, claimed.is_mailable) == (row.rendition_id, 1, True)


@pytest.mark.parametrize("state", ["paused", "cancelled", "finished"])
def test_a_mailing_that_is_not_sending_hands_out_nobody(state: str) -> None:
    mailing = make_mailing(1)
    Mailing.objects.update(state=state)
    with LedgerSession() as session:
        assert session.claim(mailing.pk, timezone.now()) is None


def test_a_deferred_recipient_waits_for_the_hour() -> None:
    mailing, now = make_mailing(1), timezone.now()
    Delivery.objects.update(state="deferred", retry_at=now + timedelta(minutes=5))
    with LedgerSession() as session:
        assert session.claim(mailing.pk, now) is None
        assert session.claim(mailing.pk, now + timedelta(minutes=5)) is not None


def test_what_a_living_session_sends_is_left_alone() -> None:
    mailing = make_mailing(1)
    with LedgerSession() as session:
        claim(session, mailing)
        assert ledger.sweep_claims(timezone.now()) == 0
        assert tally(mailing) == {"sending": 1}


def test_what_a_dead_session_sent_is_uncertain() -> None:
    mailing = make_mailing(3)
    with LedgerSession() as session:
        claim(session, mailing)
    assert tally(mailing) == {"sending": 1, "pending": 2}
    bury(mailing)
    assert ledger.sweep_claims(timezone.now()) == 1
    assert tally(mailing) == {"uncertain": 1, "pending": 2}
    assert "process ended" in Delivery.objects.get(state="uncertain").reply


def test_who_was_called_dead_and_knows_better_is_believed() -> None:
    mailing = make_mailing(1)
    with LedgerSession() as session:
        claimed = claim(session, mailing)
    bury(mailing)
    assert ledger.sweep_claims(timezone.now()) == 1
    with session:
        session.record(record_answer(claimed, ACCEPTED, timezone.now()))
    assert tally(mailing) == {"sent": 1}


def test_a_session_records_its_own_claims_only() -> None:
    mailing = make_mailing(1)
    with LedgerSession() as one, LedgerSession() as other:
        claimed = claim(one, mailing)
        other.record(record_answer(claimed, ACCEPTED, timezone.now()))
    assert tally(mailing) == {"sending": 1}


def test_one_commit_records_the_last_and_claims_the_next() -> None:
    mailing, now = make_mailing(2), timezone.now()
    with LedgerSession() as session:
        second = session.claim(mailing.pk, now, after=record_answer(claim(session, mailing), ACCEPTED, now))
    assert second is not None
    assert tally(mailing) == {"sent": 1, "sending": 1}
    assert len(transactions(mailing)) == 1


def test_threads_that_share_a_session_get_a_recipient_each_and_record_their_own() -> None:
    mailing, now = make_mailing(40), timezone.now()
    with LedgerSession() as session, ThreadPoolExecutor(8) as pool:
        claims = list(pool.map(lambda _number: claim(session, mailing), range(40)))
        list(pool.map(lambda each: session.record(record_answer(each, said(each), now)), claims))
    replies = mailing.deliveries.values_list("pk", "reply")
    assert sorted(replies) == sorted((each.key, f"250 {each.key}") for each in claims)


def test_the_last_is_recorded_also_where_nobody_follows() -> None:
    mailing, now = make_mailing(1), timezone.now()
    with LedgerSession() as session:
        assert session.claim(mailing.pk, now, after=record_answer(claim(session, mailing), ACCEPTED, now)) is None
    assert tally(mailing) == {"sent": 1}


def test_the_last_is_recorded_also_where_the_mailing_was_paused() -> None:
    mailing, now = make_mailing(2), timezone.now()
    with LedgerSession() as session:
        first = claim(session, mailing)
        mailing.pause()
        assert session.claim(mailing.pk, now, after=record_answer(first, ACCEPTED, now)) is None
    assert tally(mailing) == {"sent": 1, "pending": 1}


def test_a_broken_connection_is_no_attempt_of_the_recipient() -> None:
    mailing = make_mailing(1)
    with LedgerSession() as session:
        session.record(record_answer(claim(session, mailing), SmtpAnswer(Stage.RCPT, 421, "closing"), timezone.now()))
    row = Delivery.objects.get()
    assert (row.state, row.attempts, row.rendition, row.reply) == ("pending", 0, None, "421 closing")


def test_waiting_grows_with_the_attempts_and_ends_after_a_day() -> None:
    waits = [delay_after(attempts) for attempts in range(1, 28)]
    assert waits[:5] == [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 60)]
    assert waits[-1] is None
    assert timedelta(hours=23) < sum((wait for wait in waits if wait), timedelta()) <= timedelta(hours=24)


def test_a_sweep_closes_what_is_over() -> None:
    done, cancelled = make_mailing(), make_mailing(1)
    Mailing.objects.filter(pk=cancelled.pk).update(state="cancelled")
    ledger.sweep_claims(timezone.now())
    assert tally(cancelled) == {"cancelled": 1}
    done.refresh_from_db()
    assert (done.state, done.finished_at is None) == ("finished", False)


def test_recipient_given_again_while_the_mailing_was_being_finished_is_served_after_all() -> None:
    mailing = make_mailing(2)
    # As two statements that did not see each other leave it.
    Mailing.objects.filter(pk=mailing.pk).update(state="finished", finished_at=timezone.now())
    ledger.sweep_claims(timezone.now())
    mailing.refresh_from_db()
    assert (mailing.state, mailing.finished_at) == ("sending", None)
