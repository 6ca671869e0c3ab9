"""The engine against a real server: who gets a message, and what becomes of everybody else."""

import re
import socket
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import Settings

from core.clock import Quota
from core.concurrency.time_budget import TimeBudget
from core.mail.retry_ladder import RETRY_DELAYS
from core.mail.servers import MailServer
from core.models import RateLimit
from issues.editorial import publish
from issues.models import Text
from mailings import lifecycle
from mailings.engine import worker
from mailings.models import Delivery, Mailing
from mailings.personal_data import erase
from subscribers.models import Subscriber, Suppression
from tests.mailings.cast import make_mailing, make_readers, needs_commits, run, tally, use
from tests.servers.smtp_server import DROP, Script, ScriptedServer

pytestmark = needs_commits
TOKEN = re.compile(rb"/me/([A-Za-z0-9_-]{32})/")


def to(recipient: str, word: str, answer: str) -> Script:
    """Answers this word so where it is about this recipient."""
    return lambda heard, who: answer if (heard, who) == (word, recipient) else None


@pytest.fixture
def relay(settings: Settings) -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        use(server, settings, connections=4)
        yield server


def row(number: int) -> Delivery:
    return Delivery.objects.select_related("subscriber").get(subscriber__email=f"reader-{number:04d}@example.org")


def test_everybody_gets_one_message_and_the_mailing_is_finished(relay: ScriptedServer) -> None:
    mailing = make_mailing(40)
    assert run(mailing) == {"sent": 40}
    assert relay.recipients == sorted(Subscriber.objects.values_list("email", flat=True))
    assert (mailing.state, relay.connections) == ("finished", 4)


def test_a_second_run_sends_nothing(relay: ScriptedServer) -> None:
    mailing = make_mailing(3)
    run(mailing)
    assert run(mailing) == {"sent": 3}
    assert len(relay.messages) == 3


def test_each_message_holds_its_readers_token_and_no_other(relay: ScriptedServer) -> None:
    run(make_mailing(20))
    tokens = dict(Subscriber.objects.values_list("email", "token"))
    for message in relay.messages:
        assert {found.decode() for found in TOKEN.findall(message.data)} == {tokens[message.recipient]}


def test_the_ledger_keeps_the_answer_and_the_version_that_was_sent(relay: ScriptedServer) -> None:
    run(make_mailing(1))
    assert (row(0).reply, row(0).attempts, row(0).claimed_by) == ("250 fine", 1, "")
    assert row(0).rendition is not None
    assert row(0).sent_at is not None


def test_the_message_id_is_the_same_whenever_it_is_sent(relay: ScriptedServer) -> None:
    mailing = make_mailing(1)
    run(mailing)
    Delivery.objects.update(state="pending")
    Mailing.objects.update(state="sending")
    run(mailing)
    first, second = (re.findall(rb"(?im)^Message-ID: (.+)$", message.data) for message in relay.messages)
    assert first == second != []


def test_two_runs_at_once_send_everything_once(relay: ScriptedServer) -> None:
    mailing = make_mailing(60)
    runs = [threading.Thread(target=run_elsewhere, args=(mailing,)) for _ in range(2)]
    for one in runs:
        one.start()
    for one in runs:
        one.join()
    assert tally(mailing) == {"sent": 60}
    assert len(set(relay.recipients)) == len(relay.messages) == 60


def run_elsewhere(mailing: Mailing) -> None:
    worker.deliver(mailing, TimeBudget())
    connection.close()


def test_who_left_after_the_freeze_gets_nothing(relay: ScriptedServer) -> None:
    mailing = make_mailing(3)
    assert row(0).subscriber is not None
    row(0).subscriber.unsubscribe(timezone.now())  # type: ignore[union-attr]
    Suppression.objects.create(address_hash=row(1).address_hash, reason="complained")
    assert run(mailing) == {"sent": 1, "suppressed": 2}
    assert row(0).reply == "Left since the recipients were chosen."
    assert row(1).reply == "The address was suppressed since the recipients were chosen."
    assert relay.recipients == ["reader-0002@example.org"]


def test_who_began_to_pause_after_the_freeze_gets_nothing(relay: ScriptedServer) -> None:
    mailing = make_mailing(2)
    Subscriber.objects.at("reader-0000@example.org").update(paused_until=timezone.localdate() + timedelta(days=2))
    Subscriber.objects.at("reader-0001@example.org").update(paused_until=timezone.localdate())
    assert run(mailing) == {"sent": 1, "suppressed": 1}
    assert relay.recipients == ["reader-0001@example.org"]
    assert row(0).reply.startswith("Pauses since")


def test_who_was_forgotten_after_the_freeze_still_counts(relay: ScriptedServer) -> None:
    mailing = make_mailing(2)
    erase(row(0).subscriber)  # type: ignore[arg-type]
    assert run(mailing) == {"sent": 1, "suppressed": 1}


def test_an_address_that_no_server_takes_fails_with_a_sentence(relay: ScriptedServer) -> None:
    mailing = make_mailing(2)
    Subscriber.objects.filter(email="reader-0000@example.org").update(email="bücher@example.org")
    assert run(mailing) == {"sent": 1, "failed": 1}
    assert "do not take an address like this" in Delivery.objects.get(state="failed").reply


def test_a_domain_with_other_letters_is_written_in_punycode(relay: ScriptedServer) -> None:
    mailing = make_mailing(1)
    Subscriber.objects.update(email="reader@bücher.example")
    assert run(mailing) == {"sent": 1}
    assert relay.recipients == ["reader@xn--bcher-kva.example"]


def test_a_dead_address_fails_alone_and_gets_nothing_any_more(relay: ScriptedServer) -> None:
    mailing = make_mailing(5)
    relay.script = to("reader-0002@example.org", "RCPT", "550 5.1.1 no such user")
    assert run(mailing) == {"sent": 4, "failed": 1}
    assert row(2).reply == "550 5.1.1 no such user"
    assert row(2).subscriber.state == "bounced"  # type: ignore[union-attr]
    assert Suppression.objects.get().reason == "bounced"
    assert mailing.state == "finished"


def test_a_full_mailbox_fails_without_being_suppressed(relay: ScriptedServer) -> None:
    mailing = make_mailing(2)
    relay.script = to("reader-0000@example.org", "RCPT", "552 5.2.2 mailbox full")
    assert run(mailing) == {"sent": 1, "failed": 1}
    assert not Suppression.objects.exists()


def test_a_greylisted_address_is_tried_again_when_its_time_has_come(relay: ScriptedServer) -> None:
    mailing = make_mailing(3)
    relay.script = to("reader-0001@example.org", "RCPT", "450 4.2.0 greylisted")
    assert run(mailing) == {"sent": 2, "deferred": 1}
    assert run(mailing) == {"sent": 2, "deferred": 1}
    assert (mailing.state, row(1).attempts) == ("sending", 1)
    relay.script = lambda word, who: None
    Delivery.objects.filter(state="deferred").update(retry_at=timezone.now())
    assert run(mailing) == {"sent": 3}
    assert (mailing.state, row(1).attempts) == ("finished", 2)


def test_after_a_day_of_trying_an_address_fails(relay: ScriptedServer) -> None:
    mailing = make_mailing(1)
    relay.script = to("reader-0000@example.org", "BODY", "451 4.3.0 not now")
    Delivery.objects.update(attempts=len(RETRY_DELAYS))
    assert run(mailing) == {"failed": 1}


def test_throttling_of_everybody_loses_nobody(relay: ScriptedServer) -> None:
    mailing = make_mailing(8)
    relay.script = lambda word, who: "454 4.7.0 throttled" if word == "BODY" else None
    assert run(mailing) == {"deferred": 8}


def test_421_after_some_messages_means_a_new_connection_and_nobody_is_lost(
    relay: ScriptedServer, settings: Settings
) -> None:
    settings.MAIL_CONNECTIONS = 1
    mailing = make_mailing(9)
    relay.script = lambda word, who: "421 enough" if word == "MAIL" and relay.words.count("MAIL") % 4 == 0 else None
    assert run(mailing) == {"sent": 9}
    assert (len(relay.messages), relay.connections) == (9, 3)
    assert set(Delivery.objects.values_list("attempts", flat=True)) == {1}


def test_the_only_recipient_is_tried_again_at_once_on_a_new_connection(relay: ScriptedServer) -> None:
    mailing, answers = make_mailing(1), iter(["421 enough"])
    relay.script = lambda word, who: next(answers, None) if word == "RCPT" else None
    assert run(mailing) == {"sent": 1}
    assert relay.connections == 2


def test_a_connection_that_breaks_after_the_message_leaves_it_uncertain_and_it_is_not_sent_again(
    relay: ScriptedServer,
) -> None:
    mailing = make_mailing(6)
    relay.script = to("reader-0003@example.org", "BODY", DROP)
    assert run(mailing) == {"sent": 5, "uncertain": 1}
    assert run(mailing) == {"sent": 5, "uncertain": 1}
    assert (mailing.state, row(3).attempts) == ("finished", 1)


def test_a_server_that_never_answers_a_message_pauses_the_mailing_early(
    relay: ScriptedServer, settings: Settings
) -> None:
    settings.MAIL_CONNECTIONS = 1
    mailing = make_mailing(20)
    relay.script = lambda word, who: DROP if word == "BODY" else None
    assert run(mailing) == {"uncertain": 3, "pending": 17}
    assert (mailing.state, "took 3 messages in a row" in mailing.why) == ("paused", True)


def test_a_refused_sender_pauses_the_mailing_and_burns_nobody(relay: ScriptedServer) -> None:
    mailing = make_mailing(10)
    relay.script = lambda word, who: "550 5.7.1 you may not" if word == "MAIL" else None
    assert run(mailing) == {"pending": 10}
    assert mailing.state == "paused"
    assert "news@example.org" in mailing.why
    assert "550 5.7.1 you may not" in mailing.why
    assert "DEFAULT_FROM_EMAIL" in mailing.why


def test_refusals_in_a_row_pause_the_mailing(relay: ScriptedServer, settings: Settings) -> None:
    settings.MAIL_CONNECTIONS = 1
    mailing = make_mailing(30)
    relay.script = lambda word, who: "554 5.7.1 relay access denied" if word == "RCPT" else None
    assert run(mailing) == {"failed": 10, "pending": 20}
    assert (mailing.state, "refused 10 recipients in a row" in mailing.why) == ("paused", True)


def test_too_many_refusals_among_those_that_went_through_pause_the_mailing(relay: ScriptedServer) -> None:
    mailing = make_mailing(260)
    relay.script = lambda word, who: "550 5.1.1 no such user" if word == "RCPT" and who[-13] in "05" else None
    counts = run(mailing)
    assert counts["failed"] + counts["sent"] >= worker.ANSWERS_JUDGED
    assert counts["pending"] > 0
    assert (mailing.state, "of the last 200 recipients were refused" in mailing.why) == ("paused", True)


def test_a_few_refusals_among_many_pause_nothing(relay: ScriptedServer) -> None:
    mailing = make_mailing(260)
    relay.script = lambda word, who: "550 5.1.1 no such user" if word == "RCPT" and who[-14:-12] == "07" else None
    assert run(mailing) == {"sent": 257, "failed": 3}


def test_a_relay_that_puts_everybody_off_gets_a_rest_and_nobody_is_lost(
    relay: ScriptedServer, settings: Settings
) -> None:
    settings.MAIL_CONNECTIONS = 1
    mailing = make_mailing(40)
    relay.script = lambda word, who: "454 4.7.0 throttled" if word == "RCPT" else None
    assert run(mailing) == {"deferred": 25, "pending": 15}
    assert (mailing.state, mailing.setbacks) == ("sending", 1)


def test_an_issue_that_was_removed_reaches_nobody_else(relay: ScriptedServer) -> None:
    mailing = make_mailing(3)
    publish.remove(mailing.issue)
    assert run(mailing) == {"pending": 3}
    lifecycle.start_due_mailings(timezone.now())
    mailing.refresh_from_db()
    assert (mailing.state, "was removed from the site" in mailing.why) == ("paused", True)


def test_who_has_not_had_it_when_the_issue_is_corrected_gets_the_corrected_text(
    relay: ScriptedServer, settings: Settings
) -> None:
    settings.MAIL_CONNECTIONS = 1
    mailing = make_mailing(6)
    relay.script = pausing_after(relay, 2)
    run(mailing)
    Text.objects.update(text="Hello, correct readers.")
    publish.correct(mailing.issue)
    assert lifecycle.resume_mailing(mailing)
    assert run(mailing) == {"sent": 6}
    assert [b"correct readers" in message.data for message in relay.messages] == [False] * 3 + [True] * 3


def test_a_mailing_that_goes_on_uncorrected_makes_no_message_anew() -> None:
    mailing = make_mailing(1)
    mailing.pause()
    assert lifecycle.resume_mailing(mailing)
    assert mailing.renditions.values("revision").distinct().count() == 1


def test_a_resumed_mailing_goes_on(relay: ScriptedServer) -> None:
    mailing = make_mailing(4)
    mailing.pause("")
    assert run(mailing) == {"pending": 4}
    assert mailing.resume(timezone.now())
    assert run(mailing) == {"sent": 4}


def test_a_pause_is_honoured_before_the_next_message(relay: ScriptedServer, settings: Settings) -> None:
    settings.MAIL_CONNECTIONS = 1
    mailing = make_mailing(9)
    relay.script = pausing_after(relay, 3)
    assert run(mailing) == {"sent": 4, "pending": 5}
    assert mailing.state == "paused"


def pausing_after(relay: ScriptedServer, count: int) -> Script:
    """Somebody pauses while a message is on its way: that one arrives, no other."""

    def script(word: str, recipient: str) -> str | None:
        if word == "BODY" and len(relay.messages) == count:
            pause = threading.Thread(target=pause_all)
            pause.start()
            pause.join()
        return None

    return script


def pause_all() -> None:
    Mailing.objects.update(state="paused")
    connection.close()


def test_a_cancelled_mailing_sends_nothing_more_and_still_adds_up(relay: ScriptedServer) -> None:
    mailing = make_mailing(5)
    relay.script = to("reader-0001@example.org", "RCPT", "450 later")
    run(mailing)
    assert mailing.cancel(timezone.now())
    assert run(mailing) == {"sent": 4, "cancelled": 1}
    assert mailing.state == "cancelled"


def test_a_server_that_is_away_costs_nobody_a_message(relay: ScriptedServer, settings: Settings) -> None:
    mailing = make_mailing(3)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        away = taken.getsockname()[1]
    settings.MAIL_SERVER = MailServer("127.0.0.1", away)
    assert run(mailing) == {"pending": 3}
    assert (mailing.state, mailing.setbacks) == ("sending", 1)
    use(relay, settings)
    assert run(mailing) == {"sent": 3}
    assert mailing.setbacks == 0


def test_a_server_that_stays_away_pauses_the_mailing(settings: Settings) -> None:
    mailing = make_mailing(1)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        settings.MAIL_SERVER = MailServer("127.0.0.1", taken.getsockname()[1])
    for _ in range(worker.MAX_SETBACKS):
        run(mailing)
    assert (mailing.state, "took nothing in 10 attempts" in mailing.why) == ("paused", True)


def test_a_stopped_shift_begins_no_message(relay: ScriptedServer) -> None:
    mailing, shift = make_mailing(3), TimeBudget()
    shift.stop()
    worker.deliver(mailing, shift)
    assert tally(mailing) == {"pending": 3}


def test_a_shift_of_no_seconds_begins_no_message(relay: ScriptedServer) -> None:
    mailing = make_mailing(3)
    worker.deliver(mailing, TimeBudget(seconds=0))
    assert tally(mailing) == {"pending": 3}


def test_the_rate_is_one_lane_for_all_connections(relay: ScriptedServer, settings: Settings) -> None:
    settings.MAIL_RATE = 200.0
    mailing = make_mailing(12)
    before = timezone.now()
    assert run(mailing) == {"sent": 12}
    assert (RateLimit.objects.get(name="mail").next_start - before).total_seconds() >= 12 / 200


class Patient(TimeBudget):
    """Notes how long it would have waited, and does not."""

    def __init__(self) -> None:
        super().__init__()
        self.waited: list[float] = []

    def wait(self, seconds: float) -> None:
        self.waited.append(seconds)


def test_each_message_waits_for_its_start(relay: ScriptedServer, settings: Settings) -> None:
    settings.MAIL_RATE, shift = 0.001, Patient()
    worker.deliver(make_mailing(3), shift, connections=1)
    assert [round(seconds, -3) for seconds in shift.waited] == [0, 1000, 2000, 3000]
    assert len(relay.messages) == 3


def test_a_quota_is_kept_by_all_connections_together(relay: ScriptedServer, settings: Settings) -> None:
    settings.MAIL_QUOTA = Quota(5, timedelta(hours=1))
    mailing = make_mailing(12)
    worker.deliver(mailing, TimeBudget(seconds=45))
    assert tally(mailing) == {"sent": 5, "pending": 7}
    assert (mailing.state, mailing.setbacks) == ("sending", 0)


def test_when_the_window_of_a_quota_is_over_the_mailing_goes_on(relay: ScriptedServer, settings: Settings) -> None:
    settings.MAIL_QUOTA = Quota(5, timedelta(hours=1))
    mailing = make_mailing(8)
    worker.deliver(mailing, TimeBudget(seconds=45))
    RateLimit.objects.update(window_ends=timezone.now())
    worker.deliver(mailing, TimeBudget(seconds=45))
    assert tally(mailing) == {"sent": 8}


def test_a_start_beyond_the_shift_is_left_to_the_next(relay: ScriptedServer, settings: Settings) -> None:
    settings.MAIL_RATE = 0.001
    mailing = make_mailing(3)
    worker.deliver(mailing, TimeBudget(seconds=45), connections=1)
    assert tally(mailing) == {"sent": 1, "pending": 2}
    assert (RateLimit.objects.get(name="mail").next_start - timezone.now()).total_seconds() < 1001


def test_an_empty_audience_is_finished_at_once(relay: ScriptedServer) -> None:
    mailing = make_mailing(0)
    assert run(mailing) == {}
    assert (mailing.state, mailing.audience) == ("finished", 0)


def test_a_reader_of_highlights_gets_the_short_version(relay: ScriptedServer) -> None:
    make_readers(1, depth="highlights")
    run(make_mailing())
    assert row(0).rendition is not None
    assert row(0).rendition.depth == "highlights"  # type: ignore[union-attr]
