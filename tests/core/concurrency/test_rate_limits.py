"""The pacer: time is injected, two connections share the lane, a crash frees it."""

import threading
import zlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.db import close_old_connections, connection

import core.clock
from core.concurrency import rate_limits
from core.models import RateLimit
from tests.connections import another

NOON = datetime(2025, 9, 7, 12, 0, tzinfo=UTC)
KEY = zlib.crc32(b"lane:arxiv")
pytestmark = pytest.mark.django_db(transaction=True)


class Clock:
    """A clock that sleeping moves on."""

    def __init__(self, traveller: time_machine.Traveller) -> None:
        self.traveller = traveller
        self.slept: list[float] = []
        self.shared = core.clock.Clock(lambda: datetime.now(UTC), self.sleep)

    def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 3))
        self.traveller.shift(seconds)


@pytest.fixture
def clock() -> Iterator[Clock]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield Clock(traveller)


def test_first_turn_does_not_wait(clock: Clock) -> None:
    RateLimit.objects.create(name="arxiv", next_start=NOON)
    with rate_limits.wait_for_turn("arxiv", 3.0, clock=clock.shared):
        pass
    assert clock.slept == []


def test_next_turn_waits_for_the_rest_of_the_delay(clock: Clock) -> None:
    RateLimit.objects.create(name="arxiv", next_start=NOON)
    with rate_limits.wait_for_turn("arxiv", 3.0, clock=clock.shared):
        clock.traveller.shift(1)
    with rate_limits.wait_for_turn("arxiv", 3.0, clock=clock.shared):
        pass
    assert clock.slept == [2.0]


def test_start_is_kept_when_the_turn_fails(clock: Clock) -> None:
    RateLimit.objects.create(name="arxiv", next_start=NOON)
    with pytest.raises(ZeroDivisionError), rate_limits.wait_for_turn("arxiv", 3.0, clock=clock.shared):
        raise ZeroDivisionError
    assert RateLimit.objects.get(name="arxiv").next_start == NOON + timedelta(seconds=3)


def test_lanes_do_not_wait_for_each_other(clock: Clock) -> None:
    for name in ("arxiv", "mail"):
        RateLimit.objects.create(name=name, next_start=NOON)
    with (
        rate_limits.wait_for_turn("arxiv", 3.0, clock=clock.shared),
        rate_limits.wait_for_turn("mail", 3.0, clock=clock.shared),
    ):
        pass
    assert clock.slept == []


def test_a_clock_that_was_set_back_costs_one_delay_at_most(clock: Clock) -> None:
    RateLimit.objects.create(name="arxiv", next_start=NOON + timedelta(days=1))
    with rate_limits.wait_for_turn("arxiv", 3.0, clock=clock.shared):
        pass
    assert clock.slept == [3.0]


def test_two_at_once_keep_the_delay_together(clock: Clock) -> None:
    RateLimit.objects.create(name="arxiv", next_start=NOON)
    starts: list[datetime] = []

    def go() -> None:
        with rate_limits.wait_for_turn("arxiv", 3.0, clock=clock.shared):
            starts.append(datetime.now(UTC))
        connection.close()

    together(go, go, go)
    assert starts == [NOON, NOON + timedelta(seconds=3), NOON + timedelta(seconds=6)]


def test_only_one_is_on_the_lane(clock: Clock) -> None:
    with another() as other, rate_limits.wait_for_turn("arxiv", 3.0, clock=clock.shared):
        assert other.execute("SELECT pg_try_advisory_lock(%s)", [KEY]).fetchone() == (False,)


def test_lane_is_free_after_the_turn(clock: Clock) -> None:
    with another() as other:
        with rate_limits.wait_for_turn("arxiv", 3.0, clock=clock.shared):
            pass
        assert other.execute("SELECT pg_try_advisory_lock(%s)", [KEY]).fetchone() == (True,)


def test_lane_of_a_process_that_died_is_free(clock: Clock) -> None:
    RateLimit.objects.create(name="arxiv", next_start=NOON)
    other = another()
    other.execute("SELECT pg_advisory_lock(%s)", [KEY])
    waiting = threading.Thread(target=take_a_turn, args=[clock])
    waiting.start()
    other.close()  # as the kernel does for a process that is killed
    waiting.join()
    assert RateLimit.objects.get(name="arxiv").next_start == NOON + timedelta(seconds=3)


def test_a_closed_lane_lets_nobody_start_until_its_time(clock: Clock) -> None:
    RateLimit.objects.create(name="arxiv", next_start=NOON)
    rate_limits.close_until("arxiv", timedelta(hours=24), "refused")
    with (
        pytest.raises(rate_limits.LaneClosed, match=r"^refused$") as caught,
        rate_limits.wait_for_turn("arxiv", 3.0, clock=clock.shared),
    ):
        pass
    assert caught.value.until == NOON + timedelta(hours=24)
    clock.traveller.shift(timedelta(hours=24))
    take_a_turn(clock)
    assert RateLimit.objects.get().next_start == NOON + timedelta(hours=24, seconds=3)


def test_the_longer_closing_counts(clock: Clock) -> None:
    rate_limits.close_until("arxiv", timedelta(hours=24), "refused")
    rate_limits.close_until("arxiv", timedelta(hours=1), "asked to wait")
    assert RateLimit.objects.get().reason == "refused"


def test_closing_one_lane_leaves_the_others_open(clock: Clock) -> None:
    rate_limits.close_until("mail", timedelta(hours=24), "refused")
    take_a_turn(clock)


def test_a_lane_that_is_closed_for_a_passing_fault_says_so(clock: Clock) -> None:
    rate_limits.close_until("arxiv", timedelta(hours=1), "x" * 300, passing=True, clock=clock.shared)
    with (
        pytest.raises(rate_limits.LaneClosed, match=r"^x{200}$") as caught,
        rate_limits.wait_for_turn("arxiv", 3.0, clock=clock.shared),
    ):
        pass
    assert caught.value.passing
    rate_limits.close_until("arxiv", timedelta(hours=24), "refused", clock=clock.shared)
    assert not RateLimit.objects.get().passing


def test_failures_in_a_row_are_counted_until_one_succeeds() -> None:
    assert [
        rate_limits.count_failure("arxiv"),
        rate_limits.count_failure("arxiv"),
        rate_limits.count_failure("mail"),
    ] == [1, 2, 1]
    rate_limits.reset_failures("arxiv")
    assert (rate_limits.count_failure("arxiv"), rate_limits.count_failure("mail")) == (1, 2)


def take_a_turn(clock: Clock) -> None:
    with rate_limits.wait_for_turn("arxiv", 3.0, clock=clock.shared):
        pass
    connection.close()


def together(*calls: Callable[[], None]) -> None:
    threads = [threading.Thread(target=call) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    close_old_connections()
