"""Whatever befalls workers, database, broker and mail server: nobody is missed, and nobody gets it twice."""

import itertools
import os
import signal
import threading
from collections.abc import Callable, Iterator

import psycopg
import pytest
import redis
from django.conf import settings as django_settings
from django.db import OperationalError, connection
from django.utils import timezone
from pytest_django import Settings

from mailings import lifecycle, tasks
from mailings.models import Mailing, Rendition
from tests.mailings.cast import database_url, make_mailing, needs_commits, tally, use
from tests.mailings.workers import Staff, assert_nobody_is_missed_or_doubled, see_through
from tests.servers.smtp_server import DROP, SILENCE, Script, ScriptedServer

pytestmark = needs_commits
AUDIENCE = 2_000
WAITING = """
SELECT pid FROM pg_stat_activity
WHERE wait_event_type = 'Lock' AND datname = current_database() AND pid <> %s
"""
soak = pytest.mark.soak


@pytest.fixture
def relay(settings: Settings) -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        use(server, settings, connections=4)
        yield server


@pytest.fixture
def staff(relay: ScriptedServer) -> Iterator[Staff]:
    with Staff(relay) as workers:
        yield workers


def at(times: set[int], word: str, act: Callable[[], str | None]) -> Script:
    """Acts when this word is heard for the so-manieth time; its answer is the server's, if any."""
    heard = [0]

    def script(said: str, _recipient: str) -> str | None:
        if said != word:
            return None
        heard[0] += 1
        return act() if heard[0] in times else None

    return script


def both(first: Script, second: Script) -> Script:
    return lambda word, who: first(word, who) or second(word, who)


def crash(staff: Staff, answer: str | None = None) -> Callable[[], str | None]:
    def act() -> str | None:
        staff.crash()
        return answer

    return act


def crash_before_commit(staff: Staff, ours: int) -> None:
    """The server's 250 arrives; the process dies, and its database sessions too, while it is being written down."""
    held = threading.Event()

    def hold() -> None:
        with psycopg.connect(database_url(str(connection.settings_dict["NAME"]))) as lock:
            lock.execute("LOCK TABLE mailings_delivery IN SHARE ROW EXCLUSIVE MODE")
            held.set()
            while not (blocked := lock.execute(WAITING, [ours]).fetchall()):
                lock.execute("SELECT pg_stat_clear_snapshot()")
            staff.crash()
            for (pid,) in blocked:
                lock.execute("SELECT pg_terminate_backend(%s)", [pid])

    threading.Thread(target=hold, daemon=True).start()
    held.wait()


def every(number: int, word: str, answer: str) -> Script:
    """This answer to each so-manieth time that the word is heard."""
    heard = itertools.count(1)
    return lambda said, _who: answer if said == word and next(heard) % number == 0 else None


def first(number: int, word: str, answer: str) -> Script:
    """This answer as often, then the usual one."""
    heard = itertools.count(1)
    return lambda said, _who: answer if said == word and next(heard) <= number else None


def crash_postgresql(pid: int) -> None:
    """One of its processes gone: it ends every session, and comes back with what it had promised to keep."""
    with psycopg.connect(database_url(str(connection.settings_dict["NAME"])), autocommit=True) as canary:
        connection.close()
        os.kill(pid, signal.SIGKILL)
        until(psycopg.OperationalError, lambda: canary.execute("SELECT 1"))
    until(None, connection.ensure_connection)


def until(error: type[Exception] | None, ask: Callable[[], object]) -> None:
    """Asks until this error comes; where none is awaited, until none comes."""
    for _ in range(1_200):
        try:
            ask()
        except (OperationalError, psycopg.OperationalError):
            if error is not None:
                return
            connection.close()
        else:
            if error is None:
                return
        threading.Event().wait(0.05)
    raise AssertionError(ask)


def flush_valkey() -> None:
    with redis.Redis.from_url(django_settings.REDIS_URL) as broker:
        broker.flushall()


def shut_valkey_out() -> None:
    """As where it was killed and came back empty: every connection is gone, and every task."""
    with redis.Redis.from_url(django_settings.REDIS_URL) as broker:
        broker.flushall()
        broker.client_kill_filter(_type="normal", skipme=True)
        broker.client_kill_filter(_type="pubsub")


FULL = """
CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$;
CREATE TRIGGER no_room BEFORE UPDATE ON mailings_delivery FOR EACH ROW WHEN (NEW.state = 'sent')
EXECUTE FUNCTION no_room();
"""


def fill_disk() -> None:
    with connection.cursor() as cursor:
        cursor.execute(FULL)


def free_disk() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP FUNCTION IF EXISTS no_room CASCADE")


def quiet(relay: ScriptedServer, mailing: Mailing) -> None:
    """Until what was on its way when it was cancelled is written down."""
    while mailing.deliveries.filter(state="sending").exists():
        relay.wait_a_moment()


def our_session() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def test_crashes_and_losses_of_every_kind_in_one_mailing(relay: ScriptedServer, staff: Staff) -> None:
    mailing, ours = make_mailing(150), our_session()
    with redis.Redis.from_url(django_settings.REDIS_URL) as broker:
        misfortunes = iter([lambda: broker.delete("celery", "unacked"), staff.lose_their_database, mailing.pause])
        relay.script = both(
            both(at({20}, "MAIL", crash(staff)), at({45}, "BODY", crash(staff))),
            both(
                at({70}, "BODY", lambda: crash_before_commit(staff, ours)), at({90, 91}, "RCPT", lambda: "421 enough")
            ),
        )

        def meanwhile() -> None:
            if len(relay.messages) > 100 and (misfortune := next(misfortunes, None)):
                misfortune()
                lifecycle.resume_mailing(mailing)

        counts = see_through(mailing, staff, relay, meanwhile)
    assert (mailing.state, staff.crashes >= 3) == ("finished", True)
    assert counts["sent"] + counts.get("uncertain", 0) == 150
    assert_nobody_is_missed_or_doubled(mailing, relay, staff)


@soak
@pytest.mark.parametrize(
    ("word", "times"),
    [("CONNECT", {1, 3}), ("EHLO", {1, 3}), *((word, {1, 700, 1500}) for word in ("MAIL", "RCPT", "DATA", "BODY"))],
)
def test_killed_at_a_step_of_the_protocol(relay: ScriptedServer, staff: Staff, word: str, times: set[int]) -> None:
    mailing = make_mailing(AUDIENCE)
    relay.script = at(times, word, crash(staff))
    counts = see_through(mailing, staff, relay)
    assert (mailing.state, 0 < staff.crashes <= len(times)) == ("finished", True)
    assert counts["sent"] + counts.get("uncertain", 0) == AUDIENCE
    assert_nobody_is_missed_or_doubled(mailing, relay, staff)


@soak
def test_killed_in_the_middle_of_a_message(relay: ScriptedServer, staff: Staff) -> None:
    """The message is longer than what the kernel would still send for the dead."""
    mailing = make_mailing(40)
    for rendition in Rendition.objects.all():
        rendition.message = bytes(rendition.message) + b"Long lines of a long letter.\r\n" * 300_000
        rendition.save()
    relay.script = at({3, 20}, "BODY-BEGINS", crash(staff))
    counts = see_through(mailing, staff, relay)
    assert (mailing.state, staff.crashes) == ("finished", 2)
    assert 40 - 2 * staff.connections <= counts["sent"] < 40
    assert_nobody_is_missed_or_doubled(mailing, relay, staff)


@soak
def test_killed_after_the_answer_and_before_it_is_written_down(relay: ScriptedServer, staff: Staff) -> None:
    mailing, ours = make_mailing(AUDIENCE), our_session()
    relay.script = at({10, 900}, "BODY", lambda: crash_before_commit(staff, ours))
    counts = see_through(mailing, staff, relay)
    assert (mailing.state, staff.crashes) == ("finished", 2)
    assert counts["sent"] + counts["uncertain"] == AUDIENCE
    assert_nobody_is_missed_or_doubled(mailing, relay, staff)


@soak
def test_postgresql_killed_and_started_again(relay: ScriptedServer, staff: Staff) -> None:
    mailing = make_mailing(AUDIENCE)
    after = [300, 1200]

    def meanwhile() -> None:
        if after and len(relay.messages) > after[0]:
            after.pop(0)
            crash_postgresql(our_session())
            staff.crashes += 1  # each of its sessions may have lost the word on one recipient

    counts = see_through(mailing, staff, relay, meanwhile)
    assert (mailing.state, staff.crashes) == ("finished", 2)
    assert counts["sent"] + counts.get("uncertain", 0) == AUDIENCE
    assert_nobody_is_missed_or_doubled(mailing, relay, staff)


@soak
def test_valkey_flushed_and_its_connections_killed(relay: ScriptedServer, staff: Staff) -> None:
    mailing = make_mailing(AUDIENCE)
    misfortunes = [(200, flush_valkey), (600, shut_valkey_out), (1400, shut_valkey_out)]

    def meanwhile() -> None:
        if misfortunes and len(relay.messages) > misfortunes[0][0]:
            misfortunes.pop(0)[1]()

    assert see_through(mailing, staff, relay, meanwhile) == {"sent": AUDIENCE}
    assert misfortunes == []
    assert_nobody_is_missed_or_doubled(mailing, relay, staff)


@soak
def test_the_same_task_many_times_and_two_workers(relay: ScriptedServer, staff: Staff) -> None:
    mailing = make_mailing(AUDIENCE)
    tasks.dispatch_mailings([mailing.pk] * 50)
    assert see_through(mailing, staff, relay) == {"sent": AUDIENCE}
    assert_nobody_is_missed_or_doubled(mailing, relay, staff)


@soak
def test_paused_and_resumed_at_once_again_and_again(relay: ScriptedServer, staff: Staff) -> None:
    mailing = make_mailing(AUDIENCE)
    assert see_through(mailing, staff, relay, lambda: mailing.pause() and lifecycle.resume_mailing(mailing)) == {
        "sent": AUDIENCE
    }
    assert_nobody_is_missed_or_doubled(mailing, relay, staff)


@soak
def test_cancelled_midway(relay: ScriptedServer, staff: Staff) -> None:
    mailing = make_mailing(AUDIENCE)
    see_through(mailing, staff, relay, lambda: len(relay.messages) > 500 and mailing.cancel(timezone.now()))
    quiet(relay, mailing)
    assert mailing.state == "cancelled"
    assert tally(mailing) == {"sent": len(relay.messages), "cancelled": AUDIENCE - len(relay.messages)}
    assert_nobody_is_missed_or_doubled(mailing, relay, staff)


@soak
@pytest.mark.parametrize(
    ("name", "script"),
    [
        ("421 after every hundredth", lambda: every(100, "MAIL", "421 enough")),
        ("454 for all, twice over", lambda: first(60, "BODY", "454 4.7.0 throttled")),
        ("452, its disk is full", lambda: first(60, "DATA", "452 4.3.1 insufficient storage")),
    ],
)
def test_a_relay_with_bad_days(relay: ScriptedServer, staff: Staff, name: str, script: Callable[[], Script]) -> None:
    mailing = make_mailing(AUDIENCE)
    relay.script = script()
    assert see_through(mailing, staff, relay) == {"sent": AUDIENCE}, name
    assert_nobody_is_missed_or_doubled(mailing, relay, staff)


@soak
def test_550_for_one(relay: ScriptedServer, staff: Staff) -> None:
    mailing, dead = make_mailing(AUDIENCE), "reader-0777@example.org"
    relay.script = lambda word, who: "550 5.1.1 no such user" if (word, who) == ("RCPT", dead) else None
    assert see_through(mailing, staff, relay) == {"sent": AUDIENCE - 1, "failed": 1}
    assert_nobody_is_missed_or_doubled(mailing, relay, staff)


@soak
def test_550_at_mail_from_pauses_and_burns_nobody(relay: ScriptedServer, staff: Staff) -> None:
    mailing = make_mailing(AUDIENCE)
    relay.script = lambda word, who: "550 5.7.1 you may not" if word == "MAIL" else None
    assert see_through(mailing, staff, relay) == {"pending": AUDIENCE}
    relay.script = lambda word, who: None
    assert lifecycle.resume_mailing(mailing)
    assert see_through(mailing, staff, relay) == {"sent": AUDIENCE}


@soak
@pytest.mark.parametrize("answer", [DROP, SILENCE])
def test_an_answer_to_a_message_that_never_comes(relay: ScriptedServer, staff: Staff, answer: str) -> None:
    mailing = make_mailing(AUDIENCE)
    relay.script = at({5, 800, 1600}, "BODY", lambda: answer)
    assert see_through(mailing, staff, relay, relay.end_silence) == {"sent": AUDIENCE - 3, "uncertain": 3}
    assert mailing.state == "finished"
    assert len(relay.recipients) == len(set(relay.recipients)) == AUDIENCE - 3


@soak
def test_a_database_without_room(relay: ScriptedServer, staff: Staff) -> None:
    """What PostgreSQL says when its disk is full, to whoever writes down that a message was taken."""
    mailing = make_mailing(AUDIENCE)
    fill_disk()
    counts = see_through(mailing, staff, relay, lambda: free_disk() if relay.messages else None)
    assert mailing.state == "finished"
    assert counts["sent"] + counts["uncertain"] == AUDIENCE
    staff.crashes = 10  # whoever met the full disk lost the word on one recipient a connection
    assert_nobody_is_missed_or_doubled(mailing, relay, staff)
